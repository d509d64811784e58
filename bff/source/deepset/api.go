package deepset

import (
	"bytes"

	"github.com/logpane/logpane/bff/source/rest"
)

// list is the answer of every list call, {"data":[…],"has_more":…,"total":…}, per
// "Get Pipeline Logs" and "List Pipelines".
type list struct {
	rows  []rest.Value // alias the body
	more  *bool        // nil if absent
	total int          // -1 if absent
}

// parseList reads a list. The schema of the log call allows a bare string too,
// which is the CSV that was not asked for: errNoList, as for anything else without
// rows.
func parseList(v rest.Value) (list, error) {
	var data rest.Value
	l := list{total: -1}
	for name, m := range v.Members() {
		switch string(name) {
		case "data":
			data = m
		case "has_more":
			if is, ok := m.Bool(); ok {
				l.more = &is
			}
		case "total":
			if n, ok := m.Whole(); ok && n >= 0 {
				l.total = n
			}
		}
	}
	if data == nil || !data.IsArray() && !data.IsNull() {
		return list{}, errNoList
	}
	for row := range data.Elements() {
		l.rows = append(l.rows, row)
	}
	return l, nil
}

// record is one log, per "Get Pipeline Logs".
type record struct {
	id         string
	message    string
	logged     string // logged_at, as sent
	level      string // a free string
	origin     string // querypipeline, indexingpipeline, haystack or unknown
	exceptions rest.Value
	extra      rest.Value // extra_fields: null or any object
}

func parseRecord(row rest.Value) record {
	var r record
	for name, v := range row.Members() {
		switch string(name) {
		case "log_id":
			r.id = v.Text()
		case "message":
			r.message = loose(v)
		case "logged_at":
			r.logged = v.Text()
		case "level":
			r.level = v.Text()
		case "origin":
			r.origin = v.Text()
		case "exceptions":
			r.exceptions = v
		case "extra_fields":
			r.extra = v
		}
	}
	return r
}

// loose returns a text, or the JSON where something else than a text was sent.
func loose(v rest.Value) string {
	if s, ok := v.Field().(string); ok {
		return s
	}
	return v.Text()
}

// exception is the first one of a log that says anything.
type exception struct {
	kind, value string
	frame       string // "file:line name" of the innermost frame of one's own code
}

// maxFrames bounds the frames that are looked at; Python stops at 1,000 deep.
const maxFrames = 2000

// parseException reads the list of exceptions. trace is optional in the API, and
// required in the MCP server's own model.
func parseException(v rest.Value) exception {
	for el := range v.Elements() {
		x := exception{kind: loose(el.Get("type")), value: loose(el.Get("value"))}
		if x.kind == "" && x.value == "" {
			continue
		}
		var own, last rest.Value
		n := 0
		for f := range el.Get("trace").Elements() {
			if n++; n > maxFrames {
				break
			}
			file := f.Get("filename")
			if file.IsNull() {
				continue
			}
			last = f
			if !library(file) {
				own = f
			}
		}
		if own == nil {
			own = last
		}
		x.frame = frame(own)
		return x
	}
	return exception{}
}

// frame writes a frame of a trace as "file:line name".
func frame(f rest.Value) string {
	text := loose(f.Get("filename"))
	if line := f.Get("line_number").Text(); line != "" {
		text += ":" + line
	}
	if name := f.Get("name").Text(); name != "" {
		text += " " + name
	}
	return text
}

// library reports whether a file of a Python trace, as it stands in the JSON,
// belongs to an installed package or to Python itself. Frames stand in Python's
// order, the innermost last.
func library(file rest.Value) bool {
	for _, part := range libraries {
		if bytes.Contains(file, part) {
			return true
		}
	}
	return false
}

var libraries = [][]byte{[]byte("site-packages"), []byte("dist-packages"), []byte("/lib/python"), []byte(`\\lib\\python`), []byte("<frozen "), []byte(`\u003cfrozen `)}

// thing is a pipeline or an index of a pick list.
type thing struct{ id, name, status, service string }

func parseThing(row rest.Value) thing {
	var t thing
	for name, v := range row.Members() {
		switch string(name) {
		case "pipeline_id", "pipeline_index_id":
			t.id = v.Text()
		case "name":
			t.name = v.Text()
		case "status":
			t.status = rest.Line(v.Text(), 100)
		case "service_level":
			t.service = rest.Line(v.Text(), 100)
		}
	}
	return t
}

// parseNames reads the list of workspaces, a bare array per the MCP server; a list
// under "data", as all other lists are, is read too.
func parseNames(v rest.Value) (names []string, ok bool) {
	if v.IsObject() {
		v = v.Get("data")
	}
	for row := range v.Elements() {
		if name := row.Get("name").Text(); name != "" {
			names = append(names, name)
		}
	}
	return names, v.IsArray()
}
