package redact

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
)

var lenses = []Lens{{}, {Key: 0x9e3779b97f4a7c15}, {Reveal: true}}

// check are the promises that hold for every text.
func check(t *testing.T, s string) {
	t.Helper()
	for _, l := range lenses {
		once := l.Text(s)
		if twice := l.Text(once); twice != once {
			t.Fatalf("%q\nonce:  %q\ntwice: %q", s, once, twice)
		}
		if first := strings.TrimLeft(s, " \t\r\n"); first != "" && (first[0] == '{' || first[0] == '[') && json.Valid([]byte(s)) && !json.Valid([]byte(once)) {
			t.Fatalf("JSON %q\nis none any more: %q", s, once)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		`{"user_id":12345,"n":["a@b.co",4111111111111111],"customer":{"name":"x","id":1}}`,
		`{"b":"{\"password\":\"a\\\"b\\\\\",\"n\":1,\"m\":\"{\\\"email\\\":5}\"}"}`,
		"Host: a\nX-Forwarded-For: 203.0.113.7, 2001:db8::1\nCookie: a=b; c=\"d\"\nAuthorization: Bearer eyJhbGciOi.eyJzdWIi.abc",
		"https://user:pass@host/x?email=a%40b.co&customer%5Bname%5D=z#y <first_name>Bob</first_name>",
		"-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nAKIAIOSFODNN7EXAMPLE [ip 123] [masked…abcd] [user 0",
		"%7B%22user_id%22%3A12345%2C%22x%22%3A%22a%40b.co%22%7D",
	} {
		f.Add(s)
	}
	f.Fuzz(check)
}

// planted are values that must not come through; none holds a word that stays.
var planted = []string{
	"zebedee.quux@planted.example", "zebedee+quux@mail.planted.example", "203.0.113.77", "198.51.100.203", "2001:db8:7e57::be:77", "fe80::be77",
	"sk_live_Zebedee0123456789Quux", "ghp_Zebedee0123456789Quux012345", "AKIAZEBEDEE0QUUX0123", "xoxb-Zebedee-0123456789-Quux", "lgp_Zebedee0123456789Quux0",
	"eyJZebedee0.eyJQuux1.Zebedee-Quux_2", "4111111111111111", "4111-1111-1111-1111",
}

// wraps put a text into something that is often around one.
var wraps = []func(r *rand.Rand, s string) string{
	func(_ *rand.Rand, s string) string { return "before " + s + " after" },
	func(_ *rand.Rand, s string) string { return "line\n" + s + "\nline" },
	func(_ *rand.Rand, s string) string { return "(" + s + ")" },
	func(_ *rand.Rand, s string) string { return "<p>" + s + "</p>" },
	func(_ *rand.Rand, s string) string { return "q=1&v=" + url.QueryEscape(s) + "&w=2" },
	func(_ *rand.Rand, s string) string { return "Host: a.b\r\nX-Thing: " + s + "\r\nAccept: */*" },
	func(_ *rand.Rand, s string) string { return jsonText(map[string]any{"a": "1", "m": s, "z": 2}) },
	func(_ *rand.Rand, s string) string { return jsonText([]any{s, nil, map[string]any{"deep": []any{s}}}) },
	func(_ *rand.Rand, s string) string {
		return jsonText(map[string]any{"name": "x", "body": s + " é ☃ \t end"})
	},
	func(_ *rand.Rand, s string) string { return jsonText("x\t" + s) },
	func(_ *rand.Rand, s string) string { return "'" + s + "', \"" + s + "\"" },
	func(r *rand.Rand, s string) string { // cut in the middle, behind the text
		return jsonText(map[string]any{"cut": s + strings.Repeat(" x\n\"", r.IntN(3))})
	},
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestText_NothingPlantedSurvives(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	for range 40_000 {
		what := planted[r.IntN(len(planted))]
		s := what
		escaped := 0
		for range 1 + r.IntN(4) {
			at := r.IntN(len(wraps))
			if at == 4 { // escaping a URL thrice is nobody's habit
				if escaped++; escaped > 2 {
					continue
				}
			}
			s = wraps[at](r, s)
		}
		got := Lens{Key: 7}.Text(s)
		for _, part := range []string{what, url.QueryEscape(what), url.QueryEscape(url.QueryEscape(what)), "ebedee", "203.0.113", "198.51", "db8", "be77", "411111", "1111-1111"} {
			if strings.Contains(got, part) {
				t.Fatalf("%q of %q\nin  %q\nout %q", part, what, s, got)
			}
		}
		check(t, s)
	}
}

// Names tell of values that look like nothing, in JSON of any depth, cut anywhere.
func TestText_NamedValuesOfCutJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 4_000 {
		var v any = map[string]any{
			"aa": 1, "user_id": "Zebedee", "shipping_address": map[string]any{"first_name": "Zebedee", "line_1": "7 Zebedee Road", "city": "Zebedee"},
			"headers": "Host: x\nX-Algolia-UserToken: Zebedee\nB: c", "params": "query=x&userToken=Zebedee&y=1", "api_key": "Zebedee", "zz": []any{true},
		}
		for range r.IntN(3) {
			v = map[string]any{"type": "x", "body": jsonText(v), "name": "hook"}
		}
		s := jsonText(v)
		if got := (Lens{}).Text(s); strings.Contains(got, "Zebedee") || !strings.Contains(got, `\"name\":\"hook`) && strings.Contains(s, `\"name\":\"hook`) {
			t.Fatalf("in  %s\nout %s", s, got)
		}
		check(t, s)
		cut := s[:r.IntN(len(s))]
		check(t, cut)
		whole := jsonText(map[string]any{"answer": cut, "name": "hook"})
		got := Lens{}.Text(whole)
		if strings.Contains(got, "Zebedee") || !strings.HasSuffix(got, `,"name":"hook"}`) {
			t.Fatalf("in  %s\nout %s", whole, got)
		}
		check(t, whole)
	}
}

func TestText_NothingToCoverAllocatesNothing(t *testing.T) {
	s := `{"sha1":"26c53bd7e38ca71f4741b71994cd94a600b7ac68","took":"1.5","url":"\/1\/indexes\/products\/query","name":"x","at":"2026-11-22T10:00:00Z"}`
	if n := testing.AllocsPerRun(100, func() { s = Lens{Key: 1}.Text(s) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
