package session

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

// inside runs f in a request of the browser's session.
func (b *browser) inside(f func(ctx context.Context)) {
	b.s.tb.Helper()
	w := httptest.NewRecorder()
	b.s.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r.Context()) })).ServeHTTP(w, b.request())
	if w.Code != 200 {
		b.s.tb.Errorf("%d %s", w.Code, w.Body)
	}
}

// mint makes a token of connections, which must work.
func (b *browser) mint(label string, life time.Duration, of ...Connection) (tok Token, text string) {
	b.s.tb.Helper()
	var ids []string
	for _, c := range of {
		ids = append(ids, c.ID)
	}
	b.inside(func(ctx context.Context) {
		t, v, err := b.s.m.Mint(ctx, label, ids, life)
		if err != nil {
			b.s.tb.Error(err)
		}
		tok, text = t, v.Reveal()
	})
	return tok, text
}

func (b *browser) tokens() (out []Token) {
	b.s.tb.Helper()
	b.inside(func(ctx context.Context) {
		var err error
		if out, err = b.s.m.Tokens(ctx); err != nil {
			b.s.tb.Error(err)
		}
	})
	return out
}

func (b *browser) revoke(id string) (err error) {
	b.inside(func(ctx context.Context) { err = b.s.m.Revoke(ctx, id) })
	return err
}

// valid reports whether a token opens anything.
func (s *site) valid(text string) bool {
	s.tb.Helper()
	_, err := s.m.LoadToken(s.tb.Context(), text)
	if k := fault.KindOf(err); k != "" && k != fault.Unauthenticated {
		s.tb.Fatal(err)
	}
	return err == nil
}

func TestMint_OutlivesTheSessionAndItsConnections(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c1, c2 := b.add("algolia", "APP1", planted), b.add("coveo", "org", planted+"2")
	tok, text := b.mint("  nightly  ", 0, c1, c2, c1)
	if tok.Label != "nightly" || len(tok.Connections) != 2 || tok.Connections[0] != (TokenConnection{"algolia", "eu", "APP1", "", true}) ||
		!strings.HasSuffix(text, tok.Last) || len(tok.Last) != 4 || tok.Expires.Sub(tok.Created) != 30*24*time.Hour || !tok.Used.IsZero() {
		t.Errorf("made %+v", tok)
	}
	b.must("POST", "/api/forget", "id", c1.ID)
	b.must("POST", "/api/logout")
	s.clock.advance(29 * 24 * time.Hour)
	v, err := s.m.LoadToken(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	if v.Handle() != "token:"+tok.ID || !v.Expires().Equal(tok.Expires) || len(v.Connections()) != 2 {
		t.Errorf("view %q until %v with %v", v.Handle(), v.Expires(), v.Connections())
	}
	if _, creds, err := v.Credentials(v.Connections()[0].ID); err != nil || creds["apiKey"].Reveal() != planted {
		t.Errorf("credentials %v, %v", creds, err)
	}
	if err := s.m.Still(t.Context(), v); err != nil {
		t.Error(err)
	}
	// Expiry needs no sweep and no engine.
	s.clock.advance(24 * time.Hour)
	if s.valid(text) || fault.KindOf(s.m.Still(t.Context(), v)) != fault.Unauthenticated {
		t.Error("valid after it expired")
	}
	again := s.browser()
	again.add("algolia", "APP1", planted)
	if got := again.tokens(); len(got) != 0 {
		t.Errorf("an expired token is listed: %+v", got)
	}
}

func TestMint_Bounds(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	for name, x := range map[string]struct {
		label string
		conns []string
		life  time.Duration
		kind  fault.Kind
	}{
		"no label":           {" ", []string{c.ID}, 0, fault.Invalid},
		"a long label":       {strings.Repeat("x", MaxTokenLabel+1), []string{c.ID}, 0, fault.Invalid},
		"a line break":       {"a\nb", []string{c.ID}, 0, fault.Invalid},
		"not UTF-8":          {"a\xff", []string{c.ID}, 0, fault.Invalid},
		"no connection":      {"x", nil, 0, fault.Invalid},
		"unknown connection": {"x", []string{"nope"}, 0, fault.NotFound},
		"hours":              {"x", []string{c.ID}, 23 * time.Hour, fault.Invalid},
		"negative":           {"x", []string{c.ID}, -day, fault.Invalid},
		"years":              {"x", []string{c.ID}, 367 * day, fault.Invalid},
	} {
		b.inside(func(ctx context.Context) {
			if _, text, err := s.m.Mint(ctx, x.label, x.conns, x.life); fault.KindOf(err) != x.kind || !text.Empty() {
				t.Errorf("%s: %v, %v", name, text.Empty(), err)
			}
		})
	}
	b.mint(strings.Repeat("x", MaxTokenLabel), day, c)
	b.mint("the longest", MaxTokenDays*day, c)
	if n := len(b.tokens()); n != 2 {
		t.Errorf("%d tokens, want 2", n)
	}
}

func TestMint_OnlySoManyPerCredential(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c, other := b.add("algolia", "APP1", planted), b.add("coveo", "org", planted)
	for i := range MaxTokens - 1 {
		b.mint(fmt.Sprint(i), day, c)
	}
	// Many at the same moment: never more than there is room for.
	var wg sync.WaitGroup
	b.inside(func(ctx context.Context) {
		for range 8 {
			wg.Go(func() {
				if _, _, err := s.m.Mint(ctx, "late", []string{c.ID}, day); err != nil && fault.KindOf(err) != fault.Invalid {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
	list := b.tokens()
	if len(list) < MaxTokens-1 || len(list) > MaxTokens {
		t.Fatalf("%d tokens", len(list))
	}
	for len(list) < MaxTokens {
		b.mint("the last", day, c)
		list = b.tokens()
	}
	b.inside(func(ctx context.Context) {
		_, _, err := s.m.Mint(ctx, "one too many", []string{other.ID, c.ID}, day)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Of(err).Msg, "revoke one first") {
			t.Error(err)
		}
	})
	if n := len(b.tokens()); n != MaxTokens {
		t.Errorf("%d tokens after the refusal, also under the other connection", n)
	}
	if err := b.revoke(list[0].ID); err != nil {
		t.Fatal(err)
	}
	b.mint("in its place", day, c, other)
}

func TestTokens_SeenByWhoHoldsOneOfTheCredentials(t *testing.T) {
	s := newSite(t)
	maker, sharer, stranger := s.browser(), s.browser(), s.browser()
	c1, c2 := maker.add("algolia", "APP1", planted), maker.add("coveo", "secret-org", "another")
	first, _ := maker.mint("first", day, c2)
	s.clock.advance(time.Second)
	both, text := maker.mint("both", day, c1, c2)
	sharer.add("algolia", "APP1", planted)
	stranger.add("algolia", "APP1", "same account, other key")
	stranger.add("coveo", "secret-org", "x")

	if got := maker.tokens(); !reflect.DeepEqual(got, []Token{both, first}) {
		t.Errorf("the maker sees %+v", got)
	}
	want := both
	want.Connections = []TokenConnection{{"algolia", "eu", "APP1", "", true}, {Vendor: "coveo"}}
	if got := sharer.tokens(); !reflect.DeepEqual(got, []Token{want}) {
		t.Errorf("who shares one credential sees %+v", got)
	}
	if got := stranger.tokens(); len(got) != 0 {
		t.Errorf("a stranger sees %+v", got)
	}
	if got := s.browser().tokens(); len(got) != 0 {
		t.Errorf("nobody sees %+v", got)
	}
	for name, err := range map[string]error{
		"a stranger": stranger.revoke(both.ID), "unknown": maker.revoke(strings.Repeat("A", 43)), "wildcard": maker.revoke("*"), "empty": maker.revoke(""),
		"not theirs": sharer.revoke(first.ID),
	} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s revokes: %v", name, err)
		}
	}
	if !s.valid(text) {
		t.Error("a refused revocation ended the token")
	}
	if err := sharer.revoke(both.ID); err != nil || s.valid(text) {
		t.Errorf("who shares one credential may revoke: %v", err)
	}
	if got := maker.tokens(); len(got) != 1 || got[0].ID != first.ID {
		t.Errorf("left: %+v", got)
	}
}

func TestTokens_IndexProvesNothing(t *testing.T) {
	s := newSite(t)
	maker, stranger := s.browser(), s.browser()
	tok, text := maker.mint("x", day, maker.add("algolia", "APP1", planted))
	own, _ := stranger.mint("own", day, stranger.add("coveo", "org", "other"))
	cred := s.keys.CredentialID("coveo", "eu", "", map[string]secret.Value{"apiKey": secret.New("other")})
	plant := func(key string) {
		if _, err := s.eng.JS.PublishMsg(t.Context(), &nats.Msg{Subject: indexSubject(cred, key)}); err != nil {
			t.Fatal(err)
		}
	}
	plant(tok.ID)                   // of somebody else
	plant(strings.Repeat("A", 43))  // of nobody
	plant("not-a-hash-of-anything") // of nothing
	for range 2 {
		if got := stranger.tokens(); len(got) != 1 || got[0].ID != own.ID {
			t.Errorf("listed %+v", got)
		}
	}
	if of, err := s.m.store.tokensOf(t.Context(), cred); err != nil || len(of) != 2 {
		t.Errorf("what leads nowhere is still listed: %v, %v", of, err)
	}
	if !s.valid(text) || len(maker.tokens()) != 1 {
		t.Error("clearing up took a token of somebody else")
	}
}

func TestTokens_LastUseToTheMinute(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	tok, text := b.mint("x", day, b.add("algolia", "APP1", planted))
	writes := func() uint64 {
		info, err := s.m.store.index.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info.State.LastSeq
	}
	before := writes()
	for range 5 {
		s.valid(text)
	}
	if n := writes() - before; n != 1 {
		t.Errorf("%d writes in the first minute, want 1", n)
	}
	used := b.tokens()[0].Used
	if age := s.clock.Now().Sub(used); age < 0 || age > time.Minute {
		t.Errorf("used %v ago", age)
	}
	// Another replica knows that it was noted.
	replica := serve(t, s.dir, s.eng, Config{Keys: s.keys})
	replica.valid(text)
	if n := writes() - before; n != 1 {
		t.Errorf("%d writes by two replicas", n)
	}
	s.clock.advance(time.Minute)
	s.valid(text)
	if got := b.tokens()[0]; !got.Used.After(used) || got.ID != tok.ID || writes()-before != 2 {
		t.Errorf("used %v, was %v; %d writes", got.Used, used, writes()-before)
	}
}

func TestLoadToken_WrongOnesCannotBeToldApart(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	c := b.add("algolia", "APP1", planted)
	revoked, text1 := b.mint("x", day, c)
	_, text2 := b.mint("x", day, c)
	if err := b.revoke(revoked.ID); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(25 * time.Hour)
	var said []string
	for _, text := range []string{text1, text2, newTokenText().Reveal()} {
		v, err := s.m.LoadToken(t.Context(), text)
		if fault.KindOf(err) != fault.Unauthenticated || v.Handle() != "" {
			t.Errorf("%v, %v", v, err)
		}
		said = append(said, err.Error())
	}
	if said[0] != said[1] || said[1] != said[2] || !strings.Contains(said[0], "/tokens") {
		t.Errorf("said %q", said)
	}
	// What anybody can tell from the text alone is told.
	for _, text := range []string{"", "lgp_", text1 + "x", text1[:len(text1)-1], strings.Replace(text1, "lgp_", "ghp_", 1), "lgp_" + strings.Repeat("*", 49)} {
		if _, err := s.m.LoadToken(t.Context(), text); fault.KindOf(err) != fault.Unauthenticated || err.Error() == said[0] {
			t.Errorf("%q: %v", text, err)
		}
	}
}
