package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source/driver"
)

// filled returns a model with n rows, the newest a step before base.
func filled(paging driver.Paging, listing string, n int, step time.Duration) *model {
	m := newModel(paging, listing)
	for i := range n {
		at := base.Add(-time.Duration(n-i) * step)
		m.add(at, at)
	}
	return m
}

func search(t *testing.T, s *Searcher, r Request) *wire.Page {
	t.Helper()
	page, err := s.Search(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	checkCoverage(t, r, page.Coverage)
	return page
}

func edgeOf(p *wire.Page) logs.Coverage { return p.Coverage[len(p.Coverage)-1] }

func TestCoverage_EveryStateIsProvokedAndTrue(t *testing.T) {
	hour := logs.Span{From: base.Add(-time.Hour)}
	for _, c := range []struct {
		name  string
		m     func() *model
		span  logs.Span
		limit int
		want  logs.State
		says  string
		count int
	}{
		{"nothing there", func() *model { return newModel(driver.ByOffset, "newest") }, logs.Span{}, 10, logs.Complete, "", 0},
		{"all of it", func() *model { return filled(driver.ByOffset, "oldest", 30, time.Minute) }, logs.Span{}, 100, logs.Complete, "", 30},
		{"more than the page", func() *model { return filled(driver.ByTime, "newest", 30, time.Minute) }, logs.Span{}, 10, logs.More, "ask on", 10},
		{"span ends before the rows do", func() *model { return filled(driver.ByOffset, "newest", 300, time.Minute) }, hour, 1000, logs.Complete, "", 60},
		{"vendor cap", func() *model {
			m := filled(driver.ByOffset, "newest", 100, time.Minute)
			m.caps.MaxRows = 50
			return m
		}, logs.Span{}, 1000, logs.Capped, "no more than that", 50},
		{"beyond retention", func() *model {
			m := filled(driver.ByWindow, "oldest", 100, time.Hour)
			m.caps.Retention = 48 * time.Hour
			return m
		}, logs.Span{}, 1000, logs.Expired, "nothing that old", 48},
		{"within retention", func() *model {
			m := filled(driver.ByWindow, "oldest", 100, time.Hour)
			m.caps.Retention = 48 * time.Hour
			return m
		}, logs.Span{From: base.Add(-24 * time.Hour)}, 1000, logs.Complete, "", 24},
		{"same page for ever", func() *model {
			m := filled(driver.ByOffset, "newest", 100, time.Minute)
			m.ignores, m.more = true, "yes"
			return m
		}, logs.Span{}, 1000, logs.Capped, "same entries", 20},
		{"paging ignored, no word of more", func() *model {
			m := filled(driver.ByOffset, "newest", 100, time.Minute)
			m.ignores, m.more, m.total = true, "", false
			return m
		}, logs.Span{}, 1000, logs.Complete, "", 20},
		{"empty pages for ever", func() *model {
			m := newModel(driver.ByOffset, "newest")
			m.more = "yes"
			return m
		}, logs.Span{}, 1000, logs.Capped, "same entries", 0},
		{"empty pages for ever by time", func() *model {
			m := newModel(driver.ByTime, "newest")
			m.more = "yes"
			return m
		}, logs.Span{}, 1000, logs.Capped, "same entries", 0},
		{"cursor ignored", func() *model {
			m := filled(driver.ByTime, "newest", 100, time.Minute)
			m.lies = func(r driver.Read) (driver.Page, bool) {
				p := driver.Page{More: driver.MoreYes, Total: 100}
				for _, rec := range m.list()[:20] {
					p.Entries = append(p.Entries, rec.entry(time.Millisecond))
				}
				return p, true
			}
			return m
		}, logs.Span{}, 1000, logs.Capped, "same entries", 20},
		{"by time without times", func() *model {
			m := newModel(driver.ByTime, "newest")
			for range 50 {
				m.add(base, time.Time{})
			}
			return m
		}, logs.Span{}, 1000, logs.Capped, "without a time", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := c.m()
			s := m.searcher()
			page := search(t, s, Request{Asks: []Ask{m.open(t, "model")}, Span: c.span, Limit: c.limit})
			if edge := edgeOf(page); edge.State != c.want || !strings.Contains(edge.Reason, c.says) {
				t.Errorf("ends %s: %q, want %s: %q", edge.State, edge.Reason, c.want, c.says)
			}
			if len(page.Entries) != c.count {
				t.Errorf("%d entries, want %d", len(page.Entries), c.count)
			}
			if more := edgeOf(page).State == logs.More; more != (page.Cursor != "") {
				t.Errorf("%s, cursor %q", edgeOf(page).State, page.Cursor)
			}
		})
	}
}

// TestCoverage_CompleteStretchesHoldAllThereIs compares every stretch that is said
// to be complete with what the vendor holds, after every page.
func TestCoverage_CompleteStretchesHoldAllThereIs(t *testing.T) {
	for seed := range uint64(120) {
		st := newStory(seed)
		if st.noisy || st.evicted > 0 {
			continue
		}
		st.m.before = nil
		s, req := st.m.searcher(), Request{Asks: []Ask{st.m.open(t, "model")}}
		got := map[string]bool{}
		for {
			req.Limit = 1 + st.rng.IntN(50)
			page := search(t, s, req)
			for _, e := range page.Entries {
				got[e.ID] = true
			}
			for _, c := range page.Coverage {
				if c.State != logs.Complete {
					continue
				}
				for id, said := range st.m.shown() {
					if !got[id] && !said.IsZero() && !said.Before(c.From) && said.Before(c.To) {
						t.Fatalf("seed %d: complete from %s to %s without %s at %s", seed, c.From, c.To, id, said)
					}
				}
			}
			if req.Cursor = page.Cursor; req.Cursor == "" {
				break
			}
		}
	}
}

// TestCoverage_MomentLargerThanAPageIsAGap pages by time through a moment that
// holds more rows than a page.
func TestCoverage_MomentLargerThanAPageIsAGap(t *testing.T) {
	for _, inclusive := range []bool{false, true} {
		m := filled(driver.ByTime, "newest", 30, time.Minute)
		m.atTo = inclusive
		busy := base.Add(-10*time.Minute - 30*time.Second)
		for range 50 {
			m.add(busy, busy)
		}
		w := walkAll(t, m.searcher(), Request{Asks: []Ask{m.open(t, "model")}}, always(7), true)
		if n := len(w.entries); n < 30+20 || n > 80 {
			t.Errorf("inclusive %v: %d entries", inclusive, n)
		}
		checkOnce(t, w.entries, map[string]time.Time{"row-1": base.Add(-30 * time.Minute)})
		gaps := slices.DeleteFunc(w.coverage, func(c logs.Coverage) bool { return c.State != logs.Capped })
		if len(gaps) != 1 || gaps[0].From.After(busy) || !gaps[0].To.After(busy) || gaps[0].To.Sub(gaps[0].From) > time.Second {
			t.Errorf("inclusive %v: gaps %+v", inclusive, gaps)
		}
	}
}

func TestSearch_FilterStopsAtTheScanBudgetAndGoesOn(t *testing.T) {
	m := filled(driver.ByOffset, "newest", 45_000, time.Second)
	m.caps.MaxLimit = 5000
	s := m.searcher()
	req := Request{Asks: []Ask{m.open(t, "model")}, Query: mustQuery(t, `n9`), Limit: 10}
	page := search(t, s, req)
	if page.Scanned < scanRows || page.Scanned > scanRows+12*m.caps.MaxLimit || len(page.Entries) != 0 {
		t.Fatalf("%d read, %d shown", page.Scanned, len(page.Entries))
	}
	w := walkAll(t, s, req, always(10), true)
	if w.scanned != 45_000 || len(w.entries) != 0 || w.coverage[0].State != logs.Complete {
		t.Errorf("%d read, %d shown, %+v", w.scanned, len(w.entries), w.coverage)
	}
	if len(page.Plan) != 1 || page.Plan[0].Where != logs.WhereHere {
		t.Errorf("plan %+v", page.Plan)
	}
}

func TestSearch_FilterAndSpanGiveExactlyWhatFits(t *testing.T) {
	for seed := range uint64(150) {
		for _, forget := range []bool{false, true} {
			st := newStory(seed)
			if st.evicted > 0 {
				st.m.before = nil
			}
			span := logs.Span{From: base.Add(-time.Duration(st.rng.IntN(3600)) * time.Second), To: base.Add(-time.Duration(st.rng.IntN(300)) * time.Second)}
			if span.To.Before(span.From) {
				span.From, span.To = span.To, span.From
			}
			q := mustQuery(t, "n3")
			want := map[string]time.Time{}
			for _, r := range st.m.recs {
				e := r.entry(time.Millisecond)
				if q.Match(&e) && !r.said.IsZero() && span.Holds(r.said) {
					want[r.id()] = r.said
				}
			}
			w := walkAll(t, st.m.searcher(), Request{Asks: []Ask{st.m.open(t, "model")}, Query: q, Span: span}, always(5), forget)
			checkOnce(t, w.entries, want)
			for _, e := range w.entries {
				if !span.Holds(e.Time) || !q.Match(&e) {
					t.Errorf("%s at %s does not fit", e.ID, e.Time)
				}
			}
			if t.Failed() {
				t.Fatalf("seed %d, forget %v: %s, span %s to %s", seed, forget, st, span.From, span.To)
			}
		}
	}
}

func TestSearch_TargetsAreMergedByTime(t *testing.T) {
	for seed := range uint64(60) {
		for _, forget := range []bool{false, true} {
			var req Request
			want := map[string]time.Time{}
			var s *Searcher
			for i := range 4 {
				st := newStory(seed*4 + uint64(i))
				st.m.before = nil
				// More calls than one request has would let older entries of others pass.
				st.m.caps.MaxSpan = 0
				if st.m.caps.Paging == driver.ByWindow {
					st.m.caps.MaxLimit = max(st.m.caps.MaxLimit, 60)
				}
				if st.noisy {
					continue
				}
				s = st.m.searcher()
				name := fmt.Sprintf("m%d", i)
				req.Asks = append(req.Asks, st.m.open(t, name))
				for id, said := range st.m.shown() {
					want[name+id] = said
				}
			}
			if s == nil {
				continue
			}
			w := walkAll(t, s, req, always(37), forget)
			for i := range w.entries {
				vendor, _, _ := strings.Cut(w.entries[i].Src, "/")
				w.entries[i].ID = vendor + w.entries[i].ID
			}
			checkOnce(t, w.entries, want)
			checkOrder(t, w.entries, 0)
			if t.Failed() {
				t.Fatalf("seed %d, forget %v", seed, forget)
			}
		}
	}
}

// A vendor that pages spans of time may take most of a minute for each page. A
// reader is answered after the first, and what it brought is not asked for again.
func TestSearch_SpanOfSlowPagesIsReadOverSeveralRequests(t *testing.T) {
	for _, forget := range []bool{false, true} {
		m := filled(driver.ByWindow, "oldest", 50, time.Minute)
		m.caps.MaxLimit = 20
		m.before = func() { m.now = m.now.Add(55 * time.Second) }
		s := m.searcher()
		req := Request{Asks: []Ask{m.open(t, "slow")}, Limit: 100, Span: logs.Span{From: base.Add(-time.Hour), To: base}}
		got, empty := map[string]bool{}, 0
		for n := 0; n == 0 || req.Cursor != ""; n++ {
			calls := m.calls
			page := search(t, s, req)
			if m.calls-calls > 1 {
				t.Fatalf("forget %v: %d calls of 55 s in one request", forget, m.calls-calls)
			}
			if len(page.Entries) == 0 {
				empty++
			}
			for _, e := range page.Entries {
				got[e.ID] = true
			}
			if req.Cursor = page.Cursor; forget {
				s = m.searcher()
			}
			if n > 60 {
				t.Fatalf("forget %v: no end", forget)
			}
		}
		if len(got) != 50 || empty == 0 {
			t.Errorf("forget %v: %d entries, want 50; %d empty pages", forget, len(got), empty)
		}
		if !forget && m.calls != 3 {
			t.Errorf("%d calls for three pages", m.calls)
		}
	}
}

func TestSearch_SlowTargetHoldsUpNobodyAndComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := filled(driver.ByOffset, "newest", 50, time.Minute), filled(driver.ByOffset, "newest", 50, time.Minute)
		gate := make(chan struct{})
		slow.blocking = gate
		s := fast.searcher()
		req := Request{Asks: []Ask{slow.open(t, "slow"), fast.open(t, "fast")}, Limit: 30}
		began := time.Now()
		page := search(t, s, req)
		if took := time.Since(began); took != patience {
			t.Errorf("waited %s", took)
		}
		if len(page.Entries) != 20 && len(page.Entries) != 30 || page.Entries[0].Src != req.Asks[1].Target.String() {
			t.Errorf("%d entries", len(page.Entries))
		}
		if c := page.Coverage[0]; c.State != logs.More || !c.Waiting || !strings.Contains(c.Reason, "still answering") {
			t.Errorf("the slow one's coverage: %+v", c)
		}
		got := page.Entries
		// Who waited once does not wait for the same call again.
		began, req.Cursor = time.Now(), page.Cursor
		page = search(t, s, req)
		if took := time.Since(began); took != 0 || len(page.Entries) == 0 {
			t.Errorf("the next page took %s and has %d entries", took, len(page.Entries))
		}
		got = append(got, page.Entries...)
		close(gate)
		synctest.Wait()
		for req.Cursor = page.Cursor; req.Cursor != ""; req.Cursor = page.Cursor {
			page = search(t, s, req)
			got = append(got, page.Entries...)
		}
		count := map[string]int{}
		for _, e := range got {
			count[e.Key()]++
		}
		if len(got) != 100 || len(count) != 100 {
			t.Errorf("%d entries, %d different", len(got), len(count))
		}
		if slow.calls > 6 {
			t.Errorf("%d calls of the slow one: its late answer was thrown away", slow.calls)
		}
	})
}

// TestSearch_SlowLaterPageIsNotRepeated forgets the walk while a target that gave
// entries already is reading on.
func TestSearch_SlowLaterPageIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := filled(driver.ByOffset, "newest", 60, time.Minute), filled(driver.ByOffset, "newest", 60, time.Minute)
		gate := make(chan struct{})
		slow.before = func() {
			if slow.calls == 1 {
				slow.blocking = gate
			}
		}
		s := fast.searcher()
		req := Request{Asks: []Ask{slow.open(t, "slow"), fast.open(t, "fast")}, Limit: 100}
		page := search(t, s, req)
		got := page.Entries
		synctest.Wait() // the call that is left behind has begun
		slow.before = nil
		s.walks = newWalks()
		slow.blocking = nil
		for req.Cursor = page.Cursor; req.Cursor != ""; req.Cursor = page.Cursor {
			page = search(t, s, req)
			got = append(got, page.Entries...)
		}
		count := map[string]int{}
		for _, e := range got {
			count[e.Key()]++
		}
		if len(got) != 120 || len(count) != 120 {
			t.Errorf("%d entries, %d different", len(got), len(count))
		}
		close(gate)
		synctest.Wait()
	})
}

func TestSearch_OneFailingTargetStandsInTheCoverage(t *testing.T) {
	good, bad := filled(driver.ByOffset, "newest", 5, time.Minute), newModel(driver.ByOffset, "newest")
	bad.fail = fault.New(fault.Forbidden, "x").Saying("lacks the right to read").Quoting("nope")
	s := good.searcher()
	req := Request{Asks: []Ask{
		bad.open(t, "bad"), good.open(t, "good"),
		{Target: logs.Target{Vendor: "none", Region: "x", Account: "y"}, Err: fault.New(fault.Unauthenticated, "y").Saying("connect first")},
	}, Limit: 10}
	page := search(t, s, req)
	if len(page.Entries) != 5 || page.Cursor == "" {
		t.Errorf("%d entries, cursor %q", len(page.Entries), page.Cursor)
	}
	if c := page.Coverage[0]; c.State != logs.Failed || c.Kind != string(fault.Forbidden) || c.Reason != "lacks the right to read" || c.Said != "nope" {
		t.Errorf("%+v", c)
	}
	if c := edgeOf(page); c.State != logs.Failed || c.Kind != string(fault.Unauthenticated) {
		t.Errorf("%+v", c)
	}
	bad.fail = nil
	req.Cursor = page.Cursor
	if page = search(t, s, req); page.Coverage[0].State != logs.Complete {
		t.Errorf("tried again: %+v", page.Coverage[0])
	}
	bad.fail, good.fail = errors.New("boom"), fault.New(fault.NotFound, "x").Saying("gone")
	req.Cursor = ""
	page = search(t, s, req)
	for i, want := range []string{"something went wrong on our side", "gone", "connect first"} {
		if c := page.Coverage[i]; c.State != logs.Failed || c.Reason != want {
			t.Errorf("all failed, and target %d says %+v", i, c)
		}
	}
	req.Asks = req.Asks[1:2]
	if _, err := s.Search(context.Background(), req); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the only target failed with %v", err)
	}
}

func TestSearch_PanicOfADriverIsAFault(t *testing.T) {
	m := newModel(driver.ByOffset, "newest")
	m.before = func() { panic("strange answer") }
	_, err := m.searcher().Search(context.Background(), Request{Asks: []Ask{m.open(t, "model")}, Limit: 1})
	if f := fault.Of(err); f.Kind != fault.Internal || strings.Contains(f.Msg, "strange") {
		t.Errorf("%v", err)
	}
}

func TestSearch_CancelReturnsAtOnceAndLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(driver.ByOffset, "newest")
		m.blocking = make(chan struct{})
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err := m.searcher().Search(ctx, Request{Asks: []Ask{m.open(t, "a"), m.open(t, "b")}, Limit: 1})
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		// synctest fails the test if a goroutine is left.
	})
}

func TestSearch_ForgottenWalkStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := filled(driver.ByOffset, "newest", 5, time.Minute), newModel(driver.ByOffset, "newest")
		slow.blocking = make(chan struct{})
		s := fast.searcher()
		search(t, s, Request{Asks: []Ask{slow.open(t, "slow"), fast.open(t, "fast")}, Limit: 30})
		s.walks.lru.Purge()
	})
}

func TestSearch_WalkServesItsOwnCredentialOnly(t *testing.T) {
	m := filled(driver.ByOffset, "newest", 200, time.Minute)
	m.caps.MaxLimit = 100
	s, mine := m.searcher(), m.open(t, "model")
	req := Request{Asks: []Ask{mine}, Limit: 5}
	page := search(t, s, req)
	req.Cursor = page.Cursor
	other, err := Open(mine.Source.vendor, driver.Config{}, "somebody else's credential", nil)
	if err != nil {
		t.Fatal(err)
	}
	calls := m.calls
	theirs := req
	theirs.Asks = []Ask{{Target: mine.Target, Source: other}}
	if p := search(t, s, theirs); m.calls == calls || len(p.Entries) != 5 {
		t.Errorf("%d entries out of another credential's memory", len(p.Entries))
	}
	calls = m.calls
	if p := search(t, s, req); m.calls != calls || len(p.Entries) != 5 {
		t.Errorf("the owner's walk was lost: %d calls", m.calls-calls)
	}
}

func TestSearch_OldCursorAsksTheSamePageAgain(t *testing.T) {
	m := filled(driver.ByWindow, "newest", 200, time.Minute)
	s, req := m.searcher(), Request{Asks: []Ask{m.open(t, "model")}, Limit: 9}
	req.Cursor = search(t, s, req).Cursor
	first := search(t, s, req)
	again := search(t, s, req)
	for i := range first.Entries {
		if first.Entries[i].ID != again.Entries[i].ID {
			t.Fatalf("entry %d: %s, then %s", i, first.Entries[i].ID, again.Entries[i].ID)
		}
	}
}

func TestSearch_EndlessFreshRowsAreBraked(t *testing.T) {
	for _, paging := range []driver.Paging{driver.ByOffset, driver.ByTime, driver.ByWindow} {
		m := newModel(paging, "newest")
		n := 0
		m.lies = func(r driver.Read) (driver.Page, bool) {
			p := driver.Page{More: driver.MoreYes, Total: -1}
			for range r.Limit {
				n++
				at := base.Add(-time.Duration(n) * time.Millisecond)
				p.Entries = append(p.Entries, record{n: n, said: at}.entry(time.Millisecond))
			}
			return p, true
		}
		page := search(t, m.searcher(), Request{Asks: []Ask{m.open(t, "model")}, Query: mustQuery(t, "nowhere"), Limit: 10})
		if edgeOf(page).State != logs.More || page.Cursor == "" || m.calls > maxCalls*mostPages {
			t.Errorf("paging %d: %d calls, %+v", paging, m.calls, page.Coverage)
		}
	}
	m := newModel(driver.ByOffset, "shuffled")
	n := 0
	m.lies = func(r driver.Read) (driver.Page, bool) {
		p := driver.Page{More: driver.MoreYes, Total: -1}
		for range r.Limit {
			n++
			p.Entries = append(p.Entries, record{n: n, said: base.Add(time.Duration(n%13) * time.Second)}.entry(time.Millisecond))
		}
		return p, true
	}
	_, err := m.searcher().Search(context.Background(), Request{Asks: []Ask{m.open(t, "model")}, Limit: 10})
	if fault.KindOf(err) != fault.Unsupported || n > 2*gatherRows {
		t.Errorf("%v after %d rows", err, n)
	}
}

func TestSearch_ItemNeedsTheCapability(t *testing.T) {
	m := filled(driver.ByOffset, "newest", 5, time.Minute)
	_, err := m.searcher().Search(context.Background(), Request{Asks: []Ask{m.open(t, "model")}, Item: "x", Limit: 10})
	if fault.KindOf(err) != fault.Unsupported || m.calls != 0 {
		t.Errorf("%v after %d calls", err, m.calls)
	}
}

func TestSearch_RepeatedIDIsOneEntry(t *testing.T) {
	m := newModel(driver.ByOffset, "newest")
	m.lies = func(r driver.Read) (driver.Page, bool) {
		p := driver.Page{More: driver.MoreNo, Total: -1}
		for n := range 40 {
			p.Entries = append(p.Entries, record{n: n / 2, said: base.Add(-time.Duration(n) * time.Second)}.entry(time.Second))
		}
		return p, true
	}
	w := walkAll(t, m.searcher(), Request{Asks: []Ask{m.open(t, "model")}}, always(7), false)
	if len(w.entries) != 20 {
		t.Errorf("%d entries", len(w.entries))
	}
	checkOnce(t, w.entries, nil)
}

// BenchmarkSearch walks 100,000 entries of one vendor through pages of 1,000.
func BenchmarkSearch(b *testing.B) {
	m := filled(driver.ByOffset, "newest", 100_000, time.Second)
	m.caps.MaxLimit = 1000
	pages := map[int]driver.Page{}
	m.lies = func(r driver.Read) (driver.Page, bool) {
		list := m.recs
		p := driver.Page{Total: -1, More: driver.MoreYes}
		if len(pages) > 0 && pages[r.Offset].Entries != nil {
			return pages[r.Offset], true
		}
		for i := r.Offset; i < min(r.Offset+r.Limit, len(list)); i++ {
			p.Entries = append(p.Entries, list[len(list)-1-i].entry(time.Millisecond))
		}
		if r.Offset+r.Limit >= len(list) {
			p.More = driver.MoreNo
		}
		pages[r.Offset] = p
		return p, true
	}
	ask, s := m.open(b, "model"), m.searcher()
	walkAll(b, s, Request{Asks: []Ask{ask}}, always(1000), false)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n += len(walkAll(b, s, Request{Asks: []Ask{ask}}, always(1000), false).entries)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
}

// A target whose newest entry is older than the page's last one gave nothing to
// the page, and is covered down to that entry all the same.
func TestCoverage_ReachesDownToTheNextEntry(t *testing.T) {
	busy, idle := filled(driver.ByOffset, "newest", 60, time.Second), newModel(driver.ByOffset, "newest")
	for i := range 20 {
		at := base.Add(-3*time.Hour - time.Duration(i)*time.Minute)
		idle.add(at, at)
	}
	s := busy.searcher()
	page := search(t, s, Request{Asks: []Ask{busy.open(t, "busy"), idle.open(t, "idle")}, Limit: 10})
	for _, c := range page.Coverage {
		if c.Src != "idle/here/a" {
			continue
		}
		if c.State != logs.Complete || !c.From.Equal(base.Add(-3*time.Hour+1)) {
			t.Errorf("the idle target's first stretch: %+v", c)
		}
		return
	}
	t.Errorf("no coverage of the idle target: %+v", page.Coverage)
}
