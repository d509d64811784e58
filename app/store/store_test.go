package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
)

// oddPages are pages at the edges of what is legal JSON, and beyond.
var oddPages = []string{
	`{}`, `null`, `[]`, ``, `{`, `{"entries":null}`, `{"entries":[]}`, `{"entries":[null]}`, `{"entries":[{}]}`, `{"entries":[{}]} x`,
	`{"entries":[{"id":"a","src":"s","time":"2026-11-21T02:14:05.120Z","raw":{"a":[1,2,{"b":null}]}}],"cursor":"c","coverage":[],"plan":[],"scanned":7,"facets":[{"src":"s","field":"stage","values":[{"value":"A","count":3}]}],"notes":[{"text":"t","name":"n","near":"m"}]}`,
	`{"facets":null,"notes":[],"entries":[]}`, `{"facets":[1]}`, `{"notes":{}}`,
	`{"scanned":1,"entries":[{"raw":"x","id":"a\u00e9\n","summary":"\ud83d\ude00 \ud800"}]}`,
	`{"entries":[{"id":"a","ID":"b"}]}`, `{"entries":[{"id":"a","id":"b"}]}`, `{"Entries":[{"id":"a"}]}`, `{"entries":[{"\u0069d":"a"}]}`,
	`{"entries":[{"id":1}]}`, `{"entries":[{"status":1.5}]}`, `{"entries":[{"status":99999,"attempt":-1}]}`, `{"entries":[{"status":null,"took_ms":null,"fields":null,"raw":null,"id":null}]}`,
	`{"entries":[{"took_ms":0.4}]}`, `{"entries":[{"took_ms":1e999}]}`, `{"entries":[{"took_ms":-1.5e-3}]}`, `{"entries":[{"took_ms":01}]}`, `{"entries":[{"took_ms":"1"}]}`,
	`{"entries":[{"fields":[1]}]}`, `{"entries":[{"fields":{"a":1e999}}]}`, `{"entries":[{"level":"WARN","outcome":"Failed"}]}`,
	`{"entries":[{"time":"0001-01-01T00:00:00Z"},{"time":"9999-12-31T23:59:59Z"},{"time":"yesterday"},{"time":"2026-11-21T02:14:05,123456789123+02:00"}]}`,
	"{\"entries\":[{\"id\":\"\xff\xfe\",\"summary\":\"a\x01\"}]}", "{\"entries\":[{\"id\":\"\xff\xfe\"}]}", "{\"entries\":[{\"raw\":\"\xff\"}]}",
	`{"entries":[{"raw":tru}]}`, `{"entries":[{"raw":-}]}`, `{"entries":[{"raw":1.}]}`, `{"entries":[{"raw":1e}]}`, `{"entries":[{"raw":"\x"}]}`, `{"entries":[{"raw":"\u12g4"}]}`, `{"entries":[{"raw":[1,]}]}`, `{"entries":[{"raw":{"a":1,}}]}`, `{"entries":[{"raw":[1}]}`,
	`{"entries":[{"raw":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}]}`,
	` { "entries" : [ { "id" : "a" , "raw" : { "b" : [ ] } } , { "id" : "c" } ] , "cursor" : null } `,
}

// compare checks a store against what encoding/json reads from the same page.
func compare(t *testing.T, page []byte) {
	t.Helper()
	s := New()
	meta, err := s.AppendPage(page)
	var want wire.Page
	jsonErr := json.Unmarshal(page, &want)
	if err != nil {
		if jsonErr == nil {
			t.Fatalf("refused a page that encoding/json reads: %v\n%q", err, page)
		}
		if fault.KindOf(err) != fault.BadUpstream || s.Len() != 0 || len(s.times) != 0 {
			t.Fatalf("%v, and %d rows were kept", err, s.Len())
		}
		return
	}
	if !json.Valid(page) {
		t.Fatalf("took a page that is not JSON: %q", page)
	}
	if jsonErr != nil {
		return // legal JSON with a value that one entry cannot hold: the rest is shown
	}
	if meta.Cursor != want.Cursor || meta.Scanned != want.Scanned || !reflect.DeepEqual(meta.Coverage, want.Coverage) || !reflect.DeepEqual(meta.Plan, want.Plan) || !reflect.DeepEqual(meta.Facets, want.Facets) || !reflect.DeepEqual(meta.Notes, want.Notes) || meta.Entries != len(want.Entries) {
		t.Fatalf("meta %+v of page %+v", meta, want)
	}
	expected := dedupe(want.Entries)
	if len(expected) != s.Len() {
		t.Fatalf("%d rows, want %d of %q", s.Len(), len(expected), page)
	}
	for i := range expected {
		e := int(s.order[i])
		w, got := expected[i], s.Entry(e)
		if !reflect.DeepEqual(got, w) {
			t.Fatalf("row %d\n got %+v\nwant %+v", i, got, w)
		}
		if s.ID(e) != w.ID || s.Src(e) != w.Src || s.Summary(e) != w.Summary || s.Level(e) != w.Level || s.Outcome(e) != w.Outcome || s.Job(e) != w.Job || s.Item(e) != w.Item || s.Request(e) != w.Request {
			t.Fatalf("the columns of row %d do not hold %+v", i, w)
		}
		if took, ok := s.Took(e); took != w.Took || ok != w.HasTook || w.Status >= 0 && w.Status < 65535 && s.Status(e) != w.Status {
			t.Fatalf("took %v or status %d of entry %+v", took, s.Status(e), w)
		}
		if !s.Time(e).Equal(w.Time) {
			t.Fatalf("time %v of %+v", s.Time(e), w)
		}
	}
}

// dedupe is the plain form of what a store does: each key once, newest first,
// ties as they came.
func dedupe(in []logs.Entry) []logs.Entry {
	seen := map[string]bool{}
	var out []logs.Entry
	for _, e := range in {
		if e.ID != "" && seen[e.Key()] {
			continue
		}
		seen[e.Key()] = true
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b logs.Entry) int {
		switch {
		case far(a.Time) && far(b.Time) && a.Time.Year() < 1970 == (b.Time.Year() < 1970):
			return 0
		case logs.Newer(&a, &b):
			return -1
		case logs.Newer(&b, &a):
			return 1
		}
		return 0
	})
	return out
}

// far reports whether a time is beyond what the column tells apart.
func far(t time.Time) bool { return !t.IsZero() && (t.Year() < 1678 || t.Year() > 2261) }

func TestAppendPage_ReadsWhatEncodingJSONReads(t *testing.T) {
	for _, p := range oddPages {
		compare(t, []byte(p))
	}
}

func TestAppendPage_PlainPagesNeverNeedEncodingJSON(t *testing.T) {
	page := body(t, randomPage(rand.New(rand.NewPCG(1, 2)), 200))
	var meta Meta
	sc := scanner{b: page}
	if _, err := sc.page(nil, &meta); err != nil {
		t.Fatalf("the scanner gave up at %d: %.80q", sc.i, page[max(sc.i-40, 0):])
	}
	compare(t, page)
}

func FuzzAppendPage(f *testing.F) {
	for _, p := range oddPages {
		f.Add([]byte(p))
	}
	f.Add(body(f, randomPage(rand.New(rand.NewPCG(3, 4)), 5)))
	f.Fuzz(func(t *testing.T, page []byte) { compare(t, page) })
}

func FuzzStop(f *testing.F) {
	f.Add([]byte("plain text\" and more"), 0)
	f.Add([]byte("ünï\x1f\\"), 1)
	f.Fuzz(func(t *testing.T, b []byte, from int) {
		if from < 0 || from > len(b) {
			return
		}
		want := from
		for want < len(b) && b[want] != '"' && b[want] != '\\' && b[want] >= 0x20 {
			want++
		}
		if got := stop(b, from); got != want {
			t.Fatalf("stop(%q, %d) = %d, want %d", b, from, got, want)
		}
	})
}

// randomPage makes a page of entries of the shapes that vendors send.
func randomPage(r *rand.Rand, n int) wire.Page {
	p := wire.Page{Cursor: "next", Scanned: n, Coverage: more(algolia, time.Hour), Plan: []logs.Clause{{Src: algolia, Query: "a", Where: "here"}}}
	texts := []string{"plain", "naïve ünïcode", "a \"quoted\" word", "line\nbreak", "tab\tand \\ backslash", "😀", "<b>&amp;</b>", strings.Repeat("long ", 40)}
	for i := range n {
		at := now.Add(-time.Duration(r.IntN(3600)) * time.Second).Add(time.Duration(r.IntN(3)) * time.Millisecond)
		e := logs.Entry{
			ID: fmt.Sprintf("%08x-%d", r.Uint32(), i), Src: []string{algolia, coveo}[r.IntN(2)], Time: at,
			Level: logs.Level(r.IntN(7)), Outcome: logs.Outcome(r.IntN(6)), Summary: texts[r.IntN(len(texts))], Status: []int{0, 200, 404, 500}[r.IntN(4)],
			Attempt: r.IntN(4), Job: fmt.Sprint("job", r.IntN(9)), Item: texts[r.IntN(len(texts))], Request: "rq",
			Fields: logs.Fields{{Name: "method", Value: "GET"}, {Name: "hits", Value: float64(r.IntN(100))}, {Name: "note", Value: texts[r.IntN(len(texts))]}},
			Raw:    json.RawMessage(`{"method" : "POST", "answer": "{\"hits\":[1,2,3]}", "nested": {"a": [1.5e3, null, true]}}`),
		}
		if r.IntN(2) == 0 {
			e.Took, e.HasTook = time.Duration(r.IntN(5_000_000))*time.Microsecond, true
		}
		if r.IntN(20) == 0 {
			e.Time = time.Time{}
		}
		p.Entries = append(p.Entries, e)
	}
	slices.SortStableFunc(p.Entries, func(a, b logs.Entry) int {
		if logs.Newer(&a, &b) {
			return -1
		}
		if logs.Newer(&b, &a) {
			return 1
		}
		return 0
	})
	return p
}

func TestAppendPage_SameIdInTwoTargetsIsTwoEntries(t *testing.T) {
	s := New()
	p := wire.Page{Entries: []logs.Entry{entry(algolia, "a", 1), entry(coveo, "a", 2), entry(algolia, "a", 1)}}
	if meta, err := s.AppendPage(body(t, p)); err != nil || meta.Added != 2 || meta.Entries != 3 {
		t.Fatalf("%+v, %v", meta, err)
	}
}

func TestAppendPage_EntriesWithoutIdAreAllKept(t *testing.T) {
	s := New()
	for range 2 {
		if _, err := s.AppendPage([]byte(`{"entries":[{"src":"s","summary":"x"},{"src":"s","summary":"x"}]}`)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Len() != 4 {
		t.Fatalf("%d rows", s.Len())
	}
}

func TestAppendPage_EntriesLargerThanAChunk(t *testing.T) {
	s := New()
	big := strings.Repeat("x", 3*chunkSize+17)
	for i := range 3 {
		e := entry(algolia, fmt.Sprint("big", i), time.Duration(i)*time.Second)
		e.Raw = json.RawMessage(`"` + big + `"`)
		small := entry(algolia, fmt.Sprint("small", i), time.Duration(i)*time.Second)
		if _, err := s.AppendPage(body(t, wire.Page{Entries: []logs.Entry{e, small}})); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 6 {
		e := s.Entry(i)
		if want := fmt.Sprint([]string{"big", "small"}[i%2], i/2); e.ID != want || i%2 == 0 && len(e.Raw) != len(big)+2 {
			t.Fatalf("row %d is %s with %d bytes, want %s", i, e.ID, len(e.Raw), want)
		}
	}
}

func TestAppendNewer_TiesGoAbove(t *testing.T) {
	s := New()
	page := func(ids ...string) []byte {
		var p wire.Page
		for _, id := range ids {
			p.Entries = append(p.Entries, entry(algolia, id, time.Second))
		}
		return body(t, p)
	}
	for _, err := range []error{second(s.AppendPage(page("c", "d"))), second(s.AppendNewer(page("a", "b"))), second(s.AppendPage(page("e")))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(s); got != "a b c d e" {
		t.Fatalf("order %s", got)
	}
}

func second(_ Meta, err error) error { return err }

func ids(s *Store) string {
	var b strings.Builder
	for i, e := range s.order {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.ID(int(e)))
	}
	return b.String()
}

// Whatever pages hold, overlap or come in, no entry is lost or doubled, the
// newest is first, and where times differ the result does not depend on the way.
func TestAppendPage_AnyOrderOfPagesGivesTheSameRows(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 1 + r.IntN(400)
		all := make([]logs.Entry, n)
		at := now
		for i := range all {
			if r.IntN(3) > 0 { // the others share a time
				at = at.Add(-time.Duration(1+r.IntN(5000)) * time.Millisecond)
			}
			all[i] = entry([]string{algolia, coveo}[r.IntN(2)], fmt.Sprintf("%d", i), 0)
			all[i].Time = at
		}
		// Pages end only where the time changes, so that ties are in one page; they overlap at random.
		var pages [][]byte
		for from := 0; from < n; {
			to := min(from+1+r.IntN(60), n)
			for to < n && all[to].Time.Equal(all[to-1].Time) {
				to++
			}
			back := max(0, from-r.IntN(30))
			for back > 0 && all[back].Time.Equal(all[back-1].Time) {
				back--
			}
			pages = append(pages, body(t, wire.Page{Entries: all[back:to]}))
			from = to
		}
		var want string
		for i := range all {
			want += " " + all[i].ID
		}
		for range 4 {
			s, added := New(), 0
			for _, p := range pages {
				meta, err := s.AppendPage(p)
				if err != nil {
					t.Fatal(err)
				}
				added += meta.Added
			}
			if got := " " + ids(s); got != want || added != n {
				t.Fatalf("seed %d: %d added of %d\n got%s\nwant%s", seed, added, n, got, want)
			}
			table := NewTable(s, query.Options{})
			for i := range table.Len() {
				e := table.At(i)
				if table.RowOf(e) != i {
					t.Fatalf("entry %d is in row %d, not %d", e, i, table.RowOf(e))
				}
				if found, ok := s.Find(s.Src(e), s.ID(e)); !ok || found != e {
					t.Fatalf("row %d is not found by its key", i)
				}
			}
			r.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		}
	}
}

// Pages as a vendor walk gives them: ties straddle their edges and a page may
// come twice. In order, the vendor's order stands to the letter.
func TestAppendPage_EqualTimestampsAcrossPages(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 11))
		n := 1 + r.IntN(300)
		all := make([]logs.Entry, n)
		var want string
		for i := range all {
			all[i] = entry(algolia, fmt.Sprint(i), time.Duration(i/(1+r.IntN(2)*20+3))*time.Second)
			all[i].Time = now.Add(-time.Duration(i/7) * time.Second)
			want += " " + all[i].ID
		}
		s := New()
		for from := 0; from < n; {
			to := min(from+1+r.IntN(40), n)
			p := body(t, wire.Page{Entries: all[max(0, from-r.IntN(5)):to]})
			for range 1 + r.IntN(2) {
				if _, err := s.AppendPage(p); err != nil {
					t.Fatal(err)
				}
			}
			from = to
		}
		if got := " " + ids(s); got != want {
			t.Fatalf("seed %d\n got%s\nwant%s", seed, got, want)
		}
	}
}

func TestAppendPage_ReusedBufferDoesNotReachTheStore(t *testing.T) {
	s := New()
	page := body(t, wire.Page{Entries: []logs.Entry{entry(algolia, "a", 1)}})
	if _, err := s.AppendPage(page); err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(s.JSON(0))
	for i := range page {
		page[i] = 'x'
	}
	if !bytes.Equal(before, s.JSON(0)) || s.ID(0) != "a" {
		t.Fatal("the store shares memory with the page")
	}
}
