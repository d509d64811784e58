package part

import (
	"time"

	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Live is the switch in the bar that follows what is new, and the menu with what
// that costs.
type Live struct {
	viewer.Live
	Open bool // the menu
	Now  time.Time
	Cost []string // sentences: what following the view's targets costs
}

// budgets are the limits to choose from.
var budgets = []struct {
	label string
	viewer.Budget
}{
	{"Never", viewer.Budget{}},
	{"After 15 minutes", viewer.Budget{For: 15 * time.Minute}},
	{"After an hour", viewer.Budget{For: time.Hour}},
	{"After 100 calls", viewer.Budget{Calls: 100}},
	{"After 1,000 calls", viewer.Budget{Calls: 1000}},
}

// UI draws the switch.
func (l Live) UI(send Send) app.UI {
	class, says := "btn live", "Follow new entries as they come"
	if l.On {
		if class, says = class+" on", l.Text+" Click to stop following."; l.State != viewer.LiveOn {
			class += " away"
		} else if l.Bad {
			class += " part"
		}
		if l.Paused {
			class += " paused"
		}
	}
	var menu app.UI
	if l.Open {
		menu = l.menu(send)
	}
	return el("div", "anchor follow",
		press(class, send, viewer.LiveChosen{On: !l.On}).Aria("pressed", l.On).Title(says).Body(
			app.I().Class("dot").Aria("hidden", "true"), app.Text("Live"),
		),
		press("btn icon follow-open", send, MenuToggled{MenuLive}).Aria("label", "What following costs").Title("What following costs").
			Aria("haspopup", "dialog").Aria("expanded", l.Open).Body(icon("down")),
		menu,
	)
}

func (l Live) menu(send Send) app.UI {
	text := l.Text
	if !l.On {
		text = "New entries come by themselves while Live is on."
	}
	var lines []app.UI
	for _, o := range l.Lanes {
		state, reason := o.State, app.UI(nil)
		if o.State == wire.TailLive || o.State == wire.TailFailing {
			if in := o.NextPoll.Sub(l.Now).Round(time.Second); in > 0 {
				state += " · next call in " + Length(in)
			} else {
				state += " · calling"
			}
		}
		if o.Calls > 0 {
			state += " · " + Count(o.Calls) + " calls an hour"
		}
		if o.Viewers > 1 {
			state += " · shared by " + Some(o.Viewers, "viewer")
		}
		if o.Reason != "" {
			reason = txt("span", "help", Sentence(o.Reason))
		}
		lines = append(lines, el("li", "follow-lane is-"+o.State,
			app.B().Body(app.I().Class("dot").Aria("hidden", "true"), app.Text(o.Label)), txt("span", "mut", state), reason,
		))
	}
	for _, c := range l.Cost {
		lines = append(lines, txt("li", "help mut", c))
	}
	var limits []app.UI
	for i, b := range budgets {
		box := app.Input().Type("radio").Name("budget").Checked(b.Budget == l.Budget).OnChange(send.on(viewer.BudgetChosen{Budget: b.Budget}))
		if i == 0 {
			box = box.ID("live-first")
		}
		limits = append(limits, el("label", "menu-row", box, app.Span().Text(b.label)))
	}
	return app.Div().Class("float menu right follow-menu").Role("dialog").Aria("label", "Live").Body(
		app.P().Text(text),
		el("ul", "follow-lanes", lines...),
		el("fieldset", "follow-limit", txt("legend", "mut", "Stop by itself"), app.Div().Body(limits...)),
	)
}

// LiveBar lies over the foot of the table: it says that the table does not follow,
// and why. What it reads out changes every 10 s at most.
type LiveBar struct {
	viewer.Live
	Digest string
}

// UI draws the bar.
func (l LiveBar) UI(send Send) app.UI {
	digest := app.Div().Class("sr").Aria("live", "polite").Text(l.Digest)
	lost := l.State == viewer.LiveConnecting && l.Text != "Connecting…"
	if !l.Paused && !lost {
		return app.Div().Body(digest, app.Div().Class("livebar").Hidden(true))
	}
	class, text := "livebar", ""
	var buttons []app.UI
	if lost {
		class, text = class+" away", l.Text
	}
	if l.Paused {
		if text += " Paused"; l.New > 0 {
			text += " – " + Count(l.New) + " new"
			if l.Errors > 0 {
				text += " (" + Some(l.Errors, "error") + ")"
			}
		}
		button := func(label, says string, msg any) app.UI {
			return press("btn small", send, msg).Title(says).Text(label)
		}
		if l.Held {
			buttons = append(buttons, button("Show new", "Show them, and read on from where it paused", viewer.NewShown{}))
		}
		buttons = append(buttons, button("Resume live", "Jump to the newest entry and follow", viewer.LiveResumed{}))
	}
	return app.Div().Body(digest, el("div", class, append([]app.UI{app.Span().Text(text)}, buttons...)...))
}
