package viewer

import "math"

import "sort"

// anchor is what the reader was looking at, and where it stood, so that it can be
// put there again when rows come, go or change places.
type anchor struct {
	entries []int   // of the rows in view, the topmost first; -1 for ones that are gone
	above   float64 // how far the first of them begins above the visible top edge, px
	row     float64 // height of a row
	focus   int     // entry with the focus where it was in view and matters most, -1
	place   int     // its place among entries
	at      int64   // time of the first entry, to stand near it when all are gone
	timed   bool    // at is known, and may be used
}

// preference says what is to stay where it is.
type preference bool

const (
	topFirst   preference = false // the topmost row; at the newest end what is new pushes the others down
	focusFirst preference = true  // the focused row where it is in view, else the topmost one
)

// anchor returns what is in view, nil when nothing has to stay where it is.
func (m *Model) anchor(p preference) *anchor {
	a := m.inView(p)
	if a != nil && m.place.top <= 0 && a.focus < 0 {
		return nil
	}
	return a
}

// inView is anchor also where the table stands at its top.
func (m *Model) inView(p preference) *anchor {
	l := m.layout()
	if l.rows == 0 || l.row <= 0 || l.height <= 0 {
		return nil
	}
	at := l.at()
	first := min(int(at/l.row), l.rows-1)
	last := min(int((at+l.height)/l.row), l.rows-1)
	a := &anchor{above: at - float64(first)*l.row, row: l.row, focus: -1}
	if f := m.Focused(); p == focusFirst && first <= f && f <= last {
		a.focus, a.place = m.focus, f-first
	}
	for row := first; row <= last; row++ {
		a.entries = append(a.entries, m.table.At(row))
	}
	a.at, a.timed = m.store.UnixNano(a.entries[0])
	return a
}

// held returns whether one of the rows that were in view is shown.
func (a *anchor) held(m *Model) bool {
	_, _, ok := a.find(m)
	return ok
}

// find returns the row that stands for the anchor, and its place in view.
func (a *anchor) find(m *Model) (row, place int, ok bool) {
	if row = m.rowOf(a.focus); row >= 0 {
		return row, a.place, true
	}
	for i, e := range a.entries {
		if row = m.rowOf(e); row >= 0 {
			return row, i, true
		}
	}
	return 0, 0, false
}

// settle puts the table where the pinned rows stand as they stood. Where they are
// gone it stands near their time, once all rows are known.
func (m *Model) settle(done bool) []Effect {
	a := m.pin
	if a == nil {
		return nil
	}
	if done {
		m.pin = nil
	}
	l := m.layout()
	if l.row <= 0 || l.rows == 0 {
		return nil
	}
	row, place, ok := a.find(m)
	if !ok {
		if !done || !a.timed || !m.newestFirst() {
			return nil
		}
		row = sort.Search(l.rows, func(row int) bool {
			t, timed := m.store.UnixNano(m.table.At(row))
			return !timed || t <= a.at
		})
	}
	at := float64(row)*l.row + a.above - float64(place)*a.row
	if diff := at - l.at(); -0.5 < diff && diff < 0.5 {
		return nil
	}
	top := l.scrollFor(at)
	if diff := top - m.place.top; -0.5 < diff && diff < 0.5 {
		return nil
	}
	return []Effect{m.scrollTo(top)}
}

// scrollTo moves the table. The model takes the new place at once: the Scrolled
// that will tell of it comes a frame later.
func (m *Model) scrollTo(top float64) Effect {
	m.place.top = top
	return ScrollTo{top}
}

// scrolled takes the place of the table. A reader who scrolls wants to be there,
// and not where a filter under way would have put the rows back.
func (m *Model) scrolled(msg Scrolled) []Effect {
	l := m.layout()
	possible := m.place.top <= l.body()-l.height // else the browser moved it, because the rows are fewer
	if diff := msg.Top - m.place.top; possible && (diff < -1 || diff > 1) {
		m.pin = nil
	}
	top := max(msg.Top, 0)
	m.place.leapt = m.place.height > 0 && math.Abs(top-m.place.top)*l.stretch() > msg.Height
	if m.turned && m.Filled() {
		m.turned, m.place.leapt = false, true
	}
	m.place.top, m.place.height, m.place.row = top, msg.Height, msg.RowHeight
	return m.loadIfNear()
}
