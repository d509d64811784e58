package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/session"
)

// option says something about a route beyond its helper.
type option int

// forScripts lets a route be asked with an access token. Others answer a request
// that carries one with 403.
const forScripts option = 1

// asker is who sends a request, as far as it is known before the session is read.
type asker struct {
	script session.View // of the access token; zero for a session
	heard  uint64       // changes of sessions that were heard of by then
}

type askerKey struct{}

func askerOf(ctx context.Context) *asker {
	if a, ok := ctx.Value(askerKey{}).(*asker); ok {
		return a
	}
	return &asker{}
}

// who returns what the asker of a request may look at: the connections of the
// session, or of the access token.
func (s *Server) who(r *http.Request) session.View {
	if a := askerOf(r.Context()); a.script.Handle() != "" {
		return a.script
	}
	return s.o.Sessions.View(r.Context())
}

// still reports whether the asker of a request may still read what it could when
// the request came: an answer that goes on for long asks before each page of a
// vendor, and at least once a second. Errors: Unauthenticated where the session has
// ended, or the access token was revoked or has expired; Conflict where the session
// lost a connection; Unavailable.
func (s *Server) still(r *http.Request) error {
	view := s.who(r)
	if s.changes.since(view.Handle(), askerOf(r.Context()).heard) {
		if err := s.o.Sessions.Still(r.Context(), view); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "look whether the asker may still read").
			Saying("the connections of this session changed meanwhile; ask again")
	}
	return s.o.Sessions.Still(r.Context(), view)
}

// bearer returns the access token that a request carries, "" for none. Other words
// in Authorization are those of a proxy in front of us.
func bearer(r *http.Request) string {
	for _, v := range r.Header.Values("Authorization") {
		scheme, text, _ := strings.Cut(v, " ")
		if text = strings.TrimSpace(text); strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(text, wire.TokenPrefix) {
			return text
		}
	}
	return ""
}

// script admits a request that carries an access token: to a route for scripts,
// and from no other site. It reads no cookie and sets none.
func (s *Server) script(w http.ResponseWriter, r *http.Request, text string, allowed bool) (session.View, error) {
	rec := recordOf(r.Context())
	rec.token = session.TokenID(text)
	if err := s.o.Hosts.checkOrigin(r); err != nil {
		return session.View{}, err
	}
	if !allowed {
		return session.View{}, fault.New(fault.Forbidden, "check token").
			Saying("this address is not for access tokens: they read logs, and change nothing")
	}
	var view session.View
	err := s.limits.token(rec.token, client(r), func() (err error) {
		view, err = s.o.Sessions.LoadToken(r.Context(), text)
		return err
	})
	if fault.KindOf(err) == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750, section 3
	}
	return view, err
}

// tokens answers GET /api/tokens.
func (s *Server) tokens(w http.ResponseWriter, r *http.Request) error {
	list, err := s.o.Sessions.Tokens(r.Context())
	if err != nil {
		return err
	}
	out := wire.Tokens{Tokens: []wire.Token{}}
	for _, t := range list {
		out.Tokens = append(out.Tokens, wireToken(t))
	}
	return writeJSON(w, http.StatusOK, out)
}

// mint answers POST /api/tokens. It is the only answer that holds a token.
func (s *Server) mint(w http.ResponseWriter, r *http.Request) error {
	var in wire.NewToken
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if in.Days < 0 || in.Days > wire.MaxTokenDays {
		in.Days = wire.MaxTokenDays + 1 // refused below in one place, and no overflow
	}
	if err := s.limits.take("mint "+s.who(r).Handle(), minting); err != nil {
		return err
	}
	t, text, err := s.o.Sessions.Mint(r.Context(), in.Label, in.Connections, time.Duration(in.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	s.o.Log.Info("access token made", "token", t.ID, "connections", len(t.Connections), "expires", t.Expires,
		"session", s.who(r).Handle(), "request_id", recordOf(r.Context()).id)
	out := wireToken(t)
	out.Token = text.Reveal()
	return writeJSON(w, http.StatusCreated, out)
}

// revoke answers DELETE /api/tokens/{id}.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := s.o.Sessions.Revoke(r.Context(), id); err != nil {
		return err
	}
	s.o.Log.Info("access token revoked", "token", id, "session", s.who(r).Handle(), "request_id", recordOf(r.Context()).id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func wireToken(t session.Token) wire.Token {
	out := wire.Token{
		ID: t.ID, Label: t.Label, Last: t.Last, Created: t.Created, Expires: t.Expires, Used: t.Used, Connections: []wire.TokenConnection{},
	}
	for _, c := range t.Connections {
		out.Connections = append(out.Connections, wire.TokenConnection{
			Vendor: c.Vendor, Region: c.Region, Account: c.Account, Label: c.Label, Held: c.Held,
		})
	}
	return out
}

// changes remembers which sessions lost something, and when relative to requests.
type changes struct {
	mu   sync.Mutex
	n    uint64
	last *simplelru.LRU[string, uint64] // handle → n at its last change
}

func newChanges() *changes {
	c := &changes{}
	c.last, _ = simplelru.NewLRU[string, uint64](10_000, nil)
	return c
}

func (c *changes) note(handle string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	c.last.Add(handle, c.n)
}

func (c *changes) heard() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// since reports whether the session changed after that many changes were heard of.
func (c *changes) since(handle string, heard uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.last.Peek(handle)
	return ok && n > heard
}
