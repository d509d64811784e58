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
	r.buf = append(r.buf, unitSep)
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f {
			r.buf = append(r.buf, ' ')
		} else {
			r.buf = append(r.buf, c)
		}
	}
}
