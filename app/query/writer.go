package query

import "strings"

// writer is a strings.Builder whose methods are called where the compiler would copy
// them to each of the many places that write a filter, which takes 20 KB of the
// browser's program. What reads and writes filters uses it, what goes through entries does
// not; functions of the one kind are marked noinline to the same end.
type writer struct{ strings.Builder }

// WriteString appends a text.
//
//go:noinline
func (w *writer) WriteString(s string) { w.Builder.WriteString(s) }

// WriteByte appends a byte.
//
//go:noinline
func (w *writer) WriteByte(c byte) error { return w.Builder.WriteByte(c) }

// WriteRune appends a character.
//
//go:noinline
func (w *writer) WriteRune(r rune) { w.Builder.WriteRune(r) }
