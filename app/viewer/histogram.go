package viewer

import (
	"slices"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// maxBuckets bounds the bars of a histogram.
const maxBuckets = 2000

// Histogram returns how the shown rows spread over the view's span, in n bars. A
// span without beginning begins with the oldest that is covered, and one without
// end ends when the search began. There are no bars where no time is known.
func (m *Model) Histogram(n int) Histogram {
	from, to := m.shownSpan()
	n = min(n, maxBuckets)
	if n < 1 || !from.Before(to) || to.Sub(from) < time.Duration(n) {
		return Histogram{From: from, To: to}
	}
	h := Histogram{From: from, To: to, Buckets: make([]Bucket, n)}
	counted := m.table.Histogram(from, to, n)
	lanes := m.Lanes()
	for i := range h.Buckets {
		b := &h.Buckets[i]
		b.From, b.To = part(from, to, i, n), part(from, to, i+1, n)
		b.Marks, b.Total = counted[i].Marks, counted[i].Total
		b.Covered = covered(lanes, b.From, b.To)
		h.Max = max(h.Max, b.Total)
	}
	return h
}

// part returns where the i-th of n equal parts of a stretch of time begins.
func part(from, to time.Time, i, n int) time.Time {
	length := to.Sub(from)
	return from.Add(length/time.Duration(n)*time.Duration(i) + length%time.Duration(n)*time.Duration(i)/time.Duration(n))
}

// shownSpan returns the stretch of time that the histogram and the coverage strip
// are about.
func (m *Model) shownSpan() (from, to time.Time) {
	from, to = m.load.span.From, m.load.span.To
	if to.IsZero() {
		to = m.load.began
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
	if at, ok := m.oldest(); ok && at.Before(oldest) {
		oldest = at
	}
	return oldest, to
}

// oldest returns the time of the oldest loaded entry that has one.
func (m *Model) oldest() (time.Time, bool) {
	least, found := int64(0), false
	for e := range m.store.Len() {
		if t, ok := m.store.UnixNano(e); ok && (!found || t < least) {
			least, found = t, true
		}
	}
	return time.Unix(0, least).UTC(), found
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
	slices.SortFunc(cuts, time.Time.Compare)
	read, missing := false, false
	for i := 1; i < len(cuts); i++ {
		begin, end := cuts[i-1], cuts[i]
		if !begin.Before(end) {
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
