package export

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
)

// kind says how a column is read.
type kind uint8

const (
	asText  kind = iota // a name of the filter language
	asPath              // a path into Raw
	asField             // a name of Entry.Fields
	asTime
	asTook
	asStatus
	asAttempt
	asFields // all of Entry.Fields, as JSON
	asRaw
)

// column is a column of a table.
type column struct {
	name string // as the header has it
	kind kind
	col  query.Column
}

// columnOf resolves a name of an address. Pages call the source "target".
func columnOf(name string) (column, bool) {
	switch name {
	case "fields":
		return column{name: name, kind: asFields}, true
	case "raw":
		return column{name: name, kind: asRaw}, true
	case "target":
		name = "src"
	}
	if !view.ColumnName(name) {
		return column{}, false
	}
	col, ok := query.ColumnOf(name)
	c := column{name: col.Name, col: col}
	switch {
	case col.IsField():
		c.kind = asField
	case strings.IndexByte(col.Name, '.') >= 0:
		c.kind = asPath
	case col.Name == "time":
		c.kind = asTime
	case col.Name == "took":
		c.name, c.kind = "took_ms", asTook // the header has the unit
	case col.Name == "status":
		c.kind = asStatus
	case col.Name == "attempt":
		c.kind = asAttempt
	}
	return c, ok
}

func columnsOf(names []string) []column {
	out := make([]column, 0, len(names))
	for _, n := range names {
		if c, ok := columnOf(n); ok {
			out = append(out, c)
		}
	}
	return out
}

// shown returns the parts of an entry that the columns need, masked.
func (w *Writer) shown(e *logs.Entry) logs.Entry {
	out := *e
	raw, fields := false, false
	for i := range w.cols {
		switch w.cols[i].kind {
		case asPath, asRaw:
			raw = true
		case asField, asFields:
			fields = true
		}
	}
	if !raw {
		out.Raw = nil
	}
	if !fields {
		out.Fields = nil
	}
	return w.o.Lens.Entry(out)
}

// cell is the value of an entry in a column.
type cell struct {
	text   string
	number bool // text is a number that cannot be taken for anything else
}

// value reads a column of an entry that is masked already.
func (c *column) value(e *logs.Entry, zone *time.Location) cell {
	switch c.kind {
	case asTime:
		text, _ := stamp(e, zone)
		return cell{text: text}
	case asTook:
		if e.HasTook {
			return cell{strconv.FormatFloat(float64(e.Took)/float64(time.Millisecond), 'f', -1, 64), true}
		}
	case asStatus:
		return counted(e.Status)
	case asAttempt:
		return counted(e.Attempt)
	case asField:
		for i := range e.Fields {
			if f := &e.Fields[i]; f.Name == c.name || query.Key(f.Name) == c.col.Key() {
				_, number := f.Value.(float64)
				return cell{logs.TextOf(f.Value), number}
			}
		}
	case asFields:
		if len(e.Fields) > 0 {
			if b, err := e.Fields.MarshalJSON(); err == nil {
				return cell{text: string(b)}
			}
		}
	case asRaw:
		b := append([]byte(nil), e.Raw...)
		for i, ch := range b {
			if ch == '\t' {
				b[i] = ' '
			}
		}
		inOneLine(b)
		return cell{text: string(b)}
	case asPath:
		text, _, _, _ := c.col.ValueIn(e)
		return cell{text, plainNumber(text)}
	default:
		text, _, _, _ := c.col.ValueIn(e)
		return cell{text: text}
	}
	return cell{}
}

func counted(n int) cell {
	if n == 0 {
		return cell{}
	}
	return cell{strconv.Itoa(n), true}
}

// plainNumber reports whether a text is an optional minus, digits, and perhaps a
// point with more digits.
func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest, point := strings.Cut(s, ".")
	return digits(whole) && (!point || digits(rest))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
