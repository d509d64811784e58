package query

import (
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

// Column is a name of the language, ready to read what entries have under it.
type Column struct {
	Name string // as it is written canonically
	ref  ref
	path *term // refRaw
}

// ColumnOf resolves a name: a shared one, one of an entry's fields, or a path into
// the vendor's own JSON. It reports false for what no filter could name.
func ColumnOf(name string) (Column, bool) {
	if !validName(name) {
		return Column{}, false
	}
	written, r := resolve(name)
	c := Column{Name: written, ref: r}
	if r.kind == refRaw {
		c.path = &term{ref: r, op: opTake}
	}
	return c, true
}

// Key returns the name without case and underscores: two fields with one key are
// one to a filter.
func (c Column) Key() string { return c.ref.key }

// IsField reports whether the name is that of a field, which has no place of its
// own in an entry.
func (c Column) IsField() bool { return c.ref.kind == refFields }

// Parts returns what Value needs to find filled in.
func (c Column) Parts() Parts {
	switch c.ref.kind {
	case refFields, refRaw:
		return PartJSON
	case refTime:
		return PartTime | PartEntry
	case refID, refJob, refItem, refRequest, refSummary:
		return PartTexts
	}
	return 0
}

// Value returns what an entry has under the name, as text and, where it is or
// reads as one, as a number: seriousness for levels, nanoseconds for durations and
// times. It reports false where the entry has nothing there.
func (c Column) Value(d *Doc) (text string, num float64, isNum, ok bool) {
	var v value
	if c.ref.kind == refRaw {
		if c.ref.vendor != "" && vendorOf(d) != c.ref.vendor {
			return "", 0, false, false
		}
		take := *c.path
		take.taken = &v
		ok = take.matchRaw(d.Raw, c.ref.key, maxJSONDepth)
	} else {
		ok = c.ref.get(d, &v)
	}
	if !ok {
		return "", 0, false, false
	}
	switch v.kind {
	case vLevel:
		return v.level.String(), float64(v.level), true, true
	case vDur:
		return v.string(), float64(v.dur), true, true
	case vTime:
		if d.entry != nil {
			text = v.string()
		}
		return text, float64(v.time.UnixNano()), true, true
	case vNum:
		return v.string(), v.num, true, true
	}
	num, isNum = number(v.text)
	return v.text, num, isNum, true
}

// ValueIn is Value for an entry that is no plain [Doc].
func (c Column) ValueIn(e *logs.Entry) (text string, num float64, isNum, ok bool) {
	d := DocOf(e)
	return c.Value(&d)
}

// Number reads a text as a number, as comparisons do.
func Number(text string) (float64, bool) { return number(text) }

// CompareFold orders two texts without case.
func CompareFold(a, b string) int {
	for a != "" && b != "" {
		if a[0] < utf8.RuneSelf && b[0] < utf8.RuneSelf {
			if x, y := foldByte(a[0]), foldByte(b[0]); x != y {
				return int(x) - int(y)
			}
			a, b = a[1:], b[1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(a)
		f, m := utf8.DecodeRuneInString(b)
		if r, f = foldRune(r), foldRune(f); r != f {
			return int(r) - int(f)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}

// Key returns a name without case and underscores.
func Key(name string) string { return normal(name) }

// ForText returns the filter that looks for a text as it is, whatever characters
// it holds; nil for text without any. The error is an *Error.
func (o Options) ForText(text string) (*Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return o.Parse(quote(text))
}
