package permit

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func openEngine(tb testing.TB, dir string) *engine.Engine {
	tb.Helper()
	eng, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(eng.Close)
	return eng
}

func open(tb testing.TB, eng *engine.Engine, shared bool) *Permits {
	tb.Helper()
	p, err := Open(context.Background(), eng, Config{Shared: shared, Logger: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

func budget(tb testing.TB, p *Permits, lim Limits) *Budget {
	tb.Helper()
	b, err := p.Budget("cred", lim)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func enter(tb testing.TB, b *Budget, cost int) func() {
	tb.Helper()
	leave, err := b.Enter(context.Background(), cost)
	if err != nil {
		tb.Fatal(err)
	}
	return leave
}

func TestEnter_PaceAndBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget(t, newPermits(Config{}), Limits{PerSecond: 10, Burst: 3})
		start := time.Now()
		for i, want := range []time.Duration{0, 0, 0, 100, 200, 300} {
			enter(t, b, 1)()
			if got := time.Since(start); got != want*time.Millisecond {
				t.Errorf("call %d enters after %v, want %dms", i, got, want)
			}
		}
		// A dear one waits for a full burst, and delays those behind it.
		enter(t, b, 5)()
		dear := time.Since(start)
		enter(t, b, 1)()
		if next := time.Since(start) - dear; dear != 600*time.Millisecond || next != 300*time.Millisecond {
			t.Errorf("the dear one after %v, the next %v later", dear, next)
		}
	})
}

func TestEnter_InFlightInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget(t, newPermits(Config{}), Limits{InFlight: 1})
		leave := enter(t, b, 1)
		var order []int
		var done sync.WaitGroup
		for i := range 5 {
			done.Go(func() {
				leave := enter(t, b, 1)
				order = append(order, i)
				leave()
			})
			synctest.Wait()
		}
		if len(order) != 0 {
			t.Fatalf("entered beside another: %v", order)
		}
		leave()
		leave() // counts once
		done.Wait()
		if !reflect.DeepEqual(order, []int{0, 1, 2, 3, 4}) {
			t.Errorf("order %v", order)
		}
	})
}

func TestEnter_LostCallHoldsItsPlaceForHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget(t, newPermits(Config{}), Limits{InFlight: 1, Hold: time.Minute})
		enter(t, b, 1)
		start := time.Now()
		enter(t, b, 1)
		if got := time.Since(start); got != time.Minute {
			t.Errorf("after %v", got)
		}
	})
}

func TestEnter_TurnBeyondTheDeadlineFailsAtOnceAndCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget(t, newPermits(Config{}), Limits{PerSecond: 0.1})
		enter(t, b, 1)()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := b.Enter(ctx, 1)
		if e := fault.Of(err); e.Kind != fault.RateLimited || e.RetryAfter != 10*time.Second || time.Since(start) != 0 {
			t.Errorf("%v, retry after %v, after %v", err, e.RetryAfter, time.Since(start))
		}
		gone, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := b.Enter(gone, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		enter(t, b, 1)()
		if got := time.Since(start); got != 10*time.Second {
			t.Errorf("the next enters after %v", got)
		}
	})
}

func TestCool_KeepsEverybodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPermits(Config{MaxCool: time.Hour})
		b := budget(t, p, Limits{PerSecond: 100})
		start := time.Now()
		b.Cool(start.Add(time.Minute))
		b.Cool(start.Add(time.Second)) // an earlier wish changes nothing
		if !b.Cooling().Equal(start.Add(time.Minute)) {
			t.Errorf("cooling until %v", b.Cooling())
		}
		enter(t, b, 1)()
		if got := time.Since(start); got != time.Minute {
			t.Errorf("entered after %v", got)
		}
		b.Cool(start.Add(100 * time.Hour)) // no vendor stops us for days
		enter(t, b, 1)()
		if got := time.Since(start); got != time.Minute+time.Hour {
			t.Errorf("entered after %v", got)
		}
		if !b.Cooling().IsZero() {
			t.Error("still cooling")
		}
	})
}

func TestGrant_NeverMoreThanThePaceAllows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		lim := Limits{PerSecond: 0.5 + 20*rnd.Float64(), Burst: 1 + rnd.IntN(10), InFlight: rnd.IntN(4), Hold: time.Minute}
		now := time.Unix(1000, 0)
		var s state
		type call struct {
			at   time.Time
			cost int
		}
		var calls []call
		in := map[uint64]bool{}
		for id := range uint64(300) {
			now = now.Add(time.Duration(rnd.Int64N(int64(300 * time.Millisecond))))
			for open := range in {
				if rnd.IntN(2) == 0 {
					s = s.leave(open)
					delete(in, open)
				}
			}
			cost := 1 + rnd.IntN(2)
			next, at, ok := s.grant(now, lim, cost, id)
			if !ok {
				if !at.After(now) {
					t.Fatalf("refused at %v until %v", now, at)
				}
				continue
			}
			s = next
			if lim.InFlight > 0 {
				in[id] = true
				if len(in) > lim.InFlight {
					t.Fatalf("%d at once, %d allowed", len(in), lim.InFlight)
				}
			}
			calls = append(calls, call{now, cost})
			back, err := decodeState(s.encode())
			if err != nil || len(back.slots) != len(s.slots) || !back.next.Equal(s.next) || !back.cool.Equal(s.cool) {
				t.Fatalf("%+v came back as %+v, %v", s, back, err)
			}
		}
		// In any span, what entered is at most a burst and what the pace adds; a
		// call beyond the burst is let through and paid for afterwards.
		for i := range calls {
			sum := 0.0
			for j := i; j < len(calls); j++ {
				sum += float64(calls[j].cost)
				most := float64(lim.Burst) + calls[j].at.Sub(calls[i].at).Seconds()*lim.PerSecond + float64(max(0, calls[j].cost-lim.Burst))
				if sum > most+1e-3 {
					t.Fatalf("%v in %v, %v allowed (%+v)", sum, calls[j].at.Sub(calls[i].at), most, lim)
				}
			}
		}
	}
}

func TestShared_InFlightOverTwoReplicas(t *testing.T) {
	eng := openEngine(t, t.TempDir())
	lim := Limits{InFlight: 2}
	budgets := []*Budget{budget(t, open(t, eng, true), lim), budget(t, open(t, eng, true), lim)}
	var in, most, turns atomic.Int32
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			for range 5 {
				leave, err := budgets[i%2].Enter(t.Context(), 1)
				if err != nil {
					t.Error(err)
					return
				}
				n := in.Add(1)
				for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
				}
				turns.Add(1)
				in.Add(-1)
				leave()
			}
		})
	}
	done.Wait()
	if most.Load() > 2 || turns.Load() != 40 {
		t.Errorf("%d at once, %d turns", most.Load(), turns.Load())
	}
}

// A place lasts as long as its call, and not much longer than its replica.
func TestShared_APlaceIsRenewedWhileItsReplicaLives(t *testing.T) {
	eng := openEngine(t, t.TempDir())
	here, there := open(t, eng, true), open(t, eng, true)
	here.place, there.place = 150*time.Millisecond, 150*time.Millisecond
	lim := Limits{InFlight: 1, Hold: time.Hour}
	mine, theirs := budget(t, here, lim), budget(t, there, lim)
	leave := enter(t, mine, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 6*here.place)
	defer cancel()
	if _, err := theirs.Enter(ctx, 1); fault.Of(err).Kind != fault.RateLimited {
		t.Fatalf("beside a call that lasts: %v", err)
	}
	leave()
	enter(t, theirs, 1)()                                // at once
	if err := mine.wait(t.Context(), 1, 7); err != nil { // and nobody renews it: its replica is dead
		t.Fatal(err)
	}
	began := time.Now()
	enter(t, theirs, 1)()
	if d := time.Since(began); d < here.place/2 {
		t.Errorf("entered after %s beside a call", d)
	}
}

func TestRenew_NeitherRevivesNorShortens(t *testing.T) {
	now := time.Unix(1000, 0)
	s := state{slots: []slot{{1, now.Add(5 * time.Second)}, {2, now.Add(9 * time.Second)}}}
	if _, ok := s.renew(3, now.Add(time.Hour)); ok {
		t.Error("a place that is gone came back")
	}
	if _, ok := s.renew(2, now.Add(8*time.Second)); ok {
		t.Error("a place was made shorter")
	}
	next, ok := s.renew(1, now.Add(10*time.Second))
	want := []slot{{1, now.Add(10 * time.Second)}, {2, now.Add(9 * time.Second)}}
	if !ok || !reflect.DeepEqual(next.slots, want) || !s.slots[0].expires.Equal(now.Add(5*time.Second)) {
		t.Errorf("%+v, of %+v", next, s)
	}
}

func TestShared_PaceAndCoolOverTwoReplicas(t *testing.T) {
	eng := openEngine(t, t.TempDir())
	lim := Limits{PerSecond: 0.01, Burst: 3}
	one, two := budget(t, open(t, eng, true), lim), budget(t, open(t, eng, true), lim)
	enter(t, one, 1)()
	enter(t, two, 1)()
	enter(t, one, 1)()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := two.Enter(ctx, 1); fault.KindOf(err) != fault.RateLimited {
		t.Errorf("a fourth call in a burst of three: %v", err)
	}
	lim.PerSecond = 1000
	a, err := one.p.Budget("other", lim)
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.p.Budget("other", lim)
	if err != nil {
		t.Fatal(err)
	}
	a.Cool(time.Now().Add(time.Minute))
	_, err = b.Enter(ctx, 1)
	if e := fault.Of(err); e.Kind != fault.RateLimited || e.RetryAfter < 50*time.Second || b.Cooling().IsZero() {
		t.Errorf("cooled by the other replica: %v, retry after %v", err, e.RetryAfter)
	}
}

func TestCool_SurvivesARestartOfTheEmbeddedEngine(t *testing.T) {
	dir := t.TempDir()
	eng := openEngine(t, dir)
	b := budget(t, open(t, eng, false), Limits{InFlight: 1})
	enter(t, b, 1)
	b.Cool(time.Now().Add(time.Minute))
	b.Cool(time.Now().Add(2 * time.Minute))
	eng.Close()
	b = budget(t, open(t, openEngine(t, dir), false), Limits{InFlight: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := b.Enter(ctx, 1)
	if e := fault.Of(err); e.Kind != fault.RateLimited || e.RetryAfter < 100*time.Second {
		t.Errorf("after the restart: %v, %v", err, e.RetryAfter)
	}
	if len(b.state.slots) != 0 {
		t.Error("a call of the earlier process still counts")
	}
}

func TestBudget_RefusesBadIds(t *testing.T) {
	for _, id := range []string{"", "a.b", "*", "a b"} {
		if _, err := newPermits(Config{}).Budget(id, Limits{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(state{next: time.Unix(1, 2), slots: []slot{{1, time.Unix(3, 4)}}}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil && len(s.encode()) != len(b) {
			t.Errorf("%x reads as %+v", b, s)
		}
	})
}

// BenchmarkEnter is one turn and its end; a mutex is the floor.
func BenchmarkEnter(b *testing.B) {
	lim := Limits{PerSecond: 1e9, Burst: 1e9, InFlight: 2}
	b.Run("floor", func(b *testing.B) {
		var mu sync.Mutex
		for b.Loop() {
			mu.Lock()
			_ = time.Now()
			mu.Unlock()
		}
	})
	for name, shared := range map[string]bool{"embedded": false, "shared": true} {
		b.Run(name, func(b *testing.B) {
			bud := budget(b, open(b, openEngine(b, b.TempDir()), shared), lim)
			for b.Loop() {
				enter(b, bud, 1)()
			}
		})
	}
}
