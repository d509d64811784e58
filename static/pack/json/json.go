// Package json stands in for encoding/json in the browser's program, in less code:
// same names, same bytes out, same values in. Command pack compiles its files as
// encoding/json with go build -overlay, so that our packages and go-app import
// encoding/json as ever:
//
//	err := json.Unmarshal([]byte(`{"id":"a"}`), &entry)
//
// It has what the program uses: a name or a behaviour that is missing here must be
// added here before the browser's code may rely on it. There are structs with the tag
// options omitempty and omitzero, maps with keys of kind string, slices, arrays,
// pointers, interfaces, []byte, RawMessage, and types with methods of their own, those
// of package encoding included. A struct with an embedded field or the option string,
// or a map with other keys, is an error, both ways. The option omitzero calls a method
// IsZero unless the field is an interface. Key types have no methods called. Errors
// say less than the original's, and come in the same cases, but that Marshal gives up
// 10,000 levels deep instead of looking for cycles.
//
// It must import nothing that imports encoding/json, and nothing that the program has
// not already: each import is downloaded.
package json

import (
	"errors"
	"reflect"
)

// maxDepth is how many arrays and objects may stand inside each other.
const maxDepth = 10_000

// Marshaler is a type that writes itself as JSON.
type Marshaler interface {
	MarshalJSON() ([]byte, error)
}

// Unmarshaler is a type that reads itself from one JSON value. It copies what it keeps
// of it.
type Unmarshaler interface {
	UnmarshalJSON([]byte) error
}

// Marshal returns the JSON of v, in which <, >, &, U+2028 and U+2029 are escaped.
func Marshal(v any) ([]byte, error) {
	var e encoder
	if err := e.value(reflect.ValueOf(v), 0); err != nil {
		return nil, err
	}
	return e.buf, nil
}

// MarshalIndent is Marshal with every element on a line of its own, which begins with
// prefix and one indent for each level.
func MarshalIndent(v any, prefix, indent string) ([]byte, error) {
	text, err := Marshal(v)
	if err != nil {
		return nil, err
	}
	return indented(text, "\n"+prefix, indent), nil
}

// Unmarshal reads the JSON value that data consists of into what v points to. Where
// data is not JSON nothing is written. Where a part does not fit its Go type, the rest
// is still read and the first such part is the error.
func Unmarshal(data []byte, v any) error {
	if err := check(data); err != nil {
		return err
	}
	return decode(data, v)
}

// Valid reports whether data is one JSON value.
func Valid(data []byte) bool { return check(data) == nil }

// RawMessage is the text of a JSON value, read and written as it is.
type RawMessage []byte

// MarshalJSON returns m, or null if there is none.
func (m RawMessage) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("null"), nil
	}
	return m, nil
}

// UnmarshalJSON keeps a copy of data.
func (m *RawMessage) UnmarshalJSON(data []byte) error {
	if m == nil {
		return errors.New("json: RawMessage that is a nil pointer")
	}
	*m = append((*m)[:0], data...)
	return nil
}
