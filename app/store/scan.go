package store

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

// errOdd says that the scanner met JSON that it does not read: broken, or legal
// in a way that our server does not write. encoding/json then decides.
var errOdd = errors.New("store: not the plain form of a page")

// maxDepth bounds the nesting that the scanner follows.
const maxDepth = 256

// token is a string value: a stretch of the page, or, where it held escapes or
// broken UTF-8, a decoded copy.
type token struct {
	at, n int
	own   []byte
}

// split is what the scanner found out of one entry. at and end bound its JSON
// in the page.
type split struct {
	at, end   int
	src       token
	id        token
	summary   token
	job, item token
	request   token
	time      int64 // as in Store.times
	took      int64 // nanoseconds
	status    uint16
	attempt   uint16
	flags     flags
	fields    int // where the fields begin, from at on; 0 for none
	fieldsEnd int
	raw       int
	rawEnd    int
}

// scanner walks over the JSON of a page. It checks all of it, as encoding/json
// would, but decodes only the values that rows are drawn from; fields and raw,
// which are most of the bytes, are passed over. Any method that fails leaves the
// page to encoding/json.
type scanner struct {
	b       []byte
	i       int
	odd     bool // the entry at hand is not as plain as a query.Doc must be
	escaped bool // it has a \u escape
}

// pageKeys and entryKeys are the names that mean something. encoding/json also
// takes them in other cases, which is why a name that only differs in case is odd.
var (
	pageKeys  = []string{"entries", "cursor", "coverage", "plan", "scanned", "facets", "notes"}
	entryKeys = []string{"id", "src", "time", "level", "outcome", "summary", "took_ms", "status", "job", "item", "request", "attempt", "fields", "raw"}
)

// page reads a whole page and appends its entries to out.
func (s *scanner) page(out []split, meta *Meta) ([]split, error) {
	var seen uint
	err := s.object(pageKeys, &seen, func(key int) error {
		at := s.i
		switch key {
		case 0:
			if s.null() {
				return nil
			}
			return s.array(func() error {
				e, err := s.entry()
				out = append(out, e)
				return err
			})
		case 1:
			t, err := s.text()
			meta.Cursor = string(t.bytes(s.b))
			return err
		case 2:
			return s.decode(at, &meta.Coverage)
		case 3:
			return s.decode(at, &meta.Plan)
		case 4:
			return s.decode(at, &meta.Scanned)
		case 5:
			return s.decode(at, &meta.Facets)
		case 6:
			return s.decode(at, &meta.Notes)
		}
		return s.skip(0)
	})
	if err != nil {
		return out, err
	}
	if s.space(); s.i != len(s.b) {
		return out, errOdd
	}
	return out, nil
}

// decode passes over a value and hands it to encoding/json.
func (s *scanner) decode(at int, v any) error {
	if err := s.skip(0); err != nil {
		return err
	}
	return json.Unmarshal(s.b[at:s.i], v)
}

// entry reads one entry.
func (s *scanner) entry() (split, error) {
	e := split{at: s.i, time: noTime}
	s.odd, s.escaped = false, false
	var seen uint
	err := s.object(entryKeys, &seen, func(key int) error {
		var err error
		var t token
		switch key {
		case 0:
			e.id, err = s.text()
		case 1:
			e.src, err = s.text()
		case 2:
			t, err = s.text()
			e.setTime(t.bytes(s.b))
		case 3:
			t, err = s.text()
			e.flags = e.flags.withLevel(levelOf(t.bytes(s.b)))
		case 4:
			t, err = s.text()
			e.flags = e.flags.withOutcome(logs.ParseOutcome(textOf(t.bytes(s.b))))
		case 5:
			e.summary, err = s.text()
		case 6:
			return s.took(&e)
		case 7:
			e.status, err = s.small()
		case 8:
			e.job, err = s.text()
		case 9:
			e.item, err = s.text()
		case 10:
			e.request, err = s.text()
		case 11:
			e.attempt, err = s.small()
		case 12:
			if s.i < len(s.b) && s.b[s.i] != '{' && s.b[s.i] != 'n' {
				return errOdd
			}
			e.fields = s.i - e.at
			err = s.plainFields()
			e.fieldsEnd = s.i - e.at
		case 13:
			e.raw = s.i - e.at
			err = s.skip(0)
			e.rawEnd = s.i - e.at
		default:
			s.odd = true
			return s.skip(0)
		}
		return err
	})
	e.end = s.i
	if s.odd || !e.inPlace(s.b) {
		e.flags |= odd
	}
	if s.escaped {
		e.flags |= escaped
	}
	return e, err
}

// levelOf is logs.ParseLevel without a copy for the words that our server writes.
func levelOf(b []byte) logs.Level {
	if len(b) == 0 {
		return logs.LevelUnknown
	}
	return logs.ParseLevel(textOf(b))
}

// setTime reads the vendor's time, and how many digits of a second it gave.
func (e *split) setTime(b []byte) {
	t, err := time.Parse(time.RFC3339Nano, textOf(b))
	if err != nil {
		return
	}
	digits := 0
	if len(b) > 20 && (b[19] == '.' || b[19] == ',') {
		for digits < 9 && 20+digits < len(b) && '0' <= b[20+digits] && b[20+digits] <= '9' {
			digits++
		}
	}
	e.flags = e.flags.withDigits(digits)
	e.time, e.flags = columnTime(t, e.flags)
}

// columnTime returns a time as the column holds it. Times beyond what
// nanoseconds can count are held at the ends and marked.
func columnTime(t time.Time, f flags) (int64, flags) {
	switch y := t.UTC().Year(); {
	case y < 1678:
		return noTime + 1, f | farTime
	case y > 2261:
		return math.MaxInt64, f | farTime
	}
	return t.UnixNano(), f
}

// took reads took_ms.
func (s *scanner) took(e *split) error {
	if s.null() {
		return nil
	}
	at := s.i
	if err := s.number(); err != nil {
		return err
	}
	ms, err := strconv.ParseFloat(textOf(s.b[at:s.i]), 64)
	if err != nil {
		return errOdd
	}
	e.took = int64(time.Duration(ms*float64(time.Millisecond) + 0.5))
	e.flags |= hasTook
	return nil
}

// small reads an integer into a column of 16 bits, at whose end larger ones are
// held: the details show them as they are.
func (s *scanner) small() (uint16, error) {
	if s.null() {
		return 0, nil
	}
	at := s.i
	if err := s.number(); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(textOf(s.b[at:s.i]), 10, 0)
	if err != nil {
		return 0, errOdd
	}
	s.odd = s.odd || n < 0 || n > math.MaxUint16
	return uint16(min(max(n, 0), math.MaxUint16)), nil
}

// text reads a string value, or null as the empty string.
func (s *scanner) text() (token, error) {
	if s.null() {
		return token{}, nil
	}
	at, end, plain, err := s.str()
	if err != nil {
		return token{}, err
	}
	if plain && utf8.Valid(s.b[at:end]) {
		return token{at: at, n: end - at}, nil
	}
	s.odd = s.odd || !plainText(s.b[at:end])
	var text string
	if err := json.Unmarshal(s.b[at-1:end+1], &text); err != nil {
		return token{}, errOdd
	}
	return token{own: []byte(text)}, nil
}

// bytes returns the text of a token of page b.
func (t token) bytes(b []byte) []byte {
	if t.own != nil {
		return t.own
	}
	return b[t.at : t.at+t.n]
}
