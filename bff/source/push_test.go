package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// sieve is a model that filters by kind, of which it has two, and counts them.
type sieve struct {
	*model
	rare   *model // the rows of kind rare
	terms  []int  // how many terms each call held
	refuse bool
	spell  string // what the vendor writes for rare
	counts func(driver.Read) ([]logs.Facet, error)
}

func (s *sieve) Filters([]string) []driver.Filter {
	return []driver.Filter{{Capability: query.Capability{Field: "kind", Ops: []query.Op{query.OpIs}, Spell: func(v string) (string, bool) {
		return s.spell, v == "rare" && s.spell != ""
	}}}}
}

func (s *sieve) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	s.mu.Lock()
	s.terms = append(s.terms, len(r.Terms))
	s.mu.Unlock()
	from := s.model
	if len(r.Terms) > 0 {
		if s.refuse {
			return driver.Page{}, fault.New(fault.Invalid, "sieve").Saying("no such filter")
		}
		if r.Terms[0].Values[0] != "rare" {
			panic(fmt.Sprint("a term of another walk: ", r.Terms))
		}
		from = s.rare
	}
	pg, err := from.Read(ctx, r)
	for i := range pg.Entries {
		e := &pg.Entries[i]
		if _, rare := s.rare.times()[e.ID]; rare {
			e.Fields.Add("kind", "rare")
		} else {
			e.Fields.Add("kind", "common")
		}
	}
	return pg, err
}

func (s *sieve) Counts(_ context.Context, r driver.Read) ([]logs.Facet, error) { return s.counts(r) }

// times returns all rows, shown or not.
func (m *model) times() map[string]time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]time.Time{}
	for _, r := range m.recs {
		out[r.id()] = r.said
	}
	return out
}

// newSieve returns n rows a second apart, every tenth of which is rare.
func newSieve(paging driver.Paging, n int) *sieve {
	s := &sieve{model: filled(paging, "newest", n, time.Second), rare: newModel(paging, "newest"), spell: "rare"}
	if paging == driver.ByWindow {
		s.caps.Retention = 14 * 24 * time.Hour
	}
	s.rare.caps = s.caps
	for _, r := range s.recs {
		if r.n%10 == 0 {
			s.rare.recs = append(s.rare.recs, r)
		}
	}
	return s
}

func (s *sieve) open(t testing.TB) Ask {
	t.Helper()
	src, err := Open(driver.Vendor{
		Name: "sieve", Title: "Sieve", Capabilities: s.caps, Names: []string{"kind"},
		Open: func(driver.Config) (driver.Driver, error) { return s, nil },
	}, driver.Config{}, "credential of the sieve", nil)
	if err != nil {
		t.Fatal(err)
	}
	return Ask{Target: logs.Target{Vendor: "sieve", Region: "here", Account: "a"}, Source: src}
}

func TestPush_FilteredAndLocalWalksGiveTheSame(t *testing.T) {
	for _, paging := range []driver.Paging{driver.ByOffset, driver.ByTime, driver.ByWindow} {
		for _, forget := range []bool{false, true} {
			for _, refuse := range []bool{false, true} {
				s := newSieve(paging, 700)
				s.refuse = refuse
				req := Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, `kind:rare n3`)}
				w := walkAll(t, s.searcher(), req, always(3), forget)
				want := map[string]time.Time{}
				for id, said := range s.rare.times() {
					if n := 0; strings.HasPrefix(id, "row-") {
						_, _ = fmt.Sscanf(id, "row-%d", &n)
						if n%7 == 3 {
							want[id] = said
						}
					}
				}
				if checkOnce(t, w.entries, want); len(w.entries) != len(want) {
					t.Errorf("paging %d, forget %v, refuse %v: %d entries, want %d", paging, forget, refuse, len(w.entries), len(want))
				}
				if !refuse && slices.Contains(s.terms, 0) {
					t.Errorf("paging %d, forget %v: a call went without the filter", paging, forget)
				}
				if n := len(s.terms); refuse && !forget && !slices.Equal(s.terms[:2], []int{1, 0}) || refuse && !forget && slices.Contains(s.terms[1:], 1) {
					t.Errorf("paging %d: refused, and %d calls were %v", paging, n, s.terms)
				}
			}
		}
	}
}

// A vendor that keeps so many rows of all kinds has forgotten older rows of the kind
// asked for, when it shows the last of them: nobody can say from when on.
func TestPush_EndOfAFilteredListIsNoProofWhereTheVendorKeepsSoManyOfAllKinds(t *testing.T) {
	for _, rolls := range []bool{false, true} {
		for filter, want := range map[string]logs.State{"kind:rare": logs.Capped, "n3": logs.Complete} {
			s := newSieve(driver.ByOffset, 700)
			s.caps.MaxRows, s.caps.Rolls, s.caps.CapReason = 1000, rolls, "Sieve keeps the last 1,000 rows"
			s.rare.caps = s.caps
			if !rolls {
				want = logs.Complete
			}
			w := walkAll(t, s.searcher(), Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, filter)}, always(100), false)
			edge := w.coverage[len(w.coverage)-1]
			if edge.State != want || want == logs.Capped && edge.Reason != s.caps.CapReason {
				t.Errorf("rolls %v, %s: %+v, want %s", rolls, filter, w.coverage, want)
			}
		}
	}
}

// A name may get another spelling while somebody pages: what the walk began with
// goes on.
func TestPush_WalkKeepsWhatItBeganWith(t *testing.T) {
	for _, later := range []string{"", "another"} {
		s := newSieve(driver.ByOffset, 900)
		req := Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, "kind:rare"), Limit: 5}
		seek := s.searcher()
		page := search(t, seek, req)
		s.spell = later
		req.Cursor = page.Cursor
		w := walkAll(t, seek, req, always(5), true)
		if n := len(page.Entries) + len(w.entries); n != 90 || slices.Contains(s.terms, 0) {
			t.Errorf("spelled %q later: %d entries, calls %v", later, n, s.terms)
		}
		req.Query = mustQuery(t, "kind:common")
		if _, err := seek.Search(t.Context(), req); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a cursor of another filter: %v", err)
		}
	}
}

func TestPush_PlanNamesEachClauseOfEachTarget(t *testing.T) {
	s, plain := newSieve(driver.ByOffset, 50), filled(driver.ByOffset, "newest", 5, time.Minute)
	req := Request{Asks: []Ask{s.open(t), plain.open(t, "plain")}, Query: mustQuery(t, `-n3 kind:rare (n0 OR n1)`), Limit: 10}
	page := search(t, s.searcher(), req)
	var got []string
	for _, c := range page.Plan {
		got = append(got, c.Src+" "+c.Query+" "+c.Where)
	}
	var want []string
	for i, a := range req.Asks {
		for n, c := range req.Query.Clauses() {
			where := " here"
			if i == 0 && n == 1 {
				where = " vendor"
			}
			want = append(want, a.Target.String()+" "+c.String()+where)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPush_TooMuchForACursorIsFilteredHere(t *testing.T) {
	s := newSieve(driver.ByOffset, 30)
	s.spell = strings.Repeat("r", maxPush)
	page := search(t, s.searcher(), Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, "kind:rare"), Limit: 10})
	if len(page.Entries) != 3 || page.Plan[0].Where != logs.WhereHere || slices.Contains(s.terms, 1) {
		t.Errorf("%d entries, plan %+v, calls %v", len(page.Entries), page.Plan, s.terms)
	}
}

// Each call takes 300 ms. What is found by then is told after about a second, be it
// nothing, and where the search stands.
func TestSearch_FilteredWalkTellsItsProgress(t *testing.T) {
	for _, text := range []string{"nowhere", "kind:rare nowhere"} {
		for _, paging := range []driver.Paging{driver.ByOffset, driver.ByTime} {
			s := newSieve(paging, 3000)
			slow := func() { s.tick(300 * time.Millisecond) }
			s.before, s.rare.before = slow, slow
			seek, req := s.searcher(), Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, text), Limit: 10}
			edge, scanned, pages := base, 0, 0
			for req.Cursor != "" || pages == 0 {
				began := s.clock()
				page := search(t, seek, req)
				if took := s.clock().Sub(began); took > stride+300*time.Millisecond {
					t.Fatalf("%s: an answer after %s", text, took)
				}
				pages++
				scanned += page.Scanned
				if page.Cursor != "" {
					c := page.Coverage[0]
					if page.Scanned == 0 || c.State != logs.Complete || !c.From.Before(edge) || edgeOf(page).State != logs.More {
						t.Fatalf("%s: page %d read %d, %+v", text, pages, page.Scanned, page.Coverage)
					}
					edge = c.From
				}
				req.Cursor = page.Cursor
			}
			want := 3000
			if strings.HasPrefix(text, "kind") {
				want = 300
			}
			if scanned != want || pages < 3 {
				t.Errorf("%s, paging %d: %d read on %d pages, want %d", text, paging, scanned, pages, want)
			}
		}
	}
}

// A vendor that pages spans of time and filters them answers with nothing for days.
func TestSearch_SpansWithoutAMatchAreProgress(t *testing.T) {
	s := newSieve(driver.ByWindow, 30)
	s.caps.MaxSpan, s.rare.recs = 24*time.Hour, nil
	s.rare.caps = s.caps
	s.rare.before = func() { s.tick(800 * time.Millisecond) }
	seek, req := s.searcher(), Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, "kind:rare"), Limit: 10}
	edge, pages := base, 0
	for req.Cursor != "" || pages == 0 {
		page := search(t, seek, req)
		if c := page.Coverage[0]; c.State != logs.Complete || page.Cursor != "" && !c.From.Before(edge) {
			t.Fatalf("page %d: %+v after one back to %s", pages, page.Coverage, edge)
		} else {
			edge = c.From
		}
		pages++
		req.Cursor = page.Cursor
	}
	if pages < 5 || edge.After(base.Add(-13*24*time.Hour)) {
		t.Errorf("%d pages, the last one back to %s", pages, edge)
	}
}

func TestSearch_CancelEndsAFilteredWalkAtOnce(t *testing.T) {
	for _, text := range []string{"nowhere", "kind:rare nowhere"} {
		s := newSieve(driver.ByTime, 3000)
		ctx, cancel := context.WithCancel(context.Background())
		var calls atomic.Int32
		leave := func(call context.Context) {
			if calls.Add(1) == 3 {
				cancel()
				<-call.Done()
			}
		}
		s.entered, s.rare.entered = leave, leave
		_, err := s.searcher().Search(ctx, Request{Asks: []Ask{s.open(t)}, Query: mustQuery(t, text), Limit: 10})
		if n := calls.Load(); !errors.Is(err, context.Canceled) || n != 3 {
			t.Errorf("%s: %v after %d calls", text, err, n)
		}
	}
}

func TestCounts_AddUpOverSpansAndOnlyForTheWholeQuery(t *testing.T) {
	s := newSieve(driver.ByWindow, 100)
	s.caps.MaxSpan = 7 * 24 * time.Hour
	var reads []driver.Read
	fail := error(nil)
	s.counts = func(r driver.Read) ([]logs.Facet, error) {
		reads = append(reads, r)
		return []logs.Facet{{Field: "kind", Values: []logs.FacetValue{{Value: "b", Count: 1}, {Value: "rare", Count: 10}}}}, fail
	}
	ask := s.open(t)
	for _, c := range []struct {
		query string
		span  logs.Span
		calls int
	}{
		{"", logs.Span{}, 3},
		{"kind:rare", logs.Span{From: base.Add(-10 * 24 * time.Hour)}, 2},
		{"kind:rare", logs.Span{From: base.Add(-time.Hour), To: base}, 1},
		{"kind:rare n3", logs.Span{}, 0},
		{"n3", logs.Span{}, 0},
	} {
		reads = nil
		req := Request{Asks: []Ask{ask}, Span: c.span, Limit: 5, Facets: true}
		if c.query != "" {
			req.Query = mustQuery(t, c.query)
		}
		seek := s.searcher()
		page := search(t, seek, req)
		if len(reads) != c.calls || (c.calls > 0) != (len(page.Facets) == 1) {
			t.Fatalf("%q: %d calls, facets %+v", c.query, len(reads), page.Facets)
		}
		if c.calls > 0 {
			f := page.Facets[0]
			if f.Src != ask.Target.String() || f.Field != "kind" || f.Values[0] != (logs.FacetValue{Value: "rare", Count: 10 * c.calls}) {
				t.Errorf("%q: %+v", c.query, f)
			}
		}
		for i, r := range reads {
			if r.Span.To.Sub(r.Span.From) > s.caps.MaxSpan || len(r.Terms) != len(c.query)/9 || i > 0 && !r.Span.To.Before(reads[i-1].Span.From) {
				t.Errorf("%q: %+v", c.query, r)
			}
		}
		if req.Cursor = page.Cursor; req.Cursor != "" {
			if reads = nil; len(search(t, seek, req).Facets) > 0 || len(reads) > 0 {
				t.Errorf("%q: counted again for the second page", c.query)
			}
		}
	}
	fail = fault.New(fault.Forbidden, "counts")
	if page := search(t, s.searcher(), Request{Asks: []Ask{ask}, Limit: 5, Facets: true}); len(page.Facets) > 0 || len(page.Entries) != 5 {
		t.Errorf("counts that fail: %+v beside %d entries", page.Facets, len(page.Entries))
	}
}

// While a target is still being read, nobody looks at what its reader works with.
func TestPush_SlowTargetKeepsItsPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := newSieve(driver.ByOffset, 60), newSieve(driver.ByOffset, 60)
		gate := make(chan struct{})
		slow.model.blocking, slow.rare.blocking, slow.refuse = gate, gate, true
		req := Request{Asks: []Ask{slow.open(t), fast.open(t)}, Query: mustQuery(t, "kind:rare OR nope:x"), Limit: 30}
		req.Asks[0].Target.Account = "slow"
		req.Asks[0].Source.vendor.OpenNames = true
		seek := fast.searcher()
		page := search(t, seek, req)
		if len(page.Plan) != 2 || len(page.Entries) == 0 || len(page.Notes) > 0 {
			t.Errorf("%d entries, plan %+v, notes %+v", len(page.Entries), page.Plan, page.Notes)
		}
		req = Request{Asks: req.Asks, Query: mustQuery(t, "kind:rare"), Limit: 30}
		page = search(t, seek, req)
		if len(page.Entries) != 6 || page.Plan[0].Where != logs.WhereVendor || page.Plan[1].Where != logs.WhereVendor {
			t.Errorf("%d entries, plan %+v", len(page.Entries), page.Plan)
		}
		close(gate)
		synctest.Wait()
		req.Cursor = page.Cursor
		page = search(t, seek, req)
		if len(page.Entries) != 6 || page.Plan[0].Where != logs.WhereHere || page.Plan[1].Where != logs.WhereVendor {
			t.Errorf("once the slow one has refused: %d entries, plan %+v", len(page.Entries), page.Plan)
		}
		seek.walks.lru.Purge()
	})
}
