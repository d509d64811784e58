package session

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/logpane/logpane/app/fault"
)

// Middleware gives next the session of the request in its context, and saves it
// before the first byte of the answer. A request without a live session gets a
// fresh one, whose cookie is in the answer. What cannot be saved is not answered:
// the client gets the error instead of what next wrote.
//
// A request with a cookie that was replaced a moment ago is answered Conflict and
// gets no cookie: a fresh one would overwrite the new one in the browser.
//
// Not scs's LoadAndSave: it hides Flush and Hijack, answers twice when a commit
// fails, and saves at the end of a hijacked request.
func (m *Manager) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		st := &state{}
		ctx, err := m.scs.Load(withState(r.Context(), st), m.token(r))
		if err == nil && st.moved {
			err = conflict("read the session", nil)
		}
		if err != nil {
			m.answer(w, r, err)
			return
		}
		r = r.WithContext(ctx)
		if st.revision == 0 {
			m.scs.Put(ctx, bodyName, body{}.encode())
		} else {
			if st.body, err = decodeBody(m.scs.GetBytes(ctx, bodyName)); err != nil {
				m.log.Warn("a stored session could not be read; it starts empty", "err", err)
				err = m.startEmpty(r, st)
			}
			if err == nil {
				err = m.store.touch(ctx, st.handle, st.seen, st.expires)
			}
			if err != nil {
				m.answer(w, r, err)
				return
			}
		}
		rw := &response{ResponseWriter: w, save: func() error { return m.save(w, r, st) },
			fail: func(err error) { m.answer(w, r, err) }}
		next.ServeHTTP(rw, r)
		rw.finish()
	})
}

// startEmpty replaces a session that this release cannot read.
func (m *Manager) startEmpty(r *http.Request, st *state) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := m.renew(r.Context(), st); err != nil {
		return err
	}
	st.cut = true
	m.put(r.Context(), st, nil)
	return nil
}

// save commits what the request changed and sets the cookie accordingly.
func (m *Manager) save(w http.ResponseWriter, r *http.Request, st *state) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	ctx := r.Context()
	switch m.scs.Status(ctx) {
	case scs.Modified:
		token, expires, err := m.scs.Commit(ctx)
		if err != nil {
			return err
		}
		m.scs.WriteSessionCookie(ctx, w, token, expires)
	case scs.Destroyed:
		m.scs.WriteSessionCookie(ctx, w, "", time.Time{}) // removes it
	}
	return nil
}

// response saves the session before the first byte goes out.
type response struct {
	http.ResponseWriter
	save  func() error
	fail  func(error)
	saved bool
	mute  bool // the save failed and its error was the answer
}

var (
	_ http.Flusher  = (*response)(nil)
	_ http.Hijacker = (*response)(nil)
)

// finish saves once; if that fails it answers with the error and mutes the rest.
func (w *response) finish() {
	if w.saved {
		return
	}
	w.saved = true
	if err := w.save(); err != nil {
		w.mute = true
		h := w.Header()
		for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "Content-Disposition",
			"Etag", "Last-Modified", "Location", "Accept-Ranges", "Content-Range"} {
			h.Del(name)
		}
		w.fail(err)
	}
}

// WriteHeader saves first. Informational answers (1xx) pass without.
func (w *response) WriteHeader(code int) {
	if code >= 200 || code == http.StatusSwitchingProtocols {
		w.finish()
	}
	if !w.mute {
		w.ResponseWriter.WriteHeader(code)
	}
}

// Write saves first. After a failed save it takes the bytes and drops them.
func (w *response) Write(b []byte) (int, error) {
	w.finish()
	if w.mute {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Flush saves first, because it sends the headers.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is Flush with the error of the connection.
func (w *response) FlushError() error {
	w.finish()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over. The session is not saved, now or when the
// request ends: whoever speaks on the connection writes no cookie of ours.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.saved = true
	}
	return c, rw, err
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answerError is the default Config.Error.
func answerError(w http.ResponseWriter, _ *http.Request, err error) {
	f := fault.Of(err)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.Kind.Status())
	_ = json.NewEncoder(w).Encode(map[string]string{"kind": string(f.Kind), "message": f.Msg})
}
