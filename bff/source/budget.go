package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/source/driver"
)

// Budget is the turns in which a vendor is called. Whoever reads with the same
// credential, on whichever replica, shares one; so does whoever reads the same
// account, where Capabilities.PerAccount says so. permit.Budget is one.
type Budget interface {
	// Enter waits until a call may be made; leave is called when it has ended.
	// Faults: RateLimited, with RetryAfter where it is known, if the turn does not
	// come in ctx's time; Unavailable if that cannot be found out; ctx's if it is
	// canceled.
	Enter(ctx context.Context, cost int) (leave func(), err error)
	// Cool keeps everybody from entering before until.
	Cool(until time.Time)
}

// CallLimit bounds one call of a driver: a turn that is held for longer belongs to a
// process that is gone.
const CallLimit = 2 * time.Minute

// turnWait bounds the wait for a turn. With a call of Coveo, the slowest, it stays
// below what a request may take.
const turnWait = 45 * time.Second

// turnError is the error of a turn that did not come: no call was made.
type turnError struct{ error }

func (e turnError) Unwrap() error { return e.error }

// noTurn reports whether an error says that no call was made.
func noTurn(err error) bool {
	var t turnError
	return errors.As(err, &t)
}

// enter waits for a turn, at most for a while.
func (s *Source) enter(ctx context.Context, most time.Duration) (leave func(), err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	wait, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	leave, err = s.budget.Enter(wait, 1)
	switch {
	case err == nil:
		return leave, nil
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, context.Cause(ctx)
	}
	f := fault.Of(err)
	out := fault.New(f.Kind, "wait for a turn").Saying(s.vendor.Title + " was not asked: " + f.Msg).Because(err)
	out.RetryAfter = f.RetryAfter
	return nil, turnError{out}
}

// heard passes on a vendor's wish to be left alone.
func (s *Source) heard(err error) {
	var f *fault.Error
	if errors.As(err, &f) && f.RetryAfter > 0 && (f.Kind == fault.RateLimited || f.Kind == fault.Unavailable) {
		s.budget.Cool(time.Now().Add(f.RetryAfter))
	}
}

// alone is the Budget of a source that shares none.
type alone struct {
	limiter *rate.Limiter // nil for no bound
	slots   chan struct{} // nil for no bound

	mu   sync.Mutex
	cool time.Time
}

func newAlone(c driver.Capabilities) *alone {
	b := &alone{}
	if n := c.PerSecond; n > 0 {
		b.limiter = rate.NewLimiter(rate.Limit(n), max(1, int(n)))
	}
	if n := c.InFlight; n > 0 {
		b.slots = make(chan struct{}, n)
	}
	return b
}

// Enter is of Budget.
func (b *alone) Enter(ctx context.Context, _ int) (leave func(), err error) {
	late := fault.New(fault.RateLimited, "pace calls").Saying("too many calls with these credentials are waiting already; try again in a moment")
	b.mu.Lock()
	pause := time.Until(b.cool)
	b.mu.Unlock()
	if deadline, ok := ctx.Deadline(); ok && pause > time.Until(deadline) {
		late.RetryAfter = pause
		return nil, late
	}
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, late.Because(ctx.Err())
		}
	}
	if b.slots != nil {
		select {
		case b.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, late.Because(ctx.Err())
		}
	}
	if b.limiter != nil {
		if err := b.limiter.Wait(ctx); err != nil {
			b.leave()
			return nil, late.Because(err)
		}
	}
	return sync.OnceFunc(b.leave), nil
}

func (b *alone) leave() {
	if b.slots != nil {
		<-b.slots
	}
}

// Cool is of Budget.
func (b *alone) Cool(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.cool) {
		b.cool = until
	}
}
