package part

import (
	"strings"

	"github.com/logpane/logpane/app/query"
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
}

// UI draws the pills, in one line that scrolls sideways.
func (p Pills) UI(send Send) app.UI {
	var rows []app.UI
	for i, x := range p.Pills {
		rows = append(rows, pill(i, x, send))
	}
	var list, all, requests app.UI
	if len(rows) > 0 {
		list = el("ul", "pill-list", rows...)
	} else {
		list = txt("span", "mut pill-none", "No filter")
	}
	if len(rows) > 1 {
		all = press("btn quiet small", send, QueryCleared{}).Text("Clear all")
	}
	if p.Requests {
		requests = press("btn quiet small", send, RequestsAsked{}).Aria("haspopup", "dialog").Body(
			icon("call"), app.Text("Show vendor request"),
		)
	}
	return group("pills", "Filter", list, all, requests)
}

func pill(i int, p viewer.Pill, send Send) app.UI {
	class, turn := "pill", "Exclude instead of include"
	if p.Negated {
		class, turn = "pill not", "Include instead of exclude"
	}
	var where, missing app.UI
	if p.Where != "" {
		sign := "here"
		if p.AtVendor {
			sign = "at"
		}
		where = app.Span().Class("pill-where ellipsis").Title("Filtered "+p.Where).Body(icon(sign), app.Text(p.Where))
	}
	if p.Missing > 0 && p.Field != "" {
		text := "incl. " + Count(p.Missing) + " without " + p.Field
		missing = press("pill-missing", send, FieldAsked{p.Field}).
			Aria("label", text+". Leave them out").Title("Entries without the field are kept. Leave them out: add "+p.Field+":*").Body(app.Text(text), icon("close"))
	}
	button := func(sign, says string, msg any) app.UI {
		return press("pill-btn", send, msg).Aria("label", says+": "+p.Text).Title(says).Body(icon(sign))
	}
	return el("li", class,
		press("pill-text", send, PillEdited{i}).Title("Edit "+p.Text).Body(txt("code", "ellipsis", p.Text), where),
		missing,
		button("swap", turn, viewer.ClauseFlipped{Clause: i}),
		button("close", "Remove", viewer.ClauseDropped{Clause: i}),
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
