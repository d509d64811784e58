package query

import (
	"regexp"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
)

// plainDoc makes a Doc of an entry as a store does that holds its JSON.
func plainDoc(tb testing.TB, e *logs.Entry) *Doc {
	tb.Helper()
	text, err := e.AppendJSON(nil)
	if err != nil {
		tb.Fatal(err)
	}
	d := DocOf(e)
	d.entry, d.JSON = nil, string(text)
	end := len(text) - 1
	if d.Raw != "" {
		end -= len(d.Raw) + len(`,"raw":`)
	}
	if len(e.Fields) > 0 {
		fields, err := e.Fields.MarshalJSON()
		if err != nil {
			tb.Fatal(err)
		}
		d.Fields = d.JSON[end-len(fields) : end]
	}
	return &d
}

// All entries of the truth table are plain but for their order of members, which
// AppendJSON sets right: a Doc of theirs must get the truth of the entry.
func TestMatchDoc_TruthOfTheLanguage(t *testing.T) {
	n := 0
	for _, c := range loadTruth(t) {
		if c.want == nil {
			continue
		}
		q, err := Parse(c.query)
		if err != nil || q.Parts()&PartEntry != 0 {
			continue
		}
		for _, name := range c.names {
			e := *c.entries[name]
			if strings.Contains(string(e.Raw), "\n") {
				continue
			}
			d := plainDoc(t, &e)
			n++
			if got := q.MatchDoc(d); got != strings.Contains(" "+*c.want+" ", " "+name+" ") {
				t.Errorf("%s:%d: %s keeps %s: %v", c.file, c.line, c.query, name, got)
			}
		}
	}
	if n < 500 {
		t.Fatalf("only %d answers", n)
	}
}

func TestMatchDoc_WordsHiddenByEscapesInThePath(t *testing.T) {
	e := &logs.Entry{Raw: []byte(`{"x":"\u0065rror","y":5.0,"z":"a\nb"}`)}
	for text, want := range map[string]bool{"raw.x:error": true, "raw.x=error": true, "raw.y:5": true, "raw.x:nosuch": false, "raw.z:nb": false, "raw.y:5.00": true} {
		if got := parse(t, text).Match(e); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestNarrows_OnlyWhatSurelyKeepsNoMore(t *testing.T) {
	for _, c := range []struct {
		before, q string
		want      bool
	}{
		{"", "a", true}, {"a", "", false}, {"a", "ab", true}, {"ab", "a", false}, {"err", "Error status:500", true}, {"a b", "b a c", true}, {"a b", "a", false},
		{"a OR b", "a", true}, {"a", "a OR b", false}, {"a OR bc", "abc", true}, {"body:ti", "body:time", true}, {"body:ti", "url:time", false}, {"body:ti", "time", false},
		{"status:500", "status:500 level:error", true}, {"status:>400", "status:>500", false}, {"-abc", "-ab", true}, {"-ab", "-abc", false},
		{"a", `"a<"`, false}, {"a", `"a\"b"`, false}, {"index:(a OR b)", "index:a", true}, {"index:a", "index:(a OR b)", false}, {"(a OR b) c", "c (b OR a)", true},
		{"(a OR b)", "(ax OR bx)", true}, {"a", "-a", false},
	} {
		if got := parse(t, c.q).Narrows(parse(t, c.before)); got != c.want {
			t.Errorf("%q narrows %q: %v", c.q, c.before, got)
		}
	}
	var none *Query
	if !parse(t, "a").Narrows(none) || !none.Narrows(none) || none.Narrows(parse(t, "a")) {
		t.Error("the nil filter keeps everything")
	}
}

func TestBacktracks_WhatABrowserMayRun(t *testing.T) {
	for expr, want := range map[string]bool{
		`timeout`: false, `time.?out`: false, `(?i)order.*(failed|timeout)`: false, `\b10\.0\.\d+\.3\b`: false, `\d+\.\d+\.\d+`: false, `^[a-z]+:\s*\d{1,3}$`: false,
		`status":4\d\d`: false, `(a|b|c)x(d|e)`: false, `[^"]*"x`: false, `a{3}`: false, `(?:ab)?c`: false,
		`(a+)+`: true, `(a*)*b`: true, `(a|aa)+`: true, `a*a*b`: true, `.*foo.*bar`: true, `(.+)\s+(.+)`: true, `\w+\d+`: true, `(x+x+)+y`: true, `a{0,100}a{0,100}`: true,
		`(ab)*c`: true, `a?a?a?a?a?a?a?aaaaaaa`: true, `(ax|by)(ax|by)(ax|by)(ax|by)(ax|by)(ax|by)(ax|by)`: true, `((a{0,8}){0,8}){0,8}`: true, `\w+(-|x)?\w+`: true, `(`: true,
	} {
		if got := Backtracks(expr); got != want {
			t.Errorf("%s: %v", expr, got)
		}
		if _, ok := Script(expr); ok == want {
			t.Errorf("%s is written for a browser: %v", expr, ok)
		}
	}
}

// The pattern for browsers uses nothing that means another thing in RE2, but for
// looking at what stands around a text, which here is taken in, so that RE2 itself
// can be asked whether it is the same.
func TestScript_SameMatches(t *testing.T) {
	texts := []string{"", "timeout", "TIME OUT", "Kelvin \u212a", "a\nb", "ſharp", "10.0.77.3", "x{1}", "naïve", "\u2028", "a-b]^", "line one\nline two", "ab", "b"}
	for _, expr := range []string{`time.?out`, `(?i)time.?out`, `(?i)k`, `a.b`, `(?s)a.b`, `[^a-z]`, `\d+\.\d+`, `\bon`, `\Bn`, `^a`, `b$`, `x\{1}`, `[\]^-]`, `ï`, `\pL{3}`, `(?i)naÏ`, `a|b|`, `^$`, `[[:upper:]]{2,3}`, `(?U)a+?b`, `\x{2028}`} {
		pattern, ok := Script(expr)
		if !ok {
			t.Errorf("%s is not written", expr)
			continue
		}
		pattern = strings.NewReplacer(`\u{`, `\x{`, `(?<=\x01)`, `\x01`, `(?=\x01)`, `\x01`).Replace(pattern)
		ours, theirs := regexp.MustCompile(expr), regexp.MustCompile(pattern)
		for _, text := range texts {
			if ours.MatchString(text) != theirs.MatchString("\x01"+text+"\x01") {
				t.Errorf("%s and %s disagree on %q", expr, pattern, text)
			}
		}
	}
	for expr, want := range map[string]string{`(?m)^a$`: `(?<=[\x01\n])a(?=[\x01\n])`, `.`: `[^\n\x01]`, `(?s).`: `[^\x01]`, `\z`: `(?=\x01)`, `(?i)k`: `[Kk\u{212a}]`, `[^b]`: `[\u{0}\u{2}-ac-\u{10ffff}]`, `\x01`: `[]`} {
		if got, ok := Script(expr); !ok || got != want {
			t.Errorf("%s is written %s (%v), want %s", expr, got, ok, want)
		}
	}
}

func FuzzScript_IsAPattern(f *testing.F) {
	for _, expr := range []string{`a.*b`, `(?i)\w+[^x]`, `\b(a|b){2,3}$`, `\pL`} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if len(expr) > MaxPattern {
			return
		}
		pattern, ok := Script(expr)
		if !ok {
			return
		}
		if Backtracks(expr) {
			t.Fatalf("%q may take long and is written", expr)
		}
		for _, r := range pattern {
			if r >= 0x80 || r < ' ' {
				t.Fatalf("%q is written %q", expr, pattern)
			}
		}
	})
}

func TestForText_IsTheTextItself(t *testing.T) {
	for _, text := range []string{`a OR b`, `status:500`, `"x`, `a\`, `*`, `-a`} {
		q, err := Options{}.ForText(text)
		if err != nil || !q.Match(&logs.Entry{Summary: "x " + text + " y"}) || q.Match(&logs.Entry{Summary: "other", Status: 500}) {
			t.Errorf("%s: %v, %v", text, q, err)
		}
	}
	if q, err := (Options{}).ForText("  "); q != nil || err != nil {
		t.Errorf("%v, %v", q, err)
	}
}
