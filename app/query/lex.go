package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// skipSpace skips white space and, between the values of a field, commas.
func (p *parser) skipSpace() {
	for p.i < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.i:])
		if !unicode.IsSpace(r) && !(r == ',' && p.field != nil) {
			return
		}
		p.i += n
	}
}

// ends reports whether a word ends at offset i.
func (p *parser) ends(i int) bool {
	if i >= len(p.s) || p.s[i] == ')' || p.s[i] == ',' && p.field != nil {
		return true
	}
	r, _ := utf8.DecodeRuneInString(p.s[i:])
	return unicode.IsSpace(r)
}

// operator returns the length of the operator word or sign at the current
// position, 0 when there is none.
func (p *parser) operator(word, sign string) int {
	rest := p.s[p.i:]
	if sign != "" && strings.HasPrefix(rest, sign) {
		return len(sign)
	}
	if len(rest) >= len(word) && strings.EqualFold(rest[:len(word)], word) {
		end := p.i + len(word)
		if p.ends(end) || strings.IndexByte(`("`, p.s[end]) >= 0 {
			return len(word)
		}
	}
	return 0
}

// isSign reports whether one of the signs stands directly before something that
// it can apply to. "--flag", "- item" and "!=" are text.
func (p *parser) isSign(signs string) bool {
	if p.i >= len(p.s) || strings.IndexByte(signs, p.s[p.i]) < 0 || p.ends(p.i+1) {
		return false
	}
	if p.s[p.i] == '+' {
		r, _ := utf8.DecodeRuneInString(p.s[p.i+1:])
		return unicode.IsLetter(r) || r == '"' || r == '('
	}
	return p.s[p.i+1] != '-' && p.s[p.i+1] != '='
}

// comparison returns the comparison sign at the current position, "" for none.
//
//go:noinline
func (p *parser) comparison() string {
	for _, sign := range []string{"==", "!=", ">=", "<=", "=", ">", "<"} {
		if strings.HasPrefix(p.s[p.i:], sign) {
			return sign
		}
	}
	return ""
}

// nameAndOperator reads a name and the sign after it and leaves the position at
// the value. It reads nothing, and returns "", where the word is only text:
// https://…, 12:30, Foo::Bar, TypeError: followed by a space.
func (p *parser) nameAndOperator() (name, op string) {
	rest := p.s[p.i:]
	if strings.HasPrefix(rest, "*:") && !p.ends(p.i+2) {
		p.i += 2
		return "*", ":"
	}
	size := nameLength(rest)
	if size == 0 || isOperator(rest[:size]) && size+p.i < len(p.s) && p.s[p.i+size] == '(' {
		return "", ""
	}
	start := p.i
	name = rest[:size]
	known := name == exists || isKnown(name)
	p.i += size
	spaced := p.i < len(p.s) && p.ends(p.i) && p.s[p.i] != ')'
	p.skipSpace()
	if p.i < len(p.s) {
		op = p.comparison()
		if op == "" && p.s[p.i] == ':' && !(spaced && !known) {
			op = ":"
		}
	}
	after := p.i + len(op)
	switch {
	case op == "":
	case op == ":" && (strings.HasPrefix(p.s[after:], "//") || strings.HasPrefix(p.s[after:], ":")):
		op = ""
	case op == ":" && p.ends(after) && !known:
		op = ""
	case op == "=" && strings.HasPrefix(p.s[after:], ">"):
		op = ""
	case spaced && strings.TrimSpace(p.s[after:]) == "" && !known:
		op = ""
	case spaced && !known && (op == "<" || op == ">") && !startsNumber(p.s[after:]):
		op = "" // markup, not a comparison
	}
	if op == "" {
		p.i = start
		return "", ""
	}
	p.i = after
	p.skipSpace()
	return name, op
}

func startsNumber(s string) bool {
	s = strings.TrimLeft(s, " -")
	return s != "" && s[0] >= '0' && s[0] <= '9'
}

// phrase reads a quoted text, curly quotes included: chats put them in.
func (p *parser) phrase() (string, bool, *Error) {
	open, size := utf8.DecodeRuneInString(p.s[p.i:])
	if open != '"' && open != '“' {
		return "", false, nil
	}
	at := p.i
	var b writer
	for i := p.i + size; i < len(p.s); {
		r, n := utf8.DecodeRuneInString(p.s[i:])
		switch {
		case r == '"' && open == '"', open == '“' && (r == '”' || r == '"'):
			p.i = i + n
			return b.String(), true, nil
		case r == '\\' && i+1 < len(p.s) && (p.s[i+1] == '"' || p.s[i+1] == '\\'):
			b.WriteByte(p.s[i+1])
			i += 2
			continue
		}
		b.WriteString(p.s[i : i+n])
		i += n
	}
	return "", false, p.fail(at, "the quotation mark is never closed", "close it with a second `\"`")
}

// regex reads /expression/ or /expression/i. The first slash that is not escaped
// must end the word, so that /1/indexes and /products stay text.
func (p *parser) regex() (expr string, fold, ok bool) {
	if p.s[p.i] != '/' || p.ends(p.i+1) {
		return "", false, false
	}
	var b writer
	for i := p.i + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '\\' && i+1 < len(p.s):
			if i++; p.s[i] != '/' {
				b.WriteByte(c)
			}
			b.WriteByte(p.s[i])
		case c == '/':
			end := i + 1
			if end < len(p.s) && (p.s[end] == 'i' || p.s[end] == 'I') {
				end, fold = end+1, true
			}
			if b.Len() == 0 || !p.ends(end) {
				return "", false, false
			}
			p.i = end
			return b.String(), fold, true
		default:
			b.WriteByte(c)
		}
	}
	return "", false, false
}

// bareWord is an unquoted word: its text with escapes resolved, and as a pattern.
type bareWord struct {
	text, pattern string
	wild          bool
}

func (p *parser) word() bareWord { return p.wordUntil("") }

// wordUntil reads a word up to white space, a closing parenthesis that it did not
// open itself, or one of the stop characters.
func (p *parser) wordUntil(stop string) bareWord {
	var text, pattern writer
	wild, open, start := false, 0, p.i
	for p.i < len(p.s) {
		r, n := utf8.DecodeRuneInString(p.s[p.i:])
		switch {
		case r == '(' && p.i > start:
			open++
		case r == ')' && open > 0:
			open--
		case p.ends(p.i) || strings.ContainsRune(stop, r):
			return bareWord{text.String(), pattern.String(), wild}
		case r == '\\' && p.i+1 < len(p.s):
			next, size := utf8.DecodeRuneInString(p.s[p.i+1:])
			if !unicode.IsLetter(next) && !unicode.IsDigit(next) && next != '_' {
				text.WriteRune(next)
				writePlain(&pattern, next)
				p.i += 1 + size
				continue
			}
		case r == '*', r == '?' && !strings.Contains(p.s[start:p.i], "://"):
			wild = true
			text.WriteRune(r)
			pattern.WriteRune(r)
			p.i += n
			continue
		}
		text.WriteRune(r)
		writePlain(&pattern, r)
		p.i += n
	}
	return bareWord{text.String(), pattern.String(), wild}
}

// writePlain writes a character of a pattern that stands for itself.
func writePlain(b *writer, r rune) {
	if r == '*' || r == '?' || r == '\\' {
		b.WriteByte('\\')
	}
	b.WriteRune(r)
}
