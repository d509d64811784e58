package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// ThemeChosen says that the reader wants "dark", "light" or, with "", what the
// system has.
type ThemeChosen struct{ Theme string }

// Home is the way home at the left of every bar.
func Home() app.UI {
	return elem("a", "brand", attrs{"href", "/", "aria-label", "logpane, home"}, mute("i", "logo"), txt("span", "brand-name", "logpane"))
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
	at := &themes[0]
	for i := range themes {
		if themes[i].theme == t.Now {
			at = &themes[i]
		}
	}
	next := "as the system"
	if at.next != "" {
		next = at.next
	}
	return pictured("btn icon quiet", at.icon, at.says+". Change to "+next, at.says, send, ThemeChosen{at.next})
}

// Bar is the bar of pages that are not the log table.
type Bar struct{ Theme string }

// UI draws the bar.
func (b Bar) UI(send Send) app.UI {
	return el("header", "bar",
		Home(),
		grow(),
		Theme{b.Theme}.UI(send),
	)
}
