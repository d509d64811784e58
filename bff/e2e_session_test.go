//go:build e2e

package main

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

func TestE2EShare_LinkWithoutConnectionLeadsBack(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.expect("the server responded with a status of 401")
	link := "/logs?q=status:500&src=elasticpath/sim/store-01e391bb,coveo/sim/" + simulate.CoveoOrg
	b.visit(link)
	b.sees("Connect Elastic Path to see this")
	b.filled("Region", "sim")
	b.filled("Store (optional)", "store-01e391bb")
	b.fill("textbox", "Client ID", simulate.ElasticPathClient)
	b.fill("textbox", "Client secret", simulate.ElasticPathSecret)
	b.click("button", "Connect")

	// The first target can be read now; the second one is still missing.
	b.sees("Connect Coveo to see this")
	b.filled("Region", "sim")
	b.filled("Organization ID", simulate.CoveoOrg)
	b.fill("textbox", "API key or access token", simulate.CoveoToken)
	b.click("button", "Connect")
	b.none("region", "Connect Coveo to see this")
	b.loaded()
	want, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.address(); got.Query().Encode() != want.Query().Encode() {
		t.Errorf("after connecting the address is %s, want %s", got, link)
	}
	b.showsAll(b.entries())
}

// filled waits until a field of the form holds a value.
func (b *tab) filled(label, want string) {
	b.t.Helper()
	b.holds("the field "+label+" to hold "+want, `[...document.querySelectorAll("label")].some((l) => l.innerText.trim() === `+quote(label)+` && l.control?.value === `+quote(want)+`)`)
}

func TestE2EAddress_WrongOneSaysSo(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.visit("/no/such/page?q=1")
	b.sees("There is nothing at this address", "/no/such/page")
	b.click("link", "Go home")
	b.at("/")
	b.one(0, "button", "Try all five")
}

func TestE2EAddress_UnknownPartIsToldAndKept(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "moltin")
	b.visit("/logs?src=" + src[0] + "&colour=red")
	b.loaded()
	b.sees("colour")
	b.click("button", "Dismiss")
	b.none("button", "Dismiss")
	if got := b.address().Query().Get("colour"); got != "red" {
		t.Errorf("the unknown part of the address became %q", got)
	}
}

func TestE2ESession_SurvivesReloadAndRestart(t *testing.T) {
	t.Parallel()
	_, flags := simulated(t, simulate.Options{Seed: 5})
	dir := t.TempDir()
	p := start(t, dir, flags...)
	b := browse(t, p.base)
	u := p.user(t)
	c := u.connect("moltin", "sim", "", accounts[4].creds)
	b.signedIn(u)
	b.visit("/logs?src=" + c.Address)
	before := b.loaded()
	b.run(chromedp.Reload())
	b.holds("the page to mount", mounted)
	after := b.loaded()
	if after.Rows[0].ID != before.Rows[0].ID {
		t.Errorf("after a reload the first row is %s, want %s", after.Rows[0].ID, before.Rows[0].ID)
	}

	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	start(t, dir, append(flags, "--addr", mustURL(t, p.base).Host)...)
	b.press("r") // the same page asks the new server
	b.until("rows from the new server", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && len(got.Rows) > 0, b.text()
	})
	b.visit("/")
	b.one(0, "article", "Moltin *")
	var list wire.Connections
	if b.api(wire.PathConnections, &list); len(list.Connections) != 1 || list.Connections[0].ID != c.ID {
		t.Errorf("after a restart the connections are %+v, want %s", list.Connections, c.ID)
	}
}
