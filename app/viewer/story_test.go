package viewer

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

const (
	algolia = "algolia/eu/APP"
	coveo   = "coveo/us/org/sources/s1"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// entry returns an entry of a target, age before now.
func entry(src, id string, age time.Duration) logs.Entry {
	return logs.Entry{
		ID: id, Src: src, Time: now.Add(-age), Summary: "entry " + id, Level: logs.LevelInfo,
		Raw: json.RawMessage(`{"id":"` + id + `"}`),
	}
}

// entries returns n entries of a target, a second apart, the newest from before now.
func entries(src string, from, n int) []logs.Entry {
	out := make([]logs.Entry, n)
	for i := range out {
		out[i] = entry(src, fmt.Sprintf("%05d", from+i), time.Duration(from+i)*time.Second)
	}
	return out
}

// body returns the JSON of a page.
func body(tb testing.TB, p wire.Page) []byte {
	tb.Helper()
	b, err := wire.AppendPage(nil, &p)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// more is the coverage of a page that was read so far back, with more to read.
func more(src string, back time.Duration) []logs.Coverage {
	return []logs.Coverage{
		{Src: src, From: now.Add(-back), To: now, State: logs.Complete},
		{Src: src, From: now.Add(-24 * time.Hour), To: now.Add(-back), State: logs.More, Reason: "more exists: ask on"},
	}
}

// story drives a model by messages.
type story struct {
	testing.TB
	*Model
}

// tell sends messages and returns the effects of the last one.
func (s story) tell(msgs ...Msg) []Effect {
	s.Helper()
	var effects []Effect
	for _, msg := range msgs {
		effects = s.Update(msg)
		s.check()
	}
	return effects
}

// after reports whether the entry of row b is later than that of row a.
func after(m *Model, a, b int) bool {
	ta, _ := m.store.UnixNano(m.table.At(a))
	tb, _ := m.store.UnixNano(m.table.At(b))
	return ta < tb
}

// check checks what always holds.
func (s story) check() {
	s.Helper()
	if f := s.Focused(); f >= s.Len() {
		s.Fatalf("focus on row %d of %d", f, s.Len())
	}
	w := s.Window()
	if w.First < 0 || w.Last < w.First || w.Last > s.Len() || w.Height > MaxBody {
		s.Fatalf("window %+v of %d rows", w, s.Len())
	}
	for i := 1; s.newestFirst() && i < s.Len(); i++ {
		if after(s.Model, i-1, i) {
			s.Fatalf("rows %d and %d are out of order", i-1, i)
		}
	}
}

// want compares effects.
func (s story) want(got []Effect, want ...Effect) {
	s.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		s.Fatalf("effects\n got %+v\nwant %+v", got, want)
	}
}

// open starts a story on a view, with sizes of a screen of 20 rows.
func open(tb testing.TB, v view.View) (story, []Effect) {
	tb.Helper()
	s := story{tb, New()}
	s.tell(Scrolled{0, 400, 20})
	return s, s.tell(Opened{View: v, Now: now, Zone: time.UTC})
}

// loadOf returns the LoadPage among effects.
func loadOf(tb testing.TB, effects []Effect) LoadPage {
	tb.Helper()
	for _, e := range effects {
		if l, ok := e.(LoadPage); ok {
			return l
		}
	}
	tb.Fatalf("no LoadPage in %+v", effects)
	return LoadPage{}
}

func TestOpened_AsksForTheFirstPage(t *testing.T) {
	s, effects := open(t, view.View{Src: []string{algolia}, Query: "status:500"})
	s.want(effects, LoadPage{
		Src: []string{algolia}, Query: "status:500", From: "2026-11-20T12:00:00Z", Limit: 100, Generation: 1,
	})
	if e := s.Empty(); e.Why != EmptyLoading {
		t.Fatalf("got %+v", e)
	}
}

func TestPaging_LoadsOnNearTheEndAndStopsAtTheEnd(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}})
	s.want(s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c1", Coverage: more(algolia, 99*time.Second), Scanned: 100})}))
	s.want(s.tell(Scrolled{900, 400, 20}))
	effects := s.tell(Scrolled{1100, 400, 20}) // 100 rows are 2,000 px; 500 px are left, less than 600
	s.want(effects, LoadPage{Src: []string{algolia}, From: "2026-11-20T12:00:00Z", Cursor: "c1", Limit: 500, Generation: 2})
	s.want(s.tell(Scrolled{1200, 400, 20}))
	if f := s.Foot(); f.State != FootLoading {
		t.Fatalf("foot %+v", f)
	}
	s.want(s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(algolia, 100, 50), Scanned: 50, Coverage: []logs.Coverage{{Src: algolia, From: now.Add(-24 * time.Hour), State: logs.Complete}}})}))
	if s.Len() != 150 {
		t.Fatalf("%d rows", s.Len())
	}
	s.want(s.tell(Scrolled{2600, 400, 20}))
	if f := s.Foot(); f.State != FootEnd || f.Text != "That is everything since 20 Nov 12:00." {
		t.Fatalf("foot %+v", f)
	}
	if got := s.Status(); got != "150 entries" {
		t.Fatalf("status %q", got)
	}
}

func TestPageLoaded_StaleAnswersAreDropped(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}})
	page := body(t, wire.Page{Entries: entries(algolia, 0, 3)})
	effects := s.tell(QuerySubmitted{"x"})
	s.want(effects, PushURL{"/logs?q=x&src=algolia/eu/APP"}, CancelLoad{1},
		LoadPage{Src: []string{algolia}, Query: "x", From: "2026-11-20T12:00:00Z", Limit: 100, Generation: 2})
	s.want(s.tell(PageLoaded{1, page}, PageFailed{1, fault.New(fault.Timeout, "x")}))
	if _, failed := s.Problem(); s.Len() != 0 || failed {
		t.Fatal("an old answer was taken")
	}
	s.tell(PageLoaded{2, page})
	s.tell(PageLoaded{2, page})
	if s.Len() != 3 {
		t.Fatalf("%d rows", s.Len())
	}
}

func TestQuery_TypingReplacesAndCommitPushes(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}, Query: "e"})
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3)})})
	s.want(s.tell(QueryEdited{"en"}))
	s.want(s.tell(QueryEdited{"ent"}))
	s.want(s.tell(Ticked{now.Add(time.Second)}), ReplaceURL{"/logs?q=ent&src=algolia/eu/APP"})
	s.want(s.tell(Ticked{now.Add(2 * time.Second)}))
	effects := s.tell(QuerySubmitted{"ent"})
	// Back must lead to the query before, not to what typing made of its address.
	s.want(effects[:2], ReplaceURL{"/logs?q=e&src=algolia/eu/APP"}, PushURL{"/logs?q=ent&src=algolia/eu/APP"})
	if s.Stale() || s.Len() != 3 {
		t.Fatal("the rows must stay until the answer: of what is loaded they are the right ones")
	}
	load := loadOf(t, effects)
	s.tell(PageFailed{load.Generation, fault.New(fault.Invalid, "q").Saying("col 2: expected )")})
	if p, ok := s.Problem(); !ok || p.Older || s.Len() != 3 || s.Foot().State != FootNone {
		t.Fatalf("problem %+v, %d rows, foot %+v", p, s.Len(), s.Foot())
	}
}

func TestQuery_ChoosingATimeCommitsWhatTheBoxSays(t *testing.T) {
	for _, wait := range []bool{false, true} { // whether typing already reached the address
		s, _ := open(t, view.View{Src: []string{algolia}, Query: "a"})
		s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3)})}, QueryEdited{" ab "})
		var restored []Effect
		if wait {
			s.want(s.tell(Ticked{now.Add(2 * time.Second)}), ReplaceURL{"/logs?q=+ab+&src=algolia/eu/APP"})
			restored = []Effect{ReplaceURL{"/logs?q=a&src=algolia/eu/APP"}}
		}
		effects := s.tell(SpanChosen{From: "now-1h"})
		s.want(effects[:len(effects)-1], append(restored, PushURL{"/logs?q=ab&src=algolia/eu/APP&from=now-1h"})...)
		if l := loadOf(t, effects); l.Query != "ab" || s.Draft() != "ab" {
			t.Errorf("asks for %q, the box holds %q", l.Query, s.Draft())
		}
	}
}

// viewOf is the plain view of some targets.
func viewOf(srcs ...string) view.View { return view.View{Src: srcs} }
