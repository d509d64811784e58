package source

import (
	"context"
	"slices"
	"time"

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
	widest    = 10 * 365 * 24 * time.Hour
	fewPages  = 8  // of one span before a narrower one is tried
	mostPages = 20 // of one span that cannot be made narrower
)

// dense reports whether a span holds too much to be read whole before anything is
// shown: it took its pages already, or its first page, when the oldest entries
// come first, reached so little of it that it will.
func dense(n int, up bool, reached, wide time.Duration) bool {
	return n+1 >= fewPages || (n == 0 && up && reached > 0 && reached < wide/(4*fewPages))
}

// A lane that looks for a few entries in all of a span keeps little, and should not
// read a page in vain. It makes a span narrower only after one of its first pages,
// when that one tells that many will follow, and then to one of about aPart pages,
// so that the newest part is known soon: what is older may not be needed.
const (
	manyPages = 6
	aPart     = 4
	lastPage  = 200 // of one span; nobody says how far the vendor pages
)

// narrower returns the width to try in place of one that is too wide, 0 to read on.
// Page n, counted from 0, ends where reached says. One page says little by itself:
// items come in bursts.
func (l *lane) narrower(n int, up bool, reached, wide time.Duration) time.Duration {
	switch {
	case l.only == nil && dense(n, up, reached, wide):
		return wide / 4
	case l.only != nil && n < aPart && up && reached > 0 && reached < wide/manyPages:
		return reached * aPart / time.Duration(n+1)
	}
	return 0
}

// fading is how near the edge of what a vendor keeps a span is read apart. Entries
// vanish there while pages are read, which pulls others over the edge of a page:
// a small span is less likely to have a second page.
const fading = 10 * time.Minute

// ahead is how far beyond our own clock an open span reaches, so that a vendor
// whose clock is a little fast hides nothing.
const ahead = 5 * time.Second

// spanRead is a span of which not all pages were read yet. It is kept in memory
// between requests: a call may take a minute, and what came must not be asked for
// again because a reader was not kept waiting for the rest.
type spanRead struct {
	low, high time.Time // high exclusive
	wide      time.Duration
	page      int // to read next
	rows      []row
	have      map[uint64]struct{}
	reach     time.Time // of the newest page's last row
	up        bool      // the newest page stands oldest first
}

// stepWindow makes one call for the newest unread span, which is shown when it
// was read whole. When it holds more than a few pages a narrower one is tried,
// unless its first page stands newest first, which settles where the next span
// ends.
func (l *lane) stepWindow(ctx context.Context) error {
	p := &l.place
	bottom, end := l.span.From, l.bottom()
	if end.State == logs.Expired {
		bottom = at(end.Edge)
	}
	if l.open == nil {
		if l.open = l.nextSpan(bottom); l.open == nil {
			p.Done = end
			return nil
		}
		l.prev, l.stall = nil, 0
	}
	o := l.open
	pg, rows, again, err := l.read(ctx, driver.Read{
		Span:   logs.Span{From: o.low.Truncate(l.caps.Precision).Add(-l.caps.Precision), To: ceil(o.high, l.caps.Precision)},
		Number: o.page, Limit: l.caps.MaxLimit,
	})
	if err != nil {
		return err // the pages before stay: asking again goes on with this one
	}
	first := o.page == 0
	o.page++
	fresh := 0
	for _, r := range rows {
		if _, ok := o.have[r.hash]; ok {
			continue
		}
		o.have[r.hash] = struct{}{}
		fresh++
		if l.only != nil {
			if !l.only(&r.entry) {
				continue
			}
			r.entry.Raw = nil // which holds the page's whole body
		}
		o.rows = append(o.rows, r)
	}
	if pg.More == driver.MoreNo || len(rows) == 0 && pg.More != driver.MoreYes {
		l.closeSpan(bottom, end)
		return nil
	}
	if l.stalled(len(rows) > 0 && (fresh > 0 || !again)) {
		if pg.More == driver.MoreYes {
			l.gap(o.low, o.high, l.ask.Source.vendor.Title+" says that there is more and keeps answering with the same entries; some of them may be missing")
		}
		l.closeSpan(bottom, end)
		return nil
	}
	if len(rows) == 0 {
		return nil
	}
	last := rows[len(rows)-1].eff
	down, up := sorted(rows)
	o.up, o.reach = up, last
	less := time.Duration(0)
	if timed(rows) {
		less = l.narrower(o.page-1, up, last.Sub(o.low), o.high.Sub(o.low))
	}
	switch {
	case first && down && timed(rows) && last.After(o.low) && last.Add(l.caps.Precision).Before(o.high):
		// Newest first: all that is newer than the last row is here, though its
		// own moment may not be whole.
		o.low = last.Add(l.caps.Precision)
		l.closeSpan(bottom, end)
	case first && end.State == logs.Expired && o.low.Before(bottom.Add(fading)) && o.high.Sub(bottom.Add(fading)) >= leastWide:
		p.Wide, l.open = int64(o.high.Sub(bottom.Add(fading))), nil
	case o.high.Sub(o.low) > leastWide && less > 0:
		p.Wide, l.open = int64(max(leastWide, less)), nil
	case o.page >= lastPage || l.only == nil && o.page >= mostPages:
		l.gap(o.low, o.high, l.ask.Source.vendor.Title+" has more entries here than can be paged through; some of them are missing")
		l.closeSpan(bottom, end)
	}
	return nil
}

// nextSpan returns the newest unread span above bottom, nil when there is none.
func (l *lane) nextSpan(bottom time.Time) *spanRead {
	p := &l.place
	if p.Hi == 0 {
		p.Hi = nanos(l.span.To)
		if p.Hi == 0 {
			p.Hi = nanos(l.start.Add(ahead))
		}
	}
	if !l.low.IsZero() {
		p.Hi, l.low = nanos(l.low), time.Time{}
	}
	high := at(p.Hi)
	if !high.After(bottom) {
		return nil
	}
	wide := time.Duration(p.Wide)
	switch {
	case wide > 0:
	case l.item != "" || l.only != nil:
		wide = widest // of one item there is little
	default:
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
	return &spanRead{low: low, high: high, wide: wide, have: map[uint64]struct{}{}}
}

// closeSpan gives the rows of the open span, which was read whole, to the reader.
func (l *lane) closeSpan(bottom time.Time, end *ending) {
	p, o := &l.place, l.open
	l.open = nil
	in := o.rows[:0]
	for _, r := range o.rows {
		if !usable(r.entry.Time) {
			// Before all others, so that it is consumed before the span is cut.
			r.eff = o.high.Add(-1)
		}
		if !r.eff.Before(o.low) && r.eff.Before(o.high) {
			in = append(in, r)
		}
	}
	p.Wide = int64(o.wide)
	switch {
	case l.only != nil:
		p.Wide = int64(min(widest, o.wide*aPart*2/time.Duration(max(1, o.page))))
	case len(in)*4 < l.caps.MaxLimit:
		p.Wide = int64(o.wide * 4)
	}
	l.sortIn(in)
	l.low = o.low
	if len(l.buf) == 0 {
		p.Hi, l.low = nanos(o.low), time.Time{}
		if o.low.Equal(bottom) {
			p.Done = end
		}
	}
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
