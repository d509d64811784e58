package part

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// entries are answers of the simulated vendors, as they crossed to the browser.
func entries(t testing.TB) map[string]logs.Entry {
	t.Helper()
	files, err := filepath.Glob("testdata/entries/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no entries", err)
	}
	out := map[string]logs.Entry{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e logs.Entry
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatal(file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".json")] = e
	}
	return out
}

func panelOf(e logs.Entry) Details {
	return Details{Entry: e, Row: viewer.Row{Target: "demo", Time: "00:00:00"}, Now: e.Time.Add(time.Hour), Zone: time.UTC}
}

var anyTag = regexp.MustCompile(`<[^>]*>`)

// reading is the text of a part, a line for each element that has some.
func reading(ui app.UI) string {
	var out []string
	for line := range strings.Lines(markup(ui)) {
		if line = strings.TrimSpace(html.UnescapeString(anyTag.ReplaceAllString(line, ""))); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n") + "\n"
}

func TestDetails_EveryVendorReads(t *testing.T) {
	for name, e := range entries(t) {
		got := reading(panelOf(e).UI(ignore))
		file := filepath.Join("testdata", "entries", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s reads (-update writes it anew):\n%s", name, got)
		}
	}
}

// leavesOf calls do for every leaf that the panel can show below n.
func leavesOf(t *told, n *decode.Node, name, path, field string, do func(value, *decode.Node)) {
	if len(n.Kids) > 0 {
		for i := range n.Kids {
			name, under := kidName(n, i, field)
			leavesOf(t, &n.Kids[i], name, path+"/"+strconv.Itoa(i), under, do)
		}
		return
	}
	if in, ok := inside(n); ok && in.isJSON {
		leavesOf(t, &in.doc.Root, name, path+"/in", field, do)
		return
	}
	do(leafValue(t, n, name, path, field), n)
}

func TestDetails_WhatIsIncludedIsThere(t *testing.T) {
	reached := 0
	for name, e := range entries(t) {
		told := tell(e, redact.Lens{})
		check := func(v value) {
			if v.field == "" || v.plain || !filterable(v.field, v.text) {
				return
			}
			q, err := (&query.Query{}).Include(v.field, v.text)
			if err != nil {
				t.Errorf("%s: %s: %v", name, v.field, err)
				return
			}
			if !q.Match(&e) {
				t.Errorf("%s: including %s loses the entry itself: %s", name, v.path, q)
			}
			reached++
		}
		leaf := func(v value, n *decode.Node) {
			check(v)
			if got, ok := told.at(v.path); !ok || got != n.Text && got != n.Src {
				t.Errorf("%s: the copy of %s is %q (%v), want %q", name, v.path, got, ok, n.Text)
			}
		}
		prefix := prefixes[told.vendor]
		leavesOf(told, &told.doc.Root, "", "raw", prefix, leaf)
		for i := range told.blocks {
			if b := &told.blocks[i]; b.form == asJSON {
				leavesOf(told, &b.doc.Root, "", b.id, b.field, leaf)
			}
		}
		for _, f := range Fields(e, "demo", redact.Lens{}) {
			if v := fieldValue(e, f); f.Name != "target" {
				check(v)
			}
		}
	}
	if reached < 150 {
		t.Errorf("only %d values can be included", reached)
	}
}

func TestDetails_SecretsAreNowhere(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	e := entries(t)["algolia-key"]
	if !strings.Contains(string(e.Raw), key) {
		t.Fatal("the entry has no secret")
	}
	d := panelOf(e)
	d.State = d.State.On(e, d.Lens)
	for range 2 {
		if markup := markup(d.UI(ignore)); strings.Contains(markup, key) || !strings.Contains(markup, "[masked…cdef]") || !strings.Contains(markup, "secrets masked") {
			t.Error("the panel shows a secret, or does not say that it is masked")
		}
		for _, id := range []string{"raw", "url", "query_headers"} {
			d.State = d.State.Next(FormChosen{id, true})
		}
	}
	for _, what := range []string{"raw", "block:url", "block:query_headers", "field:url", "at:query_headers/6"} {
		if got := d.Copy(what); got == "" || strings.Contains(got, key) {
			t.Errorf("the copy of %s is %q", what, got)
		}
	}
	if !json.Valid([]byte(d.Copy("raw"))) {
		t.Error("what was masked is no JSON any more")
	}
}

func TestDetails_CopiesHaveAllOfIt(t *testing.T) {
	all := entries(t)
	d := panelOf(all["ep-json"])
	if got := d.Copy("raw"); got != string(d.Entry.Raw) {
		t.Errorf("raw is not byte for byte: %s", got)
	}
	if got := d.Copy("at:body/2"); got != `["db.Connect","shipping.Notify","main.handle"]` {
		t.Errorf("a branch is copied as %s", got)
	}
	if got := d.Copy("field:job"); got != d.Entry.Job {
		t.Errorf("job is copied as %q", got)
	}
	if got := panelOf(all["algolia-slow"]).Copy("at:query_body/0/in/0"); got == "" || strings.Contains(got, "+") {
		t.Errorf("a decoded parameter is copied as %q", got)
	}
	d = panelOf(all["deepset-chain"])
	text, markdown := d.Copy("trace:exceptions"), d.Copy("markdown:exceptions")
	for _, want := range []string{"PipelineRuntimeError: The following", "caused by TypeError: unsupported", "/app/custom_nodes/prompt_tools.py:42 join_context", "site-packages/haystack/core/pipeline/base.py:71"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in the copied trace:\n%s", want, text)
		}
	}
	for _, want := range []string{"**`PipelineRuntimeError`**", "**caused by `TypeError`**", "… 2 library frames", "```\n"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("%q is missing in the Markdown:\n%s", want, markdown)
		}
	}
	for _, what := range []string{"", "nothing", "block:nothing", "at:raw/999", "at:body/x", "field:nothing", "trace:nothing"} {
		if got := d.Copy(what); got != "" {
			t.Errorf("the copy of %q is %q", what, got)
		}
	}
}

func TestDetails_CutBodies(t *testing.T) {
	all := entries(t)
	for name, want := range map[string][]string{
		"algolia-multi":      {"✂ cut by Algolia at 1,000 characters", "3 queries", "“"},
		"algolia-cut-string": {"✂ cut by Algolia at 1,000 characters (sent: ", "far too long"},
		"ep-cut":             {"✂ cut off here", "unknown_sku", "SKU 7731-B is not known"},
	} {
		got := reading(panelOf(all[name]).UI(ignore))
		for _, want := range want {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, got)
			}
		}
	}
	if got := reading(panelOf(all["ep-json"]).UI(ignore)); strings.Contains(got, "✂") {
		t.Errorf("a whole body is said to be cut:\n%s", got)
	}
}

func TestDetails_TracesMayBeMissing(t *testing.T) {
	all := entries(t)
	if got := reading(panelOf(all["deepset-no-trace"]).UI(ignore)); !strings.Contains(got, "No trace was given.") {
		t.Errorf("an exception without trace reads\n%s", got)
	}
	if got := reading(panelOf(all["deepset-plain"]).UI(ignore)); strings.Contains(got, "Exception") {
		t.Errorf("an entry without exceptions reads\n%s", got)
	}
}

func TestDetails_TraceInABody(t *testing.T) {
	e := all500("oops\nTraceback (most recent call last):\n  File \"/app/x.py\", line 7, in f\n  File \"/usr/lib/python3/dist-packages/y.py\", line 1, in g\nValueError: bad\n")
	got := reading(panelOf(e).UI(ignore))
	for _, want := range []string{"oops", "ValueError", "/app/x.py:7", "1 library frame", "Copy as Markdown"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func all500(body string) logs.Entry {
	raw, _ := json.Marshal(map[string]string{"body": body})
	return logs.Entry{ID: "x", Src: "elasticpath/eu/shop", Time: noon, Raw: raw, Fields: logs.Fields{{Name: "body", Value: body}}}
}

func TestDetails_LongIsDrawnInSteps(t *testing.T) {
	long := strings.Repeat("a line of the message\n", 2000)
	for name, body := range map[string]string{
		"lines": long,
		"line":  strings.Repeat("x", 1<<20),
		"array": "[" + strings.Repeat(`{"a":[1,2,3],"b":"`+strings.Repeat("y", 400)+`"},`, 2000) + "1]",
		"query": strings.Repeat("a=1&", 20000) + "a=%20",
	} {
		d := panelOf(all500(body))
		d.State = d.State.On(d.Entry, d.Lens)
		if n := len(markup(d.UI(ignore))); n > 200_000 {
			t.Errorf("%s is drawn in %d bytes", name, n)
		}
		if got := d.Copy("block:body"); got != body {
			t.Errorf("%s: the copy has %d bytes of %d", name, len(got), len(body))
		}
	}
	d := panelOf(all500(long))
	if got := reading(d.UI(ignore)); !strings.Contains(got, "Show 1,990 more lines") {
		t.Errorf("the rest is not offered:\n%s", got[:2000])
	}
	d.State = d.State.Next(MoreShown{"body"})
	if got := markup(d.UI(ignore)); strings.Count(got, "a line of the message") < 2000 || strings.Contains(got, "more line") {
		t.Error("the rest is not shown")
	}
}

func TestSome_Steps(t *testing.T) {
	if got := some("a\nb\n", 0); got != "a\nb\n" {
		t.Errorf("%q", got)
	}
	s := strings.Repeat("é", 500_000)
	for steps := range 8 {
		if got := some(s, steps); !strings.HasPrefix(s, got) || got == "" || strings.ToValidUTF8(got, "") != got || len(got) > max(steps*stepBytes, fewBytes) && len(got) < len(s) {
			t.Errorf("step %d shows %d bytes", steps, len(got))
		}
	}
	if some(s, 5) != s {
		t.Error("the last step does not show all")
	}
}

func TestPanelState(t *testing.T) {
	var s PanelState
	same := func(a, b PanelState) bool { return reflect.DeepEqual(a, b) }
	opened := s.Next(NodeToggled{"a/1", true})
	if !opened.isOpen("a/1", false) || s.isOpen("a/1", false) || opened.isOpen("a/2", false) || !opened.isOpen("a/2", true) {
		t.Error("a node is not opened, or another one is")
	}
	if closed := opened.Next(NodeToggled{"a/1", false}); closed.isOpen("a/1", true) || !opened.isOpen("a/1", false) {
		t.Error("a node is not closed, or in the state before as well")
	}
	acting := s.Next(ActionsToggled{"x"})
	if acting.active != "x" || !same(acting.Next(ActionsToggled{"x"}), s) || acting.Next(ActionsToggled{"y"}).active != "y" {
		t.Error("actions are not shown for one value at a time")
	}
	raw := opened.Next(FormChosen{"body", true}).Next(MoreShown{"body"}).Next(MoreShown{"body"})
	if !raw.raw["body"] || raw.steps["body"] != 2 {
		t.Errorf("%+v", raw)
	}
	if next := raw.On(entry(), redact.Lens{}); !next.raw["body"] || next.isOpen("a/1", false) || next.steps["body"] != 0 || next.told == nil {
		t.Errorf("on another entry: %+v", next)
	}
}

func TestDetails_FormAndFoldsFollowTheState(t *testing.T) {
	d := panelOf(entries(t)["deepset-chain"])
	if got := reading(d.UI(ignore)); strings.Contains(got, "haystack/core/pipeline/base.py:71") {
		t.Error("library frames begin open beside own ones")
	}
	d.State = d.State.Next(NodeToggled{"exceptions/0/1", true})
	if got := markup(d.UI(ignore)); !strings.Contains(got, "haystack/core/pipeline/base.py:71") || !strings.Contains(got, `href="https://github.com/deepset-ai/haystack/`) || !strings.Contains(got, `rel="noopener noreferrer"`) {
		t.Error("the opened frames are not shown with their source")
	}
	d.State = d.State.Next(FormChosen{"raw", true})
	if got := reading(d.UI(ignore)); !strings.Contains(got, `{"log_id":`) {
		t.Error("raw is not raw")
	}
}

func TestDetails_Gauge(t *testing.T) {
	for _, tt := range []struct {
		src         string
		took, limit time.Duration
		has, not    string
	}{
		{"elasticpath/eu/s", 9800 * time.Millisecond, 0, "gauge near", "limit reached"},
		{"moltin/eu/s", 10 * time.Second, 0, "limit reached", "near the limit"},
		{"elasticpath/eu/s", 9800 * time.Millisecond, 30 * time.Second, "of 30 s", "near"},
		{"elasticpath/eu/s", 0, 0, `width="0.0"`, "near"},
		{"algolia/eu/A", 9 * time.Second, 0, "server time only, network not included", "gauge"},
		{"deepset/eu/w", 9 * time.Second, 0, "took", "gauge"},
	} {
		d := panelOf(logs.Entry{ID: "x", Src: tt.src, Took: tt.took, HasTook: true, Time: noon})
		d.Limit = tt.limit
		if got := markup(d.UI(ignore)); !strings.Contains(got, tt.has) || strings.Contains(got, tt.not) {
			t.Errorf("%s %s of %s: want %q and not %q in\n%s", tt.src, tt.took, tt.limit, tt.has, tt.not, got)
		}
	}
}

func TestDetails_WhatBelongsWithIt(t *testing.T) {
	for _, tt := range []struct {
		e    logs.Entry
		want string
	}{
		{logs.Entry{Job: "j", Item: "i", Request: "r"}, "Same job"},
		{logs.Entry{Item: "products", Fields: logs.Fields{{Name: "index", Value: "products"}}}, "Same index"},
		{logs.Entry{Item: "https://a", Request: "r"}, "Same item"},
		{logs.Entry{Request: "r"}, "Same request"},
	} {
		if got := reading(panelOf(tt.e).UI(ignore)); !strings.Contains(got, tt.want) {
			t.Errorf("%+v does not offer %q", tt.e, tt.want)
		}
	}
	if got := reading(panelOf(logs.Entry{}).UI(ignore)); strings.Contains(got, "Same") || strings.Contains(got, "±") {
		t.Errorf("an entry of nothing offers\n%s", got)
	}
}

func TestDetails_TabStopsAndNames(t *testing.T) {
	d := panelOf(entries(t)["ep-json"])
	closed := strings.Count(markup(d.UI(ignore)), `class="act" tabindex="-1"`)
	d.State = d.State.Next(ActionsToggled{"field:job"})
	open := markup(d.UI(ignore))
	if n := strings.Count(open, `class="act" tabindex="-1"`); closed-n != 4 {
		t.Errorf("of %d actions %d are left out of the tab order when one value's are open", closed, n)
	}
	for _, want := range []string{`aria-expanded aria-label="job: actions"`, `role="complementary"`, `aria-label="Common fields"`, `aria-label="Only this job"`, `aria-pressed class="seg"`} {
		if !strings.Contains(open, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func FuzzDetails_AnyBody(f *testing.F) {
	for _, e := range entries(f) {
		f.Add(string(e.Raw), e.Fields.Text("body"))
	}
	f.Fuzz(func(t *testing.T, raw, body string) {
		e := logs.Entry{ID: "x", Src: "algolia/eu/A", Time: noon, Raw: json.RawMessage(raw), Fields: logs.Fields{{Name: "body", Value: body}}}
		d := panelOf(e)
		d.State = d.State.On(e, d.Lens)
		text := markup(d.UI(ignore))
		if strings.ContainsAny(text, "\x1b\x00") {
			t.Error("control characters reach the page")
		}
		if d.Copy("raw") != d.Lens.Text(raw) {
			t.Error("the raw copy is not what was sent")
		}
		if got := d.Copy("field:body"); got != d.Lens.Field("body", body) {
			t.Errorf("the body is copied as %q", got)
		}
	})
}
