package viewer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
)

// Column is one column of the table.
type Column struct {
	Name   string // what View.Cols holds: a name of the filter language, or "target"
	Title  string
	Right  bool // numbers: right-aligned
	Grow   bool // takes the room that is left
	Fixed  bool // stays in view when the table is scrolled sideways
	Sorted int  // 1 least first (the time: oldest), -1 greatest first, 0 not sorted by
}

// Names of columns that are no names of the filter language, or that the model
// treats in a way of their own.
const (
	colTarget  = "target"
	colSummary = "summary"
)

// usual are the default columns in their order.
var usual = []string{view.ByTime, "level", colTarget, "status", "took", colSummary}

// numeric are the columns whose values are right-aligned.
var numeric = []string{"status", "took", "attempt", "hits", "api_calls"}

// Kind returns the kind of table for which the reader's columns are kept: the
// vendor of all targets, "mixed" for several, "" where there is no target.
func (m *Model) Kind() string {
	kind := ""
	for _, src := range m.view.Src {
		v, _, _ := strings.Cut(src, "/")
		if kind != "" && kind != v {
			return "mixed"
		}
		kind = v
	}
	return kind
}

// usualColumns returns the default columns: the target is left out where there is
// only one.
func (m *Model) usualColumns() []string {
	if len(m.view.Src) > 1 {
		return usual
	}
	return slices.DeleteFunc(slices.Clone(usual), func(n string) bool { return n == colTarget })
}

// ColumnNames returns the names of the columns in their order, also where the view
// leaves them to what is usual.
func (m *Model) ColumnNames() []string { return slices.Clone(m.columnNames()) }

func (m *Model) columnNames() []string {
	if names := slices.DeleteFunc(slices.Clone(m.view.Cols), func(n string) bool { return !view.ColumnName(n) }); len(names) > 0 {
		return names
	}
	return m.usualColumns()
}

// Columns returns the columns to draw, the leftmost first. They are the caller's
// to read, until the next message.
func (m *Model) Columns() []Column {
	if m.columns != nil {
		return m.columns
	}
	sorted, least := m.view.SortedBy()
	names := m.columnNames()
	if c := m.inCommon(); len(c.columns) > 0 {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return c.columns[n] })
	}
	grow := slices.Index(names, colSummary)
	if grow < 0 {
		grow = len(names) - 1
	}
	m.columns = make([]Column, len(names))
	for i, n := range names {
		c := Column{Name: n, Title: Title(n), Right: slices.Contains(numeric, n), Grow: i == grow, Fixed: i == 0 && n == view.ByTime}
		if n == sorted || n == colTarget && sorted == "src" {
			if c.Sorted = -1; least {
				c.Sorted = 1
			}
		}
		m.columns[i] = c
	}
	return m.columns
}

// written are the titles that do not follow from the name.
var written = map[string]string{
	"id": "ID", "ip": "IP", "url": "URL", "uri": "URI", "src": "Target", "integration_name": "Integration", "hits": "Hits",
}

// Title writes a name of the filter language for people: "error_code" is "Error
// code", "ep.error_detail" is "Error detail".
func Title(name string) string {
	if t, ok := written[name]; ok {
		return t
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	return Capital(strings.TrimSpace(strings.ReplaceAll(name, "_", " ")))
}

// Cell returns what a row shows in a column, "" for nothing. Its text may hold
// memory of the store: who keeps it for long copies it. It panics when there is no
// such row.
func (m *Model) Cell(row int, column string) string {
	s, e := m.store, m.table.At(row)
	if s.Gap(e) && column != view.ByTime && column != colTarget {
		if slices.ContainsFunc(m.Columns(), func(c Column) bool { return c.Grow && c.Name == column }) {
			return m.gapText(e)
		}
		return ""
	}
	switch column {
	case view.ByTime:
		t := s.Time(e)
		if t.IsZero() {
			return ""
		}
		t = t.In(m.zone)
		text := clock(t, min(s.Digits(e), 3)) // finer digits are in the details
		if !m.byTime() {                      // no header tells the day
			text = t.Format("2 Jan ") + text
			if t.Year() != m.now.In(m.zone).Year() {
				text = day(t) + text[strings.LastIndexByte(text, ' '):]
			}
		}
		return text
	case "level":
		return m.word(e)
	case colTarget, "src":
		return m.nameOf(s.Src(e)).full
	case "status":
		if n := s.Status(e); n > 0 {
			return strconv.Itoa(n)
		}
		return ""
	case "took":
		if d, ok := s.Took(e); ok {
			return Took(d)
		}
		return ""
	case colSummary:
		return s.Summary(e)
	}
	return s.Text(e, column)
}

// word says an entry's mark in a word, so that it is never colour alone. The
// vendor's own level comes first where it has the same weight as the mark.
func (m *Model) word(e int) string {
	level, outcome, attempt := m.store.Level(e), m.store.Outcome(e), m.store.Attempt(e)
	switch m.store.Mark(e) {
	case MarkError:
		if level >= logs.LevelError {
			return level.String()
		}
		if outcome != logs.OutcomeUnknown && outcome != logs.OutcomeSucceeded {
			return outcome.String()
		}
		return "error"
	case MarkWarning:
		if level < logs.LevelWarning && attempt > 1 {
			return "retry " + strconv.Itoa(attempt-1)
		}
		if outcome == logs.OutcomeFailed {
			return outcome.String()
		}
		return "warning"
	case MarkOK:
		return outcome.String()
	case MarkQuiet:
		if outcome == logs.OutcomeSkipped {
			return outcome.String()
		}
	}
	if level != logs.LevelUnknown {
		return level.String()
	}
	return outcome.String()
}

// arranged takes in the messages about columns and their order.
func (m *Model) arranged(msg Msg) (effects []Effect, mine bool) {
	names := slices.Clone(m.columnNames())
	at := func(name string) int { return slices.Index(names, name) }
	switch msg := msg.(type) {
	case ColumnAdded:
		name := msg.Name
		if name == "src" {
			name = colTarget
		}
		if at(name) >= 0 || !view.ColumnName(name) {
			return nil, true
		}
		to := len(names)
		if names[to-1] == colSummary { // it takes the room that is left, and ends the line
			to--
		}
		return m.keepColumns(slices.Insert(names, to, name)), true
	case ColumnDropped:
		i := at(msg.Name)
		if i < 0 || len(names) == 1 {
			return nil, true
		}
		return m.keepColumns(slices.Delete(names, i, i+1)), true
	case ColumnMoved:
		i := at(msg.Name)
		to := min(max(msg.To, 0), len(names)-1)
		if i < 0 || i == to {
			return nil, true
		}
		names = slices.Insert(slices.Delete(names, i, i+1), to, msg.Name)
		return m.keepColumns(names), true
	case ColumnsReset:
		return m.keepColumns(nil), true
	case SortChosen:
		return m.sortChosen(msg.Column), true
	}
	return nil, false
}

// keepColumns shows other columns and has them kept; none are the default ones.
func (m *Model) keepColumns(names []string) []Effect {
	if slices.Equal(names, m.usualColumns()) {
		names = nil
	}
	m.view.Cols = names
	effects, kind := m.replaceURL(), m.Kind()
	if kind == "" {
		return effects
	}
	m.kept[kind] = slices.Clone(names)
	return append(effects, KeepColumns{Kind: kind, Cols: slices.Clone(names)})
}

// keptColumns returns the reader's columns for the present kind of table.
func (m *Model) keptColumns() []string {
	kind := m.Kind()
	if names, ok := m.kept[kind]; ok || kind == "" || m.columnsOf == nil {
		return slices.Clone(names)
	}
	return slices.Clone(m.columnsOf(kind))
}

// sortChosen goes through the orders of a column.
func (m *Model) sortChosen(column string) []Effect {
	if column == colTarget {
		column = "src"
	}
	if !view.ColumnName(column) {
		return nil
	}
	switch sorted, least := m.view.SortedBy(); {
	case sorted != column:
		m.view = m.view.SortBy(column, false)
	case !least:
		m.view = m.view.SortBy(column, true)
	default:
		m.view = m.view.SortBy(view.ByTime, false)
	}
	effects := append(m.applySort(), m.replaceURL()...)
	return append(effects, m.loadIfNear()...)
}

// applySort has the table follow the view's order, from its top.
func (m *Model) applySort() []Effect {
	column, least := m.view.SortedBy()
	if m.sorted == m.view.Sort {
		return nil
	}
	m.sorted = m.view.Sort
	m.table.SetSort(column, least)
	m.pin = nil
	effects := m.slice()
	if m.place.top > 0 {
		effects = append(effects, m.scrollTo(0))
	}
	return effects
}

// byTime reports whether the table is in the order of time, either way.
func (m *Model) byTime() bool {
	column, _ := m.view.SortedBy()
	return column == view.ByTime
}

// newestFirst reports whether the table is in its usual order, in which what is
// older goes below.
func (m *Model) newestFirst() bool { return m.view.Sort == "" || m.view.Sort == view.DefaultSort }

// sortNote says what the order of the table does not tell, "" for nothing.
func (m *Model) sortNote() string {
	if m.newestFirst() || m.load.replace || m.load.cursor == "" {
		return ""
	}
	if m.byTime() {
		return "the oldest of the " + count(m.table.Len()) + " loaded first; older exist"
	}
	column, _ := m.view.SortedBy()
	return "sorted by " + strings.ToLower(Title(column)) + " over the " + count(m.table.Len()) + " loaded; more exist"
}
