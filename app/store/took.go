package store

import (
	"strconv"
	"time"
)

// Took writes how long something took, short enough for a column: "0.4 ms",
// "252 ms", "9.8 s", "2 m 5 s", "3 h 20 m". The unit stands behind a space.
func Took(d time.Duration) string {
	var buf [24]byte
	b := buf[:0]
	if d < 0 {
		b, d = append(b, '-'), -d
	}
	if d < 0 { // the one Duration that has no opposite
		d = 1<<63 - 1
	}
	var whole, tenth, rest time.Duration
	unit, restUnit := " ms", " m"
	switch {
	case d < 9950*time.Microsecond:
		d = (d + 50*time.Microsecond) / (100 * time.Microsecond)
		whole, tenth = d/10, d%10
	case d < 999500*time.Microsecond:
		whole = (d + time.Millisecond/2) / time.Millisecond
	case d < 59950*time.Millisecond:
		d = (d + 50*time.Millisecond) / (100 * time.Millisecond)
		whole, tenth, unit = d/10, d%10, " s"
	case d < time.Hour-time.Second/2:
		d = d.Round(time.Second)
		whole, rest, unit, restUnit = d/time.Minute, d%time.Minute/time.Second, " m", " s"
	default:
		d = min(d, 1<<63-1-time.Minute).Round(time.Minute)
		whole, rest, unit = d/time.Hour, d%time.Hour/time.Minute, " h"
	}
	b = strconv.AppendInt(b, int64(whole), 10)
	if tenth > 0 {
		b = append(b, '.', '0'+byte(tenth))
	}
	b = append(b, unit...)
	if rest > 0 {
		b = append(strconv.AppendInt(append(b, ' '), int64(rest), 10), restUnit...)
	}
	return string(b)
}
