package part

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What happens among the shapes of queries.
type (
	// ShapesSorted asks for another order, by the name of a column; once more by the
	// same, for the other way round.
	ShapesSorted struct{ Column string }
	// ShapesGrouped groups by index instead of by shape, or back.
	ShapesGrouped struct{ Index bool }
	// MoreShapes shows more rows.
	MoreShapes struct{}
	// CallPicked shows a call beside the shape, by its key; "" for none.
	CallPicked struct{ Key string }
)

// IDPlaceRow is the id of what opens the row that j and k are at, in a list of a
// drill-down.
const IDPlaceRow = "place-row"

// EmptyPlace says why there are no entries to look at, and what helps.
func EmptyPlace(e viewer.Empty, send Send) app.UI { return Grid{Empty: e}.end(send) }

// Order is how a list is sorted: by a column, greatest first, or least first.
type Order struct {
	Column string
	Up     bool
}

// By returns the order after a click on a column's head.
func (o Order) By(column string) Order {
	return Order{column, o.Column == column && !o.Up}
}

// Shapes is the table of query shapes, or of indices.
type Shapes struct {
	Groups  []*shape.Group
	ByIndex bool
	Order   Order
	Shown   int // rows at most
	Focus   int // row that j and k are at, -1 for none
	Calls   int
	Others  int  // rows of the table that are no calls of Algolia's
	AtLeast bool // more calls exist than were read
	Reading bool // not all rows were looked at yet
	Zero    []shape.Text
	Texts   int // different ones of Zero

	Foot viewer.Foot // of the table: how more is read

	URL     func(g *shape.Group) string
	ZeroURL func(text string, any bool) string // of the table, with the calls that found nothing: for a text, or any
}

// shapeColumns are the columns after the name.
var shapeColumns = []struct {
	name, title, says string
	value             func(g *shape.Group) float64
}{
	{"calls", "Calls", "", func(g *shape.Group) float64 { return float64(g.N) }},
	{"share", "Share of time", "Of the server time of all calls shown", func(g *shape.Group) float64 { return g.Share }},
	{"p50", "p50", "Half of the calls took no longer (nearest rank)", func(g *shape.Group) float64 { return float64(g.P50) }},
	{"p95", "p95", "95 % of the calls took no longer (nearest rank)", func(g *shape.Group) float64 { return float64(g.P95) }},
	{"max", "Max", "The slowest call", func(g *shape.Group) float64 { return float64(g.Max) }},
	{"zero", "Zero hits", "Of the calls that say how many hits they had", zeroShare},
}

func zeroShare(g *shape.Group) float64 {
	if g.Counted == 0 {
		return -1
	}
	return float64(g.Zero) / float64(g.Counted)
}

// Sorted returns groups in an order; "" is by share of time.
func Sorted(groups []*shape.Group, o Order) []*shape.Group {
	out := slices.Clone(groups)
	for _, c := range shapeColumns {
		if c.name == o.Column {
			sort.SliceStable(out, func(i, j int) bool {
				if o.Up {
					i, j = j, i
				}
				return c.value(out[i]) > c.value(out[j])
			})
		}
	}
	return out
}

// UI draws the table.
func (s Shapes) UI(send Send) app.UI {
	title, noun := "Query shapes", "shape"
	if s.ByIndex {
		title, noun = "Calls by index", "index"
	}
	var wait, others app.UI
	if s.Reading {
		wait = txt("span", "place-wait", "Reading…")
	}
	if s.Others > 0 {
		others = txt("span", "mut", Some(s.Others, "entry")+" of other services left out")
		if s.Others > 1 {
			others = txt("span", "mut", Count(s.Others)+" entries of other services left out")
		}
	}
	kinds := Some(len(s.Groups), noun)
	if s.ByIndex && len(s.Groups) != 1 {
		kinds = Count(len(s.Groups)) + " indices"
	}
	one := func(label string, index bool) app.UI {
		return press("seg", send, ShapesGrouped{index}).Aria("pressed", s.ByIndex == index).Text(label)
	}
	head := el("header", "place-head",
		app.H1().Text(title),
		txt("span", "mut", atLeast(s.AtLeast)+Some(s.Calls, "call")+" in "+kinds),
		txt("span", "mut", "server time only, network not included"),
		others, wait,
		app.Span().Class("segs").Role("group").Aria("label", "Group by").Body(one("By shape", false), one("By index", true)),
	)
	var most time.Duration
	for _, g := range s.Groups {
		most = max(most, g.Max)
	}
	groups := Sorted(s.Groups, s.Order)
	var rows []app.UI
	for i, g := range groups[:min(s.Shown, len(groups))] {
		rows = append(rows, s.row(g, i, most))
	}
	var more app.UI
	if left := len(groups) - s.Shown; left > 0 {
		more = press("btn small quiet show-more", send, MoreShapes{}).Body(icon("down"), app.Text("Show more of "+Count(len(groups))))
	}
	return el("div", "shapes", head, moreEntries(s.Foot, send), s.zero(), app.Elem("table").Class("shape-table").Aria("label", title).Body(s.heads(send), app.Elem("tbody").Body(rows...)), more)
}

// moreEntries offers to read on, as the table does below its last row.
func moreEntries(f viewer.Foot, send Send) app.UI {
	if len(f.Actions) == 0 && f.State != viewer.FootLoading {
		return nil
	}
	return el("p", "shape-more", txt("span", "mut", f.Text), acts(f.Actions, viewer.Empty{}, false, send))
}

func atLeast(on bool) string {
	if on {
		return "≥ "
	}
	return ""
}

// heads are the heads of the columns, which sort.
func (s Shapes) heads(send Send) app.UI {
	first := "Shape"
	if s.ByIndex {
		first = "Index"
	}
	order := s.Order
	if order.Column == "" {
		order.Column = "share"
	}
	cells := []app.UI{app.Elem("th").Attr("scope", "col").Text(first)}
	for _, c := range shapeColumns {
		cells = append(cells, sortHead(c.name, c.title, c.says, order, ShapesSorted{c.name}, send))
	}
	return app.Elem("thead").Body(app.Elem("tr").Body(cells...))
}

// sortHead is a head that sorts by its column.
func sortHead(name, title, says string, o Order, msg any, send Send) app.UI {
	sorted := "none"
	if o.Column == name {
		sorted = "descending"
		if o.Up {
			sorted = "ascending"
		}
	}
	return app.Elem("th").Attr("scope", "col").Class("c-"+name).Aria("sort", sorted).Title(says).Body(
		press("sort", send, msg).Text(title),
	)
}

// row draws one group.
func (s Shapes) row(g *shape.Group, at int, most time.Duration) app.UI {
	name := app.A().Class("shape-name").Href(s.URL(g))
	row := app.Elem("tr")
	if at == s.Focus {
		row, name = row.Class("focused"), name.ID(IDPlaceRow)
	}
	return row.Body(
		app.Elem("th").Attr("scope", "row").Body(name.Body(shapeName(g)...)),
		cell("calls", "Calls", app.Text(atLeast(s.AtLeast)+Count(g.N))),
		cell("share", "Share of time", bar(g.Share), app.Text(percent(g.Share))),
		cell("p50", "p50", app.Text(timeOf(g, g.P50))),
		p95(g),
		cell("max", "Max", spread(g, most), app.Text(timeOf(g, g.Max))),
		cell("zero", "Zero hits", zeroCell(g)...),
	)
}

// shapeName writes a shape: the index, what is done, and each parameter as a mark.
func shapeName(g *shape.Group) []app.UI {
	if g.Shape == nil {
		name := g.Index
		if name == "" {
			name = "no index"
		}
		return []app.UI{txt("strong", "", decode.Visible(name))}
	}
	out := []app.UI{txt("strong", "", decode.Visible(cmp.Or(g.Shape.Index, g.Shape.Method))), txt("span", "shape-op", decode.Visible(shapeOp(g.Shape)))}
	return append(out, chips(g.Shape)...)
}

// shapeOp says what the calls of a shape do.
func shapeOp(s *shape.Shape) string {
	if s.Op == "queries" {
		n := 0
		for _, p := range s.Parts {
			n += p.N
		}
		return queries(n)
	}
	return s.Op
}

// chips are the parameters of a shape; of several queries those of the first, where
// they all have the same, else all with their index.
func chips(s *shape.Shape) []app.UI {
	alike := s.Alike()
	var out []app.UI
	for i, p := range s.Parts {
		if alike && i > 0 {
			break
		}
		if !alike {
			out = append(out, txt("span", "mut", decode.Visible(p.Index)+":"))
		}
		for _, word := range p.Params {
			out = append(out, txt("span", "shape-chip", decode.Visible(word)))
		}
	}
	if s.Cut {
		out = append(out, app.Span().Class("cut").Title("Algolia cut the bodies at 1,000 characters: what follows is unknown").Text("✂"))
	}
	return out
}

// cell is a cell with a number. Its name is shown where the table has no heads.
func cell(column, title string, kids ...app.UI) app.UI {
	return app.Elem("td").Class("c-"+column).DataSet("label", title).Body(kids...)
}

func p95(g *shape.Group) app.UI {
	if !g.Few() {
		return cell("p95", "p95", app.Text(timeOf(g, g.P95)))
	}
	if g.Timed == 0 {
		return cell("p95", "p95", app.Text("–"))
	}
	return app.Elem("td").Class("c-p95 few").DataSet("label", "p95").Title("Of "+Some(g.Timed, "call")+", too few for a 95th percentile").Body(
		txt("span", "few-word", "few calls"), app.Text(timeOf(g, g.P95)),
	)
}

func timeOf(g *shape.Group, d time.Duration) string {
	if g.Timed == 0 {
		return "–"
	}
	return viewer.Took(d)
}

func zeroCell(g *shape.Group) []app.UI {
	if g.Counted == 0 {
		return []app.UI{app.Text("–")}
	}
	return []app.UI{bar(zeroShare(g)), app.Text(percent(zeroShare(g))), txt("span", "of", Count(g.Zero)+" of "+Count(g.Counted))}
}

// percent writes a share; what is not all and not nothing is never written as such.
func percent(share float64) string {
	switch n := int(math.Round(100 * share)); {
	case share <= 0:
		return "0 %"
	case n == 0:
		return "< 1 %"
	case n == 100 && share < 1:
		return "> 99 %"
	default:
		return strconv.Itoa(n) + " %"
	}
}

// bar draws a share of 1.
func bar(share float64) app.UI {
	return app.Span().Class("share").Aria("hidden", "true").Body(
		svg("svg").Attr("viewBox", "0 0 100 6").Attr("preserveAspectRatio", "none").Body(rect(0, max(min(share, 1), 0)*100)),
	)
}

// spread draws the half of the calls, 95 of a hundred, and all, behind each other, on
// a scale of square roots: what is a hundred times as long is ten times as wide.
func spread(g *shape.Group, most time.Duration) app.UI {
	if g.Timed == 0 || most <= 0 {
		return nil
	}
	at := func(d time.Duration) float64 { return 100 * math.Sqrt(float64(d)/float64(most)) }
	return app.Span().Class("spread").Aria("hidden", "true").Title("p50, p95 and max, on a scale of square roots").Body(
		svg("svg").Attr("viewBox", "0 0 100 6").Attr("preserveAspectRatio", "none").Body(
			rect(0, at(g.Max)), rect(0, at(g.P95)), rect(0, at(g.P50)),
		),
	)
}

func rect(x, width float64) app.UI {
	r := svg("rect").Attr("width", strconv.FormatFloat(width, 'f', 1, 64)).Attr("height", "6")
	if x > 0 {
		r = r.Attr("x", strconv.FormatFloat(x, 'f', 1, 64))
	}
	return r
}

// zero leads to the calls that found nothing.
func (s Shapes) zero() app.UI {
	zero, counted := 0, 0
	for _, g := range s.Groups {
		zero, counted = zero+g.Zero, counted+g.Counted
	}
	if zero == 0 {
		return nil
	}
	kids := []app.UI{
		app.A().Class("btn small").Href(s.ZeroURL("", true)).Text("Zero-hit calls"),
		txt("span", "mut", atLeast(s.AtLeast)+Count(zero)+" of "+Count(counted)+" ("+percent(float64(zero)/float64(counted))+")"),
	}
	return el("p", "shape-zero", append(kids, zeroTexts(s.Zero, s.Texts, s.ZeroURL)...)...)
}

// zeroTexts are what was searched for in vain, each with a link to its calls.
func zeroTexts(top []shape.Text, all int, address func(text string, any bool) string) []app.UI {
	var out []app.UI
	for _, t := range top {
		words := "“" + decode.Visible(t.Text) + "”"
		if t.Text == "" {
			words = "empty query"
		}
		kids := []app.UI{txt("span", "ellipsis", words), txt("span", "mut", Count(t.N))}
		if href := address(t.Text, false); href != "" {
			out = append(out, app.A().Class("shape-text").Href(href).Body(kids...))
		} else {
			out = append(out, el("span", "shape-text", kids...))
		}
	}
	if more := all - len(top); more > 0 {
		out = append(out, txt("span", "mut", "and "+Count(more)+" more"))
	}
	return out
}
