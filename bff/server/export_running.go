package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/session"
)

// Bounds of the exports that run at once. Each holds a page and a connection.
const (
	maxExports    = 64 // of the server
	maxExportsOne = 4  // of a session or an access token
)

// exports are the exports that run, so that what happens to their askers and to the
// server reaches them at once.
type exports struct {
	mu       sync.Mutex
	running  map[*running]struct{}
	draining bool

	now     prometheus.GaugeFunc
	done    *prometheus.CounterVec
	entries *prometheus.CounterVec
}

func newExports() *exports {
	x := &exports{running: map[*running]struct{}{}}
	x.now = prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "logpane_exports_running", Help: "Exports that are being written."}, func() float64 {
		x.mu.Lock()
		defer x.mu.Unlock()
		return float64(len(x.running))
	})
	x.done = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "logpane_exports_total", Help: "Exports that were written to their end, by format and by whether something is missing.",
	}, []string{"format", "complete"})
	x.entries = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "logpane_exported_entries_total", Help: "Entries written to exports."}, []string{"format"})
	return x
}

func (x *exports) collectors() []prometheus.Collector {
	return []prometheus.Collector{x.now, x.done, x.entries}
}

func (x *exports) ended(f export.Format, s export.Summary) {
	x.done.WithLabelValues(string(f), strconv.FormatBool(s.Complete)).Inc()
}

func (x *exports) wrote(f export.Format, n int) {
	x.entries.WithLabelValues(string(f)).Add(float64(n))
}

// running is an export that runs.
type running struct {
	of     *exports
	asker  context.Context // ends when the reader is gone
	ctx    context.Context // ends with it, and when the export is to end
	cancel context.CancelCauseFunc
	who    session.View
	live   bool
	began  time.Time
	noted  time.Time // when the session was last said to be in use
}

// enter counts an export in. RateLimited beyond the bounds; Unavailable while the
// server drains.
func (x *exports) enter(r *http.Request, want wanted) (*running, error) {
	const op = "begin an export"
	x.mu.Lock()
	defer x.mu.Unlock()
	mine := 0
	for other := range x.running {
		if other.who.Handle() == want.who.Handle() {
			mine++
		}
	}
	f := fault.New(fault.RateLimited, op)
	f.RetryAfter = 15 * time.Second
	switch {
	case x.draining:
		return nil, fault.New(fault.Unavailable, op).Saying("this server is about to restart; ask again in a moment")
	case mine >= maxExportsOne:
		return nil, f.Saying(strconv.Itoa(maxExportsOne) + " exports run already for this session or access token; wait until one has ended, or cancel one")
	case len(x.running) >= maxExports:
		return nil, f.Saying("this server writes as many exports as it may; ask again in a moment")
	}
	run := &running{of: x, asker: r.Context(), who: want.who, live: want.live, began: time.Now()}
	run.ctx, run.cancel = context.WithCancelCause(r.Context())
	x.running[run] = struct{}{}
	return run, nil
}

func (run *running) leave() {
	run.cancel(nil)
	run.of.mu.Lock()
	defer run.of.mu.Unlock()
	delete(run.of.running, run)
}

// changed ends the exports of a session that ended or lost a connection, and those of
// an access token that was revoked or has expired.
func (x *exports) changed(handle string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for run := range x.running {
		if run.who.Handle() == handle && handle != "" {
			run.cancel(errChanged)
		}
	}
}

// drain ends all exports, and refuses new ones.
func (x *exports) drain() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.draining = true
	for run := range x.running {
		run.cancel(errDraining)
	}
}

var (
	errChanged  = fault.New(fault.Unauthenticated, "export").Saying("the session or the access token has ended, or lost a connection, while this was written")
	errDraining = fault.New(fault.Unavailable, "export").Saying("the server restarts: ask again")
	errTooLong  = fault.New(fault.Timeout, "export").Saying("an export may take " + strconv.Itoa(int(longest.Hours())) + " hours: ask for the rest with to= the time of the last entry")
	errFollowed = fault.New(fault.Timeout, "export").Saying("entries are followed for at most " + strconv.Itoa(int(longestLive.Hours())) + " hours: go on with from= the time of the last entry")
)

// gone reports whether nobody is there any more to read the export.
func (run *running) gone() bool { return run.asker.Err() != nil }

// why returns what ended an export: err, or what it stands for.
func (run *running) why(s *Server, r *http.Request, err error) error {
	if cause := context.Cause(run.ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	if errors.Is(err, errChanged) || fault.KindOf(err) == fault.Unauthenticated {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Second)
		defer cancel()
		if told := s.still(r.WithContext(ctx)); told != nil && fault.KindOf(told) != fault.Unavailable {
			return told
		}
	}
	return err
}

// pause waits for a while, at least until it is sure that the asker may still read,
// and returns why the export must end, nil to go on.
func (run *running) pause(s *Server, r *http.Request, wait time.Duration) error {
	for until := time.Now().Add(wait); ; {
		if run.ctx.Err() != nil {
			return context.Cause(run.ctx)
		}
		switch took := time.Since(run.began); {
		case run.live && took > longestLive:
			return errFollowed
		case !run.live && took > longest:
			return errTooLong
		}
		if err := s.still(r); err != nil {
			return err
		}
		if !run.live && time.Since(run.noted) > time.Minute {
			run.noted = time.Now()
			_ = s.o.Sessions.Touch(run.ctx, run.who) // a session that exports is in use
		}
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		t := time.NewTimer(min(left, time.Second))
		select {
		case <-run.ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
