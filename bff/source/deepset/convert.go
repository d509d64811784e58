package deepset

// their word                  our word                    where documented
//
// log_id                      ID                          "Get Pipeline Logs"
// logged_at                   Time, TimeText              same; microseconds in the MCP server's tests; UTC, "API Best Practices"
// level                       Level                       same; a free string, compared without case
// message                     Summary (its first line)    same
// origin                      origin                      same
// exceptions[0].type, value   exception, error            same
// exceptions[0].trace         frame                       same; the innermost frame outside of installed packages
// extra_fields.dd.trace_id    Request                     the MCP server's tests; Datadog's trace id
// extra_fields.*              fields of the same name     same; lower case; "extra." before a name that is taken
// pipeline or index asked for Item, pipeline or index     the call's path

import (
	"encoding/json"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// maxExtra bounds the extra fields that become fields; Raw has all of them.
	maxExtra = 64
	// maxText bounds the value of a field, in bytes; Raw has all of it.
	maxText = 16 << 10
	// maxName bounds the name of an extra field, in bytes.
	maxName = 100
	// maxTime bounds Entry.TimeText, in bytes.
	maxTime = 64
)

// convert turns one page of the log of a pipeline or index (kind) into entries.
func convert(l list, kind, name string) driver.Page {
	p := driver.Page{Entries: make([]logs.Entry, 0, len(l.rows)), Total: l.total}
	for _, row := range l.rows {
		p.Entries = append(p.Entries, entry(row, kind, name))
	}
	switch {
	case len(l.rows) == 0:
		p.More = driver.MoreNo // whatever has_more says: there is no time to go on from
	case l.more == nil:
		p.More = driver.MoreUnknown
	case *l.more:
		p.More = driver.MoreYes
	default:
		p.More = driver.MoreNo
	}
	return p
}

func entry(row rest.Value, kind, name string) logs.Entry {
	e := logs.Entry{Item: name, Raw: json.RawMessage(row)}
	if !row.IsObject() {
		e.ID = rest.ID("", string(row))
		e.Summary = rest.Line("deepset sent a row that is no object: "+string(row), logs.MaxSummary)
		return e
	}
	r := parseRecord(row)
	if r.id != "" {
		e.ID = rest.ID(r.id)
	} else {
		e.ID = rest.ID("", string(row))
	}
	// Verbatim, since it is the cursor, but for what is no time anyway.
	e.TimeText = rest.Line(r.logged, maxTime)
	e.Time = rest.Time(r.logged)
	e.Level = logs.ParseLevel(r.level)
	x := parseException(r.exceptions)
	e.Summary = rest.Line(r.message, logs.MaxSummary)
	if e.Summary == "" {
		e.Summary = rest.Line(strings.Trim(x.kind+": "+x.value, ": "), logs.MaxSummary)
	}
	if e.Summary == "" {
		e.Summary = "log without a message"
	}
	e.Fields = make(logs.Fields, 0, 16)
	e.Fields.Add(kind, name)
	e.Fields.Add("origin", rest.Cut(r.origin, maxText))
	e.Fields.Add("exception", rest.Cut(x.kind, maxText))
	e.Fields.Add("error", rest.Cut(x.value, maxText))
	e.Fields.Add("frame", rest.Cut(x.frame, maxText))
	e.Request = addExtra(&e.Fields, r.extra)
	return e
}

// taken are the names that stand for an entry's own parts or for a field of ours,
// here or on another entry: an extra field called level must not be mistaken for
// the level.
var taken = map[string]bool{
	"id": true, "src": true, "vendor": true, "time": true, "level": true, "outcome": true, "summary": true,
	"message": true, "took": true, "status": true, "job": true, "item": true, "request": true, "attempt": true,
	"fields": true, "raw": true, "kind": true,
	"pipeline": true, "index": true, "origin": true, "exception": true, "error": true, "frame": true,
}

// usual holds the names that nearly every row repeats, per the MCP server's tests,
// so that they are not built anew for each.
var usual = map[string]string{
	"_logger": "_logger", "dd.trace_id": "dd.trace_id", "dd.span_id": "dd.span_id",
	"organization_id": "organization_id", "organization_name": "organization_name", "user_id": "user_id",
	"workspace_id": "workspace_id", "pipeline_id": "pipeline_id", "token_origin": "token_origin",
}

// addExtra adds the members of extra_fields and returns the trace id among them.
func addExtra(fs *logs.Fields, extra rest.Value) (request string) {
	first := len(*fs)
	for raw, v := range extra.Members() {
		if len(*fs)-first == maxExtra {
			break
		}
		name, ok := usual[string(raw)]
		if !ok {
			name = strings.ToLower(rest.Line(string(raw), maxName))
		}
		if name == "dd.trace_id" && request == "" {
			request = rest.Line(loose(v), 200)
		}
		if name == "" || taken[name] {
			name = "extra." + name
		}
		if _, double := fs.Get(name); double {
			continue
		}
		value := v.Field()
		if s, ok := value.(string); ok {
			value = rest.Cut(s, maxText)
		}
		fs.Add(name, value)
	}
	return request
}
