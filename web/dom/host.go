//go:build !(js && wasm)

package dom

import (
	"context"
	"errors"
	"time"

	"github.com/logpane/logpane/app/query"
)

// Fetch fails: there is no browser to fetch with.
func Fetch(context.Context, string, string, []byte) (int, string, []byte, error) {
	return 0, "", nil, errors.New("dom: no browser")
}

// OpenedAt reports that nothing was asked for.
func OpenedAt() (time.Time, bool) { return time.Time{}, false }

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

// OnDrop never calls take.
func OnDrop(string, func(string)) (stop func()) { return func() {} }

// Save does nothing.
func Save(_, _, _ string) {}

// Keys never calls handle.
func Keys(func(Key) bool) (stop func()) { return func() {} }

// Push does nothing.
func Push(string) {}

// Back does nothing.
func Back() {}

// Regexp leaves expressions to Go's own engine.
func Regexp(string) (func(*query.Texts), error) { return nil, nil }

// Work runs step until it returns false.
func Work(step func() (more bool)) (stop func()) {
	for step() {
	}
	return func() {}
}

// Hidden reports false.
func Hidden() bool { return false }

// LocalZone returns "UTC".
func LocalZone() string { return "UTC" }

// Location asks the machine's zone files.
func Location(name string) (*time.Location, bool) {
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// Grid draws nothing.
type Grid struct{ rows }

// OpenGrid returns nil: there is no element.
func OpenGrid(string, GridEvents) *Grid { return nil }

// Columns does nothing.
func (g *Grid) Columns([]Column) {}

// Find does nothing.
func (g *Grid) Find(string) {}

// Row packs a row that nobody draws.
func (g *Grid) Row(slot, index int, class, id string, selected bool, day string) {
	g.row(slot, index, class, id, selected, day)
}

// Cell packs a cell that nobody draws.
func (g *Grid) Cell(text string) { g.text(text) }

// Flush drops the frame.
func (g *Grid) Flush(Frame) { g.buf = g.buf[:0] }

// ScrollTo does nothing.
func (g *Grid) ScrollTo(float64) {}

// Focus does nothing.
func (g *Grid) Focus() {}

// Refresh does nothing.
func (g *Grid) Refresh() {}

// Close does nothing.
func (g *Grid) Close() {}

// OpenTab does nothing.
func OpenTab(string) {}

// OnBrush never calls zoomed.
func OnBrush(func(from, to float64)) (stop func()) { return func() {} }

// Width returns 1280.
func Width() int { return 1280 }
