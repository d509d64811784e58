package json

import (
	"encoding"
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"sort"
	"strconv"
)

// MarshalerError is an error of a method that writes Type.
type MarshalerError struct {
	Type reflect.Type
	Err  error
}

// Error names the type.
func (e *MarshalerError) Error() string {
	return "json: writing Go type " + e.Type.String() + ": " + e.Err.Error()
}

// Unwrap returns the method's own error.
func (e *MarshalerError) Unwrap() error { return e.Err }

// encoder writes JSON to the end of buf.
type encoder struct{ buf []byte }

func (e *encoder) word(s string) { e.buf = append(e.buf, s...) }

// unsupported is the error for a type that has no JSON.
func unsupported(t reflect.Type) error {
	return errors.New("json: no JSON for Go type " + t.String())
}

// value writes v, which is depth levels deep.
func (e *encoder) value(v reflect.Value, depth int) error {
	kind := v.Kind()
	switch kind {
	case reflect.Invalid:
		e.word("null")
		return nil
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			e.word("null")
			return nil
		}
	}
	t := v.Type()
	if depth > maxDepth {
		return errors.New("json: too deep, or a cycle, at Go type " + t.String())
	}
	if done, err := e.self(v, kind); done {
		if err != nil {
			return &MarshalerError{t, err}
		}
		return nil
	}
	switch kind {
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return e.float(v.Float(), t.Bits())
	case reflect.String:
		e.buf = quote(e.buf, v.String())
	case reflect.Interface:
		return e.value(v.Elem(), depth)
	case reflect.Pointer:
		return e.value(v.Elem(), depth+1)
	case reflect.Struct:
		return e.fields(v, t, depth+1)
	case reflect.Map:
		return e.dict(v, t, depth+1)
	case reflect.Slice:
		if v.IsNil() {
			e.word("null")
			return nil
		}
		if t.Elem().Kind() == reflect.Uint8 && !hasText(reflect.New(t.Elem()).Interface()) {
			e.buf = append(e.buf, '"')
			e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
			e.buf = append(e.buf, '"')
			return nil
		}
		return e.list(v, depth+1)
	case reflect.Array:
		return e.list(v, depth+1)
	default:
		return unsupported(t)
	}
	return nil
}

// hasText reports whether v writes itself.
func hasText(v any) bool {
	switch v.(type) {
	case Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

// self has v write itself, and reports whether it does. Methods of its address count
// where it has one.
func (e *encoder) self(v reflect.Value, kind reflect.Kind) (bool, error) {
	if kind == reflect.Interface {
		return false, nil
	}
	if kind != reflect.Pointer && v.CanAddr() {
		v = v.Addr()
	}
	if v.Type().NumMethod() == 0 || !v.CanInterface() {
		return false, nil
	}
	switch self := v.Interface().(type) {
	case Marshaler:
		text, err := self.MarshalJSON()
		if err == nil {
			err = check(text)
		}
		if err == nil {
			e.buf = compact(e.buf, text)
		}
		return true, err
	case encoding.TextMarshaler:
		text, err := self.MarshalText()
		e.buf = quote(e.buf, string(text))
		return true, err
	}
	return false, nil
}

// float writes a number of so many bits as ECMAScript does.
func (e *encoder) float(f float64, bits int) error {
	abs := math.Abs(f)
	if !(abs <= math.MaxFloat64) {
		return errors.New("json: no JSON for the number " + strconv.FormatFloat(f, 'g', -1, bits))
	}
	format := byte('f')
	low, high := 1e-6, 1e21
	if bits == 32 {
		low, high = float64(float32(low)), float64(float32(high))
	}
	if abs != 0 && (abs < low || abs >= high) {
		format = 'e'
	}
	b := strconv.AppendFloat(e.buf, f, format, -1, bits)
	if n := len(b); format == 'e' && string(b[n-4:n-1]) == "e-0" {
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	e.buf = b
	return nil
}

// fields writes the struct v, of type t.
func (e *encoder) fields(v reflect.Value, t reflect.Type, depth int) error {
	fields, ok := fieldsOf(t)
	if !ok {
		return unsupported(t)
	}
	before := byte('{')
	for i := range fields {
		f := &fields[i]
		x := v.Field(f.index)
		if f.omits(x) {
			continue
		}
		e.buf = append(e.buf, before)
		before = ','
		e.word(f.label)
		if err := e.value(x, depth); err != nil {
			return err
		}
	}
	if before == '{' {
		e.buf = append(e.buf, '{')
	}
	e.buf = append(e.buf, '}')
	return nil
}

// dict writes the map v, of type t, in the order of its keys.
func (e *encoder) dict(v reflect.Value, t reflect.Type, depth int) error {
	if t.Key().Kind() != reflect.String {
		return unsupported(t)
	}
	if v.IsNil() {
		e.word("null")
		return nil
	}
	var names []string
	for _, k := range v.MapKeys() {
		names = append(names, k.String())
	}
	sort.Strings(names)
	k := reflect.New(t.Key()).Elem()
	e.buf = append(e.buf, '{')
	for i, name := range names {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = append(quote(e.buf, name), ':')
		k.SetString(name)
		if err := e.value(v.MapIndex(k), depth); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, '}')
	return nil
}

// list writes the slice or array v.
func (e *encoder) list(v reflect.Value, depth int) error {
	e.buf = append(e.buf, '[')
	for i := range v.Len() {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := e.value(v.Index(i), depth); err != nil {
			return err
		}
	}
	e.buf = append(e.buf, ']')
	return nil
}
