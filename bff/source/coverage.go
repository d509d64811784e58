package source

import (
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// jitter is how far the rows of a vendor that lists by time may stand out of
// order: rows are logged by several of its servers at once. A page that is older
// than the span by less is not taken as proof that nothing newer follows.
const jitter = time.Minute

// ending says why a lane has nothing more to read.
type ending struct {
	State  logs.State `json:"s"`
	Reason string     `json:"r,omitempty"`
	Edge   int64      `json:"e,omitempty"` // ns: where the state begins, looking back; 0 for the oldest row
}

// gap is a stretch within what was read where entries may be missing.
type gap struct {
	From   int64  `json:"f"` // ns
	To     int64  `json:"t"`
	Reason string `json:"r"`
}

// maxGaps bounds the gaps of one lane. Further ones widen the last.
const maxGaps = 8

// gap notes a stretch where entries may be missing.
func (l *lane) gap(from, to time.Time, reason string) {
	g := gap{From: nanos(from), To: nanos(to), Reason: reason}
	gaps := l.place.Gaps
	if slices.Contains(gaps, g) {
		return
	}
	if len(gaps) >= maxGaps {
		last := gaps[len(gaps)-1]
		gaps = gaps[:len(gaps)-1]
		g.From, g.To = min(g.From, last.From), max(g.To, last.To)
	}
	l.place.Gaps = append(slices.Clone(gaps), g)
}

// bottom is the ending of a lane that reached the vendor's oldest entry.
func (l *lane) bottom() *ending {
	if l.caps.Rolls && len(l.place.push.terms()) > 0 {
		return l.capped()
	}
	if keep := l.caps.Retention; keep > 0 {
		edge := l.start.Add(-keep)
		if l.span.From.Before(edge) {
			return &ending{State: logs.Expired, Reason: l.caps.ExpiredReason, Edge: nanos(edge)}
		}
	}
	return &ending{State: logs.Complete}
}

func (l *lane) capped() *ending { return &ending{State: logs.Capped, Reason: l.caps.CapReason} }

// stuck is the ending of a lane whose vendor brings it no further. Unless the
// vendor says that there is more, it has shown all it has.
func (l *lane) stuck(pg driver.Page) *ending {
	if pg.More == driver.MoreYes || pg.Total > l.next && pg.Total > len(pg.Entries) {
		return &ending{State: logs.Capped, Reason: l.ask.Source.vendor.Title + " says that there is more and keeps answering with the same entries, so older ones cannot be reached"}
	}
	return l.bottom()
}

// crossed reports whether the last entry that the vendor gave is older than the
// span: wherever its entries end, the span does not reach there. Of a vendor that was
// asked for spans, an entry that stands outside proves nothing.
func (l *lane) crossed() bool {
	return l.place.Mode != modeWindow && l.place.Past != 0 && at(l.place.Past).Before(l.span.From)
}

// coverage says what the lane's answers cover so far, newest stretch first, the
// edge last.
func (l *lane) coverage() []logs.Coverage {
	to := l.span.To
	if to.IsZero() || to.After(l.start) { // nothing is known of what is to come
		to = l.start
	}
	// Of the moment of the entry shown last, more may come.
	past := to
	if l.place.Past != 0 {
		past = at(l.place.Past + 1)
	}
	if len(l.buf) > 0 {
		// Down to the next entry, which is read and not shown yet, there is nothing.
		if next := l.buf[0].eff.Add(1); next.Before(past) {
			past = next
		}
	}
	if l.place.Mode == modeWindow && len(l.buf) == 0 {
		// Spans without an entry were read as well.
		if low := at(l.where().Hi); !low.IsZero() && low.Before(past) {
			past = low
		}
	}
	if past.After(to) {
		past = to
	}
	if past.Before(l.span.From) {
		past = l.span.From
	}
	edge := logs.Coverage{Src: l.addr, From: l.span.From, To: past, State: logs.More, Reason: "more exists: ask on"}
	switch d := l.place.Done; {
	case l.err != nil:
		f := fault.Of(l.err)
		edge.State, edge.Reason, edge.Kind, edge.Said = logs.Failed, f.Msg, string(f.Kind), f.Said
		edge.RetryAfterMS = f.RetryAfter.Milliseconds()
	case d != nil && len(l.buf) == 0:
		if d.State == logs.Complete || l.crossed() {
			return l.covered(l.span.From, to)
		}
		edge.State, edge.Reason = d.State, d.Reason
		if d.Edge != 0 {
			past = at(d.Edge)
			if past.After(to) {
				past = to
			}
			edge.To = past
		}
	case l.calls == 0 && l.place.Read == 0:
		edge.State, edge.Reason = logs.Unasked, "not asked yet: ask on"
	case l.spent():
		edge.Reason = "searched back to here within the limits of one request: ask on"
	}
	if n := l.ask.Source.smaller(l.ask.Target.Path); n > 0 && edge.State == logs.More {
		edge.Reason = l.ask.Source.vendor.Title + " timed out; asking for smaller pages, of " + strconv.Itoa(n) + " entries: ask on"
	}
	if !past.Before(to) {
		return []logs.Coverage{edge}
	}
	return append(l.covered(past, to), edge)
}

// covered returns the stretches between from and to, all read, with the gaps cut
// out of them, newest first. There is at least one.
func (l *lane) covered(from, to time.Time) []logs.Coverage {
	gaps := slices.Clone(l.place.Gaps)
	slices.SortFunc(gaps, func(a, b gap) int { return int(min(1, max(-1, b.To-a.To))) })
	var out []logs.Coverage
	for _, g := range gaps {
		low, high := at(g.From), at(g.To)
		if high.After(to) {
			high = to
		}
		if low.Before(from) {
			low = from
		}
		if !low.Before(high) {
			continue
		}
		if high.Before(to) {
			out = append(out, logs.Coverage{Src: l.addr, From: high, To: to, State: logs.Complete})
		}
		out = append(out, logs.Coverage{Src: l.addr, From: low, To: high, State: logs.Capped, Reason: g.Reason})
		to = low
	}
	if from.IsZero() || from.Before(to) || len(out) == 0 {
		out = append(out, logs.Coverage{Src: l.addr, From: from, To: to, State: logs.Complete})
	}
	return out
}
