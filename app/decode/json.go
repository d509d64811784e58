package decode

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is what a JSON value is.
type Kind uint8

// The kinds. Absent is a value that the text ended before.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
	Deep // nested deeper than MaxDepth: Text is the JSON as it was written
)

// Node is one value of a JSON text.
type Node struct {
	Kind   Kind
	Cut    bool   // the text ended inside of this value, or before it
	KeyCut bool   // the text ended inside of the name
	Key    string // name in the object, decoded; "" in an array
	Text   string // of a string: decoded; of null, booleans and numbers: as written
	Src    string // the value as it was written
	Kids   []Node // of an array or object, in the order of the text, equal names included
}

// Kid returns the first member of that name, and whether there is one.
func (n *Node) Kid(name string) (*Node, bool) {
	for i := range n.Kids {
		if n.Kids[i].Key == name && n.Kind == Object {
			return &n.Kids[i], true
		}
	}
	return nil, false
}

// Member returns the text of the first member that has one of the names and is no
// array or object, "" without one.
func (n *Node) Member(names ...string) string {
	for _, name := range names {
		if kid, ok := n.Kid(name); ok && kid.Kind != Null && kid.Kind < Array {
			return kid.Text
		}
	}
	return ""
}

// Doc is a JSON text as far as it goes.
type Doc struct {
	Root  Node
	Cut   bool   // the text ended before the value did
	At    int    // offset in bytes where reading ended
	Open  int    // brackets that were left open
	Rest  string // what stands after the value, without space around it
	Large bool   // MaxNodes or MaxBytes was reached: the rest is not in the tree, which says nothing of the text
}

// JSON reads an array or object that may end anywhere. It returns false for
// everything else: text that begins with a bracket but is no JSON, and bare
// strings and numbers, which are the text that they are.
func JSON(s string) (Doc, bool) {
	large := len(s) > MaxBytes
	if large {
		s = s[:MaxBytes]
	}
	p := parser{s: s}
	p.space()
	if p.i >= len(s) || s[p.i] != '{' && s[p.i] != '[' {
		return Doc{}, false
	}
	var d Doc
	if !p.value(&d.Root, 0) {
		return Doc{}, false
	}
	d.Large = p.nodes > MaxNodes || large
	d.Cut = p.cut && !d.Large
	d.At, d.Open = p.i, p.open
	if !p.cut && !d.Large {
		d.Rest = strings.TrimSpace(s[p.i:])
	}
	return d, true
}

type parser struct {
	s     string
	i     int
	nodes int
	open  int
	cut   bool // the text or a bound ended: everything open is closed as it is
}

func (p *parser) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\t' || p.s[p.i] == '\r') {
		p.i++
	}
}

// ended skips space and reports whether the text is over, which it then marks.
func (p *parser) ended() bool {
	p.space()
	p.cut = p.cut || p.i >= len(p.s)
	return p.cut
}

// value reads one value; false is a mistake in the text that is no cut.
func (p *parser) value(n *Node, depth int) bool {
	if p.ended() {
		n.Cut = true
		return true
	}
	if p.nodes++; p.nodes > MaxNodes {
		p.cut, n.Cut = true, true
		return true
	}
	from := p.i
	ok := true
	switch c := p.s[p.i]; {
	case depth >= MaxDepth && (c == '{' || c == '['):
		n.Kind = Deep
		p.skip()
		n.Text = p.s[from:p.i]
	case c == '{':
		n.Kind = Object
		ok = p.list(n, depth, '}')
	case c == '[':
		n.Kind = Array
		ok = p.list(n, depth, ']')
	case c == '"':
		n.Kind = String
		n.Text, ok = p.text()
	case c == '-' || '0' <= c && c <= '9':
		n.Kind = Number
		ok = p.number()
		n.Text = p.s[from:p.i]
	default:
		n.Kind, ok = p.word()
		n.Text = p.s[from:p.i]
	}
	n.Cut = n.Cut || p.cut
	n.Src = p.s[from:p.i]
	return ok
}

// list reads an array or object.
func (p *parser) list(n *Node, depth int, end byte) bool {
	for p.i++; ; {
		if p.ended() {
			p.open++
			return true
		}
		if p.s[p.i] == end && len(n.Kids) == 0 {
			p.i++
			return true
		}
		n.Kids = append(n.Kids, Node{})
		kid := &n.Kids[len(n.Kids)-1]
		if end == '}' {
			if p.s[p.i] != '"' {
				return false
			}
			var ok bool
			if kid.Key, ok = p.text(); !ok {
				return false
			}
			kid.KeyCut = p.cut
			if p.ended() {
				kid.Cut = true
				p.open++
				return true
			}
			if p.s[p.i] != ':' {
				return false
			}
			p.i++
		}
		if !p.value(kid, depth+1) {
			return false
		}
		if p.nodes > MaxNodes { // not the text's end, so there is no half value
			n.Kids = n.Kids[:len(n.Kids)-1]
			return true
		}
		if p.cut || p.ended() {
			if end == ']' && kid.Kind == Absent { // after a comma: nothing is there yet
				n.Kids = n.Kids[:len(n.Kids)-1]
			}
			p.open++
			return true
		}
		switch p.s[p.i] {
		case ',':
			p.i++
		case end:
			p.i++
			return true
		default:
			return false
		}
		if p.space(); p.i < len(p.s) && p.s[p.i] == end { // a comma before the end
			return false
		}
	}
}

// text reads a quoted string. Half an escape at the end of the text is left out.
func (p *parser) text() (string, bool) {
	p.i++
	from := p.i
	plain := true
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			s := p.s[from:p.i]
			p.i++
			if plain {
				return s, true
			}
			return unescape(s)
		case c == '\\':
			plain = false
			p.i += 2
			continue
		case c < ' ' && c != '\n' && c != '\t' && c != '\r': // line feeds stand in strings that were decoded once too often
			return "", false
		}
		p.i++
	}
	p.i, p.cut = len(p.s), true
	s := p.s[from:]
	if plain {
		return s, true
	}
	return unescape(whole(s))
}

// whole returns s without half an escape, or half a pair of surrogates, at its end.
func whole(s string) string {
	at := strings.LastIndexByte(s, '\\')
	slashes := 0
	for at-slashes >= 0 && s[at-slashes] == '\\' {
		slashes++
	}
	if slashes%2 == 0 {
		return s
	}
	switch rest := s[at:]; {
	case len(rest) == 1:
		return whole(s[:at])
	case rest[1] != 'u' || len(rest) > 6:
		return s
	case len(rest) < 6:
		return whole(s[:at])
	default:
		if r, ok := unit(rest); ok && 0xd800 <= r && r < 0xdc00 {
			return s[:at]
		}
	}
	return s
}

// unit returns the code unit of the escape \uXXXX that s begins with.
func unit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}

// unescape decodes the inside of a string; false where an escape is none of JSON's.
func unescape(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			b.WriteString(s)
			return b.String(), i < 0
		}
		b.WriteString(s[:i])
		s = s[i:]
		if s[1] != 'u' {
			at := strings.IndexByte(`"\/bfnrt`, s[1])
			if at < 0 {
				return "", false
			}
			b.WriteByte("\"\\/\b\f\n\r\t"[at])
			s = s[2:]
			continue
		}
		r, ok := unit(s)
		if !ok {
			return "", false
		}
		s = s[6:]
		if utf16.IsSurrogate(r) {
			next, _ := unit(s)
			if r = utf16.DecodeRune(r, next); r != utf8.RuneError {
				s = s[6:]
			}
		}
		b.WriteRune(r)
	}
}

// number reads a number as it is written. At the end of the text it is cut: more
// digits may have followed.
func (p *parser) number() bool {
	from := p.i
	for p.i < len(p.s) && (p.s[p.i] >= '0' && p.s[p.i] <= '9' || strings.IndexByte("+-.eE", p.s[p.i]) >= 0) {
		p.i++
	}
	if p.i >= len(p.s) {
		p.cut = true
		return true
	}
	return isNumber(p.s[from:p.i])
}

// isNumber reports whether s is a number as JSON writes it.
func isNumber(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, "0") {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

// word reads true, false or null, or the beginning of one at the end of the text.
func (p *parser) word() (Kind, bool) {
	for _, w := range [...]struct {
		text string
		kind Kind
	}{{"true", Bool}, {"false", Bool}, {"null", Null}} {
		rest := p.s[p.i:]
		if strings.HasPrefix(rest, w.text) {
			p.i += len(w.text)
			return w.kind, true
		}
		if strings.HasPrefix(w.text, rest) {
			p.i, p.cut = len(p.s), true
			return w.kind, true
		}
	}
	return Absent, false
}

// skip passes a value that is nested too deep, by its brackets.
func (p *parser) skip() {
	for nest := 0; p.i < len(p.s); {
		switch p.s[p.i] {
		case '{', '[':
			nest++
		case '}', ']':
			nest--
		case '"':
			for p.i++; p.i < len(p.s) && p.s[p.i] != '"'; p.i++ {
				if p.s[p.i] == '\\' {
					p.i++
				}
			}
		}
		if p.i++; nest == 0 {
			break
		}
	}
	if p.i >= len(p.s) {
		p.i, p.cut = len(p.s), true
	}
}
