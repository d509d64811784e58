package viewer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// coming returns n entries of a target that come one after the other, the first a
// second from now, oldest first.
func coming(src string, from, n int) []logs.Entry {
	out := make([]logs.Entry, n)
	for i := range out {
		out[i] = entry(src, fmt.Sprintf("new%05d", from+i), -time.Duration(from+i+1)*time.Second)
	}
	return out
}

// frame returns the JSON of a frame with entries, as the server writes it.
func frame(tb testing.TB, src, seq string, list ...logs.Entry) []byte {
	tb.Helper()
	b := []byte(fmt.Sprintf(`{"type":"entries","seq":%q,"src":%q,"entries":[`, seq, src))
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = list[i].AppendJSON(b); err != nil {
			tb.Fatal(err)
		}
	}
	return append(b, ']', '}')
}

func said(tb testing.TB, f wire.TailFrame) []byte {
	tb.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// liveStory is a story with 100 rows whose tail has a connection.
func liveStory(tb testing.TB, srcs ...string) story {
	tb.Helper()
	if srcs == nil {
		srcs = []string{algolia}
	}
	v := viewOf(srcs...)
	v.Live = true
	s, _ := open(tb, v)
	s.tell(PageLoaded{1, body(tb, wire.Page{Entries: entries(srcs[0], 0, 100), Coverage: more(srcs[0], 99*time.Second), Scanned: 100})})
	s.up()
	return s
}

// up gives the tail its connection.
func (s story) up() {
	s.Helper()
	g := s.tail.generation
	s.tell(TailOpened{g, s.now, 0}, TailFrame{g, s.now, said(s, wire.TailFrame{Type: wire.TailStatus, Seq: "s0", Src: s.view.Src[0], State: wire.TailLive, CallsPerHour: 720, Viewers: 1})})
	if s.Live().State != LiveOn {
		s.Fatalf("the tail is %+v", s.Live())
	}
}

// send gives the tail frames.
func (s story) send(frames ...[]byte) []Effect {
	s.Helper()
	var out []Effect
	for _, f := range frames {
		out = append(out, s.tell(TailFrame{s.tail.generation, s.now, f})...)
	}
	return out
}

// later lets time go by, half a second at a time.
func (s story) later(d time.Duration) []Effect {
	s.Helper()
	var out []Effect
	for end := s.now.Add(d); s.now.Before(end); {
		out = append(out, s.tell(TailTicked{s.now.Add(500 * time.Millisecond)})...)
	}
	return out
}

func (s story) ids(n int) string {
	var out []string
	for i := range min(n, s.Len()) {
		var r Row
		s.Row(i, &r)
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func openOf(tb testing.TB, effects []Effect) OpenTail {
	tb.Helper()
	for _, e := range effects {
		if o, ok := e.(OpenTail); ok {
			return o
		}
	}
	tb.Fatalf("no OpenTail in %+v", effects)
	return OpenTail{}
}

func TestLive_BeginsAtTheNewestEntryOnceThereIsOne(t *testing.T) {
	v := viewOf(algolia)
	v.Live, v.Query = true, "entry"
	s, effects := open(t, v)
	if slices.ContainsFunc(effects, func(e Effect) bool { _, ok := e.(OpenTail); return ok }) || s.Live().State != LiveWaiting {
		t.Fatalf("it begins before the search: %+v", effects)
	}
	o := openOf(t, s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 3, 5)})}))
	if want := (OpenTail{Src: []string{algolia}, Query: "entry", Since: "2026-11-21T11:59:57Z", Generation: 1}); fmt.Sprint(o) != fmt.Sprint(want) {
		t.Errorf("got %+v", o)
	}
	if l := s.Live(); l.State != LiveConnecting || !l.Bad {
		t.Errorf("without a frame it is %+v", l)
	}
	plain, _ := open(t, viewOf(algolia))
	if got := plain.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 5)})}); len(got) != 0 {
		t.Errorf("a link without live=1 leads to %+v", got)
	}
	old, _ := open(t, v)
	if o := openOf(t, old.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 5000, 5)})})); o.Since != "2026-11-21T11:55:00Z" {
		t.Errorf("with old entries alone it begins at %s", o.Since)
	}
}

func TestLive_FollowsAtTheNewestEdge(t *testing.T) {
	s := liveStory(t)
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 3)...))
	if got := s.ids(4); got != "new00002 new00001 new00000 00000" {
		t.Fatalf("rows %s", got)
	}
	var r Row
	if s.Row(0, &r); !r.New {
		t.Error("a new row is not marked")
	}
	if s.Row(3, &r); r.New {
		t.Error("an old row is marked")
	}
	s.send(frame(t, algolia, "s2", coming(algolia, 0, 4)...))
	if s.Len() != 104 {
		t.Errorf("%d rows: what came twice is there twice", s.Len())
	}
	s.later(3 * time.Second)
	if s.Row(0, &r); r.New {
		t.Error("a row is marked for more than 2.5 s")
	}
	s.tell(Scrolled{10, 400, 20})
	if got := s.send(frame(t, algolia, "s3", coming(algolia, 9, 1)...)); !slices.Contains(got, Effect(ScrollTo{0})) && s.tail.state == LiveOn {
		t.Errorf("within 16 px of the edge it does not stay there: %+v", got)
	}
}

func TestLive_WhatPauses(t *testing.T) {
	for name, c := range map[string]struct {
		msgs  []Msg
		pause bool
	}{
		"scrolling away":        {[]Msg{Scrolled{17, 400, 20}}, true},
		"scrolling a little":    {[]Msg{Scrolled{16, 400, 20}}, false},
		"there and back":        {[]Msg{Scrolled{300, 400, 20}, Scrolled{0, 400, 20}}, false},
		"opening a row":         {[]Msg{RowOpened{0}}, true},
		"a menu or a selection": {[]Msg{Paused{}}, true},
		"finding":               {[]Msg{FindEdited{"x"}}, true},
		"focus on the newest":   {[]Msg{RowFocused{0}}, false},
		"focus on another":      {[]Msg{RowFocused{1}}, true},
		"stepping down":         {[]Msg{RowFocused{0}, Stepped{1}}, true},
		"jumping":               {[]Msg{RowFocused{0}, Jumped{To: ToError}}, false}, // nowhere to
		"Space":                 {[]Msg{PauseToggled{}}, true},
		"Space twice":           {[]Msg{PauseToggled{}, PauseToggled{}}, false},
		"sorting":               {[]Msg{SortChosen{"took"}}, true},
		"a column":              {[]Msg{ColumnAdded{"method"}, ColumnMoved{"method", 0}}, false},
		"the zone":              {[]Msg{ZoneChosen{"UTC", time.UTC}}, false},
		"typing a filter":       {[]Msg{QueryEdited{"entry"}}, false},
		"End":                   {[]Msg{Scrolled{300, 400, 20}, RowOpened{5}, WentNewest{}}, false},
		"Resume":                {[]Msg{Scrolled{300, 400, 20}, RowOpened{5}, LiveResumed{}}, false},
	} {
		s := liveStory(t)
		s.tell(c.msgs...)
		s.work()
		n := s.Len()
		s.send(frame(t, algolia, "s1", coming(algolia, 0, 3)...))
		if l := s.Live(); l.Paused != c.pause || l.Held != c.pause || s.Len() != n && c.pause || s.Len() == n && !c.pause {
			t.Errorf("%s: %+v, %d rows of %d", name, l, s.Len(), n)
		}
	}
}

func TestLive_PausedRowsStayAndNothingIsLost(t *testing.T) {
	s := liveStory(t)
	s.tell(PauseToggled{})
	before := s.ids(200)
	bad := coming(algolia, 1, 1)[0]
	bad.Level = logs.LevelError
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 1)[0], bad), frame(t, algolia, "s2", coming(algolia, 2, 35)...))
	if got := s.ids(200); got != before {
		t.Fatalf("the rows changed to %s", got)
	}
	if l := s.Live(); l.New != 37 || l.Errors != 1 || s.TitleMark() != "● (37) " {
		t.Fatalf("%+v, title %q", l, s.TitleMark())
	}
	// Show new: reading goes on from what was on top, which is the lowest row now.
	effects := s.tell(NewShown{})
	if s.work(); s.Len() != 137 || !slices.Contains(effects, Effect(ScrollTo{38*20 - 400})) {
		t.Fatalf("%d rows, %+v", s.Len(), effects)
	}
	if l := s.Live(); !l.Paused || l.Held || l.New != 0 || s.TitleMark() != "" {
		t.Errorf("afterwards %+v", l)
	}
	s.send(frame(t, algolia, "s3", coming(algolia, 37, 2)...))
	if s.Len() != 137 {
		t.Error("rows come although it is paused")
	}
	effects = s.tell(LiveResumed{})
	if s.work(); s.Len() != 139 || !slices.Contains(effects, Effect(ScrollTo{0})) || s.Live().Paused {
		t.Errorf("%d rows, %+v", s.Len(), effects)
	}
}

func TestLive_OffKeepsWhatCameAndTheReadersPlace(t *testing.T) {
	s := liveStory(t)
	s.tell(PauseToggled{})
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 10)...))
	effects := s.tell(LiveChosen{false})
	s.work()
	if s.Len() != 110 || !slices.Contains(effects, Effect(CloseTail{})) || !slices.Contains(effects, Effect(ScrollTo{200})) {
		t.Errorf("%d rows, %+v", s.Len(), effects)
	}
	if l := s.Live(); l.On || l.State != LiveOff || l.Paused {
		t.Errorf("%+v", l)
	}
}

func TestLive_ALostConnectionIsSaidWithinThreeSecondsAndResumed(t *testing.T) {
	s := liveStory(t)
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 1)...))
	effects := s.later(2 * time.Second)
	if len(effects) != 0 || s.Live().State != LiveOn {
		t.Fatalf("a beat apart it is %+v", s.Live())
	}
	effects = s.later(time.Second)
	l := s.Live()
	if !slices.Contains(effects, Effect(CloseTail{})) || l.State != LiveConnecting || !l.Bad || !l.On || !strings.Contains(l.Text, "Not live: the server has not answered") {
		t.Fatalf("%+v, %+v", effects, l)
	}
	o := openOf(t, effects)
	if o.After != "s1" || o.Since != "" {
		t.Errorf("it goes on at %+v", o)
	}
	s.tell(TailFrame{o.Generation - 1, s.now, frame(t, algolia, "old", coming(algolia, 7, 1)...)})
	if s.Len() != 101 {
		t.Error("a frame of the old connection is taken")
	}
	lost := s.now
	s.up()
	s.send(frame(t, algolia, "s2", entry(algolia, "between", now.Sub(lost)+500*time.Millisecond), coming(algolia, 90, 1)[0]))
	var gaps []string
	for i := range s.Len() {
		var r Row
		if s.Row(i, &r); r.Gap {
			gaps = append(gaps, s.Cell(i, "summary"))
			if s.tell(RowOpened{i}); s.Open() >= 0 || s.Cell(i, "level") != "" {
				t.Error("a gap is an entry")
			}
		}
	}
	if len(gaps) != 1 || !strings.Contains(gaps[0], "without connection – 1 back-filled") {
		t.Errorf("gaps %q", gaps)
	}
	if got := s.Status(); !strings.HasPrefix(got, "103 ") {
		t.Errorf("the gap is counted: %s", got)
	}
}

func TestLive_TriesAgainSlowerAndSlowerAndAtOnceWhenOnline(t *testing.T) {
	s := liveStory(t)
	var waits []time.Duration
	for range 8 {
		began := s.now
		s.tell(TailClosed{s.tail.generation, s.now, 1006, "", 0.999})
		for s.tail.state == LiveConnecting && !s.tail.socket {
			s.later(500 * time.Millisecond)
		}
		waits = append(waits, s.now.Sub(began))
	}
	if waits[0] > time.Second || waits[7] > 15*time.Second || waits[7] < 14*time.Second || !slices.IsSorted(waits) {
		t.Errorf("pauses %v", waits)
	}
	effects := s.tell(TailClosed{s.tail.generation, s.now, 1006, "", 0.5})
	if !slices.ContainsFunc(effects, func(e Effect) bool { _, ok := e.(CheckTail); return ok }) {
		t.Errorf("nobody asks why: %+v", effects)
	}
	openOf(t, s.tell(WentOnline{true}))
	s.up()
	if effects := s.tell(WentOnline{false}); !slices.Contains(effects, Effect(CloseTail{})) || s.Live().State != LiveConnecting {
		t.Errorf("offline it is %+v", s.Live())
	}
}

func TestLive_EndsWithAReason(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(s story)
		text string
		cure Action
	}{
		"logged out": {func(s story) {
			s.send(said(t, wire.TailFrame{Type: wire.TailEnd, Reason: "this session has ended"}))
			s.tell(TailClosed{s.tail.generation, s.now, wire.CloseSession, "", 0})
		}, "Live ended: this session has ended.", ActConnect},
		"forgotten": {func(s story) {
			s.tell(TailClosed{s.tail.generation, s.now, wire.CloseChanged, "", 0})
			s.tell(TailRefused{s.tail.generation, fault.New(fault.NotFound, "x").Saying("no connection reads it")})
		}, "Live ended: no connection reads it.", ActConnect},
		"a span that ends": {func(s story) { s.tell(Zoomed{now.Add(-time.Hour), now.Add(-time.Minute)}) }, "Live ended: this span ends 11:59, and nothing new falls into it.", ActFollowNow},
		"minutes":          {func(s story) { s.tell(BudgetChosen{Budget{For: time.Second}}); s.later(2 * time.Second) }, "Live ended: the 1 s that you set are over.", ActFollow},
		"calls": {func(s story) {
			s.tell(BudgetChosen{Budget{Calls: 1}})
			for range 12 {
				s.send(said(t, wire.TailFrame{Type: wire.TailStatus, Src: algolia, State: wire.TailLive, CallsPerHour: 720}))
				s.later(500 * time.Millisecond)
			}
		}, "Live ended: the 1 calls that you set are used up.", ActFollow},
		"memory": {func(s story) { s.most = 10_000; s.send(frame(t, algolia, "s1", coming(algolia, 0, 50)...)) }, "MB of entries", ActFollowNew},
	} {
		s := liveStory(t)
		c.tell(s)
		if l := s.Live(); l.On || l.State != LiveOff || !strings.Contains(l.Note, c.text) || l.Cure != c.cure || s.View().Live {
			t.Errorf("%s: %+v", name, l)
		}
	}
	s := liveStory(t)
	s.send(said(t, wire.TailFrame{Type: wire.TailEnd, Reason: "the server restarts; connecting again"}))
	s.tell(TailClosed{s.tail.generation, s.now, wire.CloseDraining, "", 0})
	if l := s.Live(); !l.On || l.State != LiveConnecting || !strings.Contains(l.Text, "the server restarts") {
		t.Errorf("a restart: %+v", l)
	}
}

func TestLive_OtherOrdersAndSpansCanBeFollowedAfterAClick(t *testing.T) {
	v := viewOf(algolia)
	v.Sort, v.To = "-took", view.Stamp(now.Add(-time.Hour))
	s, _ := open(t, v)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 5)})})
	s.tell(LiveChosen{true})
	if l := s.Live(); l.On || l.Cure != ActFollowNow {
		t.Fatalf("%+v", l)
	}
	load := loadOf(t, s.tell(LiveForced{}))
	openOf(t, s.tell(PageLoaded{load.Generation, body(t, wire.Page{Entries: entries(algolia, 0, 5)})}))
	if got := s.View(); got.To != "" || !got.Live || load.To != "" || !s.newestFirst() {
		t.Errorf("%+v", got)
	}
}

func TestLive_AnotherFilterBeginsAnewWithoutAFlash(t *testing.T) {
	s := liveStory(t)
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 3)...))
	s.tell(PauseToggled{})
	s.send(frame(t, algolia, "s2", coming(algolia, 3, 3)...))
	generation := s.tail.generation
	effects := s.tell(QuerySubmitted{"entry"})
	if !slices.Contains(effects, Effect(CloseTail{})) || s.Len() != 103 || s.Live().State != LiveWaiting {
		t.Fatalf("%+v, %d rows, %+v", effects, s.Len(), s.Live())
	}
	s.tell(TailFrame{generation, s.now, frame(t, algolia, "s3", coming(algolia, 9, 1)...)})
	o := openOf(t, s.tell(PageLoaded{loadOf(t, effects).Generation, body(t, wire.Page{Entries: entries(algolia, 0, 50)})}))
	if o.Query != "entry" || o.After != "" || o.Since == "" || s.Len() != 50 {
		t.Errorf("%+v, %d rows", o, s.Len())
	}
}

func TestLive_OneTargetThatFailsDoesNotStopTheOthers(t *testing.T) {
	s := liveStory(t, algolia, coveo)
	s.send(said(t, wire.TailFrame{Type: wire.TailStatus, Src: coveo, State: wire.TailFailing, Reason: "429: too many calls"}),
		said(t, wire.TailFrame{Type: wire.TailGap, Seq: "s1", Src: coveo, From: now.Add(time.Second), To: now.Add(13*time.Second + 400*time.Millisecond), Reason: "the vendor keeps no more"}),
		frame(t, algolia, "s2", coming(algolia, 0, 1)...))
	l := s.Live()
	if l.State != LiveOn || !l.Bad || len(l.Lanes) != 2 || !strings.Contains(l.Text, "429: too many calls.") || s.Len() != 102 {
		t.Errorf("%+v, %d rows", l, s.Len())
	}
	if got := s.Cell(0, "summary"); got != "12.4 s without data – could not be filled: the vendor keeps no more" {
		t.Errorf("the gap says %q", got)
	}
}

func TestLive_DigestAndTitleOfAHiddenTab(t *testing.T) {
	s := liveStory(t)
	s.tell(Hid{true})
	bad := coming(algolia, 0, 2)
	bad[1].Level = logs.LevelError
	s.send(frame(t, algolia, "s1", bad...))
	if s.Digest() != "" || s.TitleMark() != "● (2) " {
		t.Errorf("at once: %q, title %q", s.Digest(), s.TitleMark())
	}
	for range 11 {
		s.send(said(t, wire.TailFrame{Type: wire.TailStatus, Src: algolia, State: wire.TailLive}))
		s.later(time.Second)
	}
	if s.Digest() != "2 new, 1 error from Algolia" {
		t.Errorf("after ten seconds: %q", s.Digest())
	}
	if s.tell(Hid{false}); s.TitleMark() != "" {
		t.Errorf("seen, the title says %q", s.TitleMark())
	}
}

func TestLive_SaysWhatIsFoldedAway(t *testing.T) {
	s := liveStory(t)
	s.send(frame(t, algolia, "s1", coming(algolia, 0, 1240)...))
	s.later(500 * time.Millisecond)
	if got := s.Status(); !strings.HasPrefix(got, "showing the newest; 1,240 arrived in the last second") {
		t.Errorf("status %q", got)
	}
	s.send(said(t, wire.TailFrame{Type: wire.TailStatus, Src: algolia, State: wire.TailLive}))
	s.later(1500 * time.Millisecond)
	if got := s.Status(); strings.Contains(got, "arrived") {
		t.Errorf("later: %q", got)
	}
}
