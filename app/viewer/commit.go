package viewer

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/view"
)

// opened shows an address. One that asks for the entries already there, as the
// browser's Back does after details were opened, loads nothing.
func (m *Model) opened(msg Opened) []Effect {
	m.now = msg.Now
	m.setZone(msg.Zone)
	if msg.Columns != nil {
		m.columnsOf = msg.Columns
	}
	effects, same := m.comeBack(msg.View)
	same = same || m.load.generation > 0 && m.view.SameSearch(msg.View)
	sameTargets := slices.Equal(m.view.Src, msg.View.Src)
	m.view, m.typed, m.drawn = msg.View, false, false
	m.readView()
	if !sameTargets {
		m.forgetFacets()
	}
	if cols := m.keptColumns(); len(m.view.Cols) == 0 && len(cols) > 0 {
		m.view.Cols = cols
		effects = append(effects, m.replaceURL()...) // so that a link shows others what the reader sees
	}
	m.nameTargets()
	effects = append(effects, m.applySort()...)
	effects = append(effects, m.applyFilter()...)
	if !same {
		return append(effects, m.search(fromTop)...)
	}
	m.open = -1
	if e, ok := m.findKey(m.view.Sel); ok {
		m.focus, m.open = e, e
		effects = append(effects, m.reveal()...)
	}
	return effects
}

// change commits a change of the search: a new history entry and a new load. The
// entry of the history that is left gets its own address back, which typing had
// overwritten, so that Back undoes exactly one change. The rows stay until the
// first page is there, filtered by the new filter: of what is loaded they are
// already the right ones.
func (m *Model) change(edit func()) []Effect {
	before := m.view
	edit()
	if m.view.From == view.DefaultFrom && m.view.To == "" {
		m.view.From = ""
	}
	if m.filter.wrong == nil {
		m.readView()
	}
	if m.view.SameSearch(before) {
		effects := append(m.applyFilter(), m.replaceURL()...)
		if m.load.err != nil {
			effects = append(effects, m.search(keepPlace)...)
		}
		return effects
	}
	after := keepEntries
	if !slices.Equal(before.Src, m.view.Src) {
		after = fromTop
		m.forgetFacets()
		m.changeKind(before)
	}
	if m.view.Sel = ""; after == keepEntries && m.staysOpen() {
		m.view.Sel = strings.Clone(m.key(m.store.Src(m.open), m.store.ID(m.open)))
	} else {
		m.open = -1
	}
	m.nameTargets()
	var effects []Effect
	if m.drawn {
		effects = append(effects, ReplaceURL{before.URL()})
	}
	effects = append(effects, PushURL{m.view.URL()})
	m.typed, m.drawn = m.filter.wrong != nil, false
	effects = append(effects, m.applyFilter()...)
	return append(effects, m.search(after)...)
}

// staysOpen reports whether the open entry is among those that the view asks for.
func (m *Model) staysOpen() bool {
	if m.open < 0 {
		return false
	}
	span, err := m.view.Span(m.now, m.zone)
	if err != nil || !span.Holds(m.store.Time(m.open)) {
		return false
	}
	e := m.store.Entry(m.open)
	return m.filter.committed.Match(&e)
}

// changeKind shows the columns that the reader chose for the targets that are
// shown now. Those of a link stay.
func (m *Model) changeKind(before view.View) {
	now := m.view
	m.view = before
	own, kind := m.keptColumns(), m.Kind()
	if m.view = now; kind != m.Kind() && slices.Equal(own, before.Cols) {
		m.view.Cols = m.keptColumns()
	}
}

// replaceURL writes the view into the address, with the text of the filter box
// while that is being typed.
func (m *Model) replaceURL() []Effect {
	v := m.view
	v.Query = m.draft
	m.typed, m.drawn = false, m.draft != m.view.Query
	return []Effect{ReplaceURL{v.URL()}}
}
