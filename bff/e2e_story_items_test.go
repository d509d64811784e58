//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// TestE2EStory_AreMyItemsIndexed is a Coveo administrator's way: the vendor's own
// counts, filters that go to the vendor, and nothing that ends without saying so.
func TestE2EStory_AreMyItemsIndexed(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "coveo")
	from, to := ago(24*time.Hour), ago(time.Minute)
	b.visit(logsOf(src, "from", from, "to", to))
	first := b.loaded()

	// The vendor's numbers, and that they are the vendor's.
	truth := map[string]int{}
	since, until := mustTime(t, from), mustTime(t, to)
	for _, raw := range sim.Entries("coveo") {
		var e struct {
			Datetime     time.Time
			Task, Result string
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if !e.Datetime.Before(since) && e.Datetime.Before(until) {
			truth[e.Task]++
			truth[e.Result]++
		}
	}
	rail := b.one(0, "complementary", "Fields")
	for _, value := range []string{"INDEXING", "STREAMING", "ERROR"} {
		b.one(rail.id, "button", value+", "+thousands(truth[value])+" counted by Coveo")
	}
	b.one(rail.id, "button", "Products (push), *") // the source by its name

	// More exists than the first page, and one click loads it.
	b.lane("", "more exist")
	if first.Count-1 >= truth["COMPLETED"] {
		t.Fatalf("%d rows are everything: there is nothing more to load", first.Count-1)
	}
	b.click("button", b.find(b.one(0, "group", "Coverage").id, "button", "*")[0].name)
	b.click("button", "Load more")
	b.until("more rows", func() (bool, string) {
		got := b.table()
		return got.Count > first.Count && got.Busy == "false", fmt.Sprint(got.Count)
	})

	// Values that are chosen go to the vendor.
	b.clickIn(rail.id, "button", "ERROR, *")
	b.has("q", "result:ERROR")
	b.pill("result:ERROR", "at Coveo")
	b.loaded()
	b.clickIn(rail.id, "button", "CONSUMING, *")
	b.has("q", "result:ERROR stage:CONSUMING")
	b.pill("stage:CONSUMING", "at Coveo")
	got := b.loaded()
	for _, r := range got.Rows {
		if !strings.Contains(r.Text, "ERROR") || !strings.Contains(r.Text, "CONSUMING") {
			t.Errorf("row %d says %q", r.Index, r.Text)
		}
	}
	var page wire.Page
	b.api(wire.PathLogs+"?"+url.Values{"src": src, "q": {b.param("q")}, "from": {from}, "to": {to}, "limit": {"1000"}}.Encode(), &page)
	if page.Scanned != len(page.Entries) || len(page.Entries) != got.Count-1 {
		t.Errorf("the vendor sent %d entries for %d that match; %d rows", page.Scanned, len(page.Entries), got.Count-1)
	}
	b.back()
	b.has("q", "result:ERROR")
	b.holds("the box to say so", `document.querySelector("[role=searchbox]").value === "result:ERROR"`)

	// Longer than the vendor allows in one call.
	b.visit(logsOf(src, "from", "now-13d", "q", "result:ERROR"))
	b.loaded()
	all := b.entries()
	b.showsAll(all)
	if age := time.Since(all[len(all)-1].Time); age < 7*24*time.Hour {
		t.Errorf("the oldest of %d entries is %v old: no span of more than a week was read", len(all), age)
	}

	// Words that Coveo does not have yet.
	if err := sim.Append("coveo", json.RawMessage(`{"id":"https://x.example/","sourceId":"`+simulate.CoveoOrg+
		`-rp5rxzbdz753uhndklv2ztkfgy","task":"TELEPORTING","operation":"ADD","result":"MAYBE","meta":{}}`)); err != nil {
		t.Fatal(err)
	}
	b.visit(logsOf(src))
	if row := b.loaded().Rows[0]; !strings.Contains(row.Text, "TELEPORTING") || !strings.Contains(row.Text, "MAYBE") {
		t.Errorf("the newest row says %q", row.Text)
	}
	b.filter("stage:TELEPORTING")
	b.pill("stage:TELEPORTING", "here")
	b.until("the one row", func() (bool, string) {
		got := b.table()
		return got.Count == 2 && len(got.Rows) == 1 && strings.Contains(got.Rows[0].Text, "TELEPORTING"), fmt.Sprint(got)
	})
}

// TestE2EStory_SlowCoveoHoldsUpNobody reads another vendor while Coveo takes its time.
func TestE2EStory_SlowCoveoHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "algolia", "coveo")
	sim.Fault("coveo", simulate.Fault{DelayMS: 6_000, Count: 1})
	b.visit(logsOf(src))
	b.until("rows of Algolia", func() (bool, string) {
		got := b.table()
		return len(got.Rows) > 5, b.text()
	})
	for _, tag := range b.column("target") {
		if !strings.HasPrefix(tag, "A ") {
			t.Fatalf("a row is of %q", tag)
		}
	}
	b.lane("demoorg", "answering")
	row := b.table().Rows[1]
	b.clickRow(row.ID)
	b.details(row.ID)
	b.one(b.one(0, "complementary", "Fields").id, "button", "demoorg, *") // its rows are there
	b.details(row.ID)                                                     // still open
	b.press(kb.Escape, "r")                                               // all of it, in its place
	want := b.entries()
	tags := map[string]int{}
	for i, e := range want[:100] {
		vendor, _, _ := strings.Cut(e.Src, "/")
		tags[vendor]++
		if i > 0 && e.Time.After(want[i-1].Time) {
			t.Fatalf("%s comes after %s and is younger", e.ID, want[i-1].ID)
		}
	}
	if len(tags) != 2 {
		t.Fatalf("the newest entries are of %v", tags)
	}
	b.showsAll(want)
}

func mustTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// thousands writes a count as people do.
func thousands(n int) string {
	s := strconv.Itoa(n)
	if len(s) > 3 {
		s = s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}
