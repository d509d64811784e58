package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

// What stands in entries and what is asked for come from the same words, so that
// they meet often.
var (
	someNames  = []string{"stage", "error_code", "url", "body", "note", "hits", "Error_Detail", "took_ms", "flag", "ünï", "a_b", "ab"}
	someTexts  = []string{"error", "Time out", "timeout", "500", "5.0", "007", "1e5", "true", "null", "naïve", "NAÏVE", "İstanbul", "Kelvin", "\u212aelvin", "a\"b", "a\\b", "line\nbreak", "nline", "u003c", "<b>", "x/y", "C:\\temp", ":x", "x:", ",", "{", "2s", "1.5 s", "2026-11-21", "", " ", "error_detail", "id", "z", "😀", "\u2028", "a-b", "\x7f", "b\x00c", "level"}
	someRaw    = []string{`null`, `"error"`, `12`, `[]`, `{}`, `{"error":1}`, `{"x":"error"}`, `{"x":"\u0065rror"}`, `{"x":"a\nline"}`, `{"x":[1,":x",500]}`, `{"x":500,":y":2}`, `{"error_detail":"","body":"{\"error\": \"Time out\"}"}`, `{"x":{"y":["true",{"z":"naïve"}]}}`, `{ "x" : "C:\\temp" , "y":1.50 }`, `{"x":"a\/b","y":"x\u002fy"}`, `{"x":"\ud83d\ude00","y":"\u212aelvin"}`, `[[1,"5"],{"error":"z"}]`, `{"x":"\\","error":"\\\\"}`, `{"x":"\\error"}`, `{"took":12,"took_ms":"2s"}`}
	someFields = []string{`"note":1.50`, `"note":1e3`, `"note":12345678901234567890`, `"note":null`, `"note":["error",1]`, `"note":{"error":2}`, `"note":"\u0065rror"`, `"a_b":1,"ab":2`, `"n\u006fte":"error"`, `"note":"\ud800"`, `"":"error"`, `"note":-0`, `"note":0.0000001`, `"note":500.0`, `"hits":500`, `"note":"a\/b"`, `"note":true`}
)

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// randomEntry writes an entry as our server does, or as it never would.
func randomEntry(r *rand.Rand, id int) []byte {
	e := logs.Entry{ID: fmt.Sprint("e", id), Src: pick(r, []string{"algolia/eu/APP", "coveo/us/o/sources/s", "elasticpath/eu/st", "moltin/us/x", "deepset/eu/w"})}
	some := func() bool { return r.IntN(3) > 0 }
	if some() {
		e.Time = now.Add(-time.Duration(r.IntN(50)) * time.Second)
	}
	e.Level, e.Outcome = logs.Level(r.IntN(7)), logs.Outcome(r.IntN(6))
	e.Summary, e.Status, e.Attempt = pick(r, someTexts)+" "+pick(r, someTexts), []int{0, 200, 404, 500, 503, 70000, -1}[r.IntN(7)], r.IntN(4)
	if some() {
		e.Took, e.HasTook = time.Duration(r.IntN(4_000_000))*time.Microsecond, true
	}
	e.Job, e.Item, e.Request = pick(r, someTexts), pick(r, someTexts), pick(r, someTexts)
	for _, i := range r.Perm(len(someNames))[:r.IntN(5)] {
		var v any = pick(r, someTexts)
		switch r.IntN(5) {
		case 0:
			v = float64(r.IntN(1000)) / 2
		case 1:
			v = r.IntN(2) == 0
		}
		e.Fields = append(e.Fields, logs.Field{Name: someNames[i], Value: v})
	}
	switch r.IntN(3) {
	case 0:
		e.Raw = json.RawMessage(pick(r, someRaw))
	case 1:
		e.Raw = json.RawMessage(`{"` + pick(r, []string{"error", "x", "y", "error_detail", "a.b"}) + `":` + pick(r, someRaw) + `,"z":` + pick(r, someRaw) + `}`)
	}
	out, err := e.AppendJSON(nil)
	if err != nil {
		panic(err)
	}
	if r.IntN(4) == 0 {
		out = append(out[:len(out)-1], []byte(`,"fields":{`+pick(r, someFields)+`}}`)...)
	}
	switch r.IntN(12) {
	case 0:
		out = append([]byte(`{"raw":`+pick(r, someRaw)+`,`), out[1:]...)
	case 1:
		out = bytes.Replace(out, []byte(`,"raw":`), []byte(` , "raw" : `), 1)
	case 2:
		out = append([]byte(`{"what":"error",`), out[1:]...)
	case 3:
		out = bytes.Replace(out, []byte(`"summary":"`), []byte(`"summary":"\u0065`), 1)
	case 4:
		out = append(out[:len(out)-1], ` }`...)
	}
	return out
}

// randomQuery writes a filter that mostly parses.
func randomQuery(r *rand.Rand, depth int) string {
	quoted := func(s string) string {
		return `"` + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), `"`, `\"`) + `"`
	}
	text := pick(r, someTexts)
	if n := len(text); n > 2 && r.IntN(3) == 0 {
		text = text[r.IntN(n/2):]
		text = text[:1+r.IntN(len(text))]
	}
	name := pick(r, append([]string{"level", "outcome", "status", "took", "time", "attempt", "src", "vendor", "id", "job", "item", "request", "summary", "succeeded",
		"raw.x", "raw.error", "ep.x.y", "coveo.error_detail", "raw.body.error", "raw.x.1", "raw.z", "algolia.x"}, someNames...))
	if depth > 0 {
		switch r.IntN(6) {
		case 0:
			return "(" + randomQuery(r, depth-1) + " OR " + randomQuery(r, depth-1) + ")"
		case 1:
			return randomQuery(r, depth-1) + " " + randomQuery(r, depth-1)
		case 2:
			return "-(" + randomQuery(r, depth-1) + ")"
		}
	}
	switch r.IntN(14) {
	case 0, 1, 2:
		return quoted(text)
	case 3:
		return pick(r, []string{"/err.r/", "/(?i)TIME.?out/", "/[a-z]+:[0-9]/", `/\bline\b/`, "/^e/", "/k/i", "/s$/i", `/"/`, "/x\\/y/", "/u00/"})
	case 4:
		return pick(r, []string{"err*r", "*detail", "t?me", "5*0", "*<b*", "na*ve"})
	case 5:
		return name + ":*"
	case 6:
		return name + ":" + pick(r, []string{"err*", "*", "e?ror", "T*out", "5*", "1*5*", "e*"})
	case 7:
		return name + ":/" + pick(r, []string{"e.r", "^5", "true|null", "t$", "o", "(?i)NAÏ"}) + "/"
	case 8:
		return name + pick(r, []string{">", "<", ">=", "<="}) + pick(r, []string{"500", "2s", "1", "warning", "2026-11-21T11:59:30Z", "e", "499.5"})
	case 9:
		return name + ":[" + pick(r, []string{"1", "e", "200", "info", "*"}) + " TO " + pick(r, []string{"500", "t", "error", "*"}) + "]"
	case 10:
		return name + "=" + quoted(text)
	case 11:
		return name + ":" + pick(r, []string{"5xx", "404", "500", "error", "warning", "failed", "true", "elasticpath", "coveo", "2026-11-21", "12"})
	}
	return name + ":" + quoted(text)
}

// loaded is a store and its entries as encoding/json reads them, by arrival.
type loaded struct {
	*Store
	entries []logs.Entry
}

func (l *loaded) add(tb testing.TB, newer bool, texts ...[]byte) {
	tb.Helper()
	page := slicesJoin(texts)
	var meta Meta
	var err error
	if newer {
		meta, err = l.AppendNewer(page)
	} else {
		meta, err = l.AppendPage(page)
	}
	if err != nil || meta.Added != len(texts) {
		tb.Fatalf("%d of %d added: %v\n%s", meta.Added, len(texts), err, page)
	}
	for _, text := range texts {
		var e logs.Entry
		if err := json.Unmarshal(text, &e); err != nil {
			tb.Fatal(err)
		}
		l.entries = append(l.entries, e)
	}
}

func slicesJoin(texts [][]byte) []byte {
	return append(append([]byte(`{"entries":[`), bytes.Join(texts, []byte(","))...), `]}`...)
}

// want returns what a filter keeps, newest first.
func (l *loaded) want(q *query.Query) []int {
	var out []int
	for _, e := range l.order {
		if q.Match(&l.entries[e]) {
			out = append(out, int(e))
		}
	}
	return out
}

func rowsOf(t *Table) []int {
	var out []int
	for i := range t.Len() {
		out = append(out, t.At(i))
	}
	return out
}

func always() bool { return true }

func (l *loaded) check(tb testing.TB, t *Table, q *query.Query) {
	tb.Helper()
	if got, want := rowsOf(t), l.want(q); fmt.Sprint(got) != fmt.Sprint(want) {
		for e := range l.entries {
			if row := t.RowOf(e); (row >= 0) != q.Match(&l.entries[e]) {
				tb.Errorf("%s\nkept %v: %s", q, row >= 0, l.JSON(e))
			}
		}
		tb.Fatalf("%s\n got %v\nwant %v", q, got, want)
	}
}

func TestTable_ShowsWhatMatchKeeps(t *testing.T) {
	queries := 0
	for seed := range uint64(14) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := &loaded{Store: New()}
		var page [][]byte
		for i := range 40 {
			page = append(page, randomEntry(r, i))
		}
		l.add(t, false, page...)
		table := NewTable(l.Store, query.Options{})
		for range 60 {
			text := randomQuery(r, 2)
			q, err := query.Parse(text)
			if err != nil {
				continue
			}
			queries++
			table.SetQuery(q)
			for !table.Work(func() bool { return r.IntN(4) > 0 }) {
			}
			l.check(t, table, q)
		}
	}
	if queries < 500 {
		t.Fatalf("only %d filters could be read", queries)
	}
}

func FuzzTable_ShowsWhatMatchKeeps(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 40 {
		f.Add(string(randomEntry(r, i)), randomQuery(r, 2))
	}
	f.Fuzz(func(t *testing.T, entry, text string) {
		q, err := query.Parse(text)
		var e logs.Entry
		if err != nil || json.Unmarshal([]byte(entry), &e) != nil || !json.Valid([]byte(entry)) {
			return
		}
		l := &loaded{Store: New()}
		l.add(t, false, []byte(entry))
		table := NewTable(l.Store, query.Options{})
		table.SetQuery(q)
		table.Work(always)
		l.check(t, table, q)
	})
}

// The truth table of the filter language holds for a table as well.
func TestTable_TruthOfTheLanguage(t *testing.T) {
	files, err := filepath.Glob("../query/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no truth tables: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l := &loaded{Store: New()}
		n := 0
		for line := range strings.Lines(string(text)) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "entry":
				_, entry, _ := strings.Cut(rest, " ")
				l.add(t, false, []byte(entry))
			case "query:":
				q, err := query.Parse(strings.ReplaceAll(strings.TrimSpace(rest), `\n`, "\n"))
				if err != nil {
					continue
				}
				table := NewTable(l.Store, query.Options{})
				table.SetQuery(q)
				table.Work(always)
				l.check(t, table, q)
				n++
			}
		}
		if n == 0 && !strings.Contains(file, "errors") {
			t.Errorf("%s holds no filter", file)
		}
	}
}
