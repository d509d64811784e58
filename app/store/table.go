package store

import (
	"slices"

	"github.com/logpane/logpane/app/query"
)

// Table says which entries of a store are shown, and in what order. Rows are
// numbered from the top, 0. It is not safe for concurrent use.
type Table struct {
	s    *Store
	opts query.Options
}

// NewTable returns a table of all entries of a store, newest first.
func NewTable(s *Store, o query.Options) *Table { return &Table{s: s, opts: o} }

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.s.order) }

// At returns the entry of a row. It panics when there is no such row.
func (t *Table) At(row int) int { return int(t.s.order[row]) }

// RowOf returns the row of an entry, -1 when it is not shown.
func (t *Table) RowOf(e int) int {
	if e < 0 {
		return -1
	}
	row, ok := slices.BinarySearchFunc(t.s.order, uint32(e), t.s.before)
	if !ok {
		return -1
	}
	return row
}

// Appended takes in what the store took since. Call it after each append.
func (t *Table) Appended() {}
