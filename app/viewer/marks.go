package viewer

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
)

// MaxMarked bounds how many entries are marked at a time; the oldest marks go first.
const MaxMarked = 100

// Marked says that the reader marked a row, or unmarked one that was.
type Marked struct{ Row int }

// MarkedRange says that the reader marked all rows from the one marked last to this
// one.
type MarkedRange struct{ Row int }

// MarksCleared says that the reader took all marks away.
type MarksCleared struct{}

func (Marked) msg()       {}
func (MarkedRange) msg()  {}
func (MarksCleared) msg() {}

// marked is an entry that the reader marked. It outlives the search that found it,
// so that what one search found can be compared with what another finds.
type marked struct {
	src, id string
	json    []byte // of the entry; a copy
}

// marking takes in the messages about marks.
func (m *Model) marking(msg Msg) ([]Effect, bool) {
	switch msg := msg.(type) {
	case Marked:
		if e, ok := m.markable(msg.Row); ok {
			if i := m.markOf(e); i >= 0 {
				m.marks = slices.Delete(m.marks, i, i+1)
			} else {
				m.mark(e)
			}
		}
	case MarkedRange:
		m.markRange(msg.Row)
	case MarksCleared:
		m.marks = nil
	default:
		return nil, false
	}
	return nil, true
}

// markable returns the entry of a row that can be marked: entries without an id
// cannot be told from others.
func (m *Model) markable(row int) (int, bool) {
	if row < 0 || row >= m.table.Len() {
		return -1, false
	}
	e := m.table.At(row)
	return e, !m.store.Gap(e) && m.store.ID(e) != ""
}

// mark makes an entry the one marked last.
func (m *Model) mark(e int) {
	if i := m.markOf(e); i >= 0 {
		m.marks = slices.Delete(m.marks, i, i+1)
	} else if len(m.marks) == MaxMarked {
		m.marks = slices.Delete(m.marks, 0, 1)
	}
	m.marks = append(m.marks, marked{strings.Clone(m.store.Src(e)), strings.Clone(m.store.ID(e)), slices.Clone(m.store.JSON(e))})
}

// markRange marks what lies between the row marked last and another, and then these
// two: they are the newest marks, and so what is compared.
func (m *Model) markRange(row int) {
	e, ok := m.markable(row)
	if !ok {
		return
	}
	if n := len(m.marks); n > 0 {
		from, found := m.store.Find(m.marks[n-1].src, m.marks[n-1].id)
		if at := m.rowOf(from); found && at >= 0 && at != row {
			lo, hi := min(at, row)+1, max(at, row)
			for between := max(lo, hi-MaxMarked+2); between < hi; between++ {
				if e, ok := m.markable(between); ok {
					m.mark(e)
				}
			}
			m.mark(from)
		}
	}
	m.mark(e)
}

// markOf returns the place of an entry's mark, -1 without one.
func (m *Model) markOf(e int) int {
	if len(m.marks) == 0 {
		return -1
	}
	src, id := m.store.Src(e), m.store.ID(e)
	return slices.IndexFunc(m.marks, func(k marked) bool { return k.id == id && k.src == src })
}

// Marks returns how many entries are marked, also those that are not among the
// rows.
func (m *Model) Marks() int { return len(m.marks) }

// Compared returns the place where the two entries marked last stand side by side;
// false with fewer than two.
func (m *Model) Compared() (view.View, bool) {
	n := len(m.marks)
	if n < 2 {
		return view.View{}, false
	}
	v := m.View().At(view.Place{Kind: view.Compare})
	pair := m.marks[n-2:]
	for _, k := range pair { // a target that is not shown any more is, so that the link finds both
		if !slices.Contains(v.Src, k.src) {
			v.Src = append(v.Src, k.src)
		}
	}
	for _, k := range pair {
		key := k.id
		if len(v.Src) > 1 {
			key = k.src + "," + k.id
		}
		v.Pick = append(v.Pick, key)
	}
	return v, true
}

// EntryOf returns the entry that a key of View.Sel or View.Pick stands for, among
// what is loaded and what is marked, whatever the filter hides.
func (m *Model) EntryOf(key string) (logs.Entry, bool) {
	if e, ok := m.findKey(key); ok && key != "" {
		return m.store.Entry(e), true
	}
	for _, k := range m.marks {
		if key != "" && (key == k.id || key == k.src+","+k.id) {
			var e logs.Entry
			if json.Unmarshal(k.json, &e) == nil {
				return e, true
			}
		}
	}
	return logs.Entry{}, false
}

// markStatus says how many entries are marked and what can be done with them.
func (m *Model) markStatus() string {
	switch n := len(m.marks); n {
	case 0:
		return ""
	case 1:
		return "1 marked; mark another to compare"
	case 2:
		return "2 marked; = compares them"
	default:
		return count(n) + " marked; = compares the last two"
	}
}
