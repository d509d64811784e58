package json

import "io"

// Token is a Delim, bool, float64, string, or nil for null.
type Token any

// Delim is one of [ ] { and }.
type Delim rune

// String returns the bracket.
func (d Delim) String() string { return string(d) }

// Decoder reads a sequence of values, or their tokens. Unlike that of encoding/json it
// reads to the end before it returns the first.
type Decoder struct {
	r    io.Reader // nil once it was read
	data []byte
	end  error // what follows data
	err  error // of a value; nothing follows it
	i    int
	open []byte // the brackets that are open
	due  byte
}

// What may come next, beside the end of what is open.
const (
	dueValue = iota // a value
	dueFirst        // the first element
	dueName         // a name
	dueColon        // a colon
	dueComma        // a comma
)

// NewDecoder returns a decoder of what r holds.
func NewDecoder(r io.Reader) *Decoder { return &Decoder{r: r} }

// peek goes to the next byte that is not white and returns it.
func (d *Decoder) peek() (byte, error) {
	if d.r != nil {
		d.data, d.end = io.ReadAll(d.r)
		d.r = nil
		if d.end == nil {
			d.end = io.EOF
		}
	}
	d.i = space(d.data, d.i)
	if d.i == len(d.data) {
		return 0, d.end
	}
	return d.data[d.i], nil
}

// in returns the bracket that is open, or 0.
func (d *Decoder) in() byte {
	if len(d.open) == 0 {
		return 0
	}
	return d.open[len(d.open)-1]
}

// after sets what is due behind a value.
func (d *Decoder) after() {
	d.due = dueComma
	if len(d.open) == 0 {
		d.due = dueValue
	}
}

// mayValue reports whether a value may stand here.
func (d *Decoder) mayValue() bool {
	return d.due == dueValue || d.due == dueFirst && d.in() == '['
}

// More reports whether the array or object that is open goes on.
func (d *Decoder) More() bool {
	c, err := d.peek()
	return err == nil && c != ']' && c != '}'
}

// Decode reads the next value into what v points to, as Unmarshal does. At the end the
// error is io.EOF.
func (d *Decoder) Decode(v any) error {
	if d.err != nil {
		return d.err
	}
	c, err := d.peek()
	if sep := d.due == dueColon || d.due == dueComma && d.in() == '['; sep {
		if err != nil {
			return err
		}
		if (d.due == dueColon) != (c == ':') || c != ':' && c != ',' {
			return wrong(d.data, d.i)
		}
		d.i++
		d.due = dueValue
		_, err = d.peek()
	}
	if !d.mayValue() {
		return wrong(d.data, d.i)
	}
	if err != nil {
		d.err = err
		return err
	}
	text, err := d.value()
	if err != nil {
		return err
	}
	d.after()
	return decode(text, v)
}

// value returns the text of the next value and goes behind it.
func (d *Decoder) value() ([]byte, error) {
	end, err := scan(d.data, d.i)
	if err != nil {
		if d.end != io.EOF {
			err = d.end
		}
		d.err = err
		return nil, err
	}
	text := d.data[d.i:end]
	d.i = end
	return text, nil
}

// Token returns the next token; commas and colons are none. At the end the error is
// io.EOF.
func (d *Decoder) Token() (Token, error) {
	for {
		c, err := d.peek()
		if err != nil {
			return nil, err
		}
		switch in := d.in(); {
		case (c == '[' || c == '{') && d.mayValue():
			d.open = append(d.open, c)
			d.due = dueFirst
		case in != 0 && c == in+2 && (d.due == dueFirst || d.due == dueComma):
			d.open = d.open[:len(d.open)-1]
			d.after()
		case c == ':' && d.due == dueColon:
			d.i++
			d.due = dueValue
			continue
		case c == ',' && d.due == dueComma:
			d.i++
			d.due = dueValue
			if in == '{' {
				d.due = dueName
			}
			continue
		case c == '"' && in == '{' && (d.due == dueFirst || d.due == dueName):
			text, err := d.value()
			if err != nil {
				return nil, err
			}
			d.due = dueColon
			return string(unquoted(text[1 : len(text)-1])), nil
		case c != ']' && c != '}' && c != ':' && c != ',' && d.mayValue():
			var v any
			err := d.Decode(&v)
			return v, err
		default:
			return nil, wrong(d.data, d.i)
		}
		d.i++
		return Delim(c), nil
	}
}
