// Package secret holds the type that vendor credentials travel in.
//
// A [Value] prints as "[redacted]" however it is printed: by any fmt verb, as
// JSON or text, by slog, and inside a struct whose fields are unexported, where
// fmt does not call methods. The text comes out only through [Value.Reveal], so
// that a search for "Reveal" lists every place where a credential is used.
//
//	key := secret.New(body.Credentials["apiKey"])
//	slog.Info("checking", "key", key)                      // key=[redacted]
//	req.Header.Set("X-Algolia-API-Key", key.Reveal())
//
// It is not protection against a debugger or a core dump: the text lies in
// memory in clear.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what every printed form of a Value says.
const Redacted = "[redacted]"

// Value is one credential: a key, a token, a password. The zero Value is the
// empty secret. It is immutable and safe for concurrent use. It is not
// comparable with ==, which would answer in a time that depends on the text:
// use [Value.Equal].
type Value struct {
	_ [0]func() // not comparable
	// A pointer, because fmt prints unexported fields of a caller's struct
	// without calling our methods: it then shows an address, not the text.
	text *string
}

// New returns the secret that holds text.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{text: &text}
}

// Reveal returns the text in clear. Call it where the text leaves for the vendor
// or into a sealed store, and nowhere else.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// Empty reports whether there is no text.
func (v Value) Empty() bool { return v.text == nil }

// Equal reports whether v and w hold the same text, in a time that depends on
// the lengths only.
func (v Value) Equal(w Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(w.Reveal())) == 1
}

// String returns [Redacted].
func (Value) String() string { return Redacted }

// GoString returns [Redacted].
func (Value) GoString() string { return Redacted }

// Format writes [Redacted] for every verb, %x and %d included.
func (Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalJSON returns [Redacted] as a JSON string.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText returns [Redacted], for encoders that know text only.
func (Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns [Redacted].
func (Value) LogValue() slog.Value { return slog.StringValue(Redacted) }
