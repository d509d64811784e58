package poll

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/tail"
)

// site is an engine in memory that replicas share, and a vendor.
type site struct {
	t  *testing.T
	mu sync.Mutex

	found  map[string][]source.Found // by stream
	broken error                     // of opening a stream

	holders map[string]*hold
	free    chan struct{} // closed and replaced when a key is given up

	seats map[*chair]bool

	calls  []time.Time
	answer func(n int) (driver.Page, error)
}

func newSite(t *testing.T) *site {
	s := &site{t: t, found: map[string][]source.Found{}, holders: map[string]*hold{}, free: make(chan struct{}), seats: map[*chair]bool{}}
	s.answer = func(int) (driver.Page, error) { return driver.Page{More: driver.MoreNo, Total: -1}, nil }
	return s
}

// replica returns the pollers of one more replica.
func (s *site) replica() *Pollers {
	p := New(Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	p.streams, p.leases = s, s
	p.join = func(stream string, changed func()) seat {
		s.mu.Lock()
		defer s.mu.Unlock()
		c := &chair{s: s, key: stream, changed: changed}
		s.seats[c] = true
		return c
	}
	return p
}

// vendor is how the site's vendor is called.
const (
	floor = 5 * time.Second
	usual = 10 * time.Second
)

type vendor struct {
	driver.Driver
	s *site
}

func (v vendor) Read(context.Context, driver.Read) (driver.Page, error) {
	v.s.mu.Lock()
	v.s.calls = append(v.s.calls, time.Now())
	n, answer := len(v.s.calls), v.s.answer
	v.s.mu.Unlock()
	return answer(n)
}

func (vendor) Close() {}

// ask is the target that everybody follows.
func (s *site) ask() source.Ask {
	v := driver.Vendor{Name: "v", Title: "Vendor", Capabilities: driver.Capabilities{
		Paging: driver.ByOffset, Order: driver.NewestFirst, MaxLimit: 100, Poll: usual, PollFloor: floor, Precision: time.Second,
	}, Open: func(driver.Config) (driver.Driver, error) { return vendor{s: s}, nil }}
	src, err := source.Open(v, driver.Config{}, "credential", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return source.Ask{Target: logs.Target{Vendor: "v", Region: "r", Account: "a"}, Source: src}
}

// counting lets the vendor show one more entry with each call.
func (s *site) counting() {
	began := time.Now()
	s.answer = func(n int) (driver.Page, error) {
		pg := driver.Page{More: driver.MoreNo, Total: -1}
		for i := n; i > 0; i-- {
			pg.Entries = append(pg.Entries, logs.Entry{ID: "e" + string(rune('a'+i-1)), Time: began.Add(time.Duration(i) * time.Second), Raw: []byte("{}")})
		}
		return pg, nil
	}
}

// fails makes the vendor fail with this from now on, nil for not any more.
func (s *site) fails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = func(int) (driver.Page, error) { return driver.Page{More: driver.MoreNo, Total: -1}, err }
}

func (s *site) called() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ids are the entries of all streams, in the order in which they were appended.
func (s *site) ids() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, of := range s.found {
		for _, f := range of {
			for i := range f.Entries {
				out = append(out, f.Entries[i].ID)
			}
		}
	}
	return out
}

// The streams.

func (s *site) open(_ context.Context, stream string, h held) (source.Log, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil, s.broken
	}
	return &book{s: s, stream: stream, h: h, at: len(s.found[stream])}, nil
}

func (s *site) polled(_ context.Context, stream string) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.found[stream]; len(of) > 0 {
		return of[len(of)-1].At, nil
	}
	return time.Time{}, nil
}

// book is a log that refuses who is not the latest to have opened it.
type book struct {
	s      *site
	stream string
	h      held
	at     int
}

func (b *book) Edge() (time.Time, []byte) {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if b.at == 0 {
		return time.Time{}, nil
	}
	f := b.s.found[b.stream][b.at-1]
	return f.At, f.State
}

func (b *book) Back(context.Context) iter.Seq2[source.Known, error] {
	b.s.mu.Lock()
	all := slices.Clone(b.s.found[b.stream])
	b.s.mu.Unlock()
	return func(yield func(source.Known, error) bool) {
		for _, f := range slices.Backward(all) {
			k := source.Known{Polled: f.At}
			for i := range f.Entries {
				k.IDs = append(k.IDs, f.Entries[i].ID)
			}
			if !yield(k, nil) {
				return
			}
		}
	}
}

func (b *book) Append(ctx context.Context, f source.Found) error {
	if !b.h.Valid() && ctx.Err() == nil {
		return lease.ErrLost
	}
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if len(b.s.found[b.stream]) != b.at {
		return feed.ErrFenced
	}
	b.at++
	b.s.found[b.stream] = append(b.s.found[b.stream], f)
	return nil
}

// The leases.

type hold struct {
	s   *site
	key string
	ctx context.Context
	end context.CancelCauseFunc
}

func (h *hold) Context() context.Context { return h.ctx }
func (h *hold) Valid() bool              { return h.ctx.Err() == nil }
func (h *hold) Release()                 { h.s.lose(h, lease.ErrReleased) }

// lose gives a key up.
func (s *site) lose(h *hold, why error) {
	h.end(why)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[h.key] == h {
		delete(s.holders, h.key)
		close(s.free)
		s.free = make(chan struct{})
	}
}

// holder is who holds the only key.
func (s *site) holder() *hold {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range maps.Values(s.holders) {
		return h
	}
	return nil
}

func (s *site) try(_ context.Context, key string) (held, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders[key] != nil {
		return nil, lease.ErrHeld
	}
	h := &hold{s: s, key: key}
	h.ctx, h.end = context.WithCancelCause(context.Background())
	s.holders[key] = h
	return h, nil
}

func (s *site) acquire(ctx context.Context, key string) (held, error) {
	for {
		s.mu.Lock()
		free := s.free
		s.mu.Unlock()
		h, err := s.try(ctx, key)
		if err == nil {
			return h, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-free:
		}
	}
}

// chair is a seat.
type chair struct {
	s       *site
	key     string
	changed func()
	note    []byte
}

func (c *chair) Say(note []byte) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.note = note
	c.tell()
}

func (c *chair) Others() (out [][]byte) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	for o := range c.s.seats {
		if o != c && o.key == c.key && o.note != nil {
			out = append(out, o.note)
		}
	}
	return out
}

func (c *chair) Leave() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	delete(c.s.seats, c)
	c.tell()
}

func (c *chair) tell() {
	for o := range c.s.seats {
		if o != c && o.key == c.key {
			o.changed()
		}
	}
}

// crowd is the sockets of a stream at one replica.
type crowd struct {
	stop context.CancelFunc
	wake chan struct{}
	done chan struct{}

	mu      sync.Mutex
	viewers int
	hidden  bool
	since   time.Time
	told    []tail.Status
}

// watch lets somebody follow the target at a replica until stop, or the end of the test.
func (s *site) watch(p *Pollers) *crowd {
	c := &crowd{wake: make(chan struct{}, 1), done: make(chan struct{}), viewers: 1, since: time.Now()}
	ctx, stop := context.WithCancel(context.Background())
	c.stop = func() { stop(); <-c.done }
	target := p.Target(s.ask(), nil)
	if target.Stream == "" || target.Src != "v/r/a" {
		s.t.Fatalf("target %+v", target)
	}
	go func() {
		defer close(c.done)
		target.Poll(ctx, demandOf(c))
	}()
	s.t.Cleanup(c.stop)
	return c
}

// now says what the sockets were told last, when all is quiet.
func (c *crowd) now() tail.Status {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.told) == 0 {
		return tail.Status{}
	}
	return c.told[len(c.told)-1]
}

// be changes who watches.
func (c *crowd) be(viewers int, hidden bool) {
	c.mu.Lock()
	c.viewers, c.hidden = viewers, hidden
	c.mu.Unlock()
	ring(c.wake)
	synctest.Wait()
}

// demandOf is what the sockets of a crowd want.
func demandOf(c *crowd) tail.Demand {
	return tail.Demand{
		Viewers: func() int { c.mu.Lock(); defer c.mu.Unlock(); return c.viewers },
		Hidden:  func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.hidden },
		Since:   func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.since },
		Wake:    c.wake,
		Report:  func(st tail.Status) { c.mu.Lock(); defer c.mu.Unlock(); c.told = append(c.told, st) },
	}
}
