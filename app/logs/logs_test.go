package logs_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

func TestTarget_AddressRoundTrips(t *testing.T) {
	for _, want := range []logs.Target{
		{Vendor: "algolia", Region: "global", Account: "APP"},
		{Vendor: "deepset", Region: "eu", Account: "my work/space", Path: []string{"pipelines", "a,b/c%d é"}},
		{Vendor: "elasticpath", Region: "x", Account: "..", Path: []string{"integrations", "id", "jobs", "job"}},
	} {
		s := want.String()
		if strings.ContainsAny(s, ", ") {
			t.Errorf("%q holds a comma or a space", s)
		}
		got, err := logs.ParseTarget(s)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q reads back as %+v, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "a/b", "a//c", "a/b/c/1/2/3/4/5", "a/b/%zz", "a/b/" + strings.Repeat("x", logs.MaxAddress)} {
		if got, err := logs.ParseTarget(bad); err == nil {
			t.Errorf("%.40q is read as %+v", bad, got)
		}
	}
}

func full() logs.Entry {
	return logs.Entry{
		ID: "id-1", Src: "algolia/global/APP", Time: time.Date(2026, 11, 22, 1, 2, 3, 4000, time.UTC), TimeText: "2026-11-22T01:02:03.000004Z",
		Level: logs.LevelError, Outcome: logs.OutcomeFailed, Summary: "a <b> & \"c\" é\x00", Took: 1500 * time.Microsecond, HasTook: true,
		Status: 500, Job: "j", Item: "i", Request: "r", Attempt: 2,
		Fields: logs.Fields{{Name: "b", Value: "x\n"}, {Name: "a", Value: 1.5}, {Name: "c", Value: true}, {Name: "d", Value: -3.0}},
		Raw:    json.RawMessage(`{"k" : "v",  "n":1}`),
	}
}

func TestEntry_JSONRoundTripsAndKeepsRaw(t *testing.T) {
	want := full()
	b, err := want.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, want.Raw) {
		t.Errorf("raw was rewritten: %s", b)
	}
	var got logs.Entry
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	empty, err := (&logs.Entry{ID: "x", Src: "s"}).AppendJSON(nil)
	if err != nil || string(empty) != `{"id":"x","src":"s"}` {
		t.Errorf("empty values are not left out: %s, %v", empty, err)
	}
}

func TestEntry_TimeKeepsTheVendorsPrecision(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-01-02T03:04:05.120Z": "2026-01-02T03:04:05.120Z",
		"yesterday":                "2026-01-02T03:04:05Z",
		"":                         "2026-01-02T03:04:05Z",
	} {
		if got := (logs.Entry{Time: at, TimeText: text}).TimeString(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := (logs.Entry{}).TimeString(); got != "" {
		t.Errorf("no time: %q", got)
	}
}

func TestNewer_EntriesWithoutTimeComeLast(t *testing.T) {
	none, old, young := &logs.Entry{}, &logs.Entry{Time: time.Unix(1, 0)}, &logs.Entry{Time: time.Unix(2, 0)}
	if !logs.Newer(young, old) || logs.Newer(old, young) || !logs.Newer(old, none) || logs.Newer(none, old) || logs.Newer(old, old) {
		t.Error("order is not newest first with timeless entries last")
	}
}

func TestSpan_StartInclusiveEndExclusive(t *testing.T) {
	s := logs.Span{From: time.Unix(10, 0), To: time.Unix(20, 0)}
	for sec, want := range map[int64]bool{9: false, 10: true, 19: true, 20: false} {
		if got := s.Holds(time.Unix(sec, 0)); got != want {
			t.Errorf("holds %d: %v", sec, got)
		}
	}
	if !s.Holds(time.Time{}) || !(logs.Span{}).Holds(time.Unix(5, 0)) {
		t.Error("entries without time, and open spans, must hold")
	}
}

func TestLevels_UnknownStaysUnknown(t *testing.T) {
	for l := logs.LevelTrace; l <= logs.LevelCritical; l++ {
		if got := logs.ParseLevel(l.String()); got != l {
			t.Errorf("%v reads back as %v", l, got)
		}
	}
	if logs.ParseLevel("chatty") != logs.LevelUnknown || logs.ParseLevel(" WARN ") != logs.LevelWarning {
		t.Error("level words")
	}
	for o := logs.OutcomeSucceeded; o <= logs.OutcomeWarned; o++ {
		if got := logs.ParseOutcome(o.String()); got != o {
			t.Errorf("%v reads back as %v", o, got)
		}
	}
}

// FuzzEntry_AppendJSON holds the hand-written encoder against encoding/json.
func FuzzEntry_AppendJSON(f *testing.F) {
	f.Add("id", "sum <x>", "field", "val\u2028ue", 1.5, int64(1500), 200)
	f.Add("\xff", "", "a\"b", "\x00", math.Copysign(0, -1), int64(-1), 0)
	f.Add("é", "&", "", "\\", 1e300, int64(1), -7)
	f.Fuzz(func(t *testing.T, id, summary, name, value string, num float64, took int64, status int) {
		e := logs.Entry{
			ID: id, Src: name, Summary: summary, Took: time.Duration(took), HasTook: took != 0, Status: status, Job: value,
			Fields: logs.Fields{{Name: name, Value: value}, {Name: name + "2", Value: num}, {Name: "b", Value: status > 0}},
		}
		got, err := e.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(e)
		if err != nil {
			return // NaN and infinities, which encoding/json refuses
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func BenchmarkEntry_AppendJSON(b *testing.B) {
	e := full()
	e.Summary = "a plain summary of an ordinary entry"
	buf, _ := e.AppendJSON(nil)
	b.SetBytes(int64(len(buf)))
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf, _ = e.AppendJSON(buf[:0])
		}
	})
	b.Run("encoding json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(e)
		}
	})
}
