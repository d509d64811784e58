package query

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

type boundKind uint8

const (
	bText boundKind = iota
	bNum
	bDur
	bTime
	bLevel
)

// bound is a value to compare with. Several readings may hold at once: 500 is a
// number and a text.
type bound struct {
	kind  boundKind
	text  string // folded
	num   float64
	plain bool // num is written as plainly as equality wants it
	dur   time.Duration
	level logs.Level
	// from inclusive and to exclusive: a date is a day, a minute a minute.
	from, to time.Time
}

func newBound(r ref, s string) (bound, *problem) {
	b := bound{text: Fold(s)}
	switch r.kind {
	case refLevel:
		if b.kind, b.level = bLevel, logs.ParseLevel(s); b.level == logs.LevelUnknown {
			return b, noLevel(s)
		}
		return b, nil
	case refTook:
		d, ok := parseDuration(b.text, time.Millisecond)
		if percent, found := share(s); found {
			var f float64
			f, ok = number(percent)
			ok = ok && f >= 0 && f <= 1e4
			d = time.Duration(f / 100 * float64(r.limit))
		}
		if !ok {
			return b, &problem{fmt.Sprintf("%s is not a duration", quote(s)), "took:>500ms, took:>2s or took:>80%limit"}
		}
		b.kind, b.dur = bDur, d
		return b, nil
	case refTime:
		var ok bool
		if b.from, b.to, ok = parseTime(s); !ok {
			return b, &problem{fmt.Sprintf("%s is not a date or time", quote(s)),
				"time:2026-11-21 or time:>=2026-11-21T02:14Z; relative times belong in the time box"}
		}
		b.kind = bTime
		return b, nil
	}
	if f, ok := number(b.text); ok {
		b.kind, b.num, b.plain = bNum, f, plainNumber(b.text)
	} else if d, ok := parseDuration(b.text, 0); ok {
		b.kind, b.dur = bDur, d
	} else if from, to, ok := parseTime(s); ok {
		b.kind, b.from, b.to = bTime, from, to
	}
	return b, nil
}

// number reads a decimal number. Words that strconv would take (inf, nan, hex,
// underscores) are text.
func number(s string) (float64, bool) {
	if s == "" || len(s) > 40 || !(s[0] >= '0' && s[0] <= '9' || s[0] == '-' || s[0] == '+' || s[0] == '.') {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// plainNumber reports whether equality may read s as a number: no exponent, no
// leading zero and at most 15 digits, so that ids such as 1e5, 007 and
// 20-digit ones are only ever equal to themselves.
func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if len(s) > 16 || len(s) > 1 && s[0] == '0' && s[1] != '.' {
		return false
	}
	digits := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		} else if s[i] != '.' {
			return false
		}
	}
	return digits > 0 && digits <= 15
}

var durationUnits = []struct {
	name string
	unit float64
}{
	{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9},
}

// parseDuration reads "1m30s", "1.5 s" and the like; bare is the unit of a number
// without one, 0 to refuse such numbers.
func parseDuration(s string, bare time.Duration) (time.Duration, bool) {
	if s == "" || len(s) > 40 {
		return 0, false
	}
	total, rest, neg := 0.0, s, false
	if strings.HasPrefix(rest, "-") {
		neg, rest = true, rest[1:]
	}
	for rest != "" {
		n := 0
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
			n++
		}
		f, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return 0, false
		}
		rest = strings.TrimLeft(rest[n:], " ")
		m := 0
		for m < len(rest) && !(rest[m] >= '0' && rest[m] <= '9' || rest[m] == '.' || rest[m] == ' ') {
			m++
		}
		unit := float64(bare)
		if m > 0 {
			unit = 0
			for _, u := range durationUnits {
				if u.name == rest[:m] {
					unit = u.unit
				}
			}
		} else if rest != "" || total != 0 {
			return 0, false
		}
		if unit == 0 {
			return 0, false
		}
		total += f * unit
		rest = strings.TrimLeft(rest[m:], " ")
	}
	if neg {
		total = -total
	}
	if total > 9e18 || total < -9e18 {
		return 0, false
	}
	if total < 0 {
		return time.Duration(total - 0.5), true
	}
	return time.Duration(total + 0.5), true
}

var timeLayouts = []struct {
	layout string
	length time.Duration
}{
	{"2006-01-02", 24 * time.Hour},
	{"2006-01-02T15:04", time.Minute}, {"2006-01-02T15:04Z07:00", time.Minute},
	{"2006-01-02T15:04:05", time.Second}, {"2006-01-02T15:04:05Z07:00", time.Second},
}

// parseTime reads a date, a time or epoch seconds or milliseconds, as the stretch
// of time that it names. Without an offset it is UTC.
func parseTime(s string) (from, to time.Time, ok bool) {
	if len(s) < 10 || len(s) > 40 || s[0] < '0' || s[0] > '9' {
		return from, to, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch len(s) {
		case 10:
			from = time.Unix(n, 0).UTC()
			return from, from.Add(time.Second), true
		case 13:
			from = time.UnixMilli(n).UTC()
			return from, from.Add(time.Millisecond), true
		}
		return from, to, false
	}
	s = strings.ToUpper(strings.Replace(s, " ", "T", 1))
	for _, l := range timeLayouts {
		t, err := time.Parse(l.layout, s)
		if err != nil {
			continue
		}
		length := l.length
		if length == time.Second {
			if _, fraction, found := strings.Cut(s, "."); found {
				for i := 0; i < len(fraction) && i < 9 && fraction[i] >= '0' && fraction[i] <= '9'; i++ {
					length /= 10
				}
			}
		}
		return t.UTC(), t.Add(max(length, 1)).UTC(), true
	}
	return from, to, false
}
