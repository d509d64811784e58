package store

import (
	"cmp"
	"encoding/binary"
	"math"
	"sort"

	"github.com/logpane/logpane/app/query"
)

// sorter orders the kept entries of a table by a column. It sorts by merging, so
// that it can stop anywhere and go on.
type sorter struct {
	t      *Table
	name   string // "" is by time
	asc    bool
	column query.Column
	known  bool // the column is a name
	words  *wordColumn
	ranked []sortItem // what the values of words are sorted by
	texts  *[]ref     // a column of the store, nil for others
	src    bool       // the column of targets

	sorted []uint32 // the result, once done
	ready  bool

	items, spare []sortItem
	run, at      int // merging: length of the ordered runs, and where the next pair begins
	left, right  int // within a pair
}

// sortItem is an entry with what decides most comparisons.
type sortItem struct {
	key  uint64 // a number so that it compares, or the first bytes of a text without case
	e    uint32
	kind uint32
}

const (
	sortNumber = iota
	sortText
	sortAbsent
)

const firstRun = 256 // sorted in one go

func (o *sorter) set(name string, asc bool) {
	o.name, o.asc = name, asc
	if name == "target" {
		name = "src"
	}
	o.column, o.known = query.ColumnOf(name)
	s := o.t.s
	o.texts, o.src = nil, false
	switch o.column.Name {
	case "summary":
		o.texts = &s.summary
	case "id":
		o.texts = &s.id
	case "job":
		o.texts = &s.job
	case "item":
		o.texts = &s.item
	case "request":
		o.texts = &s.request
	case "src":
		o.src = true
	}
	o.restart()
}

func (o *sorter) restart() {
	o.sorted, o.ready, o.items, o.spare, o.run, o.at, o.left, o.right = nil, false, nil, nil, 0, 0, 0, 0
	o.words, o.ranked = nil, nil
	if c := o.t.s.words.find(o.column.Key()); o.known && o.column.IsField() && c != nil && !c.many {
		o.words, o.ranked = c, ranks(c.values)
	}
}

// ranks returns what each of a few texts is sorted by, which decides all
// comparisons.
func ranks(values []string) []sortItem {
	var order []int
	out := make([]sortItem, len(values))
	for i, text := range values {
		if num, ok := query.Number(text); ok {
			out[i] = numberItem(num)
		} else {
			order = append(order, i)
		}
	}
	sort.Slice(order, func(a, b int) bool { return query.CompareFold(values[order[a]], values[order[b]]) < 0 })
	for n, i := range order {
		out[i] = sortItem{kind: sortText, key: uint64(n) << 8}
		if n > 0 && query.CompareFold(values[i], values[order[n-1]]) == 0 {
			out[i].key = out[order[n-1]].key
		}
	}
	return out
}

// stale reports whether the values that were ranked are no longer all.
func (o *sorter) stale() bool {
	return o.words != nil && (o.words.many || len(o.words.values) != len(o.ranked))
}

func (o *sorter) done() bool { return o.name == "" || o.ready }

// item works out what an entry is sorted by.
func (o *sorter) item(e uint32) sortItem {
	it := sortItem{kind: sortAbsent}
	if o.words != nil {
		if n := o.words.at(e); n > 0 {
			it = o.ranked[n-1]
		}
	} else if o.known {
		if text, num, isNum, ok := o.value(e); ok && isNum {
			it = numberItem(num)
		} else if ok {
			it.kind = sortText
			var first [8]byte
			copy(first[:], query.Fold(text[:min(len(text), 32)]))
			it.key = binary.BigEndian.Uint64(first[:])
		}
	}
	it.e = e
	return it
}

func numberItem(num float64) sortItem {
	bits := math.Float64bits(num + 0) // -0 is 0
	if bits>>63 != 0 {
		return sortItem{kind: sortNumber, key: ^bits}
	}
	return sortItem{kind: sortNumber, key: bits | 1<<63}
}

func (o *sorter) value(e uint32) (text string, num float64, isNum, ok bool) {
	switch s := o.t.s; {
	case o.src:
		text = s.Src(int(e))
	case o.texts != nil:
		text = s.arena.text((*o.texts)[e])
	default:
		return s.value(o.column, int(e))
	}
	num, isNum = query.Number(text)
	return text, num, isNum, text != ""
}

// compare orders two entries as rows.
func (o *sorter) compare(a, b sortItem) int {
	if a.kind == sortAbsent || b.kind == sortAbsent {
		if a.kind != b.kind {
			return cmp.Compare(a.kind, b.kind)
		}
		return o.t.s.before(a.e, b.e)
	}
	c := cmp.Compare(a.kind, b.kind)
	if c == 0 {
		c = cmp.Compare(a.key, b.key)
	}
	if c == 0 && a.kind == sortText && a.key&0xff != 0 {
		ta, _, _, _ := o.value(a.e)
		tb, _, _, _ := o.value(b.e)
		c = query.CompareFold(ta, tb)
	}
	if c == 0 {
		return o.t.s.before(a.e, b.e)
	}
	if !o.asc {
		return -c
	}
	return c
}

// Costs in the unit of matcher.cost.
const (
	itemCost  = 400
	mergeCost = 60
)

// work goes on sorting while more says so and reports whether it is done.
func (o *sorter) work(more func() bool) bool {
	if o.done() {
		return true
	}
	if o.stale() {
		o.restart()
	}
	n := o.t.keptLen()
	if o.items == nil {
		o.items = make([]sortItem, 0, n)
	}
	for len(o.items) < n {
		o.items = append(o.items, o.item(o.t.keptAt(len(o.items))))
		if len(o.items)%firstRun == 0 || len(o.items) == n {
			mergeSort(o.items[(len(o.items)-1)/firstRun*firstRun:], o.compare)
			o.t.spend(firstRun * 8 * mergeCost)
		}
		if o.t.spend(itemCost); !more() {
			return false
		}
	}
	if o.run == 0 {
		o.run, o.spare = firstRun, make([]sortItem, 0, n)
	}
	for o.run < n {
		if !o.merge(n, more) {
			return false
		}
		o.items, o.spare = o.spare, o.items[:0]
		o.run, o.at, o.left, o.right = 2*o.run, 0, 0, 0
	}
	o.sorted = make([]uint32, n)
	for i, it := range o.items {
		o.sorted[i] = it.e
	}
	o.items, o.spare, o.ready = nil, nil, true
	return true
}

// merge merges all pairs of neighbouring runs into spare.
func (o *sorter) merge(n int, more func() bool) bool {
	for o.at < n {
		mid, end := min(o.at+o.run, n), min(o.at+2*o.run, n)
		for o.at+o.left < mid || mid+o.right < end {
			i, j := o.at+o.left, mid+o.right
			if j >= end || i < mid && o.compare(o.items[i], o.items[j]) <= 0 {
				o.spare = append(o.spare, o.items[i])
				o.left++
			} else {
				o.spare = append(o.spare, o.items[j])
				o.right++
			}
			if o.t.spend(mergeCost); !more() {
				return false
			}
		}
		o.at, o.left, o.right = end, 0, 0
	}
	return true
}

// joined puts entries among the sorted ones.
func (o *sorter) joined(batch []uint32) {
	switch {
	case o.name == "":
	case !o.ready || o.stale():
		o.restart()
	default:
		items := make([]sortItem, len(batch))
		for i, e := range batch {
			items[i] = o.item(e)
		}
		mergeSort(items, o.compare)
		at := len(o.sorted)
		o.sorted = append(o.sorted, batch...)
		for j := len(items) - 1; j >= 0; j-- {
			pos := sort.Search(at, func(i int) bool { return o.compare(o.item(o.sorted[i]), items[j]) >= 0 })
			copy(o.sorted[pos+j+1:], o.sorted[pos:at])
			o.sorted[pos+j] = items[j].e
			at = pos
		}
	}
}
