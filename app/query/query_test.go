package query

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
)

// The truth table is in testdata/*.txt. In a file, "entry NAME JSON" adds an
// entry in its wire form; then each block names a query and what must hold of it:
//
//	query: the filter, to the end of the line; \n stands for a line break
//	want:  the names of the entries that match; all others of the file must not
//	canon: what String returns
//	hint:  the filter that is suggested
//	error: col N: what the error says
//	try:   the suggestion of that error
type truth struct {
	file    string
	line    int
	query   string
	want    *string
	canon   *string
	hint    *string
	err     *string
	try     *string
	entries map[string]*logs.Entry
	names   []string
}

func loadTruth(tb testing.TB) []*truth {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no truth tables: %v", err)
	}
	var out []*truth
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			tb.Fatal(err)
		}
		defer f.Close()
		entries, names := map[string]*logs.Entry{}, []string(nil)
		var cur *truth
		scan := bufio.NewScanner(f)
		for n := 1; scan.Scan(); n++ {
			line := scan.Text()
			word, rest, _ := strings.Cut(line, " ")
			rest = strings.TrimSpace(rest)
			switch word {
			case "", "#":
			case "entry":
				name, text, _ := strings.Cut(rest, " ")
				e := new(logs.Entry)
				if err := json.Unmarshal([]byte(text), e); err != nil {
					tb.Fatalf("%s:%d: %v", file, n, err)
				}
				entries[name], names = e, append(names, name)
			case "query:":
				cur = &truth{file: file, line: n, query: strings.ReplaceAll(rest, `\n`, "\n")}
				out = append(out, cur)
			case "want:":
				cur.want, cur.entries, cur.names = &rest, entries, names
			case "canon:":
				cur.canon = &rest
			case "hint:":
				cur.hint = &rest
			case "error:":
				cur.err = &rest
			case "try:":
				cur.try = &rest
			default:
				tb.Fatalf("%s:%d: what is %q?", file, n, word)
			}
		}
		if err := scan.Err(); err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

func TestTruthTable(t *testing.T) {
	cases := loadTruth(t)
	if len(cases) < 150 {
		t.Fatalf("only %d cases were found", len(cases))
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s:%d", filepath.Base(c.file), c.line), func(t *testing.T) {
			q, err := Parse(c.query)
			if c.err != nil {
				var e *Error
				if !errors.As(err, &e) || e.Error() != *c.err {
					t.Fatalf("%s\n got %v (%v)\nwant %s", c.query, err, q, *c.err)
				}
				if c.try != nil && e.Suggestion != *c.try {
					t.Errorf("%s: suggestion %q, want %q", c.query, e.Suggestion, *c.try)
				}
				if as, err := Parse(e.AsText); err != nil || len(as.Clauses()) != 1 {
					t.Errorf("%s: as text %s: %v", c.query, e.AsText, err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", c.query, err)
			}
			if c.want == nil && c.canon == nil && c.hint == nil {
				t.Fatalf("%s: the case wants nothing", c.query)
			}
			if c.want != nil {
				var got []string
				for _, name := range c.names {
					if q.Match(c.entries[name]) {
						got = append(got, name)
					}
				}
				if g := strings.Join(got, " "); g != *c.want {
					t.Errorf("%s (%s)\n got %s\nwant %s", c.query, q, g, *c.want)
				}
			}
			if c.canon != nil && q.String() != *c.canon {
				t.Errorf("%s\n got %s\nwant %s", c.query, q, *c.canon)
			}
			hint, _ := q.Suggestion()
			if c.hint != nil && hint.Query != *c.hint {
				t.Errorf("%s\nhint %s\nwant %s", c.query, hint.Query, *c.hint)
			}
			if hint.Query != "" {
				if _, err := Parse(hint.Query); err != nil {
					t.Errorf("%s: the hint %s does not parse: %v", c.query, hint.Query, err)
				}
			}
			again, err := Parse(q.String())
			if err != nil || again.String() != q.String() || !again.root.equal(q.root) {
				t.Errorf("%s → %s → %s: %v", c.query, q, again, err)
			}
		})
	}
}
