package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// SparkBars is how many bars the sparkline of a card has: one for each hour of a day
// and its half.
const SparkBars = 48

// IDException returns the id of the link to the i-th card.
func IDException(i int) string { return "exception-" + strconv.Itoa(i) }

// IDExceptionHead is the id of the head of the cards, and of an opened one.
const IDExceptionHead = "exception-head"

// Counted is how far the rows of the table were looked at.
type Counted struct {
	Rows    int  // looked at so far
	Of      int  // that there are
	Done    bool // all of them
	Plain   int  // errors that name no exception
	AtLeast bool // more entries may exist than were read
}

// Exceptions are the cards of the entries that the filter lets through.
type Exceptions struct {
	Cards []exception.Card
	Counted
	View  view.View // of the cards: each leads to its place
	Zone  *time.Location
	Now   time.Time // for the days of times: no finer than needed
	Foot  viewer.Foot
	Empty viewer.Empty
}

// UI draws the cards.
func (x Exceptions) UI(send Send) app.UI {
	if x.Empty.Why != viewer.NotEmpty {
		return el("div", "exceptions", x.head(), Grid{Empty: x.Empty}.end(send))
	}
	var rows []app.UI
	for i := range x.Cards {
		rows = append(rows, x.card(i, send))
	}
	var body app.UI
	switch {
	case len(rows) > 0:
		body = app.Ul().Class("xcards").Aria("label", "Exceptions").Body(rows...)
	case x.Done:
		text := "None of the " + Some(x.Of, "entry") + " names an exception."
		text = strings.Replace(text, "entrys", "entries", 1)
		body = txt("p", "xnone", text)
	}
	return el("div", "exceptions", x.head(), body, x.more(send))
}

func (x Exceptions) head() app.UI {
	total := 0
	for i := range x.Cards {
		total += x.Cards[i].Count
	}
	var says []string
	if len(x.Cards) > 0 {
		says = append(says, geq(x.AtLeast)+Some(total, "occurrence")+" in "+Some(len(x.Cards), "place"))
	}
	return exceptionHead(
		app.H1().Text("Exceptions"),
		txt("span", "mut", strings.Join(append(says, x.Counted.says()...), " · ")),
	)
}

func exceptionHead(kids ...app.UI) app.UI {
	return app.Div().ID(IDExceptionHead).Class("place-head").TabIndex(-1).Body(kids...)
}

// says tells what was counted, in words.
func (c Counted) says() []string {
	var out []string
	if !c.Done {
		out = append(out, "counting: "+Count(c.Rows)+" of "+Count(c.Of))
	}
	if c.Plain > 0 {
		out = append(out, geq(c.AtLeast)+Some(c.Plain, "error")+" without an exception")
	}
	return out
}

func geq(atLeast bool) string {
	if atLeast {
		return "≥ "
	}
	return ""
}

// more says why the rows end, and offers to read on.
func (x Exceptions) more(send Send) app.UI { return readOn(x.Foot, send) }

func readOn(f viewer.Foot, send Send) app.UI {
	if f.State == viewer.FootNone {
		return nil
	}
	var words app.UI
	if f.Problem != nil {
		words = said(f.Problem.Fault.Said)
	}
	return el("div", "xfoot", el("p", "foot-text mut", app.Span().Text(f.Text), acts(f.Actions, viewer.Empty{}, false, send)), words)
}

// card draws one card. All of it leads to its place, but for what filters.
func (x Exceptions) card(i int, send Send) app.UI {
	c := &x.Cards[i]
	there := x.View.At(view.Place{Kind: view.Exceptions, A: c.Fingerprint})
	return el("li", "xcard",
		el("div", "xcard-main",
			app.P().Class("xcard-head").Body(
				app.A().ID(IDException(i)).Class("xcard-link").Href(there.URL()).Body(exceptionTitle(c)...),
			),
			oneLine("xcard-value", c.Value),
			frameLine(c),
			el("p", "xcard-tags", seenIn(c, x.AtLeast, send)...),
		),
		el("div", "xcard-side",
			occurred(c, x.AtLeast),
			sparkline(c.Bars),
			el("p", "xcard-times mut", app.Span().Text(x.seen(c))),
			newSince(c, x.AtLeast, x.Now, x.Zone),
			app.Code().Class("xcard-print").Title("Fingerprint: the same wherever this card is shown").Text(c.Fingerprint),
		),
	)
}

// seen says when a card occurred first and last.
func (x Exceptions) seen(c *exception.Card) string {
	if c.Last.IsZero() {
		return "at unknown times"
	}
	at := func(t time.Time) string { return shortTime(t, x.Now, x.Zone) }
	if c.First.Equal(c.Last) {
		return at(c.Last)
	}
	first := at(c.First)
	if x.AtLeast {
		first += " or before"
	}
	return first + " – " + at(c.Last)
}

// newSince says that a card began after a deployment, if all before it was read.
func newSince(c *exception.Card, atLeast bool, now time.Time, zone *time.Location) app.UI {
	if atLeast || c.After.Text == "" {
		return nil
	}
	return app.Span().Class("badge xnew").Title("None before. The log said then: “" + decode.Visible(decode.Mask(c.After.Text)) + "”").Text("new since deploy " + shortTime(c.After.Time, now, zone))
}

// shortTime writes a moment as short as it can be told.
func shortTime(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04:05")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04:05")
	}
	return t.Format("2 Jan 2006 15:04:05")
}

// exceptionTitle calls a card: "TypeError in component prompt_builder (PromptBuilder)".
func exceptionTitle(c *exception.Card) []app.UI {
	out := []app.UI{app.Strong().Text(decode.Visible(c.Title()))}
	if len(c.Components) > 0 {
		out = append(out, txt("span", "mut", " in component "), txt("span", "xcomp", decode.Visible(c.Components[0].Name)))
		if n := len(c.Components) - 1; n > 0 {
			out = append(out, txt("span", "mut", " and "+Some(n, "more")))
		}
	}
	return out
}

func occurred(c *exception.Card, atLeast bool) app.UI {
	return app.Span().Class("xcard-n").Title(geq(atLeast) + Some(c.Count, "occurrence")).Text(geq(atLeast) + Count(c.Count) + "×")
}

func oneLine(class, text string) app.UI {
	if text == "" {
		return nil
	}
	text = decode.Visible(text)
	return app.P().Class(class + " ellipsis").Title(text).Text(text)
}

// frameLine says where it was raised, or why that is not known.
func frameLine(c *exception.Card) app.UI {
	switch {
	case c.Frame == "":
		return el("p", "xcard-frame", txt("span", "badge", "no trace given"))
	case !c.Own:
		return el("p", "xcard-frame", app.Span().Class("lib").Title(decode.Visible(c.Frame)).Text(decode.Visible(exception.Short(c.Frame))), txt("span", "badge", "in a library"))
	}
	return el("p", "xcard-frame", app.Span().Text(decode.Visible(c.Frame)))
}

// seenIn are the pipelines and origins of a card; each filters by itself.
func seenIn(c *exception.Card, atLeast bool, send Send) []app.UI {
	const most = 6
	var out []app.UI
	for _, all := range [][]exception.Count{c.Pipelines, c.Origins} {
		for i, n := range all {
			if i == most {
				out = append(out, txt("span", "mut", Some(len(all)-most, "more")))
				break
			}
			title := "Only " + n.Field + " " + decode.Visible(n.Name)
			out = append(out, press("xtag", send, viewer.Included{Field: n.Field, Value: n.Name}).Aria("label", title).Title(title).Body(
				txt("span", "mut", n.Field), app.Span().Text(decode.Visible(n.Name)), txt("span", "mut", geq(atLeast)+Count(n.N)),
			))
		}
	}
	return out
}

// sparkline draws how a card's occurrences spread over the span of the view.
func sparkline(bars []int) app.UI {
	most := 0
	for _, n := range bars {
		most = max(most, n)
	}
	if most == 0 {
		return el("span", "spark")
	}
	var d strings.Builder
	for i, n := range bars {
		if n == 0 {
			continue
		}
		h := max(n*20/most, 2)
		d.WriteString("M" + strconv.Itoa(4*i) + " 20v-" + strconv.Itoa(h) + "h3v" + strconv.Itoa(h) + "z")
	}
	return el("span", "spark", svg("svg").Attr("viewBox", "0 0 "+strconv.Itoa(4*len(bars)-1)+" 20").Attr("preserveAspectRatio", "none").Aria("hidden", "true").Body(
		svg("path").Attr("d", d.String()),
	))
}
