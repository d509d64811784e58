package part

import (
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the picker reports.
type (
	Picked      struct{ Address string } // marked, or no longer
	PicksGiven  struct{}                 // the marked ones are to be shown
	ConnectMore struct{}
)

// Group is what can be picked through one connection.
type Group struct {
	ID      string // of the connection
	Title   string
	Account string
	Whole   string // address of the whole account; "" where it cannot be read
	Demo    bool
	Busy    bool
	Err     *fault.Error
	Targets []wire.Target
}

// Picker is the menu in which a view's targets are chosen.
type Picker struct {
	Groups []Group
	Marked []string // addresses
	Find   string
	Busy   bool // the connections are not known yet
}

// UI draws the menu.
func (p Picker) UI(send Send) app.UI {
	var groups []app.UI
	for _, g := range p.Groups {
		groups = append(groups, p.group(g, send))
	}
	if len(groups) == 0 && !p.Busy {
		groups = append(groups, txt("p", "mut", "Nothing is connected in this session."))
	}
	n := len(p.Marked)
	label := "Show " + Some(n, "target")
	if n == 0 {
		label = "Mark what to show"
	}
	over := n > wire.MaxTargets
	if over {
		label = "At most " + Count(wire.MaxTargets) + " at once"
	}
	return app.Div().Class("float menu picker").Role("dialog").Aria("label", "Targets").Body(
		el("div", "find",
			icon("search"),
			app.Input().ID(IDFind).Type("text").Class("field").Aria("label", "Search targets").Attr("autocomplete", "off").
				Attr("spellcheck", "false").Placeholder("Search targets").OnInput(send.on(Typed{IDFind})),
		),
		el("div", "picker-groups", groups...),
		el("div", "pick-foot",
			press("btn primary", send, PicksGiven{}).Disabled(n == 0 || over).Text(label),
			app.Span().Class("grow"),
			press("btn quiet", send, ConnectMore{}).Text("Connect another…"),
		),
	)
}

func (p Picker) group(g Group, send Send) app.UI {
	var rows []app.UI
	if g.Whole != "" && matches(wire.Target{Label: "All of " + g.Account, Address: g.Whole}, p.Find) {
		rows = append(rows, p.row(wire.Target{Address: g.Whole, Label: "All of " + g.Account}, send))
	}
	left := 0
	for _, t := range g.Targets {
		switch {
		case !matches(t, p.Find) || t.Address == g.Whole:
		case len(rows) >= maxPicks:
			left++
		default:
			rows = append(rows, p.row(t, send))
		}
	}
	if left > 0 {
		rows = append(rows, txt("li", "pick-none mut", Some(left, "more target")+": type to find them."))
	}
	var note app.UI
	switch {
	case g.Err != nil:
		note = Fault{Err: g.Err, Retry: "targets:" + g.ID, Small: true}.UI(send)
	case g.Busy:
		note = bones(2)
	case len(rows) == 0 && p.Find != "":
		return nil
	case len(rows) == 0:
		note = txt("p", "mut", "Nothing here can be read with this credential.")
	}
	return group("picker-group", g.Title+" "+g.Account,
		el("p", "picker-head",
			app.Strong().Text(g.Title), txt("span", "mut ellipsis", g.Account), iff(g.Demo, txt("span", "demo", "DEMO")),
		),
		app.Ul().Body(rows...),
		note,
	)
}

func (p Picker) row(t wire.Target, send Send) app.UI {
	marked := false
	for _, a := range p.Marked {
		marked = marked || a == t.Address
	}
	about := t.Kind
	class := "pick-row"
	if t.Unread != "" {
		about, class = t.Unread, class+" unread"
	}
	return app.Li().Body(el("label", class,
		app.Input().Type("checkbox").Checked(marked).Disabled(t.Unread != "" && !marked).OnChange(send.on(Picked{t.Address})),
		app.Span().Class("pick-name ellipsis").Title(t.Address).Text(t.Label),
		txt("span", "pick-about mut ellipsis", about),
	))
}
