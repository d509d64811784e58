package permit

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// state is all there is to know of a budget. It is a value: grant and leave return
// what it becomes.
type state struct {
	next  time.Time // the average pace is met by a call at this time (GCRA's theoretical arrival time)
	cool  time.Time // nobody enters before
	slots []slot    // calls under way, where their number is bounded
}

// slot is one call under way.
type slot struct {
	id      uint64
	expires time.Time
}

// grant returns the state after a call of a cost has entered at now. Otherwise ok
// is false and at says when to look again, unless somebody leaves before.
func (s state) grant(now time.Time, lim Limits, cost int, id uint64) (after state, at time.Time, ok bool) {
	if s.cool.After(now) {
		return s, s.cool, false
	}
	live := make([]slot, 0, len(s.slots)+1)
	var first time.Time
	for _, sl := range s.slots {
		if !sl.expires.After(now) {
			continue
		}
		if first.IsZero() || sl.expires.Before(first) {
			first = sl.expires
		}
		live = append(live, sl)
	}
	if lim.InFlight > 0 && len(live) >= lim.InFlight {
		return s, first, false
	}
	if lim.PerSecond > 0 {
		each := time.Duration(float64(time.Second) / lim.PerSecond)
		// A call that costs more than a burst waits for a full one, and its cost
		// then delays those behind it.
		ahead := each * time.Duration(lim.Burst-min(cost, lim.Burst))
		if allowed := s.next.Add(-ahead); allowed.After(now) {
			return s, allowed, false
		}
		if s.next.Before(now) {
			s.next = now
		}
		s.next = s.next.Add(each * time.Duration(cost))
	}
	s.slots = live
	if lim.InFlight > 0 {
		s.slots = append(live, slot{id, now.Add(lim.Hold)})
	}
	return s, time.Time{}, true
}

// full reports whether nothing but another's leaving is waited for.
func (s state) full(now time.Time, lim Limits) bool {
	live := 0
	for _, sl := range s.slots {
		if sl.expires.After(now) {
			live++
		}
	}
	return lim.InFlight > 0 && live >= lim.InFlight && !s.cool.After(now)
}

// renew returns the state with a slot that lasts longer; false where there is none.
func (s state) renew(id uint64, expires time.Time) (after state, ok bool) {
	at := slices.IndexFunc(s.slots, func(sl slot) bool { return sl.id == id })
	if at < 0 || !expires.After(s.slots[at].expires) {
		return s, false
	}
	s.slots = slices.Clone(s.slots)
	s.slots[at].expires = expires
	return s, true
}

// leave returns the state without a slot.
func (s state) leave(id uint64) state {
	out := make([]slot, 0, len(s.slots))
	for _, sl := range s.slots {
		if sl.id != id {
			out = append(out, sl)
		}
	}
	s.slots = out
	return s
}

// until returns when the state is as good as none.
func (s state) until() time.Time {
	end := s.next
	if s.cool.After(end) {
		end = s.cool
	}
	for _, sl := range s.slots {
		if sl.expires.After(end) {
			end = sl.expires
		}
	}
	return end
}

var errState = errors.New("not the state of a rate budget")

const stateVersion = 1

// encode writes a version byte, next and cool in nanoseconds, then id and expiry
// of each slot, all of 8 bytes.
func (s state) encode() []byte {
	b := append(make([]byte, 0, 17+16*len(s.slots)), stateVersion)
	b = appendTime(appendTime(b, s.next), s.cool)
	for _, sl := range s.slots {
		b = appendTime(binary.BigEndian.AppendUint64(b, sl.id), sl.expires)
	}
	return b
}

func decodeState(b []byte) (state, error) {
	if len(b) < 17 || b[0] != stateVersion || (len(b)-17)%16 != 0 {
		return state{}, errState
	}
	s := state{next: timeAt(b[1:]), cool: timeAt(b[9:])}
	for b = b[17:]; len(b) > 0; b = b[16:] {
		s.slots = append(s.slots, slot{binary.BigEndian.Uint64(b), timeAt(b[8:])})
	}
	return s, nil
}

func appendTime(b []byte, t time.Time) []byte {
	var n int64
	if !t.IsZero() {
		n = t.UnixNano()
	}
	return binary.BigEndian.AppendUint64(b, uint64(n))
}

func timeAt(b []byte) time.Time {
	n := int64(binary.BigEndian.Uint64(b))
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
