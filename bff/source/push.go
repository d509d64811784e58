package source

import (
	"encoding/json"
	"slices"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// What a vendor can filter it is asked to filter, which saves calls. It is never
// trusted: whatever comes is checked with the whole query, so that a filter that is
// ignored costs calls and no correctness, and one that is refused is left out. What
// a walk began with it keeps to its end, since a place in a filtered list means
// nothing in another one.

// push is the part of a query that a vendor filters. It is never changed.
type push struct {
	Terms []query.Term `json:"t"`
	Taken []int        `json:"c"` // the clauses of the query that the terms stand for
}

func (p *push) terms() []query.Term {
	if p == nil {
		return nil
	}
	return p.Terms
}

func (p *push) takes(clause int) bool { return p != nil && slices.Contains(p.Taken, clause) }

func (p *push) equal(o push) bool {
	return slices.Equal(p.Taken, o.Taken) && slices.EqualFunc(p.Terms, o.Terms, func(a, b query.Term) bool {
		return a.Field == b.Field && a.Op == b.Op && slices.Equal(a.Values, b.Values)
	})
}

// Bounds in bytes of what is pushed, which must fit a cursor and a vendor's URL.
// Longer lists of values are checked here.
const (
	maxPush   = 1000 // of one target
	maxPushes = 4000 // of a walk
)

// Filters returns what the vendor can filter of the target at path, nil for
// nothing.
func (s *Source) Filters(path []string) []driver.Filter {
	if f, ok := s.driver.(driver.Filterer); ok {
		return f.Filters(path)
	}
	return nil
}

// divide returns what the vendor of a target is asked to filter, nil for nothing.
// It takes its size from room.
func divide(a Ask, q *query.Query, room *int) *push {
	if a.Source == nil || q.String() == "" {
		return nil
	}
	var caps []query.Capability
	for _, f := range a.Source.Filters(a.Target.Path) {
		caps = append(caps, f.Capability)
	}
	d := query.Divide(q, caps)
	if len(d.Terms) == 0 {
		return nil
	}
	p := &push{Terms: d.Terms}
	for i, taken := range d.Taken {
		if taken {
			p.Taken = append(p.Taken, i)
		}
	}
	b, err := json.Marshal(p)
	if err != nil || len(b) > min(maxPush, *room) {
		return nil
	}
	*room -= len(b)
	return p
}

// refused reports whether the vendor did not take a call as it was put.
func refused(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.NotFound, fault.Unsupported:
		return true
	}
	return false
}

// plan says where each clause ran, target by target.
func plan(r Request, places []place) []logs.Clause {
	out := []logs.Clause{}
	clauses := r.Query.Clauses()
	for i, a := range r.Asks {
		for n, cl := range clauses {
			c := logs.Clause{Src: a.Target.String(), Query: cl.String(), Where: logs.WhereHere}
			if places[i].push.takes(n) {
				c.Where = logs.WhereVendor
			}
			out = append(out, c)
		}
	}
	return out
}
