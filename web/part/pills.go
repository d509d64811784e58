package part

import (
	"strings"

	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the pills report, beside viewer.ClauseDropped and viewer.ClauseFlipped.
type (
	PillEdited    struct{ I int }        // the clause is to be edited in the box: EditPill
	FieldAsked    struct{ Field string } // only entries that have the field: WithField
	QueryCleared  struct{}               // no filter
	RequestsAsked struct{}               // the calls that the search makes are to be shown
)

// Pills are the clauses of the committed filter, one pill for each.
type Pills struct {
	Pills    []viewer.Pill
	Requests bool // RequestsAsked is offered
	Lens     redact.Lens
}

// UI draws the pills, in one line that scrolls sideways.
func (p Pills) UI(send Send) app.UI {
	var rows nodes
	for i := range p.Pills {
		rows.add(p.pill(i, &p.Pills[i], send))
	}
	var list, all, requests app.UI
	if len(rows) > 0 {
		list = el("ul", "pill-list", rows...)
	} else {
		list = txt("span", "mut pill-none", "No filter")
	}
	if len(rows) > 1 {
		all = worded("btn quiet small", "Clear all", send, QueryCleared{})
	}
	if p.Requests {
		requests = button("btn quiet small pill-calls", send, RequestsAsked{}, attrs{"aria-haspopup", "dialog", "title", "Show vendor request"}, icon("call"), txt("span", "ellipsis", "Show vendor request"))
	}
	return group("pills", "Filter", list, all, requests)
}

// text is a clause as it is shown. Editing it shows what it is.
func (p *Pills) text(c *viewer.Pill) string {
	text := c.Text
	for _, v := range c.Values {
		if shown := p.Lens.Field(c.Field, v); shown != v && v != "" {
			text = strings.ReplaceAll(text, v, shown)
		}
	}
	return p.Lens.Text(text)
}

func (ps *Pills) pill(i int, p *viewer.Pill, send Send) app.UI {
	text := ps.text(p)
	class, turn := "pill", "Exclude instead of include"
	if p.Negated {
		class, turn = "pill not", "Include instead of exclude"
	}
	var where, missing, means app.UI
	if p.Means != "" {
		means = txt("span", "pill-means", p.Means)
	}
	if p.Where != "" {
		sign := "here"
		if p.AtVendor {
			sign = "at"
		}
		where = elem("span", "pill-where", attrs{"title", "Filtered " + p.Where}, icon(sign), app.Text(p.Where))
	}
	if p.Missing > 0 && p.Field != "" {
		text := "incl. " + Count(p.Missing) + " without " + p.Field
		missing = button("pill-missing", send, FieldAsked{p.Field}, attrs{"aria-label", text + ". Leave them out",
			"title", "Entries without the field are kept. Leave them out: add " + p.Field + ":*"}, app.Text(text), icon("close"))
	}
	return el("li", class,
		button("pill-text", send, PillEdited{i}, attrs{"title", "Edit " + text}, txt("code", "ellipsis", text), means, where),
		missing,
		pictured("pill-btn", "swap", turn+": "+text, turn, send, viewer.ClauseFlipped{Clause: i}),
		pictured("pill-btn", "close", "Remove: "+text, "Remove", send, viewer.ClauseDropped{Clause: i}),
	)
}

// EditPill returns what the filter box is to hold, and from where to where it is
// to be selected, in bytes, for clause i to be edited. What is typed stays where
// the clause stands in it as it is written; else the box gets the committed filter.
func EditPill(typed string, pills []viewer.Pill, i int) (text string, from, to int) {
	if i < 0 || i >= len(pills) {
		return typed, len(typed), len(typed)
	}
	all := make([]string, len(pills))
	for j, p := range pills {
		all[j] = p.Text
		if j == i {
			from = len(strings.Join(all[:j], " ")) + min(j, 1)
		}
	}
	want := pills[i].Text
	if at := strings.Index(typed, want); at >= 0 && strings.Count(typed, want) == 1 {
		return typed, at, at + len(want)
	}
	return strings.Join(all, " "), from, from + len(want)
}

// WithField returns the filter that also asks for entries to have a field; the
// filter itself where it cannot.
func WithField(filter, field string) string {
	q, err := query.Parse(filter)
	if err != nil {
		return filter
	}
	has, err := query.Parse(field + ":*")
	if err != nil || len(has.Clauses()) != 1 || has.Clauses()[0].Op != query.OpExists {
		return filter
	}
	if q, err = q.With(has.Clauses()[0]); err != nil {
		return filter
	}
	return q.String()
}
