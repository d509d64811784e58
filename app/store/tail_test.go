package store

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/query"
)

// tailed returns the JSON of a frame, its entries oldest first: "id@second".
func tailed(entries ...string) []byte {
	var out []string
	for _, e := range entries {
		id, second, _ := strings.Cut(e, "@")
		out = append(out, fmt.Sprintf(`{"id":%q,"src":"algolia/eu/APP","time":"2026-11-21T12:00:%sZ","level":"info","summary":"s"}`, id, second))
	}
	return []byte(`{"type":"entries","seq":"abc","src":"algolia/eu/APP","entries":[` + strings.Join(out, ",") + `]}`)
}

func rowIDs(t *Table) string {
	var out []string
	for row := range t.Len() {
		out = append(out, t.s.ID(t.At(row)))
	}
	return strings.Join(out, " ")
}

func TestAppendTail_OldestFirstEqualTimesAsInHistory(t *testing.T) {
	s := New()
	table := NewTable(s, query.Options{})
	for _, frame := range [][]byte{tailed("a@01", "b@01", "c@02"), tailed("d@02", "c@02", "e@02"), tailed("late@00")} {
		if _, err := s.AppendTail(frame); err != nil {
			t.Fatal(err)
		}
		table.Appended()
	}
	if got := rowIDs(table); got != "e d c b a late" {
		t.Errorf("rows %s", got)
	}
}

func TestTake_GivesWhatAppendTailWould(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		direct, held, main := New(), New(), New()
		for i := range 30 {
			if r.IntN(6) == 0 {
				at := time.Date(2026, 11, 21, 12, 0, r.IntN(5), 0, time.UTC)
				for _, s := range []*Store{direct, held} {
					if err := s.AppendGap("algolia/eu/APP", fmt.Sprint("gap", i), at, "5 s without data"); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			var es []string
			for n := range 1 + r.IntN(4) {
				es = append(es, fmt.Sprintf("%d@%02d", r.IntN(60), n+r.IntN(2)))
			}
			for _, s := range []*Store{direct, held} {
				if _, err := s.AppendTail(tailed(es...)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for e := 0; e < held.Len(); {
			next, err := main.Take(held, e)
			if err != nil || next <= e {
				t.Fatal(next, err)
			}
			e = next
		}
		want, got := NewTable(direct, query.Options{}), NewTable(main, query.Options{})
		if rowIDs(want) != rowIDs(got) || main.Gaps() != direct.Gaps() {
			t.Fatalf("seed %d:\n got %s\nwant %s", seed, rowIDs(got), rowIDs(want))
		}
	}
}

func TestAppendGap_ShownWhateverTheFilterAndCountedNowhere(t *testing.T) {
	s := New()
	if _, err := s.AppendTail(tailed("a@01", "b@03")); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 12, 0, 2, 0, time.UTC)
	for range 2 {
		if err := s.AppendGap("algolia/eu/APP", "gap", at, `1 s without data, "cut"`); err != nil {
			t.Fatal(err)
		}
	}
	table := NewTable(s, query.Options{})
	q, err := query.Parse("id:a")
	if err != nil {
		t.Fatal(err)
	}
	table.SetFind(q)
	facets := table.Facets([]string{"level"})
	buckets := table.Histogram(at.Add(-time.Minute), at.Add(time.Minute), 1)
	for !table.Work(func() bool { return true }) {
	}
	if n, _ := table.FindCount(); n != 1 || facets[0].Missing != 0 || facets[0].Values[0].Count != 2 || buckets[0].Total != 2 {
		t.Errorf("%d found, %+v, %+v", n, facets, buckets)
	}
	if rowIDs(table) != "b gap a" || s.Gaps() != 1 || !s.Gap(table.At(1)) {
		t.Errorf("rows %s", rowIDs(table))
	}
	table.SetQuery(q)
	for !table.Work(func() bool { return true }) {
	}
	if rowIDs(table) != "gap a" {
		t.Errorf("filtered rows %s", rowIDs(table))
	}
}
