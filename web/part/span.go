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
	rows := make([]app.UI, len(view.Presets))
	for i, p := range view.Presets {
		rows[i] = pressedRow("", p.Label, nil, p.From == b.Now, send, PresetGiven{p.From})
	}
	said := txt("p", "help mut", "15m · yesterday 17:30 · 08:00-09:30 · 2026-11-21T02:14Z")
	switch {
	case b.Wrong != "":
		said = wrong("", b.Wrong)
	case b.Read != "":
		said = el("p", "help", icon("check"), app.Text(b.Read))
	}
	var shown app.UI
	if b.From+b.To != "" {
		shown = el("dl", "span-shown",
			txt("dt", "mut", "From"), txt("dd", "", b.From),
			txt("dt", "mut", "To"), txt("dd", "", b.To),
		)
	}
	step := func(sign, says string, msg any) app.UI {
		return button("btn small", send, msg, nil, icon(sign), app.Text(says))
	}
	return float("span", "Time",
		posted("span-form", send, SpanGiven{}, nil,
			field(IDSpan, "Time, as text", "Since when, or from – to", send),
			said,
		),
		shown,
		el("div", "span-steps",
			step("left", "Earlier", viewer.Shifted{Back: true}), step("right", "Later", viewer.Shifted{}), step("out", "Zoom out", viewer.ZoomedOut{}),
		),
		el("ul", "menu-rows", rows...),
	)
}

// pressedRow is a line of a menu that is chosen or not.
func pressedRow(id, label string, says app.UI, on bool, send Send, msg any) app.UI {
	return el("li", "", button("menu-row", send, msg, attrs{"id", id, "aria-pressed", yes(on)},
		txt("span", "grow", label), says, iff(on, icon("check")),
	))
}

// ZoneBox is the menu of the zone in which times are shown.
type ZoneBox struct {
	Now   string // the zone that is shown: "UTC", "Europe/Paris"
	Own   string // the browser's
	Wrong string // why the name that was entered is none
}

// UI draws the menu.
func (z ZoneBox) UI(send Send) app.UI {
	var rows nodes
	row := func(name, given, says string) {
		rows.add(pressedRow(when(len(rows) == 0, "zone-first"), name, txt("span", "mut", says), name == z.Now, send, ZoneGiven{given}))
	}
	row("UTC", "UTC", "")
	if z.Own != "" && z.Own != "UTC" {
		row(z.Own, "", "this browser")
	}
	if z.Now != "" && z.Now != "UTC" && z.Now != z.Own {
		row(z.Now, z.Now, "")
	}
	said, invalid, by := txt("p", "help mut", "Every time on the page is shown in it."), "", ""
	if z.Wrong != "" {
		invalid, by = "true", "zone-wrong"
		said = wrong(by, z.Wrong)
	}
	return float("right zones", "Time zone",
		el("ul", "menu-rows", rows...),
		posted("span-form", send, ZoneEntered{}, nil,
			el("div", "joined", field(IDZone, "Another time zone", "America/New_York, +05:30 …", nil,
				"autocapitalize", "off", "aria-invalid", invalid, "aria-describedby", by), submit("btn", "Use")),
			said,
		),
	)
}
