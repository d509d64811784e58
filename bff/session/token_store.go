package session

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

const (
	bucketToken = "token"    // hash of the token → sealed value
	bucketIndex = "tokenidx" // credential id.hash → nothing; "used".hash → time of last use

	maxTokenBytes = 256 << 20 // of each bucket
	tokenHandle   = "token:"
	headerKeys    = "Logpane-Keys"

	// useEvery is how often the use of a token is noted.
	useEvery = time.Minute
	// maxNoted bounds the tokens whose last noting is remembered here.
	maxNoted = 4096
)

func tokenSubject(key string) string       { return "$KV." + bucketToken + "." + key }
func indexSubject(cred, key string) string { return "$KV." + bucketIndex + "." + cred + "." + key }

// storedToken is a token as it is kept. The value is sealed and bound to its key,
// the hash of the token's text, which is kept nowhere.
type storedToken struct {
	key              string
	revision         uint64 // 0 until it is stored
	label, last      string
	created, expires time.Time
	conns            []connection
}

// tokenJSON is the sealed value. It may gain fields; a change that older code would
// misread takes a new version.
type tokenJSON struct {
	Version     int              `json:"v"`
	Label       string           `json:"label"`
	Last        string           `json:"last"`
	Created     time.Time        `json:"created"`
	Expires     time.Time        `json:"expires"`
	Connections []connectionJSON `json:"connections"`
}

const tokenVersion = 1

// noted is when each token's use was last noted, as far as this replica knows.
type noted struct {
	mu sync.Mutex
	at map[string]time.Time
}

// openTokens creates the buckets where they are missing.
func (s *store) openTokens(ctx context.Context, eng *engine.Engine) error {
	cfg := jetstream.StreamConfig{
		Name:        "KV_" + bucketToken,
		Description: "logpane access tokens, sealed",
		Subjects:    []string{"$KV." + bucketToken + ".>"},
		// Two, as for sessions: what is superseded is overwritten on disk.
		MaxMsgsPerSubject:      2,
		MaxMsgSize:             maxValueBytes,
		MaxBytes:               maxTokenBytes,
		Discard:                jetstream.DiscardNew,
		Replicas:               eng.Replicas,
		AllowMsgTTL:            true,
		AllowRollup:            true,
		AllowDirect:            eng.Local,
		SubjectDeleteMarkerTTL: markTTL, // an expiry leaves a marker, which is how exports and sockets learn of it
	}
	var err error
	if s.tokens, err = eng.JS.CreateOrUpdateStream(ctx, cfg); err != nil {
		return tokensUnavailable("open the store of access tokens", err)
	}
	cfg.Name, cfg.Description = "KV_"+bucketIndex, "which credential is in which logpane access token"
	cfg.Subjects = []string{"$KV." + bucketIndex + ".>"}
	cfg.MaxMsgsPerSubject, cfg.MaxMsgSize, cfg.SubjectDeleteMarkerTTL = 1, 1<<10, 0
	if s.index, err = eng.JS.CreateOrUpdateStream(ctx, cfg); err != nil {
		return tokensUnavailable("open the store of access tokens", err)
	}
	s.noted.at = map[string]time.Time{}
	return nil
}

// token returns a live token; nil if there is none that opens under this key.
func (s *store) token(ctx context.Context, key string) (*storedToken, error) {
	if !validKey(key) {
		return nil, nil
	}
	msg, err := s.last(ctx, s.tokens, tokenSubject(key))
	if err != nil {
		return nil, tokensUnavailable("read the access token", err)
	}
	if msg == nil || gone(msg) {
		return nil, nil
	}
	t := s.unsealToken(key, msg.Data)
	if t == nil || !s.now().Before(t.expires) {
		return nil, nil
	}
	t.revision = msg.Sequence
	return t, nil
}

func (s *store) sealToken(t *storedToken) []byte {
	raw, err := json.Marshal(tokenJSON{tokenVersion, t.label, t.last, t.created, t.expires, connectionsJSON(t.conns)})
	if err != nil {
		panic(err) // as for a session's body; the times are within JSON's years
	}
	return s.keys.Seal(bucketToken+"/"+t.key, raw)
}

func (s *store) unsealToken(key string, sealed []byte) *storedToken {
	plain, err := s.keys.Open(bucketToken+"/"+key, sealed)
	if err != nil {
		return nil
	}
	var in tokenJSON
	if json.Unmarshal(plain, &in) != nil || in.Version != tokenVersion {
		return nil
	}
	return &storedToken{
		key: key, label: in.Label, last: in.Last, created: in.Created, expires: in.Expires, conns: connectionsOf(in.Connections),
	}
}

// putToken writes a token in the place of its revision, sealed with the first key.
func (s *store) putToken(ctx context.Context, t *storedToken) error {
	seq, err := s.put(ctx, tokenSubject(t.key), s.sealToken(t), t.revision, t.expires.Sub(s.now()),
		nats.Header{headerKeys: {s.keysNow()}})
	if err == nil {
		t.revision = seq
	}
	return err
}

// keysNow names the keys that a token written now depends on: the one that seals
// it, and the one that its index is derived from.
func (s *store) keysNow() string { return s.keys.keys[0].id + " " + s.keys.keys[s.keys.lowest].id }

// addToken stores a new token and lists it under its credentials. A credential that
// has too many already refuses it; of several that are made at the same moment for
// the last place, none may get it.
func (s *store) addToken(ctx context.Context, t *storedToken) error {
	const op = "make an access token"
	if err := s.putToken(ctx, t); err != nil {
		return s.tokenFailed(op, err)
	}
	// From here on there is something to take back, even for a caller that is gone.
	err := s.list(ctx, t, true)
	if err == nil {
		return nil
	}
	if dropErr := s.dropToken(context.WithoutCancel(ctx), t.key, t.revision); dropErr != nil {
		// Nobody knows its text.
		s.log.Warn("an access token that was not given out stays until it expires", "err", dropErr)
	}
	return err
}

// list names a token under its credentials; once bounded, a credential with more
// than MaxTokens is an error.
func (s *store) list(ctx context.Context, t *storedToken, bounded bool) error {
	const op = "make an access token"
	done := map[string]bool{}
	for _, c := range t.conns {
		cred := c.credential(s.keys)
		if done[cred] {
			continue
		}
		done[cred] = true
		_, err := s.put(ctx, indexSubject(cred, t.key), nil, 0, t.expires.Sub(s.now()), nil)
		if err != nil && !stale(err) { // stale: it is listed
			return s.tokenFailed(op, err)
		}
		if !bounded {
			continue
		}
		of, err := s.tokensOf(ctx, cred)
		if err != nil {
			return err
		}
		if len(of) > MaxTokens {
			return fault.New(fault.Invalid, op).
				Saying("there are " + strconv.Itoa(MaxTokens) + " access tokens for " + c.Label + " already; revoke one first")
		}
	}
	return nil
}

// tokensOf returns the keys of the tokens that are listed under a credential.
func (s *store) tokensOf(ctx context.Context, cred string) ([]string, error) {
	before := indexSubject(cred, "")
	info, err := s.index.Info(ctx, jetstream.WithSubjectFilter(before+"*"))
	if err != nil {
		return nil, tokensUnavailable("list the access tokens", err)
	}
	var keys []string
	for subject := range info.State.Subjects {
		keys = append(keys, subject[len(before):])
	}
	return keys, nil
}

// dropToken ends a token, takes its value off the disk and out of the lists. The
// error is that of the engine, raw; once the token has ended there is none.
func (s *store) dropToken(ctx context.Context, key string, revision uint64) error {
	if err := s.mark(ctx, tokenSubject(key), revision, whyEnded); err != nil {
		return err
	}
	s.eraseToken(ctx, revision)
	s.unlist(ctx, key)
	return nil
}

func (s *store) eraseToken(ctx context.Context, revision uint64) {
	if err := s.tokens.SecureDeleteMsg(ctx, revision); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		s.log.Warn("the value of an access token was not overwritten", "err", err)
	}
}

// unlist takes a token that has ended out of the lists. What fails here is done
// by the next listing that finds it.
func (s *store) unlist(ctx context.Context, key string) {
	if err := s.index.Purge(ctx, jetstream.WithPurgeSubject(indexSubject("*", key))); err != nil {
		s.log.Warn("an access token that has ended is still in the lists", "err", err)
	}
}

// usedKind stands in the place of a credential's id, which is longer.
const usedKind = "used"

// tokenUsed returns when a token was last used, and the revision of that mark.
func (s *store) tokenUsed(ctx context.Context, key string) (time.Time, uint64, error) {
	msg, err := s.last(ctx, s.index, indexSubject(usedKind, key))
	if err != nil {
		return time.Time{}, 0, tokensUnavailable("read the access token", err)
	}
	if msg == nil || len(msg.Data) != 8 {
		return time.Time{}, 0, nil
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(msg.Data))).UTC(), msg.Sequence, nil
}

// noteUse notes that a token is used, at most once in useEvery.
func (s *store) noteUse(ctx context.Context, t *storedToken) error {
	now := s.now()
	if s.noted.recent(t.key, now) {
		return nil
	}
	at, revision, err := s.tokenUsed(ctx, t.key)
	if err != nil || now.Sub(at) < useEvery {
		return err // another replica noted it
	}
	_, err = s.put(ctx, indexSubject(usedKind, t.key), timeBytes(now), revision, t.expires.Sub(now), nil)
	if stale(err) {
		return nil // at this very moment
	}
	return err
}

// recent reports whether key was here within useEvery before now; if not, it is now.
func (n *noted) recent(key string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, ok := n.at[key]; ok && now.Sub(at) < useEvery {
		return true
	}
	if len(n.at) >= maxNoted {
		clear(n.at)
	}
	n.at[key] = now
	return false
}

// renewTokens seals tokens anew that were sealed with another key than the first,
// and lists them where the key that lists are made with has changed. It lets keys
// be dropped while tokens live, which may be a year.
func (s *store) renewTokens(ctx context.Context) error {
	var keys []string
	err := s.each(ctx, s.tokens, func(subject string, h nats.Header) error {
		if h.Get(headerOp) == "" && h.Get(headerReason) == "" && h.Get(headerKeys) != s.keysNow() {
			keys = append(keys, subject[len(tokenSubject("")):])
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		t, err := s.token(ctx, key)
		if err != nil {
			return err
		}
		if t == nil {
			continue // of a key that is not here
		}
		// Listed first: a token that is sealed anew is not looked at again.
		if err := s.list(ctx, t, false); err != nil {
			return err
		}
		old := t.revision
		err = s.putToken(ctx, t)
		if stale(err) {
			continue // revoked, or another replica did it
		}
		if err != nil {
			return err
		}
		s.eraseToken(ctx, old)
	}
	return nil
}

func (s *store) tokenFailed(op string, err error) error {
	if f := failed(op, err); fault.KindOf(f) == fault.Invalid {
		return fault.New(fault.Invalid, op).Saying("the token holds too much; choose fewer connections")
	}
	return tokensUnavailable(op, err)
}

func tokensUnavailable(op string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, op).
		Saying("access tokens cannot be read or saved right now; try again").Because(err)
}
