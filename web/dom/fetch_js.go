//go:build js && wasm

package dom

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"github.com/logpane/logpane/app/wire"
)

// Fetch sends a request to the page's own origin and returns status, media type
// and body. It carries the session's cookie and the header that no other site
// can add; it follows no redirect, keeps nothing in the browser's cache, and is
// aborted when ctx ends. Call it from a goroutine of its own: it blocks.
func Fetch(ctx context.Context, method, url string, body []byte) (int, string, []byte, error) {
	if err := ctx.Err(); err != nil {
		return 0, "", nil, err
	}
	abort := js.Global().Get("AbortController").New()
	headers := map[string]any{"Accept": "application/json", wire.Header: "1"}
	init := map[string]any{
		"method": method, "credentials": "same-origin", "redirect": "error", "cache": "no-store", "signal": abort.Get("signal"),
	}
	if body != nil {
		headers["Content-Type"] = "application/json"
		init["body"] = string(body)
	}
	init["headers"] = headers

	var promise js.Value
	if method == "GET" {
		// The page asked for its first entries before the application was there.
		promise = js.Global().Get("logpaneEarly").Call("take", url)
	}
	if !promise.Truthy() {
		promise = js.Global().Call("fetch", url, init)
	}
	answer, err := await(ctx, abort, promise)
	if err != nil {
		return 0, "", nil, err
	}
	content, err := await(ctx, abort, answer.Call("arrayBuffer"))
	if err != nil {
		return 0, "", nil, err
	}
	view := js.Global().Get("Uint8Array").New(content)
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	mediaType := ""
	if v := answer.Get("headers").Call("get", "content-type"); v.Type() == js.TypeString {
		mediaType = v.String()
	}
	return answer.Get("status").Int(), mediaType, b, nil
}

// await waits for a promise or for the end of ctx, which aborts the request.
func await(ctx context.Context, abort, promise js.Value) (js.Value, error) {
	type result struct {
		v   js.Value
		err error
	}
	done := make(chan result, 1)
	ok := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{v: args[0]}
		return nil
	})
	failed := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{err: errors.New(args[0].Call("toString").String())}
		return nil
	})
	release := func() { ok.Release(); failed.Release() }
	promise.Call("then", ok, failed)
	select {
	case r := <-done:
		release()
		return r.v, r.err
	case <-ctx.Done():
		abort.Call("abort")
		// The promise still settles, and calls one of the two.
		go func() { <-done; release() }()
		return js.Value{}, ctx.Err()
	}
}

// OpenedAt returns the moment for which the page asked for its first entries
// before the application was there, once: the same question at another moment is
// another question.
func OpenedAt() (time.Time, bool) {
	early := js.Global().Get("logpaneEarly")
	ms := int64(early.Get("now").Float())
	early.Set("now", 0)
	return time.UnixMilli(ms), ms > 0
}
