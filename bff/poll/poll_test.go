package poll

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/source"
)

// gaps are the pauses between calls.
func gaps(at []time.Time) (out []time.Duration) {
	for i := 1; i < len(at); i++ {
		out = append(out, at[i].Sub(at[i-1]))
	}
	return out
}

// entries names the first n entries of a counting vendor.
func entries(n int) (out []string) {
	for i := range n {
		out = append(out, "e"+string(rune('a'+i)))
	}
	return out
}

func TestPollers_HandOverToTheOtherReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.counting()
		a, b := s.replica(), s.replica()
		one := s.watch(a)
		synctest.Wait()
		two := s.watch(b)
		time.Sleep(4*floor + time.Second)
		if n := len(s.called()); n != 5 || a.Stats().Running != 1 || b.Stats().Running+b.Stats().Polls != 0 {
			t.Errorf("%d calls; %+v and %+v", n, a.Stats(), b.Stats())
		}
		if st := two.now(); st.State != wire.TailLive || st.Next.IsZero() || st.CallsPerHour != int(time.Hour/floor) || st.Others != 1 {
			t.Errorf("the one who waits is told %+v", st)
		}
		one.stop()
		if st := two.now(); b.Stats().Running != 1 || st.Others != 0 {
			t.Errorf("nobody took over: %+v, %+v", b.Stats(), st)
		}
		time.Sleep(4 * floor)
		if n := len(s.called()); n != 9 || a.Stats().Running != 0 {
			t.Errorf("%d calls after the hand-over", n)
		}
		for _, d := range gaps(s.called()) {
			if d != floor {
				t.Errorf("pauses %v", gaps(s.called()))
				break
			}
		}
		if got := s.ids(); !slices.Equal(got, entries(9)) {
			t.Errorf("appended: %q", got)
		}
	})
}

func TestPollers_StopWhenNobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		p := s.replica()
		c := s.watch(p)
		time.Sleep(time.Minute)
		c.stop()
		n := len(s.called())
		if n < 4 || s.holder() != nil || p.Stats().Running != 0 || len(s.seats) != 0 {
			t.Errorf("%d calls; %+v; still held: %v", n, p.Stats(), s.holder())
		}
		time.Sleep(time.Hour)
		if m := len(s.called()); m != n {
			t.Errorf("%d calls for nobody", m-n)
		}
		// Who comes back finds the pace of before: no call is made too soon.
		last := s.called()[n-1]
		s.watch(p)
		synctest.Wait()
		if at := s.called(); len(at) != n+1 || at[n].Sub(last) < floor {
			t.Errorf("%d calls", len(at))
		}
	})
}

func TestPollers_LostLeaseAndFencedAppendBeginAnew(t *testing.T) {
	for name, hit := range map[string]func(*site){
		"lost": func(s *site) { s.lose(s.holder(), lease.ErrLost) },
		"fenced": func(s *site) { // somebody else appended a mark
			s.mu.Lock()
			defer s.mu.Unlock()
			for stream, of := range s.found {
				s.found[stream] = append(of, source.Found{At: of[len(of)-1].At, State: of[len(of)-1].State})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				s.counting()
				p := s.replica()
				c := s.watch(p)
				time.Sleep(2*floor + time.Second)
				hit(s)
				time.Sleep(4 * floor)
				n := len(s.called())
				if got := s.ids(); n < 6 || !slices.Equal(got, entries(n)) {
					t.Errorf("appended after %d calls: %q", n, got)
				}
				if st := c.now(); st.State != wire.TailLive {
					t.Errorf("told %+v", st)
				}
			})
		})
	}
}

func TestPollers_EngineAwayIsToldAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.broken = fault.New(fault.Unavailable, "open").Saying("the store is away")
		c := s.watch(s.replica())
		time.Sleep(10 * retry)
		if st := c.now(); st.State != wire.TailWaiting || st.Reason != "the store is away" || len(s.called()) != 0 {
			t.Errorf("told %+v, %d calls", st, len(s.called()))
		}
		s.mu.Lock()
		s.broken = nil
		s.mu.Unlock()
		time.Sleep(2 * retry)
		if st := c.now(); st.State != wire.TailLive || st.Reason != "" {
			t.Errorf("told %+v", st)
		}
	})
}

func TestPollers_FailuresSlowThemDownWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.fails(fault.New(fault.Unavailable, "read").Saying("the vendor is down"))
		p := s.replica()
		c := s.watch(p)
		time.Sleep(2 * time.Hour)
		if st := c.now(); st.State != wire.TailFailing || st.Reason != "the vendor is down" || st.Next.Before(time.Now()) {
			t.Errorf("told %+v", st)
		}
		pauses := gaps(s.called())
		different := map[time.Duration]bool{}
		long := 0
		for i, d := range pauses {
			different[d] = true
			if d < floor || d > 5*time.Minute || d > floor<<min(i+1, 10) && d > floor {
				t.Errorf("pause %d is %s", i, d)
			}
			if d > time.Minute {
				long++
			}
		}
		if n := len(pauses); n < 15 || n > 150 || len(different) < n/2 || long < n/4 {
			t.Errorf("%d calls in two hours, %d different pauses, %d beyond a minute", n, len(different), long)
		}
		if st := p.Stats(); st.Failed != int64(len(s.called())) || st.Polls != st.Failed {
			t.Errorf("%+v", st)
		}
		// Closing the tab and opening it again does not make the vendor busier.
		next := c.now().Next
		n := len(s.called())
		c.stop()
		c = s.watch(p)
		if st := c.now(); st.State != wire.TailFailing || !st.Next.Equal(next) {
			t.Errorf("told %+v, next was %s", st, next)
		}
		time.Sleep(time.Until(next) - time.Millisecond)
		if m := len(s.called()); m != n {
			t.Errorf("%d calls too soon", m-n)
		}
		s.fails(nil)
		time.Sleep(time.Second)
		if st := c.now(); st.State != wire.TailLive || st.Reason != "" {
			t.Errorf("told %+v", st)
		}
	})
}

func TestPollers_FailureIsToldEverywhereAndInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		down := fault.New(fault.RateLimited, "read").Saying("too many calls")
		down.RetryAfter = 3 * time.Minute
		s.fails(down)
		one := s.watch(s.replica())
		synctest.Wait()
		two := s.watch(s.replica())
		time.Sleep(time.Second)
		here, there := one.now(), two.now()
		if here.State != wire.TailFailing || there.State != here.State || there.Reason != here.Reason || !there.Next.Equal(here.Next) || there.CallsPerHour != here.CallsPerHour {
			t.Errorf("told %+v here and %+v there", here, there)
		}
		one.stop()
		if st := two.now(); st.State != wire.TailFailing || !st.Next.Equal(here.Next) {
			t.Errorf("whoever took over says %+v", st)
		}
		time.Sleep(2 * time.Minute)
		if n := len(s.called()); n != 1 {
			t.Errorf("%d calls, and the vendor asked for calm", n)
		}
	})
}

func TestPollers_ViewersOfAllReplicasCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		one := s.watch(s.replica())
		synctest.Wait()
		two, three := s.watch(s.replica()), s.watch(s.replica())
		two.be(5, false)
		three.be(2, false)
		if a, b, c := one.now().Others, two.now().Others, three.now().Others; a != 7 || b != 3 || c != 6 {
			t.Errorf("others: %d, %d, %d", a, b, c)
		}
		// It is polled seldom when nobody sees it anywhere.
		one.be(1, true)
		three.be(2, true)
		time.Sleep(10 * time.Minute)
		n := len(s.called())
		if last := gaps(s.called())[n-2]; last != 2*usual {
			t.Errorf("pause %s while somebody looks at another replica", last)
		}
		two.be(5, true)
		time.Sleep(10 * time.Minute)
		all := gaps(s.called())
		if last := all[len(all)-1]; last != 4*usual {
			t.Errorf("pause %s while nobody looks", last)
		}
		two.be(5, false)
		time.Sleep(10 * time.Minute)
		all = gaps(s.called())
		if last := all[len(all)-1]; last != 2*usual {
			t.Errorf("pause %s when somebody looks again", last)
		}
		three.stop()
		if a, b := one.now().Others, two.now().Others; a != 5 || b != 1 {
			t.Errorf("others after one left: %d, %d", a, b)
		}
	})
}

func TestOffice_SinceIsTheEarliestOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		one := s.watch(s.replica())
		one.mu.Lock()
		one.since = one.since.Add(-time.Hour)
		one.mu.Unlock()
		synctest.Wait()
		two := s.watch(s.replica())
		synctest.Wait()
		o := newOffice(demandOf(two), &source.Rest{})
		o.seat = &chair{s: s, key: s.replica().Target(s.ask(), nil).Stream}
		if got := o.since(); !got.Equal(one.since) {
			t.Errorf("since %s, wanted by another replica is %s", got, one.since)
		}
	})
}

func TestTarget_WithoutASourceSaysWhy(t *testing.T) {
	a := source.Ask{Target: logs.Target{Vendor: "v", Region: "r", Account: "a"}, Err: fault.New(fault.Forbidden, "x").Saying("a right is missing")}
	if got := New(Config{}).Target(a, nil); got.Stream != "" || got.Poll != nil || got.Reason != "a right is missing" || got.Src != "v/r/a" {
		t.Errorf("%+v", got)
	}
}

func TestEncode_TooLargeSaysSo(t *testing.T) {
	e := logs.Entry{ID: "one", Raw: json.RawMessage(`"` + strings.Repeat("x", feed.MaxEntryBytes) + `"`), Fields: logs.Fields{{Name: "a", Value: "b"}}}
	b, err := encode(&e)
	if err != nil || len(b) > 1<<10 || !strings.Contains(string(b), "too large") {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	e.Raw = json.RawMessage(`"x"`)
	if b, err = encode(&e); err != nil || strings.Contains(string(b), "too large") {
		t.Errorf("%s, %v", b, err)
	}
	if got := cut(strings.Repeat("y", 2*maxReason)); len(got) != maxReason {
		t.Errorf("%d bytes of a reason", len(got))
	}
}
