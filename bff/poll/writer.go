package poll

import (
	"context"
	"iter"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/tail"
)

// streams is what pollers need of the feed.
type streams interface {
	// open returns the log of a stream for whoever holds it. Its Append fails where
	// another appended, or held is over.
	open(ctx context.Context, stream string, held held) (source.Log, error)
	// polled returns when the newest poll of a stream began; the zero time for none.
	polled(ctx context.Context, stream string) (time.Time, error)
}

// leases is what pollers need of leases.
type leases interface {
	// try fails with lease.ErrHeld where another holds the key.
	try(ctx context.Context, key string) (held, error)
	acquire(ctx context.Context, key string) (held, error)
}

// held is a key held. *lease.Lease is one.
type held interface {
	Context() context.Context
	Valid() bool
	Release()
}

// onFeed is streams of a feed.
type onFeed struct {
	*feed.Feed
	p *Pollers
}

func (f onFeed) open(ctx context.Context, stream string, h held) (source.Log, error) {
	w, err := f.Writer(ctx, stream)
	if err != nil {
		return nil, err
	}
	return &writer{p: f.p, w: w, l: h}, nil
}

func (f onFeed) polled(ctx context.Context, stream string) (time.Time, error) {
	last, err := f.Last(ctx, stream)
	if err != nil || last == nil {
		return time.Time{}, err
	}
	return last.Polled, nil
}

// onLeases is leases of the engine.
type onLeases struct{ *lease.Leases }

func (l onLeases) try(ctx context.Context, key string) (held, error) {
	h, err := l.Try(ctx, key)
	if err != nil {
		return nil, err // and no held that is a nil *lease.Lease
	}
	return h, nil
}

func (l onLeases) acquire(ctx context.Context, key string) (held, error) {
	h, err := l.Acquire(ctx, key)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// writer is a source.Log on a stream.
type writer struct {
	p *Pollers
	w *feed.Writer
	l held
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
