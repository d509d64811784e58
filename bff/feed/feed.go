// Package feed keeps and passes on what pollers have read: streams of frames,
// appended by one, followed by thousands, on any replica.
//
//	feed, err := feed.Open(ctx, eng, feed.Config{Sealer: keyring})
//	defer feed.Close()
//
//	w, err := feed.Writer(ctx, stream)       // the poller: who holds the lease
//	for f, err := range w.Back(ctx) { … }    // what it knew: ids, Polled, State
//	seq, err := w.Append(ctx, feed.Poll{At: began, Entries: fresh, State: watermark})
//	// errors.Is(err, feed.ErrFenced): another poller appended; make a new Writer
//
//	r, err := feed.Reader(stream, after, nil) // a socket: after is the Seq seen last
//	defer r.Close()
//	for { frames, err := r.Next(ctx); … }
//
// # A stream
//
// Its name is made by the caller, from whatever must be equal for two people to
// read the same entries; this package sees only the string. One message of the
// engine is one frame: what one poll found, cut where it is too much for one.
// Each is appended on the condition that the frame before it is still the newest,
// so that of two pollers one is refused, and each holds the number of the frame
// before it. That chain is how a reader proves that nothing is missing.
//
// The stream is the state: a poller keeps nothing that it could not read from the
// end of its stream. [Writer.Edge] says when the last poll began and what the
// poller noted down then; [Writer.Back] gives the ids to recognize.
//
// # Readers
//
// A process follows each stream once, however many read it, and only while
// somebody does: the newest frames stand in a ring, bounded by bytes, and each
// reader has a place of its own in it. Who falls behind the ring, or comes from
// further back, reads from the engine until they have caught up. A slow reader so
// costs only itself, and misses nothing.
//
// What is no longer kept is told as a frame of kind [Gap] with Lost set, in its
// place: where frames were removed between two that are read, where a reader asks
// on from a place that is gone, and where it names a place that this stream never
// had.
//
// How a process learns of new frames: the engine tells every replica the number of
// each frame that it stored, and the hub of that stream then reads on from where
// it is. Such a hint may be lost with a connection, so hubs look again when a
// connection is back and every few seconds. What a reader gets is never taken from
// a hint: the store alone says what comes next.
//
// # Rest
//
// Entries hold personal data: frames are compressed, then sealed under the name of
// their stream. It must not decide what an entry is, which are new, or when to
// poll; it does not look into an entry's JSON.
package feed

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

// ErrFenced is returned by a Writer that is not, or may not be, the only one any
// more: what it believes of the stream is out of date. Its poller throws away what
// it knows and begins with a new Writer, if it still holds the lease.
var ErrFenced = errors.New("another poller appended to the stream")

// FromNow as a reader's place means: only what comes from now on.
const FromNow = ^uint64(0)

// Sealer encrypts what is kept. session.Keyring is one.
type Sealer interface {
	Seal(aad string, plain []byte) []byte
	Open(aad string, sealed []byte) ([]byte, error)
}

// Keep says how long frames are kept. What goes first is the oldest of all
// streams, but for Frames, which bounds each alone.
type Keep struct {
	Age    time.Duration // 0 means 30 days: well beyond what the vendors keep
	Bytes  int64         // of all streams, compressed; 0 means 8 GiB
	Frames int64         // of one stream; 0 means 300,000
}

// Config is the settings of a Feed. Only Sealer is required.
type Config struct {
	Sealer    Sealer
	Keep      Keep
	RingBytes int           // of frames held in memory for one stream; 0 means 4 MiB
	AllBytes  int           // of frames held in memory for all; 0 means 256 MiB
	Linger    time.Duration // how long a stream is followed after its last reader left; 0 means 10 s
	Look      time.Duration // how often hubs look without a hint; 0 means 5 s, 30 s with an embedded engine
	Logger    *slog.Logger  // nil means slog.Default()
}

// Feed gives access to all streams of one engine. It is safe for concurrent use.
type Feed struct {
	store *store
	cfg   Config
	log   *slog.Logger
	now   func() time.Time

	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	hints  *nats.Subscription
	status chan nats.Status

	mu   sync.Mutex
	hubs map[string]*hub
}

// Open prepares the store of frames and begins to listen for new ones. ctx bounds
// the start only.
//
// Errors: Invalid without a Sealer; Unavailable if the engine does not answer.
func Open(ctx context.Context, eng *engine.Engine, cfg Config) (*Feed, error) {
	const op = "open the feed"
	if cfg.Sealer == nil {
		return nil, fault.New(fault.Invalid, op).Saying("kept entries need keys to be sealed with")
	}
	setDefault(&cfg.Keep.Age, 30*24*time.Hour)
	setDefault(&cfg.Keep.Bytes, 8<<30)
	setDefault(&cfg.Keep.Frames, 300_000)
	setDefault(&cfg.RingBytes, 4<<20)
	setDefault(&cfg.AllBytes, 256<<20)
	setDefault(&cfg.Linger, 10*time.Second)
	if eng.Local {
		setDefault(&cfg.Look, 30*time.Second)
	}
	setDefault(&cfg.Look, 5*time.Second)
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	store, err := openStore(ctx, eng, cfg.Sealer, cfg.Keep)
	if err != nil {
		return nil, err
	}
	f := &Feed{store: store, cfg: cfg, log: cfg.Logger.With("part", "feed"), now: time.Now, hubs: map[string]*hub{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	// One subscription for all streams: a hint is a hundred bytes, a subscription
	// per stream would have to be in place before its first read.
	f.hints, err = eng.NC.Subscribe(hintRoot+">", f.hinted)
	if err == nil {
		err = f.hints.SetPendingLimits(-1, -1) // hints are consumed at once and never block
	}
	if err == nil {
		err = eng.NC.FlushWithContext(ctx)
	}
	if err != nil {
		f.cancel()
		return nil, unavailable(op, err)
	}
	f.status = eng.NC.StatusChanged(nats.CONNECTED)
	f.done.Go(f.keepLooking)
	return f, nil
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// Close stops following. Readers' Next returns Canceled from then on; Writers are
// the business of their pollers. The engine stays open.
func (f *Feed) Close() {
	f.cancel()
	_ = f.hints.Unsubscribe()
	f.store.nc.RemoveStatusListener(f.status)
	f.done.Wait()
}

// hinted takes the engine's word that a frame was stored.
func (f *Feed) hinted(msg *nats.Msg) {
	seq, err := strconv.ParseUint(msg.Header.Get(headerSeq), 10, 64)
	if err != nil {
		return
	}
	f.mu.Lock()
	h := f.hubs[strings.TrimPrefix(msg.Subject, hintRoot)]
	f.mu.Unlock()
	if h != nil {
		h.look(seq)
	}
}

// keepLooking makes every hub look for what no hint told, and drops those that
// nobody has read for a while.
func (f *Feed) keepLooking() {
	look := time.NewTicker(f.cfg.Look)
	defer look.Stop()
	drop := time.NewTicker(max(f.cfg.Linger/4, 10*time.Millisecond))
	defer drop.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-drop.C:
			f.dropIdle(f.now())
			continue
		case <-f.status:
		case <-look.C:
		}
		f.mu.Lock()
		for _, h := range f.hubs {
			h.look(0)
		}
		f.mu.Unlock()
	}
}

// dropIdle ends the hubs that nobody has read for the linger time.
func (f *Feed) dropIdle(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, h := range f.hubs {
		if h.idleSince(now) >= f.cfg.Linger {
			h.cancel()
			delete(f.hubs, name)
		}
	}
}

// Streams returns how many streams are followed right now.
func (f *Feed) Streams() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.hubs)
}

// ringBytes is the share of one hub in what all may hold.
func (f *Feed) ringBytes() int {
	return min(f.cfg.RingBytes, f.cfg.AllBytes/max(1, f.Streams()))
}

// Forget removes all frames of a stream, and of all whose names begin with this
// one and a dot. Readers get a gap when they go on.
func (f *Feed) Forget(ctx context.Context, stream string) error {
	const op = "forget kept entries"
	if err := checkStream(op, stream); err != nil {
		return err
	}
	s, err := f.store.js.Stream(ctx, streamName)
	for _, subject := range []string{subjectRoot + stream, subjectRoot + stream + ".>"} {
		if err == nil {
			err = s.Purge(ctx, jetstream.WithPurgeSubject(subject))
		}
	}
	if err != nil {
		return unavailable(op, err)
	}
	return nil
}
