//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// The browser tests hold on to what a person or a screen reader has: roles,
// names, labels and text, and the few attributes that the table promises. How
// the page looks or is built is none of their business.

// patience is how long a page may take to show what it should, on a machine
// that does several things at once.
const patience = 20 * time.Second

// tab is a page in a browser profile of its own. What the page or the
// network complains about fails the test, unless it was expected.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu         sync.Mutex
	complaints []string
	expected   []string
	asked      map[network.RequestID]string // address of requests for entries
	answered   []network.RequestID          // those of them whose answer is there
}

// chromium is the one browser process of all tests, nil until one needs it.
var chromium struct {
	sync.Mutex
	ctx  context.Context
	stop func()
}

// TestMain ends the browser when all tests are done.
func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(code)
}

// process returns the running browser.
func process(t *testing.T) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx == nil {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.WindowSize(1280, 800), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
		ctx, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, stop := chromedp.NewContext(ctx)
		if err := chromedp.Run(ctx); err != nil {
			stopAll()
			t.Fatalf("Chromium does not start: %v", err)
		}
		chromium.ctx, chromium.stop = ctx, func() { _ = chromedp.Cancel(ctx); stop(); stopAll() }
	}
	return chromium.ctx
}

// browse opens a profile of its own, on no page yet.
func browse(t *testing.T, base string) *tab {
	t.Helper()
	b := &tab{t: t, base: base, asked: map[network.RequestID]string{}}
	all := process(t)
	browserCtx := cdp.WithExecutor(all, chromedp.FromContext(all).Browser)
	profile, err := target.CreateBrowserContext().Do(browserCtx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := target.DisposeBrowserContext(profile).Do(browserCtx); err != nil {
			t.Errorf("dropping the profile: %v", err)
		}
	})
	// A profile has no window to open a tab in.
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(profile).WithNewWindow(true).WithWidth(1280).WithHeight(800).Do(browserCtx)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(all, chromedp.WithTargetID(id))
	t.Cleanup(cancel)
	b.ctx = ctx
	t.Cleanup(b.close)
	chromedp.ListenTarget(ctx, b.listen)
	b.run(log.Enable(), runtime.Enable(), network.Enable().WithMaxTotalBufferSize(200<<20).WithMaxResourceBufferSize(50<<20), dom.Enable(),
		emulation.SetFocusEmulationEnabled(true), emulation.SetTimezoneOverride("UTC"),
		emulation.SetDeviceMetricsOverride(1280, 800, 1, false))
	permissions := []browser.PermissionType{browser.PermissionTypeClipboardReadWrite, browser.PermissionTypeClipboardSanitizedWrite}
	if err := browser.GrantPermissions(permissions).WithOrigin(base).WithBrowserContextID(profile).Do(browserCtx); err != nil {
		t.Fatal(err)
	}
	return b
}

// close looks at what went wrong, keeps a picture of it, and drops the profile.
func (b *tab) close() {
	b.mu.Lock()
	for _, c := range b.complaints {
		if !slices.ContainsFunc(b.expected, func(e string) bool { return strings.Contains(c, e) }) {
			b.t.Errorf("the browser complains: %s", c)
		}
	}
	b.mu.Unlock()
	if b.t.Failed() {
		b.keepPicture()
	}
	if err := chromedp.Cancel(b.ctx); err != nil { // waits for the tab to be gone
		b.t.Errorf("closing the tab: %v", err)
	}
}

func (b *tab) keepPicture() {
	var png []byte
	var text string
	if err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot(&png), chromedp.Evaluate(`location.href + "\n" + document.body.innerText`, &text)); err != nil {
		b.t.Logf("no picture of the failure: %v", err)
		return
	}
	dir, err := os.MkdirTemp("", "logpane-e2e-")
	if err != nil {
		b.t.Logf("no picture of the failure: %v", err)
		return
	}
	path := filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "_")+".png")
	if err := os.WriteFile(path, png, 0o600); err != nil {
		b.t.Logf("no picture of the failure: %v", err)
		return
	}
	b.t.Logf("picture of the failure: %s; the page at %.1500s", path, text)
}

// listen takes what the browser tells of the page.
func (b *tab) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	complain := func(format string, args ...any) { b.complaints = append(b.complaints, fmt.Sprintf(format, args...)) }
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		complain("exception: %v", ev.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.APITypeError || ev.Type == runtime.APITypeWarning || ev.Type == runtime.APITypeAssert {
			var text strings.Builder
			for _, arg := range ev.Args {
				text.WriteString(" " + string(arg.Value) + arg.Description)
			}
			complain("console:%s", text.String())
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.LevelError || ev.Entry.Level == log.LevelWarning {
			complain("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if _, ours := ev.Request.Headers[byTest]; !ours && strings.HasPrefix(ev.Request.URL, b.base+wire.PathLogs+"?") {
			b.asked[ev.RequestID] = ev.Request.URL
		}
		if !strings.HasPrefix(ev.Request.URL, b.base+"/") && !strings.HasPrefix(ev.Request.URL, "data:") {
			complain("request to another place: %s", ev.Request.URL)
		}
	case *network.EventLoadingFinished:
		if _, ok := b.asked[ev.RequestID]; ok {
			b.answered = append(b.answered, ev.RequestID)
		}
	case *network.EventLoadingFailed:
		if !ev.Canceled {
			complain("request failed: %s %s", ev.ErrorText, ev.BlockedReason)
		}
	}
}

// expect says that complaints with that text are part of the test.
func (b *tab) expect(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, text)
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval evaluates an expression in the page; a promise is waited for.
func (b *tab) eval(expression string, out any) {
	b.t.Helper()
	if err := b.try(expression, out); err != nil {
		b.t.Fatalf("%v in %.300s", err, expression)
	}
}

func (b *tab) try(expression string, out any) error {
	return chromedp.Run(b.ctx, chromedp.Evaluate(expression, out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
}

// until asks again and again until the answer is yes. What is said of a no is
// told when patience ends.
func (b *tab) until(what string, yes func() (bool, string)) {
	b.t.Helper()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		ok, says := yes()
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("waited %v for %s: %s", patience, what, says)
		}
	}
}

// holds waits until an expression is true. While a page is being left it cannot
// be evaluated, which is no yet.
func (b *tab) holds(what, expression string) {
	b.t.Helper()
	b.until(what, func() (bool, string) {
		var ok bool
		err := b.try(`!!(`+expression+`)`, &ok)
		return ok, fmt.Sprint(err)
	})
}

// text returns what a person can read on the page.
func (b *tab) text() string {
	var text string
	if err := b.try(`document.body.innerText`, &text); err != nil {
		return err.Error()
	}
	return text
}

// sees waits until all these texts are on the page.
func (b *tab) sees(texts ...string) {
	b.t.Helper()
	for _, want := range texts {
		b.until(fmt.Sprintf("the text %q", want), func() (bool, string) {
			text := b.text()
			return strings.Contains(text, want), "the page says " + text
		})
	}
}

// visit goes to an address of ours, as by typing it.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.base + path))
	b.holds("the page to mount", mounted)
}

const mounted = `document.querySelector("main")`

// address returns where the page is, without the server's part.
func (b *tab) address() *url.URL {
	b.t.Helper()
	var href string
	b.eval(`location.href`, &href)
	u, err := url.Parse(href)
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// at waits until the page is at a path.
func (b *tab) at(path string) {
	b.t.Helper()
	b.holds("the path "+path, `location.pathname === `+quote(path))
}

// node is an element as assistive technology knows it.
type node struct {
	id   cdp.BackendNodeID
	name string
}

// find returns the elements of a role and a name, within one or in the whole
// page. A name that ends in * stands for all that begin so.
func (b *tab) find(within cdp.BackendNodeID, role, name string) []node {
	var out []node
	_ = chromedp.Run(b.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		query := accessibility.QueryAXTree().WithRole(role)
		if within != 0 {
			query = query.WithBackendNodeID(within)
		} else {
			root, _, err := runtime.Evaluate(`document`).Do(ctx)
			if err != nil {
				return err
			}
			query = query.WithObjectID(root.ObjectID)
		}
		found, err := query.Do(ctx)
		if err != nil {
			return err // the page is being replaced
		}
		begin, some := strings.CutSuffix(name, "*")
		for _, n := range found {
			var called string
			if n.Name != nil {
				_ = json.Unmarshal(n.Name.Value, &called)
			}
			if !n.Ignored && (called == name || some && strings.HasPrefix(called, begin)) {
				out = append(out, node{n.BackendDOMNodeID, called})
			}
		}
		return nil
	}))
	return out
}

// one waits for the element of a role and a name, of which there must be one.
func (b *tab) one(within cdp.BackendNodeID, role, name string) node {
	b.t.Helper()
	var found []node
	b.until(fmt.Sprintf("one %s named %q", role, name), func() (bool, string) {
		found = b.find(within, role, name)
		return len(found) == 1, fmt.Sprintf("there are %d; the page says %s", len(found), b.text())
	})
	return found[0]
}

// none waits until there is no element of that role and name.
func (b *tab) none(role, name string) {
	b.t.Helper()
	b.until(fmt.Sprintf("no %s named %q", role, name), func() (bool, string) {
		n := len(b.find(0, role, name))
		return n == 0, fmt.Sprintf("there are %d", n)
	})
}

// call calls a function on an element.
func (b *tab) call(n node, function string, out any) error {
	return chromedp.Run(b.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		obj, err := dom.ResolveNode().WithBackendNodeID(n.id).Do(ctx)
		if err != nil {
			return err
		}
		return chromedp.CallFunctionOn(function, out, func(p *runtime.CallFunctionOnParams) *runtime.CallFunctionOnParams {
			return p.WithObjectID(obj.ObjectID)
		}).Do(ctx)
	}))
}

// click clicks with the mouse in the middle of the element of a role and a
// name, once nothing covers it.
func (b *tab) click(role, name string) { b.t.Helper(); b.clickIn(0, role, name) }

func (b *tab) clickIn(within cdp.BackendNodeID, role, name string) {
	b.t.Helper()
	b.until(fmt.Sprintf("a %s named %q to click", role, name), func() (bool, string) {
		found := b.find(within, role, name)
		if len(found) != 1 {
			return false, fmt.Sprintf("there are %d; the page says %s", len(found), b.text())
		}
		var at struct {
			X, Y float64
			Free bool
		}
		err := b.call(found[0], `function() {
			this.scrollIntoView({block: "nearest"});
			const r = this.getBoundingClientRect(), X = r.x + r.width / 2, Y = r.y + r.height / 2;
			const top = document.elementFromPoint(X, Y);
			return {X, Y, Free: !this.disabled && !!top && (this.contains(top) || top.contains(this))};
		}`, &at)
		if err != nil || !at.Free {
			return false, fmt.Sprintf("it is off or covered %v", err)
		}
		err = chromedp.Run(b.ctx, mouse(at.X, at.Y))
		return err == nil, fmt.Sprint(err)
	})
}

// mouse moves the mouse to a place and clicks there.
func mouse(x, y float64) chromedp.Action {
	return chromedp.Tasks{chromedp.MouseEvent(input.MouseMoved, x, y), chromedp.MouseClickXY(x, y)}
}

// press presses keys.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.run(chromedp.KeyEvent(k))
	}
}

// fill types into a field in place of what it holds.
func (b *tab) fill(role, name, text string) {
	b.t.Helper()
	b.click(role, name)
	n := b.one(0, role, name)
	if err := b.call(n, `function() { this.select() }`, nil); err != nil {
		b.t.Fatal(err)
	}
	b.press(text)
	b.until("the text in "+name, func() (bool, string) {
		var got string
		err := b.call(n, `function() { return this.value }`, &got)
		return got == text, fmt.Sprintf("it holds %q %v", got, err)
	})
}

// byTest is the header of requests that the page did not make.
const byTest = "By-Test"

// api asks the server from within the page, with the browser's session.
func (b *tab) api(path string, out any) {
	b.t.Helper()
	var answer struct {
		Status int
		Body   string
	}
	b.eval(`fetch(`+quote(path)+`, {headers: {`+quote(wire.Header)+`: "1", `+quote(byTest)+`: "1"}}).then(async (r) => ({Status: r.status, Body: await r.text()}))`, &answer)
	if answer.Status != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s", path, answer.Status, answer.Body)
	}
	if err := json.Unmarshal([]byte(answer.Body), out); err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
}

// received returns the answers with entries that the page got so far, except
// those that a test asked for.
func (b *tab) received() []wire.Page {
	b.t.Helper()
	b.mu.Lock()
	ids := slices.Clone(b.answered)
	b.mu.Unlock()
	var out []wire.Page
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		for _, id := range ids {
			body, err := network.GetResponseBody(id).Do(ctx)
			if err != nil {
				continue // of a page that was left
			}
			var page wire.Page
			if err := json.Unmarshal(body, &page); err == nil && page.Entries != nil {
				out = append(out, page)
			}
		}
		return nil
	}))
	return out
}

// clipboard returns the text on the clipboard.
func (b *tab) clipboard() string {
	b.t.Helper()
	var text string
	b.eval(`navigator.clipboard.readText()`, &text)
	return text
}

func quote(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(q)
}

// demo starts the program with the simulated vendors, in which nothing happens
// but what the test does: as region "demo" with a click, and as region "sim"
// with credentials.
func demo(t *testing.T, args ...string) (*program, *simulate.Server) {
	t.Helper()
	sim, flags := simulated(t, simulate.Options{Seed: 5})
	return start(t, t.TempDir(), append(append([]string{"--demo", "--demo-rate", "0"}, flags...), args...)...), sim
}

// signedIn gives the browser the session of a user.
func (b *tab) signedIn(u *user) {
	b.t.Helper()
	for _, c := range u.http.Jar.Cookies(mustURL(b.t, u.base)) {
		b.run(network.SetCookie(c.Name, c.Value).WithURL(u.base).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteStrict))
	}
}

// connected starts the program and a browser whose session is connected to
// these vendors as region "sim", and returns the addresses that are read of
// them, in that order.
func connected(t *testing.T, vendors ...string) (*tab, *simulate.Server, []string) {
	t.Helper()
	p, sim := demo(t)
	u := p.user(t)
	var src []string
	for _, v := range vendors {
		a := accounts[slices.IndexFunc(accounts, func(a account) bool { return a.vendor == v })]
		src = append(src, address(u.connect(v, "sim", a.account, a.creds), a.path...))
	}
	b := browse(t, p.base)
	b.signedIn(u)
	return b, sim, src
}
