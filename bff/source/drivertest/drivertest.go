// Package drivertest is the conformance suite that every vendor's driver passes:
// a vendor folder says how to open its driver and what its rows look like, and
// the suite asks.
//
//	func TestConformance(t *testing.T) {
//		drivertest.Run(t, drivertest.Harness{Vendor: algolia.Vendor, Simulator: "algolia", …})
//	}
//
// Each question is a subtest with a fresh simulator (package simulate, which knows
// no driver), and goes the whole way: portable source, driver, HTTP. What a
// simulator would not do is answered by scripts in its place: errors of all kinds,
// bodies that are slow, cut, huge or not JSON, and what a mock generated from the
// vendor's specification says.
//
// The suite proves that a driver is consistent with the vendor's documentation as
// the simulator reads it, not that the vendor keeps to it. It must not name a
// vendor.
package drivertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// Harness is what a vendor tells the suite about itself.
type Harness struct {
	Vendor      func(*rest.Net) driver.Vendor
	Account     string
	Credentials map[string]string // which the simulator accepts
	Wrong       map[string]string // which it refuses

	Simulator string   // the simulator's name of the vendor
	Path      []string // of the target that is read
	Truth     string   // the same for simulate.Server.Entries and Append
	Orders    []string // simulate.Options.Order, where it matters
	Volatile  []string // members of a row that change from call to call

	// Row returns a row in the vendor's JSON: a number that makes it different
	// from others, its time, and a text somewhere in it.
	Row func(n int, at time.Time, text string) json.RawMessage
	// Page returns a whole answer of the log call.
	Page func(rows []json.RawMessage, more bool) string
	// Error returns an error's body in the vendor's shape that says words.
	Error func(status int, words string) string
	// Forbidden is a 403's body that means a missing right.
	Forbidden string
	// Mock is what a mock server generated from the vendor's specification says:
	// every string "string", every number 0, every flag true.
	Mock string
	// Levels are rows and what becomes of them, one of an unknown word among them.
	Levels []Level
	// Wire returns what a call holds, in path, unescaped query or body, that carries a
	// term to the vendor; nil where the vendor filters nothing.
	Wire func(query.Term) string
	// Ignore takes all filters out of a call; nil where they cannot be ignored.
	Ignore func(u *url.URL, body []byte) []byte
	// Told reports whether the vendor lists a row under a value of a field that it
	// alone knows; nil where there is none.
	Told func(field, value string, row json.RawMessage) bool
	// Here are filters that must not go to the vendor, beside those that the suite
	// thinks of.
	Here []string
	// Counts says that the vendor counts values.
	Counts bool
	// End is the state at the far end of a walk over everything.
	End logs.State
}

// Level is a row of a level.
type Level struct {
	Row     json.RawMessage
	Level   logs.Level
	Outcome logs.Outcome
}

// Run asks a vendor all questions.
func Run(t *testing.T, h Harness) {
	for _, q := range []struct {
		name string
		ask  func(*testing.T, Harness)
	}{
		{"Sizes", testSizes},
		{"EveryEntryOnceInOrder", testWalk},
		{"CursorIsSealed", testCursor},
		{"SpanEdges", testSpan},
		{"RowsArriveWhileWalking", testArrivals},
		{"StrangeText", testText},
		{"Levels", testLevels},
		{"ClaimedTargetsWork", testClaims},
		{"CoverageIsTrue", testCoverage},
		{"Faults", testFaults},
		{"SmallerPages", testSmaller},
		{"SpecificationMock", testMock},
		{"EndlessAnswers", testEndless},
		{"Cancel", testCancel},
		{"FiltersAtTheVendor", testFilters},
		{"FiltersOfTwoFields", testPairs},
		{"FiltersHere", testUndeclared},
		{"FiltersIgnoredAndRefused", testFilterFails},
		{"CountsAreThoseOfTheEntries", testCounts},
		{"NamesAreDeclared", testNames},
		{"RequestsAreTheCalls", testRequests},
		{"SecretsStayInside", testSecrets},
		{"ConcurrentUse", testConcurrent},
		{"OpenMakesNoCall", testOpen},
		{"FollowsLive", testTail},
		{"FollowsFromHereOn", testTailFloor},
		{"FollowsWhatAppearsLate", testTailLate},
	} {
		t.Run(q.name, func(t *testing.T) {
			t.Parallel()
			q.ask(t, h)
		})
	}
}

// rig is a simulated vendor behind HTTP, and a source on it.
type rig struct {
	h      Harness
	sim    *simulate.Server
	vendor driver.Vendor
	src    *source.Source
	region driver.Region
	seek   *source.Searcher
	calls  atomic.Int64 // of the log and everything else, tokens aside

	mu     sync.Mutex
	script http.HandlerFunc // answers in the simulator's place
	before func()           // runs before each call
	sent   []sent           // calls in their order, since they were last looked at
}

var errNotConnected = fault.New(fault.Unauthenticated, "find connection").Saying("not connected to this")

// newRig starts a simulator. Tokens always come from it, never from a script.
func newRig(t *testing.T, h Harness, o simulate.Options) *rig {
	t.Helper()
	if o.Entries == 0 {
		o.Entries = 40
	}
	if o.Seed == 0 {
		o.Seed = 3
	}
	g := &rig{h: h, sim: simulate.New(o)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.mu.Lock()
		script, before := g.script, g.before
		g.sent = append(g.sent, sent{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Clone(), string(body)})
		g.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/oauth/access_token") {
			g.sim.ServeHTTP(w, r)
			return
		}
		g.calls.Add(1)
		if before != nil {
			before()
		}
		if script != nil {
			script(w, r)
			return
		}
		g.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	base := srv.URL + "/" + h.Simulator
	net := rest.NewNet(rest.Policy{Operator: []string{base}})
	t.Cleanup(net.Close)
	g.vendor = h.Vendor(net)
	g.region = driver.Region{Name: "sim", URL: base, Platform: base + "-platform", Operator: true}
	g.reopen(t)
	g.seek = source.NewSearcher([]byte("a key of thirty-two bytes, always"), time.Now)
	return g
}

// reopen opens the source again, with a budget that knows of no wish of the vendor's.
func (g *rig) reopen(t *testing.T) {
	t.Helper()
	src, err := source.Open(g.vendor, g.config(g.h.Credentials), "credential", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(src.Close)
	g.src = src
}

func (g *rig) config(credentials map[string]string) driver.Config {
	c := driver.Config{Region: g.region, Account: g.h.Account, Credentials: map[string]secret.Value{}}
	for k, v := range credentials {
		c.Credentials[k] = secret.New(v)
	}
	return c
}

// answer puts a script in the simulator's place; nil takes it away.
func (g *rig) answer(f http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.script = f
}

// ask returns a request for all of a target.
func (g *rig) ask(limit int, path ...string) source.Request {
	t := logs.Target{Vendor: g.vendor.Name, Region: "sim", Account: "account"}.Below(path...)
	return source.Request{Asks: []source.Ask{{Target: t, Source: g.src}}, Limit: limit}
}

// page asks for one page, which must come.
func (g *rig) page(t *testing.T, r source.Request) *wire.Page {
	t.Helper()
	p, err := g.seek.Search(t.Context(), r)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return p
}

// maxPages bounds every walk of the suite.
const maxPages = 400

// walk pages to the end. between runs after each page.
func (g *rig) walk(t *testing.T, r source.Request, between func()) ([]logs.Entry, logs.Coverage) {
	t.Helper()
	var all []logs.Entry
	for range maxPages {
		p := g.page(t, r)
		all = append(all, p.Entries...)
		if p.Cursor == "" {
			return all, p.Coverage[len(p.Coverage)-1]
		}
		r.Cursor = p.Cursor
		if between != nil {
			between()
		}
	}
	t.Fatalf("no end after %d pages and %d entries", maxPages, len(all))
	return nil, logs.Coverage{}
}

// name returns a row's text without what changes from call to call and without
// regard to the order of members.
func (h Harness) name(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if len(h.Volatile) == 0 {
		return string(raw)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("%v in %.200s", err, raw)
	}
	for _, v := range h.Volatile {
		delete(m, v)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// truth counts the rows that the simulator shows now.
func (g *rig) truth(t *testing.T) map[string]int {
	out := map[string]int{}
	for _, raw := range g.sim.Entries(g.h.Truth) {
		out[g.h.name(t, raw)]++
	}
	return out
}

// checkOnce holds that the rows that were there at the start and at the end came
// byte for byte and as often as they are there.
func (g *rig) checkOnce(t *testing.T, got []logs.Entry, start map[string]int) {
	t.Helper()
	left := g.truth(t)
	maps.DeleteFunc(start, func(k string, _ int) bool { return left[k] == 0 })
	seen, ids := map[string]int{}, map[string]bool{}
	for i := range got {
		seen[g.h.name(t, got[i].Raw)]++
		if ids[got[i].ID] {
			t.Errorf("the id %s came twice", got[i].ID)
		}
		ids[got[i].ID] = true
	}
	bad := 0
	for k, n := range start {
		if seen[k] != n {
			if bad++; bad < 4 {
				t.Errorf("%d times instead of %d: %.200s", seen[k], n, k)
			}
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d rows are wrong", bad, len(start))
	}
	var edge time.Time
	for _, e := range got {
		if !edge.IsZero() && e.Time.After(edge) {
			t.Errorf("%s at %s follows one of %s", e.ID, e.Time, edge)
		}
		edge = e.Time
	}
}

// put appends rows to the simulator.
func (g *rig) put(t *testing.T, rows ...json.RawMessage) {
	t.Helper()
	if err := g.sim.Append(g.h.Truth, rows...); err != nil {
		t.Fatal(err)
	}
}

// say answers with a status and a body.
func say(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// revealing returns the harness' secrets that stand in a text.
func (h Harness) revealing(text []byte) (found []string) {
	for k, v := range h.Credentials {
		if f := h.field(k); f.Secret && bytes.Contains(text, []byte(v)) {
			found = append(found, k)
		}
	}
	return found
}

func (h Harness) field(name string) driver.Field {
	n := rest.NewNet(rest.Policy{})
	defer n.Close()
	for _, f := range h.Vendor(n).Credentials {
		if f.Name == name {
			return f
		}
	}
	return driver.Field{}
}

// canceled is a context that has ended.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
