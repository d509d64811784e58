package redact

import (
	"math/bits"
	"strings"
)

// kind is what a value is.
type kind uint8

const (
	plain   kind = iota
	secret       // a credential: never shown
	token        // a credential if it looks like one
	user         // ids, tokens and names of accounts of people
	email        // from here on: the value itself says little or nothing of what it is
	ip           //
	person       // names of people
	phone        //
	place        // postal addresses and positions
	company      //
	org          // ids and names of organizations
	number       // of identity cards, accounts and the like
	birth        //
	account      // an object that describes somebody; as a text, user
	address      // an object that is a postal address; as a text, place
	related      // an object that describes somebody or is an address; as a text, plain
	partial      // only personal inside of such an object; see inner
	numKind = iota
)

// tagWords stand in tags.
var tagWords = [numKind]string{
	user: "user", email: "e-mail", ip: "ip", person: "name", phone: "phone", place: "address", company: "company",
	org: "organization", number: "number", birth: "birth",
}

// tag returns what stands in the place of personal data: its kind, and 12 bits of a
// keyed hash of the value without case, so that equal values are seen to be equal,
// nobody learns a value from its tag, and nobody without the key confirms a guess.
func (l Lens) tag(k kind, value string) string {
	const digits = "0123456789abcdef"
	h := l.hash(value)
	return "[" + tagWords[k] + " " + string([]byte{digits[h>>8&15], digits[h>>4&15], digits[h&15]}) + "]"
}

// tagAt returns the length of the tag that begins at i, 0 where none does.
func tagAt(s string, i int) int {
	if i+7 > len(s) || s[i] != '[' {
		return 0
	}
	for _, word := range tagWords {
		end := i + 1 + len(word)
		if word == "" || end+5 > len(s) || s[i+1:end] != word || s[end] != ' ' || s[end+4] != ']' {
			continue
		}
		for _, c := range []byte(s[end+1 : end+4]) {
			if class[c]&(digit|hexLetter) == 0 {
				return 0
			}
		}
		return end + 5 - i
	}
	return 0
}

// Tags counts the tags of personal data in a text that a lens gave.
func Tags(s string) int {
	n := 0
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			return n
		}
		size := tagAt(s, i)
		if size > 0 {
			n++
		}
		s = s[i+max(size, 1):]
	}
}

// hash is SipHash-1-3 under the lens's key, of s in small letters and with the
// escapes of an at sign undone: an address has one tag in JSON and in a URL.
func (l Lens) hash(s string) uint64 {
	k0, k1 := l.Key, ^l.Key*0x9e3779b97f4a7c15
	v0, v1, v2, v3 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d, k0^0x6c7967656e657261, k1^0x7465646279746573
	round := func() {
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	var word uint64
	n := 0
	add := func(c byte) {
		word |= uint64(c) << (8 * (n & 7))
		if n++; n&7 == 0 {
			v3 ^= word
			round()
			v0 ^= word
			word = 0
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		case c == '%' || c == '\\':
			if size := atSign(s, i); size > 0 {
				c = '@'
				i += size - 1
			}
		}
		add(c)
	}
	word |= uint64(n) << 56
	v3 ^= word
	round()
	v0 ^= word
	v2 ^= 0xff
	round()
	round()
	round()
	return v0 ^ v1 ^ v2 ^ v3
}

// absent are values that say that there is none.
func absent(s string) bool {
	switch s {
	case "", "null", "true", "false", "-", "undefined":
		return true
	}
	return strings.EqualFold(s, "unknown") || strings.EqualFold(s, "none")
}

// starred reports whether the vendor covered a value itself.
func starred(s string) bool {
	stars := strings.Count(s, "*")
	return stars > 3 && 2*stars >= len(s)
}
