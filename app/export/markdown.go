package export

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

// AppendMarkdown appends an entry as a block for an issue, which ends with a line
// feed: a title, what is known in a table, and the vendor's JSON in a fence longer
// than any within it. Nothing that the vendor wrote can become markup.
func AppendMarkdown(b []byte, e *logs.Entry, o Options) []byte {
	shown := o.Lens.Entry(*e)
	title := shown.Summary
	if title == "" {
		title = shown.ID
	}
	b = append(appendInline(append(b, "**"...), title), "**\n\n| field | value |\n| --- | --- |\n"...)
	var known logs.Fields
	row := func(name, value string) {
		// A vendor's field may have the name of one that all share.
		if value != "" && known.Text(name) != value {
			known.Add(name, value)
			b = appendInline(append(b, "| "...), name)
			b = append(appendInline(append(b, " | "...), value), " |\n"...)
		}
	}
	when, _ := stamp(&shown, o.zone())
	row("time", when)
	row("src", shown.Src)
	row("level", shown.Level.String())
	row("outcome", shown.Outcome.String())
	if shown.Status != 0 {
		row("status", strconv.Itoa(shown.Status))
	}
	if shown.HasTook {
		row("took", took(shown.Took))
	}
	row("item", shown.Item)
	row("job", shown.Job)
	row("request", shown.Request)
	if shown.Attempt != 0 {
		row("attempt", strconv.Itoa(shown.Attempt))
	}
	for _, f := range shown.Fields {
		row(f.Name, logs.TextOf(f.Value))
	}
	row("id", shown.ID)
	if len(shown.Raw) == 0 {
		return b
	}
	raw := decode.Visible(indented(string(shown.Raw)))
	fence := strings.Repeat("`", max(3, longest(raw, '`')+1))
	return append(b, "\n"+fence+"json\n"+raw+"\n"+fence+"\n"...)
}

func (w *Writer) appendRow(b []byte, e *logs.Entry) []byte {
	shown := w.shown(e)
	b = append(b, '|')
	for i := range w.cols {
		c := w.cols[i].value(&shown, w.o.zone())
		b = append(appendInline(append(b, ' '), c.text), " |"...)
	}
	return b
}

// maxInline bounds a cell of a table in bytes: a table is read, and what is longer is
// in the other formats.
const maxInline = 2 << 10

// appendInline appends a text as one line in which nothing is markup: no cell, no
// code, no link, no tag, no emphasis.
func appendInline(b []byte, text string) []byte {
	text = line(text)
	if len(text) > maxInline {
		text = strings.ToValidUTF8(text[:maxInline], "") + "…"
	}
	for i := range len(text) {
		switch c := text[i]; c {
		case '\\', '`', '*', '_', '[', ']', '|', '~', '#', '$':
			b = append(b, '\\', c)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '&':
			b = append(b, "&amp;"...)
		default:
			b = append(b, c)
		}
	}
	return b
}

// longest returns the length of the longest run of a character.
func longest(s string, c byte) int {
	most, run := 0, 0
	for i := range len(s) {
		if run++; s[i] != c {
			run = 0
		}
		most = max(most, run)
	}
	return most
}

// indented breaks JSON text into lines, each token as it was written. Text that is no
// JSON comes out in some form, whole.
func indented(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	deep := 0
	newline := func() {
		b.WriteByte('\n')
		for range min(deep, 64) {
			b.WriteString("  ")
		}
	}
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ', '\n', '\t', '\r':
			i++
		case '"':
			end := logs.StringEnd(s, i)
			if end < 0 {
				end = len(s)
			}
			b.WriteString(s[i:end])
			i = end
		case '{', '[':
			b.WriteByte(c)
			i++
			if next := logs.SkipSpace(s, i); next < len(s) && (s[next] == '}' || s[next] == ']') {
				b.WriteByte(s[next])
				i = next + 1
				continue
			}
			deep++
			newline()
		case '}', ']':
			deep = max(0, deep-1)
			newline()
			b.WriteByte(c)
			i++
		case ',':
			b.WriteByte(c)
			newline()
			i++
		case ':':
			b.WriteString(": ")
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}
