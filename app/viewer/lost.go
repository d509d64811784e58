package viewer

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// Lost is an entry that the address opens and that was not found.
type Lost struct {
	Src string // of its target; "" where it could be one of several
	ID  string
	End bool // all of the span was read that can be; else the reader may search on
}

// Lost returns the entry that the view opens, where it was sought as far as that goes
// and is not there. False while it is still sought.
func (m *Model) Lost() (Lost, bool) {
	key := m.seek.key
	if key == "" || key != m.view.Sel || m.open >= 0 || m.load.generation == 0 || m.load.underWay || m.load.replace || m.load.err != nil {
		return Lost{}, false
	}
	end := m.load.cursor == ""
	if !end && m.load.auto < maxAuto && !m.load.stopped {
		return Lost{}, false
	}
	l := Lost{ID: key, End: end}
	if src, id, ok := strings.Cut(key, ","); ok && slices.Contains(m.view.Src, src) {
		l.Src, l.ID = src, id
	} else if len(m.view.Src) == 1 {
		l.Src = m.view.Src[0]
	}
	if slices.ContainsFunc(m.lanes, func(n Lane) bool { return n.State == logs.Failed && (l.Src == "" || n.Src == l.Src) }) {
		return Lost{}, false // the failure is told, and may be why
	}
	return l, true
}
