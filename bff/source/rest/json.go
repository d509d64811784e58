package rest

import (
	"bytes"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Value is one JSON value as it stands in a body: its bytes, without the space
// around it. It aliases the body and is never changed. nil is an absent value,
// and every method works on it. Values come from [Parse]; on bytes that it would
// refuse, the methods stop early and never panic.
//
// The type exists because a page's rows must stay byte for byte what the vendor
// sent, and because a driver looks at a part of their bytes only: encoding/json
// would copy all of them, and fail the page over one number where a string was
// promised.
type Value []byte

// IsObject reports whether v is an object.
func (v Value) IsObject() bool { return len(v) > 0 && v[0] == '{' }

// IsArray reports whether v is an array.
func (v Value) IsArray() bool { return len(v) > 0 && v[0] == '[' }

// IsNull reports whether v is null or absent.
func (v Value) IsNull() bool { return len(v) == 0 || v[0] == 'n' }

// Members yields the names and values of an object in the vendor's order, and
// nothing for other values. A name is valid until the next one is yielded.
func (v Value) Members() iter.Seq2[[]byte, Value] {
	return func(yield func(name []byte, value Value) bool) {
		if !v.IsObject() {
			return
		}
		for i := space(v, 1); i < len(v) && v[i] == '"'; i = space(v, i+1) {
			end := skipString(v, i)
			colon := space(v, end)
			from := space(v, colon+1)
			if from >= len(v) || v[colon] != ':' {
				return
			}
			to := skip(v, from)
			if to > len(v) {
				return
			}
			name := v[i+1 : end-1]
			if bytes.IndexByte(name, '\\') >= 0 || !utf8.Valid(name) {
				name = []byte(unquote(name))
			}
			if !yield(name, v[from:to:to]) {
				return
			}
			if i = space(v, to); i >= len(v) || v[i] != ',' {
				return
			}
		}
	}
}

// Elements yields the values of an array, and nothing for other values.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsArray() {
			return
		}
		for i := space(v, 1); i < len(v) && v[i] != ']'; i = space(v, i+1) {
			to := skip(v, i)
			if to > len(v) || !yield(v[i:to:to]) {
				return
			}
			if i = space(v, to); i >= len(v) || v[i] != ',' {
				return
			}
		}
	}
}

// Get returns the member at a path of names, the last one where a name stands
// more than once, and nil where there is none.
func (v Value) Get(path ...string) Value {
	for _, name := range path {
		var found Value
		for n, val := range v.Members() {
			if string(n) == name {
				found = val
			}
		}
		v = found
	}
	return v
}

// Text returns a string's text, a number or boolean as it is written, and "" for
// anything else. It is valid UTF-8.
func (v Value) Text() string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '"':
		return unquote(v[1:max(1, len(v)-1)])
	case '{', '[', 'n':
		return ""
	}
	return strings.ToValidUTF8(string(v), "\uFFFD")
}

// Number returns a finite number, or a string that is one: vendors disagree with
// their own references about which of the two they send.
func (v Value) Number() (float64, bool) {
	s := []byte(v)
	if len(s) >= 2 && s[0] == '"' {
		s = s[1 : len(s)-1]
	}
	// Not ParseFloat alone: it knows "Inf", "NaN", "0x1p4" and "1_0".
	if end, ok := checkNumber(s, 0); !ok || end != len(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(s), 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// Bool returns a boolean, or a string that is "true" or "false".
func (v Value) Bool() (value, ok bool) {
	switch v.Text() {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// Millis returns a number of milliseconds as a duration. It is not ok when v is
// no number, below zero, or longer than a year.
func (v Value) Millis() (d time.Duration, ok bool) {
	f, ok := v.Number()
	if !ok || f < 0 || f > 365*24*3600*1000 {
		return 0, false
	}
	return time.Duration(math.Round(f * float64(time.Millisecond))), true
}

// skip returns where the value at i ends, more than len(b) where it does not.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
	default:
		for i++; i < len(b); i++ {
			switch b[i] {
			case ',', '}', ']', ' ', '\n', '\r', '\t':
				return i
			}
		}
		return i
	}
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(b) + 1
}

// skipString returns where the string at i ends, more than len(b) where it does
// not.
func skipString(b []byte, i int) int {
	for i++; ; i++ {
		n := -1
		if i <= len(b) {
			n = bytes.IndexByte(b[i:], '"')
		}
		if n < 0 {
			return len(b) + 1
		}
		i += n
		// The quote ends the string unless an odd number of backslashes stands
		// before it; they end at the latest at the opening quote.
		slashes := 0
		for b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// unquote decodes what stands between the quotes of a string. Like encoding/json
// it turns lone surrogates and each invalid byte into U+FFFD.
func unquote(s []byte) string {
	cut := bytes.IndexByte(s, '\\')
	if cut < 0 && utf8.Valid(s) {
		return string(s)
	}
	out := make([]byte, 0, len(s))
	for cut >= 0 {
		out = append(out, s[:cut]...)
		r, n := unescape(s[cut:])
		out = utf8.AppendRune(out, r)
		s = s[cut+n:]
		cut = bytes.IndexByte(s, '\\')
	}
	out = append(out, s...)
	if utf8.Valid(out) {
		return string(out)
	}
	return string([]rune(string(out)))
}

// unescape decodes the escape sequence at the start of s and returns its length.
func unescape(s []byte) (rune, int) {
	if len(s) < 2 {
		return utf8.RuneError, len(s)
	}
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r := codeUnit(s)
		if r < 0 {
			return utf8.RuneError, 2
		}
		if !utf16.IsSurrogate(r) {
			return r, 6
		}
		if both := utf16.DecodeRune(r, codeUnit(s[6:])); both != utf8.RuneError {
			return both, 12
		}
		return utf8.RuneError, 6
	}
	return rune(s[1]), 2
}

// codeUnit reads \uXXXX at the start of s, -1 where it is not there.
func codeUnit(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' || !hex4(s[2:]) {
		return -1
	}
	n, _ := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(n)
}
