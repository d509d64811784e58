//go:build e2e

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
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
const patience = 40 * time.Second

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

// demo starts the program with the simulated vendors, in which nothing happens
// but what the test does: as region "demo" with a click, and as region "sim"
// with credentials.
func demo(t *testing.T) *program {
	t.Helper()
	_, flags := simulated(t, simulate.Options{Seed: 5})
	return start(t, t.TempDir(), append([]string{"--demo", "--demo-rate", "0"}, flags...)...)
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
	return connectedTo(t, simulate.Options{Seed: 5}, vendors...)
}

// connectedTo is connected for simulators with other options.
func connectedTo(t *testing.T, o simulate.Options, vendors ...string) (*tab, *simulate.Server, []string) {
	t.Helper()
	sim, flags := simulated(t, o)
	p := start(t, t.TempDir(), flags...)
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
