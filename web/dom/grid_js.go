//go:build js && wasm

package dom

import "syscall/js"

// Grid draws the rows of one scroller. Rows are real elements that are used
// again and again: slot s shows row s, then row s + slots, and so on. Only rows
// that changed are sent, all of a frame in one buffer.
//
// It is not built from components: changing 40 rows costs 0.4 ms here and 3 ms
// there, and scrolling by three rows 0.1 ms instead of 3 ms.
type Grid struct {
	rows
	obj   js.Value
	bytes js.Value // Uint8Array that a frame is copied into
	frame js.Func
	pick  js.Func
}

// OpenGrid takes over the element with that id. frame is called once per
// animation frame in which the element was scrolled or changed its size, pick
// when a row was clicked. The result is nil where there is no such element.
func OpenGrid(id string, frame func(Viewport), pick func(index int)) *Grid {
	el := js.Global().Get("document").Call("getElementById", id)
	if !el.Truthy() {
		return nil
	}
	g := &Grid{bytes: js.Global().Get("Uint8Array").New(64 << 10)}
	g.frame = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		frame(Viewport{args[0].Float(), args[1].Float(), args[2].Float()})
		return nil
	})
	g.pick = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		pick(args[0].Int())
		return nil
	})
	g.obj = js.Global().Call("logpaneGrid", el, g.frame, g.pick)
	return g
}

// Row begins a row of the frame: slot shows the row with that index (from 0)
// from now on. day is shown where one begins there. The cells follow, each with Cell.
func (g *Grid) Row(slot, index int, class, id string, selected bool, day string) {
	g.row(slot, index, class, id, selected, day)
}

// Cell adds the next cell of the row.
func (g *Grid) Cell(text string) { g.text(text) }

// Flush draws the rows since the last Flush.
func (g *Grid) Flush(f Frame) {
	if n := len(g.buf); n > g.bytes.Length() {
		g.bytes = js.Global().Get("Uint8Array").New(2 * n)
	}
	n := js.CopyBytesToJS(g.bytes, g.buf)
	g.buf = g.buf[:0]
	g.obj.Call("paint", g.bytes, n, f.Height, f.Base, f.Rows, f.Slots, f.Active, f.Day)
}

// ScrollTo sets the distance of the scroller's content from its upper edge.
func (g *Grid) ScrollTo(top float64) { g.obj.Call("scrollTo", top) }

// Focus moves the keyboard to the grid.
func (g *Grid) Focus() { g.obj.Call("focus") }

// Refresh asks for a frame.
func (g *Grid) Refresh() { g.obj.Call("ask") }

// Close gives the element back.
func (g *Grid) Close() {
	g.obj.Call("close")
	g.frame.Release()
	g.pick.Release()
}
