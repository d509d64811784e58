package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// KeyRow is one line of the sheet of keys.
type KeyRow struct {
	Keys   []string // as printed on the keys
	Does   string
	Group  string // the heading that it stands under; "" for none
	Letter bool   // it goes with the single-letter keys
}

// Keys is the sheet that says which keys there are.
type Keys struct {
	Rows    []KeyRow
	Switch  bool // the single-letter keys can be switched off here: LettersChosen
	Letters bool // they are on; means nothing without Switch
}

// UI draws the sheet.
func (k Keys) UI(send Send) app.UI {
	off := k.Switch && !k.Letters
	var body, rows nodes
	group := ""
	flush := func() {
		if len(rows) == 0 {
			return
		}
		var head app.UI
		if group != "" {
			head = txt("h3", "", group)
		}
		body.add(el("div", "key-group", head, el("dl", "keys", rows...)))
		rows = nil
	}
	for i := range k.Rows {
		r := &k.Rows[i]
		if r.Group != group {
			flush()
			group = r.Group
		}
		rows.add(r.ui(off))
	}
	flush()
	help := "They act while no field has the keyboard."
	if off {
		help = "Single-letter keys are off; what is grey does nothing."
	}
	foot := app.UI(txt("p", "mut help", help))
	if k.Switch {
		foot = switchRow("Single-letter keys", help, k.Letters, LettersChosen{!k.Letters}, send)
	}
	return veil("keysheet", "Keys", "keys-close", MenuToggled{MenuKeys}, send, el("div", "key-groups", body...), foot)
}

func (r *KeyRow) ui(off bool) app.UI {
	var caps nodes
	for i, c := range r.Keys {
		if i > 0 {
			caps.add(app.Text(" "))
		}
		caps.add(txt("kbd", "", c))
	}
	return el("div", "key-row"+when(r.Letter && off, " off"), el("dt", "", caps...), txt("dd", "", r.Does))
}

// Status is the line below the table.
type Status struct {
	Text  string
	Quiet bool // it changes too often to be read out

	Export *ExportRun // under way, or just ended; nil for none
}

// UI draws the line.
func (s Status) UI(send Send) app.UI {
	live := "polite"
	if s.Quiet {
		live = "off"
	}
	return el("footer", "status",
		elem("span", "status-text ellipsis", attrs{"role", "status", "aria-live", live}, app.Text(s.Text)),
		grow(),
		s.Export.chip(send),
		button("btn quiet small keys-open", send, MenuToggled{MenuKeys}, nil, txt("kbd", "", "?"), app.Text("keys")),
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
	Close any // what a second button, which closes the line, sends; nil for none
}

// UI draws the line.
func (n Note) UI(send Send) app.UI {
	class, sign := "note", "info"
	if n.Bad {
		class, sign = "note bad", "alert"
	}
	var act app.UI
	if n.Label != "" {
		act = worded("btn small", n.Label, send, n.Msg)
	}
	var shut app.UI
	if n.Close != nil {
		shut = pictured("btn icon quiet small", "close", "Dismiss", "Dismiss", send, n.Close)
	}
	return elem("div", class, attrs{"role", "note"}, icon(sign), txt("span", "note-text", n.Text), act, shut)
}
