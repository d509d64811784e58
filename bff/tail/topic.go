package tail

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/logpane/logpane/app/wire"
)

// topic is a stream that sockets here follow, and its poller.
type topic struct {
	hub    *Hub
	src    string
	stream string
	cancel context.CancelFunc
	wake   chan struct{}
	shown  atomic.Pointer[shown]

	mu      sync.Mutex
	sockets map[*seat]bool // whether its page is hidden
	hidden  int
	status  Status
	told    time.Time // when sockets were last woken for a status
}

// shown is a status as sockets send it.
type shown struct {
	frame   wire.TailFrame
	message []byte // as it goes over the wire
	made    time.Time
}

// shownFor is how old a count of viewers may be.
const shownFor = time.Second

// join makes a socket follow a stream, and starts its poller if need be.
func (h *Hub) join(t Target, s *seat) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	tp := h.topics[t.Stream]
	if tp != nil {
		tp.mu.Lock()
		defer tp.mu.Unlock()
		tp.sockets[s] = false
		tp.rouse()
		return tp
	}
	ctx, cancel := context.WithCancel(context.Background())
	tp = &topic{
		hub: h, src: t.Src, stream: t.Stream, cancel: cancel, wake: make(chan struct{}, 1),
		sockets: map[*seat]bool{s: false}, status: Status{State: wire.TailWaiting},
	}
	tp.show()
	h.topics[t.Stream] = tp
	h.done.Go(func() {
		t.Poll(ctx, Demand{Viewers: tp.viewers, Hidden: tp.isHidden, Since: tp.since, Wake: tp.wake, Report: tp.report})
	})
	return tp
}

// leave takes a socket out, and ends the poller with the last.
func (h *Hub) leave(tp *topic, s *seat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if tp.sockets[s] {
		tp.hidden--
	}
	delete(tp.sockets, s)
	if len(tp.sockets) == 0 {
		tp.cancel()
		delete(h.topics, tp.stream)
	}
	tp.rouse()
}

// hide notes whether a socket's page can be seen.
func (tp *topic) hide(s *seat, hidden bool) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	was, here := tp.sockets[s]
	if !here || was == hidden {
		return
	}
	tp.sockets[s] = hidden
	if hidden {
		tp.hidden++
	} else {
		tp.hidden--
	}
	tp.rouse()
}

func (tp *topic) rouse() {
	select {
	case tp.wake <- struct{}{}:
	default:
	}
}

func (tp *topic) viewers() int {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return len(tp.sockets)
}

func (tp *topic) isHidden() bool {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return tp.hidden == len(tp.sockets)
}

func (tp *topic) since() time.Time {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	var first time.Time
	for s := range tp.sockets {
		if at := s.since; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// report takes a status from the poller. A new state is sent at once, the rest
// with the next beat where it changes often.
func (tp *topic) report(st Status) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	news := st.State != tp.status.State || st.Reason != tp.status.Reason
	tp.status = st
	if now := time.Now(); news || now.Sub(tp.told) >= shownFor {
		tp.told = now
		tp.show()
		for s := range tp.sockets {
			s.rouse()
		}
	}
}

// show makes the message of the present status. The caller holds tp.mu, or is the
// only one who knows the topic.
func (tp *topic) show() *shown {
	f := wire.TailFrame{
		Type: wire.TailStatus, Src: tp.src, State: tp.status.State, NextPoll: tp.status.Next.UTC().Truncate(time.Millisecond),
		Viewers: len(tp.sockets) + tp.status.Others, CallsPerHour: tp.status.CallsPerHour, Reason: tp.status.Reason,
	}
	sh := &shown{frame: f, message: message(encode(f)), made: time.Now()}
	tp.shown.Store(sh)
	return sh
}

// now returns the status for a beat.
func (tp *topic) now() *shown {
	if sh := tp.shown.Load(); time.Since(sh.made) < shownFor {
		return sh
	}
	tp.mu.Lock()
	defer tp.mu.Unlock()
	if sh := tp.shown.Load(); time.Since(sh.made) < shownFor {
		return sh
	}
	return tp.show()
}

// encode writes a frame without entries.
func encode(f wire.TailFrame) []byte {
	b, err := json.Marshal(f)
	if err != nil {
		// Only a time beyond the year 9999 cannot be written.
		f.From, f.To, f.NextPoll = time.Time{}, time.Time{}, time.Time{}
		b, _ = json.Marshal(f)
	}
	return b
}
