//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

func TestE2EPhone_ListDetailsAndNoSidewaysScroll(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true), emulation.SetTouchEmulationEnabled(true))
	still := func() {
		t.Helper()
		var wide struct{ Scroll, Window float64 }
		b.eval(`({Scroll: document.scrollingElement.scrollWidth, Window: document.documentElement.clientWidth})`, &wide)
		if wide.Window != 390 || wide.Scroll > wide.Window {
			t.Errorf("%s is %v pixels wide in a window of %v", b.address().Path, wide.Scroll, wide.Window)
		}
	}
	b.visit("/connect?vendor=coveo")
	b.sees("Connect Coveo")
	still()
	b.visit("/")
	b.one(0, "button", "Try all five")
	still()
	b.click("button", "Elastic Path")
	b.at("/logs")
	row := b.loaded().Rows[2]
	still()
	b.clickRow(row.ID)
	b.details(row.ID)
	still()
	var sheet struct{ X, Y, Width, Height float64 }
	if err := b.call(b.one(0, "complementary", "Details"), `function() { return this.getBoundingClientRect().toJSON() }`, &sheet); err != nil {
		t.Fatal(err)
	}
	if sheet.X != 0 || sheet.Width != 390 || sheet.Height < 700 || sheet.Y+sheet.Height > 844.5 {
		t.Errorf("the details are no full sheet: %+v", sheet)
	}
	b.click("button", "Close details")
	b.none("complementary", "Details")
	b.fill("searchbox", "Filter", "status:500")
	b.press(kb.Enter)
	b.showsAll(b.entries())
	still()
}

func TestE2EKeys_WholeStoryWithoutAMouse(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.visit("/")
	b.one(0, "button", "Try all five")
	b.tabTo("Elastic Path")
	b.press(kb.Enter)
	b.at("/logs")
	b.loaded()
	b.filter("status:200")
	b.holds("the filter in the address", `new URLSearchParams(location.search).get("q") === "status:200"`)
	want := b.entries()
	b.showsAll(want)
	b.press(kb.Escape) // out of the field
	b.press("j", "j", "j", "k")
	b.until("the second row to have the keyboard", func() (bool, string) {
		at := b.table().Active
		return at == want[1].ID, at
	})
	b.press(kb.Enter)
	b.details(want[1].ID)
	b.press(kb.ArrowDown)
	b.details(want[2].ID)
	b.press(kb.Escape)
	b.none("complementary", "Details")
	b.press("?")
	b.one(0, "dialog", "Keys")
	b.press(kb.Escape)
	b.none("dialog", "Keys")
	b.until("the last loaded row to have the keyboard", func() (bool, string) {
		b.press(kb.Home) // the oldest that is loaded; again, for more may have come since
		got := b.table()
		last := got.Rows[len(got.Rows)-1]
		return got.Active == last.ID && last.Index == got.Count, fmt.Sprintf("row %d of %d has %s", last.Index, got.Count, got.Active)
	})
	b.press(kb.End)
	b.until("the first row to have the keyboard", func() (bool, string) {
		at := b.table().Active
		return at == want[0].ID, at
	})
	b.tabTo("logpane, home")
	b.press(kb.Enter)
	b.at("/")
	b.tabTo("Forget")
	b.press(kb.Enter)
	b.one(0, "group", "Forget this connection?")
	b.tabTo("Forget")
	b.press(kb.Enter)
	b.none("article", "Elastic Path *")

}

// tabTo presses Tab until the element with that name has the keyboard.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	var on []string
	for range 60 {
		b.press(kb.Tab)
		var called string
		b.eval(`(() => { const e = document.activeElement; return e.ariaLabel || e.labels?.[0]?.innerText.trim() || e.innerText?.trim() || e.tagName; })()`, &called)
		if lines := strings.Split(called, "\n"); lines[len(lines)-1] == name || lines[0] == name {
			return
		}
		on = append(on, called)
	}
	b.t.Fatalf("Tab never comes to %q; it went over %q", name, on)
}

func TestE2ERoles_AreThoseThatAreFixed(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "moltin", "coveo")
	b.visit("/logs?src=" + strings.Join(src, ","))
	got := b.loaded()
	b.one(0, "searchbox", "Filter")
	b.one(0, "grid", "Log entries")
	b.one(0, "group", "Coverage")
	b.one(0, "status", "")
	if got.Count < len(got.Rows)+1 {
		t.Errorf("aria-rowcount is %d with %d rows", got.Count, len(got.Rows))
	}
	if n := len(b.find(0, "row", "*")); n < len(got.Rows) {
		t.Errorf("assistive technology knows %d rows of %d", n, len(got.Rows))
	}
	if n := len(b.find(0, "columnheader", "*")); n != 6 {
		t.Errorf("%d column heads, want 6", n)
	}
	b.clickRow(got.Rows[0].ID)
	b.one(0, "complementary", "Details")
}

// TestE2EHTML_OfVendorsStaysText lets vendors send markup wherever text goes.
func TestE2EHTML_OfVendorsStaysText(t *testing.T) {
	t.Parallel()
	const markup = `<img src=x onerror="window.hurt=1"><script>window.hurt=2</script><b id="planted">bold</b><a href="javascript:window.hurt=3">link</a>`
	b, sim, src := connected(t, "coveo", "elasticpath", "deepset")
	in, err := json.Marshal(markup)
	if err != nil {
		t.Fatal(err)
	}
	for vendor, raw := range map[string]string{
		"coveo": `{"id":"https://x.example/","sourceId":"` + simulate.CoveoOrg + `-rp5rxzbdz753uhndklv2ztkfgy","task":"CONSUMING","operation":"ADD","result":"ERROR","meta":{"errorMessage":` + string(in) + `,"errorCode":"X"}}`,
		"elasticpath": `{"type":"integration-log","succeeded":false,"attempt":1,"processing_time":0.1,"status_code":500,"body":` + string(in) + `,"error_detail":` + string(in) +
			`,"relationships":{"integration":{"data":{"type":"integration","id":"8edd44ef-1856-4456-90ec-d9fab8a25049"}}}}`,
		"deepset/production/rag-prod": `{"message":` + string(in) + `,"level":"error"}`,
	} {
		if err := sim.Append(vendor, json.RawMessage(raw)); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range src {
		b.visit("/logs?src=" + s)
		row := b.loaded().Rows[0]
		if !strings.Contains(row.Text, `<img src=x`) {
			t.Errorf("target %d: the first row says %q", i, row.Text)
		}
		b.clickRow(row.ID)
		b.details(row.ID)
		b.sees(`<script>window.hurt=2</script>`, `<b id="planted">bold</b>`)
		var bad []string
		b.eval(`[...document.querySelectorAll("#planted, [onerror], img, a[href^='javascript:'], body script")].map((e) => e.outerHTML.slice(0, 80)).concat(window.hurt ? ["ran " + window.hurt] : [])`, &bad)
		if len(bad) > 0 {
			t.Errorf("%s: the vendor's markup became %q", s, bad)
		}
	}
}
