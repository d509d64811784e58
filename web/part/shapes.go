package part

import (
	"cmp"
	"math"
	"sort"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/redact"
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
	Lens redact.Lens

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
	out := append([]*shape.Group(nil), groups...)
	for i := range shapeColumns {
		if c := &shapeColumns[i]; c.name == o.Column {
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
	title, kinds, first := "Query shapes", Some(len(s.Groups), "shape"), "Shape"
	if s.ByIndex {
		title, kinds, first = "Calls by index", plural(len(s.Groups), "index", "indices"), "Index"
	}
	var wait, others app.UI
	if s.Reading {
		wait = txt("span", "place-wait", "Reading…")
	}
	if s.Others > 0 {
		others = mut(Entries(s.Others) + " of other services left out")
	}
	one := func(label string, index bool) app.UI {
		return worded("seg", label, send, ShapesGrouped{index}).Attr("aria-pressed", yes(s.ByIndex == index))
	}
	head := el("header", "place-head",
		txt("h1", "", title),
		mut(geq(s.AtLeast)+Some(s.Calls, "call")+" in "+kinds),
		mut("server time only, network not included"),
		others, wait,
		aloud("span", "segs", "group", "Group by", one("By shape", false), one("By index", true)),
		savesTable(len(s.Groups), send),
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
	if len(groups) > s.Shown {
		more = further("Show more of "+Count(len(groups)), send, MoreShapes{})
	}
	order := s.Order
	if order.Column == "" {
		order.Column = "share"
	}
	heads := []app.UI{colHead("", first)}
	for i := range shapeColumns {
		c := &shapeColumns[i]
		heads = append(heads, sortHead(c.name, c.title, c.says, order, send))
	}
	return el("div", "shapes", head, moreEntries(&s.Foot, send), s.zero(), shapeTable("", title, heads, rows), more)
}

// shapeTable is a table with heads of its columns.
func shapeTable(class, title string, heads, rows []app.UI) app.UI {
	return elem("table", "shape-table"+class, attrs{"aria-label", title}, el("thead", "", el("tr", "", heads...)), el("tbody", "", rows...))
}

func colHead(class, text string) app.UI {
	return elem("th", class, attrs{"scope", "col"}, app.Text(text))
}

func rowHead(kids ...app.UI) app.UI { return elem("th", "", attrs{"scope", "row"}, kids...) }

// moreEntries offers to read on, as the table does below its last row.
func moreEntries(f *viewer.Foot, send Send) app.UI {
	if len(f.Actions) == 0 && f.State != viewer.FootLoading {
		return nil
	}
	return el("p", "shape-more", mut(f.Text), acts(f.Actions, viewer.Empty{}, false, send))
}

// sortHead is a head that sorts by its column.
func sortHead(name, title, says string, o Order, send Send) app.UI {
	sorted := "none"
	if o.Column == name {
		sorted = "descending"
		if o.Up {
			sorted = "ascending"
		}
	}
	return elem("th", "c-"+name, attrs{"scope", "col", "aria-sort", sorted}, worded("sort", title, send, ShapesSorted{name})).Attr("title", says)
}

// row draws one group.
func (s *Shapes) row(g *shape.Group, at int, most time.Duration) app.UI {
	class, id := "", ""
	if at == s.Focus {
		class, id = "focused", IDPlaceRow
	}
	name := elem("a", "shape-name", attrs{"href", s.URL(g), "id", id}, shapeName(g)...)
	return el("tr", class,
		rowHead(name),
		cell("calls", "Calls", app.Text(geq(s.AtLeast)+Count(g.N))),
		cell("share", "Share of time", bar(g.Share), app.Text(percent(g.Share))),
		cell("p50", "p50", app.Text(timeOf(g, g.P50))),
		p95(g),
		cell("max", "Max", spread(g, most), app.Text(timeOf(g, g.Max))),
		cell("zero", "Zero hits", zeroCell(g)...),
	)
}

// shapeName writes a shape: the index, what is done, and each parameter as a mark; of
// several queries those of the first, where they all have the same, else all with
// their index.
func shapeName(g *shape.Group) []app.UI {
	s := g.Shape
	if s == nil {
		return []app.UI{quoted("strong", "", cmp.Or(g.Index, "no index"))}
	}
	out := []app.UI{quoted("strong", "", cmp.Or(s.Index, s.Method)), quoted("span", "shape-op", shapeOp(s))}
	alike := s.Alike()
	for i := range s.Parts {
		p := &s.Parts[i]
		if !alike {
			out = append(out, quoted("span", "mut", p.Index+":"))
		} else if i > 0 {
			break
		}
		out = chips(out, p)
	}
	if s.Cut {
		out = append(out, tip("cut", "Algolia cut the bodies at 1,000 characters: what follows is unknown", "✂"))
	}
	return out
}

// chips appends the parameters of a query.
func chips(out []app.UI, p *shape.Part) []app.UI {
	for _, word := range p.Params {
		out = append(out, quoted("span", "shape-chip", word))
	}
	return out
}

// shapeOp says what the calls of a shape do.
func shapeOp(s *shape.Shape) string {
	if s.Op != "queries" {
		return s.Op
	}
	n := 0
	for i := range s.Parts {
		n += s.Parts[i].N
	}
	return queries(n)
}

// cell is a cell with a number. Its name is shown where the table has no heads.
func cell(column, title string, kids ...app.UI) app.UI {
	return elem("td", "c-"+column, attrs{"data-label", title}, kids...)
}

func p95(g *shape.Group) app.UI {
	says := timeOf(g, g.P95)
	if !g.Few() || g.Timed == 0 {
		return cell("p95", "p95", app.Text(says))
	}
	return elem("td", "c-p95 few", attrs{"data-label", "p95", "title", "Of " + Some(g.Timed, "call") + ", too few for a 95th percentile"},
		txt("span", "few-word", "few calls"), app.Text(says))
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
	return parted(g.Zero, g.Counted)
}

// parted draws a part of a whole.
func parted(n, of int) []app.UI {
	share := float64(n) / float64(max(of, 1))
	return []app.UI{bar(share), app.Text(percent(share)), txt("span", "of", Count(n)+" of "+Count(of))}
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
	return mute("span", "share", drawing("100 6", nil, rect(max(min(share, 1), 0)*100)))
}

// spread draws the half of the calls, 95 of a hundred, and all, behind each other, on
// a scale of square roots: what is a hundred times as long is ten times as wide.
func spread(g *shape.Group, most time.Duration) app.UI {
	if g.Timed == 0 || most <= 0 {
		return nil
	}
	at := func(d time.Duration) app.UI { return rect(100 * math.Sqrt(float64(d)/float64(most))) }
	return elem("span", "spread", attrs{"aria-hidden", "true", "title", "p50, p95 and max, on a scale of square roots"},
		drawing("100 6", nil, at(g.Max), at(g.P95), at(g.P50)))
}

func rect(width float64) app.UI {
	return draw("rect", attrs{"width", strconv.FormatFloat(width, 'f', 1, 64), "height", "6"})
}

// zero leads to the calls that found nothing.
func (s *Shapes) zero() app.UI {
	zero, counted := 0, 0
	for _, g := range s.Groups {
		zero, counted = zero+g.Zero, counted+g.Counted
	}
	if zero == 0 {
		return nil
	}
	kids := []app.UI{
		link("btn small", s.ZeroURL("", true), "", app.Text("Zero-hit calls")),
		mut(geq(s.AtLeast) + Count(zero) + " of " + Count(counted) + " (" + percent(float64(zero)/float64(counted)) + ")"),
	}
	return el("p", "shape-zero", zeroTexts(kids, s.Lens, s.Zero, s.Texts, s.ZeroURL)...)
}

// zeroTexts appends what was searched for in vain, each with a link to its calls.
func zeroTexts(out []app.UI, lens redact.Lens, top []shape.Text, all int, address func(text string, any bool) string) []app.UI {
	for i := range top {
		t := &top[i]
		words := "empty query"
		if t.Text != "" {
			words = "“" + decode.Visible(lens.Text(t.Text)) + "”"
		}
		tag, href := "span", address(t.Text, false)
		if href != "" {
			tag = "a"
		}
		out = append(out, elem(tag, "shape-text", attrs{"href", href}, txt("span", "ellipsis", words), mut(Count(t.N))))
	}
	if more := all - len(top); more > 0 {
		out = append(out, mut("and "+Count(more)+" more"))
	}
	return out
}
