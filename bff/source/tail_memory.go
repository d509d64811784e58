package source

import (
	"context"
	"encoding/json"
	"time"
)

// memory is what a Tail knows. But for the ids it fits into Found.State.
type memory struct {
	polled time.Time // when the newest successful poll began; zero for none
	saved  time.Time // the same, as the log has it
	newest time.Time // of the entries seen
	// floor: entries older than it are not new, even where their ids are not known.
	// It is the far end of the first poll, and moves up where ids are forgotten.
	floor time.Time
	mode  mode   // modeDown or modeUp where the vendor's order was found out, else modeFresh
	end   int    // modeUp: rows before it are known
	total int    // rows as the vendor counted them; -1 if it did not
	bare  bool   // the vendor refused the filter
	pin   string // Page.Pin
	// looked is when entries were last looked for that appeared late.
	looked time.Time
	ids    idSet
}

// noted is the JSON of Found.State.
type noted struct {
	Newest time.Time `json:"n,omitzero"`
	Floor  time.Time `json:"f,omitzero"`
	Mode   mode      `json:"m,omitempty"`
	End    int       `json:"e,omitempty"`
	Total  int       `json:"t,omitempty"`
	Bare   bool      `json:"b,omitempty"`
	Pin    string    `json:"p,omitempty"`
	Looked time.Time `json:"l,omitzero"`
}

func (m *memory) state() []byte {
	b, err := json.Marshal(noted{m.newest, m.floor, m.mode, m.end, m.total, m.bare, m.pin, m.looked})
	if err != nil {
		return nil // a time beyond the year 9999; the next poller finds out what it stood for
	}
	return b
}

// recall rebuilds the memory from a log.
func recall(ctx context.Context, log Log) (*memory, error) {
	polled, state := log.Edge()
	m := &memory{polled: polled, saved: polled, total: -1}
	if polled.IsZero() {
		return m, nil
	}
	var n noted
	if json.Unmarshal(state, &n) == nil {
		m.newest, m.floor, m.mode, m.end, m.total, m.bare, m.pin, m.looked = n.Newest, n.Floor, n.Mode, n.End, n.Total, n.Bare, n.Pin, n.Looked
	}
	count := 0
	for k, err := range log.Back(ctx) {
		if err != nil {
			return nil, err
		}
		for _, id := range k.IDs {
			m.ids.add(hashID(id), polled)
		}
		if count += len(k.IDs); count >= recentRows {
			m.raise(k.Polled)
			break
		}
	}
	if count == 0 && m.floor.IsZero() && !m.newest.IsZero() {
		m.raise(m.newest) // what is known has expired
	}
	return m, nil
}

func (m *memory) raise(floor time.Time) {
	if floor.After(m.floor) {
		m.floor = floor
	}
}

// learn takes a reading as known.
func (m *memory) learn(r *reading) {
	m.ids.most = max(recentRows, 3*len(r.rows))
	for i := len(r.rows) - 1; i >= 0; i-- {
		row := &r.rows[i]
		m.raise(m.ids.add(row.hash, r.began))
		// A vendor's wrong clock must not push the edge of a gap into the future.
		if t := row.entry.Time; usable(t) && t.After(m.newest) && !t.After(r.began.Add(ahead)) {
			m.newest = t
		}
	}
	if r.baseline {
		m.raise(r.low)
	}
	m.polled, m.mode, m.end, m.total, m.bare, m.pin = r.began, r.mode, r.end, r.total, r.bare, r.pin
}

// idSet remembers entries, and forgets the older half when they become many.
type idSet struct {
	most       int // of a half; 0 means recentRows
	fresh, old map[uint64]struct{}
	began      time.Time // of the poll that began fresh
}

// add puts an entry in that a poll saw which began at. Where others are forgotten
// for it, it returns a time before which the poll began that saw them last.
func (s *idSet) add(h uint64, at time.Time) (forgot time.Time) {
	if s.has(h) {
		return time.Time{}
	}
	if len(s.fresh) >= max(s.most, recentRows) {
		if s.old != nil {
			forgot = s.began
		}
		s.old, s.fresh = s.fresh, nil
	}
	if s.fresh == nil {
		s.fresh, s.began = map[uint64]struct{}{}, at
	}
	s.fresh[h] = struct{}{}
	return forgot
}

func (s *idSet) has(h uint64) bool { return in(s.fresh, h) || in(s.old, h) }

func (s *idSet) len() int { return len(s.fresh) + len(s.old) }
