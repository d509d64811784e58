package server

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/tail"
)

// opening bounds how often one session opens sockets: a browser that reconnects
// too eagerly is slowed down, many tabs at once are not.
var opening = allowance{60, time.Second}

// socket registers a route that rides on the session cookie and becomes a WebSocket.
// Browsers send no header of ours with a handshake, and no Fetch Metadata: Origin,
// which they always send, must be ours. The session is read and never written. An
// access token serves where an option says so; scripts send no Origin.
func (s *Server) socket(pattern string, h func(http.ResponseWriter, *http.Request, session.View) error, options ...option) {
	s.routes = append(s.routes, pattern)
	scripts := slices.Contains(options, forScripts)
	s.scripted[pattern] = scripts
	s.mux.Handle(pattern, s.watch(pattern, func(w http.ResponseWriter, r *http.Request) error {
		protect(w.Header(), assetPolicy)
		w.Header().Set("Cache-Control", "no-store")
		if err := s.o.Hosts.check(r); err != nil {
			return err
		}
		text := bearer(r)
		if text == "" && !s.o.Hosts.ours(r.Header.Get("Origin")) {
			return fault.New(fault.Forbidden, "check origin").Saying("sockets are opened by our own page only")
		}
		var view session.View
		var err error
		if text != "" {
			if view, err = s.script(w, r, text, scripts); err != nil {
				return err
			}
		}
		if !tail.IsUpgrade(r) {
			return fault.New(fault.Invalid, "open a socket").Saying("this address is a WebSocket: open it as one")
		}
		if text == "" {
			if view, err = s.o.Sessions.Load(r); err != nil {
				return err
			}
		}
		if err := s.limits.take("socket "+view.Handle(), opening); err != nil {
			return err
		}
		return h(w, r, view)
	}))
}

// followed returns what to follow of targets, and takes the source from those that
// cannot be. Where that is all of them it is the error of the first.
func (s *Server) followed(asks []source.Ask, q *query.Query) (targets []tail.Target, refused error) {
	readable := false
	for i := range asks {
		a := &asks[i]
		if a.Source != nil {
			a.Err = a.Source.Follows(a.Target.Path)
		}
		if a.Err != nil {
			a.Source = nil
			if refused == nil {
				refused = a.Err
			}
		}
		readable = readable || a.Err == nil
		targets = append(targets, s.o.Pollers.Target(*a, q))
	}
	if readable {
		return targets, nil
	}
	return nil, refused
}

// tail answers GET /api/tail.
func (s *Server) tail(w http.ResponseWriter, r *http.Request, view session.View) error {
	q, err := parameters(r, "src", "q", "after", "since", "reveal")
	if err != nil {
		return err
	}
	req := tail.Request{Session: view.Handle(), After: q.Get("after")}
	if req.Query, err = parseQuery(q.Get("q")); err != nil {
		return err
	}
	if req.Lens, err = s.lens(view, q.Get("reveal")); err != nil {
		return err
	}
	if text := q.Get("since"); text != "" {
		if req.Since, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return invalid("since is not a time as in RFC 3339, such as 2026-11-22T08:00:00Z")
		}
	}
	asks, err := s.asks(r, view, true, q["src"])
	if err != nil {
		return err
	}
	if req.Targets, err = s.followed(asks, req.Query); err != nil {
		return err
	}
	// What the socket needs of the request, which is not kept for as long.
	cookie, script := r.Header.Get("Cookie"), bearer(r) != ""
	load := func() (session.View, error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if script {
			return view, s.o.Sessions.Still(ctx, view)
		}
		again, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		if err != nil {
			return session.View{}, err
		}
		again.Header.Set("Cookie", cookie)
		return s.o.Sessions.Load(again)
	}
	req.Check = func() (int, string) {
		_, err := load()
		if fault.KindOf(err) == fault.Unauthenticated {
			if script {
				return wire.CloseSession, "this access token was revoked or has expired"
			}
			return wire.CloseSession, "this session has ended"
		}
		return wire.CloseChanged, "the connections of this session changed"
	}
	var noting atomic.Bool
	req.Active = func() {
		if !noting.CompareAndSwap(false, true) {
			return
		}
		defer noting.Store(false)
		if now, err := load(); err == nil && !script {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = s.o.Sessions.Touch(ctx, now) // where it has ended, the socket hears of it
		}
	}
	if err := s.o.Tails.Accept(w, r, req); err != nil {
		return err
	}
	if _, err := load(); err != nil {
		s.o.Tails.End(view.Handle()) // it ended while the socket was opened
	}
	return nil
}
