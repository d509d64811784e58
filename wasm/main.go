//go:build js && wasm

package main

import (
	"time"

	"github.com/maxence-charriere/go-app/v9/pkg/app"

	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/page"
)

func main() {
	page.Routes(page.Deps{
		Client: client.New(dom.Fetch, dom.Socket).WithLines(dom.Lines),
		Now:    time.Now,
		Zone:   dom.LocalZone(),
		Regex:  dom.Regexp,
	})
	app.RunWhenOnBrowser()
}
