package drivertest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/driver"
)

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
