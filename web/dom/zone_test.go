package dom

import (
	"testing"
	"time"
)

func TestParseOffset_FormsOfIntl(t *testing.T) {
	tests := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"GMT", 0, true},
		{"GMT+02:00", 2 * time.Hour, true},
		{"GMT-03:30", -(3*time.Hour + 30*time.Minute), true},
		{"GMT\u221205:00", -5 * time.Hour, true},
		{"GMT-00:25:21", -(25*time.Minute + 21*time.Second), true},
		{"CET", 0, false},
		{"GMT02:00", 0, false},
		{"GMT+x", 0, false},
		{"GMT+1:2:3:4", 0, false},
	}
	for _, tt := range tests {
		if got, ok := parseOffset(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("parseOffset(%q) = %v, %v; want %v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestZoneFile_SameAsTheZonesOwn(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca"} {
		want, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := time.LoadLocationFromTZData(name, zoneFile(func(unix int64) int {
			_, offset := time.Unix(unix, 0).In(want).Zone()
			return offset
		}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for at := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < endYear; at = at.Add(7 * time.Hour) {
			if _, a := at.In(got).Zone(); a != offsetOf(at, want) {
				t.Errorf("%s at %v: offset %d, want %d", name, at, a, offsetOf(at, want))
				break
			}
		}
	}
}

func offsetOf(t time.Time, loc *time.Location) int {
	_, offset := t.In(loc).Zone()
	return offset
}

func TestLocation_KnownAndUnknownZones(t *testing.T) {
	if loc, ok := Location("Europe/Paris"); !ok || loc.String() != "Europe/Paris" {
		t.Errorf("Paris: %v, %v", loc, ok)
	}
	if _, ok := Location("Europe/Atlantis"); ok {
		t.Error("Atlantis is known")
	}
}
