package item

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/app/fault"
)

// Bounds of a list of items.
const (
	MaxItems     = 5000
	MaxItemBytes = 4096    // of one item
	MaxListBytes = 8 << 20 // of the text of a list
)

// List is a list of items as somebody gave it.
type List struct {
	Items    []string // as Coveo knows them, each once, in the order given
	Form     string   // "lines", "CSV" or "sitemap": how the text was read
	Column   string   // of CSV, the name of the column that was taken; "" without a header
	Repeated int      // items that stood there before
}

// ParseList reads items: one a line, a column of CSV, or a sitemap's addresses.
//
// Of CSV the column with a name such as uri or item is taken where there is a
// header, else the first. A text of one item a line is not taken for CSV because
// an address holds a comma: without a header, every line must have as many commas,
// and begin with an address or a quotation mark.
//
// Faults: Invalid for a text without items, with more than MaxItems, with one
// longer than MaxItemBytes, and for a sitemap that only lists other sitemaps.
func ParseList(text string) (List, error) {
	if len(text) > MaxListBytes {
		return List{}, refuse("the list is larger than 8 MB")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if !utf8.ValidString(text) {
		return List{}, refuse("the list is no UTF-8 text; save it as UTF-8 and try again")
	}
	l := List{Form: "lines"}
	var found []string
	switch rows, column := table(text); {
	case sitemap(text):
		l.Form = "sitemap"
		if found = locations(text); strings.Contains(text, "<sitemapindex") {
			return l, refuse("this is an index of sitemaps; give the sitemaps that it lists, one at a time")
		}
	case rows != nil:
		l.Form = "CSV"
		at := 0
		if column >= 0 {
			at = column
			l.Column = strings.TrimSpace(rows[0][at])
			rows = rows[1:]
		}
		for _, r := range rows {
			if at < len(r) {
				found = append(found, r[at])
			}
		}
	default:
		found = strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	}
	seen := make(map[string]bool, len(found))
	for _, it := range found {
		switch it = strings.TrimSpace(it); {
		case it == "":
			continue
		case seen[it]:
			l.Repeated++
			continue
		case len(it) > MaxItemBytes:
			return l, refuse("an item is longer than " + strconv.Itoa(MaxItemBytes) + " bytes: " + it[:cutAt(it, 60)] + "…")
		case len(l.Items) == MaxItems:
			return l, refuse("the list holds more than 5,000 items; give it in parts")
		}
		seen[it] = true
		l.Items = append(l.Items, it)
	}
	if len(l.Items) == 0 {
		return l, refuse("the list holds no items: give one URI a line, CSV with a column of URIs, or a sitemap")
	}
	return l, nil
}

func refuse(msg string) error { return fault.New(fault.Invalid, "read items").Saying(msg) }

// cutAt returns where to cut s so that at most n bytes and whole letters stay.
func cutAt(s string, n int) int {
	for n = min(n, len(s)); n > 0 && n < len(s) && !utf8.RuneStart(s[n]); n-- {
	}
	return n
}

// sitemap reports whether a text is a sitemap, per sitemaps.org.
func sitemap(text string) bool {
	head := strings.TrimSpace(text[:cutAt(text, 4096)])
	return strings.HasPrefix(head, "<") && (strings.Contains(head, "<urlset") || strings.Contains(head, "<sitemapindex"))
}

// locations returns what stands in the loc elements of a sitemap. Sitemaps have no
// other elements named so but those of images and videos, which have a prefix.
func locations(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "<loc>")
		if !ok {
			return out
		}
		loc, rest, ok := strings.Cut(rest, "</loc>")
		if !ok {
			return out
		}
		loc = strings.TrimSpace(loc)
		if in, ok := strings.CutPrefix(loc, "<![CDATA["); ok {
			loc = strings.TrimSuffix(in, "]]>")
		} else {
			loc = unescapeXML(loc)
		}
		out = append(out, loc)
		text = rest
	}
}

// unescapeXML replaces the entities of XML. What is none stands for itself.
func unescapeXML(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexByte(s[:min(len(s), 12)], ';')
		text := ""
		if end > 1 {
			switch name := s[1:end]; name {
			case "amp":
				text = "&"
			case "lt":
				text = "<"
			case "gt":
				text = ">"
			case "quot":
				text = `"`
			case "apos":
				text = "'"
			default:
				text = character(name)
			}
		}
		if text == "" {
			text, end = "&", 0
		}
		b.WriteString(text)
		s = s[end+1:]
	}
}

// character reads a numeric reference, "#38" or "#x26"; "" if it is none.
func character(name string) string {
	digits, base := strings.TrimPrefix(name, "#"), 10
	if digits == name {
		return ""
	}
	if hex := strings.TrimLeft(digits, "xX"); hex != digits {
		digits, base = hex, 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil || n <= 0 || !utf8.ValidRune(rune(n)) {
		return ""
	}
	return string(rune(n))
}

// headers are names of columns that hold items, in lower case without spaces,
// hyphens and underscores, the best first.
var headers = []string{"uri", "itemuri", "documentid", "item", "items", "url", "loc", "address", "clickableuri", "permanentid", "id", "document", "link"}

// table reads text as CSV, with commas, semicolons or tabs. rows is nil when it is
// a list of lines; column is -1 without a header.
func table(text string) (rows [][]string, column int) {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	sep := byte(',')
	for _, c := range []byte{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(sep)) {
			sep = c
		}
	}
	if strings.IndexByte(first, sep) < 0 {
		sep = '\x1f' // one column: commas below belong to addresses
	}
	rows = cells(text, sep)
	if len(rows) < 2 {
		return nil, -1
	}
	names := make([]string, len(rows[0]))
	for i, name := range rows[0] {
		names[i] = strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(strings.TrimSpace(name)))
	}
	for _, h := range headers {
		for i, name := range names {
			if name == h {
				return rows, i
			}
		}
	}
	wide := len(rows[0])
	if wide > 1 && !strings.Contains(first, "://") && strings.Contains(rows[1][0], "://") {
		return rows, 0
	}
	for _, r := range rows {
		if len(r) != wide {
			return nil, -1
		}
	}
	switch quoted := strings.HasPrefix(first, `"`); {
	case quoted:
	case wide < 2:
		return nil, -1
	default:
		for _, r := range rows {
			if !strings.Contains(r[0], "://") {
				return nil, -1
			}
		}
	}
	return rows, -1
}

// cells splits CSV, per RFC 4180, into rows; empty lines are left out. A quotation
// mark that is never closed stands for itself.
func cells(text string, sep byte) [][]string {
	var rows [][]string
	for len(text) > 0 {
		var row []string
		for end := false; !end; {
			var cell string
			cell, text, end = cell1(text, sep)
			row = append(row, cell)
		}
		if len(row) > 1 || strings.TrimSpace(row[0]) != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// cell1 takes the first cell off text; end says that its row ends with it.
func cell1(text string, sep byte) (cell, rest string, end bool) {
	if strings.HasPrefix(text, `"`) {
		var b strings.Builder
		for s := text[1:]; ; {
			at := strings.IndexByte(s, '"')
			if at < 0 {
				break // never closed: read on as a plain cell
			}
			b.WriteString(s[:at])
			s = s[at+1:]
			if strings.HasPrefix(s, `"`) {
				b.WriteByte('"')
				s = s[1:]
				continue
			}
			more, rest, end := plain(s, sep)
			return b.String() + more, rest, end
		}
	}
	return plain(text, sep)
}

// plain takes text up to the next separator or the end of the line.
func plain(text string, sep byte) (cell, rest string, end bool) {
	for i := range len(text) {
		switch text[i] {
		case sep:
			return text[:i], text[i+1:], false
		case '\n':
			return strings.TrimSuffix(text[:i], "\r"), text[i+1:], true
		}
	}
	return strings.TrimSuffix(text, "\r"), "", true
}

// AppendCSV appends one row of CSV, per RFC 4180. A cell that a spreadsheet would
// take for a formula is led by an apostrophe: vendors' texts are not commands.
func AppendCSV(b []byte, row ...string) []byte {
	for i, cell := range row {
		if i > 0 {
			b = append(b, ',')
		}
		if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
			cell = "'" + cell
		}
		if strings.ContainsAny(cell, ",;\"\r\n\t") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b = append(b, cell...)
	}
	return append(b, '\r', '\n')
}
