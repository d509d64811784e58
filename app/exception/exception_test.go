package exception

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

const site = "/usr/local/lib/python3.12/site-packages/haystack/"

// entry makes a deepset entry with the JSON of its member exceptions.
func entry(id, message, exceptions string) logs.Entry {
	m, _ := json.Marshal(message)
	return logs.Entry{
		ID: id, Src: "deepset/eu/production/rag", Level: logs.LevelError, Item: "rag",
		Fields: logs.Fields{{Name: "pipeline", Value: "rag"}, {Name: "origin", Value: "querypipeline"}},
		Raw:    json.RawMessage(`{"log_id":"` + id + `","message":` + string(m) + `,"exceptions":` + exceptions + `}`),
	}
}

// raised makes the JSON of one exception. Frames are written "file:line name".
func raised(kind, value string, frames ...string) string {
	type frame struct {
		Filename string `json:"filename"`
		Line     int    `json:"line_number"`
		Name     string `json:"name"`
	}
	x := struct {
		Type  string  `json:"type"`
		Value string  `json:"value"`
		Trace []frame `json:"trace,omitempty"`
	}{Type: kind, Value: value}
	for _, f := range frames {
		var one frame
		where, name, _ := strings.Cut(f, " ")
		at := strings.LastIndexByte(where, ':')
		one.Filename, one.Name = where[:at], name
		fmt.Sscan(where[at+1:], &one.Line)
		x.Trace = append(x.Trace, one)
	}
	out, _ := json.Marshal(x)
	return string(out)
}

func list(xs ...string) string { return "[" + strings.Join(xs, ",") + "]" }

// summary writes what was read: type, frame, component, chain.
func summary(r Raised) string {
	var chain []string
	for _, x := range r.Chain {
		chain = append(chain, x.Type)
	}
	return fmt.Sprintf("%s @ %s [%s %s] %s", r.Type, FrameText(r.Frame), r.Component, r.Kind, strings.Join(chain, " <- "))
}

var (
	own     = "/app/custom_nodes/prompt_tools.py:42 join_context"
	lib     = site + "components/builders/prompt_builder.py:219 run"
	outside = "/app/dc_query/api/search.py:218 run_pipeline"
	cause   = raised("TypeError", "no sum", lib, own)
	outer   = raised("PipelineRuntimeError", "The following component failed to run:\nComponent name: 'prompt_builder'\nComponent type: 'PromptBuilder'\nError: no sum", outside, site+"core/pipeline/base.py:71 _run_component")
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct{ message, exceptions, want string }{
		"chain, as raised":        {"m", list(cause, outer), "TypeError @ " + own + " [prompt_builder PromptBuilder] PipelineRuntimeError <- TypeError"},
		"chain, outermost first":  {"m", list(outer, cause), "TypeError @ " + own + " [prompt_builder PromptBuilder] PipelineRuntimeError <- TypeError"},
		"one":                     {"m", list(cause), "TypeError @ " + own + " [ ] TypeError"},
		"own frame around it":     {"m", list(raised("ValueError", "x", lib), outer), "ValueError @ " + outside + " [prompt_builder PromptBuilder] PipelineRuntimeError <- ValueError"},
		"libraries only":          {"m", list(raised("PdfReadError", "EOF", site+"a.py:1 run", site+"b.py:2 read")), "PdfReadError @ " + site + "b.py:2 read [ ] PdfReadError"},
		"no trace":                {"m", list(raised("DeploymentError", "OOMKilled")), "DeploymentError @  [ ] DeploymentError"},
		"trace is null":           {"m", `[{"type":"E","value":"v","trace":null}]`, "E @  [ ] E"},
		"trace is empty":          {"m", `[{"type":"E","value":"v","trace":[]}]`, "E @  [ ] E"},
		"trace of nothing known":  {"m", `[{"type":"E","value":"v","trace":[7,null,{"x":1}]}]`, "E @  [ ] E"},
		"line as text":            {"m", `[{"type":"E","trace":[{"filename":"/app/x.py","line_number":"12","name":"f"}]}]`, "E @ /app/x.py:12 f [ ] E"},
		"no name of the function": {"m", `[{"type":"E","trace":[{"filename":"/app/x.py","line_number":12}]}]`, "E @ /app/x.py:12 [ ] E"},
		"no type":                 {"m", `[{"value":"v"}]`, " @  [ ] "},
		"null and empty ones":     {"m", `[null,{},{"type":"E"},[]]`, "E @  [ ] E"},
		"one object":              {"m", `{"type":"E","value":"v"}`, "E @  [ ] E"},
		"a text":                  {"m", `"it broke"`, " @  [ ] "},
		"texts":                   {"m", `["it broke"]`, " @  [ ] "},
		"a trace as text":         {"m", `"Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in f\nKeyError: 'a'"`, "KeyError @ /app/x.py:3 f [ ] KeyError"},
		"null, trace in message":  {"failed\nTraceback (most recent call last):\n  File \"/app/x.py\", line 3, in f\nKeyError: 'a'", "null", "KeyError @ /app/x.py:3 f [ ] KeyError"},
		"component in message":    {"run failed\nComponent name: 'llm'", list(cause), "TypeError @ " + own + " [llm ] TypeError"},
		"deployed on Windows":     {"m", `[{"type":"E","trace":[{"filename":"C:\\app\\x.py","line_number":1,"name":"f"},{"filename":"C:\\py\\site-packages\\y.py","line_number":2,"name":"g"}]}]`, `E @ C:\app\x.py:1 f [ ] E`},
	} {
		e := entry("1", c.message, c.exceptions)
		r, ok := Read(&e)
		if got := summary(r); !ok || got != c.want {
			t.Errorf("%s: %v\n     %q\nwant %q", name, ok, got, c.want)
		}
		if !IsFingerprint(r.Fingerprint) || r.Message != c.message {
			t.Errorf("%s: fingerprint %q, message %q", name, r.Fingerprint, r.Message)
		}
	}
}

func TestRead_WithoutAnException(t *testing.T) {
	for _, exceptions := range []string{`null`, `[]`, `{}`, `""`, `7`, `true`, `[null]`, `[{}]`, `[[]]`, `[""]`, `[{"trace":[]}]`} {
		e := entry("1", `it says "exceptions":[1]`, exceptions)
		if r, ok := Read(&e); ok {
			t.Errorf("%s: %+v", exceptions, r)
		}
	}
	e := entry("1", "m", list(cause))
	e.Src = "coveo/eu/org"
	if _, ok := Read(&e); ok {
		t.Error("another vendor's entry is read")
	}
	for _, raw := range []string{``, `null`, `"exceptions":[{"type":"E"}]`, `not "exceptions":[`} {
		e = logs.Entry{Src: "deepset/eu/x", Raw: json.RawMessage(raw)}
		if _, ok := Read(&e); ok {
			t.Errorf("%s is read", raw)
		}
	}
}

func TestMaybe(t *testing.T) {
	for in, want := range map[string]bool{
		`{"exceptions":null}`:                              false,
		`{"exceptions" : null,"x":1}`:                      false,
		`{"message":"\"exceptions\":[1]"}`:                 false,
		`{"extra":"exceptions"}`:                           false,
		`{"exceptions":[]}`:                                true,
		"{\"exceptions\"\n:\t[]}":                          true,
		`{"extra":{"exceptions":null},"exceptions":[{}]}`:  true,
		`{"message":"Traceback (most recent call last):"}`: true,
		``: false,
	} {
		if got := Maybe([]byte(in)); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
}

func TestRead_SecretsAreMasked(t *testing.T) {
	e := entry("1", "api_key=verysecretvalue12345", list(raised("AuthError", "Authorization: Bearer verysecretvalue12345", own)))
	r, ok := Read(&e)
	if !ok || strings.Contains(fmt.Sprintf("%+v", r), "verysecretvalue") {
		t.Errorf("%v %+v", ok, r)
	}
	c := New()
	c.Add(0, &e)
	if all := fmt.Sprintf("%+v%+v", c.List(r0, r1, 3), c.Occurrences(r.Fingerprint)); strings.Contains(all, "verysecretvalue") {
		t.Error(all)
	}
}

func TestFingerprint_SameAcrossMessages(t *testing.T) {
	base := print1(t, entry("1", "Query 5f1c0a52-8d0e-4f4f-9a3e-2b7c6d1e8a90 failed after 12 ms", list(cause, outer)))
	for name, e := range map[string]logs.Entry{
		"another id and number":      entry("2", "Query 99999999-8d0e-4f4f-9a3e-2b7c6d1e8a90 failed after 999 ms", list(cause, outer)),
		"another message altogether": entry("3", "it broke", list(cause, outer)),
		"another value":              entry("4", "m", list(raised("TypeError", "no sum of 7 and 'x'", lib, own), outer)),
		"nothing around it":          entry("5", "m", list(cause)),
		"another way there":          entry("6", "m", list(raised("TypeError", "no sum", outside, lib, own))),
		"called deeper":              entry("7", "m", list(raised("TypeError", "no sum", own, site+"z.py:1 f"))),
	} {
		if got := print1(t, e); got != base {
			t.Errorf("%s: %s, not %s", name, got, base)
		}
	}
	for name, e := range map[string]logs.Entry{
		"another type":     entry("2", "m", list(raised("KeyError", "no sum", lib, own))),
		"another line":     entry("3", "m", list(raised("TypeError", "no sum", lib, "/app/custom_nodes/prompt_tools.py:43 join_context"))),
		"another function": entry("4", "m", list(raised("TypeError", "no sum", lib, "/app/custom_nodes/prompt_tools.py:42 join"))),
		"another file":     entry("5", "m", list(raised("TypeError", "no sum", lib, "/app/custom_nodes/tools.py:42 join_context"))),
		"no trace":         entry("6", "m", list(raised("TypeError", "no sum"))),
	} {
		if got := print1(t, e); got == base {
			t.Errorf("%s has the same fingerprint", name)
		}
	}
}

// Links hold fingerprints: they must not change between versions of logpane.
func TestFingerprint_Stable(t *testing.T) {
	for want, e := range map[string]logs.Entry{
		"ec50605ee0": entry("1", "m", list(cause, outer)),
		"befee24ba1": entry("1", "m", list(raised("DeploymentError", "OOMKilled"))),
	} {
		if got := print1(t, e); got != want {
			t.Errorf("%s, was %s", got, want)
		}
	}
}

func TestFingerprint_WithoutTraceByText(t *testing.T) {
	one := print1(t, entry("1", "m", list(raised("E", "pod 7f3a9b2c-11 lost after 30 s"))))
	if got := print1(t, entry("2", "n", list(raised("E", "pod 81d0e7aa-42 lost after 4.5 s")))); got != one {
		t.Error("ids and numbers tell cards apart")
	}
	if got := print1(t, entry("3", "m", list(raised("E", "pod 7f3a9b2c-11 found after 30 s")))); got == one {
		t.Error("another text is the same card")
	}
}

// Python's version is in the paths of libraries.
func TestFingerprint_LibraryMoved(t *testing.T) {
	a := print1(t, entry("1", "m", list(raised("E", "v", "/usr/local/lib/python3.12/site-packages/pypdf/_reader.py:10 read"))))
	b := print1(t, entry("2", "m", list(raised("E", "v", "/opt/venv/lib/python3.13/site-packages/pypdf/_reader.py:10 read"))))
	if a != b {
		t.Error("where a library is installed tells cards apart")
	}
}

func print1(t *testing.T, e logs.Entry) string {
	t.Helper()
	r, ok := Read(&e)
	if !ok {
		t.Fatalf("no exception in %s", e.Raw)
	}
	return r.Fingerprint
}

func TestVariant(t *testing.T) {
	for in, want := range map[string]string{
		"Query 5f1c0a52-8d0e-4f4f-9a3e-2b7c6d1e8a90 failed after 41.5 ms": "Query … failed after … ms",
		"File 'handbook_017.pdf' could not be converted":                  "File 'handbook_….pdf' could not be converted",
		"<Node object at 0x7f3c1a2b>":                                     "<Node object at …>",
		"id UHG0_JYBbpf1V-YKI8YQ, and 12, 13":                             "id …, and …, …",
		"unsupported operand type(s) for +: 'NoneType' and 'str'":         "unsupported operand type(s) for +: 'NoneType' and 'str'",
		"the facade is dead":                                              "the facade is dead",
		"Ä 1 Ö":                                                           "Ä … Ö",
		"2026-11-22T10:00:00.123Z":                                        "…-…-…T…:…:…Z",
		"":                                                                "",
	} {
		if got := Variant(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSources(t *testing.T) {
	s := Sources{Under: "/app/", Link: "https://github.com/acme/rag/blob/main/{path}#L{line}"}
	for f, want := range map[decode.Frame]string{
		{File: "/app/x/y.py", Line: 7, Own: true}:             "https://github.com/acme/rag/blob/main/x/y.py#L7",
		{File: "/app/x y\"<.py", Line: 7, Own: true}:          "https://github.com/acme/rag/blob/main/x%20y%22%3C.py#L7",
		{File: "/app/x.py", Own: true}:                        "https://github.com/acme/rag/blob/main/x.py#L1",
		{File: "/app/../etc/passwd", Line: 1, Own: true}:      "",
		{File: "/srv/x.py", Line: 7, Own: true}:               "",
		{File: "/app/", Line: 7, Own: true}:                   "",
		{File: site + "core/a.py", Line: 9}:                   "https://github.com/deepset-ai/haystack/blob/main/haystack/core/a.py#L9",
		{File: "/app/site-packages/pypdf/a.py", Line: 9}:      "",
		{File: "/app//evil.example/x.py", Line: 1, Own: true}: "https://github.com/acme/rag/blob/main/evil.example/x.py#L1",
	} {
		if got := s.Of(f); got != want {
			t.Errorf("%+v: %q, want %q", f, got, want)
		}
	}
	if got := (Sources{}).Of(decode.Frame{File: "/app/x.py", Line: 1, Own: true}); got != "" {
		t.Error(got)
	}
	for _, link := range []string{"javascript:alert({path})", "https://x/a", "https://x/{path} a", `https://x/{path}"`, "https://{path}", "https:///{path}", "ftp://x/{path}"} {
		s.Link = link
		if s.Wrong() == "" || s.Of(decode.Frame{File: "/app/x.py", Line: 1, Own: true}) != "" {
			t.Errorf("%s is taken", link)
		}
	}
}

func TestMarkdown(t *testing.T) {
	e := entry("1", "m", list(cause, raised("Outer", "no sum, with ```fences``` and <b>", outside, site+"a.py:1 f", site+"b.py:2 g")))
	r, _ := Read(&e)
	want := "**`Outer`**\n\n````\nno sum, with ```fences``` and <b>\n    " + outside + "\n    … 2 library frames\n````\n\n" +
		"**caused by `TypeError`**\n\n```\nno sum\n    " + lib + "\n    " + own + "\n```\n"
	if got := Markdown(r.Chain); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Markdown([]decode.Exception{{}}); got != "**`Exception`**\n\nNo trace was given.\n" {
		t.Error(got)
	}
}

// A fence that the text itself could close would let vendor text be markup.
func TestMarkdown_NothingLeavesItsFence(t *testing.T) {
	for _, s := range []string{"```", "a\n```\n# title", "````````", "`", "x`", "\x1b[31m\u202e", "\n\n"} {
		got := Markdown([]decode.Exception{{Type: s, Value: s, Frames: []decode.Frame{{File: s, Line: 1, Name: s, Own: true}}}})
		lines := strings.Split(got, "\n")
		fence := ""
		for _, line := range lines {
			switch {
			case fence == "" && strings.HasPrefix(line, "```"):
				fence = line
			case fence != "" && strings.HasPrefix(strings.TrimSpace(line), fence):
				if line != fence {
					t.Errorf("%q: %q closes the fence", s, line)
				}
				fence = ""
			case fence == "" && strings.HasPrefix(line, "#"):
				t.Errorf("%q became markup: %q", s, line)
			}
		}
		if fence != "" || strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("%q: %q", s, got)
		}
	}
}
