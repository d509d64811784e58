//go:build e2e

package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/systeminfo"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// benchScript runs before a page's own scripts. Moments are those of
// performance.now, in milliseconds.
const benchScript = `window.bench = (() => {
	const b = { memory: null, asked: 0, refused: [] };

	// The memory of the program, and the moment of the first request for entries.
	const instantiate = WebAssembly.instantiateStreaming, ask = window.fetch;
	WebAssembly.instantiateStreaming = async (...args) => {
		const program = await instantiate.apply(WebAssembly, args);
		b.memory = program.instance.exports.mem;
		return program;
	};
	window.fetch = (...args) => {
		if (!b.asked && String(args[0]).startsWith("/api/logs?")) b.asked = performance.now();
		return ask.apply(window, args);
	};
	window.addEventListener("error", (ev) => b.refused.push(String(ev.message)));

	const grid = () => document.querySelector("[role=grid][aria-rowcount]");
	const scroller = () => grid().querySelector(".rows-scroll");
	const rows = () => [...grid().querySelectorAll("[role=row][data-id]")].filter((r) => r.checkVisibility());

	// The moment after the next frame has been drawn: a task that is posted from a
	// frame runs once it is laid out and painted, and one of this priority before all
	// else that waits. began is the frame's beginning.
	b.frame = () => new Promise((done) => requestAnimationFrame(() => {
		const began = performance.now();
		scheduler.postTask(() => done({ began, ended: performance.now() }), { priority: "user-blocking" });
	}));

	b.count = () => grid() ? +grid().ariaRowCount - 1 : -1;
	b.busy = () => grid().ariaBusy === "true";
	b.place = () => ({ top: scroller().scrollTop, height: scroller().scrollHeight, view: scroller().clientHeight });

	// Has the page load everything: by its own offer, else by staying at the end.
	b.loadAll = async (n) => {
		for (;;) {
			const { ended } = await b.frame();
			if (b.count() === n && !b.busy()) return { asked: b.asked, ended };
			const all = [...document.querySelectorAll("button")].find((el) => /^Load (all|everything)/.test(el.textContent) && !el.disabled && el.checkVisibility());
			if (all && !b.offered) { b.offered = true; all.click(); }
			if (!b.offered && grid()) scroller().scrollTop = scroller().scrollHeight;
		}
	};

	// Scrolls for a while and returns the time between frames. place says where the
	// table is to stand that many ms after the beginning. It moves before a frame, as
	// the browser moves it, and every eighth frame is looked at: the rows must fill
	// the view, each with the entry of its place.
	b.scroll = async (ms, place) => {
		const s = scroller(), gaps = [], wrong = [], began = performance.now();
		let last = 0, looked = 0, seen = new Set();
		for (let n = 0; performance.now() - began < ms; n++) {
			s.scrollTop = place(performance.now() - began, s.scrollHeight - s.clientHeight);
			const f = await b.frame();
			if (last) gaps.push(f.began - last);
			last = f.began;
			if (n % 8 || wrong.length > 5) continue;
			looked++;
			const view = s.getBoundingClientRect(), head = s.querySelector(".rows-head").getBoundingClientRect(), end = s.querySelector(".rows-end").getBoundingClientRect();
			let from = Infinity, to = -Infinity, all = 0;
			for (const r of rows()) {
				const box = r.getBoundingClientRect(), i = +r.ariaRowIndex - 2;
				if (parseInt(r.dataset.id.slice(-8), 16) !== i) wrong.push("row " + i + " shows entry " + r.dataset.id);
				if (box.bottom <= head.bottom || box.top >= view.bottom) continue;
				from = Math.min(from, box.top);
				to = Math.max(to, box.bottom);
				all += box.height;
				seen.add(i);
			}
			if (from > head.bottom + 1 || to < Math.min(view.bottom, end.top) - 1 || Math.abs(to - from - all) > 1) {
				wrong.push("rows from " + from + " to " + to + ", " + all + " px, in a view from " + head.bottom + " to " + view.bottom + " at " + s.scrollTop);
			}
		}
		s.scrollTop = 0;
		await b.frame();
		return { gaps, wrong, looked, seen: seen.size };
	};
	b.gaps = async (ms) => {
		const gaps = [], began = performance.now();
		for (let last = 0; performance.now() - began < ms;) {
			const f = await b.frame();
			if (last) gaps.push(f.began - last);
			last = f.began;
		}
		return { gaps, wrong: [], looked: 0, seen: 0 };
	};

	// The floor of dragging: a bare table, as many rows and cells as a screen of ours
	// has, that gets new texts of like lengths with each frame.
	b.churn = async (ms, rows) => {
		const style = document.createElement("style"), table = document.createElement("div"), cells = [], gaps = [];
		style.textContent = ".churn { position: fixed; inset: 0; background: #fff; font: 12.5px/20px monospace } .churn div { display: grid; grid-template-columns: 120px 100px 160px 80px 90px 100px 1fr; " +
			"height: 28px; contain: strict; border-bottom: 1px solid #ccc } .churn span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: 0 8px }";
		table.className = "churn";
		for (let r = 0; r < rows; r++) {
			const row = document.createElement("div");
			for (let c = 0; c < 7; c++) {
				const cell = document.createElement("span");
				cell.append("");
				row.append(cell);
				cells.push(cell.firstChild);
			}
			table.append(row);
		}
		document.head.append(style);
		document.body.append(table);
		let last = 0;
		for (let n = 0, began = performance.now(); performance.now() - began < ms; n++) {
			cells.forEach((cell, i) => {
				const v = n * 977 + i * 31;
				cell.nodeValue = i % 7 === 6 ? "POST /hooks/orders/" + v + " answered 500 after " + v % 9973 + " ms, attempt " + v % 7 + " of the job " + (v * 7919).toString(36) : "v" + v % 99991;
			});
			const f = await b.frame();
			if (last) gaps.push(f.began - last);
			last = f.began;
		}
		table.remove();
		style.remove();
		return { gaps, wrong: [], looked: 1, seen: rows };
	};

	// How late the page hears of the beats of a worker: as late as it was blocked.
	let beat = null;
	b.beat = () => {
		const state = { worst: 0, long: 0 };
		beat = new Worker("/bench/beat.js");
		beat.onmessage = (ev) => {
			const late = performance.timeOrigin + performance.now() - ev.data;
			state.worst = Math.max(state.worst, late);
		};
		b.blocked = state;
	};
	b.unbeat = () => { beat.terminate(); return b.blocked.worst; };

	// Watches the filter box. Each change of it makes one record: when the key was
	// pressed, when the page had drawn the box with it, when the first screen was
	// the right one, and when the count was; 0 for what the next change came before.
	const box = () => document.querySelector("[role=searchbox]");
	b.keys = [];
	b.wants = {};
	let pressed = 0, watched = 0;
	window.addEventListener("keydown", (ev) => { pressed = ev.timeStamp; }, true);
	window.addEventListener("input", (ev) => {
		if (ev.target !== box()) return;
		const key = { text: box().value, at: pressed || ev.timeStamp, drawn: 0, right: 0, counted: 0 };
		pressed = 0;
		b.keys.push(key);
		watch(key, ++watched);
	}, true);
	b.right = (want) => {
		const s = scroller(), shown = [];
		const fit = Math.ceil((s.clientHeight - s.querySelector(".rows-head").offsetHeight) / parseFloat(getComputedStyle(grid()).getPropertyValue("--row-h")));
		for (const r of rows()) shown[+r.ariaRowIndex - 2] = r.dataset.id;
		if (s.scrollTop > 0 || shown.length > want.Total) return false;
		for (let i = 0; i < Math.min(fit, want.IDs.length); i++) if (shown[i] !== want.IDs[i]) return false;
		return true;
	};
	async function watch(key, id) {
		const want = b.wants[key.text];
		while (!key.counted) {
			const { ended } = await b.frame();
			if (!key.drawn) key.drawn = ended;
			if (id !== watched) return;
			if (!key.right && b.right(want)) key.right = ended;
			if (key.right && b.count() === want.Total) key.counted = ended;
		}
	}
	// Waits until the last change has come as far as what names.
	b.until = async (what, ms) => {
		for (const began = performance.now(); performance.now() - began < ms;) {
			await b.frame();
			if (b.keys.at(-1)?.[what]) return true;
		}
		return false;
	};
	b.state = () => {
		const key = b.keys[b.keys.length - 1] || {}, want = b.wants[key.text];
		return { text: key.text, total: want?.Total, count: b.count(), rows: rows().slice(0, 4).map((r) => r.dataset.id), want: want?.IDs.slice(0, 4), problems: b.refused };
	};
	return b;
})()`

// benchTab is a page in a browser process of its own.
type benchTab struct {
	b   *testing.B
	ctx context.Context
}

// openBench starts a browser. It ends with the benchmark.
func openBench(b *testing.B) *benchTab {
	b.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(ctx)
	b.Cleanup(func() { _ = chromedp.Cancel(ctx); stop(); stopAll() })
	t := &benchTab{b, ctx}
	t.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(benchScript).Do(ctx)
		return err
	}), emulation.SetFocusEmulationEnabled(true), emulation.SetDeviceMetricsOverride(1440, 900, 1, false), emulation.SetTimezoneOverride("UTC"),
		performance.Enable().WithTimeDomain(performance.EnableTimeDomainThreadTicks))
	return t
}

// beside opens one more tab in the same browser, in a window of its own so that
// both are in view.
func (t *benchTab) beside() *benchTab {
	t.b.Helper()
	id, err := target.CreateTarget("about:blank").WithNewWindow(true).WithWidth(1440).WithHeight(900).Do(cdp.WithExecutor(t.ctx, chromedp.FromContext(t.ctx).Browser))
	if err != nil {
		t.b.Fatal(err)
	}
	ctx, stop := chromedp.NewContext(t.ctx, chromedp.WithTargetID(id))
	t.b.Cleanup(stop)
	other := &benchTab{t.b, ctx}
	other.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(benchScript).Do(ctx)
		return err
	}), emulation.SetFocusEmulationEnabled(true), emulation.SetDeviceMetricsOverride(1440, 900, 1, false))
	return other
}

// run carries out what may take minutes, such as loading a million entries.
func (t *benchTab) run(actions ...chromedp.Action) {
	t.b.Helper()
	done := make(chan error, 1)
	go func() { done <- chromedp.Run(t.ctx, actions...) }()
	select {
	case err := <-done:
		if err != nil {
			t.b.Fatal(err)
		}
	case <-time.After(4 * time.Minute):
		t.b.Fatal("the page does not answer")
	}
}

// eval runs JavaScript, waits for its promise, and reads the result into out,
// which may be nil.
func (t *benchTab) eval(js string, out any) {
	t.b.Helper()
	if out == nil {
		var ignored any
		out = &ignored
	}
	t.run(chromedp.Evaluate(js, out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
}

// signIn gives the browser the session of a user.
func (t *benchTab) signIn(u *user, base string) {
	t.b.Helper()
	for _, c := range u.http.Jar.Cookies(mustURL(t.b, u.base)) {
		t.run(network.SetCookie(c.Name, c.Value).WithURL(base).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteStrict))
	}
}

// memory returns what the page holds once its garbage is gone: the program's
// memory, the heap of JavaScript, and what the process has in RAM, bytes.
func (t *benchTab) memory() (wasm, heap, ram float64) {
	t.b.Helper()
	t.eval(`bench.memory.buffer.byteLength`, &wasm)
	t.run(chromedp.ActionFunc(func(ctx context.Context) error {
		if err := heapprofiler.CollectGarbage().Do(ctx); err != nil {
			return err
		}
		used, _, _, _, err := runtime.GetHeapUsage().Do(ctx)
		heap = used
		return err
	}))
	return wasm, heap, residentMB(t.b, t.process()) * 1e6
}

// process is the largest process that draws pages: the one of the loaded table.
func (t *benchTab) process() (pid int) {
	t.b.Helper()
	all, err := systeminfo.GetProcessInfo().Do(cdp.WithExecutor(t.ctx, chromedp.FromContext(t.ctx).Browser))
	if err != nil {
		t.b.Fatal(err)
	}
	most := 0.0
	for _, p := range all {
		if p.Type != "renderer" {
			continue
		}
		if mb := residentMB(t.b, int(p.ID)); mb > most {
			pid, most = int(p.ID), mb
		}
	}
	return pid
}

// effort is how long the page's main thread has run, which does not depend on what
// else the machine does, and how long it would have but had to wait for a core,
// which tells how much that was; both per Linux's schedstat. Style, layout and
// script are parts of the first, as the browser counts them.
type effort struct {
	process               int
	ran, waited           time.Duration
	style, layout, script float64 // seconds
}

func (t *benchTab) effort() effort {
	t.b.Helper()
	e := effort{process: t.process()}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", e.process)) // of the process's first thread
	if err != nil {
		t.b.Fatal(err)
	}
	if _, err := fmt.Sscan(string(text), (*int64)(&e.ran), (*int64)(&e.waited)); err != nil {
		t.b.Fatal(err)
	}
	t.run(chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := performance.GetMetrics().Do(ctx)
		for _, m := range all {
			switch m.Name {
			case "RecalcStyleDuration":
				e.style = m.Value
			case "LayoutDuration":
				e.layout = m.Value
			case "ScriptDuration":
				e.script = m.Value
			}
		}
		return err
	}))
	return e
}

// add adds what was done between two moments. A page may have begun in a process
// of its own since the first.
func (e *effort) add(before, after effort) {
	if after.process != before.process {
		before = effort{}
	}
	e.ran += after.ran - before.ran
	e.waited += after.waited - before.waited
	e.style += after.style - before.style
	e.layout += after.layout - before.layout
	e.script += after.script - before.script
}

// share is how much of its time the main thread waited for a core, in percent.
func (e effort) share() float64 { return 100 * e.waited.Seconds() / max(e.ran+e.waited, 1).Seconds() }

// stolen is how long the host of a virtual machine has kept its cores from it, in
// hundredths of a second of one core, per Linux; 0 on other systems.
func stolen(b *testing.B) (ticks int) {
	b.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[:bytes.IndexByte(text, '\n')]))
	if len(fields) > 8 {
		ticks, _ = strconv.Atoi(fields[8])
	}
	return ticks
}

// press types one letter without waiting for the page, which may be busy.
func (t *benchTab) press(letter string) {
	t.run(input.DispatchKeyEvent(input.KeyDown).WithText(letter).WithKey(letter), input.DispatchKeyEvent(input.KeyUp).WithKey(letter))
}

// erase presses Backspace once.
func (t *benchTab) erase() {
	const code = 8
	t.run(input.DispatchKeyEvent(input.KeyDown).WithKey("Backspace").WithCode("Backspace").WithWindowsVirtualKeyCode(code),
		input.DispatchKeyEvent(input.KeyUp).WithKey("Backspace").WithCode("Backspace").WithWindowsVirtualKeyCode(code))
}

// spreadOf is the median, the value that one in twenty exceeds, and the largest.
func spreadOf(v []float64) (p50, p95, most float64) {
	if len(v) == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2], v[len(v)*95/100], v[len(v)-1]
}

// report prints the spread of times in milliseconds.
func report(b *testing.B, name string, v []float64) {
	p50, p95, most := spreadOf(v)
	b.ReportMetric(p50, fmt.Sprintf("%s-p50-ms", name))
	b.ReportMetric(p95, fmt.Sprintf("%s-p95-ms", name))
	b.ReportMetric(most, fmt.Sprintf("%s-max-ms", name))
}
