package exception

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"message":"m","exceptions":` + list(cause, outer) + `}`, `{"exceptions":null}`, `{"exceptions":{"type":"E"}}`, `{"exceptions":["x"]}`,
		`{"message":"Traceback (most recent call last):\n  File \"x\", line 1, in f\nE: x"}`, `{"exceptions":[{"type":"E","trace":[{"filename":"` + strings.Repeat("a", 300),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e := logs.Entry{ID: "1", Src: "deepset/eu/w", Raw: []byte(raw)}
		r, ok := Read(&e)
		again, _ := Read(&e)
		switch {
		case !ok:
			return
		case !Maybe(e.Raw):
			t.Fatal("there is one where there cannot be one")
		case len(r.Chain) == 0 || !IsFingerprint(r.Fingerprint) || r.Fingerprint != again.Fingerprint:
			t.Fatalf("%+v", r)
		case !r.Traced && r.Frame != decode.Frame{}:
			t.Fatal("a frame without a trace")
		}
		c := New()
		c.Add(0, &e)
		cards := c.List(r0, r1, 5)
		if len(cards) != 1 || cards[0].Count != 1 || len(c.Occurrences(r.Fingerprint)) != 1 {
			t.Fatalf("%+v", cards)
		}
		if md := cards[0].Markdown(r.Chain, "", time.UTC, false); strings.Contains(md, "\x1b") {
			t.Fatalf("%q", md)
		}
		for _, x := range r.Chain {
			for _, f := range x.Frames {
				link := Sources{Under: "/", Link: "https://x.example/{path}#L{line}"}.Of(f)
				if link != "" && !strings.HasPrefix(link, "https://x.example/") && !strings.HasPrefix(link, "https://github.com/deepset-ai/haystack/") {
					t.Fatalf("%+v links to %s", f, link)
				}
			}
		}
	})
}

func FuzzVariant(f *testing.F) {
	for _, s := range []string{"a 1 b", "0x7f", "12-ab", "…1…", "deadbeef1", "a.1.2", "\xff12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := Variant(s)
		if again := Variant(v); again != v {
			t.Fatalf("%q, then %q", v, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(v) || strings.ContainsAny(v, "0123456789") {
			t.Fatalf("%q of %q", v, s)
		}
	})
}
