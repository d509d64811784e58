package part

import (
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/view"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Ids of the log table's fields.
const (
	IDSearch = "q"
	IDSpan   = "span"
	IDFind   = "find-target"
)

// What the bar of the log table reports.
type (
	QueryGiven  struct{} // the filter was committed
	MenuToggled struct{ Menu Menu }
	ZoneToggled struct{}
	PresetGiven struct{ From string }
	SpanGiven   struct{} // the text of the time box was committed
)

// Menu is what hangs open over the page; at most one does.
type Menu uint8

// The menus.
const (
	NoMenu Menu = iota
	MenuTargets
	MenuSpan
	MenuKeys
)

// Top is the bar of the log table.
type Top struct {
	Name   string // of the view
	Title  string // the whole of it
	Demo   bool   // some of what is shown is simulated
	Theme  string
	Open   Menu
	Span   string // how the span is called
	Zone   string // short: "UTC", "UTC+1"
	ZoneAt string // in full, for the tooltip
	Err    *fault.Error
	Query  string // the one that Err is about
	Picker Picker
	Box    SpanBox
}

// UI draws the bar and what hangs from it.
func (t Top) UI(send Send) app.UI {
	var picker, box app.UI
	if t.Open == MenuTargets {
		picker = t.Picker.UI(send)
	}
	if t.Open == MenuSpan {
		box = t.Box.UI(send)
	}
	in := app.Input().ID(IDSearch).Type("text").Role("searchbox").Class("field").Aria("label", "Filter").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("spellcheck", "false").Attr("enterkeyhint", "search").
		Placeholder("Filter: words, status:>=500, took:>2s …").OnInput(send.on(Typed{IDSearch}))
	if t.Err != nil {
		in = in.Aria("invalid", "true").Aria("describedby", "q-error")
	}
	return app.Header().Class("bar top").Body(
		Home(),
		app.Div().Class("anchor targets").Body(
			app.Button().Type("button").Class("btn name").Aria("haspopup", "dialog").Aria("expanded", t.Open == MenuTargets).
				Title(t.Title).OnClick(send.on(MenuToggled{MenuTargets})).Body(
				app.Span().Class("ellipsis").Text(t.Name), icon("down"),
			),
			iff(t.Demo, demoMark()),
			picker,
		),
		app.Form().Class("anchor search").Role("search").OnSubmit(send.submit(QueryGiven{})).Body(
			icon("search"), in, t.wrong(),
		),
		app.Div().Class("anchor when").Body(
			app.Button().Type("button").Class("btn").Aria("haspopup", "dialog").Aria("expanded", t.Open == MenuSpan).
				Aria("label", "Time: "+t.Span).OnClick(send.on(MenuToggled{MenuSpan})).Body(
				icon("clock"), app.Span().Class("ellipsis").Text(t.Span), icon("down"),
			),
			app.Button().Type("button").Class("btn zone").Title(t.ZoneAt).Aria("label", "Time zone: "+t.ZoneAt+". Change").
				OnClick(send.on(ZoneToggled{})).Text(t.Zone),
			box,
		),
		Theme{t.Theme}.UI(send),
	)
}

// wrong shows where and why a filter could not be read.
func (t Top) wrong() app.UI {
	if t.Err == nil {
		return nil
	}
	var where app.UI
	text := Sentence(t.Err.Msg)
	if c := t.Err.Column; c > 0 {
		r := []rune(t.Query + " ")
		c = min(c, len(r))
		where = app.P().Class("q-where").Aria("hidden", "true").Body(
			app.Text(string(r[:c-1])), app.Mark().Text(visible(r[c-1])), app.Text(string(r[c:])),
		)
	}
	return app.Div().ID("q-error").Class("float q-error").Role("alert").Body(where, app.P().Body(icon("alert"), app.Span().Text(text)))
}

// visible returns what to draw for the character that is wrong.
func visible(r rune) string {
	if r == ' ' {
		return "\u2423"
	}
	return string(r)
}

// SpanBox is the menu of the time box.
type SpanBox struct {
	Now   string // the preset's From that is chosen; "-" for none
	Read  string // how what was typed is understood
	Wrong string // or why it is not
}

// UI draws the menu.
func (b SpanBox) UI(send Send) app.UI {
	var rows []app.UI
	for _, p := range view.Presets {
		rows = append(rows, app.Li().Body(
			app.Button().Type("button").Class("menu-row").Aria("pressed", p.From == b.Now).OnClick(send.on(PresetGiven{p.From})).Body(
				app.Span().Class("grow").Text(p.Label), iff(p.From == b.Now, icon("check")),
			),
		))
	}
	said := app.P().Class("help mut").Text("15m · yesterday 17:30 · 08:00-09:30 · 2026-11-21T02:14Z")
	switch {
	case b.Wrong != "":
		said = app.P().Class("help err").Role("alert").Text(Sentence(b.Wrong))
	case b.Read != "":
		said = app.P().Class("help").Body(icon("check"), app.Text(b.Read))
	}
	return app.Div().Class("float menu span").Role("dialog").Aria("label", "Time").Body(
		app.Form().Class("span-form").OnSubmit(send.submit(SpanGiven{})).Body(
			app.Input().ID(IDSpan).Type("text").Class("field").Aria("label", "Time, as text").Attr("autocomplete", "off").Attr("spellcheck", "false").
				Placeholder("Since when, or from – to").OnInput(send.on(Typed{IDSpan})),
			said,
		),
		app.Ul().Class("menu-rows").Body(rows...),
	)
}

// iff returns ui where ok, and nothing otherwise. ui is made in either case: it
// must not depend on ok.
func iff(ok bool, ui app.UI) app.UI {
	if !ok {
		return nil
	}
	return ui
}
