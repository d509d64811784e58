//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// room gives the window a size.
func (b *tab) room(width, height int64) {
	b.t.Helper()
	b.run(emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
}

// compared is a row of a comparison.
type compared struct{ Section, Path, Class, Old, New, Both string }

func (b *tab) compared() []compared {
	b.t.Helper()
	var out []compared
	b.eval(`[...document.querySelectorAll(".cmp-row")].map((r) => {
		const text = (s) => r.querySelector(s)?.innerText ?? "";
		return { Section: r.closest("[data-section]").dataset.section, Path: r.dataset.path, Class: r.className, Old: text(".cmp-old"), New: text(".cmp-new"), Both: text(".cmp-both") };
	})`, &out)
	return out
}

// marked returns the ids of the drawn rows that show a mark.
func (b *tab) marked() []string {
	b.t.Helper()
	var out []string
	b.eval(`[...document.querySelectorAll("[role=grid] [role=row].picked")].map((r) => r.dataset.id)`, &out)
	slices.Sort(out)
	return out
}

// fits waits until nothing is wider than the window.
func (b *tab) fits(width int) {
	b.t.Helper()
	b.holds("everything to fit into the window", fmt.Sprintf(`document.documentElement.scrollWidth <= %d && document.querySelector(".place").scrollWidth <= %d`, width, width))
}

// TestE2EDrill_CompareSlowAndFastCall marks two calls and looks at what differs: by
// the keyboard, by a link, on a phone.
func TestE2EDrill_CompareSlowAndFastCall(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 400}, "algolia")
	b.room(1440, 900)
	b.visit(logsOf(src, "from", "now-6d", "q", "type:query index:products"))
	rows := b.loaded().Rows
	b.press("j", "x")
	b.sees("1 marked")
	b.press("j", "j", "j", "x")
	b.sees("2 marked; = compares them")
	want := []string{rows[0].ID, rows[3].ID}
	slices.Sort(want)
	if got := b.marked(); !slices.Equal(got, want) {
		t.Errorf("marked are %q, want %q", got, want)
	}
	all := b.entries()
	find := func(id string) logs.Entry {
		return all[slices.IndexFunc(all, func(e logs.Entry) bool { return e.ID == id })]
	}
	old, young := find(rows[3].ID), find(rows[0].ID)

	b.press("=")
	b.at("/compare")
	if got := b.address().Query()["pick"]; !slices.Equal(got, []string{rows[0].ID, rows[3].ID}) {
		t.Errorf("the address names %q", got)
	}
	b.sees("Earlier", "Later", "apart", "What the vendor sent")
	b.comparesRaw(old, young)

	// The slow and the fast one: side by side where there is room.
	aside := `(() => { const r = [...document.querySelectorAll(".cmp-row:not(.long)")].find((r) => r.querySelector(".cmp-old:not(.none)") && r.querySelector(".cmp-new:not(.none)")),
		o = r.querySelector(".cmp-old").getBoundingClientRect(), n = r.querySelector(".cmp-new").getBoundingClientRect();
		return { X: n.left - o.left, Y: n.top - o.top }; })()`
	var at struct{ X, Y float64 }
	if b.eval(aside, &at); at.X < 300 || at.Y != 0 {
		t.Errorf("at 1440 px the later value is %+v from the earlier one", at)
	}
	b.room(390, 844)
	b.fits(390)
	if b.eval(aside, &at); at.X != 0 || at.Y <= 0 {
		t.Errorf("at 390 px the later value is %+v from the earlier one", at)
	}
	b.room(1440, 900)

	// Back: the table as it was, marks and all.
	b.press(kb.Escape)
	b.at("/logs")
	if got := b.marked(); !slices.Equal(got, want) {
		t.Errorf("after Back %q are marked, want %q", got, want)
	}
	b.forward()
	b.at("/compare")

	// The same from a link, with nothing loaded before.
	link := b.address().RequestURI()
	b.visit(link)
	b.sees("Earlier", "Later", "What the vendor sent")
	b.comparesRaw(old, young)
	b.press(kb.Escape)
	b.at("/logs")
	b.loaded()

	// A link to what is not there says so.
	v := b.address().Query()
	v["pick"] = []string{rows[0].ID, "0000000000000000000000000000000000000000"}
	b.visit("/compare?" + v.Encode())
	b.sees("The second entry (0000…0000) is not among the", "The other entry was found.")
	v["pick"] = nil
	b.visit("/compare?" + v.Encode())
	b.sees("This address names fewer than two entries.")
}

// comparesRaw holds what is shown of two calls against the vendor's own JSON.
func (b *tab) comparesRaw(old, young logs.Entry) {
	b.t.Helper()
	members := func(raw json.RawMessage) map[string]string {
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			b.t.Fatal(err)
		}
		out := map[string]string{}
		for k, v := range m {
			if s, ok := v.(string); ok && k != "query_body" && k != "answer" && k != "url" && k != "query_headers" { // decoded further
				out[k] = s
			}
		}
		delete(out, "ip") // masked: see below
		return out
	}
	left, right := members(old.Raw), members(young.Raw)
	check := func(same bool) {
		b.t.Helper()
		got := b.compared()
		for _, c := range got {
			if c.Section == "raw" && c.Path == "ip" && !strings.HasPrefix(c.Both+c.Old, "[ip ") {
				b.t.Errorf("the address is shown as %+v", c)
			}
		}
		for k := range left {
			i := slices.IndexFunc(got, func(c compared) bool { return c.Section == "raw" && c.Path == k })
			switch {
			case left[k] != right[k] && right[k] != "":
				if i < 0 || got[i].Old != left[k] || got[i].New != right[k] {
					b.t.Errorf("%s changed from %q to %q, and is shown as %+v", k, left[k], right[k], got)
				}
			case left[k] == right[k] && same:
				if i < 0 || got[i].Both != left[k] {
					b.t.Errorf("%s is %q on both sides, and is shown as %+v", k, left[k], got)
				}
			case left[k] == right[k] && i >= 0:
				b.t.Errorf("%s is equal and not folded: %+v", k, got[i])
			}
		}
	}
	check(false)
	b.eval(`document.querySelector("[data-section=raw] .cmp-title button").click()`, nil)
	b.holds("the equal values", `document.querySelector("[data-section=raw] .cmp-row.same")`)
	check(true)
	b.eval(`document.querySelector("[data-section=raw] .cmp-title button").click()`, nil)
	b.holds("the equal values to be folded", `!document.querySelector("[data-section=raw] .cmp-row.same")`)
}

// TestE2EDrill_CompareOfTwoJobsSearches marks in one search what is compared with
// what another one finds, and reads a long text line by line.
func TestE2EDrill_CompareOfTwoSearches(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 60}, "deepset")
	message := func(changed string) json.RawMessage {
		lines := make([]string, 2000)
		for i := range lines {
			lines[i] = fmt.Sprintf("line %d of the prompt", i+1)
		}
		lines[999] = changed
		text, _ := json.Marshal(strings.Join(lines, "\n"))
		return json.RawMessage(`{"message":` + string(text) + `,"level":"info"}`)
	}
	if err := sim.Append("deepset/production/rag-prod", message("the answer took 9.8 s")); err != nil {
		t.Fatal(err)
	}
	if err := sim.Append("deepset/production/rag-prod", message("the answer took 12 s")); err != nil {
		t.Fatal(err)
	}
	b.visit(logsOf(src, "q", `"took 9.8 s"`))
	b.loaded()
	b.press("j", "x")
	b.sees("1 marked")
	b.filter(`"took 12 s"`)
	b.has("q", `"took 12 s"`)
	b.until("the other one", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && len(got.Rows) == 1 && len(b.marked()) == 0, fmt.Sprint(got.Rows)
	})
	b.press(kb.Escape)
	b.press("j", "x")
	b.sees("2 marked")
	b.press("=")
	b.at("/compare")
	b.sees("equal lines", "the answer took", "9.8", "12")
	b.holds("the words that differ", `document.querySelector(".cmp-pre del").innerText === "9.8" && document.querySelector(".cmp-pre ins").innerText === "12"`)
	if text := b.text(); strings.Contains(text, "line 500 of the prompt") {
		t.Error("equal lines are not folded")
	}
}

// timelineOf returns the address of the time line.
func timelineOf(src []string, parts ...string) string {
	return strings.Replace(logsOf(src, parts...), "/logs", "/timeline", 1)
}

// published lets a store's job, the calls of a search application that follow it,
// and a query arrive, which name the release.
func published(t *testing.T, sim *simulate.Server, release string) {
	t.Helper()
	now := time.Now().UTC()
	stamp := func(back time.Duration) string { return now.Add(-back).Format("2006-01-02T15:04:05.000000000Z") }
	call := func(back time.Duration, path, body string, more string) json.RawMessage {
		text, _ := json.Marshal(body)
		return json.RawMessage(`{"timestamp":"` + now.Add(-back).Format("2006-01-02T15:04:05Z") + `","method":"POST","answer_code":"200","query_body":` + string(text) +
			`,"answer":"{}","url":"` + path + `","ip":"203.0.113.9","query_headers":"Host: x\n","index":"products","processing_time_ms":"7"` + more + `}`)
	}
	if err := sim.Append("elasticpath", json.RawMessage(`{"type":"integration-log","succeeded":true,"attempt":1,"processing_time":0.4,"status_code":200,"error_detail":"",
		"body":"{\"received\":true,\"release\":\"`+release+`\"}","relationships":{"integration":{"data":{"type":"integration","id":"c3a9f6b4-51de-4d3f-8e21-0b7a5d94c612"}},
		"job":{"data":{"type":"integration-job","id":"5d0c1e2f-0000-4000-8000-00000000beef"}}},"meta":{"timestamps":{"created_at":"`+stamp(60*time.Second)+`"}}}`)); err != nil {
		t.Fatal(err)
	}
	if err := sim.Append("algolia",
		call(48*time.Second, "/1/indexes/products/batch", `{"requests":[{"action":"updateObject","body":{"objectID":"17","release":"`+release+`"}}]}`, ""),
		call(20*time.Second, "/1/indexes/products/query", `{"params":"query=tent"}`, `,"query_nb_hits":"42","nb_api_calls":"1"`)); err != nil {
		t.Fatal(err)
	}
}

// TestE2EDrill_TimelineSaysWhy shows a publication of a store, the change of an index
// after it, and the first query that found something: each link with its reason.
func TestE2EDrill_TimelineSaysWhy(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 3, Entries: 80}, "elasticpath", "algolia")
	published(t, sim, "rel-9f31c7d2e4")
	b.room(1440, 900)
	b.visit(logsOf(src, "from", "now-1h"))
	b.loaded()
	b.click("link", "Timeline")
	b.at("/timeline")
	b.sees("Both name rel-9f31c7d2e4, 12 s after.", "First query with hits on index products, 28 s after its last change.", "2 links in 1 story", "entries of 2 targets", "All that could be read of this view was looked at.")
	var drawn struct{ Lanes, Links, Bins int }
	b.eval(`({ Lanes: document.querySelectorAll(".tl-labels li").length, Links: document.querySelectorAll("path[data-tl~=link]").length, Bins: document.querySelectorAll("rect[data-tl~=bin]").length })`, &drawn)
	if drawn.Lanes != 2 || drawn.Links < 2 || drawn.Bins < 5 {
		t.Errorf("the axis has %+v", drawn)
	}
	b.press("j", "j")
	b.keyboardAt("the second step", `document.activeElement.id === "step-1"`)
	b.press("k")
	b.keyboardAt("the first step", `document.activeElement.id === "step-0"`)
	b.room(390, 844)
	b.fits(390)
	b.room(1440, 900)
	b.press(kb.Enter)
	b.at("/logs")
	u, err := url.Parse(b.address().String())
	if err != nil || u.Query().Get("sel") == "" {
		t.Fatalf("a step leads to %v, %v", u, err)
	}
	b.loaded()
	b.panelSays("5d0c…beef")

	// The same by a link, on a phone.
	b.room(390, 844)
	b.visit(timelineOf(src, "from", "now-1h"))
	b.sees("Both name rel-9f31c7d2e4, 12 s after.")
	b.fits(390)

	// Where nothing is shared nothing is claimed.
	b.visit(timelineOf(src[:1], "from", "now-1h"))
	b.sees("No entries of different vendors share an id or a name here. That says only that none was found among what is loaded.")
}

// TestE2EDrill_AroundKeepsThePlace looks at what else happened around an entry far
// down in a long table, over all targets, and comes back to that very place.
func TestE2EDrill_AroundKeepsThePlace(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 3, Entries: 400}, "algolia", "elasticpath")
	b.visit(logsOf(src, "from", "now-6d", "q", "-status:404"))
	b.loaded()
	for range 5 {
		b.press(kb.PageDown)
	}
	const top = `document.querySelector(".rows-scroll").scrollTop`
	var focused string
	b.until("the table to have gone down", func() (bool, string) {
		focused = b.table().Active
		var at float64
		b.eval(top, &at)
		return at > 500 && focused != "" && b.table().Busy == "false", fmt.Sprint(at, focused)
	})
	var before, after float64
	b.eval(top, &before)
	places := b.places()

	b.press("a")
	b.until("a minute of everything", func() (bool, string) {
		from, err := time.Parse(time.RFC3339Nano, b.param("from"))
		to, err2 := time.Parse(time.RFC3339Nano, b.param("to"))
		return err == nil && err2 == nil && to.Sub(from) >= time.Minute && to.Sub(from) < 62*time.Second && b.param("q") == "" && b.param("src") == strings.Join(src, ","), b.address().RawQuery
	})
	b.sees("Back to the list")
	b.until("the entry among them", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && slices.ContainsFunc(got.Rows, func(r drawnRow) bool { return r.ID == focused }), fmt.Sprint(got.Rows)
	})
	for _, e := range b.entries() {
		if !slices.Contains(src, e.Src) {
			t.Errorf("%s is of %s", e.ID, e.Src)
		}
	}

	asks := b.asks()
	b.click("button", "Back to the list")
	b.has("q", "-status:404")
	b.until("the table as it was", func() (bool, string) {
		got := b.table()
		b.eval(top, &after)
		return got.Active == focused && after == before, fmt.Sprintf("focused %s, want %s; at %v px, want %v", got.Active, focused, after, before)
	})
	for id, at := range places {
		b.still(id, at)
		break
	}
	if n := b.asks(); n != asks {
		t.Errorf("coming back asked for entries %d times", n-asks)
	}
}
