// Package page holds the pages, one file per route, and routes.go, which is the
// only place that gives them what they need:
//
//	page.Routes(page.Deps{Client: client.New(dom.Fetch), Now: time.Now})
//	app.RunWhenOnBrowser()
//
// A page owns its state, takes what happens in its parts through one function
// named on, runs what is slow in goroutines that end with the page, and draws
// itself from web/part. What the log table decides lives in app/viewer; its
// page only carries out the effects.
//
// A page must not be reached by a value from the server that it did not ask
// for, and must not show an error anywhere but in the place that it concerns.
package page

import (
	"context"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Deps is what pages need from outside. It is copied into each page.
type Deps struct {
	Client *client.Client
	Now    func() time.Time
	Zone   string // the reader's own time zone: "Europe/Paris"; "" means UTC

	// Regex compiles the regular expressions of filters; nil means Go's own, which
	// is slow in a browser.
	Regex query.Matcher

	// Storage is where settings are kept.
	Storage Storage

	// Export fetches a file; nil means the browser's way, which does nothing outside one.
	Export func(dom.Export) (cancel func())

	exports *exports // shared by the pages of the table; made by Routes

	// Navigate goes to an address of ours; nil means go-app's own way, which
	// does nothing outside a browser.
	Navigate func(ctx app.Context, address string)

	// Focus gives the keyboard to the field with an id; nil means the browser's
	// way, which does nothing outside one.
	Focus func(id string)
}

func (d Deps) navigate(ctx app.Context, address string) {
	if d.Navigate != nil {
		d.Navigate(ctx, address)
		return
	}
	ctx.Navigate(address)
}

// themeKey is where the chosen theme is kept; static/boot.js reads it before
// the first paint.
const themeKey = "logpane.theme"

// setTheme shows and keeps a theme; "" is the system's.
func setTheme(theme string) {
	dom.SetTheme(theme)
	dom.Store(themeKey, theme)
}

// loaded is something that comes from the server: at most one of Busy, Err and
// a value is what the reader waits for. A value stays while it is asked again.
type loaded[T any] struct {
	Busy  bool
	Ready bool // Value was there at least once
	Value T
	Err   *fault.Error
}

// load asks in the background and stores the answer in at, which belongs to
// the page of ctx. after, which may be nil, runs once the answer is there. What
// comes after the page is gone is dropped.
func load[T any](ctx app.Context, at *loaded[T], ask func(context.Context) (T, error), after func()) {
	at.Busy = true
	ctx.Async(func() {
		defer dom.Recover()
		v, err := ask(ctx)
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			at.Busy = false
			at.Err = fault.Of(err)
			if err == nil {
				at.Value, at.Ready = v, true
			}
			if after != nil {
				after()
			}
		})
	})
}

// after runs fn on the UI goroutine in a while, unless the page is gone. It is
// not ctx.After, for which go-app keeps a goroutine waiting.
func after(ctx app.Context, d time.Duration, fn func()) {
	time.AfterFunc(d, func() {
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			fn()
		})
	})
}

// vendorNamed returns the vendor of that name, and a zero one with the name as
// its title where the server does not know it.
func vendorNamed(vs wire.Vendors, name string) wire.Vendor {
	for _, v := range vs.Vendors {
		if v.Name == name {
			return v
		}
	}
	return wire.Vendor{Name: name, Title: name}
}

// regionLabel returns how people call a region of a vendor.
func regionLabel(v wire.Vendor, name string) string {
	for _, r := range v.Regions {
		if r.Name == name && r.Label != "" {
			return r.Label
		}
	}
	return name
}

// demoRegion returns the simulated region of a vendor, "" where there is none.
func demoRegion(v wire.Vendor) string {
	for _, r := range v.Regions {
		if r.Demo {
			return r.Name
		}
	}
	return ""
}
