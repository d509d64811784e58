package job

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// Form is how two answers were compared.
type Form uint8

// The forms.
const (
	NoBody Form = iota // neither attempt was answered with anything
	First              // there is no attempt before
	Equal              // byte for byte
	ByKey              // both are JSON objects or arrays
	ByLine
)

// Body is what changed in what the customer's endpoint answered.
type Body struct {
	Form  Form
	Keys  []diff.Change // of ByKey, the equal ones among them
	Lines []diff.Run    // of ByLine
}

// Diff is what changed from one attempt to the next. Secrets are masked.
type Diff struct {
	Changed []diff.Change // of the short values: outcome, status, error and the like
	Equal   []diff.Change // those that stayed
	Body    Body
}

// Compare tells what changed from one attempt to the next; before is nil for the
// first one. What always differs, as the time, or is drawn apart, as the number of
// the attempt and how long it took, is left out. It is Short and Answers in one, for
// who does not have to keep a page responsive in between.
func Compare(before, e *logs.Entry) Diff {
	d := Short(before, e)
	if before == nil {
		if Answer(e) != "" {
			d.Body.Form = First
		}
		return d
	}
	d.Body = Answers(Answer(before), Answer(e))
	return d
}

// Short is Compare without the bodies.
func Short(before, e *logs.Entry) Diff {
	var d Diff
	var old logs.Fields
	if before != nil {
		old = short(before)
	}
	for _, c := range diff.Fields(old, short(e)) {
		if c.Op == diff.Same {
			d.Equal = append(d.Equal, c)
		} else {
			d.Changed = append(d.Changed, c)
		}
	}
	return d
}

// maxJSON bounds the texts that are compared as JSON, and maxLines what is compared
// by line between the common beginning and end of two texts, in bytes of each: a
// browser needs some 50 ms for so much, and longer ones would hold up the page.
const (
	maxJSON  = 128 << 10
	maxLines = 128 << 10
)

// Answers compares what Answer returned of two attempts.
func Answers(old, now string) Body {
	if old == now {
		if old == "" {
			return Body{}
		}
		return Body{Form: Equal}
	}
	if len(old) <= maxJSON && len(now) <= maxJSON {
		if keys, ok := diff.JSON(old, now); ok && differ(keys) {
			return Body{Form: ByKey, Keys: keys}
		}
	}
	return Body{Form: ByLine, Lines: lines(old, now)}
}

// differ reports whether one of the values changed.
func differ(keys []diff.Change) bool {
	for i := range keys {
		if keys[i].Op != diff.Same {
			return true
		}
	}
	return false
}

// context is how much of a long line is left beside what differs, in bytes.
const context = 200

// lines compares two texts of any length. What both begin and end with costs next to
// nothing, which is most of two long answers of one endpoint; what is between is
// compared as far as maxLines goes, and told as gone and new beyond.
func lines(old, now string) []diff.Run {
	n := min(len(old), len(now))
	head := 0
	for head < n && old[head] == now[head] {
		head++
	}
	head = cut(old, head, -1)
	tail := 0
	for tail < n-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	tail = len(old) - max(cut(old, len(old)-tail, 1), head)
	tail = min(tail, n-head)

	a, b := old[head:len(old)-tail], now[head:len(now)-tail]
	runs := []diff.Run{{Op: diff.Same, Text: old[:head]}}
	switch {
	case len(a) > maxLines || len(b) > maxLines:
		i, j := cut(a, min(len(a), maxLines), -1), cut(b, min(len(b), maxLines), -1)
		runs = append(runs, diff.Lines(a[:i], b[:j])...)
		runs = append(runs, diff.Run{Op: diff.Gone, Text: a[i:]}, diff.Run{Op: diff.New, Text: b[j:]})
	case strings.Contains(a, "\n") || strings.Contains(b, "\n"):
		runs = append(runs, diff.Lines(a, b)...)
	default:
		runs = append(runs, diff.Words(a, b)...)
	}
	return joined(append(runs, diff.Run{Op: diff.Same, Text: old[len(old)-tail:]}))
}

// cut moves a place in s, by in the direction of step, to the beginning of a line;
// where none is near, to that of a character some words further.
func cut(s string, at, step int) int {
	if at <= 0 || at >= len(s) {
		return max(min(at, len(s)), 0)
	}
	for i := at; i > 0 && i < len(s) && max(i-at, at-i) < 10*context; i += step {
		if s[i-1] == '\n' {
			return i
		}
	}
	if at += step * context; at <= 0 || at >= len(s) {
		return max(min(at, len(s)), 0)
	}
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at += step
	}
	return at
}

// joined drops empty runs and joins those of one kind that follow each other. Of
// what differs, all that is gone stands first.
func joined(runs []diff.Run) []diff.Run {
	var out []diff.Run
	for _, r := range runs {
		n := len(out)
		switch {
		case r.Text == "":
		case n > 0 && out[n-1].Op == r.Op:
			out[n-1].Text += r.Text
		case n > 1 && r.Op == diff.Gone && out[n-1].Op == diff.New && out[n-2].Op == diff.Gone:
			out[n-2].Text += r.Text
		default:
			out = append(out, r)
		}
	}
	return out
}

// apart are the fields that are not compared as short values.
var apart = []string{"body", "attempt", "integration", "integration_name", "url"}

// short returns the values of an entry that take a line each.
func short(e *logs.Entry) logs.Fields {
	fs := make(logs.Fields, 0, 2+len(e.Fields))
	fs.Add("outcome", e.Outcome.String())
	if e.Status > 0 {
		fs.Add("status", float64(e.Status))
	}
	for _, f := range e.Fields {
		if slices.Contains(apart, f.Name) || f.Name == "outcome" || f.Name == "status" {
			continue
		}
		if text, ok := f.Value.(string); ok {
			f.Value = redact.Secrets(text)
		}
		fs.Add(f.Name, f.Value)
	}
	return fs
}

// fieldBytes is the length from which on the field body may be the beginning of what
// the raw JSON holds.
const fieldBytes = 16<<10 - 8

// Answer returns what the customer's endpoint answered, all of it, with secrets
// masked; "" for nothing.
func Answer(e *logs.Entry) string {
	text := e.Fields.Text("body")
	if len(text) >= fieldBytes && strings.HasSuffix(text, "…") {
		var raw struct {
			Body string `json:"body"`
		}
		if json.Unmarshal(e.Raw, &raw) == nil && len(raw.Body) >= fieldBytes {
			text = raw.Body
		}
	}
	return redact.Secrets(text)
}
