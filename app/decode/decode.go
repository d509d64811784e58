// Package decode reads what vendors put into strings: JSON that was cut off in
// the middle, query strings in JSON, header lines, stack traces.
//
//	doc, ok := decode.JSON(`{"query":"running sh`)
//	doc.Root.Kids[0]   // {Kind: String, Key: "query", Text: "running sh", Cut: true}
//	doc.Open           // 1: one bracket was left open
//
// The readers are tolerant and total: they take any text, never fail on what is
// missing, and mark it instead. They are bounded in bytes, nesting and number of
// values, since the text comes from the far end of somebody's webhook. What they
// return are mostly parts of the text itself, not copies.
//
// The package must not invent anything: a cut number stays the digits that are
// there, marked as cut, and what cannot be decoded stays as it was written.
package decode

import (
	"strings"
	"unicode/utf8"
)

// Bounds of the readers. Beyond them a reader stops and says so.
const (
	MaxBytes = 4 << 20 // of a text
	MaxDepth = 64      // of nested JSON
	MaxNodes = 50_000  // values of a JSON text
	MaxPairs = 2_000   // of a query string or of headers
)

// Pair is a name with its value, of a query string or of headers.
type Pair struct {
	Name   string // decoded
	Value  string // decoded
	Broken bool   // an escape could not be decoded: name and value are as they were written
}

// Visible returns s with control characters that can be seen, as \x1b, those that
// turn the direction of the text as \u202e, and bytes that are no UTF-8 as \xff.
// Tabs and line feeds stay, and a carriage return before a line feed goes. The
// pictures of control characters, as ␛, are in few fonts.
func Visible(s string) string {
	at := 0
	for at < len(s) && (s[at] >= ' ' && s[at] < 0x7f || s[at] == '\n' || s[at] == '\t') {
		at++
	}
	if at == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:at])
	for i := at; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
		case r == '\n', r == '\t':
			b.WriteRune(r)
		case r == utf8.RuneError && n == 1:
			hex(&b, `\x`, rune(s[i]), 2)
		case r < ' ' || 0x7f <= r && r < 0xa0:
			hex(&b, `\x`, r, 2)
		case turns(r):
			hex(&b, `\u`, r, 4)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// turns reports whether a character has no picture of its own and changes how
// those around it are drawn or ordered.
func turns(r rune) bool {
	return r == 0x061c || 0x200b <= r && r <= 0x200f && r != 0x200d || 0x2028 <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f || r == 0xfeff
}

func hex(b *strings.Builder, prefix string, r rune, digits int) {
	b.WriteString(prefix)
	for i := digits - 1; i >= 0; i-- {
		b.WriteByte("0123456789abcdef"[r>>(4*i)&15])
	}
}

// Component returns the name and type of the component that a deepset message
// speaks of, "" where it does not: newer Haystack versions write
// "Component name: 'prompt_builder'" and "Component type: 'PromptBuilder'" into
// what they raise.
func Component(text string) (name, kind string) {
	return quoted(text, "Component name:"), quoted(text, "Component type:")
}

func quoted(text, label string) string {
	_, rest, ok := strings.Cut(text, label)
	if !ok {
		return ""
	}
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.TrimSpace(line)
	if len(line) > 1 && (line[0] == '\'' || line[0] == '"') {
		line, _, _ = strings.Cut(line[1:], line[:1])
	}
	if len(line) > 200 {
		return ""
	}
	return line
}
