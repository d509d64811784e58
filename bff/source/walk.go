package source

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/wire"
)

// Bounds of the walks held in memory. A walk that is dropped is rebuilt from its
// cursor, at the price of asking the vendor again.
const (
	maxWalks     = 512
	maxWalkBytes = 64 << 20 // of buffered entries' JSON, all walks together
)

// walk is the lanes of one reader's question between two pages.
type walk struct {
	mu      sync.Mutex // held by the request that uses the walk
	id      string
	step    int
	lanes   []*lane // nil where a target has no source
	pending []chan struct{}
	settled []place // of each lane when it was last at rest
	wake    chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
	bytes   int
}

func newWalk(id string, n int) *walk {
	ctx, cancel := context.WithCancel(context.Background())
	return &walk{
		id: id, lanes: make([]*lane, n), pending: make([]chan struct{}, n), settled: make([]place, n),
		wake: make(chan struct{}, 1), ctx: ctx, cancel: cancel,
	}
}

// start lets lane i read in the background. Until settle has cleared pending[i],
// nobody else touches the lane. A call outlives the request
// that began it, so that a slow vendor's answer is there for the next page; it
// ends with its own time limit, or when the reader goes away.
func (w *walk) start(i int) {
	done := make(chan struct{})
	w.pending[i] = done
	l := w.lanes[i]
	go func() {
		l.err = l.fill(w.ctx)
		close(done)
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}()
}

// settle takes back the lanes whose reading has ended and counts them.
func (w *walk) settle() int {
	n := 0
	for i, done := range w.pending {
		if done == nil {
			continue
		}
		select {
		case <-done:
			w.pending[i] = nil
			n++
		default:
		}
	}
	return n
}

// await waits until a pending lane is at rest again. It reports false when ctx or
// the patience ended first.
func (w *walk) await(ctx context.Context, impatient <-chan time.Time) bool {
	for w.settle() == 0 {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return false
		case <-impatient:
			return false
		}
	}
	return true
}

// answered reports whether some lane has an answer while others are waited for.
func (w *walk) answered(waiting int) bool {
	n := 0
	for _, l := range w.lanes {
		if l != nil {
			n++
		}
	}
	return n > waiting
}

// scanned counts the entries consumed by the lanes at rest in this request.
func (w *walk) scanned() int {
	n := 0
	for i, l := range w.lanes {
		if l != nil && w.pending[i] == nil {
			n += l.scanned
		}
	}
	return n
}

// emit moves the newest entry of the lanes at rest to the page. It reports false
// when no lane has one.
func (w *walk) emit(page *wire.Page) bool {
	var newest *lane
	for i, l := range w.lanes {
		if l == nil || w.pending[i] != nil || len(l.buf) == 0 {
			continue
		}
		if newest == nil || l.buf[0].eff.After(newest.buf[0].eff) {
			newest = l
		}
	}
	if newest == nil {
		return false
	}
	r := newest.take()
	page.Entries = append(page.Entries, r.entry)
	newest.skim()
	return true
}

// walks keeps walks between requests, within bounds.
type walks struct {
	mu    sync.Mutex
	lru   *simplelru.LRU[string, *walk]
	bytes int
}

func newWalks() *walks {
	s := &walks{}
	s.lru, _ = simplelru.NewLRU(maxWalks, func(_ string, w *walk) { s.bytes -= w.bytes })
	return s
}

// take removes and returns a walk, locked, if it stands where the cursor says and
// belongs to the same credentials; nil else.
func (s *walks) take(id string, step int, asks []Ask) *walk {
	s.mu.Lock()
	w, ok := s.lru.Peek(id)
	if !ok || w.step != step {
		s.mu.Unlock()
		return nil
	}
	s.lru.Remove(id)
	s.mu.Unlock()
	w.mu.Lock()
	for i, a := range asks {
		l := w.lanes[i]
		if (l == nil) != (a.Source == nil) || (l != nil && l.ask.Source.ID() != a.Source.ID()) {
			w.cancel()
			w.mu.Unlock()
			return nil
		}
	}
	return w
}

// keep holds a walk for the next request. Lanes still reading are not counted.
func (s *walks) keep(w *walk, id string) {
	w.id, w.bytes = id, 0
	for i, l := range w.lanes {
		if l == nil || w.pending[i] != nil {
			continue
		}
		for _, r := range l.buf {
			w.bytes += len(r.entry.Raw)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lru.Add(id, w)
	s.bytes += w.bytes
	for s.bytes > maxWalkBytes {
		if _, _, ok := s.lru.RemoveOldest(); !ok {
			break
		}
	}
}

// drop forgets a walk.
func (s *walks) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lru.Remove(id)
}
