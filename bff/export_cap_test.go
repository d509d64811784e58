package main

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// TestExport_VendorsCapLiesBeforeTheSpan exports a day of an application whose last
// 1,000 calls reach back for longer: nothing of the day is missing. Of all that there
// is, what is older than they are is.
func TestExport_VendorsCapLiesBeforeTheSpan(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 5, Entries: 1000})
	u := start(t, t.TempDir(), flags...).user(t)
	read := func(path string) ([]logs.Entry, lastLine) {
		body, _ := u.export(path)
		return lines(t, body)
	}
	for _, a := range accounts {
		if a.vendor != "algolia" {
			continue
		}
		c := u.connect(a.vendor, "sim", a.account, a.creds)
		src := "/api/logs.ndjson?src=" + url.QueryEscape(address(c))
		sim.AppendStory(a.vendor, 50) // the cap is reached, and older ones are gone
		all, end := read(src)
		if len(all) != 1000 || end.Complete || end.Coverage[len(end.Coverage)-1].State != logs.Capped {
			t.Fatalf("%d entries, %+v", len(all), end)
		}
		for _, i := range []int{250, 900, 997} {
			from := all[i].Time.Add(time.Second)
			entries, end := read(src + "&from=" + url.QueryEscape(from.Format(time.RFC3339)))
			if !end.Complete || end.Reason != "" || len(end.Coverage) != 1 || end.Coverage[0].State != logs.Complete || !end.Coverage[0].From.Equal(from) {
				t.Errorf("from %s: %d entries, %+v", from, len(entries), end)
			}
			want := slices.IndexFunc(all, func(e logs.Entry) bool { return e.Time.Before(from) })
			if len(entries) != want {
				t.Errorf("from %s: %d entries, want %d", from, len(entries), want)
			}
		}
		entries, end := read(src + "&from=" + url.QueryEscape(all[999].Time.Add(-time.Hour).Format(time.RFC3339)))
		if len(entries) != 1000 || end.Complete || len(end.Coverage) != 2 || !end.Coverage[1].From.Before(end.Coverage[1].To) {
			t.Errorf("from before the oldest: %d entries, %+v", len(entries), end)
		}
	}
}
