package rest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse_Grammar(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, ` [ 1 , -0.5e+3 , "x" , true , false , null , { "a" : [ ] } ] `, `"\"\\\/\b\f\n\r\t\u00e9"`, `0`, `-0`, `1E5`, "\"\xff\"",
		`{"a":1,"a":2}`, strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	} {
		if v, err := Parse([]byte(s)); err != nil || string(v) != strings.TrimSpace(s) {
			t.Errorf("%.40q: %q, %v", s, v, err)
		}
	}
	for _, s := range []string{
		``, ` `, `{`, `}`, `[`, `[1`, `[1,`, `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1 "b":2}`, `01`, `1.`, `.5`, `+1`, `1e`, `--1`,
		`"`, `"\x"`, `"\u12g4"`, `"\u12`, "\"\n\"", `tru`, `nul`, `nulll`, `[]]`, `{}{}`, `'a'`, "\ufeff{}", strings.Repeat("[", MaxDepth+2) + strings.Repeat("]", MaxDepth+2),
	} {
		if v, err := Parse([]byte(s)); err == nil {
			t.Errorf("%.40q was read as %.40q", s, v)
		}
	}
}

func TestValue_Reading(t *testing.T) {
	v, err := Parse([]byte(` { "a" : "x\"]}," , "b":[1,{"c":"}"}], "caf\u00e9":-1.5e3,"n":null,"t":true,"o":{"p":{"q":"deep"}} , "a":2} `))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for name, m := range v.Members() {
		got = append(got, string(name)+"="+string(m))
	}
	want := []string{`a="x\"]},"`, `b=[1,{"c":"}"}]`, `café=-1.5e3`, `n=null`, `t=true`, `o={"p":{"q":"deep"}}`, `a=2`}
	if !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
	got = nil
	for el := range v.Get("b").Elements() {
		got = append(got, string(el))
	}
	if want := []string{`1`, `{"c":"}"}`}; !slices.Equal(got, want) {
		t.Errorf("elements %q, want %q", got, want)
	}
	if s := v.Get("o", "p", "q").Text(); s != "deep" {
		t.Errorf("path gave %q", s)
	}
	if s := v.Get("a").Text(); s != "2" {
		t.Errorf("the last of two members is %q", s)
	}
	if none := v.Get("b", "c", "d"); none != nil || !none.IsNull() || none.Text() != "" {
		t.Errorf("what is not there is %q", none)
	}
}

func TestValue_NumbersThatAreNone(t *testing.T) {
	for _, s := range []string{`"Inf"`, `"NaN"`, `"0x10"`, `"1_0"`, `""`, `"1 "`, `"+1"`, `1e999`, `true`, `null`, `[1]`, ``} {
		if f, ok := Value(s).Number(); ok {
			t.Errorf("%s is %v", s, f)
		}
	}
	for s, want := range map[string]float64{`"12"`: 12, `-0.5`: -0.5, `"1e3"`: 1000} {
		if f, ok := Value(s).Number(); !ok || f != want {
			t.Errorf("%s is %v, %v", s, f, ok)
		}
	}
}

// depth returns the deepest nesting of valid JSON.
func depth(b []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch {
		case quoted && b[i] == '\\':
			i++
		case b[i] == '"':
			quoted = !quoted
		case !quoted && (b[i] == '{' || b[i] == '['):
			now++
			deepest = max(deepest, now)
		case !quoted && (b[i] == '}' || b[i] == ']'):
			now--
		}
	}
	return deepest
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,"x",{"b":null}]}`, `[]`, `"\\"`, `{"a"`, `["\`, "{\"\\u00e9\":\"\xff\"}", `{"a":1}}`, `"\ud83d\ude00\ud800x\udc00"`, `[-0.1e+9,true,false]`,
		`{"abcdefgh":"ijklmnop\"qrst"}`, "\"1234567\x1f\"", "\"\u2028\x7f\"", `{"a":1,"a":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Parse(b)
		if valid := json.Valid(b) && depth(b) <= MaxDepth; valid != (err == nil) {
			t.Fatalf("%q: valid %v, but %v", b, valid, err)
		}
		walk(t, v, err == nil, 0)
		walk(t, Value(b), false, 0) // on anything else: no panic
		if err != nil || !utf8.Valid(b) {
			return
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(v, &object) == nil && v.IsObject() {
			got := map[string]string{}
			for name, m := range v.Members() {
				got[string(name)] = string(m)
			}
			if len(got) != len(object) {
				t.Fatalf("%q: members %q", b, got)
			}
			for name, want := range object {
				if got[name] != string(want) || string(v.Get(name)) != string(want) {
					t.Fatalf("%q: member %q is %q, want %q", b, name, got[name], want)
				}
			}
		}
		var list []json.RawMessage
		if json.Unmarshal(v, &list) == nil && v.IsArray() {
			i := 0
			for el := range v.Elements() {
				if i >= len(list) || !bytes.Equal(el, list[i]) {
					t.Fatalf("%q: element %d is %q", b, i, el)
				}
				i++
			}
			if i != len(list) {
				t.Fatalf("%q: %d elements, want %d", b, i, len(list))
			}
		}
	})
}

// walk reads v in every way and, where it is one checked value, compares texts and
// numbers with encoding/json.
func walk(t *testing.T, v Value, checked bool, level int) {
	text := v.Text()
	if !utf8.ValidString(text) {
		t.Fatalf("%q: text %q", v, text)
	}
	if checked {
		var s string
		if len(v) > 0 && v[0] == '"' && (json.Unmarshal(v, &s) != nil || s != text) {
			t.Fatalf("%q: text %q, want %q", v, text, s)
		}
		var want float64
		if f, ok := v.Number(); ok && v[0] != '"' && (json.Unmarshal(v, &want) != nil || want != f) {
			t.Fatalf("%q: number %v, want %v", v, f, want)
		}
	}
	if level > 20 {
		return
	}
	for _, m := range v.Members() {
		walk(t, m, checked, level+1)
	}
	for el := range v.Elements() {
		walk(t, el, checked, level+1)
	}
}
