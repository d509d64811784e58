package feed

import (
	"context"
	"iter"
	"sort"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
)

// Reader is one reader's place in a stream. Its methods are for one goroutine at a
// time, but for Close, Stalled and Stream. Make it with [Feed.Reader].
type Reader struct {
	feed   *Feed
	hub    *hub
	stream string
	wake   chan struct{}
	after  uint64    // Seq of the last frame that was handed out; FromNow until the end is found
	oldest bool      // what comes first may be any frame: nothing before it is missed
	told   bool      // that what comes next may follow on frames that are missed
	polled time.Time // of the frame at after, if it was handed out here
	shut   sync.Once
	closed chan struct{}
}

// Reader begins to read a stream after the frame with Seq after: 0 for all that is
// kept, [FromNow] for none of it. It makes no call.
//
// wake gets a value, without waiting for room, when there may be something to take:
// readers of several streams share one channel with room for one, wait for it, and
// ask each with [Reader.Take]. nil is for a channel of its own.
//
// Errors: Invalid for a bad name.
func (f *Feed) Reader(stream string, after uint64, wake chan struct{}) (*Reader, error) {
	if err := checkStream("read a stream", stream); err != nil {
		return nil, err
	}
	if wake == nil {
		wake = make(chan struct{}, 1)
	}
	r := &Reader{feed: f, stream: stream, wake: wake, after: after, oldest: after == 0, closed: make(chan struct{})}
	r.hub = f.hubFor(r)
	return r, nil
}

// Stream returns the name of the stream.
func (r *Reader) Stream() string { return r.stream }

// Seq returns the place: the Seq of the last frame that was handed out, or what
// the reader began after. A reader that begins after it goes on here.
func (r *Reader) Seq() uint64 { return r.after }

// Wake returns the channel that says when to Take.
func (r *Reader) Wake() <-chan struct{} { return r.wake }

// Stalled returns why nothing can come right now, nil if all is well: the engine
// does not answer, or elects a leader. It passes by itself.
func (r *Reader) Stalled() error { return r.hub.view.Load().err }

// Close frees the place. It may be called more than once.
func (r *Reader) Close() {
	r.shut.Do(func() {
		close(r.closed)
		r.hub.leave(r)
	})
}

// Tail returns all frames after a place, then those that come, until ctx ends. It
// is [Feed.Reader] as a loop; the only other error is Invalid for a bad name.
func (f *Feed) Tail(ctx context.Context, stream string, after uint64) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		r, err := f.Reader(stream, after, nil)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		for {
			frames, err := r.Next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, fr := range frames {
				if !yield(fr, nil) {
					return
				}
			}
		}
	}
}

// Next waits for the next frames and returns those at hand, at least one. It waits
// as long as the engine is away. Errors: ctx's, or Canceled after Close. It needs a
// wake channel that no other reader uses.
func (r *Reader) Next(ctx context.Context) ([]*Frame, error) {
	for wait := retryPause; ; {
		frames, err := r.Take(ctx)
		if len(frames) > 0 {
			return frames, nil
		}
		if err != nil {
			// Take does not find out by itself when the engine is back.
			if r.feed.ctx.Err() != nil {
				return nil, stopping()
			}
			if err := pause(ctx, wait); err != nil {
				return nil, err
			}
			wait = min(2*wait, 2*time.Second)
			continue
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-r.closed:
			return nil, fault.New(fault.Canceled, "read a stream").Saying("the reader was closed")
		case <-r.feed.ctx.Done():
			return nil, stopping()
		case <-r.wake:
		}
	}
}

func stopping() error {
	return fault.New(fault.Canceled, "read a stream").Saying("the server is stopping")
}

// Take returns frames that are there after the reader's place, in order, and moves
// it behind them; none if there are no more for now. There may be more than it
// returned: call it until it returns none. From the ring it takes no time and costs
// nothing; a reader further back reads from the engine, at most 64 frames or about
// 1 MiB at a time. The slice belongs to the feed.
//
// Errors: ctx's, or Unavailable if the engine does not answer; the place is as
// before, and a later call goes on.
func (r *Reader) Take(ctx context.Context) ([]*Frame, error) {
	v := r.hub.view.Load()
	if !v.ready {
		return nil, nil // the hub wakes us when it has found the end
	}
	if r.after == FromNow {
		r.after = v.last
	}
	if r.after == v.last {
		r.oldest = false // the stream is empty: from here on whatever goes missing is missed
		return nil, nil
	}
	i := sort.Search(len(v.frames), func(i int) bool { return v.frames[i].Seq > r.after })
	if i < len(v.frames) && v.frames[i].Prev == r.after {
		n := i + 1
		for n < len(v.frames) && n-i < batchFrames && v.frames[n].Prev == v.frames[n-1].Seq {
			n++
		}
		return r.hand(v.frames[i:n:n]), nil
	}
	frames, err := r.feed.store.next(ctx, r.stream, r.after+1, batchFrames)
	if err != nil {
		return nil, err
	}
	if len(frames) == 0 {
		return r.beyond(ctx)
	}
	// What is missing between two frames is told in its place.
	out := make([]*Frame, 0, len(frames)+1)
	at, polled := r.after, r.polled
	for _, f := range frames {
		if f.Prev != at && !(at == 0 && (r.oldest || r.told)) {
			out = append(out, &Frame{
				// Who goes on after this gap gets the next frame, and no second gap.
				Seq: f.Prev, Prev: at, Number: f.Number, First: f.First, Stored: f.Stored, Kind: Gap, Lost: true,
				Hole: Hole{From: polled, To: f.Polled, Reason: reasonExpired},
			})
		}
		out = append(out, f)
		at, polled = f.Seq, f.Polled
	}
	return r.hand(out), nil
}

const (
	reasonExpired = "entries from before this place were kept, and are not kept any more"
	reasonUnknown = "it is not known what came after the last entry that was seen here: what was kept then is gone"
)

// hand moves the place behind the frames that are about to be returned.
func (r *Reader) hand(frames []*Frame) []*Frame {
	last := frames[len(frames)-1]
	r.after, r.polled, r.oldest, r.told = last.Seq, last.Polled, false, false
	return frames
}

// beyond handles a place behind which the store, as one replica of it answered,
// has nothing.
func (r *Reader) beyond(ctx context.Context) ([]*Frame, error) {
	last, err := r.feed.store.lead(ctx, r.stream)
	switch {
	case err != nil:
		return nil, err
	case last != nil && last.Seq == r.after:
		r.hub.look(last.Seq) // we were told of it before the hub of this replica was
		return nil, nil
	case last != nil && last.Seq > r.after:
		return nil, fault.New(fault.Unavailable, "read a stream").Saying("the engine's replicas are catching up; try again")
	}
	// The stream is empty, or has never been as far as this place: everything
	// expired, or it is another stream under the same name than it was then.
	gap := &Frame{Prev: r.after, Kind: Gap, Lost: true, Stored: r.feed.now(),
		Hole: Hole{From: r.polled, Reason: reasonUnknown}}
	out := r.hand([]*Frame{gap})
	r.told = true
	return out, nil
}
