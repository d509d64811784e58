package viewer

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// linked is a view that a link to an entry opens.
func linked(t *testing.T, src, id string) view.View {
	t.Helper()
	v, _ := view.Parse("/e/"+src+"/"+id, "t="+view.Stamp(now.Add(-time.Hour)))
	return v
}

func TestLost_OnlyOnceAllWasRead(t *testing.T) {
	s, effects := open(t, linked(t, algolia, "00007"))
	if l := loadOf(t, effects); l.From != "2026-11-21T10:59:30Z" || l.To != "2026-11-21T11:00:30Z" {
		t.Fatalf("asks for %s to %s", l.From, l.To)
	}
	if l, ok := s.Lost(); ok {
		t.Fatalf("lost before any answer: %+v", l)
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3), Cursor: "c", Coverage: more(algolia, time.Minute)})})
	if l, ok := s.Lost(); ok {
		t.Fatalf("lost while it is sought: %+v", l)
	}
	s.tell(PageLoaded{2, body(t, wire.Page{Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}}})})
	if l, ok := s.Lost(); !ok || l != (Lost{Src: algolia, ID: "00007", End: true}) {
		t.Fatalf("%+v %t", l, ok)
	}
	s.tell(DetailsClosed{})
	if l, ok := s.Lost(); ok {
		t.Fatalf("lost although nobody asks for it: %+v", l)
	}
}

func TestLost_NotWhereItIsFound(t *testing.T) {
	s, _ := open(t, linked(t, algolia, "00001"))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3), Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}}})})
	if l, ok := s.Lost(); ok || s.Open() != 1 || s.Focused() != 1 {
		t.Fatalf("%+v, open %d", l, s.Open())
	}
}

func TestLost_AFailureIsTheReason(t *testing.T) {
	s, _ := open(t, linked(t, algolia, "00001"))
	s.tell(PageFailed{1, fault.New(fault.Forbidden, "x").Saying("a right is missing")})
	if l, ok := s.Lost(); ok {
		t.Fatalf("%+v", l)
	}
	v := linked(t, algolia, "1")
	v.Src, v.Sel = []string{algolia, coveo}, coveo+",1"
	s, _ = open(t, v)
	s.tell(PageLoaded{1, body(t, wire.Page{Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}, {Src: coveo, State: logs.Failed, Reason: "down"}}})})
	if l, ok := s.Lost(); ok {
		t.Fatalf("its target failed: %+v", l)
	}
}

func TestLost_ASearchThatStopsCanGoOn(t *testing.T) {
	s, _ := open(t, linked(t, algolia, "x"))
	for g := 1; g <= maxAuto+1; g++ {
		s.tell(PageLoaded{g, body(t, wire.Page{Cursor: "c", Coverage: more(algolia, time.Duration(g)*time.Minute)})})
	}
	if l, ok := s.Lost(); !ok || l.End || l.ID != "x" {
		t.Fatalf("%+v %t", l, ok)
	}
	loadOf(t, s.tell(MoreAsked{}))
	if l, ok := s.Lost(); ok {
		t.Fatalf("lost while it is sought again: %+v", l)
	}
}
