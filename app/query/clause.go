package query

import (
	"errors"
	"fmt"
)

// Clause is one of the conditions that a query ANDs, as a pill shows it. The zero
// Clause matches everything.
type Clause struct {
	Field   string   // "" for free text, and for a clause over several fields
	Op      Op       // of a single condition, or OpIn; "" for anything more complex
	Values  []string // the values as written, without quotes; not to be changed
	Negated bool     // the clause excludes what the rest of it describes
	node    *node
}

// String returns the clause in the filter language.
func (c Clause) String() string {
	if c.node == nil {
		return ""
	}
	var b writer
	c.node.writeInner(&b)
	return b.String()
}

// Clauses returns what the query ANDs at its top; nil when it matches everything.
func (q *Query) Clauses() []Clause {
	if q == nil || q.root == nil {
		return nil
	}
	var out []Clause
	for _, n := range q.root.parts() {
		out = append(out, clauseOf(n))
	}
	return out
}

// parts returns what n ANDs at its top.
//
//go:noinline
func (n *node) parts() []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == nAnd:
		return n.kids
	}
	return []*node{n}
}

func clauseOf(n *node) Clause {
	c := Clause{node: n}
	if n.kind == nNot {
		c.Negated = true
		n = n.kids[0]
	}
	switch {
	case n.kind == nTerm:
		t := n.term
		c.Field, c.Op = t.name, t.op
		switch t.op {
		case opHasGlob:
			c.Op = OpGlob
		case OpRange:
			c.Values = []string{t.text, t.hiText}
			return c
		}
		c.Values = []string{t.text}
	case n.kind == nOr && n.alternatives():
		c.Field, c.Op = n.kids[0].term.name, OpIn
		for _, k := range n.kids {
			c.Values = append(c.Values, k.term.text)
		}
	}
	return c
}

// alternatives reports whether an Or is several whole values of one field.
//
//go:noinline
func (n *node) alternatives() bool {
	for _, k := range n.kids {
		if k.kind != nTerm || k.term.op != OpIs || k.term.ref.key != n.kids[0].term.ref.key || k.term.name != n.kids[0].term.name {
			return false
		}
	}
	return true
}

// Is returns the clause field:value for a whole value, whatever characters it
// holds. The error says why the field cannot have this value.
func Is(field, value string) (Clause, error) { return Options{}.Is(field, value) }

// Is returns the clause field:value with these options.
func (o Options) Is(field, value string) (Clause, error) {
	if !validName(field) {
		return Clause{}, fmt.Errorf("%s is not a name that a filter can use", quote(field))
	}
	written, r := o.resolve(field)
	t, p := newText(written, r, value, true)
	if p != nil {
		return Clause{}, errors.New(p.reason)
	}
	return clauseOf(leaf(t)), nil
}

// With returns the query that also asks for c; q itself when it does already. The
// error is an *Error when a bound of the language is reached.
func (q *Query) With(c Clause) (*Query, error) {
	parts := q.partList()
	for _, n := range parts {
		if c.node == nil || n.equal(c.node) {
			return q, nil
		}
	}
	return q.rebuild(append(parts, c.node))
}

// Without returns the query without its i-th clause, in the order of Clauses. An
// index out of range changes nothing.
func (q *Query) Without(i int) *Query {
	parts := q.partList()
	if i < 0 || i >= len(parts) {
		return q
	}
	out, _ := q.rebuild(append(parts[:i], parts[i+1:]...)) // smaller cannot exceed a bound
	return out
}

// Flip returns the query with its i-th clause negated. An index out of range
// changes nothing. The error is as with With.
func (q *Query) Flip(i int) (*Query, error) {
	parts := q.partList()
	if i < 0 || i >= len(parts) {
		return q, nil
	}
	parts[i] = negate(parts[i])
	return q.rebuild(parts)
}

// Include returns the query with value among the wanted values of field: several
// values of one field are alternatives. An exclusion of the value is lifted.
func (q *Query) Include(field, value string) (*Query, error) {
	return q.facet(field, value, true, false)
}

// Exclude returns the query with value excluded, and no longer among the wanted
// values of field.
func (q *Query) Exclude(field, value string) (*Query, error) {
	return q.facet(field, value, false, true)
}

// Remove returns the query that neither wants nor excludes value by name.
func (q *Query) Remove(field, value string) (*Query, error) {
	return q.facet(field, value, false, false)
}

// facet takes value out of every clause that lists whole values of the field, and
// then adds it where it is wanted.
func (q *Query) facet(field, value string, include, exclude bool) (*Query, error) {
	var o Options
	if q != nil {
		o = q.opts
	}
	c, err := o.Is(field, value)
	if err != nil {
		return q, err
	}
	want := c.node.term
	var parts []*node
	place := -1 // the clause that a wanted value joins
	for _, n := range q.partList() {
		inner, negated := n, n.kind == nNot
		if negated {
			inner = n.kids[0]
		}
		values := []*node{inner}
		if inner.kind == nOr {
			values = inner.kids
		}
		if first := values[0].term; first == nil || first.name != want.name || first.op != OpIs || inner.kind == nOr && !inner.alternatives() {
			parts = append(parts, n)
			continue
		}
		var left []*node
		for _, v := range values {
			if !v.equal(c.node) {
				left = append(left, v)
			}
		}
		if len(left) < len(values) && include && !negated {
			return q, nil
		}
		listed := join(nOr, left)
		if listed == nil {
			continue
		}
		if !negated {
			place = len(parts)
			parts = append(parts, listed)
		} else {
			parts = append(parts, negate(listed))
		}
	}
	switch {
	case include && place >= 0:
		parts[place] = join(nOr, []*node{parts[place], c.node})
	case include:
		parts = append(parts, c.node)
	case exclude:
		parts = append(parts, negate(c.node))
	}
	return q.rebuild(parts)
}

// partList returns the clauses of q as a slice that the caller may change.
//
//go:noinline
func (q *Query) partList() []*node {
	if q == nil {
		return nil
	}
	return append([]*node(nil), q.root.parts()...)
}

//go:noinline
func (q *Query) rebuild(parts []*node) (*Query, error) {
	var o Options
	if q != nil {
		o = q.opts
	}
	out, err := newQuery(join(nAnd, parts), o)
	if err != nil {
		return q, err
	}
	return out, nil
}
