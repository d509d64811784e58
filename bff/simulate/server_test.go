package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var testNow = time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC)

// clock is a time that only moves when told.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// rig is a simulator behind real HTTP.
type rig struct {
	tb    testing.TB
	sim   *Server
	url   string
	clock *clock
	auth  http.Header // sent with every call
}

func newRig(tb testing.TB, opts Options) *rig {
	tb.Helper()
	c := &clock{t: testNow}
	if opts.Now == nil {
		opts.Now = c.now
	}
	sim := New(opts)
	srv := httptest.NewServer(sim)
	tb.Cleanup(srv.Close)
	return &rig{tb: tb, sim: sim, url: srv.URL, clock: c, auth: http.Header{}}
}

func (g *rig) as(header ...string) *rig {
	r := *g
	r.auth = http.Header{}
	for i := 0; i < len(header); i += 2 {
		r.auth.Set(header[i], header[i+1])
	}
	return &r
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (g *rig) do(method, path, body string, header ...string) reply {
	g.tb.Helper()
	r, err := g.try(method, path, body, header...)
	if err != nil {
		g.tb.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (g *rig) try(method, path, body string, header ...string) (reply, error) {
	g.tb.Helper()
	req, err := http.NewRequest(method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.tb.Fatal(err)
	}
	for k, v := range g.auth {
		req.Header[k] = v
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, b}, err
}

// get asks with parameters given as name, value pairs, and decodes the answer.
func (g *rig) get(status int, into any, path string, params ...string) {
	g.tb.Helper()
	g.decode(g.do("GET", path+encode(params...), ""), status, into)
}

func (g *rig) decode(r reply, status int, into any) {
	g.tb.Helper()
	if r.status != status {
		g.tb.Fatalf("status %d, want %d: %.300s", r.status, status, r.body)
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			g.tb.Fatalf("answer %.300s: %v", r.body, err)
		}
	}
}

func encode(params ...string) string {
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

var vendors = []string{"algolia", "coveo", "elasticpath", "moltin", "deepset"}

func TestNew_SameSeedAndClockGiveIdenticalBytes(t *testing.T) {
	build := func(seed uint64) *Server {
		return New(Options{Seed: seed, Now: func() time.Time { return testNow }})
	}
	a, b, other := build(7), build(7), build(8)
	for _, vendor := range vendors {
		for range 3 {
			a.AppendStory(vendor, 20)
			b.AppendStory(vendor, 20)
		}
		if !slices.EqualFunc(a.Entries(vendor), b.Entries(vendor), func(x, y json.RawMessage) bool { return bytes.Equal(x, y) }) {
			t.Errorf("%s: same seed, other content", vendor)
		}
		if slices.EqualFunc(a.Entries(vendor), other.Entries(vendor), func(x, y json.RawMessage) bool { return bytes.Equal(x, y) }) {
			t.Errorf("%s: another seed, same content", vendor)
		}
	}
}

func TestNew_EntriesAreValidJSONAndAboutAsManyAsAskedFor(t *testing.T) {
	for _, n := range []int{1, 40, 0, 999, 5000} {
		s := New(Options{Entries: n, Now: func() time.Time { return testNow }})
		defaults := map[string]int{"algolia": 900, "coveo": 3000, "elasticpath": 600, "moltin": 300, "deepset": 800}
		for _, vendor := range vendors {
			want := n
			if n == 0 {
				want = defaults[vendor]
			}
			if vendor == "algolia" {
				want = min(want, 1000)
			}
			list := s.Entries(vendor)
			t.Logf("%s %d: %d", vendor, want, len(list))
			if len(list) > want || len(list) < want*85/100 {
				t.Errorf("%s: %d entries, want about %d", vendor, len(list), want)
			}
			for _, raw := range list {
				if !json.Valid(raw) || raw[0] != '{' {
					t.Fatalf("%s: not a JSON object: %s", vendor, raw)
				}
			}
		}
	}
}

func TestRun_EntriesArriveAtTheRateUntilTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Rate: 50, Entries: 20})
		before := len(s.Entries("elasticpath"))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		time.Sleep(10 * time.Second)
		cancel()
		<-done
		if got := len(s.Entries("elasticpath")) - before; got < 495 || got > 500 {
			t.Errorf("%d entries in 10 s at 50/s", got)
		}
		held := len(s.Entries("deepset"))
		time.Sleep(time.Minute)
		if len(s.Entries("deepset")) != held {
			t.Error("entries arrive after the end")
		}
	})
}
