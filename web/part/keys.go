package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// KeyRow is one line of the sheet of keys.
type KeyRow struct {
	Keys []string // as printed on the keys
	Does string
}

// Keys is the sheet that says which keys there are.
type Keys struct{ Rows []KeyRow }

// UI draws the sheet.
func (k Keys) UI(send Send) app.UI {
	var rows []app.UI
	for _, r := range k.Rows {
		var caps []app.UI
		for i, c := range r.Keys {
			if i > 0 {
				caps = append(caps, app.Text(" "))
			}
			caps = append(caps, app.Kbd().Text(c))
		}
		rows = append(rows, app.Div().Class("key-row").Body(app.Dt().Body(caps...), app.Dd().Text(r.Does)))
	}
	return app.Div().Class("veil").Body(
		app.Div().Class("sheet").Role("dialog").Aria("modal", "true").Aria("label", "Keys").Body(
			app.Div().Class("sheet-head").Body(
				app.H2().Text("Keys"), app.Span().Class("grow"),
				app.Button().ID("keys-close").Type("button").Class("btn icon quiet").Aria("label", "Close").OnClick(send.on(MenuToggled{MenuKeys})).Body(icon("close")),
			),
			app.Dl().Class("keys").Body(rows...),
			app.P().Class("mut help").Text("They act while no field has the keyboard."),
		),
	)
}

// Status is the line below the table.
type Status struct{ Text string }

// UI draws the line.
func (s Status) UI(send Send) app.UI {
	return app.Footer().Class("status").Body(
		app.Span().Class("status-text ellipsis").Role("status").Text(s.Text),
		app.Span().Class("grow"),
		app.Button().Type("button").Class("btn quiet small keys-open").OnClick(send.on(MenuToggled{MenuKeys})).Body(app.Kbd().Text("?"), app.Text("keys")),
	)
}

// What the lines above the table report.
type (
	NoticesClosed  struct{}
	ConnectMissing struct{ Vendor, Region, Account string }
)

// Note is a line above the table about the address or the connection.
type Note struct {
	Text  string
	Label string // of the button; "" for none
	Msg   any    // what the button sends
	Bad   bool
}

// UI draws the line.
func (n Note) UI(send Send) app.UI {
	class, sign := "note", "info"
	if n.Bad {
		class, sign = "note bad", "alert"
	}
	var button app.UI
	if n.Label != "" {
		button = app.Button().Type("button").Class("btn small").OnClick(send.on(n.Msg)).Text(n.Label)
	}
	return app.Div().Class(class).Role("note").Body(icon(sign), app.Span().Class("note-text").Text(n.Text), button)
}
