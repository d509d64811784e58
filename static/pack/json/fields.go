package json

import (
	"reflect"
	"strings"
	"sync"
)

// field is a field of a struct that JSON has.
type field struct {
	name      string
	label     string // the name as it is written, with its colon
	index     int
	omitEmpty bool
	omitZero  bool
}

// known holds the []field of each reflect.Type that was asked for.
var known sync.Map

// fieldsOf returns the fields of the struct type t, and whether it is one of those that
// this package goes by.
func fieldsOf(t reflect.Type) ([]field, bool) {
	if fields, ok := known.Load(t); ok {
		return fields.([]field), true
	}
	fields := []field{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			return nil, false
		}
		tag := f.Tag.Get("json")
		if !f.IsExported() || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			name = f.Name
		}
		this := field{name: name, label: string(quote(nil, name)) + ":", index: i}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				this.omitEmpty = true
			case "omitzero":
				this.omitZero = true
			case "string":
				return nil, false
			}
		}
		fields = append(fields, this)
	}
	known.Store(t, fields)
	return fields, true
}

// omits reports whether v is left out of its struct.
func (f *field) omits(v reflect.Value) bool {
	if f.omitEmpty {
		switch v.Kind() {
		case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
			if v.Len() == 0 {
				return true
			}
		case reflect.Struct:
		default:
			if v.IsZero() {
				return true
			}
		}
	}
	return f.omitZero && isZero(v)
}

// isZero asks the method IsZero of v, or of its address, if there is one.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil()
	case reflect.Pointer:
		if v.IsNil() {
			return true
		}
	default:
		if !v.CanAddr() {
			box := reflect.New(v.Type()).Elem()
			box.Set(v)
			v = box
		}
		v = v.Addr()
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.Kind() != reflect.Pointer || v.Elem().IsZero()
}
