package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// value is one value that something can be done with.
type value struct {
	path  string // tells it apart on the panel
	name  string // as it is shown
	field string // what a filter calls it; "" where a filter cannot reach it
	text  string // what a filter compares it with
	copy  string // what Copied names
	plain bool   // a column makes sense, a filter for this one value does not
}

// rows returns the short values of an entry, those that all vendors share apart.
func (d *Details) rows(t *told, send Send) (shared, own nodes) {
	for _, f := range t.rows(d.Row.Target) {
		if t.find("field:"+f.Name) != nil || t.shows(f.Value) || t.find(f.Name) != nil && t.find(f.Name).text == f.Value {
			continue
		}
		a := fieldValue(d.Entry, f)
		row := el("div", "pair",
			el("dt", "", d.nameButton(txt("span", "", decode.Visible(f.Name)), &a, send)),
			el("dd", "", el("span", "pair-value", d.shown(f, t)...), d.acts(&a, send)),
		)
		if isShared(f.Name) {
			shared.add(row)
		} else {
			own.add(row)
		}
	}
	return shared, own
}

// fieldValue says what can be done with a field.
func fieldValue(e logs.Entry, f Field) value {
	v := value{path: "field:" + f.Name, name: f.Name, field: f.Name, text: f.real, copy: "field:" + f.Name}
	switch f.Name {
	case "target", "address":
		v.field, v.text = "src", e.Src
	case "took":
		v.plain = true
	}
	if redact.Secrets(f.real) != f.real || strings.Contains(f.real, "[masked") {
		v.field = ""
	}
	return v
}

// shown writes a field's value: units muted, ids cut in the middle, a duration
// against its limit.
func (d *Details) shown(f Field, t *told) []app.UI {
	if f.Name == "took" {
		out := nodes{duration(f.Value)}
		switch t.vendor {
		case "elasticpath", "moltin":
			out = append(out, d.gauge()...)
		case "algolia":
			out.add(txt("span", "mut hint", "server time only, network not included"))
		}
		return out
	}
	text := decode.Visible(f.Value)
	if short := viewer.MiddleCut(f.Value); short != f.Value {
		return []app.UI{tip("id", text, short)}
	}
	return []app.UI{app.Text(text)}
}

// duration writes "9.8 s" with its units muted.
func duration(s string) app.UI {
	var out nodes
	for i, word := range strings.Fields(s) {
		out.add(txt("span", when(i%2 == 1, "mut unit"), word))
	}
	return el("span", "took", out...)
}

// gauge draws how much of the limit a delivery took.
func (d *Details) gauge() []app.UI {
	limit := d.Limit
	if limit <= 0 {
		limit = query.DefaultLimit
	}
	part := float64(d.Entry.Took) / float64(limit)
	class, word := "gauge", ""
	switch {
	case part >= 1:
		class, word = "gauge over", " · limit reached"
	case part >= 0.8:
		class, word = "gauge near", " · near the limit"
	}
	width := max(min(part, 1), 0) * 100
	return []app.UI{
		mute("span", class, draw("svg", attrs{"viewBox", "0 0 100 6", "preserveAspectRatio", "none"},
			draw("rect", attrs{"width", strconv.FormatFloat(width, 'f', 1, 64), "height", "6"}))),
		el("span", class+" hint", txt("span", "mut", "of "+limitText(limit)), app.Text(word)),
	}
}

// limitText writes a limit as people set it: "10 s".
func limitText(d time.Duration) string { return viewer.Took(d) }

// group draws a list of fields under a heading; nothing where it is empty.
func (d *Details) group(title string, rows []app.UI) app.UI {
	if len(rows) == 0 {
		return nil
	}
	return aloud("section", "group", "", title, txt("h3", "group-title", title), el("dl", "pairs", rows...))
}

// nameButton is a value's name. It shows what can be done with the value, for those
// who cannot hover over it.
func (d *Details) nameButton(name app.UI, a *value, send Send) app.UI {
	return button("pname", send, ActionsToggled{a.path}, attrs{"aria-expanded", yes(d.State.active == a.path), "aria-label", decode.Visible(a.name) + ": actions"}, name)
}

// maxFilter bounds the values that can be filtered by, in bytes: longer ones make
// no filter that anybody reads.
const maxFilter = 500

// acts are the buttons of a value. They are reached by Tab only while its actions
// are open: a panel has a hundred values.
func (d *Details) acts(a *value, send Send) app.UI {
	open := d.State.active == a.path
	var out nodes
	add := func(picture, label, class string, msg any) {
		out.add(button("act"+class, send, msg, attrs{"aria-label", label, "title", label, "tabindex", when(!open, "-1")}, icon(picture)))
	}
	name := decode.Visible(a.name)
	if a.field != "" && filterable(a.field, a.text) {
		if !a.plain {
			add("include", "Only this "+name, "", viewer.Included{Field: a.field, Value: a.text})
			add("exclude", "Without this "+name, "", viewer.Excluded{Field: a.field, Value: a.text})
		}
		add("column", "Show "+name+" as a column", "", viewer.ColumnAdded{Name: a.field})
	}
	switch a.copy {
	case d.Copied:
		add("check", "Copied", " done", Copied{a.copy})
	case d.Failed:
		add("alert", "The browser refused to copy", " failed", Copied{a.copy})
	default:
		add("copy", "Copy "+name, "", Copied{a.copy})
	}
	class := "pacts"
	if open || a.copy == d.Copied || a.copy == d.Failed {
		class += " open"
	}
	return el("span", class, out...)
}

// filterable reports whether the query language can ask for a value.
func filterable(field, text string) bool {
	if text == "" || len(text) > maxFilter || strings.ContainsAny(text, "\r\n\x00") {
		return false
	}
	_, err := query.Is(field, text)
	return err == nil
}

// button is a copy button with words.
func (d *Details) button(what, picture, label string, send Send) app.UI {
	class, full := "btn small quiet", label
	switch what {
	case d.Copied:
		picture, label, full, class = "check", "Copied", "Copied", class+" done"
	case d.Failed:
		picture, label, full, class = "alert", "Not copied", "The browser refused to copy", class+" failed"
	}
	return button(class, send, Copied{what}, attrs{"aria-label", full, "title", full}, icon(picture), txt("span", "lbl", label))
}
