package page

import (
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// lost is the page of addresses that lead nowhere.
type lost struct {
	app.Compo
	path  string
	theme string
}

// OnNav reads the address.
func (p *lost) OnNav(ctx app.Context) {
	defer dom.Recover()
	p.path = ctx.Page().URL().Path
	p.theme = dom.Stored(themeKey)
	ctx.Page().SetTitle("Not found – logpane")
}

func (p *lost) on(_ app.Context, msg any) {
	defer dom.Recover()
	if m, ok := msg.(part.ThemeChosen); ok {
		p.theme = m.Theme
		setTheme(m.Theme)
	}
}

// Render draws the page.
func (p *lost) Render() app.UI {
	return app.Div().Class("page").Body(
		part.Bar{Theme: p.theme}.UI(p.on),
		app.Main().Class("lost").Body(
			app.H1().Text("There is nothing at this address"),
			app.P().Body(app.Code().Text(p.path)),
			app.P().Class("mut").Text("It may be mistyped, or made for another version of logpane."),
			app.A().Class("btn primary big").Href("/").Text("Go home"),
		),
	)
}
