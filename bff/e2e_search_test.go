//go:build e2e

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// filter types a filter and commits it.
func (b *tab) filter(query string) {
	b.t.Helper()
	b.press("/")
	b.holds("the keyboard in the searchbox", `document.activeElement.role === "searchbox"`)
	b.press(query, kb.Enter)
}

// ids returns the ids of the rows that are drawn.
func (t table) ids() []string {
	var ids []string
	for _, r := range t.Rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// showsAll waits until the table shows the beginning of these entries, and
// counts all of them where they fit one page.
func (b *tab) showsAll(want []logs.Entry) {
	b.t.Helper()
	b.until("the entries of the address", func() (bool, string) {
		got := b.table()
		if len(got.Rows) == 0 || len(got.Rows) > len(want) || got.Count > len(want)+1 {
			return false, fmt.Sprintf("%d of %d rows, want %d", len(got.Rows), got.Count-1, len(want))
		}
		for i, r := range got.Rows {
			if r.ID != want[i].ID {
				return false, fmt.Sprintf("row %d is %s, want %s", i, r.ID, want[i].ID)
			}
		}
		return true, ""
	})
}

// matching returns what the server has for the page's address with another filter.
func (b *tab) matching(filter string) []logs.Entry {
	b.t.Helper()
	here := b.address().Query()
	var page wire.Page
	b.api(wire.PathLogs+"?"+url.Values{"limit": {"1000"}, "src": here["src"], "q": {filter}, "from": {"now-24h"}}.Encode(), &page)
	return page.Entries
}

func TestE2EFilter_ShowsOnlyMatchesAndBackUndoesIt(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit("/logs?src=" + src[0])
	b.loaded()
	all := b.entries()
	b.showsAll(all)
	b.filter("status:500")
	b.holds("the filter in the address", `new URLSearchParams(location.search).get("q") === "status:500"`)
	failed := b.entries()
	if len(failed) == 0 || len(failed) >= len(all) {
		t.Fatalf("%d of %d entries have status 500: the filter proves nothing", len(failed), len(all))
	}
	for _, e := range failed {
		if e.Status != 500 {
			t.Fatalf("the server matches an entry with status %d", e.Status)
		}
	}
	b.showsAll(failed)
	for _, r := range b.loaded().Rows {
		if !strings.Contains(r.Text, "500") {
			t.Errorf("row %d says %q", r.Index, r.Text)
		}
	}
	b.run(chromedp.NavigateBack())
	b.holds("no filter in the address", `!new URLSearchParams(location.search).has("q")`)
	b.holds("no filter in the box", `document.querySelector("[role=searchbox]").value === ""`)
	b.showsAll(all)
	b.run(chromedp.NavigateForward())
	b.holds("the filter in the box", `document.querySelector("[role=searchbox]").value === "status:500"`)
	b.showsAll(failed)
}

func TestE2EFilter_WrongOneMarksItsColumnAndKeepsTheRows(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	b.visit("/logs?src=" + src[0])
	b.loaded()
	b.press("/", "shipping")
	b.showsAll(b.matching("shipping"))
	before := b.table()
	b.press(" (500 OR", kb.Enter)
	b.holds("the searchbox to be wrong", `document.querySelector("[role=searchbox]").ariaInvalid === "true"`)
	alert := b.one(0, "alert", "")
	var got struct{ Says, Marked, Described string }
	err := b.call(alert, `function() {
		const box = document.querySelector("[role=searchbox]");
		return {Says: this.innerText, Marked: this.querySelector("mark")?.innerText ?? "", Described: box.getAttribute("aria-describedby") === this.id ? "yes" : ""};
	}`, &got)
	if err != nil || got.Marked == "" || got.Described == "" || !strings.Contains(got.Says, "column 17") {
		t.Errorf("a wrong filter is answered with %+v %v", got, err)
	}
	if after := b.loaded(); !slices.Equal(after.ids(), before.ids()) {
		t.Errorf("a wrong filter changed the rows: %d before, %d after", len(before.Rows), len(after.Rows))
	}
	b.fill("searchbox", "Filter", "status:500")
	b.press(kb.Enter)
	b.none("alert", "")
	b.showsAll(b.entries())
}
