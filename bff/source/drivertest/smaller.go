package drivertest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/driver"
)

// testSmaller has a vendor run out of time over every page of more than a few rows,
// many of them of one moment: all entries come all the same, in smaller pages, and
// pages grow again once the vendor has the time. One that does not say that pages
// may be smaller is asked for nothing of the kind.
func testSmaller(t *testing.T, h Harness) {
	const marker, has = "page of a slow vendor", 12
	g := newRig(t, h, simulate.Options{Entries: 1})
	caps := g.vendor.Capabilities
	if caps.Smaller && caps.Paging != driver.ByTime && (caps.Paging != driver.ByOffset || caps.Order != driver.NewestFirst) {
		t.Fatal("pages of this kind cannot change their size on the way")
	}
	now := time.Now().UTC().Truncate(time.Second)
	rows := make([]json.RawMessage, 160)
	for i := range rows {
		at := now.Add(-time.Minute)
		if i < 15 || i >= 25 { // a smallest page of one moment
			at = at.Add(-time.Duration(i) * time.Second)
		}
		rows[i] = h.Row(i, at, marker)
	}
	g.put(t, rows...)
	start := g.truth(t)
	largest := 0 // page that was answered
	slow := func(least int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			g.sim.ServeHTTP(rec, r)
			n := bytes.Count(rec.Body.Bytes(), []byte(marker))
			if least > 0 && n > least {
				say(504, "application/json", h.Error(504, words))(w, r)
				return
			}
			largest = max(largest, n)
			say(rec.Code, rec.Header().Get("Content-Type"), rec.Body.String())(w, r)
		}
	}
	g.answer(slow(has))
	if !caps.Smaller {
		_, err := g.seek.Search(t.Context(), g.ask(100, h.Path...))
		if f := fault.Of(err); f == nil || f.Kind != fault.Timeout || strings.Contains(f.Msg, "smaller") {
			t.Errorf("out of time: %v", err)
		}
		return
	}
	req := g.ask(100, h.Path...)
	told := false
	if _, err := g.seek.Search(t.Context(), req); err != nil {
		f := fault.Of(err)
		told = strings.Contains(f.Msg, "timed out; asking for smaller pages")
		if f.Kind != fault.Timeout || !told || !strings.Contains(f.Said, words) {
			t.Errorf("told %q and %q", f.Msg, f.Said)
		}
	}
	var got []logs.Entry
	failures := 0
	for range maxPages {
		p, err := g.seek.Search(t.Context(), req)
		if err != nil {
			if failures++; failures > 2 {
				t.Fatalf("asking again does not help: %v", err)
			}
			continue
		}
		got = append(got, p.Entries...)
		edge := p.Coverage[len(p.Coverage)-1]
		told = told || edge.State == logs.More && strings.Contains(edge.Reason, "timed out; asking for smaller pages")
		if edge.State == logs.Failed {
			if failures++; failures > 6 {
				t.Fatalf("asking on does not help: %s", edge.Reason)
			}
		}
		if req.Cursor = p.Cursor; req.Cursor == "" {
			break
		}
	}
	g.checkOnce(t, got, start)
	if !told || largest > has {
		t.Errorf("told: %t, answered %d rows at once", told, largest)
	}
	g.answer(slow(0))
	for range 8 {
		got, _ = g.walk(t, g.ask(100, h.Path...), nil)
		g.checkOnce(t, got, start)
	}
	if largest <= min(caps.MaxLimit, len(rows))/2 {
		t.Errorf("pages stay small: %d rows at once", largest)
	}
}
