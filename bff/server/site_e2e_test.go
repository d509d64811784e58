//go:build e2e

package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/static"
)

// openTab starts Chromium with a fresh profile and returns its tab, and a
// function that returns what the browser complained about so far.
func openTab(t *testing.T) (context.Context, func() []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // t.Context ends before the cleanup
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the browser to end
			t.Errorf("closing the browser: %v", err)
		}
	})
	var mu sync.Mutex
	var complaints []string
	chromedp.ListenTarget(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, "exception: "+ev.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if ev.Type == runtime.APITypeError || ev.Type == runtime.APITypeWarning {
				var text strings.Builder
				for _, arg := range ev.Args {
					text.WriteString(" " + string(arg.Value) + arg.Description)
				}
				complaints = append(complaints, "console:"+text.String())
			}
		case *log.EventEntryAdded:
			// This server has pages and assets only: a page may miss its data.
			if ev.Entry.Source != log.SourceNetwork || !strings.Contains(ev.Entry.URL, "/api/") {
				complaints = append(complaints, string(ev.Entry.Source)+": "+ev.Entry.Text+" "+ev.Entry.URL)
			}
		}
	})
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), complaints...)
	}
}

// serveSite serves the embedded build; spoil may answer in its place, and says
// whether it did.
func serveSite(t *testing.T, spoil func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	files, err := static.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(files)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case spoil != nil && spoil(w, r):
		case strings.HasPrefix(r.URL.Path, "/assets/"):
			s.serveAsset(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/"):
			http.NotFound(w, r)
		default:
			s.servePage(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const (
	mounted = `document.body.firstElementChild && document.body.firstElementChild.id !== "boot"`
	banner  = `document.querySelector("body > .banner")?.textContent ?? ""`
)

func TestE2EBoot_MountsUnderTheStrictPolicy(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	url := serveSite(t, func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
		return false
	})
	ctx, complaints := openTab(t)
	var timing struct{ Paint, Mounted, Transfer float64 }
	var words string
	err := chromedp.Run(ctx, log.Enable(), runtime.Enable(),
		chromedp.Navigate(url+"/logs?q=level:error"),
		chromedp.Poll(mounted, nil, chromedp.WithPollingTimeout(30*time.Second)),
		chromedp.Evaluate(`({
			paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
			mounted: performance.now(),
			transfer: performance.getEntriesByType("resource").reduce((n, r) => n + r.transferSize, 0),
		})`, &timing),
		chromedp.Evaluate(banner, &words),
	)
	if err != nil {
		t.Fatalf("the page did not mount: %v; %q", err, complaints())
	}
	if words != "" {
		t.Errorf("the page shows %q", words)
	}
	for _, c := range complaints() {
		t.Error(c)
	}
	t.Logf("first paint %.0f ms, mounted %.0f ms, %.0f kB of assets", timing.Paint, timing.Mounted, timing.Transfer/1000)
	mu.Lock()
	defer mu.Unlock()
	for path, n := range asked {
		if strings.HasPrefix(path, "/assets/") && n > 1 {
			t.Errorf("%s was asked for %d times: a preload does not match its use", path, n)
		}
	}
}

func TestE2EBoot_SaysWhenTheProgramIsMissing(t *testing.T) {
	url := serveSite(t, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, ".wasm") {
			http.Error(w, "gone", http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	ctx, complaints := openTab(t)
	var words string
	err := chromedp.Run(ctx, log.Enable(), chromedp.Navigate(url),
		chromedp.Poll(banner, &words, chromedp.WithPollingTimeout(30*time.Second)))
	if err != nil || !strings.Contains(words, "503") || !strings.Contains(words, "Reload") {
		t.Errorf("the page shows %q, want the status and a way to reload; %v %q", words, err, complaints())
	}
}

func TestE2EBoot_SaysWhenTheProgramStops(t *testing.T) {
	url := serveSite(t, nil)
	ctx, complaints := openTab(t)
	var words string
	err := chromedp.Run(ctx, runtime.Enable(), chromedp.Navigate(url),
		chromedp.Poll(mounted, nil, chromedp.WithPollingTimeout(30*time.Second)),
		// A string that is no address: go-app's own handler panics on it.
		chromedp.Evaluate(`void setTimeout(() => goappNav(), 0)`, nil),
		chromedp.Poll(banner, &words, chromedp.WithPollingTimeout(30*time.Second)))
	if err != nil || !strings.Contains(words, "logpane stopped") {
		t.Errorf("the page shows %q, want that it stopped; %v %q", words, err, complaints())
	}
}

func TestE2EBoot_ThemeIsSetBeforeThePaint(t *testing.T) {
	url := serveSite(t, nil)
	ctx, _ := openTab(t)
	for _, c := range []struct{ stored, theme, background string }{
		{"light", "light", "rgb(255, 255, 255)"},
		{"dark", "dark", "rgb(15, 18, 22)"},
		{"system", "", "rgb(255, 255, 255)"},
		{"<b>", "", "rgb(255, 255, 255)"},
	} {
		var theme, background string
		err := chromedp.Run(ctx, chromedp.Navigate(url),
			chromedp.Evaluate(`localStorage.setItem("logpane.theme", "`+c.stored+`")`, nil),
			chromedp.Navigate(url),
			chromedp.Evaluate(`document.documentElement.dataset.theme ?? ""`, &theme),
			chromedp.Evaluate(`getComputedStyle(document.documentElement).backgroundColor`, &background),
		)
		if err != nil || theme != c.theme || background != c.background {
			t.Errorf("with %q stored: theme %q on %s, want %q on %s; %v", c.stored, theme, background, c.theme, c.background, err)
		}
	}
}
