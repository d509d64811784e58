package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/redact"
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
	Goal    int  // entries that are being read without the reader asking; 0 while none are
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
	Lens  redact.Lens
}

// UI draws the cards.
func (x Exceptions) UI(send Send) app.UI {
	var rows []app.UI
	total := 0
	for i := range x.Cards {
		rows = append(rows, x.card(i, send))
		total += x.Cards[i].Count
	}
	var says []string
	if total > 0 {
		says = append(says, geq(x.AtLeast)+Some(total, "occurrence")+" in "+Some(len(x.Cards), "place"))
	}
	head := exceptionHead(txt("h1", "", "Exceptions"), mut(strings.Join(append(says, x.Counted.says()...), " · ")), savesTable(len(x.Cards), send))
	if x.Empty.Why != viewer.NotEmpty {
		return el("div", "exceptions", head, EmptyPlace(x.Empty, send))
	}
	var body app.UI
	switch {
	case total > 0:
		body = aloud("ul", "xcards", "", "Exceptions", rows...)
	case x.Done:
		body = txt("p", "xnone", "None of the "+Entries(x.Of)+" names an exception.")
	}
	return el("div", "exceptions", head, x.reading(send), body, readOn(&x.Foot, send))
}

func exceptionHead(kids ...app.UI) app.UI {
	return elem("div", "place-head", attrs{"id", IDExceptionHead, "tabindex", "-1"}, kids...)
}

// says tells what was counted, in words.
func (c *Counted) says() []string {
	var out []string
	if !c.Done {
		out = append(out, "counting: "+Count(c.Rows)+" of "+Count(c.Of))
	}
	if c.Plain > 0 {
		out = append(out, geq(c.AtLeast)+Some(c.Plain, "error")+" without an exception")
	}
	return out
}

// reading says what is read without the reader asking, and why; nil for nothing.
func (c *Counted) reading(send Send) app.UI {
	if c.Goal == 0 {
		return nil
	}
	return el("p", "place-wait xreading", mute("span", "spin"),
		app.Text(" Read "+Count(c.Of)+" of "+Count(c.Goal)+" entries, to group them "),
		tool("Stop", send, ActionGiven{viewer.ActCancel}), tool("Read all", send, ActionGiven{viewer.ActAll}),
	)
}

// readOn says why the rows end, and offers to read on.
func readOn(f *viewer.Foot, send Send) app.UI {
	if f.State == viewer.FootNone {
		return nil
	}
	var words app.UI
	if f.Problem != nil {
		words = said(f.Problem.Fault.Said)
	}
	return el("div", "xfoot", el("p", "foot-text mut", txt("span", "", f.Text), acts(f.Actions, viewer.Empty{}, false, send)), words)
}

// card draws one card. All of it leads to its place, but for what filters.
func (x *Exceptions) card(i int, send Send) app.UI {
	c := &x.Cards[i]
	there := x.View.At(view.Place{Kind: view.Exceptions, A: c.Fingerprint})
	var value app.UI
	if c.Value != "" {
		text := decode.Visible(x.Lens.Text(c.Value))
		value = elem("p", "xcard-value ellipsis", attrs{"title", text}, app.Text(text))
	}
	return el("li", "xcard",
		el("div", "xcard-main",
			el("p", "xcard-head", link("xcard-link", there.URL(), "", exceptionTitle(c, x.Lens)...).ID(IDException(i))),
			value,
			frameLine(c),
			el("p", "xcard-tags", seenIn(c, x.AtLeast, send)...),
		),
		el("div", "xcard-side",
			occurred(c, x.AtLeast),
			sparkline(c.Bars),
			el("p", "xcard-times mut", txt("span", "", x.seen(c))),
			newSince(c, x.AtLeast, x.Now, x.Zone, x.Lens),
			elem("code", "xcard-print", attrs{"title", "Fingerprint: the same wherever this card is shown"}, app.Text(c.Fingerprint)),
		),
	)
}

// seen says when a card occurred first and last.
func (x *Exceptions) seen(c *exception.Card) string {
	if c.Last.IsZero() {
		return "at unknown times"
	}
	last := shortTime(c.Last, x.Now, x.Zone)
	if c.First.Equal(c.Last) {
		return last
	}
	return shortTime(c.First, x.Now, x.Zone) + when(x.AtLeast, " or before") + " – " + last
}

// newSince says that a card began after a deployment, if all before it was read.
func newSince(c *exception.Card, atLeast bool, now time.Time, zone *time.Location, lens redact.Lens) app.UI {
	if atLeast || c.After.Text == "" {
		return nil
	}
	return tip("badge xnew", "None before. The log said then: “"+decode.Visible(lens.Text(c.After.Text))+"”", "new since deploy "+shortTime(c.After.Time, now, zone))
}

// shortTime writes a moment as short as it can be told.
func shortTime(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	layout := "2 Jan 2006 15:04:05"
	if t.Year() == now.Year() {
		layout = "2 Jan 15:04:05"
		if t.YearDay() == now.YearDay() {
			layout = "15:04:05"
		}
	}
	return t.Format(layout)
}

// exceptionTitle calls a card: "TypeError in component prompt_builder (PromptBuilder)".
func exceptionTitle(c *exception.Card, lens redact.Lens) []app.UI {
	out := []app.UI{quoted("strong", "", lens.Text(c.Title()))}
	if n := len(c.Components) - 1; n >= 0 {
		out = append(out, mut(" in component "), quoted("span", "xcomp", c.Components[0].Name))
		if n > 0 {
			out = append(out, mut(" and "+Some(n, "more")))
		}
	}
	return out
}

func occurred(c *exception.Card, atLeast bool) app.UI {
	return tip("xcard-n", geq(atLeast)+Some(c.Count, "occurrence"), geq(atLeast)+Count(c.Count)+"×")
}

// frameLine says where it was raised, or why that is not known.
func frameLine(c *exception.Card) app.UI {
	var frame, badge app.UI
	text := decode.Visible(c.Frame)
	switch {
	case c.Frame == "":
		badge = txt("span", "badge", "no trace given")
	case c.Own:
		frame = txt("span", "", text)
	default:
		frame, badge = tip("lib", text, exception.Short(text)), txt("span", "badge", "in a library")
	}
	return el("p", "xcard-frame", frame, badge)
}

// seenIn are the pipelines and origins of a card; each filters by itself.
func seenIn(c *exception.Card, atLeast bool, send Send) []app.UI {
	const most = 6
	var out []app.UI
	for _, all := range [][]exception.Count{c.Pipelines, c.Origins} {
		for i := range all {
			if i == most {
				out = append(out, mut(Some(len(all)-most, "more")))
				break
			}
			n := &all[i]
			name := decode.Visible(n.Name)
			title := "Only " + n.Field + " " + name
			out = append(out, button("xtag", send, viewer.Included{Field: n.Field, Value: n.Name}, attrs{"aria-label", title, "title", title},
				mut(n.Field), txt("span", "", name), mut(geq(atLeast)+Count(n.N))))
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
	d := ""
	for i, n := range bars {
		if n > 0 {
			h := strconv.Itoa(max(n*20/most, 2))
			d += "M" + strconv.Itoa(4*i) + " 20v-" + h + "h3v" + h + "z"
		}
	}
	return el("span", "spark", drawing(strconv.Itoa(4*len(bars)-1)+" 20", attrs{"aria-hidden", "true"}, draw("path", attrs{"d", d})))
}
