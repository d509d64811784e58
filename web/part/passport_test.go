package part

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var itemTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func itemStep(id string, minutes int, stage, operation, result string, outcome logs.Outcome, more ...logs.Field) logs.Entry {
	return logs.Entry{
		ID: id, Time: itemTime.Add(time.Duration(minutes) * time.Minute), Outcome: outcome,
		Fields: append(logs.Fields{{Name: "stage", Value: stage}, {Name: "operation", Value: operation}, {Name: "result", Value: result}, {Name: "source", Value: "s1"}}, more...),
	}
}

func passportOf(whole bool, entries ...logs.Entry) Passport {
	p := item.Of(entries)
	return Passport{
		URI: "https://www.example.com/page", Ready: true, Passport: p, Verdict: p.Verdict(whole), Sources: map[string]string{"s1": "Website"}, Zone: time.UTC,
		Now: itemTime.Add(3 * time.Hour), Entries: "/entries", Asserts: "/assert", Spans: []SpanLink{{"24 hours", "/day", true}, {"7 days", "/week", false}},
		Entry: func(id string) string { return "/entry/" + id }, Table: func(q string) string { return "/table/" + q },
	}
}

func TestPassport_Markup(t *testing.T) {
	ok, failed := logs.OutcomeSucceeded, logs.OutcomeFailed
	pushed := itemStep("a2", 1, "CONSUMING", "ADD", "COMPLETED", ok)
	pushed.Took, pushed.HasTook = 1500*time.Millisecond, true
	timeless := itemStep("t", 0, "", "", "", logs.OutcomeUnknown)
	timeless.Time = time.Time{}
	wrong := itemStep("b2", 60, "CONSUMING", "ADD", "REJECTED", logs.OutcomeRejected,
		logs.Field{Name: "error", Value: "No permissions are set on document"}, logs.Field{Name: "error_code", Value: "INVALID_DOCUMENT"}, logs.Field{Name: "resource", Value: "ext-1"})
	many := []logs.Entry{}
	for n := range 2*MoreRuns + 5 {
		many = append(many, itemStep(string(rune('A'+n)), -60*24*n, "INDEXING", "ADD", "COMPLETED", ok))
	}
	waiting := passportOf(true)
	waiting.Ready, waiting.Copied, waiting.Wait = false, "item", JobWait{Vendor: "Coveo", Busy: true}
	var all []app.UI
	for _, p := range []Passport{
		{Asserts: "/assert"},
		waiting,
		passportOf(true),
		passportOf(false),
		passportOf(true, timeless),
		passportOf(true, itemStep("a1", 0, "STREAMING", "ADD", "COMPLETED", ok), pushed, itemStep("a3", 2, "EXTENSION", "ADD", "WARNING", logs.OutcomeWarned), itemStep("a4", 3, "INDEXING", "ADD", "COMPLETED", ok),
			itemStep("b1", 59, "STREAMING", "ADD", "COMPLETED", ok), wrong),
		passportOf(true, itemStep("c1", 0, "STREAMING", "DELETE", "COMPLETED", ok), itemStep("c2", 1, "INDEXING", "DELETE", "COMPLETED", ok)),
		passportOf(true, itemStep("d1", 0, "STREAMING", "ADD", "COMPLETED", ok)),
		passportOf(true, itemStep("e1", 0, "CRAWLING", "ADD", "SKIPPED", logs.OutcomeSkipped)),
		passportOf(true, itemStep("f1", 0, "MAPPING", "ADD", "ERROR", failed, logs.Field{Name: "error_code", Value: "X"})),
	} {
		all = append(all, p.UI(nil))
	}
	golden(t, "passport", app.Div().Body(all...))
	golden(t, "passport-many", passportOf(true, many...).UI(nil))
}

func TestAssert_Markup(t *testing.T) {
	targets := []wire.Target{{Address: "coveo/us/o", Label: "o"}, {Address: "coveo/us/o/sources/s", Label: "Website"}}
	verdicts := Verdicts{
		States: []StateCount{{State: item.Indexed, N: 1200}, {State: item.Failed, N: 1}}, Codes: []StateCount{{State: item.Failed, Code: "X", N: 1}, {State: item.Failed, Code: NoCode}},
		Chosen: StateCount{State: item.Failed}, Total: 1201, Told: "1,201 items", Notes: []string{"A part could not be read."}, From: AssertRows, Kept: 3 * AssertRows, Active: 1, Zone: time.UTC, Now: itemTime,
		Rows: []VerdictRow{
			{Verdict: wire.Verdict{Item: "a", Verdict: "indexed", Stage: "INDEXING", Time: itemTime}, URL: "/a"},
			{Verdict: wire.Verdict{Item: "b", Verdict: "failed", Code: "X", Reason: "wrong", Time: itemTime.AddDate(0, -2, 0)}, URL: "/b"},
			{Verdict: wire.Verdict{Item: "c", Verdict: "unknown", Removed: true, Code: "Y"}, URL: "/c"},
		},
	}
	few := verdicts
	few.Codes, few.Kept, few.From, few.Active, few.Copied, few.Chosen = nil, 3, 0, -1, true, StateCount{}
	golden(t, "assert", app.Div().Body(
		AssertForm{Targets: targets, Src: "coveo/us/o", List: "a\nb", Since: "24h"}.UI(nil),
		AssertForm{Targets: targets, Src: "coveo/eu/p", Since: "24", Wrong: "that is no time", Err: fault.New(fault.Invalid, "read items").Saying("the list holds no items"), Busy: true, Fold: true}.UI(nil),
		AssertBusy{Items: 5, For: time.Minute, Vendor: "Coveo"}.UI(nil),
		AssertBusy{Items: 1, Progress: wire.AssertProgress{Calls: 1, Scanned: 2000, Settled: 1}, Vendor: "Coveo"}.UI(nil),
		AssertBusy{Items: 5000, Progress: wire.AssertProgress{Calls: 4, Scanned: 2000, Settled: 1, Back: itemTime}, Zone: time.UTC, Now: itemTime, Vendor: "Coveo"}.UI(nil),
		verdicts.UI(nil), few.UI(nil), Verdicts{}.UI(nil),
	))
}
