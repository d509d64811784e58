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
var kinds = glossary{"time", "time", "level", "lv", "target", "src", "status", "st", "took", "took", "summary", "sum"}

// phones are the columns that a phone shows, as far as they are among the chosen.
var phones = []string{"time", "level", "summary"}

// Cells returns how the cells of the columns are drawn, one for each. On a phone
// there are three: time, level and summary, or where one of them was not chosen,
// another that was. The tag of a row's target, which takes no room, stands there as
// well.
func Cells(cols []viewer.Column) []Cell {
	out := make([]Cell, len(cols))
	room := len(phones)
	byOther := false
	for i := range cols {
		byOther = byOther || cols[i].Sorted != 0 && cols[i].Name != "time"
	}
	for i := range cols {
		c := &cols[i]
		kind := kinds.of(c.Name)
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
		out[i] = Cell{Class: kind, Phone: slices.Contains(phones, c.Name)}
		if out[i].Phone {
			room--
		}
	}
	for i := range out {
		if !out[i].Phone && room > 0 {
			out[i].Phone = true
			room--
		}
		out[i].Phone = out[i].Phone || cols[i].Name == "target"
	}
	return out
}

// sorts say how a column sorts the table, by viewer.Column.Sorted and one.
var sorts = [...]struct{ aria, sign string }{{"descending", "↓"}, {"none", ""}, {"ascending", "↑"}}

// columnHeads draws the header. Dragging, widths and the way of the keyboard through it
// are in static/grid.js, which finds columns by data-col.
func columnHeads(cols []viewer.Column, send Send) []app.UI {
	out := make([]app.UI, len(cols))
	cells := Cells(cols)
	for i := range cols {
		c := &cols[i]
		stop, menu := "-1", "column-menu-"+strconv.Itoa(i)
		if i == 0 {
			stop = "0"
		}
		var sign, day app.UI
		sorted := &sorts[c.Sorted+1]
		if sorted.sign != "" {
			sign = mute("span", "head-sort", app.Text(sorted.sign))
		}
		if c.Name == "time" {
			day = el("span", "head-day")
		}
		out[i] = elem("div", "head cell "+cells[i].Class+when(!cells[i].Phone, " wide"), attrs{"role", "columnheader", "aria-colindex", strconv.Itoa(i + 1),
			"aria-sort", sorted.aria, "data-col", c.Name, "data-fixed", when(c.Fixed, "true")},
			button("head-name", send, viewer.SortChosen{Column: c.Name}, attrs{"tabindex", stop, "title", "Sort by " + c.Title}, txt("span", "ellipsis", c.Title), sign),
			day,
			elem("button", "head-menu", attrs{"type", "button", "tabindex", stop, "aria-label", "Column " + c.Title, "aria-haspopup", "menu", "popovertarget", menu}, icon("dots")),
			columnMenu(menu, cols, i, send),
			elem("span", "grip", attrs{"role", "separator", "tabindex", stop, "aria-orientation", "vertical", "aria-label", "Width of " + c.Title,
				"aria-valuemin", "40", "aria-valuemax", "2000", "aria-valuenow", "100"}),
		)
	}
	return out
}

// columnMenu holds what can be done with a column, which the keyboard reaches.
func columnMenu(id string, cols []viewer.Column, i int, send Send) app.UI {
	c := &cols[i]
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
	var rows nodes
	row := func(ok bool, label string, msg any) {
		if ok {
			rows.add(menuItem(label, msg, send))
		}
	}
	row(true, sort, viewer.SortChosen{Column: c.Name})
	row(!c.Fixed && i > 0 && !cols[i-1].Fixed, "Move left", viewer.ColumnMoved{Name: c.Name, To: i - 1})
	row(!c.Fixed && i < len(cols)-1, "Move right", viewer.ColumnMoved{Name: c.Name, To: i + 1})
	row(true, "Usual width", ColumnResized{Name: c.Name})
	row(!c.Fixed && len(cols) > 1, "Remove column", viewer.ColumnDropped{Name: c.Name})
	row(true, "Reset columns", viewer.ColumnsReset{})
	return popover(id, "", "Column "+c.Title, nil, rows...)
}

// menuItem is a line of a menu that the browser opens and closes. What hangs over
// the page this way is placed, closed and gone through by static/menu.js.
func menuItem(label string, msg any, send Send) app.UI {
	return button("menu-row", send, msg, attrs{"role", "menuitem", "tabindex", "-1"}, app.Text(label))
}

// popover is a menu that hangs over the page, see menuItem. class is "" or begins
// with a space.
func popover(id, class, label string, with attrs, kids ...app.UI) app.UI {
	return elem("div", "pop"+class, append(attrs{"id", id, "popover", "auto", "role", "menu", "aria-label", label}, with...), kids...)
}
