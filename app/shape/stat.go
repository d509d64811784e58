package shape

import (
	"slices"
	"sort"
	"strings"
	"time"
)

// Few is how many calls a 95th percentile needs to say anything: of fewer it is the
// slowest or nearly so.
const Few = 20

// Fact is what statistics need of a call.
type Fact struct {
	Shape   *Shape // one for all calls of it that a Reader has read
	Took    time.Duration
	Timed   bool
	Counted bool
	Hits    int      // if Counted
	Zero    bool     // it found nothing
	Texts   []string // what it searched for, of a call that found nothing
}

// Reader reads calls and remembers their shapes.
type Reader struct{ shapes map[string]*Shape }

// NewReader returns a reader.
func NewReader() *Reader { return &Reader{map[string]*Shape{}} }

// Fact reads a row of Algolia's log as the vendor sent it; false where it is none.
func (r *Reader) Fact(raw string) (Fact, bool) {
	c, ok := Read(raw)
	if !ok {
		return Fact{}, false
	}
	return r.Of(&c), true
}

// RawOf returns the vendor's JSON in the JSON form of an entry, see [logs.Entry].
func RawOf(entry string) string {
	raw := ""
	members(entry, func(name, v string) {
		if name == "raw" {
			raw = v
		}
	})
	return raw
}

// Of is Fact for a call that was read already.
func (r *Reader) Of(c *Call) Fact {
	s := outline(c)
	known := r.shapes[s.Key]
	if known == nil {
		s.finish()
		known = s.clone()
		r.shapes[known.Key] = known
	}
	f := Fact{Shape: known, Took: c.Took, Timed: c.Timed, Counted: c.Counted, Hits: c.Hits, Zero: c.Counted && c.Hits == 0}
	if f.Zero {
		for i := range c.Queries {
			if text, ok := c.Queries[i].Text(); ok && !slices.Contains(f.Texts, text) {
				f.Texts = append(f.Texts, strings.Clone(text))
			}
		}
	}
	return f
}

// clone copies a shape, which else would hold the row that it was read from.
func (s *Shape) clone() *Shape {
	c := *s
	c.Method, c.Op, c.Index = strings.Clone(s.Method), strings.Clone(s.Op), strings.Clone(s.Index)
	c.Parts = append([]Part(nil), s.Parts...)
	for i := range c.Parts {
		p := &c.Parts[i]
		p.Index = strings.Clone(p.Index)
		p.Params = append([]string(nil), p.Params...)
		for k := range p.Params {
			p.Params[k] = strings.Clone(p.Params[k])
		}
	}
	return &c
}

// Group is what some calls have in common, in numbers. The percentiles are exact, by
// nearest rank: the least time that at least so many percent of the calls took no
// longer than.
type Group struct {
	Shape *Shape // nil for a group of an index
	Index string

	N       int // calls
	Timed   int // calls of which the log says how long they took; the times are over these
	Counted int // calls of which the log says how many hits they had
	Zero    int // calls of those that had none

	P50, P95, Max, Total time.Duration
	Share                float64 // of the time of all calls, 0 to 1

	Rows  []int           // as given to Add, in that order
	Tooks []time.Duration // of Rows; -1 where the log does not say
	Hits  []int           // of Rows; -1 where the log does not say

	texts map[string]int
}

// Few reports whether there are too few calls for a 95th percentile.
func (g *Group) Few() bool { return g.Timed < Few }

// Collector gathers calls one by one, so that the caller can pause in between.
type Collector struct {
	shapes  map[*Shape]*Group
	indices map[string]*Group
	all     [2][]*Group // those of shapes, and those of indices
	total   time.Duration
	n       int
}

// NewCollector returns an empty collector.
func NewCollector() *Collector {
	return &Collector{shapes: map[*Shape]*Group{}, indices: map[string]*Group{}}
}

// Add takes in a call. row is the caller's own number for it. All facts of a
// collector must come from one Reader.
func (c *Collector) Add(row int, f Fact) {
	g := c.shapes[f.Shape]
	if g == nil {
		g = c.group(0, f.Shape, f.Shape.Index)
		c.shapes[f.Shape] = g
	}
	x := c.indices[f.Shape.Index]
	if x == nil {
		x = c.group(1, nil, f.Shape.Index)
		c.indices[f.Shape.Index] = x
	}
	g.add(row, f)
	x.add(row, f)
	c.n++
	c.total += max(f.Took, 0)
}

// group returns a new group.
func (c *Collector) group(of int, s *Shape, index string) *Group {
	g := &Group{Shape: s, Index: index, texts: map[string]int{}}
	c.all[of] = append(c.all[of], g)
	return g
}

func (g *Group) add(row int, f Fact) {
	g.N++
	took := time.Duration(-1)
	if f.Timed {
		g.Timed++
		g.Total += f.Took
		took = f.Took
	}
	g.Rows, g.Tooks = append(g.Rows, row), append(g.Tooks, took)
	hits := -1
	if f.Counted {
		g.Counted++
		hits = f.Hits
	}
	g.Hits = append(g.Hits, hits)
	if f.Zero {
		g.Zero++
		for _, text := range f.Texts {
			g.texts[text]++
		}
	}
}

// Len returns the number of calls taken in.
func (c *Collector) Len() int { return c.n }

// Shapes returns the groups of calls of one shape, those first that took the most
// time together.
func (c *Collector) Shapes() []*Group { return c.ready(0) }

// Indices returns the groups of calls to one index, or to the same several ones, in
// the same order.
func (c *Collector) Indices() []*Group { return c.ready(1) }

func (c *Collector) ready(of int) []*Group {
	groups := append([]*Group{}, c.all[of]...)
	for _, g := range groups {
		g.measure(c.total)
	}
	sort.Slice(groups, func(i, j int) bool { // not slices, whose sorts are compiled for each type: the browser downloads them
		a, b := groups[i], groups[j]
		switch {
		case a.Total != b.Total:
			return a.Total > b.Total
		case a.N != b.N:
			return a.N > b.N
		case a.Index != b.Index:
			return a.Index < b.Index
		}
		return a.key() < b.key()
	})
	return groups
}

func (g *Group) key() string {
	if g.Shape == nil {
		return ""
	}
	return g.Shape.Key
}

// measure fills in what follows from all calls.
func (g *Group) measure(total time.Duration) {
	if total > 0 {
		g.Share = float64(g.Total) / float64(total)
	}
	if g.Timed == 0 {
		return
	}
	// Not sorted: of 100,000 calls that takes the browser longer than a frame.
	times := g.times()
	p95 := rank(len(times), 95)
	g.Max = slices.Max(times)
	g.P95 = nth(times, p95)
	g.P50 = nth(times[:p95+1], rank(len(times), 50))
}

// times returns the times that are known.
func (g *Group) times() []time.Duration {
	out := make([]time.Duration, 0, g.Timed)
	for _, d := range g.Tooks {
		if d >= 0 {
			out = append(out, d)
		}
	}
	return out
}

// sorted returns the times that are known, least first.
func (g *Group) sorted() []time.Duration {
	out := g.times()
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// nth returns the element of index n that sorting would leave there, and leaves
// nothing greater before it. It takes time in proportion to the elements.
func nth(of []time.Duration, n int) time.Duration {
	for low, high := 0, len(of)-1; low < high; {
		pivot := of[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for of[i] < pivot {
				i++
			}
			for of[j] > pivot {
				j--
			}
			if i <= j {
				of[i], of[j] = of[j], of[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return of[n]
		}
	}
	return of[n]
}

// rank returns the index of a percentile among n sorted times, by nearest rank. p is
// from 1 to 100, n at least 1.
func rank(n, p int) int { return (p*n+99)/100 - 1 }

// Rank returns a percentile of sorted times by nearest rank, 0 of none. p is from 1
// to 100.
func Rank(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[rank(len(sorted), p)]
}

// Slow returns the time from which on a call of the group counts as slow, with the
// number of slow calls and of others: the slowest quarter, with all that took just as
// long as its fastest. Where these are more than half, it is what took longer than
// they did. It is false where that tells nothing apart: of fewer than 4 calls, and
// where all took as long.
func (g *Group) Slow() (bound time.Duration, slow, fast int, ok bool) {
	sorted := g.sorted()
	n := len(sorted)
	if n < 4 {
		return 0, 0, n, false
	}
	bound = sorted[n-(n+3)/4]
	from := func(d time.Duration) int { return sort.Search(n, func(i int) bool { return sorted[i] >= d }) }
	at := from(bound)
	if n-at > n/2 {
		if at = from(bound + 1); at == n {
			return 0, 0, n, false
		}
		bound = sorted[at]
	}
	return bound, n - at, at, true
}

// Text is something that was searched for.
type Text struct {
	Text string // "" where the query was empty
	N    int    // calls
}

// Texts returns what the calls that found nothing searched for, most often first, at
// most so many, and how many different ones there are.
func (g *Group) Texts(most int) (top []Text, all int) {
	for text, n := range g.texts {
		top = append(top, Text{text, n})
	}
	sort.Slice(top, func(i, j int) bool {
		a, b := &top[i], &top[j]
		return a.N > b.N || a.N == b.N && a.Text < b.Text
	})
	return top[:min(most, len(top))], len(top)
}

// ZeroTexts is Texts over all calls.
func (c *Collector) ZeroTexts(most int) (top []Text, all int) {
	sum := Group{texts: map[string]int{}}
	for _, g := range c.all[0] {
		for text, n := range g.texts {
			sum.texts[text] += n
		}
	}
	return sum.Texts(most)
}
