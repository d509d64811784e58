package part

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
)

// Compared is what differs between two entries, the earlier one first. It is made
// once, which takes as long as the entries are large.
type Compared struct {
	Entries  [2]logs.Entry
	Apart    string // how far they are apart, and what they have in common
	sections []section
}

// section is a list of what was compared under one heading.
type section struct {
	id, title string
	note      string // why there is less here than one could think
	rows      []pairRow
	same      int // rows with Op Same
}

// pairRow is one value on both sides.
type pairRow struct {
	diff.Change
	lines []diff.Run // of long text: line by line
}

// long is how many bytes of a value stand in one row; longer ones are compared line
// by line.
const long = 240

// CompareEntries compares what a lens shows of two entries. It calls pause now
// and then, as what comes from the far end of a webhook may be a megabyte.
func CompareEntries(lens redact.Lens, a, b logs.Entry, pause func()) *Compared {
	a, b = lens.Entry(a), lens.Entry(b)
	if b.Time.Before(a.Time) && !b.Time.IsZero() || a.Time.IsZero() && !b.Time.IsZero() {
		a, b = b, a
	}
	c := &Compared{Entries: [2]logs.Entry{a, b}, Apart: apart(&a, &b)}
	c.add(section{id: "fields", title: "Fields"}, diff.Fields(shortFields(&a), shortFields(&b)))

	rawA, rawB := string(a.Raw), string(b.Raw)
	pause()
	if rawA == "" && rawB == "" {
		return c
	}
	s := section{id: "raw", title: "What the vendor sent"}
	var list []diff.Change
	if vendor(a.Src) != vendor(b.Src) {
		s.title, s.note = "What the vendors sent", "They come from different vendors, which name things differently: only the fields above can be compared."
	} else {
		var ok bool
		if list, ok = diff.JSONIn(rawA, rawB, pause); !ok {
			list = []diff.Change{{Op: opOf(rawA == rawB), Old: rawA, New: rawB}}
		}
	}
	c.add(s, list)
	return c
}

func opOf(same bool) diff.Op {
	if same {
		return diff.Same
	}
	return diff.Changed
}

func vendor(src string) string {
	v, _, _ := strings.Cut(src, "/")
	return v
}

// shortFields are the fields that the panel shows in one line; what is longer is
// part of what the vendor sent, and compared there.
func shortFields(e *logs.Entry) logs.Fields {
	out := logs.Fields{{Name: "summary", Value: e.Summary}}
	for _, f := range Fields(*e, "", redact.Lens{Reveal: true}) {
		if _, have := out.Get(f.Name); !have && !isLong(f.Value) {
			out = append(out, logs.Field{Name: f.Name, Value: f.Value})
		}
	}
	return out
}

func isLong(s string) bool { return len(s) > long || strings.Contains(s, "\n") }

func (c *Compared) add(s section, list []diff.Change) {
	for i := range list {
		r := pairRow{Change: list[i]}
		if r.Op == diff.Same {
			s.same++
		} else if r.Op == diff.Changed && (isLong(r.Old) || isLong(r.New)) {
			r.lines = byLine(r.Old, r.New)
		}
		s.rows = append(s.rows, r)
	}
	c.sections = append(c.sections, s)
}

// byLine compares long text by lines, and long lines by words.
func byLine(a, b string) []diff.Run {
	if strings.Count(a, "\n") < 2 && strings.Count(b, "\n") < 2 {
		return diff.Words(a, b)
	}
	return diff.Lines(a, b)
}

// Differs returns how many values differ.
func (c *Compared) Differs() int {
	n := 0
	for i := range c.sections {
		n += len(c.sections[i].rows) - c.sections[i].same
	}
	return n
}

// apart says how far two entries are apart and what they belong to, the earlier one
// first.
func apart(a, b *logs.Entry) string {
	d := b.Time.Sub(a.Time)
	says := Distance(d) + " apart"
	if a.Time.IsZero() || b.Time.IsZero() {
		says = "The vendor gave no time for one of them"
	} else if d == 0 {
		says = "At the same moment"
	}
	if vendor(a.Src) != vendor(b.Src) {
		says += " · by the clocks of two vendors"
	}
	for i, id := range [...]string{a.Job, a.Request, a.Item} {
		if id != "" && id == [...]string{b.Job, b.Request, b.Item}[i] {
			says += " · same " + [...]string{"job ", "request ", "item "}[i] + viewer.MiddleCut(id)
			if i == 0 && a.Attempt > 0 && b.Attempt > 0 {
				says += ", attempts " + Count(a.Attempt) + " and " + Count(b.Attempt)
			}
			return says
		}
	}
	return says + when(a.Job != "" && b.Job != "", " · not the same job")
}

// Distance writes how long it is from one entry to another: "252 ms", "4.2 s",
// "3 min 5 s", "2 h 14 min", "3 days".
func Distance(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	n, unit, rest, small := int(d/time.Minute), " min", int(d%time.Minute/time.Second), " s"
	switch {
	case d < time.Minute:
		return viewer.Took(d)
	case d >= 48*time.Hour:
		return Length(d)
	case d >= time.Hour:
		n, unit, rest, small = n/60, " h", n%60, " min"
	}
	s := Count(n) + unit
	if rest > 0 {
		s += " " + Count(rest) + small
	}
	return s
}
