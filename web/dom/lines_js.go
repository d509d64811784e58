//go:build js && wasm

package dom

import (
	"bytes"
	"context"
	"syscall/js"
	"time"

	"github.com/logpane/logpane/app/wire"
)

// Lines posts body as Fetch does and hands each line of the answer to line as it
// comes, the browser free to draw between two of them. An answer of another media
// type than wire.Lines is returned as Fetch returns it.
func Lines(ctx context.Context, url string, body []byte, line func([]byte)) (int, string, []byte, error) {
	abort := js.Global().Get("AbortController").New()
	answer, err := await(ctx, abort, js.Global().Call("fetch", url, map[string]any{
		"method": "POST", "credentials": "same-origin", "redirect": "error", "cache": "no-store", "signal": abort.Get("signal"), "body": string(body),
		"headers": map[string]any{"Accept": wire.Lines, "Content-Type": "application/json", wire.Header: "1"},
	}))
	if err != nil {
		return 0, "", nil, err
	}
	status, mediaType := answer.Get("status").Int(), ""
	if v := answer.Get("headers").Call("get", "content-type"); v.Type() == js.TypeString {
		mediaType = v.String()
	}
	reader := answer.Get("body").Call("getReader")
	var rest []byte
	for {
		part, err := await(ctx, abort, reader.Call("read"))
		if err != nil {
			return 0, "", nil, err
		}
		if part.Get("done").Bool() {
			return status, mediaType, rest, nil
		}
		view := part.Get("value")
		n := len(rest)
		rest = append(rest, make([]byte, view.Length())...)
		js.CopyBytesToGo(rest[n:], view)
		if mediaType != wire.Lines {
			continue
		}
		for {
			at := bytes.IndexByte(rest, '\n')
			if at < 0 {
				break
			}
			line(rest[:at])
			rest = rest[at+1:]
			time.Sleep(time.Millisecond) // a timer, unlike Gosched, lets the browser in
			if ctx.Err() != nil {
				abort.Call("abort")
				return 0, "", nil, ctx.Err()
			}
		}
	}
}
