package store

import (
	"slices"

	"github.com/logpane/logpane/app/query"
)

// maxStretch bounds a stretch in bytes, and maxApart what may stand between two
// entries of it: the texts that the store decoded. maxSkip bounds the entries that
// are passed over at once.
const (
	maxStretch = 16 << 10
	maxApart   = 256
	maxSkip    = 1024
)

// stretch is a run of candidates that stand one behind the other in the arena, so
// that what all kept entries hold is looked for in all of them at once.
type stretch struct {
	end  int    // candidates before it are in the stretch
	base uint32 // where it begins in the arena
	text string
	hit  int // the next place of what is looked for, -1 before, len(text) behind the last
}

// pass returns the next candidate from pos on that is to be asked, and true; or
// those before next need not be asked, and false. cost is what that took.
func (m *matcher) pass(cand []uint32, pos int) (next int, ask bool, cost int) {
	const each = 8
	next = pos + m.skip(cand[pos:min(len(cand), pos+maxSkip)])
	if next == len(cand) || next == pos+maxSkip {
		return next, false, each * (next - pos)
	}
	cost = each * (next - pos)
	if !m.literal.OK() || m.certain(cand[next]) {
		return next, true, cost
	}
	if next >= m.stretch.end {
		m.join(cand, next)
	}
	json, base := m.s.json, m.stretch.base
	for next < m.stretch.end {
		r := json[cand[next]]
		if at := int(r.at - base); m.stretch.hit < at {
			m.stretch.hit = m.literal.Index(m.stretch.text, at)
		}
		hit := uint32(m.stretch.hit)
		for r.at-base+r.n <= hit {
			cost += each + int(r.n)
			m.passed++
			if next++; next == m.stretch.end {
				return next, false, cost
			}
			r = json[cand[next]]
		}
		if hit >= r.at-base {
			if m.hits++; m.hits > 100 && m.hits > 2*m.passed { // it is nearly everywhere
				m.literal = query.Literal{}
			}
			return next, true, cost
		}
	}
	return next, false, cost
}

// join makes the stretch that begins with a candidate.
func (m *matcher) join(cand []uint32, pos int) {
	s := m.s
	first := s.json[cand[pos]]
	from, to := first.at, first.at+first.n
	end := pos + 1
	for ; end < len(cand) && to-from < maxStretch; end++ {
		r := s.json[cand[end]]
		if m.skips(cand[end]) || r.at < to || r.at-to > maxApart || r.at>>chunkBits != from>>chunkBits || int(r.n) > chunkSize || m.certain(cand[end]) {
			break
		}
		to = r.at + r.n
	}
	m.stretch = stretch{end: end, base: from, text: s.arena.text(ref{from, to - from}), hit: -1}
}

// skip returns how many of the first candidates are not kept because no kept entry
// begins where they do.
func (m *matcher) skip(cand []uint32) int {
	if !m.sifts {
		return 0
	}
	if m.stored != m.s.Len() {
		m.look(0)
	}
	json, flags := m.s.json, m.s.flags
	for i, e := range cand {
		at := json[e].at
		if chunk := at >> chunkBits; chunk != m.chunk {
			m.look(chunk)
		}
		if m.places&placeBit(at) != 0 || flags[e]&m.sure != 0 {
			return i
		}
	}
	return len(cand)
}

// look finds the places of a chunk at which kept entries may begin.
func (m *matcher) look(chunk uint32) {
	m.chunk, m.stored = chunk, m.s.Len()
	m.places, _ = m.q.Places(func(text string) uint64 { return m.s.grams.may(chunk, text) })
}

// skips is skip for one entry.
func (m *matcher) skips(e uint32) bool { return m.skip([]uint32{e}) > 0 }

// certain reports whether an entry is to be asked whatever stands in its bytes.
func (m *matcher) certain(e uint32) bool { return m.s.flags[e]&m.sure != 0 }

// lacks reports whether an entry is not kept because of what its bytes lack.
func (m *matcher) lacks(e uint32) bool {
	if m.skips(e) {
		return true
	}
	if !m.literal.OK() || m.certain(e) {
		return false
	}
	text := m.s.jsonText(int(e))
	return m.literal.Index(text, 0) >= len(text)
}

// ask appends an entry to kept where the filter keeps it, perhaps only with flush:
// entries stay in their order.
func (m *matcher) ask(e uint32, kept []uint32) []uint32 {
	switch {
	case m.batch == nil:
		if m.answer(e) {
			kept = put(kept, e)
		}
	case m.s.flags[e]&gap != 0:
		m.batch.Put(e)
	default:
		m.batch.Add(e, m.docOf(e))
		if m.batch.Full() {
			kept = m.flush(kept)
		}
	}
	return kept
}

// flush appends the entries that the filter keeps of those asked since.
func (m *matcher) flush(kept []uint32) []uint32 {
	if m.batch != nil {
		m.batch.Flush(m.docOf, func(e uint32) { kept = put(kept, e) })
	}
	return kept
}

// put appends an entry. A list doubles where it grows, so that a long one leaves as
// much garbage as it holds, and not four times that.
func put(list []uint32, e uint32) []uint32 {
	if len(list) == cap(list) {
		list = slices.Grow(list, max(len(list), 256))
	}
	return append(list, e)
}

// docOf returns an entry as the filter looks at it, until it is called again.
func (m *matcher) docOf(e uint32) *query.Doc {
	if m.decodes(e) {
		entry := m.s.Entry(int(e))
		doc := query.DocOf(&entry)
		return &doc
	}
	m.e = int(e)
	m.s.fill(&m.doc, m.e, m.parts)
	return &m.doc
}
