package page

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// openAt opens a page of a reader whose own zone is that one.
func openAt(t *testing.T, zone, address string, prepare func(*client.Fake)) (*stage, *logs) {
	t.Helper()
	s := open(t, address, prepare, func(d Deps) app.Composer {
		d.Zone = zone
		return newLogs(d)
	})
	return s, s.mount.(*logs)
}

// keeping is pages with vendors that keep entries for so many days.
func keeping(n int64) func(*client.Fake) {
	return func(f *client.Fake) {
		pages(f)
		f.Config.Vendors[0].Capabilities.RetentionS = n * 24 * 3600
	}
}

func TestShare_LinkIsExactUnlessItIsToMove(t *testing.T) {
	_, p := openAt(t, "Europe/Paris", "/logs?q=x&src=algolia/eu/APP&from=now-15m&wrap=1&live=1&sel=e1", pages)
	const cols = "&cols=time,level,status,took,summary&sel=e1"
	if got, want := p.text(part.CopiedLink), "https://logpane.example/logs?q=x&src=algolia/eu/APP&from=2026-11-21T11:45:00Z&to=2026-11-21T12:00:00Z&tz=Europe/Paris"+cols+"&wrap=1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := p.text(part.CopiedMoving), "https://logpane.example/logs?q=x&src=algolia/eu/APP&from=now-15m&tz=Europe/Paris"+cols+"&live=1&wrap=1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestShare_MenuSaysWhatTheLinkWillHold(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?q=jane.doe%40example.com&src=algolia/eu/APP", keeping(7))
	p.on(nil, part.MenuToggled{Menu: part.MenuShare})
	html := s.html()
	for _, want := range []string{
		"Copy link: this exact time", "Copy link: moving window", "Last 24 hours", "The filter holds an e-mail address; it will be in the link.",
		"Algolia deletes these from 27 Nov on, the last of them on 28 Nov.", "Export…", `href="/tokens"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing", want)
		}
	}
	s, p = openAt(t, "UTC", "/logs?src=algolia/eu/APP&from=2026-11-21T02:00:00Z&to=2026-11-21T03:00:00Z", pages)
	p.on(nil, part.MenuToggled{Menu: part.MenuShare})
	html = s.html()
	for _, wrong := range []string{"moving window", "The filter holds", "deletes"} {
		if strings.Contains(html, wrong) {
			t.Errorf("%q is said of a fixed time without a filter, at a vendor that does not say how long it keeps anything", wrong)
		}
	}
}

func TestShare_CredentialInTheFilterStaysOutOfTheLink(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	s, p := openAt(t, "UTC", "/logs?q=%22x-algolia-api-key:+"+secret+"%22&src=algolia/eu/APP", pages)
	for _, what := range []string{part.CopiedLink, part.CopiedMoving} {
		if got := p.text(what); strings.Contains(got, secret) || !strings.Contains(got, "src=algolia/eu/APP") {
			t.Errorf("%s is %s", what, got)
		}
	}
	p.on(nil, part.MenuToggled{Menu: part.MenuShare})
	if !strings.Contains(s.html(), "the link goes without the filter") {
		t.Error("nobody is told")
	}
}

func TestShare_CredentialElsewhereInTheAddressStaysOutOfTheLink(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	s, p := openAt(t, "UTC", "/coveo/items?src=algolia/eu/APP&uri=https://shop.example/x%3Fapi_key%3D"+secret+"&kept=yes&access_token="+secret, pages)
	if got := p.text(part.CopiedLink); strings.Contains(got, secret) || !strings.Contains(got, "src=algolia/eu/APP") || !strings.Contains(got, "kept=yes") {
		t.Errorf("the link is %s", got)
	}
	p.on(nil, part.MenuToggled{Menu: part.MenuShare})
	if !strings.Contains(s.html(), "the link goes without the item") {
		t.Error("nobody is told")
	}
}

func TestShare_EarliestDeletionOfSeveralVendors(t *testing.T) {
	_, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP", keeping(7))
	p.vendors.Value.Vendors[1].Capabilities.RetentionS = 5 * 24 * 3600
	both := []string{"algolia/eu/APP", "deepset/eu/W/pipelines/p"}
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	for _, c := range []struct {
		name     string
		srcs     []string
		from, to time.Time
		want     string
	}{
		{"one day", both, at(-3), at(-2), "deepset deletes these on 26 Nov."},
		{"of one", both[:1], at(-3), at(-2), "Algolia deletes these on 28 Nov."},
		{"two days", both[:1], at(-24), time.Time{}, "Algolia deletes these from 27 Nov on, the last of them on 28 Nov."},
		{"all", both[:1], time.Time{}, time.Time{}, "Algolia deletes these bit by bit already; the last of them on 28 Nov."},
		{"past", both[:1], at(-300), at(-200), "Algolia keeps 7 days: it has deleted these already."},
		{"unknown", []string{"moltin/eu/S"}, at(-3), at(-2), ""},
	} {
		if got := p.deletes(c.srcs, c.from, c.to); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOpened_WhatIsGoneIsToldOnce(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP&from=2026-11-10T00:00:00Z&to=2026-11-20T00:00:00Z", keeping(7))
	const want = "Algolia keeps 7 days: before 14 Nov nothing is left."
	if !strings.Contains(s.html(), want) {
		t.Fatalf("it is not said that some of it is gone: %s", s.html())
	}
	p.on(nil, expiredRead{})
	if strings.Contains(s.html(), want) {
		t.Error("it is said again after it was read")
	}
	s, _ = openAt(t, "UTC", "/logs?src=algolia/eu/APP&from=all", keeping(7))
	if strings.Contains(s.html(), "nothing is left") {
		t.Error("it is said of all that there is")
	}
}

func TestOpened_ZoneOfTheSender(t *testing.T) {
	for _, c := range []struct {
		name, own, query, want string
	}{
		{"another time of day", "Europe/London", "&tz=Europe/Paris", "Times are as the sender saw them: Europe/Paris (13:00). Yours would be 12:00."},
		{"another day", "Pacific/Auckland", "&tz=America/New_York", "Times are as the sender saw them: America/New_York (21 Nov 07:00). Yours would be 22 Nov 01:00."},
		{"the same time of day", "Europe/London", "&tz=UTC", ""},
		{"another name", "Europe/Berlin", "&tz=Europe/Paris", ""},
		{"none named", "Europe/London", "", ""},
		{"none known", "Europe/London", "&tz=Mars/Olympus", ""},
	} {
		s, _ := openAt(t, c.own, "/logs?src=algolia/eu/APP"+c.query, pages)
		html := s.html()
		if got := strings.Contains(html, "as the sender saw them"); got != (c.want != "") || !strings.Contains(html, c.want) {
			t.Errorf("%s: told %t, want %q", c.name, got, c.want)
		}
	}
	s, p := openAt(t, "Europe/London", "/logs?src=algolia/eu/APP&tz=Europe/Paris", pages)
	if !strings.Contains(s.html(), "Show my time (Europe/London)") {
		t.Fatal("there is no way to one's own time")
	}
	p.on(nil, zoneTaken{})
	if html := s.html(); p.m.Zone().String() != "Europe/London" || strings.Contains(html, "as the sender saw them") || p.m.View().Zone != "" {
		t.Errorf("the zone is %s, the address says %q", p.m.Zone(), p.m.View().Zone)
	}
	s, p = openAt(t, "Europe/London", "/logs?src=algolia/eu/APP&tz=Europe/Paris", pages)
	p.on(nil, zoneKept{})
	if html := s.html(); p.m.Zone().String() != "Europe/Paris" || strings.Contains(html, "as the sender saw them") {
		t.Error("the note cannot be closed, or takes the zone along")
	}
}

func TestEntryLink_OpensItsEntry(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP", pages)
	s.html()
	e := p.m.Entry(3)
	link := view.EntryURL(e.Src, e.ID, e.Time, "UTC")
	s, p = openAt(t, "UTC", link, pages)
	html := s.html()
	if p.m.Open() < 0 || p.entry.ID != e.ID || p.m.Focused() != p.m.Open() || !strings.Contains(html, part.IDDetails) {
		t.Errorf("%s opens row %d, %q", link, p.m.Open(), p.entry.ID)
	}
	if got := p.ctx.Page().URL().String(); !strings.Contains(got, "/logs?src=algolia/eu/APP&from=") || !strings.Contains(got, "sel="+e.ID) {
		t.Errorf("the address is %s", got)
	}
}

func TestEntryLink_NotThere(t *testing.T) {
	none := func(days int64) func(*client.Fake) {
		return func(f *client.Fake) {
			keeping(days)(f)
			f.Pages = map[string]wire.Page{"": {Coverage: []alogs.Coverage{{Src: "algolia/eu/APP", State: alogs.Complete}}}}
		}
	}
	s, _ := openAt(t, "UTC", "/e/algolia/eu/APP/x?t=2026-11-14T02:14:07Z", none(7))
	if html := s.html(); !strings.Contains(html, "This entry is not there any more") || !strings.Contains(html, "Algolia keeps 7 days; this is from 14 Nov 2026 02:14 UTC.") || !strings.Contains(html, `"logs standing`) {
		t.Errorf("deleted by now: %s", html)
	}
	s, p := openAt(t, "UTC", "/e/algolia/eu/APP/x?t=2026-11-21T02:14:07Z", none(7))
	if html := s.html(); !strings.Contains(html, "within ±30 s of 21 Nov 2026 02:14:07 UTC. It may not be visible with your connection.") {
		t.Errorf("not found: %s", html)
	}
	p.on(nil, standAsk{"2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"})
	if len(s.went) != 1 || s.went[0] != "/logs?src=algolia/eu/APP&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z&sel=x" {
		t.Errorf("went to %q", s.went)
	}
	p.on(nil, viewer.DetailsClosed{})
	if strings.Contains(s.html(), "was not found") {
		t.Error("it is still said although nobody asks for it any more")
	}
}

func TestJoin_ConnectsInPlaceAndShowsTheViewWithAllOfIt(t *testing.T) {
	const address = "/logs?q=x&src=algolia/eu/APP&from=2026-11-21T00:00:00Z&to=2026-11-21T12:00:00Z&cols=time,summary&sel=e1"
	s, p := openAt(t, "UTC", address, func(f *client.Fake) {
		pages(f)
		f.Conns = nil
		f.Fail("GET", wire.PathLogs, fault.New(fault.Unauthenticated, "").Saying("not connected"))
	})
	if html := s.html(); !strings.Contains(html, "Connect Algolia to see this") || !strings.Contains(html, "account APP (Europe)") || !strings.Contains(html, `"logs standing`) {
		t.Fatalf("shows %s", html)
	}
	if !slices.Contains(s.focus, part.IDCredential("key")) && p.awaited != part.IDCredential("key") && p.sharing.join.focused == "" {
		t.Error("the form did not get the keyboard")
	}
	algolia := vendorNamed(s.Config, "algolia")
	p.joinPost(algolia, wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP"})
	if html := s.html(); !strings.Contains(html, "This is needed.") || s.asked("POST", wire.PathConnections) != 0 {
		t.Error("an empty credential was sent")
	}
	s.Fail("POST", wire.PathConnections, fault.New(fault.Forbidden, "").Saying(`this API key lacks the ACL "logs"`))
	key := wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP", Credentials: map[string]string{"key": "s3cr3t"}}
	p.joinPost(algolia, key)
	if html := s.html(); !strings.Contains(html, "This API key lacks the ACL") || strings.Contains(html, "s3cr3t") {
		t.Errorf("the refusal: %s", html)
	}
	p.joinPost(algolia, key)
	html := s.html()
	if len(s.went) != 0 || strings.Contains(html, "to see this") || p.m.Len() == 0 || p.m.View().URL() != address {
		t.Errorf("went to %q, %d rows, the address is %s", s.went, p.m.Len(), p.m.View().URL())
	}
}

func TestJoin_SeveralAccountsOneAfterTheOther(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP,deepset/eu/W/pipelines/p", func(f *client.Fake) {
		pages(f)
		f.Conns = nil
	})
	s.html()
	p.joinPost(vendorNamed(s.Config, "algolia"), wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP", Credentials: map[string]string{"key": "k"}})
	html := s.html()
	if !strings.Contains(html, "Connect deepset to see this") || strings.Contains(html, "Connect Algolia") || p.m.Len() == 0 || strings.Contains(html, `"logs standing`) {
		t.Errorf("%d rows and %s", p.m.Len(), html)
	}
	p.on(nil, joinLater{})
	if html := s.html(); strings.Contains(html, part.IDCredential("key")) || !strings.Contains(html, "which this session is not connected to") {
		t.Error("the form cannot be put aside")
	}
	p.on(nil, part.ConnectMissing{Vendor: "deepset", Region: "eu", Account: "W"})
	if !strings.Contains(s.html(), part.IDCredential("key")) {
		t.Error("the form does not come back")
	}
}

func TestRefused_NamesTheRightTheAccountAndWhatToDo(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP", func(f *client.Fake) {
		pages(f)
		f.Config.Vendors[0].Needs = `An API key with the ACL "logs".`
		f.Fail("GET", wire.PathLogs, fault.New(fault.Forbidden, "").Saying(`this API key lacks the ACL "logs"`).Quoting("Method not allowed with this API key"))
	})
	html := s.html()
	for _, want := range []string{
		"Your connection may not read this", "This API key lacks the ACL", "Method not allowed with this API key", "Algolia, account APP (Europe)", "An API key with the ACL",
		"Connect with another credential", "Copy what to ask the admin", "Try again", `"logs standing`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	p.on(nil, joinAgain{"algolia/eu/APP"})
	if html := s.html(); !strings.Contains(html, "takes the place of the one that this session has") || !strings.Contains(html, part.IDCredential("key")) {
		t.Errorf("no form for another credential: %s", html)
	}
	p.joinPost(vendorNamed(s.Config, "algolia"), wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP", Credentials: map[string]string{"key": "better"}})
	if html := s.html(); p.m.Len() == 0 || strings.Contains(html, "may not read this") {
		t.Errorf("%d rows: %s", p.m.Len(), html)
	}
}

func TestRefused_AtADrillDownToo(t *testing.T) {
	s, p := openAt(t, "UTC", jobAddress, func(f *client.Fake) {
		store(f)
		f.Fail("GET", wire.PathJobs, fault.New(fault.Forbidden, "").Saying("an implicit key may not read integration logs"))
	})
	if html := s.html(); !strings.Contains(html, "Your connection may not read this") || !strings.Contains(html, "An implicit key may not read integration logs.") || !strings.Contains(html, "account S (Europe)") {
		t.Errorf("shows %s", html)
	}
	p.on(nil, standRetry{})
	if html := s.html(); strings.Contains(html, "may not read this") || len(rungsOf(html)) == 0 {
		t.Errorf("trying again shows %s", html)
	}
}
