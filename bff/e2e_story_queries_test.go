//go:build e2e

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

// heads returns the names of the columns from the left.
func (b *tab) heads() []string {
	b.t.Helper()
	var out []string
	b.eval(`[...document.querySelectorAll("[role=columnheader]")].map((h) => h.dataset.col)`, &out)
	return out
}

// columnsAre waits until the table has these columns, and the address names them.
func (b *tab) columnsAre(want ...string) {
	b.t.Helper()
	b.until(fmt.Sprintf("the columns %q", want), func() (bool, string) {
		got := b.heads()
		return slices.Equal(got, want) && b.param("cols") == strings.Join(want, ","), fmt.Sprintf("there are %q at %s", got, b.param("cols"))
	})
}

// sorted waits until a column says that the table is sorted by it so, and its cells
// are in that order. Cells without a value are at the end in both directions.
func (b *tab) sorted(column, aria string, value func(cell string) (float64, bool)) {
	b.t.Helper()
	b.until(fmt.Sprintf("the table %s by %s", aria, column), func() (bool, string) {
		var said string
		b.eval(`document.querySelector("[role=columnheader][data-col=`+column+`]").ariaSort`, &said)
		cells := b.column(column)
		var last float64
		some, ended := false, false
		for _, c := range cells {
			v, ok := value(c)
			if !ok {
				ended = true
				continue
			}
			if ended || some && (aria == "descending" && v > last || aria == "ascending" && v < last) {
				return false, fmt.Sprintf("%s: %q", said, cells)
			}
			some, last = true, v
		}
		return some && said == aria, fmt.Sprintf("%s: %q", said, cells)
	})
}

func durationOf(cell string) (float64, bool) {
	d, err := time.ParseDuration(strings.ReplaceAll(cell, " ", ""))
	return float64(d), err == nil
}

func numberOf(cell string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.ReplaceAll(cell, ",", ""), 64)
	return n, err == nil
}

// TestE2EStory_SlowQueries is a search engineer's way from the latest calls to what
// makes them slow.
func TestE2EStory_SlowQueries(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 1000}, "algolia")
	sim.AppendStory("algolia", 300) // the oldest are gone, and within the week
	b.visit(logsOf(src, "from", "now-6d"))
	b.loaded()
	b.filter("took:>400ms")
	b.pill("took:>400ms", "here, on ")
	b.press(kb.Escape, kb.Escape)
	b.scrollToTheEnd()
	b.lane("", "Algolia keeps the last 1,000 calls")
	sim.ClearCalls("algolia")
	b.filter("type:query took:>400ms")
	b.has("q", "type:query took:>400ms")
	b.pill("type:query", "at Algolia")
	b.pill("took:>400ms", "here, on ")
	if calls := asked(sim, "algolia", func(c simulate.Call) bool { return strings.Contains(c.Query, "type=query") }); len(calls) == 0 {
		t.Errorf("no call asked for queries alone: %+v", sim.Calls("algolia"))
	}
	b.press(kb.Escape, kb.Escape)
	b.loaded()
	want := b.entries()
	if len(want) < 20 || len(want) > 95 {
		t.Fatalf("%d slow queries", len(want))
	}
	b.showsAll(want)

	// Sorted from the header: greatest first, least first, by time again.
	b.click("button", "Took")
	b.sorted("took", "descending", durationOf)
	b.has("sort", "-took")
	slowest := b.table().ids()
	b.run(chromedp.Reload())
	b.holds("the page to mount", mounted)
	b.loaded()
	b.sorted("took", "descending", durationOf)
	if again := b.table().ids(); !slices.Equal(again[:10], slowest[:10]) {
		t.Errorf("after a reload the rows are %q, want %q", again[:10], slowest[:10])
	}
	b.click("button", "Took")
	b.sorted("took", "ascending", durationOf)
	b.click("button", "Took")
	b.has("sort", "")
	b.showsAll(want) // of one second: the server's order

	// One call: its parameters, where it was cut, and no key.
	rows := b.loaded().Rows
	row := rows[slices.IndexFunc(rows, func(r drawnRow) bool { return strings.Contains(r.Text, " hits") })]
	b.clickRow(row.ID)
	b.details(row.ID)
	b.panelSays("attributesToRetrieve", "getRankingInfo", "cut by Algolia at 1,000 characters", "server time only, network not included")
	b.press(kb.Escape)
	b.none("complementary", "Details")

	b.filter("hits:0")
	b.has("q", "hits:0")
	b.until("queries without a hit", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && len(got.Rows) > 5, fmt.Sprint(len(got.Rows))
	})
	for _, e := range b.entries() {
		if e.Fields.Text("hits") != "0" {
			t.Fatalf("%s has %s hits", e.ID, e.Fields.Text("hits"))
		}
	}
	b.press(kb.Escape, kb.Escape)
	b.filter("status:403")
	b.has("q", "status:403")
	b.showsAll(b.entries())
	row = b.loaded().Rows[0]
	b.clickRow(row.ID)
	b.details(row.ID)
	b.panelSays("Invalid Application-ID or API key")
	if text := b.text() + b.copied("Copy raw"); strings.Contains(text, "0123456789abcdef0123456789abcdef") {
		t.Error("the key of the call is shown")
	}
	b.press(kb.Escape)
	b.none("complementary", "Details")

	b.click("button", "Show vendor request")
	dialog := b.one(0, "dialog", "Vendor request")
	b.sees("curl", "$ALGOLIA_API_KEY")
	var curl string
	if err := b.call(dialog, `function() { return this.textContent }`, &curl); err != nil || strings.Contains(curl, simulate.AlgoliaKey) {
		t.Errorf("the command is %s %v", curl, err)
	}
	b.press(kb.Escape)
	b.none("dialog", "Vendor request")
}

// TestE2EColumns_ChosenMovedWidenedAndKept adds, moves, widens, sorts by and removes
// columns with mouse and menus; the address and a reload know them.
func TestE2EColumns_ChosenMovedWidenedAndKept(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia")
	b.visit(logsOf(src, "from", "all", "q", "type:query"))
	b.loaded()
	b.click("button", "Columns")
	b.fill("searchbox", "Search columns", "hits")
	b.click("menuitemcheckbox", "hits")
	b.columnsAre("time", "level", "status", "took", "hits", "summary")
	b.fill("searchbox", "Search columns", "user_token")
	b.click("menuitemcheckbox", "user_token")
	b.columnsAre("time", "level", "status", "took", "hits", "user_token", "summary")
	b.press(kb.Escape)
	b.none("menu", "Columns")
	b.holds("the button to have the keyboard again", `document.activeElement.getAttribute("aria-label") === "Columns"`)
	rail := b.one(0, "complementary", "Fields")
	b.clickIn(rail.id, "button", "Show Index as a column")
	b.columnsAre("time", "level", "status", "took", "hits", "user_token", "index", "summary")
	b.click("button", "Column User token")
	b.click("menuitem", "Remove column")
	b.columnsAre("time", "level", "status", "took", "hits", "index", "summary")
	b.click("button", "Column Hits")
	b.click("menuitem", "Move left")
	b.columnsAre("time", "level", "status", "hits", "took", "index", "summary")

	// Numbers that the vendor sends as text.
	b.click("button", "Hits")
	b.sorted("hits", "descending", numberOf)
	b.click("button", "Hits")
	b.sorted("hits", "ascending", numberOf)
	b.click("button", "Hits")
	b.has("sort", "")

	// With the mouse: a head to another place, and the edge of a head.
	from, to := b.boxAt("[data-col=hits]"), b.boxAt("[data-col=level]")
	b.drag(from.X+from.Width-20, from.Y+10, to.X+8, to.Y+10)
	b.columnsAre("time", "hits", "level", "status", "took", "index", "summary")
	before := b.boxAt("[data-col=hits]")
	grip := b.boxAt(`[aria-label="Width of Hits"]`)
	x, y := grip.X+grip.Width/2, grip.Y+grip.Height/2
	b.drag(x, y, x+90, y)
	b.until("a wider column", func() (bool, string) {
		now := b.boxAt("[data-col=hits]")
		return now.Width > before.Width+80 && now.Width < before.Width+100, fmt.Sprint(before.Width, now.Width)
	})
	for i, cell := range b.column("hits") {
		if _, ok := numberOf(cell); cell != "" && !ok {
			t.Errorf("row %d has %q hits", i, cell)
		}
	}
	b.run(chromedp.Reload())
	b.holds("the page to mount", mounted)
	b.loaded()
	b.columnsAre("time", "hits", "level", "status", "took", "index", "summary")
	if now := b.boxAt("[data-col=hits]"); now.Width < before.Width+80 {
		t.Errorf("after a reload the column is %v wide, it was %v before it was widened", now.Width, before.Width)
	}

	// Another view of the same vendor has them, too.
	b.visit("/logs?" + url.Values{"src": src, "from": {"now-1h"}}.Encode())
	b.loaded()
	if got := b.heads(); !slices.Equal(got, []string{"time", "hits", "level", "status", "took", "index", "summary"}) {
		t.Errorf("another view has the columns %q", got)
	}
	b.click("button", "Column Hits")
	b.click("menuitem", "Reset columns")
	b.until("the usual columns", func() (bool, string) {
		got := b.heads()
		return slices.Equal(got, []string{"time", "level", "status", "took", "summary"}) && b.param("cols") == "", fmt.Sprint(got)
	})
}
