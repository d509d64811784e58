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

func TestOffset_KnownAndUnknownZones(t *testing.T) {
	summer, winter := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]time.Duration{summer: 2 * time.Hour, winter: time.Hour} {
		if got, ok := Offset("Europe/Paris", at); !ok || got != want {
			t.Errorf("Paris at %v: %v, %v; want %v", at, got, ok, want)
		}
	}
	if _, ok := Offset("Europe/Atlantis", summer); ok {
		t.Error("Atlantis has an offset")
	}
}
