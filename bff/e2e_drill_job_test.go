//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

// shipping is the integration "Order shipping notification" of the simulated store.
const shipping = "8edd44ef-1856-4456-90ec-d9fab8a25049"

// attempt is one delivery as the vendor logs it.
type attempt struct {
	id     string
	number int
	ago    time.Duration
	status int
	took   float64 // seconds
	body   string
}

// deliver logs the attempts of a job of the shipping integration.
func deliver(t *testing.T, sim *simulate.Server, vendor, job string, attempts ...attempt) {
	t.Helper()
	now := time.Now()
	ref := func(kind, id string) any { return map[string]any{"data": map[string]string{"type": kind, "id": id}} }
	for _, a := range attempts {
		failure := ""
		if a.status >= 300 {
			failure = "Received a status code outside of 2xx range - treating webhook as a fail"
		}
		raw, err := json.Marshal(map[string]any{
			"id": a.id, "type": "integration-log", "succeeded": a.status < 300, "attempt": a.number, "processing_time": a.took, "status_code": a.status,
			"body": a.body, "error_detail": failure, "relationships": map[string]any{"integration": ref("integration", shipping), "job": ref("integration-job", job)},
			"meta": map[string]any{"timestamps": map[string]string{"created_at": now.Add(-a.ago).UTC().Format(time.RFC3339Nano)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := sim.Append(vendor, raw); err != nil {
			t.Fatal(err)
		}
	}
}

// night is a job that fails three times, the last time with another answer.
const night = "3b69f1f0-33f0-4a51-9c0d-3f61ac1fcd26"

func nightJob(t *testing.T, sim *simulate.Server) {
	deliver(t, sim, "elasticpath", night,
		attempt{"a-1", 1, 5 * time.Minute, 404, .25, "Not found"},
		attempt{"a-2", 2, 4*time.Minute + 40*time.Second, 500, 9.8, `{"error":"could not connect to database","order":"100001","trace":["db.Connect","shipping.Notify"]}`},
		attempt{"a-3", 3, 3*time.Minute + 40*time.Second, 500, 9.8, `{"error":"could not connect to database","order":"100002","trace":["db.Connect","shipping.Notify"]}`},
	)
}

// jobAt is the address of a job of the shipping integration.
func jobAt(src []string, job string, parts ...string) string {
	return strings.Replace(logsOf(src, parts...), "/logs?", "/ep/jobs/"+shipping+"/"+job+"?", 1)
}

// rung is an attempt as the page shows it.
type rung struct {
	ID, Text string
	Chosen   bool
}

// ladder waits until the page shows so many attempts, compared, and returns them with
// the texts between them.
func (b *tab) ladder(n int) (rungs []rung, gaps []string) {
	b.t.Helper()
	var got struct {
		Rungs []rung
		Gaps  []string
	}
	b.until(fmt.Sprintf("a ladder of %d", n), func() (bool, string) {
		err := b.try(`(() => {
			const list = document.querySelector("ol[aria-label=Attempts]");
			return {
				Rungs: [...list?.querySelectorAll("li[data-id]") ?? []].map((r) => ({ID: r.dataset.id, Text: r.innerText, Chosen: r.ariaCurrent === "true"})),
				Gaps: [...list?.querySelectorAll("li:not([data-id])") ?? []].filter((g) => g.checkVisibility()).map((g) => g.innerText),
			};
		})()`, &got)
		text := ""
		for _, r := range got.Rungs {
			text += r.Text
		}
		return err == nil && len(got.Rungs) == n && !strings.Contains(text, "Not compared yet"), fmt.Sprintf("%d %v; the page says %s", len(got.Rungs), err, b.text())
	})
	return got.Rungs, got.Gaps
}

func says(t *testing.T, what, text string, want ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, w := range want {
		if not, ok := strings.CutPrefix(w, "!"); ok == strings.Contains(text, not) {
			t.Errorf("%s says %q; want %q", what, text, w)
		}
	}
}

// onRung clicks on a button of an attempt.
func (b *tab) onRung(id, button string) {
	b.t.Helper()
	b.holds("the button "+button+" of "+id, `(() => {
		const x = [...document.querySelectorAll("li[data-id="+CSS.escape(`+quote(id)+`)+"] button")].find((x) => x.innerText.trim() === `+quote(button)+`);
		x?.click();
		return !!x;
	})()`)
}

// TestE2EDrillJob_FromTheTableToTheLadderAndBack is the integrator's way from a row of
// the table to what changed between its job's attempts, and back to the same rows.
func TestE2EDrillJob_FromTheTableToTheLadderAndBack(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	nightJob(t, sim)
	b.visit(logsOf(src, "q", "succeeded:false job:"+night, "from", "now-24h"))
	before := b.loaded()
	asks := b.asks()
	b.press("j", kb.Enter)
	b.details("a-3")
	b.click("link", "Open job")
	b.at("/ep/jobs/" + shipping + "/" + night)

	rungs, gaps := b.ladder(3)
	if rungs[0].ID != "a-1" || rungs[1].ID != "a-2" || rungs[2].ID != "a-3" || strings.Join(gaps, " ") != "+20 s +1 min" {
		t.Errorf("attempts %v, gaps %q", rungs, gaps)
	}
	var heights []float64
	if b.eval(`[...document.querySelectorAll("ol[aria-label=Attempts] > li:not([data-id])")].map((g) => g.offsetHeight)`, &heights); len(heights) != 3 || heights[1] < 30 || heights[2] < heights[1]+10 {
		t.Errorf("a longer pause takes no more room: %v", heights)
	}
	b.sees("failed after 3 attempts", "Order shipping notification", shippingHost, "order.fulfilled", "order.shipped", "over 1 min 20 s")
	says(t, "attempt 1", rungs[0].Text, "Attempt 1", "404", "Not found", "of 10 s", "!near the limit")
	says(t, "attempt 2", rungs[1].Text, "status 404 → 500", "near the limit", "Show 2 equal values", "Not found", "!outside of 2xx")
	says(t, "attempt 3", rungs[2].Text, "Outcome, status and error as before", "order 100001 → 100002", "of the response", "!could not connect", "!404")

	// What is equal is a click away.
	b.onRung("a-3", "Show 2 equal values of the response")
	b.until("the equal values", func() (bool, string) {
		rungs, _ = b.ladder(3)
		return strings.Contains(rungs[2].Text, "could not connect to database"), rungs[2].Text
	})
	b.onRung("a-2", "Show 2 equal values")
	b.until("the equal values", func() (bool, string) {
		rungs, _ = b.ladder(3)
		return strings.Contains(rungs[1].Text, "outside of 2xx"), rungs[1].Text
	})
	b.onRung("a-3", "Show the whole response")
	b.until("the JSON, pretty", func() (bool, string) {
		rungs, _ = b.ladder(3)
		return strings.Contains(rungs[2].Text, "shipping.Notify") && !strings.Contains(rungs[2].Text, `{"error"`), rungs[2].Text
	})

	// The keys of a ladder. The address names the attempt.
	b.press("[")
	b.has("sel", "a-3")
	b.press("[")
	b.has("sel", "a-2")
	b.press("]")
	b.has("sel", "a-3")
	if rungs, _ = b.ladder(3); !rungs[2].Chosen || rungs[1].Chosen {
		t.Errorf("chosen: %v", rungs)
	}

	// The limit is the reader's.
	b.click("button", "30 s")
	b.until("another limit", func() (bool, string) {
		rungs, _ = b.ladder(3)
		return strings.Contains(rungs[1].Text, "of 30 s") && !strings.Contains(rungs[1].Text, "near the limit"), rungs[1].Text
	})
	b.fill("textbox", "Time limit of a delivery", "12")
	b.press(kb.Enter)
	b.until("a limit of one's own", func() (bool, string) {
		rungs, _ = b.ladder(3)
		return strings.Contains(rungs[1].Text, "of 12 s") && strings.Contains(rungs[1].Text, "near the limit"), rungs[1].Text
	})

	link := b.copied("Copy link")
	if !strings.Contains(link, "/ep/jobs/"+shipping+"/"+night) || !strings.Contains(link, "sel=a-3") {
		t.Errorf("the link is %s", link)
	}

	// Back, where nothing was asked for again.
	b.eval(`document.activeElement.blur()`, nil)
	b.press(kb.Escape)
	b.at("/logs")
	after := b.loaded()
	if after.Count != before.Count || after.Rows[0] != before.Rows[0] || b.asks() != asks {
		t.Errorf("back at %d rows after %d searches, want %d after %d", after.Count, b.asks(), before.Count, asks)
	}
	b.details("a-3")

	// The setting outlives the page, and the details know it.
	b.visit(jobAt(src, night))
	rungs, _ = b.ladder(3)
	says(t, "attempt 2", rungs[1].Text, "of 12 s")
	b.click("link", "Its entries in the table")
	b.at("/logs")
	if got := b.loaded(); len(got.Rows) != 3 {
		t.Errorf("%d entries of the job", len(got.Rows))
	}
}

// TestE2EDrillJob_DuplicatesSwapsAndMarkup shows what is unusual of a job, and its
// answers as text.
func TestE2EDrillJob_DuplicatesSwapsAndMarkup(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	const html = "<!DOCTYPE html>\n<html>\n<body>\n<h1 id=\"planted\">Bad gateway</h1>\n<p>request 1</p>\n<p>please</p>\n<p>try</p>\n<p>again</p>\n</body>\n</html>\n"
	deliver(t, sim, "elasticpath", night,
		attempt{"b-2", 2, 60 * time.Second, 502, 8.1, html},
		attempt{"b-1", 1, 50 * time.Second, 502, .2, strings.Replace(html, "request 1", "request 2", 1)},
		attempt{"b-3", 3, 40 * time.Second, 200, 9.9, ""},
		attempt{"b-4", 3, 39 * time.Second, 200, .1, ""},
	)
	b.visit(jobAt(src, night))
	rungs, _ := b.ladder(4)
	if rungs[0].ID != "b-2" || rungs[1].ID != "b-1" {
		t.Errorf("the order of time is %v", rungs)
	}
	says(t, "the one that came late", rungs[1].Text, "order swapped", "request", "⋯ 2 equal lines")
	says(t, "the slow one", rungs[2].Text, "succeeded", "near the limit", "!duplicate")
	says(t, "the same again", rungs[3].Text, "duplicate", "delivered again")
	says(t, "markup", rungs[0].Text, "HTML, shown as text", `<h1 id="planted">Bad gateway</h1>`)
	var planted bool
	if b.eval(`!!document.getElementById("planted")`, &planted); planted {
		t.Error("the vendor's markup became elements")
	}
	var amber string
	b.eval(`document.querySelector("li[data-id=b-3] .gauge").className`, &amber)
	if amber != "gauge near" {
		t.Errorf("the gauge of a slow success is %q", amber)
	}
	if got := b.copied("Copy"); got != html {
		t.Errorf("copied %q", got)
	}

	// The list of jobs tells the same.
	b.click("link", "All jobs of this integration")
	b.at("/ep/jobs/" + shipping)
	b.click("button", "Duplicate or swapped *")
	b.until("the job with its badges", func() (bool, string) {
		var text string
		err := b.try(`document.querySelector("a[data-id="+CSS.escape(`+quote(night)+`)+"]").innerText`, &text)
		return err == nil && strings.Contains(text, "200 succeeded") && strings.Contains(text, "3 attempts") && strings.Contains(text, "duplicate") && strings.Contains(text, "order swapped"), fmt.Sprint(text, err)
	})
	b.press("j", kb.Enter)
	b.holds("a job", `location.pathname.split("/").length === 5`)
}

// TestE2EDrillJob_ListIsCompletedByTheVendor lists the jobs that no entry of the time
// names, too.
func TestE2EDrillJob_ListIsCompletedByTheVendor(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	nightJob(t, sim)
	b.visit(strings.Replace(logsOf(src, "from", "now-4m"), "/logs?", "/ep/jobs/"+shipping+"?", 1))
	b.sees("Jobs of Order shipping notification", shippingHost, "order.shipped")
	b.until("the job", func() (bool, string) {
		var text string
		err := b.try(`document.querySelector("a[data-id="+CSS.escape(`+quote(night)+`)+"]").innerText`, &text)
		return err == nil && strings.Contains(text, "500 failed") && strings.Contains(text, "3 attempts"), fmt.Sprint(text, err)
	})
	b.click("button", "No entries loaded *")
	b.holds("only jobs that nothing is known of", `(() => {
		const rows = [...document.querySelectorAll("ul[aria-label=Jobs] a")];
		return rows.length > 3 && rows.every((r) => r.innerText.includes("no entries loaded"));
	})()`)
	b.run(chromedp.Evaluate(`document.querySelector("ul[aria-label=Jobs] a").click()`, nil))
	b.holds("attempts of one of them", `document.querySelectorAll("ol[aria-label=Attempts] li[data-id]").length > 0`)
	b.back()
	b.at("/ep/jobs/" + shipping)
}

// TestE2EDrillJob_WaitsAndFailsInPlainWords cancels a slow question, and asks again
// after one that failed.
func TestE2EDrillJob_WaitsAndFailsInPlainWords(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	nightJob(t, sim)
	b.expect("the server responded with a status of ")
	sim.Fault("elasticpath", simulate.Fault{DelayMS: 60_000, Count: 3})
	b.visit(jobAt(src, night))
	b.sees("Asking Elastic Path")
	b.click("button", "Cancel")
	b.sees("Canceled")
	sim.ClearFaults("elasticpath")
	b.click("button", "Try again")
	b.ladder(3)

	sim.Fault("elasticpath", simulate.Fault{Status: 500, Body: `{"errors":[{"status":500,"title":"boom in the engine room"}]}`})
	b.visit(jobAt(src, night))
	b.sees("Elastic Path", "boom in the engine room")
	b.one(0, "button", "Try again")
	sim.ClearFaults("elasticpath")
	b.press("r")
	b.ladder(3)

	b.visit(jobAt(src, "11111111-1111-4111-8111-111111111111"))
	b.sees("Elastic Path")
	b.until("why there is nothing", func() (bool, string) {
		text := b.text()
		return strings.Contains(text, "does not know this job") || strings.Contains(text, "gave no entries of this job"), text
	})
}

// TestE2EDrillJob_LinkLeadsWhoMustConnectBack opens a colleague's link to a job.
func TestE2EDrillJob_LinkLeadsWhoMustConnectBack(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	nightJob(t, sim)
	link := jobAt(src, night, "sel", "a-2", "from", "now-24h")
	stranger := browse(t, b.base)
	stranger.expect("the server responded with a status of 401")
	stranger.visit(link)
	stranger.sees("Connect Elastic Path to see this")
	stranger.filled("Region", "sim")
	account := strings.Split(src[0], "/")[2]
	if plain, err := url.PathUnescape(account); err == nil {
		account = plain
	}
	stranger.filled("Store (optional)", account)
	stranger.fill("textbox", "Client ID", simulate.ElasticPathClient)
	stranger.fill("textbox", "Client secret", simulate.ElasticPathSecret)
	stranger.click("button", "Connect")
	stranger.at("/ep/jobs/" + shipping + "/" + night)
	rungs, _ := stranger.ladder(3)
	if !rungs[1].Chosen {
		t.Errorf("the attempt of the link is not the chosen one: %v", rungs)
	}
	stranger.press(kb.Escape)
	stranger.at("/logs")
	stranger.loaded()
}

// TestE2EDrillJob_OnAPhone is the same way with a thumb.
func TestE2EDrillJob_OnAPhone(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	nightJob(t, sim)
	b.run(emulation.SetDeviceMetricsOverride(390, 844, 2, true), emulation.SetTouchEmulationEnabled(true))
	b.visit(logsOf(src, "q", "job:"+night))
	b.clickRow(b.loaded().Rows[0].ID)
	b.details("a-3")
	b.click("link", "Open job")
	b.ladder(3)
	for what, js := range map[string]string{"the page": `document.scrollingElement.scrollWidth`, "the ladder": `document.querySelector(".place").scrollWidth`} {
		var wide float64
		if b.eval(js, &wide); wide > 390 {
			t.Errorf("%s is %v pixels wide", what, wide)
		}
	}
	b.click("link", "All jobs of this integration")
	b.holds("jobs", `document.querySelectorAll("ul[aria-label=Jobs] a").length > 0`)
	b.back()
	b.ladder(3)
	b.back()
	b.at("/logs")
	b.loaded()
}

// TestE2EDrillJob_ManyAttemptsAndLongAnswers shows 500 attempts in steps, and compares
// answers of a megabyte.
func TestE2EDrillJob_ManyAttemptsAndLongAnswers(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	var many []attempt
	for i := range 500 {
		many = append(many, attempt{fmt.Sprint("c-", i+1), i + 1, time.Duration(500-i) * 10 * time.Second, 500, .1, fmt.Sprintf(`{"error":"busy","try":%d}`, i/7)})
	}
	deliver(t, sim, "elasticpath", night, many...)
	b.visit(jobAt(src, night))
	b.sees("failed after 500 attempts")
	rungs, _ := b.ladder(50)
	if rungs[49].ID != "c-500" || rungs[0].ID != "c-451" {
		t.Errorf("from %s to %s", rungs[0].ID, rungs[49].ID)
	}
	b.click("button", "Show 50 earlier attempts")
	if rungs, _ = b.ladder(100); rungs[0].ID != "c-401" {
		t.Errorf("from %s", rungs[0].ID)
	}
	b.visit(jobAt(src, night, "sel", "c-250"))
	if rungs, _ = b.ladder(50); !rungs[25].Chosen || rungs[25].ID != "c-250" {
		t.Errorf("chosen: %v", rungs[25])
	}

	const long = "7f1df0f4-33f0-4a51-9c0d-3f61ac1fcd26"
	var text strings.Builder
	for i := 0; text.Len() < 1<<20; i++ {
		fmt.Fprintf(&text, "row %d of what the endpoint answered\n", i)
	}
	deliver(t, sim, "elasticpath", long,
		attempt{"d-1", 1, 30 * time.Second, 500, .1, text.String()},
		attempt{"d-2", 2, 20 * time.Second, 500, .1, strings.Replace(text.String(), "row 9000 ", "line 9000 ", 1)},
	)
	b.visit(jobAt(src, long))
	rungs, _ = b.ladder(2)
	says(t, "a megabyte", rungs[1].Text, "row 8999", "line 9000", "row 9001", "⋯ 8,998 equal lines", "!row 8900 ")
	if n := len(rungs[0].Text); n > 20_000 {
		t.Errorf("%d characters of the first answer are drawn at once", n)
	}
}
