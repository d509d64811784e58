package dom

import "strconv"

// The separators of the packed form. Vendor text cannot hold them: Cell turns
// control characters into spaces.
const (
	unitSep   = 0x1f // between the values of one row
	recordSep = 0x1e // after each row
)

// rows is one frame's rows as static/grid.js reads them: for each row slot,
// index, class, id, selected, day, then its cells.
type rows struct {
	buf []byte
}

func (r *rows) row(slot, index int, class, id string, selected bool, day string) {
	if len(r.buf) > 0 {
		r.buf = append(r.buf, recordSep)
	}
	r.buf = strconv.AppendInt(r.buf, int64(slot), 10)
	r.buf = append(r.buf, unitSep)
	r.buf = strconv.AppendInt(r.buf, int64(index), 10)
	r.text(class)
	r.text(id)
	if selected {
		r.text("true")
	} else {
		r.text("false")
	}
	r.text(day)
}

// text appends one value, with control characters as spaces.
func (r *rows) text(s string) {
	r.buf = appendText(append(r.buf, unitSep), s)
}

func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f {
			b = append(b, ' ')
		} else {
			b = append(b, c)
		}
	}
	return b
}

// packColumns writes columns as static/grid.js reads them: name, class, width and
// whether a phone shows it.
func packColumns(cols []Column) string {
	var b []byte
	for i, c := range cols {
		if i > 0 {
			b = append(b, recordSep)
		}
		b = append(appendText(b, c.Name), unitSep)
		b = append(appendText(b, c.Class), unitSep)
		b = append(strconv.AppendInt(b, int64(c.Width), 10), unitSep)
		if c.Phone {
			b = append(b, '1')
		}
	}
	return string(b)
}
