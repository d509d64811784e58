package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What happens on an opened card, beside the events of Details' blocks.
type (
	// OccurrenceStepped goes to the next occurrence, which is an older one, or back.
	OccurrenceStepped struct{ By int }
	// OccurrenceChosen shows one occurrence, by its place in Exception.Occurrences.
	OccurrenceChosen struct{ I int }
	// ContextAsked shows what happened within half a minute around the occurrence.
	ContextAsked struct{}
	// SourcesToggled opens or closes the form that says where one's own files are.
	SourcesToggled struct{}
	// SourcesGiven says that the form was sent: IDSourcesUnder and IDSourcesLink.
	SourcesGiven struct{}
)

// Ids of the form's fields.
const (
	IDSourcesUnder = "sources-under"
	IDSourcesLink  = "sources-link"
)

// IDOccurrence is the id of the occurrence that is shown.
const IDOccurrence = "occurrence"

// Exception is an opened card with one of its occurrences.
type Exception struct {
	Card  exception.Card
	Known bool // there is such a card among what was counted
	Counted
	Occurrences []exception.Occurrence // newest first
	At          int                    // of them, the one that is shown
	Raised      exception.Raised       // what that one says
	ID, Src     string                 // of the entry shown
	Key         string                 // of the entry in View.Sel
	View        view.View              // of the card
	Fingerprint string                 // as the address has it
	Zone        *time.Location
	Now         time.Time
	Foot        viewer.Foot
	Empty       viewer.Empty
	Sources     exception.Sources
	Form        bool   // the form of Sources is open
	Wrong       string // why what was typed there cannot be used
	Copied      string
	Failed      string
	State       PanelState
}

// UI draws the card.
func (x Exception) UI(send Send) app.UI {
	back := app.A().Class("btn small quiet").Href(x.View.At(view.Place{Kind: view.Exceptions}).URL()).Body(icon("left"), app.Text("All exceptions"))
	if x.Empty.Why != viewer.NotEmpty {
		return el("div", "exception", exceptionHead(back, app.H1().Text("Exception"), txt("code", "xcard-print", x.Fingerprint)), Grid{Empty: x.Empty}.end(send))
	}
	if !x.Known {
		return el("div", "exception",
			exceptionHead(back, app.H1().Text("Exception"), txt("code", "xcard-print", x.Fingerprint)),
			x.unknown(), readOn(x.Foot, send),
		)
	}
	d := x.details()
	return el("div", "exception",
		exceptionHead(back,
			app.H1().Body(exceptionTitle(&x.Card)...),
			occurred(&x.Card, x.AtLeast),
			app.Span().Class("grow"),
			d.button("link", "link", "Copy link", send),
			d.button("markdown:"+idChain, "copy", "Copy as Markdown", send),
		),
		el("div", "xbody",
			x.occurrence(d, send),
			el("div", "xside", x.facts(d, send), x.messages(), x.list(d, send), readOn(x.Foot, send)),
		),
	)
}

// unknown says that no entry shown belongs to the card.
func (x Exception) unknown() app.UI {
	text := "No occurrence among the " + Count(x.Of) + " entries shown."
	switch {
	case !exception.IsFingerprint(x.Fingerprint):
		text = "“" + decode.Visible(x.Fingerprint) + "” is no fingerprint of an exception: those have ten digits from 0 to f."
	case !x.Done:
		text = "Looking for it: " + Count(x.Rows) + " of " + Count(x.Of) + " entries"
	case x.Foot.State == viewer.FootLoading || x.Foot.State == viewer.FootMore:
		text = "Looking for it further back. Not among " + Count(x.Of) + " entries so far."
	case x.AtLeast:
		text = "Not among the " + Count(x.Of) + " entries read so far; more exist."
	}
	return app.P().Class("xnone").Role("note").Text(text)
}

// details draws what the panel draws as well.
func (x Exception) details() Details {
	return Details{Copied: x.Copied, Failed: x.Failed, Sources: x.Sources, State: x.State}
}

// facts are what all occurrences have in common, and how they spread.
func (x Exception) facts(d Details, send Send) app.UI {
	c := &x.Card
	var rows []app.UI
	row := func(name string, values ...app.UI) {
		rows = append(rows, el("div", "pair", app.Dt().Text(name), app.Dd().Class("xvals").Body(values...)))
	}
	row("fingerprint", app.A().Class("xcard-print").Href(x.View.URL()).Title("Link to this card").Text(c.Fingerprint))
	first := x.when(c.First)
	if x.AtLeast {
		first += " or before"
	}
	if !c.Last.IsZero() {
		row("first seen", app.Text(first), newSince(c, x.AtLeast, x.Now, x.Zone))
		row("last seen", app.Text(x.when(c.Last)))
	}
	if c.Untimed > 0 {
		row("without time", app.Text(Count(c.Untimed)))
	}
	if c.Frame != "" {
		what := "frame:" + c.Frame
		says := "raised in"
		if !c.Own {
			says = "in a library"
		}
		row(says, txt("span", "xframe", decode.Visible(c.Frame)), d.button(what, "copy", "Copy frame", send))
	} else {
		row("raised in", txt("span", "mut", "no trace was given"))
	}
	if c.Like != "" {
		row("probably", app.A().Class("xcard-print").Href(x.View.At(view.Place{Kind: view.Exceptions, A: c.Like}).URL()).Title("Same type and text, with a trace").Text(c.Like))
	}
	for _, g := range []struct {
		name string
		all  []exception.Count
	}{{"components", c.Components}, {"wrapped in", c.Around}} {
		var names []app.UI
		for _, n := range g.all {
			names = append(names, app.Span().Text(decode.Visible(n.Name)+" "), txt("span", "mut", geq(x.AtLeast)+Count(n.N)+" "))
		}
		if names != nil {
			row(g.name, names...)
		}
	}
	row("seen in", seenIn(c, x.AtLeast, send)...)
	return app.Section().Class("held").Aria("label", "This exception").Body(
		sparkline(c.Bars),
		app.Dl().Class("pairs").Body(rows...),
	)
}

func (x Exception) when(t time.Time) string {
	t = t.In(x.Zone)
	return t.Format("2006-01-02 15:04:05") + " " + OffsetName(t)
}

// occurrence draws the one that is shown.
func (x Exception) occurrence(d Details, send Send) app.UI {
	o := &x.Occurrences[x.At]
	step := func(by int, picture, label, key string, off bool) app.UI {
		return press("btn icon", send, OccurrenceStepped{by}).Disabled(off).Aria("label", label).Title(label + " (" + key + ")").Body(icon(picture))
	}
	time, meta := "without a time", ""
	if !o.Time.IsZero() {
		t := o.Time.In(x.Zone)
		time = t.Format("2006-01-02 15:04:05.000") + " " + OffsetName(t)
	}
	for _, s := range []string{o.Pipeline, o.Origin} {
		if s != "" {
			meta += " · " + decode.Visible(s)
		}
	}
	table := x.View.At(view.Place{})
	table.Sel = x.Key
	var around, message, sources app.UI
	if !o.Time.IsZero() {
		around = press("btn small", send, ContextAsked{}).Title("What happened within 30 s around it, of all origins (a)").Body(icon("around"), app.Text("Context ±30 s"))
	}
	if m := x.Raised.Message; m != "" {
		message = el("div", "xmessage", d.long("message", m, send))
	}
	if x.Form {
		sources = x.form(send)
	}
	n := "Occurrence " + Count(x.At+1) + " of " + geq(x.AtLeast) + Count(len(x.Occurrences))
	return app.Section().ID(IDOccurrence).Class("held xmain").TabIndex(-1).DataSet("entry", o.ID).Aria("label", n).Body(
		el("div", "xnav",
			step(-1, "prev", "Previous occurrence", "O", x.At == 0), step(1, "down", "Next occurrence", "o", x.At == len(x.Occurrences)-1),
			el("p", "xnav-text", app.Strong().Text(n), txt("span", "mut", time+meta)),
			app.Span().Class("grow"),
			around,
			app.A().Class("btn small quiet").Href(table.URL()).Title("This entry with all of its fields").Text("All fields"),
		),
		message,
		d.trace(idChain, x.Raised.Chain, send),
		el("div", "xsources", press("btn small quiet", send, SourcesToggled{}).Aria("expanded", x.Form).Body(icon("link"), app.Text("Link my files to their source")), sources),
	)
}

// form asks where one's own files can be read.
func (x Exception) form(send Send) app.UI {
	field := func(id, label, value, example string) app.UI {
		in := app.Input().ID(id).Type("text").Class("field").Attr("autocomplete", "off").Attr("spellcheck", "false").Value(value).Placeholder(example)
		if id == IDSourcesLink && x.Wrong != "" {
			in = in.Aria("invalid", "true").Aria("describedby", "sources-wrong")
		}
		return el("div", "form-row", app.Label().For(id).Text(label), in)
	}
	var wrong app.UI
	if x.Wrong != "" {
		wrong = app.P().ID("sources-wrong").Class("err").Text(x.Wrong)
	}
	on, scope := send.submit(SourcesGiven{})
	return app.Form().Class("xform").OnSubmit(on, scope).Body(
		field(IDSourcesUnder, "Files under", x.Sources.Under, "/app/"),
		field(IDSourcesLink, "are at", x.Sources.Link, "https://github.com/acme/rag/blob/main/{path}#L{line}"),
		wrong,
		el("div", "acts",
			app.Button().Type("submit").Class("btn small primary").Text("Keep"),
			press("btn small", send, SourcesToggled{}).Text("Cancel"),
			txt("span", "mut", "Kept in this browser. Haystack's files link to its repository."),
		),
	)
}

// messages are the forms in which the logs tell of it.
func (x Exception) messages() app.UI {
	c := &x.Card
	if len(c.Messages) == 0 || len(c.Messages) == 1 && c.Count == 1 {
		return nil
	}
	var rows []app.UI
	rest := c.Unlisted
	for i, m := range c.Messages {
		if i >= 8 {
			rest += m.N
			continue
		}
		text := decode.Visible(m.Name)
		rows = append(rows, el("li", "", txt("span", "xn mut", geq(x.AtLeast)+Count(m.N)+"×"), app.Span().Class("ellipsis").Title(text).Text(text)))
	}
	if rest > 0 {
		rows = append(rows, el("li", "", txt("span", "xn mut", Count(rest)+"×"), txt("span", "mut", "other messages")))
	}
	return app.Section().Class("held").Aria("label", "Messages").Body(app.H3().Text("Messages"), el("ul", "xmessages", rows...))
}

// list are the occurrences, newest first.
func (x Exception) list(d Details, send Send) app.UI {
	const path = "occurrences"
	n := len(x.Occurrences)
	shown := max(d.first(path, n, 50), min(x.At+10, n))
	var rows []app.UI
	for i := range x.Occurrences[:shown] {
		o := &x.Occurrences[i]
		at := "no time"
		if !o.Time.IsZero() {
			at = shortTime(o.Time, x.Now, x.Zone)
		}
		b := press("xocc", send, OccurrenceChosen{i}).Body(
			txt("span", "xocc-time", at), txt("span", "xocc-in mut ellipsis", decode.Visible(o.Pipeline)), txt("span", "xocc-text ellipsis", decode.Visible(o.Message)),
		)
		if i == x.At {
			b = b.Aria("current", "true")
		}
		rows = append(rows, el("li", "", b))
	}
	if shown < n {
		rows = append(rows, el("li", "", moreButton(path, "Show "+Some(n-shown, "more occurrence"), send)))
	}
	return app.Section().Class("held").Aria("label", "Occurrences").Body(
		app.H3().Text("Occurrences "+strconv.Itoa(n)), el("ol", "xoccs", rows...),
	)
}
