package source

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// quietVendor answers with what answer says, and notes when it was asked.
type quietVendor struct {
	driver.Driver
	at     []time.Time
	answer func(n int) (driver.Page, error)
}

func (q *quietVendor) Read(context.Context, driver.Read) (driver.Page, error) {
	q.at = append(q.at, time.Now())
	return q.answer(len(q.at))
}

// nowhere is a log that keeps nothing.
type nowhere struct{ gaps []Gap }

func (*nowhere) Edge() (time.Time, []byte) { return time.Time{}, nil }
func (*nowhere) Back(context.Context) iter.Seq2[Known, error] {
	return func(func(Known, error) bool) {}
}
func (n *nowhere) Append(_ context.Context, f Found) error {
	if f.Gap != nil {
		n.gaps = append(n.gaps, *f.Gap)
	}
	return nil
}

// pauses runs a tail for a while and returns the pauses between its calls.
func pauses(t *testing.T, hidden bool, until time.Duration, answer func(n int) (driver.Page, error)) (out []time.Duration, last TailStatus, gaps []Gap) {
	t.Helper()
	q := &quietVendor{answer: answer}
	caps := driver.Capabilities{Paging: driver.ByOffset, Order: driver.NewestFirst, MaxLimit: 100, Poll: 10 * time.Second, PollFloor: 5 * time.Second}
	src := &Source{vendor: driver.Vendor{Name: "v", Title: "Quiet", Capabilities: caps}, driver: q, id: "id", budget: newAlone(caps)}
	tail := NewTail(Ask{Target: logs.Target{Vendor: "v", Region: "r", Account: "a"}, Source: src}, nil, 0)
	ctx, cancel := context.WithTimeout(t.Context(), until)
	defer cancel()
	log := &nowhere{}
	err := tail.Run(ctx, log, Demand{
		Hidden: func() bool { return hidden }, Since: func() time.Time { return time.Time{} },
		Report: func(s TailStatus) { last = s },
	}, &Rest{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	for i := 1; i < len(q.at); i++ {
		out = append(out, q.at[i].Sub(q.at[i-1]))
	}
	return out, last, log.gaps
}

func TestTail_PaceFollowsWhatHappens(t *testing.T) {
	nothing := func(int) (driver.Page, error) { return driver.Page{More: driver.MoreNo, Total: -1}, nil }
	synctest.Test(t, func(t *testing.T) {
		quiet, status, _ := pauses(t, false, 10*time.Minute, nothing)
		if quiet[0] < 5*time.Second || quiet[0] > 10*time.Second || quiet[len(quiet)-1] != 20*time.Second {
			t.Errorf("in silence: %v", quiet)
		}
		if status.State != TailLive || status.CallsPerHour != 180 {
			t.Errorf("in silence: %+v", status)
		}
		for i := 1; i < len(quiet); i++ {
			if quiet[i] < quiet[i-1] {
				t.Errorf("in silence: %v", quiet)
			}
		}
		unseen, _, _ := pauses(t, true, 10*time.Minute, nothing)
		if unseen[len(unseen)-1] != 40*time.Second {
			t.Errorf("unseen: %v", unseen)
		}
		began := time.Now()
		busy, _, _ := pauses(t, false, time.Minute, func(n int) (driver.Page, error) {
			e := logs.Entry{ID: time.Duration(n).String(), Time: began.Add(time.Duration(n) * time.Second), Raw: []byte("{}")}
			return driver.Page{Entries: []logs.Entry{e}, More: driver.MoreNo, Total: -1}, nil
		})
		for _, d := range busy {
			if d != 5*time.Second {
				t.Errorf("with news: %v", busy)
			}
		}
	})
}

func TestTail_FailuresSlowItDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing, status, _ := pauses(t, false, time.Hour, func(int) (driver.Page, error) {
			return driver.Page{}, fault.New(fault.Unavailable, "read").Saying("the vendor is down")
		})
		if status.State != TailFailing || status.Reason != "the vendor is down" || len(failing) < 8 || len(failing) > 60 {
			t.Errorf("%d calls in an hour; %+v", len(failing), status)
		}
		for _, d := range failing {
			if d < 5*time.Second || d > 5*time.Minute {
				t.Errorf("%v", failing)
			}
		}
		asked, _, gaps := pauses(t, false, 10*time.Minute, func(n int) (driver.Page, error) {
			if n == 2 {
				f := fault.New(fault.RateLimited, "read").Saying("too many calls")
				f.RetryAfter = 77 * time.Second
				return driver.Page{}, f
			}
			return driver.Page{Entries: []logs.Entry{{ID: "one", Time: time.Now(), Raw: []byte("{}")}}, More: driver.MoreNo, Total: -1}, nil
		})
		if asked[1] < 77*time.Second || asked[2] > 20*time.Second {
			t.Errorf("asked to wait 77 s: %v", asked)
		}
		if len(gaps) != 1 || !gaps[0].Filled || gaps[0].To.Sub(gaps[0].From) != asked[0]+asked[1] {
			t.Errorf("gaps %+v", gaps)
		}
		_, status, _ = pauses(t, false, time.Minute, func(int) (driver.Page, error) {
			return driver.Page{}, fault.New(fault.Forbidden, "read").Saying("the right to read logs is missing")
		})
		if status.State != TailStopped {
			t.Errorf("refused: %+v", status)
		}
		strange, _, _ := pauses(t, false, time.Minute, func(n int) (driver.Page, error) {
			if n == 1 {
				panic("a strange answer")
			}
			return driver.Page{More: driver.MoreNo, Total: -1}, nil
		})
		if len(strange) < 2 {
			t.Errorf("after a panic: %v", strange)
		}
	})
}

// TestIDSet_ForgettingRaisesTheFloor holds that an entry whose id was forgotten is
// below the floor.
func TestIDSet_ForgettingRaisesTheFloor(t *testing.T) {
	var s idSet
	began := time.Unix(1_000_000, 0)
	floor := time.Time{}
	for i := range 3*recentRows + 1 {
		if f := s.add(uint64(i+1), began.Add(time.Duration(i)*time.Second)); !f.IsZero() {
			floor = f
		}
	}
	for i := range 3*recentRows + 1 {
		if !s.has(uint64(i+1)) && !began.Add(time.Duration(i)*time.Second).Before(floor) {
			t.Fatalf("entry %d is forgotten and above the floor", i)
		}
	}
	if s.len() > 2*recentRows || floor.IsZero() {
		t.Errorf("%d ids, floor %s", s.len(), floor)
	}
}
