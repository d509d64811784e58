package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// ShapeOpen is one shape: its numbers, how its slow calls differ from its fast ones,
// how it differs from other calls, and its calls.
type ShapeOpen struct {
	ID      string       // of the address
	Group   *shape.Group // nil where no call of it is among the rows
	AtLeast bool
	Reading bool
	Zero    []shape.Text
	Texts   int
	Slow    Contrast // the slow calls against the others of the shape
	Among   Contrast // the shape against other calls of its kind to its index
	Calls   []ShapeCall
	Order   Order       // of the calls: took, time or hits
	Foot    viewer.Foot // of the table: how more is read
	Copied  bool        // the link was copied a moment ago

	AllURL  string
	ZeroURL func(text string, any bool) string
	Panel   app.UI // the details of a call, beside
}

// Contrast is how two sets of calls differ.
type Contrast struct {
	Title, Says  string // whose calls are compared
	First, Other string // what the two sets are called
	A, B         int    // calls
	Busy         bool
	Diffs        []shape.Difference
	None         string // why there is nothing to tell
}

// ShapeCall is one call of a shape.
type ShapeCall struct {
	Key          string
	Time, Day    string
	Took         time.Duration // -1 where the log does not say
	Hits         string
	Text         string // what was searched for
	Status       int
	Slow         bool
	Picked, Mark bool
}

// UI draws the shape.
func (s ShapeOpen) UI(send Send) app.UI {
	back := app.A().Class("btn small quiet shape-back").Href(s.AllURL).Body(icon("prev"), app.Text("All shapes"))
	g := s.Group
	if g == nil {
		text := "No call of this shape is among the entries shown."
		if s.AtLeast {
			text = "No call of this shape is among the entries read so far; more exist."
		}
		if s.Reading {
			text = "Reading…"
		}
		return el("div", "shape-one", el("header", "place-head", back, app.H1().Text("Query shape"), txt("code", "mut", s.ID)), txt("p", "place-wait", text), moreEntries(s.Foot, send))
	}
	side := app.Div().Class("side").Hidden(s.Panel == nil).Body(s.Panel)
	copied := "Copy link"
	if s.Copied {
		copied = "Copied"
	}
	var wait app.UI
	if s.Reading {
		wait = txt("span", "place-wait", "Reading…")
	}
	return el("div", "shape-split",
		el("div", "shape-one",
			el("header", "place-head", back, app.H1().Text(decode.Visible(shapeTitle(g.Shape))),
				txt("code", "mut", "shape "+g.Shape.ID),
				press("btn small quiet", send, Copied{"link"}).Body(icon("link"), app.Text(copied)), wait),
			s.parts(),
			moreEntries(s.Foot, send),
			s.numbers(),
			s.Slow.UI(), s.Among.UI(),
			s.calls(send),
		),
		side,
	)
}

func shapeTitle(s *shape.Shape) string {
	if s.Index == "" {
		return s.Method + " " + s.Op
	}
	return s.Index + " · " + shapeOp(s)
}

// parts lists the queries of the shape, one line each.
func (s ShapeOpen) parts() app.UI {
	var rows []app.UI
	for _, p := range s.Group.Shape.Parts {
		kids := []app.UI{txt("span", "k", decode.Visible(p.Index))}
		if p.N > 1 {
			kids = append(kids, txt("span", "mut", "× "+Count(p.N)))
		}
		for _, word := range p.Params {
			kids = append(kids, txt("span", "shape-chip", decode.Visible(word)))
		}
		if p.Cut {
			kids = append(kids, app.Span().Class("cut").Title("The bodies end here").Text("✂"))
		}
		rows = append(rows, el("li", "", kids...))
	}
	return el("ul", "shape-parts", rows...)
}

// numbers are the statistics.
func (s ShapeOpen) numbers() app.UI {
	g := s.Group
	one := func(name string, kids ...app.UI) app.UI {
		return el("div", "", txt("dt", "", name), el("dd", "", kids...))
	}
	p95 := []app.UI{app.Text(timeOf(g, g.P95))}
	if g.Few() && g.Timed > 0 {
		p95 = []app.UI{el("span", "few", p95[0], txt("span", "few-word", "few calls"))}
	}
	kids := []app.UI{
		one("Calls", app.Text(atLeast(s.AtLeast)+Count(g.N))),
		one("Share of time", app.Text(percent(g.Share))),
		one("p50", app.Text(timeOf(g, g.P50))), one("p95", p95...), one("Max", app.Text(timeOf(g, g.Max))),
		one("Zero hits", zeroCell(g)...),
	}
	says := "Server time only, network not included. Percentiles by nearest rank, over " + Some(g.Timed, "call")
	if g.Timed < g.N {
		says += " that say how long they took"
	}
	if s.AtLeast {
		says += "; more calls exist than were read"
	}
	var zero app.UI
	if len(s.Zero) > 0 {
		zero = el("p", "shape-zero", append([]app.UI{txt("span", "mut", "Found nothing:")}, zeroTexts(s.Zero, s.Texts, s.ZeroURL)...)...)
	}
	return app.Div().Body(el("dl", "shape-numbers", kids...), txt("p", "mut hint", says+"."), zero)
}

// UI draws how two sets of calls differ; nothing for sets that there are not.
func (c Contrast) UI() app.UI {
	if c.Title == "" {
		return nil
	}
	kids := []app.UI{app.H2().Text(c.Title), txt("p", "mut hint", c.Says)}
	switch {
	case c.Busy:
		kids = append(kids, txt("p", "place-wait", "Comparing…"))
	case len(c.Diffs) == 0:
		kids = append(kids, txt("p", "", c.None))
	default:
		var rows []app.UI
		for _, d := range c.Diffs {
			a, b := float64(d.A)/float64(max(c.A, 1)), float64(d.B)/float64(max(c.B, 1))
			value := txt("span", "v", decode.Visible(d.Value))
			if d.About {
				value = txt("em", "mut", d.Value)
			}
			rows = append(rows, app.Elem("tr").Body(
				app.Elem("th").Attr("scope", "row").Body(txt("span", "k", decode.Visible(d.Name)), value),
				cell("a", c.First, bar(a), app.Text(percent(a)), txt("span", "of", Count(d.A)+" of "+Count(c.A))),
				cell("b", c.Other, bar(b), app.Text(percent(b)), txt("span", "of", Count(d.B)+" of "+Count(c.B))),
			))
		}
		head := func(text string) app.UI { return app.Elem("th").Attr("scope", "col").Text(text) }
		kids = append(kids, app.Elem("table").Class("shape-table shape-diff").Aria("label", c.Title).Body(
			app.Elem("thead").Body(app.Elem("tr").Body(head("Parameter and value"), head(c.First), head(c.Other))),
			app.Elem("tbody").Body(rows...),
		))
	}
	return app.Section().Class("shape-part").Aria("label", c.Title).Body(kids...)
}

// calls is the table of the shape's calls.
func (s ShapeOpen) calls(send Send) app.UI {
	most := s.Group.Max
	var rows []app.UI
	for _, c := range s.Calls {
		class, open := "", app.Button()
		if c.Picked {
			class, open = "focused", open.ID(IDPlaceRow)
		}
		if c.Mark {
			class += " picked"
		}
		took, width := app.UI(app.Text("–")), 0.0
		if c.Took >= 0 {
			took = duration(viewer.Took(c.Took))
			if most > 0 {
				width = float64(c.Took) / float64(most)
			}
		}
		tookClass := "c-took"
		if c.Slow {
			tookClass += " of-slow"
		}
		status := txt("span", "", "")
		if c.Status >= 400 {
			status = txt("span", "warn", " "+strconv.Itoa(c.Status))
		}
		key := c.Key
		if c.Picked {
			key = ""
		}
		rows = append(rows, app.Elem("tr").Class(class).DataSet("key", c.Key).OnClick(send.on(CallPicked{key})).Body(
			app.Elem("th").Attr("scope", "row").Body(open.Type("button").Class("call-open").Aria("expanded", c.Picked).Title(c.Day).Text(c.Time)),
			app.Elem("td").Class(tookClass).DataSet("label", "Took").Body(bar(width), took),
			cell("hits", "Hits", app.Text(c.Hits)),
			app.Elem("td").Class("c-text").Body(app.Text(decode.Visible(c.Text)), status),
		))
	}
	title := "Calls"
	if len(s.Calls) < s.Group.N {
		title = "Calls: " + Count(len(s.Calls)) + " of " + Count(s.Group.N)
	}
	var more app.UI
	if len(s.Calls) < s.Group.N {
		more = press("btn small quiet show-more", send, MoreShapes{}).Body(icon("down"), app.Text("Show more"))
	}
	return app.Section().Class("shape-part").Aria("label", "Calls").Body(
		app.H2().Text(title),
		app.Elem("table").Class("shape-table shape-calls").Aria("label", "Calls of this shape").Body(
			app.Elem("thead").Body(app.Elem("tr").Body(
				sortHead("time", "Time", "", s.Order, ShapesSorted{"time"}, send),
				sortHead("took", "Took", "Server time only, network not included", s.Order, ShapesSorted{"took"}, send),
				sortHead("hits", "Hits", "", s.Order, ShapesSorted{"hits"}, send),
				app.Elem("th").Attr("scope", "col").Class("c-text").Text("Query"),
			)),
			app.Elem("tbody").Body(rows...),
		),
		more,
	)
}
