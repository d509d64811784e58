package tail

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
)

// quiet is how long a socket says nothing before a beat.
const quiet = wire.TailBeat * 3 / 4

// socket is one reader. Its lanes belong to the writing goroutine.
type socket struct {
	seat
	conn    *websocket.Conn
	session string
	query   *query.Query
	form    form
	active  func()
	check   func() (int, string)
	lanes   []lane
	ctx     context.Context // ends when it is over
	cancel  context.CancelFunc
	over    atomic.Pointer[ending]
	wire    atomic.Pointer[websocket.Conn] // conn, for whoever ends the socket
	silent  bool                           // the place moved on, and no frame said so
	beat    int                            // lane whose status the next beat sends
	pong    atomic.Pointer[string]         // what the peer's last ping asks for; nil for nothing

	out      [][]byte // messages to be written
	outBytes int
	deadline time.Time // of writes
}

// seat is what the hub knows of a reader.
type seat struct {
	hub   *Hub
	since time.Time // never changed
	wake  chan struct{}
	end   func(code int, reason string) // must return at once; code 0 for a reader that is gone
}

func (s *seat) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

type ending struct {
	code   int // 0 for a peer that is gone
	reason string
}

// finish makes the writer send its last words and close. The first call counts.
func (s *socket) finish(code int, reason string) {
	if !s.over.CompareAndSwap(nil, &ending{code, reason}) {
		return
	}
	s.cancel() // a call of the engine ends with it
	if c := s.wire.Load(); c != nil && code != 0 {
		// A write may wait for a peer that does not read.
		time.AfterFunc(lastWords, func() { _ = c.NetConn().Close() })
	}
}

// read takes what the browser sends until the connection ends.
func (s *socket) read() {
	s.conn.SetReadLimit(maxMessage)
	alive := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(pongWait)) }
	s.conn.SetPongHandler(alive)
	s.conn.SetPingHandler(func(data string) error {
		s.pong.Store(&data)
		s.rouse()
		return alive("")
	})
	_ = alive("")
	began, wishes := time.Now(), 0
	for {
		kind, data, err := s.conn.ReadMessage()
		if err != nil {
			s.finish(0, "")
			return
		}
		if now := time.Now(); now.Sub(began) > time.Minute {
			began, wishes = now, 0
		}
		var w wire.TailWish
		if wishes++; wishes > maxWishes || kind != websocket.TextMessage || json.Unmarshal(data, &w) != nil {
			s.finish(wire.CloseAbuse, "the page sent what this socket does not take")
			return
		}
		if w.Hidden != nil {
			for i := range s.lanes {
				if tp := s.lanes[i].topic; tp != nil {
					tp.hide(&s.seat, *w.Hidden)
				}
			}
		}
		if w.Active {
			s.active()
		}
	}
}

// write sends until the socket is over.
func (s *socket) write() {
	defer s.close()
	beat := time.NewTimer(quiet)
	defer beat.Stop()
	sent := time.Now()
	pinged := sent
	err := s.greet()
	for err == nil && s.over.Load() == nil {
		var wrote bool
		if wrote, err = s.forward(s.ctx); err != nil {
			break
		}
		if wrote {
			sent = time.Now()
		}
		select {
		case <-s.ctx.Done():
		case <-s.wake:
		case <-beat.C:
			// The timer is not set anew with each message: that is dear with many sockets.
			if left := quiet - time.Since(sent); left > 10*time.Millisecond {
				beat.Reset(left)
				continue
			}
			beat.Reset(quiet)
			err, sent = s.sendBeat(), time.Now()
		}
		if now := time.Now(); now.Sub(pinged) >= pingEvery {
			pinged = now
			s.out = append(s.out, control(opPing, ""))
		}
		if data := s.pong.Swap(nil); data != nil {
			s.out = append(s.out, control(opPong, *data))
		}
	}
	if e := s.over.Load(); e != nil && e.code != 0 {
		s.lastWords(*e)
	}
	s.finish(0, "")
}

// greet sends the status of all targets, with the place at which the socket begins.
func (s *socket) greet() error {
	for i := range s.lanes {
		l := &s.lanes[i]
		f := wire.TailFrame{Type: wire.TailStatus, Src: l.src, State: wire.TailStopped, Reason: l.why}
		if l.topic != nil {
			l.told = l.topic.now()
			f = l.told.frame
		}
		f.Seq = s.seq()
		if err := s.say(message(encode(f))); err != nil {
			return err
		}
		if l.gap != "" {
			g := wire.TailFrame{Type: wire.TailGap, Seq: s.seq(), Src: l.src, To: time.Now().UTC(), Reason: l.gap}
			if err := s.say(message(encode(g))); err != nil {
				return err
			}
			s.hub.gaps.Add(1)
		}
	}
	return nil
}

// forward sends the frames and states that are there, and what was gathered before.
// wrote reports whether it sent any.
func (s *socket) forward(ctx context.Context) (wrote bool, err error) {
	for again := true; again && s.over.Load() == nil; {
		again = false
		for i := range s.lanes {
			l := &s.lanes[i]
			if l.reader == nil {
				continue
			}
			frames, err := l.reader.Take(ctx)
			if err != nil {
				continue // the engine is away: the hub of the stream, or the next beat, tries again
			}
			for _, f := range frames {
				if s.over.Load() != nil {
					return wrote, nil
				}
				sent, err := s.frame(l, f)
				if err != nil {
					return wrote, err
				}
				wrote = wrote || sent
			}
			if err := s.flush(); err != nil { // the next Take may have to wait
				return wrote, err
			}
			again = again || len(frames) > 0
		}
	}
	for i := range s.lanes {
		if sh := s.lanes[i].news(); sh != nil {
			wrote = true
			if err := s.state(sh); err != nil {
				return wrote, err
			}
		}
	}
	return wrote, s.flush()
}

// sendBeat sends a status, so that the browser sees that the connection lives.
func (s *socket) sendBeat() error {
	l := &s.lanes[s.beat%len(s.lanes)]
	s.beat++
	f := wire.TailFrame{Type: wire.TailStatus, Src: l.src, State: wire.TailStopped, Reason: l.why}
	if l.topic != nil {
		l.told = l.topic.now()
		f = l.told.frame
		if err := l.reader.Stalled(); err != nil && f.State == wire.TailLive {
			f.State, f.Reason = wire.TailWaiting, fault.Of(err).Msg
		} else {
			return s.state(l.told)
		}
	}
	return s.say(message(encode(f)))
}

// state sends a status, with the place if that moved on without a word.
func (s *socket) state(sh *shown) error {
	if !s.silent {
		return s.say(sh.message)
	}
	f := sh.frame
	f.Seq, s.silent = s.seq(), false
	return s.say(message(encode(f)))
}

// frame sends one frame of a stream, as far as the socket wants it.
func (s *socket) frame(l *lane, f *feed.Frame) (sent bool, err error) {
	l.move(f)
	switch f.Kind {
	case feed.Gap:
		return s.gap(l, f)
	case feed.Entries:
		v := (*view)(nil)
		if l.since.IsZero() || begins(f).After(l.since) {
			v = l.view(f, s.form, s.query)
		} else {
			v = pick(f, func(e *logs.Entry) bool {
				return l.keeps(e) && s.query.Match(e)
			}, s.form.through())
		}
		if v.count == 0 {
			break
		}
		s.silent = false
		s.hub.entries.Add(int64(v.count))
		if len(s.lanes) == 1 && v.message != nil {
			return true, s.say(v.message)
		}
		return true, s.say(message(entriesHead(s.seq(), l.src), v.body, []byte(entriesTail)))
	}
	s.silent = true
	return false, nil
}

func (s *socket) gap(l *lane, f *feed.Frame) (sent bool, err error) {
	h, filled, ok := l.hole(f)
	if !ok {
		s.silent = true
		return false, nil
	}
	s.silent = false
	s.hub.gaps.Add(1)
	return true, s.say(message(encode(wire.TailFrame{
		Type: wire.TailGap, Seq: s.seq(), Src: l.src, From: h.From.UTC(), To: h.To.UTC(), Reason: h.Reason, Filled: filled,
	})))
}

// seq returns the place of all lanes.
func (s *socket) seq() string {
	var b strings.Builder
	for i := range s.lanes {
		if l := &s.lanes[i]; l.key != "" {
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(seqOf(l.key, l.seq))
		}
	}
	return b.String()
}

// lastWords says why the socket is closed.
func (s *socket) lastWords(e ending) {
	if e.reason == "" && s.check != nil {
		e.code, e.reason = s.check()
	}
	until := time.Now().Add(lastWords / 2)
	_ = s.conn.SetWriteDeadline(until)
	_ = s.conn.WriteMessage(websocket.TextMessage, encode(wire.TailFrame{Type: wire.TailEnd, Reason: e.reason}))
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, e.reason), until)
}

// close frees what the socket holds.
func (s *socket) close() {
	_ = s.conn.Close()
	for i := range s.lanes {
		s.lanes[i].leave(&s.seat)
	}
	s.hub.remove(s.session, &s.seat)
}
