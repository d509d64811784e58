package source

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// Tail follows one target, as far as the vendor filters it, by polling: whatever
// the vendor's way of paging, it appends each entry once, oldest first, and a gap
// where entries may be missing. At most one Tail of a name may run at a time.
//
//	t := source.NewTail(ask, q, 0)
//	err := t.Run(ctx, log, demand, &rest) // until ctx ends or log fails
//
// A poll walks from the newest entry backwards until it meets what is known, so
// that entries which came while nobody polled, or while the vendor failed, are
// fetched by the next poll that succeeds. What is known is rebuilt from the log.
// The first poll of an empty log appends the newest entries, as far back as
// Demand.Since says or one page, and begins with a gap that says so.
type Tail struct {
	ask  Ask
	push *push
	pace pace
	name string
}

// Log is where a Tail appends, and all that it remembers.
type Log interface {
	// Edge returns when the newest poll that was appended began, and its State; the
	// zero time if there is none.
	Edge() (polled time.Time, state []byte)
	// Back yields what was appended, newest first.
	Back(ctx context.Context) iter.Seq2[Known, error]
	// Append adds a poll. After an error the Tail ends: what was appended is not known.
	Append(ctx context.Context, f Found) error
}

// Known is a stretch of a log: ids of entries, and when the poll began before which
// the stretches before it were found.
type Known struct {
	Polled time.Time
	IDs    []string
}

// Found is what one poll found that was not known. Without Gap and Entries it says
// only that there was a poll.
type Found struct {
	At      time.Time // when the poll began
	State   []byte    // for the next Tail's Log.Edge, at most 1 KiB
	Gap     *Gap      // comes before Entries
	Entries []logs.Entry
}

// Gap is a stretch of time of which entries are missing, or were fetched late.
type Gap struct {
	From, To time.Time // From is zero where everything older is missing
	Reason   string    // a plain sentence
	Filled   bool      // nothing is missing: the entries of this stretch came late, and follow
}

// Demand is what the readers of a Tail want. All parts are required.
type Demand struct {
	Hidden func() bool      // no reader can be seen: poll seldom
	Since  func() time.Time // how far back the first poll of an empty log reaches; zero for no wish
	Wake   <-chan struct{}  // Hidden may have changed
	Report func(TailStatus) // called from Run's goroutine, whenever it changes
}

// TailStatus is what a Tail is doing.
type TailStatus struct {
	State        string    // TailWaiting, TailLive, TailFailing or TailStopped
	Next         time.Time // of the next poll
	CallsPerHour int       // of the vendor, at the present pace
	Reason       string    // why it fails, a plain sentence
	Polled       bool      // a poll has ended since the last report
}

// The states of a Tail.
const (
	TailWaiting = "waiting" // no poll of this run has ended yet, or one waits for its turn
	TailLive    = "live"
	TailFailing = "failing" // the newest poll failed; the next may not
	TailStopped = "stopped" // the vendor refuses, and will until somebody changes something
)

// Rest is how long a target is left alone after failures. It outlives the Tail, so
// that a reader who comes back does not make a vendor busier that asked for calm.
type Rest struct {
	until    time.Time
	failures int
}

// Until leaves the target alone until a time, at most 15 minutes, as after a failure:
// one of a poller elsewhere. It must not be called while a Tail runs on r.
func (r *Rest) Until(at time.Time) {
	now := time.Now()
	if most := now.Add(15 * time.Minute); at.After(most) {
		at = most
	}
	if at.After(now) && at.After(r.until) {
		r.until, r.failures = at, max(1, r.failures)
	}
}

// pace is the pauses between polls.
type pace struct {
	fast   time.Duration // after news
	usual  time.Duration
	slow   time.Duration // after a long silence
	hidden time.Duration // while no reader can be seen
	most   time.Duration // after failures
	late   time.Duration // between two looks for entries that appeared late
}

func paceOf(c driver.Capabilities, least time.Duration) pace {
	p := pace{fast: max(c.PollFloor, time.Millisecond), usual: c.Poll, most: 5 * time.Minute, late: lateEvery}
	if least > 0 {
		p.fast, p.usual, p.most, p.late = least, 2*least, min(p.most, 60*least), min(p.late, 60*least)
	}
	p.usual = max(p.usual, p.fast)
	p.slow, p.hidden, p.most = 2*p.usual, 4*p.usual, max(p.most, p.fast)
	if least > 0 {
		p.slow = p.usual
	}
	return p
}

// after returns the pause after a number of polls in a row without news.
func (p pace) after(quiet int, hidden bool) time.Duration {
	if hidden {
		return p.hidden
	}
	d := p.fast
	for i := 2; i < quiet && d < p.slow; i++ {
		d += d / 4
	}
	return min(d, p.slow)
}

// markEvery is how often a poll without news is noted down: it says since when
// nothing can have been missed.
const markEvery = 30 * time.Second

// NewTail returns a Tail of a target with a source. least replaces the vendor's
// shortest pause between polls; 0 leaves it. The vendor filters what it can of q;
// the rest is the reader's business.
func NewTail(a Ask, q *query.Query, least time.Duration) *Tail {
	room := maxPush
	t := &Tail{ask: a, push: divide(a, q, &room), pace: paceOf(a.Source.vendor.Capabilities, least)}
	h := sha256.New()
	h.Write([]byte(a.Target.String()))
	if t.push != nil {
		terms, err := json.Marshal(t.push.Terms)
		if err != nil {
			t.push = nil
		} else {
			h.Write([]byte{0})
			h.Write(terms)
		}
	}
	t.name = a.Source.id + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
	return t
}

// Name is the same for tails that read the same entries: it names the credential,
// the target and what the vendor filters. It holds letters, digits, -, _ and a dot.
func (t *Tail) Name() string { return t.name }

// Follows says whether the target at path can be asked for at all. It makes no call.
// Faults as driver.Driver's Request.
func (s *Source) Follows(path []string) error {
	r := driver.Read{Path: path, Limit: 1}
	if s.vendor.Capabilities.Paging == driver.ByWindow {
		now := time.Now()
		r.Span = logs.Span{From: now.Add(-time.Minute), To: now}
	}
	_, err := s.driver.Request(r)
	return err
}

// Run polls until ctx ends, or until log fails, with that error. Vendors' failures
// are reported and polled through.
func (t *Tail) Run(ctx context.Context, log Log, d Demand, rest *Rest) error {
	m, err := recall(ctx, log)
	if err != nil {
		return err
	}
	defer t.leave(ctx, log, m)
	status := TailStatus{State: TailWaiting}
	calls, lateCalls, quiet := 1, 0, 2
	reason := "the vendor failed"
	for {
		due := func() time.Time {
			if rest.until.After(time.Now()) {
				return rest.until
			}
			if m.polled.IsZero() {
				return time.Now()
			}
			return m.polled.Add(t.pace.after(quiet, d.Hidden()))
		}
		if rest.failures > 0 && status.State == TailWaiting && status.Reason == "" {
			status.State, status.Reason = TailFailing, t.ask.Source.vendor.Title+" failed a moment ago and is left alone for a while"
		}
		tell := func(at time.Time) {
			status.Next = at
			pause := max(time.Millisecond, t.pace.after(quiet, d.Hidden()))
			status.CallsPerHour = int((time.Hour*time.Duration(calls) + pause - 1) / pause)
			status.CallsPerHour += int((time.Hour*time.Duration(lateCalls) + t.pace.late - 1) / t.pace.late)
			d.Report(status)
			status.Polled = false
		}
		if err := until(ctx, d.Wake, due, tell); err != nil {
			return err
		}
		r, err := t.poll(ctx, m, d.Since(), func(reason string) {
			status.State, status.Reason = TailWaiting, reason
			d.Report(status)
		})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if why := t.failed(err, rest, &status); !noTurn(err) {
				reason = why
			}
			continue
		}
		filled := rest.failures > 0
		*rest = Rest{}
		status = TailStatus{State: TailLive, Polled: true}
		found := r.found(t, m)
		if filled && found.Gap == nil && !m.polled.IsZero() && m.polled.Before(r.began) {
			found.Gap = &Gap{From: m.polled, To: r.began, Filled: true, Reason: "for a while no poll succeeded (" + reason + "); everything since then was fetched"}
		}
		if len(found.Entries) > 0 {
			quiet = 0
		} else {
			quiet++
		}
		calls = max(1, r.calls)
		if err := t.keep(ctx, log, m, r, found); err != nil {
			return err
		}
		if t.lateDue(m, time.Now()) {
			if lateCalls, err = t.keepLate(ctx, log, m); err != nil {
				return err
			}
		}
	}
}

// keep appends what was found and takes it as known.
func (t *Tail) keep(ctx context.Context, log Log, m *memory, r *reading, found Found) error {
	m.learn(r)
	found.State = m.state()
	if found.Gap == nil && len(found.Entries) == 0 && found.At.Sub(m.saved) < markEvery {
		return nil
	}
	if err := log.Append(ctx, found); err != nil {
		m.saved = m.polled // nothing may be noted down on top of what is not known
		return err
	}
	m.saved = m.polled
	return nil
}

// leave notes down the newest poll for whoever polls next.
func (t *Tail) leave(ctx context.Context, log Log, m *memory) {
	if m.polled.IsZero() || m.saved.Equal(m.polled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = log.Append(ctx, Found{At: m.polled, State: m.state()}) // an older note does as well
}

// failed chooses the pause after a failure: twice as long each time, with full
// jitter, never shorter than the vendor's floor or than it asked for.
func (t *Tail) failed(err error, rest *Rest, status *TailStatus) (reason string) {
	f := fault.Of(err)
	if noTurn(err) {
		// Nobody failed: the next poll covers this one's time.
		*status = TailStatus{State: TailWaiting, Reason: f.Msg}
		rest.until = time.Now().Add(max(f.RetryAfter, min(t.pace.fast, turnTold)))
		return f.Msg
	}
	rest.failures++
	ceiling := t.pace.most
	if n := rest.failures; n < 20 {
		ceiling = min(ceiling, t.pace.fast<<n)
	}
	pause := max(t.pace.fast, rand.N(ceiling+1), f.RetryAfter)
	*status = TailStatus{State: TailFailing, Reason: f.Msg, Polled: true}
	switch f.Kind {
	case fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Invalid, fault.Unsupported:
		status.State, pause = TailStopped, max(pause, t.pace.most)
	}
	rest.until = time.Now().Add(pause)
	return f.Msg
}

// until waits for a moment that may move when wake says so. tell hears of each.
func until(ctx context.Context, wake <-chan struct{}, due func() time.Time, tell func(time.Time)) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		at := due()
		tell(at)
		timer.Reset(max(0, time.Until(at)))
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			return nil
		case <-wake:
		}
	}
}

// poll reads what is new. A panic over a strange answer is a failure like others.
func (t *Tail) poll(ctx context.Context, m *memory, since time.Time, waits func(string)) (r *reading, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Internal, "poll").Saying("something went wrong on our side while reading " + t.ask.Source.vendor.Title).
				Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	from, calls := m.mode, 0
	for {
		r = &reading{
			began: time.Now(), since: since, waits: waits, total: -1, bare: m.bare, pin: m.pin, low: m.floor, baseline: m.polled.IsZero(), calls: calls,
		}
		if from == modeUp {
			err = t.readUp(ctx, m, r)
		} else {
			err = t.readBack(ctx, m, r, from)
		}
		if !errors.Is(err, errMoved) {
			return r, err
		}
		from, calls = modeFresh, r.calls
	}
}

// once makes one log call when it is its turn. Unlike paced it does not try again: a
// poll that failed is followed by another. waits hears that the turn takes a while.
func (s *Source) once(ctx context.Context, r driver.Read, waits func(reason string)) (driver.Page, error) {
	read := func(ctx context.Context) (driver.Page, error) { return s.page(ctx, r) }
	pg, err := turn(ctx, s, turnTold, read)
	if noTurn(err) && fault.Of(err).RetryAfter == 0 && ctx.Err() == nil {
		waits(fault.Of(err).Msg)
		pg, err = turn(ctx, s, turnWait, read)
	}
	return pg, err
}

// turnTold is how long a poll waits for its turn before its readers hear of it.
const turnTold = 3 * time.Second
