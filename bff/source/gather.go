package source

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// gatherRows bounds what is read at once of a vendor that lists in no order.
const gatherRows = 50_000

// maxGatherBack bounds how often in a row gathering goes back, each time twice as
// far.
const maxGatherBack = 6

// gather reads all pages of a vendor that lists in no order, the first of which
// may be given, and sorts them. A row that arrives can only push others to higher
// offsets. One that is taken away pulls others to lower ones, past the place
// where reading stands; then the row of overlap that begins each page is one that
// was never seen, and reading goes back.
func (l *lane) gather(ctx context.Context, all []row) error {
	l.place.Mode = modeGather
	l.stall = 0
	have := make(map[uint64]struct{}, len(all))
	for _, r := range all {
		have[r.hash] = struct{}{}
	}
	done, unread := l.bottom(), false
	began, back, seen := l.now(), 0, 0
	for off := len(all); ; {
		if l.now().Sub(began) > maxGather || seen > gatherRows {
			return fault.New(fault.Unsupported, "gather").Saying(l.ask.Source.vendor.Title +
				" lists its entries in no order, and here are too many to read them all; pick a narrower target")
		}
		over := min(off, 1)
		size := max(over+1, l.caps.MaxLimit)
		if most := l.caps.MaxRows; most > 0 {
			if off >= most {
				done, unread = l.capped(), true
				break
			}
			size = min(size, most-off+over)
		}
		pg, rows, again, err := l.read(ctx, driver.Read{Offset: off - over, Limit: size})
		if err != nil {
			return err
		}
		seen += len(rows)
		if over == 1 && back < maxGatherBack && (len(rows) == 0 || !in(have, rows[0].hash)) {
			off = max(0, off-size<<back)
			back++
			l.prev = nil
			continue
		}
		back = 0
		fresh := 0
		for _, r := range rows {
			if !in(have, r.hash) {
				have[r.hash] = struct{}{}
				all = append(all, r)
				fresh++
			}
		}
		off += len(rows) - over
		if pg.More == driver.MoreNo || (pg.Total >= 0 && off >= pg.Total) || (fresh == 0 && len(rows) <= over && pg.More != driver.MoreYes) {
			break
		}
		if l.stalled(len(rows) > over && !again) {
			done = l.stuck(pg)
			unread = done.State == logs.Capped
			break
		}
	}
	l.sortIn(timeless(all))
	if l.place.Done = done; unread {
		l.hidden(all, done.Reason)
	}
	return nil
}

// hidden notes that of a list in no order a part is out of reach: its entries may
// stand anywhere between those that were read.
func (l *lane) hidden(all []row, reason string) {
	oldest := l.start
	for i := range all {
		if t := all[i].eff; usable(t) && t.Before(oldest) {
			oldest = t
		}
	}
	l.gap(oldest, l.start, reason)
}

func in(set map[uint64]struct{}, h uint64) bool {
	_, ok := set[h]
	return ok
}

// timeless gives rows without a time of their own the zero time: where the
// vendor's order says nothing, neighbours say nothing.
func timeless(rows []row) []row {
	for i := range rows {
		if !usable(rows[i].entry.Time) {
			rows[i].eff = time.Time{}
		}
	}
	return rows
}

// sortIn buffers rows in total order, without those that were consumed.
func (l *lane) sortIn(rows []row) {
	for _, r := range rows {
		if l.known.has(r.hash) || l.consumedTotal(r) {
			continue
		}
		l.known.add(r.hash)
		l.buf = append(l.buf, r)
	}
	slices.SortFunc(l.buf, func(a, b row) int { return inOrder(moment(a.eff), a.hash, moment(b.eff), b.hash) })
}

// inOrder is the total order: newest first, then by hash.
func inOrder(t1 int64, h1 uint64, t2 int64, h2 uint64) int {
	if c := cmp.Compare(t2, t1); c != 0 {
		return c
	}
	return cmp.Compare(h1, h2)
}

// consumedTotal reports whether a row is consumed as far as the total order says.
// In window mode it says nothing on rows without a time: whether they come depends
// on the span.
func (l *lane) consumedTotal(r row) bool {
	p := &l.place
	if p.Anchor == 0 || p.Mode == modeWindow && !usable(r.entry.Time) {
		return false
	}
	return inOrder(moment(r.eff), r.hash, p.Time, p.Anchor) <= 0
}

// consumeTotal remembers a row of the total order as the last consumed. In window
// mode, rows without a time are remembered one by one.
func (l *lane) consumeTotal(r row) {
	p := &l.place
	if p.Mode == modeWindow && !usable(r.entry.Time) {
		p.Seen = append(p.Seen, r.hash)
		p.Seen = p.Seen[max(0, len(p.Seen)-maxSeen):]
		return
	}
	p.Time, p.Anchor = moment(r.eff), r.hash
}
