package rest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/logpane/logpane/bff/secret"
)

func TestMask_Raw(t *testing.T) {
	for _, c := range []struct{ secret, in, want string }{
		{"s3cr3t", `{"a":"Bearer s3cr3t, s3cr3t"}`, `{"a":"Bearer ******, ******"}`},
		{"s3cr3t", `{"s3cr3t":1}`, `{"******":1}`},
		{"a/b&", `["a/b&","a\/b&","a/b\u0026","a%2Fb%26"]`, `["****","*****","*********","********"]`},
		{`q"u\o`, `["q\"u\\o"]`, `["*******"]`},
		{"12345", `{"n":12345,"s":"12345"}`, `{"n":12345,"s":"*****"}`},
		{"name", `["first\name","name","\\name"]`, `["first\name","****","\\****"]`},
		{"null", `[null,"null"]`, `[null,"****"]`},
		{"s3cr3t", `["\u0073\u0033cr3t"]`, `["****************"]`},
		{"clé-é", `["clé-é","cl\u00e9-\u00e9"]`, `["*******","***************"]`},
		{"s3cr3t", `["\u00e9 nothing"]`, `["\u00e9 nothing"]`},
		{"abc", `["abc"]`, `["abc"]`},
	} {
		got := NewMask(secret.New(c.secret)).Raw([]byte(c.in))
		if string(got) != c.want || !json.Valid(got) {
			t.Errorf("%s in %s gave %s, want %s", c.secret, c.in, got, c.want)
		}
	}
	body := []byte(`{"a":"\u003cb\u003e"}`)
	if got := NewMask(secret.New("absent"), secret.Value{}).Raw(body); &got[0] != &body[0] {
		t.Error("a body without a secret was copied")
	}
	if got := (*Mask)(nil).Raw(body); &got[0] != &body[0] {
		t.Error("no mask masked something")
	}
}

func TestMask_LongerSecretsFirst(t *testing.T) {
	m := NewMask(secret.New("abcd"), secret.New("abcdef"))
	if got := m.Text("x abcdef abcd"); got != "x [redacted] [redacted]" {
		t.Errorf("text %q", got)
	}
	if got := string(m.Raw([]byte(`"abcdefg"`))); got != `"******g"` {
		t.Errorf("raw %q", got)
	}
}

func FuzzMask(f *testing.F) {
	f.Add([]byte(`{"a":"s3cr3t \u0073"}`), "s3cr3t")
	f.Add([]byte(`["\\u0073","\ud83d\ude00"]`), "u0073")
	f.Add([]byte(`["a\/b","a%2Fb"]`), "a/b")
	f.Add([]byte("[\"\xff\xff\xff\xff\"]"), "\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, b []byte, word string) {
		in := bytes.Clone(b)
		got := NewMask(secret.New(word)).Raw(b)
		if !bytes.Equal(in, b) {
			t.Fatal("the input was changed")
		}
		if len(got) != len(b) || json.Valid(b) && !json.Valid(got) {
			t.Fatalf("%q in %q gave %q", word, b, got)
		}
		// Words of the mark itself come back by masking.
		if !json.Valid(b) || !utf8.Valid(b) || len(word) < minSecret || strings.ContainsAny(word, "*\uFFFD") || !utf8.ValidString(word) {
			return
		}
		var texts func(v Value)
		texts = func(v Value) {
			if len(v) > 0 && v[0] == '"' && strings.Contains(v.Text(), word) {
				t.Fatalf("%q is left in %q of %q", word, v, b)
			}
			for n, m := range v.Members() {
				if strings.Contains(string(n), word) {
					t.Fatalf("%q is left in a name of %q", word, b)
				}
				texts(m)
			}
			for el := range v.Elements() {
				texts(el)
			}
		}
		if v, err := Parse(got); err == nil {
			texts(v)
		}
	})
}
