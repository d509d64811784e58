package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// base is when every model's clock starts.
var base = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A model is a vendor in memory. It lists its records by key, newest or oldest
// first, or in an order of its own.
type model struct {
	mu       sync.Mutex
	caps     driver.Capabilities
	recs     []record // by key, then by number: oldest first
	seq      int
	now      time.Time
	listing  string // newest, oldest or shuffled: of the rows of a page
	total    bool   // pages tell the total
	more     string // honest, "" for unknown, yes for always
	atFrom   bool   // ByWindow: the start counts
	atTo     bool   // ByWindow: the end counts; ByTime: the moment itself counts
	ignores  bool   // paging parameters are ignored
	lies     func(r driver.Read) (driver.Page, bool)
	before   func()                    // runs before each call, unlocked
	entered  func(ctx context.Context) // likewise, with the context of the call
	calls    int
	blocking chan struct{} // calls wait until it is closed
	fail     error
}

// record is one row of a model.
type record struct {
	n    int
	key  time.Time // what the vendor sorts by
	said time.Time // what it says; zero for none
	hash int64     // its place in a shuffled list
}

func (r record) id() string { return "row-" + strconv.Itoa(r.n) }

func (m *model) add(key, said time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq++
	r := record{n: m.seq, key: key, said: said}
	r.hash = int64(hashID(r.id()) >> 1)
	i, _ := slices.BinarySearchFunc(m.recs, r, func(a, b record) int {
		if c := a.key.Compare(b.key); c != 0 {
			return c
		}
		return a.n - b.n
	})
	m.recs = slices.Insert(m.recs, i, r)
}

func (m *model) tick(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

func (m *model) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// evict forgets the n oldest records.
func (m *model) evict(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recs = m.recs[min(n, len(m.recs)):]
}

// list returns what the vendor shows, in its order.
func (m *model) list() []record {
	out := slices.Clone(m.recs)
	if keep := m.caps.Retention; keep > 0 {
		edge := m.now.Add(-keep)
		out = slices.DeleteFunc(out, func(r record) bool { return r.key.Before(edge) })
	}
	switch m.listing {
	case "newest":
		slices.Reverse(out)
	case "shuffled":
		slices.SortFunc(out, func(a, b record) int { return cmp.Compare(a.hash, b.hash) })
	}
	return out
}

// shown returns the ids that the vendor can show now.
func (m *model) shown() map[string]time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]time.Time{}
	list := m.list()
	if most := m.caps.MaxRows; most > 0 && len(list) > most {
		list = list[:most]
	}
	for _, r := range list {
		out[r.id()] = r.said
	}
	return out
}

func (m *model) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	if m.before != nil {
		m.before()
	}
	if m.entered != nil {
		m.entered(ctx)
	}
	m.mu.Lock()
	m.calls++
	blocking, fail := m.blocking, m.fail
	m.mu.Unlock()
	if blocking != nil {
		select {
		case <-blocking:
		case <-ctx.Done():
			return driver.Page{}, context.Cause(ctx)
		}
	}
	if fail != nil {
		return driver.Page{}, fail
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lies != nil {
		if p, ok := m.lies(r); ok {
			return p, nil
		}
	}
	if r.Limit < 1 || r.Limit > m.caps.MaxLimit {
		return driver.Page{}, fault.New(fault.Invalid, "model").Saying(fmt.Sprintf("limit %d", r.Limit))
	}
	list := m.list()
	off := r.Offset
	switch m.caps.Paging {
	case driver.ByOffset:
		if most := m.caps.MaxRows; most > 0 && off+r.Limit > most {
			return driver.Page{}, fault.New(fault.Invalid, "model").Saying(fmt.Sprintf("offset %d limit %d", off, r.Limit))
		}
	case driver.ByWindow:
		if r.Span.From.IsZero() || r.Span.To.IsZero() || m.caps.MaxSpan > 0 && r.Span.To.Sub(r.Span.From) > m.caps.MaxSpan {
			return driver.Page{}, fault.New(fault.Invalid, "model").Saying("span")
		}
		off = r.Number * r.Limit
		list = slices.DeleteFunc(list, func(rec record) bool {
			return rec.key.Before(r.Span.From) || rec.key.After(r.Span.To) ||
				!m.atFrom && rec.key.Equal(r.Span.From) || !m.atTo && rec.key.Equal(r.Span.To)
		})
	case driver.ByTime:
		if r.Before != "" {
			edge, err := time.Parse(time.RFC3339Nano, r.Before)
			if err != nil {
				return driver.Page{}, fault.New(fault.Invalid, "model").Saying("before " + r.Before)
			}
			list = slices.DeleteFunc(list, func(rec record) bool {
				return rec.key.After(edge) || !m.atTo && rec.key.Equal(edge)
			})
		}
	}
	pg := driver.Page{Total: -1}
	if m.total {
		pg.Total = len(list)
	}
	if m.ignores {
		off = 0
	}
	end := min(off+r.Limit, len(list))
	switch m.more {
	case "yes":
		pg.More = driver.MoreYes
	case "honest":
		pg.More = driver.MoreNo
		if end < len(list) {
			pg.More = driver.MoreYes
		}
	}
	for _, rec := range list[min(off, len(list)):max(min(off, len(list)), end)] {
		pg.Entries = append(pg.Entries, rec.entry(m.caps.Precision))
	}
	return pg, nil
}

func (r record) entry(precision time.Duration) logs.Entry {
	e := logs.Entry{ID: r.id(), Time: r.said, Summary: "n" + strconv.Itoa(r.n%7), Raw: json.RawMessage(`{}`)}
	if !r.said.IsZero() {
		e.TimeText = stamp(r.said, precision)
	}
	return e
}

func (m *model) Request(r driver.Read) (driver.Request, error) {
	return driver.Request{Method: "GET", URL: fmt.Sprintf("https://model.example/?limit=%d&before=%s&terms=%v", r.Limit, r.Before, r.Terms)}, nil
}

func (m *model) Verify(context.Context) error { return nil }
func (m *model) Close()                       {}
func (m *model) Targets(context.Context) ([]driver.Target, error) {
	return nil, nil
}

// open returns an ask for all of the model.
func (m *model) open(t testing.TB, name string) Ask {
	t.Helper()
	s, err := Open(driver.Vendor{
		Name: name, Title: name, Capabilities: m.caps,
		Open: func(driver.Config) (driver.Driver, error) { return m, nil },
	}, driver.Config{}, "credential of "+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Ask{Target: logs.Target{Vendor: name, Region: "here", Account: "a"}, Source: s}
}

// searcher returns a searcher on the model's clock.
func (m *model) searcher() *Searcher {
	return NewSearcher([]byte("0123456789abcdef0123456789abcdef"), m.clock)
}

// newModel returns a model whose listing and paging are as named.
func newModel(paging driver.Paging, listing string) *model {
	m := &model{
		now: base, listing: listing, total: true, more: "honest", atFrom: true,
		caps: driver.Capabilities{
			Paging: paging, MaxLimit: 20, Precision: time.Millisecond,
			CapReason: "no more than that", ExpiredReason: "nothing that old",
		},
	}
	if listing == "newest" && paging != driver.ByWindow {
		m.caps.Order = driver.NewestFirst
	}
	return m
}

// walked is what a walk to the end gave.
type walked struct {
	entries  []logs.Entry
	coverage []logs.Coverage // of the last page
	pages    int
	scanned  int
}

// walkAll pages to the end. forget drops the walk from memory between every page,
// so that each is rebuilt from the cursor alone.
func walkAll(t testing.TB, s *Searcher, req Request, limit func() int, forget bool) walked {
	t.Helper()
	var w walked
	for empty := 0; ; w.pages++ {
		req.Limit = limit()
		page, err := s.Search(context.Background(), req)
		if err != nil {
			t.Fatalf("page %d: %v", w.pages, err)
		}
		checkCoverage(t, req, page.Coverage)
		if len(page.Entries) > req.Limit {
			t.Fatalf("page %d: %d entries, limit %d", w.pages, len(page.Entries), req.Limit)
		}
		w.entries = append(w.entries, page.Entries...)
		w.coverage = page.Coverage
		w.scanned += page.Scanned
		if page.Cursor == "" {
			return w
		}
		if len(page.Cursor) > MaxCursor {
			t.Fatalf("page %d: cursor of %d bytes", w.pages, len(page.Cursor))
		}
		if empty++; len(page.Entries) > 0 {
			empty = 0
		}
		if empty > 400 || w.pages > 20_000 {
			t.Fatalf("no end after %d pages, %d of them empty: %+v", w.pages, empty, w.coverage)
		}
		req.Cursor = page.Cursor
		if forget {
			s.walks = newWalks()
		}
	}
}

// checkCoverage holds what every coverage promises: per target, stretches from
// the newest back, without holes or overlaps, down to the start of the span.
func checkCoverage(t testing.TB, req Request, list []logs.Coverage) {
	t.Helper()
	for _, a := range req.Asks {
		var last *logs.Coverage
		for _, c := range list {
			if c.Src != a.Target.String() {
				continue
			}
			if last != nil && !last.From.Equal(c.To) {
				t.Fatalf("%s: a stretch from %s follows one to %s: %+v", c.Src, last.From, c.To, list)
			}
			if c.State != logs.Complete && c.Reason == "" {
				t.Fatalf("%s is %s without a reason", c.Src, c.State)
			}
			if !c.To.IsZero() && c.To.Before(c.From) {
				t.Fatalf("%s: stretch from %s to %s", c.Src, c.From, c.To)
			}
			last = &c
		}
		if last == nil {
			t.Fatalf("no coverage of %s", a.Target)
		}
		if !last.From.Equal(req.Span.From) {
			t.Fatalf("%s: the last stretch begins at %s, the span at %s", last.Src, last.From, req.Span.From)
		}
	}
}

// checkOnce holds that every wanted id came exactly once and no other twice.
func checkOnce(t testing.TB, got []logs.Entry, want map[string]time.Time) {
	t.Helper()
	seen := map[string]int{}
	for _, e := range got {
		if seen[e.ID]++; seen[e.ID] == 2 {
			t.Errorf("%s at %s came twice", e.ID, e.Time)
		}
	}
	missing := 0
	for id, said := range want {
		if seen[id] == 0 {
			if missing++; missing < 5 {
				t.Errorf("%s at %s is missing", id, said)
			}
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d are missing", missing, len(want))
	}
}

// checkOrder holds that times never rise by more than slack.
func checkOrder(t testing.TB, got []logs.Entry, slack time.Duration) {
	t.Helper()
	var edge time.Time
	for i, e := range got {
		if e.Time.IsZero() {
			continue
		}
		if !edge.IsZero() && e.Time.After(edge.Add(slack)) {
			t.Fatalf("entry %d, %s at %s, follows one of %s", i, e.ID, e.Time, edge)
		}
		edge = e.Time
	}
}

// always returns a limit that never changes.
func always(n int) func() int { return func() int { return n } }

func mustQuery(t testing.TB, text string) *query.Query {
	t.Helper()
	q, err := query.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
