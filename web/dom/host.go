//go:build !(js && wasm)

package dom

import (
	"context"
	"errors"
	"time"
)

// Fetch fails: there is no browser to fetch with.
func Fetch(context.Context, string, string, []byte) (int, string, []byte, error) {
	return 0, "", nil, errors.New("dom: no browser")
}

// Recover does nothing: a test wants to see the panic.
func Recover() {}

// Focus does nothing.
func Focus(string, bool) {}

// Blur does nothing.
func Blur() {}

// Value returns "".
func Value(string) string { return "" }

// SetValue does nothing.
func SetValue(string, string) {}

// Stored returns "".
func Stored(string) string { return "" }

// Store does nothing.
func Store(string, string) {}

// SetTheme does nothing.
func SetTheme(string) {}

// Copy calls done with false.
func Copy(_ string, done func(bool)) { done(false) }

// Keys never calls handle.
func Keys(func(Key) bool) (stop func()) { return func() {} }

// Back does nothing.
func Back() {}

// LocalZone returns "UTC".
func LocalZone() string { return "UTC" }

// Offset asks the machine's zone files.
func Offset(zone string, t time.Time) (time.Duration, bool) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return 0, false
	}
	_, s := t.In(loc).Zone()
	return time.Duration(s) * time.Second, true
}

// Grid draws nothing.
type Grid struct{ rows }

// OpenGrid returns nil: there is no element.
func OpenGrid(string, func(Viewport), func(int)) *Grid { return nil }

// Row packs a row that nobody draws.
func (g *Grid) Row(slot, index int, class, id string, selected bool) {
	g.row(slot, index, class, id, selected)
}

// Cell packs a cell that nobody draws.
func (g *Grid) Cell(text string) { g.text(text) }

// Flush drops the frame.
func (g *Grid) Flush(int, int, int) { g.buf = g.buf[:0] }

// Reveal does nothing.
func (g *Grid) Reveal(int) {}

// Focus does nothing.
func (g *Grid) Focus() {}

// Refresh does nothing.
func (g *Grid) Refresh() {}

// Close does nothing.
func (g *Grid) Close() {}
