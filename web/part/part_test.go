package part

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func ignore(app.Context, any) {}

func algolia() wire.Vendor {
	return wire.Vendor{
		Name: "algolia", Title: "Algolia", Needs: `an API key with the ACL "logs"`,
		Account:      wire.Field{Name: "account", Label: "Application ID", Help: "ten letters and digits"},
		Credentials:  []wire.Field{{Name: "api_key", Label: "API key", Secret: true}},
		Regions:      []wire.Region{{Name: "global", Label: "Global", Host: "algolia.net"}, {Name: "demo", Label: "Demo", Demo: true}},
		Capabilities: wire.Capabilities{MaxRows: 1000, RetentionS: 7 * 86400, Whole: true},
	}
}

func TestCard_States(t *testing.T) {
	c := Card{
		Conn:  wire.Connection{ID: "c1", Vendor: "algolia", Region: "demo", Account: "DEMOAPP", Demo: true, Verified: noon.Add(-3 * time.Minute)},
		Title: "Algolia", Region: "Demo", Now: noon, Whole: true,
	}
	golden(t, "card", c.UI(ignore))
	c.Asking = true
	golden(t, "card-asking", c.UI(ignore))
	c.Asking, c.Whole = false, false
	c.Pick = &Pick{ID: "c1", Marked: []string{"algolia/demo/DEMOAPP/products"}, Targets: []wire.Target{
		{Address: "algolia/demo/DEMOAPP/products", Label: "products", Kind: "index"},
		{Address: "algolia/demo/DEMOAPP/secret", Label: "secret", Kind: "index", Unread: "this key may not read it"},
	}}
	golden(t, "card-pick", c.UI(ignore))
}

func TestPick_LongListsAreSearchedAndBounded(t *testing.T) {
	p := Pick{ID: "c1"}
	for i := range maxPicks + 5 {
		p.Targets = append(p.Targets, wire.Target{Address: "a/b/c/" + string(rune('a'+i%26)), Label: "source " + string(rune('a'+i%26))})
	}
	html := markup(p.UI(ignore))
	if n := strings.Count(html, `type="checkbox"`); n != maxPicks || !strings.Contains(html, "5 more targets") || !strings.Contains(html, `id="find-c1"`) {
		t.Errorf("%d rows in a list of %d", n, len(p.Targets))
	}
	p.Find = "SOURCE q"
	if n := strings.Count(markup(p.UI(ignore)), `type="checkbox"`); n != 8 {
		t.Errorf("%d rows for q, want 8", n)
	}
	p.Find = "nothing"
	if !strings.Contains(markup(p.UI(ignore)), "No target is named like that.") {
		t.Error("an empty result says nothing")
	}
}

func TestForm_StatesAndSecrets(t *testing.T) {
	f := Form{Vendors: []wire.Vendor{algolia()}, Vendor: "algolia", Region: "global", Account: "APP"}
	golden(t, "form", f.UI(ignore))
	f.Err = fault.New(fault.Forbidden, "").Saying(`this API key lacks the ACL "logs"`).Quoting("<b>Method not allowed</b>")
	html := markup(f.UI(ignore))
	if strings.Contains(html, "<b>") || !strings.Contains(html, "A right is missing") {
		t.Errorf("a refusal is drawn as %s", html)
	}
	if strings.Count(html, `type="password"`) != 1 || strings.Count(html, `autocomplete="new-password"`) != 1 || strings.Count(html, `autocomplete="off"`) != 2 {
		t.Error("a secret's field is not a password field without completion")
	}
	f.Missing = "api_key"
	if !strings.Contains(markup(f.UI(ignore)), "This is needed.") {
		t.Error("a missing field is not told")
	}
}

func TestGrid_EveryEndAndEmptiness(t *testing.T) {
	cols := []viewer.Column{{Name: "time", Title: "Time"}, {Name: "summary", Title: "Summary", Grow: true}}
	golden(t, "grid-end", Grid{Columns: cols, Rows: 842, Foot: viewer.Foot{State: viewer.FootEnd, Text: "Algolia keeps the last 1,000 calls per server and no more."}}.UI(ignore))
	failed := viewer.Problem{Fault: fault.New(fault.Unavailable, "").Saying("down").Quoting("upstream")}
	golden(t, "grid-failed", Grid{Columns: cols, Rows: 3, Foot: viewer.Foot{State: viewer.FootFailed, Text: "Down.", Problem: &failed, Actions: []viewer.Action{viewer.ActRetry}}}.UI(ignore))
	golden(t, "grid-empty", Grid{Columns: cols, Empty: viewer.Empty{
		Why: viewer.FilterHidesAll, Text: "None of the 842 entries read matches the filter.",
		Actions: []viewer.Action{viewer.ActClear, viewer.ActWiden}, WidenTo: view.Preset{Label: "Last 7 days", From: "now-7d"},
	}}.UI(ignore))
	golden(t, "grid-loading", Grid{Columns: cols, Loading: true, Empty: viewer.Empty{Why: viewer.EmptyLoading, Text: "Searching…", Actions: []viewer.Action{viewer.ActCancel}}}.UI(ignore))
}

func TestGrid_EveryActionHasAName(t *testing.T) {
	for a := viewer.ActConnect; a <= viewer.ActEditSpan; a++ {
		e := viewer.Empty{Why: viewer.NoTarget, Actions: []viewer.Action{a}, WidenTo: view.Preset{Label: "Last 7 days"}}
		if html := markup(Grid{Empty: e}.UI(ignore)); !strings.Contains(html, "<button") {
			t.Errorf("action %d is not offered", a)
		}
	}
}

func TestGrid_TabGoesPastWhatScrollingDoes(t *testing.T) {
	for state, want := range map[viewer.FootState]bool{viewer.FootMore: true, viewer.FootAsk: false, viewer.FootLoading: false} {
		g := Grid{Rows: 3, Foot: viewer.Foot{State: state, Text: "x", Actions: []viewer.Action{viewer.ActSearchOn}}}
		if got := strings.Contains(markup(g.UI(ignore)), `<button class="btn small" tabindex="-1"`); got != want {
			t.Errorf("foot %d: %v", state, got)
		}
	}
}

func TestGrid_EveryEmptinessHasAPicture(t *testing.T) {
	for why := viewer.EmptyLoading + 1; why <= viewer.EmptySoFar; why++ {
		if html := markup(Grid{Empty: viewer.Empty{Why: why, Text: "x"}}.UI(ignore)); strings.Contains(html, `class="i i-"`) {
			t.Errorf("reason %d has none", why)
		}
	}
}

func TestCoverage_Lanes(t *testing.T) {
	from := noon.Add(-24 * time.Hour)
	c := Coverage{From: from, To: noon, Zone: time.UTC, Open: "b", Lanes: []viewer.Lane{
		{Src: "a", Label: "products", Tag: "A", State: logs.Complete, Stretches: []logs.Coverage{{Src: "a", From: from, State: logs.Complete}}},
		{Src: "b", Label: "orders", Tag: "E", State: logs.Failed, Reason: "no answer within 60 s", Stretches: []logs.Coverage{
			{Src: "b", From: noon.Add(-6 * time.Hour), State: logs.More}, {Src: "b", From: from, To: noon.Add(-6 * time.Hour), State: logs.Failed},
		}},
	}}
	golden(t, "coverage", c.UI(ignore))
	for s := range stateWords {
		if stateWords[s].word == "" || stateWords[s].sign == "" {
			t.Errorf("state %s has no word or sign: it would be colour alone", s)
		}
	}
}

func TestCoverage_OnlyWhatWasReadIsFilled(t *testing.T) {
	from := noon.Add(-24 * time.Hour)
	read := noon.Add(-14 * time.Minute)
	more := []logs.Coverage{{From: read, To: noon, State: logs.Complete}, {To: read, State: logs.More}}
	c := Coverage{From: from, To: noon, Zone: time.UTC, Lanes: []viewer.Lane{{Src: "a", State: logs.More, From: read, Stretches: more}}}
	// 14 minutes of a day are a hundredth; the rest is there, and not as read.
	html := markup(c.UI(ignore))
	for _, want := range []string{`data-state="complete" height="6" width="10" x="990"`, `data-state="more" height="6" width="990" x="0"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in %s", want, html)
		}
	}
	c.Lanes[0].Stretches, c.Lanes[0].From = more[1:], time.Time{}
	if html = markup(c.UI(ignore)); strings.Contains(html, "more exist") || !strings.Contains(html, "nothing yet") {
		t.Errorf("a lane of which nothing was read yet says %s", html)
	}
	// What is too short to be seen is drawn as wide as can be seen, within the lane.
	c.Lanes[0].Stretches = []logs.Coverage{{From: noon.Add(-time.Second), To: noon, State: logs.Complete}, {From: from, To: from.Add(time.Second), State: logs.Failed}}
	html = markup(c.UI(ignore))
	for _, want := range []string{`data-state="complete" height="6" width="8" x="992"`, `data-state="failed" height="6" width="8" x="0"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in %s", want, html)
		}
	}
}

func TestCoverage_ManyLanesCollapseWithTroubleFirst(t *testing.T) {
	c := Coverage{To: noon, Zone: time.UTC}
	for _, src := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		c.Lanes = append(c.Lanes, viewer.Lane{Src: src, State: logs.More})
	}
	c.Lanes[6].State, c.Lanes[7].State = logs.Failed, logs.Capped
	order := func() string {
		s := ""
		for _, m := range regexp.MustCompile(`data-src="(.)"`).FindAllStringSubmatch(markup(c.UI(ignore)), -1) {
			s += m[1]
		}
		return s
	}
	html := markup(c.UI(ignore))
	if got := order(); got != "gh" || !strings.Contains(html, "Show all 8 targets") {
		t.Errorf("lanes %s in %s", got, html)
	}
	c.All = true
	html = markup(c.UI(ignore))
	if got := order(); got != "abcdefgh" || !strings.Contains(html, "Show fewer") {
		t.Errorf("lanes %s in %s", got, html)
	}
	c.Lanes = c.Lanes[:3]
	if html = markup(c.UI(ignore)); strings.Contains(html, "lanes-more") {
		t.Errorf("three lanes offer more: %s", html)
	}
}

func entry() logs.Entry {
	return logs.Entry{
		ID: "3b69", Src: "elasticpath/eu/shop", Time: noon, TimeText: "2026-11-21T12:00:00.000Z", Level: logs.LevelError, Outcome: logs.OutcomeFailed,
		Summary: "<img src=x onerror=alert(1)>", Took: 9800 * time.Millisecond, HasTook: true, Status: 500, Job: "j1", Attempt: 3,
		Fields: logs.Fields{{Name: "integration", Value: "2f0e6c1a-7b0d-4e8a-9a54-6c2d1f3b8e70"}, {Name: "integration_name", Value: "ERP order sync"}, {Name: "url", Value: "erp.example.com"}, {Name: "attempt", Value: 3.0}, {Name: "body", Value: `{"a":[1]}`}, {Name: "page", Value: "<h1>\nOops</h1>"}},
		Raw:    json.RawMessage(`{"id":"3b69",  "n":1.0}`),
	}
}

func TestDetails_AllFieldsAsText(t *testing.T) {
	d := Details{Entry: entry(), Row: viewer.Row{Target: "Order hooks", Time: "13:00:00.000", Mark: viewer.MarkError}, Now: noon.Add(time.Hour), Zone: time.FixedZone("", 3600)}
	golden(t, "details", d.UI(ignore))
	if html := markup(d.UI(ignore)); strings.Contains(html, "<img") || strings.Contains(html, "<h1>\n") {
		t.Error("vendor text became markup")
	}
	d.Copied = "raw"
	if !strings.Contains(markup(d.UI(ignore)), "Copied") {
		t.Error("a copy is not confirmed in place")
	}
}

func TestFields_OrderAndNoDoubles(t *testing.T) {
	var names []string
	for _, f := range Fields(entry(), "Order hooks", redact.Lens{}) {
		names = append(names, f.Name)
	}
	want := []string{"level", "outcome", "status", "took", "target", "integration_name", "url", "job", "attempt", "integration", "body", "page", "id", "address"}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
}

func TestTop_FilterError(t *testing.T) {
	top := Top{Name: "3 targets", Span: "Last 24 hours", Zone: "UTC+1", ZoneAt: "Europe/Paris", Search: Search{Problem: wrongFilter(t, "status:>=500 (a")}}
	golden(t, "top-error", top.UI(ignore))
	top.Search, top.Open, top.Box = Search{}, MenuSpan, SpanBox{Now: "now-1h", Read: "21 Nov 2026 11:00 to now"}
	golden(t, "top-span", top.UI(ignore))
	top.Search.Problem = viewer.FilterProblem{Query: "é", Reason: "no", Column: 99}
	if !strings.Contains(markup(top.UI(ignore)), "␣") {
		t.Error("a column behind the end is not drawn at the end")
	}
}

func TestSend_HandlersOfTwoMessagesDiffer(t *testing.T) {
	s := Send(ignore)
	_, a := s.on(ForgetAsked{"c1"})
	_, b := s.on(ForgetGiven{"c1"})
	_, c := s.on(ForgetAsked{"c2"})
	if a == b || a == c || b == c {
		t.Errorf("scopes %v, %v, %v: go-app would keep the handler of another message", a, b, c)
	}
}

func TestTime_Words(t *testing.T) {
	tests := []struct{ got, want string }{
		{Age(noon, noon.Add(-2*time.Second)), "just now"},
		{Age(noon, noon.Add(-3*time.Minute)), "3 min ago"},
		{Age(noon, noon.Add(-50*time.Hour)), "2 days ago"},
		{Age(noon, noon.Add(90*time.Second)), "in 1 min"},
		{Age(noon, time.Time{}), ""},
		{Count(999), "999"}, {Count(1000), "1,000"}, {Count(1234567), "1,234,567"}, {Count(-1200), "-1,200"},
		{Some(1, "target"), "1 target"}, {Some(2, "target"), "2 targets"},
		{OffsetName(noon.In(time.FixedZone("", 19800))), "UTC+5:30"},
		{OffsetName(noon.In(time.FixedZone("", -12600))), "UTC−3:30"},
		{OffsetName(noon), "UTC"},
		{Sentence("say it"), "Say it."}, {Sentence("done!"), "Done!"}, {Sentence(""), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
