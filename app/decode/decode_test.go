package decode

import (
	"strings"
	"testing"
)

func TestVisible_ControlCharactersStayText(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n\ttext":                "plain\n\ttext",
		"\x1b[31mFATAL\x1b[0m \x00":    `\x1b[31mFATAL\x1b[0m \x00`,
		"a\r\nb\rc\x7f":                "a\nb\\x0dc\\x7f",
		"\xff\xfe é\u0085":             `\xff\xfe é\x85`,
		"abc\u202etxt.exe\u2066\ufeff": `abc\u202etxt.exe\u2066\ufeff`,
		"👩\u200d🚀 <b>契約</b> “quoted”":  "👩\u200d🚀 <b>契約</b> “quoted”",
	} {
		if got := Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestComponent(t *testing.T) {
	name, kind := Component("The following component failed to run:\nComponent name: 'prompt_builder'\nComponent type: 'PromptBuilder'\nError: x")
	if name != "prompt_builder" || kind != "PromptBuilder" {
		t.Errorf("%q of type %q", name, kind)
	}
	if name, kind = Component("no component here"); name+kind != "" {
		t.Errorf("%q of type %q out of nothing", name, kind)
	}
}

func TestQueryString(t *testing.T) {
	p, ok := QueryString("params=query%3Dshoes%26hitsPerPage%3D20")
	if !ok || len(p.Pairs) != 1 || p.Pairs[0] != (Pair{Name: "params", Value: "query=shoes&hitsPerPage=20"}) {
		t.Fatalf("%+v %v", p, ok)
	}
	if inner, ok := QueryString(p.Pairs[0].Value); !ok || len(inner.Pairs) != 2 || inner.Pairs[0].Value != "shoes" {
		t.Errorf("nested: %+v %v", inner, ok)
	}
	p, ok = QueryString("a=1&a=2&b=%zz+x&c=%C3%A0+dos&d&e=%ff")
	want := []Pair{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "%zz+x", Broken: true}, {Name: "c", Value: "à dos"}, {Name: "d"}, {Name: "e", Value: "%ff", Broken: true}}
	if !ok || len(p.Pairs) != len(want) {
		t.Fatalf("%+v %v", p, ok)
	}
	for i := range want {
		if p.Pairs[i] != want[i] {
			t.Errorf("pair %d is %+v, want %+v", i, p.Pairs[i], want[i])
		}
	}
	if p, ok = QueryString("/1/indexes/*/queries?x-algolia-agent=Algolia%20for%20Go&x=1"); !ok || p.Base != "/1/indexes/*/queries" || p.Pairs[0].Value != "Algolia for Go" {
		t.Errorf("behind a path: %+v %v", p, ok)
	}
	for _, s := range []string{"", "a=b", "x == y && z", "if a=1&b=2 then", "/no/query", "https://a/b", "YWJj=", "<a href=x&y=2>", "&&&", "a&b&c"} {
		if p, ok := QueryString(s); ok {
			t.Errorf("%q is no query string, read as %+v", s, p)
		}
	}
}

func TestHeaders(t *testing.T) {
	got, ok := Headers("Host: c1-de-3.algolianet.com\r\nReferer: https://a/b: c\nX-Long: one\n two\naccept-enc")
	want := []Pair{{Name: "Host", Value: "c1-de-3.algolianet.com"}, {Name: "Referer", Value: "https://a/b: c"}, {Name: "X-Long", Value: "one two"}, {Name: "accept-enc", Broken: true}}
	if !ok || len(got) != len(want) {
		t.Fatalf("%+v %v", got, ok)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("header %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	if got, ok = Headers("POST /x HTTP/1.1\nHost: a"); !ok || got[0].Value != "POST /x HTTP/1.1" {
		t.Errorf("request line: %+v %v", got, ok)
	}
	if got, ok = Headers(`{"Host":"a","Accept":["b","c"]}`); !ok || len(got) != 3 || got[2] != (Pair{Name: "Accept", Value: "c"}) {
		t.Errorf("object: %+v %v", got, ok)
	}
	for _, s := range []string{"", "one: line", "note: it failed\nand then nothing", "12:30:01 start\n12:30:02 end", `{"a":{"b":1}}`, `{"a":"b"`[:5]} {
		if got, ok := Headers(s); ok {
			t.Errorf("%q is no header, read as %+v", s, got)
		}
	}
}

func TestBounds_LargeTexts(t *testing.T) {
	d, ok := JSON("[" + strings.Repeat("1,", MaxNodes+10) + "1]")
	if !ok || !d.Large || d.Cut || len(d.Root.Kids) > MaxNodes {
		t.Errorf("many values: %v large %v cut %v, %d values", ok, d.Large, d.Cut, len(d.Root.Kids))
	}
	deep := strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500)
	d, ok = JSON(deep)
	n, depth := &d.Root, 0
	for ok && len(n.Kids) > 0 {
		n = &n.Kids[0]
		depth++
	}
	if !ok || d.Cut || depth != MaxDepth || n.Kind != Deep || !strings.HasPrefix(n.Text, `{"a":{`) {
		t.Errorf("deep: %v, cut %v, depth %d, kind %d", ok, d.Cut, depth, n.Kind)
	}
	if d, ok = JSON(`["` + strings.Repeat("x", MaxBytes) + `"]`); !ok || !d.Large || d.Cut {
		t.Errorf("long: %v large %v cut %v", ok, d.Large, d.Cut)
	}
}
