package viewer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/wire"
)

// benchPages makes pages of 500 entries of about half a kilobyte, in the order
// of a walk.
func benchPages(b *testing.B, entries int) (pages [][]byte, size int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < entries; from += 500 {
		var p wire.Page
		for i := from; i < min(from+500, entries); i++ {
			p.Entries = append(p.Entries, logs.Entry{
				ID: fmt.Sprintf("%016x%016x", r.Uint64(), i), Src: algolia + "0", Time: now.Add(-time.Duration(i) * time.Millisecond),
				Level: logs.LevelInfo, Status: 200, Summary: "POST /1/indexes/products/query: 12 hits", Took: time.Duration(r.IntN(500)) * time.Millisecond, HasTook: true,
				Job: fmt.Sprintf("%08x", r.Uint32()), Item: "products", Fields: logs.Fields{{Name: "method", Value: "POST"}, {Name: "index", Value: "products"}},
				Raw: json.RawMessage(`{"timestamp":"2026-11-21T02:14:05Z","method":"POST","answer_code":"200","query_body":"{\"query\":\"shoes\",\"hitsPerPage\":20}","url":"/1/indexes/products/query","ip":"10.0.0.1"}`),
			})
		}
		page := bytes.Clone(body(b, p)) // without the room to grow that AppendPage leaves
		pages, size = append(pages, page), size+len(page)
	}
	return pages, size
}

// retarget makes other entries of all pages: those of another target.
func retarget(pages [][]byte, from, to int) {
	for i, p := range pages {
		pages[i] = bytes.ReplaceAll(p, fmt.Appendf(nil, "APP%d", from), fmt.Appendf(nil, "APP%d", to))
	}
}

func BenchmarkRow(b *testing.B) {
	pages, _ := benchPages(b, 100_000)
	s, _ := open(b, viewOf(algolia))
	for _, p := range pages {
		if _, err := s.store.AppendPage(p); err != nil {
			b.Fatal(err)
		}
	}
	s.nameTargets()
	var row Row
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		s.Row(i%s.Len(), &row)
		i += 37
	}
}

// BenchmarkScrolled is one scroll event with a million rows: the message, the
// window, and its rows.
func BenchmarkScrolled(b *testing.B) {
	pages, _ := benchPages(b, 100_000)
	s, _ := open(b, viewOf(algolia))
	for round := range 10 {
		for _, p := range pages {
			if _, err := s.store.AppendPage(p); err != nil {
				b.Fatal(err)
			}
		}
		retarget(pages, round, round+1)
	}
	s.nameTargets()
	var row Row
	top := 0.0
	for b.Loop() {
		s.Update(Scrolled{top, 1000, 28})
		w := s.Window()
		for i := w.First; i < w.Last; i++ {
			s.Row(i, &row)
		}
		if top += 1e5 + 7; top > 14e6 {
			top = 0
		}
	}
}

// typed is a filter as it is typed, and taken back.
var typed = []string{"s", "sh", "shoe", "shoes", "shoes index:products", "shoes index:products took:>200ms", "shoes took:>200ms", "took:>200ms", "nothing-has-this", ""}

// BenchmarkQueryEdited is one key in the filter box with 100,000 entries loaded: until
// the first screen can be drawn, and until all is done. ratio is what the model costs
// beside the table alone, which does the same in the same run.
func BenchmarkQueryEdited(b *testing.B) {
	pages, _ := benchPages(b, 100_000)
	for _, c := range []struct {
		name string
		all  bool
	}{{"first screen", false}, {"all", true}} {
		b.Run(c.name, func(b *testing.B) {
			s, _ := open(b, viewOf(algolia))
			for _, p := range pages {
				if _, err := s.store.AppendPage(p); err != nil {
					b.Fatal(err)
				}
			}
			s.table.Appended()
			s.nameTargets()
			s.work()
			s.Update(Scrolled{1000 * 20, 400, 20})
			alone := store.NewTable(s.store, s.opts)
			for alone.Pending() {
				alone.Work(func() bool { return true })
			}
			always := func() bool { return true }
			var row Row
			var model, table time.Duration
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				text := typed[i%len(typed)]
				i++
				run := []func(){func() {
					begin := time.Now()
					s.Update(QueryEdited{text})
					for c.all && s.Pending() {
						s.Work(always)
					}
					w := s.Window()
					for at := w.First; at < w.Last; at++ {
						s.Row(at, &row)
					}
					model += time.Since(begin)
					for s.Pending() {
						s.Work(always)
					}
				}, func() {
					begin := time.Now()
					q, err := s.opts.Parse(text)
					if err != nil {
						b.Fatal(err)
					}
					if alone.SetQuery(q); c.all {
						alone.Work(always)
					} else {
						asks := firstAsks
						alone.Work(func() bool { asks--; return asks > 0 })
					}
					table += time.Since(begin)
					for alone.Pending() {
						alone.Work(always)
					}
				}}
				run[i/len(typed)%2]()
				run[1-i/len(typed)%2]()
				if alone.Len() != s.Len() {
					b.Fatalf("%q: the model shows %d rows, the table %d", text, s.Len(), alone.Len())
				}
			}
			b.ReportMetric(float64(model.Microseconds())/float64(i), "µs/key")
			b.ReportMetric(float64(model)/float64(table), "ratio")
		})
	}
}

// BenchmarkCell is what one row of the usual columns costs.
func BenchmarkCell(b *testing.B) {
	pages, _ := benchPages(b, 10_000)
	s, _ := open(b, viewOf(algolia, coveo))
	for _, p := range pages {
		if _, err := s.store.AppendPage(p); err != nil {
			b.Fatal(err)
		}
	}
	s.table.Appended()
	s.nameTargets()
	s.work()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range s.Columns() {
			s.Cell(i%s.Len(), c.Name)
		}
		i += 37
	}
}
