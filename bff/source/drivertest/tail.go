package drivertest

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
)

// pollEvery is the pace of the suite's tails.
const pollEvery = 5 * time.Millisecond

// tailPatience bounds every wait of the suite for a tail.
const tailPatience = 30 * time.Second

// journal is a log in memory that a tail appends to.
type journal struct {
	mu     sync.Mutex
	found  []source.Found
	status source.TailStatus
	news   chan struct{}
}

func (j *journal) Edge() (time.Time, []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.found) == 0 {
		return time.Time{}, nil
	}
	f := j.found[len(j.found)-1]
	return f.At, f.State
}

func (j *journal) Back(context.Context) iter.Seq2[source.Known, error] {
	return func(yield func(source.Known, error) bool) {
		j.mu.Lock()
		all := slices.Clone(j.found)
		j.mu.Unlock()
		for _, f := range slices.Backward(all) {
			k := source.Known{Polled: f.At}
			for i := range f.Entries {
				k.IDs = append(k.IDs, f.Entries[i].ID)
			}
			if !yield(k, nil) {
				return
			}
		}
	}
}

func (j *journal) Append(_ context.Context, f source.Found) error {
	j.mu.Lock()
	j.found = append(j.found, f)
	j.mu.Unlock()
	j.ring()
	return nil
}

func (j *journal) ring() {
	select {
	case j.news <- struct{}{}:
	default:
	}
}

// entries returns all entries, and the gaps that are not filled, those of a first
// poll aside, and that are.
func (j *journal) entries() (all []logs.Entry, gaps, filled []source.Gap) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, f := range j.found {
		all = append(all, f.Entries...)
		switch g := f.Gap; {
		case g == nil || i == 0:
		case g.Filled:
			filled = append(filled, *g)
		default:
			gaps = append(gaps, *g)
		}
	}
	return all, gaps, filled
}

// wait waits until ok, which is asked after each change.
func (j *journal) wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(tailPatience)
	for !ok() {
		select {
		case <-j.news:
		case <-late:
			all, gaps, _ := j.entries()
			t.Fatalf("not within %s: %s; %d entries, gaps %+v, state %s", tailPatience, what, len(all), gaps, j.state())
		}
	}
}

func (j *journal) state() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status.State
}

// follow runs a tail on the journal until stop.
func (g *rig) follow(t *testing.T, j *journal, q *query.Query, since time.Time) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan error, 1)
	gone := errors.New("nobody reads any more")
	go func() {
		ended <- source.NewTail(g.ask(1, g.h.Path...).Asks[0], q, pollEvery).Run(ctx, j, source.Demand{
			Hidden: func() bool { return false }, Since: func() time.Time { return since }, Wake: make(chan struct{}),
			Report: func(s source.TailStatus) {
				j.mu.Lock()
				j.status = s
				j.mu.Unlock()
				j.ring()
			},
		}, &source.Rest{})
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel(gone)
			if err := <-ended; !errors.Is(err, gone) {
				t.Errorf("the tail ended with %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// holds reports whether the journal has at least n entries.
func (j *journal) holds(n int) func() bool {
	return func() bool { all, _, _ := j.entries(); return len(all) >= n }
}

// testTail follows live: rows that arrive one by one and in bursts beyond a page,
// through failures of all kinds and across a restart, come once each, in the order of
// a poll, and without a gap.
func testTail(t *testing.T, h Harness) {
	for _, order := range append([]string{""}, h.Orders...) {
		t.Run("order_"+order, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, h, simulate.Options{Entries: 230, Order: order})
			known := g.truth(t)
			j := &journal{news: make(chan struct{}, 1)}
			stop := g.follow(t, j, nil, time.Time{})
			j.wait(t, "the first poll", func() bool { return j.state() == source.TailLive })
			first, _, _ := j.entries()
			want, next := len(first), 0
			arrive := func(n int) {
				t.Helper()
				rows := make([]json.RawMessage, n)
				for i := range rows {
					rows[i] = h.Row(1_000_000+next, time.Now().UTC(), "live-"+strconv.Itoa(next))
					next++
				}
				g.put(t, rows...)
				want += n
			}
			for range 10 {
				arrive(1)
				j.wait(t, "one row", j.holds(want))
			}
			arrive(7)
			arrive(2*min(100, g.vendor.Capabilities.MaxLimit) + 30)
			j.wait(t, "a burst", j.holds(want))

			for _, f := range []simulate.Fault{
				{Status: 429, RetryAfter: 1, Count: 1}, {Status: 500, Count: 2}, {Status: 504, Count: 1},
				{Status: 200, Body: "<html>not json", Count: 1}, {Cut: 40, Count: 1},
			} {
				g.sim.Fault(h.Simulator, f)
				j.wait(t, "a failure", func() bool { return j.state() == source.TailFailing })
				arrive(20)
				j.wait(t, "the rows after a failure", j.holds(want))
			}

			stop()
			arrive(130)
			stop = g.follow(t, j, nil, time.Time{})
			j.wait(t, "the rows of a pause", j.holds(want))
			arrive(3)
			j.wait(t, "rows after a restart", j.holds(want))
			stop()

			all, gaps, filled := j.entries()
			if len(gaps) > 0 {
				t.Errorf("gaps: %+v", gaps)
			}
			if len(filled) < 3 {
				t.Errorf("%d filled gaps for five outages: %+v", len(filled), filled)
			}
			seen := map[string]int{}
			for i := range all {
				seen[h.name(t, all[i].Raw)]++
				if all[i].Src != g.ask(1, h.Path...).Asks[0].Target.String() {
					t.Fatalf("src %q", all[i].Src)
				}
			}
			for name, n := range seen {
				if n != 1 {
					t.Errorf("%d times: %.200s", n, name)
				}
			}
			for name := range g.truth(t) {
				if known[name] == 0 && seen[name] != 1 {
					t.Errorf("%d times: %.200s", seen[name], name)
				}
			}
			for _, f := range j.found {
				if !slices.IsSortedFunc(f.Entries, func(a, b logs.Entry) int { return a.Time.Compare(b.Time) }) {
					t.Errorf("a poll's entries are not oldest first")
				}
			}
		})
	}
}

// testTailFloor holds that what is older than the first poll never comes, however
// far a later poll walks, and that the first poll reaches back as far as asked.
func testTailFloor(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 1})
	now := time.Now().UTC().Truncate(time.Second)
	var rows []json.RawMessage
	for i := range 240 {
		rows = append(rows, h.Row(i, now.Add(-time.Duration(240-i)*time.Second), "old-"+strconv.Itoa(i)))
	}
	g.put(t, rows...)
	j := &journal{news: make(chan struct{}, 1)}
	since := now.Add(-130 * time.Second)
	g.follow(t, j, nil, since)
	j.wait(t, "the first poll", func() bool { return j.state() == source.TailLive })
	all, _, _ := j.entries()
	got := map[string]bool{}
	edge := now
	for i := range all {
		got[h.name(t, all[i].Raw)] = true
		if all[i].Time.Before(edge) {
			edge = all[i].Time
		}
	}
	for i, r := range rows {
		if i >= 110 && !got[h.name(t, r)] {
			t.Fatalf("row %d, %d s old, is not in the first poll", i, 240-i)
		}
	}
	if gap := j.found[0].Gap; gap != nil && (gap.Filled || gap.To.After(since)) || gap == nil && len(all) < 240 {
		t.Errorf("the log begins with %+v and %d entries", gap, len(all))
	}
	n := len(all)
	for i := range 160 {
		g.put(t, h.Row(1000+i, time.Now().UTC(), "new-"+strconv.Itoa(i)))
	}
	j.wait(t, "what arrived", j.holds(n+160))
	all, _, _ = j.entries()
	for i := range all[n:] {
		if all[n+i].Time.Before(edge) {
			t.Errorf("an entry of %s came live; the log begins at %s", all[n+i].Time, edge)
		}
	}
}

// testTailLate holds that a vendor which is asked for spans of time may show an entry
// long after its time, while others arrive.
func testTailLate(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 1})
	if g.vendor.Capabilities.Paging != driver.ByWindow {
		return // what stands in a list stands in it where it is found
	}
	now := time.Now().UTC().Truncate(time.Second)
	g.put(t, h.Row(0, now.Add(-20*time.Minute), "early"))
	j := &journal{news: make(chan struct{}, 1)}
	g.follow(t, j, nil, now.Add(-30*time.Minute))
	j.wait(t, "the first poll", j.holds(1))
	before, _, _ := j.entries()
	want := len(before)
	for i := range 5 {
		g.put(t, h.Row(100+i, time.Now().UTC(), "live-"+strconv.Itoa(i)), h.Row(200+i, now.Add(-time.Duration(10+i)*time.Minute), "late-"+strconv.Itoa(i)))
		want += 2
		j.wait(t, "an entry that appeared late", j.holds(want))
	}
	all, gaps, filled := j.entries()
	if len(all) != want || len(gaps) > 0 || len(filled) != 5 {
		t.Errorf("%d entries of %d, gaps %+v, filled %+v", len(all), want, gaps, filled)
	}
	for i, f := range filled {
		if at := now.Add(-time.Duration(10+i) * time.Minute); f.From.After(at) || !f.To.After(at) {
			t.Errorf("an entry of %s is marked by %+v", at, f)
		}
	}
}
