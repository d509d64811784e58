package query

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func shelf() Catalog {
	return Catalog{
		Names: []Name{{"ep.error_detail", "Elastic Path"}, {"status_text", "Coveo"}, {"errorCode", "Coveo"}, {"not a name", ""}, {"customer", "Algolia"}},
		Values: func(name string) []string {
			switch name {
			case "index":
				return []string{"products", "products fr", "prod_eu", "content"}
			case "level":
				return []string{"warning", "error"}
			}
			return nil
		},
	}
}

// at splits a filter at the mark that stands for its caret.
func at(t testing.TB, marked string) (text string, caret int) {
	before, after, ok := strings.Cut(marked, "|")
	if !ok {
		t.Fatalf("no caret in %q", marked)
	}
	return before + after, len(before)
}

func TestComplete_WhatIsOffered(t *testing.T) {
	tests := []struct {
		in   string
		want string // the labels, with a space between; "…" when only these come first
	}{
		{"st|", "stage status status_text request …"},
		{"sta|tus:500", "stage status status_text"},
		{"-sta|", "stage status status_text"},
		{"(a OR sta|)", "stage status status_text"},
		{"ERRORCODE|", "ERRORCODE: ERRORCODE!= ERRORCODE:*"},
		{"error_d|", "ep.error_detail"},
		{"err|", "error error_code errorCode ep.error_detail level:error"},
		{"cust|", "customer"},
		{"status|", "status: status:>= status:< status!= status:* status_text"},
		{"succeeded|", "succeeded: succeeded!= succeeded:* outcome:succeeded"},
		{"status:|", "5xx 4xx 2xx"},
		{"level:|", "warning error trace debug info critical"},
		{"level:e|", "error"},
		{"level:>=w|", "warning"},
		{"severity:warn|", "warning"},
		{"index:pro|", "products|products fr|prod_eu"},
		{"index:(|", "products|products fr|prod_eu|content"},
		{"index:(products OR c|)", "content"},
		{"index:(products, |)", "products|products fr|prod_eu|content"},
		{`index:"products f|`, "products fr"},
		{`index:"products f|r" a`, "products fr"},
		{"index:fr|", "products fr"},
		{"index != con|", "content"},
		{"index=con|", "content"},
		{"customer:x|", ""},
		{"a a|", "attempt AND"},
		{"a| b", "attempt"},
		{"o|", "operation origin outcome"},
		{"x o|", "operation origin outcome OR"},
		{"n|", "NOT"},
		{"fail|", "outcome:failed"},
		{"status:[500 |", "TO"},
		{"status:[500 t|", "TO"},
		{"status:[|", ""},
		{"status:[500 TO 5|", ""},
		{"body:/time|out/", ""},
		{"body:/time.?out/i st|", "stage status status_text request …"},
		{"/time out|", "outcome"},
		{`"st|`, ""},
		{`"a" st|`, "stage status status_text request …"},
		{"https://st|", ""},
		{"12|", ""},
		{"é|", ""},
	}
	for _, tt := range tests {
		text, caret := at(t, tt.in)
		var got []string
		for _, c := range Complete(text, caret, shelf()) {
			got = append(got, c.Label)
		}
		sep := " "
		if strings.Contains(tt.want, "|") {
			sep = "|"
		}
		all := strings.Join(got, sep)
		want, only := strings.CutSuffix(tt.want, "…")
		if all != tt.want && !(only && strings.HasPrefix(all, want)) {
			t.Errorf("%s offers %q, want %q", tt.in, all, tt.want)
		}
	}
}

func TestComplete_WhatItWritesAndWhereTheCaretStands(t *testing.T) {
	tests := []struct{ in, label, want string }{
		{"sta|", "status", "status:|"},
		{"a sta| b", "status", "a status:| b"},
		{"-(x OR sta|)", "status", "-(x OR status:|)"},
		{"sta|ge:500", "status", "status:|500"},
		{"sta|ge:>=500", "status", "status:>=|500"},
		{"sta|ge >= 500", "status", "status:| >= 500"},
		{"err|", "errorCode", "errorCode:|"},
		{"status|", "status:>=", "status:>=|"},
		{"status|", "status:*", "status:* |"},
		{"level:e|", "error", "level:error |"},
		{"level:e| x", "error", "level:error |x"},
		{"(level:e|)", "error", "(level:error|)"},
		{"level:e|rror", "critical", ""},
		{"level:w|arn", "warning", "level:warning |"},
		{"level:>=w|", "warning", "level:>=warning |"},
		{"index:pro|", "products fr", `index:"products fr" |`},
		{`index:"pro|`, "products fr", `index:"products fr" |`},
		{`index:"pro|d" x`, "products", `index:"products" |x`},
		{"index:(a pro|)", "products fr", `index:(a "products fr"|)`},
		{"x o|", "OR", "x OR |"},
		{"x o| y", "OR", "x OR |y"},
		{"status:[500 t|", "TO", "status:[500 TO |"},
		{"status:[500 | 599]", "TO", "status:[500 TO |599]"},
		{"status:|", "5xx", "status:5xx |"},
		{"fail|", "outcome:failed", "outcome:failed |"},
		{"é sta|", "status", "é status:|"},
	}
	for _, tt := range tests {
		text, caret := at(t, tt.in)
		got := ""
		for _, c := range Complete(text, caret, shelf()) {
			if c.Label == tt.label {
				s, i := c.Apply(text)
				got = s[:i] + "|" + s[i:]
			}
		}
		// A space that stood there is gone over, not doubled.
		want := strings.Replace(tt.want, " |x", " x", 1)
		if strings.Replace(got, "|", "", 1) != strings.Replace(tt.want, "|", "", 1) {
			t.Errorf("%s with %s writes %s, want %s", tt.in, tt.label, got, want)
			continue
		}
		if got != tt.want {
			t.Errorf("%s with %s: %s, want %s", tt.in, tt.label, got, tt.want)
		}
	}
}

func TestComplete_AtMostEightAndSharedFirst(t *testing.T) {
	c := Catalog{}
	for _, n := range []string{"exception_type", "item_a", "item_b", "item_c", "item_d", "item_e", "item_f", "item_g", "item_h"} {
		c.Names = append(c.Names, Name{n, "Coveo"})
	}
	got := Complete("ite", 3, c)
	if len(got) != MaxCompletions || got[0].Label != "item" || got[1].Detail != "Coveo" {
		t.Errorf("%d: %+v", len(got), got)
	}
}

func TestComplete_ACaretThatCannotBe(t *testing.T) {
	for _, caret := range []int{-1, 4, 1} {
		if got := Complete("éa", caret, Catalog{}); got != nil {
			t.Errorf("caret %d: %v", caret, got)
		}
	}
}

// What is accepted must be a filter wherever what stood around it was one.
func FuzzComplete_StaysInBoundsAndReadable(f *testing.F) {
	for _, s := range []string{`status:>=5|`, `index:(a OR "b c|`, `-lev|el:error x`, `a:[1 t|`, `/x|/`, `“pro|” b`, `((((|`, `index:pro|ducts)`} {
		text, caret := at(f, s)
		f.Add(text, caret)
	}
	f.Fuzz(func(t *testing.T, text string, caret int) {
		if !utf8.ValidString(text) {
			return
		}
		got := Complete(text, caret, shelf())
		if len(got) > MaxCompletions {
			t.Fatalf("%d completions", len(got))
		}
		var labels []string
		for _, c := range got {
			s, i := c.Apply(text)
			if c.From > caret || c.To < caret || i < c.From || i > len(s) || !utf8.ValidString(s) || !utf8.ValidString(s[:i]) {
				t.Errorf("%q at %d: %+v gives %q at %d", text, caret, c, s, i)
			}
			if slices.Contains(labels, c.Label) {
				t.Errorf("%q at %d: %s twice", text, caret, c.Label)
			}
			labels = append(labels, c.Label)
		}
	})
}
