package query

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Folding is rune by rune: ASCII letters to lower case, other runes by
// unicode.ToLower unless that would make them ASCII (the Kelvin sign, the dotted
// capital I). So an ASCII word only ever matches ASCII bytes, and the search for
// one needs no decoding.

func foldByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(foldByte(byte(r)))
	}
	if l := unicode.ToLower(r); l >= utf8.RuneSelf {
		return l
	}
	return r
}

// Fold returns s in the case-free form in which this package compares text, for
// callers that keep a prepared copy of what they search.
func Fold(s string) string { return strings.Map(foldRune, s) }

// view returns b as a string without copying. The bytes must not change while the
// string lives: an entry's Raw is immutable, a local buffer is done being written.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// needle is a folded text prepared for searching.
type needle struct {
	text  string // folded
	ascii bool
	p1    int // ASCII: the two positions whose bytes are rarest in logs
	p2    int
	// quoted: JSON writers may escape one of its characters, so that it can
	// stand in a string of the raw JSON without standing in its bytes.
	quoted bool
	// word: it has a letter or the like that in JSON stands in strings alone.
	word bool
	// sure is the longest part that stands unescaped and in ASCII wherever the
	// text stands, nil when that is the whole text or nothing.
	sure *needle
}

func newNeedle(s string) needle {
	n := needle{text: Fold(s), ascii: true}
	for i := 0; i < len(n.text); i++ {
		c := n.text[i]
		if c >= utf8.RuneSelf {
			n.ascii = false
		}
		if isQuoted(c) {
			n.quoted = true
		}
		if strings.IndexByte(" \t\r\n0123456789+-.{}[],:truefalsn", c) < 0 {
			n.word = true
		}
	}
	if n.quoted || !n.ascii {
		n.sure = longestPlain([]rune(n.text))
	}
	if n.ascii && len(n.text) > 1 {
		for i := range len(n.text) {
			if commonness(n.text[i]) < commonness(n.text[n.p1]) {
				n.p1 = i
			}
		}
		n.p2 = (n.p1 + 1) % len(n.text)
		for i := range len(n.text) {
			if i != n.p1 && commonness(n.text[i]) < commonness(n.text[n.p2]) {
				n.p2 = i
			}
		}
		if n.p1 > n.p2 {
			n.p1, n.p2 = n.p2, n.p1
		}
	}
	return n
}

// isQuoted reports whether JSON writers may escape a byte.
func isQuoted(c byte) bool {
	return c >= utf8.RuneSelf || c < ' ' || c == 0x7f || strings.IndexByte("\"\\/<>&'+=`", c) >= 0
}

// longestPlain returns the longest run of ASCII letters, digits, underscores and
// spaces as a needle, nil if there is none.
func longestPlain(folded []rune) *needle {
	best, start := "", 0
	for i := 0; i <= len(folded); i++ {
		if i < len(folded) && (folded[i] == ' ' || folded[i] == '_' || folded[i] >= '0' && folded[i] <= '9' || folded[i] >= 'a' && folded[i] <= 'z') {
			continue
		}
		if i-start > len(best) {
			best = string(folded[start:i])
		}
		start = i + 1
	}
	if best == "" {
		return nil
	}
	n := newNeedle(best)
	return &n
}

// maybe reports whether s can hold the needle at all, escaped or not.
func (n *needle) maybe(s string) bool { return n.sure == nil || n.sure.in(s) }

// commonness ranks bytes by how often they stand in JSON logs; the order is a
// guess, only speed depends on it.
func commonness(c byte) int {
	return strings.IndexByte("zqjxkvwbyghfpmuldc=<>;@~%&+!?#$'()[]\\*^|`\t\n9876543/{}-20_1,sronait.:e \"", c)
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// in reports whether s holds the needle.
func (n *needle) in(s string) bool {
	if !n.ascii {
		return n.maybe(s) && !isASCII(s) && containsRunes(s, n.text)
	}
	return len(s) >= len(n.text) && n.index(s, 0) >= 0
}

// index returns where an ASCII needle stands in s from an index on, or -1. It is
// found eight positions at a time by two of its bytes, and then compared: in
// WebAssembly there is no faster IndexByte, and one common byte alone stops too
// often.
func (n *needle) index(s string, i int) int {
	m := len(n.text)
	last := len(s) - m // last position where it can begin
	if m == 0 || i > last {
		if i <= last {
			return i
		}
		return -1
	}
	// The last window of eight positions ends where the later byte could last
	// stand; it may overlap the one before.
	if end := len(s) - 8 - n.p2; i <= end {
		// Setting bit 0x20 makes letters lower case and leaves equal bytes equal;
		// what else it lets through is compared away.
		w1 := (uint64(n.text[n.p1]) | 0x20) * lows
		w2 := (uint64(n.text[n.p2]) | 0x20) * lows
		p := unsafe.Pointer(unsafe.StringData(s))
		p1, p2 := unsafe.Add(p, n.p1), unsafe.Add(p, n.p2)
		for {
			x := (eight(p1, i) | 0x20*lows) ^ w1 | (eight(p2, i) | 0x20*lows) ^ w2
			if hit := (x - lows) & ^x & highs; hit != 0 {
				for ; hit != 0; hit &= hit - 1 {
					at := i + bits.TrailingZeros64(hit)/8
					if at <= last && equalASCII(s[at:at+m], n.text) {
						return at
					}
				}
			}
			switch {
			case i+8 <= end:
				i += 8
			case i < end:
				i = end
			default:
				return -1
			}
		}
	}
	for ; i <= last; i++ {
		if foldByte(s[i]) == n.text[0] && equalASCII(s[i:i+m], n.text) {
			return i
		}
	}
	return -1
}

// eight reads the eight bytes at p+i, which must be there, without asking again
// whether they are.
func eight(p unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

// equalASCII compares s, folded, with folded ASCII text of the same length.
func equalASCII(s, folded string) bool {
	for i := 0; i < len(folded); i++ {
		if foldByte(s[i]) != folded[i] {
			return false
		}
	}
	return true
}

// equals reports whether s, folded, is the needle.
func (n *needle) equals(s string) bool {
	if n.ascii {
		return len(s) == len(n.text) && equalASCII(s, n.text)
	}
	rest, ok := cutRunes(s, n.text)
	return ok && rest == ""
}

// compare orders s, folded, against folded text, byte-wise on the folded runes.
func compareFold(s, folded string) int {
	for s != "" && folded != "" {
		r, n := utf8.DecodeRuneInString(s)
		f, m := utf8.DecodeRuneInString(folded)
		if r = foldRune(r); r != f {
			if r < f {
				return -1
			}
			return 1
		}
		s, folded = s[n:], folded[m:]
	}
	return len(s) - len(folded)
}

func containsRunes(s, folded string) bool {
	first, _ := utf8.DecodeRuneInString(folded)
	for i, r := range s {
		if foldRune(r) == first {
			if _, ok := cutRunes(s[i:], folded); ok {
				return true
			}
		}
	}
	return false
}

// cutRunes cuts folded text from the front of s.
func cutRunes(s, folded string) (rest string, ok bool) {
	for folded != "" {
		if s == "" {
			return s, false
		}
		r, n := utf8.DecodeRuneInString(s)
		f, m := utf8.DecodeRuneInString(folded)
		if foldRune(r) != f {
			return s, false
		}
		s, folded = s[n:], folded[m:]
	}
	return s, true
}

const (
	anyText rune = -1
	anyRune rune = -2
)

// compileGlob turns a pattern, in which a backslash makes the next character
// plain, into folded runes with anyText and anyRune; open adds anyText at both ends.
func compileGlob(pattern string, open bool) []rune {
	var out []rune
	if open {
		out = append(out, anyText)
	}
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			out, escaped = append(out, foldRune(r)), false
		case r == '\\':
			escaped = true
		case r == '*':
			out = append(out, anyText)
		case r == '?':
			out = append(out, anyRune)
		default:
			out = append(out, foldRune(r))
		}
	}
	if open {
		out = append(out, anyText)
	}
	return out
}

// matchGlob reports whether all of s matches. It keeps one point to go back to,
// so that it takes at most len(s)×len(glob) steps.
func matchGlob(glob []rune, s string) bool {
	i, p := 0, 0
	star, from := -1, 0
	for i < len(s) {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case p < len(glob) && glob[p] == anyText:
			star, from = p, i
			p++
		case p < len(glob) && (glob[p] == anyRune || glob[p] == foldRune(r)):
			p++
			i += n
		case star >= 0:
			_, n = utf8.DecodeRuneInString(s[from:])
			from += n
			i, p = from, star+1
		default:
			return false
		}
	}
	for p < len(glob) && glob[p] == anyText {
		p++
	}
	return p == len(glob)
}
