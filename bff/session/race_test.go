package session

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/logpane/logpane/app/fault"
)

// answer is what a request that was under way got in the end.
type answer struct {
	status  int
	body    string
	cookies int
}

// start sends a request to /api/slow, or another path that waits at the gate, and
// returns when its session is loaded. finish lets it go on and returns its answer.
func (b *browser) start(method, path string, form ...string) (finish func() answer) {
	out := make(chan answer, 1)
	go func() {
		resp, body := b.do(method, path, form...)
		out <- answer{resp.StatusCode, body, len(resp.Header["Set-Cookie"])}
	}()
	wait := <-b.s.gate
	return func() answer { close(wait); return <-out }
}

func TestRace_SlowReadOverlapsAWrite(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", "v1")
	slow := b.clone().start("GET", "/api/slow")
	b.add("algolia", "APP1", "v2")
	if got := slow(); got != (answer{200, "1", 0}) {
		t.Errorf("the slow read got %+v", got)
	}
	v, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	_, creds, err := v.Credentials(v.Connections()[0].ID)
	if err != nil || creds["apiKey"].Reveal() != "v2" {
		t.Errorf("the write was lost: %v, %v", creds["apiKey"].Reveal(), err)
	}
}

func TestRace_LogoutWhileASlowReadRuns(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", planted)
	token, other := b.token(), b.clone()
	slow := other.start("GET", "/api/slow")
	b.must("POST", "/api/logout")
	if b.token() != "" {
		t.Error("the logout left the cookie")
	}
	if got := slow(); got.status != 200 || got.cookies != 0 {
		t.Errorf("the slow read got %+v", got)
	}
	if s.alive(token) {
		t.Error("the session is alive again")
	}
	if got := other.state(); len(got.Connections) != 0 || other.token() == token {
		t.Errorf("the old cookie still reads %+v", got)
	}
}

func TestRace_LogoutWhileASocketIsOpen(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", planted)
	token := b.token()

	// A socket as it should be: Load only.
	view, err := s.m.Load(b.request())
	if err != nil {
		t.Fatal(err)
	}
	// A socket as it must not be, under the middleware, which even writes late.
	hijacked := b.clone().start("GET", "/api/hijack")

	b.must("POST", "/api/logout")
	if got := hijacked(); got.status != 200 {
		t.Errorf("the hijacked request got %+v", got)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("the late write: %v", err)
	}
	if err := s.m.Touch(t.Context(), view); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("touch after the logout: %v", err)
	}
	if s.alive(token) {
		t.Error("the session is alive again")
	}
	all, err := s.m.store.AllCtx(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("%d sessions, %v; want none", len(all), err)
	}
}

func TestRace_TwoOverlappingWriters(t *testing.T) {
	for _, path := range []string{"add", "verified"} { // a new id, and the same id
		t.Run("first is "+path, func(t *testing.T) {
			s := newSite(t)
			b := s.browser()
			c := b.add("algolia", "APP1", "v1")
			other := b.clone()
			slow := other.start("POST", "/api/slow", "then", "add", "vendor", "coveo", "account", "late")
			if path == "add" {
				b.add("algolia", "APP2", "v1")
			} else {
				b.must("POST", "/api/verified", "id", c.ID)
			}
			if got := slow(); got.status != 409 || got.cookies != 0 {
				t.Errorf("the second writer got %+v, want 409 without a cookie", got)
			}
			for _, got := range b.state().Connections {
				if got.Vendor == "coveo" {
					t.Error("the refused write is there")
				}
			}
			// What the refused one had prepared is gone as well.
			all, err := s.m.store.AllCtx(t.Context())
			if err != nil || len(all) != 1 {
				t.Errorf("%d sessions, %v; want 1", len(all), err)
			}
		})
	}
}

func TestRace_LogoutWhileAWriterRuns(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", "v1")
	slow := b.clone().start("POST", "/api/slow", "then", "add", "vendor", "coveo")
	b.must("POST", "/api/logout")
	if got := slow(); got.status != 409 || got.cookies != 0 {
		t.Errorf("the writer got %+v, want 409 without a cookie", got)
	}
	if all, err := s.m.store.AllCtx(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d sessions, %v; want none", len(all), err)
	}
}

func TestRace_LogoutWithAnIDThatWasJustRenewed(t *testing.T) {
	// The session lives on under its new id: the logout must not say that it worked.
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP1", "v1")
	slow := b.clone().start("POST", "/api/slow", "then", "logout")
	b.add("algolia", "APP2", "v1")
	if got := slow(); got.status != 409 || got.cookies != 0 {
		t.Errorf("the logout got %+v, want 409", got)
	}
	b.must("POST", "/api/logout") // repeated with the new cookie
	if all, err := s.m.store.AllCtx(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d sessions, %v; want none", len(all), err)
	}
}

func TestRace_RequestWithAnIDThatWasJustRenewed(t *testing.T) {
	// A fresh session's cookie in this answer would replace the new one in the
	// browser, and with it the connection that was just added.
	s := newSite(t)
	b := s.browser()
	b.state()
	late := b.clone()
	b.add("algolia", "APP1", "v1")
	resp, body := late.do("GET", "/api/state")
	if resp.StatusCode != 409 || len(resp.Header["Set-Cookie"]) != 0 {
		t.Errorf("%d %s, cookies %q; want 409 and none", resp.StatusCode, body, resp.Header["Set-Cookie"])
	}
	if _, err := s.m.Load(late.request()); fault.KindOf(err) != fault.Conflict {
		t.Errorf("load: %v", err)
	}
	s.clock.advance(markTTL)
	if got := late.state(); len(got.Connections) != 0 {
		t.Errorf("much later: %+v", got)
	}
}

func TestRace_ManyRequestsAtOnce(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.state()
	type result struct {
		status int
		body   string
	}
	results := make(chan result, 64)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			resp, body := b.do("GET", "/api/state")
			results <- result{resp.StatusCode, body}
		})
		wg.Go(func() {
			resp, body := b.do("POST", "/api/add", "vendor", "algolia", "account", fmt.Sprint("APP", i%4), "secret", "s")
			results <- result{resp.StatusCode, body}
		})
	}
	wg.Wait()
	close(results)
	counts := map[int]int{}
	for r := range results {
		counts[r.status]++
		if r.status != 200 && r.status != http.StatusConflict {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if counts[200] == 0 {
		t.Error("nothing succeeded")
	}
	// One line of descent is left, and the browser holds it.
	all, err := s.m.store.AllCtx(t.Context())
	if err != nil || len(all) != 1 || !s.alive(b.token()) {
		t.Errorf("%d sessions, %v, alive %v (answers %v)", len(all), err, s.alive(b.token()), counts)
	}
}

func TestRace_ParallelWorkInOneRequest(t *testing.T) {
	s := newSite(t)
	b := s.browser()
	b.add("algolia", "APP0", "s")
	h := s.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := s.m.Add(r.Context(), Connection{Vendor: "algolia", Account: fmt.Sprint("P", i)}, nil); err != nil {
					t.Error(err)
				}
				s.m.Connections(r.Context())
			})
		}
		wg.Wait()
	}))
	s.srv.Config.Handler = h
	b.must("POST", "/api/any")
	s.srv.Config.Handler = s.handler
	if got := b.state().Connections; len(got) != 9 {
		t.Errorf("%d connections, want 9", len(got))
	}
}
