//go:build e2e

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// drawnRow is one row of the log table as it is drawn.
type drawnRow struct {
	Index int    // aria-rowindex
	ID    string // data-id
	Text  string
}

// table is the log table as it is drawn.
type table struct {
	Count  int // aria-rowcount
	Busy   string
	Rows   []drawnRow // in view or near it, from the top
	Active string     // data-id of the row that the keyboard is at
}

// drawnRows reads the rows that are drawn, wherever the table's elements stand
// in the document.
const drawnRows = `[...document.querySelectorAll("[role=grid] [role=row][data-id]")].filter((r) => r.checkVisibility())
	.map((r) => ({Index: +r.ariaRowIndex, ID: r.dataset.id, Text: r.innerText})).sort((a, b) => a.Index - b.Index)`

// table reads the log table.
func (b *tab) table() table {
	b.t.Helper()
	var t table
	b.eval(`(() => {
		const g = document.querySelector("[role=grid]");
		if (!g) return {Count: -1, Rows: []};
		return {Count: +g.ariaRowCount, Busy: g.ariaBusy, Rows: `+drawnRows+`,
			Active: document.getElementById(g.getAttribute("aria-activedescendant"))?.closest("[role=row]").dataset.id ?? ""};
	})()`, &t)
	return t
}

// loaded waits until the table shows rows and asks for no more, and returns it.
func (b *tab) loaded() table {
	b.t.Helper()
	var got table
	b.until("rows", func() (bool, string) {
		got = b.table()
		return len(got.Rows) > 0 && got.Busy == "false", fmt.Sprintf("%d rows, busy %s; the page says %s", len(got.Rows), got.Busy, b.text())
	})
	return got
}

// api's view of what the page shows: every entry of its address, newest first.
func (b *tab) entries() []logs.Entry {
	b.t.Helper()
	here := b.address().Query()
	ask := url.Values{"limit": {"1000"}, "src": here["src"], "q": here["q"], "to": here["to"]}
	switch from := here.Get("from"); from {
	case "all":
	case "":
		ask.Set("from", "now-24h")
	default:
		ask.Set("from", from)
	}
	var all []logs.Entry
	for {
		var page wire.Page
		b.api(wire.PathLogs+"?"+ask.Encode(), &page)
		all = append(all, page.Entries...)
		if page.Cursor == "" {
			return all
		}
		ask.Set("cursor", page.Cursor)
	}
}

// scrollToTheEnd scrolls down, a little at first, while rows come into use, then
// screen by screen, until no more comes, and returns
// the id of every row that was drawn on the way, in the order of the table, and
// aria-rowcount before and after. Each frame is looked at by itself: no row may
// be drawn twice in it, and none may change its entry.
func (b *tab) scrollToTheEnd() (ids []string, before, after int) {
	b.t.Helper()
	var got struct {
		IDs           []string
		Before, After int
		Wrong         []string
	}
	b.eval(`(async () => {
		const g = document.querySelector("[role=grid]");
		const scroller = [g, ...g.querySelectorAll("*")].find((e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight);
		const seen = new Map(), wrong = [], before = +g.ariaRowCount, frame = () => new Promise(requestAnimationFrame);
		scroller.scrollTop = 0;
		for (let still = 0, steps = 0; still < 3 && wrong.length < 5; steps++) {
			await frame(); await frame();
			const rows = `+drawnRows+`, here = new Set();
			for (const r of rows) {
				if (here.has(r.Index)) wrong.push("row " + r.Index + " is drawn twice in one frame");
				here.add(r.Index);
				if (seen.has(r.Index) && seen.get(r.Index) !== r.ID) wrong.push("row " + r.Index + " was " + seen.get(r.Index) + " and is " + r.ID);
				seen.set(r.Index, r.ID);
			}
			for (let i = 1; i < rows.length; i++) if (rows[i].Index !== rows[i - 1].Index + 1) wrong.push("row " + rows[i].Index + " follows " + rows[i - 1].Index);
			const top = scroller.scrollTop;
			scroller.scrollTop = top + (steps < 12 ? 90 : scroller.clientHeight * 0.9);
			const end = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1;
			still = end && scroller.scrollTop === top && g.ariaBusy !== "true" ? still + 1 : 0;
		}
		const ids = [];
		for (let i = 2; i <= +g.ariaRowCount; i++) {
			if (seen.has(i)) ids.push(seen.get(i));
			else wrong.push("row " + i + " was never drawn");
		}
		return {IDs: ids, Before: before, After: +g.ariaRowCount, Wrong: wrong.slice(0, 5)};
	})()`, &got)
	for _, w := range got.Wrong {
		b.t.Errorf("scrolling: %s", w)
	}
	return got.IDs, got.Before, got.After
}

// lastRow returns the text of the table's last row, which is no entry.
func (b *tab) lastRow() string {
	b.t.Helper()
	var text string
	b.eval(`(() => {
		const rows = [...document.querySelectorAll("[role=grid] [role=row]")].filter((r) => r.checkVisibility({ visibilityProperty: true }));
		const last = rows.reduce((a, b) => b.getBoundingClientRect().bottom > a.getBoundingClientRect().bottom ? b : a);
		return last.dataset.id === undefined ? last.innerText : "";
	})()`, &text)
	return text
}

// clickRow clicks on the row of an entry.
func (b *tab) clickRow(id string) {
	b.t.Helper()
	var at struct{ X, Y float64 }
	b.eval(`(() => {
		const r = [...document.querySelectorAll("[role=grid] [role=row][data-id]")].find((r) => r.checkVisibility() && r.dataset.id === `+quote(id)+`).getBoundingClientRect();
		return {X: r.x + r.width / 2, Y: r.y + r.height / 2};
	})()`, &at)
	b.run(mouse(at.X, at.Y))
}

// details waits for the panel of an entry, and returns its fields by their names,
// of which one may come more than once, and all that stands on the panel.
func (b *tab) details(id string) (fields map[string][]string, text string) {
	b.t.Helper()
	b.until("the details of "+id, func() (bool, string) {
		found := b.find(0, "complementary", "Details")
		if len(found) != 1 {
			return false, fmt.Sprintf("there are %d panels", len(found))
		}
		var got struct {
			Pairs [][2]string
			Text  string
		}
		// What is shortened has the whole of it as its title.
		err := b.call(found[0], `function() {
			const whole = (dd) => dd.querySelector(".id")?.title ?? dd.querySelector(".pair-value")?.innerText ?? dd.innerText;
			return {Pairs: [...this.querySelectorAll("dt")].map((dt) => [dt.innerText, whole(dt.nextElementSibling)]), Text: this.innerText};
		}`, &got)
		fields, text = map[string][]string{}, got.Text
		for _, p := range got.Pairs {
			fields[p[0]] = append(fields[p[0]], strings.TrimSpace(p[1]))
		}
		return err == nil && slices.Contains(fields["id"], id), fmt.Sprintf("%v %v", err, fields)
	})
	return fields, text
}
