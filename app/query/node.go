package query

import (
	"strings"
	"unicode"
)

type nodeKind uint8

const (
	nTerm nodeKind = iota
	nAnd
	nOr
	nNot
)

// node is one node of a filter. And and Or have at least two kids and never a kid
// of their own kind; Not has one, which is no Not. Nodes are immutable and shared
// between queries.
type node struct {
	kind nodeKind
	kids []*node
	term *term
}

//go:noinline
func leaf(t *term) *node { return &node{kind: nTerm, term: t} }

// join builds an And or an Or in the form that node promises; nil for no kids.
//
//go:noinline
func join(kind nodeKind, kids []*node) *node {
	var flat []*node
	for _, k := range kids {
		switch {
		case k == nil:
		case k.kind == kind:
			flat = append(flat, k.kids...)
		default:
			flat = append(flat, k)
		}
	}
	switch len(flat) {
	case 0:
		return nil
	case 1:
		return flat[0]
	}
	return &node{kind: kind, kids: flat}
}

//go:noinline
func negate(n *node) *node {
	if n.kind == nNot {
		return n.kids[0]
	}
	return &node{kind: nNot, kids: []*node{n}}
}

func (n *node) match(d *Doc) bool {
	switch n.kind {
	case nAnd:
		for _, k := range n.kids {
			if !k.match(d) {
				return false
			}
		}
		return true
	case nOr:
		for _, k := range n.kids {
			if k.match(d) {
				return true
			}
		}
		return false
	case nNot:
		return !n.kids[0].match(d)
	}
	return n.term.match(d)
}

func (n *node) depth() int {
	deepest := 0
	for _, k := range n.kids {
		deepest = max(deepest, k.depth())
	}
	return deepest + 1
}

func (n *node) count() int {
	if n.kind == nTerm {
		return 1
	}
	sum := 0
	for _, k := range n.kids {
		sum += k.count()
	}
	return sum
}

// terms calls f for every term, left to right.
func (n *node) terms(f func(*term)) {
	if n == nil {
		return
	}
	if n.kind == nTerm {
		f(n.term)
		return
	}
	for _, k := range n.kids {
		k.terms(f)
	}
}

// equal compares meaning as written: same shape, same names, same values.
func (n *node) equal(m *node) bool {
	if n == nil || m == nil {
		return n == m
	}
	if n.kind != m.kind || len(n.kids) != len(m.kids) {
		return false
	}
	if n.kind == nTerm {
		return n.term.equal(m.term)
	}
	for i := range n.kids {
		if !n.kids[i].equal(m.kids[i]) {
			return false
		}
	}
	return true
}

func (n *node) write(b *writer) {
	switch n.kind {
	case nTerm:
		n.term.write(b)
	case nNot:
		b.WriteByte('-')
		n.kids[0].writeInner(b)
	case nAnd:
		for i, k := range n.kids {
			if i > 0 {
				b.WriteByte(' ')
			}
			k.writeInner(b)
		}
	case nOr:
		if n.oneField() {
			b.WriteString(n.kids[0].term.name)
			b.WriteString(":(")
			for i, k := range n.kids {
				if i > 0 {
					b.WriteString(" OR ")
				}
				k.term.writeValue(b)
			}
			b.WriteByte(')')
			return
		}
		for i, k := range n.kids {
			if i > 0 {
				b.WriteString(" OR ")
			}
			k.writeInner(b)
		}
	}
}

// writeInner writes n as a part of something: And, and Or without a common field,
// in parentheses.
//
//go:noinline
func (n *node) writeInner(b *writer) {
	if n.kind == nAnd || n.kind == nOr && !n.oneField() {
		b.WriteByte('(')
		n.write(b)
		b.WriteByte(')')
		return
	}
	n.write(b)
}

// oneField reports whether an Or is several values of one field.
//
//go:noinline
func (n *node) oneField() bool {
	if n.kind != nOr {
		return false
	}
	for _, k := range n.kids {
		if k.kind != nTerm || k.term.name == "" || k.term.name != n.kids[0].term.name || k.term.wholeProse() {
			return false
		}
	}
	return true
}

func (t *term) write(b *writer) {
	if t.name != "" {
		b.WriteString(t.name)
		if t.wholeProse() {
			b.WriteByte('=')
		} else {
			b.WriteByte(':')
		}
	}
	t.writeValue(b)
}

//go:noinline
func (t *term) writeValue(b *writer) {
	switch t.op {
	case OpExists:
		b.WriteByte('*')
	case OpGlob, opHasGlob:
		writeGlob(b, t.text)
	case OpRegex:
		writeRegex(b, t.text, t.fold)
	case OpRange:
		b.WriteByte("{["[btoi(t.loIn)])
		writeBound(b, t.text)
		b.WriteString(" TO ")
		writeBound(b, t.hiText)
		b.WriteByte("}]"[btoi(t.hiIn)])
	case OpLess, OpAtMost, OpMore, OpAtLeast:
		b.WriteString(string(t.op))
		writeText(b, t.text, t.name != "")
	default:
		if t.ref.kind == refStatus && isClass(t.text) {
			b.WriteString(quote(t.text))
			return
		}
		writeText(b, t.text, t.name != "")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func writeBound(b *writer, s string) {
	if s == "" {
		b.WriteByte('*')
		return
	}
	writeText(b, s, true)
}

// writeText writes plain text bare where that reads back to the same, else quoted.
//
//go:noinline
func writeText(b *writer, s string, isValue bool) {
	if bare(s, isValue) {
		b.WriteString(s)
		return
	}
	b.WriteString(quote(s))
}

func bare(s string, isValue bool) bool {
	if s == "" || isOperator(s) {
		return false
	}
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar:
			return false
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '_':
		case i > 0 && strings.ContainsRune(".-@#%/", r):
		case i > 0 && isValue && (r == ':' || r == '+'):
		default:
			return false
		}
	}
	return true
}

func isOperator(s string) bool {
	switch len(s) {
	case 2:
		return strings.EqualFold(s, "or") || strings.EqualFold(s, "to")
	case 3:
		return strings.EqualFold(s, "and") || strings.EqualFold(s, "not")
	}
	return false
}

// quote writes a phrase. Only the quote and the backslash are escaped.
func quote(s string) string {
	var b writer
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// writeGlob writes a pattern, in which a backslash makes *, ? and \ plain, as a
// bare word: every other character that could end or split the word is escaped.
func writeGlob(b *writer, pattern string) {
	first, escaped := true, false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteByte('\\')
			b.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '*', r == '?', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		case !first && strings.ContainsRune(".-@#%/", r):
			b.WriteRune(r)
		default:
			b.WriteByte('\\')
			b.WriteRune(r)
		}
		first = false
	}
}

func writeRegex(b *writer, pattern string, fold bool) {
	b.WriteByte('/')
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
			b.WriteByte(pattern[i])
		case c == '/':
			b.WriteString(`\/`)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('/')
	if fold {
		b.WriteByte('i')
	}
}
