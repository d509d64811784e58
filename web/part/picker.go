package part

import (
	"slices"

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
	var groups nodes
	for i := range p.Groups {
		groups.add(p.group(&p.Groups[i], send))
	}
	if len(groups) == 0 && !p.Busy {
		groups.add(txt("p", "mut", "Nothing is connected in this session."))
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
	return float("picker", "Targets",
		el("div", "find", icon("search"), field(IDFind, "Search targets", "Search targets", send)),
		el("div", "picker-groups", groups...),
		el("div", "pick-foot",
			worded("btn primary", label, send, PicksGiven{}).Attr("disabled", n == 0 || over),
			grow(),
			worded("btn quiet", "Connect another…", send, ConnectMore{}),
		),
	)
}

func (p *Picker) group(g *Group, send Send) app.UI {
	var rows nodes
	if whole := (wire.Target{Label: "All of " + g.Account, Address: g.Whole}); g.Whole != "" && matches(&whole, p.Find) {
		rows.add(p.row(&whole, send))
	}
	left := 0
	for i := range g.Targets {
		t := &g.Targets[i]
		switch {
		case !matches(t, p.Find) || t.Address == g.Whole:
		case len(rows) >= maxPicks:
			left++
		default:
			rows.add(p.row(t, send))
		}
	}
	if left > 0 {
		rows.add(txt("li", "pick-none mut", Some(left, "more target")+": type to find them."))
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
			txt("strong", "", g.Title), txt("span", "mut ellipsis", g.Account), iff(g.Demo, txt("span", "demo", "DEMO")),
		),
		el("ul", "", rows...),
		note,
	)
}

func (p *Picker) row(t *wire.Target, send Send) app.UI {
	marked := slices.Contains(p.Marked, t.Address)
	return pickRow(t, t.Kind, marked, t.Unread != "" && !marked, send, Picked{t.Address})
}

// pickRow is a target with a box to mark it.
func pickRow(t *wire.Target, about string, marked, off bool, send Send, msg any) app.UI {
	class := "pick-row"
	if t.Unread != "" {
		about, class = t.Unread, class+" unread"
	}
	return el("li", "", el("label", class,
		check("checkbox", marked, send, msg, "disabled", yes(off)),
		tip("pick-name ellipsis", t.Address, t.Label),
		txt("span", "pick-about mut ellipsis", about),
	))
}
