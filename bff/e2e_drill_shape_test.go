//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// drawnShape is a row of the table of shapes.
type drawnShape struct{ Name, Link, Calls, P50, P95, Max, Zero string }

// shapes waits until the table of shapes is drawn from all rows.
func (b *tab) shapes(calls int) []drawnShape {
	b.t.Helper()
	var got []drawnShape
	want := thousands(calls) + " call"
	b.until(want+"s in shapes", func() (bool, string) {
		err := b.try(`[...document.querySelectorAll(".place table[aria-label='Query shapes'] tbody tr")].map((r) => {
			const cell = (c) => r.querySelector("td.c-" + c).innerText.trim(), a = r.querySelector("a");
			return {Name: a.innerText.replaceAll("\n", " "), Link: a.getAttribute("href"), Calls: cell("calls"), P50: cell("p50"), P95: cell("p95"), Max: cell("max"), Zero: cell("zero")};
		})`, &got)
		text := b.text()
		return err == nil && len(got) > 0 && strings.Contains(text, want) && !strings.Contains(text, "Reading…"), fmt.Sprint(err, text)
	})
	return got
}

// bodyOf returns the body of a call as the vendor logged it.
func bodyOf(e logs.Entry) string {
	var row struct {
		Body string `json:"query_body"`
	}
	if json.Unmarshal(e.Raw, &row) != nil {
		return ""
	}
	return row.Body
}

// ranked is a percentile by its definition: the least value that at least p percent
// of the values are not above.
func ranked(values []int, p int) int {
	best := -1
	for _, v := range values {
		n := 0
		for _, w := range values {
			if w <= v {
				n++
			}
		}
		if 100*n >= p*len(values) && (best < 0 || v < best) {
			best = v
		}
	}
	return best
}

// TestE2EDrillShape_SlowQueries is a search engineer's way from the table to what
// makes a shape slow, and to one call of it.
func TestE2EDrillShape_SlowQueries(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 600}, "algolia")
	b.visit(logsOf(src, "from", "now-6d", "q", "type:query"))
	b.loaded()
	b.scrollToTheEnd()
	all := b.entries()
	b.click("link", "Shapes")
	b.at("/algolia/shapes")
	top := b.shapes(len(all))[0]

	// The numbers, counted anew from what the server has.
	var tooks []int
	for _, e := range all {
		if strings.Contains(bodyOf(e), "hitsPerPage=200&") {
			tooks = append(tooks, int(e.Took.Milliseconds()))
		}
	}
	ms := func(n int) string { return strconv.Itoa(n) + " ms" }
	if !strings.Contains(top.Name, "attributesToRetrieve=*") || !strings.HasSuffix(top.Calls, strconv.Itoa(len(tooks))) || len(tooks) < 20 ||
		top.P50 != ms(ranked(tooks, 50)) || top.P95 != ms(ranked(tooks, 95)) || !strings.HasSuffix(top.Max, ms(ranked(tooks, 100))) {
		t.Fatalf("the first shape is %+v, want %d calls, p50 %d ms, p95 %d ms, max %d ms", top, len(tooks), ranked(tooks, 50), ranked(tooks, 95), ranked(tooks, 100))
	}
	b.sees("server time only, network not included", "few calls")

	// The shape, by keys: what differs from the other calls of the index.
	b.press("j", kb.Enter)
	b.at(strings.Split(top.Link, "?")[0])
	b.sees("What differs: slow against fast", "Slow: the slowest quarter", "What differs from other calls", thousands(len(tooks))+" of "+thousands(len(tooks)))
	var differs string
	b.eval(`document.querySelector("table[aria-label='What differs from other calls']").innerText`, &differs)
	says(t, "what differs", differs, "attributesToRetrieve", "getRankingInfo")

	// One call: decoded, cut, and its command without a key.
	b.press("j")
	b.panelSays("server time only, network not included", "getRankingInfo=1", "cut by Algolia at 1,000 characters", "1 query")
	curl := b.copied("Copy as cURL")
	says(t, "the command", curl, "$ALGOLIA_API_KEY", "curl --globoff -X POST", "-dsn.algolia.net/1/indexes/products/query")
	if strings.Contains(curl, "x-algolia-api-key=") || strings.Contains(curl, simulate.AlgoliaKey) {
		t.Errorf("a key is in %s", curl)
	}

	// Two calls marked, and side by side.
	b.press("x", "j", "x", "=")
	b.at("/compare")
	b.back()
	b.at(strings.Split(top.Link, "?")[0])

	b.press(kb.Escape) // to all shapes, the table
	b.at("/algolia/shapes")
	b.shapes(len(all))
	b.click("link", "Zero-hit calls")
	b.at("/logs")
	b.has("q", "type:query hits:0")
	b.loaded()
	for _, e := range b.entries() {
		if e.Fields.Text("hits") != "0" {
			t.Fatalf("%s has %s hits", e.ID, e.Fields.Text("hits"))
		}
	}
}

// TestE2EDrillShape_LinkLeadsWhoMustConnectBack opens the link of a shape in a
// browser that is connected to nothing.
func TestE2EDrillShape_LinkLeadsWhoMustConnectBack(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 90}, "algolia")
	b.visit("/algolia/shapes?" + url.Values{"src": src, "from": {"all"}}.Encode())
	link := b.shapes(len(b.entries()))[0].Link
	stranger := browse(t, b.base)
	stranger.expect("the server responded with a status of 401")
	stranger.visit(link)
	stranger.sees("Connect Algolia to see this")
	stranger.filled("Region", "sim")
	stranger.fill("textbox", "API key", simulate.AlgoliaKey)
	stranger.click("button", "Connect")
	stranger.at(strings.Split(link, "?")[0])
	stranger.sees("What differs: slow against fast", "shape "+strings.TrimPrefix(strings.Split(link, "?")[0], "/algolia/shapes/"))
	stranger.run(chromedp.Reload())
	stranger.sees("What differs: slow against fast")
}
