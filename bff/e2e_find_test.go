//go:build e2e

package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// inView waits until the row of an entry has the keyboard and stands in the table.
func (b *tab) inView(id string) {
	b.t.Helper()
	b.until("the row of "+id, func() (bool, string) {
		var seen bool
		b.eval(`(() => {
			const row = [...document.querySelectorAll("[role=grid] [role=row][data-id]")].find((r) => r.checkVisibility() && r.dataset.id === `+quote(id)+`);
			const g = document.querySelector("[role=grid]").getBoundingClientRect(), r = row?.getBoundingClientRect();
			return !!r && r.top >= g.top && r.bottom <= g.bottom + 1;
		})()`, &seen)
		got := b.table()
		return seen && got.Active == id, fmt.Sprintf("seen %v, the keyboard is at %s", seen, got.Active)
	})
}

// TestE2EFind_ReachesWhatIsNotDrawn finds in all loaded rows, marks without
// filtering, and leaves the second Ctrl+F to the browser.
func TestE2EFind_ReachesWhatIsNotDrawn(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit(logsOf(src))
	before := b.loaded()
	asks := b.asks()
	want := b.entries()
	var far []string // ids of a job's rows, below what is drawn
	job := ""
	for _, e := range want[38:50] {
		if job == "" {
			job = e.Job
		}
	}
	for _, e := range want[:before.Count-1] {
		if e.Job == job {
			far = append(far, e.ID)
		}
	}
	b.eval(`addEventListener("keydown", (e) => { if (e.key === "f") queueMicrotask(() => { window.kept = e.defaultPrevented }) })`, nil)
	b.ctrl("f")
	b.holds("the keyboard in the find bar", `document.activeElement.id === "find-text" && window.kept === true`)
	b.press(job)
	b.until("the number of matches", func() (bool, string) {
		var said string
		b.eval(`document.querySelector(".find-count").innerText`, &said)
		n := fmt.Sprintf("%d matches", len(far))
		if len(far) == 1 {
			n = "1 match"
		}
		return said == n, fmt.Sprintf("%q, want %s", said, n)
	})
	b.press(kb.Enter)
	b.inView(far[0])
	if got := b.table(); got.Count != before.Count || b.asks() != asks || b.param("q") != "" {
		t.Errorf("finding left %d of %d rows, asked %d times, q=%s", got.Count, before.Count, b.asks()-asks, b.param("q"))
	}

	// The browser's own, the second time.
	b.ctrl("f")
	b.holds("the second Ctrl+F to be the browser's", `window.kept === false`)

	// Marks in what is drawn; steps from the keyboard, in the bar and in the table.
	b.eval(`document.getElementById("find-text").select()`, nil)
	b.press("Order shipping")
	b.holds("marks", `CSS.highlights.get("found")?.size > 3`)
	b.press(kb.Enter)
	first := b.table().Active
	b.until("the next match", func() (bool, string) { b.press(kb.Enter); at := b.table().Active; return at != first && at != "", at })
	b.click("button", "Previous match")
	b.until("the count of the match", func() (bool, string) {
		var said string
		b.eval(`document.querySelector(".find-count").innerText`, &said)
		var at, of int
		_, err := fmt.Sscanf(said, "%d of %d", &at, &of)
		return err == nil && at > 0 && of >= at, said
	})
	b.clickRow(b.table().Active)
	b.one(0, "complementary", "Details")
	at := b.table().Active
	b.press("n")
	b.until("n to go on", func() (bool, string) { now := b.table().Active; return now != at, now })
	b.press("N")
	b.until("N to go back", func() (bool, string) { now := b.table().Active; return now == at, now })

	// One layer at a time.
	b.press(kb.Escape)
	b.holds("no find bar", `document.querySelector(".findbar").hidden && !CSS.highlights.has("found")`)
	b.one(0, "complementary", "Details")
	b.press(kb.Escape)
	b.none("complementary", "Details")
}
