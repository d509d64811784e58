package session

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func jetPurge(subject string) []jetstream.StreamPurgeOpt {
	return []jetstream.StreamPurgeOpt{jetstream.WithPurgeSubject(subject)}
}

// next waits for one change; the bound is for a broken build, not a measurement.
func next(tb testing.TB, ch <-chan string) string {
	tb.Helper()
	select {
	case h := <-ch:
		return h
	case <-time.After(20 * time.Second):
		tb.Fatal("no change was told")
		return ""
	}
}

func TestOnChange_ToldOnEveryReplica(t *testing.T) {
	s := newSite(t)
	replica := serve(t, s.dir, s.eng, Config{Keys: s.keys})
	ch := make(chan string, 16)
	stop := replica.m.OnChange(func(h string) { ch <- h })

	open := func() (*browser, Connection, string) {
		b := s.browser()
		c := b.add("algolia", "APP1", planted)
		return b, c, b.state().Handle
	}
	forgetter, c, h1 := open()
	replacer, _, h2 := open()
	leaver, _, h3 := open()
	adder, _, _ := open()

	adder.add("coveo", "org", "more is not less") // not told: the next one is what arrives first
	forgetter.must("POST", "/api/forget", "id", c.ID)
	if got := next(t, ch); got != h1 {
		t.Errorf("after forgetting: %s, want %s", got, h1)
	}
	// What the other replica now reads is what is left.
	if v, err := replica.m.Load(forgetter.request()); err != nil || len(v.Connections()) != 0 || v.Handle() != h1 {
		t.Errorf("the other replica reads %v, %v", v.Connections(), err)
	}
	replacer.add("algolia", "APP1", "other")
	if got := next(t, ch); got != h2 {
		t.Errorf("after replacing: %s, want %s", got, h2)
	}
	leaver.must("POST", "/api/logout")
	if got := next(t, ch); got != h3 {
		t.Errorf("after the logout: %s, want %s", got, h3)
	}
	if replica.alive(leaver.token()) {
		t.Error("alive on the other replica")
	}

	stop()
	late := make(chan string, 1)
	replica.m.OnChange(func(h string) { late <- h })
	adder.must("POST", "/api/logout")
	next(t, late)
	if len(ch) != 0 {
		t.Error("told after stop")
	}
}

func TestOnChange_ToldOfExpiry(t *testing.T) {
	dir := t.TempDir()
	for name, cfg := range map[string]Config{
		"idle":     {Idle: time.Second},
		"absolute": {Lifetime: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := openSite(t, dir, cfg)
			ch := make(chan string, 4)
			s.m.OnChange(func(h string) { ch <- h })
			b := s.browser()
			b.add("algolia", "APP1", planted)
			v, err := s.m.Load(b.request())
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if got := next(t, ch); got != v.Handle() {
				t.Errorf("told of %s, want %s", got, v.Handle())
			}
			t.Logf("told %v after the start", time.Since(start).Round(10*time.Millisecond))
			if s.alive(b.token()) {
				t.Error("told of its end, but alive")
			}
			s.srv.Close()
			s.m.Close()
			s.eng.Close()
		})
	}
}
