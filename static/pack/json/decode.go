package json

import (
	"encoding"
	"encoding/base64"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decoder goes through data, which is known to be JSON.
type decoder struct {
	data []byte
	i    int   // the next byte
	err  error // about the first part that did not fit
}

// decode reads data, which is one JSON value, into what v points to.
func decode(data []byte, v any) error {
	to := reflect.ValueOf(v)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return errors.New("json: Unmarshal into what is not a pointer, or nil")
	}
	d := decoder{data: data, i: space(data, 0)}
	if err := d.value(to); err != nil {
		return err
	}
	return d.err
}

// skip goes behind the value at d.i and returns its text.
func (d *decoder) skip() []byte {
	start := d.i
	d.i, _ = scan(d.data, d.i)
	return d.data[start:d.i]
}

// misfit keeps the error that what, now behind d.i, does not go into t.
func (d *decoder) misfit(what []byte, t reflect.Type) {
	if d.err == nil {
		if len(what) > 40 {
			what = what[:40]
		}
		d.err = errors.New("json: " + strconv.Quote(string(what)) + " does not go into Go type " + t.String())
	}
}

// next goes to the next element of what ends with end, from behind its bracket or the
// element before. Without one it goes behind the end and returns false.
func (d *decoder) next(end byte) bool {
	d.i = space(d.data, d.i)
	c := d.data[d.i]
	if c == end {
		d.i++
		return false
	}
	if c == ',' {
		d.i = space(d.data, d.i+1)
	}
	return true
}

// text reads the string at d.i. It may be a part of data.
func (d *decoder) text() []byte {
	start := d.i
	d.i = literal(d.data, d.i)
	return unquoted(d.data[start+1 : d.i-1])
}

// name reads the name at d.i and goes to its value.
func (d *decoder) name() []byte {
	s := d.text()
	d.i = space(d.data, space(d.data, d.i)+1)
	return s
}

// unquoted returns the string that s writes, which may be s. What is not UTF-8, and
// half of a surrogate pair, is U+FFFD.
func unquoted(s []byte) []byte {
	n := 0
	for n < len(s) && s[n] != '\\' && s[n] < utf8.RuneSelf {
		n++
	}
	if n == len(s) {
		return s
	}
	b := append(make([]byte, 0, len(s)+utf8.UTFMax), s[:n]...)
	for i := n; i < len(s); {
		c := s[i]
		if c != '\\' {
			r, size := utf8.DecodeRune(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
			continue
		}
		c = s[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := hex4(s, i)
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if at(s, i) == '\\' && at(s, i+1) == 'u' {
					low = hex4(s, i+2)
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		b = append(b, c)
	}
	return b
}

// any reads the value at d.i as what an empty interface holds.
func (d *decoder) any() any {
	switch d.data[d.i] {
	case '{':
		d.i++
		m := map[string]any{}
		for d.next('}') {
			k := string(d.name())
			m[k] = d.any()
		}
		return m
	case '[':
		d.i++
		s := []any{}
		for d.next(']') {
			s = append(s, d.any())
		}
		return s
	case '"':
		return string(d.text())
	}
	text := d.skip()
	switch text[0] {
	case 'n':
		return nil
	case 't', 'f':
		return text[0] == 't'
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		d.misfit(text, reflect.TypeFor[float64]())
		return nil
	}
	return f
}

// target follows v to where a value is to be stored, and makes what pointers on the
// way need. If that stores itself it returns it as an Unmarshaler, or, unless for null,
// as an encoding.TextUnmarshaler. For null it stops at a pointer that can be set.
func target(v reflect.Value, null bool) (any, reflect.Value) {
	whole := v
	addr := false // v is the address of whole
	if v.Kind() != reflect.Pointer && v.Type().Name() != "" && v.CanAddr() {
		addr = true
		v = v.Addr()
	}
	for {
		if v.Kind() == reflect.Interface && !v.IsNil() {
			if e := v.Elem(); e.Kind() == reflect.Pointer && !e.IsNil() && (!null || e.Elem().Kind() == reflect.Pointer) {
				addr = false
				v = e
				continue
			}
		}
		if v.Kind() != reflect.Pointer || null && v.CanSet() {
			return nil, v
		}
		if v.Elem().Kind() == reflect.Interface {
			if e := v.Elem().Elem(); e.Kind() == reflect.Pointer && e.Type() == v.Type() && e.Pointer() == v.Pointer() {
				return nil, v.Elem() // it holds its own address
			}
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if v.Type().NumMethod() > 0 && v.CanInterface() {
			self := v.Interface()
			if _, ok := self.(Unmarshaler); ok {
				return self, v
			}
			if _, ok := self.(encoding.TextUnmarshaler); ok && !null {
				return self, v
			}
		}
		if addr {
			v, addr = whole, false
		} else {
			v = v.Elem()
		}
	}
}

// value reads the value at d.i into v. The error is one of a method of v, and ends it
// all.
func (d *decoder) value(v reflect.Value) error {
	c := d.data[d.i]
	self, v := target(v, c == 'n')
	switch self := self.(type) {
	case Unmarshaler:
		return self.UnmarshalJSON(d.skip())
	case encoding.TextUnmarshaler:
		if c == '"' {
			return self.UnmarshalText(d.text())
		}
		d.misfit(d.skip(), v.Type())
		return nil
	}
	kind, t := v.Kind(), v.Type()
	if kind == reflect.Interface && c != 'n' && v.NumMethod() == 0 {
		if x := d.any(); x != nil { // but for a number that is too large
			v.Set(reflect.ValueOf(x))
		}
		return nil
	}
	switch {
	case c == '{' && kind == reflect.Map && t.Key().Kind() == reflect.String:
		return d.dict(v, t)
	case c == '{' && kind == reflect.Struct:
		if fields, ok := fieldsOf(t); ok {
			return d.fields(v, fields)
		}
	case c == '[' && (kind == reflect.Slice || kind == reflect.Array):
		return d.list(v, kind)
	}
	if text := d.skip(); !set(v, kind, text) {
		d.misfit(text, t)
	}
	return nil
}

// dict reads an object into v, of the map type t.
func (d *decoder) dict(v reflect.Value, t reflect.Type) error {
	d.i++
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
	for d.next('}') {
		k.SetString(string(d.name()))
		e.SetZero()
		if err := d.value(e); err != nil {
			return err
		}
		v.SetMapIndex(k, e)
	}
	return nil
}

// fields reads an object into the struct v. Names that no field has are passed over.
func (d *decoder) fields(v reflect.Value, fields []field) error {
	d.i++
	for d.next('}') {
		name := d.name()
		i := 0
		for i < len(fields) && fields[i].name != string(name) {
			i++
		}
		if i == len(fields) {
			for i = 0; i < len(fields) && !strings.EqualFold(fields[i].name, string(name)); {
				i++
			}
		}
		if i == len(fields) {
			d.skip()
		} else if err := d.value(v.Field(fields[i].index)); err != nil {
			return err
		}
	}
	return nil
}

// list reads an array into v, a slice or an array. What an array has no place for is
// passed over, what it has too much is zero.
func (d *decoder) list(v reflect.Value, kind reflect.Kind) error {
	d.i++
	n := 0
	for d.next(']') {
		if kind == reflect.Slice && n >= v.Len() {
			if n >= v.Cap() {
				v.Grow(1)
			}
			v.SetLen(n + 1)
		}
		if n >= v.Len() {
			d.skip()
		} else if err := d.value(v.Index(n)); err != nil {
			return err
		}
		n++
	}
	if kind == reflect.Slice {
		if n == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		v.SetLen(n)
		return nil
	}
	for ; n < v.Len(); n++ {
		v.Index(n).SetZero()
	}
	return nil
}

// set stores the literal text in v, and reports whether it fits there; an array or
// object does not.
func set(v reflect.Value, kind reflect.Kind, text []byte) bool {
	switch text[0] {
	case 'n':
		switch kind {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
			v.SetZero()
		}
		return true
	case 't', 'f':
		if kind != reflect.Bool {
			return false
		}
		v.SetBool(text[0] == 't')
		return true
	case '"':
		s := string(unquoted(text[1 : len(text)-1]))
		switch {
		case kind == reflect.String:
			v.SetString(s)
			return true
		case kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return false
			}
			v.SetBytes(b)
			return true
		}
		return false
	case '[', '{':
		return false
	}
	s := string(text)
	switch kind {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return false
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		if err != nil {
			return false
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(s, v.Type().Bits())
		if err != nil {
			return false
		}
		v.SetFloat(f)
	default:
		return false
	}
	return true
}
