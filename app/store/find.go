package store

import "github.com/logpane/logpane/app/query"

// find marks the kept entries that a second filter keeps: what is looked for in the
// rows without hiding the others.
type find struct {
	chase
	t       *Table
	matcher *matcher
	bits    []uint64 // entry → found
	n       int
}

// SetFind looks for what a filter keeps among the rows, without hiding the others;
// nil looks for nothing. [query.Options.ForText] makes a filter of plain text. Work
// does the looking.
func (t *Table) SetFind(q *query.Query) {
	f := &t.find
	if f.on && q.String() == f.matcher.q.String() {
		return
	}
	f.matcher = t.s.matcher(q)
	f.on = q.String() != ""
	f.add, f.cost, f.reset = f.look, func(e uint32) int { return f.matcher.cost(e) }, f.begin
	f.n, f.bits = 0, nil
	f.restart()
}

func (f *find) begin() {
	f.n = 0
	clear(f.bits)
}

func (f *find) look(e uint32) {
	if f.t.s.flags[e]&gap == 0 && f.matcher.match(e) {
		for int(e/64) >= len(f.bits) {
			f.bits = append(f.bits, make([]uint64, len(f.bits)+16)...)
		}
		f.bits[e/64] |= 1 << (e % 64)
		f.n++
	}
}

// Found reports whether an entry is among what was found so far.
func (t *Table) Found(e int) bool {
	return e/64 < len(t.find.bits) && t.find.bits[e/64]>>(e%64)&1 != 0
}

// FindCount returns how many rows were found, and whether that is all.
func (t *Table) FindCount() (n int, done bool) { return t.find.n, t.find.done(t) }

// FindNext returns the next row that was found so far below a row, or above it;
// from row -1 the first, and back from Len the last. It reports false where there
// is none: ask again after Work if FindCount is not done.
func (t *Table) FindNext(row int, back bool) (int, bool) {
	step := 1
	if back {
		step = -1
	}
	for row += step; row >= 0 && row < t.Len(); row += step {
		if t.Found(t.At(row)) {
			return row, true
		}
	}
	return 0, false
}
