//go:build js && wasm

package dom

import "syscall/js"

// Work runs step again and again until it returns false, giving the browser the
// chance to draw and to take input in between. A channel of messages does that:
// runtime.Gosched never leaves Go, and timers are put off by 4 ms after a few.
// step runs between other callbacks, as they do, the first time once the browser
// has drawn what is there; stop ends the work early.
func Work(step func() (more bool)) (stop func()) {
	channel := js.Global().Get("MessageChannel").New()
	in, out := channel.Get("port1"), channel.Get("port2")
	var next, begin js.Func
	open, begun := true, false
	stop = func() {
		if open {
			open = false
			in.Call("close")
			next.Release()
			if begun { // else the browser still calls it
				begin.Release()
			}
		}
	}
	next = js.FuncOf(func(js.Value, []js.Value) any {
		defer Recover()
		if !open {
			return nil
		}
		if step() {
			if open { // step may have stopped it
				out.Call("postMessage", nil)
			}
		} else {
			stop()
		}
		return nil
	})
	in.Set("onmessage", next)
	begin = js.FuncOf(func(js.Value, []js.Value) any {
		if begun = true; open {
			out.Call("postMessage", nil)
		} else {
			begin.Release()
		}
		return nil
	})
	if Hidden() { // nothing is drawn
		begin.Invoke()
	} else {
		js.Global().Call("requestAnimationFrame", begin)
	}
	return stop
}
