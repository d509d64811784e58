package export

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

// Records end with CR LF: RFC 4180 asks for it, every reader takes it, and the end of
// a record can be told from a line feed within a cell.

func (w *Writer) appendRecord(b []byte, e *logs.Entry) []byte {
	shown := w.shown(e)
	from := len(b)
	for i := range w.cols {
		if i > 0 {
			b = append(b, ',')
		}
		if c := w.cols[i].value(&shown, w.o.zone()); c.number {
			b = append(b, c.text...)
		} else {
			b = AppendCell(b, c.text)
		}
	}
	if len(b) == from {
		b = append(b, `""`...) // an empty line would be no record
	}
	return b
}

// AppendCell appends a text as a cell of CSV that no spreadsheet takes for a formula.
//
// A spreadsheet runs what a cell begins with = + - @, a tab or a carriage return, and
// some do so after spaces and quotes. An apostrophe before it makes it text. Where the
// reader takes other separators than ours, which is what Excel does in half of Europe,
// a cell begins after each semicolon, tab and line break as well: the same is done
// there. Numbers that are written by ourselves do not come by here.
func AppendCell(b []byte, text string) []byte {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	quoted := strings.ContainsAny(text, "\",;\r\n\t") || text != "" && (text[0] == ' ' || text[len(text)-1] == ' ') || text == `\.`
	if quoted {
		b = append(b, '"')
	}
	done := 0
	for at := 0; at <= len(text); {
		if risky(text[at:]) {
			b = appendQuoted(b, text[done:at])
			b, done = append(b, '\''), at
		}
		next := strings.IndexAny(text[at:], ";\t\r\n")
		if next < 0 {
			break
		}
		if at += next + 1; text[at-1] == '\r' && at < len(text) && text[at] == '\n' {
			at++
		}
	}
	b = appendQuoted(b, text[done:])
	if quoted {
		b = append(b, '"')
	}
	return b
}

// appendQuoted doubles quotation marks. A text with one is always in quotes.
func appendQuoted(b []byte, s string) []byte {
	for {
		at := strings.IndexByte(s, '"')
		if at < 0 {
			return append(b, s...)
		}
		b = append(append(b, s[:at+1]...), '"')
		s = s[at+1:]
	}
}

// risky reports whether a spreadsheet may take what begins here for a formula.
func risky(s string) bool {
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '−':
			return true
		case '"', '\'', '`', '‘', '’', '“', '”', '„', '«', '»', '\ufeff', '\u200b', '\u200e', '\u200f', '\u2060', 0:
		default:
			if !unicode.IsSpace(r) {
				return false
			}
		}
	}
	return false
}
