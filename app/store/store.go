// Package store holds the entries that a page has loaded, and says which of them a
// table shows and in what order: filtering, sorting, counting, finding. It is the
// part of the log table that has to be fast.
//
//	s := store.New()
//	meta, err := s.AppendPage(body) // the JSON of a wire.Page
//	t := store.NewTable(s, query.Options{})
//	t.SetQuery(q)
//	for !t.Work(inTime) { … }       // a slice of the work; inTime says when to stop
//	e := t.At(0)                    // the entry of the first row
//	s.Summary(e)
//
// Entries are addressed by the number of their arrival, e, which never changes;
// rows are a table's. Nothing here may start a goroutine, ask for the time or know
// what a page looks like.
package store

import (
	"encoding/json"
	"hash/maphash"
	"math"
	"slices"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

// Store holds entries as the bytes in which they arrived, with a few columns
// beside them for what rows are drawn from and filters look at. A hundred thousand
// entries are a handful of allocations without pointers, and an entry is decoded
// only when somebody opens it. It is not safe for concurrent use.
//
// Entries are numbered from 0 in the order in which they arrived, for good.
type Store struct {
	arena arena
	srcs  []string
	srcOf map[string]uint16

	// One element for each entry.
	times    []int64 // Unix nanoseconds, or noTime
	json     []ref
	id       []ref
	summary  []ref
	job      []ref
	item     []ref
	request  []ref
	took     []int64 // nanoseconds
	status   []uint16
	attempts []uint16
	src      []uint16
	flags    []flags
	fields   []uint32 // where the fields begin in the JSON, 0 for none
	raw      []uint32 // where the raw JSON begins in the JSON, 0 for none

	words words // the fields' values, as far as they are few
	grams grams // which texts the JSON of plain entries can hold, by where it is

	order []uint32 // all entries, newest first
	lent  bool     // a table goes through order as it stands: it may grow at its end, no more
	above []uint32 // the first entry of each batch that AppendNewer added, ascending

	table []uint32 // hash of (src, id) → entry + 1; its length is a power of two
	seed  maphash.Seed
	keyed int // entries in the table
	gaps  int

	scratch []split
	batch   []uint32
}

// noTime is the time of an entry without one: it sorts behind all others.
const noTime = math.MinInt64

// flags are level (3 bits), outcome (3), fraction digits (4), mark (3) and the bits
// below.
type flags uint32

const (
	hasTook   flags = 1 << (13 + iota)
	farTime         // the time is beyond what the column can hold
	wentAbove       // AppendNewer added it
	odd             // its JSON is not as plain as a query.Doc must be
	gap             // it is no entry, see AppendGap
	escaped         // its JSON has a \u escape
)

func (f flags) level() logs.Level     { return logs.Level(f & 7) }
func (f flags) outcome() logs.Outcome { return logs.Outcome(f >> 3 & 7) }
func (f flags) digits() int           { return int(f >> 6 & 15) }
func (f flags) mark() Mark            { return Mark(f >> 10 & 7) }

func (f flags) withLevel(l logs.Level) flags     { return f&^7 | flags(l&7) }
func (f flags) withOutcome(o logs.Outcome) flags { return f&^(7<<3) | flags(o&7)<<3 }
func (f flags) withDigits(n int) flags           { return f&^(15<<6) | flags(n&15)<<6 }
func (f flags) withMark(m Mark) flags            { return f&^(7<<10) | flags(m&7)<<10 }

// Meta is what a page says beside its entries.
type Meta struct {
	Added    int // entries that were not held before
	Entries  int // entries of the page
	Cursor   string
	Coverage []logs.Coverage
	Plan     []logs.Clause
	Scanned  int
	Facets   []logs.Facet // what vendors counted
	Notes    []logs.Note  // what is strange about the filter
}

// New returns an empty store.
func New() *Store {
	return &Store{srcOf: map[string]uint16{}, seed: maphash.MakeSeed()}
}

// Len returns the number of entries.
func (s *Store) Len() int { return len(s.times) }

// Bytes returns the bytes of the entries held, without columns.
func (s *Store) Bytes() int { return s.arena.bytes }

// AppendPage adds the entries of a page, given as the JSON of a wire.Page, that
// are not held yet. Entries older than the ones held go below, others to their
// place; data may be reused afterwards. A page that cannot be read, which is
// fault.BadUpstream, adds nothing; a store that is full, which is
// fault.Unsupported, keeps what fitted.
func (s *Store) AppendPage(data []byte) (Meta, error) { return s.append(data, false, false) }

// AppendNewer is AppendPage for entries that happened after the ones held: among
// equal times they go above.
func (s *Store) AppendNewer(data []byte) (Meta, error) { return s.append(data, true, false) }

func (s *Store) append(data []byte, above, oldestFirst bool) (Meta, error) {
	var meta Meta
	sc := scanner{b: data}
	found, err := sc.page(s.scratch[:0], &meta)
	if err != nil {
		if data, found, meta, err = decodePage(data); err != nil {
			return Meta{}, fault.New(fault.BadUpstream, "store: read page").
				Saying("the server's answer could not be read; reload the page").Because(err)
		}
	}
	meta.Entries = len(found)
	if oldestFirst {
		slices.Reverse(found)
	}
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
	if above && meta.Added > 0 {
		s.above = append(s.above, s.batch[0])
		for _, e := range s.batch {
			s.flags[e] |= wentAbove
		}
	}
	s.merge(s.batch)
	if err != nil {
		return meta, fault.New(fault.Unsupported, "store: keep page").
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
		Facets   []logs.Facet      `json:"facets"`
		Notes    []logs.Note       `json:"notes"`
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
			job: own(e.Job), item: own(e.Item), request: own(e.Request), time: noTime, took: int64(e.Took),
			status: uint16(min(max(e.Status, 0), math.MaxUint16)), attempt: uint16(min(max(e.Attempt, 0), math.MaxUint16)),
		}
		f.setTime([]byte(e.TimeText))
		f.flags = f.flags.withLevel(e.Level).withOutcome(e.Outcome) | odd
		if e.HasTook {
			f.flags |= hasTook
		}
		found = append(found, f)
		joined = append(joined, raw...)
	}
	meta := Meta{Cursor: page.Cursor, Coverage: page.Coverage, Plan: page.Plan, Scanned: page.Scanned, Facets: page.Facets, Notes: page.Notes}
	return joined, found, meta, nil
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
	var refs [5]ref
	for i, t := range [...]token{e.id, e.summary, e.job, e.item, e.request} {
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
	if e.flags&odd == 0 {
		s.grams.add(at, s.arena.text(ref{at, uint32(e.end - e.at)}))
	}
	s.times = append(s.times, e.time)
	s.json = append(s.json, ref{at, uint32(e.end - e.at)})
	s.id = append(s.id, refs[0])
	s.summary = append(s.summary, refs[1])
	s.job = append(s.job, refs[2])
	s.item = append(s.item, refs[3])
	s.request = append(s.request, refs[4])
	s.took = append(s.took, e.took)
	s.status = append(s.status, e.status)
	s.attempts = append(s.attempts, e.attempt)
	s.src = append(s.src, src)
	s.fields = append(s.fields, uint32(e.fields))
	s.raw = append(s.raw, uint32(e.raw))
	s.flags = append(s.flags, e.flags)
	n := len(s.flags) - 1
	s.flags[n] = e.flags.withMark(s.markOf(n))
	s.words.add(s, n)
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
