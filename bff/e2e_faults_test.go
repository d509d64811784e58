//go:build e2e

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/logpane/logpane/bff/simulate"
)

// troubles are how a vendor may fail, and what the page must say about each.
var troubles = []struct {
	name  string
	fault simulate.Fault
	says  string // in our words
	said  string // in the vendor's
}{
	{"a pause asked for", simulate.Fault{Status: 429, RetryAfter: 30, Body: `{"message":"slow down, please"}`}, "asks to slow down", "slow down, please"},
	{"an error", simulate.Fault{Status: 500, Body: `{"message":"boom in the engine room"}`}, "Elastic Path", "boom in the engine room"},
	{"a web page", simulate.Fault{Status: 502, ContentType: "text/html", Body: `<html><body><h1>Bad gateway today</h1><script>window.hurt = 1</script></body></html>`}, "Elastic Path", "Bad gateway today"},
	{"a cut answer", simulate.Fault{Cut: 40}, "Elastic Path", ""},
}

func TestE2EFault_PlainWordsAndARetryThatWorks(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	b.expect("the server responded with a status of ")
	for _, c := range troubles {
		sim.Fault("elasticpath", c.fault)
		b.visit("/logs?src=" + src[0])
		b.one(0, "button", "Try again")
		b.sees(c.says)
		if c.said != "" {
			b.sees("The vendor says: ", c.said)
		}
		text := b.text()
		for _, not := range []string{"undefined", "<nil>", "<h1>", "EOF", "panic", "goroutine"} {
			if strings.Contains(text, not) {
				t.Errorf("%s: the page says %q: %s", c.name, not, text)
			}
		}
		var hurt bool
		if b.eval(`!!window.hurt`, &hurt); hurt {
			t.Errorf("%s: the vendor's script ran", c.name)
		}
		if got := b.table(); len(got.Rows) != 0 {
			t.Errorf("%s: %d rows", c.name, len(got.Rows))
		}
		sim.ClearFaults("elasticpath")
		b.click("button", "Try again")
		b.loaded()
		b.none("button", "Try again")
	}
}

func TestE2EFault_AnotherTargetStaysUsable(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath", "moltin")
	sim.Fault("elasticpath", simulate.Fault{Status: 500, Body: `{"message":"boom in the engine room"}`})
	b.visit("/logs?src=" + strings.Join(src, ","))
	got := b.loaded()
	for _, r := range got.Rows {
		if !strings.Contains(r.Text, "M ") {
			t.Fatalf("row %d is not of the target that answers: %q", r.Index, r.Text)
		}
	}
	coverage := b.one(0, "group", "Coverage")
	b.until("the failure in the coverage", func() (bool, string) {
		lanes := b.find(coverage.id, "button", "*")
		said := fmt.Sprint(lanes)
		return len(lanes) == 2 && strings.Contains(lanes[0].name, "failed") && !strings.Contains(lanes[1].name, "failed"), said
	})
	b.clickRow(got.Rows[1].ID)
	b.details(got.Rows[1].ID)

	sim.ClearFaults("elasticpath")
	b.clickIn(coverage.id, "button", b.find(coverage.id, "button", "*")[0].name)
	b.sees("boom in the engine room")
	b.clickIn(b.one(0, "group", "Coverage").id, "button", "Try again")
	b.until("rows of both targets", func() (bool, string) {
		lanes := b.find(b.one(0, "group", "Coverage").id, "button", "*")
		tags := strings.Join(b.column("target"), " ")
		return !strings.Contains(fmt.Sprint(lanes), "failed") && strings.Contains(tags, "E ") && strings.Contains(tags, "M "), fmt.Sprint(lanes, tags)
	})
	b.details(got.Rows[1].ID) // still open
}

func TestE2EFault_SlowVendorCanBeLeft(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath", "moltin")
	sim.Fault("elasticpath", simulate.Fault{DelayMS: 60_000, Count: 1})
	b.visit("/logs?src=" + src[0])
	b.sees("Searching…")
	b.click("button", "Cancel")
	b.sees("You stopped the search")
	b.click("button", "Reload")
	b.loaded()
}
