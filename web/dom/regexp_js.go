//go:build js && wasm

package dom

import (
	"syscall/js"

	"github.com/logpane/logpane/app/query"
)

// Regexp compiles a regular expression of Go's for the browser's engine, which is
// 15 to 90 times faster than Go's own is in a browser, where that engine surely
// takes no exponential time. What is nil is left to Go's. What was compiled lives
// as long as the page does.
func Regexp(expr string) (func(*query.Texts), error) {
	source, ok := query.Script(expr)
	if !ok {
		return nil, nil
	}
	re, ok := newRegExp(source)
	if !ok {
		return nil, nil
	}
	return func(t *query.Texts) {
		// One copy there, and one back where something was found.
		n := len(t.Bytes)
		for len(t.Bytes)%4 != 0 {
			t.Bytes = append(t.Bytes, 0)
		}
		for _, end := range t.Ends {
			t.Bytes = append(t.Bytes, byte(end), byte(end>>8), byte(end>>16), byte(end>>24))
		}
		if len(t.Bytes) > sifted.Length() {
			sifted = js.Global().Get("Uint8Array").New(2*len(t.Bytes) + 1<<16)
		}
		js.CopyBytesToJS(sifted, t.Bytes)
		if js.Global().Call("logpaneSift", re, sifted, n, len(t.Ends)).Int() > 0 {
			js.CopyBytesToGo(t.Hits, sifted)
		}
	}, nil
}

// sifted is the Uint8Array that texts are copied into.
var sifted = js.Global().Get("Uint8Array").New(0)

// newRegExp reports whether the browser takes a pattern: one that lacks a feature
// throws.
func newRegExp(source string) (re js.Value, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return js.Global().Get("RegExp").New(source, "gu"), true
}
