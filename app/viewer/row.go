package viewer

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
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
	New     bool // came with the last reload, above what was there before
	Focused bool
	Open    bool // its details are open
}

// Mark is how a row catches the eye. It follows from level, outcome, status and
// attempt, so that a colour means the same for every vendor. Success is marked
// only where it is what people look for, see [Store.mark]: where nearly every row
// has succeeded, marking them all would hide the one that has not.
type Mark uint8

// The marks.
const (
	MarkNone    Mark = iota // normal traffic
	MarkError               // failed, rejected, level error or critical, status 5xx
	MarkWarning             // level or outcome warning, status 4xx, a repeated attempt; also failed with level warning
	MarkOK                  // delivered, or indexed at last
	MarkQuiet               // debug, trace, skipped
)

var markNames = [...]string{"", "err", "warn", "ok", "quiet"}

// String returns the mark's name in markup: "", "err", "warn", "ok", "quiet".
func (m Mark) String() string {
	if int(m) < len(markNames) {
		return markNames[m]
	}
	return ""
}

func markOf(level logs.Level, outcome logs.Outcome, status, attempt uint16) Mark {
	switch {
	case level == logs.LevelWarning && outcome == logs.OutcomeFailed && status < 500: // the caller's mistake, as Algolia's 4xx
		return MarkWarning
	case level >= logs.LevelError, outcome == logs.OutcomeFailed, outcome == logs.OutcomeRejected, status >= 500:
		return MarkError
	case level == logs.LevelWarning, outcome == logs.OutcomeWarned, status >= 400, attempt > 1:
		return MarkWarning
	case outcome == logs.OutcomeSucceeded:
		return MarkOK
	case level == logs.LevelDebug, level == logs.LevelTrace, outcome == logs.OutcomeSkipped:
		return MarkQuiet
	}
	return MarkNone
}

// mark returns the mark of an entry. A delivery of Elastic Path or Moltin is there
// to succeed, and so is an item of Coveo's when it reaches the index, which is the
// last of its stages; an answered call of a search, or a stage passed on the way,
// is normal traffic.
func (s *Store) mark(e uint32) Mark {
	m := markOf(s.flags[e].level(), s.flags[e].outcome(), s.status[e], s.attempts[e])
	if m != MarkOK {
		return m
	}
	switch vendor, _, _ := strings.Cut(s.srcs[s.src[e]], "/"); vendor {
	case "elasticpath", "moltin":
		return MarkOK
	case "coveo":
		if strings.HasPrefix(s.arena.text(s.summary[e]), "INDEXING ") {
			return MarkOK
		}
	}
	return MarkNone
}

// fill fills in what follows from the entry alone.
func (s *Store) fill(row int, loc *time.Location, r *Row) {
	e := s.rows[row]
	f := s.flags[e]
	r.ID = s.arena.text(s.id[e])
	r.Src = s.srcs[s.src[e]]
	r.Level, r.Outcome, r.Mark = f.level(), f.outcome(), s.mark(e)
	r.Status, r.Attempt = int(s.status[e]), int(s.attempts[e])
	r.Summary = s.arena.text(s.summary[e])
	r.Took = ""
	if f&hasTook != 0 {
		r.Took = Took(time.Duration(s.took[e]))
	}
	r.Time, r.Day, r.NewDay = "", "", false
	if t := s.Time(row); !t.IsZero() {
		t = t.In(loc)
		r.Time, r.Day = clock(t, f.digits()), day(t)
		r.NewDay = row == 0
		if row > 0 {
			above := s.Time(row - 1).In(loc)
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
