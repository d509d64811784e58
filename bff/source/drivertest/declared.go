package drivertest

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
)

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
