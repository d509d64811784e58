package view

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
)

// maxTimeBytes bounds a typed time.
const maxTimeBytes = 64

// Stamp writes a moment as addresses hold it: RFC 3339 in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// layouts are the absolute forms. Those without zone are read in the caller's.
var layouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006-01-02T15Z07:00",
}

// clocks are the forms of a time of day.
var clocks = []string{"15:04", "15:04:05.999999999"}

// ParseTime reads a time as people and links write it, and returns it in UTC:
//
//	2026-11-21T02:14:00Z  2026-11-21 02:14  2026-11-21   in loc where no zone is given
//	1763691240000                                        milliseconds since 1970; ten digits are seconds
//	now  now-15m  now-1d/d  now/h                        /d goes back to the start of the day in loc
//	15m  2h  1h30m  7d                                   so long ago
//	yesterday  yesterday 17:30  today 08:00
//	08:00                                                the last time that it was eight, never ahead of now
//
// Units are s, m, h, d, w, M (months) and y; days and longer follow the calendar
// of loc. A nil loc is UTC. The error is fault.Invalid and names these forms.
func ParseTime(s string, now time.Time, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	now = now.In(loc)
	text := strings.TrimSpace(s)
	if text == "" || len(text) > maxTimeBytes {
		return time.Time{}, badTime(text)
	}
	if t, ok := parseEpoch(text); ok {
		return t, nil
	}
	if rest, ok := cutFold(text, "now"); ok {
		if t, ok := shift(now, rest); ok && sane(t) {
			return t.UTC(), nil
		}
		return time.Time{}, badTime(text)
	}
	for i, word := range []string{"today", "yesterday"} {
		if rest, ok := cutFold(text, word); ok {
			if t, ok := onDay(now.AddDate(0, 0, -i), strings.TrimSpace(rest)); ok {
				return t.UTC(), nil
			}
			return time.Time{}, badTime(text)
		}
	}
	if t, ok := onDay(now, text); ok {
		if t.After(now) {
			t, _ = onDay(now.AddDate(0, 0, -1), text)
		}
		return t.UTC(), nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil && sane(t) {
			return t.UTC(), nil
		}
	}
	if t, ok := ago(now, text); ok && sane(t) {
		return t.UTC(), nil
	}
	return time.Time{}, badTime(text)
}

func badTime(text string) error {
	if len(text) > maxTimeBytes {
		return fault.New(fault.Invalid, "view: time").Saying("a time is at most 64 characters long")
	}
	return fault.New(fault.Invalid, "view: time").Saying(
		"“" + strings.ToValidUTF8(text, "\uFFFD") + "” is no time; write now-15m, 2h, yesterday 17:30, 08:00 or 2026-11-21T02:14Z")
}

// sane bounds times to the years that RFC 3339 can write.
func sane(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 1 && y <= 9999
}

// parseEpoch reads milliseconds since 1970. Ten digits are seconds, as unix
// tools print them: as milliseconds they would be in 1970, before any log.
func parseEpoch(s string) (time.Time, bool) {
	if len(s) > 15 || s[0] == '+' || s[0] == '-' {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(s) == 10 {
		n *= 1000
	}
	t := time.UnixMilli(n).UTC()
	return t, sane(t)
}

// cutFold cuts a word off the front, whatever its case.
func cutFold(s, word string) (string, bool) {
	if len(s) >= len(word) && strings.EqualFold(s[:len(word)], word) {
		return s[len(word):], true
	}
	return s, false
}

// onDay returns a time of day on the day of t, or its start for "".
func onDay(t time.Time, clock string) (time.Time, bool) {
	y, m, d := t.Date()
	if clock == "" {
		return time.Date(y, m, d, 0, 0, 0, 0, t.Location()), true
	}
	for _, layout := range clocks {
		if c, err := time.Parse(layout, clock); err == nil {
			return time.Date(y, m, d, c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), t.Location()), true
		}
	}
	return time.Time{}, false
}

// shift applies terms such as -1d+2h/d, left to right.
func shift(t time.Time, terms string) (time.Time, bool) {
	for terms != "" {
		sign := terms[0]
		terms = terms[1:]
		if sign == '/' {
			if terms == "" {
				return t, false
			}
			var ok bool
			if t, ok = floor(t, terms[0]); !ok {
				return t, false
			}
			terms = terms[1:]
			continue
		}
		if sign == ' ' { // an unescaped + of a typed address arrives as a space
			sign = '+'
		}
		if sign != '+' && sign != '-' {
			return t, false
		}
		n, unit, rest, ok := term(terms)
		if !ok {
			return t, false
		}
		if sign == '-' {
			n = -n
		}
		if t, ok = add(t, n, unit); !ok {
			return t, false
		}
		terms = rest
	}
	return t, true
}

// ago reads 15m or 1h30m as so long before now.
func ago(now time.Time, s string) (time.Time, bool) {
	t := now
	for s != "" {
		n, unit, rest, ok := term(s)
		if !ok {
			return t, false
		}
		if t, ok = add(t, -n, unit); !ok {
			return t, false
		}
		s = strings.TrimLeft(rest, " ")
	}
	return t, true
}

// term cuts a number and its unit off the front.
func term(s string) (n int, unit byte, rest string, ok bool) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	if i == 0 || i > 7 || i == len(s) {
		return 0, 0, "", false
	}
	n, _ = strconv.Atoi(s[:i])
	return n, s[i], s[i+1:], true
}

// add moves t by n units. Days and longer keep the time of day.
func add(t time.Time, n int, unit byte) (time.Time, bool) {
	switch unit {
	case 's':
		return t.Add(time.Duration(n) * time.Second), true
	case 'm':
		return t.Add(time.Duration(n) * time.Minute), true
	case 'h':
		if n > 2_000_000 || n < -2_000_000 { // beyond what a Duration holds
			return t, false
		}
		return t.Add(time.Duration(n) * time.Hour), true
	case 'd':
		return t.AddDate(0, 0, n), true
	case 'w':
		return t.AddDate(0, 0, 7*n), true
	case 'M':
		return t.AddDate(0, n, 0), true
	case 'y':
		return t.AddDate(n, 0, 0), true
	}
	return t, false
}

// floor goes back to the start of the unit. Weeks start on Monday.
func floor(t time.Time, unit byte) (time.Time, bool) {
	y, m, d := t.Date()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, t.Location()) }
	switch unit {
	case 's':
		return t.Add(-time.Duration(t.Nanosecond())), true
	case 'm':
		return t.Add(-time.Duration(t.Nanosecond()) - time.Duration(t.Second())*time.Second), true
	case 'h':
		return t.Add(-time.Duration(t.Nanosecond()) - time.Duration(t.Second())*time.Second - time.Duration(t.Minute())*time.Minute), true
	case 'd':
		return day(y, m, d), true
	case 'w':
		return day(y, m, d-(int(t.Weekday())+6)%7), true
	case 'M':
		return day(y, m, 1), true
	case 'y':
		return day(y, time.January, 1), true
	}
	return t, false
}

// Location returns the zone of a name that needs no table: UTC, Z, and offsets
// such as +02:00. Other names are for the caller, whose platform has the table.
func Location(name string) (*time.Location, bool) {
	if strings.EqualFold(name, "utc") || strings.EqualFold(name, "z") {
		return time.UTC, true
	}
	t, err := time.Parse("-07:00", name)
	if err != nil {
		return nil, false
	}
	_, offset := t.Zone()
	return time.FixedZone(name, offset), true
}
