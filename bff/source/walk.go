package source

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// Bounds of the walks held in memory. A walk that is dropped is rebuilt from its
// cursor, at the price of asking the vendor again.
const (
	maxWalks     = 512
	maxWalkBytes = 64 << 20 // of buffered entries' JSON, all walks together
)

// walk is the lanes of one reader's question between two pages. One request uses
// it at a time: who takes it from the memory has it alone.
type walk struct {
	step    int
	ids     []string // credential ids by lane, "" where a target has no source
	lanes   []*lane  // nil where a target has no source
	pending []chan struct{}
	late    []bool            // pending, and not waited for any more in this request
	old     []bool            // pending since an earlier request, which waited for it
	settled []place           // of each lane when it was last at rest
	told    [][]logs.Coverage // likewise
	wake    chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
	bytes   int
	taken   bool // guarded by walks.mu: it left the memory to be used
}

func newWalk(n int) *walk {
	ctx, cancel := context.WithCancel(context.Background())
	return &walk{
		ids: make([]string, n), lanes: make([]*lane, n), pending: make([]chan struct{}, n), late: make([]bool, n), old: make([]bool, n),
		settled: make([]place, n), told: make([][]logs.Coverage, n),
		wake: make(chan struct{}, 1), ctx: ctx, cancel: cancel,
	}
}

// open begins a request: lanes at rest get a new budget, and what failed is tried
// again. A lane whose late answer has come since is at rest with that answer, its
// failure included.
func (w *walk) open(r Request, now time.Time) {
	for i, l := range w.lanes {
		w.late[i] = false
		if l != nil {
			l.left = r.Asks[i].Left
		}
		if l != nil && w.pending[i] == nil {
			l.err, l.scanned = nil, 0
		}
	}
	w.settle()
	for i, l := range w.lanes {
		w.old[i] = w.pending[i] != nil
		if l != nil && w.pending[i] == nil {
			l.calls, l.want, l.began = 0, r.Limit, now
			if l.left != nil {
				l.err = l.left
			}
		}
	}
}

// start lets lane i read in the background. Until settle has cleared pending[i],
// nobody else touches the lane. A call outlives the request that began it, so that
// a slow vendor's answer is there for the next page; it ends with its own time
// limit, when the walk is forgotten, or when the reader goes away.
func (w *walk) start(i int) {
	l := w.lanes[i]
	done := make(chan struct{})
	w.pending[i], w.settled[i], w.told[i] = done, l.where(), l.coverage()
	go func() {
		defer func() {
			if r := recover(); r != nil {
				// One strange answer must not end the process for everybody.
				l.err = fault.New(fault.Internal, "walk").Saying("something went wrong on our side while reading " + l.ask.Source.vendor.Title).
					Because(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
			}
			close(done)
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}()
		l.err = l.fill(w.ctx)
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

// waiting counts the lanes that are waited for, and how many of them an earlier
// request waited for already. answered reports whether some other lane has
// entries to show meanwhile, or a failure to tell.
func (w *walk) waiting() (n, again int, answered bool) {
	for i, l := range w.lanes {
		switch {
		case l == nil:
		case w.pending[i] == nil:
			answered = answered || len(l.buf) > 0 || l.err != nil
		case !w.late[i]:
			n++
			if w.old[i] {
				again++
			}
		}
	}
	return n, again, answered
}

// spent reports whether some lane has more to read and may not in this request.
func (w *walk) spent() bool {
	for i, l := range w.lanes {
		if l != nil && w.pending[i] == nil && len(l.buf) == 0 && l.place.Done == nil && l.err == nil {
			return true
		}
	}
	return false
}

// failing reports whether some lane failed that is to be read on.
func (w *walk) failing() bool {
	for i, l := range w.lanes {
		if l != nil && w.pending[i] == nil && l.err != nil && l.left == nil {
			return true
		}
	}
	return false
}

// hurry stops waiting for the lanes that have not answered yet.
func (w *walk) hurry() {
	for i := range w.lanes {
		w.late[i] = w.pending[i] != nil
	}
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

// report writes the coverage of the page and the places of the cursor. It tells
// whether there is more to ask for, what failed, and whether every target did.
func (w *walk) report(asks []Ask, c *cursor, page *wire.Page) (more bool, failed error, silent bool) {
	silent = true
	c.Places = make([]place, len(asks))
	for i, l := range w.lanes {
		if l == nil {
			err := asks[i].Err
			if err == nil {
				err = fault.New(fault.Internal, "search").Saying("this target has no source")
			}
			f := fault.Of(err)
			page.Coverage = append(page.Coverage, logs.Coverage{
				Src: asks[i].Target.String(), From: at(c.From), To: at(c.To),
				State: logs.Failed, Reason: f.Msg, Kind: string(f.Kind), Said: f.Said, RetryAfterMS: f.RetryAfter.Milliseconds(),
			})
			failed = errors.Join(failed, f)
			continue
		}
		if w.pending[i] != nil {
			// Its goroutine owns the lane: only what was settled before may be told.
			told := slices.Clone(w.told[i])
			edge := &told[len(told)-1]
			edge.State, edge.Waiting, edge.Reason = logs.More, true, l.ask.Source.vendor.Title+" is still answering: ask on"
			page.Coverage = append(page.Coverage, told...)
			c.Places[i] = w.settled[i]
			more, silent = true, false
			continue
		}
		page.Scanned += l.scanned
		page.Coverage = append(page.Coverage, l.coverage()...)
		c.Places[i] = l.where()
		more = more || !l.done() && l.left == nil
		if l.err != nil {
			failed = errors.Join(failed, l.err)
		} else {
			silent = false
		}
	}
	return more, failed, silent
}

// walks keeps walks between requests, within bounds.
type walks struct {
	mu    sync.Mutex
	lru   *simplelru.LRU[string, *walk]
	bytes int
}

func newWalks() *walks {
	s := &walks{}
	s.lru, _ = simplelru.NewLRU(maxWalks, func(_ string, w *walk) {
		s.bytes -= w.bytes
		if !w.taken {
			w.cancel() // nobody will ever read what its lanes may still be reading
		}
	})
	return s
}

// take removes and returns a walk if it stands where the cursor says and belongs
// to the same credentials; nil else.
func (s *walks) take(id string, step int, asks []Ask) *walk {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.lru.Peek(id)
	if !ok || w.step != step || len(w.ids) != len(asks) {
		return nil
	}
	for i, a := range asks {
		if w.ids[i] != a.id() {
			return nil
		}
	}
	w.taken = true
	s.lru.Remove(id)
	return w
}

// keep holds a walk for the next request, which may begin at once. Lanes still
// reading are not counted.
func (s *walks) keep(id string, w *walk) {
	bytes := 0
	for i, l := range w.lanes {
		if l == nil || w.pending[i] != nil {
			continue
		}
		for _, r := range l.buf {
			bytes += len(r.entry.Raw)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.bytes, w.taken = bytes, false
	s.bytes += bytes
	s.lru.Add(id, w)
	for s.bytes > maxWalkBytes {
		if _, _, ok := s.lru.RemoveOldest(); !ok {
			break
		}
	}
}
