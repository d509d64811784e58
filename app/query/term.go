package query

import (
	"fmt"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// Op is how a condition compares.
type Op string

// The operators. In and Not stand only in capabilities and vendor terms.
const (
	OpHas     Op = "has" // the text stands somewhere in the value, or in the entry
	OpIs      Op = "is"  // the whole value
	OpGlob    Op = "glob"
	OpRegex   Op = "regex"
	OpExists  Op = "exists"
	OpLess    Op = "<"
	OpAtMost  Op = "<="
	OpMore    Op = ">"
	OpAtLeast Op = ">="
	OpRange   Op = "range"
	OpIn      Op = "in"  // one of several whole values
	OpNot     Op = "not" // none of the values; keeps entries without the field
	opHasGlob Op = "hasglob"
	opTake    Op = "take" // matches any value and keeps it
)

// term is one condition, immutable.
type term struct {
	name string // as written canonically; "" for free text
	ref  ref
	op   Op
	text string // value, lower bound or pattern, canonical
	fold bool   // OpRegex: ignore case

	hiText     string // OpRange; an empty bound is open
	loIn, hiIn bool

	needle needle
	lo, hi bound
	glob   []rune
	sure   *needle // OpGlob: a text that every match holds, nil for none
	regex  *pattern
	taken  *value // opTake
}

//go:noinline
func (t *term) equal(u *term) bool {
	return t.name == u.name && t.op == u.op && t.text == u.text && t.fold == u.fold &&
		t.hiText == u.hiText && t.loIn == u.loIn && t.hiIn == u.hiIn
}

// wholeProse reports whether the term compares a whole prose value, for which it
// must be written with "=".
func (t *term) wholeProse() bool {
	return t.ref.prose && (t.op == OpIs || t.op == OpGlob)
}

// problem is what is wrong with a value, before a column is known.
type problem struct{ reason, suggestion string }

// newText builds the condition that a plain value asks for; whole asks for the
// whole value also of prose.
func newText(name string, r ref, text string, whole bool) (*term, *problem) {
	t := &term{name: name, ref: r, op: OpIs, text: text}
	if r.kind == refText || r.prose && !whole {
		t.op = OpHas
	}
	switch r.kind {
	case refVendor:
		if full, ok := vendors[Fold(text)]; ok && full != "" {
			t.text = full
		}
	case refOutcome:
		t.text = outcomeWord(text)
	case refSucceeded:
		switch Fold(text) {
		case "true", "yes", "1":
			t.text = "true"
		case "false", "no", "0":
			t.text = "false"
		default:
			return nil, &problem{fmt.Sprintf("succeeded is true or false, not %s", quote(text)), "succeeded:false"}
		}
	case refLevel:
		l := logs.ParseLevel(text)
		if l == logs.LevelUnknown {
			return nil, noLevel(text)
		}
		t.text = l.String()
	}
	t.needle = newNeedle(t.text)
	if t.op == OpIs {
		var p *problem
		if t.lo, p = newBound(r, t.text); p != nil {
			return nil, p
		}
	}
	return t, nil
}

func noLevel(text string) *problem {
	if outcome := outcomeWord(text); logs.ParseOutcome(outcome) != logs.OutcomeUnknown {
		return &problem{fmt.Sprintf("%s is no level, it is an outcome", quote(text)), "outcome:" + outcome}
	}
	return &problem{fmt.Sprintf("no level is called %s; levels are trace, debug, info, warning, error and critical", quote(text)),
		"level:>=warning"}
}

func outcomeWord(s string) string {
	switch Fold(s) {
	case "success", "ok", "succeeded":
		return "succeeded"
	case "failure", "fail", "failed":
		return "failed"
	case "warn", "warning", "warned":
		return "warned"
	}
	return s
}

// newCompare builds a comparison with one bound.
func newCompare(name string, r ref, op Op, text string) (*term, *problem) {
	t := &term{name: name, ref: r, op: op, text: text}
	if r.kind == refText {
		return nil, &problem{"a comparison needs a name before it", "status:" + string(op) + text}
	}
	var p *problem
	t.lo, p = newBound(r, text)
	if p == nil && r.kind == refLevel {
		t.text = t.lo.level.String()
	}
	return t, p
}

// newRange builds lo TO hi, where an empty bound is open. Two open ends ask for
// the field to be there.
func newRange(name string, r ref, lo, hi string, loIn, hiIn bool) (*term, *problem) {
	if lo == "" && hi == "" {
		return newExists(name, r), nil
	}
	t := &term{name: name, ref: r, op: OpRange, text: lo, hiText: hi, loIn: loIn, hiIn: hiIn}
	var p *problem
	if lo != "" {
		if t.lo, p = newBound(r, lo); p != nil {
			return nil, p
		}
	}
	if hi != "" {
		if t.hi, p = newBound(r, hi); p != nil {
			return nil, p
		}
	}
	if r.kind == refLevel {
		t.text, t.hiText = t.lo.level.String(), t.hi.level.String()
	}
	return t, nil
}

func newExists(name string, r ref) *term { return &term{name: name, ref: r, op: OpExists, text: "*"} }

// newGlob builds a wildcard condition, or the plainer one that means the same.
func newGlob(name string, r ref, text string, whole bool) (*term, *problem) {
	text = oneStar(text)
	op := OpGlob
	if r.kind == refText || r.prose && !whole {
		op = opHasGlob
		text = strings.TrimLeft(text, "*")
		for strings.HasSuffix(text, "*") && !escapedEnd(text) {
			text = text[:len(text)-1]
		}
		if plain, ok := plainGlob(text); ok && text != "" {
			return newText(name, r, plain, false)
		}
	}
	if text == "" || text == "*" {
		return newExists(name, r), nil
	}
	if len(text) > MaxPattern {
		return nil, &problem{fmt.Sprintf("the pattern is longer than %d bytes", MaxPattern), ""}
	}
	glob := compileGlob(text, op == opHasGlob)
	return &term{name: name, ref: r, op: op, text: text, glob: glob, sure: longestPlain(glob)}, nil
}

// oneStar makes neighbouring stars one.
func oneStar(pattern string) string {
	var b writer
	star := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '*' && star {
			continue
		}
		star = c == '*'
		b.WriteByte(c)
		if c == '\\' && i+1 < len(pattern) {
			i++
			b.WriteByte(pattern[i])
		}
	}
	return b.String()
}

// escapedEnd reports whether the last character of a pattern is escaped.
func escapedEnd(s string) bool {
	n := 0
	for i := len(s) - 2; i >= 0 && s[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// plainGlob returns the text of a pattern that has no wildcard.
func plainGlob(s string) (string, bool) {
	var b writer
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '*', '?':
			return "", false
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}
