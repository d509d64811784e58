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
	funcs []js.Func
	cols  string // as packed last
	find  string
}

// OpenGrid takes over the element with that id. The result is nil where there is
// no such element.
func OpenGrid(id string, on GridEvents) *Grid {
	el := byID(id)
	if !el.Truthy() {
		return nil
	}
	g := &Grid{bytes: js.Global().Get("Uint8Array").New(64 << 10)}
	take := func(f func(args []js.Value)) js.Func {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
			defer Recover()
			f(args)
			return nil
		})
		g.funcs = append(g.funcs, fn)
		return fn
	}
	g.obj = js.Global().Call("logpaneGrid", el,
		take(func(v []js.Value) { on.Frame(Viewport{v[0].Float(), v[1].Float(), v[2].Float()}) }),
		take(func(v []js.Value) { on.Pick(v[0].Int(), v[1].Bool()) }),
		take(func(v []js.Value) { on.Resized(v[0].String(), v[1].Int()) }),
		take(func(v []js.Value) { on.Moved(v[0].String(), v[1].Int()) }),
		take(func(v []js.Value) { on.Copied(v[0].Int()) }),
	)
	return g
}

// Columns says which cells the rows have from now on. Rows sent before keep the
// texts that they have at those places, so that all are to be sent again.
func (g *Grid) Columns(cols []Column) {
	if text := packColumns(cols); text != g.cols {
		g.cols = text
		g.obj.Call("columns", text)
	}
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
	g.obj.Call("paint", g.bytes, n, f.Height, f.Base, f.Rows, f.Slots, f.Active, f.ActiveCell, f.Day)
}

// Find marks every occurrence of text in the drawn cells, whatever its case, from
// now on; "" marks none. A browser without custom highlights marks none either.
func (g *Grid) Find(text string) {
	if text != g.find {
		g.find = text
		g.obj.Call("find", text)
	}
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
	for _, f := range g.funcs {
		f.Release()
	}
}

// OpenTab opens an address of this origin in a new tab. Call it from within the
// handler of the click: the browser refuses it later.
func OpenTab(url string) { js.Global().Call("open", url, "_blank", "noopener") }

// OnBrush calls zoomed when the reader chose a stretch of a histogram, by pointer
// or by keyboard: fractions of its width, from < to. stop ends it.
func OnBrush(zoomed func(from, to float64)) (stop func()) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		zoomed(args[0].Float(), args[1].Float())
		return nil
	})
	js.Global().Set("logpaneBrushed", f)
	return func() {
		js.Global().Set("logpaneBrushed", js.Undefined())
		f.Release()
	}
}
