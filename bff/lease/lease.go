// Package lease lets at most one replica do a thing: at most one holder of a key
// in the whole cluster.
//
//	leases, err := lease.Open(ctx, eng, lease.Config{})
//	defer leases.Close()
//
//	l, err := leases.Acquire(ctx, "poll."+stream) // waits for its turn
//	if err != nil { … }
//	defer l.Release()                             // hands over at once
//	poll(l.Context())                             // ends when the lease may not be trusted any more
//
// A lease renews itself until it is released. Its holder judges by its own clock:
// where no renewal was answered in time, [Lease.Context] ends and [Lease.Valid] is
// false before the engine gives the key to somebody else. A process that was
// stopped for a while notices with the first call of Valid, even before its timers
// have run.
//
// Candidates do not poll: the engine tells every replica of releases and
// expiries. Since such word can be lost with a connection, a candidate also looks
// once per TTL.
//
// A lease alone cannot stop a holder between its check and its deed; what it
// writes must refuse an old holder by itself, as package feed does. It must not be
// used as a place to keep anything.
//
// With an embedded engine leases are kept in memory: they end with the process, so
// that a restart does not wait for leases of the one before it.
package lease

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

var (
	// ErrHeld is returned by Try where somebody else holds the key.
	ErrHeld = errors.New("somebody else holds the lease")
	// ErrLost is the cause of a lease's context when it could not be renewed in
	// time, or somebody else has the key.
	ErrLost = errors.New("the lease was lost")
	// ErrReleased is the cause of a lease's context after Release.
	ErrReleased = errors.New("the lease was released")
)

const (
	bucket     = "lease"
	subject    = "$KV." + bucket + "."
	hintRoot   = "leasehints."
	headerOp   = "KV-Operation" // as in any NATS KV bucket, so that its tools understand the markers
	headerWhy  = "Nats-Marker-Reason"
	opDelete   = "DEL"
	markTTL    = time.Minute // markers tell candidates; nobody reads them later
	maxBytes   = 64 << 20
	memBytes   = 4 << 20 // of an embedded engine, in memory
	retryPause = 100 * time.Millisecond
)

// Config is the settings of Leases. The zero Config is valid.
type Config struct {
	// TTL is how long a dead holder blocks a key: whole seconds, at least 1 s; 0 means
	// 10 s. In a cluster it should outlive an election, which takes 4 to 9 s.
	TTL    time.Duration
	Logger *slog.Logger // nil means slog.Default()
}

// Leases gives access to the leases of one engine. It is safe for concurrent use.
type Leases struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	ttl  time.Duration
	log  *slog.Logger
	now  func() time.Time
	kv   jetstream.Stream
	sub  *nats.Subscription
	done chan struct{}
	once sync.Once

	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // by key
}

// Open prepares the store of leases. ctx bounds the start only. Errors: Unavailable
// if the engine does not answer.
func Open(ctx context.Context, eng *engine.Engine, cfg Config) (*Leases, error) {
	const op = "open the leases"
	if cfg.TTL <= 0 {
		cfg.TTL = 10 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	m := &Leases{
		nc: eng.NC, js: eng.JS, ttl: max(time.Second, cfg.TTL.Truncate(time.Second)), log: cfg.Logger.With("part", "lease"),
		now: time.Now, done: make(chan struct{}), waiting: map[string]map[chan struct{}]bool{},
	}
	sc := jetstream.StreamConfig{
		Name: "KV_" + bucket, Description: "logpane leases",
		Subjects:               []string{subject + ">"},
		MaxMsgsPerSubject:      1,
		MaxMsgSize:             1 << 10,
		MaxBytes:               maxBytes,
		Discard:                jetstream.DiscardNew,
		Replicas:               eng.Replicas,
		AllowMsgTTL:            true,
		SubjectDeleteMarkerTTL: markTTL, // an expiry leaves a marker, which is how candidates learn of it
		AllowRollup:            true,
		// AllowDirect stays off: only the leader knows who holds a key.
		RePublish: &jetstream.RePublish{Source: subject + ">", Destination: hintRoot + ">", HeadersOnly: true},
	}
	if eng.Local {
		sc.Storage, sc.MaxBytes = jetstream.MemoryStorage, memBytes
	}
	var err error
	if m.kv, err = eng.JS.CreateOrUpdateStream(ctx, sc); err != nil {
		return nil, unavailable(op, err)
	}
	if m.sub, err = eng.NC.Subscribe(hintRoot+">", m.hinted); err == nil {
		err = eng.NC.FlushWithContext(ctx)
	}
	if err != nil {
		return nil, unavailable(op, err)
	}
	return m, nil
}

// Close ends the waiting of candidates. Leases that are held are the business of
// their holders, who release them first.
func (m *Leases) Close() {
	m.once.Do(func() {
		_ = m.sub.Unsubscribe()
		close(m.done)
	})
}

// hinted takes the engine's word of a change, and wakes candidates if it is an end.
func (m *Leases) hinted(msg *nats.Msg) {
	if !marker(msg.Header) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for wake := range m.waiting[strings.TrimPrefix(msg.Subject, hintRoot)] {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// marker reports whether a message says that nobody holds the key.
func marker(h nats.Header) bool { return h.Get(headerOp) != "" || h.Get(headerWhy) != "" }

// Acquire waits until the key is free and takes it. Of several candidates any may
// be next. Keys have at most 200 letters, digits, - and _, in parts separated by
// dots.
//
// Errors: ctx's; Canceled after Close; Invalid for a bad key. While the engine is
// away it waits for that, too.
func (m *Leases) Acquire(ctx context.Context, key string) (*Lease, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	wake := make(chan struct{}, 1)
	m.wait(key, wake)
	defer m.unwait(key, wake)
	l := m.candidate(key)
	net := time.NewTicker(m.ttl)
	defer net.Stop()
	for {
		err := l.take(ctx)
		if err == nil {
			return l, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var retry <-chan time.Time
		if !errors.Is(err, ErrHeld) {
			m.log.Debug("a lease could not be taken yet", "err", err)
			retry = time.After(retryPause)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-m.done:
			return nil, fault.New(fault.Canceled, "acquire a lease").Saying("the server is stopping")
		case <-wake:
		case <-net.C:
		case <-retry:
		}
	}
}

// Try takes the key if it is free. Errors: ErrHeld if it is not; Unavailable if the
// engine does not answer; Invalid for a bad key.
func (m *Leases) Try(ctx context.Context, key string) (*Lease, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	l := m.candidate(key)
	if err := l.take(ctx); err != nil {
		if errors.Is(err, ErrHeld) {
			return nil, err
		}
		return nil, unavailable("acquire a lease", err)
	}
	return l, nil
}

func (m *Leases) wait(key string, wake chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting[key] == nil {
		m.waiting[key] = map[chan struct{}]bool{}
	}
	m.waiting[key][wake] = true
}

func (m *Leases) unwait(key string, wake chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting[key], wake)
	if len(m.waiting[key]) == 0 {
		delete(m.waiting, key)
	}
}

func checkKey(key string) error {
	ok := key != "" && len(key) <= 200
	for part := range strings.SplitSeq(key, ".") {
		ok = ok && part != "" &&
			strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
	}
	if ok {
		return nil
	}
	return fault.New(fault.Invalid, "acquire a lease").
		Saying("the key of a lease has letters, digits, - and _ in parts separated by dots")
}

func unavailable(op string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, op).Saying("replicas cannot agree right now; try again").Because(err)
}

// stale reports that a write named a revision that is not the newest.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}
