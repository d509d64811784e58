package store

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Find returns the entry with an id of a source; "" is any source.
func (s *Store) Find(src, id string) (e int, ok bool) {
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

// Srcs returns the addresses of all targets that entries came from, in the order
// in which they were first seen. The caller must not change it.
func (s *Store) Srcs() []string { return s.srcs }

// Entry decodes an entry. One that cannot be decoded, which takes a number beyond
// all bounds among its fields, has only what the columns hold, and Raw holds all of
// its JSON.
func (s *Store) Entry(e int) logs.Entry {
	text := s.arena.get(s.json[e])
	var out logs.Entry
	if err := json.Unmarshal(text, &out); err == nil {
		return out
	}
	out = logs.Entry{}
	out.Src, out.Level, out.Outcome, out.Status, out.Attempt = s.Src(e), s.Level(e), s.Outcome(e), s.Status(e), s.Attempt(e)
	out.Took, out.HasTook, out.Raw = time.Duration(s.took[e]), s.flags[e]&hasTook != 0, slices.Clone(text)
	to := [...]*string{&out.ID, &out.Summary, &out.Job, &out.Item, &out.Request}
	for i, from := range [len(to)]ref{s.id[e], s.summary[e], s.job[e], s.item[e], s.request[e]} {
		*to[i] = string(s.arena.get(from))
	}
	if t := s.times[e]; t != noTime && s.flags[e]&farTime == 0 {
		out.Time = time.Unix(0, t).UTC()
		out.TimeText = out.Time.Format(time.RFC3339Nano)
	}
	return out
}

// JSON returns the bytes of an entry as the server sent them. The caller must not
// write to them.
func (s *Store) JSON(e int) []byte { return s.arena.get(s.json[e]) }

// The columns. Their strings are views of the store's own memory: who keeps one
// for long copies it.

// ID returns the id of an entry, "" where it has none.
func (s *Store) ID(e int) string { return s.arena.text(s.id[e]) }

// Src returns the address of the target of an entry.
func (s *Store) Src(e int) string { return s.srcs[s.src[e]] }

// Job returns what an entry belongs to, "" for nothing.
func (s *Store) Job(e int) string { return s.arena.text(s.job[e]) }

// Item returns what an entry is about, "" for nothing.
func (s *Store) Item(e int) string { return s.arena.text(s.item[e]) }

// Request returns the id of an entry's request or trace, "" where it has none.
func (s *Store) Request(e int) string { return s.arena.text(s.request[e]) }

// Summary returns the one line that an entry is told in.
func (s *Store) Summary(e int) string { return s.arena.text(s.summary[e]) }

// Level returns how serious an entry is.
func (s *Store) Level(e int) logs.Level { return s.flags[e].level() }

// Outcome returns how the thing ended that an entry reports on.
func (s *Store) Outcome(e int) logs.Outcome { return s.flags[e].outcome() }

// Status returns the HTTP status that an entry reports, 0 for none; one that no
// 16 bits hold as the nearest that they do.
func (s *Store) Status(e int) int { return int(s.status[e]) }

// Attempt returns 1 for a first try, 0 where attempts are not counted.
func (s *Store) Attempt(e int) int { return int(s.attempts[e]) }

// Took returns how long the thing took, and whether the vendor said.
func (s *Store) Took(e int) (time.Duration, bool) {
	return time.Duration(s.took[e]), s.flags[e]&hasTook != 0
}

// Time returns the time of an entry in UTC, zero where it has none.
func (s *Store) Time(e int) time.Time {
	switch t := s.times[e]; {
	case t == noTime:
		return time.Time{}
	case s.flags[e]&farTime != 0:
		return s.Entry(e).Time
	default:
		return time.Unix(0, t).UTC()
	}
}

// UnixNano returns the time of an entry as Unix nanoseconds, and false where it
// has none. Times before 1678 and after 2261 are held at the ends.
func (s *Store) UnixNano(e int) (int64, bool) { return s.times[e], s.times[e] != noTime }

// Digits returns how many digits of the second the vendor gave, at most 9.
func (s *Store) Digits(e int) int { return s.flags[e].digits() }
