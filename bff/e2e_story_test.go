//go:build e2e

package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/bff/simulate"
)

// box is where an element is, in CSS pixels of the window.
type box struct{ X, Y, Width, Height float64 }

func (b *tab) boxOf(n node) box {
	b.t.Helper()
	var at box
	if err := b.call(n, `function() { return this.getBoundingClientRect().toJSON() }`, &at); err != nil {
		b.t.Fatal(err)
	}
	return at
}

// boxAt is boxOf the one element that a selector finds.
func (b *tab) boxAt(selector string) box {
	b.t.Helper()
	var at box
	b.eval(`document.querySelector(`+quote(selector)+`).getBoundingClientRect().toJSON()`, &at)
	return at
}

// drag presses the mouse button at one place, moves to another one and lets go.
func (b *tab) drag(fromX, fromY, toX, toY float64) {
	b.t.Helper()
	b.grab(fromX, fromY, toX, toY)
	b.run(chromedp.MouseEvent(input.MouseReleased, toX, toY, chromedp.ButtonLeft, chromedp.ClickCount(1)))
}

// grab is drag without letting go.
func (b *tab) grab(fromX, fromY, toX, toY float64) {
	b.t.Helper()
	b.run(chromedp.MouseEvent(input.MouseMoved, fromX, fromY),
		chromedp.MouseEvent(input.MousePressed, fromX, fromY, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	const steps = 5
	for i := 1; i <= steps; i++ {
		f := float64(i) / steps
		b.run(chromedp.MouseEvent(input.MouseMoved, fromX+(toX-fromX)*f, fromY+(toY-fromY)*f, chromedp.ButtonLeft))
	}
}

// ctrl presses a letter with Control held.
func (b *tab) ctrl(letter string) {
	b.t.Helper()
	b.chord(letter, "Key"+strings.ToUpper(letter), int64(strings.ToUpper(letter)[0]), input.ModifierCtrl)
}

// shift presses a named key, such as ArrowLeft, with Shift held.
func (b *tab) shift(key string, code int64) {
	b.t.Helper()
	b.chord(key, key, code, input.ModifierShift)
}

func (b *tab) chord(key, code string, windows int64, m input.Modifier) {
	b.t.Helper()
	event := func(kind input.KeyType) chromedp.Action {
		return input.DispatchKeyEvent(kind).WithKey(key).WithCode(code).WithWindowsVirtualKeyCode(windows).WithModifiers(m)
	}
	b.run(event(input.KeyRawDown), event(input.KeyUp))
}

// param returns a part of the address.
func (b *tab) param(name string) string { b.t.Helper(); return b.address().Query().Get(name) }

// has waits until a part of the address is so.
func (b *tab) has(name, want string) {
	b.t.Helper()
	b.until(fmt.Sprintf("%s=%s in the address", name, want), func() (bool, string) {
		got := b.param(name)
		return got == want, fmt.Sprintf("it is %q", got)
	})
}

// asks returns how often the page asked for entries so far; a vendor's counts are
// asked for apart.
func (b *tab) asks() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, address := range b.asked {
		if !strings.Contains(address, "facets=1") {
			n++
		}
	}
	return n
}

// back goes back in the history, and forward goes forward.
func (b *tab) back()    { b.t.Helper(); b.run(chromedp.Evaluate(`history.back()`, nil)) }
func (b *tab) forward() { b.t.Helper(); b.run(chromedp.Evaluate(`history.forward()`, nil)) }

// pills returns what stands on the pills of the filter.
func (b *tab) pills() []string {
	var out []string
	b.eval(`[...document.querySelectorAll("[role=group][aria-label=Filter] li")].map((li) => li.querySelector("button").innerText.replaceAll("\n", " "))`, &out)
	return out
}

// pill waits until there is a pill that begins so, and holds what it says of where
// it was evaluated.
func (b *tab) pill(text, where string) {
	b.t.Helper()
	b.until(fmt.Sprintf("a pill %s, %s", text, where), func() (bool, string) {
		all := b.pills()
		return slices.ContainsFunc(all, func(p string) bool { return strings.HasPrefix(p, text) && strings.Contains(p, where) }), fmt.Sprintf("there are %q", all)
	})
}

// lane waits until the coverage of a target says something.
func (b *tab) lane(begins string, says ...string) {
	b.t.Helper()
	for _, want := range says {
		b.until(fmt.Sprintf("the lane %q to say %q", begins, want), func() (bool, string) {
			coverage := b.find(0, "group", "Coverage")
			if len(coverage) != 1 {
				return false, "there is no coverage"
			}
			all := b.find(coverage[0].id, "button", begins+"*")
			return len(all) == 1 && strings.Contains(all[0].name, want), fmt.Sprint(all)
		})
	}
}

// column returns what the drawn rows say in a column, by its name, from the top.
func (b *tab) column(name string) []string {
	b.t.Helper()
	var out []string
	b.eval(`(() => {
		const heads = [...document.querySelectorAll("[role=columnheader]")], at = heads.findIndex((h) => h.dataset.col === `+quote(name)+`);
		if (at < 0) return [];
		return [...document.querySelectorAll("[role=grid] [role=row][data-id]")].filter((r) => r.checkVisibility())
			.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((r) => r.children[at].innerText);
	})()`, &out)
	return out
}

// panelSays waits until the details hold these texts.
func (b *tab) panelSays(texts ...string) {
	b.t.Helper()
	for _, want := range texts {
		b.until(fmt.Sprintf("the details to say %q", want), func() (bool, string) {
			var text string
			err := b.try(`document.querySelector("[role=complementary]").innerText`, &text)
			return strings.Contains(text, want), fmt.Sprintf("%v they say %s", err, text)
		})
	}
}

// another opens a profile of its own with a connection to one vendor's simulator.
func (b *tab) another(p *program, vendor string) (*tab, string) {
	b.t.Helper()
	u := p.user(b.t)
	a := accounts[slices.IndexFunc(accounts, func(a account) bool { return a.vendor == vendor })]
	c := u.connect(a.vendor, "sim", a.account, a.creds)
	other := browse(b.t, p.base)
	other.signedIn(u)
	return other, address(c, a.path...)
}

// running is connected, with what the simulators hold and the running program.
func running(b *tab) *program { return &program{base: b.base} }

// asked returns the calls of a vendor's simulator that satisfy a condition.
func asked(sim *simulate.Server, vendor string, is func(simulate.Call) bool) []simulate.Call {
	return slices.DeleteFunc(sim.Calls(vendor), func(c simulate.Call) bool { return !is(c) })
}

// ago writes a moment as addresses do.
func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339) }

// logsOf returns the address that shows targets with these parts besides.
func logsOf(src []string, parts ...string) string {
	v := url.Values{"src": {strings.Join(src, ",")}}
	for i := 0; i+1 < len(parts); i += 2 {
		v.Set(parts[i], parts[i+1])
	}
	return "/logs?" + v.Encode()
}
