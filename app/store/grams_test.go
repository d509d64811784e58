package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/query"
)

func TestGrams_NeverLoseAText(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const letters = "abcXYZ019 {}[]\":,\\@`^~_-é😀\x00\x7f"
	for range 300 {
		var a arena
		var g grams
		var texts []string
		var at []uint32
		for range 40 {
			n := r.IntN(90)
			if r.IntN(30) == 0 {
				n = 20 << 10 // more than a place
			}
			text := make([]byte, n)
			for i := range text {
				text[i] = letters[r.IntN(len(letters))]
			}
			p, err := a.add(text)
			if err != nil {
				t.Fatal(err)
			}
			g.add(p, string(text))
			texts, at = append(texts, string(text)), append(at, p)
		}
		for i, text := range texts {
			from := r.IntN(len(text) + 1)
			part := text[from : from+min(r.IntN(12), len(text)-from)]
			if g.may(at[i]>>chunkBits, ascii(part))&placeBit(at[i]) == 0 {
				t.Fatalf("%q is lost in %q", part, text)
			}
		}
	}
}

// ascii folds a text and cuts it before the first byte that is none.
func ascii(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			s = s[:i]
			break
		}
	}
	return query.Fold(s)
}

// Words that stand nowhere pass over all that was loaded.
func TestGrams_PassOverWhatLacksAWord(t *testing.T) {
	l := thousand(t)
	table := NewTable(l.Store, query.Options{})
	for text, want := range map[string]int{"xylograph": 0, "summary:xylograph": 0, "xylograph OR stalactite": 0, "level:error xylograph": 0, "/xylo(graph|phone)/": 0, "xylograph -needle": 0, "-xylograph": 1000, "xy": 0, "-xy": 1000, "x": 1000, "XY xylograph": 0, "xylograph OR id:e": 1000} {
		m := l.matcher(parse(t, text))
		left := 0
		for e := range uint32(l.Len()) {
			if !m.skips(e) {
				left++
			}
		}
		if left != want {
			t.Errorf("%s: %d are left, want %d", text, left, want)
		}
		table.SetQuery(parse(t, text))
		table.Work(always)
		l.check(t, table, parse(t, text))
	}
}

// longTexts make entries, some of them of several places.
func longTexts(r *rand.Rand, id int) []byte {
	n := 1 + r.IntN(100)
	if r.IntN(20) == 0 {
		n = 6000
	}
	filler := strings.Repeat(pick(r, someTexts[:9])+"-", n)
	filler = strings.NewReplacer(`"`, "", `\`, "", "\n", "").Replace(filler)
	return fmt.Appendf(nil, `{"id":"long%d","src":"algolia/eu/A","time":%q,"summary":"%s %s","raw":{"x":"%s","y":"end%d"}}`,
		id, now.Add(time.Duration(r.IntN(40)-20)*time.Second).Format(time.RFC3339Nano), "s", ascii(pick(r, someTexts[:9])), filler, id%7)
}

// Pages and batches that come while a filter is worked on, and filters that change
// meanwhile, end with what Match keeps.
func TestGrams_EntriesComeDuringASearch(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 77))
		l := &loaded{Store: New()}
		table := NewTable(l.Store, query.Options{})
		n := 0
		page := func() {
			var texts [][]byte
			for range 1 + r.IntN(30) {
				n++
				switch r.IntN(8) {
				case 0:
					texts = append(texts, longTexts(r, n))
				default:
					texts = append(texts, randomEntry(r, n))
				}
			}
			l.add(t, r.IntN(2) == 0, texts...)
			table.Appended()
		}
		page()
		texts := []string{"end3", "end6 OR timeout", "elvin", "raw.x:error", "xylograph", "naïve", `"C:\\temp"`, "summary:time id:long", "/end[25]/", "time -end1", "algolia.y:end2", "error_detail", "detail OR /retry.*x/"}
		for range 12 {
			text := pick(r, texts)
			if r.IntN(3) == 0 {
				text = randomQuery(r, 2)
			}
			q, err := query.Parse(text)
			if err != nil {
				continue
			}
			table.SetQuery(q)
			for !table.Work(func() bool { return r.IntN(5) > 0 }) {
				if r.IntN(4) == 0 && n < 500 {
					page()
				}
			}
			page()
			table.Work(always)
			l.check(t, table, q)
		}
	}
}

// A row that is no entry stays, whatever its bytes lack, wherever it stands.
func TestGrams_KeepGaps(t *testing.T) {
	s := New()
	table := NewTable(s, query.Options{})
	for i := range 400 {
		page := fmt.Appendf(nil, `{"entries":[{"id":"e%d","src":"algolia/eu/A","time":%q,"summary":"%s"}]}`, i, now.Add(time.Duration(i)*time.Second).Format(time.RFC3339), strings.Repeat("plain ", 30))
		if _, err := s.AppendTail(page); err != nil {
			t.Fatal(err)
		}
		if i%50 == 7 {
			if err := s.AppendGap("algolia/eu/A", fmt.Sprint("gap", i), now.Add(time.Duration(i)*time.Second), "nothing came"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, text := range []string{"xylograph", "level:error", "-plain", "raw.x:xylograph"} {
		table.SetQuery(parse(t, text))
		table.Work(always)
		if table.Len() != s.Gaps() || s.Gaps() != 8 {
			t.Errorf("%s: %d rows, %d gaps", text, table.Len(), s.Gaps())
		}
	}
	table.SetQuery(parse(t, "xylograph"))
	table.Work(always)
	if err := s.AppendGap("algolia/eu/A", "late", now, "nothing came"); err != nil {
		t.Fatal(err)
	}
	if table.Appended(); table.Len() != 9 {
		t.Errorf("%d rows after a late gap", table.Len())
	}
}

// Sorting and finding look at the same rows.
func TestGrams_SortedAndFound(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 3))
	l := &loaded{Store: New()}
	for p := range 30 {
		var texts [][]byte
		for i := range 40 {
			texts = append(texts, longTexts(r, 100*p+i))
		}
		l.add(t, p%3 == 0, texts...)
	}
	table := NewTable(l.Store, query.Options{})
	q, found := parse(t, "end3"), parse(t, "end3 id:long1*")
	table.SetSort("summary", true)
	table.SetQuery(q)
	table.SetFind(found)
	table.Work(always)
	want, hits := l.want(q), 0
	if table.Len() != len(want) || len(want) == 0 {
		t.Fatalf("%d rows, want %d", table.Len(), len(want))
	}
	for _, e := range want {
		if table.RowOf(e) < 0 {
			t.Fatalf("entry %d is not shown", e)
		}
		is := found.Match(&l.entries[e])
		if table.Found(e) != is {
			t.Errorf("entry %d: found %v", e, !is)
		}
		if is {
			hits++
		}
	}
	if n, _ := table.FindCount(); n != hits || n == 0 {
		t.Errorf("%d found, want %d", n, hits)
	}
}

func FuzzGrams_NeverLoseAText(f *testing.F) {
	f.Add([]byte("some text"), 2, 5)
	f.Add(bytes.Repeat([]byte("aB"), 9), 0, 18)
	f.Fuzz(func(t *testing.T, text []byte, from, n int) {
		var g grams
		g.add(5, string(text))
		from = min(max(from, 0), len(text))
		part := text[from : from+min(max(n, 0), len(text)-from)]
		if g.may(0, ascii(string(part)))&placeBit(5) == 0 {
			t.Fatalf("%q is lost in %q", part, text)
		}
	})
}

// BenchmarkGrams is what taking in an entry of half a kilobyte costs, beside a copy
// of it.
func BenchmarkGrams(b *testing.B) {
	s := filled(b, 20_000)
	b.Run("add", func(b *testing.B) {
		var g grams
		for b.Loop() {
			for e := range s.json {
				g.add(s.json[e].at, s.jsonText(e))
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Len()), "ns/entry")
	})
	b.Run("floor-copy", func(b *testing.B) {
		var a arena
		for b.Loop() {
			a = arena{}
			for e := range s.json {
				if _, err := a.add(s.JSON(e)); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*s.Len()), "ns/entry")
	})
}
