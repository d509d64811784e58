package tail

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
)

// Follow yields what a socket would be sent, to a reader that is none: entries, gaps
// and changes of status as they come, from the place of the request on, with a beat
// (a frame without a Type) after each silence of that length. First it yields the
// status of every target, at which point no later entry can be missed.
//
// A reader takes as long as it likes: frames wait for it in the feed. It counts among
// the sockets of its session. The loop ends with ctx, and when the session ends or the
// server drains; the error says why. Errors beside ctx's: Invalid for a bad After;
// RateLimited where the session has too many sockets; Unavailable while draining, or
// if the feed does not answer when it begins; Unauthenticated once [Hub.End] was
// called.
func (h *Hub) Follow(ctx context.Context, req Request, beat time.Duration) iter.Seq2[wire.TailFrame, error] {
	return func(yield func(wire.TailFrame, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		f := &follower{seat: h.seat(req), req: req, yield: yield}
		f.end = func(code int, reason string) {
			kind := fault.Unavailable
			if code == wire.CloseSession {
				kind, reason = fault.Unauthenticated, "the session or the access token has ended, or lost a connection"
			}
			cancel(fault.New(kind, "follow").Saying(reason))
		}
		if err := f.begin(ctx); err != nil {
			yield(wire.TailFrame{}, err)
			return
		}
		defer f.close()
		if err := f.run(ctx, beat); err != nil {
			yield(wire.TailFrame{}, err)
		}
	}
}

// follower is a reader of Follow.
type follower struct {
	seat
	req   Request
	lanes []lane
	yield func(wire.TailFrame, error) bool
}

func (f *follower) begin(ctx context.Context) error {
	places, err := parsePlaces(f.req.After)
	if err != nil {
		return err
	}
	for _, t := range f.req.Targets {
		l, err := f.hub.lane(ctx, t, &f.seat, places, f.req)
		if err != nil {
			return err
		}
		f.lanes = append(f.lanes, l)
	}
	if err := f.hub.add(f.req.Session, &f.seat); err != nil {
		return err
	}
	for i := range f.lanes {
		f.lanes[i].join(&f.seat, f.req.Targets[i])
	}
	return nil
}

func (f *follower) close() {
	for i := range f.lanes {
		f.lanes[i].leave(&f.seat)
	}
	f.hub.remove(f.req.Session, &f.seat)
}

// run yields until ctx ends, with its cause, or nil when the reader has had enough.
func (f *follower) run(ctx context.Context, beat time.Duration) error {
	for i := range f.lanes {
		l := &f.lanes[i]
		st := wire.TailFrame{Type: wire.TailStatus, Src: l.src, State: wire.TailStopped, Reason: l.why}
		if l.topic != nil {
			l.told = l.topic.now()
			st = l.told.frame
		}
		if !f.yield(st, nil) || l.gap != "" &&
			!f.yield(wire.TailFrame{Type: wire.TailGap, Src: l.src, To: time.Now().UTC(), Reason: l.gap}, nil) {
			return nil
		}
	}
	quiet := time.NewTimer(beat)
	defer quiet.Stop()
	for {
		more, err := f.forward(ctx)
		if !more || err != nil {
			return err
		}
		quiet.Reset(beat)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-f.wake:
		case <-quiet.C: // an engine that was away is asked again as well
			if !f.yield(wire.TailFrame{}, nil) {
				return nil
			}
		}
	}
}

// forward yields what is there. more is false when the reader has had enough.
func (f *follower) forward(ctx context.Context) (more bool, err error) {
	for again := true; again; {
		again = false
		for i := range f.lanes {
			l := &f.lanes[i]
			if l.reader == nil {
				continue
			}
			frames, err := l.reader.Take(ctx)
			if err != nil && ctx.Err() == nil {
				continue // the engine is away: the next beat tries again
			}
			for _, fr := range frames {
				if ctx.Err() != nil {
					return false, context.Cause(ctx)
				}
				if out, ok := f.frame(l, fr); ok && !f.yield(out, nil) {
					return false, nil
				}
			}
			again = again || len(frames) > 0
		}
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
	}
	for i := range f.lanes {
		if sh := f.lanes[i].news(); sh != nil && !f.yield(sh.frame, nil) {
			return false, nil
		}
	}
	return true, nil
}

// frame returns what the reader is told of a frame; false for nothing.
func (f *follower) frame(l *lane, fr *feed.Frame) (out wire.TailFrame, ok bool) {
	l.move(fr)
	switch fr.Kind {
	case feed.Gap:
		h, filled, ok := l.hole(fr)
		if !ok {
			return out, false
		}
		f.hub.gaps.Add(1)
		return wire.TailFrame{Type: wire.TailGap, Src: l.src, From: h.From.UTC(), To: h.To.UTC(), Reason: h.Reason, Filled: filled}, true
	case feed.Entries:
		for i := range fr.Len() {
			var e logs.Entry
			if json.Unmarshal(fr.Entry(i), &e) == nil && l.keeps(&e) && f.req.Query.Match(&e) {
				out.Entries = append(out.Entries, e)
			}
		}
		if len(out.Entries) == 0 {
			return out, false
		}
		f.hub.entries.Add(int64(len(out.Entries)))
		out.Type, out.Src = wire.TailEntries, l.src
		return out, true
	}
	return out, false
}
