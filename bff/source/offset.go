package source

import (
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// A vendor that pages by offset counts its rows from one end, and rows that
// arrive or are forgotten shift the others between two calls. So the walk does
// not trust offsets: each page is asked for with one row of overlap, and goes on
// after the anchor, the row consumed last in the vendor's order. A page in which
// the anchor is missing was shifted by more than a page: the walk looks for the
// anchor, in the direction that the times say, and shows nothing until it stands
// behind it again.

const (
	// maxBack bounds the pages gone back in search of an anchor.
	maxBack = 3
	// trail is how many rows before the anchor are remembered, should the vendor
	// take the anchor away.
	trail = 3
)

// stepDetect finds out in which order a vendor lists that does not say: the
// first page and the last one are compared, as the vendor counts. Where they
// leave a doubt, everything is read, which is right for any order.
func (l *lane) stepDetect(ctx context.Context) error {
	most := l.caps.MaxLimit
	first, rows, _, err := l.read(ctx, driver.Read{Limit: most})
	if err != nil {
		return err
	}
	if first.More == driver.MoreNo || len(rows) == 0 || len(rows) > most || (first.Total >= 0 && len(rows) >= first.Total) {
		l.place.Mode = modeGather
		l.sortIn(timeless(rows))
		l.place.Done = l.bottom()
		return nil
	}
	down, up := sorted(rows)
	if !down && !up {
		return l.gather(ctx, rows)
	}
	if first.Total < 0 {
		if up {
			return l.gather(ctx, rows)
		}
		l.beginDown(rows)
		return nil
	}
	reach := first.Total
	if most := l.caps.MaxRows; most > 0 && reach > most {
		reach = most
	}
	l.calls++
	off := max(0, reach-most)
	_, tail, _, err := l.read(ctx, driver.Read{Offset: off, Limit: most})
	if err != nil {
		return err
	}
	if len(tail) == 0 || slices.ContainsFunc(tail, func(r row) bool { return r.hash == rows[0].hash }) {
		return l.gather(ctx, rows) // paging is ignored, or the total is not one
	}
	tailDown, tailUp := sorted(tail)
	switch {
	case down && tailDown && rows[0].eff.After(tail[0].eff):
		l.beginDown(rows)
	case up && tailUp && rows[0].eff.Before(tail[0].eff):
		l.place.Mode = modeUp
		slices.Reverse(tail)
		if first.Total > reach {
			l.gap(tail[0].eff, l.start, l.caps.CapReason)
		}
		l.next = off
		l.accept(tail, off+len(tail))
		l.floor(tail)
	default:
		return l.gather(ctx, rows)
	}
	return nil
}

func (l *lane) beginDown(rows []row) {
	l.place.Mode = modeDown
	l.next = len(rows)
	l.accept(rows, 0)
	l.floor(rows)
}

// stepDown reads the next page of a vendor that lists newest first.
func (l *lane) stepDown(ctx context.Context) error {
	over := 0
	if l.place.Anchor != 0 && l.next > 0 {
		over = 1
	}
	off, size := l.next-over, l.size()
	if most := l.caps.MaxRows; most > 0 {
		if l.next >= most {
			l.place.Done = l.capped()
			return nil
		}
		size = min(size, most-off)
	}
	pg, rows, again, err := l.read(ctx, driver.Read{Offset: off, Limit: size})
	if err != nil {
		return err
	}
	i, found := l.beyondAnchor(rows)
	if !found && off > 0 && l.back < maxBack {
		l.back++
		l.next = max(1, off-size+2)
		l.prev = nil
		return nil
	}
	l.back = 0
	l.next = off + len(rows)
	fresh := l.accept(rows[i:], off+i)
	switch {
	case pg.More == driver.MoreNo, len(rows) == 0 && pg.More != driver.MoreYes:
		l.place.Done = l.bottom()
	case over == 1 && i == len(rows) && len(rows) == 1 && pg.More != driver.MoreYes:
		l.place.Done = l.bottom() // nothing but the anchor
	case l.stalled(fresh > 0 || len(rows) > 0 && !again):
		l.place.Done = l.stuck(pg)
	case l.caps.MaxRows > 0 && l.next >= l.caps.MaxRows:
		l.place.Done = l.capped()
	default:
		l.floor(rows)
	}
	return nil
}

// stepUp reads the page before the last one read of a vendor that lists oldest
// first, so that the newest come first to us.
func (l *lane) stepUp(ctx context.Context) error {
	if l.next <= 0 {
		l.place.Done = l.bottom()
		return nil
	}
	high := l.next
	if l.place.Anchor != 0 {
		high++
	}
	off := max(0, high-l.size())
	_, rows, _, err := l.read(ctx, driver.Read{Offset: off, Limit: high - off})
	if err != nil {
		return err
	}
	if len(rows) > high-off {
		rows = rows[:high-off]
	}
	slices.Reverse(rows)
	i, found := l.beyondAnchor(rows)
	if !found && l.back < maxBack {
		l.back++
		l.next = high + l.size() - 2
		return nil
	}
	l.back = 0
	l.next = off
	l.accept(rows[i:], off+len(rows)-i)
	if off == 0 {
		l.place.Done = l.bottom()
	} else {
		l.floor(rows)
	}
	return nil
}

// beyondAnchor returns where the rows after the one consumed last begin. When it
// is not among them, rows clearly older than it say that it was passed by, or was
// taken away: then the answer is not found, and the index of the first unknown row
// that is not newer. Without such rows it must stand on a later page, and all of
// this one was consumed before.
func (l *lane) beyondAnchor(rows []row) (i int, found bool) {
	p := &l.place
	if p.Anchor == 0 {
		return 0, true
	}
	best := 0
	for i := range rows {
		if rows[i].hash == p.Anchor {
			return i + 1, true
		}
		if slices.Contains(p.Trail, rows[i].hash) {
			best = i + 1
		}
	}
	if best > 0 && best < len(rows) {
		return best, true
	}
	edge := at(p.Time)
	if !edge.IsZero() && endsBefore(rows, edge.Add(-jitter)) {
		for i := range rows {
			if !rows[i].eff.After(edge) && !l.known.has(rows[i].hash) {
				return i, false
			}
		}
	}
	return len(rows), true
}

// accept buffers those of the rows that are not known, given in walking order,
// and counts them.
// off is the place of the first: its offset when walking down,
// one past it when walking up.
func (l *lane) accept(rows []row, off int) int {
	l.place.Off = off
	n := 0
	for i := range rows {
		m := &mark{hash: rows[i].hash, eff: rows[i].eff}
		if l.known.has(m.hash) {
			if j := slices.Index(l.ahead, m.hash); j >= 0 {
				l.ahead = slices.Delete(l.ahead, j, j+1)
				m.consumed = true
				l.marks = append(l.marks, m)
			}
			continue
		}
		l.known.add(m.hash)
		rows[i].mark = m
		l.marks = append(l.marks, m)
		l.buf = append(l.buf, rows[i])
		n++
	}
	newestFirst(l.buf)
	l.advance()
	return n
}

// advance moves the frontier over the rows that are consumed without a hole.
func (l *lane) advance() {
	p := &l.place
	for len(l.marks) > 0 && l.marks[0].consumed {
		if p.Anchor != 0 {
			p.Trail = append(p.Trail, p.Anchor)
			p.Trail = p.Trail[max(0, len(p.Trail)-trail):]
		}
		p.Anchor, p.Time = l.marks[0].hash, nanos(l.marks[0].eff)
		if p.Mode == modeUp {
			p.Off--
		} else {
			p.Off++
		}
		l.marks = l.marks[1:]
	}
}

// floor ends a lane whose page, given in walking order, reaches below the span.
func (l *lane) floor(rows []row) {
	if !l.span.From.IsZero() && endsBefore(rows, l.span.From.Add(-jitter)) {
		l.place.Done = &ending{State: logs.Complete}
	}
}

// endsBefore reports whether the last rows, in walking order, are older than t.
// Three must agree, lest one wrong time hide what follows.
func endsBefore(rows []row, t time.Time) bool {
	for _, r := range rows[max(0, len(rows)-3):] {
		if r.eff.IsZero() || !r.eff.Before(t) {
			return false
		}
	}
	return len(rows) > 0
}
