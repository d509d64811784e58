package feed

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
)

// Entry is one entry to append: its id, as it is to be recognized in later polls,
// and its JSON exactly as sockets will send it.
type Entry struct {
	ID   string // at most 1 KiB
	JSON []byte // one JSON value, not empty, at most MaxEntryBytes; copied
}

// Poll is what one round of polling found.
type Poll struct {
	At      time.Time // when its first call began
	State   []byte    // what the next poller should know beyond the ids: a watermark; at most MaxStateBytes; copied
	Gap     *Hole     // entries that this poll should have seen and could not; comes before Entries
	Entries []Entry   // new ones only, oldest first
}

// Writer appends to one stream. Make it with [Feed.Writer], after taking the lease;
// it is safe for concurrent use, though one poller is meant to use it.
type Writer struct {
	feed   *Feed
	stream string
	id     uint64 // of this Writer, in its frames

	mu     sync.Mutex
	edge   *Frame // the newest frame; nil for none
	expect uint64 // Seq of the newest message in the store; 0 when all of them expired
	fenced bool
}

// Writer reads the end of a stream and returns a Writer that goes on from there.
// Errors: Invalid for a bad name; Unavailable if the engine does not answer.
func (f *Feed) Writer(ctx context.Context, stream string) (*Writer, error) {
	const op = "open a stream"
	if err := checkStream(op, stream); err != nil {
		return nil, err
	}
	edge, err := f.store.lead(ctx, stream)
	if err != nil {
		return nil, err
	}
	w := &Writer{feed: f, stream: stream, id: rand.Uint64(), edge: edge}
	if edge != nil {
		w.expect = edge.Seq
	}
	return w, nil
}

// Edge returns the newest frame that this Writer knows, nil if the stream is empty:
// its Polled and State are those of the newest poll that was appended as a whole.
func (w *Writer) Edge() *Frame {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.edge
}

// Back returns the frames of the stream from Edge backwards, newest first, as far
// as they are kept. It is what a new poller fills its set of known ids from; it
// breaks off when it knows enough.
func (w *Writer) Back(ctx context.Context) iter.Seq2[*Frame, error] {
	return w.feed.back(ctx, w.stream, w.Edge())
}

// Append adds a poll as one or more frames and returns the Seq of the last. Without
// entries and gap it appends a mark, so that it is kept when the last poll was; a
// poller decides how often that is worth a frame.
//
// An append that got no answer is repeated until ctx ends; it is never made twice.
//
// Errors: ErrFenced if another Writer appended since; Invalid if an entry or State
// is too large, or an entry is empty; anything else means that the outcome is not
// known. After ErrFenced and after an unknown outcome the Writer stays fenced.
// Frames of this poll that were appended before an error stay, and Polled and
// State do not move on.
func (w *Writer) Append(ctx context.Context, p Poll) (seq uint64, err error) {
	if err := check(p); err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	frames := cut(p)
	for i, f := range frames {
		if last := w.edge; last != nil {
			f.Prev, f.Number, f.First, f.anchor = last.Seq, last.Number+1, max(1, last.First+uint64(last.Len())), last.anchor
			if last.Number%anchorEvery == 0 {
				f.anchor = last.Seq
			}
			f.Polled, f.State = last.Polled, last.State
		} else {
			f.Number, f.First = 1, 1
		}
		f.writer = w.id
		if i == len(frames)-1 {
			f.Polled, f.State = p.At.UTC(), append([]byte(nil), p.State...)
		}
		if err := w.append(ctx, f); err != nil {
			return 0, err
		}
	}
	return w.edge.Seq, nil
}

// append stores one frame, once.
func (w *Writer) append(ctx context.Context, f *Frame) error {
	const op = "append to a stream"
	if w.fenced {
		return ErrFenced
	}
	sealed := w.feed.store.seal.Seal(aad(w.stream), f.encode())
	w.fenced = true // until the outcome is known
	for {
		seq, err := w.feed.store.publish(ctx, w.stream, w.expect, sealed)
		if stale(err) {
			var last *Frame
			if last, err = w.feed.store.lead(ctx, w.stream); err == nil {
				switch {
				case last != nil && last.writer == w.id && last.Number == f.Number:
					seq = last.Seq // it was ours: the first answer was lost
				case last == nil && w.expect != 0:
					// All frames expired meanwhile. The chain goes on over that: who
					// has read the last of them has missed nothing.
					w.expect = 0
					continue
				default:
					return ErrFenced
				}
			}
		}
		if err == nil {
			f.Seq, f.Stored = seq, w.feed.now()
			w.edge, w.expect, w.fenced = f, seq, false
			return nil
		}
		if refused(err) {
			w.fenced = false
			return fault.New(fault.Internal, op).Saying("the engine refused a frame").Because(err)
		}
		if ctx.Err() != nil {
			return unavailable(op, context.Cause(ctx))
		}
		if err := pause(ctx, retryPause); err != nil {
			return unavailable(op, err)
		}
	}
}

// check refuses what no frame can hold.
func check(p Poll) error {
	const op = "append to a stream"
	if len(p.State) > MaxStateBytes || p.Gap != nil && len(p.Gap.Reason) > maxReasonBytes {
		return fault.New(fault.Invalid, op).Saying("the poller's state or the reason of a gap is too large")
	}
	for i, e := range p.Entries {
		if len(e.ID) > maxIDBytes || len(e.JSON) == 0 || len(e.JSON) > MaxEntryBytes {
			return fault.New(fault.Invalid, op).
				Saying("entry " + strconv.Itoa(i) + " of the poll is empty or too large to be kept").
				Because(errors.New(strconv.Itoa(len(e.ID)) + " bytes of id, " + strconv.Itoa(len(e.JSON)) + " of JSON"))
		}
	}
	return nil
}

// cut makes the frames of a poll, without their place in the chain.
func cut(p Poll) []*Frame {
	var out []*Frame
	if p.Gap != nil {
		out = append(out, &Frame{Kind: Gap, Hole: Hole{p.Gap.From.UTC(), p.Gap.To.UTC(), p.Gap.Reason}})
	}
	for rest := p.Entries; len(rest) > 0; {
		n, bytes, ids := 0, 0, 0
		for n < len(rest) && n < MaxFrameEntries {
			size := len(rest[n].JSON) + 1
			if n > 0 && bytes+size > MaxFrameBytes {
				break
			}
			bytes, ids, n = bytes+size, ids+len(rest[n].ID), n+1
		}
		f := &Frame{Kind: Entries, body: make([]byte, 0, bytes), ends: make([]uint32, n), idEnds: make([]uint32, n)}
		name := make([]byte, 0, ids)
		for i, e := range rest[:n] {
			if i > 0 {
				f.body = append(f.body, ',')
			}
			f.body, name = append(f.body, e.JSON...), append(name, e.ID...)
			f.ends[i], f.idEnds[i] = uint32(len(f.body)), uint32(len(name))
		}
		f.ids = string(name)
		out, rest = append(out, f), rest[n:]
	}
	if len(out) == 0 {
		out = append(out, &Frame{Kind: Mark})
	}
	return out
}
