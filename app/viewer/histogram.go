package viewer

import (
	"slices"
	"sort"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// maxBuckets bounds the bars of a histogram.
const maxBuckets = 2000

// Histogram returns how the shown rows spread over the view's span, in n bars. A
// span without beginning begins with the oldest that is covered, and one without
// end ends when the search began, or with an entry that came since. There are no bars where no time is known. While
// Pending they may be those of a moment before. Not to be changed.
func (m *Model) Histogram(n int) Histogram {
	n = min(n, maxBuckets)
	if n > 0 && len(m.bars.Buckets) == n {
		return m.bars
	}
	h := Histogram{Zoomed: m.zoomHere() >= 0}
	h.From, h.To = m.shownSpan()
	if n < 1 || h.To.Sub(h.From) < time.Duration(n) {
		return h
	}
	counted := m.table.Histogram(h.From, h.To, n)
	lanes := m.Lanes()
	h.Buckets = make([]Bucket, 0, n)
	for i, c := range counted {
		b := Bucket{From: c.From, To: h.To, Marks: c.Marks, Total: c.Total}
		if i+1 < len(counted) && counted[i+1].From.Before(h.To) {
			b.To = counted[i+1].From
		}
		b.Covered = covered(lanes, b.From, b.To)
		h.Max = max(h.Max, b.Total)
		h.Buckets = append(h.Buckets, b)
	}
	m.bars = h
	return h
}

// shownSpan returns the stretch of time that the histogram and the coverage strip
// are about.
func (m *Model) shownSpan() (from, to time.Time) {
	from, to = m.load.span.From, m.load.span.To
	if to.IsZero() {
		if to = m.load.began; m.times.known && m.times.newest >= to.UnixNano() {
			to = time.Unix(0, m.times.newest+1).UTC()
		}
	}
	if !from.IsZero() {
		return from, to
	}
	oldest := to
	for _, l := range m.Lanes() {
		for _, c := range l.Stretches {
			if c.State == logs.Complete && !c.From.IsZero() && c.From.Before(oldest) {
				oldest = c.From
			}
		}
	}
	if at := time.Unix(0, m.times.oldest).UTC(); m.times.known && at.Before(oldest) {
		oldest = at
	}
	return oldest, to
}

// times are the ends of the times that loaded entries have, Unix nanoseconds.
type times struct {
	known          bool
	oldest, newest int64
	looked         int // entries that were looked at
}

// lookAtTimes takes in the entries that came since.
func (m *Model) lookAtTimes() {
	t := &m.times
	for ; t.looked < m.store.Len(); t.looked++ {
		at, ok := m.store.UnixNano(t.looked)
		switch {
		case !ok:
		case !t.known:
			t.known, t.oldest, t.newest = true, at, at
		default:
			t.oldest, t.newest = min(t.oldest, at), max(t.newest, at)
		}
	}
}

// covered says how much of a stretch of time was read of all targets.
func covered(lanes []Lane, from, to time.Time) Covered {
	all, none := len(lanes) > 0, true
	for _, l := range lanes {
		switch l.covered(from, to) {
		case CoveredAll:
			none = false
		case CoveredPart:
			all, none = false, false
		default:
			all = false
		}
	}
	switch {
	case all:
		return CoveredAll
	case none:
		return CoveredNone
	}
	return CoveredPart
}

// covered says how much of a stretch of time was read of a target. Where stretches
// overlap the later one tells.
func (l Lane) covered(from, to time.Time) Covered {
	cuts := []time.Time{from, to}
	for _, c := range l.Stretches {
		for _, t := range []time.Time{c.From, c.To} {
			if t.After(from) && t.Before(to) {
				cuts = append(cuts, t)
			}
		}
	}
	sort.SliceStable(cuts, func(a, b int) bool { return cuts[a].Before(cuts[b]) })
	read, missing := false, false
	for i := 1; i < len(cuts); i++ {
		begin, end := cuts[i-1], cuts[i]
		if end.Sub(begin) <= to.Sub(from)/1000 { // nobody sees that, and edges meet to the second at best
			continue
		}
		state := logs.Unasked
		for _, c := range slices.Backward(l.Stretches) {
			if !c.From.After(begin) && (c.To.IsZero() || !c.To.Before(end)) {
				state = c.State
				break
			}
		}
		if state == logs.Complete {
			read = true
		} else {
			missing = true
		}
	}
	switch {
	case read && missing:
		return CoveredPart
	case read:
		return CoveredAll
	}
	return CoveredNone
}
