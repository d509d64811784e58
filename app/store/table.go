package store

import (
	"slices"

	"github.com/logpane/logpane/app/query"
)

// Table says which entries of a store are shown, and in what order. Rows are
// numbered from the top, 0. Whatever may take long is done by Work, in slices: a
// change of the filter or of the order shows when Work has come to it, and until
// then the rows stay as they were. It is not safe for concurrent use.
//
// What is shown once Work is done is what [query.Query.Match] keeps, exactly.
type Table struct {
	s    *Store
	opts query.Options

	// The filter's result, newest first. Everything is kept where all is true;
	// then kept is unused.
	matcher *matcher
	all     bool
	kept    []uint32
	cand    []uint32 // who is asked, newest first
	pos     int      // how many of them were
	next    int      // entries from here on came later and were not asked yet
	part    int      // Work: cost since more was asked

	order sorter

	// What is shown: everything, or a list.
	shown    []uint32
	shownAll bool
	reversed bool // the oldest of an ordered list first
	byTime   bool // shown is ordered by time, in whichever direction

	past      past
	find      find
	facets    facets
	histogram histogram
}

// NewTable returns a table of all entries of a store, newest first.
func NewTable(s *Store, o query.Options) *Table {
	t := &Table{s: s, opts: o, all: true, shownAll: true, byTime: true, matcher: s.matcher(nil), next: s.Len()}
	t.find.matcher = t.matcher
	t.order.t, t.facets.t, t.histogram.t, t.find.t = t, t, t, t
	return t
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.list()) }

func (t *Table) list() []uint32 {
	if t.shownAll {
		return t.s.order
	}
	return t.shown
}

// At returns the entry of a row. It panics when there is no such row.
func (t *Table) At(row int) int {
	list := t.list()
	if t.reversed {
		return int(list[len(list)-1-row])
	}
	return int(list[row])
}

// RowOf returns the row of an entry, -1 when it is not shown.
func (t *Table) RowOf(e int) int {
	list := t.list()
	if e < 0 || e >= t.s.Len() {
		return -1
	}
	if !t.byTime {
		return slices.Index(list, uint32(e))
	}
	row, ok := slices.BinarySearchFunc(list, uint32(e), t.s.before)
	switch {
	case !ok:
		return -1
	case t.reversed:
		return len(list) - 1 - row
	}
	return row
}

// Query returns the filter that Work is working for, or has worked for.
func (t *Table) Query() *query.Query { return t.matcher.q }

// SetQuery changes the filter, which takes the place of one that is still being
// worked on. nil keeps everything. Where the new filter keeps nothing that one before
// did not, only what that one kept is looked at.
func (t *Table) SetQuery(q *query.Query) {
	if q.String() == t.matcher.q.String() {
		return
	}
	t.remember()
	narrows := !t.all && q.Narrows(t.matcher.q)
	t.matcher = t.s.matcher(q)
	list, same, ok := t.past.within(q)
	switch {
	case q.String() == "":
		t.all, t.kept, t.cand = true, nil, nil
	case same:
		t.all, t.kept, t.cand, t.next = false, list, nil, t.s.Len()
	case narrows && (!ok || len(t.kept)+len(t.cand)-t.pos <= len(list)):
		t.cand = append(t.kept[:len(t.kept):len(t.kept)], t.cand[t.pos:]...)
		t.kept = nil
	default:
		if !ok {
			list, t.s.lent = slices.Clip(t.s.order), true
		}
		t.all, t.kept, t.cand, t.next = false, nil, list, t.s.Len()
	}
	t.pos = 0
	t.restart()
	if t.filtered() {
		t.publish()
	}
}

// restart begins anew what is worked out from the kept entries.
func (t *Table) restart() {
	t.order.restart()
	t.find.restart()
	t.facets.restart()
	t.histogram.restart()
}

// SetSort orders the rows by a column: "" and "time" by time, others by what the
// loaded entries have there, numbers as numbers and text without case. Entries
// without a value are last in both directions, and equal ones stand newest first.
func (t *Table) SetSort(name string, asc bool) {
	if name == "time" {
		name = ""
	}
	if name == t.order.name && asc == t.order.asc {
		return
	}
	t.order.set(name, asc)
	t.publish()
}

// atOnce is how much Appended takes in itself, as a cost: a page or two.
const atOnce = 1 << 21

// Appended takes in what the store took since. Call it after each append. A page
// goes to its rows at once, unless the filter is still being worked on; Work does
// the rest.
func (t *Table) Appended() {
	if t.filtered() {
		t.part = 0
		t.takeFresh(func() bool { return t.part < atOnce })
		t.part = 0
	}
}

// filtered reports whether all candidates were asked.
func (t *Table) filtered() bool { return t.pos >= len(t.cand) }

// takeFresh asks the entries that came since, while more says so, and puts them
// among the others. It reports whether it has come to the end.
func (t *Table) takeFresh(more func() bool) bool {
	first, end := t.next, t.s.Len()
	var batch []uint32
	for ; t.next < end; t.next++ {
		e := uint32(t.next)
		if t.all {
			batch = append(batch, e)
		} else if !t.matcher.lacks(e) {
			batch = t.matcher.ask(e, batch)
		}
		if t.spend(t.matcher.cost(e)); t.next > first && !more() {
			t.next++
			break
		}
	}
	if batch = t.matcher.flush(batch); len(batch) > 0 {
		mergeSort(batch, t.s.before)
		atEnd := t.all
		if !t.all {
			atEnd = len(t.kept) == 0 || t.s.before(t.kept[len(t.kept)-1], batch[0]) < 0
			t.kept = mergeInto(t.kept, batch, t.s.before)
		}
		for _, c := range t.chases() {
			c.joined(t, batch, atEnd)
		}
		t.order.joined(batch)
		t.publish()
	}
	return t.next >= t.s.Len()
}

// slice is the cost after which Work asks whether to go on: some tenths of a
// millisecond in WebAssembly.
const slice = 1 << 16

func (t *Table) spend(cost int) { t.part += cost }

// Work goes on with everything that is left to do while more returns true, and
// reports whether nothing is. It asks more every few tenths of a millisecond, the
// first time after some work.
func (t *Table) Work(more func() bool) (done bool) {
	t.part = 0
	goOn := func() bool {
		if t.part < slice {
			return true
		}
		t.part = 0
		return more()
	}
	defer t.publish()
	for t.pos < len(t.cand) {
		next, ask, cost := t.matcher.pass(t.cand, t.pos)
		if t.pos = next; ask {
			e := t.cand[next]
			t.pos++
			t.kept = t.matcher.ask(e, t.kept)
			cost += t.matcher.cost(e)
		}
		if t.spend(cost); !goOn() {
			t.kept = t.matcher.flush(t.kept)
			return false
		}
	}
	t.kept = t.matcher.flush(t.kept)
	t.cand, t.pos = nil, 0
	if !t.takeFresh(goOn) || !t.order.work(goOn) {
		return false
	}
	t.publish()
	for _, c := range t.chases() {
		if !c.work(t, goOn) {
			return false
		}
	}
	return true
}

// Pending reports whether Work has something to do.
func (t *Table) Pending() bool {
	if !t.filtered() || t.next < t.s.Len() || !t.order.done() {
		return true
	}
	return slices.ContainsFunc(t.chases(), func(c *chase) bool { return !c.done(t) })
}

// Has reports whether the first n rows are known, or all where there are fewer: once
// they are, only entries that come later change them.
func (t *Table) Has(n int) bool {
	if t.order.name != "" || t.order.asc && !t.all {
		return t.filtered() && t.order.done()
	}
	return t.all || t.filtered() || len(t.kept) >= n
}

// Progress returns how many entries the filter has looked at, of how many.
func (t *Table) Progress() (done, of int) {
	rest := t.s.Len() - t.next
	return t.pos, max(len(t.cand), t.pos) + rest
}

// publish shows what has been worked out. The result of a filter shows as soon as
// there is some of it; an order other than newest first shows as a whole.
func (t *Table) publish() {
	switch {
	case t.order.name != "":
		if t.filtered() && t.order.done() {
			t.shown, t.shownAll, t.reversed, t.byTime = t.order.sorted, false, false, false
		}
	case t.all:
		t.shown, t.shownAll, t.reversed, t.byTime = nil, true, t.order.asc, true
	case t.filtered() || len(t.kept) > 0 && !t.order.asc:
		t.shown, t.shownAll, t.reversed, t.byTime = t.kept, false, t.order.asc, true
	}
}

// keptLen and keptAt read the filter's result so far. Where everything is kept, in
// the order of arrival: it grows at its end alone.
func (t *Table) keptLen() int {
	if t.all {
		return t.next
	}
	return len(t.kept)
}

func (t *Table) keptAt(i int) uint32 {
	if t.all {
		return uint32(i)
	}
	return t.kept[i]
}
