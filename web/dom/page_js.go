//go:build js && wasm

package dom

import (
	"fmt"
	"runtime/debug"
	"strings"
	"syscall/js"
)

// Recover ends a panic with a banner on the page instead of the program. Defer
// it directly: defer dom.Recover().
func Recover() {
	if v := recover(); v != nil {
		js.Global().Get("console").Call("error", fmt.Sprint(v)+"\n"+string(debug.Stack()))
		js.Global().Call("logpaneBanner", "Something in logpane broke. The address keeps your view: reload to go on.")
	}
}

func document() js.Value { return js.Global().Get("document") }

func byID(id string) js.Value { return document().Call("getElementById", id) }

// Focus moves the keyboard to the element with that id; with all set, the text
// in it is selected.
func Focus(id string, all bool) {
	if el := byID(id); el.Truthy() {
		el.Call("focus")
		if all && el.Get("select").Type() == js.TypeFunction {
			el.Call("select")
		}
	}
}

// Blur takes the keyboard away from the field that has it.
func Blur() {
	if el := document().Get("activeElement"); el.Truthy() {
		el.Call("blur")
	}
}

// Value returns the text in the field with that id, and "" where there is none.
func Value(id string) string {
	if el := byID(id); el.Truthy() {
		return el.Get("value").String()
	}
	return ""
}

// SetValue puts text into the field with that id. A field that already holds
// it is left alone, so that the caret stays.
func SetValue(id, text string) {
	if el := byID(id); el.Truthy() && el.Get("value").String() != text {
		el.Set("value", text)
	}
}

// Stored returns what Store kept under key, and "" where nothing is or storage
// is blocked.
func Stored(key string) (text string) {
	defer func() { _ = recover() }() // reading localStorage itself may throw
	if v := js.Global().Get("localStorage").Call("getItem", key); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

// Store keeps text under key in this browser; "" removes it. Where storage is
// blocked or full nothing is kept.
func Store(key, text string) {
	defer func() { _ = recover() }()
	if text == "" {
		js.Global().Get("localStorage").Call("removeItem", key)
		return
	}
	js.Global().Get("localStorage").Call("setItem", key, text)
}

// SetTheme shows the page in "dark", "light", or with "" as the system has it.
func SetTheme(theme string) {
	root := document().Get("documentElement")
	if theme == "" {
		root.Call("removeAttribute", "data-theme")
		return
	}
	root.Call("setAttribute", "data-theme", theme)
}

// Save has the browser keep text as a file of that name. A byte order mark at its
// start stays.
func Save(name, mediaType, text string) {
	global := js.Global()
	parts := []any{text}
	if rest, marked := strings.CutPrefix(text, "\ufeff"); marked { // lost by the decoder of strings that go to JavaScript
		parts = []any{global.Get("String").Call("fromCharCode", 0xfeff), rest}
	}
	blob := global.Get("Blob").New(parts, map[string]any{"type": mediaType})
	address := global.Get("URL").Call("createObjectURL", blob)
	link := document().Call("createElement", "a")
	link.Set("href", address)
	link.Set("download", name)
	link.Call("click")
	global.Get("URL").Call("revokeObjectURL", address)
}

// OnDrop gives take the text of a file that is dropped on the field with that id.
func OnDrop(id string, take func(text string)) (stop func()) {
	var over, drop, read js.Func
	on := func(e js.Value) bool {
		at := byID(id)
		return at.Truthy() && at.Call("contains", e.Get("target")).Bool() && e.Get("dataTransfer").Get("types").Call("includes", "Files").Bool()
	}
	over = js.FuncOf(func(_ js.Value, args []js.Value) any {
		if on(args[0]) {
			args[0].Call("preventDefault")
		}
		return nil
	})
	read = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		take(args[0].String())
		return nil
	})
	drop = js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		if e := args[0]; on(e) {
			e.Call("preventDefault")
			if file := e.Get("dataTransfer").Get("files").Index(0); file.Truthy() {
				file.Call("text").Call("then", read)
			}
		}
		return nil
	})
	document().Call("addEventListener", "dragover", over)
	document().Call("addEventListener", "drop", drop)
	return func() {
		document().Call("removeEventListener", "dragover", over)
		document().Call("removeEventListener", "drop", drop)
		over.Release()
		drop.Release()
		read.Release()
	}
}

// Copy puts text on the clipboard and calls done with whether it worked.
func Copy(text string, done func(ok bool)) {
	clip := js.Global().Get("navigator").Get("clipboard")
	if !clip.Truthy() { // not a secure context
		done(false)
		return
	}
	var ok, failed js.Func
	release := func() { ok.Release(); failed.Release() }
	ok = js.FuncOf(func(js.Value, []js.Value) any { release(); done(true); return nil })
	failed = js.FuncOf(func(js.Value, []js.Value) any { release(); done(false); return nil })
	clip.Call("writeText", text).Call("then", ok, failed)
}

// Keys calls handle for every key press of the page; true means that it was
// used, and the browser does nothing more with it. stop ends it.
func Keys(handle func(Key) bool) (stop func()) {
	used := "" // the key that is down and was used
	listener := js.FuncOf(func(_ js.Value, args []js.Value) any {
		defer Recover()
		ev := args[0]
		if ev.Get("isComposing").Bool() || ev.Get("defaultPrevented").Bool() {
			return nil
		}
		k := Key{
			Name: ev.Get("key").String(), Alt: ev.Get("altKey").Bool(), Shift: ev.Get("shiftKey").Bool(),
			Ctrl: ev.Get("ctrlKey").Bool() || ev.Get("metaKey").Bool(),
		}
		if el := ev.Get("target"); el.Get("matches").Type() == js.TypeFunction {
			k.Typing = el.Call("matches", `input:not([type=checkbox],[type=radio],[type=button],[type=submit]),textarea,[contenteditable=true]`).Bool()
			k.Control = el.Call("matches", `button,a,select,summary,input[type=checkbox],input[type=radio]`).Bool()
		}
		used = ""
		if handle(k) {
			used = k.Name
			ev.Call("preventDefault")
		}
		return nil
	})
	// A used key that moved the focus to a field must not type there as well:
	// the character is an event of its own, and comes after.
	typing := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if ev := args[0]; used != "" && ev.Get("key").String() == used {
			ev.Call("preventDefault")
		}
		return nil
	})
	released := js.FuncOf(func(js.Value, []js.Value) any { used = ""; return nil })
	document().Call("addEventListener", "keydown", listener)
	document().Call("addEventListener", "keypress", typing)
	document().Call("addEventListener", "keyup", released)
	return func() {
		document().Call("removeEventListener", "keydown", listener)
		document().Call("removeEventListener", "keypress", typing)
		document().Call("removeEventListener", "keyup", released)
		listener.Release()
		typing.Release()
		released.Release()
	}
}

// Push adds an entry with that address to the history, without going there.
// go-app does not learn of it: replace the address through its page as well.
func Push(address string) { js.Global().Get("history").Call("pushState", nil, "", address) }

// Back goes one entry back in the history.
func Back() { js.Global().Get("history").Call("back") }

// Hidden reports whether nobody sees the page.
func Hidden() bool { return document().Get("hidden").Bool() }

// Width returns the inner width of the window in CSS pixels.
func Width() int { return js.Global().Get("innerWidth").Int() }
