package query

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Separator stands before, between and behind the texts of a [Texts], and in none
// of them.
const Separator = '\x01'

// Texts are what one regular expression is tested on at once, because a call into
// a browser costs as much as the testing of some kilobytes.
type Texts struct {
	Bytes []byte   // Separator, text, Separator, text, Separator: UTF-8
	Ends  []uint32 // where each text ends, in UTF-16 code units from the start of Bytes
	Hits  []byte   // 0 for each text; the test sets 1 where the expression matches
	units uint32
}

// fits reports whether a text can be among Texts.
func fits(s string) bool {
	return len(s) <= maxScript && (ordinary(s) || strings.IndexByte(s, Separator) < 0 && utf8.ValidString(s))
}

// ordinary reports whether a text is ASCII without Separator. It looks at eight
// bytes at a time.
func ordinary(s string) bool {
	i, p := 0, unsafe.Pointer(unsafe.StringData(s))
	for ; i+8 <= len(s); i += 8 {
		v := eight(p, i)
		if x := v ^ Separator*lows; ((x-lows)|v)&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i] >= 0x80 || s[i] == Separator {
			return false
		}
	}
	return true
}

// add appends a text that fits.
func (t *Texts) add(s string) {
	if len(t.Bytes) == 0 {
		t.Bytes, t.units = append(t.Bytes, Separator), 1
	}
	t.Bytes = append(t.Bytes, s...)
	t.units += uint32(len(s))
	if !ordinary(s) {
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c >= 0xF0: // four bytes are two units
				t.units++
			case c >= 0x80 && c < 0xC0:
				t.units--
			}
		}
	}
	t.end()
}

// end ends a text.
//
//go:noinline
func (t *Texts) end() {
	t.Bytes = append(t.Bytes, Separator)
	t.Ends = append(t.Ends, t.units)
	t.Hits = append(t.Hits, 0)
	t.units++
}

func (t *Texts) clear() { t.Bytes, t.Ends, t.Hits, t.units = t.Bytes[:0], t.Ends[:0], t.Hits[:0], 0 }

// maxBatch bounds the texts that are asked about at once, so that the page is not
// blocked for more than some milliseconds: in the unit of weight.
const maxBatch = 64 << 10

// weight is what a text counts: an engine that backtracks may take time in
// proportion to the square of it.
func weight(s string) int { return len(s) + len(s)*len(s)/512 }

// Batch asks a filter about many entries at once, in their order, as far as regular
// expressions go: in a first round each entry is judged as if no expression matched,
// which notes what was asked; then all that is tested together, and only entries
// with a match are judged again. Before all that, entries are sifted where that is
// possible. It is not safe for concurrent use.
type Batch struct {
	root     *node
	patterns []*pattern

	sieve       func(*Texts) // nil for none
	queue       []queued     // since the last Flush, while there is a sieve
	sifted      Texts        // of the queue
	hits, sunk  int          // entries that the sieve kept, and that it did not
	asking, met bool         // whether an expression is met is all that is asked; it was

	docs   []asked
	asks   []ask
	tested int    // asks that have an answer
	room   int    // weight left
	now    *asked // whose answers are known
	texts  Texts
}

// ask is whether an expression matches a text.
type ask struct {
	p    *pattern
	text string
	hit  bool
}

// queued is an entry that waits for Flush.
type queued struct {
	id  uint32
	how how
}

type how uint8

const (
	howKeep  how = iota // it is kept
	howJudge            // it is asked about
	howSift             // it is, if the sieve keeps it
)

// asked is an entry and what it asked: a stretch of asks for each round.
type asked struct {
	id     uint32
	keep   bool
	rounds [][2]int
	first  [1][2]int // what rounds is at first
}

// Batch returns a Batch of the filter, nil where that would be of no use.
func (q *Query) Batch() *Batch {
	if q == nil || q.root == nil {
		return nil
	}
	b := &Batch{room: maxBatch}
	b.root = q.fast.withTerms(func(t *term) *term {
		if t.regex == nil || t.regex.test == nil {
			return t
		}
		own, regex := *t, *t.regex
		own.regex, regex.batch = &regex, b
		b.patterns = append(b.patterns, &regex)
		return &own
	})
	if b.patterns == nil {
		return nil
	}
	b.sieve = q.sieve()
	return b
}

// withTerms returns the same filter with other terms.
func (n *node) withTerms(f func(*term) *term) *node {
	if n.kind == nTerm {
		return leaf(f(n.term))
	}
	out := &node{kind: n.kind}
	for _, k := range n.kids {
		out.kids = append(out.kids, k.withTerms(f))
	}
	return out
}

// Add asks about an entry.
func (b *Batch) Add(id uint32, d *Doc) {
	if b.sieve == nil {
		b.judge(id, d)
		return
	}
	b.asking, b.met = true, false
	keep := b.root.match(d)
	b.asking = false
	switch {
	case !b.met: // other conditions say it all
		if keep {
			b.Put(id)
		}
	case b.sifted.addLoose(d):
		b.queue = append(b.queue, queued{id, howSift})
		b.room -= weight(d.JSON) / 2 // there is one text, and not a copy of each
	default:
		b.queue = append(b.queue, queued{id, howJudge})
		b.room -= weight(d.JSON)
	}
}

// Put adds an entry that is kept for sure.
func (b *Batch) Put(id uint32) {
	if b.sieve == nil {
		b.put(id)
		return
	}
	b.queue = append(b.queue, queued{id, howKeep})
}

//go:noinline
func (b *Batch) put(id uint32) { b.docs = append(b.docs, asked{id: id, keep: true}) }

// judge begins the first round of an entry.
func (b *Batch) judge(id uint32, d *Doc) {
	from := len(b.asks)
	keep := b.root.match(d)
	if len(b.asks) == from {
		if keep {
			b.put(id)
		}
		return
	}
	b.put(id)
	a := &b.docs[len(b.docs)-1]
	a.keep = keep
	a.first[0] = [2]int{from, len(b.asks)}
}

// Full reports whether it is time for Flush. Weight returns about how much that
// takes, in bytes of text passed over.
func (b *Batch) Full() bool { return b.room <= 0 }

// Flush calls kept with the entries that the filter keeps of those added since the
// last Flush, in that order. again returns one of them anew.
func (b *Batch) Flush(again func(id uint32) *Doc, kept func(id uint32)) {
	if len(b.sifted.Hits) > 0 {
		b.sieve(&b.sifted)
	}
	b.room = maxBatch
	n := 0
	for _, e := range b.queue {
		if e.how == howSift {
			n++
			if b.sifted.Hits[n-1] == 0 {
				b.sunk++
				continue
			}
			b.hits++
		}
		if e.how == howKeep {
			b.put(e.id)
		} else if b.judge(e.id, again(e.id)); b.Full() {
			b.answer(again, kept)
		}
	}
	b.queue = b.queue[:0]
	b.sifted.clear()
	if b.hits > 100 && b.hits > b.sunk { // nearly everything is kept: it takes longer with it
		b.sieve = nil
	}
	b.answer(again, kept)
}

// answer calls kept with the entries kept of those judged.
func (b *Batch) answer(again func(id uint32) *Doc, kept func(id uint32)) {
	for i := range b.docs {
		a := &b.docs[i]
		if a.first[0][1] > 0 {
			a.rounds = a.first[:]
		}
	}
	for b.tested < len(b.asks) {
		b.test()
		for i := range b.docs {
			a := &b.docs[i]
			if len(a.rounds) == 0 || !b.anyHit(a.rounds[len(a.rounds)-1]) {
				continue
			}
			from := len(b.asks)
			b.now = a
			a.keep = b.root.match(again(a.id))
			b.now = nil
			a.rounds = append(a.rounds, [2]int{from, len(b.asks)})
		}
	}
	for i := range b.docs {
		if a := &b.docs[i]; a.keep {
			kept(a.id)
		}
	}
	clear(b.docs)
	clear(b.asks)
	b.docs, b.asks, b.tested, b.room = b.docs[:0], b.asks[:0], 0, maxBatch
}

func (b *Batch) anyHit(round [2]int) bool {
	for _, a := range b.asks[round[0]:round[1]] {
		if a.hit {
			return true
		}
	}
	return false
}

// test answers what was asked since it was called last, one expression after
// another.
func (b *Batch) test() {
	rest := b.asks[b.tested:]
	b.tested = len(b.asks)
	for _, p := range b.patterns {
		b.texts.clear()
		for i := range rest {
			if rest[i].p == p {
				b.texts.add(rest[i].text)
			}
		}
		if len(b.texts.Hits) == 0 {
			continue
		}
		p.test(&b.texts)
		n := 0
		for i := range rest {
			if rest[i].p == p {
				rest[i].hit = b.texts.Hits[n] != 0
				n++
			}
		}
	}
}

// ask answers whether an expression matches a text that fits, or notes the question
// and answers no.
func (b *Batch) ask(p *pattern, s string) bool {
	if b.asking {
		b.met = true
		return false
	}
	if b.now != nil {
		for _, round := range b.now.rounds {
			for _, a := range b.asks[round[0]:round[1]] {
				if a.p == p && a.text == s {
					return a.hit
				}
			}
		}
	}
	b.asks = append(b.asks, ask{p: p, text: s})
	b.room -= weight(s) + 16
	return false
}
