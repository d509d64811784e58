package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

// MaxCursor bounds a cursor's length in bytes; it travels in a URL.
const MaxCursor = 12 << 10

// cursor is the whole state of a walk between two pages. It crosses to the
// browser as base64url(JSON) "." base64url(MAC); the browser cannot change it.
type cursor struct {
	Binding string  `json:"b"`           // of the question it belongs to
	Walk    string  `json:"w"`           // key of the walk in memory, if it is still there
	Step    int     `json:"n"`           // pages given so far
	From    int64   `json:"f,omitempty"` // ns; 0 for open
	To      int64   `json:"t,omitempty"`
	Start   int64   `json:"s"`           // ns: when the walk began; what arrives later is not part of it
	Places  []place `json:"p"`           // one per target, in the order of the question
	Pushes  []push  `json:"v,omitempty"` // what vendors filter, each once
}

// place is where a lane stands, in vendor terms that survive everything. Which
// parts are used depends on the mode.
type place struct {
	Mode mode `json:"m"`
	// Offset modes: rows before Off (modeDown) or from Off on (modeUp) are
	// consumed as far as offsets can say, Anchor is the row consumed last in the
	// vendor's order without a hole, of time Time, Trail are those before it, and
	// Seen consumed rows beyond it (rows out of order).
	// Gathered and window modes: Time and Anchor are the row consumed last in
	// total order, Seen in window mode consumed rows without a time.
	// By time: everything newer than Time is consumed, and at Time the rows in Seen.
	Off    int    `json:"o,omitempty"`
	Anchor uint64 `json:"a,omitempty"` // 0 while nothing is consumed
	Trail  hashes `json:"l,omitempty"`
	Time   int64  `json:"t,omitempty"` // ns
	Seen   hashes `json:"h,omitempty"`

	Text string  `json:"x,omitempty"` // by time: the vendor's own string of Time
	Hi   int64   `json:"u,omitempty"` // window mode: everything from here on is consumed, ns
	Wide int64   `json:"w,omitempty"` // window mode: width to try next, ns
	Pin  string  `json:"i,omitempty"`
	Read int     `json:"r,omitempty"` // rows read so far
	Past int64   `json:"z,omitempty"` // time of the row consumed last that has one, ns
	Done *ending `json:"d,omitempty"`
	Gaps []gap   `json:"g,omitempty"`
	Push int     `json:"q,omitempty"` // one more than the index of push in cursor.Pushes

	push *push // what the vendor filters in this walk, nil for nothing; never changed in place
}

// maxSeen bounds place.Seen in window mode.
const maxSeen = 128

// mode is how a lane walks.
type mode uint8

const (
	modeFresh  mode = iota // nothing read yet
	modeDown               // offset pages, newest first
	modeUp                 // offset pages, oldest first: walked from the end
	modeGather             // offset pages in no order: read whole, then sorted
	modeWindow             // spans of time, each read whole
	modeTime               // rows older than a time
)

// hashes are row identities, packed as base64 of 8 bytes each.
type hashes []uint64

func (h hashes) MarshalText() ([]byte, error) {
	b := make([]byte, 0, len(h)*8)
	for _, v := range h {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return []byte(base64.RawURLEncoding.EncodeToString(b)), nil
}

func (h *hashes) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil {
		return err
	}
	*h = nil
	for ; len(b) >= 8; b = b[8:] {
		*h = append(*h, binary.BigEndian.Uint64(b))
	}
	return nil
}

// seal returns the cursor as text of at most MaxCursor bytes. Where very many
// rows share one moment, or stand out of order, some of them are left out: a walk
// rebuilt from such a cursor shows them twice, and none is lost.
func (c cursor) seal(key []byte) (string, error) {
	c.Places, c.Pushes = slices.Clone(c.Places), nil
	for i := range c.Places {
		p := &c.Places[i]
		if p.Push = 0; p.push == nil {
			continue
		}
		at := slices.IndexFunc(c.Pushes, p.push.equal)
		if at < 0 {
			at = len(c.Pushes)
			c.Pushes = append(c.Pushes, *p.push)
		}
		p.Push = at + 1
	}
	for {
		body, err := json.Marshal(c)
		if err != nil {
			return "", fault.New(fault.Internal, "seal cursor").Saying("something went wrong on our side").Because(err)
		}
		enc := base64.RawURLEncoding
		if enc.EncodedLen(len(body))+enc.EncodedLen(macLen)+1 <= MaxCursor {
			return enc.EncodeToString(body) + "." + enc.EncodeToString(mac(key, body)), nil
		}
		most := &c.Places[0]
		for i := range c.Places {
			if len(c.Places[i].Seen) > len(most.Seen) {
				most = &c.Places[i]
			}
		}
		if len(most.Seen) < 2 {
			return "", fault.New(fault.Internal, "seal cursor").Saying("these are too many targets to page through; pick fewer")
		}
		most.Seen = most.Seen[len(most.Seen)/2:]
	}
}

func openCursor(key []byte, s, binding string) (cursor, error) {
	bad := fault.New(fault.Invalid, "open cursor").Saying("this cursor is not one of ours or was changed; start again without it")
	if len(s) > MaxCursor {
		return cursor{}, bad
	}
	text, sum, ok := strings.Cut(s, ".")
	if !ok {
		return cursor{}, bad
	}
	body, err1 := base64.RawURLEncoding.DecodeString(text)
	got, err2 := base64.RawURLEncoding.DecodeString(sum)
	if err1 != nil || err2 != nil || !hmac.Equal(got, mac(key, body)) {
		return cursor{}, bad
	}
	var c cursor
	if err := json.Unmarshal(body, &c); err != nil {
		return cursor{}, bad
	}
	if c.Binding != binding {
		return cursor{}, fault.New(fault.Invalid, "open cursor").
			Saying("this cursor belongs to another query; repeat it with the same src, q, from and to, or start without it")
	}
	for i := range c.Places {
		p := &c.Places[i]
		if p.Push < 0 || p.Push > len(c.Pushes) {
			return cursor{}, bad
		}
		if p.Push > 0 {
			p.push = &c.Pushes[p.Push-1]
		}
	}
	return c, nil
}

// macLen is the length of a cursor's MAC in bytes.
const macLen = 16

func mac(key, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return m.Sum(nil)[:macLen]
}

// bind names the question that a cursor belongs to.
func bind(asks []Ask, query, spanText, item string) string {
	h := sha256.New()
	for _, a := range asks {
		h.Write([]byte(a.Target.String()))
		h.Write([]byte{0})
	}
	for _, s := range []string{query, spanText, item} {
		h.Write([]byte{1})
		h.Write([]byte(s))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func at(ns int64) time.Time {
	if ns == 0 || ns == math.MinInt64 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func (c cursor) span() logs.Span { return logs.Span{From: at(c.From), To: at(c.To)} }
