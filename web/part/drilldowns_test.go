package part

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var (
	drillView = view.View{Src: []string{"deepset/eu/W/p", "deepset/eu/W/q"}}
	drillFoot = viewer.Foot{State: viewer.FootAsk, Text: "More may exist.", Actions: []viewer.Action{viewer.ActAll}}
	drillNone = viewer.Empty{Why: viewer.NothingInRange, Text: "No entries.", Actions: []viewer.Action{viewer.ActEditSpan}}
)

// several draws parts one after the other.
func several(parts ...app.UI) app.UI { return app.Div().Body(parts...) }

func raisedCards() []exception.Card {
	many := func(field string, n int) []exception.Count {
		var out []exception.Count
		for i := range n {
			out = append(out, exception.Count{Name: fmt.Sprintf("%s <%d>", field, i), Field: field, N: 1200 / (i + 1)})
		}
		return out
	}
	return []exception.Card{
		{
			Fingerprint: "0123456789", Type: "TypeError", Value: "no sum of <1>", Frame: "/app/x.py:7 f", Own: true, Count: 1234, First: noon.Add(-40 * time.Hour), Last: noon,
			Bars: []int{0, 3, 40, 1}, Components: many("", 3), Around: many("Wrapped", 1), Pipelines: many("pipeline", 8), Origins: many("origin", 1), Messages: many("", 11), Unlisted: 4, Untimed: 2,
			After: exception.Deploy{Time: noon.Add(-41 * time.Hour), Text: "Deployed <p>"},
		},
		{Fingerprint: "1123456789", Type: "KeyError", Frame: "/usr/lib/python3/site-packages/haystack/y.py:3 g", Count: 1, First: noon, Last: noon, Components: many("", 1)},
		{Fingerprint: "2123456789", Value: "what\x00?", Count: 2, Untimed: 2, Like: "0123456789"},
	}
}

func TestDrillDowns_Exceptions(t *testing.T) {
	x := Exceptions{Cards: raisedCards(), Counted: Counted{Rows: 5, Of: 1200, Plain: 1}, View: drillView, Zone: time.UTC, Now: noon, Foot: drillFoot}
	least := x
	least.AtLeast, least.Done, least.Plain = true, true, 3
	failed := Exceptions{Counted: Counted{Of: 2, Done: true}, View: drillView, Zone: time.UTC, Foot: viewer.Foot{State: viewer.FootFailed, Text: "Failed.", Problem: &viewer.Problem{Fault: &fault.Error{Said: "no"}}}}
	one := failed
	one.Of = 1
	golden(t, "exceptions", several(x.UI(ignore), least.UI(ignore), failed.UI(ignore), one.UI(ignore), Exceptions{Empty: drillNone}.UI(ignore), Exceptions{Counted: Counted{Of: 4}}.UI(ignore)))
}

func TestDrillDowns_Exception(t *testing.T) {
	var occurrences []exception.Occurrence
	for i := range 70 {
		o := exception.Occurrence{At: i, ID: fmt.Sprintf("e%d", i), Src: "deepset/eu/W/p", Time: noon.Add(-time.Duration(i) * time.Hour), Pipeline: "rag", Message: "Query <1> failed"}
		if i%2 == 1 {
			o.Origin, o.Pipeline = "querypipeline", ""
		}
		if i == 69 {
			o.Time = time.Time{}
		}
		occurrences = append(occurrences, o)
	}
	chain := []decode.Exception{{Type: "TypeError", Value: "no sum", Traced: true, Frames: []decode.Frame{{File: "/app/x.py", Line: 7, Name: "f", Own: true}}}}
	cards := raisedCards()
	x := Exception{
		Card: cards[0], Known: true, Counted: Counted{Rows: 1200, Of: 1200, Done: true}, Occurrences: occurrences, At: 1, Raised: exception.Raised{Message: "Query 1 failed", Chain: chain},
		ID: "e1", Key: "deepset/eu/W/p,e1", View: drillView.At(view.Place{Kind: view.Exceptions, A: "0123456789"}), Fingerprint: "0123456789", Zone: time.UTC, Now: noon, Foot: drillFoot,
		Form: true, Sources: exception.Sources{Under: "/app/", Link: "https://example.com/{path}#L{line}"},
	}
	least := x
	least.AtLeast, least.At, least.Form, least.Wrong, least.Card, least.Copied = true, 69, true, "Begin the address with https:// or http://.", cards[1], "link"
	least.Raised.Message = ""
	plain := x
	plain.Card, plain.At, plain.Form, plain.Occurrences, plain.Foot = cards[2], 0, false, occurrences[:2], viewer.Foot{}
	unknown := []app.UI{Exception{Empty: drillNone, Fingerprint: "x", View: drillView}.UI(ignore)}
	for _, u := range []Exception{
		{Fingerprint: "no <print>"}, {Fingerprint: "0123456789", Counted: Counted{Rows: 3, Of: 9}}, {Fingerprint: "0123456789", Counted: Counted{Of: 1900, Done: true}, Foot: viewer.Foot{State: viewer.FootMore, Text: "More."}},
		{Fingerprint: "0123456789", Counted: Counted{Of: 9, Done: true, AtLeast: true}, Foot: drillFoot}, {Fingerprint: "0123456789", Counted: Counted{Of: 9, Done: true}},
	} {
		u.View = drillView
		unknown = append(unknown, u.UI(ignore))
	}
	golden(t, "exception", several(append(unknown, x.UI(ignore), least.UI(ignore), plain.UI(ignore))...))
}

// asked collects calls of three shapes to two indices.
func asked(t *testing.T) *shape.Collector {
	t.Helper()
	reader, c := shape.NewReader(), shape.NewCollector()
	row := 0
	add := func(n int, raw string) {
		for i := range n {
			f, ok := reader.Fact(strings.ReplaceAll(raw, "$", fmt.Sprint(10+i%7)))
			if !ok {
				t.Fatalf("no call: %s", raw)
			}
			c.Add(row, f)
			row++
		}
	}
	add(30, `{"method":"POST","url":"/1/indexes/products/query","query_body":"{\"params\":\"query=x&hitsPerPage=20&filters=brand:a\"}","processing_time_ms":"$","query_nb_hits":"$"}`)
	add(4, `{"method":"POST","url":"/1/indexes/*/queries","query_body":"{\"requests\":[{\"indexName\":\"a\",\"params\":\"query=&facets=b\"},{\"indexName\":\"a\",\"params\":\"query=&facets=b\"},{\"indexName\":\"b<\",\"params\":\"hitsPerPage=3\"},{\"indexName\":\"c\",\"par","processing_time_ms":"9$","query_nb_hits":"0"}`)
	add(1, `{"method":"GET","url":"/1/keys"}`)
	add(2, `{"method":"POST","url":"/1/indexes/b/query","query_body":"{\"query\":\"sho<es\"}","processing_time_ms":"0","query_nb_hits":"0"}`)
	return c
}

func TestDrillDowns_Shapes(t *testing.T) {
	c := asked(t)
	zero, texts := c.ZeroTexts(1)
	address := func(text string, any bool) string {
		if text == "" && !any {
			return ""
		}
		return "/zero?" + text
	}
	s := Shapes{Groups: c.Shapes(), Shown: 3, Focus: 1, Calls: c.Len(), Others: 1, Zero: zero, Texts: texts, Foot: drillFoot, URL: func(g *shape.Group) string { return "/shape/" + g.Index }, ZeroURL: address}
	index := s
	index.ByIndex, index.Groups, index.Order, index.Shown, index.AtLeast, index.Reading, index.Others, index.Focus = true, c.Indices(), Order{"zero", true}, 50, true, true, 2, -1
	parts := []app.UI{s.UI(ignore), index.UI(ignore), Shapes{Reading: true}.UI(ignore), EmptyPlace(drillNone, ignore), ShapeOpen{ID: "x", AllURL: "/shapes"}.UI(ignore), ShapeOpen{ID: "x", AllURL: "/shapes", AtLeast: true, Foot: drillFoot}.UI(ignore), ShapeOpen{ID: "x", AllURL: "/shapes", Reading: true}.UI(ignore)}
	for i, g := range c.Shapes() {
		o := ShapeOpen{ID: g.Shape.ID, Group: g, Order: Order{Column: "took"}, AllURL: "/shapes", ZeroURL: address}
		if i == 0 {
			o.AtLeast, o.Reading, o.Copied, o.Panel, o.Foot = true, true, true, app.P().Text("panel"), drillFoot
			o.Zero, o.Texts = zero, texts
			o.Slow = Contrast{Title: "What differs", Says: "Slow.", First: "Slow", Other: "Fast", Busy: true}
			o.Among = Contrast{Title: "What differs", Says: "This.", First: "This shape", Other: "Others", A: 4, B: 7, Diffs: []shape.Difference{
				{Feature: shape.Feature{Name: "page", Value: "4<0"}, A: 4, B: 0}, {Feature: shape.Feature{Name: "query", Value: "empty", About: true}, A: 1, B: 7},
			}}
			o.Calls = []ShapeCall{
				{Key: "k1", Time: "12:00:00", Day: "22 Nov", Took: time.Second, Hits: "12", Text: "sho<es", Status: 200, Slow: true, Picked: true, Mark: true},
				{Key: "k2", Time: "12:00:01", Day: "22 Nov", Took: -1, Status: 429, Mark: true}, {Key: "k3", Day: "22 Nov", Took: 0, Hits: "0"},
			}
		} else {
			o.Slow = Contrast{Title: "What differs", None: "Nothing."}
			o.Calls = make([]ShapeCall, g.N)
			for k := range o.Calls {
				o.Calls[k].Key = fmt.Sprint("k", k)
			}
		}
		parts = append(parts, o.UI(ignore))
	}
	golden(t, "shapes", several(parts...))
}

func TestDrillDowns_Compare(t *testing.T) {
	lines := func(changed string) string {
		return strings.Repeat("an equal line\n", 9) + "took " + changed + " ms in all\n" + strings.Repeat("another equal line\n", 9) + changed
	}
	raw := func(v any) json.RawMessage {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a := logs.Entry{ID: "1", Src: "algolia/eu/APP", Time: noon, Summary: "took 98 ms", Status: 500, Job: "j", Attempt: 1, Raw: raw(map[string]any{"a": "the quick <brown> fox", "gone": 1, "same": 2, "text": lines("7"), "long": strings.Repeat("x ", 9000)})}
	b := logs.Entry{ID: "2", Src: "algolia/eu/APP", Time: noon.Add(time.Hour), Summary: "took 4 ms", Job: "j", Attempt: 3, Raw: raw(map[string]any{"a": "the slow <brown> fox", "new": true, "same": 2, "text": lines("8"), "long": strings.Repeat("y ", 9000), "": nil})}
	c := CompareEntries(redact.Lens{}, a, b, pause)
	folded := Compare{Compared: c, Zone: time.UTC, URLs: [2]string{"/a", "/b"}, Labels: map[string]string{"algolia/eu/APP": "Shop"}}
	open := folded
	for _, e := range []any{SameShown{"raw"}, MoreCompared{"raw/long"}, MoreCompared{"raw"}} {
		open.State, _ = open.State.Next(e)
	}
	other := CompareEntries(redact.Lens{}, a, logs.Entry{ID: "3", Src: "coveo/us/org", Raw: raw(map[string]any{"x": 1})}, pause)
	same := CompareEntries(redact.Lens{}, a, a, pause)
	text := CompareEntries(redact.Lens{}, logs.Entry{Src: "coveo/us/org", Raw: []byte("no <json> at all")}, logs.Entry{Src: "coveo/us/org", Level: logs.LevelWarning, Raw: []byte("no <json> at hand")}, pause)
	golden(t, "compare", several(
		folded.UI(ignore), open.UI(ignore), Compare{Compared: other, Zone: time.UTC, URLs: folded.URLs}.UI(ignore), Compare{Compared: same, Zone: time.UTC, URLs: folded.URLs}.UI(ignore), Compare{Compared: text, Zone: time.UTC, URLs: folded.URLs}.UI(ignore),
		Compare{Wait: "Looking"}.UI(ignore), Compare{Missing: []string{"One.", "Two."}, More: true}.UI(ignore),
	))
}

func TestDrillDowns_Timeline(t *testing.T) {
	steps := []Step{{Time: noon, Label: "Shop", Mark: viewer.MarkError, Summary: "Failed <1>", URL: "/1", Missing: []string{"No change is loaded"}}}
	for i := range 14 {
		steps = append(steps, Step{Time: noon.Add(time.Duration(i) * time.Second), Label: "APP", Lane: 1, Bin: 10 * i, Summary: "Call", URL: "/2", From: []StepLink{{Step: i / 2, Why: "both name <x>", Likely: i%2 == 1}}})
	}
	x := Timeline{
		Lanes: []TimelineLane{
			{Label: "Shop", Count: 4, Bins: map[int]TimelineBin{0: {Count: 3, Mark: viewer.MarkError}, 249: {Count: 1}}}, {Label: "APP", Count: 1400, Bins: map[int]TimelineBin{9: {Count: 1400, Mark: viewer.MarkWarning}, 10: {Count: 2}}},
		},
		From: noon, To: noon.Add(time.Minute), Zone: time.UTC, Stories: []Story{{Steps: steps, Span: 13 * time.Second}, {Steps: steps[:1]}}, Entries: 1404, Bounds: "All.", More: true, Chosen: 0,
	}
	all := x
	all.Shown, all.Chosen, all.To, all.Busy, all.Entries, all.Lanes = map[int]bool{0: true}, 1, noon.Add(30*time.Hour), true, 1, x.Lanes[:1]
	few := Timeline{Lanes: x.Lanes[:1], Zone: time.UTC, Chosen: -1}
	many := Timeline{Zone: time.UTC, Chosen: -1, Stories: make([]Story, 103)}
	for i := range many.Stories {
		many.Stories[i].Steps = steps[:2]
	}
	one := Timeline{Zone: time.UTC, Stories: []Story{{Steps: steps[:3]}}}
	golden(t, "timeline", several(x.UI(ignore), all.UI(ignore), few.UI(ignore), one.UI(ignore)))
	if html := markup(many.UI(ignore)); strings.Count(html, `class="tl-story"`) != 100 || !strings.Contains(html, "3 older stories are left out") {
		t.Error("103 stories are not told as 100 and 3 that are left out")
	}
}
