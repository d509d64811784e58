package drivertest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// texts are what people's systems write into logs.
var texts = map[string]string{
	"empty":         "",
	"long line":     strings.Repeat("a long line ", 90_000),
	"NUL":           "before\x00after",
	"ANSI":          "\x1b[31mred\x1b[0m",
	"right to left": "\u202eevil\u202c \u05d0\u05d1",
	"line breaks":   "first\nsecond\r\nthird\u2028fourth",
	"JSON":          `{"a":"b \"c\" \\ d"}`,
	"cut JSON":      `{"a":["b",{"c":"\u00`,
	"markup":        "<script>alert(1)</script>",
	"astral":        "\U0001F600 \uFFFD e\u0301",
}

// testText puts strange texts into rows: they come back byte for byte in Raw, and
// as one harmless line in the summary.
func testText(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{})
	moment := time.Now().Add(-3 * time.Hour).UTC().Truncate(time.Second)
	rows := map[string]json.RawMessage{}
	n := 0
	for name, text := range texts {
		n++
		rows[name] = h.Row(n, moment, text)
		g.put(t, rows[name])
	}
	// Bytes that are no UTF-8 cannot be made by a JSON encoder.
	broken := json.RawMessage(strings.Replace(string(h.Row(n+1, moment, "broken-here")), "broken-here", "br\xff\xfeoken", 1))
	g.put(t, broken)
	req := g.ask(1000, h.Path...)
	req.Span = logs.Span{From: moment, To: moment.Add(time.Second)}
	got, _ := g.walk(t, req, nil)
	for _, e := range got {
		if len(e.Summary) > logs.MaxSummary || !utf8.ValidString(e.Summary) || strings.ContainsFunc(e.Summary, unicode.IsControl) {
			t.Errorf("summary %q", e.Summary)
		}
		for _, f := range e.Fields {
			if s, ok := f.Value.(string); ok && !utf8.ValidString(s) {
				t.Errorf("field %s is no UTF-8", f.Name)
			}
		}
		if b, err := e.AppendJSON(nil); err != nil || !json.Valid(b) {
			t.Errorf("the entry is no JSON: %v", err)
		}
	}
	for name, row := range rows {
		var want map[string]any
		if err := json.Unmarshal(row, &want); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, e := range got {
			var have map[string]any
			if err := json.Unmarshal(e.Raw, &have); err != nil {
				t.Fatalf("raw: %v", err)
			}
			for _, v := range h.Volatile {
				delete(have, v)
				delete(want, v)
			}
			found = found || contains(have, want)
		}
		if !found {
			t.Errorf("%s: no entry has the row's values", name)
		}
	}
	if len(got) < len(rows)+1 {
		t.Errorf("%d entries of %d rows", len(got), len(rows)+1)
	}
}

// contains reports whether all members of want stand in have.
func contains(have, want map[string]any) bool {
	for k, v := range want {
		if !reflect.DeepEqual(have[k], v) {
			return false
		}
	}
	return true
}

// testLevels reads rows of every level, an unknown one among them.
func testLevels(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{})
	unknown := 0
	for i, l := range h.Levels {
		rows := []json.RawMessage{l.Row}
		g.answer(say(200, "application/json", h.Page(rows, false)))
		p := g.page(t, g.ask(10, h.Path...))
		if len(p.Entries) != 1 {
			t.Fatalf("row %d: %d entries", i, len(p.Entries))
		}
		if e := p.Entries[0]; e.Level != l.Level || e.Outcome != l.Outcome {
			t.Errorf("row %d: level %q, outcome %q, want %q and %q: %.200s", i, e.Level, e.Outcome, l.Level, l.Outcome, l.Row)
		}
		if l.Level == logs.LevelUnknown {
			unknown++
		}
	}
	if unknown == 0 {
		t.Error("no row of an unknown level was tried")
	}
}

// testClaims uses what the capabilities claim, and what they do not.
func testClaims(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 150})
	all, _ := g.walk(t, g.ask(1000, h.Path...), nil)
	caps := g.vendor.Capabilities
	item := ""
	for _, e := range all {
		if e.Item != "" {
			item = e.Item
		}
	}
	req := g.ask(1000, h.Path...)
	if req.Item = item; item == "" {
		req.Item = "an item"
	}
	before := g.calls.Load()
	if !caps.Items {
		if _, err := g.seek.Search(t.Context(), req); fault.KindOf(err) != fault.Unsupported || g.calls.Load() != before {
			t.Errorf("one item: %v after %d calls", err, g.calls.Load()-before)
		}
	} else {
		want := 0
		for _, e := range all {
			if e.Item == item {
				want++
			}
		}
		got, _ := g.walk(t, req, nil)
		for _, e := range got {
			if e.Item != item {
				t.Errorf("asked for %q, got %q", item, e.Item)
			}
		}
		if item == "" || len(got) != want {
			t.Errorf("%d entries of %q, want %d", len(got), item, want)
		}
	}
	before = g.calls.Load()
	if !caps.Jobs {
		if _, err := g.src.ListJobs(t.Context(), h.Path, 10); fault.KindOf(err) != fault.Unsupported || g.calls.Load() != before {
			t.Errorf("jobs: %v after %d calls", err, g.calls.Load()-before)
		}
	} else {
		testJobs(t, g)
	}
	if !caps.Whole {
		if _, err := g.seek.Search(t.Context(), g.ask(1)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the whole account: %v", err)
		}
	} else if p := g.page(t, g.ask(1)); len(p.Entries) != 1 {
		t.Errorf("the whole account: %d entries", len(p.Entries))
	}
	if _, err := g.seek.Search(t.Context(), g.ask(1, "no", "such", "thing")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a path of another shape: %v", err)
	}
}

// testJobs reads one job of the first target that has any.
func testJobs(t *testing.T, g *rig) {
	targets, err := g.src.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if len(target.Path) == 0 {
			continue
		}
		ids, err := g.src.ListJobs(t.Context(), target.Path, 3)
		if err != nil || len(ids) > 3 {
			t.Fatalf("%d jobs of %v, %v", len(ids), target.Path, err)
		}
		if len(ids) == 0 {
			continue
		}
		got, _ := g.walk(t, g.ask(100, append(append([]string{}, target.Path...), "jobs", ids[0])...), nil)
		for _, e := range got {
			if e.Job != ids[0] {
				t.Errorf("asked for job %s, got %s", ids[0], e.Job)
			}
		}
		if len(got) == 0 {
			t.Errorf("job %s has no entries", ids[0])
		}
		return
	}
	t.Error("no target has jobs")
}
