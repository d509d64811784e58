//go:build e2e

package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/tail"
)

// BenchmarkLiveRows measures from the moment the server has an entry to the moment
// its row is in the document of a real Chromium: appended to the feed as pollers do,
// through the engine, the fan-out, the socket, the page's program and its table.
//
// An entry's time begins just before the append, and ends at the first change of the
// table's rows after which the newest row is that entry or one appended later. So
// each entry counts, also those that newer ones pushed out of view before a frame
// was drawn: from that moment on they are among the rows to scroll to. drawn-% says
// how many had a row of their own. Page
// and server share the machine's clock; that the page's origin of time fits is checked
// by asking the server, before and after.
//
// Afterwards the table is scrolled from its newest row to its oldest: each place
// must show its entry. One that is nowhere is lost, one at two places is there twice;
// either fails. So does a page that does not say how much it passes over.
//
// Appends come at random moments, 20 a second, fewer where there are fewer entries,
// and wait for the disk: append-p99-ms is that part, and stored-to-row-p99-ms what
// comes after it. The budget is p99 50 ms at 1,000 entries per second, 150 ms at 5,000.
func BenchmarkLiveRows(b *testing.B) {
	u, src := benchUser(b)
	for _, of := range []struct {
		rate int
		long time.Duration
	}{{10, 12 * time.Second}, {100, 8 * time.Second}, {1000, 8 * time.Second}, {5000, 20 * time.Second}} {
		b.Run(fmt.Sprintf("%d_per_s", of.rate), func(b *testing.B) {
			for b.Loop() {
				l := newLiveRig(b, u.base, src)
				t := openBench(b)
				t.signIn(u, l.base)
				l.measure(t, of.rate, of.long)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// liveRig stands before the program: entries of a search and the tail come from it,
// everything else from the program.
type liveRig struct {
	*tailRig
	corpus *corpus
	stream string
	base   string
	status chan func(tail.Status) // of the stream's poller
	begun  []time.Time            // by entry: when it was appended; zero for those of the search
	stored []time.Time            // by entry: when the engine had it on disk
}

// searched is how many entries the search finds.
const searched = 200

func newLiveRig(b *testing.B, program string, src [3]string) *liveRig {
	l := &liveRig{tailRig: newTailRig(b), corpus: newCorpus(src, 1), stream: "live", status: make(chan func(tail.Status), 1)}
	to := mustURL(b, program)
	mux := http.NewServeMux()
	mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = to.Host // the program answers to its own name alone
	}})
	var first []logs.Entry
	now := time.Now()
	for i := range searched {
		first = append(first, l.entry(i, now.Add(time.Duration(i-searched)*time.Second)))
	}
	l.begun, l.stored = make([]time.Time, searched), make([]time.Time, searched)
	slices.Reverse(first)
	page, err := wire.AppendPage(nil, &wire.Page{
		Entries: first, Scanned: searched, Plan: []logs.Clause{},
		Coverage: []logs.Coverage{{Src: src[0], From: now.Add(-time.Hour), State: logs.Complete}},
	})
	if err != nil {
		b.Fatal(err)
	}
	mux.HandleFunc("GET "+wire.PathLogs, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET "+wire.PathTail, func(w http.ResponseWriter, r *http.Request) {
		since, _ := time.Parse(time.RFC3339Nano, r.URL.Query().Get("since"))
		q, _ := query.Parse("")
		err := l.hub.Accept(w, r, tail.Request{
			Session: "reader", Active: func() {}, After: r.URL.Query().Get("after"), Since: since, Query: q,
			Targets: []tail.Target{{Src: src[0], Stream: l.stream, Poll: l.poll}},
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("GET /bench/now", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, float64(time.Now().UnixMicro())/1000)
	})
	srv := httptest.NewServer(mux)
	b.Cleanup(srv.Close)
	l.base = srv.URL
	return l
}

// entry makes the n-th entry.
func (l *liveRig) entry(n int, at time.Time) logs.Entry {
	e := l.corpus.entry(n)
	e.Src, e.Time, e.TimeText = l.corpus.src[0], at.UTC(), at.UTC().Format(time.RFC3339Nano)
	return e
}

// poll hands out how to tell the sockets what a poller does.
func (l *liveRig) poll(ctx context.Context, d tail.Demand) {
	l.status <- d.Report
	<-ctx.Done()
}

// send appends entries at a rate for a while, and reports as a poller does.
func (l *liveRig) send(rate int, long time.Duration, report func(tail.Status)) {
	w, err := l.feed.Writer(l.b.Context(), l.stream)
	if err != nil {
		l.b.Fatal(err)
	}
	pause := max(50*time.Millisecond, time.Second/time.Duration(rate))
	began, d := time.Now(), dice(rate)
	for sent := 0; ; {
		// Between half and one and a half: pauses that frames divide evenly would
		// always meet the same moment of one.
		<-time.After(pause/2 + time.Duration(d.below(int(pause))))
		now := time.Now()
		due := int(float64(rate) * min(now.Sub(began), long).Seconds())
		var some []feed.Entry
		for ; sent < due; sent++ {
			e := l.entry(len(l.begun), now.Add(time.Duration(len(some)))) // each at a time of its own, for the order
			text, err := e.AppendJSON(nil)
			if err != nil {
				l.b.Fatal(err)
			}
			some = append(some, feed.Entry{ID: e.ID, JSON: text})
			l.begun = append(l.begun, time.Time{})
		}
		if len(some) > 0 {
			at := time.Now()
			for i := len(l.begun) - len(some); i < len(l.begun); i++ {
				l.begun[i] = at
			}
			if _, err := w.Append(l.b.Context(), feed.Poll{At: now, Entries: some}); err != nil {
				l.b.Fatal(err)
			}
			l.waits = append(l.waits, time.Since(at))
			for range some {
				l.stored = append(l.stored, time.Now())
			}
			report(tail.Status{State: wire.TailLive, Next: now.Add(pause), CallsPerHour: 3600})
		}
		if now.Sub(began) >= long {
			return
		}
	}
}

// liveScript watches the table. The place of an entry stands at the end of its id.
const liveScript = `window.live = ((searched) => {
	const l = { newest: -1, changes: [], gaps: [], said: "" }, drawn = new Set();
	const grid = document.querySelector("[role=grid][aria-rowcount]"), scroller = grid.querySelector(".rows-scroll"), sum = () => grid.ariaRowCount - 1;
	const place = (row) => parseInt(row.dataset.id.slice(-8), 16);
	const watch = new MutationObserver((records) => {
		const at = performance.now();
		let newest = -1;
		for (const r of records) if (r.target.dataset.id) {
			const n = place(r.target);
			if (n >= searched) drawn.add(n);
			newest = Math.max(newest, n);
		}
		if (newest > l.newest) l.changes.push([l.newest = newest, at]);
	});
	watch.observe(grid, { subtree: true, attributes: true, attributeFilter: ["data-id"] });
	let last = 0, on = true;
	requestAnimationFrame(function frame(at) {
		if (last) l.gaps.push(at - last);
		last = at;
		const said = document.querySelector(".status-text")?.textContent ?? "";
		if (said.includes("showing the newest")) l.said = said;
		if (on) requestAnimationFrame(frame);
	});
	// The moment of performance.now() = 0, in ms since 1970: by the page, and by the
	// server's clock. Of many answers the quickest tells best, up to half its time.
	l.clock = async () => {
		let best = Infinity, ahead = 0;
		for (let i = 0; i < 30; i++) {
			const asked = performance.now(), now = +await (await fetch("/bench/now")).text(), took = performance.now() - asked;
			if (took < best) [best, ahead] = [took, now - asked - took / 2];
		}
		return { origin: performance.timeOrigin, ahead, best };
	};
	l.end = () => { watch.disconnect(); on = false; return { Changes: l.changes, Gaps: l.gaps, Said: l.said, Drawn: drawn.size }; };
	l.count = sum;
	// Goes through all rows. Row i of n must show entry n-1-i, and no entry may stand
	// at two places.
	l.walk = async () => {
		for (let i = 0; i < 5; i++) await bench.frame(); // the number of rows may be told before the last are drawn
		const at = new Map(), wrong = [], n = sum();
		let twice = 0;
		// After a leap only the rows in view are drawn: a step is one row less than those.
		const step = scroller.clientHeight - scroller.querySelector(".rows-head").offsetHeight - parseFloat(getComputedStyle(grid).getPropertyValue("--row-h"));
		for (let top = 0; ; top += step) {
			scroller.scrollTop = top;
			await bench.frame();
			for (const r of grid.querySelectorAll("[role=row][data-id]")) {
				if (!r.checkVisibility() || r.matches("[data-kept]")) continue;
				const i = +r.ariaRowIndex - 2, e = place(r);
				if (at.has(e) && at.get(e) !== i) twice++;
				at.set(e, i);
				if (e !== n - 1 - i && wrong.length < 5) wrong.push("row " + i + " of " + n + " shows " + e);
			}
			if (top > scroller.scrollHeight) break;
		}
		scroller.scrollTop = 0;
		return { Found: at.size, Twice: twice, Wrong: wrong };
	};
	return l;
})(%d)`

// measure follows at a rate and reports what it saw.
func (l *liveRig) measure(t *benchTab, rate int, long time.Duration) {
	b := l.b
	t.run(chromedp.Navigate(l.base + "/logs?" + url.Values{"src": {l.corpus.src[0]}, "live": {"1"}}.Encode()))
	var report func(tail.Status)
	select {
	case report = <-l.status:
	case <-time.After(time.Minute):
		b.Fatal("the page opens no socket")
	}
	report(tail.Status{State: wire.TailLive, CallsPerHour: 3600})
	t.eval(`(async () => { while (bench.count() !== `+strconv.Itoa(searched)+`) await bench.frame(); })()`, nil)
	<-time.After(time.Second) // what follows a search has ended
	var before, after struct{ Origin, Ahead, Best float64 }
	t.eval(fmt.Sprintf(liveScript, searched)+`, live.clock()`, &before)
	work := t.effort()
	stop := t.profile(b)
	l.send(rate, long, report)
	sum := len(l.begun)
	for end := time.Now().Add(20 * time.Second); ; {
		var n int
		if t.eval(`live.count()`, &n); n >= sum || time.Now().After(end) {
			break
		}
		<-time.After(50 * time.Millisecond)
	}
	stop()
	var spent effort
	spent.add(work, t.effort())
	t.eval(`live.clock()`, &after)
	var got struct {
		Changes [][2]float64 // newest entry, ms of performance.now
		Gaps    []float64
		Said    string
		Drawn   int
	}
	t.eval(`live.end()`, &got)
	for _, c := range []struct{ Origin, Ahead, Best float64 }{before, after} {
		if off := math.Abs(c.Ahead - c.Origin); off > c.Best/2+1 {
			b.Errorf("the page's clock is off by %.1f ms, as far as %.1f ms tell", off, c.Best)
		}
	}
	var late, rest []float64
	next := searched
	for _, c := range got.Changes {
		at := c[1] + before.Origin
		for ; next <= int(c[0]) && next < sum; next++ {
			late = append(late, at-float64(l.begun[next].UnixMicro())/1000)
			rest = append(rest, at-float64(l.stored[next].UnixMicro())/1000)
		}
	}
	var walked struct {
		Found, Twice int
		Wrong        []string
	}
	t.eval(`live.walk()`, &walked)
	sent := sum - searched
	if walked.Found != sum || walked.Twice > 0 || len(walked.Wrong) > 0 || next != sum {
		b.Errorf("of %d entries %d were found, %d at two places; up to %d came; %s", sum, walked.Found, walked.Twice, next, strings.Join(walked.Wrong, "; "))
	}
	if rate >= 1000 && got.Said == "" {
		b.Error("the page does not say that it shows the newest alone")
	}
	slices.Sort(late)
	slices.Sort(rest)
	at := func(v []float64, part float64) float64 { return v[min(int(part*float64(len(v))), len(v)-1)] }
	var waits []float64
	for _, d := range l.waits {
		waits = append(waits, ms(d))
	}
	slices.Sort(waits)
	slices.Sort(got.Gaps)
	b.ReportMetric(at(late, 0.5), "p50-ms")
	b.ReportMetric(at(late, 0.99), "p99-ms")
	b.ReportMetric(late[len(late)-1], "max-ms")
	b.ReportMetric(at(waits, 0.99), "append-p99-ms")
	b.ReportMetric(at(rest, 0.99), "stored-to-row-p99-ms")
	b.ReportMetric(float64(sum-walked.Found), "lost")
	b.ReportMetric(float64(walked.Twice), "twice")
	b.ReportMetric(100*float64(got.Drawn)/float64(sent), "drawn-%")
	b.ReportMetric(at(got.Gaps, 0.95), "frame-p95-ms")
	b.ReportMetric(got.Gaps[len(got.Gaps)-1], "frame-max-ms")
	b.ReportMetric(100*spent.ran.Seconds()/long.Seconds(), "page-cpu-%")
	if spent.share() > 20 {
		b.Logf("the page waited for a core for %.0f%% of its time: the machine is busy", spent.share())
	}
	b.Logf("the clocks differ by %.1f ms, as far as %.1f ms tell", after.Ahead-after.Origin, after.Best)
	b.Logf("%d entries; the page said %q", sent, got.Said)
}
