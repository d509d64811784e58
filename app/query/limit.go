package query

import (
	"slices"
	"strings"
	"time"
)

// Limited reports whether the query depends on Options.Limit, as took:>80%limit
// does, and what the limit is.
func (q *Query) Limited() (limit time.Duration, ok bool) {
	if q == nil {
		return 0, false
	}
	return q.root.limited()
}

// Share returns the part of the limit that the clause compares with, as written,
// and the limit: "80" and 10 s for took:>80%limit. ok is false where it names none.
func (c Clause) Share() (percent string, limit time.Duration, ok bool) {
	n := c.node
	if n != nil && n.kind == nNot {
		n = n.kids[0]
	}
	if limit, ok = n.limited(); !ok || n.kind != nTerm {
		return "", 0, false
	}
	if percent, ok = share(n.term.text); !ok {
		percent, ok = share(n.term.hiText)
	}
	return percent, limit, ok
}

// Grounded returns the query with durations in the place of shares of the limit:
// took:>24s for took:>80%limit where that is 30 s. It is what to ask somebody who
// knows another limit; the query itself where the limit is DefaultLimit, which
// everybody knows, or nothing depends on it.
func (q *Query) Grounded() *Query {
	limit, ok := q.Limited()
	if !ok || limit == DefaultLimit {
		return q
	}
	out, err := newQuery(q.root.grounded(), q.opts)
	if err != nil {
		return q // durations are hardly longer than shares
	}
	return out
}

// share returns the number in "80%limit", and in "80%", as written.
func share(text string) (percent string, ok bool) {
	return strings.CutSuffix(strings.TrimSuffix(Fold(text), "limit"), "%")
}

//go:noinline
func (n *node) limited() (limit time.Duration, ok bool) {
	if n == nil {
		return 0, false
	}
	if t := n.term; t != nil && t.ref.kind == refTook {
		_, lo := share(t.text)
		_, hi := share(t.hiText)
		return t.ref.limit, lo || hi
	}
	for _, k := range n.kids {
		if limit, ok = k.limited(); ok {
			break
		}
	}
	return limit, ok
}

func (n *node) grounded() *node {
	if _, ok := n.limited(); !ok {
		return n
	}
	if n.term != nil {
		t := *n.term
		for _, b := range []struct {
			text *string
			dur  time.Duration
		}{{&t.text, t.lo.dur}, {&t.hiText, t.hi.dur}} {
			if _, ok := share(*b.text); ok {
				*b.text = b.dur.String()
			}
		}
		return leaf(&t)
	}
	out := &node{kind: n.kind, kids: slices.Clone(n.kids)}
	for i := range out.kids {
		out.kids[i] = out.kids[i].grounded()
	}
	return out
}
