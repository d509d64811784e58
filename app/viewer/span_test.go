package viewer

import (
	"fmt"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// span tells the span of the present address.
func (s story) span() string { v := s.View(); return v.From + " " + v.To }

func TestZoomed_PushesAndZoomsOutToWhereItCameFrom(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "entry"}, 30)
	at := func(ago time.Duration) time.Time { return now.Add(-ago) }
	effects := s.tell(Zoomed{at(10 * time.Minute).Add(700 * time.Millisecond), at(time.Hour)}) // from right to left
	s.want(effects[:1], PushURL{"/logs?q=entry&src=algolia/eu/APP&from=2026-11-21T11:00:00Z&to=2026-11-21T11:50:01Z"})
	if l := loadOf(t, effects); l.From != "2026-11-21T11:00:00Z" || l.To != "2026-11-21T11:50:01Z" {
		t.Fatalf("%+v", l)
	}
	s.tell(Zoomed{at(30*time.Minute + 5*time.Second), at(30 * time.Minute).Add(123456 * time.Nanosecond)})
	if got := s.span(); got != "2026-11-21T11:29:55Z 2026-11-21T11:30:00.001Z" {
		t.Fatalf("%s", got)
	}
	s.want(s.tell(Zoomed{at(time.Minute), at(time.Minute)}))
	if !s.Histogram(10).Zoomed {
		t.Fatal("the histogram does not know the way back")
	}
	effects = s.tell(ZoomedOut{})
	s.want(effects[:1], PushURL{"/logs?q=entry&src=algolia/eu/APP&from=2026-11-21T11:00:00Z&to=2026-11-21T11:50:01Z"})
	s.tell(ZoomedOut{})
	if got := s.span(); got != " " {
		t.Fatalf("%q", got)
	}
	s.tell(ZoomedOut{}) // nothing to go back to
	if got := s.span(); got != "now-2d " {
		t.Fatalf("%q", got)
	}
}

func TestZoomedOut_AfterTheBrowserWentBack(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(Zoomed{now.Add(-4 * time.Hour), now.Add(-2 * time.Hour)})
	first := s.View()
	s.tell(Zoomed{now.Add(-3 * time.Hour), now.Add(-150 * time.Minute)})
	s.tell(Opened{View: first, Now: now, Zone: time.UTC}, ZoomedOut{})
	if got := s.span(); got != " " {
		t.Fatalf("%q", got)
	}
}

func TestZoomedOut_WidensAroundTheMiddle(t *testing.T) {
	for from, want := range map[[2]string]string{
		{"2026-11-21T08:00:00Z", "2026-11-21T09:00:00Z"}: "2026-11-21T07:30:00Z 2026-11-21T09:30:00Z",
		{"2026-11-21T11:00:00Z", "2026-11-21T11:50:00Z"}: "2026-11-21T10:20:00Z ", // 25 minutes after the end are not there yet
		{"now-15m", ""}: "now-30m ",
		{"all", ""}:     "all ",
	} {
		s := loaded(t, view.View{Src: []string{algolia}, From: from[0], To: from[1]}, 30)
		s.tell(ZoomedOut{})
		if got := s.span(); got != want {
			t.Errorf("%v: %q, want %q", from, got, want)
		}
	}
}

func TestShifted_ByHalfAndToTheNewestEnd(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, From: "now-1h"}, 30)
	s.want(s.tell(Shifted{}))
	for _, step := range []struct {
		back bool
		want string
	}{
		{true, "2026-11-21T10:30:00Z 2026-11-21T11:30:00Z"},
		{true, "2026-11-21T10:00:00Z 2026-11-21T11:00:00Z"},
		{false, "2026-11-21T10:30:00Z 2026-11-21T11:30:00Z"},
		{false, "now-1h "},
	} {
		effects := s.tell(Shifted{Back: step.back})
		if got := s.span(); got != step.want {
			t.Fatalf("%+v: %q", step, got)
		}
		s.want(effects[:1], PushURL{s.View().URL()})
	}
	s = loaded(t, view.View{Src: []string{algolia}, From: "all"}, 30)
	s.want(s.tell(Shifted{Back: true}))
}

func TestAroundAsked_ShowsEverythingThenAndKeepsTheEntryOpen(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "status:500"}, 30)
	s.tell(Scrolled{0, 400, 20})
	effects := s.tell(AroundAsked{6})
	s.want(effects[:1], PushURL{"/logs?src=algolia/eu/APP&from=2026-11-21T11:59:24Z&to=2026-11-21T12:00:24Z&sel=00006"})
	l := loadOf(t, effects)
	if l.Query != "" || l.Limit != 500 || s.Draft() != "" {
		t.Fatalf("%+v", l)
	}
	var es []logs.Entry
	for i := range 36 {
		es = append(es, entry(algolia, fmt.Sprintf("n%d", i), time.Duration(i)*time.Second-30*time.Second))
	}
	es = append(es, mixed(algolia, 20)[6:]...)
	s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: es})})
	if e := s.Entry(s.Open()); e.ID != "00006" || s.Focused() != s.Open() {
		t.Fatalf("open %s", e.ID)
	}
}

func TestSameJobAsked_JobElseItemElseRequest(t *testing.T) {
	es := entries(algolia, 0, 4)
	es[0].Job, es[0].Item = "j 1", "i"
	es[1].Item, es[1].Request = "https://a/b?c", "r"
	es[2].Request = "r1"
	for row, want := range []string{`job:"j 1"`, `item:https://a/b?c`, "request:r1", ""} {
		s, _ := open(t, view.View{Src: []string{algolia}, Query: "entry", From: "now-1h"})
		s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
		effects := s.tell(SameJobAsked{row})
		if want == "" {
			s.want(effects)
			continue
		}
		q, err := s.opts.Parse(s.View().Query)
		if err != nil || !q.Match(&es[row]) || len(q.Clauses()) != 1 || q.Clauses()[0].Field != want[:len(q.Clauses()[0].Field)] || s.span() != "now-1h " {
			t.Errorf("row %d: %s, %s", row, s.View().Query, s.span())
		}
		if l := loadOf(t, effects); l.Query != s.View().Query {
			t.Errorf("%+v", l)
		}
	}
}

func TestHistogram_CountsMarksAndSaysWhatIsCovered(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia, coveo}, From: "now-1h"})
	es := append(mixed(algolia, 600), entries(coveo, 0, 60)...)
	cov := []logs.Coverage{
		{Src: algolia, From: now.Add(-30 * time.Minute), To: now, State: logs.Complete},
		{Src: algolia, From: now.Add(-time.Hour), To: now.Add(-30 * time.Minute), State: logs.More},
		{Src: coveo, From: now.Add(-50 * time.Minute), State: logs.Complete},
		{Src: coveo, From: now.Add(-45 * time.Minute), To: now.Add(-40 * time.Minute), State: logs.Failed, Reason: "a gap"},
		{Src: coveo, From: now.Add(-time.Hour), To: now.Add(-50 * time.Minute), State: logs.Capped},
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es, Cursor: "c", Coverage: cov})})
	h := s.Histogram(12)
	s.work()
	h = s.Histogram(12)
	if !h.From.Equal(now.Add(-time.Hour)) || !h.To.Equal(now.Add(1)) || len(h.Buckets) != 12 || h.Max != h.Buckets[11].Total {
		t.Fatalf("%+v", h)
	}
	none, some, all := CoveredNone, CoveredPart, CoveredAll
	total := 0
	for i, want := range []Covered{none, none, some, none, some, some, all, all, all, all, all, all} {
		b := h.Buckets[i]
		if b.Covered != want {
			t.Errorf("bar %d from %s: covered %d, want %d", i, b.From.Format("15:04"), b.Covered, want)
		}
		if sum := b.Marks[0] + b.Marks[1] + b.Marks[2] + b.Marks[3] + b.Marks[4]; sum != b.Total {
			t.Errorf("bar %d: marks %v of %d", i, b.Marks, b.Total)
		}
		total += b.Total
	}
	if last := h.Buckets[11]; total != 660 || last.Marks[MarkError] != 100 {
		t.Fatalf("%d rows in all, the last bar %+v", total, last)
	}
}

func TestHistogram_AnOpenSpanIsWhatIsCovered(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}, From: "all"})
	if h := s.Histogram(10); len(h.Buckets) != 0 {
		t.Fatalf("%+v", h)
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Coverage: []logs.Coverage{{Src: algolia, From: now.Add(-3 * time.Hour), To: now, State: logs.Complete}, {Src: algolia, To: now.Add(-3 * time.Hour), State: logs.Expired}}})})
	if h := s.Histogram(10); !h.From.Equal(now.Add(-3*time.Hour)) || !h.To.Equal(now.Add(1)) || len(h.Buckets) != 10 {
		t.Fatalf("%v to %v", h.From, h.To)
	}
	s.tell(Ticked{now.Add(time.Hour)})
	if h := s.Histogram(10); !h.To.Equal(now.Add(1)) {
		t.Fatal("the axis moves with the clock")
	}
}

func TestHistogram_FollowsTheFilter(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, From: "now-1h"}, 300)
	s.Histogram(6)
	s.tell(QueryEdited{"status:500"})
	s.work()
	total := 0
	for _, b := range s.Histogram(6).Buckets {
		total += b.Total
	}
	if total != 100 {
		t.Fatalf("%d", total)
	}
}
