package feed

import (
	"context"
	"iter"
	"time"

	"github.com/logpane/logpane/app/fault"
)

// Last returns the newest frame of a stream, nil if it has none. Another replica
// may know a newer one.
func (f *Feed) Last(ctx context.Context, stream string) (*Frame, error) {
	if err := checkStream("read a stream", stream); err != nil {
		return nil, err
	}
	return f.store.last(ctx, stream)
}

// Back returns the kept frames of a stream, newest first. It ends at the oldest,
// or with an error: Invalid for a bad name, Unavailable if the engine does not
// answer.
func (f *Feed) Back(ctx context.Context, stream string) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		last, err := f.Last(ctx, stream)
		if err != nil {
			yield(nil, err)
			return
		}
		for fr, err := range f.back(ctx, stream, last) {
			if !yield(fr, err) {
				return
			}
		}
	}
}

// Scan returns the kept frames of a stream that were stored at or after since,
// oldest first, until the newest at that moment. Errors as Back.
func (f *Feed) Scan(ctx context.Context, stream string, since time.Time) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		last, err := f.Last(ctx, stream)
		if err == nil && last == nil {
			return
		}
		var frames []*Frame
		if err == nil {
			frames, err = f.store.since(ctx, stream, since, batchFrames)
		}
		for {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, fr := range frames {
				if fr.Seq > last.Seq || !yield(fr, nil) {
					return
				}
			}
			if len(frames) == 0 || frames[len(frames)-1].Seq >= last.Seq {
				return
			}
			frames, err = f.store.next(ctx, stream, frames[len(frames)-1].Seq+1, batchFrames)
		}
	}
}

// back yields from and what is before it. It reads a block at a time, from one
// anchor to the next, and goes through it from its end.
func (f *Feed) back(ctx context.Context, stream string, from *Frame) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		if from == nil || !yield(from, nil) {
			return
		}
		for oldest := from; oldest.Prev != 0; {
			block, err := f.block(ctx, stream, oldest)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(block) == 0 {
				return // the rest is no longer kept
			}
			for i := len(block) - 1; i >= 0; i-- {
				if !yield(block[i], nil) {
					return
				}
			}
			oldest = block[0]
		}
	}
}

// block returns the frames between the anchor of a frame and that frame, oldest
// first; none if they are no longer kept.
func (f *Feed) block(ctx context.Context, stream string, before *Frame) ([]*Frame, error) {
	start := before.anchor
	if start == 0 && before.Lost {
		start = before.Prev // unreadable: its anchor with it
	}
	for try := 1; ; try++ {
		var block []*Frame
		for at := start; at < before.Seq; at = block[len(block)-1].Seq + 1 {
			part, err := f.store.next(ctx, stream, at, anchorEvery)
			if err != nil {
				return nil, err
			}
			for len(part) > 0 && part[len(part)-1].Seq >= before.Seq {
				part = part[:len(part)-1]
			}
			if len(part) == 0 {
				break
			}
			block = append(block, part...)
		}
		if len(block) > 0 && block[len(block)-1].Seq == before.Prev {
			return block, nil
		}
		// Not the frame that must be there: it expired, or the replica that
		// answered lags. The leader's oldest number tells which.
		gone, err := f.store.gone(ctx, stream, before.Prev)
		if err != nil || gone {
			return nil, err
		}
		if try > 50 {
			return nil, fault.New(fault.Unavailable, "read a stream").
				Saying("kept log entries cannot be read right now; try again")
		}
		if err := pause(ctx, retryPause); err != nil {
			return nil, err
		}
	}
}
