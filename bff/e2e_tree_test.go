//go:build e2e

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tree returns all that a screen reader has of the page.
func (b *tab) tree() []axNode {
	b.t.Helper()
	var all axNodes
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		return cdp.Execute(ctx, accessibility.CommandGetFullAXTree, accessibility.GetFullAXTree(), &all)
	}))
	return slices.DeleteFunc(all.Nodes, func(n axNode) bool { return n.Ignored })
}

// readable tells what a screen reader could not make sense of on the page.
func (b *tab) readable(where string) {
	b.t.Helper()
	named := []string{"button", "link", "textbox", "searchbox", "checkbox", "radio", "switch", "combobox", "dialog", "grid", "columnheader", "menuitem", "menuitemcheckbox",
		"menuitemradio", "listbox", "option", "slider", "region", "complementary", "menu", "group"}
	status := 0
	for _, n := range b.tree() {
		role := n.Role.text()
		if role == "status" {
			status++
		}
		if slices.Contains(named, role) && strings.TrimSpace(n.Name.text()) == "" {
			var html string
			_ = b.call(node{id: n.ID}, `function() { return this.outerHTML.slice(0, 160) }`, &html)
			if role == "group" && !strings.Contains(html, "role") {
				continue // a fieldset of the browser's own
			}
			b.t.Errorf("%s: a %s has no name: %s", where, role, html)
		}
	}
	if status != 1 {
		b.t.Errorf("%s: %d status regions, want one", where, status)
	}
	var wrong []string
	b.eval(`(() => {
		const out = [], seen = new Set();
		for (const e of document.querySelectorAll("[id]")) seen.has(e.id) ? out.push("twice the id " + e.id) : seen.add(e.id);
		for (const attr of ["aria-controls", "aria-describedby", "aria-labelledby", "aria-activedescendant"])
			for (const e of document.querySelectorAll("[" + attr + "]"))
				for (const id of e.getAttribute(attr).split(" ")) if (!document.getElementById(id) && e.ariaExpanded !== "false") out.push(attr + " names nothing: " + id);
		for (const h of document.querySelectorAll("[role=columnheader]")) if (!h.ariaSort) out.push("a column without aria-sort");
		const g = document.querySelector("[role=grid]"), rows = [...g.querySelectorAll("[role=row][data-id]")].filter((r) => r.checkVisibility());
		if (+g.ariaRowCount < rows.length + 1) out.push("aria-rowcount is " + g.ariaRowCount);
		if (+g.ariaColCount !== g.querySelectorAll("[role=columnheader]").length) out.push("aria-colcount is " + g.ariaColCount);
		for (const r of rows) {
			if (!(+r.ariaRowIndex > 1)) out.push("a row has the index " + r.ariaRowIndex);
			if (r.querySelectorAll("[role=gridcell]").length !== +g.ariaColCount) out.push("row " + r.ariaRowIndex + " has another number of cells");
		}
		if (new Set(rows.map((r) => r.ariaRowIndex)).size !== rows.length) out.push("two rows have one index");
		return out.slice(0, 8);
	})()`, &wrong)
	for _, w := range wrong {
		b.t.Errorf("%s: %s", where, w)
	}
}

// TestE2EScreenReader_EverythingHasANameAndAPlace reads the accessibility tree of
// all vendors in one table, with everything open that can be.
func TestE2EScreenReader_EverythingHasANameAndAPlace(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia", "coveo", "deepset", "elasticpath", "moltin")
	b.visit(logsOf(src, "q", "-level:debug"))
	b.loaded()
	b.readable("the table")
	tags := map[string]bool{}
	for _, cell := range b.column("target") {
		tags[cell[:1]] = true
	}
	if len(tags) < 2 {
		t.Errorf("the rows in view are of %v: nothing is merged", tags)
	}
	want := b.entries()
	b.showsAll(want)

	b.press("j", kb.Enter)
	b.one(0, "complementary", "Details")
	b.readable("the details")
	b.press("?")
	b.one(0, "dialog", "Keys")
	b.readable("the keys")
	b.press(kb.Escape)
	b.ctrl("k")
	b.one(0, "dialog", "Command palette")
	b.readable("the palette")
	b.press(kb.Escape)
	b.ctrl("f")
	b.keyboardAt("the find bar", `e.id === "find-text"`)
	b.press("query")
	b.readable("the find bar")
	b.press(kb.Escape)
	b.types("lev")
	b.one(0, "listbox", "Suggestions")
	b.readable("the suggestions")
	b.press(kb.Escape, kb.Escape)
	for _, menu := range []string{"t"} {
		b.press(menu)
		b.one(0, "dialog", "Time")
		b.readable("the time box")
		b.press(kb.Escape)
	}
	b.click("button", "Columns")
	b.readable("the columns")
	b.press(kb.Escape)
}

// TestE2EZoom_TwiceAsLargeAndWithoutMotion is a window at 200 % and one whose reader
// wants nothing to move.
func TestE2EZoom_TwiceAsLargeAndWithoutMotion(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	b.run(emulation.SetDeviceMetricsOverride(720, 450, 2, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}))
	b.visit(logsOf(src))
	row := b.loaded().Rows[1]
	var out []string
	reachable := `(() => {
		const out = [], w = document.documentElement.clientWidth, h = innerHeight;
		if (document.scrollingElement.scrollWidth > w) out.push("the page is " + document.scrollingElement.scrollWidth + " wide");
		for (const e of document.querySelectorAll("button, input, [role=grid], [role=complementary]")) {
			if (!e.checkVisibility({visibilityProperty: true}) || e.tabIndex < 0 && e.matches("button") || e.closest("[aria-hidden=true]")) continue;
			e.scrollIntoView({block: "nearest", inline: "nearest"});
			const r = e.getBoundingClientRect();
			if (r.right < 1 || r.bottom < 1 || r.left > w - 1 || r.top > h - 1) out.push((e.ariaLabel || e.innerText || e.tagName) + " is outside of the window");
		}
		const g = document.querySelector(".rows-scroll").getBoundingClientRect();
		if (g.height < 90) out.push("the table is " + g.height + " high");
		return out;
	})()`
	b.eval(reachable, &out)
	for _, w := range out {
		t.Errorf("at 200 %%: %s", w)
	}
	b.clickRow(row.ID)
	b.details(row.ID)
	b.click("button", "Close details")
	b.none("complementary", "Details")
	b.types("status:200")
	b.press(kb.Enter)
	b.has("q", "status:200")
	b.loaded()
	b.press(kb.Escape, kb.Escape)

	sim.AppendStory("elasticpath", 5)
	b.press("r")
	b.loaded()
	var moving []string
	b.eval(`document.getAnimations().filter((a) => a.playState === "running" && a.effect.getComputedTiming().duration > 20).map((a) => a.animationName ?? a.transitionProperty)`, &moving)
	if len(moving) > 0 {
		t.Errorf("%s moves for who wants nothing to move", fmt.Sprint(moving))
	}
}
