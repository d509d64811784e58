package viewer

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestKeys_StepsMoveFocusAndOpenDetails(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100)})})
	s.want(s.tell(Stepped{1}))
	if s.Focused() != 0 {
		t.Fatalf("focus %d", s.Focused())
	}
	s.want(s.tell(Stepped{-1}))
	s.want(s.tell(DetailsOpened{}), ReplaceURL{"/logs?src=algolia/eu/APP&sel=00000"})
	s.want(s.tell(Stepped{1}), ReplaceURL{"/logs?src=algolia/eu/APP&sel=00001"})
	s.want(s.tell(DetailsClosed{}), ReplaceURL{"/logs?src=algolia/eu/APP"})
	s.want(s.tell(DetailsClosed{}))
	s.want(s.tell(Stepped{18}))
	s.want(s.tell(Stepped{1}), ScrollTo{20}) // row 20 ends 20 px below the view
	s.want(s.tell(WentOldest{}), ScrollTo{1600})
	s.want(s.tell(WentOldest{}))
	s.want(s.tell(WentNewest{}), ScrollTo{0})
	if s.Focused() != 0 {
		t.Fatalf("focus %d", s.Focused())
	}
}

func TestSelection_SeveralTargetsNameTheTarget(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	same := []logs.Entry{entry(algolia, "a,b", time.Second), entry(coveo, "a,b", 2*time.Second)}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: same})})
	s.want(s.tell(RowOpened{1}), ReplaceURL{"/logs?src=algolia/eu/APP,coveo/us/org/sources/s1&sel=coveo/us/org/sources/s1,a,b"})
	v := s.View()
	s.tell(DetailsClosed{})
	s.tell(Opened{View: v, Now: now})
	if s.Open() != 1 {
		t.Fatalf("open %d", s.Open())
	}
	var r Row
	if s.Row(1, &r); r.Key != v.Sel || !r.Open || r.Target != "s1" || r.Tag != "C" {
		t.Fatalf("%+v", r)
	}
}

func TestJumped_ErrorsWarningsAndRelated(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	es := entries(algolia, 0, 60)
	es[10].Level, es[20].Status, es[30].Outcome, es[25].Attempt = logs.LevelError, 500, logs.OutcomeRejected, 2
	for _, i := range []int{10, 12, 40} {
		es[i].Job = "j1"
	}
	es[11].Item, es[13].Item = "x", "x"
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
	for _, step := range []struct {
		msg  Msg
		want int
	}{
		{Jumped{To: ToError}, 10}, {Jumped{To: ToError}, 20}, {Jumped{To: ToError}, 30}, {Jumped{To: ToError}, 30}, {Jumped{To: ToError, Back: true}, 20},
		{Jumped{To: ToWarning}, 25}, {Jumped{To: ToWarning, Back: true}, 25}, {RowFocused{10}, 10}, {Jumped{To: ToRelated}, 12}, {Jumped{To: ToRelated}, 40},
		{Jumped{To: ToRelated, Back: true}, 12}, {RowFocused{11}, 11}, {Jumped{To: ToRelated}, 13}, {RowFocused{50}, 50}, {Jumped{To: ToRelated}, 50}, {RowFocused{-1}, -1}, {Jumped{To: ToRelated}, -1},
	} {
		if s.tell(step.msg); s.Focused() != step.want {
			t.Fatalf("%+v: focus %d, want %d", step.msg, s.Focused(), step.want)
		}
	}
}

func TestJumped_GoesOnIntoOlderPages(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c"})})
	if l := loadOf(t, s.tell(Jumped{To: ToError})); l.Cursor != "c" {
		t.Fatalf("%+v", l)
	}
	if l := loadOf(t, s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(algolia, 100, 100), Cursor: "d"})})); l.Cursor != "d" {
		t.Fatalf("%+v", l)
	}
	es := entries(algolia, 200, 100)
	es[50].Level = logs.LevelCritical
	s.tell(PageLoaded{3, body(t, wire.Page{Entries: es, Cursor: "e"})})
	if s.Focused() != 250 {
		t.Fatalf("focus %d", s.Focused())
	}
}

func TestFocus_StaysOnItsEntryWhenRowsComeAbove(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 10, 25), Cursor: "c"})}, RowFocused{3})
	s.tell(PageLoaded{2, body(t, wire.Page{Entries: entries(coveo, 0, 5)})})
	if s.Focused() != 8 {
		t.Fatalf("focus %d", s.Focused())
	}
}
