package view

import (
	"testing"
	"time"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestShared_PinsTheTimeAndNamesTheZone(t *testing.T) {
	paris := zoneOf(t, "Europe/Paris")
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	v, _ := Parse("/ep/jobs/41", "src=elasticpath/eu/shop&from=now-15m&cols=time,status&sort=-took&sel=x&live=1&wrap=1")
	const rest = "&cols=time,status&sort=-took&sel=x"
	if got, want := v.Shared(at, paris, false).URL(),
		"/ep/jobs/41?src=elasticpath/eu/shop&from=2026-11-21T11:45:00Z&to=2026-11-21T12:00:00Z&tz=Europe/Paris"+rest+"&wrap=1"; got != want {
		t.Errorf("exact: %s, want %s", got, want)
	}
	if got, want := v.Shared(at, paris, true).URL(), "/ep/jobs/41?src=elasticpath/eu/shop&from=now-15m&tz=Europe/Paris"+rest+"&live=1&wrap=1"; got != want {
		t.Errorf("moving: %s, want %s", got, want)
	}
	v.Live = false
	if got := v.Shared(at, paris, true); got.Live {
		t.Error("a moving window follows although nobody did")
	}
}

func TestMoving(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"", "", true}, {"now-15m", "", true}, {"all", "", true}, {"2026-11-21T02:00:00Z", "", true}, {"now-2h", "now-1h", true}, {"yesterday", "2026-11-21T02:00:00Z", true},
		{"2026-11-21T02:00:00Z", "2026-11-21T03:00:00Z", false}, {"1763691240000", "2026-11-21T03:00:00Z", false}, {"all", "2026-11-21T03:00:00Z", false}, {"nonsense", "", false},
	} {
		if got := (View{From: c.from, To: c.to}).Moving(at); got != c.want {
			t.Errorf("%q to %q: %t", c.from, c.to, got)
		}
	}
}

func TestSameClock(t *testing.T) {
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name, a, b string
		from, to   time.Time
		want       bool
	}{
		{"one zone by two names", "Europe/Paris", "Europe/Berlin", time.Time{}, time.Time{}, true},
		{"an hour apart", "Europe/Paris", "Europe/London", day(11, 1), day(11, 2), false},
		{"the same in winter", "Europe/London", "UTC", day(11, 1), day(12, 1), true},
		{"the same in winter, but the span begins in summer", "Europe/London", "UTC", day(10, 20), day(11, 1), false},
		{"the same in winter, but the span ends in summer", "Europe/London", "UTC", day(3, 1), day(4, 1), false},
		{"all that there is", "Europe/London", "UTC", time.Time{}, day(12, 1), false},
		{"changes on other days", "America/New_York", "Europe/London", day(3, 1), day(4, 1), false},
		{"an empty span", "Europe/London", "UTC", day(12, 1), day(12, 1), true},
	} {
		a, b := zoneOf(t, c.a), zoneOf(t, c.b)
		if got := SameClock(a, b, c.from, c.to, day(12, 1)); got != c.want || SameClock(b, a, c.from, c.to, day(12, 1)) != got {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
