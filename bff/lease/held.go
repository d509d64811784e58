package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Lease is a key held. It is safe for concurrent use.
type Lease struct {
	m      *Leases
	key    string
	holder string // random; says whose an entry is when an answer was lost
	ctx    context.Context
	end    context.CancelCauseFunc
	done   chan struct{} // closed when the renewal has ended

	mu       sync.Mutex
	revision uint64    // of our entry in the store
	renewed  time.Time // when the newest answered renewal was sent
	fence    uint64
}

// candidate returns a lease that is not held yet.
func (m *Leases) candidate(key string) *Lease {
	l := &Lease{m: m, key: key, holder: rand.Text(), done: make(chan struct{})}
	l.ctx, l.end = context.WithCancelCause(context.Background())
	return l
}

// Key returns the key.
func (l *Lease) Key() string { return l.key }

// Fence returns a number that is greater than that of every earlier holder of the
// key, for stores that can refuse a smaller one.
func (l *Lease) Fence() uint64 { return l.fence }

// Context ends when the lease must not be trusted any more; its cause is then
// ErrLost or ErrReleased.
func (l *Lease) Context() context.Context { return l.ctx }

// Valid reports whether the lease can be trusted at this moment. Ask before each
// deed: after a pause of the whole process Context may end a moment later.
func (l *Lease) Valid() bool {
	if l.ctx.Err() != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.left() > 0
}

// left returns how long the lease can be trusted. The engine counts the TTL from
// when it stored the renewal, which is after it was sent; a fifth is kept back for
// clocks that run at different speeds and timers that are late. Of the monotonic
// clock and the wall clock the later one counts: the first stands still while a
// machine sleeps. l.mu is held.
func (l *Lease) left() time.Duration {
	now := l.m.now()
	past := max(now.Sub(l.renewed), now.Round(0).Sub(l.renewed.Round(0)))
	return l.m.trust() - past
}

func (m *Leases) trust() time.Duration { return m.ttl * 4 / 5 }

// Release gives the key up: the next candidate has it at once. If the engine does
// not answer within 2 s, it goes by itself when the TTL has passed. It may be called
// more than once.
func (l *Lease) Release() {
	l.end(ErrReleased)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.revision == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	// Only what is still ours: the key may have passed on.
	_, err := l.m.js.PublishMsg(ctx, &nats.Msg{Subject: subject + l.key, Header: nats.Header{headerOp: {opDelete}}},
		jetstream.WithMsgTTL(markTTL), jetstream.WithExpectLastSequencePerSubject(l.revision))
	if err != nil && !stale(err) {
		l.m.log.Debug("a lease was not handed over; it expires", "err", err)
	}
	l.revision = 0
}

// take tries to get the key, and on success begins to renew it.
func (l *Lease) take(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.m.ttl)
	defer cancel()
	var expect uint64
	msg, err := l.m.kv.GetLastMsgForSubject(ctx, subject+l.key)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
	case err != nil:
		return err
	case marker(msg.Header) || string(msg.Data) == l.holder: // ours: an answer was lost
		expect = msg.Sequence
	default:
		return ErrHeld
	}
	err = l.renew(ctx, expect)
	if stale(err) {
		return ErrHeld // somebody was faster
	}
	if err != nil {
		return err
	}
	l.fence = l.revision
	go l.keep()
	return nil
}

// renew writes our entry in the place of the revision expect.
func (l *Lease) renew(ctx context.Context, expect uint64) error {
	sent := l.m.now()
	// The TTL of a KV key can only be set when it is created, per the client's
	// documentation of KeyTTL; a plain message to its subject can have one each time.
	ack, err := l.m.js.PublishMsg(ctx, &nats.Msg{Subject: subject + l.key, Data: []byte(l.holder)},
		jetstream.WithMsgTTL(l.m.ttl), jetstream.WithExpectLastSequencePerSubject(expect))
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revision, l.renewed = ack.Sequence, sent
	return nil
}

// keep renews until the lease ends.
func (l *Lease) keep() {
	defer close(l.done)
	every := l.m.ttl / 4
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-timer.C:
		}
		l.mu.Lock()
		left, revision := l.left(), l.revision
		l.mu.Unlock()
		if left <= 0 {
			l.end(ErrLost)
			return
		}
		// Ends with the trust: an answer that comes later is worth nothing.
		ctx, cancel := context.WithTimeout(l.ctx, left)
		err := l.renew(ctx, revision)
		if stale(err) {
			err = l.adopt(ctx)
		}
		cancel()
		switch {
		case err == nil:
			timer.Reset(every)
		case errors.Is(err, ErrLost):
			l.end(ErrLost)
			return
		default:
			timer.Reset(min(retryPause, every))
		}
	}
}

// adopt finds out whether the newer entry is our own, of a renewal whose answer
// was lost, and renews that; or else that the lease is lost.
func (l *Lease) adopt(ctx context.Context) error {
	msg, err := l.m.kv.GetLastMsgForSubject(ctx, subject+l.key)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return ErrLost
	case err != nil:
		return err
	case string(msg.Data) != l.holder:
		return ErrLost
	}
	err = l.renew(ctx, msg.Sequence)
	if stale(err) {
		return ErrLost
	}
	return err
}
