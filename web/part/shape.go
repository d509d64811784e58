package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/redact"
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
	Lens    redact.Lens

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
	back := upTo(" shape-back", s.AllURL, "prev", "All shapes")
	g := s.Group
	if g == nil {
		text := "No call of this shape is among the entries shown."
		if s.AtLeast {
			text = "No call of this shape is among the entries read so far; more exist."
		}
		if s.Reading {
			text = "Reading…"
		}
		return el("div", "shape-one", el("header", "place-head", back, txt("h1", "", "Query shape"), txt("code", "mut", s.ID)), txt("p", "place-wait", text), moreEntries(&s.Foot, send))
	}
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
			el("header", "place-head", back, quoted("h1", "", shapeTitle(g.Shape)),
				txt("code", "mut", "shape "+g.Shape.ID),
				labelled("btn small quiet", "link", copied, "", send, Copied{"link"}), wait),
			s.parts(),
			moreEntries(&s.Foot, send),
			s.numbers(),
			s.Slow.draw(s.Lens), s.Among.draw(s.Lens),
			s.calls(send),
		),
		el("div", "side", s.Panel).(app.HTMLElem).Attr("hidden", s.Panel == nil),
	)
}

func shapeTitle(s *shape.Shape) string {
	if s.Index == "" {
		return s.Method + " " + s.Op
	}
	return s.Index + " · " + shapeOp(s)
}

// parts lists the queries of the shape, one line each.
func (s *ShapeOpen) parts() app.UI {
	var rows []app.UI
	for i := range s.Group.Shape.Parts {
		p := &s.Group.Shape.Parts[i]
		kids := []app.UI{quoted("span", "k", p.Index)}
		if p.N > 1 {
			kids = append(kids, mut("× "+Count(p.N)))
		}
		kids = chips(kids, p)
		if p.Cut {
			kids = append(kids, tip("cut", "The bodies end here", "✂"))
		}
		rows = append(rows, el("li", "", kids...))
	}
	return el("ul", "shape-parts", rows...)
}

// numbers are the statistics.
func (s *ShapeOpen) numbers() app.UI {
	g := s.Group
	one := func(name string, kids ...app.UI) app.UI {
		return el("div", "", txt("dt", "", name), el("dd", "", kids...))
	}
	said := func(name, text string) app.UI { return one(name, app.Text(text)) }
	p95 := app.UI(app.Text(timeOf(g, g.P95)))
	if g.Few() && g.Timed > 0 {
		p95 = el("span", "few", p95, txt("span", "few-word", "few calls"))
	}
	says := "Server time only, network not included. Percentiles by nearest rank, over " + Some(g.Timed, "call") +
		when(g.Timed < g.N, " that say how long they took") + when(s.AtLeast, "; more calls exist than were read") + "."
	var zero app.UI
	if len(s.Zero) > 0 {
		zero = el("p", "shape-zero", zeroTexts([]app.UI{mut("Found nothing:")}, s.Lens, s.Zero, s.Texts, s.ZeroURL)...)
	}
	return el("div", "", el("dl", "shape-numbers",
		said("Calls", geq(s.AtLeast)+Count(g.N)), said("Share of time", percent(g.Share)), said("p50", timeOf(g, g.P50)),
		one("p95", p95), said("Max", timeOf(g, g.Max)), one("Zero hits", zeroCell(g)...),
	), txt("p", "mut hint", says), zero)
}

// draw draws how two sets of calls differ; nothing for sets that there are not.
func (c *Contrast) draw(lens redact.Lens) app.UI {
	if c.Title == "" {
		return nil
	}
	body := txt("p", "", c.None)
	switch {
	case c.Busy:
		body = txt("p", "place-wait", "Comparing…")
	case len(c.Diffs) > 0:
		var rows []app.UI
		for i := range c.Diffs {
			d := &c.Diffs[i]
			value := txt("em", "mut", d.Value)
			if !d.About {
				value = quoted("span", "v", lens.Field(d.Name, d.Value))
			}
			rows = append(rows, el("tr", "", rowHead(quoted("span", "k", d.Name), value), cell("a", c.First, parted(d.A, c.A)...), cell("b", c.Other, parted(d.B, c.B)...)))
		}
		body = shapeTable(" shape-diff", c.Title, []app.UI{colHead("", "Parameter and value"), colHead("", c.First), colHead("", c.Other)}, rows)
	}
	return chapter("shape-part", c.Title, txt("h2", "", c.Title), txt("p", "mut hint", c.Says), body)
}

// calls is the table of the shape's calls.
func (s *ShapeOpen) calls(send Send) app.UI {
	var rows []app.UI
	for i := range s.Calls {
		rows = append(rows, s.call(&s.Calls[i], send))
	}
	title, more := "Calls", app.UI(nil)
	if len(s.Calls) < s.Group.N {
		title = "Calls: " + Count(len(s.Calls)) + " of " + Count(s.Group.N)
		more = further("Show more", send, MoreShapes{})
	}
	return chapter("shape-part", "Calls", txt("h2", "", title), shapeTable(" shape-calls", "Calls of this shape", []app.UI{
		sortHead("time", "Time", "", s.Order, send),
		sortHead("took", "Took", "Server time only, network not included", s.Order, send),
		sortHead("hits", "Hits", "", s.Order, send),
		colHead("c-text", "Query"),
	}, rows), more)
}

// call is the row of one call.
func (s *ShapeOpen) call(c *ShapeCall, send Send) app.UI {
	class, id, key := "", "", c.Key
	if c.Picked {
		class, id, key = "focused", IDPlaceRow, ""
	}
	took, width := app.UI(app.Text("–")), 0.0
	if c.Took >= 0 {
		took = duration(viewer.Took(c.Took))
		width = float64(c.Took) / float64(max(s.Group.Max, 1))
	}
	tookClass := "took"
	if c.Slow {
		tookClass += " of-slow"
	}
	status := txt("span", "", "")
	if c.Status >= 400 {
		status = txt("span", "warn", " "+strconv.Itoa(c.Status))
	}
	return elem("tr", class+when(c.Mark, " picked"), attrs{"data-key", c.Key},
		rowHead(elem("button", "call-open", attrs{"type", "button", "id", id, "aria-expanded", yes(c.Picked)}, app.Text(c.Time)).Attr("title", c.Day)),
		cell(tookClass, "Took", bar(width), took),
		cell("hits", "Hits", app.Text(c.Hits)),
		el("td", "c-text", app.Text(decode.Visible(s.Lens.Text(c.Text))), status),
	).OnClick(send.on(CallPicked{key}))
}
