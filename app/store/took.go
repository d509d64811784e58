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
	tenths := func(n int64, unit string) string {
		b = strconv.AppendInt(b, n/10, 10)
		if n%10 != 0 {
			b = append(b, '.', '0'+byte(n%10))
		}
		return string(append(b, unit...))
	}
	pair := func(n time.Duration, unit string, rest time.Duration, restUnit string) string {
		b = append(strconv.AppendInt(b, int64(n), 10), unit...)
		if rest > 0 {
			b = append(strconv.AppendInt(append(b, ' '), int64(rest), 10), restUnit...)
		}
		return string(b)
	}
	switch {
	case d < 9950*time.Microsecond:
		return tenths(int64((d+50*time.Microsecond)/(100*time.Microsecond)), " ms")
	case d < 999500*time.Microsecond:
		return string(append(strconv.AppendInt(b, int64((d+time.Millisecond/2)/time.Millisecond), 10), " ms"...))
	case d < 59950*time.Millisecond:
		return tenths(int64((d+50*time.Millisecond)/(100*time.Millisecond)), " s")
	case d < time.Hour-time.Second/2:
		d = d.Round(time.Second)
		return pair(d/time.Minute, " m", d%time.Minute/time.Second, " s")
	default:
		d = min(d, 1<<63-1-time.Minute).Round(time.Minute)
		return pair(d/time.Hour, " h", d%time.Hour/time.Minute, " m")
	}
}
