// Package tail sends what is appended to streams to thousands of WebSockets: who
// follows what, from which place on, as fast as each can read.
//
//	hub := tail.New(tail.Config{Feed: feed})
//	err := hub.Accept(w, r, tail.Request{Session: handle, Targets: targets, Query: q, After: after})
//	// the socket lives on; the handler returns, which frees what net/http holds of it
//	for f, err := range hub.Follow(ctx, req, time.Second) { … } // the same for a reader that is no socket
//	hub.End(handle, check)   // at once, with a reason
//	hub.Drain(ctx)           // before the server stops
//
// Each socket has one goroutine that writes and one that reads. The writer takes
// frames from the feed at the socket's own place, so that a slow reader costs only
// itself, and gets everything later. A frame's message is prepared once for all
// sockets that follow its stream alone with the same filter and lens.
//
// A target is polled while at least one socket here follows it: the hub runs its
// Poll, and says whether anybody can see it. Whether another replica polls already
// is the business of Poll.
//
// It must not know sessions or vendors: who may read a stream was decided by who
// named it, and [Hub.End] says when that is over.
package tail

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
)

// Filled stands at the beginning of the reason of a feed.Hole whose entries came
// late and are not missing.
const Filled = "filled: "

// Target is one thing to follow.
type Target struct {
	Src       string        // address
	Stream    string        // of the feed; "" if it cannot be followed, for Reason
	Reason    string        // a plain sentence
	Precision time.Duration // of its entries' times
	// Poll appends to the stream until ctx ends. It runs once here, however many
	// sockets follow the stream.
	Poll func(ctx context.Context, d Demand)
}

// Demand is what the sockets of a stream want of its poller.
type Demand struct {
	Viewers func() int       // sockets here
	Hidden  func() bool      // nobody can see it right now
	Since   func() time.Time // the earliest place that a socket began at, by time
	Wake    <-chan struct{}  // Hidden may have changed
	Report  func(Status)     // what to tell the sockets
}

// Status is what the poller of a stream is doing.
type Status struct {
	State        string // of wire.TailFrame
	Next         time.Time
	CallsPerHour int
	Reason       string
	Others       int // sockets at other replicas
}

// Request is what a socket asks for.
type Request struct {
	Session string // its handle
	Targets []Target
	Query   *query.Query // nil for all
	Lens    *redact.Lens // of sockets: what entries are sent through; nil for as they are
	After   string       // Seq of an earlier socket, "" for none
	Since   time.Time    // zero for now
	Active  func()       // of sockets: called when the reader did something; not nil
	// Check says why the session may not go on, once [Hub.End] was called. Of sockets.
	Check func() (code int, reason string)
}

// Config is the settings of a Hub. Only Feed is required.
type Config struct {
	Feed   *feed.Feed
	Logger *slog.Logger // nil means slog.Default()
}

// Bounds of a socket.
const (
	maxMessage = 1 << 10         // bytes that a browser may send at once
	maxWishes  = 60              // messages that it may send in a minute
	writeWait  = 2 * time.Minute // for a reader that has stopped; it resumes by After
	pingEvery  = 15 * time.Second
	pongWait   = 2 * time.Minute // a peer that is gone keeps a poller busy for as long
	lastWords  = time.Second     // for an end frame, before the connection is cut
	sendBuffer = 128 << 10       // bytes that the system may hold for a slow reader
)

// Hub is the sockets of one replica. It is safe for concurrent use.
type Hub struct {
	feed *feed.Feed
	log  *slog.Logger
	up   websocket.Upgrader

	mu       sync.Mutex
	draining bool
	sessions map[string]map[*seat]struct{}
	topics   map[string]*topic
	count    int
	empty    chan struct{} // closed when draining and no socket is left
	done     sync.WaitGroup

	sent, entries, gaps atomic.Int64
}

// New returns a Hub.
func New(cfg Config) *Hub {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Hub{
		feed: cfg.Feed, log: cfg.Logger.With("part", "tail"),
		up: websocket.Upgrader{
			HandshakeTimeout: 10 * time.Second, ReadBufferSize: 512, WriteBufferSize: 4 << 10, WriteBufferPool: &sync.Pool{},
			CheckOrigin: func(*http.Request) bool { return true }, // the route did, before anything else
			Error:       func(http.ResponseWriter, *http.Request, int, error) {},
		},
		sessions: map[string]map[*seat]struct{}{}, topics: map[string]*topic{}, empty: make(chan struct{}),
	}
}

// Stats are counts since the start, and what is open now.
type Stats struct {
	Sockets, Streams    int
	Sent, Entries, Gaps int64 // messages sent, and entries and gaps in them
}

// Stats returns the present counts.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{h.count, len(h.topics), h.sent.Load(), h.entries.Load(), h.gaps.Load()}
}

// IsUpgrade reports whether a request asks for a WebSocket.
func IsUpgrade(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Accept upgrades a request to a socket that lives on when it has returned.
//
// Errors, none of which was answered yet: Invalid for a bad After or handshake;
// RateLimited where the session has too many sockets; Unavailable while draining,
// or if the feed does not answer.
func (h *Hub) Accept(w http.ResponseWriter, r *http.Request, req Request) error {
	places, err := parsePlaces(req.After)
	if err != nil {
		return err
	}
	s := &socket{
		seat: h.seat(req), session: req.Session, query: req.Query, form: formOf(req.Query, req.Lens), active: req.Active, check: req.Check,
	}
	s.end = s.finish
	s.ctx, s.cancel = context.WithCancel(context.Background())
	for _, t := range req.Targets {
		l, err := h.lane(r.Context(), t, &s.seat, places, req)
		if err != nil {
			s.cancel()
			return err
		}
		s.lanes = append(s.lanes, l)
	}
	if err := h.add(s.session, &s.seat); err != nil {
		s.cancel()
		return err
	}
	conn, err := h.up.Upgrade(w, r, nil)
	if err != nil {
		h.remove(s.session, &s.seat)
		s.cancel()
		return fault.New(fault.Invalid, "open a socket").Saying("this is not the handshake of a WebSocket").Because(err)
	}
	if tcp, ok := conn.NetConn().(interface{ SetWriteBuffer(int) error }); ok {
		_ = tcp.SetWriteBuffer(sendBuffer)
	}
	s.conn = conn
	s.wire.Store(conn)
	for i := range s.lanes {
		s.lanes[i].join(&s.seat, req.Targets[i])
	}
	h.done.Go(s.write)
	go s.read()
	return nil
}

func (h *Hub) seat(req Request) seat {
	s := seat{hub: h, since: req.Since, wake: make(chan struct{}, 1)}
	if s.since.IsZero() {
		s.since = time.Now()
	}
	return s
}

// add counts a reader in.
func (h *Hub) add(session string, s *seat) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.sessions[session]
	switch {
	case h.draining:
		return fault.New(fault.Unavailable, "open a socket").Saying("this server is about to restart; connect again in a moment")
	case len(of) >= wire.MaxSockets:
		return fault.New(fault.RateLimited, "open a socket").Saying("this session follows live in as many tabs as it may; close one first")
	case of == nil:
		of = map[*seat]struct{}{}
		h.sessions[session] = of
	}
	of[s] = struct{}{}
	h.count++
	return nil
}

func (h *Hub) remove(session string, s *seat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.sessions[session]
	delete(of, s)
	if len(of) == 0 {
		delete(h.sessions, session)
	}
	h.count--
	if h.draining && h.count == 0 {
		close(h.empty)
	}
}

// End ends the sockets of a session within a second. It returns at once.
func (h *Hub) End(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sessions[session] {
		s.end(wire.CloseSession, "")
	}
}

// Drain refuses new sockets, ends those that are open with the reason that the
// server restarts, and waits until all pollers have handed over, or ctx ends.
func (h *Hub) Drain(ctx context.Context) {
	h.mu.Lock()
	if !h.draining {
		h.draining = true
		if h.count == 0 {
			close(h.empty)
		}
		for _, of := range h.sessions {
			for s := range of {
				s.end(wire.CloseDraining, "the server restarts; connecting again")
			}
		}
	}
	h.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		<-h.empty
		h.done.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
	}
}
