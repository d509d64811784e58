//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/bff/simulate"
)

// TestE2EStory_FailingPipeline is an engineer's way from a failing pipeline to the
// frame, the lines around it, and the other runs of the same user.
func TestE2EStory_FailingPipeline(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "deepset")
	b.visit(logsOf(src))
	b.loaded()
	b.filter(`level:error (exception:TypeError OR exception:/Runtime.*/) exception:/error$/i`)
	b.pill("level:error", "at deepset")
	b.pill("exception:(TypeError OR /Runtime.*/)", "here, on ")
	b.pill("exception:/error$/i", "here, on ")
	b.loaded()
	want := b.entries()
	b.showsAll(want)
	if len(want) < 5 {
		t.Fatalf("%d failures", len(want))
	}
	at := -1
	for i, e := range want {
		if strings.Contains(string(e.Raw), "PipelineRuntimeError") && at < 0 && i < 15 {
			at = i
		}
	}
	b.clickRow(want[at].ID)
	fields, _ := b.details(want[at].ID)
	b.panelSays("PipelineRuntimeError", "caused by", "TypeError", "prompt_tools.py:42", "join_context")
	var order []string
	b.eval(`[...document.querySelectorAll(".exc-head strong")].map((e) => e.innerText)`, &order)
	if strings.Join(order, " ") != "PipelineRuntimeError TypeError" {
		t.Errorf("exceptions in the order %q", order)
	}
	panel := b.one(0, "complementary", "Details")
	folded := b.find(panel.id, "button", "2 library frames")
	if len(folded) == 0 {
		t.Fatalf("no library frames are folded: %+v", b.find(panel.id, "button", "*"))
	}
	if strings.Contains(b.text(), "_run_component") {
		t.Error("a library's frame is shown at once")
	}
	b.clickIn(panel.id, "button", "2 library frames")
	b.panelSays("_run_component")
	if trace := b.copied("Copy as Markdown"); !strings.Contains(trace, "TypeError") || !strings.Contains(trace, "caused by") {
		t.Errorf("the trace is copied as %s", trace)
	}

	// What happened around it: everything, with the entry open.
	b.press("a")
	b.until("30 seconds before and after", func() (bool, string) {
		from, err := time.Parse(time.RFC3339Nano, b.param("from"))
		to, err2 := time.Parse(time.RFC3339Nano, b.param("to"))
		return err == nil && err2 == nil && to.Sub(from) >= time.Minute && to.Sub(from) < 62*time.Second && b.param("q") == "", b.address().RawQuery
	})
	b.details(want[at].ID)
	b.until("other entries around it", func() (bool, string) {
		got := b.table()
		open := false
		for _, r := range got.Rows {
			open = open || r.ID == want[at].ID
		}
		return open && len(got.Rows) > 3 && got.Busy == "false", fmt.Sprint(len(got.Rows), open)
	})
	b.back()
	b.has("from", "")
	b.showsAll(want)
	b.press(kb.Escape)

	// What deepset calls extra fields is filtered by as any other.
	user := ""
	for _, f := range want[at].Fields {
		if f.Name == "user_id" || strings.HasSuffix(f.Name, ".user_id") {
			user = f.Name
		}
	}
	if user == "" {
		user = "deepset.extra_fields.user_id"
	}
	var raw struct {
		Extra map[string]string `json:"extra_fields"`
	}
	if err := json.Unmarshal(want[at].Raw, &raw); err != nil {
		t.Fatal(err)
	}
	b.filter(user + ":" + raw.Extra["user_id"])
	b.until("only that user's", func() (bool, string) {
		got := b.table()
		return got.Busy == "false" && len(got.Rows) > 0 && strings.HasPrefix(b.param("q"), user), fmt.Sprint(len(got.Rows), fields)
	})
	same := b.entries()
	b.showsAll(same)
	for _, e := range same {
		if !strings.Contains(string(e.Raw), raw.Extra["user_id"]) {
			t.Fatalf("%s is of another user", e.ID)
		}
	}

	// A message of 2,000 lines.
	lines := make([]string, 2000)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d of the prompt", i+1)
	}
	text, err := json.Marshal(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Append("deepset/production/rag-prod", json.RawMessage(`{"message":`+string(text)+`,"level":"info"}`)); err != nil {
		t.Fatal(err)
	}
	b.visit(logsOf(src))
	row := b.loaded().Rows[0]
	b.clickRow(row.ID)
	b.details(row.ID)
	b.panelSays("line 10 of the prompt")
	if strings.Contains(b.text(), "line 11 of the prompt\n") {
		t.Error("more than ten lines are shown at once")
	}
	b.click("button", "Show 1,990 more lines")
	b.panelSays("line 2000 of the prompt")
	b.press("j")
	b.details(b.table().Rows[1].ID)

	// The vendor times out: the rows stay, a word on it and a retry.
	b.press(kb.Escape)
	b.expect("status of 504")
	sim.Fault("deepset", simulate.Fault{Status: 504, Body: `{"detail":"Fetching logs timed out."}`})
	b.press("r")
	b.sees("Fetching logs timed out.")
	again := b.find(0, "button", "Try again")
	if len(again) == 0 {
		t.Fatalf("there is no way to try again: %s", b.text())
	}
	if got := b.table(); len(got.Rows) == 0 {
		t.Error("the rows are gone")
	}
	sim.ClearFaults("deepset")
	b.click("button", "Try again")
	b.until("the notice to go", func() (bool, string) {
		return !strings.Contains(b.text(), "timed out"), b.text()
	})
	b.loaded()
}
