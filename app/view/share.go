package view

import "time"

// Moving reports whether the view shows something else tomorrow by itself: some end
// of its span is open, or is so long before now.
func (v View) Moving(now time.Time) bool {
	s, err := v.Span(now, nil)
	later, err2 := v.Span(now.Add(36*time.Hour), nil)
	return err == nil && (err2 != nil || s.To.IsZero() || !s.From.Equal(later.From) || !s.To.Equal(later.To))
}

// Shared returns the view as a link for somebody else holds it. It names the zone in
// which the sender sees it, so that the receiver can be told. At this exact time
// the span is pinned and nothing is followed; a moving window stays as it is.
func (v View) Shared(now time.Time, loc *time.Location, moving bool) View {
	if loc != nil {
		v.Zone = loc.String()
	}
	if moving {
		return v
	}
	v.Live = false
	return v.Absolute(now, loc)
}

// SameClock reports whether two zones show the same time of day all through a span.
// An open end is now; without a beginning the year before counts.
func SameClock(a, b *time.Location, from, to, now time.Time) bool {
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.AddDate(-1, 0, 0)
	}
	// Offsets change seldom: from one change of either to the next, up to the end.
	for at := from; ; {
		x, y := at.In(a), at.In(b)
		if _, ox := x.Zone(); ox != offset(y) {
			return false
		}
		next := to
		for _, t := range [...]time.Time{x, y} {
			if _, end := t.ZoneBounds(); !end.IsZero() && end.Before(next) {
				next = end
			}
		}
		if !next.After(at) || !next.Before(to) {
			return true
		}
		at = next
	}
}

func offset(t time.Time) int {
	_, s := t.Zone()
	return s
}
