package session

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/logpane/logpane/app/fault"
)

func TestFind_UnknownAndMalformedAreNotErrors(t *testing.T) {
	s := newSite(t)
	for _, key := range []string{"", "unknown", strings.Repeat("a", 43), "a.b", "a b", "*", ">", "a\r\nb", "\x00", strings.Repeat("x", 10_000), "ä"} {
		if b, found, err := s.m.store.Find(key); b != nil || found || err != nil {
			t.Errorf("Find(%.20q) = %q, %v, %v", key, b, found, err)
		}
		if err := s.m.store.Delete(key); err != nil {
			t.Errorf("Delete(%.20q) = %v", key, err)
		}
	}
	if err := s.m.store.Commit("key", []byte("x"), time.Now().Add(time.Hour)); fault.KindOf(err) != fault.Internal {
		t.Errorf("Commit outside of a request: %v", err)
	}
}

func TestMiddleware_TamperedCookieGetsAFreshSession(t *testing.T) {
	s := newSite(t)
	owner := s.browser()
	owner.add("algolia", "APP1", planted)
	good := owner.token()
	flipped := []byte(good)
	flipped[0] ^= 1
	for name, cookie := range map[string]string{
		"changed":       string(flipped),
		"cut":           good[:42],
		"longer":        good + "A",
		"its hash":      hashed(good),
		"chosen":        strings.Repeat("A", 43),
		"empty":         "",
		"a wildcard":    ">",
		"a subject":     "x.y",
		"not base64url": "%00%0d%0a",
		"huge":          strings.Repeat("A", 4000),
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/api/state", nil)
			r.Header.Set("Cookie", cookieSecure+"="+cookie)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if w.Code != 200 || !strings.Contains(w.Body.String(), `"connections":[]`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			set := w.Header().Get("Set-Cookie")
			if set == "" || strings.Contains(set, "="+cookie+";") {
				t.Errorf("cookie %q: the sent one must not be adopted", set)
			}
			if _, err := s.m.Load(r); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("load: %v", err)
			}
		})
	}
	if !s.alive(good) {
		t.Error("the real session is gone")
	}
}

func TestFind_MovedAndChangedValuesAreRejected(t *testing.T) {
	s := newSite(t)
	a, b := s.browser(), s.browser()
	a.add("algolia", "APP1", planted)
	b.state()
	ctx, st := t.Context(), s.m.store
	rich, err := st.last(ctx, st.sess, sessSubject(hashed(a.token())))
	if err != nil {
		t.Fatal(err)
	}
	own, err := st.last(ctx, st.sess, sessSubject(hashed(b.token())))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(own.Data)
	changed[len(changed)-1] ^= 1
	for name, data := range map[string][]byte{"moved": rich.Data, "changed": changed, "empty": nil, "plain": []byte(`{"v":1}`)} {
		if _, err := s.eng.JS.PublishMsg(ctx, &nats.Msg{Subject: sessSubject(hashed(b.token())), Data: data}); err != nil {
			t.Fatal(err)
		}
		if s.alive(b.token()) {
			t.Errorf("%s: the value was accepted", name)
		}
	}
	if _, err := s.eng.JS.PublishMsg(ctx, &nats.Msg{Subject: sessSubject(hashed(b.token())), Data: own.Data}); err != nil {
		t.Fatal(err)
	}
	if !s.alive(b.token()) {
		t.Error("the session's own value is rejected: this test proves nothing")
	}
}

func TestFind_KeyRotation(t *testing.T) {
	s := newSite(t)
	old, next := keySpec("k001", 1), keySpec("k002", 2)
	reopen := func(spec ...string) {
		s.srv.Close()
		s.m.Close()
		s = serve(t, s.dir, s.eng, Config{Keys: keys(t, spec...)})
	}
	reopen(old)
	b := s.browser()
	b.add("algolia", "APP1", planted)
	first := b.token()

	reopen(next, old)
	b = s.browser()
	b.setToken(first)
	if got := b.state().Connections; len(got) != 1 {
		t.Fatalf("after the rotation: %+v", got)
	}
	b.add("algolia", "APP2", planted) // sealed with the new key
	second := b.token()

	reopen(next)
	b = s.browser()
	b.setToken(second)
	if got := b.state().Connections; len(got) != 2 {
		t.Errorf("without the old key: %+v", got)
	}
	reopen(old)
	if s.alive(second) {
		t.Error("a retired key still opens")
	}
}

func TestExpiry_AbsoluteAndIdle(t *testing.T) {
	s := newSite(t) // 12 h and 60 min
	b := s.browser()
	b.add("algolia", "APP1", planted)
	token := b.token()

	// In use, it lasts beyond the idle time.
	for range 11 {
		s.clock.advance(59 * time.Minute)
		b.must("GET", "/api/state")
	}
	if !s.alive(token) {
		t.Fatal("a session in use ended early")
	}
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	// In use all the time, it still ends absolutely.
	s.clock.advance(50 * time.Minute)
	b.must("GET", "/api/state")
	s.clock.advance(v.Expires().Sub(s.clock.Now()) - time.Second)
	if !s.alive(token) {
		t.Error("ended before its absolute end")
	}
	s.clock.advance(2 * time.Second)
	if s.alive(token) {
		t.Error("alive after its absolute end")
	}
	if err := s.m.Touch(t.Context(), v); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("touch after the end: %v", err)
	}

	s.clock.ahead.Store(0)
	idle := s.browser()
	idle.add("algolia", "APP1", planted)
	v, err = s.m.Load(idle.request())
	if err != nil {
		t.Fatal(err)
	}
	s.clock.advance(59 * time.Minute)
	if !s.alive(idle.token()) {
		t.Error("ended before its idle time")
	}
	s.clock.advance(time.Minute) // alive read it, and reading through Load is no use
	if s.alive(idle.token()) {
		t.Error("alive after its idle time")
	}
	if err := s.m.Touch(t.Context(), v); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("touch after the idle time: %v", err)
	}
	before := idle.token()
	if got := idle.state(); len(got.Connections) != 0 || idle.token() == before {
		t.Errorf("after the idle time: %+v", got)
	}
}

func TestTouch_AtMostOnceAMinuteAndAcrossRenewals(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	marks := func() uint64 {
		info, err := s.m.store.seens.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info.State.LastSeq
	}
	n := marks()
	for range 5 {
		b.must("GET", "/api/state")
		if err := s.m.Touch(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	if marks() != n {
		t.Errorf("%d writes within a minute", marks()-n)
	}
	s.clock.advance(time.Minute)
	for range 5 {
		b.must("GET", "/api/state")
	}
	if marks() != n+1 {
		t.Errorf("%d writes in the next minute, want 1", marks()-n)
	}
	b.must("POST", "/api/forget", "id", c.ID) // a new id
	s.clock.advance(59 * time.Minute)
	if err := s.m.Touch(t.Context(), v); err != nil {
		t.Errorf("a socket that was opened before the renewal: %v", err)
	}
	s.clock.advance(59 * time.Minute)
	if !s.alive(b.token()) {
		t.Error("the socket's touch did not count")
	}
}

func TestSweep_DropsWhatIdledOut(t *testing.T) {
	s := newSite(t)
	dead, live := s.browser(), s.browser()
	dead.add("algolia", "APP1", planted)
	live.add("algolia", "APP1", planted)
	ctx, st := t.Context(), s.m.store
	v, err := s.m.Load(dead.request())
	if err != nil {
		t.Fatal(err)
	}
	// What the expiry of the mark leaves behind.
	if err := st.seens.Purge(ctx, jetPurge(seenSubject(v.Handle()))...); err != nil {
		t.Fatal(err)
	}
	if s.alive(dead.token()) {
		t.Fatal("alive without a mark of last use")
	}
	msg, err := st.last(ctx, st.sess, sessSubject(hashed(dead.token())))
	if err != nil || msg == nil || gone(msg) {
		t.Fatal("the value is gone already: this test would prove nothing", err)
	}
	for range 2 { // the second finds nothing to do
		if err := st.sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if s.onDisk(msg.Data[keyIDLen : keyIDLen+40]) {
		t.Error("the swept value is still on disk")
	}
	if !s.alive(live.token()) {
		t.Error("the sweep took a live session")
	}
}

func TestMiddleware_EngineGone(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", planted)
	token := b.token()
	s.eng.NC.Close()
	resp, out := b.do("GET", "/api/state")
	if resp.StatusCode != 503 || len(resp.Header["Set-Cookie"]) != 0 || b.token() != token {
		t.Errorf("%d %s, cookies %q; want 503 and the cookie untouched", resp.StatusCode, out, resp.Header["Set-Cookie"])
	}
	if _, err := s.m.Load(b.request()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("load: %v", err)
	}
}

func TestMiddleware_FailedSaveReplacesTheAnswer(t *testing.T) {
	s := newSite(t)
	for name, write := range map[string]func(http.ResponseWriter){
		"nothing written": func(http.ResponseWriter) {},
		"body":            func(w http.ResponseWriter) { _, _ = w.Write([]byte("added")) },
		"status and body": func(w http.ResponseWriter) {
			w.Header().Set("Location", "/x")
			w.Header().Set("Content-Length", "5")
			w.WriteHeader(201)
			_, _ = w.Write([]byte("added"))
		},
		"flushed": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte("added"))
			w.(http.Flusher).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.browser()
			b.add("algolia", "APP1", planted)
			h := s.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := s.m.Add(r.Context(), Connection{Vendor: "coveo"}, nil); err != nil {
					t.Error(err)
				}
				b.must("POST", "/api/logout") // meanwhile
				write(w)
			}))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, b.request())
			if w.Code != 409 || strings.Contains(w.Body.String(), "added") || !strings.Contains(w.Body.String(), "repeat") ||
				w.Header().Get("Location") != "" || w.Header().Get("Content-Length") != "" || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
			}
		})
	}
}

func TestMiddleware_KeepsFlushAndInformationalAnswers(t *testing.T) {
	s := newSite(t)
	first := make(chan struct{})
	s.srv.Config.Handler = s.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints) // before the session is saved
		if _, err := s.m.Add(r.Context(), Connection{Vendor: "algolia"}, nil); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte("one"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-first // the reader has it while the handler still runs
		_, _ = w.Write([]byte("two"))
	}))
	b := s.browser()
	resp, err := b.c.Get(b.url("/api/any").String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got := make([]byte, 3)
	if _, err := resp.Body.Read(got); err != nil || string(got) != "one" {
		t.Errorf("%q, %v", got, err)
	}
	close(first)
	if !s.alive(b.token()) {
		t.Error("the session was not saved before the first byte")
	}
}
