package source

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// TestCoverage_OldestEntryGivenIsOlderThanTheSpan ends walks where the vendor shows
// no more, in spans that the vendor's newest entries reach across, end in, or do not
// reach at all.
func TestCoverage_OldestEntryGivenIsOlderThanTheSpan(t *testing.T) {
	capped := func(listing string) func(m *model) {
		return func(m *model) { m.caps.MaxRows, m.listing = 50, listing }
	}
	const ago = -time.Minute
	for _, c := range []struct {
		name   string
		paging driver.Paging
		order  driver.Order
		set    func(m *model)
		from   time.Duration // before base; the vendor's oldest are 50 minutes old, or 100 where it has no bound
		want   string        // the states, newest first
	}{
		{"cap, far older", driver.ByOffset, driver.NewestFirst, capped("newest"), 35 * ago, "complete"},
		{"cap, on the last page", driver.ByOffset, driver.NewestFirst, capped("newest"), 45 * ago, "complete"},
		{"cap, a moment older", driver.ByOffset, driver.NewestFirst, capped("newest"), 50*ago + time.Second, "complete"},
		{"cap, at the moment", driver.ByOffset, driver.NewestFirst, capped("newest"), 50 * ago, "complete capped"},
		{"cap, younger", driver.ByOffset, driver.NewestFirst, capped("newest"), 60 * ago, "complete capped"},
		{"cap, order found out", driver.ByOffset, driver.OrderUnknown, capped("newest"), 45 * ago, "complete"},
		{"cap, order found out, younger", driver.ByOffset, driver.OrderUnknown, capped("newest"), 60 * ago, "complete capped"},
		{"cap, oldest first: the newest are out of reach", driver.ByOffset, driver.OrderUnknown, capped("oldest"), 35 * ago, "capped"},
		{"cap, in no order: any may be out of reach", driver.ByOffset, driver.OrderUnknown, capped("shuffled"), 45 * ago, "capped"},
		{"same page for ever", driver.ByOffset, driver.NewestFirst, func(m *model) { m.more, m.ignores = "yes", true }, 20*ago + time.Second, "complete"},
		{"retention, older is shown all the same", driver.ByTime, driver.NewestFirst, func(m *model) { m.caps.Retention = 30 * time.Minute }, 99*ago + time.Second, "complete"},
		{"retention, younger", driver.ByTime, driver.NewestFirst, func(m *model) { m.caps.Retention = 30 * time.Minute }, 200 * ago, "complete expired"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := filled(c.paging, "newest", 100, time.Minute)
			m.caps.Order = c.order
			c.set(m)
			ask := m.open(t, "model")
			m.caps.Retention = 0 // the vendor deletes later than it says
			req := Request{Asks: []Ask{ask}, Span: logs.Span{From: base.Add(c.from)}}
			for _, forget := range []bool{false, true} {
				for _, limit := range []int{7, 1000} {
					w := walkAll(t, m.searcher(), req, always(limit), forget)
					var states []string
					for _, s := range w.coverage {
						states = append(states, string(s.State))
						if !s.From.Before(s.To) {
							t.Errorf("limit %d: a stretch of no length: %+v", limit, s)
						}
					}
					if got := strings.Join(states, " "); got != c.want {
						t.Errorf("limit %d, forgetting %v: %s, want %s: %+v", limit, forget, got, c.want, w.coverage)
					}
				}
			}
		})
	}
}
