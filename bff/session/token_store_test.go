package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/logpane/logpane/app/fault"
)

func TestRevoke_AtOnceOnEveryReplica(t *testing.T) {
	s := newSite(t)
	replica := serve(t, s.dir, s.eng, Config{Keys: s.keys})
	told := make(chan string, 8)
	replica.m.OnChange(func(h string) { told <- h })
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	tok, text := b.mint("x", day, c)
	_, kept := b.mint("kept", day, c)
	v, err := replica.m.LoadToken(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := s.m.store.last(t.Context(), s.m.store.tokens, tokenSubject(tok.ID))
	if err != nil || msg == nil {
		t.Fatal(msg, err)
	}
	sealed := msg.Data[keyIDLen : keyIDLen+40]
	if !s.onDisk(sealed) {
		t.Fatal("the sealed value is not on disk: this test would prove nothing")
	}
	if err := b.revoke(tok.ID); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*site{"here": s, "on the other replica": replica} {
		if m.valid(text) {
			t.Errorf("valid %s", name)
		}
	}
	if err := replica.m.Still(t.Context(), v); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("still: %v", err)
	}
	if got := next(t, told); got != "token:"+tok.ID || got != v.Handle() {
		t.Errorf("told of %s", got)
	}
	if s.onDisk(sealed) {
		t.Error("the sealed value is still on disk")
	}
	if err := b.revoke(tok.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("revoked twice: %v", err)
	}
	if !s.valid(kept) || len(told) != 0 {
		t.Error("the other token was touched, or something else was told")
	}
}

func TestOnChange_ToldOfAnExpiredToken(t *testing.T) {
	s := newSite(t)
	told := make(chan string, 8)
	s.m.OnChange(func(h string) { told <- h })
	b := s.browser()
	b.add("algolia", "APP1", planted)
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	// Mint takes no less than a day, and the engine no less than a marker's time.
	info, err := s.m.store.tokens.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg := info.Config
	cfg.SubjectDeleteMarkerTTL = time.Second
	if _, err := s.eng.JS.UpdateStream(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	tok := storedToken{key: hashed("x"), label: "x", created: s.clock.Now(), expires: s.clock.Now().Add(time.Second), conns: v.conns}
	if err := s.m.store.addToken(t.Context(), &tok); err != nil {
		t.Fatal(err)
	}
	if got := next(t, told); got != "token:"+tok.key {
		t.Errorf("told of %s", got)
	}
}

func TestToken_SealedAndBoundToItsPlace(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c1, c2 := b.add("algolia", "APP1", planted), b.add("coveo", "org", "poor")
	rich, richText := b.mint("label-in-clear", day, c1)
	poor, poorText := b.mint("x", day, c2)
	s.valid(richText)
	ctx, st := t.Context(), s.m.store
	value := func(id string) []byte {
		msg, err := st.last(ctx, st.tokens, tokenSubject(id))
		if err != nil || msg == nil {
			t.Fatal(msg, err)
		}
		return msg.Data
	}
	own := value(poor.ID)
	changed := bytes.Clone(own)
	changed[len(changed)-1] ^= 1
	session, err := st.last(ctx, st.sess, sessSubject(hashed(b.token())))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"moved": value(rich.ID), "changed": changed, "empty": nil, "plain": []byte(`{"v":1}`), "a session": session.Data,
		"another version": s.keys.Seal(bucketToken+"/"+poor.ID, []byte(`{"v":2}`)), "not JSON": s.keys.Seal(bucketToken+"/"+poor.ID, []byte(`{`)),
	} {
		if _, err := s.eng.JS.PublishMsg(ctx, &nats.Msg{Subject: tokenSubject(poor.ID), Data: data}); err != nil {
			t.Fatal(err)
		}
		if s.valid(poorText) {
			t.Errorf("%s: the value was accepted", name)
		}
	}
	if _, err := s.eng.JS.PublishMsg(ctx, &nats.Msg{Subject: tokenSubject(poor.ID), Data: own}); err != nil {
		t.Fatal(err)
	}
	if !s.valid(poorText) {
		t.Error("the token's own value is rejected: this test proves nothing")
	}
	// A token is no cookie, and a cookie no token.
	if s.alive(richText) || s.alive(rich.ID) || s.valid(b.token()) || s.valid(rich.ID) {
		t.Error("one opens the other")
	}
	s.m.Close()
	s.eng.Close()
	for what, text := range map[string]string{"token": richText, "its end": richText[len("lgp_"):], "credential": planted, "label": "label-in-clear", "account": "APP1"} {
		if s.onDisk([]byte(text)) {
			t.Errorf("the %s is on disk in clear", what)
		}
	}
}

func TestToken_KeysAreRotated(t *testing.T) {
	s := newSite(t)
	old, next := keySpec("k001", 1), keySpec("k002", 2)
	reopen := func(spec ...string) *browser {
		s.srv.Close()
		s.m.Close()
		s = serve(t, s.dir, s.eng, Config{Keys: keys(t, spec...)})
		for range 2 { // the second finds nothing to do
			if err := s.m.store.renewTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b := s.browser()
		b.add("algolia", "APP1", planted)
		return b
	}
	b := reopen(old)
	tok, text := b.mint("x", day, Connection{ID: b.state().Connections[0].ID})
	sealed := func() string {
		msg, err := s.m.store.last(t.Context(), s.m.store.tokens, tokenSubject(tok.ID))
		if err != nil || msg == nil {
			t.Fatal(msg, err)
		}
		return string(msg.Data)
	}
	before := sealed()
	if b = reopen(old, next); !s.valid(text) || len(b.tokens()) != 1 || sealed() != before {
		t.Error("the new key added: not valid, not listed, or sealed anew without need")
	}
	if b = reopen(next, old); !s.valid(text) || len(b.tokens()) != 1 || !strings.HasPrefix(sealed(), "k002") {
		t.Error("the new key first: not valid, not listed, or still sealed with the old one")
	}
	if s.onDisk([]byte(before[keyIDLen : keyIDLen+40])) {
		t.Error("what the old key sealed is still on disk")
	}
	b = reopen(next)
	if !s.valid(text) {
		t.Error("the old key dropped: not valid")
	}
	// What lists are made with has changed; a token that nobody could list could not
	// be revoked.
	if got := b.tokens(); len(got) != 1 || got[0].ID != tok.ID {
		t.Fatalf("the old key dropped: listed %+v", got)
	}
	if err := b.revoke(tok.ID); err != nil || s.valid(text) {
		t.Errorf("the old key dropped: %v", err)
	}
	reopen(old)
	if s.valid(text) {
		t.Error("a retired key opens a revoked token")
	}
}

func TestToken_RestartKeepsIt(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	tok, text := b.mint("x", day, b.add("algolia", "APP1", planted))
	cookie := b.token()
	s.srv.Close()
	s.m.Close()
	s.eng.Close()
	s = openSite(t, s.dir, Config{})
	b = s.browser()
	b.setToken(cookie)
	if got := b.tokens(); !s.valid(text) || len(got) != 1 || got[0].ID != tok.ID {
		t.Errorf("after the restart: %+v", got)
	}
}

func TestToken_EngineGone(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	_, text := b.mint("x", day, b.add("algolia", "APP1", planted))
	v, err := s.m.LoadToken(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	s.eng.NC.Close()
	if _, err := s.m.LoadToken(t.Context(), text); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("load: %v", err)
	}
	if err := s.m.Still(t.Context(), v); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("still: %v", err)
	}
}

func TestStill_Sessions(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	if err := s.m.Still(t.Context(), View{}); err != nil {
		t.Errorf("nobody: %v", err)
	}
	c := b.add("algolia", "APP1", planted)
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	b.add("coveo", "org", "x") // under a new id, the session goes on
	b.must("POST", "/api/forget", "id", c.ID)
	if err := s.m.Still(t.Context(), v); err != nil {
		t.Errorf("renewed: %v", err)
	}
	b.must("POST", "/api/logout")
	if err := s.m.Still(t.Context(), v); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("logged out: %v", err)
	}
}

// BenchmarkLoadToken is the cost of an access token per request.
func BenchmarkLoadToken(b *testing.B) {
	s := newSite(b)
	user := s.browser()
	var of []Connection
	for i := range 5 {
		of = append(of, user.add("algolia", fmt.Sprint("APP", i), planted))
	}
	_, text := user.mint("x", day, of...)
	v, err := s.m.LoadToken(b.Context(), text)
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"good":  func() error { _, err := s.m.LoadToken(b.Context(), text); return err },
		"still": func() error { return s.m.Still(b.Context(), v) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("list of 50", func(b *testing.B) {
		for range MaxTokens - 1 {
			user.mint("x", day, of[0])
		}
		b.ResetTimer()
		for b.Loop() {
			if n := len(user.tokens()); n != MaxTokens {
				b.Fatal(n)
			}
		}
	})
}
