package session

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/nats-io/nats.go"
)

// touch moves the idle end of a session, at most once per touchEvery. It never
// creates the mark anew: what has ended stays ended.
func (s *store) touch(ctx context.Context, handle string, last seen, expires time.Time) error {
	now := s.now()
	if now.Sub(last.at) < s.touchEvery() {
		return nil
	}
	_, err := s.put(ctx, seenSubject(handle), timeBytes(now), last.revision, min(s.idle, expires.Sub(now)), nil)
	if err == nil || stale(err) {
		return nil // stale: another replica touched it, or it ended; the next read tells
	}
	return failed("note the use of the session", err)
}

// touchEvery is a minute, less for idle times that are short themselves.
func (s *store) touchEvery() time.Duration { return min(time.Minute, s.idle/10) }

// announce tells every replica that a session lost something, after the commit
// that took it away.
func (s *store) announce(ctx context.Context, st *state) {
	if !st.cut {
		return
	}
	st.cut = false
	for range 8 {
		mark, alive, err := s.lastSeen(ctx, st.handle)
		if err == nil && !alive {
			return // its end was announced
		}
		if err == nil {
			_, err = s.put(ctx, seenSubject(st.handle), timeBytes(s.now()), mark.revision,
				min(s.idle, st.expires.Sub(s.now())), nats.Header{headerWhy: {whyChanged}})
		}
		if stale(err) {
			continue
		}
		if err != nil {
			s.log.Warn("a changed session was not announced", "err", err)
		}
		return
	}
}

// lastSeen returns the mark of last use; alive is false if it is missing or too old.
func (s *store) lastSeen(ctx context.Context, handle string) (mark seen, alive bool, err error) {
	msg, err := s.last(ctx, s.seens, seenSubject(handle))
	if err != nil {
		return seen{}, false, unavailable("read the session", err)
	}
	if msg == nil || gone(msg) || len(msg.Data) != 8 {
		return seen{}, false, nil
	}
	at := time.Unix(0, int64(binary.BigEndian.Uint64(msg.Data)))
	if s.now().Sub(at) >= s.idle {
		return seen{}, false, nil
	}
	return seen{msg.Sequence, at}, true, nil
}
