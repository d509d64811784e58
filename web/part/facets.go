package part

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the rail of facets reports, besides the values that it chooses.
type (
	FacetsToggled struct{}               // the rail was opened or closed
	FacetFolded   struct{ Field string } // the values of a field are shown, or no longer
	FacetExpanded struct{ Field string } // all values of a field are shown, or no longer
)

// idFacet begins the id of the field in which the values of a facet are sought.
const idFacet = "facet-"

// firstFacets is how many fields are unfolded unless the reader says otherwise;
// firstValues and allValues are how many values a facet shows; findValues is how
// many it must have to be searched.
const firstFacets, firstValues, allValues, findValues = 6, 6, 60, 12

// Rail is how the rail of facets stands. The page keeps it and hands it over;
// With returns what becomes of it.
type Rail struct {
	turned map[string]bool   // fields folded, or unfolded, other than by themselves
	all    map[string]bool   // fields that show all values
	find   map[string]string // what is sought among the values of a field
}

// With returns the rail after an event of it, and whether msg is one. text is what
// stands in the field of a Typed.
func (r Rail) With(msg any, text string) (Rail, bool) {
	switch m := msg.(type) {
	case FacetFolded:
		r.turned = flip(r.turned, m.Field)
	case FacetExpanded:
		r.all = flip(r.all, m.Field)
	case Typed:
		field, ok := strings.CutPrefix(m.ID, idFacet)
		if !ok {
			return r, false
		}
		r.find = with(r.find, field, text)
	default:
		return r, false
	}
	return r, true
}

func flip(m map[string]bool, key string) map[string]bool { return with(m, key, !m[key]) }

// Facets is the rail at the left of the table: the fields of the loaded entries
// with their values, to choose from.
type Facets struct {
	Facets  []viewer.Facet
	Open    bool
	Loading bool
	Rail    Rail
	Vendor  string   // who counted, where a vendor did: "Coveo"; "" for several
	Columns []string // names of the columns shown
	Lens    redact.Lens
}

// UI draws the rail.
func (f Facets) UI(send Send) app.UI {
	if !f.Open {
		return hidden("aside", "facets")
	}
	var groups nodes
	for i := range f.Facets {
		groups.add(f.group(i, &f.Facets[i], send))
	}
	switch {
	case len(groups) == 0 && f.Loading:
		groups.add(mute("div", "bones facet-bones", blanks(8)...))
	case len(groups) == 0:
		groups.add(txt("p", "facets-none mut", "Fields of the entries appear here once there are some."))
	}
	return aloud("aside", "facets", "", "Fields",
		el("div", "facets-head",
			txt("h2", "", "Fields"), grow(),
			pictured("btn icon quiet facets-close", "close", "Close the fields", "", send, FacetsToggled{}),
		),
		el("div", "facets-list", groups...),
		button("facets-veil", send, FacetsToggled{}, attrs{"tabindex", "-1", "aria-hidden", "true"}),
	)
}

func (f *Facets) group(i int, x *viewer.Facet, send Send) app.UI {
	chosen := 0
	for i := range x.Values {
		v := &x.Values[i]
		if v.Chosen || v.Excluded {
			chosen++
		}
	}
	open := (i < firstFacets || chosen > 0) != f.Rail.turned[x.Field]
	sign, id := "right", "facet-values-"+strconv.Itoa(i)
	if open {
		sign = "down"
	}
	title := x.Title
	if title == "" {
		title = x.Field
	}
	shown, label := false, "Show "+title+" as a column"
	for _, c := range f.Columns {
		shown = shown || c == x.Field
	}
	var msg any = viewer.ColumnAdded{Name: x.Field}
	if shown {
		msg, label = viewer.ColumnDropped{Name: x.Field}, "Hide the column "+title
	}
	var count, values, by app.UI
	if f.allCounted(x) {
		by = txt("span", "fv-at", "at "+f.vendor())
	}
	if chosen > 0 {
		count = txt("span", "facet-chosen", strconv.Itoa(chosen))
	}
	if open {
		values = f.values(id, x, title, send)
	}
	return el("section", "facet",
		el("div", "facet-head",
			button("facet-title", send, FacetFolded{x.Field}, attrs{"aria-expanded", yes(open), "aria-controls", id, "title", x.Field},
				icon(sign), txt("span", "ellipsis", title), by, count),
			button("facet-column", send, msg, attrs{"aria-label", label, "aria-pressed", yes(shown), "title", label}, icon("columns")),
		),
		values,
	)
}

func (f *Facets) values(id string, x *viewer.Facet, title string, send Send) app.UI {
	list, sought := x.Values, f.Rail.find[x.Field]
	var find, more, rest app.UI
	if len(list) >= findValues {
		find = field(idFacet+x.Field, "Search the values of "+title, "Search values", send, "type", "search", "class", "facet-find")
	}
	if sought != "" {
		list = nil
		for _, v := range x.Values {
			if strings.Contains(strings.ToLower(v.Value+"\n"+v.Label), strings.ToLower(sought)) {
				list = append(list, v)
			}
		}
	}
	room, all := firstValues, f.Rail.all[x.Field]
	if all || sought != "" {
		room = allValues
	}
	label := ""
	switch hidden := len(list) - room; {
	case hidden == 1 && room == firstValues:
		room++ // the button would take the same room
	case hidden > 0 && room == firstValues:
		label = "Show " + strconv.Itoa(min(hidden, allValues-room)) + " more"
	case all && len(x.Values) > firstValues && sought == "":
		label = "Show fewer"
	}
	if label != "" {
		more = worded("facet-more", label, send, FacetExpanded{x.Field})
	}
	most := 1
	for i := range x.Values {
		most = max(most, x.Values[i].Count, x.Values[i].Vendor)
	}
	var rows nodes
	for i := range list {
		v := &list[i]
		if i < room || v.Chosen || v.Excluded { // what is chosen can be taken back
			rows.add(f.value(x, v, most, send))
		}
	}
	if len(rows) == 0 {
		rows.add(txt("li", "facet-note", "No value is like that."))
	}
	if sought == "" {
		rest = facetRest(x)
	}
	return elem("div", "facet-values", attrs{"id", id}, find, el("ul", "", rows...), more, rest)
}

// facetRest says what the listed values leave out.
func facetRest(x *viewer.Facet) app.UI {
	var parts []string
	if x.Other > 0 {
		parts = append(parts, Count(x.Other)+" with other values")
	}
	if x.Missing > 0 {
		parts = append(parts, Count(x.Missing)+" without")
	}
	if len(parts) == 0 {
		return nil
	}
	return txt("p", "facet-note", strings.Join(parts, ", "))
}

// vendor is who counted, for people.
func (f *Facets) vendor() string {
	if f.Vendor == "" {
		return "the vendor"
	}
	return f.Vendor
}

// allCounted reports whether a vendor counted every value that is listed: it is
// told once, then.
func (f *Facets) allCounted(x *viewer.Facet) bool {
	for i := range x.Values {
		if x.Values[i].Vendor < 0 {
			return false
		}
	}
	return len(x.Values) > 0
}

// levels are the values whose sign stands before them, as in the table.
var levels = glossary{
	"critical", "err", "error", "err", "failed", "err", "rejected", "err", "warning", "warn", "warned", "warn", "succeeded", "ok",
	"debug", "quiet", "trace", "quiet", "skipped", "quiet",
}

// value draws a value. A click asks for it; with Alt, or by its minus, it is
// excluded; again, it is neither.
func (f *Facets) value(x *viewer.Facet, v *viewer.FacetValue, most int, send Send) app.UI {
	label := v.Label
	if label == "" {
		label = v.Value
	}
	label = f.Lens.Field(x.Field, label)
	class, says := "fv", label
	if x.Field == "level" || x.Field == "outcome" {
		if m := levels.of(v.Value); m != "" {
			class += " mark-" + m
		}
	}
	var include, exclude any = viewer.Included{Field: x.Field, Value: v.Value}, viewer.Excluded{Field: x.Field, Value: v.Value}
	switch {
	case v.Chosen:
		class += " chosen"
		include = viewer.Unchosen{Field: x.Field, Value: v.Value}
	case v.Excluded:
		class += " excluded"
		exclude = viewer.Unchosen{Field: x.Field, Value: v.Value}
		include = exclude
		says += ", excluded"
	}
	by := f.vendor()
	n, count, tip := v.Count, Count(v.Count), "Show only this. With Alt: hide it"
	switch {
	case v.Vendor >= 0:
		n, count = v.Vendor, Count(v.Vendor)
		tip += ". Counted by " + by
		if v.Count >= 0 {
			tip += "; " + Count(v.Count) + " of the loaded rows"
		}
		says += ", " + count + " counted by " + by
	case v.Count < 0:
		count = ""
		tip += ". The filter hides what would tell how many there are"
	case x.AtLeast:
		says += ", at least " + count
		count = "≥ " + count
		tip += ". At least so many: not everything was read"
	default:
		says += ", " + count
	}
	var mark app.UI
	if v.Vendor >= 0 && !f.allCounted(x) {
		mark = txt("span", "fv-at", "at "+by)
	}
	_, scope := send.on(include)
	minus := "Hide " + label
	if v.Excluded {
		minus += " no longer"
	}
	return el("li", class,
		elem("button", "fv-main", attrs{"type", "button", "aria-pressed", yes(v.Chosen), "aria-label", says, "title", label + "\n" + tip},
			draw("svg", attrs{"aria-hidden", "true"}, draw("rect", attrs{"height", "100%", "width", strconv.Itoa(max(n, 0)*100/most) + "%"})),
			txt("span", "fv-name ellipsis", label), mark,
			txt("span", "fv-count", count),
		).OnClick(send.either("altKey", include, exclude), scope).OnKeyDown(send.minus(exclude), scope),
		button("fv-not", send, exclude, attrs{"tabindex", "-1", "aria-pressed", yes(v.Excluded), "aria-label", minus, "title", minus}, icon("minus")),
	)
}

// either returns the handler that sends other where a key of the event is held,
// and plain where it is not.
func (s Send) either(key string, plain, other any) app.EventHandler {
	return func(ctx app.Context, e app.Event) {
		if e.Get(key).Bool() {
			s(ctx, other)
			return
		}
		s(ctx, plain)
	}
}

// minus returns the handler that sends msg when the minus key is pressed, and keeps
// the key from the page.
func (s Send) minus(msg any) app.EventHandler {
	return func(ctx app.Context, e app.Event) {
		if e.Get("key").String() != "-" {
			return
		}
		e.PreventDefault()
		s(ctx, msg)
	}
}
