package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/redact"
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
	Lens        redact.Lens // Raised came through it
}

// UI draws the card.
func (x Exception) UI(send Send) app.UI {
	back := upTo("", x.View.At(view.Place{Kind: view.Exceptions}).URL(), "left", "All exceptions")
	if x.Empty.Why != viewer.NotEmpty || !x.Known {
		body, foot := EmptyPlace(x.Empty, send), app.UI(nil)
		if x.Empty.Why == viewer.NotEmpty {
			body, foot = elem("p", "xnone", attrs{"role", "note"}, app.Text(x.unknown())), readOn(&x.Foot, send)
		}
		return el("div", "exception", exceptionHead(back, txt("h1", "", "Exception"), txt("code", "xcard-print", x.Fingerprint)), x.reading(send), body, foot)
	}
	d := Details{Copied: x.Copied, Failed: x.Failed, Sources: x.Sources, State: x.State}
	return el("div", "exception",
		exceptionHead(back,
			el("h1", "", exceptionTitle(&x.Card, x.Lens)...),
			occurred(&x.Card, x.AtLeast),
			grow(),
			d.button("link", "link", "Copy link", send),
			d.button("markdown:"+idChain, "copy", "Copy as Markdown", send),
		),
		el("div", "xbody",
			x.occurrence(&d, send),
			el("div", "xside", x.facts(&d, send), x.messages(), x.list(&d, send), readOn(&x.Foot, send)),
		),
	)
}

// unknown says that no entry shown belongs to the card.
func (x *Exception) unknown() string {
	of := Count(x.Of)
	switch {
	case !exception.IsFingerprint(x.Fingerprint):
		return "“" + decode.Visible(x.Fingerprint) + "” is no fingerprint of an exception: those have ten digits from 0 to f."
	case !x.Done:
		return "Looking for it: " + Count(x.Rows) + " of " + of + " entries"
	case x.Foot.State == viewer.FootLoading || x.Foot.State == viewer.FootMore:
		return "Looking for it further back. Not among " + of + " entries so far."
	case x.AtLeast:
		return "Not among the " + of + " entries read so far; more exist."
	}
	return "No occurrence among the " + of + " entries shown."
}

// facts are what all occurrences have in common, and how they spread.
func (x *Exception) facts(d *Details, send Send) app.UI {
	c := &x.Card
	var rows []app.UI
	row := func(name string, values ...app.UI) {
		rows = append(rows, el("div", "pair", txt("dt", "", name), el("dd", "xvals", values...)))
	}
	row("fingerprint", link("xcard-print", x.View.URL(), "Link to this card", app.Text(c.Fingerprint)))
	if !c.Last.IsZero() {
		row("first seen", app.Text(x.when(c.First, "")+when(x.AtLeast, " or before")), newSince(c, x.AtLeast, x.Now, x.Zone, x.Lens))
		row("last seen", app.Text(x.when(c.Last, "")))
	}
	if c.Untimed > 0 {
		row("without time", app.Text(Count(c.Untimed)))
	}
	if says := "raised in"; c.Frame == "" {
		row(says, mut("no trace was given"))
	} else {
		if !c.Own {
			says = "in a library"
		}
		row(says, quoted("span", "xframe", c.Frame), d.button("frame:"+c.Frame, "copy", "Copy frame", send))
	}
	if c.Like != "" {
		row("probably", link("xcard-print", x.View.At(view.Place{Kind: view.Exceptions, A: c.Like}).URL(), "Same type and text, with a trace", app.Text(c.Like)))
	}
	name := "components"
	for _, all := range [...][]exception.Count{c.Components, c.Around} {
		var names []app.UI
		for i := range all {
			names = append(names, quoted("span", "", all[i].Name+" "), mut(geq(x.AtLeast)+Count(all[i].N)+" "))
		}
		if names != nil {
			row(name, names...)
		}
		name = "wrapped in"
	}
	row("seen in", seenIn(c, x.AtLeast, send)...)
	return chapter("held", "This exception", sparkline(c.Bars), el("dl", "pairs", rows...))
}

// when writes a moment, with so much after its second.
func (x *Exception) when(t time.Time, finer string) string {
	t = t.In(x.Zone)
	return t.Format("2006-01-02 15:04:05"+finer) + " " + OffsetName(t)
}

// occurrence draws the one that is shown.
func (x *Exception) occurrence(d *Details, send Send) app.UI {
	o := &x.Occurrences[x.At]
	step := func(by int, picture, label, key string, off bool) app.UI {
		return pictured("btn icon", picture, label, label+" ("+key+")", send, OccurrenceStepped{by}).Attr("disabled", off)
	}
	told := "without a time"
	var around, message, sources app.UI
	if !o.Time.IsZero() {
		told = x.when(o.Time, ".000")
		around = labelled("btn small", "around", "Context ±30 s", "What happened within 30 s around it, of all origins (a)", send, ContextAsked{})
	}
	for _, s := range [...]string{o.Pipeline, o.Origin} {
		if s != "" {
			told += " · " + decode.Visible(s)
		}
	}
	table := x.View.At(view.Place{})
	table.Sel = x.Key
	if m := x.Raised.Message; m != "" {
		message = el("div", "xmessage", d.long("message", m, send))
	}
	if x.Form {
		sources = x.form(send)
	}
	n := "Occurrence " + Count(x.At+1) + " of " + geq(x.AtLeast) + Count(len(x.Occurrences))
	return elem("section", "held xmain", attrs{"id", IDOccurrence, "tabindex", "-1", "data-entry", o.ID, "aria-label", n},
		el("div", "xnav",
			step(-1, "prev", "Previous occurrence", "O", x.At == 0), step(1, "down", "Next occurrence", "o", x.At == len(x.Occurrences)-1),
			el("p", "xnav-text", txt("strong", "", n), mut(told)),
			grow(),
			around,
			link("btn small quiet", table.URL(), "This entry with all of its fields", app.Text("All fields")),
		),
		message,
		d.trace(idChain, x.Raised.Chain, send),
		el("div", "xsources", labelled("btn small quiet", "link", "Link my files to their source", "", send, SourcesToggled{}).Attr("aria-expanded", yes(x.Form)), sources),
	)
}

// form asks where one's own files can be read.
func (x *Exception) form(send Send) app.UI {
	bad, on := "", ""
	var why app.UI
	if x.Wrong != "" {
		bad, on = "true", "sources-wrong"
		why = elem("p", "err", attrs{"id", on}, app.Text(x.Wrong))
	}
	row := func(id, label, value, example, bad, on string) app.UI {
		return el("div", "form-row", elem("label", "", attrs{"for", id}, app.Text(label)),
			field(id, "", example, nil, "aria-invalid", bad, "aria-describedby", on).Attr("value", value))
	}
	return posted("xform", send, SourcesGiven{}, nil,
		row(IDSourcesUnder, "Files under", x.Sources.Under, "/app/", "", ""),
		row(IDSourcesLink, "are at", x.Sources.Link, "https://github.com/acme/rag/blob/main/{path}#L{line}", bad, on),
		why,
		el("div", "acts",
			submit("btn small primary", "Keep"),
			worded("btn small", "Cancel", send, SourcesToggled{}),
			mut("Kept in this browser. Haystack's files link to its repository."),
		),
	)
}

// messages are the forms in which the logs tell of it.
func (x *Exception) messages() app.UI {
	c := &x.Card
	if len(c.Messages) == 0 || len(c.Messages) == 1 && c.Count == 1 {
		return nil
	}
	var rows []app.UI
	row := func(n string, text app.UI) { rows = append(rows, el("li", "", txt("span", "xn mut", n+"×"), text)) }
	rest := c.Unlisted
	for i := range c.Messages {
		m := &c.Messages[i]
		if i >= 8 {
			rest += m.N
			continue
		}
		text := decode.Visible(x.Lens.Text(m.Name))
		row(geq(x.AtLeast)+Count(m.N), tip("ellipsis", text, text))
	}
	if rest > 0 {
		row(Count(rest), mut("other messages"))
	}
	return chapter("held", "Messages", txt("h3", "", "Messages"), el("ul", "xmessages", rows...))
}

// list are the occurrences, newest first.
func (x *Exception) list(d *Details, send Send) app.UI {
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
		rows = append(rows, el("li", "", button("xocc", send, OccurrenceChosen{i}, attrs{"aria-current", when(i == x.At, "true")},
			txt("span", "xocc-time", at), quoted("span", "xocc-in mut ellipsis", o.Pipeline), quoted("span", "xocc-text ellipsis", x.Lens.Text(o.Message)))))
	}
	if shown < n {
		rows = append(rows, el("li", "", moreButton(path, "Show "+Some(n-shown, "more occurrence"), send)))
	}
	return chapter("held", "Occurrences", txt("h3", "", "Occurrences "+strconv.Itoa(n)), el("ol", "xoccs", rows...))
}
