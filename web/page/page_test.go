package page

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// stage is a page on a fake server, with what it navigated to.
type stage struct {
	*client.Fake
	deps  Deps
	disp  app.ClientDispatcher
	went  []string
	focus []string // ids of the fields that took the keyboard
	mount app.Composer
}

func open(t *testing.T, address string, prepare func(*client.Fake), page func(Deps) app.Composer) *stage {
	t.Helper()
	s := &stage{Fake: client.NewFake()}
	vendor := func(name, title string, whole bool) wire.Vendor {
		return wire.Vendor{
			Name: name, Title: title, Account: wire.Field{Name: "account", Label: "Account"},
			Credentials:  []wire.Field{{Name: "key", Label: "Key", Secret: true}},
			Regions:      []wire.Region{{Name: "eu", Label: "Europe"}, {Name: "demo", Label: "Demo", Demo: true}},
			Capabilities: wire.Capabilities{Whole: whole},
		}
	}
	s.Config = wire.Vendors{Demo: true, Vendors: []wire.Vendor{vendor("algolia", "Algolia", true), vendor("deepset", "deepset", false)}}
	if prepare != nil {
		prepare(s.Fake)
	}
	s.deps = Deps{
		Client: client.New(s.Do), Now: func() time.Time { return noon },
		Navigate: func(_ app.Context, to string) { s.went = append(s.went, to) },
		Focus:    func(id string) { s.focus = append(s.focus, id) },
	}
	s.mount = page(s.deps)
	s.disp = app.NewClientTester(s.mount)
	t.Cleanup(s.disp.Close)
	u, err := url.Parse("https://logpane.example" + address)
	if err != nil {
		t.Fatal(err)
	}
	s.disp.Nav(u)
	s.disp.Consume()
	return s
}

// html returns what the page shows now.
func (s *stage) html() string {
	s.disp.Consume()
	s.mount.Update()
	s.disp.Consume()
	return app.HTMLString(s.mount)
}

func (s *stage) asked(method, path string) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Method == method && c.Path == path {
			n++
		}
	}
	return n
}

func algoliaConn(f *client.Fake) {
	f.Conns = append(f.Conns, wire.Connection{ID: "a1", Vendor: "algolia", Region: "eu", Account: "APP", Address: "algolia/eu/APP", Verified: noon.Add(-time.Minute)})
}

func openHome(t *testing.T, prepare func(*client.Fake)) (*stage, *home) {
	s := open(t, "/", prepare, func(d Deps) app.Composer { return &home{deps: d} })
	return s, s.mount.(*home)
}

func TestHome_FirstVisit(t *testing.T) {
	s, _ := openHome(t, nil)
	html := s.html()
	for _, want := range []string{"Try all two", "Connect your account", `href="/connect?vendor=algolia"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	if strings.Contains(html, "Your connections") {
		t.Error("an empty list of connections is drawn")
	}
}

func TestHome_DemoConnectsAndOpens(t *testing.T) {
	s, p := openHome(t, func(f *client.Fake) {
		f.Picks["c2"] = []wire.Target{{Address: "deepset/demo/demo/pipelines/rag"}, {Address: "deepset/demo/demo/pipelines/x", Unread: "no right"}}
	})
	p.on(nil, part.DemoChosen{})
	s.disp.Consume()
	if !slices.Equal(s.went, []string{"/logs?src=algolia/demo/demo,deepset/demo/demo/pipelines/rag"}) {
		t.Errorf("went to %q", s.went)
	}
	p.on(nil, part.DemoChosen{Vendor: "algolia"})
	s.disp.Consume()
	if n := s.asked("POST", wire.PathConnections); n != 3 {
		t.Errorf("%d connections asked for, want 3: the page does not know yet that one is there", n)
	}
}

func TestHome_DemoOpensWhatRuns(t *testing.T) {
	target := func(name, status, unread string) wire.Target {
		return wire.Target{Address: "deepset/demo/demo/pipelines/" + name, Status: status, Unread: unread}
	}
	for name, c := range map[string]struct {
		targets []wire.Target
		want    []string
	}{
		"those that run, in the vendor's order": {[]wire.Target{
			target("draft", "UNDEPLOYED", ""), target("a", "DEPLOYED", ""), target("locked", "DEPLOYED", "no right"), target("b", "DEPLOYED", ""), target("c", "DEPLOYED", ""),
		}, []string{"a", "b"}},
		"no filling up with what does not run": {[]wire.Target{target("failed", "FAILED", ""), target("a", "DEPLOYED", "")}, []string{"a"}},
		"an unstated state":                    {[]wire.Target{target("draft", "UNDEPLOYED", ""), target("a", "", "")}, []string{"a"}},
		"nothing runs":                         {[]wire.Target{target("a", "FAILED", ""), target("b", "UNDEPLOYED", ""), target("c", "FAILED", "")}, []string{"a", "b"}},
		"nothing can be read":                  {[]wire.Target{target("a", "DEPLOYED", "no right")}, nil},
	} {
		var got []string
		for _, a := range likely(c.targets) {
			got = append(got, a[strings.LastIndexByte(a, '/')+1:])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHome_DemoVendorsStandInTheOrderOfTheFirstLook(t *testing.T) {
	p := &home{}
	p.vendors.Value.Demo = true
	for _, name := range []string{"algolia", "coveo", "deepset", "elasticpath", "moltin", "another"} {
		p.vendors.Value.Vendors = append(p.vendors.Value.Vendors, wire.Vendor{Name: name, Regions: []wire.Region{{Name: "demo", Demo: true}}})
	}
	var got []string
	for _, v := range p.demos() {
		got = append(got, v.Name)
	}
	if !slices.Equal(got, []string{"elasticpath", "algolia", "coveo", "deepset", "moltin", "another"}) {
		t.Errorf("%q", got)
	}
}

func TestHome_DemoIsNotConnectedTwice(t *testing.T) {
	s, p := openHome(t, func(f *client.Fake) {
		f.Conns = []wire.Connection{{ID: "d", Vendor: "algolia", Region: "demo", Account: "demo", Address: "algolia/demo/demo", Demo: true}}
	})
	p.on(nil, part.DemoChosen{Vendor: "algolia"})
	s.disp.Consume()
	if n := s.asked("POST", wire.PathConnections); n != 0 || len(s.went) != 1 {
		t.Errorf("%d connections made, went to %q", n, s.went)
	}
}

func TestHome_DemoFailureStaysInPlace(t *testing.T) {
	s, p := openHome(t, nil)
	s.Fail("POST", wire.PathConnections, fault.New(fault.Unavailable, "").Saying("the simulated vendors are down"))
	p.on(nil, part.DemoChosen{})
	if html := s.html(); len(s.went) != 0 || !strings.Contains(html, "The simulated vendors are down.") {
		t.Errorf("went to %q, shows %s", s.went, html)
	}
}

func TestHome_ForgetAsksFirst(t *testing.T) {
	s, p := openHome(t, algoliaConn)
	p.on(nil, part.ForgetAsked{ID: "a1"})
	if html := s.html(); !strings.Contains(html, "drops the credential") || len(s.Conns) != 1 {
		t.Fatal("a connection is forgotten without a question")
	}
	s.Fail("DELETE", wire.PathConnections+"/a1", fault.New(fault.Internal, "").Saying("the store is down"))
	p.on(nil, part.ForgetGiven{ID: "a1"})
	if html := s.html(); !strings.Contains(html, "The store is down.") || !strings.Contains(html, "APP") {
		t.Error("a failed forget is not told in its card")
	}
	p.on(nil, part.ForgetGiven{ID: "a1"})
	if html := s.html(); strings.Contains(html, "Your connections") || len(s.Conns) != 0 {
		t.Error("the connection is still there")
	}
}

func TestHome_LogoutAsksFirst(t *testing.T) {
	s, p := openHome(t, algoliaConn)
	p.on(nil, part.LogoutAsked{})
	if html := s.html(); !strings.Contains(html, "forgets all these connections") || len(s.Conns) != 1 {
		t.Fatal("logged out without a question")
	}
	p.on(nil, part.LogoutLeft{})
	if html := s.html(); strings.Contains(html, "forgets all these connections") {
		t.Error("the question stays")
	}
	p.on(nil, part.LogoutAsked{})
	s.Fail("DELETE", wire.PathSession, fault.New(fault.Internal, "").Saying("the store is down"))
	p.on(nil, part.LogoutGiven{})
	if html := s.html(); !strings.Contains(html, "The store is down.") || !strings.Contains(html, "APP") {
		t.Error("a failure is not told")
	}
	p.on(nil, part.LogoutGiven{})
	if html := s.html(); strings.Contains(html, "Your connections") || strings.Contains(html, "Log out") || len(s.Conns) != 0 {
		t.Error("the connections are still there")
	}
}

func TestHome_PickTargets(t *testing.T) {
	s, p := openHome(t, func(f *client.Fake) {
		algoliaConn(f)
		f.Picks["a1"] = []wire.Target{{Address: "algolia/eu/APP/indices/products", Label: "products"}, {Address: "algolia/eu/APP/indices/fr", Label: "fr"}}
	})
	p.on(nil, part.PickToggled{ID: "a1"})
	s.disp.Consume()
	for _, a := range []string{"algolia/eu/APP/indices/products", "algolia/eu/APP/indices/fr", "algolia/eu/APP/indices/products"} {
		p.on(nil, part.Marked{ID: "a1", Address: a})
	}
	if !strings.Contains(s.html(), "Open 1 target") {
		t.Error("the button does not say what it opens")
	}
	p.on(nil, part.MarkedOpened{ID: "a1"})
	if !slices.Equal(s.went, []string{"/logs?src=algolia/eu/APP/indices/fr"}) {
		t.Errorf("went to %q", s.went)
	}
}

func openConnect(t *testing.T, address string) (*stage, *connect) {
	s := open(t, address, nil, func(d Deps) app.Composer { return &connect{deps: d} })
	return s, s.mount.(*connect)
}

func TestConnect_PrefilledFromTheAddress(t *testing.T) {
	s, p := openConnect(t, "/connect?vendor=algolia&region=demo&account=APP&next=%2Flogs%3Fsrc%3Dalgolia%2Fdemo%2FAPP")
	html := s.html()
	if !strings.Contains(html, "Connect Algolia") || !strings.Contains(html, `value="APP"`) || p.region != "demo" {
		t.Errorf("region %q in %s", p.region, html)
	}
	v := vendorNamed(s.Config, "algolia")
	p.post(v, wire.Connect{Vendor: "algolia", Region: "demo", Account: "APP", Credentials: map[string]string{"key": "k"}})
	s.disp.Consume()
	if !slices.Equal(s.went, []string{"/logs?src=algolia/demo/APP"}) {
		t.Errorf("went to %q", s.went)
	}
}

func TestConnect_NextStaysInside(t *testing.T) {
	for _, next := range []string{"https://evil.example/logs", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/connect", "/logsx"} {
		if got := inside(next); got != "" {
			t.Errorf("inside(%q) = %q", next, got)
		}
	}
	if got := inside("/logs?q=a+b"); got != "/logs?q=a+b" {
		t.Errorf("inside = %q", got)
	}
}

func TestConnect_RefusalNamesTheRight(t *testing.T) {
	const secret = "s3cr3t-key"
	s, p := openConnect(t, "/connect?vendor=algolia")
	s.Fail("POST", wire.PathConnections, fault.New(fault.Forbidden, "").Saying(`this API key lacks the ACL "logs"`).Quoting("not allowed"))
	p.post(vendorNamed(s.Config, "algolia"), wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP", Credentials: map[string]string{"key": secret}})
	html := s.html()
	if !strings.Contains(html, "This API key lacks the ACL") || !strings.Contains(html, "not allowed") || len(s.went) != 0 {
		t.Errorf("went to %q, shows %s", s.went, html)
	}
	if strings.Contains(html, secret) {
		t.Error("the credential is on the page")
	}
}

func TestConnect_MissingFieldIsNotSent(t *testing.T) {
	s, p := openConnect(t, "/connect?vendor=algolia")
	v := vendorNamed(s.Config, "algolia")
	p.post(v, wire.Connect{Vendor: "algolia", Region: "eu", Account: "APP"})
	if html := s.html(); s.asked("POST", wire.PathConnections) != 0 || p.missing != "key" || !strings.Contains(html, "This is needed.") {
		t.Errorf("missing %q", p.missing)
	}
}

func TestConnect_TheFirstEmptyFieldHasTheKeyboard(t *testing.T) {
	for address, want := range map[string]string{
		"/connect":                            "",
		"/connect?vendor=nobody":              "",
		"/connect?vendor=algolia":             part.IDAccount,
		"/connect?vendor=algolia&account=APP": part.IDCredential("key"),
	} {
		s, _ := openConnect(t, address)
		s.html()
		got := ""
		if n := len(s.focus); n > 0 {
			got = s.focus[n-1]
		}
		if got != want {
			t.Errorf("%s: %q has the keyboard, want %q", address, got, want)
		}
	}
}

func TestConnect_WithoutNextGoesToWhatCanBeRead(t *testing.T) {
	s, p := openConnect(t, "/connect?vendor=deepset")
	s.Picks["c1"] = []wire.Target{{Address: "deepset/eu/W/pipelines/rag"}}
	p.post(vendorNamed(s.Config, "deepset"), wire.Connect{Vendor: "deepset", Region: "eu", Account: "W", Credentials: map[string]string{"key": "k"}})
	s.disp.Consume()
	if !slices.Equal(s.went, []string{"/logs?src=deepset/eu/W/pipelines/rag"}) {
		t.Errorf("went to %q", s.went)
	}
}

func TestLost_SaysTheAddress(t *testing.T) {
	s := open(t, "/no/such?x=1", nil, func(Deps) app.Composer { return &lost{} })
	if html := s.html(); !strings.Contains(html, "/no/such") || !strings.Contains(html, `href="/"`) {
		t.Errorf("shows %s", html)
	}
}

// pages gives a fake two pages of entries.
func pages(f *client.Fake) {
	algoliaConn(f)
	for p := range 2 {
		page := wire.Page{Coverage: []alogs.Coverage{{Src: "algolia/eu/APP", From: noon.Add(-time.Hour), State: alogs.More}}, Scanned: 50}
		for i := range 50 {
			n := p*50 + i
			e := alogs.Entry{ID: "e" + strconv.Itoa(n), Src: "algolia/eu/APP", Time: noon.Add(-time.Duration(n) * time.Minute), Summary: "entry " + strconv.Itoa(n), Raw: json.RawMessage(`{ "n": ` + strconv.Itoa(n) + `}`)}
			if n%10 == 3 {
				e.Level = alogs.LevelError
			}
			page.Entries = append(page.Entries, e)
		}
		key := ""
		if p == 0 {
			page.Cursor = "second"
		} else {
			key = "second"
			page.Coverage[0].State, page.Coverage[0].Reason = alogs.Capped, "Algolia keeps no more"
		}
		f.Pages[key] = page
	}
}

func openLogs(t *testing.T, address string, prepare func(*client.Fake)) (*stage, *logs) {
	s := open(t, address, prepare, func(d Deps) app.Composer { return newLogs(d) })
	return s, s.mount.(*logs)
}

func TestLogs_ShowsAndWalksToTheEnd(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	html := s.html()
	for _, want := range []string{`role="grid"`, `aria-rowcount="51"`, `role="searchbox"`, `aria-label="Coverage"`, `role="status"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(html, `role="complementary"`) {
		t.Error("details are open")
	}
	p.on(nil, viewer.MoreAsked{})
	s.disp.Consume()
	if html := s.html(); !strings.Contains(html, `aria-rowcount="101"`) || !strings.Contains(html, "Algolia keeps no more.") {
		t.Errorf("the end does not say why: %s", html)
	}
}

func TestLogs_KeysWalkAndOpen(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	for _, cmd := range []command{cmdDown, cmdDown, cmdNextError, cmdOpen} {
		p.command(cmd, false)
	}
	if p.m.Open() != 3 || p.entry.ID != "e3" {
		t.Fatalf("row %d is open, entry %q", p.m.Open(), p.entry.ID)
	}
	if html := s.html(); !strings.Contains(html, `role="complementary"`) || !strings.Contains(html, "entry 3") {
		t.Error("the details are not drawn")
	}
	if got := p.text("raw"); got != `{ "n": 3}` {
		t.Errorf("raw copy %q is not byte for byte", got)
	}
	p.command(cmdDown, false)
	if p.entry.ID != "e4" {
		t.Errorf("details did not move along: %q", p.entry.ID)
	}
	p.command(cmdClose, false)
	if p.m.Open() >= 0 || p.m.Focused() != 4 {
		t.Errorf("Escape closed more or less than the panel: open %d, focused %d", p.m.Open(), p.m.Focused())
	}
	p.command(cmdClose, false)
	if p.m.Focused() != -1 {
		t.Error("the second Escape kept the selection")
	}
}

func TestLogs_EscapeClosesOneLayerAtATime(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	p.command(cmdDown, false)
	p.command(cmdOpen, false)
	p.command(cmdKeys, false)
	if html := s.html(); !strings.Contains(html, `aria-label="Keys"`) {
		t.Fatal("the sheet is not drawn")
	}
	p.command(cmdClose, false)
	if p.menu != part.NoMenu || p.m.Open() < 0 {
		t.Error("Escape closed the panel under the sheet")
	}
}

func TestLogs_WrongFilterKeepsRowsAndAsksNobody(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	asked := s.asked("GET", wire.PathLogs)
	for _, when := range []func(){func() { p.typed(part.Typed{ID: part.IDSearch}, "((") }, func() { p.submit("((") }} {
		when()
		html := s.html()
		if !strings.Contains(html, "column 3:") || !strings.Contains(html, `aria-rowcount="51"`) || !strings.Contains(html, `aria-invalid`) {
			t.Errorf("shows %s", html)
		}
	}
	if n := s.asked("GET", wire.PathLogs); n != asked {
		t.Errorf("the server was asked %d times more", n-asked)
	}
	p.submit("ok")
	if html := s.html(); strings.Contains(html, "column 3:") {
		t.Error("the error outlives its filter")
	}
}

func TestLogs_FilterThatTheServerRefusesIsToldOnce(t *testing.T) {
	for name, prepare := range map[string]func(*client.Fake){"rows": pages, "no rows": algoliaConn} {
		s, p := openLogs(t, "/logs?src=algolia/eu/APP", prepare)
		s.Fail("GET", wire.PathLogs, &fault.Error{Kind: fault.Invalid, Msg: "no unit is called parsecs", Column: 7})
		p.submit("took:>2")
		if html := s.html(); strings.Count(html, "o unit is called parsecs") != 1 || strings.Contains(html, `data-state="complete"`) {
			t.Errorf("%s: shows %s", name, html)
		}
	}
}

func TestLogs_RefusedFilterIsNotTriedAgainUnchanged(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	s.Fail("GET", wire.PathLogs, fault.New(fault.Invalid, "").Saying("q is longer than 4096 bytes"))
	p.submit("long")
	html := s.html()
	for want, there := range map[string]bool{"q is longer than 4096 bytes.": true, "Q is longer": false, "Edit the filter": true, "Try again": false} {
		if strings.Contains(html, want) != there {
			t.Errorf("%q: want %t in %s", want, there, html)
		}
	}
}

func TestLogs_MissingConnectionOffersItsForm(t *testing.T) {
	s, p := openLogs(t, "/logs?src=deepset/eu/W/pipelines/rag&q=x", nil)
	html := s.html()
	for _, want := range []string{"Connect deepset to see this", `value="W"`, part.IDCredential("key")} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	p.act(viewer.ActConnect)
	if s.html(); len(s.went) != 0 {
		t.Errorf("went to %q, and the form is here", s.went)
	}
}

func TestLogs_DemoConnectsWhatTheViewNeedsAndStays(t *testing.T) {
	s, p := openLogs(t, "/logs?q=level:error&src=deepset/demo/demo/pipelines/rag", nil)
	if html := s.html(); !strings.Contains(html, "Try the demo") {
		t.Fatalf("shows %s", html)
	}
	before := s.asked("GET", wire.PathLogs)
	s.Fail("POST", wire.PathConnections, fault.New(fault.Unavailable, "").Saying("the simulated vendors are down"))
	p.on(nil, part.ActionGiven{Action: viewer.ActDemo})
	if html := s.html(); !strings.Contains(html, "The simulated vendors are down.") || len(s.Conns) != 0 {
		t.Fatalf("a refused demo is not told in place: %s", html)
	}
	p.on(nil, part.ActionGiven{Action: viewer.ActDemo})
	html := s.html()
	if len(s.Conns) != 1 || s.Conns[0].Vendor != "deepset" || !s.Conns[0].Demo {
		t.Errorf("connected %+v, want the demo of deepset alone", s.Conns)
	}
	if n := s.asked("GET", wire.PathLogs) - before; len(s.went) != 0 || n != 1 || p.m.View().Query != "level:error" {
		t.Errorf("went to %q, searched %d times, filter %q", s.went, n, p.m.View().Query)
	}
	if strings.Contains(html, "are down") || strings.Contains(html, "Try the demo") {
		t.Errorf("still offers the demo: %s", html)
	}
}

func TestLogs_DemoOfAViewWithoutDemoTargetsIsOnTheFirstPage(t *testing.T) {
	s, p := openLogs(t, "/logs?src=deepset/eu/W/pipelines/rag", nil)
	p.act(viewer.ActDemo)
	s.disp.Consume()
	if !slices.Equal(s.went, []string{"/"}) || len(s.Conns) != 0 {
		t.Errorf("went to %q, connected %+v", s.went, s.Conns)
	}
}

func TestLogs_DemoMarkStandsWhereATargetIsSimulated(t *testing.T) {
	simulated := func(f *client.Fake) {
		pages(f)
		f.Conns = append(f.Conns, wire.Connection{ID: "d", Vendor: "deepset", Region: "eu", Account: "W", Address: "deepset/eu/W", Demo: true})
	}
	for src, want := range map[string]bool{
		"algolia/eu/APP":                             false,
		"algolia/demo/demo":                          true,
		"algolia/eu/APP,deepset/eu/W/pipelines/rag":  true,
		"algolia/eu/APP,deepset/eu/W2/pipelines/rag": false,
	} {
		s, _ := openLogs(t, "/logs?src="+src, simulated)
		if got := strings.Contains(s.html(), ">DEMO<"); got != want {
			t.Errorf("%s: mark %t, want %t", src, got, want)
		}
	}
}

func TestLogs_ForgottenElsewhereKeepsRows(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	s.Conns = nil
	s.Fail("GET", wire.PathLogs, fault.New(fault.Unauthenticated, "").Saying("not connected"))
	p.on(nil, viewer.Reloaded{})
	s.disp.Consume()
	html := s.html()
	if !strings.Contains(html, `aria-rowcount="51"`) || !strings.Contains(html, "which this session is not connected to") || !strings.Contains(html, "Connect Algolia") {
		t.Errorf("shows %s", html)
	}
}

func TestLogs_StrangeAddressIsTold(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP&frobnicate=1&tz=Mars/Olympus", pages)
	html := s.html()
	if !strings.Contains(html, "frobnicate") || !strings.Contains(html, "Mars/Olympus") {
		t.Errorf("shows %s", html)
	}
	p.on(nil, part.NoticesClosed{})
	if strings.Contains(s.html(), "“frobnicate” is not known") {
		t.Error("the notice stays")
	}
}

func TestLogs_TimeBoxSaysHowItReads(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	p.on(nil, part.MenuToggled{Menu: part.MenuSpan})
	p.typed(part.Typed{ID: part.IDSpan}, "08:00-09:30")
	if html := s.html(); !strings.Contains(html, "21 Nov 2026 08:00 to 21 Nov 2026 09:30") {
		t.Errorf("shows %s", html)
	}
	p.spanGiven("nonsense")
	if html := s.html(); !strings.Contains(html, "is no time") || p.menu != part.MenuSpan {
		t.Error("a time that cannot be read is not refused in place")
	}
	p.spanGiven("2h")
	if p.m.View().From != "now-2h" || p.menu != part.NoMenu {
		t.Errorf("from = %q", p.m.View().From)
	}
}

func TestLogs_PickerStartsFromTheView(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", func(f *client.Fake) {
		pages(f)
		f.Picks["a1"] = []wire.Target{{Address: "algolia/eu/APP/indices/products", Label: "products"}}
	})
	p.on(nil, part.MenuToggled{Menu: part.MenuTargets})
	if html := s.html(); !strings.Contains(html, "products") || !strings.Contains(html, "Show 1 target") {
		t.Fatalf("shows %s", html)
	}
	p.on(nil, part.Picked{Address: "algolia/eu/APP/indices/products"})
	p.on(nil, part.PicksGiven{})
	s.disp.Consume()
	if got := p.m.View().Src; !slices.Equal(got, []string{"algolia/eu/APP", "algolia/eu/APP/indices/products"}) {
		t.Errorf("src = %q", got)
	}
}
