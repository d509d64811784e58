package part

import (
	"strings"

	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// IDColumn is the id of the field in which a column is sought by its name.
const IDColumn = "find-column"

// What the tool row reports, besides columns added and dropped.
type (
	DensityChosen struct{ Density string } // one of Densities
	FindAsked     struct{}                 // the find bar was asked for, or is to close
)

// Densities are the heights of the rows, as data-density of the page names them.
var Densities = []string{"compact", "normal", "roomy"}

// maxNames is how many names the menu of columns shows at once.
const maxNames = 80

// Tools is the row above the table that is always there: what is shown, and how.
// Between its ends stand the pills of the filter.
type Tools struct {
	Facets    bool // the rail is open
	Histogram bool // it is open
	Find      bool // the find bar is open
	Density   string
	Wrap      bool
	Columns   []viewer.Column
	Names     []string // of the fields that could be columns
	Sought    string   // in the field IDColumn
	Places    []PlaceTab
	Lens      redact.Lens
}

// PlaceTab leads to another way to look at the same targets.
type PlaceTab struct {
	Title, URL string
	On         bool // it is shown
}

// places leads from one way of looking to the others.
func (t Tools) places() app.UI {
	if len(t.Places) < 2 {
		return nil
	}
	tabs := make([]app.UI, len(t.Places))
	for i := range t.Places {
		p := &t.Places[i]
		tabs[i] = elem("a", "place-tab", attrs{"href", p.URL, "aria-current", when(p.On, "page")}, app.Text(p.Title))
	}
	return aloud("nav", "place-tabs", "", "Ways to look", tabs...)
}

// UI draws the row around the pills.
func (t Tools) UI(pills app.UI, send Send) app.UI {
	toggle := func(name, label, says string, on bool, msg any) app.UI {
		return button("tool", send, msg, attrs{"aria-pressed", yes(on), "aria-label", says, "title", says}, icon(name), txt("span", "tool-word", label))
	}
	menu := func(name, label, says, id string) app.UI {
		return elem("button", "tool", attrs{"type", "button", "aria-haspopup", "menu", "aria-label", says, "title", says, "popovertarget", id},
			icon(name), txt("span", "tool-word", label))
	}
	return aloud("div", "tools", "toolbar", "Table",
		el("div", "tools-places", t.places()),
		toggle("facets", "Fields", "Fields and their values", t.Facets, FacetsToggled{}),
		el("div", "tools-pills", pills),
		toggle("search", "Find", "Find in the table, without filtering", t.Find, FindAsked{}),
		menu("columns", "Columns", "Columns", "tool-columns"),
		menu("rows", "View", "Height and wrapping of the rows", "tool-view"),
		lensTool(t.Lens, send),
		button("tool", send, ExportAsked{}, attrs{"aria-haspopup", "dialog", "aria-label", "Export", "title", "Export all that matches"}, icon("download"), txt("span", "tool-word", "Export")),
		toggle("chart", "", "Histogram", t.Histogram, HistogramToggled{}),
		t.columns(send),
		t.view(send),
	)
}

// columns is the menu in which columns are chosen.
func (t Tools) columns(send Send) app.UI {
	shown := map[string]bool{}
	names := make([]string, 0, len(t.Columns)+len(t.Names))
	for i := range t.Columns {
		shown[t.Columns[i].Name] = true
		names = append(names, t.Columns[i].Name)
	}
	for _, n := range t.Names {
		if !shown[n] {
			names = append(names, n)
		}
	}
	sought := strings.ToLower(strings.TrimSpace(t.Sought))
	var rows nodes
	for _, n := range names {
		if len(rows) == maxNames || !strings.Contains(strings.ToLower(n), sought) {
			continue
		}
		var msg any = viewer.ColumnAdded{Name: n}
		if shown[n] {
			msg = viewer.ColumnDropped{Name: n}
		}
		rows.add(choice("menuitemcheckbox", n, shown[n], msg, send))
	}
	if len(rows) == 0 {
		rows.add(txt("p", "help mut", "No field is named like that."))
	}
	return popover("tool-columns", " pop-columns", "Columns", attrs{"data-keep", "true"},
		field(IDColumn, "Search columns", "Search fields", send, "type", "search", "data-first", "true"),
		elem("div", "pop-rows", attrs{"role", "presentation"}, rows...),
		button("menu-row pop-last", send, viewer.ColumnsReset{}, attrs{"role", "menuitem", "tabindex", "-1"}, app.Text("Reset columns")),
	)
}

// view is the menu of the rows' look.
func (t Tools) view(send Send) app.UI {
	var rows nodes
	for _, d := range Densities {
		rows.add(choice("menuitemradio", viewer.Capital(d)+" rows", d == t.Density || t.Density == "" && d == "normal", DensityChosen{d}, send))
	}
	rows.add(app.Hr())
	rows.add(choice("menuitemcheckbox", "Three lines per row", t.Wrap, viewer.WrapChosen{On: !t.Wrap}, send))
	return popover("tool-view", "", "Rows", attrs{"data-keep", "true"}, rows...)
}

// choice is a line of a menu that is on or off.
func choice(role, label string, on bool, msg any, send Send) app.UI {
	return button("menu-row", send, msg, attrs{"role", role, "tabindex", "-1", "aria-checked", yes(on)}, icon("check"), txt("span", "ellipsis", label))
}
