package main

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// together starts a NATS server and returns the flags of replicas that share it.
func together(t *testing.T) []string {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(tailPatience) {
		t.Fatal("the NATS server does not start")
	}
	var key [32]byte
	_, _ = rand.Read(key[:])
	return []string{"--nats-url", s.ClientURL(), "--keys", "k001:" + base64.StdEncoding.EncodeToString(key[:])}
}

// crowd counts the calls to a simulator that are under way at once.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/logs/v1/") {
			c.mu.Lock()
			c.now++
			c.most = max(c.most, c.now)
			c.mu.Unlock()
			defer func() {
				c.mu.Lock()
				c.now--
				c.mu.Unlock()
			}()
		}
		h.ServeHTTP(w, r)
	})
}

// TestReplicas_CoveoAnswersOneCallAtATime however many replicas, credentials and
// sessions ask it.
func TestReplicas_CoveoAnswersOneCallAtATime(t *testing.T) {
	sim := simulate.New(simulate.Options{Seed: 5, Entries: 40})
	var c crowd
	srv := httptest.NewServer(c.around(sim))
	t.Cleanup(srv.Close)
	flags := append(together(t), "--endpoint", "coveo/sim="+srv.URL+"/coveo", "--endpoint", "coveo-platform/sim="+srv.URL+"/coveo-platform", "--poll-min", "50ms")
	a := accounts[1]
	var users []*user
	src := ""
	for range 2 {
		u := start(t, t.TempDir(), flags...).user(t)
		src = address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...)
		users = append(users, u)
	}
	sim.Fault("coveo", simulate.Fault{DelayMS: 30})
	var done sync.WaitGroup
	for i := range 8 {
		u := *users[i%2]
		done.Go(func() {
			for range 3 {
				var page wire.Page
				if f := u.call("GET", "/api/logs?"+url.Values{"src": {src}, "from": {"now-1h"}}.Encode(), nil, &page); f != nil {
					t.Errorf("search: %v", f)
				}
				if len(page.Coverage) != 1 || page.Coverage[0].Reason != "" && strings.Contains(page.Coverage[0].Reason, "not asked") {
					t.Errorf("coverage %+v", page.Coverage)
				}
			}
		})
	}
	// Another credential of the same organization, which Coveo refuses.
	done.Go(func() {
		for range 3 {
			f := users[0].call("POST", "/api/connections", wire.Connect{Vendor: a.vendor, Region: "sim", Account: strings.ToUpper(a.account), Credentials: map[string]string{"token": "another"}}, nil)
			if f == nil {
				t.Error("a wrong token is accepted")
			}
		}
	})
	v := users[1].follow(url.Values{"src": {src}})
	v.live()
	done.Wait()
	c.mu.Lock() // polls go on
	defer c.mu.Unlock()
	if c.most != 1 {
		t.Errorf("%d calls at once", c.most)
	}
	if n := calls(sim, "coveo"); n < 24 {
		t.Errorf("%d calls", n)
	}
}

// TestReplicas_FollowAsOne has a viewer on each of two replicas: the vendors' calls are
// those of one, whichever dies the other goes on, and who comes back elsewhere has
// missed nothing and sees nothing twice.
func TestReplicas_FollowAsOne(t *testing.T) {
	const pause = 100 * time.Millisecond
	sim, flags := simulated(t, simulate.Options{Seed: 3, Entries: 60})
	flags = append(append(flags, "--poll-min", pause.String()), together(t)...)
	p1, kill := spawn(t, t.TempDir(), flags...)
	u1 := p1.user(t)
	params := url.Values{}
	var before []map[string]int
	for _, a := range accounts {
		params.Add("src", address(u1.connect(a.vendor, "sim", a.account, a.creds), a.path...))
		before = append(before, held(sim, a.truth))
	}
	v1 := u1.follow(params)
	v1.live()

	p2 := start(t, t.TempDir(), flags...)
	u2 := p2.user(t)
	for _, a := range accounts {
		u2.connect(a.vendor, "sim", a.account, a.creds)
	}
	v2 := u2.follow(params)
	v2.live()
	for _, v := range []*viewer{v1, v2} {
		v.until("both to be counted", func() bool {
			for _, f := range v.state {
				if f.Viewers != 2 || f.NextPoll.IsZero() || f.CallsPerHour == 0 {
					return false
				}
			}
			return true
		})
	}
	sim.ClearCalls("algolia")
	began := time.Now()
	n := 0
	arrive := func(each int) {
		for _, a := range accounts {
			put(t, sim, a, each)
			n += each
		}
	}
	for range 10 {
		arrive(5)
		v1.until("a round", v1.holds(n))
		v2.until("a round", v2.holds(n))
	}
	took := time.Since(began)
	if got, most := calls(sim, "algolia"), int(took/pause)+2; got > most {
		t.Errorf("%d calls in %s, want at most %d", got, took, most)
	}
	// Vendors that take several calls for a poll are asked by one replica alone, too.
	p2.waitMetric(t, "logpane_polls_total 0")
	p2.waitMetric(t, "logpane_tail_sockets 1")

	// What the one that polls has to tell of a vendor, both tell.
	sim.Fault("algolia", simulate.Fault{Status: 500})
	told := func(v *viewer, state string) func() bool {
		return func() bool {
			f := v.state[params["src"][0]]
			return f.State == state && (f.Reason != "") == (state == wire.TailFailing)
		}
	}
	v1.until("failing", told(v1, wire.TailFailing))
	v2.until("failing", told(v2, wire.TailFailing))
	sim.ClearFaults("algolia")
	v1.until("live", told(v1, wire.TailLive))
	v2.until("live", told(v2, wire.TailLive))

	// The one that polls dies. The other takes over; its viewer needs to do nothing.
	kill()
	died := time.Now()
	arrive(40)
	v2.until("what came after the death", v2.holds(n))
	t.Logf("the other replica went on after %s", time.Since(died).Round(10*time.Millisecond))
	arrive(3)
	v2.until("live again", v2.holds(n))

	// The viewer of the dead one goes on at the other, on the same session.
	u1.moveTo(t, p2)
	params.Set("after", v1.seq)
	w := u1.follow(params)
	w.names, w.order, w.gaps = v1.names, v1.order, v1.gaps
	w.until("what came meanwhile", w.holds(n))
	all := map[string]int{}
	for i, a := range accounts {
		for k, m := range held(sim, a.truth) {
			if before[i][k] == 0 {
				all[k] = m
			}
		}
	}
	for name, v := range map[string]*viewer{"the one that stayed": v2, "the one that moved": w} {
		if !maps.Equal(v.names, all) || len(v.order) != n {
			t.Errorf("%s: %d entries came of %d", name, len(v.order), n)
		}
		if slices.ContainsFunc(v.gaps, func(g wire.TailFrame) bool { return !g.Filled }) {
			t.Errorf("%s: gaps %+v", name, v.gaps)
		}
	}
}

// TestReplicas_LogoutEndsSocketsEverywhere logs out at one replica while the session
// follows live at both.
func TestReplicas_LogoutEndsSocketsEverywhere(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 3, Entries: 60})
	flags = append(append(flags, "--poll-min", "50ms"), together(t)...)
	p1, p2 := start(t, t.TempDir(), flags...), start(t, t.TempDir(), flags...)
	here := p1.user(t)
	a := accounts[0]
	params := url.Values{"src": {address(here.connect(a.vendor, "sim", a.account, a.creds), a.path...)}}
	there := *here
	there.http = &http.Client{Jar: here.http.Jar}
	there.moveTo(t, p2)
	near, far := here.follow(params), there.follow(params)
	near.live()
	far.live()
	old := here.http.Jar.Cookies(mustURL(t, here.base))
	began := time.Now()
	here.must("DELETE", wire.PathSession, nil, nil)
	for name, v := range map[string]*viewer{"here": near, "at the other replica": far} {
		for v.read() {
		}
		if d := time.Since(began); d > time.Second || v.end == "" || v.close == nil || v.close.Code != wire.CloseSession {
			t.Errorf("%s: ended after %s with %q, %v", name, d, v.end, v.close)
		}
	}
	if c := here.http.Jar.Cookies(mustURL(t, here.base)); len(c) != 0 {
		t.Errorf("cookies %v", c)
	}
	here.must("DELETE", wire.PathSession, nil, nil) // without a session there is nothing to end
	for _, u := range []*user{here, &there} {
		u.http.Jar.SetCookies(mustURL(t, u.base), old)
		if _, f := u.dial(params, nil); f == nil || f.Kind != fault.Unauthenticated {
			t.Errorf("the session came back: %v", f)
		}
	}
	p1.waitMetric(t, "logpane_tail_pollers 0")
	p2.waitMetric(t, "logpane_tail_pollers 0")
}
