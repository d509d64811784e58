//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/wire"
)

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

// axNodes is an answer with a part of the accessibility tree, as far as it is
// needed. The types of cdproto refuse reasons that newer browsers give.
type axNodes struct {
	Nodes []axNode `json:"nodes"`
}

type axNode struct {
	Ignored    bool              `json:"ignored"`
	Role       axValue           `json:"role"`
	Name       axValue           `json:"name"`
	Properties []axProperty      `json:"properties"`
	ID         cdp.BackendNodeID `json:"backendDOMNodeId"`
}

type axProperty struct {
	Name  string  `json:"name"`
	Value axValue `json:"value"`
}

type axValue struct {
	Value any `json:"value"`
}

func (v axValue) text() string { s, _ := v.Value.(string); return s }

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
		var found axNodes
		if err := cdp.Execute(ctx, accessibility.CommandQueryAXTree, query, &found); err != nil {
			return err // the page is being replaced
		}
		begin, some := strings.CutSuffix(name, "*")
		for _, n := range found.Nodes {
			called := n.Name.text()
			if !n.Ignored && (called == name || some && strings.HasPrefix(called, begin)) {
				out = append(out, node{n.ID, called})
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

// copied clicks a copy button and returns what the clipboard then holds.
func (b *tab) copied(button string) string {
	b.t.Helper()
	clipboard.Lock()
	defer clipboard.Unlock()
	const before = "nothing was copied"
	b.eval(`navigator.clipboard.writeText(`+quote(before)+`)`, nil)
	b.click("button", button)
	text := before
	b.until("something on the clipboard", func() (bool, string) {
		err := b.try(`navigator.clipboard.readText()`, &text)
		return err == nil && text != before, fmt.Sprint(err)
	})
	return text
}

var clipboard sync.Mutex

func quote(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(q)
}
