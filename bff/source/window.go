package source

import (
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// Widths of the spans that a window lane asks for. A vendor that pages spans of
// time in an order it does not state must be asked for spans that fit a page:
// only then is it certain which entries are the newest. Every call is dear, so a
// span of a few pages is read whole rather than tried again. The first guess is a
// day.
const (
	firstWide = 24 * time.Hour
	leastWide = 2 * time.Second
	fewPages  = 8  // of one span before a narrower one is tried
	mostPages = 20 // of one span that cannot be made narrower
)

// dense reports whether a span holds too much to be read whole before anything is
// shown: it took its pages already, or its first page, when the oldest entries
// come first, reached so little of it that it will.
func dense(n int, up bool, reached, wide time.Duration) bool {
	return n+1 >= fewPages || (n == 0 && up && reached > 0 && reached < wide/(4*fewPages))
}

// fading is how near the edge of what a vendor keeps a span is read apart. Entries
// vanish there while pages are read, which pulls others over the edge of a page:
// a small span is less likely to have a second page.
const fading = 10 * time.Minute

// ahead is how far beyond our own clock an open span reaches, so that a vendor
// whose clock is a little fast hides nothing.
const ahead = 5 * time.Second

// stepWindow reads the newest unread span whole. When it holds more than a page,
// nothing is shown yet and a narrower one is tried, unless the page stands newest
// first, which settles where the next span ends.
func (l *lane) stepWindow(ctx context.Context) error {
	p := &l.place
	if p.Hi == 0 {
		p.Hi = nanos(l.span.To)
		if p.Hi == 0 {
			p.Hi = nanos(l.start.Add(ahead))
		}
	}
	if !l.low.IsZero() && len(l.buf) == 0 {
		p.Hi, l.low = nanos(l.low), time.Time{}
	}
	bottom, end := l.span.From, l.bottom()
	if end.State == logs.Expired {
		bottom = at(end.Edge)
	}
	high := at(p.Hi)
	if !high.After(bottom) {
		p.Done = end
		return nil
	}
	wide := time.Duration(p.Wide)
	if wide == 0 {
		wide = firstWide
	}
	wide = max(leastWide, wide)
	if most := l.caps.MaxSpan; most > 0 {
		wide = min(wide, most-4*l.caps.Precision) // the span asked for is widened by the precision at both ends
	}
	low := high.Add(-wide)
	if low.Before(bottom) {
		low = bottom
	}

	var all []row
	have := map[uint64]struct{}{}
	began := l.now()
	l.prev, l.stall = nil, 0
	for n := 0; ; n++ {
		pg, rows, again, err := l.read(ctx, driver.Read{
			Span:   logs.Span{From: low.Truncate(l.caps.Precision).Add(-l.caps.Precision), To: ceil(high, l.caps.Precision)},
			Number: n, Limit: l.caps.MaxLimit,
		})
		if err != nil {
			return err
		}
		fresh := 0
		for _, r := range rows {
			if _, ok := have[r.hash]; ok {
				continue
			}
			have[r.hash] = struct{}{}
			fresh++
			all = append(all, r)
		}
		if pg.More == driver.MoreNo || len(rows) == 0 && pg.More != driver.MoreYes {
			break
		}
		if l.stalled(len(rows) > 0 && (fresh > 0 || !again)) {
			if pg.More == driver.MoreYes {
				l.gap(low, high, l.ask.Source.vendor.Title+" says that there is more and keeps answering with the same entries; some of them may be missing")
			}
			break
		}
		if len(rows) == 0 {
			continue
		}
		last := rows[len(rows)-1].eff
		down, up := sorted(rows)
		if n == 0 && down && timed(rows) && last.After(low) && last.Add(l.caps.Precision).Before(high) {
			// Newest first: all that is newer than the last row is here, though its
			// own moment may not be whole.
			low = last.Add(l.caps.Precision)
			break
		}
		if above := bottom.Add(fading); n == 0 && end.State == logs.Expired && low.Before(above) && high.Sub(above) >= leastWide {
			p.Wide = int64(high.Sub(above))
			return nil
		}
		if high.Sub(low) > leastWide && timed(rows) && dense(n, up, last.Sub(low), high.Sub(low)) {
			p.Wide = int64(max(leastWide, high.Sub(low)/4))
			return nil
		}
		if n+1 >= mostPages {
			l.gap(low, high, l.ask.Source.vendor.Title+" has more entries here than can be paged through; some of them are missing")
			break
		}
		if l.now().Sub(began) > maxGather {
			return fault.New(fault.Timeout, "read span").Saying("reading one short span took too long; narrow the filter or the target")
		}
	}
	in := all[:0]
	for _, r := range all {
		if !usable(r.entry.Time) {
			// Before all others, so that it is consumed before the span is cut.
			r.eff = high.Add(-1)
		}
		if !r.eff.Before(low) && r.eff.Before(high) {
			in = append(in, r)
		}
	}
	if len(in)*4 < l.caps.MaxLimit {
		p.Wide = int64(wide * 4)
	} else {
		p.Wide = int64(wide)
	}
	l.sortIn(in)
	l.low = low
	if len(l.buf) == 0 {
		p.Hi, l.low = nanos(low), time.Time{}
	}
	if low.Equal(bottom) && len(l.buf) == 0 {
		p.Done = end
	}
	return nil
}

// ceil rounds t up to a multiple of d.
func ceil(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return t
	}
	if r := t.Truncate(d); r.Before(t) {
		return r.Add(d)
	}
	return t
}

// timed reports whether some row has a time.
func timed(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return usable(r.entry.Time) })
}
