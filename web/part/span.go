package part

import (
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the zone menu reports.
type (
	ZoneGiven   struct{ Name string } // a zone of the list; "" is the reader's own
	ZoneEntered struct{}              // the text of IDZone was committed
)

// SpanBox is the menu of the time box.
type SpanBox struct {
	Now      string // the preset's From that is chosen; "-" for none
	Read     string // how what was typed is understood
	Wrong    string // or why it is not
	From, To string // the span that is shown, as moments: "Fri 20 Nov 2026 12:00:00"; "" are left out
}

// UI draws the menu.
func (b SpanBox) UI(send Send) app.UI {
	var rows []app.UI
	for _, p := range view.Presets {
		rows = append(rows, app.Li().Body(
			press("menu-row", send, PresetGiven{p.From}).Aria("pressed", p.From == b.Now).Body(
				txt("span", "grow", p.Label), iff(p.From == b.Now, icon("check")),
			),
		))
	}
	said := txt("p", "help mut", "15m · yesterday 17:30 · 08:00-09:30 · 2026-11-21T02:14Z")
	switch {
	case b.Wrong != "":
		said = app.P().Class("help err").Role("alert").Text(Sentence(b.Wrong))
	case b.Read != "":
		said = el("p", "help", icon("check"), app.Text(b.Read))
	}
	var shown app.UI
	if b.From+b.To != "" {
		shown = el("dl", "span-shown",
			txt("dt", "mut", "From"), app.Dd().Text(b.From),
			txt("dt", "mut", "To"), app.Dd().Text(b.To),
		)
	}
	step := func(sign, says string, msg any) app.UI {
		return press("btn small", send, msg).Body(icon(sign), app.Text(says))
	}
	return app.Div().Class("float menu span").Role("dialog").Aria("label", "Time").Body(
		app.Form().Class("span-form").OnSubmit(send.submit(SpanGiven{})).Body(
			app.Input().ID(IDSpan).Type("text").Class("field").Aria("label", "Time, as text").Attr("autocomplete", "off").Attr("spellcheck", "false").
				Placeholder("Since when, or from – to").OnInput(send.on(Typed{IDSpan})),
			said,
		),
		shown,
		el("div", "span-steps",
			step("left", "Earlier", viewer.Shifted{Back: true}), step("right", "Later", viewer.Shifted{}), step("out", "Zoom out", viewer.ZoomedOut{}),
		),
		el("ul", "menu-rows", rows...),
	)
}

// ZoneBox is the menu of the zone in which times are shown.
type ZoneBox struct {
	Now   string // the zone that is shown: "UTC", "Europe/Paris"
	Own   string // the browser's
	Wrong string // why the name that was entered is none
}

// UI draws the menu.
func (z ZoneBox) UI(send Send) app.UI {
	var rows []app.UI
	row := func(name, given, says string) {
		b := press("menu-row", send, ZoneGiven{given}).Aria("pressed", name == z.Now).Body(
			txt("span", "grow", name), txt("span", "mut", says), iff(name == z.Now, icon("check")),
		)
		if len(rows) == 0 {
			b = b.ID("zone-first")
		}
		rows = append(rows, app.Li().Body(b))
	}
	row("UTC", "UTC", "")
	if z.Own != "" && z.Own != "UTC" {
		row(z.Own, "", "this browser")
	}
	if z.Now != "" && z.Now != "UTC" && z.Now != z.Own {
		row(z.Now, z.Now, "")
	}
	in := app.Input().ID(IDZone).Type("text").Class("field").Aria("label", "Another time zone").Attr("autocomplete", "off").Attr("autocapitalize", "off").
		Attr("spellcheck", "false").Placeholder("America/New_York, +05:30 …")
	said := txt("p", "help mut", "Every time on the page is shown in it.")
	if z.Wrong != "" {
		in = in.Aria("invalid", "true").Aria("describedby", "zone-wrong")
		said = app.P().ID("zone-wrong").Class("help err").Role("alert").Text(Sentence(z.Wrong))
	}
	return app.Div().Class("float menu right zones").Role("dialog").Aria("label", "Time zone").Body(
		el("ul", "menu-rows", rows...),
		app.Form().Class("span-form").OnSubmit(send.submit(ZoneEntered{})).Body(
			el("div", "joined", in, app.Button().Type("submit").Class("btn").Text("Use")), said,
		),
	)
}
