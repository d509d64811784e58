// Package poll runs the pollers of a replica: it puts a source's tail on the engine,
// under a lease, so that each stream has one poller in the whole cluster.
//
//	pollers := poll.New(poll.Config{Feed: feed, Leases: leases, Presence: presence, Least: cfg.PollMin})
//	target := pollers.Target(ask, query) // for tail.Request
//
// The poller of a stream runs where somebody watches it: every replica with a
// socket on the stream waits for its lease, and the holder gives it up when its
// last socket is gone. What it knows is in the stream, so that the next one goes on
// where it ended. Replicas tell each other how many watch there, whether they are
// seen, and how the poller fares, so that every socket is told the same.
//
// It must not know sockets, sessions or vendors.
package poll

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/presence"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/tail"
)

// Config is the settings of Pollers. Feed and Leases are required.
type Config struct {
	Feed     *feed.Feed
	Leases   *lease.Leases
	Presence *presence.Presence // nil where there are no other replicas
	Least    time.Duration      // shortest pause between two polls; 0 for the vendors' floors
	Logger   *slog.Logger       // nil means slog.Default()
}

// retry is the pause before a poller begins anew when the engine failed it.
const retry = 500 * time.Millisecond

// maxRests bounds the targets whose failures are remembered.
const maxRests = 4096

// Pollers makes pollers. It is safe for concurrent use.
type Pollers struct {
	streams streams
	leases  leases
	join    func(stream string, changed func()) seat
	least   time.Duration
	log     *slog.Logger

	mu    sync.Mutex
	rests *simplelru.LRU[string, *source.Rest]

	running, polls, failed, entries, gaps atomic.Int64
}

// New returns Pollers.
func New(cfg Config) *Pollers {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	p := &Pollers{
		leases: onLeases{cfg.Leases}, least: cfg.Least, log: cfg.Logger.With("part", "poll"),
		join: func(string, func()) seat { return nobody{} },
	}
	if cfg.Presence != nil {
		p.join = func(stream string, changed func()) seat { return cfg.Presence.Join(stream, changed) }
	}
	p.streams = onFeed{cfg.Feed, p}
	p.rests, _ = simplelru.NewLRU[string, *source.Rest](maxRests, nil)
	return p
}

// Stats are counts since the start, and how many pollers run.
type Stats struct {
	Running       int64
	Polls, Failed int64
	Entries, Gaps int64 // appended
}

// Stats returns the present counts.
func (p *Pollers) Stats() Stats {
	return Stats{p.running.Load(), p.polls.Load(), p.failed.Load(), p.entries.Load(), p.gaps.Load()}
}

// Target makes something to follow of a question's target. Where it has no source
// the target says why.
func (p *Pollers) Target(a source.Ask, q *query.Query) tail.Target {
	t := tail.Target{Src: a.Target.String()}
	if a.Source == nil {
		t.Reason = fault.Of(a.Err).Msg
		return t
	}
	follow := source.NewTail(a, q, p.least)
	t.Stream, t.Precision = follow.Name(), a.Source.Vendor().Capabilities.Precision
	t.Poll = func(ctx context.Context, d tail.Demand) { p.run(ctx, follow, d) }
	return t
}

// rest returns what is remembered of a stream's failures.
func (p *Pollers) rest(stream string) *source.Rest {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.rests.Get(stream)
	if !ok {
		r = &source.Rest{}
		p.rests.Add(stream, r)
	}
	return r
}

// run polls whenever it has the lease, until ctx ends.
func (p *Pollers) run(ctx context.Context, t *source.Tail, d tail.Demand) {
	stream := t.Name()
	rest := p.rest(stream)
	o := newOffice(d, rest)
	o.seat = p.join(stream, o.changed)
	defer o.seat.Leave()
	var done sync.WaitGroup
	defer done.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done.Go(func() { o.attend(ctx) })
	demand := source.Demand{Hidden: o.hidden, Since: o.since, Wake: o.wake, Report: func(s source.TailStatus) {
		if s.Polled {
			p.polls.Add(1)
			if s.State != source.TailLive {
				p.failed.Add(1)
			}
		}
		o.report(tail.Status{State: s.State, Next: s.Next, CallsPerHour: s.CallsPerHour, Reason: s.Reason})
	}}
	for ctx.Err() == nil {
		err := p.hold(ctx, t, stream, demand, o)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, feed.ErrFenced), errors.Is(err, lease.ErrLost):
			p.log.Debug("another poller took over", "stream", stream)
		default:
			p.log.Warn("a poller begins anew", "stream", stream, "err", err)
			o.wait(tail.Status{State: wire.TailWaiting, Reason: fault.Of(err).Msg})
		}
		timer := time.NewTimer(retry)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// hold polls while it has the lease.
func (p *Pollers) hold(ctx context.Context, t *source.Tail, stream string, d source.Demand, o *office) error {
	l, err := p.acquire(ctx, stream, o)
	if err != nil {
		return err
	}
	defer l.Release()
	both, cancel := context.WithCancelCause(l.Context())
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	log, err := p.streams.open(both, stream, l)
	if err != nil {
		return err
	}
	p.running.Add(1)
	defer p.running.Add(-1)
	p.log.Debug("a poller starts", "stream", stream)
	o.take()
	defer o.leave()
	err = t.Run(both, log, d, o.rest)
	p.log.Debug("a poller stops", "stream", stream, "why", err)
	return err
}

const (
	// lookEvery is how often a replica that waits for a lease looks what its holder does.
	lookEvery = 5 * time.Second
	// recent is how old the newest poll of a holder may be that is at work. It is more
	// than the longest pause between two polls of a vendor that nobody fails.
	recent = 10 * time.Minute
)

// acquire waits for the lease of a stream, and meanwhile reports what its holder says,
// or what can be told by what it appends.
func (p *Pollers) acquire(ctx context.Context, stream string, o *office) (held, error) {
	key := "poll." + stream
	l, err := p.leases.try(ctx, key)
	if !errors.Is(err, lease.ErrHeld) {
		return l, err
	}
	looking, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	defer done.Wait()
	defer stop()
	done.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for looking.Err() == nil {
			status := tail.Status{State: wire.TailWaiting, Reason: "another server of this installation is to poll it"}
			if at, err := p.streams.polled(looking, stream); err == nil && time.Since(at) < recent {
				status = tail.Status{State: wire.TailLive}
			}
			if looking.Err() == nil {
				o.wait(status)
			}
			select {
			case <-looking.Done():
			case <-tick.C:
			}
		}
	})
	return p.leases.acquire(ctx, key)
}
