//go:build e2e

package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// vendorStory is what a reader does with one vendor.
type vendorStory struct {
	vendor, title, account string
	pick                   string // label of the target that is picked
	end                    string // what the last row says
	form                   *formStory
}

// formStory is how a reader connects without the one-click demo.
type formStory struct {
	fields []string // labels of the text fields and what is typed, in pairs
	secret string   // label of the secret's field
	wrong  string
	says   string // how a wrong secret is answered
	right  string
}

var vendorStories = []vendorStory{
	{vendor: "algolia", title: "Algolia", account: simulate.AlgoliaApp, pick: "products index", end: "Algolia"},
	{vendor: "coveo", title: "Coveo", account: simulate.CoveoOrg, pick: "Help center", end: "Coveo", form: &formStory{
		fields: []string{"Organization ID", simulate.CoveoOrg}, secret: "API key or access token",
		wrong: "wrong-token-secret-1", says: "token", right: simulate.CoveoToken,
	}},
	{vendor: "deepset", title: "deepset", account: simulate.DeepsetWorkspace, pick: "rag-prod", end: "everything"},
	{vendor: "elasticpath", title: "Elastic Path", account: "", pick: "Order shipping notification", end: "everything"},
	{vendor: "moltin", title: "Moltin", account: "", pick: "Whole store", end: "everything", form: &formStory{
		fields: []string{"Client ID", simulate.ElasticPathClient}, secret: "Client secret",
		wrong: "wrong-secret-word-2", says: "client", right: simulate.ElasticPathSecret,
	}},
}

func TestE2EVendor_FromConnectToForget(t *testing.T) {
	t.Parallel()
	p := demo(t)
	for _, s := range vendorStories {
		t.Run(s.vendor, func(t *testing.T) {
			t.Parallel()
			b := browse(t, p.base)
			b.visit("/")
			if s.form == nil {
				b.click("button", s.title)
			} else {
				b.connectByForm(s)
			}
			b.at("/logs")
			b.loaded()

			b.pickFromHome(s)
			b.at("/logs")
			b.loaded()
			b.click("button", "Time: Last 24 hours")
			b.click("button", "All the vendor keeps")
			b.holds("the span in the address", `new URLSearchParams(location.search).get("from") === "all"`)
			b.rowsAreTheServers(s)
			b.detailsAreTheServers()
			b.forget(s)
		})
	}
}

// connectByForm fills the form, first with a wrong secret.
func (b *tab) connectByForm(s vendorStory) {
	b.t.Helper()
	f := s.form
	b.click("link", s.title+"*")
	b.at("/connect")
	b.sees("Connect " + s.title)
	b.click("combobox", "Region")
	b.press("sim", kb.Enter)
	b.holds("the region", `document.activeElement.value === "sim"`)
	for i := 0; i < len(f.fields); i += 2 {
		b.fill("textbox", f.fields[i], f.fields[i+1])
	}
	b.expect("status of 401")
	b.fill("textbox", f.secret, f.wrong)
	b.press(kb.Enter)
	alert := b.one(0, "alert", "")
	var says string
	if err := b.call(alert, `function() { return this.innerText }`, &says); err != nil {
		b.t.Fatal(err)
	}
	if !strings.Contains(strings.ToLower(says), f.says) {
		b.t.Errorf("a wrong secret is answered with %q, which does not name the %s", says, f.says)
	}
	b.keepsNoSecret(f.wrong)
	var list wire.Connections
	if b.api(wire.PathConnections, &list); len(list.Connections) != 0 {
		b.t.Errorf("a wrong secret made a connection: %+v", list.Connections)
	}
	b.fill("textbox", f.secret, f.right)
	b.click("button", "Connect")
	b.at("/logs")
	b.keepsNoSecret(f.right)
}

// keepsNoSecret looks for a typed secret in all that the page shows or keeps.
// The field itself holds what was typed; nothing else may.
func (b *tab) keepsNoSecret(secret string) {
	b.t.Helper()
	var where []string
	b.eval(`(() => {
		const secret = `+quote(secret)+`, where = [], has = (name, text) => { if (text.includes(secret)) where.push(name); };
		has("the document", document.documentElement.outerHTML);
		has("the address", location.href);
		has("the title", document.title);
		has("the history", JSON.stringify(history.state) ?? "");
		has("localStorage", JSON.stringify({...localStorage}));
		has("sessionStorage", JSON.stringify({...sessionStorage}));
		for (const r of performance.getEntries()) has("a request", r.name);
		for (const i of document.querySelectorAll("input")) if (i.type !== "password") has("another field", i.value);
		return where;
	})()`, &where)
	if len(where) > 0 {
		b.t.Errorf("the secret that was typed stands in %v", where)
	}
}

// card returns the card of a vendor's connection on the home page.
func (b *tab) card(s vendorStory) node {
	b.t.Helper()
	return b.one(0, "article", s.title+" *")
}

// pickFromHome goes home and opens one target of the connection's list.
func (b *tab) pickFromHome(s vendorStory) {
	b.t.Helper()
	b.click("link", "logpane, home")
	b.at("/")
	card := b.card(s)
	if len(b.find(card.id, "button", "Pick…")) == 1 {
		b.clickIn(card.id, "button", "Pick…")
	} else {
		b.clickIn(card.id, "button", "Open logs…")
	}
	b.clickIn(b.card(s).id, "checkbox", s.pick+"*")
	b.clickIn(b.card(s).id, "button", "Open 1 target")
}

// rowsAreTheServers scrolls through the whole table and compares it with what
// the server says.
func (b *tab) rowsAreTheServers(s vendorStory) {
	b.t.Helper()
	first := b.loaded()
	want := b.entries()
	if len(want) < 150 {
		b.t.Fatalf("the server has %d entries, too few for a second page", len(want))
	}
	for i, row := range first.Rows {
		if row.Index != i+2 || row.ID != want[i].ID {
			b.t.Fatalf("row %d is %q, want %q as row %d", row.Index, row.ID, want[i].ID, i+2)
		}
		if clock := want[i].Time.UTC().Format("15:04:05"); !strings.Contains(row.Text, clock) {
			b.t.Errorf("row %d says %q, want the time %s", row.Index, row.Text, clock)
		}
	}
	ids, before, after := b.scrollToTheEnd()
	if after != len(want)+1 {
		b.t.Errorf("aria-rowcount is %d at the end, want %d entries and the head", after, len(want))
	}
	if before >= after {
		b.t.Errorf("aria-rowcount was %d before scrolling and is %d after: no page came", before, after)
	}
	if !slices.EqualFunc(ids, want, func(id string, e logs.Entry) bool { return id == e.ID }) {
		b.t.Errorf("%d rows in another order than the server's %d entries", len(ids), len(want))
	}
	b.until("a sentence on why the list ends", func() (bool, string) {
		text := b.lastRow()
		return strings.Contains(text, s.end) && strings.HasSuffix(strings.TrimSpace(text), "."), "the last row says " + quote(text)
	})
}

// detailsAreTheServers opens details with a click and with Enter and compares
// them with the answers that the page got.
func (b *tab) detailsAreTheServers() {
	b.t.Helper()
	b.press(kb.End)
	var rows []drawnRow
	b.until("the newest rows", func() (bool, string) {
		rows = b.table().Rows
		return len(rows) > 5 && rows[0].Index == 2, ""
	})
	got := map[string]logs.Entry{}
	for _, page := range b.received() {
		for _, e := range page.Entries {
			got[e.ID] = e
		}
	}
	b.clickRow(rows[3].ID)
	b.entryIs(got[rows[3].ID])
	b.press("j")
	b.entryIs(got[rows[4].ID])
	b.press(kb.Escape)
	b.none("complementary", "Details")
	b.press(kb.Enter)
	b.entryIs(got[rows[4].ID])

	// One layer at a time.
	b.press("t")
	b.one(0, "dialog", "Time")
	b.press(kb.Escape)
	b.none("dialog", "Time")
	b.one(0, "complementary", "Details")
	b.press(kb.Escape)
	b.none("complementary", "Details")
	if at := b.table().Active; at != rows[4].ID {
		b.t.Errorf("after the details the keyboard is at %q, want %q", at, rows[4].ID)
	}
}

// entryIs compares the panel with an entry that the server sent.
func (b *tab) entryIs(e logs.Entry) {
	b.t.Helper()
	fields, text := b.details(e.ID)
	lens := b.lens()
	if got, want := b.copied("Copy raw"), lens.Text(string(e.Raw)); got != want {
		b.t.Errorf("raw is copied as\n%.400s\nwant\n%.400s", got, want)
	}
	text = strings.ToLower(text)
	for _, f := range e.Fields {
		want := lens.Field(f.Name, logs.TextOf(f.Value))
		if slices.Contains(fields[f.Name], strings.TrimSpace(want)) {
			continue
		}
		// What needs room of its own is shown decoded: its words are there.
		all := words.FindAllString(strings.ToLower(want), 8)
		for _, w := range all {
			if !strings.Contains(text, w) {
				b.t.Errorf("field %s shows %q, want %q", f.Name, fields[f.Name], want)
				break
			}
		}
	}
}

var words = regexp.MustCompile(`[a-z]{4,}`)

// forget ends the connection on the home page.
func (b *tab) forget(s vendorStory) {
	b.t.Helper()
	b.click("link", "logpane, home")
	b.at("/")
	b.clickIn(b.card(s).id, "button", "Forget")
	ask := b.one(0, "group", "Forget this connection?")
	b.clickIn(ask.id, "button", "Forget")
	b.none("article", s.title+" *")
	var list wire.Connections
	if b.api(wire.PathConnections, &list); len(list.Connections) != 0 {
		b.t.Errorf("a forgotten connection is still there: %+v", list.Connections)
	}
}
