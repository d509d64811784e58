package source

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// story is a random vendor: how it pages, what it holds, what happens to it.
type story struct {
	m       *model
	noisy   bool // listed not quite by the times that rows tell
	arrive  int  // rows at most between two calls
	evicted int  // the same for those forgotten
	rng     *rand.Rand
}

// newStory draws a vendor.
func newStory(seed uint64) *story {
	rng := newRand(seed)
	st := &story{rng: rng}
	paging := driver.Paging(rng.IntN(3))
	listing := []string{"newest", "oldest", "shuffled"}[rng.IntN(3)]
	if paging == driver.ByTime {
		listing = "newest"
	}
	m := newModel(paging, listing)
	st.m = m
	m.caps.MaxLimit = 4 + rng.IntN(40)
	m.total = rng.IntN(2) == 0
	m.more = []string{"honest", "", ""}[rng.IntN(3)]
	m.atFrom, m.atTo = rng.IntN(2) == 0, rng.IntN(2) == 0
	m.caps.Precision = []time.Duration{time.Second, time.Millisecond, time.Microsecond}[rng.IntN(3)]
	if paging == driver.ByOffset && rng.IntN(3) == 0 {
		m.caps.Order = driver.OrderUnknown
	}
	if paging == driver.ByWindow {
		m.caps.MaxSpan = []time.Duration{0, time.Hour, 7 * 24 * time.Hour}[rng.IntN(3)]
		m.caps.Retention = 3 * 24 * time.Hour
	}
	rows := rng.IntN(400)
	step := []time.Duration{time.Millisecond * 20, time.Second, time.Minute}[rng.IntN(3)]
	same := rng.IntN(12) // rows of one moment, at most
	if paging == driver.ByTime {
		same = min(same, m.caps.MaxLimit/2-1) // two drawn moments may become one
		step = max(step, 2*m.caps.Precision)
	}
	if paging == driver.ByWindow {
		step = max(step, time.Second) // 2 s of rows fit mostPages
		same = min(same, 5)
	}
	st.noisy = paging == driver.ByOffset && listing != "shuffled" && m.caps.Order == driver.NewestFirst && rng.IntN(3) == 0
	at := base.Add(-time.Duration(rows) * step / 2)
	for n := 0; n < rows; {
		at = at.Add(step/2 + time.Duration(rng.Int64N(int64(step))))
		if at.After(base) {
			break
		}
		for range 1 + rng.IntN(same+1) {
			st.row(at)
			n++
		}
	}
	if rng.IntN(3) > 0 {
		st.arrive = []int{1, m.caps.MaxLimit / 4, m.caps.MaxLimit * 4}[rng.IntN(3)]
	}
	if rng.IntN(3) == 0 && paging != driver.ByWindow {
		st.evicted = []int{1, 2, m.caps.MaxLimit * 2}[rng.IntN(3)]
	}
	m.before = st.happen
	return st
}

// row adds a row at about a time.
func (st *story) row(at time.Time) {
	said := at.Truncate(st.m.caps.Precision)
	key := said
	if st.noisy {
		key = said.Add(time.Duration(st.rng.IntN(21)-10) * time.Second)
	}
	if st.rng.IntN(25) == 0 && (st.m.caps.Paging == driver.ByOffset || st.m.caps.Paging == driver.ByWindow) {
		said = time.Time{}
	}
	st.m.add(key, said)
}

// happen is what happens between two calls.
func (st *story) happen() {
	// Bursts of several pages are rare, or the walk would never come after them.
	if st.arrive > 0 && st.rng.IntN(1+max(1, 10*st.arrive/st.m.caps.MaxLimit)) == 0 {
		for range 1 + st.rng.IntN(st.arrive) {
			st.row(st.m.clock())
			if st.m.caps.Paging == driver.ByTime {
				st.m.tick(st.m.caps.Precision)
			}
		}
		st.m.tick(time.Duration(st.rng.Int64N(int64(50 * time.Millisecond))))
	}
	if st.evicted > 0 && st.rng.IntN(3) == 0 {
		st.m.evict(1 + st.rng.IntN(st.evicted))
	}
}

func (st *story) String() string {
	c := st.m.caps
	return fmt.Sprintf("paging %d, %s (declared %d), %d rows, page %d, total %v, more %q, from %v to %v, precision %s, span %s, noisy %v, arrive %d, evicted %d",
		c.Paging, st.m.listing, c.Order, len(st.m.recs), c.MaxLimit, st.m.total, st.m.more, st.m.atFrom, st.m.atTo, c.Precision, c.MaxSpan, st.noisy, st.arrive, st.evicted)
}

func seeds(t testing.TB) int {
	if s := os.Getenv("SOURCE_SEEDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 150
}

// TestSearch_EveryEntryOnceWhileRowsComeAndGo walks many random vendors to the
// end, with the walk in memory and rebuilt from the cursor for every page.
func TestSearch_EveryEntryOnceWhileRowsComeAndGo(t *testing.T) {
	for seed := range uint64(seeds(t)) {
		for _, forget := range []bool{false, true} {
			st := newStory(seed)
			name := fmt.Sprintf("seed %d, forget %v: %s", seed, forget, st)
			ok := t.Run("", func(t *testing.T) {
				want := st.m.shown()
				s := st.m.searcher()
				got := walkAll(t, s, Request{Asks: []Ask{st.m.open(t, "model")}}, func() int { return 1 + st.rng.IntN(60) }, forget)
				left := st.m.shown()
				maps.DeleteFunc(want, func(id string, _ time.Time) bool { _, ok := left[id]; return !ok })
				checkOnce(t, got.entries, want)
				slack := time.Duration(0)
				if st.noisy {
					slack = 21 * time.Second
				}
				checkOrder(t, got.entries, slack)
				if end := got.coverage[len(got.coverage)-1]; end.State != logs.Complete && end.State != logs.Expired {
					t.Errorf("ended %s: %s", end.State, end.Reason)
				}
			})
			if !ok {
				t.Fatal(name)
			}
		}
	}
}

// TestSearch_SameAnswersWithAndWithoutMemory holds that a rebuilt walk of a quiet
// vendor gives the same entries in the same order, page by page.
func TestSearch_SameAnswersWithAndWithoutMemory(t *testing.T) {
	for seed := range uint64(seeds(t) / 3) {
		var ids [2][]string
		var states [2]logs.State
		for i, forget := range []bool{false, true} {
			st := newStory(seed)
			st.m.before = nil
			if st.noisy {
				continue // its order depends on where pages begin
			}
			limits := rand.New(rand.NewPCG(seed, 2))
			got := walkAll(t, st.m.searcher(), Request{Asks: []Ask{st.m.open(t, "model")}}, func() int { return 1 + limits.IntN(60) }, forget)
			for _, e := range got.entries {
				if !e.Time.IsZero() || st.m.caps.Paging != driver.ByWindow { // those stand where their span ends
					ids[i] = append(ids[i], e.ID)
				}
			}
			states[i] = got.coverage[len(got.coverage)-1].State
		}
		if fmt.Sprint(ids[0]) != fmt.Sprint(ids[1]) || states[0] != states[1] {
			t.Fatalf("seed %d: %s\nwith memory    %v %v\nwithout memory %v %v", seed, newStory(seed), states[0], ids[0], states[1], ids[1])
		}
	}
}
