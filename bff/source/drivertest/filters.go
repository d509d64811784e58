package drivertest

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
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

// testFilters has the vendor filter everything that is declared: the entries are
// those that filtering here keeps, and the calls carried the filter.
func testFilters(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 300})
	asked := 0
	for _, b := range g.benches(t) {
		for _, f := range g.src.Filters(b.path) {
			some := 0
			for _, x := range b.questions(t, f) {
				asked++
				want := b.want(x)
				some += len(want)
				got, where, calls := b.got(t, x.q)
				if !slices.Equal(got, want) {
					t.Errorf("%v %s: %d entries, want %d", b.path, x.q, len(got), len(want))
				}
				if where[logs.WhereHere] > 0 || where[logs.WhereVendor] == 0 {
					t.Errorf("%v %s: ran %v", b.path, x.q, where)
				}
				for _, c := range calls {
					if !h.carries(c, b.terms(x.q)) || slices.Contains(b.shapes, c.shape()) {
						t.Errorf("%v %s: the call %s does not carry %v", b.path, x.q, c.text(), b.terms(x.q))
					}
				}
				if len(calls) == 0 {
					t.Errorf("%v %s: no call", b.path, x.q)
				}
			}
			if some == 0 {
				t.Errorf("%v %s: no question had an answer", b.path, f.Field)
			}
		}
	}
	if asked == 0 && h.Wire != nil {
		t.Error("nothing is declared")
	}
}

// testUndeclared asks for what is not declared: it is filtered here, by the calls
// of a walk without a filter.
func testUndeclared(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 120})
	b := g.benches(t)[0]
	texts := append([]string{"the", "summary:a*", "took:>1ms", "-took:>1ms", "level:*", "(level:error OR took:>5ms)", "/e.r/"}, h.Here...)
	for _, f := range g.src.Filters(b.path) {
		for _, op := range []string{":a*", ":/a/", ":*", ":zzz?"} {
			texts = append(texts, f.Field+op)
		}
		if !slices.Contains(f.Ops, query.OpNot) {
			texts = append(texts, "-"+f.Field+":"+valueAmong(f))
		}
		if f.Values != nil && f.Field != "level" {
			texts = append(texts, f.Field+":POSTPONED")
		}
	}
	for _, text := range texts {
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := b.want(question{q: q})
		got, where, calls := b.got(t, q)
		if !slices.Equal(got, want) || where[logs.WhereVendor] > 0 {
			t.Errorf("%s: %d entries, want %d; ran %v", text, len(got), len(want), where)
		}
		for _, c := range calls {
			if !slices.Contains(b.shapes, c.shape()) {
				t.Errorf("%s: the call %s is not that of a walk without a filter", text, c.text())
			}
		}
	}
}

func valueAmong(f driver.Filter) string {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	return "x-1"
}

// testFilterFails has a vendor ignore filters, and one refuse them: the entries are
// the same.
func testFilterFails(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 120})
	for _, b := range g.benches(t) {
		for _, f := range g.src.Filters(b.path) {
			x := b.questions(t, f)[0]
			terms := b.terms(x.q)
			carried, refused := 0, 0
			ignore := func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				c := sent{path: r.URL.EscapedPath(), query: r.URL.RawQuery, body: string(body)}
				if c.logCall() && h.carries(c, terms) {
					carried++
					body = h.Ignore(r.URL, body)
				}
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
				g.sim.ServeHTTP(w, r)
			}
			refuse := func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				c := sent{path: r.URL.EscapedPath(), query: r.URL.RawQuery, body: string(body)}
				if c.logCall() && h.carries(c, terms) {
					refused++
					say(400, "application/json", h.Error(400, "no such filter"))(w, r)
					return
				}
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				g.sim.ServeHTTP(w, r)
			}
			want := b.want(x)
			if h.Ignore != nil && !f.Told {
				g.answer(ignore)
				if got, _, _ := b.got(t, x.q); !slices.Equal(got, want) || carried == 0 {
					t.Errorf("%s is ignored: %d entries, want %d; %d calls", x.q, len(got), len(want), carried)
				}
			}
			g.answer(refuse)
			if f.Told {
				want = nil // and a note says why
			}
			got, where, _ := b.got(t, x.q)
			if !slices.Equal(got, want) || refused == 0 || where[logs.WhereVendor] > 0 {
				t.Errorf("%s is refused: %d entries, want %d; %d calls refused; ran %v", x.q, len(got), len(want), refused, where)
			}
			if p := b.page(t, b.question(x.q)); f.Told && (len(p.Notes) != 1 || p.Notes[0].Name != f.Field) {
				t.Errorf("%s is refused: notes %+v", x.q, p.Notes)
			}
			g.answer(nil)
		}
	}
}

// testPairs has the vendor filter by two fields at once, some of which it may keep
// in one list.
func testPairs(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 200})
	for _, b := range g.benches(t) {
		filters := slices.DeleteFunc(g.src.Filters(b.path), func(f driver.Filter) bool { return f.Told })
		for i, one := range filters {
			for _, other := range filters[i+1:] {
				left, right := b.questions(t, one), b.questions(t, other)
				for _, x := range []question{left[0], left[len(left)-1]} {
					for _, y := range []question{right[0], right[len(right)-1]} {
						q := x.q
						for _, c := range y.q.Clauses() {
							var err error
							if q, err = q.With(c); err != nil {
								t.Fatal(err)
							}
						}
						want := b.want(question{q: q})
						if got, where, _ := b.got(t, q); !slices.Equal(got, want) || where[logs.WhereVendor] == 0 {
							t.Errorf("%v %s: %d entries, want %d; ran %v", b.path, q, len(got), len(want), where)
						}
					}
				}
			}
		}
	}
}

// testCounts compares a vendor's counts with its entries, with a filter and without.
func testCounts(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 300})
	for _, b := range g.benches(t) {
		b.span.To = time.Now().Add(-time.Minute)
		b.span.From = b.span.To.Add(-12 * 24 * time.Hour)
		b.all, _ = g.walk(t, b.question(nil), nil)
		queries := []*query.Query{nil}
		for _, f := range g.src.Filters(b.path) {
			queries = append(queries, b.questions(t, f)[0].q)
		}
		for _, q := range queries {
			req := b.question(q)
			req.Facets = true
			p := g.page(t, req)
			if !h.Counts {
				if p.Facets != nil {
					t.Errorf("facets of a vendor that does not count: %+v", p.Facets)
				}
				continue
			}
			if len(p.Facets) == 0 {
				t.Errorf("%s: no facets", q)
			}
			for _, f := range p.Facets {
				want, got := map[string]int{}, map[string]int{}
				for i := range b.all {
					if v := valueOf(&b.all[i], f.Field); v != "" && q.Match(&b.all[i]) {
						want[v]++
					}
				}
				for _, v := range f.Values {
					got[v.Value] = v.Count
				}
				if !maps.Equal(got, want) || f.Src != req.Asks[0].Target.String() {
					t.Errorf("%s: %s counts %v, the entries %v", q, f.Field, got, want)
				}
			}
		}
	}
}

// testNames compares the names that are declared with those that entries have.
func testNames(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 400})
	everywhere := []string{"id", "src", "vendor", "time", "summary"}
	seen := map[string]bool{}
	has := func(e *logs.Entry, name string) bool {
		q, err := query.Parse(name + ":*")
		return err == nil && q.Match(e)
	}
	declared := func(name string) bool {
		return slices.ContainsFunc(append(everywhere, g.vendor.Names...), func(n string) bool { return query.SameName(n, name) })
	}
	for _, b := range g.benches(t) {
		entries := b.all
		for _, f := range g.src.Filters(b.path) {
			if f.Told {
				told, _ := g.walk(t, b.question(include(t, nil, f.Field, f.Values[0])), nil)
				entries = append(entries, told...)
			}
		}
		for i := range entries {
			for _, n := range g.vendor.Names {
				seen[n] = seen[n] || has(&entries[i], n)
			}
			names := query.Names()
			for _, f := range entries[i].Fields {
				names = append(names, f.Name)
			}
			for _, n := range names {
				if !declared(n) && !g.vendor.OpenNames && has(&entries[i], n) {
					t.Fatalf("entries have %s, which is not declared", n)
				}
			}
		}
	}
	for _, n := range g.vendor.Names {
		if !seen[n] {
			t.Errorf("%s is declared, and no entry has it", n)
		}
	}
	q, err := query.Parse("satus:500 nope:foo")
	if err != nil {
		t.Fatal(err)
	}
	p := g.page(t, source.Request{Asks: g.ask(1, h.Path...).Asks, Query: q, Limit: 10})
	if len(p.Notes) != 2 || p.Notes[0].Name != "satus" || p.Notes[1].Name != "nope" || p.Notes[1].Text == "" || p.Notes[1].Near != "" {
		t.Errorf("notes on names that nothing has: %+v", p.Notes)
	}
	if near := p.Notes[0].Near; declared("status") && near != "status" {
		t.Errorf("did you mean %q?", near)
	}
}

// testRequests compares the described call with the real one.
func testRequests(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 60})
	now := time.Now().Add(time.Minute)
	g.seek = source.NewSearcher([]byte("a key of thirty-two bytes, always"), func() time.Time { return now })
	for _, b := range g.benches(t) {
		queries := []*query.Query{nil}
		for _, f := range g.src.Filters(b.path) {
			queries = append(queries, b.questions(t, f)[0].q)
		}
		for _, q := range queries {
			for _, span := range []logs.Span{{}, {From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)}} {
				req := b.question(q)
				req.Span = span
				calls := g.calls.Load()
				out, err := g.seek.Requests(t.Context(), req)
				if err != nil || len(out.Requests) != 1 || g.calls.Load() != calls {
					t.Fatalf("%s: %d requests, %v, after %d calls", q, len(out.Requests), err, g.calls.Load()-calls)
				}
				told := out.Requests[0]
				g.logCalls()
				g.page(t, req)
				real := g.logCalls()[0]
				u, err := url.Parse(told.URL)
				if err != nil {
					t.Fatal(err)
				}
				if told.Method != real.method || u.EscapedPath() != real.path || u.RawQuery != real.query || told.Body != real.body {
					t.Errorf("%s: described\n%s %s %s\nmade\n%s %s?%s %s", q, told.Method, told.URL, told.Body, real.method, real.path, real.query, real.body)
				}
				if u.Host == "" || told.Src != req.Asks[0].Target.String() || !strings.HasPrefix(told.Curl, "curl ") {
					t.Errorf("%+v", told)
				}
				placeholders := 0
				for _, header := range told.Headers {
					have := real.header.Get(header[0])
					before, after, secret := strings.Cut(header[1], "$")
					after = strings.TrimLeft(after, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
					if secret {
						placeholders++
					}
					if !secret && have != header[1] || secret && (!strings.HasPrefix(have, before) || !strings.HasSuffix(have, after)) {
						t.Errorf("header %v, made with %q", header, have)
					}
				}
				if placeholders == 0 {
					t.Error("no header holds a placeholder")
				}
				body, err := json.Marshal(told)
				if err != nil || len(h.revealing(body)) > 0 {
					t.Errorf("%v %v in %s", err, h.revealing(body), body)
				}
			}
		}
	}
	both := g.ask(10, h.Path...)
	both.Asks = append(both.Asks, source.Ask{Target: logs.Target{Vendor: "x", Region: "y", Account: "z"}, Err: errNotConnected})
	if out, err := g.seek.Requests(t.Context(), both); err != nil || len(out.Requests) != 1 {
		t.Errorf("beside a target that cannot be read: %+v, %v", out, err)
	}
	both.Asks = both.Asks[1:]
	if _, err := g.seek.Requests(t.Context(), both); err == nil {
		t.Error("the only target cannot be read, and nothing is said")
	}
}
