package view

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

var (
	plus1 = time.FixedZone("+01:00", 3600)
	now   = time.Date(2026, 11, 21, 12, 34, 56, 789_000_000, time.UTC) // a Saturday, 13:34:56 in plus1
)

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-21T02:14:00Z":           "2026-11-21T02:14:00Z",
		"2026-11-21T02:14:00.123456789Z": "2026-11-21T02:14:00.123456789Z",
		"2026-11-21T02:14Z":              "2026-11-21T02:14:00Z",
		"2026-11-21T02:14+02:00":         "2026-11-21T00:14:00Z",
		"2026-11-21T02:14":               "2026-11-21T01:14:00Z",
		"2026-11-21 02:14:05.5":          "2026-11-21T01:14:05.5Z",
		"2026-11-21":                     "2026-11-20T23:00:00Z",
		"1763691240000":                  "2025-11-21T02:14:00Z",
		"1763691240":                     "2025-11-21T02:14:00Z",
		"0":                              "1970-01-01T00:00:00Z",
		"now":                            "2026-11-21T12:34:56.789Z",
		"NOW-15m":                        "2026-11-21T12:19:56.789Z",
		"now-1d/d":                       "2026-11-19T23:00:00Z",
		"now/d":                          "2026-11-20T23:00:00Z",
		"now/w":                          "2026-11-15T23:00:00Z",
		"now/M":                          "2026-10-31T23:00:00Z",
		"now/y":                          "2025-12-31T23:00:00Z",
		"now/h":                          "2026-11-21T12:00:00Z",
		"now-1h/m":                       "2026-11-21T11:34:00Z",
		"now-1M+1d-90s":                  "2026-10-22T12:33:26.789Z",
		"now+1h":                         "2026-11-21T13:34:56.789Z",
		"now 1h":                         "2026-11-21T13:34:56.789Z",
		"15m":                            "2026-11-21T12:19:56.789Z",
		"1h30m":                          "2026-11-21T11:04:56.789Z",
		"2w":                             "2026-11-07T12:34:56.789Z",
		"yesterday 17:30":                "2026-11-20T16:30:00Z",
		"Yesterday":                      "2026-11-19T23:00:00Z",
		"today 08:00":                    "2026-11-21T07:00:00Z",
		"08:00":                          "2026-11-21T07:00:00Z",
		"13:34:56":                       "2026-11-21T12:34:56Z",
		"17:30":                          "2026-11-20T16:30:00Z", // not in the future
		" 08:00 ":                        "2026-11-21T07:00:00Z",
	} {
		got, err := ParseTime(in, now, plus1)
		if err != nil || got.Location() != time.UTC || got.Format(time.RFC3339Nano) != want {
			t.Errorf("ParseTime(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
}

func TestParseTime_Refuses(t *testing.T) {
	for _, in := range []string{
		"", "later", "now-", "now-5", "now-5x", "now/", "now/x", "nowhere", "25:00", "2026-13-01", "-1", "+5", "15", "m", "99999999d", "9999999y", "now-9999999y",
		"9999999999999999", "yesterday noon", strings.Repeat("1", 65), "2026-11-21T02:14:00Zx",
	} {
		got, err := ParseTime(in, now, plus1)
		if in == "15" { // milliseconds since 1970, as the contract says
			if err != nil {
				t.Errorf("%q: %v", in, err)
			}
			continue
		}
		if fault.KindOf(err) != fault.Invalid || fault.Of(err).Msg == "" {
			t.Errorf("ParseTime(%q) = %v, %v", in, got, err)
		}
	}
}

func TestParseTime_DaysFollowTheCalendarOverAClockChange(t *testing.T) {
	// A zone that leaves summer time on 25 October 2026, as Paris does.
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 25, 12, 0, 0, 0, loc)
	for in, want := range map[string]string{"now-1d": "2026-10-24T10:00:00Z", "now-24h": "2026-10-24T11:00:00Z", "now/d": "2026-10-24T22:00:00Z"} {
		if got, err := ParseTime(in, at, loc); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v, want %s", in, got, err, want)
		}
	}
}

func TestSpan(t *testing.T) {
	day := now.Add(-24 * time.Hour)
	for _, c := range []struct {
		name string
		v    View
		want logs.Span
	}{
		{"default", View{}, logs.Span{From: day}},
		{"all", View{From: "all"}, logs.Span{}},
		{"all until", View{From: "All", To: "now"}, logs.Span{To: now}},
		{"only to", View{To: "now-1h"}, logs.Span{From: day.Add(-time.Hour), To: now.Add(-time.Hour)}},
		{"both", View{From: "now-2h", To: "now-1h"}, logs.Span{From: now.Add(-2 * time.Hour), To: now.Add(-time.Hour)}},
	} {
		if got, err := c.v.Span(now, nil); err != nil || !got.From.Equal(c.want.From) || !got.To.Equal(c.want.To) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	for _, v := range []View{{From: "now", To: "now-1h"}, {From: "now", To: "now"}, {From: "x"}, {To: "all"}} {
		if _, err := v.Span(now, nil); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", v, err)
		}
	}
	_, err := View{From: "now", To: "now-1h"}.Span(now, nil)
	if msg := fault.Of(err).Msg; !strings.Contains(msg, "2026-11-21T12:34:56.789Z") || !strings.Contains(msg, "2026-11-21T11:34:56.789Z") {
		t.Errorf("%q does not name both", msg)
	}
}

func TestAbsolute_ShowsTheSameTomorrow(t *testing.T) {
	for _, v := range []View{{}, {From: "now-15m"}, {From: "yesterday 17:30", To: "08:00"}, {From: "all"}} {
		a := v.Absolute(now, plus1)
		want, err := v.Span(now, plus1)
		if err != nil {
			t.Fatal(err)
		}
		if want.To.IsZero() {
			want.To = now
		}
		got, err := a.Span(now.Add(99*time.Hour), time.UTC)
		if err != nil || !got.From.Equal(want.From) || !got.To.Equal(want.To) {
			t.Errorf("%+v became %+v: %v, want %v, %v", v, a, got, want, err)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for in, want := range map[string][2]string{
		"15m": {"now-15m", ""}, "1h30m": {"now-1h-30m", ""}, "all": {"all", ""}, "Last 4 hours": {"now-4h", ""}, "now-1d/d": {"now-1d/d", ""},
		"08:00-09:30":                            {"2026-11-21T07:00:00Z", "2026-11-21T08:30:00Z"},
		"yesterday 17:30 to now":                 {"2026-11-20T16:30:00Z", ""},
		"2026-11-21T02:14Z .. 2026-11-21T03:00Z": {"2026-11-21T02:14:00Z", "2026-11-21T03:00:00Z"},
		"2026-11-20":                             {"2026-11-19T23:00:00Z", ""},
		"2h to 1h":                               {"now-2h", "now-1h"},
	} {
		from, to, err := ParseSpan(in, now, plus1)
		if err != nil || from != want[0] || to != want[1] {
			t.Errorf("ParseSpan(%q) = %q, %q, %v", in, from, to, err)
		}
	}
	for _, in := range []string{"", "x", "09:30-08:00 ", "1h to 2h", strings.Repeat("x", 200)} {
		if from, to, err := ParseSpan(in, now, plus1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseSpan(%q) = %q, %q, %v", in, from, to, err)
		}
	}
}

func TestPresets(t *testing.T) {
	for _, p := range Presets {
		v := View{From: p.From}
		got, ok := v.Preset()
		if _, err := v.Span(now, nil); err != nil || !ok || got != p {
			t.Errorf("%+v: %+v, %v, %v", p, got, ok, err)
		}
	}
	if _, ok := (View{From: "now-3h"}).Preset(); ok {
		t.Error("three hours is no preset")
	}
}

func TestSpanText(t *testing.T) {
	if got := SpanText(logs.Span{From: now}, plus1); got != "21 Nov 2026 13:34:56 to now" {
		t.Errorf("%q", got)
	}
	if got := SpanText(logs.Span{To: now.Truncate(time.Minute)}, nil); got != "the beginning to 21 Nov 2026 12:34" {
		t.Errorf("%q", got)
	}
}

func TestLocation(t *testing.T) {
	for in, want := range map[string]int{"UTC": 0, "utc": 0, "Z": 0, "+02:00": 7200, "-03:30": -12600} {
		loc, ok := Location(in)
		if !ok {
			t.Fatalf("%q is no zone", in)
		}
		if _, got := now.In(loc).Zone(); got != want {
			t.Errorf("%q: %d", in, got)
		}
	}
	if _, ok := Location("Europe/Paris"); ok {
		t.Error("a name needs a table")
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"now-15m/d", "1763691240000", "yesterday 17:30", "1h30m", "2026-11-21", "08:00-09:30", "15m to now", "9999999y", "99:99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseTime(s, now, plus1)
		if err == nil {
			if y := at.Year(); y < 1 || y > 9999 {
				t.Fatalf("%q is in the year %d", s, y)
			}
			again, err := ParseTime(Stamp(at), now, time.UTC)
			if err != nil || !again.Equal(at) {
				t.Fatalf("%q: %v became %v, %v", s, at, again, err)
			}
		} else if fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%q: %v", s, err)
		}
		from, to, err := ParseSpan(s, now, plus1)
		if err != nil {
			return
		}
		if _, err := (View{From: from, To: to}).Span(now, plus1); err != nil {
			t.Fatalf("%q became %q to %q: %v", s, from, to, err)
		}
	})
}
