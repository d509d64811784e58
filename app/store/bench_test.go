package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
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

func BenchmarkAppendPage(b *testing.B) {
	pages, wireBytes := benchPages(b, 100_000)
	for _, rounds := range []int{1, 10} {
		n := rounds * 100_000
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			before := heap()
			var s *Store
			for b.Loop() {
				s = New()
				for round := range rounds {
					for _, p := range pages {
						if _, err := s.AppendPage(p); err != nil {
							b.Fatal(err)
						}
					}
					b.StopTimer()
					retarget(pages, round, (round+1)%rounds)
					b.StartTimer()
				}
			}
			if s.Len() != n {
				b.Fatalf("%d rows", s.Len())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/entry")
			b.ReportMetric(float64(wireBytes)/100_000, "wire-B/entry")
			b.ReportMetric(float64(int64(heap())-int64(before))/float64(n), "held-B/entry")
			start := time.Now()
			runtime.GC()
			b.ReportMetric(float64(time.Since(start).Microseconds()), "GC-µs")
			runtime.KeepAlive(s)
		})
	}
}

// heap returns the bytes that are held once all garbage is gone.
func heap() uint64 {
	var stats runtime.MemStats
	for range 3 { // sweeping ends in the cycle after
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// retarget makes other entries of all pages: those of another target.
func retarget(pages [][]byte, from, to int) {
	for i, p := range pages {
		pages[i] = bytes.ReplaceAll(p, fmt.Appendf(nil, "APP%d", from), fmt.Appendf(nil, "APP%d", to))
	}
}

// BenchmarkDecodePage is the peer: encoding/json reads the same pages.
func BenchmarkDecodePage(b *testing.B) {
	pages, _ := benchPages(b, 500)
	for b.Loop() {
		var p wire.Page
		if err := json.Unmarshal(pages[0], &p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*500), "ns/entry")
}

func BenchmarkEntry(b *testing.B) {
	pages, _ := benchPages(b, 500)
	s := New()
	if _, err := s.AppendPage(pages[0]); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.Entry(7)
	}
}
