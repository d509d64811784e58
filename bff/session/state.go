package session

import (
	"context"
	"sync"
	"time"
)

// state is what one request knows about its session: what was loaded, at which
// revision, and what has become of it since. The middleware puts it into the
// context before scs loads, the store's FindCtx fills it, CommitCtx uses it; this
// is how a compare-and-swap fits under scs, whose Store interface has no
// revisions.
type state struct {
	mu sync.Mutex // guards body and sequences of scs calls, against handlers that work in parallel

	key      string    // store key that was loaded; "" if none was
	revision uint64    // of that key; 0 if none was loaded
	handle   string    // stable name of the session; "" until its first commit
	expires  time.Time // absolute end of what was loaded
	seen     seen      // as loaded
	moved    bool      // the token was good until a moment ago, when another request renewed it

	renewing bool   // scs is inside RenewToken: its delete is put off until the commit
	retire   string // key to retire at the commit; "" if none
	cut      bool   // the commit takes something away: tell the sockets

	body body // decoded connections
}

// seen is the mark of the last use.
type seen struct {
	revision uint64
	at       time.Time
}

type stateKey struct{}

func withState(ctx context.Context, st *state) context.Context {
	return context.WithValue(ctx, stateKey{}, st)
}

// stateOf returns the request's state, or nil outside of the middleware.
func stateOf(ctx context.Context) *state {
	st, _ := ctx.Value(stateKey{}).(*state)
	return st
}

// forget drops what was loaded, after a logout: what this request does from now
// on belongs to a new session.
func (st *state) forget() {
	st.key, st.revision, st.handle, st.retire = "", 0, "", ""
	st.expires, st.seen = time.Time{}, seen{}
	st.moved, st.cut = false, false
	st.body = body{}
}
