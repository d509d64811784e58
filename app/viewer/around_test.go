package viewer

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// aroundOf is a story that came to what happened around a row of a long table.
func aroundOf(t *testing.T, v view.View, row int) (s story, before view.View) {
	t.Helper()
	s = loaded(t, v, 200)
	s.tell(Scrolled{1000, 400, 20})
	s.work()
	before = s.View()
	l := loadOf(t, s.tell(AroundAsked{row}))
	near := mixed(v.Src[0], 200)[max(row-20, 0) : row+20]
	s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: near})})
	s.work()
	return s, before
}

func TestAround_BackShowsTheTableAsItWas(t *testing.T) {
	for _, v := range []view.View{
		{Src: []string{algolia}},
		{Src: []string{algolia}, Query: "status:500"},
		{Src: []string{algolia}, Sort: "ts"},
	} {
		fresh := loaded(t, v, 200)
		fresh.work()
		want := ids(fresh)
		s, before := aroundOf(t, v, 60)
		if !s.Around() || s.Len() >= 200 {
			t.Fatalf("%+v: around %v, %d rows", v, s.Around(), s.Len())
		}
		if s.View().Query != "" {
			t.Fatalf("%+v: still filtered", v)
		}
		generation := s.load.generation
		for _, e := range s.tell(Opened{View: before, Now: now.Add(time.Minute)}) {
			if _, asks := e.(LoadPage); asks {
				t.Errorf("%+v: coming back asks the vendor", v)
			}
		}
		s.work()
		if got := ids(s); got != want {
			t.Errorf("%+v: back at %s, want %s", v, got, want)
		}
		if at := s.Focused(); s.place.top != 1000 || at != 60 || s.Open() >= 0 || s.Around() {
			t.Errorf("%+v: at %v px, focused %d, open %d", v, s.place.top, at, s.Open())
		}
		if s.load.generation < generation {
			t.Error("a generation comes twice")
		}
		// It goes on where it was: older pages are still there to read.
		effects := s.tell(WentOldest{})
		effects = append(effects, s.tell(WentOldest{})...)
		if l := loadOf(t, effects); l.Cursor != "c" || l.Generation <= generation {
			t.Errorf("%+v: the next page is %+v", v, l)
		}
	}
}

func TestAround_TheWayBackIsKeptOnlyWhereItLeads(t *testing.T) {
	s, before := aroundOf(t, view.View{Src: []string{algolia}}, 60)
	elsewhere := before
	elsewhere.Query = "status:500"
	loadOf(t, s.tell(Opened{View: elsewhere, Now: now})) // another search asks

	s, before = aroundOf(t, view.View{Src: []string{algolia}}, 60)
	s.tell(AroundAsked{3}) // around another one, from there
	s.tell(Opened{View: before, Now: now})
	if s.work(); s.Len() != 200 {
		t.Errorf("back over two: %d rows", s.Len())
	}

	live := view.View{Src: []string{algolia}, Live: true}
	s = loaded(t, live, 50)
	s.tell(AroundAsked{5})
	if s.Around() {
		t.Error("a table that is followed is kept as it was, and so falls behind")
	}
}

func TestCommon_StandsAboveTheRows(t *testing.T) {
	v := view.View{Src: []string{algolia, coveo}, Cols: []string{"ts", "level", "target", "status", "method", "took", "summary"}, From: "2026-11-21T11:59:24Z", To: "2026-11-21T12:00:24Z"}
	es := make([]logs.Entry, 12)
	for i := range es {
		es[i] = entry(algolia, fmt.Sprint("e", i), time.Duration(i)*time.Second)
		es[i].Level, es[i].Status = logs.LevelInfo, 200+i
		es[i].Fields = logs.Fields{{Name: "method", Value: "POST"}}
	}
	columns := func(s story) (out []string) {
		for _, c := range s.Columns() {
			out = append(out, c.Name)
		}
		return out
	}
	s, _ := open(t, v)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
	s.work()
	want := []Pair{{"Level", s.Cell(0, "level")}, {"Target", s.Cell(0, "target")}, {"Method", "POST"}}
	if got := s.Common(); !reflect.DeepEqual(got, want) {
		t.Errorf("common %v, want %v", got, want)
	}
	if got := columns(s); !reflect.DeepEqual(got, []string{"ts", "status", "summary"}) { // nothing took time
		t.Errorf("columns %v", got)
	}
	if !reflect.DeepEqual(s.View().Cols, v.Cols) {
		t.Errorf("the address has %v", s.View().Cols)
	}

	es[7].Src, es[8].Level = coveo, logs.LevelError
	s, _ = open(t, v)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
	s.work()
	if got := s.Common(); !reflect.DeepEqual(got, []Pair{{"Method", "POST"}}) {
		t.Errorf("common %v", got)
	}

	v.From, v.To = "", "" // a day is no neighbourhood: columns stay
	s, _ = open(t, v)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
	s.work()
	if len(s.Common()) > 0 || len(columns(s)) != len(v.Cols) {
		t.Errorf("common %v, columns %v", s.Common(), columns(s))
	}
}
