package source

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

const (
	// tailPages bounds the calls of one poll. Where they do not reach back to what is
	// known there is a gap.
	tailPages = 10
	// tailWindows is the same for a vendor that is asked for spans of time, each of
	// which may take several pages.
	tailWindows = 40
	// tailKeep is how many of a list that is read whole the first poll appends.
	tailKeep = 100
	// tailOverlap is how many known rows a poll from the end of a list asks for again.
	tailOverlap = 30
	// settle is how far back a poll asks again of a vendor that is asked for spans of
	// time: how late an entry may appear is not documented.
	settle = 5 * time.Minute
)

// errMoved says that a list does not stand as it stood: its order changed, or rows
// were taken away.
var errMoved = errors.New("the list has moved")

// reading is what one poll read.
type reading struct {
	began    time.Time
	since    time.Time // how far back a baseline reaches
	baseline bool      // nothing was known before
	rows     []row     // newest first, as far as the vendor's order tells
	keep     int       // of a baseline: rows to append; 0 for all
	met      bool      // it reached what is known
	whole    bool      // it reached the end of all that the vendor has
	low      time.Time // of a baseline: what is older is history
	capped   string    // why it reached no further
	gap      *Gap      // within what was read
	calls    int
	waits    func(reason string) // a call's turn takes a while

	mode  mode
	end   int
	total int
	bare  bool
	pin   string
}

// lane returns a lane for one poll, which notes down what its calls said.
func (t *Tail) lane(m *memory, r *reading, p place, span logs.Span) *lane {
	p.Pin = m.pin
	if !r.bare {
		p.push = t.push
	}
	l := newLane(t.ask, p, span, "", r.began, nil, time.Now)
	l.want, l.began = tailKeep/2, r.began
	l.call = func(ctx context.Context, rd driver.Read) (driver.Page, error) {
		r.calls++
		pg, err := t.ask.Source.once(ctx, rd, r.waits)
		if err == nil {
			r.total = pg.Total
			r.end = max(r.end, rd.Offset+len(pg.Entries))
		}
		return pg, err
	}
	return l
}

// readBack walks from the newest row backwards until it meets what is known.
func (t *Tail) readBack(ctx context.Context, m *memory, r *reading, from mode) error {
	caps := t.ask.Source.vendor.Capabilities
	window := caps.Paging == driver.ByWindow
	span, most := logs.Span{}, tailPages
	if window {
		most = tailWindows
		span.From = m.polled.Add(-settle)
		if r.baseline {
			span.From = r.began.Add(-settle)
			if !r.since.IsZero() && r.since.Before(span.From) {
				span.From = r.since
			}
		}
		if edge := r.began.Add(-caps.Retention); caps.Retention > 0 && span.From.Before(edge) {
			span.From = edge
		}
	}
	l := t.lane(m, r, place{Mode: from}, span)
	begun := r.calls
	for l.place.Done == nil && (r.calls-begun < most || l.open != nil && r.calls-begun < 2*most) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := l.step(ctx); err != nil {
			return err
		}
		first := len(r.rows)
		for len(l.buf) > 0 {
			r.rows = append(r.rows, l.take())
		}
		if first == 0 && from == modeDown && caps.Order == driver.OrderUnknown {
			if _, up := sorted(r.rows); up {
				return errMoved
			}
		}
		if window || len(r.rows) == first {
			continue
		}
		last := &r.rows[len(r.rows)-1]
		if r.baseline {
			if r.since.IsZero() || last.eff.Before(r.since) {
				break
			}
			continue
		}
		if m.ids.has(last.hash) || !m.floor.IsZero() && !last.eff.IsZero() && last.eff.Before(m.floor) {
			r.met = true
			break
		}
	}
	r.pin, r.bare = l.place.Pin, r.bare || t.push != nil && l.place.push == nil
	r.mode = modeFresh
	if l.place.Mode == modeDown || l.place.Mode == modeUp {
		r.mode = l.place.Mode
	}
	if d := l.place.Done; d != nil {
		r.whole = d.State != logs.Capped
		r.capped = d.Reason
	}
	for i := range r.rows {
		r.met = r.met || m.ids.has(r.rows[i].hash)
	}
	switch {
	case window:
		t.closeWindow(m, r, l, span)
	case r.baseline:
		t.closeBaseline(r, l)
	}
	if from == modeDown && caps.Order == driver.OrderUnknown && grew(m, r) {
		return errMoved
	}
	return nil
}

// grew reports whether a list that the vendor counts grew by more rows than were
// found: then they stand elsewhere.
func grew(m *memory, r *reading) bool {
	if m.total < 0 || r.total < 0 {
		return false
	}
	unknown := 0
	for i := range r.rows {
		if !m.ids.has(r.rows[i].hash) {
			unknown++
		}
	}
	return r.total-m.total > unknown
}

// closeWindow says what the spans that were read do not cover.
func (t *Tail) closeWindow(m *memory, r *reading, l *lane, span logs.Span) {
	r.met = true // by time
	if r.baseline {
		r.low = span.From
	}
	if l.place.Done == nil {
		low := l.low
		if low.IsZero() {
			low = at(l.place.Hi)
		}
		if low.IsZero() {
			low = r.began
		}
		r.gap = &Gap{From: span.From, To: low, Reason: t.ask.Source.vendor.Title + " has more entries here than one poll can read"}
		if r.baseline {
			r.low, r.gap = low, nil
		}
	}
	for _, g := range l.place.Gaps {
		r.gap = r.gap.with(Gap{From: at(g.From), To: at(g.To), Reason: g.Reason})
	}
	if missed := m.polled; !r.baseline && missed.Before(span.From) {
		r.gap = r.gap.with(Gap{From: missed, To: span.From, Reason: t.ask.Source.vendor.Capabilities.ExpiredReason})
	}
}

// with returns a gap that covers another one, too.
func (g *Gap) with(o Gap) *Gap {
	if g == nil {
		return &o
	}
	if o.From.Before(g.From) {
		g.From = o.From
	}
	if o.To.After(g.To) {
		g.To = o.To
	}
	return g
}

// closeBaseline chooses where the log begins.
func (t *Tail) closeBaseline(r *reading, l *lane) {
	if len(r.rows) > tailKeep && (l.place.Mode == modeGather || !r.since.IsZero()) {
		r.keep = tailKeep
		for r.keep < len(r.rows) && !r.since.IsZero() && !r.rows[r.keep].eff.Before(r.since) {
			r.keep++
		}
	}
	n := len(r.rows)
	if r.keep > 0 {
		n = r.keep
	}
	if n > 0 && (n < len(r.rows) || !r.whole) {
		r.low = r.rows[n-1].eff
		if n < len(r.rows) && !r.since.IsZero() && r.low.After(r.since) {
			r.low = r.since // the first row that is left out is older
		}
	}
}

// readUp reads from the known end of a list that stands oldest first. errMoved if
// the end is not where it was.
func (t *Tail) readUp(ctx context.Context, m *memory, r *reading) error {
	caps := t.ask.Source.vendor.Capabilities
	l := t.lane(m, r, place{Mode: modeUp}, logs.Span{})
	off, tie := max(0, m.end-tailOverlap), uint64(0)
	for range tailPages {
		size := caps.MaxLimit
		if caps.MaxRows > 0 {
			size = min(size, caps.MaxRows-off)
		}
		if size <= 0 {
			r.capped, r.end = caps.CapReason, m.end
			break
		}
		r.end = 0
		pg, rows, _, err := l.read(ctx, driver.Read{Offset: off, Limit: size})
		if err != nil {
			return err
		}
		if len(rows) == 0 || tie == 0 && !m.ids.has(rows[0].hash) || tie != 0 && rows[0].hash != tie {
			return errMoved
		}
		r.end, tie = off+len(rows), rows[len(rows)-1].hash
		for i := range rows {
			if len(r.rows) == 0 || rows[i].hash != r.rows[len(r.rows)-1].hash {
				r.rows = append(r.rows, rows[i])
			}
		}
		if len(rows) < size || pg.More == driver.MoreNo || pg.Total >= 0 && r.end >= pg.Total {
			break
		}
		off = r.end - 1
	}
	slices.Reverse(r.rows)
	r.met, r.mode = true, modeUp
	r.pin, r.bare = l.place.Pin, r.bare || t.push != nil && l.place.push == nil
	switch {
	case caps.MaxRows > 0 && r.end >= caps.MaxRows && r.total > max(r.end, m.total):
		r.gap = &Gap{From: m.polled, To: r.began, Reason: caps.CapReason}
	case grew(m, r) && r.end >= r.total:
		return errMoved
	}
	return nil
}

// found says what of a reading is new.
func (r *reading) found(t *Tail, m *memory) Found {
	f := Found{At: r.began, Gap: r.gap}
	title := t.ask.Source.vendor.Title
	lastKnown := -1
	for i := range r.rows {
		if m.ids.has(r.rows[i].hash) {
			lastKnown = i
		}
	}
	var fresh []row
	for i, row := range r.rows {
		switch {
		case r.keep > 0 && i >= r.keep, m.ids.has(row.hash):
			continue
		case !m.floor.IsZero() && !row.eff.IsZero() && row.eff.Before(m.floor):
			continue
		case !m.floor.IsZero() && row.eff.Equal(m.floor) && lastKnown >= 0 && i > lastKnown:
			continue // of the floor's moment, and beyond it in the vendor's order
		}
		fresh = append(fresh, row)
	}
	oldest := time.Time{}
	for i := range fresh {
		if eff := fresh[i].eff; !eff.IsZero() && (oldest.IsZero() || eff.Before(oldest)) {
			oldest = eff
		}
	}
	switch {
	case r.baseline && !r.low.IsZero():
		f.Gap = &Gap{To: r.low, Reason: "following live began here; what is older is read as history"}
	case !r.baseline && !r.met && len(r.rows) > 0 && (m.ids.len() > 0 || !r.whole):
		reason := r.capped
		if reason == "" {
			reason = "more entries arrived between two polls than " + title + " lets us page back"
		}
		from := m.newest
		if from.IsZero() || from.After(oldest) {
			from = m.polled
		}
		f.Gap = f.Gap.with(Gap{From: from, To: oldest, Reason: reason})
	}
	slices.Reverse(fresh)
	slices.SortStableFunc(fresh, func(a, b row) int { return a.eff.Compare(b.eff) })
	for i := range fresh {
		f.Entries = append(f.Entries, fresh[i].entry)
	}
	return f
}
