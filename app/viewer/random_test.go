package viewer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// Whatever happens in whatever order, once the work is done the rows are exactly the
// loaded entries that the box asks for, and the focus is on the entry that it was on.
func TestRandom_RowsAreWhatTheBoxAsksFor(t *testing.T) {
	texts := []string{"", "status:500", "status:50", "index:pages", "-index:pages", "entry", "(", "status:500 index:pages", "nothing", "took:>1s", "index:*", "id:0001*", "satus:1"}
	sorts := []string{"time", "status", "took", "summary", "target"}
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 7))
		s, effects := open(t, viewOf(algolia, coveo))
		pool := append(mixed(algolia, 400), mixed(coveo, 400)...)
		for i := range pool {
			pool[i].Took, pool[i].HasTook = time.Duration(r.IntN(4000))*time.Millisecond, r.IntN(3) > 0
		}
		pending := effects
		var focus string // key of the entry that has the focus
		text := func() string { return texts[r.IntN(len(texts))] }
		for step := range 120 {
			var msg Msg
			switch r.IntN(16) {
			case 0, 1, 2:
				msg = QueryEdited{text()}
			case 3:
				msg = QuerySubmitted{text()}
			case 4:
				msg = SortChosen{sorts[r.IntN(len(sorts))]}
			case 5:
				msg = RowFocused{r.IntN(s.Len() + 1)}
			case 6:
				msg = Stepped{r.IntN(9) - 4}
			case 7:
				msg = Included{"index", []string{"pages", "products"}[r.IntN(2)]}
			case 8:
				msg = ClauseFlipped{r.IntN(2)}
			case 9:
				msg = []Msg{RowOpened{r.IntN(s.Len() + 1)}, DetailsClosed{}, DetailsOpened{}, ZoomedOut{}, Shifted{true}, AroundAsked{r.IntN(s.Len() + 1)}, SameJobAsked{0}}[r.IntN(7)]
			case 10:
				msg = FindEdited{text()}
			case 11:
				msg = FindStepped{r.IntN(2) == 0}
			case 12:
				msg = Scrolled{float64(r.IntN(1 + 20*s.Len())), 400, 20}
			case 13:
				msg = []Msg{MoreAsked{}, AllAsked{}, LoadCanceled{}, Reloaded{}}[r.IntN(4)]
			default: // the server answers
				i := slices.IndexFunc(pending, func(e Effect) bool { _, ok := e.(LoadPage); return ok })
				if i < 0 {
					continue
				}
				l := pending[i].(LoadPage)
				q, err := s.opts.Parse(l.Query)
				if err != nil {
					t.Fatalf("seed %d: asks for %q", seed, l.Query)
				}
				p := wire.Page{Scanned: 50}
				for range 60 {
					if e := pool[r.IntN(len(pool))]; q.Match(&e) && !slices.ContainsFunc(p.Entries, func(o logs.Entry) bool { return o.ID == e.ID && o.Src == e.Src }) {
						p.Entries = append(p.Entries, e)
					}
				}
				slices.SortStableFunc(p.Entries, func(a, b logs.Entry) int { return b.Time.Compare(a.Time) })
				if r.IntN(3) > 0 {
					p.Cursor = fmt.Sprint("c", step)
				}
				msg = PageLoaded{l.Generation, body(t, p)}
			}
			before, moved := s.store, false
			switch msg.(type) {
			case RowFocused, Stepped, RowOpened, FindStepped, AroundAsked:
				moved = true
			}
			got := s.tell(msg)
			if slices.ContainsFunc(got, func(e Effect) bool { _, ok := e.(LoadPage); return ok }) {
				pending = got
			}
			for s.Pending() && r.IntN(4) > 0 {
				s.Work(func() bool { return r.IntN(2) > 0 })
				s.check()
			}
			s.Facets()
			s.Pills()
			s.Histogram(30)
			s.Find()
			s.Status()
			s.Foot()
			s.Empty()
			if moved || s.store != before {
				focus = ""
			}
			if s.focus >= 0 {
				key := s.key(s.store.Src(s.focus), s.store.ID(s.focus))
				if focus != "" && key != focus {
					t.Fatalf("seed %d, %+v: the focus went from %s to %s", seed, msg, focus, key)
				}
				focus = key
			}
		}
		s.work()
		var want, rows []string
		for e := range s.store.Len() {
			entry := s.store.Entry(e)
			if s.filter.draft.Match(&entry) {
				want = append(want, entry.Key())
			}
		}
		for i := range s.Len() {
			entry := s.Entry(i)
			rows = append(rows, entry.Key())
		}
		if column, least := s.view.SortedBy(); column == "took" {
			for i := 1; i < s.Len(); i++ {
				a, b := s.Entry(i-1), s.Entry(i)
				if !a.HasTook && b.HasTook || a.HasTook && b.HasTook && (least && a.Took > b.Took || !least && a.Took < b.Took) {
					t.Fatalf("seed %d: rows %d and %d are out of order: %v, %v", seed, i-1, i, a.Took, b.Took)
				}
			}
		}
		slices.Sort(want)
		slices.Sort(rows)
		if !slices.Equal(want, rows) {
			t.Fatalf("seed %d: %q shows %d rows, want %d", seed, s.Draft(), len(rows), len(want))
		}
		total := 0
		for _, b := range s.Histogram(30).Buckets {
			total += b.Total
		}
		if s.work(); total > s.Len() {
			t.Fatalf("seed %d: the histogram counts %d of %d rows", seed, total, s.Len())
		}
		v, _ := view.Parse("/logs", s.View().RawQuery())
		if v.URL() != s.View().URL() {
			t.Fatalf("seed %d: the address %s is read as %s", seed, s.View().URL(), v.URL())
		}
	}
}
