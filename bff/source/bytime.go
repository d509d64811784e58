package source

import (
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// stepTime reads the rows older than the oldest consumed, of a vendor that pages
// by time. The vendor may or may not include the moment itself, so it is asked
// for a moment later, and what comes twice is dropped. When a whole page is of
// one moment, the rest of that moment cannot be asked for: the walk steps over
// it, first so that a vendor which leaves the moment out goes on, then so that
// one which includes it does, and says what may be missing.
func (l *lane) stepTime(ctx context.Context) error {
	p := &l.place
	before := ""
	switch {
	case p.Text == "":
		if !l.span.To.IsZero() {
			before = stamp(l.span.To, l.caps.Precision)
		}
	case l.stall == 0:
		before = shifted(p.Text, l.caps.Precision)
	case l.stall == 1:
		before = p.Text
	default:
		before = shifted(p.Text, -l.caps.Precision)
	}
	pg, rows, _, err := l.read(ctx, driver.Read{Before: before, Limit: l.size()})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if l.known.has(r.hash) || l.consumedTime(r) {
			continue
		}
		l.known.add(r.hash)
		l.buf = append(l.buf, r)
	}
	newestFirst(l.buf)
	switch {
	case pg.More == driver.MoreNo, len(rows) == 0 && pg.More != driver.MoreYes:
		l.place.Done = l.bottom()
	case len(rows) == 0:
		l.place.Done = l.stuck(pg)
	case !timed(rows):
		l.place.Done = &ending{State: logs.Capped, Reason: l.ask.Source.vendor.Title + " sent entries without a time, so older ones cannot be asked for"}
	case len(l.buf) == 0 && !l.widened && l.ask.Source.widen(l.ask.Target.Path):
		l.widened = true // a smaller page is sooner full of what is known; the vendor may have no time for more
	case len(l.buf) == 0:
		if l.stall++; l.stall >= maxStalls {
			l.place.Done = l.stuck(pg)
			break
		}
		if whole := at(p.Time); rows[len(rows)-1].eff.Equal(whole) {
			l.gap(whole, whole.Add(max(1, l.caps.Precision)), "more entries share this moment than fit a page; some of them may be missing")
		}
	default:
		l.stall, l.widened = 0, false
		l.floor(rows)
	}
	return nil
}

func (l *lane) consumedTime(r row) bool {
	p := &l.place
	if len(p.Seen) == 0 {
		return false
	}
	t := moment(r.eff)
	return t > p.Time || t == p.Time && slices.Contains(p.Seen, r.hash)
}

func (l *lane) consumeTime(r row) {
	p := &l.place
	if t := moment(r.eff); t != p.Time {
		p.Time, p.Seen = t, nil
	}
	p.Seen = append(p.Seen, r.hash)
	if usable(r.entry.Time) && r.entry.TimeText != "" {
		p.Text = r.entry.TimeText
	}
}

// stamp writes a time with as many decimals as the vendor keeps.
func stamp(t time.Time, precision time.Duration) string {
	layout := "2006-01-02T15:04:05"
	switch {
	case precision < time.Microsecond:
		layout += ".000000000"
	case precision < time.Millisecond:
		layout += ".000000"
	case precision < time.Second:
		layout += ".000"
	}
	return t.UTC().Format(layout + "Z")
}

// shifted returns a vendor's time string moved by d, and the string itself when
// it is not RFC 3339.
func shifted(text string, d time.Duration) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return stamp(t.Add(d), max(d, -d))
}
