package deepset

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// opLogs is the log call's name in messages.
const opLogs = "read logs"

// levels are the words that the MCP server filters the logs by. "Get Pipeline
// Logs" calls its filter OData, "exact match and AND", and names no field of a
// log; level is the only one that a client of the vendor's own sends. A row whose
// level is written otherwise ("WARN") is not among what the vendor gives.
var levels = []string{"info", "warning", "error"}

// Filters returns the filters for a target.
func (w *workspace) Filters([]string) []driver.Filter {
	return []driver.Filter{{Capability: query.Capability{Field: "level", Ops: []query.Op{query.OpIs}, Values: levels}}}
}

// logsCall returns the path and the parameters of a log call.
func (w *workspace) logsCall(r driver.Read) (path []string, params url.Values, err error) {
	if len(r.Path) != 2 || r.Path[0] != "pipelines" && r.Path[0] != "indexes" {
		return nil, nil, fault.New(fault.Invalid, "deepset: "+opLogs).Saying("pick a pipeline or an index: a workspace has no log of its own")
	}
	if r.Item != "" {
		return nil, nil, fault.New(fault.Unsupported, "deepset: "+opLogs).Saying("deepset cannot look for one item")
	}
	params = url.Values{"limit": {strconv.Itoa(min(max(r.Limit, 1), maxLimit))}, "order": {"DESC"}}
	if r.Before != "" {
		params.Set("after", r.Before)
	}
	if f := odata(r.Terms); f != "" {
		params.Set("filter", f)
	}
	return w.path(r.Path[0], r.Path[1], "logs"), params, nil
}

// odata writes terms as an OData filter: a quote inside of a value is doubled.
func odata(terms []query.Term) string {
	var out []string
	for _, t := range terms {
		if t.Op == query.OpIs && t.Field == "level" {
			out = append(out, "level eq '"+strings.ReplaceAll(t.Values[0], "'", "''")+"'")
		}
	}
	return strings.Join(out, " and ")
}
