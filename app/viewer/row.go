package viewer

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
)

// Row is what one row of the table shows. It is made to be filled again and
// again; its strings stay valid, but those from the entry hold memory of the
// store, so that who keeps one for long copies it.
type Row struct {
	Key     string // what View.Sel holds when the row is open
	ID      string
	Src     string // address of the target
	Time    string // "02:14:05.123": as many digits as the vendor gave; "" without a time
	Day     string // "2026-11-21"; "" without a time
	NewDay  bool   // the first row of its day
	Level   logs.Level
	Outcome logs.Outcome
	Mark    Mark
	Target  string // label of the target
	Tag     string // short mark of the target: "A", or "A2" where several begin alike
	Status  int    // HTTP status, 0 without one
	Took    string // "252 ms", "9.8 s"; "" when the vendor did not say
	Attempt int    // 1 for the first try, 0 when attempts are not counted
	Summary string
	New     bool // came with the last reload, above what was there before, or just now
	Gap     bool // no entry: it says that there was no data
	Focused bool
	Open    bool // its details are open
	Marked  bool // the reader marked it, see Marked
}

// Mark is how a row catches the eye, see [store.Mark].
type Mark = store.Mark

// The marks.
const (
	MarkNone    = store.MarkNone
	MarkError   = store.MarkError
	MarkWarning = store.MarkWarning
	MarkOK      = store.MarkOK
	MarkQuiet   = store.MarkQuiet
)

// Took writes how long something took, as [store.Took].
func Took(d time.Duration) string { return store.Took(d) }

// fill fills in what follows from the entry alone.
func (m *Model) fill(row, e int, r *Row) {
	s := m.store
	r.ID, r.Src, r.Summary = s.ID(e), s.Src(e), s.Summary(e)
	r.Level, r.Outcome, r.Mark = s.Level(e), s.Outcome(e), s.Mark(e)
	r.Status, r.Attempt = s.Status(e), s.Attempt(e)
	r.Took = ""
	if d, ok := s.Took(e); ok {
		r.Took = Took(d)
	}
	r.Time, r.Day, r.NewDay = "", "", false
	if t := s.Time(e); !t.IsZero() {
		t = t.In(m.zone)
		r.Time, r.Day = clock(t, s.Digits(e)), day(t)
		r.NewDay = row == 0
		if row > 0 && m.byTime() {
			above := s.Time(m.table.At(row - 1)).In(m.zone)
			r.NewDay = above.YearDay() != t.YearDay() || above.Year() != t.Year()
		}
	}
}

// clock writes HH:mm:ss with so many digits of the second.
func clock(t time.Time, digits int) string {
	var buf [18]byte
	h, m, s := t.Clock()
	b := two(two(two(buf[:0], h, ':'), m, ':'), s, '.')
	if digits == 0 {
		return string(b[:8])
	}
	ns := t.Nanosecond()
	for i, unit := 0, 100_000_000; i < digits; i, unit = i+1, unit/10 {
		b = append(b, '0'+byte(ns/unit%10))
	}
	return string(b)
}

// day writes a date as 2026-11-21.
func day(t time.Time) string {
	y, m, d := t.Date()
	if y < 0 || y > 9999 {
		return t.Format(time.DateOnly)
	}
	var buf [11]byte
	b := two(buf[:0], y/100, 0)[:2]
	b = two(two(two(b, y%100, '-'), int(m), '-'), d, 0)
	return string(b[:10])
}

// two appends n in two digits, and then sep.
func two(b []byte, n int, sep byte) []byte {
	return append(b, '0'+byte(n/10), '0'+byte(n%10), sep)
}

// MiddleCut shortens long ids in the middle, "3b69…cd26": UUIDs and other long
// words of letters, digits and hyphens; everything else is returned as it is.
func MiddleCut(id string) string {
	if len(id) < 20 {
		return id
	}
	for i := range len(id) {
		c := id[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_') {
			return id
		}
	}
	return id[:4] + "…" + id[len(id)-4:]
}

// count writes a number with commas between thousands.
func count(n int) string {
	s := strconv.Itoa(n)
	var b strings.Builder
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Capital begins a sentence with a capital, unless it begins with the name of a
// parameter of the address, which is written as it is.
func Capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r < 'a' || r > 'z' {
		return s
	}
	switch what, _, _ := strings.Cut(s, " "); strings.TrimSuffix(what, ":") {
	case "q", "src":
		return s
	}
	return string(r-'a'+'A') + s[1:]
}
