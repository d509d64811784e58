package viewer

import "github.com/logpane/logpane/app/view"

// Names returns the names of the fields that loaded entries have or a vendor
// counts, for columns and for completing a filter. Not to be changed.
func (m *Model) Names() []string { return m.fieldNames() }

// Values returns the values of a field that were seen, the likeliest first; nil
// for one with too many to choose from.
func (m *Model) Values(name string) []string { return m.store.Values(name) }

// Value returns what a filter asks for to find rows that show the same in a column:
// a field of the filter language and its value. It reports false where the row has
// none, and for times and durations, which hardly two rows share. It panics when
// there is no such row.
func (m *Model) Value(row int, column string) (field, value string, ok bool) {
	e := m.table.At(row)
	switch column {
	case colTarget:
		return "src", m.store.Src(e), true
	case view.ByTime, "took":
		return "", "", false
	case "level":
		// The cell says the outcome where that weighs more.
		if level, outcome := m.store.Level(e).String(), m.store.Outcome(e).String(); level == "" && outcome != "" {
			return "outcome", outcome, true
		}
	}
	value = m.store.Text(e, column)
	return column, value, value != ""
}
