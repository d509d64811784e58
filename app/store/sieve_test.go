package store

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/query"
)

// inBatches is a hook that tests as a browser does, many texts at a time, with Go's
// own engine.
func inBatches(calls *int) query.Matcher {
	return func(pattern string) (func(*query.Texts), error) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, err
		}
		return func(t *query.Texts) {
			*calls++
			all := string(t.Bytes)
			for i, text := range strings.Split(all[1:len(all)-1], string(rune(query.Separator))) {
				if re.MatchString(text) {
					t.Hits[i] = 1
				}
			}
		}, nil
	}
}

// someRegexps are conditions that batches are about, alone and within others.
var someRegexps = []string{
	"/err.r/", "/(?i)TIME.?out/", "/[a-z]+:[0-9]/", `/\bline\b/`, "/^e/", "/k/i", "/s$/i", `/"/`, "/u00/", "/^$/", "/a*/", "/./", "/[0-9]{3}/", "note:/e/", "raw.x:/e/", "raw.z:/./",
	"summary:/t$/", "stage:/^t/i", "status:/^5/", "-/e/", "/e/ /o/", "/o/ OR /e/", "-(/x/ OR note:/5/)", "/z/ OR error", "error /z/", "level:error /z/", "-level:error OR /z/", "raw.x:/a/ OR /[a-f]{4}/", `/na.ve$/`, "/NAÏVE/i", `/\bT\S+t\b/`, "/[^a-z ]{2}/", "/ſ/i", `/[^\x00-\x7f].{3}/`, "/^. ?/ -/ï/", "/1/ OR (/2/ -/3/)",
}

func TestTable_RegularExpressionsInBatches(t *testing.T) {
	calls := 0
	options := query.Options{Regex: inBatches(&calls)}
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 8))
		l := &loaded{Store: New()}
		table := NewTable(l.Store, options)
		for page := range 2 {
			var texts [][]byte
			for i := range 20 {
				texts = append(texts, randomEntry(r, 100*page+i))
			}
			l.add(t, page == 1, texts...)
			table.Appended()
			for _, text := range someRegexps {
				for range 2 {
					q, err := options.Parse(text)
					if err != nil {
						t.Fatal(err)
					}
					table.SetQuery(q)
					for !table.Work(func() bool { return r.IntN(4) > 0 }) {
					}
					l.check(t, table, q)
					text += " " + pick(r, someRegexps) // narrows
				}
			}
		}
	}
	if calls == 0 {
		t.Fatal("the hook was never asked")
	}
}

// An entry is not asked about by its own: that a call into the browser costs more
// than the test.
func TestTable_BatchesAreLarge(t *testing.T) {
	calls := 0
	options := query.Options{Regex: inBatches(&calls)}
	l := &loaded{Store: New()}
	r := rand.New(rand.NewPCG(3, 3))
	for page := range 20 {
		var texts [][]byte
		for i := range 100 {
			texts = append(texts, randomEntry(r, 100*page+i))
		}
		l.add(t, false, texts...)
	}
	q, err := options.Parse("/[0-9][a-f]{5}q/")
	if err != nil {
		t.Fatal(err)
	}
	table := NewTable(l.Store, options)
	table.SetQuery(q)
	table.Work(always)
	if calls == 0 || calls > l.Len()/20 {
		t.Errorf("%d calls for %d entries", calls, l.Len())
	}
}

// What all kept entries hold is looked for across entries, and found where it begins
// and ends one of them, and not where it stands across two.
func TestTable_WordsAtTheEdgesOfEntries(t *testing.T) {
	l := &loaded{Store: New()}
	var texts [][]byte
	for i := range 300 {
		raw := []string{`"edge"`, `"x"`, `{"a":"edge"}`, `"\u0065dge"`, `{"a":"\u0065dge"}`, `7`}[i%6]
		texts = append(texts, fmt.Appendf(nil, `{"id":"edge%d","src":"algolia/eu/A","summary":"s\u003cedge%d","raw":%s}`, i, i%7, raw))
	}
	for i, text := range texts { // some stand the other way round
		if i%50 < 10 {
			l.add(t, true, text)
		} else {
			l.add(t, false, text)
		}
	}
	table := NewTable(l.Store, query.Options{})
	for _, text := range []string{"edge", "7}", `"7}"`, "algolia.a:edge", "raw.a:edge", "summary:edge3", "id:edge17", "id=edge17", `"<edge5"`, "}{", "edge -edge3", "raw.a:edge OR edge3", "raw.a:edge edge4"} {
		q := parse(t, text)
		table.SetQuery(q)
		table.Work(always)
		l.check(t, table, q)
	}
}
