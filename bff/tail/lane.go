package tail

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/feed"
)

// lane is one target of a socket.
type lane struct {
	src    string
	why    string // why it cannot be followed; then there is no topic
	key    string // names the stream in a Seq
	topic  *topic
	reader *feed.Reader
	seq    uint64    // the place
	polled time.Time // when the poll began that the last frame handed out belongs to
	since  time.Time // entries that an earlier poll may have seen are sent from here on; zero for all
	gap    string    // to be told before anything else
	told   *shown
}

// A Seq that crosses to the browser holds the place of each target: keyLen
// characters that name its stream, and a number of base 36, joined by dots.
const keyLen = 6

func keyOf(stream string) string {
	sum := sha256.Sum256([]byte(stream))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:keyLen]
}

// parsePlaces reads a Seq.
func parsePlaces(text string) (map[string]uint64, error) {
	out := map[string]uint64{}
	if text == "" {
		return out, nil
	}
	bad := fault.New(fault.Invalid, "resume").Saying("after is not the seq of an earlier frame; connect without it")
	if len(text) > wire.MaxAfter {
		return nil, bad
	}
	for part := range strings.SplitSeq(text, ".") {
		if len(part) <= keyLen {
			return nil, bad
		}
		n, err := strconv.ParseUint(part[keyLen:], 36, 63)
		if err != nil {
			return nil, bad
		}
		out[part[:keyLen]] = n
	}
	return out, nil
}

// skew is how much a vendor's clock may be ahead of ours where a place is found by
// time.
const skew = time.Minute

// lane finds the place at which a socket begins to read a target.
func (h *Hub) lane(ctx context.Context, t Target, s *seat, places map[string]uint64, req Request) (lane, error) {
	if t.Stream == "" {
		return lane{src: t.Src, why: t.Reason}, nil
	}
	l := lane{src: t.Src, key: keyOf(t.Stream), since: s.since.Truncate(max(1, t.Precision))}
	if seq, ok := places[l.key]; ok {
		l.seq = seq
		if req.Since.IsZero() {
			l.since = time.Time{}
		}
		return l, nil
	}
	if len(places) > 0 && req.Since.IsZero() {
		l.gap = "nobody followed it with this credential and filter before, so what came meanwhile is not known"
	}
	last, err := h.feed.Last(ctx, t.Stream)
	if err != nil || last == nil {
		return l, err
	}
	l.seq, l.polled = last.Seq, last.Polled
	if !req.Since.IsZero() && (last.Polled.After(l.since) || last.Stored.After(l.since.Add(-skew))) {
		for f, err := range h.feed.Scan(ctx, t.Stream, l.since.Add(-skew)) {
			if err != nil {
				return l, err
			}
			l.seq, l.polled = f.Prev, time.Time{}
			break
		}
	}
	return l, nil
}

// join begins to follow.
func (l *lane) join(s *seat, t Target) {
	if t.Stream == "" {
		return
	}
	reader, err := s.hub.feed.Reader(t.Stream, l.seq, s.wake)
	if err != nil {
		l.why = fault.Of(err).Msg
		return
	}
	l.reader = reader
	l.topic = s.hub.join(t, s)
}

// leave ends what join began.
func (l *lane) leave(s *seat) {
	if l.topic != nil {
		l.reader.Close()
		s.hub.leave(l.topic, s)
	}
}

// move takes the place behind a frame.
func (l *lane) move(f *feed.Frame) {
	l.seq = f.Seq
	before := l.polled
	l.polled = f.Polled
	if !l.since.IsZero() && !before.Before(l.since) {
		l.since = time.Time{} // everything from here on was found after that
	}
}

// keeps reports whether an entry is recent enough for the place.
func (l *lane) keeps(e *logs.Entry) bool {
	return l.since.IsZero() || e.Time.IsZero() || !e.Time.Before(l.since)
}

// hole returns what of a gap is for the reader; false for nothing of it.
func (l *lane) hole(f *feed.Frame) (h feed.Hole, filled, ok bool) {
	h = f.Hole
	if !l.since.IsZero() && !f.Lost {
		if !h.To.IsZero() && !h.To.After(l.since) {
			return h, false, false
		}
		if h.From.Before(l.since) {
			h.From = l.since
		}
	}
	h.Reason, filled = strings.CutPrefix(h.Reason, Filled)
	return h, filled, true
}

// news returns the status if it tells something new, and takes it as told.
func (l *lane) news() *shown {
	if l.topic == nil {
		return nil
	}
	sh := l.topic.shown.Load()
	if sh == l.told || sh.frame.State == l.told.frame.State && sh.frame.Reason == l.told.frame.Reason && sh.frame.NextPoll == l.told.frame.NextPoll {
		return nil
	}
	l.told = sh
	return sh
}

// shared is what all readers of a frame share.
type shared struct {
	mu    sync.Mutex
	views map[form]*view
	dated sync.Once
	first time.Time // earliest time of an entry, zero where none has one; read after dated
}

func sharedOf(f *feed.Frame) *shared {
	return f.Share(func(*feed.Frame) any { return &shared{views: map[form]*view{}} }).(*shared)
}

// begins returns the earliest time of a frame's entries, zero where none has one. It
// is found once for all sockets: when thousands begin together, each would have to
// read the entries of its first frames.
func begins(f *feed.Frame) time.Time {
	sh := sharedOf(f)
	sh.dated.Do(func() {
		pick(f, func(e *logs.Entry) bool {
			if !e.Time.IsZero() && (sh.first.IsZero() || e.Time.Before(sh.first)) {
				sh.first = e.Time
			}
			return false
		}, nil)
	})
	return sh.first
}

// form is what tells the messages of one frame apart.
type form struct {
	filter string // "" for all
	masked bool
	lens   redact.Lens // of masked
}

func formOf(q *query.Query, lens *redact.Lens) form {
	f := form{filter: q.String()}
	if lens != nil {
		f.masked, f.lens = true, *lens
	}
	return f
}

// through returns the lens of the form, nil for none.
func (f form) through() *redact.Lens {
	if !f.masked {
		return nil
	}
	return &f.lens
}

// view is the entries of a frame that a filter keeps, as a lens shows them.
type view struct {
	count   int
	body    []byte // joined by commas
	message []byte // for sockets of one target, as it goes over the wire; nil without entries
}

// maxViews bounds the forms whose messages are kept with a frame.
const maxViews = 32

// view returns what a filter keeps of a frame, prepared for sockets of one target.
func (l *lane) view(f *feed.Frame, as form, q *query.Query) *view {
	sh := sharedOf(f)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if v := sh.views[as]; v != nil {
		return v
	}
	v := &view{count: f.Len(), body: f.JSON()}
	if as.filter != "" || as.masked {
		v = pick(f, func(e *logs.Entry) bool { return q.Match(e) }, as.through())
	}
	if v.count > 0 {
		v.message = message(entriesHead(seqOf(l.key, f.Seq), l.src), v.body, []byte(entriesTail))
	}
	if len(sh.views) < maxViews {
		sh.views[as] = v
	}
	return v
}

// pick returns the entries of a frame that keep says yes to, through the lens where
// there is one. What cannot be read, or not be written again, is left out.
func pick(f *feed.Frame, keep func(*logs.Entry) bool, lens *redact.Lens) *view {
	v := &view{}
	for i := range f.Len() {
		var e logs.Entry
		if json.Unmarshal(f.Entry(i), &e) != nil || !keep(&e) {
			continue
		}
		text := f.Entry(i)
		if lens != nil {
			var err error
			shown := lens.Entry(e)
			if text, err = shown.AppendJSON(nil); err != nil {
				continue
			}
		}
		if v.count > 0 {
			v.body = append(v.body, ',')
		}
		v.body = append(v.body, text...)
		v.count++
	}
	return v
}

const entriesTail = "]}"

func entriesHead(seq, src string) []byte {
	b := append([]byte(`{"type":"entries","seq":"`), seq...)
	name, _ := json.Marshal(src)
	b = append(append(b, `","src":`...), name...)
	return append(b, `,"entries":[`...)
}

func seqOf(key string, seq uint64) string { return key + strconv.FormatUint(seq, 36) }
