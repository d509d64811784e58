//go:build e2e

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/bff/simulate"
)

// gets does something that copies, and returns what the clipboard then holds.
func (b *tab) gets(act func()) string {
	b.t.Helper()
	clipboard.Lock()
	defer clipboard.Unlock()
	const before = "nothing was copied"
	b.eval(`navigator.clipboard.writeText(`+quote(before)+`)`, nil)
	act()
	text := before
	b.until("something on the clipboard", func() (bool, string) {
		err := b.try(`navigator.clipboard.readText()`, &text)
		return err == nil && text != before, fmt.Sprint(err)
	})
	return text
}

// follows opens a link that somebody copied.
func (b *tab) follows(link string) {
	b.t.Helper()
	rest, ok := strings.CutPrefix(link, b.base)
	if !ok || !strings.HasPrefix(rest, "/") {
		b.t.Fatalf("the link is %s", link)
	}
	b.visit(rest)
}

// in puts the browser into a time zone.
func (b *tab) in(zone string) {
	b.t.Helper()
	b.run(emulation.SetTimezoneOverride(zone))
}

// TestE2EShare_SendOpenConnectSeeTheSame sends a view of two vendors with an open
// entry and columns of one's own to somebody who is connected to nothing and lives in
// another zone.
func TestE2EShare_SendOpenConnectSeeTheSame(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia", "elasticpath")
	b.in("Europe/Paris")
	b.visit(logsOf(src, "q", "status:>=200", "cols", "time,target,status,job,summary", "live", "1"))
	row := b.loaded().Rows[2]
	b.clickRow(row.ID)
	b.details(row.ID)
	b.click("button", "Share")
	b.sees("Algolia deletes these from")
	link := b.gets(func() { b.click("button", "Copy link: this exact time*") })
	b.sees("Link copied: it shows this exact time")
	b.none("dialog", "Share")
	b.click("button", "Share")
	b.keyboardAt("the first link", `e.id === "share-first"`)
	moving := b.gets(func() { b.press(kb.ArrowUp, kb.Home, kb.ArrowDown, kb.Enter) })
	b.none("dialog", "Share")
	b.keyboardAt("the button", `e.id === "share"`)
	q := mustURL(t, link).Query()
	if q.Get("tz") != "Europe/Paris" || q.Has("live") || strings.Contains(link, "now-") || q.Get("cols") != "time,target,status,job,summary" || !strings.HasSuffix(q.Get("sel"), row.ID) {
		t.Errorf("the exact link is %s", link)
	}
	if q := mustURL(t, moving).Query(); q.Has("to") || q.Get("live") != "1" {
		t.Errorf("the moving link is %s", moving)
	}
	b.follows(link)
	b.details(row.ID)
	mine := b.loaded()
	b.none("note", "Times are as the sender saw them*")

	other := browse(t, b.base)
	other.in("Europe/London")
	other.expect("status of 401")
	other.follows(link)
	other.sees("Connect Algolia to see this", "1 more account will be asked for next")
	other.filled("Application ID", simulate.AlgoliaApp)
	other.fill("textbox", "API key", simulate.AlgoliaKey)
	other.click("button", "Connect")

	// What can be read is shown while the next one is asked for.
	other.sees("Connect Elastic Path to see this")
	other.loaded()
	other.fill("textbox", "Client ID", simulate.ElasticPathClient)
	other.fill("textbox", "Client secret", simulate.ElasticPathSecret)
	other.click("button", "Connect")
	other.none("region", "Connect Elastic Path to see this")
	other.details(row.ID)
	theirs := other.loaded()
	n := min(len(theirs.Rows), len(mine.Rows)) // the note on the zone takes the room of a row
	if n < 10 || theirs.Count != mine.Count || !slices.Equal(theirs.Rows[:n], mine.Rows[:n]) {
		t.Errorf("the other one sees %d rows\n%v\nwant %d\n%v", theirs.Count, theirs.Rows, mine.Count, mine.Rows)
	}
	if got, want := other.heads(), b.heads(); !slices.Equal(got, want) {
		t.Errorf("the other one sees the columns %q, want %q", got, want)
	}
	if got := other.address(); got.Query().Encode() != q.Encode() {
		t.Errorf("the address became %s, want that of %s", got, link)
	}

	// The times are the sender's, and one click makes them one's own.
	other.sees("Times are as the sender saw them: Europe/Paris", "Yours would be")
	before := other.column("time")[0]
	other.click("button", "Show my time (Europe/London)")
	other.until("an hour less", func() (bool, string) {
		at, err := time.Parse("15:04:05", before[:8])
		got := other.column("time")[0]
		return err == nil && strings.HasPrefix(got, at.Add(-time.Hour).Format("15:04:05")), got
	})
	other.none("button", "Show my time (Europe/London)")
	other.keepsNoSecret(simulate.AlgoliaKey)
}

// TestE2EShare_LinkToOneEntry copies the link of an entry with a key and in the
// panel, and opens it where it is, where it never was and where it is no more.
func TestE2EShare_LinkToOneEntry(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia")
	b.visit(logsOf(src))
	row := b.loaded().Rows[4]
	b.clickRow(row.ID)
	b.details(row.ID)
	link := b.gets(func() { b.press("c") })
	b.sees("Link to this entry copied")
	if again := b.gets(func() { b.click("button", "Copy this entry"); b.click("menuitem", "Link to this entry*") }); again != link {
		t.Errorf("the panel copies %s, the key %s", again, link)
	}
	if !strings.HasPrefix(link, b.base+"/e/"+src[0]+"/"+row.ID+"?t=") {
		t.Fatalf("the link is %s", link)
	}
	at, err := time.Parse(time.RFC3339Nano, mustURL(t, link).Query().Get("t"))
	if err != nil {
		t.Fatal(err)
	}
	json := b.gets(func() { b.press("C") })
	if !strings.HasPrefix(json, "{") || !strings.Contains(json, row.ID) || strings.Contains(json, "\n") {
		t.Errorf("C copies %s", json)
	}
	for _, c := range []struct{ item, want string }{
		{"Text", src[0]}, {"Markdown", "| field | value |"}, {"cURL of the log call", "$ALGOLIA_API_KEY"}, {"cURL of the logged request", "curl"},
	} {
		got := b.gets(func() { b.click("button", "Copy this entry"); b.click("menuitem", c.item) })
		if !strings.Contains(got, c.want) || strings.Contains(got, simulate.AlgoliaKey) {
			t.Errorf("%s is %s", c.item, got)
		}
	}

	other, _ := b.another(running(b), "algolia")
	other.follows(link)
	_, text := other.details(row.ID)
	got := other.loaded()
	if got.Count < 2 || got.Active != row.ID {
		t.Errorf("%d rows, the keyboard is at %q; the panel says %.80s", got.Count, got.Active, text)
	}
	for _, e := range other.entries() {
		if e.Time.Sub(at).Abs() > view.EntryMargin+time.Second {
			t.Errorf("%s of %s is no neighbour", e.ID, e.Time)
		}
	}
	if a := other.address(); a.Path != "/logs" || a.Query().Get("sel") != row.ID {
		t.Errorf("the address is %s", a)
	}

	other.visit(view.EntryURL(src[0], "nobody", at.Add(-5*time.Hour), "UTC"))
	other.sees("The entry of this link was not found", "within ±30 s", "may not be visible with your connection")
	other.click("button", "Look at the whole day")
	other.until("the day", func() (bool, string) {
		from, to := other.param("from"), other.param("to")
		return strings.HasSuffix(from, "T00:00:00Z") && strings.HasSuffix(to, "T00:00:00Z"), from + " " + to
	})
	other.visit(view.EntryURL(src[0], row.ID, time.Now().AddDate(0, 0, -20), "UTC"))
	other.sees("This entry is not there any more", "Algolia keeps 7 days; this is from")
	other.click("button", "Show what Algolia still has")
	other.has("from", "all")
	other.loaded()
}

// TestE2EShare_WrongRightIsNamed opens a view with a connection that the vendor does
// not let read it any more.
func TestE2EShare_WrongRightIsNamed(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "algolia")
	sim.Fault("algolia", simulate.Fault{Status: http.StatusForbidden, Body: `{"message":"Method not allowed with this API key","status":403}`})
	b.expect("status of 403")
	b.visit(logsOf(src))
	b.sees("Your connection may not read this", `This API key lacks the ACL "logs"`, "Method not allowed with this API key", "account "+simulate.AlgoliaApp, "this session's connection, made", "listIndexes")
	ask := b.gets(func() { b.click("button", "Copy what to ask the admin") })
	if !strings.Contains(ask, `ACL "logs"`) || !strings.Contains(ask, simulate.AlgoliaApp) {
		t.Errorf("to ask is %q", ask)
	}
	sim.ClearFaults("algolia")
	b.click("button", "Connect with another credential")
	b.sees("takes the place of the one")
	b.fill("textbox", "API key", simulate.AlgoliaKeyNoACL)
	b.click("button", "Connect")
	b.sees(`lacks the ACL "logs"`)
	b.fill("textbox", "API key", simulate.AlgoliaKey)
	b.click("button", "Connect")
	b.loaded()
	b.none("region", "Your connection may not read this")
}

// TestE2EShare_ForgottenInBetween forgets the connection of an open page elsewhere.
func TestE2EShare_ForgottenInBetween(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "moltin")
	b.expect("status of 401")
	b.visit(logsOf(src))
	before := b.loaded()
	b.eval(`fetch("/api/connections", {headers: {"X-Logpane": "1"}}).then((r) => r.json()).then((l) => fetch("/api/connections/" + l.connections[0].id, {method: "DELETE", headers: {"X-Logpane": "1"}})).then((r) => r.status)`, nil)
	b.press("r")
	b.sees("Connect Moltin to see this")
	b.fill("textbox", "Client ID", simulate.ElasticPathClient)
	b.fill("textbox", "Client secret", simulate.ElasticPathSecret)
	b.click("button", "Connect")
	b.none("region", "Connect Moltin to see this")
	b.until("the rows again", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && got.Count == before.Count, fmt.Sprint(got.Count)
	})
}

// TestE2EShare_PinningTheAddress makes the address exact and goes back.
func TestE2EShare_PinningTheAddress(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "elasticpath")
	for _, address := range []string{logsOf(src, "from", "now-4h"), "/ep/jobs?" + url.Values{"src": src, "from": {"now-4h"}}.Encode()} {
		b.visit(address)
		b.until("the page", func() (bool, string) { text := b.text(); return strings.Contains(text, "Order shipping"), text })
		b.press("y")
		b.until("an exact address", func() (bool, string) {
			from, to := b.param("from"), b.param("to")
			return strings.HasSuffix(from, "Z") && strings.HasSuffix(to, "Z"), from + " " + to
		})
		b.back()
		b.has("from", "now-4h")
		b.has("to", "")
	}
}

// TestE2EShare_DemoIsOneClick opens a link to demo data without a session.
func TestE2EShare_DemoIsOneClick(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.expect("status of 401")
	b.visit("/logs?src=algolia/demo/" + simulate.AlgoliaApp + ",coveo/demo/" + simulate.CoveoOrg)
	b.sees("This shows demo data")
	b.click("button", "Try the demo")
	b.none("region", "This shows demo data")
	b.loaded()
}

// TestE2EShare_LinksOutTellNothing looks at every link that leaves the page: where the
// reader came from, which is an address with names of accounts, stays here.
func TestE2EShare_LinksOutTellNothing(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "deepset")
	b.visit("/deepset/exceptions?" + url.Values{"src": src, "from": {"all"}}.Encode())
	b.sees("occurrences in")
	b.click("link", "TypeError in component*")
	b.sees("Occurrence 1 of ")
	b.click("button", "2 library frames")
	var links []struct{ Href, Rel, Target string }
	b.until("links to the sources", func() (bool, string) {
		b.eval(`[...document.querySelectorAll("a[href]")].filter((a) => a.origin !== location.origin).map((a) => ({Href: a.href, Rel: a.rel, Target: a.target}))`, &links)
		return len(links) > 0, b.text()
	})
	for _, l := range links {
		if !strings.Contains(l.Rel, "noreferrer") || !strings.Contains(l.Rel, "noopener") || l.Target != "_blank" {
			t.Errorf("%s has rel %q, target %q", l.Href, l.Rel, l.Target)
		}
	}
	var policy string
	b.eval(`fetch("/logs").then((r) => r.headers.get("referrer-policy"))`, &policy)
	if policy != "no-referrer" {
		t.Errorf("the page's policy is %q", policy)
	}
}
