package session

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/secret"
)

const planted = "planted-credential-0123456789abcdef"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// clock is the real time plus what a test adds.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// site is an engine, a manager over it, and a TLS server with a small API.
type site struct {
	tb    testing.TB
	dir   string
	eng   *engine.Engine
	keys  *Keyring
	m     *Manager
	srv   *httptest.Server
	clock *clock

	gate    chan chan struct{} // /slow sends a channel here and waits until it is closed
	ended   chan error         // result of what /slow did after waiting
	handler http.Handler
}

func newSite(tb testing.TB) *site { return openSite(tb, tb.TempDir(), Config{}) }

func openSite(tb testing.TB, dir string, cfg Config) *site {
	tb.Helper()
	eng, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(eng.Close)
	return serve(tb, dir, eng, cfg)
}

// serve puts a manager over an engine that is open already: another replica.
func serve(tb testing.TB, dir string, eng *engine.Engine, cfg Config) *site {
	tb.Helper()
	s := &site{tb: tb, dir: dir, eng: eng, clock: &clock{}, gate: make(chan chan struct{}), ended: make(chan error, 8)}
	if cfg.Keys == nil {
		var err error
		if cfg.Keys, err = OpenKeys(dir); err != nil {
			tb.Fatal(err)
		}
	}
	s.keys = cfg.Keys
	cfg.Now, cfg.Logger, cfg.Secure = s.clock.Now, quiet, true
	m, err := Open(context.Background(), eng, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.m = m
	tb.Cleanup(m.Close)

	api := http.NewServeMux()
	api.HandleFunc("GET /api/state", func(w http.ResponseWriter, r *http.Request) {
		v := m.View(r.Context())
		_ = json.NewEncoder(w).Encode(map[string]any{"handle": v.Handle(), "connections": m.Connections(r.Context())})
	})
	api.HandleFunc("POST /api/add", func(w http.ResponseWriter, r *http.Request) { s.add(w, r) })
	api.HandleFunc("POST /api/forget", func(w http.ResponseWriter, r *http.Request) {
		if err := m.Forget(r.Context(), r.FormValue("id")); err != nil {
			answerError(w, r, err)
		}
	})
	api.HandleFunc("POST /api/verified", func(w http.ResponseWriter, r *http.Request) {
		if err := m.Verified(r.Context(), r.FormValue("id")); err != nil {
			answerError(w, r, err)
		}
	})
	api.HandleFunc("POST /api/logout", func(w http.ResponseWriter, r *http.Request) {
		if err := m.Destroy(r.Context()); err != nil {
			answerError(w, r, err)
		}
	})
	api.HandleFunc("/api/slow", func(w http.ResponseWriter, r *http.Request) {
		wait := make(chan struct{})
		s.gate <- wait
		<-wait
		switch r.FormValue("then") {
		case "add":
			s.add(w, r)
		case "logout":
			if err := m.Destroy(r.Context()); err != nil {
				answerError(w, r, err)
			}
		default:
			_, _ = fmt.Fprint(w, len(m.Connections(r.Context())))
		}
	})
	api.HandleFunc("GET /api/hijack", func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			s.ended <- err
			return
		}
		wait := make(chan struct{})
		s.gate <- wait
		<-wait
		// A late write of a handler that should have known better.
		_, err = m.Add(r.Context(), Connection{Vendor: "late"}, nil)
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_ = rw.Flush()
		_ = c.Close()
		s.ended <- err
	})
	s.handler = m.Middleware(api)
	s.srv = httptest.NewTLSServer(s.handler)
	tb.Cleanup(s.srv.Close)
	return s
}

func (s *site) add(w http.ResponseWriter, r *http.Request) {
	c, err := s.m.Add(r.Context(), Connection{Vendor: r.FormValue("vendor"), Region: "eu", Account: r.FormValue("account"), Label: r.FormValue("label")},
		map[string]secret.Value{"apiKey": secret.New(r.FormValue("secret"))})
	if err != nil {
		answerError(w, r, err)
		return
	}
	_ = json.NewEncoder(w).Encode(c)
}

// browser is a client with a cookie jar.
type browser struct {
	s *site
	c *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	c := *s.srv.Client()
	c.Jar = jar
	return &browser{s, &c}
}

// clone is the same cookies in a second client, as a request under way has them.
func (b *browser) clone() *browser {
	o := b.s.browser()
	o.setToken(b.token())
	return o
}

func (b *browser) url(path string) *url.URL {
	u, err := url.Parse(b.s.srv.URL + path)
	if err != nil {
		b.s.tb.Fatal(err)
	}
	return u
}

func (b *browser) token() string {
	for _, c := range b.c.Jar.Cookies(b.url("/")) {
		if c.Name == cookieSecure {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setToken(t string) {
	b.c.Jar.SetCookies(b.url("/"), []*http.Cookie{{Name: cookieSecure, Value: t, Path: "/", Secure: true}})
}

func (b *browser) do(method, path string, form ...string) (*http.Response, string) {
	b.s.tb.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	u := b.url(path)
	u.RawQuery = v.Encode()
	req, err := http.NewRequest(method, u.String(), nil)
	if err != nil {
		b.s.tb.Fatal(err)
	}
	resp, err := b.c.Do(req)
	if err != nil {
		b.s.tb.Error(err)
		return &http.Response{}, ""
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		b.s.tb.Error(err)
	}
	return resp, string(out)
}

// must does a request that has to be answered 200.
func (b *browser) must(method, path string, form ...string) string {
	b.s.tb.Helper()
	resp, out := b.do(method, path, form...)
	if resp.StatusCode != 200 {
		b.s.tb.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, out)
	}
	return out
}

func (b *browser) add(vendor, account, text string) Connection {
	b.s.tb.Helper()
	var c Connection
	if err := json.Unmarshal([]byte(b.must("POST", "/api/add", "vendor", vendor, "account", account, "secret", text)), &c); err != nil {
		b.s.tb.Fatal(err)
	}
	return c
}

type stateAnswer struct {
	Handle      string
	Connections []Connection
}

func (b *browser) state() stateAnswer {
	b.s.tb.Helper()
	var a stateAnswer
	if err := json.Unmarshal([]byte(b.must("GET", "/api/state")), &a); err != nil {
		b.s.tb.Fatal(err)
	}
	return a
}

// request is a socket's handshake with the browser's cookie.
func (b *browser) request() *http.Request {
	r := httptest.NewRequest("GET", "/ws", nil)
	if t := b.token(); t != "" {
		r.AddCookie(&http.Cookie{Name: cookieSecure, Value: t})
	}
	return r
}

// alive reports whether a token still opens a session, without changing anything.
func (s *site) alive(token string) bool {
	s.tb.Helper()
	r := httptest.NewRequest("GET", "/ws", nil)
	r.AddCookie(&http.Cookie{Name: cookieSecure, Value: token})
	_, err := s.m.Load(r)
	if k := fault.KindOf(err); k != "" && k != fault.Unauthenticated && k != fault.Conflict {
		s.tb.Fatalf("load: %v", err)
	}
	return err == nil
}

// onDisk reports whether the data folder holds the bytes anywhere.
func (s *site) onDisk(what []byte) bool {
	s.tb.Helper()
	found := false
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, what) || strings.Contains(path, string(what))
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		s.tb.Fatal(err)
	}
	return found
}

func TestMiddleware_FirstAnswerSetsTheCookie(t *testing.T) {
	s := newSite(t)
	resp, _ := s.browser().do("GET", "/api/state")
	if n := len(resp.Header["Set-Cookie"]); n != 1 {
		t.Fatalf("%d cookies", n)
	}
	name, attrs, _ := strings.Cut(resp.Header.Get("Set-Cookie"), "=")
	if name != "__Host-Http-logpane" {
		t.Errorf("the cookie is named %s", name)
	}
	value, attrs, _ := strings.Cut(attrs, "; ")
	if len(value) != 43 || attrs != "Path=/; HttpOnly; Secure; SameSite=Strict" {
		t.Errorf("value %q, attributes %q", value, attrs)
	}
	if resp.Header.Get("Vary") != "Cookie" {
		t.Errorf("Vary is %q", resp.Header.Get("Vary"))
	}

	b := s.browser()
	first := b.state()
	resp, _ = b.do("GET", "/api/state")
	if len(resp.Header["Set-Cookie"]) != 0 {
		t.Error("a known session gets a cookie again")
	}
	if first.Handle != "" || b.state().Handle == "" {
		t.Errorf("handle %q before the first save, %q after it", first.Handle, b.state().Handle)
	}
}

func TestMiddleware_LocalCookieIsNotSecure(t *testing.T) {
	s := newSite(t)
	m, err := Open(t.Context(), s.eng, Config{Keys: s.keys, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	w := httptest.NewRecorder()
	m.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/api/x", nil))
	got := w.Header().Get("Set-Cookie")
	if !strings.HasPrefix(got, "logpane_local=") || !strings.HasSuffix(got, "; Path=/; HttpOnly; SameSite=Strict") {
		t.Errorf("cookie %q", got)
	}
}

func TestAdd_RenewsTheIDAndKeepsTheHandle(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.state()
	t1, handle := b.token(), b.state().Handle
	c1 := b.add("algolia", "APP1", planted)
	t2 := b.token()
	c2 := b.add("coveo", "org", planted+"2")
	t3 := b.token()
	if t1 == t2 || t2 == t3 {
		t.Error("the id did not change")
	}
	for _, old := range []string{t1, t2} {
		if s.alive(old) {
			t.Error("an old id still opens the session")
		}
	}
	got := b.state()
	if got.Handle != handle || len(got.Connections) != 2 || got.Connections[0] != c1 || got.Connections[1] != c2 {
		t.Errorf("state %+v, want handle %s and %+v, %+v", got, handle, c1, c2)
	}
	if len(c1.ID) < 26 || c1.ID == c2.ID || c1.Created.IsZero() || c1.Verified.IsZero() {
		t.Errorf("connections %+v, %+v", c1, c2)
	}

	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	_, creds, err := v.Credentials(c1.ID)
	if err != nil || creds["apiKey"].Reveal() != planted || v.Handle() != handle {
		t.Errorf("credentials %v, %v", creds, err)
	}
	creds["apiKey"] = secret.New("changed by the caller")
	if _, again, _ := v.Credentials(c1.ID); again["apiKey"].Reveal() != planted {
		t.Error("a caller changed the session's credentials")
	}
	if _, _, err := v.Credentials("nope"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown id: %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if out := fmt.Sprintf(verb, []any{v, &v, v.conns, body{v.conns}, s.m, s.keys, *s.keys}); strings.Contains(out, planted) ||
			strings.Contains(out, fmt.Sprintf("%x", planted)) {
			t.Errorf("%s shows the credential", verb)
		}
	}
}

func TestAdd_SameAccountReplaces(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	old := b.add("algolia", "APP1", "one")
	b.add("algolia", "APP2", "two")
	now := b.add("algolia", "APP1", "three")
	got := b.state().Connections
	if len(got) != 2 || got[0].ID != now.ID || now.ID == old.ID {
		t.Errorf("connections %+v", got)
	}
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	if _, creds, err := v.Credentials(now.ID); err != nil || creds["apiKey"].Reveal() != "three" {
		t.Errorf("%v, %v", creds, err)
	}
	if _, _, err := v.Credentials(old.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the replaced id: %v", err)
	}
}

func TestAdd_Bounds(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	for i := range MaxConnections {
		b.add("algolia", fmt.Sprint("APP", i), strings.Repeat("k", MaxCredentialBytes))
	}
	token := b.token()
	resp, out := b.do("POST", "/api/add", "vendor", "algolia", "account", "one too many")
	if resp.StatusCode != 400 || !strings.Contains(out, "at most 20 connections") {
		t.Errorf("%d %s", resp.StatusCode, out)
	}
	if b.token() != token || len(b.state().Connections) != MaxConnections {
		t.Error("the refusal changed the session")
	}
	b.add("algolia", "APP7", "replaces even when full")

	fresh := s.browser()
	for what, form := range map[string][]string{
		"no vendor":       {"account", "x"},
		"long credential": {"vendor", "v", "secret", strings.Repeat("k", MaxCredentialBytes+1)},
		"long name":       {"vendor", "v", "account", strings.Repeat("a", MaxNameBytes+1)},
	} {
		if resp, out := fresh.do("POST", "/api/add", form...); resp.StatusCode != 400 || strings.Contains(out, "kkkk") {
			t.Errorf("%s: %d %s", what, resp.StatusCode, out)
		}
	}
	many := map[string]secret.Value{}
	for i := range MaxCredentials + 1 {
		many[fmt.Sprint(i)] = secret.New("x")
	}
	for what, err := range map[string]error{
		"many values": checkConnection("", Connection{Vendor: "v"}, many),
		"year 10000":  checkConnection("", Connection{Vendor: "v", Created: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, nil),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestCommit_LargestSession(t *testing.T) {
	s := newSite(t)
	// fill adds as much as Add lets in, in characters that take one byte in JSON or six.
	fill := func(char string) *httptest.ResponseRecorder {
		name := strings.Repeat(char, MaxNameBytes)
		creds := map[string]secret.Value{}
		for i := range MaxCredentials {
			creds[fmt.Sprint(i)] = secret.New(strings.Repeat(char, MaxCredentialBytes))
		}
		w := httptest.NewRecorder()
		s.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := range MaxConnections {
				c := Connection{Vendor: name, Region: name, Account: fmt.Sprintf("%02d%s", i, name[2:]), Label: name}
				if _, err := s.m.Add(r.Context(), c, creds); err != nil {
					answerError(w, r, err)
					return
				}
			}
		})).ServeHTTP(w, httptest.NewRequest("POST", "/api/add", nil))
		return w
	}
	if w := fill("k"); w.Code != 200 || w.Header().Get("Set-Cookie") == "" {
		t.Errorf("a full session: %d %s", w.Code, w.Body)
	}
	if w := fill("\x01"); w.Code != 400 || !strings.Contains(w.Body.String(), "holds too much") || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("beyond the largest value: %d %s, cookie %q", w.Code, w.Body, w.Header().Get("Set-Cookie"))
	}
}

func TestForget_GoesFromTheDiskAndKeepsTheEnd(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	added := b.token()
	before, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	msg, err := s.m.store.last(t.Context(), s.m.store.sess, sessSubject(hashed(added)))
	if err != nil || msg == nil {
		t.Fatal(msg, err)
	}
	sealed := msg.Data[keyIDLen : keyIDLen+40]
	if !s.onDisk(sealed) {
		t.Fatal("the sealed value is not on disk: this test would prove nothing")
	}
	clean := func(when string) {
		t.Helper()
		for what, text := range map[string]string{"credential": planted, "token": added, "new token": b.token(), "connection id": c.ID} {
			if text != "" && s.onDisk([]byte(text)) {
				t.Errorf("%s: the %s is on disk in clear", when, what)
			}
		}
	}
	clean("before")

	if resp, _ := b.do("POST", "/api/forget", "id", "nope"); resp.StatusCode != 404 {
		t.Errorf("unknown id: %d", resp.StatusCode)
	}
	s.clock.advance(time.Minute)
	b.must("POST", "/api/forget", "id", c.ID)
	if s.onDisk(sealed) {
		t.Error("the sealed credential is still on disk")
	}
	clean("after")
	if b.token() == added || s.alive(added) {
		t.Error("the id did not change")
	}
	after, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Connections()) != 0 || after.Handle() != before.Handle() || !after.Expires().Equal(before.Expires()) {
		t.Errorf("after: %d connections, handle %s (was %s), ends %v (was %v)",
			len(after.Connections()), after.Handle(), before.Handle(), after.Expires(), before.Expires())
	}

	msg, err = s.m.store.last(t.Context(), s.m.store.sess, sessSubject(hashed(b.token())))
	if err != nil || msg == nil {
		t.Fatal(msg, err)
	}
	b.must("POST", "/api/logout")
	if s.onDisk(msg.Data[keyIDLen : keyIDLen+40]) {
		t.Error("the session is still on disk after the logout")
	}
	s.m.Close()
	s.eng.Close()
	clean("after the engine closed")
}

func TestVerified_KeepsTheID(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	token := b.token()
	s.clock.advance(10 * time.Minute)
	b.must("POST", "/api/verified", "id", c.ID)
	got := b.state().Connections[0]
	if b.token() != token || got.Verified.Sub(c.Verified) < 10*time.Minute || !got.Created.Equal(c.Created) {
		t.Errorf("%+v, was %+v", got, c)
	}
	if resp, _ := b.do("POST", "/api/verified", "id", "nope"); resp.StatusCode != 404 {
		t.Errorf("unknown id: %d", resp.StatusCode)
	}
}

func TestOpen_RestartKeepsSessionsAndCredentials(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	id := s.m.CredentialID("algolia", "https://x", "APP1", map[string]secret.Value{"apiKey": secret.New(planted)})
	token := b.token()
	s.srv.Close()
	s.m.Close()
	s.eng.Close()

	s2 := openSite(t, s.dir, Config{})
	b2 := s2.browser()
	b2.setToken(token)
	v, err := s2.m.Load(b2.request())
	if err != nil {
		t.Fatal(err)
	}
	if _, creds, err := v.Credentials(c.ID); err != nil || creds["apiKey"].Reveal() != planted {
		t.Errorf("%v, %v", creds, err)
	}
	if got := b2.state().Connections; len(got) != 1 || got[0] != c {
		t.Errorf("connections %+v", got)
	}
	if again := s2.m.CredentialID("algolia", "https://x", "APP1", map[string]secret.Value{"apiKey": secret.New(planted)}); again != id {
		t.Error("the credential has another id after the restart")
	}
}

func TestOpen_RefusesBadSettings(t *testing.T) {
	s := newSite(t)
	for name, cfg := range map[string]Config{
		"no keys":        {},
		"short lifetime": {Keys: s.keys, Lifetime: time.Millisecond},
		"negative idle":  {Keys: s.keys, Idle: -time.Hour},
	} {
		if m, err := Open(t.Context(), s.eng, cfg); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
}

// hashed is the store key of a token, as scs computes it.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
