//go:build js && wasm

package dom

import "syscall/js"

// Field returns the text of the field with that id, and the offset in bytes of
// its caret: the end of what is selected. It returns "" and -1 where there is no
// such field.
func Field(id string) (text string, caret int) {
	el := byID(id)
	if !el.Truthy() {
		return "", -1
	}
	text = el.Get("value").String()
	if end := el.Get("selectionEnd"); end.Type() == js.TypeNumber {
		return text, bytesAt(text, end.Int())
	}
	return text, len(text)
}

// Edit puts text into the field with that id, gives it the keyboard, and selects
// what stands between two offsets in bytes; the same twice is the caret.
func Edit(id, text string, from, to int) {
	el := byID(id)
	if !el.Truthy() {
		return
	}
	if el.Get("value").String() != text {
		el.Set("value", text)
	}
	el.Call("focus")
	el.Call("setSelectionRange", unitsAt(text, from), unitsAt(text, to))
	if to == len(text) { // browsers do not scroll to a caret that was set
		el.Set("scrollLeft", el.Get("scrollWidth"))
	}
}

// Reveal scrolls the element with that id into view, within its own scroller and
// no further than needed.
func Reveal(id string) {
	if el := byID(id); el.Truthy() {
		el.Call("scrollIntoView", map[string]any{"block": "nearest", "inline": "nearest"})
	}
}

// Focused returns the id of the element that has the keyboard, "" for none or
// one without an id.
func Focused() string {
	if el := document().Get("activeElement"); el.Truthy() {
		return el.Get("id").String()
	}
	return ""
}

// Within reports whether the keyboard is inside the element with that id.
func Within(id string) bool {
	el := byID(id)
	return el.Truthy() && el.Call("contains", document().Get("activeElement")).Bool()
}

// Cycle moves the keyboard to the next thing that can have it inside the element
// with that id, backwards with back, and from its end to its beginning: what Tab
// does in a dialog that is modal. It reports whether there is such an element.
func Cycle(id string, back bool) bool {
	el := byID(id)
	if !el.Truthy() {
		return false
	}
	all := el.Call("querySelectorAll", `a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),textarea:not([disabled]),[tabindex="0"]`)
	var stops []js.Value
	at, active := -1, document().Get("activeElement")
	for i := range all.Length() {
		x := all.Index(i)
		if x.Get("tabIndex").Int() < 0 || x.Call("getClientRects").Get("length").Int() == 0 {
			continue
		}
		if x.Equal(active) {
			at = len(stops)
		}
		stops = append(stops, x)
	}
	if len(stops) == 0 {
		return true
	}
	if back {
		at = max(at, 0) + len(stops) - 1
	} else {
		at++
	}
	stops[at%len(stops)].Call("focus")
	return true
}
