package part

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// LettersChosen says whether keys that are a single letter do something. The
// other settings report what the tool row reports, and ThemeChosen.
type LettersChosen struct{ On bool }

// More is the menu at the right end of the bar. Through it everything is
// reached that also has a key.
type More struct {
	Saved    Saved
	Settings Settings
}

// anchored draws the button and, where it is open, the menu.
func (m More) anchored(open Menu, send Send) app.UI {
	var menu app.UI
	switch open {
	case MenuMore:
		menu = m.list(send)
	case MenuSaved:
		menu = m.Saved.UI(send)
	case MenuSettings:
		menu = m.Settings.UI(send)
	}
	// The button closes whichever of the three is open.
	toggles := open
	if menu == nil {
		toggles = MenuMore
	}
	return el("div", "anchor more",
		press("btn icon quiet", send, MenuToggled{toggles}).Aria("label", "Menu").Title("Menu").Aria("haspopup", "dialog").Aria("expanded", menu != nil).Body(icon("more")),
		menu,
	)
}

func (m More) list(send Send) app.UI {
	row := func(id, sign, text string, to Menu, key ...string) app.UI {
		var caps []app.UI
		for _, k := range key {
			caps = append(caps, app.Kbd().Text(k))
		}
		b := press("menu-row", send, MenuToggled{to}).Body(
			icon(sign), txt("span", "grow", text), el("span", "caps", caps...),
		)
		if id != "" {
			b = b.ID(id)
		}
		return app.Li().Body(b)
	}
	return app.Div().Class("float menu right more-menu").Role("dialog").Aria("label", "Menu").Body(
		el("ul", "menu-rows",
			row("more-first", "star", "Saved views", MenuSaved),
			row("", "command", "Command palette", MenuPalette, "Ctrl", "K"),
			row("", "key", "Keys", MenuKeys, "?"),
			row("", "sliders", "Settings", MenuSettings),
		),
	)
}

// menuHead is the head of a menu that took the place of More's list.
func menuHead(title, back string, send Send) app.UI {
	return el("div", "menu-head",
		app.Button().ID(back).Type("button").Class("btn icon quiet").Aria("label", "Back to the menu").OnClick(send.on(MenuToggled{MenuMore})).Body(icon("left")),
		app.H2().Text(title),
	)
}

// Settings is the menu of how the page looks and listens.
type Settings struct {
	Theme     string // "dark", "light", "" for the system's
	Density   string // one of Densities; "" is normal
	Wrap      bool
	Facets    bool
	Histogram bool
	Letters   bool
}

// UI draws the menu.
func (s Settings) UI(send Send) app.UI {
	density := s.Density
	if density == "" {
		density = "normal"
	}
	var themes, densities []segment
	for _, t := range [][2]string{{"", "System"}, {"dark", "Dark"}, {"light", "Light"}} {
		themes = append(themes, segment{t[1], t[0] == s.Theme, ThemeChosen{t[0]}})
	}
	for _, d := range Densities {
		densities = append(densities, segment{viewer.Capital(d), d == density, DensityChosen{d}})
	}
	return app.Div().Class("float menu right settings").Role("dialog").Aria("label", "Settings").Body(
		menuHead("Settings", "settings-back", send),
		segments("Theme", "theme", themes, send),
		segments("Rows", "density", densities, send),
		switchRow("Wrap long text", "", s.Wrap, viewer.WrapChosen{On: !s.Wrap}, send),
		switchRow("Facets", "", s.Facets, FacetsToggled{}, send),
		switchRow("Histogram", "", s.Histogram, HistogramToggled{}, send),
		switchRow("Single-letter keys", "Without them, Ctrl+K, the arrows and Esc still work.", s.Letters, LettersChosen{!s.Letters}, send),
	)
}

// segment is one of several choices that exclude each other.
type segment struct {
	label string
	on    bool
	msg   any
}

// segments is a choice of one of a few.
func segments(label, name string, all []segment, send Send) app.UI {
	var out []app.UI
	for _, s := range all {
		out = append(out, el("label", "segment",
			app.Input().Type("radio").Name(name).Checked(s.on).OnChange(send.on(s.msg)), app.Span().Text(s.label),
		))
	}
	return app.Div().Class("setting").Role("radiogroup").Aria("label", label).Body(
		app.Span().Class("grow").Aria("hidden", "true").Text(label), el("div", "segments", out...),
	)
}

// switchRow is a setting that is on or off. msg is sent when it is changed.
func switchRow(label, says string, on bool, msg any, send Send) app.UI {
	var more app.UI
	if says != "" {
		more = txt("span", "mut help", says)
	}
	return el("label", "setting",
		el("span", "grow setting-text", app.Span().Text(label), more),
		app.Input().Type("checkbox").Role("switch").Class("switch").Checked(on).OnChange(send.on(msg)),
	)
}
