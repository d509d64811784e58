package rest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// MaxDepth bounds the nesting of a body. encoding/json stops at 10,000; an entry
// is wrapped once more on its way to the browser, and nobody reads even 100.
const MaxDepth = 1000

// Parse returns the one JSON value that body holds, without the space around it;
// it aliases body. The grammar is that of encoding/json, strings of invalid UTF-8
// included; nesting is at most MaxDepth. The error says where body stops being
// JSON. It is json.Valid at several times its speed, which is most of what
// decoding a large page costs.
func Parse(body []byte) (Value, error) {
	start := space(body, 0)
	end, ok := check(body, start, 0)
	if ok {
		if rest := space(body, end); rest != len(body) {
			end, ok = rest, false
		}
	}
	if !ok {
		return nil, fmt.Errorf("not JSON from byte %d of %d", end, len(body))
	}
	return body[start:end:end], nil
}

// space returns the index of the first byte from i on that is not JSON space.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// check walks over the value at i and returns where it ends, or where it stops
// being JSON.
func check(b []byte, i, depth int) (end int, ok bool) {
	if i >= len(b) || depth > MaxDepth {
		return i, false
	}
	switch b[i] {
	case '"':
		return checkString(b, i)
	case '{', '[':
		return checkNested(b, i, depth)
	case 't':
		return checkWord(b, i, "true")
	case 'f':
		return checkWord(b, i, "false")
	case 'n':
		return checkWord(b, i, "null")
	}
	return checkNumber(b, i)
}

func checkNested(b []byte, i, depth int) (int, bool) {
	object, last := b[i] == '{', b[i]+2 // '}' and ']' stand two after their openers
	i = space(b, i+1)
	if i < len(b) && b[i] == last {
		return i + 1, true
	}
	var ok bool
	for {
		if object {
			if i >= len(b) || b[i] != '"' {
				return i, false
			}
			if i, ok = checkString(b, i); !ok {
				return i, false
			}
			if i = space(b, i); i >= len(b) || b[i] != ':' {
				return i, false
			}
			i = space(b, i+1)
		}
		if i, ok = check(b, i, depth+1); !ok {
			return i, false
		}
		i = space(b, i)
		switch {
		case i >= len(b):
			return i, false
		case b[i] == last:
			return i + 1, true
		case b[i] != ',':
			return i, false
		}
		i = space(b, i+1)
	}
}

func checkString(b []byte, i int) (int, bool) {
	for i = special8(b, i+1); i < len(b); i = special8(b, i+1) {
		if b[i] == '"' {
			return i + 1, true
		}
		if b[i] != '\\' || i+1 >= len(b) {
			return i, false
		}
		i++
		switch b[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if !hex4(b[i+1:]) {
				return i, false
			}
			i += 4
		default:
			return i, false
		}
	}
	return i, false
}

// special8 returns the index of the first byte from i on that does not stand for
// itself in a JSON string: a quote, a backslash or a control character. It looks
// at eight bytes at a time: strings are nearly all of a page.
func special8(b []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		// A byte's high bit is set where it was 0, 0 and below ' '. Borrows reach
		// only bytes after the first hit, which is the one that counts.
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*' ')&^x) & highs
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

func checkWord(b []byte, i int, word string) (int, bool) {
	if !bytes.HasPrefix(b[i:], []byte(word)) {
		return i, false
	}
	return i + len(word), true
}

func checkNumber(b []byte, i int) (int, bool) {
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return i, false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return i, false
		}
	}
	return i, true
}

// hex4 reports whether b starts with four hexadecimal digits.
func hex4(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	for _, c := range b[:4] {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return false
		}
	}
	return true
}
