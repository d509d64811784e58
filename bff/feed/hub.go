package feed

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// hub follows one stream for all readers in this process. One goroutine reads on
// from the newest frame it has and puts what comes into the ring; readers look at
// the ring without a lock.
type hub struct {
	feed   *Feed
	stream string
	cancel context.CancelFunc
	view   atomic.Pointer[ring]
	kick   chan struct{} // room for one: there may be more
	hint   atomic.Uint64 // the highest number that a hint or a reader named

	mu      sync.Mutex
	readers map[*Reader]chan struct{}
	left    time.Time // when the last reader left
}

// ring is what a hub knows at one moment. It is replaced, never changed; frames
// may share their array with older and newer rings.
type ring struct {
	ready  bool     // the end of the stream was found
	last   uint64   // Seq of the newest frame of the stream; 0 for none
	frames []*Frame // the newest, oldest first
	bytes  int      // of frames
	err    error    // why it stands still; nil if it does not
}

// hubFor returns the hub of a stream with reader r in it, and starts it if need be.
func (f *Feed) hubFor(r *Reader) *hub {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hubs[r.stream]
	if h == nil {
		ctx, cancel := context.WithCancel(f.ctx)
		h = &hub{feed: f, stream: r.stream, cancel: cancel, kick: make(chan struct{}, 1), readers: map[*Reader]chan struct{}{}}
		h.view.Store(&ring{})
		f.hubs[r.stream] = h
		f.done.Go(func() { h.run(ctx) })
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readers[r] = r.wake
	return h
}

// leave takes a reader out.
func (h *hub) leave(r *Reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.readers, r)
	if len(h.readers) == 0 {
		h.left = h.feed.now()
	}
}

// idleSince returns how long nobody has read, -1 if somebody does.
func (h *hub) idleSince(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.readers) > 0 {
		return -1
	}
	return now.Sub(h.left)
}

// look makes the hub look for new frames; it is known that seq exists.
func (h *hub) look(seq uint64) {
	for {
		old := h.hint.Load()
		if seq <= old || h.hint.CompareAndSwap(old, seq) {
			break
		}
	}
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

// show makes a new ring visible and wakes the readers.
func (h *hub) show(r *ring) {
	h.view.Store(r)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, wake := range h.readers {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// run follows the stream until ctx ends.
func (h *hub) run(ctx context.Context) {
	for wait := retryPause; ctx.Err() == nil; {
		err := h.advance(ctx)
		if err != nil {
			old := *h.view.Load()
			old.err = err
			h.show(&old)
			_ = pause(ctx, wait)
			wait = min(2*wait, 2*time.Second)
			continue
		}
		wait = retryPause
		select {
		case <-ctx.Done():
		case <-h.kick:
		}
	}
}

// advance brings the ring up to the end of the stream.
func (h *hub) advance(ctx context.Context) error {
	store := h.feed.store
	if v := h.view.Load(); !v.ready {
		last, err := store.last(ctx, h.stream)
		if err != nil {
			return err
		}
		next := &ring{ready: true}
		if last != nil {
			// The frames just before the end come along: they are what most readers
			// ask for who were here a moment ago, on this replica or another.
			part, err := store.next(ctx, h.stream, last.anchor, anchorEvery)
			if err != nil {
				return err
			}
			if len(part) == 0 || part[len(part)-1].Seq < last.Seq {
				part = []*Frame{last}
			}
			next = next.with(part, h.feed.ringBytes())
		}
		h.show(next)
	}
	for lag := 0; ; {
		v := h.view.Load()
		part, err := store.next(ctx, h.stream, v.last+1, batchFrames)
		if err != nil {
			return err
		}
		if len(part) > 0 {
			v = v.with(part, h.feed.ringBytes())
			h.show(v)
			if v.last == h.hint.Load() {
				return nil // what comes after the newest hint brings a hint of its own
			}
			lag = 0
			continue
		}
		if v.err != nil {
			ok := *v
			ok.err = nil
			h.show(&ok)
		}
		// A frame that was hinted at and is not there: the replica that answered
		// lags. A frame that has expired since is not worth more tries.
		if h.hint.Load() <= v.last || lag == 20 {
			return nil
		}
		if err := pause(ctx, time.Millisecond<<min(lag, 7)); err != nil {
			return err
		}
		lag++
	}
}

// with returns the ring with more frames at its end, and fewer at its beginning
// where there is no room. The newest frame always stays.
func (r *ring) with(more []*Frame, room int) *ring {
	next := &ring{ready: true, last: more[len(more)-1].Seq, frames: append(r.frames, more...), bytes: r.bytes}
	for _, f := range more {
		next.bytes += f.Size()
	}
	drop := 0
	for ; next.bytes > room && drop < len(next.frames)-1; drop++ {
		next.bytes -= next.frames[drop].Size()
	}
	if drop > 0 {
		// Its own array: the old one keeps what was dropped in memory.
		next.frames = append(make([]*Frame, 0, 2*(len(next.frames)-drop)), next.frames[drop:]...)
	}
	return next
}
