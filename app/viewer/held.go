package viewer

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/view"
)

func bytesOf(s *store.Store) int {
	if s == nil {
		return 0
	}
	return s.Bytes()
}

// holding reports whether what comes is held back, and makes room for it.
func (m *Model) holding() bool {
	t := &m.tail
	if t.pause == following && !t.pouring {
		return false
	}
	if t.held == nil {
		t.held = store.New()
	}
	return true
}

// receive has what came added to the rows, or to what is held back.
func (m *Model) receive(add func(*store.Store) error) []Effect {
	t := &m.tail
	if m.holding() {
		return m.full(add(t.held))
	}
	n := m.store.Len()
	effects := m.full(add(m.store))
	if m.store.Len() == n {
		return effects
	}
	t.marks = append(t.marks, stretch{n, m.store.Len(), m.now})
	m.grown(n)
	effects = append(effects, m.slice()...)
	if m.place.top > 0 && m.pin == nil {
		effects = append(effects, m.scrollTo(0))
	}
	return effects
}

// grown takes in entries that the tail brought to the store.
func (m *Model) grown(from int) {
	for e := from; e < m.store.Len(); e++ {
		if !m.store.Gap(e) {
			m.load.scanned++
		}
	}
	m.table.Appended()
	m.lookAtTimes()
	m.touch()
}

// full ends the tail if the store takes no more.
func (m *Model) full(err error) []Effect {
	if err == nil {
		return nil
	}
	return m.stop(fault.Of(err).Msg, ActFollowNew)
}

// pour moves what was held back to the table, batch by batch. Where the table does
// not follow, the rows in view stay where they are.
func (m *Model) pour(more func() bool) []Effect {
	t := &m.tail
	if m.pin == nil && t.pause != following {
		m.pin = m.inView(topFirst)
	}
	n := m.store.Len()
	var err error
	for t.poured < t.held.Len() && err == nil {
		t.poured, err = m.store.Take(t.held, t.poured)
		m.table.Appended()
		if !more() {
			break
		}
	}
	t.marks = append(t.marks, stretch{n, m.store.Len(), m.now})
	m.grown(n)
	if err != nil || t.poured >= t.held.Len() {
		t.held, t.poured, t.pouring = nil, 0, false
	}
	return m.full(err)
}

// readOn puts the table where the reader goes on: what was on top when it paused is
// the lowest row.
func (m *Model) readOn() []Effect {
	t := &m.tail
	row := m.rowOf(t.boundary)
	if t.boundary = -1; row < 0 {
		return nil
	}
	l := m.layout()
	m.pin = nil
	return []Effect{m.scrollTo(l.scrollFor(float64(row+1)*l.row - l.height))}
}

// resumeLive follows again, from the newest row on.
func (m *Model) resumeLive() []Effect {
	t := &m.tail
	t.pause, t.fresh, t.errors, t.boundary = following, 0, 0, -1
	var effects []Effect
	if !m.newestFirst() {
		m.view = m.view.SortBy(view.ByTime, false)
		effects = append(m.applySort(), m.replaceURL()...)
	}
	if m.pin = nil; t.held != nil {
		t.pouring = true
		effects = append(effects, m.slice()...)
	}
	if m.place.top > 0 {
		effects = append(effects, m.scrollTo(0))
	}
	return effects
}

// count counts the entries that came, from the n-th of their store on.
func (m *Model) count(n int) {
	t := &m.tail
	s := m.store
	if t.held != nil {
		s = t.held
	}
	for e := n; e < s.Len(); e++ {
		src, id := s.Src(e), s.ID(e)
		if _, twice := m.store.Find(src, id); s == t.held && id != "" && twice {
			continue // the search had it
		}
		for _, g := range t.gaps {
			if at := s.Time(e); g.filled && (g.ours || g.src == src) && !at.Before(g.from) && !at.After(g.to) {
				g.n++
			}
		}
		bad := 0
		if s.Mark(e) == MarkError {
			bad = 1
		}
		t.inSecond++
		if t.pause != following || t.hidden {
			t.fresh, t.errors = t.fresh+1, t.errors+bad
		}
		of := vendorOf(src)
		i := slices.IndexFunc(t.told, func(o told) bool { return o.of == of })
		if i < 0 {
			i = len(t.told)
			t.told = append(t.told, told{of: strings.Clone(of)})
		}
		t.told[i].n++
		t.told[i].errors += bad
	}
}
