package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/poll"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/tail"
)

// shelf is a vendor in memory: 30 entries a minute apart, newest first, of
// accounts that a key may read.
type shelf struct {
	cfg   driver.Config
	calls *atomic.Int64
	left  *atomic.Int64 // calls that ended because nobody waited any more
	slow  chan struct{} // Read waits for it where it is not nil
}

func (s *shelf) Close() {}

func (s *shelf) Request(r driver.Read) (driver.Request, error) {
	return driver.Request{
		Method: "GET", URL: fmt.Sprintf("https://shelf.example/rows?limit=%d", r.Limit),
		Headers: [][2]string{{"Authorization", "Bearer $SHELF_KEY"}}, Secrets: []string{"$SHELF_KEY"},
	}, nil
}

func (s *shelf) Verify(context.Context) error {
	if s.cfg.Credentials["key"].Reveal() != "right" {
		return fault.New(fault.Unauthenticated, "shelf: verify").Saying("the key is wrong").Quoting("no such key")
	}
	return nil
}

func (s *shelf) Targets(context.Context) ([]driver.Target, error) {
	return []driver.Target{{Label: "all", Kind: "account"}, {Path: []string{"boxes", "a/b, c"}, Label: "a box", Kind: "box"}}, nil
}

var shelfNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func (s *shelf) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	s.calls.Add(1)
	if s.slow != nil {
		select {
		case <-s.slow:
		case <-ctx.Done():
			s.left.Add(1)
			return driver.Page{}, context.Cause(ctx)
		}
	}
	if s.cfg.Account == "locked" {
		return driver.Page{}, fault.New(fault.Forbidden, "shelf: read").Saying("not this account").Quoting("locked")
	}
	pg := driver.Page{Total: -1, More: driver.MoreYes}
	for i := r.Offset; i < min(30, r.Offset+r.Limit); i++ {
		e := logs.Entry{
			ID: fmt.Sprint("e", i), Time: shelfNow.Add(-time.Duration(i) * time.Minute), Summary: fmt.Sprint("entry ", i),
			Level: logs.LevelInfo, Job: fmt.Sprint("job", i/3), Item: fmt.Sprint("item", i), Attempt: 1 + i%3, Status: 200 + i,
			Raw: json.RawMessage(fmt.Sprintf(`{"n" : %d}`, i)),
		}
		if i == 4 {
			e.Outcome, e.Fields = logs.OutcomeFailed, logs.Fields{{Name: "stage", Value: "CONSUMING"}, {Name: "error", Value: "no permissions"}}
		} else {
			e.Outcome, e.Fields = logs.OutcomeSucceeded, logs.Fields{{Name: "stage", Value: "INDEXING"}}
		}
		if s.cfg.Account == "people" {
			e.Summary += " by anna.berg@example.com"
			e.Fields = append(e.Fields, logs.Field{Name: "user_token", Value: "anna-58213"})
			e.Raw = json.RawMessage(`{"ip":"203.0.113.7","api_key":"4a8f09c3e5d24cdc9f3de5a8f0f3a1b2"}`)
		}
		pg.Entries = append(pg.Entries, e)
	}
	if r.Offset+r.Limit >= 30 {
		pg.More = driver.MoreNo
	}
	return pg, nil
}

// stand is a server over the shelf, with a browser.
type stand struct {
	*Server
	t     *testing.T
	web   *httptest.Server
	http  *http.Client
	log   *bytes.Buffer
	calls atomic.Int64 // of Read
	left  atomic.Int64
	slow  chan struct{} // what the shelves opened from now on wait for
}

func newStand(t *testing.T) *stand {
	t.Helper()
	dir := t.TempDir()
	eng, err := engine.Open(t.Context(), engine.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eng.Close)
	keys, err := session.OpenKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := session.Open(t.Context(), eng, session.Config{Keys: keys, Error: SessionError})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sessions.Close)
	frames, err := feed.Open(t.Context(), eng, feed.Config{Sealer: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(frames.Close)
	leases, err := lease.Open(t.Context(), eng, lease.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leases.Close)
	tails := tail.New(tail.Config{Feed: frames})
	t.Cleanup(func() { tails.Drain(context.Background()) })
	var log bytes.Buffer
	web := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(web.Listener.Addr().String(), ":")
	st := &stand{t: t, web: web, log: &log}
	st.Server = New(Options{
		Vendors: []driver.Vendor{{
			Name: "shelf", Title: "Shelf", Account: driver.Field{Name: "account", Label: "Account"},
			Credentials:  []driver.Field{{Name: "key", Label: "Key", Secret: true}},
			Regions:      []driver.Region{{Name: "here", Label: "Here", URL: "https://shelf.example"}},
			Capabilities: driver.Capabilities{Paging: driver.ByOffset, Order: driver.NewestFirst, MaxLimit: 10, Precision: time.Second, Whole: true, Items: true},
			Names:        []string{"level", "outcome", "succeeded", "status", "job", "item", "attempt", "stage", "error"},
			Open: func(c driver.Config) (driver.Driver, error) {
				return &shelf{cfg: c, calls: &st.calls, slow: st.slow, left: &st.left}, nil
			},
		}},
		Tails:    tails,
		Pollers:  poll.New(poll.Config{Feed: frames, Leases: leases, Least: 5 * time.Millisecond}),
		Demo:     map[string]Access{"shelf": {Region: "here", Account: "demo", Credentials: map[string]secret.Value{"key": secret.New("right")}}},
		Sessions: sessions, Searcher: source.NewSearcher(keys.Derive("cursor"), time.Now), Site: testSite(t).files,
		Healthy: eng.Healthy, Hosts: Hosts{Port: port}, Log: slog.New(slog.NewTextHandler(&log, nil)), Version: "v0", Now: time.Now, MaskKey: 0xfedcba9876543210,
	})
	t.Cleanup(st.Server.Close)
	web.Config.Handler = st.Server
	web.StartTLS() // sessions travel in a Secure cookie
	t.Cleanup(web.Close)
	jar, _ := cookiejar.New(nil)
	st.http = web.Client()
	st.http.Jar = jar
	return st
}

func (st *stand) do(method, path, body string, header map[string]string) (*http.Response, string) {
	st.t.Helper()
	return st.doAs(st.http, method, path, body, header)
}

func (st *stand) doAs(as *http.Client, method, path, body string, header map[string]string) (*http.Response, string) {
	st.t.Helper()
	req, err := http.NewRequest(method, st.web.URL+path, strings.NewReader(body))
	if err != nil {
		st.t.Fatal(err)
	}
	req.Header.Set(wire.Header, "1")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range header {
		switch {
		case k == "Host":
			req.Host = v
		case v == "":
			req.Header.Del(k)
		default:
			req.Header.Set(k, v)
		}
	}
	resp, err := as.Do(req)
	if err != nil {
		st.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	return resp, string(b)
}

func (st *stand) connect(account string) {
	st.t.Helper()
	if resp, body := st.do("POST", "/api/connections", `{"vendor":"shelf","region":"here","account":"`+account+`","credentials":{"key":"right"}}`, nil); resp.StatusCode != 201 {
		st.t.Fatalf("connect: %d %s", resp.StatusCode, body)
	}
}

func kind(body string) fault.Kind {
	var p wire.Problem
	_ = json.Unmarshal([]byte(body), &p)
	return p.Kind
}

// TestRoutes_FailClosed walks every route that was registered: none answers a
// foreign Host, and none that rides on the cookie answers without the header or
// to another site.
func TestRoutes_FailClosed(t *testing.T) {
	st := newStand(t)
	for _, pattern := range st.routes {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = "GET", pattern
		}
		path = strings.ReplaceAll(path, "{id}", "x")
		cases := []map[string]string{{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:443"}, {"Host": "localhost:1"}}
		if strings.HasPrefix(path, "/api/") {
			cases = append(cases,
				map[string]string{wire.Header: ""},
				map[string]string{"Origin": "https://evil.example"},
				map[string]string{"Origin": "null"},
				map[string]string{"Sec-Fetch-Site": "same-site"},
				map[string]string{"Sec-Fetch-Site": "cross-site"},
			)
		}
		for _, h := range cases {
			resp, body := st.do(method, path, "", h)
			if resp.StatusCode != 403 || kind(body) != fault.Forbidden {
				t.Errorf("%s with %v: status %d, %.100s", pattern, h, resp.StatusCode, body)
			}
			if len(resp.Cookies()) > 0 {
				t.Errorf("%s with %v: a refused request got a cookie", pattern, h)
			}
		}
	}
	if len(st.routes) < 10 {
		t.Errorf("only %d routes were walked", len(st.routes))
	}
}

func TestSession_FirstAnswerSetsTheCookie(t *testing.T) {
	st := newStand(t)
	resp, _ := st.do("GET", "/api/connections", "", nil)
	if len(resp.Cookies()) != 1 {
		t.Fatalf("%d cookies, want 1", len(resp.Cookies()))
	}
	c := resp.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() {
		t.Errorf("cookie %+v", c)
	}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if resp.Header.Get("X-Request-Id") == "" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", resp.Header)
	}
}

func TestConnect_NeverAnswersWithACredential(t *testing.T) {
	st := newStand(t)
	for _, body := range []string{
		`{"vendor":"shelf","region":"here","account":"a","credentials":{"key":"planted-secret"}}`,
		`{"vendor":"shelf","region":"here","account":"a","credentials":{"key":"planted-secret","other":"x"}}`,
		`{"vendor":"shelf","region":"here","account":"a","credentials":{"key":"planted-secret\n"}}`,
		`{"vendor":"shelf","region":"here","account":"a","credentials":{"key":"planted-secret"},"extra":1}`,
		`{"vendor":"shelf","credentials":{"key":"planted-secret"`,
		`["planted-secret"]`,
	} {
		resp, text := st.do("POST", "/api/connections", body, nil)
		if resp.StatusCode < 400 || strings.Contains(text, "planted-secret") {
			t.Errorf("%s: %d %s", body, resp.StatusCode, text)
		}
	}
	if strings.Contains(st.log.String(), "planted-secret") || !strings.Contains(st.log.String(), "unauthenticated") {
		t.Errorf("the log is empty or tells: %s", st.log)
	}
}

func TestConnect_TooManyAttemptsWait(t *testing.T) {
	st := newStand(t)
	body := `{"vendor":"shelf","region":"here","account":"a","credentials":{"key":"wrong"}}`
	st.do("GET", "/api/connections", "", nil) // the session that is limited begins here
	for i := range connecting.burst {
		if resp, text := st.do("POST", "/api/connections", body, nil); resp.StatusCode != 401 {
			t.Fatalf("attempt %d: %d %s", i, resp.StatusCode, text)
		}
	}
	resp, text := st.do("POST", "/api/connections", body, nil)
	if kind(text) != fault.RateLimited || resp.Header.Get("Retry-After") == "" {
		t.Errorf("after the burst: %d %s", resp.StatusCode, text)
	}
}

func TestTargets_AddressesReadBack(t *testing.T) {
	st := newStand(t)
	st.connect("a b")
	var conns wire.Connections
	_, body := st.do("GET", "/api/connections", "", nil)
	if err := json.Unmarshal([]byte(body), &conns); err != nil || len(conns.Connections) != 1 {
		t.Fatalf("%v in %s", err, body)
	}
	_, body = st.do("GET", "/api/connections/"+conns.Connections[0].ID+"/targets", "", nil)
	var list wire.Targets
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	got, err := logs.ParseTarget(list.Targets[1].Address)
	if err != nil || got.Account != "a b" || got.Path[1] != "a/b, c" {
		t.Errorf("address %q reads back as %+v, %v", list.Targets[1].Address, got, err)
	}
	// The comma in the name must not be taken for one between addresses.
	if _, body := st.do("GET", "/api/logs?limit=1&src="+url.QueryEscape(list.Targets[1].Address), "", nil); !strings.Contains(body, `"id":"e0"`) {
		t.Errorf("a name with a comma and a slash: %s", body)
	}
}

func TestLogs_RawIsByteForByte(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	if _, body := st.do("GET", "/api/logs?limit=1&src=shelf/here/a", "", nil); !strings.Contains(body, `"raw":{"n" : 0}`) {
		t.Errorf("raw was rewritten: %s", body)
	}
}

func TestLogs_LargePagesTravelCompressed(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	const path = "/api/logs?limit=30&src=shelf/here/a"
	_, plain := st.do("GET", path, "", map[string]string{"Accept-Encoding": "identity"})
	resp, packed := st.do("GET", path, "", map[string]string{"Accept-Encoding": "br, gzip;q=0.5"})
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil || resp.Header.Get("Content-Encoding") != "gzip" || resp.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("not compressed: %v %v", err, resp.Header)
	}
	got, err := io.ReadAll(z)
	if err != nil || strings.Count(string(got), `"id":`) != 30 || strings.Count(plain, `"id":`) != 30 || len(packed) > len(plain)/3 {
		t.Errorf("%d bytes became %d and %d again: %v", len(plain), len(packed), len(got), err)
	}
	if resp, _ := st.do("GET", path, "", map[string]string{"Accept-Encoding": "gzip;q=0"}); resp.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for a client that refuses it")
	}
}

func TestLogs_AnotherAccountIsReadOnlyWhenACallProvesIt(t *testing.T) {
	st := newStand(t)
	st.connect("mine")
	if resp, body := st.do("GET", "/api/logs?src=shelf/here/other", "", nil); resp.StatusCode != 200 || !strings.Contains(body, `"src":"shelf/here/other"`) {
		t.Errorf("an account that the credential reads: %d %.200s", resp.StatusCode, body)
	}
	if _, body := st.do("GET", "/api/logs?src=shelf/here/locked", "", nil); kind(body) != fault.Unauthenticated || !strings.Contains(body, "locked") {
		t.Errorf("an account that it does not read: %s", body)
	}
}

func TestJobs_OneJobAndAllJobs(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	var one, all wire.Jobs
	_, body := st.do("GET", "/api/jobs?src=shelf/here/a&job=job2", "", nil)
	if err := json.Unmarshal([]byte(body), &one); err != nil || len(one.Entries) != 3 || one.Entries[0].ID != "e6" {
		t.Errorf("job2: %v, %s", err, body)
	}
	_, body = st.do("GET", "/api/jobs?src=shelf/here/a", "", nil)
	if err := json.Unmarshal([]byte(body), &all); err != nil || len(all.Jobs) != 10 || all.Jobs[0].ID != "job0" || all.Jobs[0].Attempts != 3 || all.Jobs[0].Entries != 3 {
		t.Errorf("all jobs: %v, %.300s", err, body)
	}
	if _, body := st.do("GET", "/api/jobs?src=shelf/here/a,shelf/here/b", "", nil); kind(body) != fault.Invalid {
		t.Errorf("two targets: %s", body)
	}
}

func TestAssert_NotSeenOnlyWhereEverythingWasRead(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	verdicts := func(from string) map[string]string {
		t.Helper()
		resp, body := st.do("POST", "/api/assert", `{"src":"shelf/here/a","items":["item0","item4","missing"],"from":"`+from+`"}`, nil)
		var v wire.Verdicts
		if err := json.Unmarshal([]byte(body), &v); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%d %v: %s", resp.StatusCode, err, body)
		}
		out := map[string]string{}
		for _, x := range v.Verdicts {
			out[x.Item] = x.Verdict
		}
		return out
	}
	got := verdicts("2026-11-01T00:00:00Z")
	want := map[string]string{"item0": "indexed", "item4": "failed", "missing": "not_seen"}
	for item, v := range want {
		if got[item] != v {
			t.Errorf("%s: %s, want %s", item, got[item], v)
		}
	}
	for _, body := range []string{`{"src":"shelf/here/a","items":[]}`, `{"src":"","items":["x"]}`} {
		if _, text := st.do("POST", "/api/assert", body, nil); kind(text) != fault.Invalid {
			t.Errorf("%s: %s", body, text)
		}
	}
}

func TestPages_UnknownFilesAre404(t *testing.T) {
	st := newStand(t)
	for path, want := range map[string]int{"/": 200, "/logs": 200, "/no/such/page": 200, "/assets/gone.wasm": 404, "/favicon.ico": 404, "/robots.txt": 200} {
		if resp, _ := st.do("GET", path, "", nil); resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
		}
	}
	if resp, body := st.do("GET", "/readyz", "", nil); resp.StatusCode != 200 {
		t.Errorf("readyz: %d %s", resp.StatusCode, body)
	}
	st.Drain()
	if resp, _ := st.do("GET", "/readyz", "", nil); resp.StatusCode != 503 {
		t.Errorf("readyz while draining: %d", resp.StatusCode)
	}
	if _, body := st.do("GET", "/metrics", "", nil); !strings.Contains(body, "logpane_http_request_seconds") {
		t.Errorf("metrics: %.200s", body)
	}
	if resp, _ := st.do("GET", "/metrics", "", map[string]string{"X-Forwarded-For": "203.0.113.9"}); resp.StatusCode != 403 {
		t.Errorf("metrics through a proxy: %d, want 403", resp.StatusCode)
	}
}

func TestHosts_Allowed(t *testing.T) {
	public, _ := url.Parse("https://logs.example.com")
	for _, c := range []struct {
		h    Hosts
		host string
		want bool
	}{
		{Hosts{Port: "8080"}, "localhost:8080", true},
		{Hosts{Port: "8080"}, "[::1]:8080", true},
		{Hosts{Port: "8080"}, "pane.localhost:8080", true},
		{Hosts{Port: "8080"}, "localhost", false},
		{Hosts{Port: "8080"}, "192.168.1.5:8080", false},
		{Hosts{Port: "8080", AnyIP: true}, "192.168.1.5:8080", true},
		{Hosts{Port: "8080", AnyIP: true}, "intranet:8080", false},
		{Hosts{Port: "8080", Public: public}, "logs.example.com", true},
		{Hosts{Port: "8080", Public: public}, "LOGS.example.com", true},
		{Hosts{Port: "8080", Public: public}, "logs.example.com.evil", false},
		{Hosts{Port: "80"}, "", false},
	} {
		if got := c.h.allowed(c.host); got != c.want {
			t.Errorf("%+v allows %q: %v, want %v", c.h, c.host, got, c.want)
		}
	}
}

func TestFail_CausesStayInTheLog(t *testing.T) {
	st := newStand(t)
	rec := httptest.NewRecorder()
	st.watch("GET /boom", func(http.ResponseWriter, *http.Request) error {
		panic("the cause")
	}).ServeHTTP(rec, httptest.NewRequest("GET", "/boom", nil))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "the cause") || !strings.Contains(st.log.String(), "the cause") {
		t.Errorf("%d %s; log %s", rec.Code, rec.Body, st.log)
	}
}
