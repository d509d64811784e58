package server

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// mint makes a token of the browser's connections.
func (st *stand) mint(label string) wire.Token {
	st.t.Helper()
	var conns wire.Connections
	_, body := st.do("GET", wire.PathConnections, "", nil)
	if err := json.Unmarshal([]byte(body), &conns); err != nil {
		st.t.Fatal(err)
	}
	in := wire.NewToken{Label: label, Days: 7}
	for _, c := range conns.Connections {
		in.Connections = append(in.Connections, c.ID)
	}
	b, err := json.Marshal(in)
	if err != nil {
		st.t.Fatal(err)
	}
	resp, body := st.do("POST", wire.PathTokens, string(b), nil)
	var out wire.Token
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != 201 || out.Token == "" {
		st.t.Fatalf("%d %v: %s", resp.StatusCode, err, body)
	}
	return out
}

func (st *stand) tokens() []wire.Token {
	st.t.Helper()
	resp, body := st.do("GET", wire.PathTokens, "", nil)
	var out wire.Tokens
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != 200 || strings.Contains(body, `"token"`) {
		st.t.Fatalf("%d %v: %s", resp.StatusCode, err, body)
	}
	return out.Tokens
}

// ask sends a request as a script does: no cookie, no header of ours.
func (st *stand) ask(method, path, token string, header map[string]string) (*http.Response, string) {
	st.t.Helper()
	bare := *st.http
	bare.Jar = nil
	h := map[string]string{wire.Header: "", "Authorization": "Bearer " + token}
	for k, v := range header {
		h[k] = v
	}
	return st.doAs(&bare, method, path, "", h)
}

const shelfLogs = "/api/logs?limit=1&src=shelf/here/a"

// TestRoutes_AccessTokensReadAndChangeNothing walks every route with a token that is
// good: those that are for scripts let it in, all others refuse it.
func TestRoutes_AccessTokensReadAndChangeNothing(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	token := st.mint("walk").Token
	// What a token may do. Whoever adds a line has asked whether it only reads.
	allowed := []string{"/api/vendors", "/api/connections", "/api/requests", "/api/jobs", "/api/assert", "/api/tail"}
	for _, pattern := range st.routes {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = "GET", pattern
		}
		path = strings.ReplaceAll(path, "{id}", "x")
		if path == "/metrics" || path == "/healthz" || path == "/readyz" || path == "/" {
			if resp, body := st.ask(method, path, token, nil); resp.StatusCode != 200 {
				t.Errorf("%s is for anyone, and answers %d %.100s", pattern, resp.StatusCode, body)
			}
			continue
		}
		reads := method == "GET" && (strings.HasPrefix(path, "/api/logs") || strings.HasPrefix(path, "/logs.") || slices.Contains(allowed, path)) ||
			pattern == "POST /api/assert"
		if st.scripted[pattern] != reads {
			t.Errorf("%s: for scripts %v, want %v", pattern, st.scripted[pattern], reads)
		}
		resp, body := st.ask(method, path, token, nil)
		if (resp.StatusCode == 403) == reads || (resp.StatusCode == 401) || resp.StatusCode >= 500 {
			t.Errorf("%s with a token: %d %.100s", pattern, resp.StatusCode, body)
		}
		if len(resp.Cookies()) > 0 {
			t.Errorf("%s with a token sets a cookie", pattern)
		}
		for _, h := range []map[string]string{
			{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
		} {
			if resp, body := st.ask(method, path, token, h); resp.StatusCode != 403 || kind(body) != fault.Forbidden {
				t.Errorf("%s with a token and %v: %d %.100s", pattern, h, resp.StatusCode, body)
			}
		}
		// A wrong one opens nothing, whatever else the request carries.
		if resp, body := st.do(method, path, "", map[string]string{"Authorization": "Bearer lgp_wrong"}); resp.StatusCode != 401 && resp.StatusCode != 403 && resp.StatusCode != 429 {
			t.Errorf("%s with a wrong token and a good session: %d %.100s", pattern, resp.StatusCode, body)
		}
	}
	if resp, body := st.ask("GET", "/api/nothing", token, nil); resp.StatusCode != 403 {
		t.Errorf("an unknown route: %d %s", resp.StatusCode, body)
	}
	if got := st.tokens(); len(got) != 1 {
		t.Errorf("%d tokens after the walk", len(got))
	}
}

func TestTokens_MadeUsedListedRevoked(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	if got := st.tokens(); len(got) != 0 {
		t.Fatalf("at first: %+v", got)
	}
	made := st.mint("nightly export")
	if days := made.Expires.Sub(made.Created); days != 7*24*time.Hour || made.Label != "nightly export" || !strings.HasSuffix(made.Token, made.Last) ||
		len(made.Connections) != 1 || made.Connections[0].Account != "a" {
		t.Errorf("made %+v", made)
	}
	resp, body := st.ask("GET", shelfLogs, made.Token, nil)
	if resp.StatusCode != 200 || !strings.Contains(body, `"id":"e0"`) || len(resp.Cookies()) != 0 || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %.100s, cookies %v", resp.StatusCode, body, resp.Cookies())
	}
	var conns wire.Connections
	_, body = st.ask("GET", wire.PathConnections, made.Token, nil)
	if err := json.Unmarshal([]byte(body), &conns); err != nil || len(conns.Connections) != 1 || conns.Connections[0].Account != "a" {
		t.Errorf("the token's connections: %s", body)
	}
	if got := st.tokens(); len(got) != 1 || got[0].Used.IsZero() || got[0].ID != made.ID || got[0].Token != "" {
		t.Errorf("listed %+v", got)
	}
	// It outlives the session.
	st.do("DELETE", wire.PathSession, "", nil)
	if resp, _ := st.ask("GET", shelfLogs, made.Token, nil); resp.StatusCode != 200 {
		t.Errorf("after the logout: %d", resp.StatusCode)
	}
	if got := st.tokens(); len(got) != 0 {
		t.Errorf("a fresh session sees %+v", got)
	}
	if resp, body := st.do("DELETE", wire.PathTokens+"/"+made.ID, "", nil); resp.StatusCode != 404 {
		t.Errorf("a fresh session revokes: %d %s", resp.StatusCode, body)
	}
	st.connect("another account of the same key")
	if resp, body := st.do("DELETE", wire.PathTokens+"/"+made.ID, "", nil); resp.StatusCode != 204 {
		t.Errorf("revoke: %d %s", resp.StatusCode, body)
	}
	resp, body = st.ask("GET", shelfLogs, made.Token, nil)
	if resp.StatusCode != 401 || !strings.Contains(body, "make a new one at /tokens") || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("revoked: %d %s", resp.StatusCode, body)
	}
	log := st.log.String()
	for _, said := range []string{"access token made", "access token revoked", made.ID} {
		if !strings.Contains(log, said) {
			t.Errorf("the log does not say %q", said)
		}
	}
	if strings.Contains(log, made.Token) || strings.Contains(log, "nightly") || strings.Contains(log, "right") {
		t.Error("the log tells a secret")
	}
}

func TestMint_RefusalsSayWhatToDo(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	for body, says := range map[string]string{
		`{"label":"x","connections":[]}`:                           "at least one connection",
		`{"label":"","connections":["x"]}`:                         "what the token is for",
		`{"label":"x","connections":["x"]}`:                        "no such connection",
		`{"label":"x","connections":["x"],"days":367}`:             "1 to 366 days",
		`{"label":"x","connections":["x"],"days":-1}`:              "1 to 366 days",
		`{"label":"x","connections":["x"],"days":106751991167301}`: "1 to 366 days",
		`{"label":"x","connections":["x"],"token":"lgp_mine"}`:     "not the JSON object",
	} {
		if resp, text := st.do("POST", wire.PathTokens, body, nil); resp.StatusCode < 400 || resp.StatusCode >= 500 || !strings.Contains(text, says) {
			t.Errorf("%s: %d %s", body, resp.StatusCode, text)
		}
	}
	for range minting.burst {
		st.do("POST", wire.PathTokens, `{"label":"x","connections":["x"]}`, nil)
	}
	if resp, text := st.do("POST", wire.PathTokens, `{"label":"x","connections":["x"]}`, nil); resp.StatusCode != 429 {
		t.Errorf("after the burst: %d %s", resp.StatusCode, text)
	}
}

func TestBearer_WinsOverTheCookieAndLeavesIt(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	token := st.mint("x").Token
	st.do("DELETE", wire.PathSession, "", nil)
	st.connect("b")
	resp, body := st.do("GET", wire.PathConnections, "", map[string]string{"Authorization": "bearer " + token})
	if resp.StatusCode != 200 || !strings.Contains(body, `"account":"a"`) || strings.Contains(body, `"account":"b"`) || len(resp.Cookies()) != 0 {
		t.Errorf("%d %s, cookies %v", resp.StatusCode, body, resp.Cookies())
	}
	// What a proxy in front of us says to itself means nothing here.
	for _, other := range []string{"Basic dXNlcjpwYXNz", "Bearer eyJhbGciOi", token, "Digest lgp_"} {
		if _, body := st.do("GET", wire.PathConnections, "", map[string]string{"Authorization": other}); !strings.Contains(body, `"account":"b"`) {
			t.Errorf("Authorization %.20s: %s", other, body)
		}
		if resp, body := st.do("GET", wire.PathConnections, "", map[string]string{"Authorization": other, wire.Header: ""}); resp.StatusCode != 403 || !strings.Contains(body, "Authorization: Bearer lgp_") {
			t.Errorf("Authorization %.20s without our header: %d %s", other, resp.StatusCode, body)
		}
	}
	// The page is the same for everyone.
	_, plain := st.do("GET", "/logs", "", nil)
	for _, text := range []string{token, "lgp_wrong"} {
		if resp, body := st.ask("GET", "/logs", text, nil); resp.StatusCode != 200 || body != plain || len(resp.Cookies()) != 0 {
			t.Errorf("the page with a token: %d", resp.StatusCode)
		}
		if resp, _ := st.ask("GET", "/robots.txt", text, nil); resp.StatusCode != 200 {
			t.Errorf("an asset with a token: %d", resp.StatusCode)
		}
	}
}

func TestBearer_WrongTokensWaitAndGoodOnesDoNot(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	good, fresh := st.mint("good").Token, st.mint("not used yet").Token
	now := time.Now()
	st.limits.now = func() time.Time { return now }
	from := func(addr, token string) int {
		r := httptest.NewRequest("GET", shelfLogs, nil)
		r.Host, r.RemoteAddr = strings.TrimPrefix(st.web.URL, "https://"), addr
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		st.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct{ mean, mate, other string }{
		{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"},
		{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8:1::1]:1"},
		{"127.0.0.1:1", "127.0.0.1:2", "192.0.2.3:1"},
	} {
		if got := from(c.mean, good); got != 200 {
			t.Fatalf("a good token: %d", got)
		}
		for i := range guessing.burst {
			if got := from(c.mean, "lgp_wrong"); got != 401 {
				t.Fatalf("%s, attempt %d: %d", c.mean, i, got)
			}
		}
		for _, token := range []string{"lgp_wrong", fresh[:len(fresh)-1], fresh} {
			if got := from(c.mate, token); got != 429 {
				t.Errorf("%s after %s: %d, want 429", c.mate, c.mean, got)
			}
		}
		if got := from(c.mate, good); got != 200 {
			t.Errorf("%s with a token that is known to be good: %d", c.mate, got)
		}
		if got := from(c.other, "lgp_wrong"); got != 401 {
			t.Errorf("%s: %d, want 401", c.other, got)
		}
		now = now.Add(guessing.pause + time.Millisecond)
		if got := from(c.mate, fresh); got != 200 {
			t.Errorf("%s a while later: %d", c.mate, got)
		}
		st.limits.known.Purge()
		now = now.Add(time.Hour)
	}
}

func TestTail_RevokedTokenEndsIt(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	made := st.mint("follow")
	d := websocket.Dialer{TLSClientConfig: st.http.Transport.(*http.Transport).TLSClientConfig.Clone()}
	d.TLSClientConfig.NextProtos = nil // HTTP/1.1: sockets have no other
	dial := func(token string, more http.Header) (*websocket.Conn, *http.Response, error) {
		h := http.Header{"Authorization": {"Bearer " + token}}
		for k, v := range more {
			h[k] = v
		}
		return d.Dial("ws"+strings.TrimPrefix(st.web.URL, "http")+wire.PathTail+"?src="+url.QueryEscape("shelf/here/a"), h)
	}
	if _, resp, err := dial(made.Token, http.Header{"Origin": {"https://evil.example"}}); err == nil || resp.StatusCode != 403 {
		t.Errorf("another site's socket: %v", err)
	}
	if _, resp, err := dial("lgp_wrong", nil); err == nil || resp.StatusCode != 401 {
		t.Errorf("a wrong token's socket: %v", err)
	}
	conn, resp, err := dial(made.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if len(resp.Cookies()) != 0 {
		t.Error("the handshake sets a cookie")
	}
	for live := false; !live; {
		var f wire.TailFrame
		if err := conn.ReadJSON(&f); err != nil {
			t.Fatal(err)
		}
		live = f.State == wire.TailLive
	}
	began := time.Now()
	if resp, body := st.do("DELETE", wire.PathTokens+"/"+made.ID, "", nil); resp.StatusCode != 204 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	for {
		_, _, err := conn.ReadMessage()
		if err == nil {
			continue
		}
		var c *websocket.CloseError
		if !errors.As(err, &c) || c.Code != wire.CloseSession || !strings.Contains(c.Text, "access token") {
			t.Errorf("closed with %v", err)
		}
		break
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("ended after %s", d)
	}
}

func TestAssert_RevokedTokenEndsItsLines(t *testing.T) {
	st := newStand(t)
	st.slow = make(chan struct{}) // the vendor never answers
	st.connect("a")
	made := st.mint("check")
	req, err := http.NewRequest("POST", st.web.URL+wire.PathAssert, strings.NewReader(`{"src":"shelf/here/a","items":["item0"],"from":"2026-11-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", wire.Lines)
	req.Header.Set("Authorization", "Bearer "+made.Token)
	resp, err := st.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := json.NewDecoder(resp.Body)
	var line wire.AssertLine
	if err := lines.Decode(&line); err != nil || line.Progress == nil {
		t.Fatalf("%+v, %v", line, err)
	}
	for st.calls.Load() == 0 {
		runtime.Gosched()
	}
	began := time.Now()
	st.do("DELETE", wire.PathTokens+"/"+made.ID, "", nil)
	line = wire.AssertLine{}
	if err := lines.Decode(&line); err != nil || line.Problem == nil || line.Problem.Kind != fault.Unauthenticated || !strings.Contains(line.Problem.Detail, "revoked") {
		t.Errorf("%+v, %v", line, err)
	}
	if d := time.Since(began); d > 3*assertLook {
		t.Errorf("ended after %s", d)
	}
	if err := lines.Decode(&line); err != io.EOF {
		t.Errorf("there is more: %+v, %v", line, err)
	}
	for st.left.Load() == 0 {
		runtime.Gosched() // the call to the vendor is given up
	}
}

// TestStill_TellsWhatEndedMeanwhile holds requests open while their askers lose what
// they ask with.
func TestStill_TellsWhatEndedMeanwhile(t *testing.T) {
	st := newStand(t)
	held := make(chan chan chan error)
	st.api("GET /api/logs/held", func(_ http.ResponseWriter, r *http.Request) error {
		asks := make(chan chan error)
		held <- asks
		for c := range asks {
			c <- st.still(r)
		}
		return nil
	}, forScripts)
	// hold sends a request and returns a way to ask what the server thinks of its
	// asker, until the test ends.
	hold := func(token string) func() error {
		t.Helper()
		req, err := http.NewRequest("GET", st.web.URL+"/api/logs/held", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(wire.Header, "1")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if resp, err := st.http.Do(req); err != nil {
				t.Error(err)
			} else {
				resp.Body.Close()
			}
		}()
		asks := <-held
		t.Cleanup(func() { close(asks); <-ended })
		return func() error {
			c := make(chan error)
			asks <- c
			return <-c
		}
	}
	// until asks until the answer is of a kind: changes are told in milliseconds.
	until := func(still func() error, want fault.Kind) {
		t.Helper()
		began := time.Now()
		err := still()
		for fault.KindOf(err) != want && time.Since(began) < 10*time.Second {
			err = still()
		}
		if fault.KindOf(err) != want {
			t.Fatalf("%v, want %q", err, want)
		}
	}

	nobody := hold("")
	if err := nobody(); err != nil {
		t.Errorf("a session that was not stored yet: %v", err)
	}
	st.connect("a")
	made, kept := st.mint("x"), st.mint("y")
	session, revoked, good := hold(""), hold(made.Token), hold(kept.Token)
	st.connect("b") // the session gets another id, and loses nothing
	for name, still := range map[string]func() error{"session": session, "token": revoked} {
		if err := still(); err != nil {
			t.Errorf("%s at first: %v", name, err)
		}
	}
	st.do("DELETE", wire.PathTokens+"/"+made.ID, "", nil)
	if err := revoked(); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("revoked: %v", err)
	}
	var conns wire.Connections
	_, body := st.do("GET", wire.PathConnections, "", nil)
	if err := json.Unmarshal([]byte(body), &conns); err != nil || len(conns.Connections) != 2 {
		t.Fatalf("%v: %s", err, body)
	}
	st.do("DELETE", wire.PathConnections+"/"+conns.Connections[0].ID, "", nil)
	until(session, fault.Conflict)
	// A request that came after the change is not told of it.
	later := hold("")
	if err := later(); err != nil {
		t.Errorf("after the change: %v", err)
	}
	st.do("DELETE", wire.PathSession, "", nil)
	for _, still := range []func() error{session, later} {
		if err := still(); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("logged out: %v", err)
		}
	}
	if err := good(); err != nil {
		t.Errorf("a token of a session that was logged out: %v", err)
	}
}
