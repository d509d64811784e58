package viewer

import (
	"time"

	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/view"
)

// around is how far AroundAsked looks to both sides of an entry.
const around = 30 * time.Second

// maxCommon bounds the rows that are looked through for what all of them have.
const maxCommon = 2_000

// left is the table that AroundAsked left, with its place: the way back shows it as
// it was, without asking anybody.
type left struct {
	view   view.View
	store  *store.Store
	table  *store.Table
	load   load
	lanes  []Lane
	times  times
	loaded string // of filter
	sorted string
	top    float64
	focus  int
}

// aroundAsked shows what else happened then, and keeps the entry open.
func (m *Model) aroundAsked(row int) []Effect {
	if row < 0 || row >= m.table.Len() {
		return nil
	}
	e := m.table.At(row)
	at := m.store.Time(e)
	if at.IsZero() {
		return nil
	}
	if !m.isAround() {
		m.left = nil
		if !m.view.Live && !m.load.replace { // what is followed goes on meanwhile: it is asked for anew
			m.left = &left{m.view, m.store, m.table, m.load, m.lanes, m.times, m.filter.loaded, m.sorted, m.place.top, e}
		}
	}
	m.focus, m.open, m.want = e, e, nextLimit
	return m.change(func() {
		m.view.Query = ""
		m.view.From = view.Stamp(at.Add(-around).Truncate(time.Second))
		m.view.To = view.Stamp(roundUp(at.Add(around), time.Second))
	})
}

// isAround reports whether the view is one that AroundAsked leads to: everything of
// about a minute.
func (m *Model) isAround() bool {
	from, to, ok := m.bounds()
	return ok && m.view.Query == "" && m.view.To != "" && to.Sub(from) <= 2*around+2*time.Second
}

// Around reports whether AroundAsked led here and the way back is kept.
func (m *Model) Around() bool { return m.left != nil && m.isAround() }

// comeBack shows the table that AroundAsked left again, and reports whether an
// address asks for it.
func (m *Model) comeBack(v view.View) ([]Effect, bool) {
	l := m.left
	if l == nil || v.Live || m.store == l.store || m.load.generation == 0 || m.view.SameSearch(v) || !l.view.SameSearch(v) {
		return nil, false
	}
	effects := append(m.cancel(), m.tailAnew()...)
	generation := m.load.generation
	m.left = nil
	m.store, m.table, m.load, m.lanes, m.times, m.sorted = l.store, l.table, l.load, l.lanes, l.times, l.sorted
	m.load.generation, m.load.underWay = generation, false
	m.filter.loaded, m.filter.shown = l.loaded, "\x00" // whatever it was, the table is filtered anew
	m.focus, m.open, m.pin, m.newAfter, m.seek, m.want = l.focus, -1, nil, 0, seek{}, 0
	m.shows++
	m.place.top = l.top
	m.applyFind()
	m.touch()
	return append(effects, ScrollTo{l.top}), true
}

// Pair is a column with the value that all rows have in it.
type Pair struct{ Title, Value string }

// common is what all rows around an entry have.
type common struct {
	version int
	pairs   []Pair
	columns map[string]bool // those, and the ones that no row has a value for
}

// Common returns what all rows have where AroundAsked led: it stands above the
// table, and not in each row.
func (m *Model) Common() []Pair { return m.inCommon().pairs }

func (m *Model) inCommon() *common {
	n := m.table.Len()
	if n < 2 || n > maxCommon || m.load.replace || !m.isAround() {
		return &common{}
	}
	if m.common != nil && m.common.version == m.version {
		return m.common
	}
	c := &common{version: m.version, columns: map[string]bool{}}
	m.common = c
	for _, name := range m.columnNames() {
		if name == view.ByTime || name == colSummary {
			continue
		}
		value, first, same := "", true, true
		for row := 0; row < n && same; row++ {
			if m.store.Gap(m.table.At(row)) {
				continue
			}
			cell := m.Cell(row, name)
			same = first || cell == value
			value, first = cell, false
		}
		if !same {
			continue
		}
		c.columns[name] = true
		if value != "" {
			c.pairs = append(c.pairs, Pair{Title(name), value})
		}
	}
	return c
}
