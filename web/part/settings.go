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
		pictured("btn icon quiet", "more", "Menu", "Menu", send, MenuToggled{toggles}).ID(IDMore).Attr("aria-haspopup", "dialog").Attr("aria-expanded", yes(menu != nil)),
		menu,
	)
}

func (m More) list(send Send) app.UI {
	row := func(id, sign, text string, to Menu, keys ...string) app.UI {
		return el("li", "", button("menu-row", send, MenuToggled{to}, attrs{"id", id},
			icon(sign), txt("span", "grow", text), el("span", "caps", caps(keys)...),
		))
	}
	return float("right more-menu", "Menu",
		el("ul", "menu-rows",
			row("more-first", "star", "Saved views", MenuSaved),
			row("", "link", "Share", MenuShare),
			row("", "command", "Command palette", MenuPalette, "Ctrl", "K"),
			row("", "key", "Keys", MenuKeys, "?"),
			row("", "sliders", "Settings", MenuSettings),
		),
	)
}

// menuHead is the head of a menu that took the place of More's list.
func menuHead(title, back string, send Send) app.UI {
	return el("div", "menu-head",
		pictured("btn icon quiet", "left", "Back to the menu", "", send, MenuToggled{MenuMore}).ID(back),
		txt("h2", "", title),
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
	themes := []segment{{"System", s.Theme == "", ThemeChosen{}}, {"Dark", s.Theme == "dark", ThemeChosen{"dark"}}, {"Light", s.Theme == "light", ThemeChosen{"light"}}}
	densities := make([]segment, len(Densities))
	for i, d := range Densities {
		densities[i] = segment{viewer.Capital(d), d == density, DensityChosen{d}}
	}
	return float("right settings", "Settings",
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
	var out nodes
	for i := range all {
		s := &all[i]
		out.add(el("label", "segment", check("radio", s.on, send, s.msg, "name", name), txt("span", "", s.label)))
	}
	return aloud("div", "setting", "radiogroup", label, mute("span", "grow", app.Text(label)), el("div", "segments", out...))
}

// switchRow is a setting that is on or off. msg is sent when it is changed.
func switchRow(label, says string, on bool, msg any, send Send) app.UI {
	var more app.UI
	if says != "" {
		more = txt("span", "mut help", says)
	}
	return el("label", "setting",
		el("span", "grow setting-text", txt("span", "", label), more),
		check("checkbox", on, send, msg, "role", "switch", "class", "switch"),
	)
}
