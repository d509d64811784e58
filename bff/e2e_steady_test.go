//go:build e2e

package main

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

// places returns where the drawn rows stand in the window, by their entries.
func (b *tab) places() map[string]float64 {
	b.t.Helper()
	var out map[string]float64
	b.eval(`Object.fromEntries([...document.querySelectorAll("[role=grid] [role=row][data-id]")].filter((r) => r.checkVisibility()).map((r) => [r.dataset.id, r.getBoundingClientRect().top]))`, &out)
	return out
}

// still waits until a row stands where it stood.
func (b *tab) still(id string, top float64) {
	b.t.Helper()
	b.until(fmt.Sprintf("the row of %s at %v", id, top), func() (bool, string) {
		now, ok := b.places()[id]
		return ok && math.Abs(now-top) < 1.5, fmt.Sprint(now, ok)
	})
}

// TestE2ESteady_NothingJumpsAndNothingIsUnselected selects text with the mouse and
// loads older and newer rows around it.
func TestE2ESteady_NothingJumpsAndNothingIsUnselected(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 3000}, "elasticpath")
	b.visit(logsOf(src, "from", "all"))
	b.loaded()
	rows := b.table().Rows
	id := rows[6].ID
	sum := b.boxAt(`[role=row][data-id="` + id + `"] .sum`)
	y := sum.Y + sum.Height/2
	b.drag(sum.X+20, y, sum.X+220, y)
	var text string
	if b.eval(`getSelection().toString()`, &text); len(text) < 10 {
		t.Fatalf("dragging over a row selected %q", text)
	}
	if len(b.find(0, "complementary", "Details")) != 0 {
		t.Error("dragging over text opened the details")
	}
	selected := func(when string) {
		t.Helper()
		var now struct{ Text, ID, Row string }
		b.eval(`(() => {
			const row = getSelection().anchorNode?.parentElement?.closest("[role=row]");
			return {Text: getSelection().toString(), ID: row?.dataset.id ?? "", Row: row?.innerText ?? ""};
		})()`, &now)
		if now.Text != text || now.ID != id || !strings.Contains(strings.ReplaceAll(now.Row, "\n", " "), strings.TrimSpace(text)) {
			t.Errorf("%s: selected is %q in the row of %s (%q), want %q in that of %s", when, now.Text, now.ID, now.Row, text, id)
		}
	}
	selected("after dragging")

	// Older pages, by scrolling with the wheel; the row comes back as it was.
	before := b.table().Count
	b.until("older rows", func() (bool, string) {
		b.run(chromedp.ActionFunc(input.DispatchMouseEvent(input.MouseWheel, 700, 500).WithDeltaX(0).WithDeltaY(900).Do))
		n := b.table().Count
		return n > before+150, fmt.Sprint(n)
	})
	selected("far below")
	b.eval(`document.querySelector(".rows-scroll").scrollTop = 0`, nil)
	b.until("the row again", func() (bool, string) { _, ok := b.places()[id]; return ok, "" })
	selected("back again")
	b.eval(`getSelection().removeAllRanges()`, nil)

	// In the middle: newer entries come above, older ones below, and nothing moves.
	b.eval(`document.querySelector(".rows-scroll").scrollTop = 1207`, nil)
	b.until("rows there", func() (bool, string) { return b.table().Rows[0].Index > 20, "" })
	anchor := b.table().Rows[12].ID
	top := b.places()[anchor]
	failing(t, sim, `{"error":"new"}`)
	asked := b.asks()
	b.press("r")
	b.until("the answer", func() (bool, string) { return b.asks() > asked && b.table().Busy == "false", "" })
	b.still(anchor, top)
	b.press(kb.End)
	b.until("the newest row above", func() (bool, string) {
		got := b.table().Rows
		return len(got) > 0 && got[0].Index == 2 && strings.Contains(got[0].Text, "attempt 3"), fmt.Sprint(got[0])
	})
	if age := time.Since(b.entries()[0].Time); age > time.Minute {
		t.Errorf("the newest entry is %v old", age)
	}
}

// Rows that are out of use are neither seen nor heard, and the table is no wider for
// what they showed.
func TestE2ESteady_RowsOutOfUseTakeNoRoom(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 300}, "elasticpath")
	b.visit(logsOf(src, "from", "all"))
	b.loaded()
	row := b.boxAt("[role=row][data-id]")
	b.run(input.DispatchMouseEvent(input.MouseMoved, row.X+row.Width/2, row.Y+row.Height/2))
	const action = `document.querySelector(".row-act").checkVisibility()`
	b.holds("the row under the pointer to have its button", action)
	b.press("/")
	b.holds("the keyboard in the searchbox", `document.activeElement.role === "searchbox"`)
	const room = `[".rows-scroll", ".rows-all", ".rows"].map((s) => document.querySelector(s)).every((el) => el.scrollWidth <= document.querySelector(".rows-scroll").clientWidth)`
	b.press("zqxzqx")
	b.holds("no row to match", `document.querySelectorAll("[role=grid] [role=row][data-id]").length === 0`)
	b.holds("no button without a row", "!"+action)
	b.holds("the table to fit its view without rows", room+` && document.querySelector(".rows").offsetHeight === 0`)
	for range "zqxzqx" {
		b.press(kb.Backspace)
	}
	b.holds("the rows to be back", `document.querySelectorAll("[role=grid] [role=row][data-id]").length > 10`)
	b.holds("the table to fit its view", room)
}
