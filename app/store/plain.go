package store

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/logpane/logpane/app/query"
)

// What makes an entry plain, as a query.Doc must be. Our server writes no other
// entries but for a few: such are decoded whenever a filter looks at them.

// rawMember is what stands between the fields and the raw JSON.
const rawMember = `,"raw":`

// inPlace reports whether fields and raw stand where a query.Doc expects them: at
// the end, one behind the other.
func (e *split) inPlace(b []byte) bool {
	end := e.end - e.at - 1
	if e.raw > 0 {
		if e.rawEnd != end {
			return false
		}
		end = e.raw - len(rawMember)
		if end < 0 || !bytes.HasPrefix(b[e.at+end:], []byte(rawMember)) {
			return false
		}
	}
	return e.fields == 0 || e.fieldsEnd == end
}

// plainFields passes over the fields and notes what is odd among them.
func (s *scanner) plainFields() error {
	if s.i < len(s.b) && s.b[s.i] == 'n' {
		s.odd = true
		return s.skip(0)
	}
	from := s.i
	s.i++
	if s.space(); s.i < len(s.b) && s.b[s.i] == '}' {
		s.i++
		return nil
	}
	for {
		s.space()
		at, end, plain, err := s.str()
		if err != nil {
			return err
		}
		s.odd = s.odd || !plain || at == end || !utf8.Valid(s.b[at:end])
		if s.space(); s.i >= len(s.b) || s.b[s.i] != ':' {
			return errOdd
		}
		s.i++
		if s.space(); s.i >= len(s.b) {
			return errOdd
		}
		switch c := s.b[s.i]; {
		case c == '"':
			at, end, plain, err := s.str()
			if err != nil {
				return err
			}
			s.odd = s.odd || !plain && !plainText(s.b[at:end]) || !utf8.Valid(s.b[at:end])
		case c == '{' || c == '[' || c == 'n':
			s.odd = true
			if err := s.skip(1); err != nil {
				return err
			}
		case c == 't' || c == 'f':
			if err := s.skip(1); err != nil {
				return err
			}
		default:
			at := s.i
			if err := s.number(); err != nil {
				return err
			}
			s.odd = s.odd || !plainNumber(s.b[at:s.i])
		}
		if s.space(); s.i >= len(s.b) {
			return errOdd
		}
		s.i++
		switch s.b[s.i-1] {
		case ',':
		case '}':
			s.odd = s.odd || s.i-from > maxPlainFields
			return nil
		default:
			return errOdd
		}
	}
}

// maxPlainFields bounds the bytes of plain fields: beyond, an entry is one that
// filters decode, which needs no second look at each byte.
const maxPlainFields = 1 << 24

// plainText reports whether a JSON string escapes nothing that plain text has.
func plainText(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if i++; b[i] != 'u' {
			continue
		}
		n, err := strconv.ParseUint(textOf(b[i+1:i+5]), 16, 16)
		if err != nil || query.Plain(rune(n)) {
			return false
		}
		i += 4
	}
	return true
}

// plainNumber reports whether a number is written as people read it.
func plainNumber(b []byte) bool {
	digits, point := 0, false
	for i, c := range b {
		switch {
		case c == '.':
			point = true
		case c == '-':
			if i > 0 {
				return false
			}
		case c < '0' || c > '9':
			return false
		default:
			digits++
		}
	}
	if digits > 15 || point && (b[len(b)-1] == '0' || digits > 15) || string(b) == "-0" {
		return false
	}
	// Below a millionth encoding/json turns to exponents.
	return !point || !bytes.HasPrefix(bytes.TrimPrefix(b, []byte("-")), []byte("0.00000"))
}
