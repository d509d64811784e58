package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

func parse(tb testing.TB, text string) *query.Query {
	tb.Helper()
	q, err := query.Parse(text)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return q
}

// wantSorted is the plain form of SetSort.
func (l *loaded) wantSorted(kept []int, name string, asc bool) []int {
	column, _ := query.ColumnOf(map[bool]string{true: "src", false: name}[name == "target"])
	type key struct {
		text   string
		num    float64
		number bool
		there  bool
	}
	keys := map[int]key{}
	for _, e := range kept {
		text, num, number, there := column.ValueIn(&l.entries[e])
		keys[e] = key{query.Fold(text), num, number, there}
	}
	out := slices.Clone(kept)
	slices.SortStableFunc(out, func(a, b int) int {
		ka, kb := keys[a], keys[b]
		var c int
		switch {
		case ka.there != kb.there:
			if ka.there {
				return -1
			}
			return 1
		case !ka.there:
			return 0
		case ka.number != kb.number:
			c = 1
			if ka.number {
				c = -1
			}
		case ka.number:
			c = cmp.Compare(ka.num, kb.num)
		default:
			c = strings.Compare(ka.text, kb.text)
		}
		if !asc {
			c = -c
		}
		return c
	})
	return out
}

// wantFacet is the plain form of Facets, over values as filters read them.
func (l *loaded) wantFacet(kept []int, name string) Facet {
	column, _ := query.ColumnOf(map[bool]string{true: "src", false: name}[name == "target"])
	f := Facet{Field: name}
	counts := map[string]int{}
	for _, e := range kept {
		if text, _, _, there := column.ValueIn(&l.entries[e]); there {
			counts[text]++
		} else {
			f.Missing++
		}
	}
	for v, n := range counts {
		f.Values = append(f.Values, FacetValue{v, n})
	}
	slices.SortFunc(f.Values, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return f
}

// Whatever is asked of a table, in whatever order and however far Work gets in
// between, it ends with what the plain forms give.
func TestTable_AnyOrderOfQuestions(t *testing.T) {
	columns := []string{"", "time", "level", "target", "status", "took", "summary", "stage", "note", "hits", "raw.x", "job", "nosuch", "??"}
	fields := []string{"level", "outcome", "vendor", "src", "stage", "flag", "a_b", "nosuch"}
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 2))
		l := &loaded{Store: New()}
		table := NewTable(l.Store, query.Options{})
		id := 0
		var q, found *query.Query
		sort, asc, finding := "", false, false
		from, to := now.Add(-40*time.Second), now.Add(-3*time.Second)
		for range 25 {
			switch r.IntN(6) {
			case 0, 1:
				var page [][]byte
				for range 1 + r.IntN(30) {
					page = append(page, randomEntry(r, id))
					id++
				}
				l.add(t, r.IntN(2) == 0, page...)
				table.Appended()
			case 2:
				q = nil
				if r.IntN(5) > 0 {
					if parsed, err := query.Parse(randomQuery(r, 1)); err == nil {
						q = parsed
					}
				}
				if narrower, err := query.Parse(q.String() + " " + randomQuery(r, 0)); err == nil && r.IntN(2) == 0 {
					table.SetQuery(q)
					table.Work(func() bool { return r.IntN(3) > 0 })
					q = narrower
				}
				table.SetQuery(q)
			case 3:
				sort, asc = pick(r, columns), r.IntN(2) == 0
				table.SetSort(sort, asc)
			case 4:
				finding = true
				found, _ = query.Parse(randomQuery(r, 0))
				table.SetFind(found)
			case 5:
				table.Facets(fields)
				table.Histogram(from, to, 7)
			}
			for range r.IntN(3) {
				table.Work(func() bool { return r.IntN(8) > 0 })
			}
			for row := range table.Len() {
				if at := table.RowOf(table.At(row)); at != row {
					t.Fatalf("seed %d: row %d is said to be %d", seed, row, at)
				}
			}
		}
		for !table.Work(always) {
		}
		if done, of := table.Progress(); table.Pending() || done != of {
			t.Fatalf("seed %d: Work is done and %d of %d are, pending %v", seed, done, of, table.Pending())
		}
		kept := l.want(q)
		want := kept
		if sort != "" && sort != "time" {
			want = l.wantSorted(kept, sort, asc)
		} else if asc {
			want = slices.Clone(kept)
			slices.Reverse(want)
		}
		if got := rowsOf(table); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("seed %d: %q by %q %v\n got %v\nwant %v", seed, q, sort, asc, got, want)
		}
		for _, got := range table.Facets(fields) {
			if want := l.wantFacet(kept, got.Field); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("seed %d: facet\n got %+v\nwant %+v", seed, got, want)
			}
		}
		for i, b := range table.Histogram(from, to, 7) {
			width := (to.Sub(from) + 6) / 7
			wantBucket := Bucket{From: from.Add(time.Duration(i) * width)}
			for _, e := range kept {
				if at := l.entries[e].Time; !at.Before(wantBucket.From) && at.Before(wantBucket.From.Add(width)) && at.Before(to) {
					wantBucket.Marks[l.Mark(e)]++
					wantBucket.Total++
				}
			}
			if b != wantBucket {
				t.Fatalf("seed %d: bucket %d\n got %+v\nwant %+v", seed, i, b, wantBucket)
			}
		}
		if !finding || found.String() == "" {
			continue
		}
		row, n := -1, 0
		for next, e := range want {
			if !found.Match(&l.entries[e]) {
				continue
			}
			n++
			if at, ok := table.FindNext(row, false); !ok || at != next {
				t.Fatalf("seed %d: %q is found in row %d (%v), want %d", seed, found, at, ok, next)
			}
			if at, ok := table.FindNext(next, true); ok != (row >= 0) || ok && at != row {
				t.Fatalf("seed %d: %q is found above row %d in %d (%v), want %d", seed, found, next, at, ok, row)
			}
			row = next
		}
		if got, done := table.FindCount(); got != n || !done {
			t.Fatalf("seed %d: %q is found %d times (%v), want %d", seed, found, got, done, n)
		}
	}
}

// thousand is a store of a thousand entries, every tenth with the word "needle".
func thousand(tb testing.TB) *loaded {
	l := &loaded{Store: New()}
	var page [][]byte
	for i := range 1000 {
		e := entry(algolia, fmt.Sprint(i), time.Duration(i)*time.Second)
		e.Raw = json.RawMessage(`{"note":"` + strings.Repeat("hay ", 200) + []string{"needle", ""}[min(i%10, 1)] + `"}`)
		text, err := e.AppendJSON(nil)
		if err != nil {
			tb.Fatal(err)
		}
		page = append(page, text)
	}
	l.add(tb, false, page...)
	return l
}

func never() bool { return false }

func TestTable_RowsStayUntilThereAreNewOnes(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	table.SetQuery(parse(t, "needle"))
	if table.Len() != 1000 {
		t.Fatalf("%d rows before any work", table.Len())
	}
	table.Work(never)
	if n := table.Len(); n == 0 || n >= 100 || table.At(0) != 0 {
		t.Fatalf("%d rows after the first slice", n)
	}
	if done, of := table.Progress(); done == 0 || done >= of || of != 1000 {
		t.Fatalf("%d of %d", done, of)
	}
	table.Work(always)
	if table.Len() != 100 {
		t.Fatalf("%d rows in the end", table.Len())
	}
	table.SetQuery(parse(t, "nosuchword"))
	for table.Pending() {
		if table.Len() != 100 {
			t.Fatalf("%d rows while nothing was found", table.Len())
		}
		table.Work(never)
	}
	if table.Len() != 0 {
		t.Fatalf("%d rows of nothing", table.Len())
	}
	table.SetQuery(nil)
	if table.Len() != 1000 || table.Pending() {
		t.Fatalf("%d rows without a filter", table.Len())
	}
}

func TestTable_NarrowingLooksOnlyAtWhatWasKept(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	for _, c := range []struct {
		text string
		of   int
	}{{"need", 1000}, {"needle", 100}, {"needle id:7*", 100}, {"needle id:70*", 100}, {"needl", 100}, {"id:7*", 1000}, {"needle id:7*", 0}} {
		table.SetQuery(parse(t, c.text))
		if _, of := table.Progress(); of != c.of {
			t.Errorf("%s looks at %d entries, want %d", c.text, of, c.of)
		}
		table.Work(always)
	}
	// A filter that is narrowed before it is done goes on with what it has not seen.
	table = NewTable(l.Store, query.Options{})
	table.SetQuery(parse(t, "nee"))
	table.Work(never)
	table.SetQuery(parse(t, "need"))
	if _, of := table.Progress(); of < 900 || of >= 1000 {
		t.Errorf("%d are left", of)
	}
	table.Work(always)
	l.check(t, table, parse(t, "need"))
}

func TestTable_WorkAsksOften(t *testing.T) {
	l := thousand(t) // 0.9 MB
	table := NewTable(l.Store, query.Options{})
	for text, want := range map[string]int{"q": 10, "/q.x/": 10, "/n[a-f]{9}/": 150, "id:x": 1} {
		asked := 0
		table.SetQuery(nil)
		table.SetQuery(parse(t, text))
		for !table.Work(func() bool { asked++; return true }) {
		}
		if asked < want {
			t.Errorf("%s asked %d times, want at least %d", text, asked, want)
		}
	}
}

func TestAppended_APageGoesToItsRowsAtOnce(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	table.SetQuery(parse(t, "summary:entry"))
	table.Work(always)
	var page [][]byte
	for i := range 500 {
		e := entry(coveo, fmt.Sprint("n", i), -time.Duration(i)*time.Second)
		text, _ := e.AppendJSON(nil)
		page = append(page, text)
	}
	l.add(t, true, page...)
	table.Appended()
	if table.Len() != 1500 || table.Pending() || table.RowOf(1499) != 0 {
		t.Fatalf("%d rows, the newest in row %d", table.Len(), table.RowOf(1499))
	}
}

func TestFacets_FieldsWithManyValuesAreNotCounted(t *testing.T) {
	l := &loaded{Store: New()}
	var page [][]byte
	for i := range 300 {
		e := entry(algolia, fmt.Sprint(i), time.Duration(i))
		e.Fields = logs.Fields{{Name: "few", Value: fmt.Sprint(i % 3)}, {Name: "many", Value: fmt.Sprint(i)}, {Name: "hits", Value: float64(i % 2)}, {Name: "long", Value: strings.Repeat("x", maxWord+1)}}
		text, _ := e.AppendJSON(nil)
		page = append(page, text)
	}
	l.add(t, false, page...)
	table := NewTable(l.Store, query.Options{})
	got := table.Facets([]string{"few", "many", "long"})
	if fmt.Sprint(got[0]) != "{few [{0 100} {1 100} {2 100}] 0 0 false}" || !got[1].Many || !got[2].Many || got[1].Values != nil {
		t.Fatalf("%+v", got)
	}
	if fmt.Sprint(l.Words()) != "[few]" || fmt.Sprint(l.Names()) != "[few hits long many]" || len(l.Values("FEW")) != 3 || l.Values("many") != nil {
		t.Fatalf("words %v, names %v", l.Words(), l.Names())
	}
}

func TestText_AsACellShowsIt(t *testing.T) {
	s := New()
	if _, err := s.AppendPage([]byte(`{"entries":[{"id":"a","src":"elasticpath/eu/st","time":"2026-11-21T02:14:05.120Z","level":"warning","took_ms":9800,"status":500,"attempt":2,"fields":{"stage":"INDEXING","ok":true,"n":1.5},"raw":{"error_detail":"no","took":7,"list":["x","y"],"obj":{"a":1},"null":null,"esc":"a\nb"}}]}`)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"stage": "INDEXING", "STAGE": "INDEXING", "took": "9.8 s", "level": "warning", "status": "500", "attempt": "2", "vendor": "elasticpath",
		"src": "elasticpath/eu/st", "time": "2026-11-21T02:14:05.120Z", "ok": "true", "n": "1.5", "ep.error_detail": "no", "ep.took": "7", "raw.list": "x", "raw.list.1": "y",
		"raw.obj": `{"a":1}`, "raw.obj.a": "1", "ep.null": "", "ep.esc": "a\nb", "coveo.took": "", "nosuch": "", "job": "", "?": "",
	} {
		if got := s.Text(0, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// What Has calls known are the rows that stand there in the end.
func TestTable_HasItsFirstRowsForGood(t *testing.T) {
	l := thousand(t)
	r := rand.New(rand.NewPCG(7, 7))
	known := 0
	for _, sort := range []struct {
		name string
		asc  bool
	}{{"", false}, {"", true}, {"took", true}} {
		for range 60 {
			q := parse(t, []string{"needle", "-needle", "entry", "/[27]/"}[r.IntN(4)])
			table := NewTable(l.Store, query.Options{})
			table.SetSort(sort.name, sort.asc)
			table.Work(always)
			table.SetQuery(q)
			var had [][]int
			for n, done := 1+r.IntN(60), false; !done; {
				asks := 0
				if done = table.Work(func() bool { asks++; return asks < 2 }); table.Has(n) {
					rows := []int{}
					for i := range min(n, table.Len()) {
						rows = append(rows, table.At(i))
					}
					had = append(had, rows)
				}
			}
			if known += len(had) - 1; len(had) == 0 {
				t.Fatal("nothing is known of a table that is done")
			}
			for _, rows := range had {
				if !slices.Equal(rows, had[len(had)-1]) {
					t.Fatalf("%s, %+v: rows %v became %v", table.Query(), sort, rows, had[len(had)-1])
				}
			}
		}
	}
	if known == 0 {
		t.Error("no row was known before its table was done")
	}
}
