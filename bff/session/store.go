package session

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
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

	// The names and values of headers on stored messages.
	headerOp     = "KV-Operation" // ours as in any NATS KV bucket, so that its tools understand the markers
	headerReason = "Nats-Marker-Reason"
	headerHandle = "Logpane-Handle"
	headerWhy    = "Logpane-Why"
	opDelete     = "DEL"
	whyRenewed   = "renewed"
	whyEnded     = "ended"
	whyChanged   = "changed"
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
	return s, nil
}

func sessSubject(key string) string    { return "$KV." + bucketSess + "." + key }
func seenSubject(handle string) string { return "$KV." + bucketSeen + "." + handle }

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

// last returns the newest message of a subject, nil if there is none.
func (s *store) last(ctx context.Context, stream jetstream.Stream, subject string) (*jetstream.RawStreamMsg, error) {
	for try := 1; ; try++ {
		msg, err := stream.GetLastMsgForSubject(ctx, subject)
		switch {
		case err == nil:
			return msg, nil
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return nil, nil
		case ctx.Err() != nil || try >= s.tries || !errors.Is(err, nats.ErrNoResponders):
			return nil, err
		}
		pause := time.NewTimer(100 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		case <-pause.C:
		}
	}
}

// put writes a message that replaces exactly revision; 0 means that none exists.
func (s *store) put(ctx context.Context, subject string, data []byte, revision uint64, ttl time.Duration, h nats.Header) (uint64, error) {
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data, Header: h},
		jetstream.WithExpectLastSequencePerSubject(revision), jetstream.WithMsgTTL(wholeSeconds(ttl)))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// mark writes a deletion marker that replaces revision; 0 means any.
func (s *store) mark(ctx context.Context, subject string, revision uint64, why string) error {
	opts := []jetstream.PublishOpt{jetstream.WithMsgTTL(markTTL)}
	if revision != 0 {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(revision))
	}
	_, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Header: nats.Header{headerOp: {opDelete}, headerWhy: {why}}}, opts...)
	return err
}

// erase overwrites a superseded value on disk. What fails here stays sealed and
// unreachable, so that the request goes on.
func (s *store) erase(ctx context.Context, revision uint64) {
	if err := s.sess.SecureDeleteMsg(ctx, revision); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		s.log.Warn("a superseded session value was not overwritten", "err", err)
	}
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

// envelope is what is sealed: 1 byte version, 8 bytes expiry, 16 bytes handle, blob.
type envelope struct {
	expires time.Time
	handle  string
	blob    []byte
}

const (
	envelopeVersion = 1
	handleBytes     = 16
	envelopeHeader  = 1 + 8 + handleBytes
)

func (s *store) seal(key string, e envelope) []byte {
	plain := make([]byte, 0, envelopeHeader+len(e.blob))
	plain = append(plain, envelopeVersion)
	plain = append(plain, timeBytes(e.expires)...)
	raw, _ := base64.RawURLEncoding.DecodeString(e.handle) // of newHandle or unseal
	plain = append(plain, raw...)
	return s.keys.Seal(bucketSess+"/"+key, append(plain, e.blob...))
}

func (s *store) unseal(key string, sealed []byte) (envelope, bool) {
	plain, err := s.keys.Open(bucketSess+"/"+key, sealed)
	if err != nil || len(plain) < envelopeHeader || plain[0] != envelopeVersion {
		return envelope{}, false
	}
	return envelope{
		expires: time.Unix(0, int64(binary.BigEndian.Uint64(plain[1:9]))),
		handle:  base64.RawURLEncoding.EncodeToString(plain[9:envelopeHeader]),
		blob:    plain[envelopeHeader:],
	}, true
}

func newHandle() string {
	var b [handleBytes]byte
	_, _ = rand.Read(b[:]) // never fails, per crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func timeBytes(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano()))
}

// validKey admits base64url, which both kinds of key are made of: nothing in it
// has a meaning in a subject.
func validKey(key string) bool {
	if key == "" || len(key) > 64 {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// gone reports whether a message is a marker, of ours or of the server's.
func gone(m *jetstream.RawStreamMsg) bool {
	return m.Header.Get(headerOp) != "" || m.Header.Get(headerReason) != ""
}

// wholeSeconds rounds up to what the server counts in, at least one.
func wholeSeconds(d time.Duration) time.Duration {
	return max(time.Second, (d+time.Second-1)/time.Second*time.Second)
}

// stale reports that a write named a revision that is not the newest.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// failed classifies the error of a write.
func failed(op string, err error) error {
	if stale(err) {
		return conflict(op, err)
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return tooLarge(op)
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Code == 400 && api.ErrorCode == errCodeMessageTooLarge {
		return tooLarge(op)
	}
	return unavailable(op, err)
}

// errCodeMessageTooLarge is JSStreamMessageExceedsMaximumErr of the server's
// errors.json.
const errCodeMessageTooLarge = 10054

func tooLarge(op string) error {
	return fault.New(fault.Invalid, op).Saying("the session holds too much; forget a connection first")
}

func conflict(op string, err error) error {
	return fault.New(fault.Conflict, op).
		Saying("another request changed the session at the same moment; repeat this one").Because(err)
}

func unavailable(op string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, op).
		Saying("sessions cannot be read or saved right now; try again").Because(err)
}
