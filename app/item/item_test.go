package item_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

var outcomes = map[string]logs.Outcome{
	"COMPLETED": logs.OutcomeSucceeded, "ERROR": logs.OutcomeFailed, "REJECTED": logs.OutcomeRejected,
	"SKIPPED": logs.OutcomeSkipped, "WARNING": logs.OutcomeWarned,
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// said makes entries of lines "seconds STAGE OPERATION RESULT [source]".
func said(lines ...string) []logs.Entry {
	var out []logs.Entry
	for i, line := range lines {
		var at float64
		var stage, operation, result, source string
		fmt.Sscan(line, &at, &stage, &operation, &result, &source)
		e := logs.Entry{ID: fmt.Sprint("e", i), Item: "u", Outcome: outcomes[result]}
		if at >= 0 {
			e.Time = noon.Add(time.Duration(at * float64(time.Second)))
		}
		for _, f := range [][2]string{{"stage", stage}, {"operation", operation}, {"result", result}, {"source", source}} {
			if f[1] != "-" {
				e.Fields.Add(f[0], f[1])
			}
		}
		if result == "ERROR" {
			e.Fields.Add("error", "it broke")
			e.Fields.Add("error_code", "BROKEN")
		}
		out = append(out, e)
	}
	return out
}

// told writes runs as "STAGE>STAGE state", newest first.
func told(p item.Passport) string {
	var runs []string
	for _, r := range p.Runs {
		var stages []string
		for _, s := range r.Steps {
			stages = append(stages, s.Stage)
		}
		runs = append(runs, strings.Join(stages, ">")+" "+string(r.State))
	}
	return strings.Join(runs, " | ")
}

func TestPassport_RunsAndVerdicts(t *testing.T) {
	for _, c := range []struct {
		name   string
		lines  []string
		runs   string
		state  item.State
		stage  string
		reason string
	}{
		{"a push goes through", []string{"0 STREAMING ADD COMPLETED", "1 CONSUMING ADD COMPLETED", "2 EXTENSION ADD COMPLETED", "3 PROCESSING ADD COMPLETED", "4 MAPPING ADD COMPLETED", "5 INDEXING ADD COMPLETED"},
			"STREAMING>CONSUMING>EXTENSION>PROCESSING>MAPPING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"the sample of the documentation: refused, then pushed again", []string{"0 CONSUMING ADD ERROR", "216 STREAMING ADD COMPLETED"},
			"STREAMING under_way | CONSUMING failed", item.UnderWay, "STREAMING", ""},
		{"refused", []string{"0 STREAMING ADD COMPLETED", "1 CONSUMING ADD ERROR"},
			"STREAMING>CONSUMING failed", item.Failed, "CONSUMING", "it broke"},
		{"rejected by an extension", []string{"0 STREAMING ADD COMPLETED", "1 CONSUMING ADD COMPLETED", "2 EXTENSION ADD REJECTED"},
			"STREAMING>CONSUMING>EXTENSION failed", item.Failed, "EXTENSION", ""},
		{"it failed and went on", []string{"0 STREAMING ADD COMPLETED", "1 EXTENSION ADD ERROR", "2 MAPPING ADD COMPLETED", "3 INDEXING ADD COMPLETED"},
			"STREAMING>EXTENSION>MAPPING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"tried again at the same stage", []string{"0 STREAMING ADD COMPLETED", "1 CONSUMING ADD ERROR", "2 CONSUMING ADD COMPLETED"},
			"STREAMING>CONSUMING>CONSUMING under_way", item.UnderWay, "CONSUMING", ""},
		{"mapping before or after processing", []string{"0 CONSUMING ADD COMPLETED", "1 MAPPING ADD COMPLETED", "2 PROCESSING ADD COMPLETED", "3 EXTENSION ADD COMPLETED", "4 PREINDEXING ADD COMPLETED", "5 INDEXING ADD COMPLETED"},
			"CONSUMING>MAPPING>PROCESSING>EXTENSION>PREINDEXING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"only the end is known", []string{"5 INDEXING UPDATE COMPLETED"}, "INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"out of order as they came", []string{"2 INDEXING ADD COMPLETED", "0 STREAMING ADD COMPLETED", "1 CONSUMING ADD COMPLETED"},
			"STREAMING>CONSUMING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"all in one millisecond", []string{"0 INDEXING ADD COMPLETED", "0 STREAMING ADD COMPLETED", "0 CONSUMING ADD COMPLETED"},
			"STREAMING>CONSUMING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"pushed twice", []string{"0 STREAMING ADD COMPLETED", "1 INDEXING ADD COMPLETED", "60 STREAMING ADD COMPLETED", "61 INDEXING ADD COMPLETED"},
			"STREAMING>INDEXING indexed | STREAMING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"pushed again before the first was done", []string{"0 STREAMING ADD COMPLETED", "60 STREAMING ADD COMPLETED", "61 CONSUMING ADD COMPLETED"},
			"STREAMING>CONSUMING under_way | STREAMING under_way", item.UnderWay, "CONSUMING", ""},
		{"one event told twice", []string{"0 STREAMING ADD COMPLETED", "0.2 STREAMING ADD COMPLETED", "1 INDEXING ADD COMPLETED", "1.5 INDEXING ADD COMPLETED"},
			"STREAMING>STREAMING>INDEXING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"a good push, then a refused one", []string{"0 STREAMING ADD COMPLETED", "1 INDEXING ADD COMPLETED", "60 STREAMING ADD COMPLETED", "61 CONSUMING ADD ERROR"},
			"STREAMING>CONSUMING failed | STREAMING>INDEXING indexed", item.Failed, "CONSUMING", "it broke"},
		{"removed", []string{"0 INDEXING ADD COMPLETED", "60 STREAMING DELETE COMPLETED", "61 CONSUMING DELETE COMPLETED", "62 INDEXING DELETE COMPLETED"},
			"STREAMING>CONSUMING>INDEXING removed | INDEXING indexed", item.Removed, "INDEXING", "removed: DELETE went through"},
		{"removed with its children", []string{"62 INDEXING DELETE_AND_CHILDREN COMPLETED"}, "INDEXING removed", item.Removed, "INDEXING", "removed: DELETE_AND_CHILDREN went through"},
		{"being removed", []string{"0 INDEXING ADD COMPLETED", "60 STREAMING DELETE COMPLETED"},
			"STREAMING under_way | INDEXING indexed", item.UnderWay, "STREAMING", "being removed"},
		{"the removal failed", []string{"62 INDEXING DELETE ERROR"}, "INDEXING failed", item.Failed, "INDEXING", "its removal failed: it broke"},
		{"the removal was skipped", []string{"0 INDEXING ADD COMPLETED", "62 INDEXING DELETE SKIPPED"},
			"INDEXING skipped | INDEXING indexed", item.Unknown, "INDEXING", "its removal was skipped at INDEXING"},
		{"removed, then pushed again", []string{"0 STREAMING DELETE COMPLETED", "1 INDEXING DELETE COMPLETED", "2 STREAMING ADD COMPLETED", "3 INDEXING ADD COMPLETED"},
			"STREAMING>INDEXING indexed | STREAMING>INDEXING removed", item.Indexed, "INDEXING", ""},
		{"crawled again, unchanged", []string{"0 CRAWLING ADD COMPLETED", "1 INDEXING ADD COMPLETED", "60 CRAWLING UPDATE SKIPPED"},
			"CRAWLING skipped | CRAWLING>INDEXING indexed", item.Indexed, "INDEXING", "since then skipped at CRAWLING"},
		{"skipped, nothing before", []string{"60 CRAWLING UPDATE SKIPPED", "90 CRAWLING UPDATE SKIPPED"},
			"CRAWLING skipped | CRAWLING skipped", item.Unknown, "CRAWLING", "skipped at CRAWLING; what it was before is not in this span"},
		{"a warning of the index", []string{"1 INDEXING ADD WARNING"}, "INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"a stage of tomorrow in the middle", []string{"0 STREAMING ADD COMPLETED", "1 CONSUMING ADD COMPLETED", "2 ENRICHING ADD COMPLETED", "3 INDEXING ADD COMPLETED"},
			"STREAMING>CONSUMING>ENRICHING>INDEXING indexed", item.Indexed, "INDEXING", ""},
		{"a stage of tomorrow at the end", []string{"0 STREAMING ADD COMPLETED", "2 ENRICHING ADD COMPLETED"},
			"STREAMING>ENRICHING unknown", item.Unknown, "ENRICHING", "the stage ENRICHING is not known here"},
		{"a stage of tomorrow that refuses", []string{"2 ENRICHING ADD REJECTED"}, "ENRICHING failed", item.Failed, "ENRICHING", ""},
		{"a result of tomorrow", []string{"2 INDEXING ADD POSTPONED"}, "INDEXING unknown", item.Unknown, "INDEXING", "the result POSTPONED is not known here"},
		{"nothing is said", []string{"2 - - -"}, " unknown", item.Unknown, "", "Coveo did not say how it went"},
		{"without a time", []string{"-1 STREAMING ADD COMPLETED", "5 CONSUMING ADD ERROR"}, "STREAMING>CONSUMING failed", item.Failed, "CONSUMING", "it broke"},
		{"a file of items", []string{"0 STREAMING_BATCH BATCH_FILE COMPLETED", "1 CONSUMING_BATCH BATCH_FILE COMPLETED"},
			"STREAMING_BATCH>CONSUMING_BATCH unknown", item.Unknown, "CONSUMING_BATCH", "this is a file of items, not an item"},
		{"all older ones removed", []string{"0 CONSUMING DELETE_OLDER_THAN COMPLETED"}, "CONSUMING unknown", item.Unknown, "CONSUMING", "DELETE_OLDER_THAN is about all items before a moment"},
		{"one address in two sources at once", []string{"0 STREAMING ADD COMPLETED a", "0.5 CRAWLING ADD COMPLETED b", "1 CONSUMING ADD COMPLETED a", "2 INDEXING ADD COMPLETED b", "3 CONSUMING ADD ERROR a"},
			"STREAMING>CONSUMING>CONSUMING failed | CRAWLING>INDEXING indexed", item.Failed, "CONSUMING", "it broke"},
	} {
		entries := said(c.lines...)
		p := item.Of(entries)
		if got := told(p); got != c.runs {
			t.Errorf("%s: runs %s, want %s", c.name, got, c.runs)
		}
		for _, whole := range []bool{true, false} {
			v := p.Verdict(whole)
			if v.State != c.state || v.Stage != c.stage || v.Reason != c.reason {
				t.Errorf("%s: %s at %q, %q; want %s at %q, %q", c.name, v.State, v.Stage, v.Reason, c.state, c.stage, c.reason)
			}
		}
		// The order in which entries come, and entries that come twice, change nothing.
		slices.Reverse(entries)
		if got := told(item.Of(append(entries, entries...))); got != c.runs {
			t.Errorf("%s, reversed and doubled: %s", c.name, got)
		}
	}
}

func TestVerdict_NotSeenOnlyWhereAllWasRead(t *testing.T) {
	if v := item.Of(nil).Verdict(true); v.State != item.NotSeen {
		t.Errorf("%+v", v)
	}
	if v := item.Of(nil).Verdict(false); v.State != item.Unknown || v.Reason == "" {
		t.Errorf("%+v", v)
	}
}

func TestState_RemovedIsNoFailureOnTheWire(t *testing.T) {
	for state, want := range map[item.State]string{
		item.Indexed: "indexed", item.Failed: "failed", item.UnderWay: "under_way", item.NotSeen: "not_seen", item.Unknown: "unknown",
		item.Removed: "unknown", item.Skipped: "unknown",
	} {
		if got := state.Word(); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
}

func TestRun_GapsAndStop(t *testing.T) {
	r := item.Of(said("0 STREAMING ADD COMPLETED", "1.5 EXTENSION ADD ERROR", "4 MAPPING ADD ERROR")).Runs[0]
	if r.Took() != 4*time.Second || r.Steps[1].Since != 1500*time.Millisecond || r.Steps[2].Since != 2500*time.Millisecond || r.Steps[0].Since != 0 {
		t.Errorf("took %v, %+v", r.Took(), r.Steps)
	}
	if r.Stopped(1) || !r.Stopped(2) {
		t.Error("it stopped at the last step, not at the one that it went on from")
	}
	if r := item.Of(said("0 INDEXING ADD COMPLETED")).Runs[0]; r.Stopped(0) {
		t.Error("an indexed item stopped nowhere")
	}
}

// A reader who goes backwards through time and stops once the verdict is settled
// says what one says who read everything.
func TestSettled_OlderEntriesChangeNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	stages := []string{"CRAWLING", "STREAMING", "CONSUMING", "EXTENSION", "PROCESSING", "MAPPING", "PREINDEXING", "INDEXING", "ENRICHING"}
	operations := []string{"ADD", "ADD", "UPDATE", "DELETE"}
	results := []string{"COMPLETED", "COMPLETED", "COMPLETED", "ERROR", "REJECTED", "SKIPPED", "SKIPPED", "WARNING", "POSTPONED"}
	states := map[item.State]int{}
	for n := range 5000 {
		var lines []string
		for i := range 1 + rng.IntN(12) {
			lines = append(lines, fmt.Sprint(i*2, " ", stages[rng.IntN(len(stages))], " ", operations[rng.IntN(len(operations))], " ", results[rng.IntN(len(results))], " ", []string{"a", "b"}[rng.IntN(8)/7]))
		}
		all := said(lines...)
		whole := item.Of(all).Verdict(true)
		states[whole.State]++
		for k := 1; k <= len(all); k++ {
			p := item.Of(all[len(all)-k:])
			if !p.Settled() {
				continue
			}
			if v := p.Verdict(true); v.State != whole.State || v.Stage != whole.Stage || v.Reason != whole.Reason {
				t.Fatalf("%d: after %d of %v: %+v, want %+v", n, k, lines, v, whole)
			}
			break
		}
	}
	for _, s := range []item.State{item.Indexed, item.Failed, item.UnderWay, item.Removed, item.Unknown} {
		if states[s] < 50 {
			t.Errorf("only %d stories end %s: the test shows little", states[s], s)
		}
	}
}

// Every entry stands in exactly one run, and runs are in order.
func TestPassport_EveryStepOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	stages := []string{"CRAWLING", "STREAMING", "CONSUMING", "EXTENSION", "MAPPING", "INDEXING", "ENRICHING", "-"}
	for range 2000 {
		var lines []string
		for range rng.IntN(20) {
			lines = append(lines, fmt.Sprint(rng.IntN(9)-1, " ", stages[rng.IntN(len(stages))], " ", []string{"ADD", "DELETE", "-"}[rng.IntN(3)], " ", []string{"COMPLETED", "ERROR", "SKIPPED", "-"}[rng.IntN(4)]))
		}
		var ids []string
		p := item.Of(said(lines...))
		for i, r := range p.Runs {
			for _, s := range r.Steps {
				ids = append(ids, s.ID)
			}
			if i > 0 && r.Last().Time.After(p.Runs[i-1].Last().Time) {
				t.Fatalf("%v: run %d is newer than the one before", lines, i)
			}
		}
		slices.Sort(ids)
		if len(ids) != len(lines) || len(slices.Compact(ids)) != len(lines) {
			t.Fatalf("%v gave %v", lines, ids)
		}
	}
}

func TestHint_KnownCodesAndOthers(t *testing.T) {
	no := "The document message with id 'x' is invalid. Cause: com.coveo.cloud.pushapi.exceptions.InvalidPermissionsException: No permissions are set on document."
	for _, c := range []struct {
		step           item.Step
		meaning, query string
	}{
		{item.Step{Stage: "CONSUMING", Outcome: logs.OutcomeFailed, Code: "INVALID_DOCUMENT", Error: no}, "no permissions", `error_code:INVALID_DOCUMENT`},
		{item.Step{Stage: "CONSUMING", Outcome: logs.OutcomeFailed, Code: "INVALID_DOCUMENT", Error: "Cause: other"}, "found the document invalid", `error_code:INVALID_DOCUMENT`},
		{item.Step{Stage: "EXTENSION", Outcome: logs.OutcomeRejected, Resource: "allow public"}, "extension", `resource:"allow public" outcome:rejected`},
		{item.Step{Stage: "TOMORROW", Outcome: logs.OutcomeFailed}, "This stage failed", `stage:TOMORROW outcome:failed`},
		{item.Step{Outcome: logs.OutcomeSkipped}, "left the item", ""},
	} {
		h, ok := item.HintOf(c.step)
		if !ok || !strings.Contains(h.Meaning, c.meaning) || h.Query != c.query || h.Next == "" || !strings.HasPrefix(h.Page, "https://docs.coveo.com/en/") {
			t.Errorf("%+v gave %+v", c.step, h)
		}
		q, err := query.Parse(h.Query)
		if err != nil {
			t.Errorf("%s: %v", h.Query, err)
		}
		e := logs.Entry{Outcome: c.step.Outcome}
		e.Fields.Add("stage", c.step.Stage)
		e.Fields.Add("resource", c.step.Resource)
		e.Fields.Add("error_code", c.step.Code)
		if !q.Match(&e) {
			t.Errorf("%s does not find the entry itself", h.Query)
		}
	}
	for _, o := range []logs.Outcome{logs.OutcomeSucceeded, logs.OutcomeUnknown} {
		if h, ok := item.HintOf(item.Step{Stage: "INDEXING", Outcome: o}); ok {
			t.Errorf("%v: %+v", o, h)
		}
	}
}
