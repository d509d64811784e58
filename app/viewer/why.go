package viewer

import (
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/store"
)

// why is what a filter that hides all loaded rows would show without one of its
// clauses. It may be known before the search is done, and outlives the rows.
type why struct {
	filter string       // canonical form
	of     int          // loaded rows
	shows  int          // of which store of the model
	store  *store.Store // nil once all is known
	query  *query.Query
	table  *store.Table // of the clause that is left out now; nil when there is none
	clause int          // which one
	best   int          // the clause without which most rows match
	rows   int          // how many
}

func (w *why) pending() bool { return w.table != nil }

// explain finds out why no loaded row matches, if that is so.
func (m *Model) explain(more func() bool) {
	w := &m.why
	if m.table.Len() == 0 && m.store.Len() > 0 && m.filter.shown != "" && (w.filter != m.filter.shown || w.shows != m.shows || w.of != m.store.Len()) {
		*w = why{filter: m.filter.shown, of: m.store.Len(), shows: m.shows, store: m.store, query: m.filter.draft, clause: -1}
		w.next(m.opts)
	}
	for w.table != nil {
		if !w.table.Work(more) {
			return
		}
		if n := w.table.Len(); n > w.rows {
			w.best, w.rows = w.clause, n
		}
		w.next(m.opts)
	}
}

// next leaves out the next clause. A filter of one clause hides everything by it.
func (w *why) next(o query.Options) {
	clauses := w.query.Clauses()
	if len(clauses) == 1 {
		w.best, w.rows = 0, w.of
	}
	if w.clause++; len(clauses) <= 1 || w.clause == len(clauses) {
		w.table, w.store = nil, nil
		return
	}
	w.table = store.NewTable(w.store, o)
	w.table.SetQuery(w.query.Without(w.clause))
}

// blame returns the clause to leave out of a filter that hides everything, the
// filter without it, and how many rows that would show.
func (m *Model) blame(filter string) (clause, without string, rows int, ok bool) {
	w := m.why
	if w.filter == "" || w.filter != filter || w.rows == 0 || w.pending() {
		return "", "", 0, false
	}
	return w.query.Clauses()[w.best].String(), w.query.Without(w.best).String(), w.rows, true
}
