package part

import (
	"slices"
	"strconv"

	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// ColumnResized says that the reader gave a column a width in CSS pixels; 0 is
// the one it has by itself.
type ColumnResized struct {
	Name  string
	Width int
}

// Cell is how the cells of a column are drawn.
type Cell struct {
	Class string // the last word is the kind, by which the style sheet knows a width
	Phone bool   // there is room for it on a phone
}

// kinds are the kinds of columns that have a width or a look of their own.
var kinds = map[string]string{"time": "time", "level": "lv", "target": "src", "status": "st", "took": "took", "summary": "sum"}

// phones are the columns that a phone shows, as far as they are among the chosen.
var phones = map[string]bool{"time": true, "level": true, "summary": true}

// Cells returns how the cells of the columns are drawn, one for each. On a phone
// there are three: time, level and summary, or where one of them was not chosen,
// another that was.
func Cells(cols []viewer.Column) []Cell {
	out := make([]Cell, len(cols))
	room := len(phones)
	byOther := slices.ContainsFunc(cols, func(c viewer.Column) bool { return c.Sorted != 0 && c.Name != "time" })
	for i, c := range cols {
		kind := kinds[c.Name]
		switch {
		case c.Name == "time" && byOther:
			kind = "time date" // each row has its day
		case kind == "" && c.Right:
			kind = "num"
		case kind == "":
			kind = "val"
		case c.Right:
			kind = "num " + kind
		}
		if c.Fixed {
			kind = "fixed " + kind
		}
		out[i] = Cell{Class: kind, Phone: phones[c.Name]}
		if out[i].Phone {
			room--
		}
	}
	for i := range out {
		if !out[i].Phone && room > 0 {
			out[i].Phone = true
			room--
		}
	}
	return out
}

// sorts say how a column sorts the table, by viewer.Column.Sorted.
var sorts = map[int]struct{ aria, sign string }{1: {"ascending", "↑"}, -1: {"descending", "↓"}, 0: {"none", ""}}

// columnHeads draws the header. Dragging, widths and the way of the keyboard through it
// are in static/grid.js, which finds columns by data-col.
func columnHeads(cols []viewer.Column, send Send) []app.UI {
	var out []app.UI
	cells := Cells(cols)
	for i, c := range cols {
		class := "head cell " + cells[i].Class
		if !cells[i].Phone {
			class += " wide"
		}
		stop, menu := -1, "column-menu-"+strconv.Itoa(i)
		if i == 0 {
			stop = 0
		}
		var sign, day app.UI
		if s := sorts[c.Sorted].sign; s != "" {
			sign = app.Span().Class("head-sort").Aria("hidden", "true").Text(s)
		}
		if c.Name == "time" {
			day = app.Span().Class("head-day")
		}
		h := app.Div().Class(class).Role("columnheader").Aria("colindex", i+1).Aria("sort", sorts[c.Sorted].aria).DataSet("col", c.Name)
		if c.Fixed {
			h = h.DataSet("fixed", "true")
		}
		out = append(out, h.Body(
			press("head-name", send, viewer.SortChosen{Column: c.Name}).TabIndex(stop).Title("Sort by "+c.Title).Body(
				txt("span", "ellipsis", c.Title), sign,
			),
			day,
			app.Button().Type("button").Class("head-menu").TabIndex(stop).Aria("label", "Column "+c.Title).Aria("haspopup", "menu").
				Attr("popovertarget", menu).Body(icon("dots")),
			columnMenu(menu, cols, i, send),
			app.Span().Class("grip").Role("separator").TabIndex(stop).Aria("orientation", "vertical").Aria("label", "Width of "+c.Title).
				Aria("valuemin", 40).Aria("valuemax", 2000).Aria("valuenow", 100),
		))
	}
	return out
}

// columnMenu holds what can be done with a column, which the keyboard reaches.
func columnMenu(id string, cols []viewer.Column, i int, send Send) app.UI {
	c := cols[i]
	sort := "Sort, greatest first"
	switch {
	case c.Name == "time" && c.Sorted < 0:
		sort = "Sort, oldest first"
	case c.Name == "time":
		sort = "Sort, newest first"
	case c.Sorted < 0:
		sort = "Sort, least first"
	case c.Sorted > 0:
		sort = "Sort by time again"
	}
	rows := []app.UI{menuItem(sort, viewer.SortChosen{Column: c.Name}, send)}
	if !c.Fixed {
		if i > 0 && !cols[i-1].Fixed {
			rows = append(rows, menuItem("Move left", viewer.ColumnMoved{Name: c.Name, To: i - 1}, send))
		}
		if i < len(cols)-1 {
			rows = append(rows, menuItem("Move right", viewer.ColumnMoved{Name: c.Name, To: i + 1}, send))
		}
	}
	rows = append(rows, menuItem("Usual width", ColumnResized{Name: c.Name}, send))
	if len(cols) > 1 && !c.Fixed {
		rows = append(rows, menuItem("Remove column", viewer.ColumnDropped{Name: c.Name}, send))
	}
	rows = append(rows, menuItem("Reset columns", viewer.ColumnsReset{}, send))
	return app.Div().ID(id).Class("pop").Attr("popover", "auto").Role("menu").Aria("label", "Column "+c.Title).Body(rows...)
}

// menuItem is a line of a menu that the browser opens and closes. What hangs over
// the page this way is placed, closed and gone through by static/menu.js.
func menuItem(label string, msg any, send Send) app.UI {
	return press("menu-row", send, msg).Role("menuitem").TabIndex(-1).Text(label)
}
