package session

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/secret"
)

// BenchmarkMiddleware is the cost of a session per request, beyond the handler's.
func BenchmarkMiddleware(b *testing.B) {
	s := newSite(b)
	user := s.browser()
	for i := range 5 {
		user.add("algolia", fmt.Sprint("APP", i), planted)
	}
	run := func(b *testing.B, h http.Handler) {
		req := user.request()
		for b.Loop() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code != 200 {
				b.Fatal(w.Code, w.Body)
			}
		}
	}
	b.Run("bare", func(b *testing.B) {
		run(b, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	})
	b.Run("read", func(b *testing.B) {
		run(b, s.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if len(s.m.Connections(r.Context())) != 5 {
				b.Error("no connections")
			}
		})))
	})
	b.Run("load", func(b *testing.B) {
		run(b, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := s.m.Load(r); err != nil {
				b.Error(err)
			}
		}))
	})
	b.Run("write", func(b *testing.B) {
		run(b, s.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := s.m.Verified(r.Context(), s.m.Connections(r.Context())[0].ID); err != nil {
				b.Error(err)
			}
		})))
	})
	b.Run("fresh", func(b *testing.B) {
		h := s.m.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for b.Loop() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/api/state", nil))
			if w.Code != 200 {
				b.Fatal(w.Code)
			}
		}
	})
}

// BenchmarkOpen is the start over a folder with many sessions: engine and manager
// ready, and one session read.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 1_000, 100_000} {
		b.Run(fmt.Sprintf("sessions=%d", n), func(b *testing.B) {
			dir := b.TempDir()
			token := populate(b, dir, n)
			ring, err := OpenKeys(dir)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				eng, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
				if err != nil {
					b.Fatal(err)
				}
				m, err := Open(context.Background(), eng, Config{Keys: ring, Logger: quiet, Secure: true})
				if err != nil {
					b.Fatal(err)
				}
				r := httptest.NewRequest("GET", "/ws", nil)
				r.AddCookie(&http.Cookie{Name: cookieSecure, Value: token})
				if v, err := m.Load(r); err != nil || len(v.Connections()) != 2 {
					b.Fatal(v, err)
				}
				b.StopTimer()
				m.Close()
				eng.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkSweep is one sweep over many live sessions.
func BenchmarkSweep(b *testing.B) {
	dir := b.TempDir()
	populate(b, dir, 100_000)
	s := openSite(b, dir, Config{})
	for b.Loop() {
		if err := s.m.store.sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// populate stores n sessions of two connections, as the store writes them but
// without waiting for each, and one more, whose token it returns.
func populate(b *testing.B, dir string, n int) string {
	b.Helper()
	s := openSite(b, dir, Config{})
	st := s.m.store
	creds := map[string]secret.Value{"apiKey": secret.New(planted)}
	content := body{[]connection{
		{Connection{ID: "one", Vendor: "algolia", Account: "APP1", Created: time.Now()}, creds},
		{Connection{ID: "two", Vendor: "coveo", Account: "org", Created: time.Now()}, creds},
	}}
	js, err := jetstream.New(s.eng.NC, jetstream.WithPublishAsyncMaxPending(1000))
	if err != nil {
		b.Fatal(err)
	}
	expires := time.Now().Add(12 * time.Hour)
	blob, err := codec{}.Encode(expires, map[string]any{bodyName: content.encode()})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n {
		handle, key := newHandle(), hashed(fmt.Sprint(i))
		for _, msg := range []*nats.Msg{
			{Subject: seenSubject(handle), Data: timeBytes(time.Now()), Header: nats.Header{}},
			{Subject: sessSubject(key), Data: st.seal(key, envelope{expires, handle, blob}), Header: nats.Header{headerHandle: {handle}}},
		} {
			if _, err := js.PublishMsgAsync(msg, jetstream.WithMsgTTL(12*time.Hour), jetstream.WithStallWait(time.Minute)); err != nil {
				b.Fatal(err)
			}
		}
	}
	<-js.PublishAsyncComplete()
	user := s.browser()
	user.add("algolia", "APP1", planted)
	user.add("coveo", "org", planted)
	token := user.token()
	s.srv.Close()
	s.m.Close()
	s.eng.Close()
	return token
}
