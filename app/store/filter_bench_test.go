package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
)

// filled makes a store of so many entries of about 470 bytes: 46 % hold the word
// "deadlock", one in 260 the address 10.0.77.3.
func filled(b *testing.B, n int) *Store {
	b.Helper()
	r := rand.New(rand.NewPCG(9, 9))
	s := New()
	stages := []string{"STREAMING", "CONSUMING", "CRAWLING", "PROCESSING", "INDEXING"}
	for from := 0; from < n; from += 500 {
		var p wire.Page
		for i := from; i < min(from+500, n); i++ {
			word, ip := "completed", fmt.Sprintf("10.0.%d.%d", r.IntN(64), r.IntN(250))
			if r.IntN(100) < 46 {
				word = "deadlock"
			}
			if r.IntN(260) == 0 {
				ip = "10.0.77.3"
			}
			p.Entries = append(p.Entries, logs.Entry{
				ID: fmt.Sprintf("%016x%08x", r.Uint64(), i), Src: algolia, Time: now.Add(-time.Duration(i) * time.Millisecond),
				Level: logs.Level(3 + r.IntN(100)/90*2), Status: []int{200, 200, 200, 404, 500}[r.IntN(5)], Took: time.Duration(r.IntN(500)) * time.Millisecond, HasTook: true,
				Summary: "POST /1/indexes/products/query: " + word, Job: fmt.Sprintf("%08x", r.Uint32()), Item: "products",
				Fields: logs.Fields{{Name: "method", Value: "POST"}, {Name: "index", Value: "products"}, {Name: "stage", Value: stages[r.IntN(5)]}},
				Raw:    fmt.Appendf(nil, `{"timestamp":"2026-11-21T02:14:05Z","method":"POST","answer_code":"200","query_body":"{\"query\":\"shoes\",\"hitsPerPage\":20}","url":"/1/indexes/products/query","ip":"%s"}`, ip),
			})
		}
		if _, err := s.AppendPage(body(b, p)); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// keystroke measures one change of the filter: until its first rows show, to the
// end, and the longest time between two looks at the clock.
func keystroke(b *testing.B, s *Store, before, text string) {
	b.Helper()
	base, q := parse(b, before), parse(b, text)
	var table *Table
	var first, whole, longest time.Duration
	for b.Loop() {
		b.StopTimer()
		table = NewTable(s, query.Options{}) // one that remembers nothing
		table.SetQuery(base)
		table.Work(always)
		b.StartTimer()
		start := time.Now()
		table.SetQuery(q)
		firstAt := time.Duration(0)
		for last := start; ; {
			frame := time.Now()
			done := table.Work(func() bool {
				at := time.Now()
				longest = max(longest, at.Sub(last))
				last = at
				return at.Sub(frame) < 8*time.Millisecond
			})
			if firstAt == 0 && (done || table.Len() >= 50 && !table.shownAll && len(table.kept) >= 50) {
				firstAt = time.Since(start)
			}
			last = time.Now()
			if done {
				break
			}
		}
		whole += time.Since(start)
		first += firstAt
	}
	b.ReportMetric(float64(first.Microseconds())/1e3/float64(b.N), "first-ms")
	b.ReportMetric(float64(whole.Microseconds())/1e3/float64(b.N), "all-ms")
	b.ReportMetric(float64(longest.Microseconds())/1e3, "longest-ms")
	b.ReportMetric(float64(table.Len()), "rows")
	b.ReportMetric(0, "ns/op")
}

var sizes = []int{100_000, 1_000_000}

func BenchmarkKeystroke(b *testing.B) {
	for _, n := range sizes {
		s := filled(b, n)
		for _, c := range []struct{ name, before, text string }{
			{"common", "", "deadlock"}, {"rare", "", "10.0.77.3"}, {"none", "", "zqxzqx"}, {"two-letters", "", "zq"}, {"narrow", "dead", "deadl"}, {"name", "", "timestamp"},
			{"field", "", "stage:INDEXING"}, {"level", "", "level:>=error"}, {"level-word", "", "level:>=error 10.0.77.3"}, {"path", "", "algolia.ip:10.0.77.3"}, {"exclude", "", "-deadlock"},
			{"regex-literal", "", `/10\.0\.77\.\d/`}, {"regex", "", `/dead(lock|line)/i`},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, c.name), func(b *testing.B) { keystroke(b, s, c.before, c.text) })
		}
		b.Run(fmt.Sprintf("%d/floor-bytes.Index", n), func(b *testing.B) {
			for b.Loop() {
				for _, chunk := range s.arena.chunks {
					for at := 0; ; {
						i := bytes.Index(chunk[at:], []byte("deadlock"))
						if i < 0 {
							break
						}
						at += i + 1
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1e3/float64(b.N), "all-ms")
		})
		b.Run(fmt.Sprintf("%d/peer-decode", n), func(b *testing.B) {
			q := parse(b, "deadlock")
			for b.Loop() {
				for e := range n / 100 { // a hundredth of the entries
					entry := s.Entry(e)
					q.Match(&entry)
				}
			}
			b.ReportMetric(100*float64(b.Elapsed().Microseconds())/1e3/float64(b.N), "all-ms")
		})
	}
}

func BenchmarkTable(b *testing.B) {
	for _, n := range sizes {
		s := filled(b, n)
		run := func(name string, prepare func() *Table, do func(*Table)) {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					table := prepare()
					b.StartTimer()
					do(table)
					table.Work(always)
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/1e3/float64(b.N), "ms")
			})
		}
		all := func() *Table { return NewTable(s, query.Options{}) }
		run("facets", all, func(t *Table) { t.Facets([]string{"level", "status", "src", "method", "index", "stage"}) })
		run("histogram", all, func(t *Table) { t.Histogram(now.Add(-time.Duration(n)*time.Millisecond), now, 120) })
		run("sort-took", all, func(t *Table) { t.SetSort("took", false) })
		run("sort-stage", all, func(t *Table) { t.SetSort("stage", true) })
		run("sort-summary", all, func(t *Table) { t.SetSort("summary", true) })
		run("find", all, func(t *Table) { t.SetFind(parse(b, "deadlock")) })
	}
}

// BenchmarkAppended is a page of 500 into a filtered table with facets and a
// histogram, on top of what appending to the store takes.
func BenchmarkAppended(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := filled(b, n)
			table := NewTable(s, query.Options{})
			table.SetQuery(parse(b, "deadlock"))
			table.Facets([]string{"level", "status", "stage"})
			table.Histogram(now.Add(-time.Hour), now.Add(time.Hour), 120)
			table.Work(always)
			var spent time.Duration
			round := 0
			for b.Loop() {
				b.StopTimer()
				var p wire.Page
				for i := range 500 {
					e := entry(algolia, fmt.Sprint("n", round, "-", i), -time.Duration(round)*time.Millisecond)
					e.Raw = []byte(`{"note":"deadlock"}`)
					p.Entries = append(p.Entries, e)
				}
				page := body(b, p)
				round++
				b.StartTimer()
				if _, err := s.AppendNewer(page); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				table.Appended()
				spent += time.Since(start)
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "appended-µs")
		})
	}
}

// BenchmarkMemory is what a million entries take with all columns.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		before := heap()
		s := filled(b, 1_000_000)
		b.ReportMetric(float64(int64(heap())-int64(before))/1e6, "held-B/entry")
		b.ReportMetric(float64(s.Bytes())/1e6, "raw-B/entry")
		b.ReportMetric(float64(int64(heap())-int64(before))/float64(s.Bytes()), "ratio")
		runtime.KeepAlive(s)
	}
}
