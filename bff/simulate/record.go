package simulate

import (
	"cmp"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// record is one stored log entry: the vendor's JSON and the few values the endpoints select by.
// It is immutable once stored, except for dropped.
type record struct {
	at  int64  // the entry's own time in Unix nanoseconds, cut to the vendor's precision
	seq int64  // arrival order, unique within a vendor
	raw string // the vendor's JSON object, complete

	target   string // Algolia index, Coveo source, Elastic Path integration, deepset "workspace/pipeline"
	item     string // Coveo item URI, Elastic Path job id
	kind     string // Algolia log type, Coveo task, deepset level
	op       string // Coveo operation, deepset origin
	result   string // Coveo result, "error" for an Algolia 4xx or 5xx
	resource string // Coveo resource id

	more    []string // Algolia: indices of the inner queries
	dropped bool     // no longer held; only touched under the vendor's lock
}

// byTime orders records by their own time, equal times by arrival.
func byTime(a, b *record) int {
	if c := cmp.Compare(a.at, b.at); c != 0 {
		return c
	}
	return cmp.Compare(a.seq, b.seq)
}

// insertByTime adds r to a list sorted by byTime. Entries mostly arrive in order, so this is mostly an append.
func insertByTime(list []*record, r *record) []*record {
	if n := len(list); n == 0 || byTime(list[n-1], r) < 0 {
		return append(list, r)
	}
	i, _ := slices.BinarySearchFunc(list, r, byTime)
	return slices.Insert(list, i, r)
}

// firstAt returns the index of the first record of a list sorted by byTime that is not before at (Unix nanoseconds).
func firstAt(list []*record, at int64) int {
	i, _ := slices.BinarySearchFunc(list, at, func(r *record, at int64) int { return cmp.Compare(r.at, at) })
	return i
}

// arena renders generated records into large shared strings, so that a million of them cost a few hundred allocations.
type arena struct {
	records []record
	buf     []byte
	open    []int // start offsets in buf of the records not yet cut
	seq     int64
}

const arenaChunk = 1 << 20 // bytes rendered before a chunk is frozen into a string

func newArena(n int) *arena {
	return &arena{records: make([]record, 0, n+n/8+64)}
}

// add stores r with the JSON that render appends.
func (a *arena) add(r record, render func([]byte) []byte) {
	a.seq++
	r.seq = a.seq
	a.open = append(a.open, len(a.buf))
	a.buf = render(a.buf)
	a.records = append(a.records, r)
	if len(a.buf) > arenaChunk {
		a.freeze()
	}
}

func (a *arena) freeze() {
	text, first := string(a.buf), len(a.records)-len(a.open)
	for i, start := range a.open {
		end := len(text)
		if i+1 < len(a.open) {
			end = a.open[i+1]
		}
		a.records[first+i].raw = text[start:end]
	}
	a.buf, a.open = a.buf[:0], a.open[:0]
}

// sorted returns the records in time order, at most the newest n of them, numbered anew in that order.
func (a *arena) sorted(n int) []*record {
	a.freeze()
	list := make([]*record, len(a.records))
	for i := range a.records {
		list[i] = &a.records[i]
	}
	slices.SortFunc(list, byTime)
	if len(list) > n {
		list = slices.Clone(list[len(list)-n:])
	}
	for i, r := range list {
		r.seq = int64(i)
	}
	return list
}

// spread returns n ascending instants before now: two fifths over the whole retention, the rest within the last day
// and denser towards now.
func spread(rng *rand.Rand, now time.Time, n int, retention time.Duration) []time.Time {
	const day = 24 * time.Hour
	out := make([]time.Time, n)
	for i := range out {
		u := (float64(i) + rng.Float64()) / float64(n)
		var age float64
		if u < 0.4 {
			age = float64(day) + (0.97*float64(retention)-float64(day))*(1-u/0.4)
		} else {
			v := 1 - (u-0.4)/0.6
			age = float64(day) * v * (0.4 + 0.6*v)
		}
		out[i] = now.Add(-time.Duration(age))
	}
	return out
}

// pending feeds live entries one by one from several units of work at a time (an item's stages, a job's attempts), so
// that their rows interleave as they do in real logs.
type pending[T any] struct {
	units [][]T
}

func (p *pending[T]) next(rng *rand.Rand, unit func() []T) T {
	for len(p.units) < 3 {
		if u := unit(); len(u) > 0 {
			p.units = append(p.units, u)
		}
	}
	i := rng.IntN(len(p.units))
	row := p.units[i][0]
	if p.units[i] = p.units[i][1:]; len(p.units[i]) == 0 {
		p.units = slices.Delete(p.units, i, i+1)
	}
	return row
}

// newRand returns the generator of one named purpose, independent of all others of the same seed.
func newRand(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, hash(purpose)))
}

// hash is 64-bit FNV-1a with a final mix, stable across processes.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}

func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// between returns an integer of lo..hi, both included.
func between(rng *rand.Rand, lo, hi int) int { return lo + rng.IntN(hi-lo+1) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

const hexDigits = "0123456789abcdef"

func appendHex(b []byte, v uint64, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		b = append(b, hexDigits[v>>(4*i)&15])
	}
	return b
}

// appendUUID appends a version 4 UUID made of the two words.
func appendUUID(b []byte, hi, lo uint64) []byte {
	b = append(appendHex(b, hi>>32, 8), '-')
	b = append(appendHex(b, hi>>16, 4), '-', '4')
	b = append(appendHex(b, hi, 3), '-')
	b = append(appendHex(b, lo>>48&0x3fff|0x8000, 4), '-')
	return appendHex(b, lo, 12)
}

func newUUID(rng *rand.Rand) string {
	return string(appendUUID(make([]byte, 0, 36), rng.Uint64(), rng.Uint64()))
}

// appendString appends s as a JSON string. Bytes that are not UTF-8 become the replacement character.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = appendHex(append(b, `\u`...), uint64(c), 4)
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// appendField appends `,"key":"value"`; the first field of an object is written without the comma by the caller.
func appendField(b []byte, key, value string) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	return appendString(b, value)
}

func appendFixed(b []byte, v float64, decimals int) []byte {
	return strconv.AppendFloat(b, v, 'f', decimals, 64)
}

// object checks that raw is exactly one JSON object and returns it trimmed, otherwise byte for byte.
func object(raw json.RawMessage) (string, error) {
	text := strings.TrimSpace(string(raw))
	if !json.Valid([]byte(text)) {
		return "", errors.New("not valid JSON")
	}
	if text[0] != '{' {
		return "", errors.New("not a JSON object")
	}
	return text, nil
}

// withField puts a string field in front of a JSON object's other fields.
func withField(object, key, value string) string {
	b := appendString(append(append([]byte(`{"`), key...), `":`...), value)
	rest := strings.TrimSpace(object[1:])
	if rest != "}" {
		b = append(b, ',')
	}
	return string(append(b, rest...))
}

// texts returns the JSON of the records.
func texts(list []*record) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.raw
	}
	return out
}

// appendArray appends the objects as a JSON array.
func appendArray(b []byte, objects []string) []byte {
	size := 2
	for _, o := range objects {
		size += len(o) + 1
	}
	b = append(slices.Grow(b, size+128), '[')
	for i, o := range objects {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, o...)
	}
	return append(b, ']')
}
