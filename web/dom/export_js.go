//go:build js && wasm

package dom

import "syscall/js"

// Start begins the export. cancel ends it early: what came so far is kept.
func (x Export) Start() (cancel func()) {
	var on js.Func
	over := func() { on.Release() }
	on = js.FuncOf(func(_ js.Value, v []js.Value) any {
		defer Recover()
		switch v[0].String() {
		case "moved":
			x.Moved(v[1].Int(), v[2].Int(), v[3].String())
		case "ends":
			return x.Ends(ExportEnd(v[1].String()), v[2].String(), v[3].String(), v[4].Int())
		case "saved":
			over()
			x.Saved(v[1].Int())
		case "left":
			over()
			x.Left()
		case "refused":
			over()
			x.Refused(v[1].Int(), v[2].String(), []byte(v[3].String()))
		case "failed":
			over()
			x.Failed(v[1].String())
		}
		return nil
	})
	stop := js.Global().Call("logpaneExport", x.URL, x.Name, x.Type, x.Quoted, on)
	return func() { stop.Invoke() }
}
