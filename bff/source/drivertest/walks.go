package drivertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
)

// testSizes reads nothing, one row, exactly a vendor's page, one more, and limits
// of every size.
func testSizes(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{})
	g.answer(say(200, "application/json", h.Page(nil, false)))
	p := g.page(t, g.ask(10, h.Path...))
	if len(p.Entries) != 0 || p.Cursor != "" || len(p.Coverage) == 0 {
		t.Errorf("nothing: %d entries, cursor %q, coverage %+v", len(p.Entries), p.Cursor, p.Coverage)
	}
	size := g.vendor.Capabilities.MaxLimit
	for _, n := range []int{1, size, size + 1} {
		g := newRig(t, h, simulate.Options{Entries: 1})
		now := time.Now().Add(-time.Hour).UTC()
		for i := len(g.sim.Entries(h.Truth)); i < n; i++ {
			g.put(t, h.Row(i, now.Add(-time.Duration(i)*time.Second).Truncate(time.Second), "row"))
		}
		start := g.truth(t)
		got, _ := g.walk(t, g.ask(1000, h.Path...), nil)
		g.checkOnce(t, got, start)
	}
	g = newRig(t, h, simulate.Options{})
	for _, limit := range []int{1, 2, 1000} {
		if p := g.page(t, g.ask(limit, h.Path...)); len(p.Entries) > limit || len(p.Entries) == 0 {
			t.Errorf("limit %d: %d entries", limit, len(p.Entries))
		}
	}
}

// testWalk reads everything by pages of a size that fits nothing, with many rows
// of one moment across the edges of pages.
func testWalk(t *testing.T, h Harness) {
	for _, order := range append([]string{""}, h.Orders...) {
		g := newRig(t, h, simulate.Options{Entries: 300, Order: order})
		moment := time.Now().UTC().Truncate(time.Second) // a vendor may list by arrival
		for i := range 60 {
			g.put(t, h.Row(i, moment, "same moment"))
		}
		start := g.truth(t)
		got, edge := g.walk(t, g.ask(47, h.Path...), nil)
		g.checkOnce(t, got, start)
		if edge.State != h.End {
			t.Errorf("order %q: ends %s (%s), want %s", order, edge.State, edge.Reason, h.End)
		}
		for i := range got {
			if want := g.ask(1, h.Path...).Asks[0].Target.String(); got[i].Src != want || got[i].ID == "" || !json.Valid(got[i].Raw) {
				t.Fatalf("src %q, id %q, raw %.100s", got[i].Src, got[i].ID, got[i].Raw)
			}
		}
	}
}

// testCursor rebuilds a walk in another process, and changes cursors.
func testCursor(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 120})
	start := g.truth(t)
	req := g.ask(29, h.Path...)
	var got []logs.Entry
	for range maxPages {
		// Another searcher has the key and no memory.
		g.seek = source.NewSearcher([]byte("a key of thirty-two bytes, always"), time.Now)
		p := g.page(t, req)
		got = append(got, p.Entries...)
		if p.Cursor == "" {
			break
		}
		b, err := json.Marshal(p.Cursor)
		if err != nil || url.QueryEscape(p.Cursor) != p.Cursor {
			t.Fatalf("cursor %q does not travel: %v", p.Cursor, err)
		}
		if err := json.Unmarshal(b, &req.Cursor); err != nil {
			t.Fatal(err)
		}
	}
	g.checkOnce(t, got, start)

	req = g.ask(1, h.Path...)
	cursor := g.page(t, req).Cursor
	q, err := query.Parse("anything")
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(cursor)
	changed[len(changed)/3] ^= 3
	for name, r := range map[string]source.Request{
		"changed":          {Asks: req.Asks, Limit: 1, Cursor: string(changed)},
		"of another query": {Asks: req.Asks, Limit: 1, Cursor: cursor, Query: q},
		"cut":              {Asks: req.Asks, Limit: 1, Cursor: cursor[:len(cursor)-3]},
	} {
		before := g.calls.Load()
		if _, err := g.seek.Search(t.Context(), r); fault.KindOf(err) != fault.Invalid || g.calls.Load() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testSpan asks for spans that begin or end exactly at an entry.
func testSpan(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{})
	step := max(g.vendor.Capabilities.Precision, time.Nanosecond)
	moment := time.Now().Add(-2 * time.Hour).UTC().Truncate(time.Second)
	for i, at := range []time.Time{moment.Add(-step), moment, moment.Add(step)} {
		g.put(t, h.Row(i, at, "edge-"+strconv.Itoa(i)))
	}
	zone := time.FixedZone("elsewhere", -5*3600)
	for _, c := range []struct {
		from, to time.Time
		want     int // rows of ours
	}{
		{moment, moment.Add(step), 1},
		{moment.Add(-step), moment.Add(step), 2},
		{moment.Add(-step), moment.Add(2 * step), 3},
		{moment.Add(step), moment.Add(2 * step), 1},
		{moment.In(zone), moment.Add(step).In(zone), 1},
	} {
		req := g.ask(1000, h.Path...)
		req.Span = logs.Span{From: c.from, To: c.to}
		got, _ := g.walk(t, req, nil)
		ours := 0
		for _, e := range got {
			if !req.Span.Holds(e.Time) {
				t.Errorf("%s lies outside of %s to %s", e.Time, c.from, c.to)
			}
			if e.Time.Location() != time.UTC {
				t.Errorf("%s is not UTC", e.Time)
			}
			if d := e.Time.Sub(moment); d >= -step && d <= step {
				ours++
			}
		}
		if ours != c.want {
			t.Errorf("%s to %s: %d entries, want %d", c.from, c.to, ours, c.want)
		}
	}
}

// testArrivals lets rows arrive before every single call.
func testArrivals(t *testing.T, h Harness) {
	for _, order := range append([]string{""}, h.Orders...) {
		g := newRig(t, h, simulate.Options{Entries: 250, Order: order})
		start := g.truth(t)
		g.mu.Lock()
		g.before = func() { g.sim.AppendStory(h.Simulator, 2) }
		g.mu.Unlock()
		got, _ := g.walk(t, g.ask(31, h.Path...), func() { g.sim.AppendStory(h.Simulator, 5) })
		g.checkOnce(t, got, start)
	}
}

// testConcurrent walks with several readers of one source.
func testConcurrent(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 80})
	want := 0
	for _, n := range g.truth(t) {
		want += n
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			req, n := g.ask(17, h.Path...), 0
			for range maxPages {
				p, err := g.seek.Search(t.Context(), req)
				if err != nil {
					t.Error(err)
					return
				}
				n += len(p.Entries)
				if req.Cursor = p.Cursor; req.Cursor == "" {
					break
				}
			}
			if n != want {
				t.Errorf("%d entries, want %d", n, want)
			}
			if _, err := g.src.Targets(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// testOpen opens well and badly, and counts calls. Verify then makes one.
func testOpen(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{})
	for name, c := range map[string]map[string]string{"right": h.Credentials, "wrong": h.Wrong, "none": {}} {
		cfg := g.config(c)
		if name == "none" {
			cfg.Account = ""
		}
		d, err := g.vendor.Open(cfg)
		if (err != nil) != (name == "none") || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s credentials: %v", name, err)
		}
		if d != nil && err == nil {
			d.Close()
			d.Close()
		}
	}
	if n := g.calls.Load(); n != 0 {
		t.Fatalf("Open made %d calls", n)
	}
	if err := g.src.Verify(t.Context()); err != nil || g.calls.Load() == 0 {
		t.Errorf("Verify: %v after %d calls", err, g.calls.Load())
	}
	wrong, err := source.Open(g.vendor, g.config(h.Wrong), "wrong", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := wrong.Verify(t.Context()); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("Verify with wrong credentials: %v", err)
	}
	targets, err := g.src.Targets(t.Context())
	if err != nil || len(targets) == 0 {
		t.Fatalf("%d targets, %v", len(targets), err)
	}
	for _, target := range targets {
		if target.Label == "" || target.Kind == "" {
			t.Errorf("%+v has no label or kind", target)
		}
		if err := g.src.Reads(t.Context(), target.Path); err != nil && target.Unread == "" {
			t.Errorf("%v cannot be read: %v", target.Path, err)
		}
	}
	g.answer(func(http.ResponseWriter, *http.Request) { t.Error("a call was made after the context ended") })
	if err := g.src.Verify(canceled()); fault.KindOf(err) != fault.Canceled {
		t.Errorf("Verify with a context that ended: %v", err)
	}
}
