package coveo

import (
	"net/http"
	"slices"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// row is one log entry as Coveo sends it. No field is promised to be there.
// requestId, the id of our own call, is not read: it differs at every poll.
type row struct {
	guid      string
	id        string // the item's URI
	datetime  string
	task      string
	operation string
	result    string
	source    string
	resource  string
	meta      rest.Value // an object with any members
}

func parseRow(v rest.Value) row {
	var r row
	for name, val := range v.Members() {
		switch string(name) {
		case "guid":
			r.guid = val.Text()
		case "id":
			r.id = val.Text()
		case "datetime":
			r.datetime = val.Text()
		case "task":
			r.task = val.Text()
		case "operation":
			r.operation = val.Text()
		case "result":
			r.result = val.Text()
		case "sourceId":
			r.source = val.Text()
		case "resourceId":
			r.resource = val.Text()
		case "meta":
			r.meta = val
		}
	}
	return r
}

// filter is what was asked for and must therefore hold for what is shown.
type filter struct {
	sources []string
	item    string
}

// keeps reports whether a row may be shown. A row that does not say which source
// or item it belongs to contradicts nothing.
func (f filter) keeps(r row) bool {
	if f.item != "" && r.id != "" && r.id != f.item {
		return false
	}
	return len(f.sources) == 0 || r.source == "" || slices.Contains(f.sources, r.source)
}

// decode reads a page. It is not ok when the body is no JSON object with a list
// of entries; any row that the filter keeps gives an entry.
func decode(body []byte, mask *rest.Mask, f filter) (driver.Page, bool) {
	v, err := rest.Parse(mask.Raw(body))
	list := v.Get("documentLogEntries")
	if err != nil || !list.IsArray() {
		return driver.Page{}, false
	}
	p := driver.Page{Entries: []logs.Entry{}, More: driver.MoreUnknown, Total: -1}
	if more, ok := v.Get("hasNextPage").Bool(); ok {
		p.More = driver.MoreNo
		if more {
			p.More = driver.MoreYes
		}
	}
	for el := range list.Elements() {
		if !el.IsObject() {
			p.Entries = append(p.Entries, oddRow(el))
			continue
		}
		if r := parseRow(el); f.keeps(r) {
			p.Entries = append(p.Entries, convert(r, el))
		}
	}
	rest.Distinct(p.Entries, false)
	return p, true
}

// source is what is taken of a source's model: the rest is configuration.
type source struct{ id, name, kind string }

// parseSourcePage reads a page of the source list and the number of pages.
func parseSourcePage(body []byte) (list []source, pages int, ok bool) {
	v, err := rest.Parse(body)
	if err != nil {
		return nil, 0, false
	}
	list, ok = sourcesIn(v.Get("sourceModels"))
	pages, _ = v.Get("totalPages").Whole()
	return list, pages, ok
}

// parseSources reads the bare source list.
func parseSources(body []byte) ([]source, bool) {
	v, err := rest.Parse(body)
	if err != nil {
		return nil, false
	}
	return sourcesIn(v)
}

func sourcesIn(v rest.Value) ([]source, bool) {
	if !v.IsArray() {
		return nil, false
	}
	list := []source{}
	for el := range v.Elements() {
		list = append(list, source{id: el.Get("id").Text(), name: el.Get("name").Text(), kind: el.Get("sourceType").Text()})
	}
	return list, true
}

// explain says what Coveo's refusals mean; header names per the official client's
// ResponseHandlers.
func explain(e *fault.Error, status int, h http.Header, _ []byte) {
	listing := strings.HasSuffix(e.Op, opSources)
	switch {
	case strings.EqualFold(h.Get("x-coveo-waf-action"), "block"):
		// Nothing is wrong with the token, which Forbidden would say.
		e.Kind = fault.Unavailable
		e.Msg = "Coveo's firewall blocked this call before any credentials were looked at; try later, or give Coveo's support the request id"
	case status == 401:
		e.Msg = "Coveo does not accept this token: it is wrong, was revoked, or has ended (access tokens live four hours); connect again"
	case status == 403 && listing:
		e.Msg = `this token lacks the privilege "View" on Sources`
	case status == 403:
		e.Msg = `this token may not read source logs here: it needs the privileges "View" on Organizations and "View all" on Sources, in this organization`
	case status == 404:
		e.Msg = "Coveo knows no such organization in this region; check the organization id and the region"
	case status == 429:
		e.Msg = "Coveo asks to slow down"
	case status == 504 && !listing:
		e.Msg = "Coveo ran out of time searching its logs; ask for a shorter span"
	}
	if id := h.Get("X-Request-ID"); id != "" {
		e.Said = rest.Cut(e.Said, 400) + " (request " + rest.Line(id, 100) + ")"
	}
}
