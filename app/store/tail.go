package store

import (
	"encoding/json"
	"slices"
	"time"
)

// AppendTail is AppendNewer for a batch whose oldest entry is first, as a tail
// gives them.
func (s *Store) AppendTail(data []byte) (Meta, error) { return s.append(data, true, true) }

// AppendGap adds a row that is no entry: it says that of a target there was no data
// up to a moment. No filter hides it, and nothing counts it but Len and Gaps. The
// same id is added once.
func (s *Store) AppendGap(src, id string, at time.Time, text string) error {
	data, err := json.Marshal(map[string][1]map[string]string{"entries": {{
		"id": id, "src": src, "time": at.UTC().Format(time.RFC3339Nano), "summary": text,
	}}})
	if err != nil {
		return err
	}
	n := s.Len()
	if _, err = s.append(data, true, false); s.Len() > n {
		s.flags[n] |= gap
		s.gaps++
	}
	return err
}

// Gap reports whether an entry is a row of AppendGap.
func (s *Store) Gap(e int) bool { return s.flags[e]&gap != 0 }

// Gaps returns how many of Len are rows of AppendGap.
func (s *Store) Gaps() int { return s.gaps }

// Take appends one batch of another store, all of whose entries came by AppendTail or
// AppendGap: the one that begins at entry e. It returns where the next one begins.
func (s *Store) Take(from *Store, e int) (next int, err error) {
	next = from.Len()
	if i, _ := slices.BinarySearch(from.above, uint32(e+1)); i < len(from.above) {
		next = int(from.above[i])
	}
	data := []byte(`{"entries":[`)
	for i := e; i < next; i++ {
		if i > e {
			data = append(data, ',')
		}
		data = append(data, from.JSON(i)...)
	}
	n := s.Len()
	_, err = s.append(append(data, ']', '}'), true, false)
	if from.Gap(e) && s.Len() > n {
		s.flags[n] |= gap
		s.gaps++
	}
	return next, err
}
