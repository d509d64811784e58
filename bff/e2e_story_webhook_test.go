//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

// shippingHost is the host to which the failing integration delivers: the rest of its
// address may hold a secret.
const shippingHost = "hooks.shop.example.com"

// brush marks the last n bars of the histogram with the mouse, which zooms into
// them, and returns from when on that is.
func (b *tab) brush(n int) time.Time {
	b.t.Helper()
	var plot struct {
		At   box
		Bars int
	}
	b.eval(`(() => { const p = document.querySelector("[data-brush]"); return {At: p.getBoundingClientRect().toJSON(), Bars: +p.dataset.n}; })()`, &plot)
	wide := plot.At.Width / float64(plot.Bars)
	mid := func(bar int) float64 { return plot.At.X + (float64(bar)+.5)*wide }
	y := plot.At.Y + plot.At.Height/2
	b.drag(mid(plot.Bars-n), y, mid(plot.Bars-1), y)
	b.until("the span of the mark in the address", func() (bool, string) {
		from := b.param("from")
		return !strings.HasPrefix(from, "now") && from != "", from
	})
	from, err := time.Parse(time.RFC3339Nano, b.param("from"))
	if err != nil {
		b.t.Fatal(err)
	}
	return from
}

// failing appends the newest failure of the shipping integration.
func failing(t *testing.T, sim *simulate.Server, body string) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	raw := `{"type":"integration-log","succeeded":false,"attempt":3,"processing_time":9.8,"status_code":500,"body":` + string(text) +
		`,"error_detail":"Received a status code outside of 2xx range - treating webhook as a fail","relationships":{"integration":{"data":{"type":"integration","id":"8edd44ef-1856-4456-90ec-d9fab8a25049"}},` +
		`"job":{"data":{"type":"integration-job","id":"3b69f1f0-33f0-4a51-9c0d-3f61ac1fcd26"}}}}`
	if err := sim.Append("elasticpath", json.RawMessage(raw)); err != nil {
		t.Fatal(err)
	}
}

// TestE2EStory_FailedWebhooks is an integrator's night: from a bookmark to the
// failing integration, its answer, and a link for a colleague.
func TestE2EStory_FailedWebhooks(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	failing(t, sim, `<!DOCTYPE html><html><body><h1 id="planted">Bad gateway</h1></body></html>`)
	failing(t, sim, `{"error":"could not connect to database","trace":["db.Connect","shipping.Notify"]}`)
	b.visit(logsOf(src, "q", "succeeded:false", "from", "now-24h"))
	b.loaded()
	b.pill("succeeded:false", "")
	b.lane("", "complete")
	day := b.entries()

	// The block of failures at the right end, with the mouse.
	from := b.brush(3)
	if d := time.Since(from); d < 30*time.Minute || d > time.Hour {
		t.Errorf("three bars of a quarter of an hour were marked; the span begins %v ago", d)
	}
	late := b.entries()
	b.showsAll(late)
	if len(late) == 0 || len(late) >= len(day) {
		t.Fatalf("%d of %d failures are in the marked span", len(late), len(day))
	}
	b.back()
	b.has("from", "now-24h")
	b.showsAll(day)
	b.forward()
	b.showsAll(late)

	// Two clicks at most from here to one integration, by its name.
	rail := b.one(0, "complementary", "Fields")
	facet := b.one(rail.id, "button", "Order shipping notification, *")
	b.clickIn(rail.id, "button", facet.name)
	b.pill(`integration_name:"Order shipping notification"`, "at Elastic Path")
	b.until("only that integration", func() (bool, string) {
		got := b.table()
		for _, r := range got.Rows {
			if !strings.Contains(r.Text, "Order shipping notification") {
				return false, r.Text
			}
		}
		return len(got.Rows) > 2 && got.Busy == "false", fmt.Sprint(len(got.Rows), b.param("q"))
	})
	rows := b.loaded().Rows

	b.press("j", kb.Enter)
	fields, text := b.details(rows[0].ID)
	for name, want := range map[string]string{"attempt": "3", "status": "500", "integration_name": "Order shipping notification", "url": shippingHost} {
		if len(fields[name]) != 1 || fields[name][0] != want {
			t.Errorf("%s shows %q, want %q", name, fields[name], want)
		}
	}
	if took := strings.Join(fields["took"], " "); !strings.Contains(took, "9.8") || !strings.Contains(took, "of 10 s") || !strings.Contains(took, "near the limit") {
		t.Errorf("took shows %q, want it against its limit", took)
	}
	body := b.one(0, "region", "Response body")
	var pretty string
	if err := b.call(body, `function() { return this.innerText }`, &pretty); err != nil || !strings.Contains(pretty, "could not connect to database") || strings.Contains(pretty, `{"error"`) {
		t.Errorf("the answer is shown as %q %v in %s", pretty, err, text)
	}

	b.press("j")
	b.details(rows[1].ID)
	b.panelSays("HTML, shown as text", `<h1 id="planted">Bad gateway</h1>`)
	var planted bool
	if b.eval(`!!document.getElementById("planted")`, &planted); planted {
		t.Error("the vendor's markup became elements")
	}
	b.press("k")
	b.details(rows[0].ID)

	b.press("y")
	b.sees("exact time")
	b.click("button", "Share")
	link := b.copied("Copy link: this exact time*")
	b.press(kb.Escape)
	if !strings.HasPrefix(link, b.base+"/logs?") || strings.Contains(link, "now-") {
		t.Fatalf("the link is %s", link)
	}

	// A colleague with the right to see it.
	other, same := b.another(running(b), "elasticpath")
	if same != src[0] {
		t.Fatalf("the colleague reads %s, want %s", same, src[0])
	}
	other.visit(strings.TrimPrefix(link, b.base))
	other.details(rows[0].ID)
	theirs := other.loaded()
	mine := b.loaded()
	if theirs.Count != mine.Count || theirs.Rows[0] != mine.Rows[0] {
		t.Errorf("the colleague sees %d rows from %+v, want %d from %+v", theirs.Count, theirs.Rows[0], mine.Count, mine.Rows[0])
	}
	// And one without it: a page that says what is missing.
	stranger := browse(t, b.base)
	stranger.expect("status of 401")
	stranger.visit(strings.TrimPrefix(link, b.base))
	stranger.sees("Elastic Path")
	stranger.one(0, "button", "Connect")
}

// TestE2EStory_FailedWebhooksOnAPhone is the same way with a thumb.
func TestE2EStory_FailedWebhooksOnAPhone(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	failing(t, sim, `{"error":"could not connect to database"}`)
	b.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true), emulation.SetTouchEmulationEnabled(true))
	b.visit(logsOf(src, "q", "succeeded:false", "from", "now-24h"))
	b.loaded()
	b.click("button", "Fields and their values")
	rail := b.one(0, "complementary", "Fields")
	b.clickIn(rail.id, "button", b.one(rail.id, "button", "Order shipping notification, *").name)
	b.has("q", `succeeded:false integration_name:"Order shipping notification"`)
	b.clickIn(rail.id, "button", "Close the fields")
	b.none("complementary", "Fields")
	row := b.loaded().Rows[0]
	b.clickRow(row.ID)
	fields, _ := b.details(row.ID)
	if got := strings.Join(fields["url"], ""); got != shippingHost {
		t.Errorf("url shows %q", got)
	}
	sheet := b.boxOf(b.one(0, "complementary", "Details"))
	if sheet.X != 0 || sheet.Width != 390 || sheet.Height < 700 {
		t.Errorf("the details are no full sheet: %+v", sheet)
	}
	var wide float64
	if b.eval(`document.scrollingElement.scrollWidth`, &wide); wide != 390 {
		t.Errorf("the page is %v pixels wide", wide)
	}
	b.click("button", "Close details")
	b.none("complementary", "Details")
	b.clickRow(row.ID)
	b.details(row.ID)
	b.run(chromedp.Evaluate(`history.back()`, nil)) // the way out of what covers the page
	b.none("complementary", "Details")
	b.has("q", `succeeded:false integration_name:"Order shipping notification"`)
	b.click("button", "Remove: succeeded:false")
	b.has("q", `integration_name:"Order shipping notification"`)
}
