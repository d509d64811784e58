package drivertest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
)

// sent is a call as it reached the vendor.
type sent struct {
	method string
	path   string // escaped
	query  string // raw
	header http.Header
	body   string
}

// logCall reports whether it is a call for logs, rather than for names.
func (c sent) logCall() bool { return strings.Contains(c.path, "/logs") }

// text is all of the call in which a filter can stand.
func (c sent) text() string {
	q, _ := url.QueryUnescape(c.query)
	return c.path + "?" + q + " " + c.body
}

// shape is what the calls of one walk have in common, the values of parameters
// aside, which move on from page to page.
func (c sent) shape() string {
	q, _ := url.ParseQuery(c.query)
	var names []string
	for n := range q {
		names = append(names, n)
	}
	slices.Sort(names)
	return c.path + "?" + strings.Join(names, "&") + " " + c.body
}

// logCalls returns the log calls since the last time.
func (g *rig) logCalls() (out []sent) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.sent {
		if c.logCall() {
			out = append(out, c)
		}
	}
	g.sent = nil
	return out
}

// bench is a target with all that an unfiltered walk of it gives.
type bench struct {
	*rig
	path   []string
	span   logs.Span
	all    []logs.Entry
	shapes []string // of unfiltered calls
}

// benches reads one target of each kind that the vendor has.
func (g *rig) benches(t *testing.T) (out []*bench) {
	t.Helper()
	targets, err := g.src.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paths := [][]string{g.h.Path}
	for _, target := range targets {
		kind := func(p []string) bool {
			return len(p) == len(target.Path) && slices.Equal(p[:min(1, len(p))], target.Path[:min(1, len(target.Path))])
		}
		if target.Unread == "" && !slices.ContainsFunc(paths, kind) {
			paths = append(paths, target.Path)
		}
	}
	for _, path := range paths {
		b := &bench{rig: g, path: path, span: logs.Span{From: time.Now().Add(-5 * 24 * time.Hour)}}
		g.logCalls()
		b.all, _ = g.walk(t, b.question(nil), nil)
		for _, c := range g.logCalls() {
			b.shapes = append(b.shapes, c.shape())
		}
		out = append(out, b)
	}
	return out
}

func (b *bench) question(q *query.Query) source.Request {
	r := b.ask(47, b.path...)
	r.Query, r.Span = q, b.span
	return r
}

// valueOf returns what an entry has under a name that a filter is declared for.
func valueOf(e *logs.Entry, name string) string {
	switch name {
	case "job":
		return e.Job
	case "item":
		return e.Item
	case "level":
		return e.Level.String()
	case "outcome":
		return e.Outcome.String()
	}
	return e.Fields.Text(name)
}

// question is a filter that the vendor can do, and what it may be asked with.
type question struct {
	q      *query.Query
	filter driver.Filter
	value  string // of a Told filter
}

// questions asks for everything that a filter declares, with values that entries
// have.
func (b *bench) questions(t *testing.T, f driver.Filter) (out []question) {
	t.Helper()
	type sample struct {
		value string
		need  *query.Query
	}
	var samples []sample
	if f.Values != nil {
		for _, v := range f.Values {
			samples = append(samples, sample{value: v})
		}
	}
	for i := range b.all {
		v := valueOf(&b.all[i], f.Field)
		if f.Values != nil || v == "" || len(samples) == 3 || slices.ContainsFunc(samples, func(s sample) bool { return s.value == v }) {
			continue
		}
		s := sample{value: v}
		for _, need := range f.Needs {
			if w := valueOf(&b.all[i], need); w != "" && s.need == nil {
				s.need = include(t, nil, need, w)
			}
		}
		if len(f.Needs) == 0 || s.need != nil {
			samples = append(samples, s)
		}
	}
	if len(samples) == 0 {
		t.Errorf("%v: no entry has a value of %s", b.path, f.Field)
	}
	for _, op := range f.Ops {
		switch op {
		case query.OpIs:
			for _, s := range samples {
				out = append(out, question{include(t, s.need, f.Field, s.value), f, s.value})
				if other := strings.ToUpper(s.value); f.Values != nil && !f.Told {
					if other == s.value {
						other = strings.ToLower(s.value)
					}
					out = append(out, question{include(t, s.need, f.Field, other), f, s.value})
				}
			}
		case query.OpIn:
			for n := 2; n <= len(samples); n += 3 {
				var q *query.Query
				for _, s := range samples[:n] {
					q = include(t, q, f.Field, s.value)
				}
				out = append(out, question{q, f, ""})
			}
		case query.OpNot:
			var several *query.Query
			for i, s := range samples {
				out = append(out, question{exclude(t, nil, f.Field, s.value), f, ""})
				if i < 3 && slices.Contains(f.Ops, query.OpIn) {
					several = exclude(t, several, f.Field, s.value)
				}
			}
			if several != nil {
				out = append(out, question{several, f, ""})
			}
		default:
			t.Errorf("%s: the suite asks nothing about %s", f.Field, op)
		}
	}
	return out
}

func include(t *testing.T, q *query.Query, field, value string) *query.Query {
	t.Helper()
	out, err := q.Include(field, value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func exclude(t *testing.T, q *query.Query, field, value string) *query.Query {
	t.Helper()
	out, err := q.Exclude(field, value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// want returns the ids of the entries that a question asks for.
func (b *bench) want(x question) (ids []string) {
	for i := range b.all {
		if x.filter.Told && b.h.Told(x.filter.Field, x.value, b.all[i].Raw) || !x.filter.Told && x.q.Match(&b.all[i]) {
			ids = append(ids, b.all[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// got walks, and returns the ids, where each clause ran, and the log calls.
func (b *bench) got(t *testing.T, q *query.Query) (ids []string, where map[string]int, calls []sent) {
	t.Helper()
	b.logCalls()
	where = map[string]int{}
	req := b.question(q)
	for n := 0; n == 0 || req.Cursor != ""; n++ {
		p := b.page(t, req)
		for _, e := range p.Entries {
			ids = append(ids, e.ID)
		}
		for _, c := range p.Plan {
			where[c.Where]++
		}
		if req.Cursor = p.Cursor; n > maxPages {
			t.Fatalf("%s: no end", q)
		}
		if n%2 == 1 { // another process goes on, by the cursor alone
			b.seek = source.NewSearcher([]byte("a key of thirty-two bytes, always"), time.Now)
		}
	}
	slices.Sort(ids)
	return ids, where, b.logCalls()
}

// terms returns what goes to the vendor.
func (b *bench) terms(q *query.Query) []query.Term {
	var caps []query.Capability
	for _, f := range b.src.Filters(b.path) {
		caps = append(caps, f.Capability)
	}
	terms, _ := query.Split(q, caps)
	return terms
}

// carries reports whether a call holds all terms.
func (h Harness) carries(c sent, terms []query.Term) bool {
	for _, term := range terms {
		if !strings.Contains(c.text(), h.Wire(term)) {
			return false
		}
	}
	return true
}
