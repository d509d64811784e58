package viewer

import (
	"encoding/json"
	"hash/maphash"
	"math"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

// Store holds entries as the bytes in which they arrived, with a few columns
// beside them for what rows are drawn from. A hundred thousand entries are a
// handful of allocations without pointers, and an entry is decoded only when
// somebody opens it. It is not safe for concurrent use.
//
// Rows are numbered from the newest, 0; entries without a time come last. Equal
// times stand in the order in which they arrived.
type Store struct {
	arena arena
	srcs  []string
	srcOf map[string]uint16

	// One element for each entry, in the order of arrival.
	times    []int64 // Unix nanoseconds, or noTime
	json     []ref
	id       []ref
	summary  []ref
	job      []ref
	item     []ref
	took     []int64 // nanoseconds
	status   []uint16
	attempts []uint16
	src      []uint16
	flags    []flags

	rows  []uint32 // row → entry
	table []uint32 // hash of (src, id) → entry + 1; its length is a power of two
	seed  maphash.Seed
	keyed int // entries in the table

	scratch []split
	batch   []uint32
}

// noTime is the time of an entry without one: it sorts behind all others.
const noTime = math.MinInt64

// flags are level (3 bits), outcome (3), fraction digits (4) and the bits below.
type flags uint16

const (
	hasTook flags = 1 << (10 + iota)
	farTime       // the time is beyond what the column can hold
)

func (f flags) level() logs.Level     { return logs.Level(f & 7) }
func (f flags) outcome() logs.Outcome { return logs.Outcome(f >> 3 & 7) }
func (f flags) digits() int           { return int(f >> 6 & 15) }

func (f flags) withLevel(l logs.Level) flags     { return f&^7 | flags(l&7) }
func (f flags) withOutcome(o logs.Outcome) flags { return f&^(7<<3) | flags(o&7)<<3 }
func (f flags) withDigits(n int) flags           { return f&^(15<<6) | flags(n&15)<<6 }

// Meta is what a page says beside its entries.
type Meta struct {
	Added    int // entries that were not held before
	Entries  int // entries of the page
	Cursor   string
	Coverage []logs.Coverage
	Plan     []logs.Clause
	Scanned  int
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{srcOf: map[string]uint16{}, seed: maphash.MakeSeed()}
}

// Len returns the number of rows.
func (s *Store) Len() int { return len(s.rows) }

// Bytes returns the bytes of the entries held, without columns.
func (s *Store) Bytes() int { return s.arena.bytes }

// AppendPage adds the entries of a page, given as the JSON of a wire.Page, that
// are not held yet. Entries older than the ones held go below, others to their
// place; data may be reused afterwards. A page that cannot be read, which is
// fault.BadUpstream, adds nothing; a store that is full, which is
// fault.Unsupported, keeps what fitted.
func (s *Store) AppendPage(data []byte) (Meta, error) { return s.append(data, false) }

// AppendNewer is AppendPage for entries that happened after the ones held: among
// equal times they go above.
func (s *Store) AppendNewer(data []byte) (Meta, error) { return s.append(data, true) }

func (s *Store) append(data []byte, above bool) (Meta, error) {
	var meta Meta
	sc := scanner{b: data}
	found, err := sc.page(s.scratch[:0], &meta)
	if err != nil {
		if data, found, meta, err = decodePage(data); err != nil {
			return Meta{}, fault.New(fault.BadUpstream, "viewer: read page").
				Saying("the server's answer could not be read; reload the page").Because(err)
		}
	}
	meta.Entries = len(found)
	s.batch = s.batch[:0]
	for i := range found {
		var added bool
		if added, err = s.add(data, &found[i]); err != nil {
			break
		}
		if added {
			s.batch = append(s.batch, uint32(len(s.times)-1))
		}
	}
	s.scratch = found[:0]
	clear(found)
	meta.Added = len(s.batch)
	s.merge(s.batch, above)
	if err != nil {
		return meta, fault.New(fault.Unsupported, "viewer: keep page").
			Saying("this tab holds as many entries as it can; narrow the filter or the span").Because(err)
	}
	return meta, nil
}

// decodePage reads a page by encoding/json: slower, and the judge of what is
// legal. It returns the entries' JSON as new data.
func decodePage(data []byte) ([]byte, []split, Meta, error) {
	var page struct {
		Entries  []json.RawMessage `json:"entries"`
		Cursor   string            `json:"cursor"`
		Coverage []logs.Coverage   `json:"coverage"`
		Plan     []logs.Clause     `json:"plan"`
		Scanned  int               `json:"scanned"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return nil, nil, Meta{}, err
	}
	var joined []byte
	var found []split
	for _, raw := range page.Entries {
		var e logs.Entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, nil, Meta{}, err
		}
		own := func(text string) token { return token{own: []byte(text)} }
		f := split{
			at: len(joined), end: len(joined) + len(raw), src: own(e.Src), id: own(e.ID), summary: own(e.Summary),
			job: own(e.Job), item: own(e.Item), time: noTime, took: int64(e.Took),
			status: uint16(min(max(e.Status, 0), math.MaxUint16)), attempt: uint16(min(max(e.Attempt, 0), math.MaxUint16)),
		}
		f.setTime([]byte(e.TimeText))
		f.flags = f.flags.withLevel(e.Level).withOutcome(e.Outcome)
		if e.HasTook {
			f.flags |= hasTook
		}
		found = append(found, f)
		joined = append(joined, raw...)
	}
	return joined, found, Meta{Cursor: page.Cursor, Coverage: page.Coverage, Plan: page.Plan, Scanned: page.Scanned}, nil
}

// add appends one entry to the columns unless it is held. An entry without an id
// is always new: nothing tells it from another.
func (s *Store) add(data []byte, e *split) (bool, error) {
	src, err := s.intern(e.src.bytes(data))
	if err != nil {
		return false, err
	}
	id := e.id.bytes(data)
	var slot uint64
	if len(id) > 0 {
		s.grow()
		var held bool
		if slot, held = s.look(src, id); held {
			return false, nil
		}
	}
	at, err := s.arena.add(data[e.at:e.end])
	if err != nil {
		return false, err
	}
	var refs [4]ref
	for i, t := range []token{e.id, e.summary, e.job, e.item} {
		switch {
		case t.own == nil && t.n > 0:
			refs[i] = ref{at + uint32(t.at-e.at), uint32(t.n)}
		case len(t.own) > 0:
			own, err := s.arena.add(t.own)
			if err != nil {
				return false, err
			}
			refs[i] = ref{own, uint32(len(t.own))}
		}
	}
	s.times = append(s.times, e.time)
	s.json = append(s.json, ref{at, uint32(e.end - e.at)})
	s.id = append(s.id, refs[0])
	s.summary = append(s.summary, refs[1])
	s.job = append(s.job, refs[2])
	s.item = append(s.item, refs[3])
	s.took = append(s.took, e.took)
	s.status = append(s.status, e.status)
	s.attempts = append(s.attempts, e.attempt)
	s.src = append(s.src, src)
	s.flags = append(s.flags, e.flags)
	if len(id) > 0 {
		s.table[slot] = uint32(len(s.times))
		s.keyed++
	}
	return true, nil
}

// intern returns the number of a source.
func (s *Store) intern(name []byte) (uint16, error) {
	if n, ok := s.srcOf[string(name)]; ok {
		return n, nil
	}
	if len(s.srcs) > math.MaxUint16 {
		return 0, errFull
	}
	n := uint16(len(s.srcs))
	s.srcs = append(s.srcs, string(name))
	s.srcOf[s.srcs[n]] = n
	return n, nil
}

// merge puts entries into their rows. above says where equal times go.
func (s *Store) merge(batch []uint32, above bool) {
	if len(batch) == 0 {
		return
	}
	// Stable: among equal times the order of the page stands.
	slices.SortStableFunc(batch, func(a, b uint32) int {
		switch ta, tb := s.times[a], s.times[b]; {
		case ta > tb:
			return -1
		case ta < tb:
			return 1
		}
		return 0
	})
	old := len(s.rows)
	s.rows = append(s.rows, batch...)
	if newest := s.times[batch[0]]; old == 0 || s.times[s.rows[old-1]] > newest || s.times[s.rows[old-1]] == newest && !above {
		return
	}
	i, j := old-1, len(batch)-1
	for at := len(s.rows) - 1; j >= 0; at-- {
		if i >= 0 {
			if held, added := s.times[s.rows[i]], s.times[batch[j]]; held < added || held == added && above {
				s.rows[at] = s.rows[i]
				i--
				continue
			}
		}
		s.rows[at] = batch[j]
		j--
	}
}

// look finds the place of a key in the table, and whether the key is there.
func (s *Store) look(src uint16, id []byte) (slot uint64, held bool) {
	mask := uint64(len(s.table) - 1)
	slot = s.hash(src, id) & mask
	for s.table[slot] != 0 {
		e := s.table[slot] - 1
		if s.src[e] == src && string(s.arena.get(s.id[e])) == string(id) {
			return slot, true
		}
		slot = (slot + 1) & mask
	}
	return slot, false
}

func (s *Store) hash(src uint16, id []byte) uint64 {
	return maphash.Bytes(s.seed, id) + uint64(src)*0x9e3779b97f4a7c15
}

// grow keeps the table at most three quarters full.
func (s *Store) grow() {
	if 4*(s.keyed+1) <= 3*len(s.table) {
		return
	}
	s.table = make([]uint32, max(1024, 2*len(s.table)))
	for e := range s.times {
		if id := s.arena.get(s.id[e]); len(id) > 0 {
			slot, _ := s.look(s.src[e], id)
			s.table[slot] = uint32(e) + 1
		}
	}
}

// find returns the entry with an id of a source; "" is any source.
func (s *Store) find(src, id string) (int, bool) {
	if len(s.table) == 0 || id == "" {
		return -1, false
	}
	for n, name := range s.srcs {
		if src != "" && src != name {
			continue
		}
		if slot, held := s.look(uint16(n), []byte(id)); held {
			return int(s.table[slot]) - 1, true
		}
	}
	return -1, false
}

// rowOf returns the row of an entry.
func (s *Store) rowOf(e int) int {
	t := s.times[e]
	row, _ := slices.BinarySearchFunc(s.rows, t, func(r uint32, t int64) int {
		switch tr := s.times[r]; {
		case tr > t:
			return -1
		case tr < t:
			return 1
		}
		return 0
	})
	for s.rows[row] != uint32(e) {
		row++
	}
	return row
}

// Entry decodes the entry of a row. One that cannot be decoded, which takes a
// number beyond all bounds among its fields, has only what the row has, and Raw
// holds all of its JSON.
func (s *Store) Entry(row int) logs.Entry {
	e := s.rows[row]
	text := s.arena.get(s.json[e])
	var out logs.Entry
	if err := json.Unmarshal(text, &out); err == nil {
		return out
	}
	out = logs.Entry{
		ID: string(s.arena.get(s.id[e])), Src: s.srcs[s.src[e]], Level: s.flags[e].level(), Outcome: s.flags[e].outcome(),
		Summary: string(s.arena.get(s.summary[e])), Status: int(s.status[e]), Attempt: int(s.attempts[e]),
		Job: string(s.arena.get(s.job[e])), Item: string(s.arena.get(s.item[e])),
		Took: time.Duration(s.took[e]), HasTook: s.flags[e]&hasTook != 0, Raw: slices.Clone(text),
	}
	if t := s.times[e]; t != noTime && s.flags[e]&farTime == 0 {
		out.Time = time.Unix(0, t).UTC()
		out.TimeText = out.Time.Format(time.RFC3339Nano)
	}
	return out
}

// JSON returns the bytes of a row's entry as the server sent them. The caller
// must not write to them.
func (s *Store) JSON(row int) []byte { return s.arena.get(s.json[s.rows[row]]) }

// ID returns the id of a row's entry.
func (s *Store) ID(row int) string { return s.arena.text(s.id[s.rows[row]]) }

// Src returns the address of the target of a row's entry.
func (s *Store) Src(row int) string { return s.srcs[s.src[s.rows[row]]] }

// Time returns the time of a row's entry in UTC, zero where it has none.
func (s *Store) Time(row int) time.Time {
	e := s.rows[row]
	switch t := s.times[e]; {
	case t == noTime:
		return time.Time{}
	case s.flags[e]&farTime != 0:
		return s.Entry(row).Time
	default:
		return time.Unix(0, t).UTC()
	}
}
