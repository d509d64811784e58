package elasticpath

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// renewEarly is how long before its end a token is renewed, as the CLI does.
	renewEarly = 60 * time.Second
	// lifetime is taken for a token whose end cannot be read, per "Tokens".
	lifetime = time.Hour
)

// token is an access token and everything that must never be shown with it.
type token struct {
	value   secret.Value
	renew   time.Time      // not to be used from then on
	secrets []secret.Value // client id, client secret and the token
}

// tokens hands out the newest token and renews it when its time comes. Callers
// that need a new one at the same time share one renewal, which goes on as long
// as any of them waits. Not singleflight: there the caller who came first decides
// for all how long the call may go on, and one that was left alone cannot be ended.
type tokens struct {
	now   func() time.Time
	fetch func(context.Context) (*token, error)

	mu      sync.Mutex
	newest  *token   // nil before the first and after drop
	pending *renewal // nil while none is under way
}

type renewal struct {
	waiting int // callers; guarded by tokens.mu
	cancel  context.CancelFunc
	done    chan struct{} // closed once token and err are set
	token   *token
	err     error
}

// get returns a token that is good for a while. Its errors are those of fetch,
// and ctx's own.
func (ts *tokens) get(ctx context.Context) (*token, error) {
	ts.mu.Lock()
	if t := ts.newest; t != nil && ts.now().Before(t.renew) {
		ts.mu.Unlock()
		return t, nil
	}
	r := ts.pending
	if r == nil {
		shared, cancel := context.WithCancel(context.WithoutCancel(ctx))
		r = &renewal{cancel: cancel, done: make(chan struct{})}
		ts.pending = r
		go ts.run(shared, r)
	}
	r.waiting++
	ts.mu.Unlock()
	select {
	case <-r.done:
		return r.token, r.err
	case <-ctx.Done():
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if r.waiting--; r.waiting == 0 {
		r.cancel()
		if ts.pending == r {
			ts.pending = nil // the next caller must not join what was ended
		}
	}
	return nil, ctx.Err()
}

func (ts *tokens) run(ctx context.Context, r *renewal) {
	defer r.cancel()
	r.token, r.err = ts.fetch(ctx)
	ts.mu.Lock()
	if ts.pending == r {
		ts.pending = nil
		if r.err == nil {
			ts.newest = r.token
		}
	}
	ts.mu.Unlock()
	close(r.done)
}

// drop forgets t if it is still the newest, so that the next get renews.
func (ts *tokens) drop(t *token) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.newest == t {
		ts.newest = nil
	}
}

// fetchToken asks for a token with the store's client id and secret, per "Tokens".
// Not golang.org/x/oauth2: its errors hold the answer's body, and its client would
// pass by the checks of package rest.
func (s *store) fetchToken(ctx context.Context) (*token, error) {
	const op = "get access token"
	asked := s.tokens.now()
	c := s.net.Client(rest.Options{
		Vendor: s.profile.title, Timeout: timeout, Secrets: []secret.Value{s.id, s.key},
		Explain: func(e *fault.Error, status int, _ http.Header, _ []byte) {
			switch status {
			case 400, 401, 403:
				e.Kind, e.Msg = fault.Unauthenticated, "client id or secret is wrong (or from the other region)"
			case 404:
				e.Msg = s.profile.title + " hands out no access tokens at this address; check the region"
			}
		},
	})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.id.Reveal()}, "client_secret": {s.key.Reveal()}}
	a, err := c.Do(ctx, rest.Call{
		Op: op, Method: http.MethodPost, Base: s.base, Path: []string{"oauth", "access_token"},
		Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded",
	})
	if err != nil {
		return nil, err
	}
	g, err := parseGrant(a.Body)
	if err != nil || !visible(g.token) {
		// Not quoted: whatever it is, a part of it may be a token.
		return nil, s.fault(fault.BadUpstream, op).Saying(s.profile.title + " answered without an access token; something in between may have answered instead")
	}
	life := time.Duration(0)
	if g.seconds > 0 {
		life = time.Duration(min(g.seconds, lifetime.Seconds()*24) * float64(time.Second))
	} else if g.expires > 0 {
		life = time.Duration(min(g.expires-float64(asked.Unix()), lifetime.Seconds()*24) * float64(time.Second))
	}
	if life <= 0 {
		life = lifetime
	}
	t := &token{value: secret.New(g.token), renew: asked.Add(life - min(renewEarly, life/2))}
	t.secrets = []secret.Value{s.id, s.key, t.value}
	return t, nil
}

// visible reports whether a token can stand in a header: printable ASCII without
// spaces, and some of it.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
