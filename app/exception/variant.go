package exception

import (
	"strings"
	"unicode/utf8"
)

// hole stands in a variant where messages have an id or a number.
const hole = "…"

// Variant returns a message with … for what differs between two that say the same:
// numbers, UUIDs, long words with digits in them, and addresses in memory. The
// variant of a variant is itself.
func Variant(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if !isWord(s[i]) {
			if strings.HasPrefix(s[i:], hole) { // two side by side are one
				if !strings.HasSuffix(b.String(), hole) {
					b.WriteString(hole)
				}
				i += len(hole)
				continue
			}
			b.WriteByte(s[i])
			i++
			continue
		}
		from := i
		for i < len(s) && (isWord(s[i]) || s[i] == '-' && i+1 < len(s) && isWord(s[i+1]) || s[i] == '.' && isDigit(s[i-1]) && i+1 < len(s) && isDigit(s[i+1])) {
			i++
		}
		word(&b, s[from:i])
	}
	return b.String()
}

// word writes one word without its numbers.
func word(b *strings.Builder, w string) {
	digits, hex := 0, true
	for i := range len(w) {
		switch c := w[i]; {
		case isDigit(c):
			digits++
		case c == '-', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			hex = false
		}
	}
	put := func() {
		if !strings.HasSuffix(b.String(), hole) {
			b.WriteString(hole)
		}
	}
	switch {
	case digits == 0:
		b.WriteString(w)
		return
	case len(w) >= 16 || hex && len(w) >= 8 || strings.HasPrefix(w, "0x"):
		put()
		return
	}
	for i := 0; i < len(w); {
		if !isDigit(w[i]) {
			b.WriteByte(w[i])
			i++
			continue
		}
		for i < len(w) && (isDigit(w[i]) || w[i] == '.') {
			i++
		}
		put()
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// cut returns at most n bytes of s, without half a character at the end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// firstLine returns the first line of s that is not empty, at most maxFirst bytes.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	line = strings.TrimSpace(line)
	if short := cut(line, maxFirst); short != line {
		return short + hole
	}
	return line
}
