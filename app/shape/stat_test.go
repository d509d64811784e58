package shape

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// sample is a call as the test knows it.
type sample struct {
	index, size, text string
	took, hits        int // -1 where the log does not say
}

func (s sample) raw(t testing.TB) string {
	m := map[string]any{"method": "POST", "url": "/1/indexes/" + s.index + "/query", "query_body": `{"params":"query=` + s.text + `&hitsPerPage=` + s.size + `"}`, "index": s.index, "answer_code": "200"}
	if s.took >= 0 {
		m["processing_time_ms"] = strconv.Itoa(s.took)
	}
	if s.hits >= 0 {
		m["query_nb_hits"] = strconv.Itoa(s.hits)
	}
	return logged(t, m)
}

func samples(rng *rand.Rand, n int) []sample {
	out := make([]sample, n)
	for i := range out {
		out[i] = sample{
			index: []string{"products", "articles"}[rng.IntN(2)], size: []string{"5", "20", "20", "20", "200"}[rng.IntN(5)],
			text: []string{"shoes", "tent", "", "xxl"}[rng.IntN(4)], took: rng.IntN(40) * rng.IntN(12), hits: rng.IntN(4) * rng.IntN(900),
		}
		if rng.IntN(20) == 0 {
			out[i].took = -1
		}
		if rng.IntN(10) == 0 {
			out[i].hits = -1
		}
	}
	return out
}

// least returns a percentile by its definition: the least of the values that at least
// p percent of them are not above. It looks at every pair.
func least(values []int, p int) time.Duration {
	best := -1
	for _, v := range values {
		below := 0
		for _, w := range values {
			if w <= v {
				below++
			}
		}
		if 100*below >= p*len(values) && (best < 0 || v < best) {
			best = v
		}
	}
	return time.Duration(max(best, 0)) * time.Millisecond
}

func TestCollector_AgainstAnIndependentComputation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		all := samples(rng, rng.IntN(300))
		reader, c := NewReader(), NewCollector()
		total := 0
		for row, s := range all {
			f, ok := reader.Fact(s.raw(t))
			if !ok {
				t.Fatal("no call")
			}
			c.Add(row, f)
			total += max(s.took, 0)
		}
		check := func(g *Group, mine func(sample) bool) {
			t.Helper()
			var rows, tooks []int
			var sum, counted, zero int
			texts := map[string]int{}
			for row, s := range all {
				if !mine(s) {
					continue
				}
				rows = append(rows, row)
				if s.took >= 0 {
					tooks = append(tooks, s.took)
					sum += s.took
				}
				if s.hits >= 0 {
					counted++
				}
				if s.hits == 0 {
					zero++
					texts[s.text]++
				}
			}
			slowest := 0
			for _, v := range tooks {
				slowest = max(slowest, v)
			}
			if !slices.Equal(g.Rows, rows) || g.N != len(rows) || g.Timed != len(tooks) || g.Counted != counted || g.Zero != zero || g.Few() != (len(tooks) < 20) {
				t.Fatalf("%+v, want %d rows, %d timed, %d counted, %d without a hit", g, len(rows), len(tooks), counted, zero)
			}
			if g.P50 != least(tooks, 50) || g.P95 != least(tooks, 95) || g.Max != time.Duration(slowest)*time.Millisecond || g.Total != time.Duration(sum)*time.Millisecond {
				t.Fatalf("p50 %v p95 %v max %v total %v, want %v %v %d %d of %v", g.P50, g.P95, g.Max, g.Total, least(tooks, 50), least(tooks, 95), slowest, sum, tooks)
			}
			if share := float64(sum) / float64(max(total, 1)); g.Share-share > 1e-9 || share-g.Share > 1e-9 {
				t.Fatalf("share %v, want %v", g.Share, share)
			}
			top, different := g.Texts(2)
			if different != len(texts) || len(top) != min(2, len(texts)) {
				t.Fatalf("%d texts, %+v, want %v", different, top, texts)
			}
			for i, x := range top {
				if texts[x.Text] != x.N || i > 0 && x.N > top[i-1].N {
					t.Fatalf("%+v of %v", top, texts)
				}
				for text, n := range texts {
					if n > x.N && !slices.ContainsFunc(top[:i], func(y Text) bool { return y.Text == text }) {
						t.Fatalf("%q is more often than %+v", text, x)
					}
				}
			}
		}
		seen := 0
		var last time.Duration
		for i, g := range c.Shapes() {
			seen += g.N
			size := g.Shape.Parts[0].Params[0]
			check(g, func(s sample) bool { return s.index == g.Index && "hitsPerPage="+s.size == size })
			if i > 0 && g.Total > last {
				t.Fatal("the order is not by total time")
			}
			last = g.Total
		}
		if seen != len(all) || c.Len() != len(all) {
			t.Fatalf("round %d: %d calls in shapes, %d in all, want %d", round, seen, c.Len(), len(all))
		}
		for _, g := range c.Indices() {
			check(g, func(s sample) bool { return s.index == g.Index })
		}
	}
}

// TestCollector_OrderDoesNotMatter adds the same calls in another order.
func TestCollector_OrderDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	all := samples(rng, 200)
	tell := func() (out string) {
		reader, c := NewReader(), NewCollector()
		for row, s := range all {
			f, _ := reader.Fact(s.raw(t))
			c.Add(row, f)
		}
		for _, g := range c.Shapes() {
			texts, _ := g.Texts(10)
			out += fmt.Sprintln(g.Shape.ID, g.N, g.P50, g.P95, g.Max, g.Share, g.Zero, texts)
		}
		return out
	}
	first := tell()
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if again := tell(); again != first {
		t.Errorf("%s\nin another order\n%s", first, again)
	}
}

func TestSlow(t *testing.T) {
	for _, c := range []struct {
		tooks      []int
		bound      int
		slow, fast int
	}{
		{[]int{1, 2, 3, 4}, 4, 1, 3},
		{[]int{8, 7, 6, 5, 4, 3, 2, 1}, 7, 2, 6},
		{[]int{1, 2, 3, 4, 5}, 4, 2, 3},
		{[]int{1, 5, 5, 5}, 0, 0, 4},             // more than half as long as the longest
		{[]int{5, 5, 5, 5, 5, 5, 5, 9}, 9, 1, 7}, // the quarter begins among equal ones
		{[]int{3, 3, 3, 3}, 0, 0, 4},
		{[]int{1, 2, 3}, 0, 0, 3},
		{[]int{-1, 1, 2, 3, 4, -1}, 4, 1, 3},
		{nil, 0, 0, 0},
	} {
		g := Group{}
		for row, ms := range c.tooks {
			took := time.Duration(ms) * time.Millisecond
			g.add(row, Fact{Took: took, Timed: ms >= 0})
		}
		bound, slow, fast, ok := g.Slow()
		if bound != time.Duration(c.bound)*time.Millisecond || slow != c.slow || fast != c.fast || ok != (c.slow > 0) {
			t.Errorf("%v: %d from %v on and %d others, %v; want %d from %d ms on and %d", c.tooks, slow, bound, fast, ok, c.slow, c.bound, c.fast)
		}
	}
}

func TestContrast_NamesWhatSlowCallsHave(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	x := NewContrast()
	for i := range 80 {
		slow := i%4 == 0
		body := "query=" + []string{"shoes", "tent", "rope"}[rng.IntN(3)] + "&userToken=u" + strconv.Itoa(rng.IntN(900)) + "&hitsPerPage=20"
		switch {
		case slow:
			body += "&attributesToRetrieve=*&filters=brand:b" + strconv.Itoa(i)
		case i%2 == 0:
			body += "&attributesToRetrieve=name"
		}
		c, _ := Read(query(t, "products", body))
		x.Add(&c, slow)
	}
	if x.A != 20 || x.B != 60 {
		t.Fatalf("%d and %d", x.A, x.B)
	}
	got := x.Differences(10)
	find := func(name, value string) Difference {
		for _, d := range got {
			if d.Name == name && d.Value == value {
				return d
			}
		}
		return Difference{}
	}
	if d := find("attributesToRetrieve", "*"); d.A != 20 || d.B != 0 || got[0].Feature != d.Feature {
		t.Errorf("the value that all slow ones have: %+v; first is %+v", d, got[0])
	}
	if d := find("filters", "on brand"); d.A != 20 || d.B != 0 {
		t.Errorf("an attribute that only slow ones filter by: %+v", d)
	}
	if d := find("attributesToRetrieve", "name"); d.A != 0 || d.B != 20 {
		t.Errorf("what only fast ones have: %+v", d)
	}
	for _, d := range got {
		if d.Name == "query" || d.Name == "userToken" || d.Name == "hitsPerPage" || d.Name == "answer_code" || d.Name == "filters" && !d.About {
			t.Errorf("%+v tells nothing", d)
		}
	}
	if n := len(x.Differences(1)); n != 1 {
		t.Errorf("%d of at most one", n)
	}
}

// TestContrast_ChanceIsNotTold deals features out blindly, many times: what is told
// all the same must stay rare.
func TestContrast_ChanceIsNotTold(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	told, tried := 0, 0
	for range 200 {
		x := NewContrast()
		for i := range 60 {
			c, _ := Read(query(t, "products", fmt.Sprintf("hitsPerPage=%d&distinct=%d&mode=%d", rng.IntN(2), rng.IntN(2), rng.IntN(2))))
			x.Add(&c, i%4 == 0)
		}
		told += len(x.Differences(100))
		tried += 6
	}
	if 100*told > 3*tried {
		t.Errorf("%d of %d features are told though chance dealt them", told, tried)
	}
}

func TestPercentiles_AreThoseOfSortedTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 500 {
		g := Group{}
		for range 1 + r.IntN(300) {
			g.Tooks = append(g.Tooks, time.Duration(r.IntN(1+r.IntN(1000))-1))
		}
		for _, d := range g.Tooks {
			if d >= 0 {
				g.Timed++
			}
		}
		g.measure(0)
		if sorted := g.sorted(); g.Timed > 0 && (g.P50 != Rank(sorted, 50) || g.P95 != Rank(sorted, 95) || g.Max != sorted[len(sorted)-1]) {
			t.Fatalf("%v: p50 %d, p95 %d, max %d", sorted, g.P50, g.P95, g.Max)
		}
	}
}
