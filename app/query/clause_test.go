package query

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

func TestClauses(t *testing.T) {
	q := parse(t, `status:>=500 -vendor:algolia index:(a OR "b c") (x OR y) took:[1s TO *] "two words" a*b`)
	var got []string
	for _, c := range q.Clauses() {
		got = append(got, fmt.Sprintf("%s|%s|%s|%v|%s", c.Field, c.Op, strings.Join(c.Values, ","), c.Negated, c))
	}
	want := []string{
		"status|>=|500|false|status:>=500",
		"vendor|is|algolia|true|-vendor:algolia",
		`index|in|a,b c|false|index:(a OR "b c")`,
		"|||false|(x OR y)",
		"took|range|1s,|false|took:[1s TO *]",
		`|has|two words|false|"two words"`,
		"|glob|a*b|false|a*b",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
	for _, empty := range []*Query{nil, {}, parse(t, " ")} {
		if len(empty.Clauses()) != 0 || empty.String() != "" || !empty.Match(&logs.Entry{}) {
			t.Errorf("%v does not match everything", empty)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct{ query, edit, field, value, want string }{
		{"", "include", "index", "products fr", `index:"products fr"`},
		{"x", "include", "index", "a", "x index:a"},
		{"index:a", "include", "index", "b", "index:(a OR b)"},
		{"index:(a OR b) x", "include", "INDEX", "c", "index:(a OR b OR c) x"},
		{"index:a", "include", "index", "A", "index:(a OR A)"},
		{"index:(a OR b)", "include", "index", "b", "index:(a OR b)"},
		{"-index:a x", "include", "index", "a", "x index:a"},
		{"-index:(a OR b)", "include", "index", "a", "-index:b index:a"},
		{"index:a*", "include", "index", "b", "index:a* index:b"},
		{"", "include", "body", "ok", "body=ok"},
		{"body=ok", "include", "body", "no", "body=ok OR body=no"},
		{"(body=ok OR body=no) x", "remove", "body", "ok", "body=no x"},
		{"", "include", "status", "5xx", `status:"5xx"`},
		{"", "include", "level", "warn", "level:warning"},
		{"index:(a OR b)", "exclude", "index", "b", "index:a -index:b"},
		{"index:a", "exclude", "index", "a", "-index:a"},
		{"x", "exclude", "index", `q"\`, `x -index:"q\"\\"`},
		{"-index:a", "exclude", "index", "a", "-index:a"},
		{"index:(a OR b) -stage:c", "remove", "index", "a", "index:b -stage:c"},
		{"index:a -stage:c", "remove", "stage", "c", "index:a"},
		{"index:a", "remove", "index", "a", ""},
		{"", "exclude", "deepset.extra_fields.dd.trace_id", "1", "-deepset.extra_fields.dd.trace_id:1"},
	} {
		q := parse(t, c.query)
		edits := map[string]func(string, string) (*Query, error){"include": q.Include, "exclude": q.Exclude, "remove": q.Remove}
		got, err := edits[c.edit](c.field, c.value)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %s %s %q: got %s (%v), want %s", c.query, c.edit, c.field, c.value, got, err, c.want)
		}
		if again := parse(t, got.String()); !again.root.equal(got.root) {
			t.Errorf("%s reads back as %s", got, again)
		}
		if q.String() != parse(t, c.query).String() {
			t.Errorf("the edit changed %s to %s", c.query, q)
		}
	}
	q := parse(t, "a b c")
	if got := q.Without(1).String(); got != "a c" {
		t.Errorf("Without(1) = %s", got)
	}
	if got := q.Without(7); got != q {
		t.Errorf("Without(7) = %s", got)
	}
	if got, err := q.Flip(2); err != nil || got.String() != "a b -c" {
		t.Errorf("Flip(2) = %s, %v", got, err)
	}
	c := parse(t, "a OR d").Clauses()[0]
	if got, err := q.With(c); err != nil || got.String() != "a b c (a OR d)" {
		t.Errorf("With = %s, %v", got, err)
	}
	if got, err := q.With(q.Clauses()[0]); err != nil || got != q {
		t.Errorf("With what is there = %s, %v", got, err)
	}
	if got, err := (*Query)(nil).With(c); err != nil || got.String() != "a OR d" {
		t.Errorf("nil With = %s, %v", got, err)
	}
}

func TestEdits_Refused(t *testing.T) {
	for _, c := range []struct{ field, value string }{
		{"", "x"}, {"two words", "x"}, {"-a", "x"}, {"_exists_", "x"}, {"or", "x"}, {"level", "loud"}, {"took", "fast"},
	} {
		if got, err := parse(t, "a").Include(c.field, c.value); err == nil || got.String() != "a" {
			t.Errorf("Include(%q, %q) = %s, %v", c.field, c.value, got, err)
		}
	}
	q := parse(t, strings.Repeat("a", MaxLength-1))
	var e *Error
	if got, err := q.Include("index", "b"); !errors.As(err, &e) || got != q {
		t.Errorf("too long: %v", err)
	}
}

func TestParse_Bounds(t *testing.T) {
	for _, c := range []struct{ name, query, reason string }{
		{"length", strings.Repeat("a", MaxLength+1), "the filter is longer than 4096 bytes"},
		{"written length", strings.Repeat("a OR x:b OR ", 60) + "(x" + strings.Repeat("x", 1500) + ":(a OR b OR c OR d OR e) OR c)", "the filter written out is longer than 4096 bytes"},
		{"conditions", strings.Repeat("a ", MaxClauses+1), "the filter has more than 200 conditions"},
		{"parentheses", strings.Repeat("(", 300) + "a", "the filter nests deeper than 50 levels"},
		{"negations", strings.Repeat("NOT ", 300) + "a", "the filter nests deeper than 50 levels"},
		{"levels", strings.Repeat("a OR b (", 40) + "c" + strings.Repeat(")", 40), "the filter nests deeper than 50 levels"},
		{"expression", "/" + strings.Repeat("a", MaxPattern+1) + "/", "the regular expression is longer than 512 bytes"},
		{"program", "/(a|b){900}c{900}/", "the regular expression is too large"},
		{"pattern", "a*" + strings.Repeat("b", MaxPattern) + "*c", "the pattern is longer than 512 bytes"},
	} {
		start := time.Now()
		_, err := Parse(c.query)
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason {
			t.Errorf("%s: got %v, want %s", c.name, err, c.reason)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s: took %v", c.name, d)
		}
	}
	for _, fine := range []string{strings.Repeat("a ", MaxClauses), strings.Repeat("(", 60) + "a" + strings.Repeat(")", 60)} {
		if _, err := Parse(fine); err != nil {
			t.Errorf("%.20s…: %v", fine, err)
		}
	}
}

func TestOptions(t *testing.T) {
	e := &logs.Entry{HasTook: true, Took: 9 * time.Second, Summary: "Hello"}
	q, err := Options{Limit: 30 * time.Second}.Parse("took:>80%limit")
	if err != nil || q.Match(e) || !parse(t, "took:>80%limit").Match(e) {
		t.Errorf("the limit is not honoured: %v", err)
	}
	var got string
	hook := func(expr string) (func(*Texts), error) {
		got = expr
		return eachText(func(s string) bool { return s == "Hello" }), nil
	}
	q, err = Options{Regex: hook}.Parse("/^h.*o$/i")
	if err != nil || got != "(?i)^h.*o$" || !q.Match(e) {
		t.Errorf("the hook got %q: %v", got, err)
	}
	if _, err = (Options{Regex: hook}).Parse("/a(/"); err == nil {
		t.Error("the hook is asked before the expression is validated")
	}
	refuse := func(string) (func(*Texts), error) { return nil, errors.New("no look-behind") }
	if q, err = (Options{Regex: refuse}).Parse("/el+o/"); err != nil || !q.Match(e) || q.Match(&logs.Entry{}) {
		t.Errorf("what the hook refuses is not left to package regexp: %v", err)
	}
	never := func(string) (func(*Texts), error) { return func(*Texts) {}, nil }
	long := &logs.Entry{Summary: strings.Repeat("x", maxScript) + "Hello"}
	if q, err = (Options{Regex: never}).Parse("/x.*H/"); err != nil || !q.Match(long) || q.Match(&logs.Entry{Summary: "xH"}) {
		t.Errorf("a long text is not left to package regexp: %v", err)
	}
}

func TestRegex_LooksAtBoundedText(t *testing.T) {
	e := &logs.Entry{Fields: logs.Fields{{Name: "body", Value: strings.Repeat("a", MaxText) + "needle"}}}
	if parse(t, "body:/needle/").Match(e) || !parse(t, "body:needle").Match(e) {
		t.Error("an expression reads the first MaxText bytes, plain text all")
	}
}

func TestRegex_LiteralIsOnlyAShortcut(t *testing.T) {
	for _, c := range []struct {
		expr, text string
		want       bool
	}{
		{"/task/i", "ta\u017f\u212A", true}, {"/TASK failed/i", "task FAILED", true}, {"/(?i)mask/", "MA\u017fK", true},
		{"/(foo)+bar/", "xfoofoobar", true}, {"/(foo)*bar/", "bar", true}, {"/(foo){0,2}bar/", "bar", true}, {"/(foo|fob)a/", "foba", true},
		{"/abc|/", "nothing", true}, {"/a.c/", "a\nc", false}, {"/Abc/", "abc", false}, {"/größe/i", "GRÖSSE", false}, {"/größe/i", "GRÖßE", true},
	} {
		if got := parse(t, c.expr).Match(&logs.Entry{Summary: c.text}); got != c.want {
			t.Errorf("%s on %q: %v", c.expr, c.text, got)
		}
	}
}

func TestUnknown(t *testing.T) {
	known := []string{"user_name", "dd.trace_id", "Größe"}
	for _, c := range []struct{ query, name, near string }{
		{"satus:500", "satus", "status"},
		{"status:500 levle:error", "levle", "level"},
		{"-(a OR statsu:5)", "statsu", "status"},
		{"errorcode:x severity:warn ep.anything:1 raw.x:*", "", ""},
		{"userName:ana", "", ""},
		{"user_nmae:ana", "user_nmae", "user_name"},
		{"grösse:1", "grösse", "Größe"},
		{"colour:red", "colour", ""},
		{"zz:1", "zz", ""},
		{"jop:1", "jop", "job"},
		{"plain text", "", ""},
		{"", "", ""},
	} {
		if name, near := Unknown(parse(t, c.query), known); name != c.name || near != c.near {
			t.Errorf("%s: got %q near %q, want %q near %q", c.query, name, near, c.name, c.near)
		}
	}
}

func TestNames_AreKnownAndSorted(t *testing.T) {
	list := Names()
	for i, n := range list {
		if i > 0 && list[i-1] >= n {
			t.Errorf("%s stands before %s", list[i-1], n)
		}
		if !validName(n) || !isKnown(n) {
			t.Errorf("%s cannot be used", n)
		}
	}
	for alias, name := range aliases {
		if written, _ := resolve(alias); written != name {
			t.Errorf("%s means %s", alias, written)
		}
	}
	list[0] = "changed"
	if Names()[0] == "changed" {
		t.Error("Names hands out its own list")
	}
}

func TestMatch_Concurrently(t *testing.T) {
	q := parse(t, `(/time.?out/i OR a*b OR "é") -raw.a.b:x status:>=500 level:>info`)
	e := &logs.Entry{Status: 500, Level: logs.LevelError, Summary: "Timeout", Raw: []byte(`{"a":{"b":"y"}}`)}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if !q.Match(e) {
					t.Error("no match")
				}
			}
		})
	}
	wg.Wait()
}

func TestMatch_DoesNotAllocate(t *testing.T) {
	entries := benchEntries(50)
	for _, s := range []string{
		"refused", `"connection refused" -timeout`, "status:>=500", "took:>2s", "level:>=warning", "index:products",
		"index:(products OR orders)", "algolia.processing_time_ms:>100", "job:3b69*", "error_code:*", "time:>=2026-11-21", "hits:0",
	} {
		q := parse(t, s)
		if n := testing.AllocsPerRun(20, func() {
			for i := range entries {
				q.Match(&entries[i])
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations for %d entries", s, n, len(entries))
		}
	}
}
