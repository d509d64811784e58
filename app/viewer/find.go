package viewer

import "strings"

// find is what the find bar looks for in the shown rows.
type find struct {
	open bool
	text string
	step int // -1 or 1 where a step waits for the looking to be done
}

// found takes in the messages of the find bar.
func (m *Model) found(msg Msg) (effects []Effect, mine bool) {
	switch msg := msg.(type) {
	case FindEdited:
		m.find.open = true
		if msg.Text != m.find.text {
			m.find.text, m.find.step = msg.Text, 0
			m.applyFind()
		}
		return m.slice(), true
	case FindStepped:
		return m.findStepped(msg.Back), true
	case FindClosed:
		m.find = find{}
		m.applyFind()
		return nil, true
	}
	return nil, false
}

// applyFind has the table look for the text of the bar, as it is: finding knows no
// filter language.
func (m *Model) applyFind() {
	text := strings.TrimSpace(m.find.text)
	if text == "" {
		m.table.SetFind(nil)
		return
	}
	q, err := m.opts.ForText(text)
	if err != nil { // longer than a filter may be: nothing has it
		q = nil
	}
	m.table.SetFind(q)
}

// findStepped focuses the next match, and goes round at the end. While there may be
// nearer ones that were not looked at yet, it waits for Work.
func (m *Model) findStepped(back bool) []Effect {
	if strings.TrimSpace(m.find.text) == "" {
		return nil
	}
	m.find.open = true
	from := m.Focused()
	if from < 0 {
		if from = m.firstVisible(); !back {
			from--
		}
	}
	row, ok := m.table.FindNext(from, back)
	if _, done := m.table.FindCount(); !ok && !done {
		if m.find.step = 1; back {
			m.find.step = -1
		}
		return nil
	}
	m.find.step = 0
	if !ok {
		if from = -1; back {
			from = m.table.Len()
		}
		if row, ok = m.table.FindNext(from, back); !ok {
			return nil
		}
	}
	return m.focusRow(row)
}

// Find returns what the find bar shows.
func (m *Model) Find() FindState {
	s := FindState{Text: m.find.text, Open: m.find.open, Done: true}
	if strings.TrimSpace(m.find.text) != "" {
		s.Count, s.Done = m.table.FindCount()
		s.At = m.findAt()
	}
	return s
}

// findAt returns which match has the focus, from 1; 0 for none.
func (m *Model) findAt() int {
	focused := m.Focused()
	if focused < 0 || !m.table.Found(m.focus) {
		return 0
	}
	n := 0
	for row := range focused + 1 {
		if m.table.Found(m.table.At(row)) {
			n++
		}
	}
	return n
}
