// Package server is the HTTP side of the backend-for-frontend: the JSON API, the
// page and its assets, health and metrics. It knows sessions and sources, and no
// vendor: what a vendor is comes in Options.
//
// Every route is registered through one of four helpers, each with its own
// defences, so that a new route cannot forget them:
//
//	api    rides on the session cookie: Host, X-Logpane, Origin, body bound, session;
//	       or, where it is registered forScripts, on an access token without a cookie
//	socket likewise, for WebSockets, which carry no header of ours: Host, Origin, session
//	open   answers anyone who can reach us: Host only
//	page   the page and its assets, the same for everyone
//
// Handlers return errors; one writer turns them into problem+json, logs them with
// their cause, and never shows the cause to anyone.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/tail"
	"github.com/logpane/logpane/static"
)

// Bounds of a request.
const (
	maxBody     = 64 << 10          // bytes of a JSON body
	maxItems    = 8 << 20           // bytes of a list of items to assert: 5,000 long addresses
	slowAnswer  = 150 * time.Second // write deadline of a route that calls a vendor
	verifyLimit = 100 * time.Second // of proving credentials; Coveo may take a minute
)

// Access is what a one-click demo connection is made of.
type Access struct {
	Region, Account string
	Credentials     map[string]secret.Value
}

// Options are the parts of a server. All are required unless said otherwise.
type Options struct {
	Vendors  []driver.Vendor // in the order in which they are shown, operator's regions included
	Demo     map[string]Access
	Sessions *session.Manager
	Searcher *source.Searcher
	Site     *static.Site
	MaskKey  uint64       // of tags that stand for personal data; of the deployment
	Healthy  func() error // of the engine
	Tails    *tail.Hub
	Pollers  Pollers
	// Budgets returns the budget of that name, which who asks for it shares with all
	// others who do; nil for a budget of each opened account's own.
	Budgets  func(name string, c driver.Capabilities) (source.Budget, error)
	Counters []prometheus.Collector // of other parts, shown with ours; may be empty
	Hosts    Hosts
	Log      *slog.Logger
	Version  string
	Now      func() time.Time
}

// Pollers make something to follow of a target. poll.Pollers is one.
type Pollers interface {
	Target(a source.Ask, q *query.Query) tail.Target
}

// Server answers HTTP. It is safe for concurrent use.
type Server struct {
	o        Options
	mux      *http.ServeMux
	site     *site
	accounts *accounts
	limits   *limits
	metrics  *metrics
	draining atomic.Bool
	unwatch  func()
	changes  *changes
	exports  *exports
	routes   []string        // as registered, for the test that walks them
	scripted map[string]bool // of these, the ones for access tokens
}

// New returns a server.
func New(o Options) *Server {
	s := &Server{o: o, mux: http.NewServeMux(), site: newSite(o.Site), limits: newLimits(o.Now), changes: newChanges(), exports: newExports(),
		scripted: map[string]bool{}}
	s.metrics = newMetrics(slices.Concat(o.Counters, s.exports.collectors()))
	s.accounts = newAccounts(o)

	s.api("GET /api/vendors", s.vendors, forScripts)
	s.api("GET /api/connections", s.connections, forScripts)
	s.api("POST /api/connections", s.connect)
	s.api("DELETE /api/connections/{id}", s.forget)
	s.api("GET /api/connections/{id}/targets", s.targets)
	s.api("DELETE /api/session", s.logout)
	s.api("GET /api/tokens", s.tokens)
	s.api("POST /api/tokens", s.mint)
	s.api("DELETE /api/tokens/{id}", s.revoke)
	s.api("GET /api/logs", s.logs, forScripts)
	s.exportRoutes()
	s.api("GET /api/requests", s.requests, forScripts)
	s.api("GET /api/jobs", s.jobs, forScripts)
	s.api("POST /api/assert", s.assert, forScripts)
	s.socket("GET /api/tail", s.tail, forScripts)
	s.api("/api/", func(_ http.ResponseWriter, r *http.Request) error {
		return fault.New(fault.NotFound, "route").Saying("there is no " + r.Method + " " + r.URL.Path)
	})
	s.open("GET /healthz", s.healthz)
	s.open("GET /readyz", s.readyz)
	s.open("GET /metrics", s.metricsPage)
	s.page()
	s.unwatch = o.Sessions.OnChange(func(handle string) {
		s.changes.note(handle)
		o.Tails.End(handle)
		s.exports.changed(handle)
	})
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Drain makes readyz say no, so that nothing new is sent here, and ends what would go
// on for hours.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.exports.drain()
}

// Close releases the connections to vendors.
func (s *Server) Close() {
	s.unwatch()
	s.accounts.close()
}

// handler is a handler whose error the caller writes.
type handler func(http.ResponseWriter, *http.Request) error

// api registers a route of the JSON API that rides on the session cookie, or on an
// access token where an option says so.
func (s *Server) api(pattern string, h handler, options ...option) {
	s.routes = append(s.routes, pattern)
	scripts := slices.Contains(options, forScripts)
	s.scripted[pattern] = scripts
	inner := s.o.Sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}))
	s.mux.Handle(pattern, s.watch(pattern, func(w http.ResponseWriter, r *http.Request) error {
		protect(w.Header(), assetPolicy)
		w.Header().Set("Cache-Control", "no-store")
		if err := s.o.Hosts.check(r); err != nil {
			return err
		}
		who := &asker{heard: s.changes.heard()}
		if text := bearer(r); text != "" {
			var err error
			if who.script, err = s.script(w, r, text, scripts); err != nil {
				return err
			}
		} else if err := s.o.Hosts.checkSameSite(r); err != nil {
			return err
		} else if from := client(r); from != "" && r.Header.Get("Cookie") == "" {
			if err := s.limits.take("arrive "+from, arriving); err != nil {
				return err
			}
		}
		r = r.WithContext(context.WithValue(r.Context(), askerKey{}, who))
		bound := int64(maxBody)
		if pattern == "POST /api/assert" {
			bound = maxItems
		}
		r.Body = http.MaxBytesReader(w, r.Body, bound)
		// A vendor may take a minute; the server's own write limit is shorter.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(slowAnswer))
		if who.script.Handle() != "" {
			return h(w, r)
		}
		inner.ServeHTTP(w, r)
		return nil
	}))
}

// open registers a route that needs no session.
func (s *Server) open(pattern string, h handler) {
	s.routes = append(s.routes, pattern)
	s.mux.Handle(pattern, s.watch(pattern, func(w http.ResponseWriter, r *http.Request) error {
		protect(w.Header(), assetPolicy)
		w.Header().Set("Cache-Control", "no-store")
		if err := s.o.Hosts.check(r); err != nil {
			return err
		}
		return h(w, r)
	}))
}

// page registers the page and its assets.
func (s *Server) page() {
	guard := func(h http.HandlerFunc) handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			if err := s.o.Hosts.check(r); err != nil {
				return err
			}
			h(w, r)
			return nil
		}
	}
	s.mux.Handle("/", s.watch("page", guard(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := s.o.Site.Lookup(r.URL.Path); ok || assetPath(r.URL.Path) {
			s.site.serveAsset(w, r)
			return
		}
		s.site.servePage(w, r)
	})))
	s.routes = append(s.routes, "/")
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": s.o.Version})
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) error {
	if s.draining.Load() {
		return fault.New(fault.Unavailable, "ready").Saying("shutting down")
	}
	if err := s.o.Healthy(); err != nil {
		return fault.New(fault.Unavailable, "ready").Saying("the engine is not ready").Because(err)
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) error {
	if !s.o.Hosts.fromHere(r) {
		return fault.New(fault.Forbidden, "metrics").Saying("metrics are only shown to this machine")
	}
	s.metrics.page.ServeHTTP(w, r)
	return nil
}

// fail writes a problem and logs it with its cause.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.Of(err)
	rec := recordOf(r.Context())
	rec.kind, rec.err = f.Kind, err
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		f = fault.New(fault.Invalid, "read body").Saying("the request body is too large")
	}
	if f.Kind == fault.Canceled && r.Context().Err() != nil {
		return // nobody is there to read it
	}
	writeProblem(w, f, rec.id)
}

// SessionError answers a request whose session could not be read or saved. It is
// what the session manager is opened with.
func SessionError(w http.ResponseWriter, r *http.Request, err error) {
	rec := recordOf(r.Context())
	f := fault.Of(err)
	rec.kind, rec.err = f.Kind, err
	writeProblem(w, f, rec.id)
}

type recordKey struct{}

// record is what the log line of a request gathers on its way.
type record struct {
	id    string
	token string // id of the access token that was sent, also of a wrong one
	kind  fault.Kind
	err   error
}

func recordOf(ctx context.Context) *record {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec
	}
	return &record{}
}

// metrics are the server's counters.
type metrics struct {
	page     http.Handler
	requests *prometheus.HistogramVec
	vendor   *prometheus.CounterVec
	entries  *prometheus.CounterVec
}
