package store

import (
	"slices"
	"time"
)

// Bucket is a stretch of time of a histogram, up to where the next one begins.
type Bucket struct {
	From  time.Time
	Marks [5]int // rows by Mark
	Total int
}

// histogram counts the kept entries by time and mark.
type histogram struct {
	chase
	t        *Table
	from, to int64
	width    int64
	buckets  []Bucket
	last     []Bucket // what was last complete
}

// Histogram returns n stretches of equal length of the time from a point to before
// another, with how many rows of each mark happened in them. What takes long is
// done by Work; until it is through, what was last complete is returned. It returns
// nil where there is nothing to divide.
func (t *Table) Histogram(from, to time.Time, n int) []Bucket {
	h := &t.histogram
	lo, hi := columnNano(from), columnNano(to)
	if n <= 0 || lo >= hi || uint64(hi)-uint64(lo) > 1<<62 {
		h.on, h.last = false, nil
		return nil
	}
	if !h.on || h.from != lo || h.to != hi || len(h.buckets) != n {
		h.on, h.from, h.to, h.last = true, lo, hi, nil
		h.width = max(1, (hi-lo+int64(n)-1)/int64(n))
		h.buckets = make([]Bucket, n)
		h.add, h.cost, h.reset = h.count, func(uint32) int { return 30 }, h.begin
		h.restart()
		t.part = 0
		h.work(t, func() bool { return t.part < atOnce })
	}
	if h.last == nil || h.done(t) {
		h.last = slices.Clone(h.buckets)
	}
	return h.last
}

func columnNano(t time.Time) int64 {
	n, _ := columnTime(t, 0)
	return n
}

func (h *histogram) begin() {
	for i := range h.buckets {
		h.buckets[i] = Bucket{From: time.Unix(0, h.from+int64(i)*h.width).UTC()}
	}
}

func (h *histogram) count(e uint32) {
	at := h.t.s.times[e]
	if at < h.from || at >= h.to || h.t.s.flags[e]&gap != 0 {
		return
	}
	b := &h.buckets[(at-h.from)/h.width]
	b.Marks[h.t.s.flags[e].mark()]++
	b.Total++
}
