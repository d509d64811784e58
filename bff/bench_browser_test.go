//go:build e2e

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/bff/simulate"
)

// noteFirstRow runs before a page's own scripts. It notes when the first row of
// entries is in the document and painted: rows carry data-id.
const noteFirstRow = `(() => {
  const look = () => {
    if (!document.querySelector('[role=row][data-id]')) return requestAnimationFrame(look);
    requestAnimationFrame(() => { window.firstRow = performance.now() });
  };
  requestAnimationFrame(look);
})()`

// barePage is the floor: one small document that opens a socket and draws what
// the first message says.
const barePage = `<!doctype html><meta charset=utf-8><title>floor</title><div id=t role=grid></div><script>
new WebSocket('ws://' + location.host + '/ws').onmessage = e => {
  for (const text of JSON.parse(e.data)) {
    const row = document.createElement('div');
    row.setAttribute('role', 'row'); row.dataset.id = text; row.textContent = text;
    document.getElementById('t').append(row);
  }
}</script>`

func floorServer(b *testing.B) string {
	up := websocket.Upgrader{}
	rows := make([]string, 40)
	for i := range rows {
		rows[i] = fmt.Sprintf("04:41:%02d.388 succeeded 200 79 ms PROCESSING ADD COMPLETED https://shop.example.com/p/%d", i, i)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(barePage))
	})
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		if err := c.WriteJSON(rows); err == nil {
			_, _, _ = c.ReadMessage() // until the browser goes
		}
	})
	srv := httptest.NewServer(mux)
	b.Cleanup(srv.Close)
	return srv.URL + "/"
}

// BenchmarkFirstRow measures from navigation to the first visible log row, each
// time in a new profile with nothing cached, beside the floor in the same run:
// plain, and as on a slow phone (1.6 Mbit/s, 150 ms, a quarter of the speed).
func BenchmarkFirstRow(b *testing.B) {
	sim := simulate.New(simulate.Options{Seed: 1})
	srv := httptest.NewServer(sim)
	defer srv.Close()
	p := start(b, b.TempDir(), "--endpoint", "algolia/sim="+srv.URL+"/algolia", "--log-level", "error")
	u := p.user(b)
	c := u.connect("algolia", "sim", simulate.AlgoliaApp, accounts[0].creds)
	at := mustURL(b, p.base)
	cookie := u.http.Jar.Cookies(at)[0]
	ours := p.base + "/logs?src=" + url.QueryEscape(c.Address)
	floor := floorServer(b)
	for _, slow := range []bool{false, true} {
		name := "local"
		if slow {
			name = "slow4G"
		}
		b.Run(name, func(b *testing.B) {
			var bare, app []time.Duration
			for b.Loop() {
				bare = append(bare, firstRow(b, floor, slow, nil))
				app = append(app, firstRow(b, ours, slow, network.SetCookie(cookie.Name, cookie.Value).WithURL(p.base).WithHTTPOnly(true)))
			}
			b.ReportMetric(ms(p50(bare)), "bare-p50-ms")
			b.ReportMetric(ms(p50(app)), "app-p50-ms")
			b.ReportMetric(float64(p50(app))/float64(p50(bare)), "app/bare")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// firstRow opens an address in a new browser and returns the time to its first row.
func firstRow(b *testing.B, address string, slow bool, cookie chromedp.Action) time.Duration {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	actions := []chromedp.Action{
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(noteFirstRow).Do(ctx)
			return err
		}),
	}
	if cookie != nil {
		actions = append(actions, cookie)
	}
	if slow {
		const rate = 1.6e6 / 8
		actions = append(actions, network.Enable(), emulation.SetCPUThrottlingRate(4),
			network.EmulateNetworkConditions(false, 150, rate, rate))
	}
	var took float64
	actions = append(actions, chromedp.Navigate(address), chromedp.Poll("window.firstRow", &took, chromedp.WithPollingInterval(10*time.Millisecond)))
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.Fatalf("%s: %v", address, err)
	}
	_ = chromedp.Cancel(ctx)
	return time.Duration(took * float64(time.Millisecond))
}
