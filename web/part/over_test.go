package part

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
)

func wrongFilter(t *testing.T, filter string) viewer.FilterProblem {
	t.Helper()
	_, err := query.Parse(filter)
	e, ok := err.(*query.Error)
	if !ok {
		t.Fatalf("%q can be read", filter)
	}
	return viewer.FilterProblem{Column: e.Column, Query: filter, Reason: e.Reason, Suggestion: e.Suggestion, AsText: e.AsText}
}

func TestSearch_WhatHangsBelow(t *testing.T) {
	var b SearchBox
	b.Edited("a status", 8, query.Catalog{})
	b.At = 1
	golden(t, "search-offers", Search{Box: b}.UI(ignore))
	b.Entered("", []string{"status:>=500", `"a b"`})
	golden(t, "search-recent", Search{Box: b}.UI(ignore))
	golden(t, "search-hint", Search{Hint: "This looks like a job id.", Better: "job:3b69"}.UI(ignore))
	golden(t, "search-wrong", Search{Problem: wrongFilter(t, "(a OR b")}.UI(ignore))
}

func TestSearch_AListHidesTheErrorOfAHalfTypedFilter(t *testing.T) {
	var b SearchBox
	b.Edited("(status", 7, query.Catalog{})
	html := markup(Search{Box: b, Problem: wrongFilter(t, "(status")}.UI(ignore))
	if strings.Contains(html, `id="q-error"`) || !strings.Contains(html, `id="q-list"`) || !strings.Contains(html, "aria-invalid") {
		t.Errorf("a half-typed filter shows %s", html)
	}
}

func TestSearch_WhatHelpsAgainstAnError(t *testing.T) {
	for suggestion, want := range map[string]string{
		"status:>=500":      "column 2: expected a value; for example status:&gt;=500",
		"close it with a `": "column 2: expected a value; close it with a `.",
		"status:* finds the entries that have it": "column 2: expected a value; status:* finds the entries that have it.",
		"": "column 2: expected a value.\n",
	} {
		html := strings.ReplaceAll(markup(Search{Problem: viewer.FilterProblem{Column: 2, Reason: "Expected a value.", Suggestion: suggestion}}.UI(ignore)), "</span>", "\n")
		if !strings.Contains(html, want) || strings.Contains(html, "Did you mean") {
			t.Errorf("%q is told as %s", suggestion, html)
		}
	}
	html := markup(Search{Problem: viewer.FilterProblem{Column: 2, Reason: "AND needs something.", Suggestion: "put it in quotes", Fixed: "a b"}}.UI(ignore))
	if !strings.Contains(html, "Did you mean") || strings.Contains(html, "quotes") || !strings.Contains(html, "column 2: AND needs something.") {
		t.Errorf("a filter that is mended is told as %s", html)
	}
	if html := markup(Search{Hint: "No entry has `satus`."}.UI(ignore)); !strings.Contains(html, "satus") || strings.Contains(html, "<button") {
		t.Errorf("a hint without a proposal is told as %s", html)
	}
}

func TestSearch_TypingIsNotAlarmed(t *testing.T) {
	p := wrongFilter(t, "(a")
	if html := markup(Search{Problem: p, Typing: true}.UI(ignore)); strings.Contains(html, `role="alert"`) || !strings.Contains(html, `aria-live="polite"`) {
		t.Error("each letter of a filter raises an alarm")
	}
	if html := markup(Search{Problem: p}.UI(ignore)); !strings.Contains(html, `role="alert"`) {
		t.Error("a committed filter that is wrong raises none")
	}
}

func TestTop_Menus(t *testing.T) {
	top := Top{
		Name: "3 targets", Span: "Last 24 hours", Zone: "UTC+1", ZoneAt: "Europe/Paris",
		Zones: ZoneBox{Now: "Asia/Kolkata", Own: "Europe/Paris"},
		More: More{
			Saved:    Saved{Views: []SavedView{{"Failed", "/logs?q=a"}, {"Slow", "/logs?q=b"}, {"Old", "/logs?q=c"}}, Here: "/logs?q=a", Renaming: 2, Dropping: 3},
			Settings: Settings{Facets: true, Letters: true},
		},
	}
	for name, m := range map[string]Menu{"top-zones": MenuZone, "top-more": MenuMore, "top-saved": MenuSaved, "top-settings": MenuSettings} {
		top.Open = m
		golden(t, name, top.UI(ignore))
	}
	top.Open = MenuZone
	top.Zones.Wrong = "there is no zone “Mars”"
	if html := markup(top.UI(ignore)); !strings.Contains(html, `aria-describedby="zone-wrong"`) {
		t.Error("a zone that is none is not told")
	}
}

func TestMenu_WhatTakesTheKeyboardIsDrawn(t *testing.T) {
	layers := map[Menu]string{
		MenuKeys:     markup(Keys{Switch: true}.UI(ignore)),
		MenuPalette:  markup(Palette{}.UI(ignore)),
		MenuRequests: markup(RequestsDialog{}.UI(ignore)),
	}
	for m := MenuTargets; m <= MenuRequests; m++ {
		html, modal := layers[m], m.Modal()
		if modal != (html != "") {
			t.Errorf("menu %d is modal: %v", m, modal)
		}
		if !modal {
			html = markup(Top{Open: m, Zones: ZoneBox{}, More: More{}}.UI(ignore))
		} else if !strings.Contains(html, `id="`+IDDialog+`"`) || !strings.Contains(html, "aria-modal") {
			t.Errorf("menu %d is no modal dialog: %s", m, html)
		}
		if id := m.First(); id == "" || !strings.Contains(html, `id="`+id+`"`) {
			t.Errorf("menu %d gives the keyboard to %q, which is not there", m, id)
		}
	}
}

func TestMore_ItsButtonClosesWhatItOpened(t *testing.T) {
	for m, want := range map[Menu]string{NoMenu: "false", MenuTargets: "false"} {
		if html := markup(Top{Open: m, More: More{}}.UI(ignore)); !strings.Contains(html, `<button aria-expanded="`+want+`" aria-haspopup="dialog" aria-label="Menu"`) {
			t.Errorf("menu %d: %s", m, html)
		}
	}
}

func TestPills_States(t *testing.T) {
	golden(t, "pills", Pills{Requests: true, Pills: []viewer.Pill{
		{Text: "index:products", Field: "index", Values: []string{"products"}, Where: "at Algolia", AtVendor: true},
		{Text: "-status:404", Field: "status", Values: []string{"404"}, Negated: true, Where: "here, on 842 read", Missing: 1312},
	}}.UI(ignore))
	golden(t, "pills-none", Pills{}.UI(ignore))
	if html := markup(Pills{Pills: make([]viewer.Pill, 1)}.UI(ignore)); strings.Contains(html, "Clear all") {
		t.Error("a single pill has a button for all")
	}
}

func TestEditPill_SelectsWhatIsWrittenElseTheCommitted(t *testing.T) {
	pills := []viewer.Pill{{Text: "status:>=500"}, {Text: "-é"}, {Text: "(a OR b)"}}
	tests := []struct {
		typed    string
		i        int
		selected string
		text     string
	}{
		{"status:>=500   -é (a OR b)", 2, "(a OR b)", "status:>=500   -é (a OR b)"},
		{"status >= 500 -é", 0, "status:>=500", "status:>=500 -é (a OR b)"},
		{"status >= 500 NOT é", 1, "-é", "status:>=500 -é (a OR b)"},
		{"-é and-é", 1, "-é", "status:>=500 -é (a OR b)"}, // twice: which one?
	}
	for _, tt := range tests {
		text, from, to := EditPill(tt.typed, pills, tt.i)
		if text != tt.text || text[from:to] != tt.selected {
			t.Errorf("%q, pill %d: %q, %q is selected", tt.typed, tt.i, text, text[from:to])
		}
	}
	if text, from, to := EditPill("x", pills, 9); text != "x" || from != 1 || to != 1 {
		t.Errorf("no such pill: %q %d %d", text, from, to)
	}
}

func TestWithField_AddsExistence(t *testing.T) {
	for in, want := range map[string]string{"-status:404": "-status:404 status:*", "-status:404 status:*": "-status:404 status:*", "(a": "(a"} {
		if got := WithField(in, "status"); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := WithField("a", "not a name("); got != "a" {
		t.Errorf("a field that cannot be written: %q", got)
	}
}

func TestRequestsDialog_States(t *testing.T) {
	d := RequestsDialog{Labels: map[string]string{"algolia/eu/APP": "Algolia APP"}, Copied: "request:0", Requests: []wire.Request{
		{Src: "algolia/eu/APP", Method: "GET", URL: "https://APP.algolia.net/1/logs?length=100", Curl: "curl 'https://APP.algolia.net/1/logs?length=100' \\\n  -H \"x-algolia-api-key: $ALGOLIA_API_KEY\""},
		{Src: "coveo/us/org", Method: "POST", URL: "https://platform.cloud.coveo.com/x", Curl: `curl -H "Authorization: Bearer ${COVEO_TOKEN}" --data '{"cost":"5$"}'`},
	}}
	golden(t, "requests", d.UI(ignore))
	if got := d.lead(); !strings.Contains(got, "fill in $ALGOLIA_API_KEY and $COVEO_TOKEN before") {
		t.Errorf("the placeholders are told as %q", got)
	}
	for want, d := range map[string]RequestsDialog{
		"bones":                       {Busy: true},
		"No connection":               {Err: fault.New(fault.Unavailable, "").Saying("down")},
		"no target that could be ask": {},
	} {
		if !strings.Contains(markup(d.UI(ignore)), want) {
			t.Errorf("%q is not said", want)
		}
	}
}

func TestFindBar_WhatItSays(t *testing.T) {
	golden(t, "findbar", FindBar{Text: "x", Open: true, Count: 1057, At: 3, Done: true}.UI(ignore))
	golden(t, "findbar-closed", FindBar{Text: "x"}.UI(ignore))
	for want, f := range map[string]FindBar{
		"":              {},
		"3 of 57":       {Text: "x", Count: 57, At: 3, Done: true},
		"3 of 57+":      {Text: "x", Count: 57, At: 3},
		"57+ matches":   {Text: "x", Count: 57},
		"1 match":       {Text: "x", Count: 1, Done: true},
		"…":             {Text: "x"},
		"None":          {Text: "x", Done: true},
		"1,057 matches": {Text: "x", Count: 1057, Done: true},
	} {
		if got := f.said(); got != want {
			t.Errorf("%+v says %q, want %q", f, got, want)
		}
	}
}

func TestKeys_GroupsAndTheSwitch(t *testing.T) {
	k := Keys{Rows: []KeyRow{
		{Keys: []string{"j", "↓"}, Does: "Next entry", Group: "Move"}, {Keys: []string{"e"}, Does: "Next error", Group: "Move", Letter: true},
		{Keys: []string{"/"}, Does: "Edit the filter", Group: "Filter", Letter: true},
	}, Switch: true}
	golden(t, "keys-off", k.UI(ignore))
	k.Letters = true
	if html := markup(k.UI(ignore)); strings.Contains(html, "key-row off") || !strings.Contains(html, `role="switch"`) {
		t.Errorf("keys that are on: %s", html)
	}
	if html := markup(Keys{Rows: k.Rows}.UI(ignore)); strings.Contains(html, "switch") || strings.Contains(html, "key-row off") {
		t.Errorf("without a switch: %s", html)
	}
}
