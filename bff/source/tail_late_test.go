package source

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// tardy is a vendor that is asked for spans of time, and shows entries when it likes.
type tardy struct {
	driver.Driver
	perPage int
	reads   []driver.Read
	fail    func(driver.Read) error
	rows    []struct {
		logs.Entry
		visible time.Time
	}
}

func (v *tardy) put(id string, at, visible time.Time) {
	v.rows = append(v.rows, struct {
		logs.Entry
		visible time.Time
	}{logs.Entry{ID: id, Time: at, Raw: []byte("{}")}, visible})
}

func (v *tardy) Read(_ context.Context, r driver.Read) (driver.Page, error) {
	v.reads = append(v.reads, r)
	if v.fail != nil {
		if err := v.fail(r); err != nil {
			return driver.Page{}, err
		}
	}
	var in []logs.Entry
	for _, row := range v.rows {
		if !row.visible.After(time.Now()) && !row.Time.Before(r.Span.From) && row.Time.Before(r.Span.To) {
			in = append(in, row.Entry)
		}
	}
	slices.SortFunc(in, func(a, b logs.Entry) int { return a.Time.Compare(b.Time) })
	pg := driver.Page{Total: -1, More: driver.MoreNo}
	from := min(len(in), r.Number*v.perPage)
	to := min(len(in), from+v.perPage)
	if to < len(in) {
		pg.More = driver.MoreYes
	}
	pg.Entries = slices.Clone(in[from:to])
	return pg, nil
}

// chronicle is a log in memory.
type chronicle struct{ found []Found }

func (c *chronicle) Edge() (time.Time, []byte) {
	if len(c.found) == 0 {
		return time.Time{}, nil
	}
	f := c.found[len(c.found)-1]
	return f.At, f.State
}

func (c *chronicle) Back(context.Context) iter.Seq2[Known, error] {
	return func(yield func(Known, error) bool) {
		for _, f := range slices.Backward(c.found) {
			k := Known{Polled: f.At}
			for i := range f.Entries {
				k.IDs = append(k.IDs, f.Entries[i].ID)
			}
			if !yield(k, nil) {
				return
			}
		}
	}
}

func (c *chronicle) Append(_ context.Context, f Found) error {
	c.found = append(c.found, f)
	return nil
}

func (c *chronicle) ids() (out []string) {
	for _, f := range c.found {
		for i := range f.Entries {
			out = append(out, f.Entries[i].ID)
		}
	}
	return out
}

// run follows the vendor for a while.
func (v *tardy) run(t *testing.T, log Log, span time.Duration) (last TailStatus) {
	t.Helper()
	caps := driver.Capabilities{
		Paging: driver.ByWindow, MaxLimit: v.perPage, MaxSpan: 7 * 24 * time.Hour, Precision: time.Millisecond, Poll: 2 * time.Minute, PollFloor: time.Minute,
	}
	src := &Source{vendor: driver.Vendor{Name: "v", Title: "Tardy", Capabilities: caps}, driver: v, id: "id", budget: newAlone(caps)}
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	err := NewTail(Ask{Target: logs.Target{Vendor: "v", Region: "r", Account: "a"}, Source: src}, nil, 0).Run(ctx, log, Demand{
		Hidden: func() bool { return false }, Since: func() time.Time { return time.Time{} }, Report: func(s TailStatus) { last = s },
	}, &Rest{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	return last
}

// TestTail_EntriesThatAppearLate come once each, marked, if they appear within the
// hour; the pollers before and after a restart share the looks.
func TestTail_EntriesThatAppearLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tardy{perPage: 100}
		began := time.Now()
		at := func(minutes float64) time.Time { return began.Add(time.Duration(minutes * float64(time.Minute))) }
		v.put("at once", at(2), at(2))
		v.put("after 4 min", at(3), at(7))
		v.put("after 12 min", at(4), at(16))
		v.put("after 50 min", at(5), at(55))
		v.put("after 90 min", at(6), at(96))
		v.put("long before", at(-50), at(20))
		v.put("late after a restart", at(62), at(80))
		log := &chronicle{}
		v.run(t, log, 61*time.Minute)
		status := v.run(t, log, time.Hour)
		want := []string{"at once", "after 4 min", "after 12 min", "after 50 min", "late after a restart"}
		if got := log.ids(); !slices.Equal(got, want) {
			t.Errorf("came: %q", got)
		}
		marked := 0
		for i, f := range log.found {
			if i == 0 || f.Gap == nil {
				continue
			}
			marked++
			if g := f.Gap; !g.Filled || !strings.Contains(g.Reason, "later than 5 minutes") || len(f.Entries) != 1 || f.Entries[0].Time.Before(g.From) || !f.Entries[0].Time.Before(g.To) {
				t.Errorf("%q behind %+v", f.Entries[0].ID, *g)
			}
		}
		if marked != 3 {
			t.Errorf("%d marked", marked)
		}
		looks := 0
		for _, r := range v.reads {
			if r.Span.To.Sub(r.Span.From) > 20*time.Minute {
				looks++
			}
		}
		if looks < 5 || looks > 8 || status.State != TailLive || status.CallsPerHour != 15+4 {
			t.Errorf("%d looks in two hours, %d calls in all; %+v", looks, len(v.reads), status)
		}
	})
}

// TestTail_LooksForLateEntriesAreBounded in calls, and their failures are nobody's
// business.
func TestTail_LooksForLateEntriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &tardy{perPage: 100}
		began := time.Now()
		for i := range 4000 {
			at := began.Add(time.Duration(i) * time.Second)
			v.put(fmt.Sprint("e", i), at, at)
		}
		v.fail = func(r driver.Read) error {
			if time.Since(r.Span.To) > 4*time.Minute && time.Since(began) < 35*time.Minute {
				return fault.New(fault.Unavailable, "read").Saying("the vendor is down")
			}
			return nil
		}
		log := &chronicle{}
		status := v.run(t, log, time.Hour)
		looked := map[int]int{}
		for _, r := range v.reads {
			if r.Span.To.Sub(r.Span.From) > 20*time.Minute {
				looked[r.Number]++
			}
		}
		n := 0
		for number, times := range looked {
			n += times
			if number >= latePages || times > 4 {
				t.Errorf("page %d of a look was asked for %d times", number, times)
			}
		}
		if n == 0 || status.State != TailLive || status.Reason != "" {
			t.Errorf("%d calls to look; %+v", n, status)
		}
		seen := map[string]int{}
		for _, id := range log.ids() {
			if seen[id]++; seen[id] > 1 {
				t.Fatalf("%s came twice", id)
			}
		}
		for _, f := range log.found[1:] {
			if f.Gap != nil {
				t.Errorf("gap %+v", *f.Gap)
			}
		}
		if len(seen) < 3400 {
			t.Errorf("%d entries in an hour of 3,600", len(seen))
		}
	})
}
