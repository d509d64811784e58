package viewer

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// markedRows returns which rows are marked, as "0 3".
func markedRows(s story) string {
	var out []string
	var r Row
	for i := range s.Len() {
		if s.Row(i, &r); r.Marked {
			out = append(out, r.ID)
		}
	}
	return strings.Join(out, " ")
}

func TestMarks_TwoNewestAreCompared(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 10)})})
	if _, ok := s.Compared(); ok || s.Marks() != 0 {
		t.Error("something is marked from the start")
	}
	s.want(s.tell(Marked{3}))
	if _, ok := s.Compared(); ok || !strings.Contains(s.Status(), "1 marked") {
		t.Errorf("one mark: %q", s.Status())
	}
	s.tell(Marked{1}, Marked{7})
	if got := markedRows(s); got != "00001 00003 00007" {
		t.Errorf("marked: %s", got)
	}
	if v, ok := s.Compared(); !ok || v.URL() != "/compare?src=algolia/eu/APP&pick=00001&pick=00007" {
		t.Errorf("%v, %s", ok, v.URL())
	}
	s.tell(Marked{7}) // the same again takes it away
	if v, _ := s.Compared(); strings.Join(v.Pick, " ") != "00003 00001" {
		t.Errorf("picked %v", v.Pick)
	}
	s.tell(Marked{-1}, Marked{10}, MarkedRange{99})
	if s.Marks() != 2 {
		t.Errorf("rows that are not there are marked: %d", s.Marks())
	}
	s.tell(MarksCleared{})
	if s.Marks() != 0 || markedRows(s) != "" || strings.Contains(s.Status(), "marked") {
		t.Errorf("cleared: %d, %q", s.Marks(), s.Status())
	}
}

func TestMarks_RangeHasItsEndsAsNewest(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 300)})})
	s.tell(Marked{2}, MarkedRange{6})
	if got := markedRows(s); got != "00002 00003 00004 00005 00006" {
		t.Errorf("down: %s", got)
	}
	if v, _ := s.Compared(); strings.Join(v.Pick, " ") != "00002 00006" {
		t.Errorf("down compares %v", v.Pick)
	}
	s.tell(MarksCleared{}, Marked{6}, MarkedRange{2})
	if v, _ := s.Compared(); markedRows(s) != "00002 00003 00004 00005 00006" || strings.Join(v.Pick, " ") != "00006 00002" {
		t.Errorf("up compares %v of %s", v.Pick, markedRows(s))
	}
	s.tell(MarksCleared{}, Marked{0}, MarkedRange{299})
	if v, _ := s.Compared(); s.Marks() != MaxMarked || strings.Join(v.Pick, " ") != "00000 00299" {
		t.Errorf("%d marked, compares %v", s.Marks(), v.Pick)
	}
}

func TestMarks_OutliveTheSearchAndItsTargets(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 10)})})
	s.tell(Marked{4})
	load := loadOf(t, s.tell(TargetsChosen{[]string{coveo}}))
	s.tell(PageLoaded{load.Generation, body(t, wire.Page{Entries: []logs.Entry{entry(coveo, "c,1", time.Second)}})})
	if markedRows(s) != "" || s.Marks() != 1 {
		t.Errorf("%s, %d", markedRows(s), s.Marks())
	}
	s.tell(Marked{0})
	v, ok := s.Compared()
	if !ok || strings.Join(v.Src, " ") != coveo+" "+algolia || strings.Join(v.Pick, " ") != algolia+",00004 "+coveo+",c,1" {
		t.Fatalf("%v, %v, %v", ok, v.Src, v.Pick)
	}
	for i, key := range v.Pick {
		if e, ok := s.EntryOf(key); !ok || e.ID != []string{"00004", "c,1"}[i] {
			t.Errorf("%s: %v, %q", key, ok, e.ID)
		}
	}
	if _, ok := s.EntryOf(""); ok {
		t.Error("no key is an entry")
	}
	again, notices := view.Parse("/compare", v.RawQuery())
	if !again.Equal(v) || len(notices) > 0 || again.Place().Kind != view.Compare {
		t.Errorf("%s reads as %+v, %v", v.URL(), again, notices)
	}
}

func TestMarks_GapsAndEntriesWithoutIDAreNone(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: []logs.Entry{{Src: algolia, Time: now, Summary: "x"}}})})
	if s.tell(Marked{0}); s.Marks() != 0 {
		t.Error("an entry that has no key is marked")
	}
}
