package viewer

import (
	"slices"
	"strings"
)

// seek is something that is looked for in older pages.
type seek struct {
	key  string    // of a row to open, as in View.Sel
	jump *Landmark // or a landmark to focus …
	row  int       // … from this row on
}

func (s seek) active() bool { return s.key != "" || s.jump != nil }

// moved takes in the messages that move focus and details.
func (m *Model) moved(msg Msg) []Effect {
	last, turned := m.table.Len()-1, m.byTime() && !m.newestFirst()
	switch msg := msg.(type) {
	case RowFocused:
		if msg.Row < 0 || msg.Row > last {
			m.focus = -1
			return nil
		}
		m.focus = m.table.At(msg.Row)
		return m.reveal()
	case RowOpened:
		if msg.Row < 0 || msg.Row > last {
			return nil
		}
		m.focus = m.table.At(msg.Row)
		return m.moved(DetailsOpened{})
	case DetailsOpened:
		if m.focus < 0 {
			return nil
		}
		return append(m.openFocused(), m.reveal()...)
	case DetailsClosed:
		m.seek.key = ""
		if m.open < 0 && m.view.Sel == "" {
			return nil
		}
		m.open, m.view.Sel = -1, ""
		return m.replaceURL()
	case Stepped:
		row := m.Focused()
		if row < 0 { // the first step goes to the first visible row
			row = m.firstVisible()
		} else {
			row += msg.By
		}
		return m.goTo(row)
	case Jumped:
		return m.jumped(msg)
	case WentNewest:
		if turned {
			return m.goTo(last)
		}
		effects := m.goTo(0)
		if m.place.top > 0 {
			effects = append(effects, m.scrollTo(0))
		}
		return effects
	case WentOldest:
		if turned {
			last = 0
		}
		if last >= 0 && m.Focused() == last {
			return m.resume()
		}
		return m.goTo(last)
	}
	return nil
}

// goTo focuses the nearest row that there is. Open details move along. Near the
// end it reads on.
func (m *Model) goTo(row int) []Effect {
	if m.table.Len() == 0 {
		return nil
	}
	return append(m.focusRow(min(max(row, 0), m.table.Len()-1)), m.loadIfNear()...)
}

// focusRow focuses a row and scrolls it into view. Open details move along.
func (m *Model) focusRow(row int) []Effect {
	m.focus = m.table.At(row)
	var effects []Effect
	if m.open >= 0 && m.open != m.focus {
		effects = m.openFocused()
	}
	return append(effects, m.reveal()...)
}

// openFocused opens the details of the focused row.
func (m *Model) openFocused() []Effect {
	if m.store.Gap(m.focus) {
		return nil
	}
	m.open = m.focus
	m.seek.key = ""
	key := m.key(m.store.Src(m.focus), m.store.ID(m.focus))
	if key == m.view.Sel {
		return nil
	}
	m.view.Sel = strings.Clone(key)
	return m.replaceURL()
}

// reveal scrolls the focused row into view.
func (m *Model) reveal() []Effect {
	if top, ok := m.layout().reveal(m.Focused()); ok {
		return []Effect{m.scrollTo(top)}
	}
	return nil
}

func (m *Model) firstVisible() int {
	if m.place.row <= 0 {
		return 0
	}
	return int(m.layout().at() / m.place.row)
}

// jumped goes to the next landmark. Downwards it goes on into older pages.
func (m *Model) jumped(msg Jumped) []Effect {
	m.seek = seek{}
	from := m.Focused()
	if from < 0 {
		from = m.firstVisible() - 1
	}
	if row, ok := m.landmark(msg.To, from, msg.Back); ok {
		return m.goTo(row)
	}
	if msg.Back || m.load.cursor == "" || !m.newestFirst() || msg.To == ToRelated && m.focus < 0 {
		return nil
	}
	to := msg.To
	m.seek = seek{jump: &to, row: m.table.Len() - 1}
	return m.resume()
}

// landmark returns the nearest row that is one, beyond a row.
func (m *Model) landmark(to Landmark, from int, back bool) (int, bool) {
	s := m.store
	var is func(e int) bool
	switch to {
	case ToError:
		is = func(e int) bool { return s.Mark(e) == MarkError }
	case ToWarning:
		is = func(e int) bool { return s.Mark(e) == MarkWarning }
	case ToRelated:
		if m.focus < 0 {
			return 0, false
		}
		column := s.Job
		if s.Job(m.focus) == "" {
			column = s.Item
		}
		want := column(m.focus)
		if want == "" {
			return 0, false
		}
		src := s.Src(m.focus)
		is = func(e int) bool { return s.Src(e) == src && column(e) == want }
	default:
		return 0, false
	}
	if back {
		for row := min(from, m.table.Len()) - 1; row >= 0; row-- {
			if is(m.table.At(row)) {
				return row, true
			}
		}
		return 0, false
	}
	for row := max(from+1, 0); row < m.table.Len(); row++ {
		if is(m.table.At(row)) {
			return row, true
		}
	}
	return 0, false
}

// sought looks in a new page for what is sought.
func (m *Model) sought() []Effect {
	switch {
	case m.seek.key != "":
		e, ok := m.findKey(m.seek.key)
		if !ok {
			return nil
		}
		m.seek = seek{}
		m.focus, m.open = e, e
		return m.reveal()
	case m.seek.jump != nil:
		row, ok := m.landmark(*m.seek.jump, m.seek.row, false)
		if !ok {
			return nil
		}
		m.seek = seek{}
		return m.goTo(row)
	}
	return nil
}

// key returns what stands for an entry in View.Sel: its id, behind the target's
// address and a comma where there are several targets. An address has no comma.
func (m *Model) key(src, id string) string {
	if id == "" || len(m.view.Src) <= 1 {
		return id
	}
	return src + "," + id
}

// findKey returns the entry of a key.
func (m *Model) findKey(key string) (int, bool) {
	if src, id, ok := strings.Cut(key, ","); ok && slices.Contains(m.store.Srcs(), src) {
		if e, ok := m.store.Find(src, id); ok {
			return e, true
		}
	}
	return m.store.Find("", key)
}
