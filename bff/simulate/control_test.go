package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestFault_CountsDownThenClears(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 30})
	fault := func(body string) {
		t.Helper()
		if r := g.do("POST", "/control/algolia/faults", body); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	fault(`{"status":429,"count":2,"retry_after":2}`)
	fault(`{"status":500,"body":"{\"x\":1}"}`)
	for i, want := range []int{429, 429, 500, 500, 500} {
		r := g.do("GET", "/algolia/1/logs", "")
		if r.status != want {
			t.Fatalf("call %d: %d, want %d", i, r.status, want)
		}
		var e statusMessage
		switch {
		case want == 429 && (json.Unmarshal(r.body, &e) != nil || e.Status != 429 || r.header.Get("Retry-After") != "2"):
			t.Errorf("%s %v", r.body, r.header)
		case want == 500 && (string(r.body) != `{"x":1}` || r.header.Get("Retry-After") != ""):
			t.Errorf("%s %v", r.body, r.header)
		}
	}
	if r := g.do("DELETE", "/control/algolia/faults", ""); r.status != 204 {
		t.Errorf("%d", r.status)
	}
	g.algolia()
}

func TestFault_SparesTheTokenEndpointUnlessTold(t *testing.T) {
	g := newRig(t, Options{Entries: 30})
	g.sim.Fault("elasticpath", Fault{Status: 503, Count: 1})
	g = g.as("Authorization", "Bearer "+g.token("elasticpath", clientForm).Token)
	g.get(503, nil, elasticLogs)
	g.get(200, nil, elasticLogs)
	g.sim.Fault("elasticpath", Fault{Status: 503, Count: 1, Token: true})
	r := g.do("POST", "/elasticpath/oauth/access_token", clientForm, "Content-Type", "application/x-www-form-urlencoded")
	if r.status != 503 {
		t.Errorf("token endpoint: %d", r.status)
	}
	g.get(200, nil, elasticLogs)
}

func TestFault_CutBreaksTheBodyInHalf(t *testing.T) {
	g := deepsetRig(t, Options{})
	whole := g.do("GET", ragProd+"?limit=100", "")
	g.sim.Fault("deepset", Fault{Cut: 700, Count: 1})
	r, err := g.try("GET", ragProd+"?limit=100", "")
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(r.body) != 700 || !bytes.Equal(r.body, whole.body[:700]) ||
		r.header.Get("Content-Length") != fmt.Sprint(len(whole.body)) {
		t.Errorf("%d bytes of %s, %v", len(r.body), r.header.Get("Content-Length"), err)
	}
	if again := g.do("GET", ragProd+"?limit=100", ""); !bytes.Equal(again.body, whole.body) {
		t.Error("the next answer is not whole")
	}
}

func TestFault_DelayWaitsAndIsGivenUpWhenTheClientLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Entries: 30})
		s.Fault("deepset", Fault{DelayMS: 60_000})
		call := func(ctx context.Context) (*httptest.ResponseRecorder, time.Duration) {
			r := httptest.NewRequestWithContext(ctx, "GET", ragProd, nil)
			r.Header.Set("Authorization", "Bearer "+DeepsetKey)
			w, start := httptest.NewRecorder(), time.Now()
			s.ServeHTTP(w, r)
			return w, time.Since(start)
		}
		if w, took := call(t.Context()); w.Code != 200 || took != time.Minute {
			t.Errorf("%d after %v", w.Code, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if w, took := call(ctx); w.Body.Len() != 0 || took != time.Second {
			t.Errorf("%q after %v", w.Body, took)
		}
		calls := s.Calls("deepset")
		if len(calls) != 2 || calls[0].Status != 200 || calls[1].Status != 0 {
			t.Errorf("%+v", calls)
		}
	})
}

func TestControl_CallsAreRecorded(t *testing.T) {
	g := coveoRig(t, Options{Entries: 30})
	g.coveo("{}")
	g.do("POST", coveoLogs+"?from=x", "{}")
	g.get(200, nil, "/coveo-platform/rest/organizations/demoorg/sources")
	var got struct {
		Count int
		Calls []Call
	}
	g.get(200, &got, "/control/coveo/calls")
	if got.Count != 2 || len(got.Calls) != 2 {
		t.Fatalf("%+v", got)
	}
	if c := got.Calls[1]; c.Method != "POST" || c.Path != "/logs/v1/organizations/demoorg" || c.Query != "from=x" || c.Status != 400 || !c.At.Equal(testNow) {
		t.Errorf("%+v", c)
	}
	if n := len(g.sim.Calls("coveo-platform")); n != 1 {
		t.Errorf("platform: %d", n)
	}
	if r := g.do("DELETE", "/control/coveo/calls", ""); r.status != 204 {
		t.Errorf("%d", r.status)
	}
	if r := g.do("GET", "/control/coveo/calls", ""); strings.TrimSpace(string(r.body)) != `{"calls":[],"count":0}` {
		t.Errorf("%s", r.body)
	}
}

func TestControl_EntriesAreAppendedAllOrNone(t *testing.T) {
	g := newRig(t, Options{Entries: 30})
	for _, vendor := range vendors {
		before := len(g.sim.Entries(vendor))
		r := g.do("POST", "/control/"+vendor+"/entries", "{\"a\":1}\n\n{\"a\":2}")
		if r.status != 200 || string(bytes.TrimSpace(r.body)) != `{"appended":2}` || len(g.sim.Entries(vendor)) != before+2 {
			t.Errorf("%s: %d %s, %d entries", vendor, r.status, r.body, len(g.sim.Entries(vendor))-before)
		}
		for line, body := range map[string]string{"line 3: ": "{}\n\n{\"a\":}\n{}", "line 1: ": "[]", "line 2: ": "{}\n7"} {
			var e struct{ Error string }
			g.decode(g.do("POST", "/control/"+vendor+"/entries", body), 400, &e)
			if !strings.HasPrefix(e.Error, line) {
				t.Errorf("%s: %s, want %s", vendor, e.Error, line)
			}
		}
		if n := len(g.sim.Entries(vendor)); n != before+2 {
			t.Errorf("%s: a refused body changed the entries by %d", vendor, n-before-2)
		}
	}
	for vendor, bad := range map[string]string{"algolia": `{"timestamp":"now"}`, "coveo": `{"datetime":"now"}`, "deepset": `{"logged_at":"now"}`,
		"elasticpath": `{"meta":{"timestamps":{"created_at":"now"}}}`, "moltin": `{"id":7}`} {
		if r := g.do("POST", "/control/"+vendor+"/entries", bad); r.status != 400 {
			t.Errorf("%s: %d", vendor, r.status)
		}
	}
	r := g.do("POST", "/control/deepset/entries?target=production/search-v2", `{"message":"here"}`)
	if r.status != 200 || !bytes.Contains(g.sim.Entries("deepset/production/search-v2")[0], []byte("here")) {
		t.Errorf("target: %d %s", r.status, r.body)
	}
}

func TestControl_RefusesOthers(t *testing.T) {
	s := New(Options{Entries: 30})
	ask := func(s *Server, peer, host, origin string) int {
		r := httptest.NewRequest("GET", "/control/coveo/calls", nil)
		r.RemoteAddr, r.Host = peer, host
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		peer, host, origin string
		want               int
	}{
		{"127.0.0.1:5000", "127.0.0.1:9400", "", 200},
		{"[::1]:5000", "[::1]:9400", "", 200},
		{"127.0.0.1:5000", "localhost", "", 200},
		{"127.0.0.1:5000", "localhost:9400", "http://localhost:9400", 200},
		{"192.0.2.7:5000", "127.0.0.1:9400", "", 403},
		{"127.0.0.1:5000", "rebound.example.com:9400", "", 403},
		{"127.0.0.1:5000", "localhost.example.com", "", 403},
		{"127.0.0.1:5000", "", "", 403},
		{"127.0.0.1:5000", "localhost:9400", "http://localhost:3000", 403},
		{"127.0.0.1:5000", "localhost:9400", "null", 403},
		{"pipe", "localhost:9400", "", 403},
	} {
		if got := ask(s, c.peer, c.host, c.origin); got != c.want {
			t.Errorf("peer %s, host %q, origin %q: %d, want %d", c.peer, c.host, c.origin, got, c.want)
		}
	}
	if got := ask(New(Options{Entries: 30, Public: true}), "192.0.2.7:5000", "sim.example.com", ""); got != 200 {
		t.Errorf("public: %d", got)
	}
}

func TestControl_WrongRequests(t *testing.T) {
	g := newRig(t, Options{Entries: 30})
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/control/nope/calls", "", 404},
		{"GET", "/control/coveo/nothing", "", 404},
		{"PUT", "/control/coveo/calls", "", 405},
		{"GET", "/control/coveo/faults", "", 405},
		{"POST", "/control/coveo-platform/entries", "{}", 404},
		{"POST", "/control/coveo/faults", `{"status":42}`, 400},
		{"POST", "/control/coveo/faults", `{"count":-1}`, 400},
		{"POST", "/control/coveo/faults", `{"delay_ms":9999999}`, 400},
		{"POST", "/control/coveo/faults", `{"statsu":500}`, 400},
		{"POST", "/control/coveo/faults", `[]`, 400},
		{"GET", "/nope/1/logs", "", 404},
		{"GET", "/", "", 404},
	} {
		if r := g.do(c.method, c.path, c.body); r.status != c.want {
			t.Errorf("%s %s %s: %d, want %d", c.method, c.path, c.body, r.status, c.want)
		}
	}
}

func TestServer_ConcurrentUse(t *testing.T) {
	s := New(Options{Rate: 2000, Entries: 300, Order: "shuffled"})
	srv := httptest.NewServer(s)
	defer srv.Close()
	g := &rig{tb: t, sim: s, url: srv.URL, clock: &clock{t: time.Now()}}
	elastic := g.as("Authorization", "Bearer "+g.token("elasticpath", clientForm).Token)
	algolia := g.as("x-algolia-application-id", AlgoliaApp, "x-algolia-api-key", AlgoliaKey)
	coveo := g.as("Authorization", "Bearer "+CoveoToken, "Content-Type", "application/json")
	deepset := g.as("Authorization", "Bearer "+DeepsetKey)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx) })
	var work sync.WaitGroup
	for i, f := range []func() (reply, error){
		func() (reply, error) { return elastic.try("GET", elasticLogs, "") },
		func() (reply, error) { return algolia.try("GET", "/algolia/1/logs?length=100&type=query", "") },
		func() (reply, error) { return coveo.try("POST", coveoLogs+g.week(), `{"results":["ERROR"]}`) },
		func() (reply, error) { return coveo.try("POST", coveoLogs+"/facetsStats"+g.week(), `{}`) },
		func() (reply, error) { return deepset.try("GET", ragProd+"?filter=level+eq+'error'", "") },
		func() (reply, error) { return g.as().try("POST", "/control/deepset/entries", `{"message":"m"}`) },
		func() (reply, error) { return g.as().try("GET", "/control/coveo/calls", "") },
	} {
		work.Go(func() {
			for range 30 {
				if r, err := f(); err != nil || r.status != http.StatusOK {
					t.Errorf("call %d: %d %v %.200s", i, r.status, err, r.body)
					return
				}
			}
		})
	}
	work.Go(func() {
		for i := range 50 {
			s.SetOrder([]string{"oldest", "newest", "shuffled"}[i%3])
			s.Fault("moltin", Fault{Status: 500})
			s.ClearFaults("moltin")
			s.ClearCalls("coveo")
			s.AppendStory("coveo", 3)
			_ = s.Entries("elasticpath")
		}
	})
	work.Wait()
	cancel()
	wg.Wait()
}

func TestMain_ServesUntilToldToStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Main(ctx, []string{"--addr", "127.0.0.1:0", "--rate", "0", "--entries", "50"}, in, io.Discard)
	}()
	said := make([]byte, 4096) // it is said at once
	n, err := out.Read(said)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(said[:n]), "\n")
	_, address, ok := strings.Cut(line, "http://")
	if !ok || !strings.Contains(string(said[:n]), DeepsetKey) {
		t.Fatalf("printed %q", said[:n])
	}
	g := (&rig{tb: t, url: "http://" + address}).as("Authorization", "Bearer "+DeepsetKey)
	g.get(200, nil, ragProd)
	if r := g.do("POST", "/control/deepset/faults", `{"delay_ms":600000}`); r.status != 204 {
		t.Fatalf("%d", r.status)
	}
	slow := make(chan struct{})
	go func() { _, _ = g.try("GET", ragProd, ""); close(slow) }() // must not hold up the stop
	cancel()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d", got)
	}
	<-slow
	var errs bytes.Buffer
	for _, args := range [][]string{{"--rate", "-1"}, {"--nope"}, {"word"}} {
		if got := Main(t.Context(), args, io.Discard, &errs); got != 2 {
			t.Errorf("%v: exit code %d", args, got)
		}
	}
	if got := Main(t.Context(), []string{"--addr", "256.0.0.1:1"}, io.Discard, &errs); got != 1 {
		t.Errorf("exit code %d", got)
	}
}
