package store

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// object reads an object and calls each with the index of a known name, or -1,
// standing at the value. A known name that stands twice is odd.
func (s *scanner) object(known []string, seen *uint, each func(key int) error) error {
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != '{' {
		return errOdd
	}
	s.i++
	if s.space(); s.i < len(s.b) && s.b[s.i] == '}' {
		s.i++
		return nil
	}
	for {
		s.space()
		at, end, plain, err := s.str()
		if err != nil || !plain {
			return errOdd
		}
		key := keyOf(known, s.b[at:end])
		if key == oddKey || key >= 0 && *seen>>key&1 == 1 {
			return errOdd
		}
		if key >= 0 {
			*seen |= 1 << key
		}
		if s.space(); s.i >= len(s.b) || s.b[s.i] != ':' {
			return errOdd
		}
		s.i++
		s.space()
		if err := each(key); err != nil {
			return err
		}
		s.space()
		if s.i >= len(s.b) {
			return errOdd
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
		case '}':
			return nil
		default:
			return errOdd
		}
	}
}

const oddKey = -2

func keyOf(known []string, name []byte) int {
	for i, k := range known {
		if string(name) == k {
			return i
		}
	}
	for _, k := range known {
		if bytes.EqualFold(name, []byte(k)) {
			return oddKey
		}
	}
	return -1
}

// array reads an array and calls each standing at an element.
func (s *scanner) array(each func() error) error {
	if s.i >= len(s.b) || s.b[s.i] != '[' {
		return errOdd
	}
	s.i++
	if s.space(); s.i < len(s.b) && s.b[s.i] == ']' {
		s.i++
		return nil
	}
	for {
		s.space()
		if err := each(); err != nil {
			return err
		}
		s.space()
		if s.i >= len(s.b) {
			return errOdd
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
		case ']':
			return nil
		default:
			return errOdd
		}
	}
}

// skip passes over any value and checks it.
func (s *scanner) skip(depth int) error {
	if s.i >= len(s.b) || depth > maxDepth {
		return errOdd
	}
	switch s.b[s.i] {
	case '"':
		_, _, _, err := s.str()
		return err
	case '{', '[':
		return s.nested(depth)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// nested passes over an object or an array.
func (s *scanner) nested(depth int) error {
	object := s.b[s.i] == '{'
	last := s.b[s.i] + 2 // ']' follows '[' and '}' follows '{' by two
	s.i++
	if s.space(); s.i < len(s.b) && s.b[s.i] == last {
		s.i++
		return nil
	}
	for {
		s.space()
		if object {
			if _, _, _, err := s.str(); err != nil {
				return err
			}
			if s.space(); s.i >= len(s.b) || s.b[s.i] != ':' {
				return errOdd
			}
			s.i++
			s.space()
		}
		if err := s.skip(depth + 1); err != nil {
			return err
		}
		if s.space(); s.i >= len(s.b) {
			return errOdd
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
		case last:
			return nil
		default:
			return errOdd
		}
	}
}

func (s *scanner) word(w string) error {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return errOdd
	}
	s.i += len(w)
	return nil
}

// null passes over a null and reports whether there was one.
func (s *scanner) null() bool {
	return s.i < len(s.b) && s.b[s.i] == 'n' && s.word("null") == nil
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\n', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

// number passes over a number and checks its grammar.
func (s *scanner) number() error {
	b, i := s.b, s.i
	if i < len(b) && b[i] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return errOdd
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return errOdd
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return errOdd
		}
	}
	s.i = i
	return nil
}

// str passes over a string and returns the bounds of what is between its quotes,
// and whether that is free of escapes.
func (s *scanner) str() (at, end int, plain bool, err error) {
	b, i := s.b, s.i
	if i >= len(b) || b[i] != '"' {
		return 0, 0, false, errOdd
	}
	i++
	at, plain = i, true
	for {
		i = stop(b, i)
		if i >= len(b) {
			return 0, 0, false, errOdd
		}
		switch c := b[i]; {
		case c == '"':
			s.i = i + 1
			return at, i, plain, nil
		case c != '\\' || i+1 >= len(b): // a control character, or the end
			return 0, 0, false, errOdd
		}
		plain = false
		switch b[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i += 2
		case 'u':
			if s.escaped = true; i+6 > len(b) {
				return 0, 0, false, errOdd
			}
			for _, c := range b[i+2 : i+6] {
				if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
					return 0, 0, false, errOdd
				}
			}
			i += 6
		default:
			return 0, 0, false, errOdd
		}
	}
}

// stop returns the index of the first quote, backslash or control character from
// i on, or len(b). It looks at eight bytes at a time: strings are most of a page.
func stop(b []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(b) {
		v := binary.LittleEndian.Uint64(b[i:])
		quote, slash := v^('"'*ones), v^('\\'*ones)
		// A byte's top bit is set where it was zero, or below 0x20. Borrows
		// reach only the bytes above a true hit, so the lowest one is true.
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (v-0x20*ones)&^v) & tops
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)>>3
		}
		i += 8
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	return i
}
