//go:build e2e

package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestE2EKept_ViewsFiltersAndChoicesSurviveAReload saves a view, chooses how the
// page looks, and reads it all back after a reload.
func TestE2EKept_ViewsFiltersAndChoicesSurviveAReload(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit(logsOf(src, "from", "now-7d", "q", "status:500", "cols", "time,status,integration_name,summary"))
	b.loaded()
	saved := b.address().Query()
	b.click("button", "Menu")
	b.click("button", "Saved views")
	b.fill("textbox", "Name for this view", "Night shift")
	b.press(kb.Enter)
	b.one(0, "button", "Rename Night shift")
	b.press(kb.Escape)
	b.none("dialog", "Saved views")

	b.types("status:404")
	b.press(kb.Enter)
	b.has("q", "status:404")
	b.press(kb.Escape, kb.Escape)
	b.click("button", "Height and wrapping of the rows")
	b.click("menuitemradio", "Compact rows")
	b.holds("compact rows", `document.querySelector("[data-density=compact]")`)
	b.press(kb.Escape)
	b.click("button", "Fields and their values")
	b.none("complementary", "Fields")
	b.click("button", "Histogram")
	b.none("group", "Histogram")

	b.run(chromedp.Reload())
	b.holds("the page to mount", mounted)
	b.loaded()
	b.holds("compact rows after a reload", `document.querySelector("[data-density=compact]")`)
	var high float64
	if b.eval(`[...document.querySelectorAll("[role=row][data-id]")].find((r) => r.checkVisibility()).offsetHeight`, &high); high > 24 {
		t.Errorf("compact rows are %v pixels high", high)
	}
	if len(b.find(0, "complementary", "Fields")) != 0 || len(b.find(0, "group", "Histogram")) != 0 {
		t.Error("the rail or the histogram is open again")
	}
	b.ctrl("k")
	b.one(0, "dialog", "Command palette")
	b.press("night")
	b.until("the saved view in the palette", func() (bool, string) {
		all := b.find(0, "option", "Night shift*")
		return len(all) == 1, fmt.Sprint(b.find(0, "option", "*"))
	})
	b.press(kb.Enter)
	b.has("q", "status:500")
	if got := b.address().Query(); got.Encode() != saved.Encode() {
		t.Errorf("the saved view opens %s, want %s", got.Encode(), saved.Encode())
	}
	b.boxSays("status:500")
	b.showsAll(b.entries())
	b.back()
	b.has("q", "status:404")

	// In its menu, too; and what was searched is remembered.
	b.click("button", "Menu")
	b.click("button", "Saved views")
	b.click("button", "Night shift")
	b.has("q", "status:500")
	b.types("x")
	b.press(kb.Backspace, kb.Escape, "/", kb.ArrowDown)
	b.until("the recent filters", func() (bool, string) {
		all := b.find(0, "option", "*")
		return len(all) > 0 && all[0].name == "status:404", fmt.Sprint(all)
	})
	b.press(kb.Escape, kb.Escape)
	b.click("button", "Menu")
	b.click("button", "Saved views")
	b.click("button", "Delete Night shift")
	b.click("button", "Delete")
	b.none("button", "Rename Night shift")
}
