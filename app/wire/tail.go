package wire

import (
	"time"

	"github.com/logpane/logpane/app/logs"
)

// GET /api/tail is a WebSocket. Its parameters:
//
//	src    targets, as of GET /api/logs, at most MaxTargets
//	q      the filter; entries that it does not keep are not sent
//	after  the last Seq that was seen on an earlier socket for the same src: go on
//	       there, with every target at its own place
//	since  RFC 3339, where there is no after: what is newer is sent, what is older
//	       belongs to GET /api/logs; without it that moment is now
//	reveal of access tokens, whose entries come masked: 1 shows personal data
//
// The server sends TailFrames as text, the browser TailWishes. Something comes at
// least every TailBeat; a browser that hears nothing for 3 s may take the
// connection for dead. After an end, or a socket that broke, it opens another with
// the last Seq as after: nothing is lost, and nothing comes twice. Entries that a
// table got from GET /api/logs may come again here: they have the same id.

// TailBeat is the longest silence of a socket.
const TailBeat = 2 * time.Second

// MaxSockets bounds the sockets of one session.
const MaxSockets = 10

// MaxAfter bounds the parameter after, in bytes.
const MaxAfter = 512

// The types of a TailFrame.
const (
	TailEntries = "entries" // Seq, Src, Entries
	TailGap     = "gap"     // Seq, Src, From, To, Reason, Filled
	TailStatus  = "status"  // Src, State, NextPoll, Viewers, CallsPerHour, Reason; Seq if it moved on without a word
	TailEnd     = "end"     // Reason; the socket is closed after it
)

// The states of a target that is followed.
const (
	TailLive    = "live"    // the newest poll succeeded
	TailWaiting = "waiting" // no poll has ended yet
	TailFailing = "failing" // the newest poll failed, for Reason; it is tried again at NextPoll
	TailStopped = "stopped" // nothing can come until somebody does what Reason says
)

// TailFrame is one message of GET /api/tail to the browser.
type TailFrame struct {
	Type string `json:"type"`
	// Seq is opaque: the place behind this frame, of all targets of the socket.
	Seq     string       `json:"seq,omitempty"`
	Src     string       `json:"src,omitempty"`
	Entries []logs.Entry `json:"entries,omitempty"` // oldest first
	// From and To are the stretch of a gap; zero where an end is not known.
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Reason string    `json:"reason,omitempty"` // a plain sentence
	Filled bool      `json:"filled,omitempty"` // nothing is missing: the entries came late, and follow

	State        string    `json:"state,omitempty"`
	NextPoll     time.Time `json:"next_poll,omitzero"`
	Viewers      int       `json:"viewers,omitempty"`        // sockets, at all replicas
	CallsPerHour int       `json:"calls_per_hour,omitempty"` // of the vendor, at the present pace, however many watch
}

// The codes with which the server closes a socket, beside those of RFC 6455.
const (
	CloseDraining = 1001 // the server restarts: connect again after a random moment
	CloseAbuse    = 1008 // the browser sent what it may not
	CloseSession  = 4401 // the session has ended
	CloseChanged  = 4403 // the session's connections changed: connect again, what may still be read goes on
)

// TailWish is one message of the browser: Hidden as the page is hidden or shown, and
// Active, at most once a minute, when somebody did something.
type TailWish struct {
	Hidden *bool `json:"hidden,omitempty"`
	Active bool  `json:"active,omitempty"`
}
