package session

import (
	"context"
	"log/slog"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

const (
	bucketSess = "sess" // hash of the token → sealed envelope
	bucketSeen = "seen" // handle → time of last use

	maxValueBytes = 512 << 10 // of one sealed session; see the bounds of a connection
	maxSessBytes  = 1 << 30   // of the bucket: an operator is told, not the disk filled
	maxSeenBytes  = 256 << 20

	// markTTL is how long it stays known that a token was renewed or ended. A
	// request that was under way with the old cookie is told to repeat, instead of
	// being handed a fresh empty session whose cookie would replace the new one.
	markTTL = 2 * time.Minute
)

// store is the scs store over two KV buckets.
//
// The key is the SHA-256 of the token, as scs passes it with HashTokenInStore. A
// value is an envelope (version, expiry, handle, scs blob), sealed and bound to
// its key. Every write names the revision it replaces; the server refuses it
// otherwise. Superseded and deleted values are overwritten on disk at once;
// values that expire go when the engine next compacts, sealed as they are.
//
// Idle time is not the business of scs here: its IdleTimeout writes the whole
// session back at the end of every request, which revives sessions that were
// ended meanwhile. A key of its own is touched instead, and its expiry ends the
// session.
type store struct {
	js    jetstream.JetStream
	sess  jetstream.Stream
	seens jetstream.Stream
	// Of access tokens, see token_store.go.
	tokens, index jetstream.Stream
	noted         noted

	keys  *Keyring
	idle  time.Duration
	now   func() time.Time
	log   *slog.Logger
	tries int // reads until an answer; a cluster may be electing
}

var (
	_ scs.CtxStore         = (*store)(nil)
	_ scs.IterableCtxStore = (*store)(nil)
)

// openStore creates the buckets where they are missing.
func openStore(ctx context.Context, eng *engine.Engine, keys *Keyring, idle time.Duration, now func() time.Time, log *slog.Logger) (*store, error) {
	s := &store{js: eng.JS, keys: keys, idle: idle, now: now, log: log, tries: 1}
	if !eng.Local {
		s.tries = 20
	}
	cfg := jetstream.StreamConfig{
		Name:        "KV_" + bucketSess,
		Description: "logpane sessions, sealed",
		Subjects:    []string{"$KV." + bucketSess + ".>"},
		// Two, so that the value a write supersedes is still addressable and can be
		// overwritten on disk before it goes.
		MaxMsgsPerSubject: 2,
		MaxMsgSize:        maxValueBytes,
		MaxBytes:          maxSessBytes,
		Discard:           jetstream.DiscardNew,
		Replicas:          eng.Replicas,
		AllowMsgTTL:       true,
		AllowRollup:       true,
		// In a cluster direct reads may come from a follower that does not know the
		// newest token yet: that would look like no session at all.
		AllowDirect: eng.Local,
	}
	var err error
	if s.sess, err = eng.JS.CreateOrUpdateStream(ctx, cfg); err != nil {
		return nil, unavailable("open the session store", err)
	}
	cfg.Name, cfg.Description = "KV_"+bucketSeen, "last use of each logpane session"
	cfg.Subjects = []string{"$KV." + bucketSeen + ".>"}
	cfg.MaxMsgsPerSubject, cfg.MaxMsgSize, cfg.MaxBytes = 1, 1<<10, maxSeenBytes
	cfg.SubjectDeleteMarkerTTL = markTTL // an expiry leaves a marker, which is how sockets learn of it
	if s.seens, err = eng.JS.CreateOrUpdateStream(ctx, cfg); err != nil {
		return nil, unavailable("open the session store", err)
	}
	if err := s.openTokens(ctx, eng); err != nil {
		return nil, err
	}
	return s, nil
}

// FindCtx returns the scs blob of a live session, and fills the state in ctx.
// Unknown, malformed, expired, idle and unsealable are all found=false, err=nil.
// Errors: Unavailable if the engine does not answer.
func (s *store) FindCtx(ctx context.Context, key string) ([]byte, bool, error) {
	st := stateOf(ctx)
	if !validKey(key) {
		return nil, false, nil
	}
	msg, err := s.last(ctx, s.sess, sessSubject(key))
	if err != nil {
		return nil, false, unavailable("read the session", err)
	}
	if msg == nil {
		return nil, false, nil
	}
	if gone(msg) {
		if st != nil && msg.Header.Get(headerWhy) == whyRenewed && s.now().Sub(msg.Time) < markTTL {
			st.moved = true
		}
		return nil, false, nil
	}
	env, ok := s.unseal(key, msg.Data)
	if !ok || !s.now().Before(env.expires) {
		return nil, false, nil
	}
	mark, alive, err := s.lastSeen(ctx, env.handle)
	if err != nil || !alive {
		return nil, false, err
	}
	if st != nil {
		st.key, st.revision, st.handle, st.expires, st.seen = key, msg.Sequence, env.handle, env.expires, mark
	}
	return env.blob, true, nil
}

// CommitCtx writes a session. A loaded one replaces exactly the revision that was
// loaded; a renewed one takes the place of its predecessor, which ends in the
// same step. Errors: Conflict if another request changed or ended the session
// meanwhile; Invalid if it became too large; Unavailable if the engine does not
// answer or its space is used up; Internal outside of the middleware.
func (s *store) CommitCtx(ctx context.Context, key string, blob []byte, expires time.Time) error {
	const op = "save the session"
	st := stateOf(ctx)
	if st == nil {
		return fault.New(fault.Internal, op).Saying("the session was changed outside of a request")
	}
	if st.key == key && st.revision != 0 {
		return s.replace(ctx, st, key, blob, expires)
	}
	if st.key != "" && st.retire != st.key {
		return fault.New(fault.Internal, op).Saying("the session was saved under a key that it does not have")
	}

	born := st.handle == ""
	if born {
		st.handle = newHandle()
	}
	ttl := expires.Sub(s.now())
	if born {
		// First, because a session without this mark counts as idle for too long.
		seq, err := s.put(ctx, seenSubject(st.handle), timeBytes(s.now()), 0, min(s.idle, ttl), nil)
		if err != nil {
			st.handle = ""
			return failed(op, err)
		}
		st.seen = seen{seq, s.now()}
	}
	seq, err := s.put(ctx, sessSubject(key), s.seal(key, envelope{expires, st.handle, blob}), 0, ttl,
		nats.Header{headerHandle: {st.handle}})
	if err != nil {
		return failed(op, err)
	}
	if st.retire != "" {
		// Only now does the old token end. Who changed or ended it since it was
		// loaded wins, and the new one never leaves the server.
		err := s.mark(ctx, sessSubject(st.retire), st.revision, whyRenewed)
		if err != nil {
			if markErr := s.mark(ctx, sessSubject(key), seq, whyEnded); markErr == nil {
				s.erase(ctx, seq)
			}
			return failed(op, err)
		}
		s.erase(ctx, st.revision)
	}
	st.key, st.revision, st.expires, st.retire = key, seq, expires, ""
	s.announce(ctx, st)
	return nil
}

// replace overwrites the revision that was loaded.
func (s *store) replace(ctx context.Context, st *state, key string, blob []byte, expires time.Time) error {
	seq, err := s.put(ctx, sessSubject(key), s.seal(key, envelope{expires, st.handle, blob}), st.revision,
		expires.Sub(s.now()), nats.Header{headerHandle: {st.handle}})
	if err != nil {
		return failed("save the session", err)
	}
	s.erase(ctx, st.revision)
	st.revision, st.expires = seq, expires
	s.announce(ctx, st)
	return nil
}

// DeleteCtx ends a session, whatever its revision: a logout wins over a write.
// Inside of RenewToken it only notes the key, which CommitCtx then retires.
// Errors: Conflict if the token was renewed meanwhile, because then the session
// lives on under another one; Unavailable if the engine does not answer.
func (s *store) DeleteCtx(ctx context.Context, key string) error {
	const op = "end the session"
	st := stateOf(ctx)
	if st != nil && st.renewing {
		if st.key == key && st.revision != 0 {
			st.retire = key
		}
		return nil
	}
	if !validKey(key) {
		return nil
	}
	for range 8 {
		msg, err := s.last(ctx, s.sess, sessSubject(key))
		if err != nil {
			return unavailable(op, err)
		}
		if msg == nil || gone(msg) {
			if msg != nil && msg.Header.Get(headerWhy) == whyRenewed {
				return conflict(op, nil)
			}
			break
		}
		err = s.mark(ctx, sessSubject(key), msg.Sequence, whyEnded)
		if stale(err) {
			continue // a write came first; end that as well
		}
		if err != nil {
			return failed(op, err)
		}
		s.erase(ctx, msg.Sequence)
		if handle := msg.Header.Get(headerHandle); validKey(handle) {
			if err := s.mark(ctx, seenSubject(handle), 0, whyEnded); err != nil {
				s.log.Warn("an ended session was not announced", "err", err)
			}
		}
		break
	}
	if st != nil && st.key == key {
		st.forget()
	}
	return nil
}

// AllCtx returns the scs blobs of all live sessions by key.
func (s *store) AllCtx(ctx context.Context) (map[string][]byte, error) {
	all := map[string][]byte{}
	ctx = withState(ctx, nil) // reading others must not fill the state of this request
	err := s.each(ctx, s.sess, func(subject string, _ nats.Header) error {
		key := subject[len(sessSubject("")):]
		blob, found, err := s.FindCtx(ctx, key)
		if found {
			all[key] = blob
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// The plain methods serve scs's Store interface; scs prefers the others.

// Find is FindCtx without a deadline.
func (s *store) Find(key string) ([]byte, bool, error) { return s.FindCtx(context.Background(), key) }

// Commit is CommitCtx, which refuses: there is no revision to replace.
func (s *store) Commit(key string, blob []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), key, blob, expires)
}

// Delete is DeleteCtx without a deadline.
func (s *store) Delete(key string) error { return s.DeleteCtx(context.Background(), key) }
