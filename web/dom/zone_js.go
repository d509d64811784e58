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

var locations = map[string]*time.Location{}

// Location returns the zone of that name, and whether the browser knows it. Go's
// own zone files are not there in a browser, so it is made from Intl's answers.
func Location(name string) (*time.Location, bool) {
	if loc := locations[name]; loc != nil {
		return loc, true
	}
	if _, ok := offset(name, time.Now()); !ok {
		return nil, false
	}
	loc, err := time.LoadLocationFromTZData(name, zoneFile(func(unix int64) int {
		d, _ := offset(name, time.Unix(unix, 0))
		return int(d / time.Second)
	}))
	if err != nil {
		return nil, false
	}
	locations[name] = loc
	return loc, true
}

// offset returns how far the clocks of a zone stand from UTC at t.
func offset(zone string, t time.Time) (d time.Duration, ok bool) {
	defer func() {
		if recover() != nil { // Intl throws at an unknown zone
			d, ok = 0, false
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
