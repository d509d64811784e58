//go:build e2e

package main

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// drillScript goes from the table to a drill-down by its tab. It returns, in ms after
// the click, when the first card or row stood there and when all was counted, and how
// long the longest task of the page was; and how many cards or rows there are.
const drillScript = `(async (title, first) => {
	const out = { Shown: 0, Counted: 0, Longest: 0, Blocked: 0, N: 0 };
	const watch = new PerformanceObserver((l) => { for (const task of l.getEntries()) out.Longest = Math.max(out.Longest, task.duration); });
	watch.observe({ type: "longtask" });
	bench.beat();
	await new Promise((done) => setTimeout(done, 300));
	bench.blocked.worst = 0;
	const tab = [...document.querySelectorAll(".place-tab")].find((el) => el.textContent === title), began = performance.now();
	tab.click();
	for (let same = 0, n = -1; same < 30;) {
		const { ended } = await bench.frame();
		out.N = document.querySelectorAll(first).length;
		if (!out.Shown && out.N) out.Shown = ended - began;
		const busy = /counting:|Reading/.test(document.querySelector(".place").innerText.slice(0, 400));
		const text = document.querySelector(".place-head")?.innerText + out.N;
		if (busy || !out.N || text !== n) { same = 0; out.Counted = ended - began; } else same++;
		n = text;
		if (ended - began > 60000) break;
	}
	out.Blocked = bench.unbeat();
	watch.disconnect();
	return out;
})(%q, %q)`

// drillCorpus is a corpus whose third part are logs of a deepset pipeline, every
// fourth of which failed, in one of forty places.
func drillCorpus(src [3]string, n int) *corpus {
	c := &corpus{src: src, began: time.Now().UTC().Add(-time.Minute).Truncate(time.Second), ends: make([]int, n)}
	for i := range n {
		e := c.entry(i)
		if e.Src == src[2] {
			exceptions := "null"
			e.Level, e.Outcome, e.Status, e.Attempt, e.HasTook, e.Took, e.Job = logs.LevelInfo, logs.OutcomeUnknown, 0, 0, false, 0, ""
			e.Item, e.Summary = "rag", fmt.Sprintf("Query %d answered", i)
			if i%4 == 0 {
				e.Level, e.Summary = logs.LevelError, fmt.Sprintf("Query %d failed", i)
				exceptions = fmt.Sprintf(`[{"type":"TypeError","value":"no sum of %d","trace":[{"filename":"/opt/venv/lib/python3.12/site-packages/haystack/core/pipeline/pipeline.py","line_number":77,"name":"run"},`+
					`{"filename":"/app/step%d.py","line_number":%d,"name":"answer"}]}]`, i, i%8, i%5)
			}
			e.Fields = logs.Fields{{Name: "pipeline", Value: "rag"}, {Name: "origin", Value: "querypipeline"}}
			e.Raw = fmt.Appendf(nil, `{"log_id":%q,"message":%q,"logged_at":%q,"level":%q,"origin":"querypipeline","exceptions":%s}`, e.ID, e.Summary, e.TimeText, e.Level.String(), exceptions)
		}
		if i > 0 {
			c.bytes = append(c.bytes, ',')
		}
		c.bytes, _ = e.AppendJSON(c.bytes) // its fields are strings and numbers
		c.ends[i] = len(c.bytes)
	}
	return c
}

// BenchmarkDrill measures what it takes to get from a table of 100,000 loaded entries to
// its exceptions as cards and to its query shapes: until the first ones stand there,
// until all are counted, for how long the page was blocked meanwhile (the budget is
// 50 ms), and what that adds to its memory. That something else than cards and shapes
// is shown fails.
func BenchmarkDrill(b *testing.B) {
	const n = 100_000
	srv := httptest.NewServer(simulate.New(simulate.Options{Seed: 1}))
	b.Cleanup(srv.Close)
	flags := []string{"--log-level", "error", "--endpoint", "coveo-platform/sim=" + srv.URL + "/coveo-platform"}
	for _, a := range accounts[:3] {
		flags = append(flags, "--endpoint", a.vendor+"/sim="+srv.URL+"/"+a.vendor)
	}
	u := start(b, b.TempDir(), flags...).user(b)
	var src [3]string
	for i, a := range accounts[:3] {
		src[i] = address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...)
	}
	f := newFront(b, u.base, drillCorpus(src, n))
	f.n.Store(n)
	for _, d := range []struct{ name, tab, first string }{
		{"exceptions", "Exceptions", ".xcard"},
		{"shapes", "Shapes", ".shape-name"},
	} {
		b.Run(d.name, func(b *testing.B) {
			t := openBench(b)
			t.signIn(u, f.base)
			var shown, counted, longest, blocked, more []float64
			for b.Loop() {
				t.run(chromedp.Navigate(f.address()))
				t.eval(fmt.Sprintf(`bench.loadAll(%d)`, n), nil)
				wasm, heap, _ := t.memory()
				var got struct{ Shown, Counted, Longest, Blocked, N float64 }
				t.eval(fmt.Sprintf(drillScript, d.tab, d.first), &got)
				if got.N < 4 {
					b.Fatalf("%+v", got)
				}
				wasm2, heap2, _ := t.memory()
				shown, counted = append(shown, got.Shown), append(counted, got.Counted)
				longest, blocked = append(longest, got.Longest), append(blocked, got.Blocked)
				more = append(more, wasm2+heap2-wasm-heap)
			}
			report(b, "shown", shown)
			report(b, "counted", counted)
			report(b, "longtask", longest)
			report(b, "blocked", blocked)
			p50, _, _ := spreadOf(more)
			b.ReportMetric(p50/1e6, "more-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}
