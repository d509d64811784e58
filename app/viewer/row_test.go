package viewer

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestRow_TimeHasTheVendorsDigitsInTheModelsZone(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	s := story{t, New()}
	s.tell(Opened{View: viewOf(algolia), Now: now, Zone: zone})
	raw := func(id, at string) logs.Entry {
		ts, _ := time.Parse(time.RFC3339Nano, at)
		return logs.Entry{ID: id, Src: algolia, Time: ts, TimeText: at}
	}
	p := wire.Page{Entries: []logs.Entry{
		raw("a", "2026-11-20T22:14:05Z"), raw("b", "2026-11-20T22:00:00.120Z"), raw("c", "2026-11-20T21:59:59.999999999Z"),
		raw("d", "2026-11-20T10:00:00.5-03:30"), raw("e", "1000-01-01T00:00:00Z"), {ID: "f", Src: algolia},
	}}
	s.tell(PageLoaded{1, body(t, p)})
	want := []Row{
		{Time: "00:14:05", Day: "2026-11-21", NewDay: true}, {Time: "00:00:00.120", Day: "2026-11-21"}, {Time: "23:59:59.999999999", Day: "2026-11-20", NewDay: true},
		{Time: "15:30:00.5", Day: "2026-11-20"}, {Time: "02:00:00", Day: "1000-01-01", NewDay: true}, {},
	}
	var r Row
	for i, w := range want {
		s.Row(i, &r)
		if r.Time != w.Time || r.Day != w.Day || r.NewDay != w.NewDay || s.DayAt(i) != w.Day {
			t.Errorf("row %d: %q %q %v, want %q %q %v", i, r.Time, r.Day, r.NewDay, w.Time, w.Day, w.NewDay)
		}
	}
	s.want(s.tell(ZoneChosen{"UTC", time.UTC}), ReplaceURL{"/logs?src=algolia/eu/APP&tz=UTC"})
	if s.Row(0, &r); r.Time != "22:14:05" {
		t.Fatalf("%q", r.Time)
	}
}

func TestTargets_LabelsTagsAndColumns(t *testing.T) {
	one, two := "coveo/us/org/sources/a", "coveo/us/org/sources/b%20c"
	s, _ := open(t, viewOf(one, two, algolia))
	s.tell(TargetsLoaded{[]wire.Target{{Address: one, Label: "Products"}, {Address: algolia, Label: "Whole application"}}})
	lanes := s.Lanes()
	for i, want := range []Lane{{Label: "Products", Tag: "C1"}, {Label: "b c", Tag: "C2"}, {Label: "APP", Tag: "A"}} {
		if lanes[i].Label != want.Label || lanes[i].Tag != want.Tag || lanes[i].State != logs.Unasked {
			t.Errorf("lane %+v, want %+v", lanes[i], want)
		}
	}
	if n := len(s.Columns()); n != 6 {
		t.Fatalf("%d columns", n)
	}
	s.tell(TargetsChosen{[]string{one}})
	for _, c := range s.Columns() {
		if c.Name == "target" {
			t.Fatal("one target needs no column")
		}
	}
}

func TestMiddleCut(t *testing.T) {
	for in, want := range map[string]string{
		"3b69f1d0-0000-4000-8000-00000000cd26": "3b69…cd26", "short": "short", "a sentence that is long enough": "a sentence that is long enough",
		"https://example.com/item/1234567": "https://example.com/item/1234567",
	} {
		if got := MiddleCut(in); got != want {
			t.Errorf("MiddleCut(%q) = %q", in, got)
		}
	}
}

func TestEntry_DecodedOnDemandWithRawByteForByte(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	e := entry(algolia, "a", time.Second)
	e.Raw = json.RawMessage(`{ "spaced" :  [1, 2.50] , "u": "\u00e9" }`)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: []logs.Entry{e}})})
	if got := s.Entry(0); string(got.Raw) != string(e.Raw) || got.ID != "a" {
		t.Fatalf("%+v", got)
	}
}

func TestLanes_EachPageTellsAllThatIsKnown(t *testing.T) {
	at := func(m int) time.Time { return now.Add(-time.Duration(m) * time.Minute) }
	cov := func(from, to int, state logs.State, reason string) logs.Coverage {
		return logs.Coverage{Src: algolia, From: at(from), To: at(to), State: state, Reason: reason}
	}
	pages := [][]logs.Coverage{
		{cov(60, 0, logs.More, "ask on")},
		{cov(10, 0, logs.Complete, ""), cov(60, 10, logs.More, "ask on")},
		{cov(60, 0, logs.More, "still answering")},
		{{Src: algolia, To: now, State: logs.Capped, Reason: "two rows moved"}, cov(30, 0, logs.Complete, ""), cov(60, 30, logs.Failed, "down")},
		{cov(60, 0, logs.Complete, "")},
	}
	want := []Lane{
		{State: logs.More, Reason: "ask on", Stretches: pages[0]},
		{State: logs.More, Reason: "ask on", From: at(10), Stretches: pages[1]},
		{State: logs.More, Reason: "still answering", From: at(10), Stretches: pages[1]},
		{State: logs.Failed, Reason: "down", From: at(30), Gaps: []string{"two rows moved"}, Stretches: pages[3]},
		{State: logs.Complete, Stretches: pages[4]},
	}
	s, _ := open(t, viewOf(algolia))
	for i, p := range pages {
		s.cover(p)
		w := want[i]
		w.Src, w.Label, w.Tag = algolia, "APP", "A"
		if got := s.Lanes()[0]; !reflect.DeepEqual(got, w) {
			t.Fatalf("page %d\n got %+v\nwant %+v", i, got, w)
		}
	}
}

func TestLanes_ReasonsAreForReaders(t *testing.T) {
	for in, want := range map[string]string{
		"more exists: ask on":              "more exists further back",
		"Coveo is still answering: ask on": "Coveo is still answering",
		"Algolia keeps no more":            "Algolia keeps no more",
		"":                                 "",
	} {
		s, _ := open(t, viewOf(algolia))
		s.tell(PageLoaded{1, body(t, wire.Page{Cursor: "c", Coverage: []logs.Coverage{{Src: algolia, From: now.Add(-time.Hour), State: logs.More, Reason: in}}})})
		if got := s.Lanes()[0].Reason; got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
