// Package poll runs the pollers of a replica: it puts a source's tail on the engine,
// under a lease, so that each stream has one poller in the whole cluster.
//
//	pollers := poll.New(poll.Config{Feed: feed, Leases: leases, Least: cfg.PollMin})
//	target := pollers.Target(ask, query) // for tail.Request
//
// The poller of a stream runs where somebody watches it: every replica with a
// socket on the stream waits for its lease, and the holder gives it up when its
// last socket is gone. What it knows is in the stream, so that the next one goes on
// where it ended.
//
// It must not know sockets, sessions or vendors.
package poll

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/tail"
)

// Config is the settings of Pollers. Feed and Leases are required.
type Config struct {
	Feed   *feed.Feed
	Leases *lease.Leases
	Least  time.Duration // shortest pause between two polls; 0 for the vendors' floors
	Logger *slog.Logger  // nil means slog.Default()
}

// retry is the pause before a poller begins anew when the engine failed it.
const retry = 500 * time.Millisecond

// maxRests bounds the targets whose failures are remembered.
const maxRests = 4096

// Pollers makes pollers. It is safe for concurrent use.
type Pollers struct {
	cfg Config
	log *slog.Logger

	mu    sync.Mutex
	rests *simplelru.LRU[string, *source.Rest]

	running, polls, failed, entries, gaps atomic.Int64
}

// New returns Pollers.
func New(cfg Config) *Pollers {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	p := &Pollers{cfg: cfg, log: cfg.Logger.With("part", "poll")}
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
	follow := source.NewTail(a, q, p.cfg.Least)
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
	demand := source.Demand{Hidden: d.Hidden, Since: d.Since, Wake: d.Wake, Report: func(s source.TailStatus) {
		if s.Polled {
			p.polls.Add(1)
			if s.State != source.TailLive {
				p.failed.Add(1)
			}
		}
		d.Report(tail.Status{State: s.State, Next: s.Next, CallsPerHour: s.CallsPerHour, Reason: s.Reason})
	}}
	for ctx.Err() == nil {
		err := p.hold(ctx, t, stream, demand)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, feed.ErrFenced), errors.Is(err, lease.ErrLost):
			p.log.Debug("another poller took over", "stream", stream)
		default:
			p.log.Warn("a poller begins anew", "stream", stream, "err", err)
			d.Report(tail.Status{State: wire.TailWaiting, Reason: fault.Of(err).Msg})
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
func (p *Pollers) hold(ctx context.Context, t *source.Tail, stream string, d source.Demand) error {
	l, err := p.acquire(ctx, stream, d)
	if err != nil {
		return err
	}
	defer l.Release()
	both, cancel := context.WithCancelCause(l.Context())
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	w, err := p.cfg.Feed.Writer(both, stream)
	if err != nil {
		return err
	}
	p.running.Add(1)
	defer p.running.Add(-1)
	p.log.Debug("a poller starts", "stream", stream)
	err = t.Run(both, &writer{p: p, w: w, l: l}, d, p.rest(stream))
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

// acquire waits for the lease of a stream, and meanwhile reports what can be told of
// another replica's poller by what it appends.
func (p *Pollers) acquire(ctx context.Context, stream string, d source.Demand) (*lease.Lease, error) {
	key := "poll." + stream
	l, err := p.cfg.Leases.Try(ctx, key)
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
			status := source.TailStatus{State: source.TailWaiting, Reason: "another server of this installation is to poll it"}
			if f, err := p.cfg.Feed.Last(looking, stream); err == nil && f != nil && time.Since(f.Polled) < recent {
				status = source.TailStatus{State: source.TailLive}
			}
			if looking.Err() == nil {
				d.Report(status)
			}
			select {
			case <-looking.Done():
			case <-tick.C:
			}
		}
	})
	return p.cfg.Leases.Acquire(ctx, key)
}

// writer is a source.Log on a stream.
type writer struct {
	p *Pollers
	w *feed.Writer
	l *lease.Lease
}

// Edge is of source.Log.
func (w *writer) Edge() (time.Time, []byte) {
	f := w.w.Edge()
	if f == nil {
		return time.Time{}, nil
	}
	return f.Polled, f.State
}

// Back is of source.Log.
func (w *writer) Back(ctx context.Context) iter.Seq2[source.Known, error] {
	return func(yield func(source.Known, error) bool) {
		for f, err := range w.w.Back(ctx) {
			if err != nil {
				yield(source.Known{}, err)
				return
			}
			k := source.Known{Polled: f.Polled, IDs: make([]string, f.Len())}
			for i := range k.IDs {
				k.IDs[i] = f.ID(i)
			}
			if !yield(k, nil) {
				return
			}
		}
	}
}

// Append is of source.Log.
func (w *writer) Append(ctx context.Context, f source.Found) error {
	if !w.l.Valid() && ctx.Err() == nil {
		return lease.ErrLost
	}
	poll := feed.Poll{At: f.At, State: f.State}
	if g := f.Gap; g != nil {
		poll.Gap = &feed.Hole{From: g.From, To: g.To, Reason: cut(g.Reason)}
		if g.Filled {
			poll.Gap.Reason = tail.Filled + poll.Gap.Reason
		}
	}
	for i := range f.Entries {
		b, err := encode(&f.Entries[i])
		if err != nil {
			return err
		}
		poll.Entries = append(poll.Entries, feed.Entry{ID: f.Entries[i].ID, JSON: b})
	}
	if _, err := w.w.Append(ctx, poll); err != nil {
		return err
	}
	w.p.entries.Add(int64(len(f.Entries)))
	if f.Gap != nil && !f.Gap.Filled {
		w.p.gaps.Add(1)
	}
	return nil
}

// maxReason bounds the reason of a gap in bytes.
const maxReason = 800

func cut(s string) string {
	if len(s) > maxReason {
		return s[:maxReason]
	}
	return s
}

// encode writes an entry as sockets send it. One that is too large to be kept is
// written without its parts that make it so, and says it.
func encode(e *logs.Entry) ([]byte, error) {
	b, err := e.AppendJSON(make([]byte, 0, len(e.Raw)+1<<10))
	if err == nil && len(b) <= feed.MaxEntryBytes {
		return b, nil
	}
	small := *e
	small.Raw = nil
	small.Fields = logs.Fields{{Name: "note", Value: "this entry is too large to be followed live; it is whole in the search"}}
	return small.AppendJSON(nil)
}
