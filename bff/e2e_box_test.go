//go:build e2e

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// boxSays waits until the filter box holds a text.
func (b *tab) boxSays(want string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%q in the filter box", want), func() (bool, string) {
		var got string
		b.eval(`document.querySelector("[role=searchbox]").value`, &got)
		return got == want, fmt.Sprintf("it holds %q", got)
	})
}

// types puts a text into the filter box in place of what it holds.
func (b *tab) types(text string) {
	b.t.Helper()
	b.press("/")
	b.holds("the keyboard in the filter box", `document.activeElement.id === "q"`)
	b.eval(`document.activeElement.select()`, nil)
	b.press(text)
	b.boxSays(text)
}

// TestE2EBox_FiltersWhileTypingAndExplainsWhatIsWrong goes through everything the
// filter box does, and counts what it asks the server.
func TestE2EBox_FiltersWhileTypingAndExplainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit(logsOf(src))
	b.loaded()
	before := b.asks()

	// The loaded rows at once, and nobody is asked.
	b.types("status:500")
	b.until("only failures among the loaded rows", func() (bool, string) {
		cells := b.column("status")
		return len(cells) > 0 && !slices.ContainsFunc(cells, func(c string) bool { return c != "500" }), fmt.Sprint(cells)
	})
	if n := b.asks() - before; n != 0 {
		t.Errorf("typing asked the server %d times", n)
	}
	b.press(kb.Enter)
	b.has("q", "status:500")
	b.showsAll(b.entries())
	if n := b.asks() - before; n != 1 {
		t.Errorf("Enter asked the server %d times", n)
	}

	// A wrong one keeps the rows, marks the place, and searches as text if asked to.
	rows := b.table().ids()
	b.types(`status:500 took:>2parsecs`)
	b.holds("the box to be wrong", `document.querySelector("[role=searchbox]").ariaInvalid === "true"`)
	b.press(kb.Enter)
	alert := b.one(0, "alert", "")
	var marked string
	if err := b.call(alert, `function() { return this.querySelector("mark").innerText }`, &marked); err != nil || marked == "" {
		t.Errorf("what is wrong is marked as %q %v", marked, err)
	}
	if got := b.table().ids(); !slices.Equal(got, rows) {
		t.Errorf("a wrong filter shows %d other rows, want the %d", len(got), len(rows))
	}
	b.click("button", "Search as text")
	b.none("alert", "")
	b.until("the text in the address", func() (bool, string) { return strings.Contains(b.param("q"), "2parsecs"), b.param("q") })
	b.sees("match")
	b.back()
	b.has("q", "status:500")
	b.boxSays("status:500")
	b.until("its rows", func() (bool, string) { got := b.table().ids(); return slices.Equal(got, rows), fmt.Sprint(got) })

	// A name that is nearly one.
	b.types("satus:404")
	b.press(kb.Enter)
	b.sees("status")
	b.click("button", "Search status:404")
	b.has("q", "status:404")
	b.boxSays("status:404")
	b.showsAll(b.entries())

	// Completion by keyboard: a name, then one of its values.
	b.types("integration_na")
	b.one(0, "listbox", "Suggestions")
	b.press(kb.ArrowDown, kb.Tab)
	b.boxSays("integration_name:")
	b.press("Ord")
	b.until("the value that begins so", func() (bool, string) {
		all := b.find(0, "option", "*")
		return len(all) > 0 && strings.Contains(all[0].name, "Order shipping notification"), fmt.Sprint(all)
	})
	b.press(kb.ArrowDown, kb.Tab)
	b.until("the value in the box", func() (bool, string) {
		var got string
		b.eval(`document.querySelector("[role=searchbox]").value.trim()`, &got)
		return got == `integration_name:"Order shipping notification"`, got
	})
	b.press(kb.Enter)
	b.has("q", `integration_name:"Order shipping notification"`)
	b.loaded()

	// What was searched before.
	b.types("x")
	b.press(kb.Backspace, kb.Escape)
	b.press("/")
	b.one(0, "listbox", "Recent filters")
	b.press(kb.Escape) // the list
	b.none("listbox", "Recent filters")
	b.press(kb.Escape) // the box
	b.holds("the keyboard in the table", `document.activeElement.role === "grid"`)
	b.press("/", kb.ArrowDown)
	b.until("the filters before", func() (bool, string) {
		all := b.find(0, "option", "*")
		var names []string
		for _, o := range all {
			names = append(names, o.name)
		}
		return len(names) >= 4 && names[0] == `integration_name:"Order shipping notification"` && names[1] == "status:404" && slices.Contains(names, "status:500"), fmt.Sprintf("%q", names)
	})
	b.press(kb.ArrowDown, kb.Enter)
	b.has("q", "status:404")
	b.loaded()

	// A job's id, as one pastes it.
	job := b.entries()[0].Job
	b.types(job)
	b.click("button", "Search job:"+job)
	b.has("q", "job:"+job)
	b.showsAll(b.entries())
	if n := len(b.loaded().Rows); n < 2 {
		t.Errorf("%d attempts of a job that failed", n)
	}

	// What negation keeps, and that one click leaves it out.
	b.types("-status:200")
	b.press(kb.Enter)
	b.has("q", "-status:200")
	b.loaded()
	b.until("how many have no status", func() (bool, string) {
		return len(b.find(0, "button", "incl. *")) == 1, fmt.Sprint(b.pills())
	})
	b.click("button", b.find(0, "button", "incl. *")[0].name)
	b.has("q", "-status:200 status:*")
	b.showsAll(b.entries())
	b.click("button", "Include instead of exclude: -status:200")
	b.has("q", "status:200 status:*")
	b.click("button", "Clear all")
	b.has("q", "")
	b.boxSays("")
}
