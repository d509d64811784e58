package query

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A free-text expression is asked about each of the texts of an entry, a dozen of
// them. Nearly always none has a match, and one look at the entry's bytes says so: a
// match within a text that is written as it is stands in the bytes as well, but for
// what the expression says of the text's ends. So entries are sifted by the expression
// without that, and only what stays is asked about its texts.

// sieve returns a test that finds a match in every entry that the filter keeps, of
// those that addLoose takes; nil where there is none.
func (q *Query) sieve() func(*Texts) {
	tree, hook := q.fast.loose()
	if tree == nil {
		return nil
	}
	test, err := hook(tree.String())
	if err != nil {
		return nil
	}
	return test
}

// loose returns an expression of which each kept entry holds a match, nil for none,
// and the hook of its terms.
func (n *node) loose() (tree *syntax.Regexp, hook Matcher) {
	switch n.kind {
	case nTerm:
		if t := n.term; t.op == OpRegex && t.ref.kind == refText && t.regex.test != nil {
			return t.regex.loose, t.regex.hook
		}
	case nAnd:
		for _, k := range n.kids {
			if tree, hook = k.loose(); tree != nil {
				return tree, hook
			}
		}
	case nOr:
		either := &syntax.Regexp{Op: syntax.OpAlternate}
		for _, k := range n.kids {
			if tree, hook = k.loose(); tree == nil {
				return nil, nil
			}
			either.Sub = append(either.Sub, tree)
		}
		return either, hook
	}
	return nil, nil
}

// endless returns an expression without what it says of ends of texts, lines and
// words, for texts in which [stranger] stands for every character that is not ASCII.
// It changes tree.
func endless(tree *syntax.Regexp) *syntax.Regexp {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case syntax.OpCharClass:
		return classOf(tree.Rune)
	case syntax.OpLiteral:
		all := &syntax.Regexp{Op: syntax.OpConcat}
		for _, r := range tree.Rune {
			all.Sub = append(all.Sub, classOf(foldRanges(r, tree.Flags)))
		}
		return all
	}
	for i, sub := range tree.Sub {
		tree.Sub[i] = endless(sub)
	}
	return tree
}

// stranger stands for what is not ASCII: an engine is twice as fast where nothing
// else is, and so is what hands it the texts. No JSON text holds it.
const stranger = '\x02'

// classOf returns a class of characters as endless has it.
func classOf(ranges []rune) *syntax.Regexp {
	class := &syntax.Regexp{Op: syntax.OpCharClass}
	if len(ranges) > 0 && slices.Max(ranges) >= utf8.RuneSelf {
		class.Rune = append(class.Rune, stranger, stranger)
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		if lo, hi := ranges[i], min(ranges[i+1], utf8.RuneSelf-1); lo <= hi {
			class.Rune = append(class.Rune, lo, hi)
		}
	}
	return class
}

// addLoose appends the JSON of an entry for the sieve, and reports whether it can be
// sifted: its texts stand in its bytes as they are.
func (t *Texts) addLoose(d *Doc) bool {
	if d.entry != nil || len(d.JSON) > maxScript || strings.IndexByte(d.JSON[:len(d.JSON)-len(d.Raw)], '\\') >= 0 {
		return false
	}
	if len(t.Bytes) == 0 {
		t.Bytes, t.units = append(t.Bytes, Separator), 1
	}
	from := len(t.Bytes)
	t.Bytes = appendLoose(t.Bytes, d.JSON)
	if t.Bytes[len(t.Bytes)-1] == Separator {
		t.Bytes = t.Bytes[:from]
		return false
	}
	t.units += uint32(len(t.Bytes) - from)
	t.end()
	return true
}

// appendLoose appends a text with a stranger for each character that is not ASCII. It
// ends with Separator where the text holds that.
func appendLoose(to []byte, s string) []byte {
	to = slices.Grow(to, len(s)+1)
	at, p := len(to), unsafe.Pointer(unsafe.StringData(s))
	to = to[:cap(to)]
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			v := eight(p, i)
			if x := v ^ Separator*lows; ((x-lows)|v)&highs == 0 {
				binary.LittleEndian.PutUint64(to[at:], v)
				i, at = i+8, at+8
				continue
			}
		}
		c, size := s[i], 1
		if c >= utf8.RuneSelf {
			c = stranger
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		to[at] = c
		i, at = i+size, at+1
		if c == Separator {
			break
		}
	}
	return to[:at]
}
