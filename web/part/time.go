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

// Took writes how long something lasted, as people read it: "8 ms", "1.25 s",
// "2 min 3 s".
func Took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return trim(float64(d)/float64(time.Microsecond), 0) + " µs"
	case d < time.Second:
		return trim(float64(d)/float64(time.Millisecond), 1) + " ms"
	case d < time.Minute:
		return trim(d.Seconds(), 2) + " s"
	}
	return strconv.Itoa(int(d/time.Minute)) + " min " + strconv.Itoa(int(d%time.Minute/time.Second)) + " s"
}

// trim writes f with at most that many decimals and no trailing zeros.
func trim(f float64, decimals int) string {
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	if decimals > 0 {
		for s[len(s)-1] == '0' {
			s = s[:len(s)-1]
		}
		if s[len(s)-1] == '.' {
			s = s[:len(s)-1]
		}
	}
	return s
}

// Count writes a number with thin groups: "12 400" with U+202F.
func Count(n int) string {
	s := strconv.Itoa(n)
	head := len(s) % 3
	if n < 0 || len(s) < 5 {
		return s
	}
	out := s[:head]
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			out += "\u202f"
		}
		out += s[i : i+3]
	}
	return out
}

// Some writes a count with its noun: "1 target", "3 targets".
func Some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}
