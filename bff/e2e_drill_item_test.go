//go:build e2e

package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// assertAt is the address of the list of items, and itemAt that of one item.
func assertAt(src []string, parts ...string) string {
	return strings.Replace(logsOf(src, parts...), "/logs?", "/coveo/assert?", 1)
}

func itemAt(src []string, uri string, parts ...string) string {
	return strings.Replace(logsOf(src, append(parts, "uri", uri)...), "/logs?", "/coveo/items?", 1)
}

// paste puts text into the list of items, as pasting does.
func (b *tab) paste(text string) {
	b.t.Helper()
	n := b.one(0, "textbox", "Items")
	if err := b.call(n, `function() { this.value = `+quote(text)+`; this.dispatchEvent(new Event("input", {bubbles: true})) }`, nil); err != nil {
		b.t.Fatal(err)
	}
}

// verdictRows are the items that are drawn, as "word item".
func (b *tab) verdictRows() []string {
	var out []string
	b.eval(`[...document.querySelectorAll("ol[aria-label=Items] > li > a")].map((a) => a.children[0].innerText + " " + a.children[1].innerText)`, &out)
	return out
}

// judged waits for the verdicts and returns what their counts say.
func (b *tab) judged() map[string]string {
	b.t.Helper()
	out := map[string]string{}
	b.until("verdicts", func() (bool, string) {
		var texts []string
		b.eval(`[...document.querySelectorAll("[role=group][aria-label=Verdicts] button")].map((e) => e.innerText.replaceAll("\n", " "))`, &texts)
		for _, s := range texts {
			if at := strings.LastIndex(s, " "); at > 0 {
				out[strings.TrimSpace(s[:at])] = s[at+1:]
			}
		}
		return len(out) > 0, b.text()
	})
	return out
}

// TestE2EDrill_AreMyItemsIndexed is a Coveo administrator's way from a list of what
// was pushed to the reason why some of it is missing.
func TestE2EDrill_AreMyItemsIndexed(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "coveo")
	_, items := simulate.CoveoBatch()
	b.visit(logsOf(src))
	b.loaded()
	b.click("link", "Items")
	b.at("/coveo/assert")
	b.paste(strings.Join(items, "\n"))
	b.fill("textbox", "Since", "3h")
	sim.ClearCalls("coveo")
	b.click("button", "Check")
	want := map[string]string{"All": "240", "Indexed": "231", "Failed": "6", "Under way": "2", "Not seen": "1"}
	if got := b.judged(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	b.has("from", "now-3h") // the link asks of the same
	if calls, _ := coveoCalls(sim); calls > 6 {
		t.Errorf("%d calls", calls)
	}

	// The numbers of the API and of the command.
	var api struct{ Verdicts []wire.Verdict }
	body, _ := json.Marshal(wire.Assert{Src: src[0], Items: items, From: "now-3h"})
	var text string
	b.eval(`fetch("/api/assert", {method: "POST", body: `+quote(string(body))+`, headers: {"Content-Type": "application/json", "X-Logpane": "1"}}).then((r) => r.text())`, &text)
	if err := json.Unmarshal([]byte(text), &api); err != nil || fmt.Sprint(asserted(api.Verdicts)) != batchCounts(240) {
		t.Errorf("%v: %v", err, asserted(api.Verdicts))
	}

	// What failed, and why.
	b.click("button", "Failed 6")
	b.until("six rows", func() (bool, string) {
		got := b.verdictRows()
		return len(got) == 6, fmt.Sprint(got)
	})
	b.one(0, "button", "INVALID_DOCUMENT 4")
	b.click("button", "INVALID_DOCUMENT 4")
	b.until("four rows", func() (bool, string) {
		got := b.verdictRows()
		return len(got) == 4 && got[0] == "Failed "+items[0], fmt.Sprint(got)
	})
	calls, _ := coveoCalls(sim)
	b.click("link", "Failed "+items[0]+" CONSUMING *")
	b.at("/coveo/items")
	b.has("uri", items[0])
	b.sees("Failed at CONSUMING", "INVALID_DOCUMENT", "No permissions are set on document.", "stopped here", "it carries no permissions", "not reached: the index", "Products (push)")
	var rail []string
	b.eval(`[...document.querySelectorAll("ol[aria-label=Stages] > li[data-stage]")].map((e) => e.dataset.stage)`, &rail)
	if !slices.Equal(rail, []string{"STREAMING", "CONSUMING"}) {
		t.Errorf("the rail is %q", rail)
	}

	// Back costs nothing.
	more, _ := coveoCalls(sim)
	b.back()
	b.at("/coveo/assert")
	if got := b.judged(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after Back: %v", got)
	}
	if got := b.verdictRows(); len(got) != 4 {
		t.Errorf("after Back: %q", got)
	}
	if again, _ := coveoCalls(sim); again != more || more > calls+1 {
		t.Errorf("%d calls, %d with the passport, %d after Back", calls, more, again)
	}

	// All verdicts leave as CSV.
	rows, err := csv.NewReader(strings.NewReader(b.copied("Copy CSV"))).ReadAll()
	if err != nil || len(rows) != 241 || rows[1][0] != items[0] || rows[1][1] != "failed" || rows[1][3] != "INVALID_DOCUMENT" {
		t.Errorf("%d rows, %v", len(rows), err)
	}

	// From the passport to all with the same error.
	b.forward()
	b.click("link", "All with INVALID_DOCUMENT")
	b.at("/logs")
	b.has("q", "error_code:INVALID_DOCUMENT")
	got := b.loaded()
	if got.Count < 5 {
		t.Errorf("%d rows", got.Count)
	}
	for _, r := range got.Rows {
		if !strings.Contains(r.Text, "INVALID_DOCUMENT") {
			t.Errorf("row %q", r.Text)
		}
	}
}

// TestE2EDrill_PassportOfOddItems reads rails that no manual draws.
func TestE2EDrill_PassportOfOddItems(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "coveo")
	log := func(uri, stage, operation, result string, ago time.Duration) {
		t.Helper()
		at := time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z")
		if err := sim.Append("coveo", json.RawMessage(fmt.Sprintf(`{"id":%q,"sourceId":"s","task":%q,"operation":%q,"result":%q,"datetime":%q}`, uri, stage, operation, result, at))); err != nil {
			t.Fatal(err)
		}
	}
	const gone, odd = "https://x.example/gone?a=1&b=2", "https://x.example/<b>odd</b>#é"
	for i, stage := range []string{"STREAMING", "CONSUMING", "INDEXING"} {
		log(gone, stage, "ADD", "COMPLETED", time.Hour-time.Duration(i)*time.Second)
		log(gone, stage, "DELETE", "COMPLETED", time.Minute-time.Duration(i)*time.Second)
	}
	log(odd, "STREAMING", "ADD", "COMPLETED", 10*time.Minute)
	log(odd, "CONSUMING", "ADD", "ERROR", 9*time.Minute)
	log(odd, "CONSUMING", "ADD", "COMPLETED", 8*time.Minute)
	log(odd, "TELEPORTING", "ADD", "COMPLETED", 7*time.Minute)
	log(odd, "INDEXING", "ADD", "COMPLETED", 6*time.Minute)
	log(odd, "STREAMING", "UPDATE", "COMPLETED", 2*time.Minute)

	b.visit(itemAt(src, gone))
	b.sees("Removed: DELETE went through.", gone)
	if text := b.text(); strings.Contains(text, "Failed") || strings.Contains(text, "failed") || strings.Contains(text, "stopped here") {
		t.Errorf("a removal is called a failure: %s", text)
	}
	runs := func() (out []string) {
		b.eval(`[...document.querySelectorAll("details")].map((d) => [...d.querySelectorAll("li[data-stage]")].map((e) => e.dataset.stage).join(" "))`, &out)
		return out
	}
	if got := runs(); !slices.Equal(got, []string{"STREAMING CONSUMING INDEXING", "STREAMING CONSUMING INDEXING"}) {
		t.Errorf("runs %q", got)
	}

	b.visit(itemAt(src, odd))
	b.sees("Under way, STREAMING done", odd)
	if got := runs(); !slices.Equal(got, []string{"STREAMING", "STREAMING CONSUMING CONSUMING TELEPORTING INDEXING"}) {
		t.Errorf("runs %q", got)
	}
	b.click("link", "Entries of this item")
	b.at("/logs")
	if got := b.loaded(); got.Count != 7 {
		t.Errorf("%d rows with their head, want 7", got.Count)
	}

	// The span is part of the address, and what is unseen in it is so by name.
	const nobody = "https://x.example/nobody"
	b.visit(itemAt(src, nobody))
	b.sees("Not seen", "nothing names this item")
	b.visit(itemAt(src, nobody, "from", "now-20d"))
	b.sees("Unknown", "14 days")
	b.click("link", "7 days")
	b.has("from", "now-7d")
	b.sees("Not seen")
}

// TestE2EDrill_ItemLinkOfAStranger opens a passport and a list without a connection.
func TestE2EDrill_ItemLinkOfAStranger(t *testing.T) {
	t.Parallel()
	_, flags := simulated(t, simulate.Options{Seed: 5})
	p := start(t, t.TempDir(), flags...)
	b := browse(t, p.base)
	_, items := simulate.CoveoBatch()
	src := []string{"coveo/sim/" + simulate.CoveoOrg}
	b.expect("401")
	b.visit(assertAt(src))
	b.sees("Connect Coveo")
	b.visit(itemAt(src, items[4], "from", "now-3h"))
	b.sees("Connect Coveo to see this")
	b.filled("Organization ID", simulate.CoveoOrg)
	b.fill("textbox", "API key or access token", simulate.CoveoToken)
	b.click("button", "Connect")
	b.at("/coveo/items")
	b.has("uri", items[4])
	b.sees("Failed at EXTENSION", "rejected by the extension", "allow-public-only")
}

// TestE2EDrill_FiveThousandItems checks, turns and filters a list of the largest
// size, of which at most 200 rows are drawn, and says how late the page was meanwhile.
func TestE2EDrill_FiveThousandItems(t *testing.T) { // by itself: it takes the time
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 20_000}, "coveo")
	_, items := simulate.CoveoBatch()
	for i := len(items); i < item.MaxItems; i++ {
		items = append(items, fmt.Sprintf("https://nobody.example/%d", i))
	}
	b.visit(assertAt(src, "from", "now-3d"))
	b.paste("id,uri\n1," + strings.Join(items, "\n2,"))
	b.eval(`(() => { window.late = 0; let last = performance.now();
		window.beat = setInterval(() => { const now = performance.now(); window.late = Math.max(window.late, now - last - 10); last = now }, 10) })()`, nil)
	b.click("button", "Check")
	want := map[string]string{"All": "5,000", "Indexed": "231", "Failed": "6", "Under way": "2", "Not seen": "4,761"}
	if got := b.judged(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	b.sees("5,000 items of a CSV, column “uri”")
	b.click("button", "Not seen 4,761")
	b.sees("1–100 of 4,761")
	b.click("button", "Next")
	b.sees("101–200 of 4,761")
	if n := len(b.verdictRows()); n > 200 || n == 0 {
		t.Errorf("%d rows are drawn", n)
	}
	var late float64
	b.eval(`(clearInterval(window.beat), window.late)`, &late)
	t.Logf("the page was late by at most %.0f ms", late) // told, not judged: other browsers run beside
	b.paste("https://one.more/\n" + strings.Join(items, "\n"))
	b.click("button", "Check")
	b.sees("more than 5,000 items")
}

// TestE2EDrill_ASlowCheckCanBeLeft cancels a check that takes its time.
func TestE2EDrill_ASlowCheckCanBeLeft(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 20_000}, "coveo")
	_, items := simulate.CoveoBatch()
	sim.Fault("coveo", simulate.Fault{DelayMS: 2_000, Count: 1000})
	b.visit(assertAt(src, "from", "now-13d"))
	b.paste(strings.Join(items, "\n"))
	b.click("button", "Check")
	b.sees("of 240 items settled", "entries read", " s ")
	calls, _ := coveoCalls(sim)
	if calls > 4 {
		t.Errorf("%d calls at once", calls)
	}
	b.run(chromedp.Evaluate(`document.querySelector(".assert-busy button").focus()`, nil))
	b.click("button", "Cancel")
	b.sees("Canceled")
	if got := b.verdictRows(); len(got) > 0 {
		t.Errorf("verdicts of a canceled check: %q", got)
	}
	sim.ClearFaults("coveo")
	b.fill("textbox", "Since", "3h")
	b.click("button", "Check")
	if got := b.judged(); got["Indexed"] != "231" {
		t.Errorf("%v", got)
	}
}
