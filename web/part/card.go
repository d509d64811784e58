package part

import (
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What a connection's card reports. ID is the connection's.
type (
	LogsOpened   struct{ ID string } // the logs of the whole account
	PickToggled  struct{ ID string } // the list of targets, opened or closed
	MarkedOpened struct{ ID string } // the logs of the marked targets
	ForgetAsked  struct{ ID string } // once more, before it is done
	ForgetGiven  struct{ ID string } // yes
	ForgetLeft   struct{ ID string } // no
	Marked       struct {            // a target, on or off
		ID, Address string
	}
)

// Card is one connection on the home page.
type Card struct {
	Conn   wire.Connection
	Title  string // of the vendor
	Region string // as people call it
	Now    time.Time
	Whole  bool // the account can be read as one; else targets must be picked
	Asking bool // whether to forget it
	Busy   bool
	Err    *fault.Error
	Pick   *Pick // the list of targets; nil while it is closed
}

// UI draws the card.
func (c Card) UI(send Send) app.UI {
	var demo app.UI
	if c.Conn.Demo {
		demo = demoMark()
	}
	var list app.UI
	if c.Pick != nil {
		list = c.Pick.UI(send)
	}
	about := c.Conn.Account + " · " + c.Region
	return elem("article", "card", attrs{"aria-label", c.Title + " " + c.Conn.Account, "data-id", c.Conn.ID},
		el("div", "card-head",
			Mark(c.Title),
			el("div", "card-name",
				el("h3", "", app.Text(c.Title), demo),
				elem("p", "mut ellipsis", attrs{"title", about}, app.Text(about)),
			),
			elem("span", "verified", attrs{"title", c.Conn.Verified.UTC().Format(time.RFC3339)},
				icon("check"), app.Text("verified "+Age(c.Now, c.Conn.Verified))),
		),
		c.foot(send),
		Fault{Err: c.Err, Small: true}.UI(send),
		list,
	)
}

func (c *Card) foot(send Send) app.UI {
	if c.Asking {
		return group("card-foot ask", "Forget this connection?",
			txt("span", "grow", "The server drops the credential; access tokens made of it keep working. To come back you enter it again."),
			worded("btn", "Keep", send, ForgetLeft{c.Conn.ID}),
			worded("btn danger", "Forget", send, ForgetGiven{c.Conn.ID}).Attr("disabled", c.Busy),
		)
	}
	var logs app.UI
	pickClass, pickText := "btn primary", "Open logs…"
	if c.Whole {
		logs = worded("btn primary", "Open logs", send, LogsOpened{c.Conn.ID})
		pickClass, pickText = "btn", "Pick…"
	}
	return el("div", "card-foot",
		logs,
		button(pickClass, send, PickToggled{c.Conn.ID}, attrs{"aria-expanded", yes(c.Pick != nil)}, app.Text(pickText), icon("down")),
		grow(),
		worded("btn quiet", "Forget", send, ForgetAsked{c.Conn.ID}),
	)
}

// searchFrom is the number of targets from which a list has a search field.
const searchFrom = 9

// maxPicks bounds the rows of a list: who has more of them types.
const maxPicks = 200

// Pick is the list of what can be looked at through one connection.
type Pick struct {
	ID      string // of the connection
	Busy    bool
	Err     *fault.Error
	Targets []wire.Target
	Marked  []string // addresses
	Find    string
}

// UI draws the list.
func (p Pick) UI(send Send) app.UI {
	switch {
	case p.Busy:
		return elem("div", "pick", attrs{"aria-busy", "true"}, bones(3), txt("p", "sr", "Asking the vendor what there is"))
	case p.Err != nil:
		return el("div", "pick", Fault{Err: p.Err, Retry: "targets:" + p.ID, Small: true}.UI(send))
	case len(p.Targets) == 0:
		return el("div", "pick", txt("p", "mut", "The vendor lists nothing here that could be read with this credential."))
	}
	var find app.UI
	if len(p.Targets) >= searchFrom {
		find = el("div", "find", icon("search"), field("find-"+p.ID, "Search targets", "Search "+Some(len(p.Targets), "target"), send))
	}
	var rows nodes
	left := 0
	for i := range p.Targets {
		t := &p.Targets[i]
		switch {
		case !matches(t, p.Find):
		case len(rows) == maxPicks:
			left++
		default:
			rows.add(p.row(t, send))
		}
	}
	if len(rows) == 0 {
		rows.add(txt("li", "pick-none mut", "No target is named like that."))
	}
	if left > 0 {
		rows.add(txt("li", "pick-none mut", Some(left, "more target")+": type to find them."))
	}
	n := len(p.Marked)
	label := "Open marked"
	if n > 0 {
		label = "Open " + Some(n, "target")
	}
	over := n > wire.MaxTargets
	var note app.UI
	if over {
		note = txt("span", "warn", "At most "+Count(wire.MaxTargets)+" at once")
	}
	return el("div", "pick",
		find,
		aloud("ul", "picks", "", "Targets", rows...),
		el("div", "pick-foot",
			worded("btn primary", label, send, MarkedOpened{p.ID}).Attr("disabled", n == 0 || over),
			note,
		),
	)
}

func (p *Pick) row(t *wire.Target, send Send) app.UI {
	about := strings.TrimSpace(t.Kind + " " + t.Status)
	if t.Detail != "" {
		about += " · " + t.Detail
	}
	return pickRow(t, about, slices.Contains(p.Marked, t.Address), t.Unread != "", send, Marked{p.ID, t.Address})
}

// matches reports whether a target has all words of the search somewhere.
func matches(t *wire.Target, find string) bool {
	hay := strings.ToLower(t.Label + " " + t.Address + " " + t.Kind + " " + t.Status + " " + t.Detail)
	for _, word := range strings.Fields(strings.ToLower(find)) {
		if !strings.Contains(hay, word) {
			return false
		}
	}
	return true
}

// bones are placeholders for n lines; the style sheet shows them after 150 ms.
func bones(n int) app.UI { return mute("div", "bones", blanks(n)...) }

// blanks are n lines to come.
func blanks(n int) []app.UI {
	lines := make([]app.UI, n)
	for i := range lines {
		lines[i] = el("i", "")
	}
	return lines
}
