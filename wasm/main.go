//go:build js && wasm

package main

import "github.com/maxence-charriere/go-app/v9/pkg/app"

func main() {
	open := func() app.Composer { return &start{} }
	app.RouteFunc("/", open)
	app.RouteWithRegexpFunc("^/.*", open)
	app.RunWhenOnBrowser()
}

// start is the component of every address.
type start struct{ app.Compo }

// Render names the product and the address that was asked for.
func (s *start) Render() app.UI {
	return app.Main().ID("app").Body(
		app.H1().Text("logpane"),
		app.P().Text(app.Window().URL().Path),
	)
}
