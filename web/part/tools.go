package part

import (
	"slices"
	"strings"

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
	for i, p := range t.Places {
		a := app.A().Class("place-tab").Href(p.URL).Text(p.Title)
		if p.On {
			a = a.Aria("current", "page")
		}
		tabs[i] = a
	}
	return app.Nav().Class("place-tabs").Aria("label", "Ways to look").Body(tabs...)
}

// UI draws the row around the pills.
func (t Tools) UI(pills app.UI, send Send) app.UI {
	toggle := func(name, label, says string, on bool, msg any) app.UI {
		return press("tool", send, msg).Aria("pressed", on).Aria("label", says).Title(says).Body(
			icon(name), txt("span", "tool-word", label),
		)
	}
	menu := func(name, label, says, id string) app.UI {
		return app.Button().Type("button").Class("tool").Aria("haspopup", "menu").Aria("label", says).Title(says).Attr("popovertarget", id).Body(
			icon(name), txt("span", "tool-word", label),
		)
	}
	return app.Div().Class("tools").Role("toolbar").Aria("label", "Table").Body(
		el("div", "tools-places", t.places()),
		toggle("facets", "Fields", "Fields and their values", t.Facets, FacetsToggled{}),
		el("div", "tools-pills", pills),
		toggle("search", "Find", "Find in the table, without filtering", t.Find, FindAsked{}),
		menu("columns", "Columns", "Columns", "tool-columns"),
		menu("rows", "View", "Height and wrapping of the rows", "tool-view"),
		toggle("chart", "", "Histogram", t.Histogram, HistogramToggled{}),
		t.columns(send),
		t.view(send),
	)
}

// columns is the menu in which columns are chosen.
func (t Tools) columns(send Send) app.UI {
	shown := map[string]bool{}
	names := make([]string, 0, len(t.Columns)+len(t.Names))
	for _, c := range t.Columns {
		shown[c.Name] = true
		names = append(names, c.Name)
	}
	for _, n := range t.Names {
		if !shown[n] {
			names = append(names, n)
		}
	}
	if s := strings.ToLower(strings.TrimSpace(t.Sought)); s != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return !strings.Contains(strings.ToLower(n), s) })
	}
	var rows []app.UI
	for _, n := range names[:min(len(names), maxNames)] {
		var msg any = viewer.ColumnAdded{Name: n}
		if shown[n] {
			msg = viewer.ColumnDropped{Name: n}
		}
		rows = append(rows, choice("menuitemcheckbox", n, shown[n], msg, send))
	}
	if len(rows) == 0 {
		rows = append(rows, txt("p", "help mut", "No field is named like that."))
	}
	return app.Div().ID("tool-columns").Class("pop pop-columns").Attr("popover", "auto").DataSet("keep", "true").Role("menu").Aria("label", "Columns").Body(
		app.Input().ID(IDColumn).Type("search").Class("field").DataSet("first", "true").Aria("label", "Search columns").Attr("autocomplete", "off").
			Attr("spellcheck", "false").Placeholder("Search fields").OnInput(send.on(Typed{IDColumn})),
		app.Div().Class("pop-rows").Role("presentation").Body(rows...),
		press("menu-row pop-last", send, viewer.ColumnsReset{}).Role("menuitem").TabIndex(-1).Text("Reset columns"),
	)
}

// view is the menu of the rows' look.
func (t Tools) view(send Send) app.UI {
	var rows []app.UI
	for _, d := range Densities {
		rows = append(rows, choice("menuitemradio", strings.ToUpper(d[:1])+d[1:]+" rows", d == t.Density || t.Density == "" && d == "normal", DensityChosen{d}, send))
	}
	rows = append(rows, app.Hr(), choice("menuitemcheckbox", "Three lines per row", t.Wrap, viewer.WrapChosen{On: !t.Wrap}, send))
	return app.Div().ID("tool-view").Class("pop").Attr("popover", "auto").DataSet("keep", "true").Role("menu").Aria("label", "Rows").Body(rows...)
}

// choice is a line of a menu that is on or off.
func choice(role, label string, on bool, msg any, send Send) app.UI {
	return press("menu-row", send, msg).Role(role).TabIndex(-1).Aria("checked", on).Body(
		icon("check"), txt("span", "ellipsis", label),
	)
}
