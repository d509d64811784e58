//go:build e2e

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// keyboardAt waits until an element that satisfies an expression over e has the
// keyboard.
func (b *tab) keyboardAt(what, expression string) {
	b.t.Helper()
	b.until("the keyboard at "+what, func() (bool, string) {
		var at struct {
			OK   bool
			What string
		}
		err := b.try(`(() => { const e = document.activeElement; return {OK: !!(`+expression+`), What: e.outerHTML.slice(0, 120)}; })()`, &at)
		return err == nil && at.OK, fmt.Sprint(err, at.What)
	})
}

const grid = `e.role === "grid"`

// TestE2EKeyboard_FiltersTimesAndMenus is a whole story without a mouse. After each
// menu the keyboard is somewhere again.
func TestE2EKeyboard_FiltersTimesAndMenus(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit(logsOf(src))
	rows := b.loaded().Rows

	// The rail, from the keyboard, and a value in it.
	b.press("f")
	b.none("complementary", "Fields")
	b.press("f")
	b.one(0, "complementary", "Fields")

	// Cells: in, out, and back with the history.
	b.press("j", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
	status := b.column("status")[0]
	b.holds("the third cell", `document.getElementById(document.querySelector("[role=grid]").getAttribute("aria-activedescendant")).ariaColIndex === "3"`)
	if status == "" {
		t.Fatalf("the first row has no status: %q", rows[0].Text)
	}
	b.press("+")
	b.has("q", "status:"+status)
	b.back()
	b.has("q", "")
	b.until("all rows again", func() (bool, string) { got := b.table(); return len(got.Rows) > 5 && got.Busy == "false", "" })
	b.press("G", kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, "-")
	b.has("q", "-status:"+status)
	b.until("rows without it", func() (bool, string) {
		cells := strings.Join(b.column("status"), " ")
		return cells != "" && !strings.Contains(cells, status) && b.table().Busy == "false", cells
	})

	// Time: half a window earlier, out again, around an entry.
	b.shift("ArrowLeft", 37)
	b.until("an exact span", func() (bool, string) {
		_, err := time.Parse(time.RFC3339Nano, b.param("from"))
		return err == nil, b.param("from")
	})
	from := b.param("from")
	b.shift("ArrowRight", 39)
	b.until("another span", func() (bool, string) { return b.param("from") != from, from })
	b.press("z")
	b.until("a longer span", func() (bool, string) {
		b1, _ := time.Parse(time.RFC3339Nano, b.param("from"))
		b2, _ := time.Parse(time.RFC3339Nano, b.param("to"))
		return b.param("to") == "" || b2.Sub(b1) > 25*time.Hour, b.address().RawQuery
	})
	b.press("t")
	b.one(0, "dialog", "Time")
	b.keyboardAt("the time box", `e.id === "span"`)
	b.press("15m")
	b.press(kb.Enter)
	b.has("from", "now-15m")
	b.none("dialog", "Time")
	b.keyboardAt("the table", grid)
	b.loaded()

	// Sheets and menus, one layer at a time.
	b.press("j", kb.Enter)
	b.one(0, "complementary", "Details")
	b.press("?")
	b.one(0, "dialog", "Keys")
	b.press(kb.Escape)
	b.none("dialog", "Keys")
	b.keyboardAt("the table", grid)
	b.one(0, "complementary", "Details")
	b.ctrl("k")
	b.one(0, "dialog", "Command palette")
	b.keyboardAt("the palette", `e.id === "palette"`)
	b.press("older")
	b.press(kb.Escape)
	b.none("dialog", "Command palette")
	b.keyboardAt("the table", grid)
	b.press(kb.Escape)
	b.none("complementary", "Details")

	// A command of the palette; keys that write a letter are switched off.
	b.ctrl("k")
	b.press("settings")
	b.press(kb.Enter)
	b.one(0, "dialog", "Settings")
	b.keyboardAt("the settings", `e.id === "settings-back"`)
	b.tabTo("Single-letter keys")
	b.press(" ")
	b.press(kb.Escape)
	b.none("dialog", "Settings")
	b.keyboardAt("the table", grid)
	b.press(kb.End)
	at := b.table().Active
	b.press("j", "?", kb.ArrowDown)
	b.until("the arrow alone to move", func() (bool, string) {
		got := b.table()
		return got.Active == got.Rows[1].ID && got.Active != at && len(b.find(0, "dialog", "*")) == 0, got.Active
	})
	b.ctrl("k")
	b.press("settings")
	b.press(kb.Enter)
	b.tabTo("Single-letter keys")
	b.press(" ")
	b.press(kb.Escape)
	b.press("?")
	b.one(0, "dialog", "Keys")
	b.press(kb.Escape)

	// A menu that the browser opens gives the keyboard back to its button.
	b.tabTo("Height and wrapping of the rows")
	b.press(kb.Enter)
	b.keyboardAt("the menu", `e.role.startsWith("menuitem")`)
	b.press(kb.Escape)
	b.keyboardAt("its button", `e.ariaLabel === "Height and wrapping of the rows"`)
	// So does what is behind the dots of the bar.
	b.press("t")
	b.press(kb.Escape)
	b.keyboardAt("something", `e !== document.body`)
}
