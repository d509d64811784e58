// Package session keeps who is looking and what they may look at: sessions, and
// the vendor connections inside them.
//
// A session is a cookie in the browser and one sealed value in the engine. The
// browser never holds more than the cookie; a vendor's credential goes in by
// [Manager.Add] and comes out, here on the server, by [Manager.Credentials].
//
//	keys, err := session.OpenKeys(dataDir)
//	sessions, err := session.Open(ctx, eng, session.Config{Keys: keys, Secure: true})
//	defer sessions.Close()
//	mux.Handle("/api/", sessions.Middleware(api))  // Connections, Add, Forget, Destroy
//	mux.Handle("/ws", tail)                        // Load, which never writes
//
// What holds, on every replica and after every restart:
//   - The session id changes whenever what the session may do changes. The new
//     one is stored before the old one ends, and no answer leaves before both.
//   - Nothing revives a session. Every write names the revision it replaces; a
//     request that outlives a logout changes nothing and is told so (Conflict).
//   - Who reads the disk reads neither a credential nor a cookie: values are
//     sealed and bound to their place, tokens are stored as hashes.
//
// For scripts a session makes access tokens, [Manager.Mint], which hold copies of
// its connections and outlive it; [Manager.LoadToken] gives the view of one.
//
// It must not be put in front of a socket: the middleware saves when a request
// ends, and a socket's request ends hours later. It knows nothing of vendors and
// of HTTP routes, and does not check Origin or Host: that comes before it.
package session

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

// Config sets a Manager up. Only Keys is required.
type Config struct {
	Keys *Keyring // seals the values; the same on every replica

	// Lifetime is the absolute end of a session, counted from when it was made or
	// last got a connection. 0 means 12 h.
	Lifetime time.Duration
	// Idle ends a session that was not used for so long. Use is noted once a
	// minute, so that it may end up to a minute early. 0 means 60 min.
	Idle time.Duration

	CookieName string // "" means __Host-Http-logpane with Secure, logpane_local without
	Secure     bool   // the page is served over https; false is for loopback http

	// Error answers a request whose session could not be read or saved. nil means
	// a small JSON body with the status of the fault's kind.
	Error func(http.ResponseWriter, *http.Request, error)

	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil means slog.Default()
}

const (
	defaultLifetime = 12 * time.Hour
	defaultIdle     = time.Hour

	cookieSecure = "__Host-Http-logpane"
	cookieLocal  = "logpane_local"

	// sweepEvery is how often values are dropped whose session idled out; they are
	// dead before, this frees their space.
	sweepEvery = 15 * time.Minute
)

// Manager is the sessions of one deployment, as one replica sees them. It is safe
// for concurrent use; make one with [Open].
type Manager struct {
	scs      *scs.SessionManager
	store    *store
	keys     *Keyring
	lifetime time.Duration
	answer   func(http.ResponseWriter, *http.Request, error)
	now      func() time.Time
	log      *slog.Logger

	stop    context.CancelFunc
	done    sync.WaitGroup
	changes []jetstream.ConsumeContext
	telling sync.Mutex // held while listeners are called

	mu        sync.Mutex
	listeners map[int]func(handle string)
	nextID    int
}

// Open opens the session store in eng and starts to watch it. ctx bounds the
// opening only; close the Manager before the engine.
//
// Errors: Invalid without keys or with negative times; Unavailable if the engine
// does not answer.
func Open(ctx context.Context, eng *engine.Engine, cfg Config) (*Manager, error) {
	const op = "open sessions"
	if cfg.Keys == nil {
		return nil, fault.New(fault.Invalid, op).Saying("sessions need a key ring")
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = defaultLifetime
	}
	if cfg.Idle == 0 {
		cfg.Idle = min(defaultIdle, cfg.Lifetime)
	}
	if cfg.Lifetime < time.Second || cfg.Idle < time.Second {
		return nil, fault.New(fault.Invalid, op).Saying("the session's lifetime and idle time must be at least one second")
	}
	if cfg.CookieName == "" {
		cfg.CookieName = cookieLocal
		if cfg.Secure {
			cfg.CookieName = cookieSecure
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Error == nil {
		cfg.Error = answerError
	}
	log := cfg.Logger.With("part", "session")
	st, err := openStore(ctx, eng, cfg.Keys, cfg.Idle, cfg.Now, log)
	if err != nil {
		return nil, err
	}

	sm := scs.New()
	sm.Store = st
	sm.Codec = codec{}
	sm.HashTokenInStore = true
	sm.Lifetime = cfg.Lifetime
	sm.IdleTimeout = 0 // not cfg.Idle: scs would revive ended sessions, see store
	sm.Cookie = scs.SessionCookie{
		Name:     cfg.CookieName,
		Path:     "/",
		HttpOnly: true,
		Secure:   cfg.Secure,
		SameSite: http.SameSiteStrictMode,
	}

	m := &Manager{
		scs: sm, store: st, keys: cfg.Keys, lifetime: cfg.Lifetime, answer: cfg.Error, now: cfg.Now, log: log,
		listeners: map[int]func(string){},
	}
	run, stop := context.WithCancel(context.Background())
	m.stop = stop
	if err := m.watch(ctx); err != nil {
		stop()
		return nil, err
	}
	m.done.Go(func() { m.sweepAlways(run) })
	return m, nil
}

// Close ends the watch. Sessions stay as they are.
func (m *Manager) Close() {
	m.stop()
	m.unwatch()
	m.done.Wait()
}

// Destroy ends the session of the request at once, on every replica, with all its
// connections; the answer removes the cookie. What the request stores afterwards
// belongs to a new session. Errors: Conflict if the session was renewed by another
// request meanwhile, and lives on under its new cookie: repeat; Unavailable.
func (m *Manager) Destroy(ctx context.Context) error {
	st := m.mustState(ctx)
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := m.scs.Destroy(ctx); err != nil {
		return err
	}
	st.forget()
	return nil
}

// View is what a session may look at, at the moment it was read. It is a copy:
// it does not change, and what it holds may have been taken away since. Ask
// [Manager.OnChange] to hear of that. The zero View has no connections.
type View struct {
	handle  string
	expires time.Time
	conns   []connection
}

// Handle names the session for as long as it lives, also when its id changes. It
// is random, opens nothing, and may stand in a log. It is "" for a session that
// is not stored yet.
func (v View) Handle() string { return v.handle }

// Expires returns the absolute end of the session.
func (v View) Expires() time.Time { return v.expires }

// View returns what the request's session may look at, including what this
// request has changed.
func (m *Manager) View(ctx context.Context) View {
	st := m.mustState(ctx)
	st.mu.Lock()
	defer st.mu.Unlock()
	return View{st.handle, st.expires, st.body.conns}
}

// Load reads the session that a request's cookie names, and writes nothing, now
// or later: for sockets. Errors: Unauthenticated if there is no live session;
// Conflict if the cookie was replaced a moment ago: the browser repeats with the
// new one; Unavailable.
func (m *Manager) Load(r *http.Request) (View, error) {
	const op = "read the session"
	token := m.token(r)
	st := &state{}
	ctx, err := m.scs.Load(withState(r.Context(), st), token)
	if err != nil {
		return View{}, err
	}
	if st.moved {
		return View{}, conflict(op, nil)
	}
	if st.revision == 0 {
		return View{}, ended(op)
	}
	if st.body, err = decodeBody(m.scs.GetBytes(ctx, bodyName)); err != nil {
		return View{}, ended(op).Because(err)
	}
	return View{st.handle, st.expires, st.body.conns}, nil
}

// Touch notes that a session is in use, at most once a minute; a socket calls it
// when its reader does something. Errors: Unauthenticated if the session has
// ended, which it does not change; Unavailable.
func (m *Manager) Touch(ctx context.Context, v View) error {
	const op = "note the use of the session"
	if !validKey(v.handle) || !m.now().Before(v.expires) {
		return ended(op)
	}
	mark, alive, err := m.store.lastSeen(ctx, v.handle)
	if err != nil {
		return err
	}
	if !alive {
		return ended(op)
	}
	return m.store.touch(ctx, v.handle, mark, v.expires)
}

func ended(op string) *fault.Error {
	return fault.New(fault.Unauthenticated, op).Saying("this session has ended; reload the page")
}

// token returns the cookie's token, "" if there is none that could be ours.
func (m *Manager) token(r *http.Request) string {
	c, err := r.Cookie(m.scs.Cookie.Name)
	if err != nil || !validKey(c.Value) {
		return ""
	}
	return c.Value
}

func (m *Manager) mustState(ctx context.Context) *state {
	st := stateOf(ctx)
	if st == nil {
		panic("session: this request did not pass through Manager.Middleware")
	}
	return st
}

// codec stores the deadline and our one value. Not scs's gob codec: it needs
// every type registered, breaks on renames, and costs more than the rest of a
// read.
type codec struct{}

// bodyName is the only name we use in an scs session.
const bodyName = "body"

// Encode returns 8 bytes of deadline and the body.
func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	body, _ := values[bodyName].([]byte)
	return append(timeBytes(deadline), body...), nil
}

// Decode reverses Encode.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	if len(b) < 8 {
		return time.Time{}, nil, fault.New(fault.Internal, "read the session").Saying("the stored session is damaged; reload the page")
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))).UTC(), map[string]any{bodyName: b[8:]}, nil
}
