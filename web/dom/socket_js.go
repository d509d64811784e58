//go:build js && wasm

package dom

import (
	"syscall/js"
	"time"
)

// gathering is the least time between two batches of messages while somebody looks:
// a frame. What comes after a longer silence is handed on at once. So does what comes
// to hidden pages: browsers put their timers off for up to a minute.
const gathering = 16 * time.Millisecond

// Socket opens a WebSocket of the page's own origin. batch gets the messages that
// came, oldest first; closed ends it, also where it never opened. After stop nothing
// is called.
func Socket(path string, opened func(), batch func([][]byte), closed func(code int, reason string)) (send func([]byte), stop func()) {
	location := js.Global().Get("location")
	ws := js.Global().Get("WebSocket").New("ws" + location.Get("origin").String()[len("http"):] + path)
	live := true
	var waiting [][]byte
	var flushed time.Time
	var funcs []js.Func
	flush := func() {
		if got := waiting; live && len(got) > 0 {
			waiting, flushed = nil, time.Now()
			batch(got)
		}
	}
	listen := func(name string, f func(ev js.Value)) {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
			defer Recover()
			if live {
				f(args[0])
			}
			return nil
		})
		funcs = append(funcs, fn)
		ws.Set(name, fn)
	}
	stop = func() {
		if !live {
			return
		}
		live = false
		for _, name := range []string{"onopen", "onmessage", "onclose"} {
			ws.Set(name, nil)
		}
		ws.Call("close")
		for _, f := range funcs {
			f.Release()
		}
	}
	listen("onopen", func(js.Value) { opened() })
	listen("onmessage", func(ev js.Value) {
		waiting = append(waiting, []byte(ev.Get("data").String()))
		switch left := gathering - time.Since(flushed); {
		case left <= 0, Hidden():
			flush()
		case len(waiting) == 1:
			time.AfterFunc(left, func() {
				defer Recover()
				flush()
			})
		}
	})
	listen("onclose", func(ev js.Value) {
		flush()
		if live {
			code, reason := ev.Get("code").Int(), ev.Get("reason").String()
			stop()
			closed(code, reason)
		}
	})
	return func(text []byte) {
		if live && ws.Get("readyState").Int() == 1 {
			ws.Call("send", string(text))
		}
	}, stop
}

// Watch calls online when the browser finds a network or loses it, and hidden when
// the page is shown or no longer seen. stop ends it.
func Watch(online, hidden func(on bool)) (stop func()) {
	on := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		switch args[0].Get("type").String() {
		case "online":
			online(true)
		case "offline":
			online(false)
		default:
			hidden(Hidden())
		}
		return nil
	})
	window := js.Global().Get("window")
	names := []string{"online", "offline", "visibilitychange"}
	for _, n := range names {
		window.Call("addEventListener", n, on, true) // the last one is the document's
	}
	return func() {
		for _, n := range names {
			window.Call("removeEventListener", n, on, true)
		}
		on.Release()
	}
}

// Selecting reports whether text in the element with that id is selected.
func Selecting(id string) bool {
	s, el := js.Global().Call("getSelection"), byID(id)
	return !s.Get("isCollapsed").Bool() && el.Truthy() && el.Call("contains", s.Get("anchorNode")).Bool()
}

// SetTitle sets the page's title.
func SetTitle(title string) { document().Set("title", title) }
