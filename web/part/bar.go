package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// ThemeChosen says that the reader wants "dark", "light" or, with "", what the
// system has.
type ThemeChosen struct{ Theme string }

// Home is the way home at the left of every bar.
func Home() app.UI {
	return app.A().Class("brand").Href("/").Aria("label", "logpane, home").Body(
		app.I().Class("logo").Aria("hidden", "true"),
		app.Span().Class("brand-name").Text("logpane"),
	)
}

// Theme is the switch between dark, light and the system's choice. A click
// takes the next of the three, and the button says which.
type Theme struct{ Now string }

var themes = []struct{ theme, icon, says, next string }{
	{"", "auto", "Theme: as the system", "dark"},
	{"dark", "moon", "Theme: dark", "light"},
	{"light", "sun", "Theme: light", ""},
}

// UI draws the switch.
func (t Theme) UI(send Send) app.UI {
	at := themes[0]
	for _, x := range themes {
		if x.theme == t.Now {
			at = x
		}
	}
	next := "as the system"
	if at.next != "" {
		next = at.next
	}
	return app.Button().Type("button").Class("btn icon quiet").Aria("label", at.says+". Change to "+next).
		Title(at.says).OnClick(send.on(ThemeChosen{at.next})).Body(icon(at.icon))
}

// Bar is the bar of pages that are not the log table.
type Bar struct{ Theme string }

// UI draws the bar.
func (b Bar) UI(send Send) app.UI {
	return app.Header().Class("bar").Body(
		Home(),
		app.Span().Class("grow"),
		Theme{b.Theme}.UI(send),
	)
}
