// Package source turns five ways of paging into one: an ordered stream of
// entries with honest edges. It stands on the small interface of package driver,
// knows no vendor, and does once what every vendor needs: pacing, retry, walking
// pages that shift while they are read, order, removing duplicates, filtering
// what the vendor cannot, coverage, and cursors.
//
//	src, err := source.Open(vendor, driver.Config{...}, credentialID, budget)
//	page, err := searcher.Search(ctx, source.Request{Asks: []source.Ask{{Target: t, Source: src}}, Limit: 100})
//	… page.Cursor asks on
//
// # Walks
//
// A walk reads each target from its newest entry backwards. It is held in memory
// between two requests of one reader, so that rows which were read and not yet
// shown need not be asked for again, and it can be rebuilt from the cursor alone,
// so that a restart, another replica or an evicted walk lose nothing. How a place
// in the vendor's list is remembered depends on how the vendor pages; see lane.
//
// Every loop over pages has three brakes: a number of calls, a wall clock, and no
// progress.
package source

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// maxTries bounds the calls made for one page, first try included.
const maxTries = 3

// maxWait is the longest pause between two tries that a waiting person is asked
// to bear; a vendor that wants more is passed on with its RetryAfter.
const maxWait = 5 * time.Second

// Source is one opened account of one vendor, and the budget of its calls. It is safe
// for concurrent use.
type Source struct {
	vendor driver.Vendor
	driver driver.Driver
	id     string
	budget Budget
	rooms  rooms
}

// Open returns a source without making a network call. id names the credential
// (never the secret itself): walks and caches are never shared between two ids. b
// keeps the vendor's limits; nil for a budget of the source's own.
func Open(v driver.Vendor, cfg driver.Config, id string, b Budget) (*Source, error) {
	d, err := v.Open(cfg)
	if err != nil {
		return nil, err
	}
	if b == nil {
		b = newAlone(v.Capabilities)
	}
	return &Source{vendor: v, driver: d, id: id, budget: b}, nil
}

// ID returns the credential's id.
func (s *Source) ID() string { return s.id }

// Vendor returns the vendor's description.
func (s *Source) Vendor() driver.Vendor { return s.vendor }

// Close releases the driver.
func (s *Source) Close() { s.driver.Close() }

// Verify proves the credentials with a real call. Faults as driver.Driver.
func (s *Source) Verify(ctx context.Context) error {
	_, err := paced(ctx, s, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.driver.Verify(ctx) })
	return err
}

// Targets lists what can be picked.
func (s *Source) Targets(ctx context.Context) ([]driver.Target, error) {
	return paced(ctx, s, s.driver.Targets)
}

// ListJobs lists the ids of a target's jobs. Unsupported where the vendor has
// none.
func (s *Source) ListJobs(ctx context.Context, path []string, most int) ([]string, error) {
	jl, ok := s.driver.(driver.JobLister)
	if !ok || !s.vendor.Capabilities.Jobs {
		return nil, fault.New(fault.Unsupported, "list jobs").Saying(s.vendor.Title + " has no list of jobs")
	}
	return paced(ctx, s, func(ctx context.Context) ([]string, error) { return jl.ListJobs(ctx, path, most) })
}

// read makes one log call.
func (s *Source) read(ctx context.Context, r driver.Read) (driver.Page, error) {
	return paced(ctx, s, func(ctx context.Context) (driver.Page, error) { return s.page(ctx, r) })
}

// paced runs one vendor call within the credential's budget, and again where
// that may help: on rate limits, lost connections, 5xx and bodies that broke off.
// Our own time-out is not tried again, since it already cost all the time there
// was. Waiting ends with ctx.
func paced[T any](ctx context.Context, s *Source, call func(context.Context) (T, error)) (T, error) {
	var none T
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval, wait.RandomizationFactor = 200*time.Millisecond, maxWait, 0.5
	for try := 1; ; try++ {
		v, err := turn(ctx, s, turnWait, call)
		if err == nil || try == maxTries || noTurn(err) || !again(err) {
			return v, err
		}
		pause := wait.NextBackOff()
		if after := fault.Of(err).RetryAfter; after > maxWait {
			return none, err
		} else if after > 0 {
			pause = after
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return none, err
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return none, context.Cause(ctx)
		case <-t.C:
		}
	}
}

func again(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	e := fault.Of(err)
	switch e.Kind {
	case fault.RateLimited, fault.Unavailable, fault.BadUpstream:
		return true
	case fault.Timeout:
		return e.Status != 0
	}
	return false
}

// turn makes one call when it is its turn.
func turn[T any](ctx context.Context, s *Source, most time.Duration, call func(context.Context) (T, error)) (T, error) {
	leave, err := s.enter(ctx, most)
	if err != nil {
		var none T
		return none, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, CallLimit)
	defer cancel()
	v, err := call(ctx)
	s.heard(err)
	return v, err
}

// Reads proves with one small call that the target at path can be read.
func (s *Source) Reads(ctx context.Context, path []string) error {
	if len(path) == 0 && !s.vendor.Capabilities.Whole {
		return s.Verify(ctx)
	}
	r := driver.Read{Path: path, Limit: 1}
	if s.vendor.Capabilities.Paging == driver.ByWindow {
		now := time.Now()
		r.Span = logs.Span{From: now.Add(-time.Minute), To: now}
	}
	_, err := s.read(ctx, r)
	return err
}
