package part

import (
	"strconv"
	"time"
)

// Age says how long ago t was, in one unit: "just now", "3 min ago". A moment
// ahead of now is "in 3 min": a vendor's clock may be wrong, and should look so.
func Age(now, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := now.Sub(t)
	if d < 0 {
		if d > -5*time.Second {
			return "just now"
		}
		return "in " + Length(-d)
	}
	if d < 5*time.Second {
		return "just now"
	}
	return Length(d) + " ago"
}

// Length writes a duration in its largest whole unit: "12 s", "3 min", "7 h",
// "9 days".
func Length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " days"
}

// Count writes a number with commas between thousands.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Some writes a count with its noun: "1 target", "3 targets".
func Some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}
