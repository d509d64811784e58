package rest

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Whole returns a whole number of at most 15 digits, or the one that a string
// holds.
func (v Value) Whole() (int, bool) {
	f, ok := v.Number()
	if !ok || f != math.Trunc(f) || math.Abs(f) > 999_999_999_999_999 {
		return 0, false
	}
	return int(f), true
}

// Seconds returns a number of seconds as a duration. It is not ok when v is no
// number, below zero, or longer than a year.
func (v Value) Seconds() (d time.Duration, ok bool) {
	f, ok := v.Number()
	if !ok || f < 0 || f > 365*24*3600 {
		return 0, false
	}
	return time.Duration(math.Round(f * float64(time.Second))), true
}

// Field returns what fits a field of an entry: a string, float64 or bool, nil for
// null, and the JSON text of objects, arrays, and of numbers that a float64 would
// change, such as a trace id of 64 bits.
func (v Value) Field() any {
	if v.IsNull() {
		return nil
	}
	switch v[0] {
	case '{', '[':
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case 't', 'f':
		return v[0] == 't'
	case '"':
		return v.Text()
	}
	f, ok := v.Number()
	if !ok || math.Abs(f) >= 1<<53 && f == math.Trunc(f) {
		return string(v)
	}
	return f
}

// timeLayouts are RFC 3339 and what vendors make of it: no zone, which then means
// UTC; a space for the T; a zone without colon.
var timeLayouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
}

// Time reads a vendor's time as UTC; the zero time when it cannot be read.
func Time(s string) time.Time {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Line returns the first line of s that is not blank, with runs of white space
// and control characters as one space, cut to at most limit bytes, the mark "…"
// included.
func Line(s string, limit int) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "\n\r"); i >= 0 {
		s = strings.TrimSpace(s[:i])
	}
	if tidy(s) {
		return Cut(s, limit)
	}
	s = Cut(s, 4*limit) // enough to fill the line, however much of it is space
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return Cut(b.String(), limit)
}

// tidy reports whether s is printable ASCII with single spaces, as nearly every
// line is.
func tidy(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && s[max(0, i-1)] == ' ' {
			return false
		}
	}
	return true
}

// Cut returns s, or as much of its start as fits into limit bytes with "…" after
// it. limit is at least 3.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := limit - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
