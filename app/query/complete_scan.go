package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spotKind is what may stand where the caret is.
type spotKind uint8

const (
	spotNothing   spotKind = iota
	spotCondition          // a name, a word, a keyword
	spotValue              // a value of a name
	spotRange              // the TO between the ends of a range
)

// spot is the place of the caret.
type spot struct {
	kind     spotKind
	name     string // of the value, as written
	from, to int    // the word that the caret is in
	typed    string // its text before the caret
	quoted   bool   // the word began with a quotation mark
	bound    bool   // after a comparison: patterns make no sense
	more     bool   // a condition stands before it: AND and OR make sense
	group    bool   // in parentheses
}

// scan looks for the place of the caret. It forgives what a parser must not: a
// filter that is being typed is seldom whole.
type scan struct {
	text  string
	caret int
	known func(name string) bool
	open  []string // for each open parenthesis the name whose values it holds, "" for none
}

// field is the name whose values stand here, "" for none.
func (s *scan) field() string {
	if len(s.open) == 0 {
		return ""
	}
	return s.open[len(s.open)-1]
}

func (s *scan) spot() spot {
	i, more := 0, false
	for {
		for i < s.caret && s.isGap(i) {
			_, n := utf8.DecodeRuneInString(s.text[i:])
			i += n
		}
		if i >= s.caret {
			return s.word(i, more)
		}
		switch c := s.text[i]; {
		case c == '(':
			s.open = append(s.open, s.field())
			more = false
			i++
		case c == ')':
			if len(s.open) > 0 {
				s.open = s.open[:len(s.open)-1]
			}
			more = true
			i++
		case (c == '-' || c == '!' || c == '+') && !(i+1 < s.caret && s.isGap(i+1)):
			more = false
			i++
		case strings.HasPrefix(s.text[i:s.caret], "&&"), strings.HasPrefix(s.text[i:s.caret], "||"):
			more = false
			i += 2
		default:
			next, at := s.condition(i, more)
			if next < 0 {
				return at
			}
			more = !isOperator(s.text[i:next])
			i = next
		}
	}
}

// isGap reports whether what stands at i separates words.
func (s *scan) isGap(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return unicode.IsSpace(r) || r == ',' && s.field() != ""
}

// condition goes over the condition or value at i. next is where it ends, or -1
// where the caret is inside of it.
func (s *scan) condition(i int, more bool) (next int, at spot) {
	if s.field() == "" {
		if name, after := s.name(i); name != "" {
			return s.value(name, after)
		}
	}
	return s.plain(i, s.field(), more, false)
}

// name reads a name and the sign after it, and returns where its value begins.
func (s *scan) name(i int) (name string, after int) {
	size := nameLength(s.text[i:s.caret])
	if size == 0 {
		return "", 0
	}
	j := i + size
	if known := s.known(s.text[i:j]); known {
		for j < s.caret && s.text[j] == ' ' {
			j++
		}
	}
	rest := s.text[j:s.caret]
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign) {
			if sign == ":" && strings.HasPrefix(rest, "://") {
				return "", 0
			}
			return s.text[i : i+size], j + len(sign)
		}
	}
	return "", 0
}

// signs are what may stand between a name and its value, longer ones first.
var signs = []string{":>=", ":<=", ":!=", ":==", ":>", ":<", ":=", "==", "!=", ">=", "<=", ":", "=", ">", "<"}

// value goes over what a name is asked for.
func (s *scan) value(name string, i int) (next int, at spot) {
	sign := s.text[i-1]
	for i < s.caret && s.text[i] == ' ' && s.known(name) {
		i++
	}
	if i < s.caret && s.text[i] == '(' {
		s.open = append(s.open, name)
		return i + 1, spot{}
	}
	if i < s.caret && (s.text[i] == '[' || s.text[i] == '{') {
		end := strings.IndexAny(s.text[i:s.caret], "]}")
		if end >= 0 {
			return i + end + 1, spot{}
		}
		return -1, s.ends(i + 1)
	}
	next, at = s.plain(i, name, false, true)
	at.bound = strings.IndexByte("<>", sign) >= 0 || i >= 2 && strings.ContainsAny(s.text[i-2:i], "<>")
	return next, at
}

// ends is the place in the range that begins at i.
func (s *scan) ends(i int) spot {
	words := strings.Fields(s.text[i:s.caret])
	gap := i < s.caret && s.isGap(s.caret-1)
	at := spot{kind: spotRange, from: s.caret, to: s.caret}
	switch {
	case len(words) == 1 && gap:
		return at
	case len(words) == 2 && !gap && len(words[1]) == 1 && strings.EqualFold(words[1], "t"):
		at.typed, at.from = words[1], s.caret-1
		return at
	}
	return spot{}
}

// plain goes over a phrase, a regular expression or a word.
func (s *scan) plain(i int, name string, more, alone bool) (next int, at spot) {
	if i < s.caret {
		switch r, n := utf8.DecodeRuneInString(s.text[i:]); r {
		case '"', '“':
			if end := closing(s.text[i+n : s.caret]); end >= 0 {
				return i + n + end, spot{}
			}
			at = spot{kind: spotValue, name: name, from: i, to: s.caret, typed: s.text[i+n : s.caret], quoted: true}
			if name == "" {
				at.kind = spotNothing
			}
			if end := closing(s.text[s.caret:]); end >= 0 {
				at.to = s.caret + end
			}
			return -1, at
		case '/':
			if p := (&parser{s: s.text[:s.caret], i: i}); i+1 < s.caret {
				if _, _, ok := p.regex(); ok {
					return p.i, spot{}
				}
			}
			if name != "" || strings.IndexByte(s.text[i+1:s.caret], '/') < 0 && !s.hasGap(i) {
				return -1, spot{} // inside an expression, as it seems
			}
		}
	}
	end := s.end(i)
	if end < s.caret {
		return end, spot{}
	}
	at = s.word(i, more)
	if alone {
		at.kind, at.name, at.group = spotValue, name, false
	}
	return -1, at
}

func (s *scan) hasGap(i int) bool {
	return strings.ContainsFunc(s.text[i:s.caret], unicode.IsSpace)
}

// end returns where the word at i ends.
func (s *scan) end(i int) int {
	for depth := 0; i < len(s.text); {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case s.isGap(i), r == ')' && depth == 0:
			return i
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '\\' && i+n < len(s.text):
			_, m := utf8.DecodeRuneInString(s.text[i+n:])
			n += m
		}
		i += n
	}
	return len(s.text)
}

// word is the place in the word at i, which the caret is in or at the edge of.
func (s *scan) word(i int, more bool) spot {
	at := spot{kind: spotCondition, from: i, to: max(s.end(i), s.caret), typed: s.text[min(i, s.caret):s.caret], more: more, group: len(s.open) > 0}
	if i >= s.caret {
		at.from = s.caret
	}
	if name := s.field(); name != "" {
		at.kind, at.name = spotValue, name
		return at
	}
	// A name ends where its sign begins.
	if n := nameLength(s.text[at.from:at.to]); n > 0 && at.from+n >= s.caret {
		at.to = at.from + n
	}
	return at
}

// closing returns the offset after the quotation mark that ends a phrase, -1 for
// none.
func closing(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\\' && i+1 < len(s) {
			i += 2
			continue
		}
		i += n
		if r == '"' || r == '”' {
			return i
		}
	}
	return -1
}
