package query

// Literal is a text that stands in the JSON of each plain [Doc] that a filter keeps,
// so that whole stretches of entries can be passed over at once. The zero Literal
// is none: every entry may be kept.
type Literal struct {
	needle  *needle
	escapes bool
}

// Literal returns the longest text of which that is certain, and none where something
// in a column has to be so as well, which is answered faster.
func (q *Query) Literal() Literal {
	if q == nil || q.root == nil {
		return Literal{}
	}
	return q.root.literal()
}

// OK reports whether there is one.
func (l Literal) OK() bool { return l.needle != nil }

func (n *node) literal() (best Literal) {
	switch n.kind {
	case nTerm:
		return n.term.literal()
	case nAnd:
		for _, k := range n.kids {
			if k.cost() == 0 {
				return Literal{}
			}
			if l := k.literal(); l.OK() && (!best.OK() || len(l.needle.text) > len(best.needle.text)) {
				best = l
			}
		}
	}
	return best
}

func (t *term) literal() (l Literal) {
	switch t.ref.kind {
	case refText, refFields, refID, refJob, refItem, refRequest, refSummary:
	case refRaw:
		l.escapes = true // names and values of a vendor's own JSON are found decoded
	default:
		return Literal{}
	}
	switch {
	case t.op == OpGlob || t.op == opHasGlob:
		l.needle = t.sure
	case t.op == OpRegex:
		l.needle = t.regex.sure
	case t.op != OpHas && (t.op != OpIs || t.lo.kind != bText):
	case !t.needle.ascii || t.needle.quoted:
		l.needle = t.needle.sure
	case t.needle.text != "":
		l.needle = &t.needle
	}
	return l
}

// Escapes reports whether an entry whose JSON has a \u escape may be kept without
// the text.
func (l Literal) Escapes() bool { return l.escapes }

// Index returns where the text stands next in another, whatever its case, from an
// index on; the length of the other where it does not.
func (l Literal) Index(text string, i int) int {
	if at := l.needle.index(text, i); at >= 0 {
		return at
	}
	return len(text)
}
