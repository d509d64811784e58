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
	const costs = "What following costs"
	return el("div", "anchor follow",
		button(class, send, viewer.LiveChosen{On: !l.On}, attrs{"aria-pressed", yes(l.On), "title", says}, mute("i", "dot"), app.Text("Live")),
		button("btn icon follow-open", send, MenuToggled{MenuLive}, attrs{"aria-label", costs, "title", costs, "aria-haspopup", "dialog", "aria-expanded", yes(l.Open)},
			icon("down")),
		menu,
	)
}

func (l *Live) menu(send Send) app.UI {
	text := l.Text
	if !l.On {
		text = "New entries come by themselves while Live is on."
	}
	var lines nodes
	for i := range l.Lanes {
		o := &l.Lanes[i]
		state, reason := o.State, app.UI(nil)
		add := func(s string) { state += " · " + s }
		if o.State == wire.TailLive || o.State == wire.TailFailing {
			if in := o.NextPoll.Sub(l.Now).Round(time.Second); in > 0 {
				add("next call in " + Length(in))
			} else {
				add("calling")
			}
		}
		if o.Calls > 0 {
			add(Count(o.Calls) + " calls an hour")
		}
		if o.Viewers > 1 {
			add("shared by " + Some(o.Viewers, "viewer"))
		}
		if o.Reason != "" {
			reason = txt("span", "help", Sentence(o.Reason))
		}
		lines.add(el("li", "follow-lane is-"+o.State,
			el("b", "", mute("i", "dot"), app.Text(o.Label)), txt("span", "mut", state), reason,
		))
	}
	for _, c := range l.Cost {
		lines.add(txt("li", "help mut", c))
	}
	limits := make([]app.UI, len(budgets))
	for i := range budgets {
		b := &budgets[i]
		limits[i] = el("label", "menu-row",
			check("radio", b.Budget == l.Budget, send, viewer.BudgetChosen{Budget: b.Budget}, "name", "budget", "id", when(i == 0, "live-first")),
			txt("span", "", b.label))
	}
	return float("right follow-menu", "Live",
		txt("p", "", text),
		el("ul", "follow-lanes", lines...),
		el("fieldset", "follow-limit", txt("legend", "mut", "Stop by itself"), el("div", "", limits...)),
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
	digest := spoken("div", l.Digest)
	lost := l.State == viewer.LiveConnecting && l.Text != "Connecting…"
	if !l.Paused && !lost {
		return el("div", "", digest, hidden("div", "livebar"))
	}
	class, text := "livebar", ""
	var held, resume app.UI
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
		if l.Held {
			held = button("btn small", send, viewer.NewShown{}, attrs{"title", "Show them, and read on from where it paused"}, app.Text("Show new"))
		}
		resume = button("btn small", send, viewer.LiveResumed{}, attrs{"title", "Jump to the newest entry and follow"}, app.Text("Resume live"))
	}
	return el("div", "", digest, el("div", class, txt("span", "", text), held, resume))
}
