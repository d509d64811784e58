//go:build js && wasm

package dom

import (
	"syscall/js"
	"time"
)

// LocalZone returns the browser's own zone: "Europe/Paris", or "UTC" where it
// does not tell.
func LocalZone() string {
	v := js.Global().Get("Intl").Get("DateTimeFormat").New().Call("resolvedOptions").Get("timeZone")
	if v.Type() != js.TypeString || v.String() == "" {
		return "UTC"
	}
	return v.String()
}

var formatters = map[string]js.Value{}

// Offset returns how far the clocks of a zone stand from UTC at t, and whether
// the browser knows the zone. Go's own zone files are not there in a browser.
func Offset(zone string, t time.Time) (offset time.Duration, ok bool) {
	defer func() {
		if recover() != nil { // Intl throws at an unknown zone
			offset, ok = 0, false
		}
	}()
	f, known := formatters[zone]
	if !known {
		f = js.Global().Get("Intl").Get("DateTimeFormat").New("en-US", map[string]any{"timeZone": zone, "timeZoneName": "longOffset"})
		formatters[zone] = f
	}
	parts := f.Call("formatToParts", t.UnixMilli())
	for i := range parts.Length() {
		if p := parts.Index(i); p.Get("type").String() == "timeZoneName" {
			return parseOffset(p.Get("value").String())
		}
	}
	return 0, false
}
