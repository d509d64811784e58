package client

import (
	"encoding/json"

	"github.com/logpane/logpane/app/wire"
)

// Dial opens a socket of the origin that the page came from. opened, batch and
// closed are called as things happen, and never after stop; closed is also how a
// socket that never opened ends.
type Dial func(path string, opened func(), batch func([][]byte), closed func(code int, reason string)) (send func([]byte), stop func())

// TailQuery asks for what is new.
type TailQuery struct {
	Src   []string
	Q     string
	Since string // RFC 3339; "" for now
	After string // Seq of an earlier socket
}

// Tail is a socket of GET /api/tail.
type Tail struct {
	send func([]byte)
	stop func()
}

// Tail opens a socket. frames are the JSON of wire.TailFrame as they came, oldest
// first.
func (c *Client) Tail(q TailQuery, opened func(), frames func([][]byte), closed func(code int, reason string)) *Tail {
	v := Query{Src: q.Src, Q: q.Q}.Values()
	set(v, "since", q.Since)
	set(v, "after", q.After)
	send, stop := c.dial(wire.PathTail+"?"+v.Encode(), opened, frames, closed)
	return &Tail{send, stop}
}

// Wish tells the server something about the page. While there is no connection it
// is lost.
func (t *Tail) Wish(w wire.TailWish) {
	if b, err := json.Marshal(w); err == nil {
		t.send(b)
	}
}

// Close ends the socket.
func (t *Tail) Close() { t.stop() }
