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

// Places says where entries may stand that the filter keeps, as far as plain [Doc]s
// go: has returns the places, a bit for each, at which the JSON of some may hold a
// text, which is folded and ASCII. escapes tells that an entry whose JSON has a \u
// escape may be kept anywhere.
func (q *Query) Places(has func(text string) uint64) (places uint64, escapes bool) {
	if q == nil || q.root == nil {
		return ^uint64(0), false
	}
	return q.root.places(has)
}

func (n *node) places(has func(text string) uint64) (places uint64, escapes bool) {
	places = ^uint64(0)
	switch n.kind {
	case nTerm:
		if l := n.term.literal(); l.OK() {
			return has(l.needle.text), l.escapes
		}
	case nAnd:
		for _, k := range n.kids {
			p, e := k.places(has)
			places, escapes = places&p, escapes || e
		}
	case nOr:
		places = 0
		for _, k := range n.kids {
			p, e := k.places(has)
			places, escapes = places|p, escapes || e
		}
	}
	return places, escapes
}

// Index returns where the text stands next in another, whatever its case, from an
// index on; the length of the other where it does not.
func (l Literal) Index(text string, i int) int {
	if at := l.needle.index(text, i); at >= 0 {
		return at
	}
	return len(text)
}
