package permit

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
)

// Budget is the budget of one credential. It is safe for concurrent use.
type Budget struct {
	p          *Permits
	credential string
	turn       chan struct{} // held by the caller who is next; others queue for it in order
	wake       chan struct{} // room for one: something changed
	stale      atomic.Bool   // another replica wrote something; for budgets without limits

	mu       sync.Mutex
	limits   Limits
	state    state  // of this process alone; in a cluster, as last seen
	revision uint64 // of state in the store, 0 for none; of its cool alone where not shared
	loaded   bool   // what an earlier process wrote down is read
}

// engineTimeout bounds one exchange with the engine.
const engineTimeout = 5 * time.Second

// Enter waits until a call of a cost, at least 1, may be made. leave must be called
// when the call has ended, and may be called more than once.
//
// Errors: RateLimited, with RetryAfter where it is known, if the turn comes after
// ctx's deadline; ctx's if it is canceled; Unavailable if the replicas cannot agree.
func (b *Budget) Enter(ctx context.Context, cost int) (leave func(), err error) {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, b.late(ctx, 0)
	}
	id := rand.Uint64()
	err = b.wait(ctx, max(1, cost), id)
	<-b.turn
	if err != nil {
		return nil, err
	}
	stop := b.keep(id)
	var once sync.Once
	return func() { once.Do(func() { stop(); b.leave(id) }) }, nil
}

// keep renews the place of a call in a cluster until stop, and for Limits.Hold at most.
func (b *Budget) keep(id uint64) (stop func()) {
	b.mu.Lock()
	lim := b.limits
	b.mu.Unlock()
	if !b.p.shared || lim.InFlight <= 0 || lim.Hold <= b.p.place {
		return func() {}
	}
	ctx, stop := context.WithTimeout(context.Background(), lim.Hold-b.p.place)
	go func() {
		defer stop()
		again := time.NewTicker(b.p.place / 3)
		defer again.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-again.C:
			}
			err := b.change(ctx, func(s state) (state, bool) { return s.renew(id, time.Now().Add(b.p.place)) })
			if err != nil && ctx.Err() == nil {
				b.p.log.Warn("the place of a call was not renewed", "err", err)
			}
		}
	}()
	return stop
}

// wait takes a turn as soon as there is one. The caller holds b.turn.
func (b *Budget) wait(ctx context.Context, cost int, id uint64) error {
	for {
		at, sooner, ok, err := b.try(ctx, cost, id)
		if ok || err != nil {
			return err
		}
		pause := time.Until(at)
		if deadline, has := ctx.Deadline(); has && deadline.Before(at) && !sooner {
			return b.late(ctx, pause)
		}
		timer := time.NewTimer(max(pause, time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return b.late(ctx, time.Until(at))
		case <-b.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// late is the error of a turn that does not come in ctx's time, but after a while
// where that is known. Only what the vendor asked for is a time to wait for: other
// calls may end sooner.
func (b *Budget) late(ctx context.Context, after time.Duration) error {
	if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	e := fault.New(fault.RateLimited, "pace calls")
	b.mu.Lock()
	cool, full := b.state.cool, b.state.full(time.Now(), b.limits)
	b.mu.Unlock()
	switch left := time.Until(cool); {
	case left > 0:
		e.RetryAfter = left
		return e.Saying("it asked to be left alone for " + max(time.Second, left.Round(time.Second)).String() + "; try again then")
	case full:
		return e.Saying("other calls to it are under way, and no more are made at once; try again in a moment")
	}
	e.RetryAfter = max(0, after)
	return e.Saying("too many calls are waiting for their turn; try again in a moment")
}

// try takes a turn if there is one now. Otherwise there may be one at a time, or sooner
// where it waits for somebody to leave.
func (b *Budget) try(ctx context.Context, cost int, id uint64) (at time.Time, sooner, ok bool, err error) {
	if err := b.load(ctx); err != nil {
		return time.Time{}, false, false, err
	}
	b.mu.Lock()
	free := b.limits.PerSecond <= 0 && b.limits.InFlight <= 0
	cool := b.state.cool
	b.mu.Unlock()
	if free {
		// There is nothing to note down, and load knows of a vendor's wish.
		return cool, false, !cool.After(time.Now()), nil
	}
	err = b.change(ctx, func(s state) (state, bool) {
		now, lim := time.Now(), b.limits
		if b.p.shared {
			lim.Hold = min(lim.Hold, b.p.place) // and keep renews it
		}
		s, at, ok = s.grant(now, lim, cost, id)
		sooner = !ok && s.full(now, lim)
		return s, ok
	})
	return at, sooner, ok, err
}

// leave gives a slot back.
func (b *Budget) leave(id uint64) {
	b.mu.Lock()
	bound := b.limits.InFlight > 0
	b.mu.Unlock()
	if !bound {
		return // the slots of an earlier limit expire
	}
	ctx, cancel := context.WithTimeout(context.Background(), engineTimeout)
	defer cancel()
	if err := b.change(ctx, func(s state) (state, bool) { return s.leave(id), true }); err != nil {
		b.p.log.Warn("a finished call still counts, until its time is over", "err", err)
	}
	b.signal()
}

// Cool keeps everybody, on every replica, from entering before until, but no longer
// than Config.MaxCool. An earlier time than one that is known changes nothing.
func (b *Budget) Cool(until time.Time) {
	now := time.Now()
	if most := now.Add(b.p.maxCool); until.After(most) {
		until = most
	}
	if !until.After(now) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), engineTimeout)
	defer cancel()
	var news bool
	err := b.change(ctx, func(s state) (state, bool) {
		if news = until.After(s.cool); news {
			s.cool = until
		}
		return s, news
	})
	if err == nil && news && !b.p.shared && b.p.js != nil {
		err = b.note(ctx, until)
	}
	if err != nil {
		b.p.log.Warn("a vendor's wish to wait was not passed on", "err", err)
	}
}

// Cooling returns until when nobody may enter, as far as this process knows; zero if
// anybody may.
func (b *Budget) Cooling() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state.cool.After(time.Now()) {
		return b.state.cool
	}
	return time.Time{}
}

// told takes the word that the store has something new.
func (b *Budget) told() {
	if b.p.shared {
		b.stale.Store(true)
	}
	b.signal()
}

func (b *Budget) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// change replaces the state by what f makes of it, if f says so.
func (b *Budget) change(ctx context.Context, f func(state) (state, bool)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.p.shared {
		if s, ok := f(b.state); ok {
			b.state = s
		}
		return nil
	}
	const op = "agree on the pace of calls"
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	for {
		// What was seen last is mostly still true: a write finds out.
		next, ok := f(b.state)
		if !ok {
			// A refusal may be out of date.
			known := b.revision
			if err := b.fetch(ctx); err != nil {
				return unavailable(op, err)
			}
			if b.revision == known {
				return nil
			}
			if next, ok = f(b.state); !ok {
				return nil
			}
		}
		err := b.write(ctx, next)
		if err == nil {
			b.state = next
			return nil
		}
		if !stale(err) {
			return unavailable(op, err)
		}
		if err := b.fetch(ctx); err != nil {
			return unavailable(op, err)
		}
	}
}

// fetch reads the newest state from the store. b.mu is held.
func (b *Budget) fetch(ctx context.Context) error {
	msg, err := b.p.kv.GetLastMsgForSubject(ctx, subject+b.credential)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		b.state, b.revision = state{}, 0
		return nil
	}
	if err != nil {
		return err
	}
	s, err := decodeState(msg.Data)
	if err != nil {
		b.p.log.Warn("a rate budget was not readable and begins anew", "err", err)
	}
	b.state, b.revision = s, msg.Sequence
	return nil
}

// write puts a state in the place of the one that was seen last. b.mu is held.
func (b *Budget) write(ctx context.Context, s state) error {
	// It goes by itself when it has nothing more to say.
	ttl := max(time.Second, time.Until(s.until())+time.Second).Round(time.Second)
	ack, err := b.p.js.PublishMsg(ctx, &nats.Msg{Subject: subject + b.credential, Data: s.encode()},
		jetstream.WithMsgTTL(ttl), jetstream.WithExpectLastSequencePerSubject(b.revision))
	if err != nil {
		return err
	}
	b.revision = ack.Sequence
	return nil
}

// load reads what an earlier process, or another replica, wrote down: once, and
// again when it is told of something new.
func (b *Budget) load(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	free := b.limits.PerSecond <= 0 && b.limits.InFlight <= 0
	if b.p.js == nil || b.loaded && !(free && b.stale.Swap(false)) {
		return nil // where there are limits, each turn finds out
	}
	ctx, cancel := context.WithTimeout(ctx, engineTimeout)
	defer cancel()
	known := b.state
	if err := b.fetch(ctx); err != nil {
		b.stale.Store(true)
		return unavailable("read a rate budget", err)
	}
	if !b.p.shared {
		// Its calls ended with it; only the vendor's wish still counts.
		cool := b.state.cool
		b.state = known
		if cool.After(known.cool) {
			b.state.cool = cool
		}
	}
	b.loaded = true
	return nil
}

// note writes the cooling time of a budget that is otherwise kept in memory.
func (b *Budget) note(ctx context.Context, until time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		err := b.write(ctx, state{cool: until})
		if !stale(err) {
			return err
		}
		known := b.state
		err = b.fetch(ctx)
		b.state = known
		if err != nil {
			return err
		}
	}
}

// stale reports that a write named a revision that is not the newest.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}
