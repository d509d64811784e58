//go:build e2e

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/logpane/logpane/bff/simulate"
)

// follower is a tab that follows simulated vendors.
type follower struct {
	*tab
	sim   *simulate.Server
	of    []account
	kill  func()
	again func() // starts the program again, on the same folder and address
}

// follow opens a tab with Live on, of a program in a process of its own.
func follow(t *testing.T, vendors ...string) *follower {
	t.Helper()
	sim, flags := simulated(t, simulate.Options{Seed: 5, Entries: 40})
	flags = append(flags, "--poll-min", "100ms")
	dir := t.TempDir()
	p, kill := spawn(t, dir, flags...)
	f := &follower{sim: sim, kill: kill}
	host := mustURL(t, p.base).Host
	f.again = func() { _, f.kill = spawn(t, dir, append(flags, "--addr", host)...) }
	u := p.user(t)
	var src []string
	for _, v := range vendors {
		a := accounts[slices.IndexFunc(accounts, func(a account) bool { return a.vendor == v })]
		src = append(src, address(u.connect(v, "sim", a.account, a.creds), a.path...))
		f.of = append(f.of, a)
	}
	f.tab = browse(t, p.base)
	f.signedIn(u)
	f.expect("WebSocket connection to")
	f.expect("net::ERR")
	f.expect("the server responded with a status of ")
	f.visit(logsOf(src, "from", "all"))
	f.loaded()
	f.live("false")
	f.click("button", "Live")
	f.live("true")
	return f
}

// live waits until the switch says so, and for "true" until it is lit.
func (f *follower) live(pressed string) {
	f.t.Helper()
	f.until("Live to be "+pressed, func() (bool, string) {
		var got [2]string
		f.eval(`(() => { const b = document.querySelector("[aria-pressed].live"); return [b.ariaPressed, b.className]; })()`, &got)
		return got[0] == pressed && (pressed != "true" || !strings.Contains(got[1], "away")), fmt.Sprint(got)
	})
}

// arrive lets n entries happen at each vendor.
func (f *follower) arrive(n int) {
	f.t.Helper()
	for _, a := range f.of {
		put(f.t, f.sim, a, n)
	}
}

// held is how many entries the vendors have.
func (f *follower) held() int {
	n := 0
	for _, a := range f.of {
		n += len(held(f.sim, a.truth))
	}
	return n
}

// all returns the ids of all rows but gaps, from the top, by scrolling through them.
func (f *follower) all() []string {
	f.t.Helper()
	var ids []string
	f.eval(`(async () => {
		const s = document.querySelector(".rows-scroll"), seen = new Map(), frame = () => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
		const begin = s.scrollTop;
		for (let top = 0; ; top += 200) {
			s.scrollTop = top;
			await frame();
			for (const r of document.querySelectorAll("[role=grid] [role=row][data-id]"))
				if (r.checkVisibility() && !r.matches(".gap-row, [data-kept]")) seen.set(+r.ariaRowIndex, r.dataset.id);
			if (top > s.scrollHeight) break;
		}
		s.scrollTop = begin;
		await frame();
		return [...seen].sort((a, b) => a[0] - b[0]).map((e) => e[1]);
	})()`, &ids)
	return ids
}

// shows waits until the rows are exactly what the vendors have.
func (f *follower) shows() {
	f.t.Helper()
	want := f.held()
	var got, ids []string
	f.until(fmt.Sprintf("%d rows", want), func() (bool, string) {
		if n := f.table().Count - 1; n < want {
			return false, fmt.Sprint(n)
		}
		got = f.all()
		return len(got) == want, fmt.Sprint(len(got))
	})
	entries := f.entries()
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	slices.Sort(got)
	slices.Sort(ids)
	if !slices.Equal(got, ids) {
		f.t.Fatalf("rows\n%v\nthe server has\n%v", got, ids)
	}
}

// gaps counts the rows of gaps, which stand near the top here.
func (f *follower) gaps() int {
	f.t.Helper()
	var n int
	f.eval(`new Set([...document.querySelectorAll(".gap-row")].filter((r) => r.checkVisibility({ visibilityProperty: true })).map((r) => r.dataset.id)).size`, &n)
	return n
}

func (f *follower) bar(want string) {
	f.t.Helper()
	f.until("the bar to say "+want, func() (bool, string) {
		var got string
		f.eval(`document.querySelector(".livebar").innerText.replaceAll("\n", " ")`, &got)
		return strings.Contains(got, want), got
	})
}

func TestE2ETail_FollowsThroughRestartAndCutNetwork(t *testing.T) {
	f := follow(t, "elasticpath", "algolia")
	f.arrive(5)
	f.shows()
	if !f.address().Query().Has("live") {
		t.Error("the address does not say that it follows")
	}

	f.kill()
	began := time.Now()
	f.bar("Not live: the server cannot be reached")
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("it takes %v to say that the connection is lost", d)
	}
	f.arrive(20)
	f.again()
	f.live("true")
	f.shows()
	if n := f.gaps(); n == 0 {
		t.Error("nothing tells of the time without a connection")
	}

	f.run(network.EmulateNetworkConditions(true, 0, -1, -1))
	f.bar("Not live: this computer is offline")
	f.arrive(20)
	f.run(network.EmulateNetworkConditions(false, 0, -1, -1))
	f.live("true")
	f.shows()
}

func TestE2ETail_AVendorFailsForAWhile(t *testing.T) {
	f := follow(t, "elasticpath", "algolia")
	for _, status := range []int{429, 500} {
		f.sim.Fault("algolia", simulate.Fault{Status: status, RetryAfter: 1})
		f.until("the switch to say that one fails", func() (bool, string) {
			var class string
			f.eval(`document.querySelector("[aria-pressed].live").className`, &class)
			return strings.Contains(class, "part"), class
		})
		before := f.table().Count
		put(t, f.sim, f.of[0], 3)
		f.until("entries of the other", func() (bool, string) { n := f.table().Count; return n >= before+3, fmt.Sprint(n) })
		put(t, f.sim, f.of[1], 7)
		f.sim.ClearFaults("algolia")
		f.shows()
	}
	f.until("a row that tells of it", func() (bool, string) {
		var text string
		f.eval(`[...document.querySelectorAll(".gap-row")].map((r) => r.innerText).join("; ")`, &text)
		return strings.Contains(text, "back-filled"), text
	})
}

func TestE2ETail_APausedReaderKeepsPlaceAndSelection(t *testing.T) {
	f := follow(t, "elasticpath")
	f.arrive(1)
	f.shows()
	id := f.table().Rows[4].ID
	sum := f.boxAt(`[role=row][data-id="` + id + `"] .sum`)
	f.drag(sum.X+10, sum.Y+sum.Height/2, sum.X+160, sum.Y+sum.Height/2)
	var text string
	if f.eval(`getSelection().toString()`, &text); len(text) < 5 {
		t.Fatalf("selected is %q", text)
	}
	before := f.places()
	f.arrive(50)
	f.bar("Paused – 50 new")
	var title, now string
	f.eval(`document.title`, &title)
	if !strings.Contains(title, "(50) ") {
		t.Errorf("the title is %q", title)
	}
	if f.eval(`getSelection().toString()`, &now); now != text {
		t.Errorf("selected is %q, was %q", now, text)
	}
	for id, top := range f.places() {
		if was, ok := before[id]; !ok || math.Abs(was-top) > 0.5 {
			t.Errorf("the row of %s stands at %v, stood at %v", id, top, was)
		}
	}
	f.click("button", "Show new")
	f.bar("Paused")
	f.until("the new rows", func() (bool, string) { n := f.table().Count - 1; return n == f.held(), fmt.Sprint(n) })
	f.arrive(2)
	f.bar("Paused – 2 new")
	f.click("button", "Resume live")
	f.shows()
	f.arrive(2)
	f.until("rows at the newest edge", func() (bool, string) {
		got := f.table()
		return got.Count-1 == f.held() && got.Rows[0].Index == 2, fmt.Sprint(got.Count)
	})
	f.press(" ")
	f.bar("Paused")
	f.press(" ")
	f.click("button", "Live")
	f.live("false")
	f.shows()
}
