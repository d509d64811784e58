package viewer

import (
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
)

// maxZooms bounds how many spans ZoomedOut goes back to.
const maxZooms = 50

// zoom is a way back: the span that was left for another.
type zoom struct{ inFrom, inTo, outFrom, outTo string }

// spanned takes in the messages that change the span.
func (m *Model) spanned(msg Msg) (effects []Effect, mine bool) {
	switch msg := msg.(type) {
	case SpanChosen:
		return m.toSpan(msg.From, msg.To), true
	case Zoomed:
		return m.zoomed(msg.From, msg.To), true
	case ZoomedOut:
		return m.zoomedOut(), true
	case Shifted:
		return m.shifted(msg.Back), true
	case AroundAsked:
		return m.aroundAsked(msg.Row), true
	case SameJobAsked:
		return m.sameJobAsked(msg.Row), true
	}
	return nil, false
}

func (m *Model) toSpan(from, to string) []Effect {
	return m.change(func() { m.view.From, m.view.To, m.view.Query = from, to, m.draftQuery() })
}

func (m *Model) zoomed(from, to time.Time) []Effect {
	if to.Before(from) {
		from, to = to, from
	}
	unit := time.Millisecond
	if to.Sub(from) >= 10*time.Second {
		unit = time.Second
	}
	from, to = from.Truncate(unit), roundUp(to, unit)
	if !from.Before(to) {
		return nil
	}
	z := zoom{view.Stamp(from), view.Stamp(to), m.view.From, m.view.To}
	effects := m.toSpan(z.inFrom, z.inTo)
	if len(m.zooms) == maxZooms {
		m.zooms = m.zooms[1:]
	}
	m.zooms = append(m.zooms, z)
	return effects
}

func roundUp(t time.Time, unit time.Duration) time.Time {
	if r := t.Truncate(unit); r.Before(t) {
		return r.Add(unit)
	}
	return t
}

// zoomedOut goes back where the present span was zoomed into; the browser's Back
// may have undone later zooms meanwhile, which then are forgotten.
func (m *Model) zoomedOut() []Effect {
	if i := m.zoomHere(); i >= 0 {
		z := m.zooms[i]
		m.zooms = m.zooms[:i]
		return m.toSpan(z.outFrom, z.outTo)
	}
	from, to, ok := m.bounds()
	if !ok {
		return nil
	}
	length := to.Sub(from)
	if m.view.To == "" {
		return m.toSpan(ago(2*length), "")
	}
	from, to = from.Add(-length/2), to.Add(length/2)
	if !to.Before(m.now) { // nothing is ahead of now: what is left over goes into the past
		return m.toSpan(view.Stamp(from.Add(m.now.Sub(to)).Truncate(time.Second)), "")
	}
	return m.toSpan(view.Stamp(from.Truncate(time.Second)), view.Stamp(roundUp(to, time.Second)))
}

// zoomHere returns which zoom led to the present span, -1 for none.
func (m *Model) zoomHere() int {
	for i, z := range slices.Backward(m.zooms) {
		if z.inFrom == m.view.From && z.inTo == m.view.To {
			return i
		}
	}
	return -1
}

// shifted moves the span by half its length. It comes to rest at the present.
func (m *Model) shifted(back bool) []Effect {
	from, to, ok := m.bounds()
	if !ok || !back && m.view.To == "" {
		return nil
	}
	length := to.Sub(from)
	by := length / 2
	if back {
		by = -by
	}
	from, to = from.Add(by), to.Add(by)
	if !to.Before(m.now) {
		return m.toSpan(ago(length), "")
	}
	unit := time.Second
	if length < 10*time.Second {
		unit = time.Millisecond
	}
	return m.toSpan(view.Stamp(from.Truncate(unit)), view.Stamp(roundUp(to, unit)))
}

// bounds returns the view's span with now for its open end, and false for one that
// has no beginning or cannot be read.
func (m *Model) bounds() (from, to time.Time, ok bool) {
	s, err := m.view.Span(m.now, m.zone)
	if err != nil || s.From.IsZero() {
		return from, to, false
	}
	if s.To.IsZero() {
		s.To = m.now
	}
	return s.From, s.To, s.From.Before(s.To)
}

// ago writes how far back a span begins that ends now.
func ago(length time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if length >= u.d && length%u.d == 0 {
			return "now-" + strconv.FormatInt(int64(length/u.d), 10) + u.name
		}
	}
	return "now-" + strconv.FormatInt(int64((length+time.Second-1)/time.Second), 10) + "s"
}

// sameJobAsked shows the entries that belong to the same.
func (m *Model) sameJobAsked(row int) []Effect {
	if row < 0 || row >= m.table.Len() {
		return nil
	}
	e := m.table.At(row)
	for _, f := range []struct{ name, value string }{
		{"job", m.store.Job(e)}, {"item", m.store.Item(e)}, {"request", m.store.Request(e)},
	} {
		if f.value == "" {
			continue
		}
		c, err := m.opts.Is(f.name, f.value)
		if err != nil {
			return m.edit(nil, err)
		}
		var all *query.Query
		q, err := all.With(c)
		if err != nil {
			return m.edit(nil, err)
		}
		return m.commit(q.String())
	}
	return nil
}
