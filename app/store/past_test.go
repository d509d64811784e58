package store

import (
	"math/rand/v2"
	"testing"

	"github.com/logpane/logpane/app/query"
)

// Who goes back to a filter finds its rows at once, and what has come since as well.
func TestPast_AFilterAsBefore(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	for _, text := range []string{"need", "needle", "id:7*", ""} {
		table.SetQuery(parse(t, text))
		table.Work(always)
	}
	for _, text := range []string{"needle", "need", "id:7*"} {
		table.SetQuery(parse(t, text))
		if table.Pending() {
			t.Errorf("%s is looked for again", text)
		}
		l.check(t, table, parse(t, text))
	}
	// What comes joins the rows, and no list that is remembered.
	e := entry(coveo, "later", 0)
	e.Summary = "a needle"
	text, _ := e.AppendJSON(nil)
	l.add(t, true, text)
	table.Appended()
	for _, text := range []string{"needle", "id:7*", "need", "needle", "id:7*"} {
		table.SetQuery(parse(t, text))
		table.Work(always)
		l.check(t, table, parse(t, text))
	}
}

func TestPast_HoldsNoMoreThanTheStore(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	for range 3 {
		for _, text := range []string{"-id:e1", "-id:e2", "-id:e3", "-id:e4", "need", "needle", "id:*1", "id:*2", "id:*3", "xy", "-id:e1"} {
			table.SetQuery(parse(t, text))
			table.Work(always)
			l.check(t, table, parse(t, text))
			held := 0
			for _, r := range table.past.results {
				held += len(r.kept)
			}
			if held != table.past.held || held > l.Len() || len(table.past.results) > maxPast {
				t.Fatalf("%d entries are held, it says %d", held, table.past.held)
			}
		}
	}
}

// Filters come and go while entries come, in any order, some of them before the one
// at hand is done: as somebody types and erases.
func TestPast_RandomStories(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 31))
		l := &loaded{Store: New()}
		table := NewTable(l.Store, query.Options{})
		n := 0
		add := func() {
			var texts [][]byte
			for range 1 + r.IntN(40) {
				n++
				texts = append(texts, randomEntry(r, n))
			}
			l.add(t, r.IntN(2) == 0, texts...)
			table.Appended()
		}
		add()
		texts := []string{"", "e", "er", "err", "error", "error t", "error ti", "-e", "level:error", "level:error e", "raw.x:e", "raw.x:error", "id:e1", "/e/", "err OR time"}
		for range 40 {
			q := parse(t, pick(r, texts))
			table.SetQuery(q)
			switch r.IntN(4) {
			case 0:
				table.Work(func() bool { return false })
				continue
			case 1:
				if n < 400 {
					add()
				}
			case 2:
				table.SetSort([]string{"", "summary"}[r.IntN(2)], r.IntN(2) == 0)
				table.SetSort("", false)
			}
			for !table.Work(func() bool { return r.IntN(3) > 0 }) {
			}
			l.check(t, table, q)
			table.Facets([]string{"level"})
			table.Work(always)
			count := table.Facets([]string{"level"})[0]
			sum := count.Other + count.Missing
			for _, v := range count.Values {
				sum += v.Count
			}
			if sum != table.Len() {
				t.Fatalf("%s: %d are counted of %d", q, sum, table.Len())
			}
		}
	}
}
