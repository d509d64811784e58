package lease

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func open(tb testing.TB, cfg engine.Config, ttl time.Duration) (*Leases, *engine.Engine) {
	tb.Helper()
	cfg.Logger = quiet
	eng, err := engine.Open(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(eng.Close)
	return on(tb, eng, ttl), eng
}

func on(tb testing.TB, eng *engine.Engine, ttl time.Duration) *Leases {
	tb.Helper()
	m, err := Open(context.Background(), eng, Config{TTL: ttl, Logger: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(m.Close)
	return m
}

func acquire(tb testing.TB, m *Leases, key string) *Lease {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	l, err := m.Acquire(ctx, key)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Release)
	return l
}

func TestAcquire_ReleaseHandsOverWithoutWaitingForTheTTL(t *testing.T) {
	one, eng := open(t, engine.Config{DataDir: t.TempDir()}, time.Hour)
	two := on(t, eng, time.Hour)
	first := acquire(t, one, "poll.a")
	if !first.Valid() || first.Key() != "poll.a" {
		t.Error("the first is not valid")
	}
	if _, err := two.Try(t.Context(), "poll.a"); !errors.Is(err, ErrHeld) {
		t.Errorf("a second holder: %v", err)
	}
	if other, err := two.Try(t.Context(), "poll.b"); err != nil {
		t.Errorf("another key: %v", err)
	} else {
		other.Release()
	}
	got := make(chan *Lease)
	go func() { got <- acquire(t, two, "poll.a") }()
	waitForCandidate(two, "poll.a")
	first.Release()
	first.Release()
	second := <-got // long before the TTL of an hour
	if first.Valid() || context.Cause(first.Context()) != ErrReleased {
		t.Errorf("after Release: valid %v, %v", first.Valid(), context.Cause(first.Context()))
	}
	if !second.Valid() || second.Fence() <= first.Fence() {
		t.Errorf("the second: valid %v, fence %d after %d", second.Valid(), second.Fence(), first.Fence())
	}
}

// waitForCandidate returns when somebody waits for the key.
func waitForCandidate(m *Leases, key string) {
	for {
		m.mu.Lock()
		n := len(m.waiting[key])
		m.mu.Unlock()
		if n > 0 {
			return
		}
		runtime.Gosched()
	}
}

func TestAcquire_OneHolderAtATime(t *testing.T) {
	one, eng := open(t, engine.Config{DataDir: t.TempDir()}, time.Hour)
	all := []*Leases{one, on(t, eng, time.Hour), on(t, eng, time.Hour)}
	var holders, turns atomic.Int32
	var last uint64
	var done sync.WaitGroup
	for i := range 12 {
		done.Go(func() {
			for range 5 {
				l, err := all[i%3].Acquire(t.Context(), "k")
				if err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) != 1 {
					t.Error("two holders at once")
				}
				if l.Fence() <= last {
					t.Error("the fence does not grow")
				}
				last = l.Fence()
				turns.Add(1)
				holders.Add(-1)
				l.Release()
			}
		})
	}
	done.Wait()
	if turns.Load() != 60 {
		t.Errorf("%d turns", turns.Load())
	}
}

func TestLease_RenewsItself(t *testing.T) {
	m, eng := open(t, engine.Config{DataDir: t.TempDir()}, time.Second)
	l := acquire(t, m, "k")
	// Renewals are told like all changes; six take longer than the TTL.
	sub, err := eng.NC.SubscribeSync(hintRoot + "k")
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if _, err := sub.NextMsg(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if !l.Valid() {
		t.Error("lost in spite of its renewals")
	}
}

func TestLease_PausedHolderNoticesBeforeItsTimersRun(t *testing.T) {
	for name, later := range map[string]func(time.Time) time.Time{
		"process stopped": func(t time.Time) time.Time { return t.Add(50 * time.Second) },
		// The monotonic clock of a sleeping machine stands still.
		"machine asleep": func(t time.Time) time.Time { return t.Round(0).Add(50 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := open(t, engine.Config{DataDir: t.TempDir()}, time.Minute)
			start := time.Now()
			var mu sync.Mutex
			now := start
			m.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
			l := acquire(t, m, "k")
			mu.Lock()
			now = start.Add(47 * time.Second)
			mu.Unlock()
			if !l.Valid() {
				t.Error("lost within the time of trust")
			}
			mu.Lock()
			now = later(start)
			mu.Unlock()
			if l.Valid() {
				t.Error("still valid after the time of trust")
			}
		})
	}
}

func TestLease_CrashedHolder(t *testing.T) {
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	urls := []string{srv.ClientURL()}
	one, dead := open(t, engine.Config{URLs: urls}, 2*time.Second)
	two, _ := open(t, engine.Config{URLs: urls}, 2*time.Second)
	first := acquire(t, one, "k")
	lost := make(chan time.Time, 1)
	context.AfterFunc(first.Context(), func() { lost <- time.Now() })
	dead.NC.Close()
	begin := time.Now()
	second := acquire(t, two, "k")
	got := time.Now()
	if at := <-lost; !at.Before(got) || context.Cause(first.Context()) != ErrLost {
		t.Errorf("the dead holder noticed %v after the next one began, %v", at.Sub(got), context.Cause(first.Context()))
	}
	// By word of the expiry, not by the candidate's own look once per TTL.
	if d := got.Sub(begin); d > 3500*time.Millisecond {
		t.Errorf("handed over after %v", d)
	}
	if !second.Valid() {
		t.Error("the second is not valid")
	}
	first.Release() // takes nothing away
	if !second.Valid() {
		t.Error("the dead holder's Release ended its successor")
	}
	if _, err := two.Try(t.Context(), "k"); !errors.Is(err, ErrHeld) {
		t.Errorf("the key after that: %v", err)
	}
}

func TestLease_TakenAwayIsLost(t *testing.T) {
	m, eng := open(t, engine.Config{DataDir: t.TempDir()}, time.Second)
	l := acquire(t, m, "k")
	if _, err := eng.JS.Publish(t.Context(), subject+"k", []byte("somebody else")); err != nil {
		t.Fatal(err)
	}
	<-l.Context().Done()
	if context.Cause(l.Context()) != ErrLost || l.Valid() {
		t.Errorf("cause %v, valid %v", context.Cause(l.Context()), l.Valid())
	}
}

func TestLease_AnswerOfARenewalLost(t *testing.T) {
	m, _ := open(t, engine.Config{DataDir: t.TempDir()}, time.Hour)
	l := acquire(t, m, "k")
	old := l.revision
	if err := l.renew(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	l.revision = old // as if the answer had not come
	l.mu.Unlock()
	if err := l.renew(t.Context(), old); !stale(err) {
		t.Fatalf("a renewal of an old revision: %v", err)
	}
	if err := l.adopt(t.Context()); err != nil || l.revision <= old+1 {
		t.Errorf("adopt: %v, revision %d after %d", err, l.revision, old)
	}
}

func TestAcquire_EndsWithItsContextAndWithClose(t *testing.T) {
	m, _ := open(t, engine.Config{DataDir: t.TempDir()}, time.Hour)
	acquire(t, m, "k")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := m.Acquire(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	go func() {
		waitForCandidate(m, "k")
		m.Close()
	}()
	if _, err := m.Acquire(t.Context(), "k"); fault.KindOf(err) != fault.Canceled {
		t.Errorf("closed: %v", err)
	}
	for _, key := range []string{"", "a b", "a..b", "*", "a.>"} {
		if _, err := m.Acquire(t.Context(), key); fault.KindOf(err) != fault.Invalid {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestOpen_EmbeddedLeasesEndWithTheProcess(t *testing.T) {
	dir := t.TempDir()
	m, eng := open(t, engine.Config{DataDir: dir}, time.Hour)
	if _, err := m.Try(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	eng.Close() // without Release
	m, _ = open(t, engine.Config{DataDir: dir}, time.Hour)
	if _, err := m.Try(t.Context(), "k"); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func BenchmarkAcquireRelease(b *testing.B) {
	m, _ := open(b, engine.Config{DataDir: b.TempDir()}, time.Minute)
	for b.Loop() {
		l, err := m.Try(context.Background(), "k")
		if err != nil {
			b.Fatal(err)
		}
		l.Release()
	}
}
