package viewer

import (
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/wire"
)

// search begins the view's search anew. The rows stay until its first page is
// there: a flash of nothing helps nobody.
func (m *Model) search(after afterwards) []Effect {
	effects := append(m.cancel(), m.tailAnew()...)
	right := after == keepEntries && (!m.load.replace || m.load.right)
	if right {
		span, err := m.view.Span(m.now, m.zone)
		right = err == nil && m.sameSpan(span)
	}
	limit := m.firstLimit(after)
	m.load = load{generation: m.load.generation, replace: true, right: right, after: after, began: m.now}
	m.touch()
	m.seek = seek{}
	if m.view.Sel != "" {
		m.seek = seek{key: m.view.Sel}
	}
	if len(m.view.Src) == 0 {
		m.clear()
		return effects
	}
	span, err := m.view.Span(m.now, m.zone)
	if err != nil {
		m.refused(fault.Of(err))
		return effects
	}
	m.load.span = span
	if w := m.filter.wrong; w != nil && m.filter.committed == nil && m.view.Query != "" {
		err := fault.New(fault.Invalid, "viewer: filter").Saying(w.Error())
		err.Column = w.Column
		m.refused(err)
		return effects
	}
	return append(effects, m.order("", limit))
}

// sameSpan reports whether a span is that of the rows, but for the time that went
// by: an open end is now, and a beginning may follow it.
func (m *Model) sameSpan(s logs.Span) bool {
	passed := m.now.Sub(m.load.began)
	moved := s.From.Sub(m.load.span.From)
	return s.To.Equal(m.load.span.To) && (moved == 0 || moved == passed)
}

// firstLimit returns how many entries the first page of a search asks for: so many
// that what the reader is looking at may be among them.
func (m *Model) firstLimit(after afterwards) int {
	if after == fromTop {
		return firstLimit
	}
	l := m.layout()
	rows := max(m.Focused(), m.Open()) + 1
	if l.row > 0 && l.rows > 0 {
		rows = max(rows, min(int((l.at()+l.height)/l.row), l.rows)+overscan)
	}
	rows = max(rows, m.want)
	m.want = 0
	return min(max(rows, firstLimit), wire.MaxLimit)
}

// clear empties the table.
func (m *Model) clear() { m.clearFor(store.New()) }

func (m *Model) clearFor(s *store.Store) {
	m.show(s)
	m.lanes = nil
	m.focus, m.open = -1, -1
	m.newAfter = 0
}

// show shows another store, whose entries were asked with the committed filter.
func (m *Model) show(s *store.Store) {
	m.store, m.table = s, store.NewTable(s, m.opts)
	m.shows++
	m.times = times{}
	m.filter.loaded, m.filter.shown = m.filter.committed.String(), ""
	m.pin, m.sorted = nil, ""
	if column, least := m.view.SortedBy(); !m.newestFirst() {
		m.table.SetSort(column, least)
		m.sorted = m.view.Sort
	}
	if text := m.filter.draft.String(); text != m.filter.loaded {
		m.table.SetQuery(m.filter.draft.Grounded())
		m.filter.shown = text
	}
	m.applyFind()
	m.slice()
}

// cancel gives up the load under way.
func (m *Model) cancel() []Effect {
	if !m.load.underWay {
		return nil
	}
	m.load.underWay = false
	return []Effect{CancelLoad{m.load.generation}}
}

// firstPage replaces the rows. Unless it is a search of other things, the focused
// row, the open one and the place survive, if their entries do.
func (m *Model) firstPage(body []byte) []Effect {
	next := store.New()
	meta, err := next.AppendPage(body)
	if err != nil {
		m.refused(fault.Of(err))
		return nil
	}
	old := *m
	m.clearFor(next)
	m.load.replace, m.load.right = false, false
	m.takeMeta(meta)
	var effects []Effect
	if m.load.after == fromTop {
		if m.place.top > 0 {
			effects = []Effect{m.scrollTo(0)}
		}
	} else {
		prefer := focusFirst
		if m.load.after == keepPlace {
			prefer = topFirst
			m.newAfter = old.newest()
		}
		m.focus, m.open = old.sameIn(next, old.focus), old.sameIn(next, old.open)
		if a := old.anchor(prefer); a != nil {
			for i, e := range a.entries {
				a.entries[i] = old.sameIn(next, e)
			}
			a.focus, a.timed = old.sameIn(next, a.focus), false
			m.pin = a
			effects = m.slice()
			if !a.held(m) && m.place.top > 0 {
				m.pin = nil
				effects = []Effect{m.scrollTo(0)}
			}
		}
	}
	effects = append(effects, m.sought()...)
	effects = append(effects, m.askCounts()...)
	return append(effects, m.loadOn()...)
}

// newest returns the newest time that is held, 0 for none.
func (m *Model) newest() int64 { return max(m.times.newest, 0) }

// sameIn returns the entry of another store that is the same, or -1.
func (m *Model) sameIn(other *store.Store, e int) int {
	if e < 0 {
		return -1
	}
	found, ok := other.Find(m.store.Src(e), m.store.ID(e))
	if !ok {
		return -1
	}
	return found
}

// takeSaid takes in what a page says of the search as a whole.
func (m *Model) takeSaid(meta store.Meta) {
	// Each page says what is known by then. An empty one at the end of others may say
	// that nothing was found, and that is not so.
	if meta.Entries > 0 || m.store.Len() == 0 {
		m.load.notes = meta.Notes
	}
}
