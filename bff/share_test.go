package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// TestShare_KeysOfOneAccountKeepApart has two people with different keys look at one
// account. What the key of one fetched is in the server; who holds the other key
// sees nothing of it, least of all once the vendor refuses that key.
func TestShare_KeysOfOneAccountKeepApart(t *testing.T) {
	const second = "second-algolia-key"
	var revoked atomic.Bool
	var calls [2]atomic.Int64
	sim := simulate.New(simulate.Options{Seed: 5, Entries: 50})
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The simulator knows one key that may read; here is another of the same rights.
		r = r.Clone(r.Context())
		who := 0
		if r.Header.Get("X-Algolia-Api-Key") == second {
			who = 1
			key := simulate.AlgoliaKey
			if revoked.Load() {
				key = simulate.AlgoliaKeyNoACL
			}
			r.Header.Set("X-Algolia-Api-Key", key)
			if r.URL.Path == "/algolia/1/keys/"+second {
				r.URL.Path = "/algolia/1/keys/" + key
			}
		}
		calls[who].Add(1)
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(vendor.Close)
	p := start(t, t.TempDir(), "--endpoint", "algolia/sim="+vendor.URL+"/algolia", "--poll-min", "20ms")
	one, two := p.user(t), p.user(t)
	a := one.connect("algolia", "sim", simulate.AlgoliaApp, map[string]string{"api_key": simulate.AlgoliaKey})
	b := two.connect("algolia", "sim", simulate.AlgoliaApp, map[string]string{"api_key": second})
	if a.Address != b.Address {
		t.Fatalf("%s and %s are not one account", a.Address, b.Address)
	}

	// The first one's key fetches entries into a stream of the server.
	src := url.Values{"src": {a.Address}, "since": {time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)}}
	first := one.follow(src)
	first.live()
	put(t, sim, accounts[0], 5)
	first.until("the new entries", first.holds(5))

	// A key that the vendor refuses shows nothing, although all of it was fetched with
	// the other one.
	revoked.Store(true)
	if f := two.call("GET", wire.PathLogs+"?"+url.Values{"src": {b.Address}, "from": {"now-7d"}}.Encode(), nil, nil); f == nil || f.Kind != fault.Forbidden {
		t.Errorf("a refused key reads: %v", f)
	}
	if late, refused := two.dial(src, nil); refused == nil {
		for late.end == "" && late.state[b.Address].State != wire.TailStopped && late.read() {
		}
		if len(late.order) > 0 {
			t.Errorf("a refused key is shown %d entries that the other one fetched", len(late.order))
		}
	}
	// With the place in it, the holder of another key of the same account gets nothing
	// of it without calls of that key.
	revoked.Store(false)
	before := calls[1].Load()
	from := url.Values{"src": {b.Address}, "after": {first.seq}}
	if other, refused := two.dial(from, nil); refused == nil {
		other.until("a status of one's own", func() bool { return len(other.state) > 0 || other.end != "" })
		if other.end == "" {
			other.live()
			if calls[1].Load() == before {
				t.Error("the second person follows without a call of the second key")
			}
		}
	}

	put(t, sim, accounts[0], 2)
	first.until("what comes later", first.holds(7))
}
