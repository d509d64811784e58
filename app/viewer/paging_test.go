package viewer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

func TestPageFailed_KeepsRowsAndOffersRetry(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c1"})})
	s.tell(Scrolled{1600, 400, 20})
	s.want(s.tell(PageFailed{2, fault.New(fault.Unavailable, "x").Saying("Algolia is not reachable").Quoting("503 from upstream")}))
	f := s.Foot()
	if s.Len() != 100 || f.State != FootFailed || f.Text != "Algolia is not reachable." || f.Problem.Fault.Said != "503 from upstream" || f.Actions[0] != ActRetry {
		t.Fatalf("%d rows, foot %+v", s.Len(), f)
	}
	s.want(s.tell(Scrolled{1590, 400, 20})) // a failed page is not asked for by scrolling
	s.want(s.tell(Ticked{now.Add(time.Hour)}))
	s.want(s.tell(Retried{}), LoadPage{Src: []string{algolia}, From: "2026-11-20T12:00:00Z", Cursor: "c1", Limit: 500, Generation: 3})
	s.want(s.tell(Retried{}))
	s.tell(PageLoaded{3, body(t, wire.Page{Entries: entries(algolia, 100, 10)})})
	if s.Len() != 110 || s.Foot().State != FootEnd {
		t.Fatalf("%d rows, foot %+v", s.Len(), s.Foot())
	}
}

func TestPageFailed_RateLimitCountsDownAndRepeats(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	e := fault.New(fault.RateLimited, "x").Saying("too many calls")
	e.RetryAfter = 3 * time.Second
	s.tell(PageFailed{1, e})
	s.want(s.tell(Ticked{now.Add(time.Second)}))
	if p, ok := s.Problem(); !ok || p.RetryIn != 2*time.Second {
		t.Fatalf("%+v", p)
	}
	if got := s.Empty(); got.Why != EmptyFailed || got.Text != "Too many calls. Trying again in 2 s." {
		t.Fatalf("%+v", got)
	}
	if l := loadOf(t, s.tell(Ticked{now.Add(3 * time.Second)})); l.Generation != 2 || l.Cursor != "" {
		t.Fatalf("%+v", l)
	}
}

func TestPageFailed_UnreadableAnswer(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, []byte(`<html>`)})
	if p, ok := s.Problem(); !ok || p.Fault.Kind != fault.BadUpstream || s.Empty().Why != EmptyFailed {
		t.Fatalf("%+v", p)
	}
	loadOf(t, s.tell(Retried{}))
	s.tell(PageFailed{2, errors.New("plain")})
	if p, _ := s.Problem(); p.Fault.Kind != fault.Internal || strings.Contains(s.Empty().Text, "plain") {
		t.Fatalf("%+v, %q", p, s.Empty().Text)
	}
}

func TestPaging_EmptyPagesAreFollowedForAWhile(t *testing.T) {
	s, effects := open(t, view.View{Src: []string{algolia}, Query: "rare"})
	pages := 0
	for len(effects) > 0 {
		l := loadOf(t, effects)
		pages++
		back := time.Duration(pages) * time.Hour
		p := wire.Page{Cursor: fmt.Sprint("c", pages), Scanned: 1000, Coverage: more(algolia, back)}
		if pages == 2 {
			p.Entries = entries(algolia, 7000, 2)
		}
		effects = s.tell(PageLoaded{l.Generation, body(t, p)})
	}
	if pages != maxAuto+1 {
		t.Fatalf("%d pages were read", pages)
	}
	f := s.Foot()
	if f.State != FootAsk || f.Text != "Stopped · searched back to 20 Nov 23:00 · 13,000 read · 2 match" {
		t.Fatalf("%+v", f)
	}
	s.want(s.tell(Scrolled{1, 400, 20}))
	if l := loadOf(t, s.tell(MoreAsked{})); l.Cursor != "c13" {
		t.Fatalf("%+v", l)
	}
	s.want(s.tell(LoadCanceled{}), CancelLoad{14})
	if f := s.Foot(); f.State != FootAsk || s.Status() != "2 match · 13,000 read · searched back to 20 Nov 23:00" {
		t.Fatalf("%+v, %q", f, s.Status())
	}
}

func TestLoadCanceled_BeforeTheFirstPage(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.want(s.tell(LoadCanceled{}), CancelLoad{1})
	if e := s.Empty(); e.Why != EmptyFailed || e.Actions[0] != ActReload {
		t.Fatalf("%+v", e)
	}
	s.want(s.tell(LoadCanceled{}))
	loadOf(t, s.tell(Reloaded{}))
}

func TestSpan_FromAfterToLoadsNothingAndTells(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 5)})})
	s.want(s.tell(SpanChosen{"now-1h", "now-2h"}), PushURL{"/logs?src=algolia/eu/APP&from=now-1h&to=now-2h"})
	p, ok := s.Problem()
	if !ok || p.Fault.Kind != fault.Invalid || !strings.Contains(p.Fault.Msg, "2026-11-21T11:00:00Z") || !strings.Contains(p.Fault.Msg, "2026-11-21T10:00:00Z") {
		t.Fatalf("%+v", p)
	}
	if s.Len() != 5 || s.Foot().State != FootNone {
		t.Fatalf("%d rows, %+v", s.Len(), s.Foot())
	}
	if l := loadOf(t, s.tell(SpanChosen{view.All, ""})); l.From != "" || l.To != "" {
		t.Fatalf("%+v", l)
	}
}

func TestReloaded_KeepsPlaceFocusAndDetails(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c"})})
	s.tell(Scrolled{600, 400, 20}, RowOpened{35})
	id := s.Entry(35).ID
	l := loadOf(t, s.tell(Reloaded{}))
	if !s.Stale() {
		t.Fatal("the rows are of the load before")
	}
	fresh := entries(algolia, -10, 110) // ten newer ones above
	effects := s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: fresh, Cursor: "c"})})
	s.want(effects, ScrollTo{800})
	if s.Focused() != 45 || s.Open() != 45 || s.Entry(45).ID != id {
		t.Fatalf("focus %d, open %d", s.Focused(), s.Open())
	}
	var r Row
	for i := range 12 {
		s.Row(i, &r)
		if r.New != (i < 10) {
			t.Fatalf("row %d new %v", i, r.New)
		}
	}
}

func TestPageLoaded_RowsPutInAboveDoNotMoveTheView(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c"})})
	s.tell(Scrolled{1405, 400, 20})
	top := s.Entry(70).ID
	s.want(s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(coveo, 0, 10), Cursor: "d"})})[:1], ScrollTo{1605})
	if s.Entry(80).ID != top {
		t.Fatal("the anchor moved")
	}
}

func TestOpened_SelectedRowIsSoughtInOlderPages(t *testing.T) {
	s, effects := open(t, view.View{Src: []string{algolia}, Sel: "00150"})
	effects = s.tell(PageLoaded{loadOf(t, effects).Generation, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c"})})
	if l := loadOf(t, effects); l.Cursor != "c" {
		t.Fatalf("%+v", l)
	}
	effects = s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(algolia, 100, 500), Cursor: "d"})})
	s.want(effects, ScrollTo{150*20 - 190})
	if s.Open() != 150 {
		t.Fatalf("open %d", s.Open())
	}
}

func TestOpened_BackToTheSameSearchLoadsNothing(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 10)})})
	s.want(s.tell(Opened{View: view.View{Src: []string{algolia}, Sel: "00003"}, Now: now}))
	if s.Open() != 3 {
		t.Fatalf("open %d", s.Open())
	}
	s.want(s.tell(Opened{View: viewOf(algolia), Now: now}))
	if s.Open() != -1 {
		t.Fatalf("open %d", s.Open())
	}
	loadOf(t, s.tell(Opened{View: view.View{Src: []string{algolia}, Query: "a"}, Now: now}))
}

// A server of random pages, failures, cancels, retries and scrolls: in the end
// every entry is there once and in order, and no more than one load was ever
// under way.
func TestPaging_RandomWalksLoseAndDoubleNothing(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 3))
		n := r.IntN(1200)
		all := make([]logs.Entry, n)
		for i := range all {
			all[i] = entry([]string{algolia, coveo}[r.IntN(2)], fmt.Sprint(i), 0)
			all[i].Time = now.Add(-time.Duration(i/3) * time.Second)
		}
		s, effects := open(t, viewOf(algolia, coveo))
		var under *LoadPage
		take := func(effects []Effect) {
			for _, e := range effects {
				switch e := e.(type) {
				case CancelLoad:
					if under == nil || under.Generation != e.Generation {
						t.Fatal("canceled what is not under way")
					}
					under = nil
				case LoadPage:
					if under != nil {
						t.Fatal("two loads are under way")
					}
					under = &e
				}
			}
		}
		take(effects)
		for step := 0; step < 4000; step++ {
			if under == nil && s.load.cursor == "" && s.load.err == nil && !s.load.replace {
				break
			}
			switch k := r.IntN(12); {
			case under != nil && k < 8:
				from := 0
				if under.Cursor != "" {
					fmt.Sscan(under.Cursor, &from)
				}
				p := wire.Page{Scanned: 10, Coverage: more(algolia, time.Minute)}
				to := min(from+r.IntN(under.Limit+1), n) // empty pages happen
				p.Entries = all[max(0, from-r.IntN(4)):to]
				if to < n {
					p.Cursor = fmt.Sprint(to)
				}
				gen := under.Generation
				under = nil
				if k == 7 {
					take(s.tell(PageFailed{gen, fault.New(fault.Timeout, "x")}))
				} else {
					take(s.tell(PageLoaded{gen, body(t, p)}))
				}
			case k == 8 && under != nil:
				take(s.tell(LoadCanceled{}))
			case k == 9:
				take(s.tell(Retried{}))
			case k == 10:
				take(s.tell(MoreAsked{}))
			default:
				take(s.tell(Scrolled{float64(s.Len()) * 20, 400, 20}))
			}
		}
		if s.Len() != n {
			t.Fatalf("seed %d: %d rows of %d", seed, s.Len(), n)
		}
		seen := map[string]bool{}
		for i := range n {
			e := s.Entry(i)
			if seen[e.Key()] || e.ID != fmt.Sprint(i) {
				t.Fatalf("seed %d: row %d is %s", seed, i, e.ID)
			}
			seen[e.Key()] = true
		}
	}
}

func TestPageLoaded_FailingTargetIsNotPressed(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	failed := append(more(algolia, time.Hour), logs.Coverage{Src: coveo, To: now, State: logs.Failed, Reason: "too many calls", RetryAfterMS: 5000})
	// As long as another target gives entries, the walk goes on.
	if l := loadOf(t, s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 10), Cursor: "a", Coverage: failed})})); l.Cursor != "a" {
		t.Fatalf("%+v", l)
	}
	s.want(s.tell(PageLoaded{2, body(t, wire.Page{Cursor: "b", Coverage: failed})}))
	s.want(s.tell(Scrolled{0, 400, 20}, Ticked{now.Add(2 * time.Second)}))
	f := s.Foot()
	if f.State != FootAsk || f.Text != "Not all targets answer · searched back to 11:00 · trying again in 3 s" || len(f.Lines) != 1 || f.Lines[0] != "s1: This could not be read: too many calls." {
		t.Fatalf("%+v", f)
	}
	if l := loadOf(t, s.tell(Ticked{now.Add(5 * time.Second)})); l.Cursor != "b" {
		t.Fatalf("%+v", l)
	}
	failed[2].RetryAfterMS = 0
	s.want(s.tell(PageLoaded{3, body(t, wire.Page{Cursor: "c", Coverage: failed})}))
	s.want(s.tell(Ticked{now.Add(time.Hour)}))
	if l := loadOf(t, s.tell(Retried{})); l.Cursor != "c" {
		t.Fatalf("%+v", l)
	}
}

// While a vendor takes its time, the page looks again by itself, less and less
// often, for one entry at a time, and stops when the vendor has answered.
func TestTicked_AsksOnForATargetThatIsStillAnswering(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	slow := logs.Coverage{Src: coveo, From: now.Add(-24 * time.Hour), State: logs.More, Waiting: true}
	s.tell(Scrolled{0, 400, 20}, PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c1", Coverage: []logs.Coverage{slow}})})
	if l := s.Lanes()[1]; !l.Waiting() {
		t.Fatalf("lane %+v", l)
	}
	s.want(s.tell(Ticked{now.Add(time.Second)}))
	if l := loadOf(t, s.tell(Ticked{now.Add(2 * time.Second)})); l.Cursor != "c1" || l.Limit != 1 {
		t.Fatalf("%+v", l)
	}
	s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(algolia, 100, 1), Cursor: "c2", Coverage: []logs.Coverage{slow}})})
	s.want(s.tell(Ticked{now.Add(4 * time.Second)}))
	if l := loadOf(t, s.tell(Ticked{now.Add(6 * time.Second)})); l.Cursor != "c2" || l.Limit != 1 {
		t.Fatalf("%+v", l)
	}
	s.tell(PageLoaded{3, body(t, wire.Page{Entries: entries(coveo, 0, 1), Cursor: "c3", Coverage: more(coveo, time.Minute)})})
	s.want(s.tell(Ticked{now.Add(time.Hour)}))

	s, _ = open(t, viewOf(algolia, coveo))
	s.tell(Scrolled{0, 400, 20}, PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c1", Coverage: []logs.Coverage{slow}})}, LoadCanceled{})
	s.want(s.tell(Ticked{now.Add(time.Minute)})) // the reader said stop
}
