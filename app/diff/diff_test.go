package diff

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// sides joins runs to the two texts that they were made of.
func sides(runs []Run) (a, b string) {
	var x, y strings.Builder
	for _, r := range runs {
		if r.Op != New {
			x.WriteString(r.Text)
		}
		if r.Op != Gone {
			y.WriteString(r.Text)
		}
	}
	return x.String(), y.String()
}

// check fails unless runs are well formed and give both texts.
func check(t *testing.T, name, a, b string, runs []Run) {
	t.Helper()
	x, y := sides(runs)
	if x != a || y != b {
		t.Fatalf("%s: runs of %q and %q give %q and %q", name, a, b, x, y)
	}
	valid := utf8.ValidString(a) && utf8.ValidString(b)
	for i, r := range runs {
		if r.Text == "" || i > 0 && (runs[i-1].Op == r.Op || runs[i-1].Op == New && r.Op == Gone) {
			t.Fatalf("%s: run %d of %v is empty, or not joined with the one before", name, i, runs)
		}
		if valid && !utf8.ValidString(r.Text) {
			t.Fatalf("%s: %q splits a character", name, r.Text)
		}
	}
	if (a == b) != Equal(runs) {
		t.Fatalf("%s: equal is %v for %q and %q", name, Equal(runs), a, b)
	}
}

func TestWords_TellWhatAReaderWouldMark(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want []Run
	}{
		{"", "", nil},
		{"a", "", []Run{{Gone, "a"}}},
		{"", "é", []Run{{New, "é"}}},
		{"took 9.8 s", "took 12 s", []Run{{Same, "took "}, {Gone, "9.8"}, {New, "12"}, {Same, " s"}}},
		{"the quick fox", "the slow fox", []Run{{Same, "the "}, {Gone, "quick"}, {New, "slow"}, {Same, " fox"}}},
		{"a: 1, 2, z", "a: 5, 6, z", []Run{{Same, "a: "}, {Gone, "1, 2"}, {New, "5, 6"}, {Same, ", z"}}},
		{"naïve été", "naïve étés", []Run{{Same, "naïve "}, {Gone, "été"}, {New, "étés"}}},
		{"one two three", "four five six", []Run{{Gone, "one two three"}, {New, "four five six"}}},
	} {
		if got := Words(c.a, c.b); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q → %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestLines_WholeLinesOnly(t *testing.T) {
	a, b := "one\ntwo\nthree", "one\n2\nthree\nfour\n"
	want := []Run{{Same, "one\n"}, {Gone, "two\nthree"}, {New, "2\nthree\nfour\n"}}
	if got := Lines(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// shortest returns the length of the longest common subsequence by the table that
// the package avoids.
func shortest(a, b []int32) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

func TestMatch_IsTheLongestCommonSequence(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		kinds := 1 + rng.IntN(6)
		make1 := func() []int32 {
			s := make([]int32, rng.IntN(40))
			for i := range s {
				s[i] = int32(rng.IntN(kinds))
			}
			return s
		}
		a, b := make1(), make1()
		keepA, keepB := match(a, b, kinds)
		var x, y []int32
		for i, k := range keepA {
			if k {
				x = append(x, a[i])
			}
		}
		for i, k := range keepB {
			if k {
				y = append(y, b[i])
			}
		}
		if !reflect.DeepEqual(x, y) {
			t.Fatalf("%v and %v: kept %v and %v", a, b, x, y)
		}
		if want := shortest(a, b); len(x) != want {
			t.Fatalf("%v and %v: %d in common, want %d", a, b, len(x), want)
		}
	}
}

func TestRuns_GiveBothSidesOfRandomEdits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "b", "été", " ", "\n", "\xff", "漢", "word", ",", "\r\n", "e\u0301", "  ", "_x"}
	for range 3000 {
		var a, b strings.Builder
		for range rng.IntN(60) {
			p := pieces[rng.IntN(len(pieces))]
			switch rng.IntN(6) {
			case 0:
				a.WriteString(p)
			case 1:
				b.WriteString(p)
			default:
				a.WriteString(p)
				b.WriteString(p)
			}
		}
		check(t, "words", a.String(), b.String(), Words(a.String(), b.String()))
		check(t, "lines", a.String(), b.String(), Lines(a.String(), b.String()))
	}
}

// worst is a pair of long texts that share everything in another order.
func worst(lines, width int) (a, b string) {
	rng := rand.New(rand.NewPCG(5, 6))
	list := make([]string, lines)
	for i := range list {
		list[i] = fmt.Sprintf("%d %s\n", i, strings.Repeat("x", width))
	}
	a = strings.Join(list, "")
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return a, strings.Join(list, "")
}

func TestBounds_LongTextsEndInTime(t *testing.T) {
	few, fewToo := worst(2000, 20)
	many, manyToo := worst(20_000, 44)
	words, wordsToo := strings.ReplaceAll(many[:512<<10], "\n", " "), strings.ReplaceAll(manyToo[:512<<10], "\n", " ")
	for _, c := range []struct {
		name, a, b string
		runs       func(a, b string) []Run
	}{
		{"2,000 lines in another order", few, fewToo, Lines},
		{"20,000 lines in another order", many, manyToo, Lines},
		{"words of one long line", words, wordsToo, Words},
		{"words of many lines", many, manyToo, Words},
		{"one character", strings.Repeat("a ", 256<<10), strings.Repeat("a ", 200<<10), Words},
		{"nothing in common", strings.Repeat("a\n", 512<<10), strings.Repeat("b\n", 512<<10), Lines},
	} {
		start := time.Now()
		runs := c.runs(c.a, c.b)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: %v", c.name, d)
		}
		check(t, c.name, c.a, c.b, runs)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("took 9.8 s", "took 12 s")
	f.Add("\xff\xfe", "é\xc3")
	f.Add("a\nb\nc\n", "c\nb\na")
	f.Fuzz(func(t *testing.T, a, b string) {
		check(t, "words", a, b, Words(a, b))
		check(t, "lines", a, b, Lines(a, b))
	})
}

func BenchmarkLines_InAnotherOrder(b *testing.B) {
	x, y := worst(20_000, 44)
	b.SetBytes(int64(len(x) + len(y)))
	for b.Loop() {
		Lines(x, y)
	}
}
