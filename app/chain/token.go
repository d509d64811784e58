package chain

import (
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// tokens calls visit with what an entry names that may be an id: what it belongs to,
// and words of its JSON that no language has. A token may come twice.
func tokens(e *logs.Entry, visit func(token string)) {
	left := maxTokens
	give := func(token string) {
		if left > 0 {
			left--
			visit(token)
		}
	}
	for _, id := range [...]string{e.Job, e.Request} {
		if len(id) >= 6 && len(id) <= 80 {
			give(id)
		}
	}
	for _, f := range e.Fields {
		// An id that is digits alone is one where it is a value of its own.
		if s, ok := f.Value.(string); ok && strings.HasSuffix(f.Name, "id") && len(s) >= 6 && len(s) <= 80 && strings.ContainsAny(s, "0123456789") {
			give(s)
		}
	}
	text := string(e.Raw)
	if text == "" {
		text = e.Summary
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	scan(text, give)
}

// scan calls visit with the words of a text that look like ids. Escapes of JSON and
// of addresses end words, and are no part of them.
func scan(s string, visit func(token string)) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\':
			i += 2
			if i-1 < len(s) && s[i-1] == 'u' {
				i += 4
			}
			continue
		case c == '%' && i+2 < len(s) && hexByte(s[i+1]) && hexByte(s[i+2]):
			i += 3
			continue
		case !idByte(c):
			i++
			continue
		}
		from := i
		for i < len(s) && idByte(s[i]) {
			i++
		}
		if token := strings.Trim(s[from:i], "-_"); likeID(token) {
			visit(token)
		}
	}
}

func idByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '_'
}

func hexByte(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// likeID reports whether a word can be an id: letters and at least three digits, and
// no date.
func likeID(s string) bool {
	if len(s) < 8 || len(s) > 80 {
		return false
	}
	digits, letters := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c != '-' && c != '_':
			letters++
		}
	}
	if digits < 3 || letters == 0 || clock(s) {
		return false
	}
	return !(len(s) >= 10 && s[4] == '-' && s[7] == '-' && s[0] <= '2' && s[1] <= '9' && s[2] <= '9' && s[3] <= '9' && s[5] <= '1')
}

// clock reports whether a word is what is left of a time: "884768354Z" of
// 11:47:01.884768354Z, or "20261121T114701Z".
func clock(s string) bool {
	s = strings.TrimRight(s, "Zz")
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != 'T' {
			return false
		}
	}
	return strings.Count(s, "T") <= 1
}
