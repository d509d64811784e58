package store

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

// Facet is how often the values of a field occur in the rows.
type Facet struct {
	Field   string       // as it was asked for
	Values  []FacetValue // most frequent first, then by name
	Other   int          // rows with a value that is not listed
	Missing int          // rows without a value
	Many    bool         // the field has too many values to list: nothing is counted
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Value string
	Count int
}

// facets counts values over the kept entries.
type facets struct {
	chase
	t      *Table
	fields []string
	counts []facetCount
	last   []Facet // what was last complete
	names  int     // fields that the store had seen when counting began
	seen   int     // kept entries in last, so that it is made anew only when they changed
}

// facetCount counts one field by the numbers of its values.
type facetCount struct {
	number func(e uint32) int // of an entry's value, 0 for none
	name   func(n int) string
	words  *wordColumn // the field's own column
	counts []int
}

// Facets returns how often each value of the fields occurs in the rows: level,
// outcome, status, attempt, src, vendor, and any field of few values, see
// [Store.Words]. What takes long is done by Work; until it is through, what was
// last complete is returned.
func (t *Table) Facets(fields []string) []Facet {
	f := &t.facets
	changed := !slices.Equal(fields, f.fields) || !f.on
	if changed {
		f.fields, f.last = slices.Clone(fields), nil
	}
	if changed || f.names != len(t.s.words.columns) { // a field may only now have come up
		f.on = len(fields) > 0
		f.add, f.cost, f.reset = f.count, func(uint32) int { return 30 * len(f.fields) }, f.begin
		f.restart()
		t.part = 0
		f.work(t, func() bool { return t.part < atOnce })
	}
	if f.on && (f.last == nil || f.done(t) && f.seen != f.pos) {
		f.last, f.seen = f.build(), f.pos
	}
	return f.last
}

func (f *facets) begin() {
	f.seen, f.names = -1, len(f.t.s.words.columns)
	f.counts = make([]facetCount, len(f.fields))
	for i, name := range f.fields {
		f.counts[i] = f.t.s.facetCount(name)
	}
}

func (f *facets) count(e uint32) {
	if f.t.s.flags[e]&gap != 0 {
		return
	}
	for i := range f.counts {
		c := &f.counts[i]
		n := 0
		if c.words != nil {
			n = int(c.words.at(e))
		} else {
			n = c.number(e)
		}
		for n >= len(c.counts) {
			c.counts = append(c.counts, make([]int, n+1)...)
		}
		c.counts[n]++
	}
}

func (f *facets) build() []Facet {
	out := make([]Facet, len(f.fields))
	for i, name := range f.fields {
		c := &f.counts[i]
		out[i].Field = name
		if c.words != nil && c.words.many {
			out[i].Many = true
			continue
		}
		byValue := map[string]int{}
		for n, count := range c.counts {
			switch {
			case count == 0:
			case n == 0 || c.name(n) == "":
				out[i].Missing += count
			default:
				byValue[c.name(n)] += count
			}
		}
		for value, count := range byValue {
			out[i].Values = append(out[i].Values, FacetValue{value, count})
		}
		values := out[i].Values
		sort.Slice(values, func(a, b int) bool {
			return cmp.Or(cmp.Compare(values[b].Count, values[a].Count), strings.Compare(values[a].Value, values[b].Value)) < 0
		})
	}
	return out
}

// facetCount returns how the values of a field are told apart.
func (s *Store) facetCount(name string) facetCount {
	none := facetCount{number: func(uint32) int { return 0 }, name: func(int) string { return "" }}
	c, ok := query.ColumnOf(name)
	if !ok {
		return none
	}
	decimal := func(n int) string { return strconv.Itoa(n) }
	switch c.Name {
	case "level":
		return facetCount{number: func(e uint32) int { return int(s.flags[e].level()) }, name: func(n int) string { return logs.Level(n).String() }}
	case "outcome":
		return facetCount{number: func(e uint32) int { return int(s.flags[e].outcome()) }, name: func(n int) string { return logs.Outcome(n).String() }}
	case "status":
		return facetCount{number: func(e uint32) int { return int(s.status[e]) }, name: decimal}
	case "attempt":
		return facetCount{number: func(e uint32) int { return int(s.attempts[e]) }, name: decimal}
	case "src", "target":
		return facetCount{number: func(e uint32) int { return int(s.src[e]) + 1 }, name: func(n int) string { return s.srcs[n-1] }}
	case "vendor":
		return facetCount{number: func(e uint32) int { return int(s.src[e]) + 1 }, name: func(n int) string {
			vendor, _, _ := strings.Cut(s.srcs[n-1], "/")
			return vendor
		}}
	}
	if w := s.words.find(c.Key()); w != nil && c.IsField() {
		return facetCount{words: w, name: func(n int) string { return w.values[n-1] }}
	}
	return none
}
