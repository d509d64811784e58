package query

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

func FuzzParse(f *testing.F) {
	for _, c := range loadTruth(f) {
		f.Add(c.query)
	}
	f.Add(strings.Repeat("(", 200))
	f.Add(strings.Repeat("-(a OR ", 60))
	f.Add(strings.Repeat("a OR b (", 60))
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > utf8.RuneCountInString(s)+1 || e.Reason == "" {
				t.Fatalf("%q: error %#v", s, err)
			}
			if e.AsText != "" {
				if _, err := Parse(e.AsText); err != nil {
					t.Fatalf("%q: as text %q: %v", s, e.AsText, err)
				}
			}
			return
		}
		text := q.String()
		again, err := Parse(text)
		if err != nil {
			t.Fatalf("%q → %q: %v", s, text, err)
		}
		if again.String() != text || !again.root.equal(q.root) {
			t.Fatalf("%q → %q → %q", s, text, again)
		}
		if n := len(q.Clauses()); n > MaxClauses || len(text) > MaxLength {
			t.Fatalf("%q: %d clauses, %d bytes", s, n, len(text))
		}
		for i, c := range q.Clauses() {
			if _, err := Parse(c.String()); err != nil {
				t.Fatalf("%q: clause %q: %v", s, c, err)
			}
			flipped, err := q.Flip(i)
			if err == nil {
				if back, _ := flipped.Flip(i); len(flipped.Clauses()) == len(q.Clauses()) && back.String() != text {
					t.Fatalf("%q: flipping clause %d twice gives %q", s, i, back)
				}
			}
			q.Without(i)
		}
		if h, ok := q.Suggestion(); ok {
			if _, err := Parse(h.Query); err != nil {
				t.Fatalf("%q: suggestion %q: %v", s, h.Query, err)
			}
		}
		Unknown(q, []string{"colour"})
	})
}

func FuzzMatch(f *testing.F) {
	for _, c := range loadTruth(f) {
		for _, name := range c.names {
			if line, err := c.entries[name].AppendJSON(nil); err == nil && c.line%7 == 0 {
				f.Add(c.query, line)
			}
		}
	}
	f.Add("raw.a.0.0.0.b:1", []byte(`{"id":"x","raw":{"a":[[[{"b":1}]]]}}`))
	f.Add("raw.a.b:1", []byte(`{"id":"x","raw":{"a":"{\"b\":1"}}`))
	f.Fuzz(func(t *testing.T, s string, line []byte) {
		q, err := Parse(s)
		if err != nil {
			return
		}
		var e logs.Entry
		if json.Unmarshal(line, &e) != nil {
			// Broken JSON must not trouble the evaluator either.
			e = logs.Entry{ID: "x", Src: "algolia/global/a", Raw: line}
		}
		raw := string(e.Raw)
		got := q.Match(&e)
		again, err := Parse(q.String())
		if err != nil || again.Match(&e) != got {
			t.Fatalf("%q and %q disagree on %s", s, q, line)
		}
		if q.root != nil {
			if not := (&Query{root: negate(q.root), fast: negate(q.root)}); not.Match(&e) == got {
				t.Fatalf("%q and its negation agree on %s", s, line)
			}
			all := true
			for _, c := range q.Clauses() {
				d := DocOf(&e)
				all = all && c.node.match(&d)
			}
			if all != got {
				t.Fatalf("%q and its clauses disagree on %s", s, line)
			}
		}
		if string(e.Raw) != raw {
			t.Fatalf("%q changed the entry", s)
		}
	})
}

// FuzzNeedle holds the word-wise search against the obvious one.
func FuzzNeedle(f *testing.F) {
	f.Add("connection refused", "Refused")
	f.Add("Größe GRÖSSE", "größe")
	f.Add("\u212A and \u0130", "k")
	f.Add("@`[{_\x7f", "`{")
	f.Fuzz(func(t *testing.T, text, word string) {
		if !utf8.ValidString(text) || !utf8.ValidString(word) {
			return
		}
		n := newNeedle(word)
		for i := 0; i < 9 && i <= len(text); i++ {
			if s := text[i:]; utf8.ValidString(s) && n.in(s) != strings.Contains(Fold(s), Fold(word)) {
				t.Fatalf("%q in %q: %v", word, s, n.in(s))
			}
		}
		if n.equals(text) != (Fold(text) == Fold(word)) {
			t.Fatalf("%q = %q: %v", word, text, n.equals(text))
		}
		if c := compareFold(text, n.text); (c == 0) != (Fold(text) == n.text) {
			t.Fatalf("%q against %q: %d", text, word, c)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, "result:alpha")
	}
	f.Add(uint64(1), "-result:(alpha OR beta) -result:gamma stage:5")
	f.Add(uint64(2), "level:(>=error OR debug) index:a* -index:b")
	f.Fuzz(func(t *testing.T, seed uint64, s string) {
		g := grammar{rand.New(rand.NewPCG(seed, 3))}
		entries := make([]*logs.Entry, 20)
		for i := range entries {
			entries[i] = g.entry()
		}
		caps := g.caps()
		checkSplit(t, parse(t, g.query(3)), caps, entries)
		if q, err := Parse(s); err == nil && !strings.Contains(s, "hits") {
			checkSplit(t, q, caps, entries)
		}
	})
}
