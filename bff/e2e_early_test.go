//go:build e2e

package main

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// holdProgram keeps the application from loading until window.letGo is called,
// as a slow line does, and counts the questions for entries, not those for a vendor's
// counts.
const holdProgram = `(() => {
  const real = window.fetch, open = new Promise((go) => { window.letGo = go });
  window.asked = 0;
  window.fetch = (url, init) => {
    if (String(url).endsWith('.wasm')) return open.then(() => real(url, init));
    if (String(url).includes('/api/logs?') && !String(url).includes('facets=1')) window.asked++;
    return real(url, init);
  };
})()`

// drawnCells reads the first rows as they stand on the screen, top to bottom:
// how they catch the eye, where they are, their cells and where the summary begins and
// ends. Of the target it is the tag: its name may be another once the vendor told it.
const drawnCells = `(() => {
  const rows = [...document.querySelectorAll('[role=row][data-id]')].filter((r) => !r.hidden && r.getBoundingClientRect().height > 0);
  rows.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  return rows.slice(0, 20).map((r) => {
    const at = r.getBoundingClientRect(), sum = r.querySelector('.sum').getBoundingClientRect();
    const marks = ['mark-err', 'mark-warn', 'mark-ok', 'mark-quiet', 'answered', 'skipped'].filter((c) => r.classList.contains(c));
    return [r.dataset.id, marks, r.querySelector('.src')?.textContent.split(' ')[0], ...[at.top, at.left, sum.left, sum.right].map(Math.round),
      ...['.time', '.lv', '.st', '.took', '.sum'].map((c) => r.querySelector(c).textContent)].join(' | ');
  });
})()`

// TestE2EEarly_RowsComeBeforeTheApplicationAndStay compares the rows drawn by the
// page alone with those that the application draws in their place: each vendor's,
// to the pixel, with one question asked.
func TestE2EEarly_RowsComeBeforeTheApplicationAndStay(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 11})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	var all []string
	for _, a := range accounts {
		all = append(all, address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...))
	}
	cookie := u.http.Jar.Cookies(mustURL(t, p.base))[0]
	b := browse(t, p.base)
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(holdProgram).Do(ctx)
		return err
	}), network.SetCookie(cookie.Name, cookie.Value).WithURL(p.base).WithHTTPOnly(true))
	for _, query := range []string{
		"src=" + url.QueryEscape(all[0]),
		"src=" + url.QueryEscape(all[1]) + "&from=now-7d",
		"src=" + url.QueryEscape(all[2]) + "&from=all",
		"src=" + url.QueryEscape(all[3]) + "&q=status:>=500",
		"src=" + url.QueryEscape(strings.Join(all[3:], ",")),
	} {
		b.run(chromedp.Navigate(p.base + "/logs?" + query))
		b.holds("rows before the application", `document.querySelectorAll('[role=row][data-id]').length > 3`)
		b.eval(`document.fonts.ready.then(() => true)`, nil) // of the first page, they come after its rows
		var early, late []string
		b.eval(drawnCells, &early)
		b.run(chromedp.Evaluate(`window.letGo()`, nil))
		b.holds("the application takes over", `!document.getElementById('early') && document.querySelectorAll('[role=row][data-id]').length > 3`)
		b.eval(drawnCells, &late)
		for i := range min(len(early), len(late)) {
			if early[i] != late[i] {
				t.Errorf("%s: row %d was %q and became %q", query, i, early[i], late[i])
			}
		}
		var asked int
		b.eval(`window.asked`, &asked)
		if asked != 1 {
			t.Errorf("%s: entries were asked for %d times, want once", query, asked)
		}
	}
}

// TestE2EEarly_RowClickedBeforeTheApplicationOpensThen clicks a row that only the page
// has drawn, on a wide screen and on a phone, where the rows of two targets carry their
// tags: it waits for the application, which opens it.
func TestE2EEarly_RowClickedBeforeTheApplicationOpensThen(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 12})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	var all []string
	for _, a := range accounts[:2] {
		all = append(all, address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...))
	}
	cookie := u.http.Jar.Cookies(mustURL(t, p.base))[0]
	b := browse(t, p.base)
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(holdProgram).Do(ctx)
		return err
	}), network.SetCookie(cookie.Name, cookie.Value).WithURL(p.base).WithHTTPOnly(true))
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		b.room(size[0], size[1])
		b.run(chromedp.Navigate(p.base + "/logs?from=all&src=" + url.QueryEscape(strings.Join(all, ","))))
		b.holds("rows before the application", `document.querySelectorAll('#early [role=row][data-id]').length > 3`)
		b.eval(`document.fonts.ready.then(() => true)`, nil)
		var id string
		var at struct{ X, Y float64 }
		b.eval(`document.querySelectorAll('#early [role=row]')[2].dataset.id`, &id)
		b.eval(`(() => { const r = document.querySelectorAll('#early [role=row]')[2].getBoundingClientRect(); return { X: r.left + r.width / 2, Y: r.top + r.height / 2 } })()`, &at)
		b.run(chromedp.MouseClickXY(at.X, at.Y))
		b.holds("the row to wait", `document.querySelector('#early [role=row][aria-busy]')?.dataset.id === `+strconv.Quote(id))
		const tags = `JSON.stringify([...document.querySelectorAll('[role=row][data-id]')].filter((r) => !r.hidden).slice(0, 8).map((r) => { const c = r.querySelector('.src'); return [r.dataset.id, c.textContent.split(' ')[0], c.getBoundingClientRect().width > 8] }).sort())`
		var early, late string
		b.eval(tags, &early)
		if strings.Contains(early, "false") {
			t.Errorf("at %d px rows do not say which target they are of: %s", size[0], early)
		}
		b.run(chromedp.Evaluate(`window.letGo()`, nil))
		b.details(id)
		if b.eval(tags, &late); early != late {
			t.Errorf("tags were %s and became %s", early, late)
		}
	}
}

// TestE2EEarly_ErrorsAreLeftToTheApplication opens a view whose connection is
// missing: nothing is drawn too early, and the application says why.
func TestE2EEarly_ErrorsAreLeftToTheApplication(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 1})
	p := start(t, t.TempDir(), flags...)
	b := browse(t, p.base)
	b.expect("401")
	b.visit("/logs?src=algolia/sim/DEMOAPP")
	b.sees("DEMOAPP")
	b.holds("nothing lies over the page", `!document.getElementById('early')`)
	var list wire.Connections
	b.api("/api/connections", &list)
	if len(list.Connections) != 0 {
		t.Errorf("%d connections", len(list.Connections))
	}
}
