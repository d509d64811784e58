package source

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/source/driver"
)

// failing makes the model answer each call with the next of the errors, then well.
func failing(m *model, errs ...error) {
	m.before = func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.fail = nil
		if len(errs) > 0 {
			m.fail, errs = errs[0], errs[1:]
		}
	}
}

func TestRead_RetriesWhatMayHelp(t *testing.T) {
	slow := &fault.Error{Kind: fault.RateLimited, RetryAfter: 3 * time.Second}
	patient := &fault.Error{Kind: fault.RateLimited, RetryAfter: time.Minute}
	down := &fault.Error{Kind: fault.Unavailable, Status: 503}
	for _, c := range []struct {
		name     string
		errs     []error
		calls    int
		ok       bool
		low, top time.Duration
	}{
		{"down once", []error{down}, 2, true, 100 * time.Millisecond, 300 * time.Millisecond},
		{"down for good", []error{down, down, down, down}, 3, false, 250 * time.Millisecond, time.Second},
		{"broken body", []error{&fault.Error{Kind: fault.BadUpstream}}, 2, true, 1, time.Second},
		{"vendor says when", []error{slow}, 2, true, 3 * time.Second, 3 * time.Second},
		{"vendor says much later", []error{patient, patient}, 1, false, 0, 0},
		{"vendor's own time-out", []error{&fault.Error{Kind: fault.Timeout, Status: 504}}, 2, true, 1, time.Second},
		{"our time-out", []error{&fault.Error{Kind: fault.Timeout}}, 1, false, 0, 0},
		{"forbidden", []error{&fault.Error{Kind: fault.Forbidden}}, 1, false, 0, 0},
		{"not understood", []error{errors.New("what")}, 1, false, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := filled(driver.ByOffset, "newest", 3, time.Minute)
				failing(m, c.errs...)
				s := m.open(t, "model").Source
				began := time.Now()
				_, err := s.read(context.Background(), driver.Read{Limit: 1})
				took := time.Since(began)
				if (err == nil) != c.ok || m.calls != c.calls || took < c.low || took > c.top {
					t.Errorf("%v after %d calls and %s", err, m.calls, took)
				}
			})
		})
	}
}

func TestRead_RetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(driver.ByOffset, "newest")
		failing(m, &fault.Error{Kind: fault.RateLimited, RetryAfter: 4 * time.Second})
		s := m.open(t, "model").Source
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		if _, err := s.read(ctx, driver.Read{Limit: 1}); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		// A pause beyond the deadline is not begun.
		failing(m, &fault.Error{Kind: fault.RateLimited, RetryAfter: 4 * time.Second})
		ctx, cancel = context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		began = time.Now()
		if _, err := s.read(ctx, driver.Read{Limit: 1}); fault.KindOf(err) != fault.RateLimited || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

func TestRead_PacesOneCredential(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(driver.ByOffset, "newest")
		m.caps.PerSecond = 5
		s := m.open(t, "model").Source
		began := time.Now()
		for range 25 {
			if _, err := s.read(context.Background(), driver.Read{Limit: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 3900*time.Millisecond || took > 4100*time.Millisecond {
			t.Errorf("25 calls at 5 a second, 5 of them at once, took %s", took)
		}
	})
}

func TestRead_KeepsToTheCallsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(driver.ByOffset, "newest")
		m.caps.InFlight = 2
		m.blocking = make(chan struct{})
		s := m.open(t, "model").Source
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 5)
		for range 5 {
			go func() {
				_, err := s.read(ctx, driver.Read{Limit: 1})
				done <- err
			}()
		}
		synctest.Wait()
		if m.calls != 2 {
			t.Errorf("%d calls in flight", m.calls)
		}
		cancel()
		for range 5 {
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		if held := len(s.budget.(*alone).slots); held != 0 {
			t.Errorf("%d slots are held for ever", held)
		}
	})
}

func TestListJobs_UnsupportedWithoutACall(t *testing.T) {
	m := newModel(driver.ByOffset, "newest")
	if _, err := m.open(t, "model").Source.ListJobs(context.Background(), nil, 5); fault.KindOf(err) != fault.Unsupported {
		t.Error(err)
	}
}
