package query

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
)

// What an entry holds of a text, the sieve finds in its bytes, whatever an expression
// says of ends, case, and characters beyond ASCII.
func TestSieve_KeepsWhatMatches(t *testing.T) {
	texts := []string{"", "timeout", "TIME OUT", "Kelvin \u212a", "naïve", "ſharp", "日本語", "😀 and more", "a-b]^", "10.0.77.3", "\xff\xfe", "o ok", "x\x02y"}
	used := 0
	for _, expr := range []string{`time.?out`, `(?i)TIME.?OUT$`, `(?i)k`, `^a`, `t$`, `\bout\b`, `\Bo`, `[^a-z]`, `[^\x00-\x7f]`, `ï`, `(?i)NAÏ`, `(?i)S`, `\pL{3}$`, `^.{2,9}$`, `^$`, `\d+\.\d+`, `[[:punct:]]{2}`, `(?i:s)harp`, `\xff`, `\x{fffd}{2}`, `😀|k`, `.\x{10FFFF}?a`, `x.y`, `x[^ ]y`} {
		q, err := Options{Regex: func(pattern string) (func(*Texts), error) {
			re, err := regexp.Compile(pattern)
			return eachText(re.MatchString), err
		}}.Parse("/" + expr + "/")
		if err != nil {
			t.Fatal(err)
		}
		sieve := q.sieve()
		if sieve == nil {
			t.Errorf("%s has no sieve", expr)
			continue
		}
		for _, text := range texts {
			e := logs.Entry{ID: "1", Summary: "s", Fields: logs.Fields{{Name: "note", Value: text}}}
			if strings.Contains(expr, "^") || strings.Contains(expr, "$") {
				e.Fields, e.Summary = nil, text
			}
			d := plainDoc(t, &e)
			if !json.Valid([]byte(d.JSON)) {
				t.Fatal(d.JSON)
			}
			var all Texts
			if !all.addLoose(d) {
				continue
			}
			if len(all.Hits) != 1 || int(all.Ends[0]) != len(all.Bytes)-1 || !isASCII(string(all.Bytes)) {
				t.Fatalf("%q ends at %v", all.Bytes, all.Ends)
			}
			used++
			if sieve(&all); all.Hits[0] == 0 && q.Match(&e) {
				t.Errorf("%s: %q is lost", expr, text)
			}
		}
	}
	if used < 100 {
		t.Errorf("only %d were sifted", used)
	}
}

func TestSieve_WhichFiltersHaveOne(t *testing.T) {
	hook := func(pattern string) (func(*Texts), error) {
		re, err := regexp.Compile(pattern)
		return eachText(re.MatchString), err
	}
	for text, want := range map[string]bool{
		"/a/": true, "/a/ /b/": true, "level:error /a/": true, "/a/ OR /b/": true, "/a/ OR b": false, "-/a/": false, "note:/a/": false, "-/a/ /b/": true, "(/a/ OR level:error) /b/": true, "a": false,
	} {
		q, err := Options{Regex: hook}.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.sieve() != nil; got != want {
			t.Errorf("%s has a sieve: %v", text, got)
		}
	}
}

func TestAppendLoose_OneForEachCharacter(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain text of some length": "plain text of some length", "naïve and 日本語 and so on": "na\x02ve and \x02\x02\x02 and so on", "12345678ï": "12345678\x02",
		"\xff\xc3 x": "\x02\x02 x", "😀": "\x02", "long enough \x01 to end": "long enough \x01",
	} {
		if got := string(appendLoose([]byte("before "), text)); got != "before "+want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
