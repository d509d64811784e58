// Package permit keeps one rate budget per credential in the whole cluster: who is
// about to call a vendor enters, and leaves when the call has ended.
//
//	permits, err := permit.Open(ctx, eng, permit.Config{})
//	defer permits.Close()
//	b, err := permits.Budget(credentialID, permit.Limits{PerSecond: 10, InFlight: 2})
//
//	leave, err := b.Enter(ctx, 1)  // waits for its turn
//	if err != nil { … }            // RateLimited with RetryAfter where ctx is too short
//	defer leave()
//	// the vendor answered 429 with Retry-After:
//	b.Cool(time.Now().Add(after))  // nobody enters before
//
// A turn is taken at the moment it is used and never reserved ahead: a caller who
// goes away while waiting costs the others nothing. Callers of one process go in
// the order in which they came.
//
// With an embedded engine a budget is a few numbers in memory, and Cool alone is
// written down, so that a restart does not forget a vendor's wish. In a cluster the
// numbers of each credential are one message that every turn replaces, on the
// condition that it is the newest; releases are told to all replicas. A budget
// without limits, which has Cool alone, exchanges nothing until somebody cools it. Replicas'
// clocks should agree to within a second: a clock that is ahead lets calls through
// that much too early, never more than a burst.
//
// A call that never leaves holds its place for Limits.Hold and no longer. In a
// cluster places are renewed while their calls last, so that those of a replica that
// died are free after 10 s; a replica that cannot renew them for so long may find
// others calling beside it. This package makes no call itself, and does not know what
// is called.
package permit

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

// Limits is what a credential may do. Replicas give the same limits for the same
// credential.
type Limits struct {
	PerSecond float64       // calls of cost 1 per second, on average; 0 for no bound
	Burst     int           // how many of them at once after a pause; 0 means PerSecond, at least 1
	InFlight  int           // calls at once; 0 for no bound
	Hold      time.Duration // longest call; 0 means 2 min
}

// Config is the settings of Permits. The zero Config is valid.
type Config struct {
	Shared  bool          // keep budgets in the engine even if it is embedded
	MaxCool time.Duration // longest pause that Cool may ask for; 0 means 15 min
	Logger  *slog.Logger  // nil means slog.Default()
}

const (
	bucket   = "permit"
	subject  = "$KV." + bucket + "."
	renewed  = 10 * time.Second // how long a place in a cluster lasts if it is not renewed
	hintRoot = "permithints."
	maxBytes = 64 << 20
)

// Permits gives access to the budgets of one engine. It is safe for concurrent use.
type Permits struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	kv      jetstream.Stream
	sub     *nats.Subscription
	shared  bool
	place   time.Duration // renewed; less in tests
	maxCool time.Duration
	log     *slog.Logger

	mu      sync.Mutex
	budgets map[string]weak.Pointer[Budget] // of those that somebody holds
}

// Open prepares the store of budgets. ctx bounds the start only. Errors:
// Unavailable if the engine does not answer.
func Open(ctx context.Context, eng *engine.Engine, cfg Config) (*Permits, error) {
	const op = "open the rate budgets"
	p := newPermits(cfg)
	p.nc, p.js, p.shared = eng.NC, eng.JS, cfg.Shared || !eng.Local
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var err error
	p.kv, err = eng.JS.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "KV_" + bucket, Description: "logpane rate budgets",
		Subjects:          []string{subject + ">"},
		MaxMsgsPerSubject: 1,
		MaxMsgSize:        64 << 10,
		MaxBytes:          maxBytes,
		Discard:           jetstream.DiscardNew,
		Replicas:          eng.Replicas,
		AllowMsgTTL:       true,
		// AllowDirect stays off: only the leader knows the newest numbers.
		RePublish: &jetstream.RePublish{Source: subject + ">", Destination: hintRoot + ">", HeadersOnly: true},
	})
	if err != nil {
		return nil, unavailable(op, err)
	}
	if p.sub, err = eng.NC.Subscribe(hintRoot+">", p.hinted); err == nil {
		err = eng.NC.FlushWithContext(ctx)
	}
	if err != nil {
		return nil, unavailable(op, err)
	}
	return p, nil
}

func newPermits(cfg Config) *Permits {
	if cfg.MaxCool <= 0 {
		cfg.MaxCool = 15 * time.Minute
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Permits{place: renewed, maxCool: cfg.MaxCool, log: cfg.Logger.With("part", "permit"), budgets: map[string]weak.Pointer[Budget]{}}
}

// Close stops listening to other replicas.
func (p *Permits) Close() {
	if p.sub != nil {
		_ = p.sub.Unsubscribe()
	}
}

// Budget returns the budget of a credential, which is named by its id and never by
// a secret. The limits of the latest call count. While somebody holds the budget of
// a credential, it is the same for all who ask. Errors: Invalid if the id is not
// made of letters, digits, - and _.
func (p *Permits) Budget(credential string, limits Limits) (*Budget, error) {
	if credential == "" || len(credential) > 200 ||
		strings.Trim(credential, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return nil, fault.New(fault.Invalid, "open a rate budget").Saying("a credential's id has letters, digits, - and _")
	}
	if limits.Burst <= 0 {
		limits.Burst = max(1, int(limits.PerSecond))
	}
	if limits.Hold <= 0 {
		limits.Hold = 2 * time.Minute
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budgets[credential].Value()
	if b == nil {
		b = &Budget{p: p, credential: credential, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
		p.budgets[credential] = weak.Make(b)
		runtime.AddCleanup(b, p.forget, credential)
	}
	b.mu.Lock()
	b.limits = limits
	b.mu.Unlock()
	return b, nil
}

// forget drops a budget that nobody holds any more.
func (p *Permits) forget(credential string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.budgets[credential].Value() == nil {
		delete(p.budgets, credential)
	}
}

// hinted takes the engine's word that somebody took or left a turn.
func (p *Permits) hinted(msg *nats.Msg) {
	p.mu.Lock()
	b := p.budgets[strings.TrimPrefix(msg.Subject, hintRoot)].Value()
	p.mu.Unlock()
	if b != nil {
		b.told()
	}
}

func unavailable(op string, err error) error {
	var e *fault.Error
	if errors.Is(err, context.Canceled) || errors.As(err, &e) {
		return err
	}
	return fault.New(fault.Unavailable, op).Saying("replicas cannot agree on the pace of calls right now; try again").Because(err)
}
