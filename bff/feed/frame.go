package feed

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"
)

// The bounds of a frame. A poll with more becomes several frames.
const (
	MaxFrameEntries = 256
	MaxFrameBytes   = 512 << 10 // of the entries' JSON together, unless one entry alone has more
	MaxEntryBytes   = 768 << 10 // of one entry's JSON; NATS takes messages of 1 MiB
	MaxStateBytes   = 64 << 10  // of Poll.State
	maxIDBytes      = 1 << 10   // of Entry.ID
	maxReasonBytes  = 1 << 10   // of Hole.Reason
)

// Kind says what a frame holds.
type Kind uint8

// The kinds of frames.
const (
	Entries Kind = iota + 1 // entries, oldest first
	Gap                     // a Hole: entries that nobody here has seen, or that are no longer kept
	Mark                    // nothing new: only Polled and State moved on
)

// Hole is what is missing at a gap.
type Hole struct {
	From, To time.Time // the span that is not covered; zero where it is not known
	Reason   string    // a sentence for people
}

// Frame is one message of a stream: the new entries of one poll, a gap, or a mark
// of a poll that found nothing. It is shared by all its readers: it must not be
// changed, nor what its methods return.
type Frame struct {
	// Seq is the frame's place. Numbers grow along a stream and have holes, because
	// all streams share one count. A reader resumes after the Seq it has seen last.
	Seq    uint64
	Prev   uint64    // Seq of the frame before this one, 0 for the first
	Number uint64    // counts the frames of the stream from 1, without holes
	First  uint64    // ordinal of its first entry in the stream, from 1; of the next one where it has none
	Stored time.Time // when the engine took it, by the engine's clock
	Kind   Kind
	Hole   Hole // of a Gap
	// Lost marks a gap that the poller did not write: frames were kept once and are
	// not any more, or the reader asked for a place that this stream does not know.
	Lost bool
	// Polled and State are the poller's memory as of the newest poll that was
	// appended as a whole: what the next poller goes on from.
	Polled time.Time
	State  []byte

	anchor uint64   // Seq of the nearest earlier frame whose Number is a multiple of anchorEvery
	writer uint64   // which Writer made it
	ids    string   // all ids, one after the other
	idEnds []uint32 // where each id ends in ids
	ends   []uint32 // where each entry ends in body
	body   []byte   // the entries' JSON, joined by commas

	once   sync.Once
	shared any
}

// anchorEvery is the distance, in frames, of the places from which a stream can
// be read backwards: one request brings what lies between two of them.
const anchorEvery = 32

// Len returns the number of entries.
func (f *Frame) Len() int { return len(f.ends) }

// ID returns the id of entry i.
func (f *Frame) ID(i int) string {
	from := uint32(0)
	if i > 0 {
		from = f.idEnds[i-1]
	}
	return f.ids[from:f.idEnds[i]]
}

// Entry returns the JSON of entry i, as it was appended.
func (f *Frame) Entry(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = f.ends[i-1] + 1 // the comma
	}
	return f.body[from:f.ends[i]:f.ends[i]]
}

// JSON returns all entries joined by commas, ready to stand between brackets.
func (f *Frame) JSON() []byte { return f.body }

// Size returns about how many bytes of memory the frame takes.
func (f *Frame) Size() int {
	return frameOverhead + len(f.State) + len(f.ids) + 4*len(f.idEnds) + 4*len(f.ends) + len(f.body)
}

const frameOverhead = 256

// Share returns what make returned when Share was first called on this frame, on
// behalf of whichever reader: a socket message is so prepared once for all. Its
// memory is not counted by [Frame.Size].
func (f *Frame) Share(make func(*Frame) any) any {
	f.once.Do(func() { f.shared = make(f) })
	return f.shared
}

// frameVersion is the first byte of what is sealed.
const frameVersion = 1

var errFrame = errors.New("not a frame")

// encode writes everything but Seq and Stored, which the engine adds. The numbers
// stand in front in clear, the rest is one S2 block: sealed bytes do not compress,
// so this happens before sealing instead of in the engine.
func (f *Frame) encode() []byte {
	b := make([]byte, 0, 256+len(f.State)+len(f.ids)+len(f.body)+6*len(f.ends))
	b = append(b, byte(f.Kind))
	for _, n := range []uint64{f.Prev, f.Number, f.First, f.anchor, f.writer} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendTime(b, f.Polled)
	b = appendTime(b, f.Hole.From)
	b = appendTime(b, f.Hole.To)
	b = appendBytes(b, f.Hole.Reason)
	b = appendBytes(b, string(f.State))
	b = appendBytes(b, f.ids)
	b = binary.AppendUvarint(b, uint64(len(f.ends)))
	id, end := uint32(0), uint32(0)
	for i := range f.ends {
		b = binary.AppendUvarint(b, uint64(f.idEnds[i]-id))
		b = binary.AppendUvarint(b, uint64(f.ends[i]-end))
		id, end = f.idEnds[i], f.ends[i]
	}
	b = appendBytes(b, string(f.body))
	out := make([]byte, 1+s2.MaxEncodedLen(len(b)))
	out[0] = frameVersion
	return out[:1+len(s2.Encode(out[1:], b))]
}

// decode reads what encode wrote. It trusts nothing in it.
func decode(b []byte) (*Frame, error) {
	if len(b) < 2 || b[0] != frameVersion {
		return nil, errFrame
	}
	n, err := s2.DecodedLen(b[1:])
	if err != nil || n > maxPlain {
		return nil, errFrame
	}
	plain, err := s2.Decode(nil, b[1:])
	if err != nil {
		return nil, errFrame
	}
	r := reader{b: plain}
	f := &Frame{Kind: Kind(r.byte())}
	for _, p := range []*uint64{&f.Prev, &f.Number, &f.First, &f.anchor, &f.writer} {
		*p = r.uvarint()
	}
	f.Polled, f.Hole.From, f.Hole.To = r.time(), r.time(), r.time()
	f.Hole.Reason = string(r.bytes())
	// Their own copies: whoever keeps an id or a state does not keep the entries.
	f.State = append([]byte(nil), r.bytes()...)
	f.ids = string(r.bytes())
	count := r.uvarint()
	if count > MaxFrameEntries {
		return nil, errFrame
	}
	f.idEnds, f.ends = make([]uint32, count), make([]uint32, count)
	var id, end uint64
	for i := range f.ends {
		idLen, step := r.uvarint(), r.uvarint() // the step includes the comma
		if idLen > uint64(len(f.ids)) || step > uint64(len(plain)) || step == 0 {
			return nil, errFrame
		}
		id, end = id+idLen, end+step
		if id > uint64(len(f.ids)) || end > uint64(len(plain)) {
			return nil, errFrame
		}
		f.idEnds[i], f.ends[i] = uint32(id), uint32(end)
	}
	f.body = r.bytes()
	if r.bad || len(r.b) != 0 || id != uint64(len(f.ids)) || end != uint64(len(f.body)) ||
		f.Kind < Entries || f.Kind > Mark || f.Number == 0 {
		return nil, errFrame
	}
	return f, nil
}

// maxPlain bounds what a block may unpack to.
const maxPlain = MaxFrameBytes + MaxEntryBytes + MaxStateBytes + MaxFrameEntries*maxIDBytes + 64<<10

// reader takes values off the front of b; after the first that does not fit, bad
// is set and all are zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if r.bad || len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) time() time.Time {
	n := r.uvarint()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n)).UTC()
}

func appendBytes(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(t.UnixNano()))
}
