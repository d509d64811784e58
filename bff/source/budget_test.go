package source

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// gate is a Budget that lets nobody in while it is shut.
type gate struct {
	shut   atomic.Pointer[fault.Error]
	cooled time.Time
	in     atomic.Int32
}

func (g *gate) Enter(ctx context.Context, cost int) (func(), error) {
	if f := g.shut.Load(); f != nil {
		if f.RetryAfter == 0 {
			<-ctx.Done()
		}
		return nil, f
	}
	g.in.Add(int32(cost))
	return func() { g.in.Add(-1) }, nil
}

func (g *gate) Cool(until time.Time) { g.cooled = until }

func busy() *fault.Error {
	return fault.New(fault.RateLimited, "enter").Saying("other calls to it are under way; try again in a moment")
}

func TestSearch_TurnThatDoesNotComeIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(driver.ByOffset, "newest")
		a := m.open(t, "Model")
		g := &gate{}
		a.Source.budget = g
		g.shut.Store(busy())
		other := newModel(driver.ByOffset, "newest")
		other.add(base, base)
		began := time.Now()
		seek, req := m.searcher(), Request{Asks: []Ask{a, other.open(t, "other")}, Limit: 10}
		page := search(t, seek, req)
		if len(page.Entries) != 1 {
			t.Errorf("the other target waits, too: %+v", page)
		}
		for page.Coverage[0].Waiting {
			req.Cursor = page.Cursor
			page = search(t, seek, req)
		}
		if took := time.Since(began); took > turnWait+time.Second {
			t.Errorf("said after %s", took)
		}
		if c := page.Coverage[0]; c.State != logs.Failed || c.Kind != string(fault.RateLimited) || c.Reason != "Model was not asked: "+busy().Msg {
			t.Errorf("coverage %+v", c)
		}
		if m.calls != 0 {
			t.Errorf("%d calls", m.calls)
		}
		// A call that does get its turn gives it back.
		g.shut.Store(nil)
		if _, err := a.Source.read(context.Background(), driver.Read{Limit: 1}); err != nil || g.in.Load() != 0 || m.calls != 1 {
			t.Errorf("%v; %d turns held, %d calls", err, g.in.Load(), m.calls)
		}
	})
}

func TestTurn_VendorsWishIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			err  *fault.Error
			cool time.Duration
		}{
			{&fault.Error{Kind: fault.RateLimited, RetryAfter: time.Minute}, time.Minute},
			{&fault.Error{Kind: fault.Unavailable, RetryAfter: 20 * time.Second}, 20 * time.Second},
			{&fault.Error{Kind: fault.RateLimited}, 0},
			{&fault.Error{Kind: fault.Forbidden, RetryAfter: time.Minute}, 0},
		} {
			g := &gate{}
			s := &Source{vendor: driver.Vendor{Title: "V"}, budget: g}
			_, err := turn(t.Context(), s, time.Second, func(context.Context) (int, error) { return 0, c.err })
			want := time.Time{}
			if c.cool > 0 {
				want = time.Now().Add(c.cool)
			}
			if !errors.Is(err, c.err) || noTurn(err) || !g.cooled.Equal(want) {
				t.Errorf("%v: cooled until %s, want %s", err, g.cooled, want)
			}
		}
	})
}

func TestTurn_CallIsCutOffBeforeItsPlaceIsGivenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		s := &Source{vendor: driver.Vendor{Title: "V"}, budget: g}
		began := time.Now()
		_, err := turn(t.Context(), s, time.Second, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != CallLimit || g.in.Load() != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = turn(t.Context(), s, time.Second, func(context.Context) (int, error) { panic("a strange answer") })
		}()
		if g.in.Load() != 0 {
			t.Error("a panic holds its turn for ever")
		}
	})
}

// TestTail_WaitsForItsTurn holds that a tail whose turn does not come says so soon, is
// not taken for failing, and leaves no gap.
func TestTail_WaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caps := driver.Capabilities{Paging: driver.ByOffset, Order: driver.NewestFirst, MaxLimit: 100, Poll: 10 * time.Second, PollFloor: 5 * time.Second}
		q := &quietVendor{answer: func(int) (driver.Page, error) { return driver.Page{More: driver.MoreNo, Total: -1}, nil }}
		g := &gate{}
		src := &Source{vendor: driver.Vendor{Name: "v", Title: "Quiet", Capabilities: caps}, driver: q, id: "id", budget: g}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var mu sync.Mutex
		var told []TailStatus
		log := &nowhere{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = NewTail(Ask{Target: logs.Target{Vendor: "v", Region: "r", Account: "a"}, Source: src}, nil, 0).Run(ctx, log, Demand{
				Hidden: func() bool { return false }, Since: func() time.Time { return time.Time{} },
				Report: func(s TailStatus) { mu.Lock(); defer mu.Unlock(); told = append(told, s) },
			}, &Rest{})
		}()
		now := func() TailStatus { synctest.Wait(); mu.Lock(); defer mu.Unlock(); return told[len(told)-1] }
		if st := now(); st.State != TailLive {
			t.Fatalf("told %+v", st)
		}
		g.shut.Store(busy())
		time.Sleep(8*time.Second + turnTold)
		if st := now(); st.State != TailWaiting || !strings.Contains(st.Reason, "other calls to it are under way") {
			t.Errorf("told %+v", st)
		}
		time.Sleep(2 * turnWait)
		calm := busy()
		calm.RetryAfter = 3 * time.Minute
		g.shut.Store(calm)
		time.Sleep(turnWait)
		if st := now(); st.State != TailWaiting || time.Until(st.Next) < time.Minute {
			t.Errorf("told %+v", st)
		}
		n := len(q.at)
		g.shut.Store(nil)
		time.Sleep(3 * time.Minute)
		if st := now(); st.State != TailLive || st.Reason != "" || len(q.at) <= n {
			t.Errorf("told %+v", st)
		}
		for _, st := range told {
			if st.State == TailFailing || st.State == TailStopped {
				t.Errorf("told %+v", st)
			}
		}
		if len(log.gaps) != 0 {
			t.Errorf("gaps %+v", log.gaps)
		}
		cancel()
		<-done
	})
}
