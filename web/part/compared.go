package part

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
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

// CompareEntries compares two entries. Secrets are masked before. It calls pause now
// and then, as what comes from the far end of a webhook may be a megabyte.
func CompareEntries(a, b logs.Entry, pause func()) *Compared {
	if b.Time.Before(a.Time) && !b.Time.IsZero() || a.Time.IsZero() && !b.Time.IsZero() {
		a, b = b, a
	}
	c := &Compared{Entries: [2]logs.Entry{a, b}, Apart: apart(&a, &b)}
	c.add("fields", "Fields", "", diff.Fields(shortFields(a), shortFields(b)))

	rawA := decode.Mask(string(a.Raw))
	pause()
	rawB := decode.Mask(string(b.Raw))
	pause()
	if vendor(a.Src) != vendor(b.Src) {
		if rawA != "" || rawB != "" {
			c.sections = append(c.sections, section{id: "raw", title: "What the vendors sent", note: "They come from different vendors, which name things differently: only the fields above can be compared."})
		}
		return c
	}
	if list, ok := diff.JSONIn(rawA, rawB, pause); ok {
		c.add("raw", "What the vendor sent", "", list)
	} else if rawA != "" || rawB != "" {
		c.add("raw", "What the vendor sent", "", []diff.Change{{Op: opOf(rawA == rawB), Old: rawA, New: rawB}})
	}
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
func shortFields(e logs.Entry) logs.Fields {
	out := logs.Fields{{Name: "summary", Value: decode.Mask(e.Summary)}}
	for _, f := range Fields(e, "") {
		if len(f.Value) <= long && !strings.Contains(f.Value, "\n") && !hasField(out, f.Name) {
			out = append(out, logs.Field{Name: f.Name, Value: f.Value})
		}
	}
	return out
}

func hasField(fs logs.Fields, name string) bool {
	_, ok := fs.Get(name)
	return ok
}

func (c *Compared) add(id, title, note string, list []diff.Change) {
	s := section{id: id, title: title, note: note}
	for _, ch := range list {
		r := pairRow{Change: ch}
		if ch.Op == diff.Same {
			s.same++
		} else if ch.Op == diff.Changed && (len(ch.Old) > long || len(ch.New) > long || strings.Contains(ch.Old, "\n") || strings.Contains(ch.New, "\n")) {
			r.lines = byLine(ch.Old, ch.New)
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
	for _, s := range c.sections {
		n += len(s.rows) - s.same
	}
	return n
}

// apart says how far two entries are apart and what they belong to, the earlier one
// first.
func apart(a, b *logs.Entry) string {
	var parts []string
	switch d := b.Time.Sub(a.Time); {
	case a.Time.IsZero() || b.Time.IsZero():
		parts = append(parts, "The vendor gave no time for one of them")
	case d == 0:
		parts = append(parts, "At the same moment")
	default:
		parts = append(parts, Distance(d)+" apart")
	}
	if a.Src != b.Src && vendor(a.Src) != vendor(b.Src) {
		parts = append(parts, "by the clocks of two vendors")
	}
	for _, k := range [...]struct{ name, a, b string }{{"job", a.Job, b.Job}, {"request", a.Request, b.Request}, {"item", a.Item, b.Item}} {
		if k.a != "" && k.a == k.b {
			s := "same " + k.name + " " + viewer.MiddleCut(k.a)
			if k.name == "job" && a.Attempt > 0 && b.Attempt > 0 {
				s += ", attempts " + Count(a.Attempt) + " and " + Count(b.Attempt)
			}
			return strings.Join(append(parts, s), " · ")
		}
	}
	if a.Job != "" && b.Job != "" {
		parts = append(parts, "not the same job")
	}
	return strings.Join(parts, " · ")
}

// Distance writes how long it is from one entry to another: "252 ms", "4.2 s",
// "3 min 5 s", "2 h 14 min", "3 days".
func Distance(d time.Duration) string {
	switch {
	case d < 0:
		return Distance(-d)
	case d < time.Minute:
		return viewer.Took(d)
	case d < time.Hour:
		return two(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	case d < 48*time.Hour:
		return two(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	}
	return Length(d)
}

func two(n int, unit string, rest int, small string) string {
	s := Count(n) + " " + unit
	if rest > 0 {
		s += " " + Count(rest) + " " + small
	}
	return s
}
