package query

import "strings"

// Narrows reports whether every entry that q keeps is surely kept by before as
// well, so that who has the entries of before need look at no others. It sees what
// comes of typing on and of adding clauses; false is always a safe answer.
func (q *Query) Narrows(before *Query) bool {
	if before == nil || before.root == nil {
		return true
	}
	return q != nil && q.root != nil && q.root.implies(before.root)
}

func (n *node) implies(m *node) bool {
	switch {
	case n.equal(m):
		return true
	case m.kind == nAnd:
		for _, k := range m.kids {
			if !n.implies(k) {
				return false
			}
		}
		return true
	case n.kind == nOr:
		for _, k := range n.kids {
			if !k.implies(m) {
				return false
			}
		}
		return true
	case n.kind == nAnd:
		for _, k := range n.kids {
			if k.implies(m) {
				return true
			}
		}
		return m.kind == nOr && m.anyImplied(n)
	case m.kind == nOr:
		return m.anyImplied(n)
	case n.kind == nNot && m.kind == nNot:
		return m.kids[0].implies(n.kids[0])
	}
	return n.kind == nTerm && m.kind == nTerm && n.term.implies(m.term)
}

func (n *node) anyImplied(by *node) bool {
	for _, k := range n.kids {
		if by.implies(k) {
			return true
		}
	}
	return false
}

// implies reports whether a longer text stands only where a shorter one does.
// Escapes in the raw JSON are why free text with such characters is left out.
func (t *term) implies(u *term) bool {
	if t.op != OpHas || u.op != OpHas || t.name != u.name || !strings.Contains(t.needle.text, u.needle.text) {
		return false
	}
	return t.ref.kind != refText || t.needle.ascii && !t.needle.quoted
}
