package store

import (
	"slices"

	"github.com/logpane/logpane/app/query"
)

// maxPast bounds the results that a table remembers. Together they hold at most as
// many entries as the store.
const maxPast = 24

// past are results of filters before, of use until entries come: who erases a letter
// has been there, and who writes the last word anew narrows what stood before it.
type past struct {
	results []result // the latest last
	of      int      // how many entries the store had
	held    int      // entries of all results
}

type result struct {
	q    *query.Query
	kept []uint32 // never written to
}

// remember takes in the result of the filter at hand, if that is all worked out.
func (t *Table) remember() {
	p := &t.past
	if p.of != t.s.Len() {
		*p = past{of: t.s.Len()}
	}
	if t.all || !t.filtered() || t.next < p.of {
		return
	}
	text := t.matcher.q.String()
	p.drop(func(r result) bool { return r.q.String() == text })
	p.results = append(p.results, result{t.matcher.q, slices.Clip(t.kept)})
	p.held += len(t.kept)
	for len(p.results) > maxPast || p.held > p.of {
		first := p.results[0]
		p.drop(func(r result) bool { return r.q == first.q })
	}
}

func (p *past) drop(which func(result) bool) {
	p.results = slices.DeleteFunc(p.results, func(r result) bool {
		if which(r) {
			p.held -= len(r.kept)
			return true
		}
		return false
	})
}

// within returns the shortest list that holds all that a filter keeps, and whether
// it holds nothing else; false where no filter was like it.
func (p *past) within(q *query.Query) (list []uint32, same, ok bool) {
	for _, r := range p.results {
		if r.q.String() == q.String() {
			return r.kept, true, true
		}
		if (!ok || len(r.kept) < len(list)) && q.Narrows(r.q) {
			list, ok = r.kept, true
		}
	}
	return list, false, ok
}
