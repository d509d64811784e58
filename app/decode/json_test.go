package decode

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// outline writes a tree in a line: cut values with ✂ behind them.
func outline(n *Node) string {
	var b strings.Builder
	if n.Key != "" || n.KeyCut {
		b.WriteString(n.Key)
		if n.KeyCut {
			b.WriteString("✂")
		}
		b.WriteByte(':')
	}
	switch n.Kind {
	case Object, Array:
		b.WriteByte("[{"[n.Kind-Array])
		for i := range n.Kids {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(outline(&n.Kids[i]))
		}
		b.WriteByte("]}"[n.Kind-Array])
	case String:
		b.WriteString("'" + n.Text + "'")
	default:
		b.WriteString(n.Text)
	}
	if n.Cut && !n.KeyCut {
		b.WriteString("✂")
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1,"a":[true,null,"x"],"b":2}`:  `{b:1 a:[true null 'x'] b:2}`,
		`{"n":12345678901234567890.10e+2}`:   `{n:12345678901234567890.10e+2}`,
		`{"s":"a\"b\\\u00e9\ud83d\ude00\n"}`: "{s:'a\"b\\é😀\n'}",
		" \n[ ]":                             `[]`,
		`{"":{}}`:                            `{{}}`,
		`{"a":"lone \ud83d half"}`:           `{a:'lone � half'}`,
		`{`:                                  `{}✂`,
		`[`:                                  `[]✂`,
		`{"query":"running sh`:               `{query:'running sh'✂}✂`,
		`{"a":"x\`:                           `{a:'x'✂}✂`,
		`{"a":"x\u00`:                        `{a:'x'✂}✂`,
		`{"a":"x\ud83d`:                      `{a:'x'✂}✂`,
		`{"a":"x\ud83d\ude`:                  `{a:'x'✂}✂`,
		`{"a":"x\\`:                          `{a:'x\'✂}✂`,
		`{"a":12`:                            `{a:12✂}✂`,
		`{"a":-`:                             `{a:-✂}✂`,
		`{"a":tr`:                            `{a:tr✂}✂`,
		`{"a":1,`:                            `{a:1}✂`,
		`[1,`:                                `[1]✂`,
		`{"a":1,"nam`:                        `{a:1 nam✂:}✂`,
		`{"a":1,"name"`:                      `{a:1 name:✂}✂`,
		`{"a":1,"name":`:                     `{a:1 name:✂}✂`,
		`{"a":1,"`:                           `{a:1 ✂:}✂`,
		`{"hits":[{"a":1},{"b":{"c":"d"}`:    `{hits:[{a:1} {b:{c:'d'}}✂]✂}✂`,
		"{\"text\":\"a line\nfeed that is no escape": "{text:'a line\nfeed that is no escape'✂}✂",
	} {
		d, ok := JSON(in)
		if got := outline(&d.Root); !ok || got != want {
			t.Errorf("JSON(%s) = %s (%v), want %s", in, got, ok, want)
		}
		if cut := strings.Contains(want, "✂"); d.Cut != cut {
			t.Errorf("JSON(%s) is cut: %v", in, d.Cut)
		}
	}
}

func TestJSON_WhereItEnds(t *testing.T) {
	d, ok := JSON(`{"a":[{"b":"c`)
	if !ok || d.Open != 3 || d.At != 13 || d.Rest != "" {
		t.Errorf("%d open at %d, rest %q", d.Open, d.At, d.Rest)
	}
	if d, ok = JSON(`{"a":1} {"b":2}`); !ok || d.Cut || d.Rest != `{"b":2}` || d.At != 7 {
		t.Errorf("two values: rest %q at %d", d.Rest, d.At)
	}
	if d, _ = JSON(`{"a": [1, "x"] }`); d.Root.Kids[0].Src != `[1, "x"]` {
		t.Errorf("source %q", d.Root.Kids[0].Src)
	}
}

func TestJSON_WhatIsNoJSON(t *testing.T) {
	for _, s := range []string{
		"", "text", `"string"`, "12", "null", "<html>", "[2026-11-22 10:00] error", "[INFO] started", "{'a': 1}", "{a:1}", `{"a" 1}`, `{"a":1 "b":2}`,
		`[1 2]`, `[1,]`, `{"a":1,}`, `{"a":01}`, `{"a":1.}`, `{"a":--1}`, `["\x41"]`, `[tru]`, "[\x01]", "{{template}}", "[1}",
	} {
		if d, ok := JSON(s); ok {
			t.Errorf("%q is no JSON, read as %s", s, outline(&d.Root))
		}
	}
}

// same reports whether a tree says what encoding/json says.
func same(t *testing.T, n *Node, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		last := map[string]*Node{} // encoding/json keeps the last of equal names
		for i := range n.Kids {
			last[strings.ToValidUTF8(n.Kids[i].Key, "\ufffd")] = &n.Kids[i]
		}
		if n.Kind != Object || len(last) != len(v) {
			t.Fatalf("%s has %d members, want %d", n.Src, len(last), len(v))
		}
		for k, v := range v {
			if last[k] == nil {
				t.Fatalf("%s lacks %q", n.Src, k)
			}
			same(t, last[k], v)
		}
	case []any:
		if n.Kind != Array || len(n.Kids) != len(v) {
			t.Fatalf("%s has %d values, want %d", n.Src, len(n.Kids), len(v))
		}
		for i := range v {
			same(t, &n.Kids[i], v[i])
		}
	case string:
		if n.Kind != String || n.Text != v {
			t.Fatalf("%s is %q, want %q", n.Src, n.Text, v)
		}
	case json.Number:
		if n.Kind != Number || n.Text != string(v) {
			t.Fatalf("%s is %q, want %s", n.Src, n.Text, v)
		}
	case bool:
		if n.Kind != Bool || (n.Text == "true") != v {
			t.Fatalf("%s is %q, want %v", n.Src, n.Text, v)
		}
	case nil:
		if n.Kind != Null {
			t.Fatalf("%s is no null", n.Src)
		}
	}
}

// begins reports whether part holds nothing but what whole begins with.
func begins(part, whole *Node) bool {
	if part.KeyCut {
		return strings.HasPrefix(whole.Key, part.Key) && part.Kind == Absent
	}
	if part.Key != whole.Key {
		return false
	}
	switch {
	case part.Kind == Absent:
		return part.Cut
	case part.Kind == Deep || whole.Kind == Deep:
		return true
	case part.Kind != whole.Kind || !strings.HasPrefix(whole.Text, part.Text):
		return false
	case !part.Cut && (part.Text != whole.Text || len(part.Kids) != len(whole.Kids)):
		return false
	case len(part.Kids) > len(whole.Kids):
		return false
	}
	for i := range part.Kids {
		if !begins(&part.Kids[i], &whole.Kids[i]) {
			return false
		}
	}
	return true
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"params":"query=running+shoes&hitsPerPage=200","n":[1,2.5e3,{"a":null}],"s":"\u00e9\ud83d\ude00\\\""}`, 40)
	f.Add("\n{\n \"requests\": [\n  {\n   \"indexName\": \"articles\",\n   \"params\": \"query=socks&facets=%5B%22brand%22%5D\"\n  }\n ]\n}\n", 60)
	f.Add(`{"error":{"code":"unknown_sku","message":"SKU 7731-B is not known`, 30)
	f.Add(`[[[[{"a":"\ud83d`, 3)
	f.Fuzz(func(t *testing.T, s string, at int) {
		d, ok := JSON(s)
		if json.Valid([]byte(s)) && utf8.ValidString(s) && !d.Large {
			dec := json.NewDecoder(strings.NewReader(s))
			dec.UseNumber()
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatal(err)
			}
			switch v.(type) {
			case map[string]any, []any:
				if !ok || d.Cut || d.Rest != "" || d.Open != 0 {
					t.Fatalf("valid JSON is read as %s: ok %v cut %v rest %q open %d", outline(&d.Root), ok, d.Cut, d.Rest, d.Open)
				}
				if depth(&d.Root) < MaxDepth {
					same(t, &d.Root, v)
				}
			default:
				if ok {
					t.Fatalf("%s is no object or array", s)
				}
			}
		}
		if !ok {
			return
		}
		if d.At < 0 || d.At > len(s) || d.Cut && d.Open == 0 {
			t.Fatalf("ends at %d of %d, %d open, cut %v", d.At, len(s), d.Open, d.Cut)
		}
		if at < 0 || at >= d.At || d.Large {
			return
		}
		part, ok := JSON(s[:at])
		if !ok {
			if strings.TrimLeft(s[:at], " \t\r\n") != "" {
				t.Fatalf("%q is not read, though %q is", s[:at], s)
			}
			return
		}
		if !part.Cut || !begins(&part.Root, &d.Root) {
			t.Fatalf("%q says\n%s (cut %v), but %q says\n%s", s[:at], outline(&part.Root), part.Cut, s, outline(&d.Root))
		}
	})
}

func depth(n *Node) int {
	most := 0
	for i := range n.Kids {
		most = max(most, depth(&n.Kids[i]))
	}
	return most + 1
}
