package source

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// A vendor that is asked for spans of time may show an entry long after its time:
// Coveo documents neither that nor how long. Each poll asks again for the settle time
// before it. From time to time more is read again, after a poll, so that nobody waits
// for it; what that finds is new is appended behind a gap that is filled and says so.
const (
	// lateEvery is how often: four calls of Coveo in an hour, beside 30 to 60 polls.
	lateEvery = 15 * time.Minute
	// lateBack is how far back: an hour before the look before this one, and a poll's
	// pause more. What appears later still is found by a search alone.
	lateBack = time.Hour + lateEvery + 5*time.Minute
	// latePages bounds the calls of one look. In a span that holds more, it sees what
	// they reach.
	latePages = 3
)

// lateDue reports whether it is time to look for entries that appeared late.
func (t *Tail) lateDue(m *memory, now time.Time) bool {
	return t.ask.Source.vendor.Capabilities.Paging == driver.ByWindow && !m.polled.IsZero() && now.Sub(m.looked) >= t.pace.late
}

// late looks for entries that appeared late. A look that fails is not repeated before
// the next one is due, and is no failure of the tail: the next poll says whether the
// vendor answers.
func (t *Tail) late(ctx context.Context, m *memory) (found Found, calls int) {
	first := m.looked.IsZero()
	m.looked = time.Now()
	if first {
		return Found{}, 0 // nothing that was followed is that old
	}
	span := logs.Span{From: m.polled.Add(-lateBack), To: m.polled.Add(-settle)}
	if span.From.Before(m.floor) {
		span.From = m.floor
	}
	if !span.From.Before(span.To) {
		return Found{}, 0
	}
	r := &reading{began: m.looked, total: -1, bare: m.bare, waits: func(string) {}}
	l := t.lane(m, r, place{Mode: modeFresh}, span)
	for l.place.Done == nil && r.calls < latePages && ctx.Err() == nil {
		if err := l.step(ctx); err != nil {
			break
		}
		for len(l.buf) > 0 {
			r.rows = append(r.rows, l.take())
		}
	}
	if l.open != nil {
		r.rows = append(r.rows, l.open.rows...)
	}
	var from, to time.Time
	for _, row := range r.rows {
		at := row.entry.Time
		if m.ids.has(row.hash) || !usable(at) || at.Before(span.From) || !at.Before(span.To) {
			continue
		}
		m.raise(m.ids.add(row.hash, r.began))
		found.Entries = append(found.Entries, row.entry)
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(to) {
			to = at
		}
	}
	if n := len(found.Entries); n > 0 {
		slices.SortStableFunc(found.Entries, func(a, b logs.Entry) int { return a.Time.Compare(b.Time) })
		what := "an entry"
		if n > 1 {
			what = strconv.Itoa(n) + " entries"
		}
		found.At = m.polled // of nothing newer is anything known
		found.Gap = &Gap{From: from, To: to.Add(t.ask.Source.vendor.Capabilities.Precision), Filled: true,
			Reason: t.ask.Source.vendor.Title + " showed " + what + " of this time later than " + strconv.Itoa(int(settle/time.Minute)) + " minutes afterwards"}
	}
	return found, r.calls
}

// keepLate appends what appeared late, and returns the calls that it took to find it.
func (t *Tail) keepLate(ctx context.Context, log Log, m *memory) (calls int, err error) {
	found, calls := t.late(ctx, m)
	if ctx.Err() != nil {
		return calls, context.Cause(ctx)
	}
	if len(found.Entries) == 0 {
		return calls, nil
	}
	found.State = m.state()
	if err = log.Append(ctx, found); err == nil {
		m.saved = m.polled
	}
	return calls, err
}
