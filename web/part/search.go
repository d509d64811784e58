package part

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the filter box reports, beside Typed and QueryGiven.
type (
	SearchEntered struct{}        // the box got the keyboard
	SearchLeft    struct{}        // and lost it
	OfferTaken    struct{ I int } // a line of the open list: SearchBox.Take
	RecentDropped struct{ I int } // a line of the recent filters: SearchBox.Drop
)

// Search is the filter box and what hangs below it: one of the list of
// completions or recent filters, why the filter is wrong, and what was probably
// meant. None of them takes the keyboard.
type Search struct {
	Box     SearchBox
	Problem viewer.FilterProblem // no Reason: the filter can be read
	Typing  bool                 // the problem's text is not committed: it is told without haste
	Hint    string               // what else the filter may mean: a sentence, "" for nothing
	Better  string               // the filter that Hint proposes; "" for none
}

// UI draws the box.
func (s Search) UI(send Send) app.UI {
	in := app.Input().ID(IDSearch).Type("text").Role("searchbox").Class("field").Aria("label", "Filter").
		Aria("autocomplete", "list").Aria("haspopup", "listbox").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("autocorrect", "off").Attr("spellcheck", "false").Attr("enterkeyhint", "search").
		Placeholder("Filter: words, status:>=500, took:>2s …").
		OnInput(send.on(Typed{IDSearch})).OnFocus(send.on(SearchEntered{})).OnBlur(send.on(SearchLeft{}))
	var below app.UI
	switch {
	case s.Box.Open():
		in = in.Aria("controls", "q-list")
		if s.Box.At >= 0 {
			in = in.Aria("activedescendant", OfferID(s.Box.At))
		}
		below = s.list(send)
	case s.Problem.Reason != "":
		in = in.Aria("describedby", "q-error")
		below = s.wrong(send)
	case s.Hint != "":
		var better app.UI
		if s.Better != "" {
			better = quickly(send.on(viewer.SuggestionTaken{})).Body(app.Text("Search "), app.Code().Text(s.Better))
		}
		below = el("div", "float q-hint", app.P().Body(icon("info"), app.Span().Text(Sentence(s.Hint))), better)
	}
	if s.Problem.Reason != "" {
		in = in.Aria("invalid", "true")
	}
	return app.Form().Class("anchor search").Role("search").OnSubmit(send.submit(QueryGiven{})).Body(
		icon("search"), in, app.Span().Class("sr").Aria("live", "polite").Text(s.count()), below,
	)
}

// quickly is a button below the box. A press on it must not take the keyboard
// from the box: that would close what it stands in before the click.
func quickly(click app.EventHandler, scope any) app.HTMLButton {
	return app.Button().Type("button").Class("btn small").OnMouseDown(keep).OnClick(click, scope)
}

// keep leaves the keyboard where it is.
func keep(_ app.Context, e app.Event) { e.PreventDefault() }

// OfferID returns the id of a line of the list, to be scrolled into view.
func OfferID(i int) string { return "q-offer-" + strconv.Itoa(i) }

// count says to a screen reader that a list opened.
func (s Search) count() string {
	switch n, m := len(s.Box.Offers), len(s.Box.Recent); {
	case n > 0:
		return Some(n, "suggestion")
	case m > 0:
		return Some(m, "recent filter")
	}
	return ""
}

func (s Search) list(send Send) app.UI {
	var rows []app.UI
	line := func(i int, body ...app.UI) {
		class, on := "offer", i == s.Box.At
		if on {
			class += " on"
		}
		rows = append(rows, app.Li().ID(OfferID(i)).Class(class).Role("option").Aria("selected", on).OnMouseDown(keep).OnClick(send.on(OfferTaken{i})).Body(body...))
	}
	for i, c := range s.Box.Offers {
		line(i, txt("span", "offer-text", c.Label), txt("span", "offer-says mut", c.Detail))
	}
	label, keys := "Suggestions", []app.UI{app.Kbd().Text("↑"), app.Text(" "), app.Kbd().Text("↓"), app.Text(" choose · "), app.Kbd().Text("Tab"), app.Text(" takes · "), app.Kbd().Text("Enter"), app.Text(" searches")}
	if len(s.Box.Recent) > 0 {
		label, keys = "Recent filters", []app.UI{app.Kbd().Text("↑"), app.Text(" "), app.Kbd().Text("↓"), app.Text(" choose · "), app.Kbd().Text("Enter"), app.Text(" searches · "), app.Kbd().Text("Del"), app.Text(" forgets")}
	}
	for i, q := range s.Box.Recent {
		// An option may hold no button: Delete is the same from the keyboard.
		line(i, icon("recent"), txt("span", "offer-text", q),
			app.Span().Class("offer-drop").Aria("hidden", "true").Title("Forget this filter").OnMouseDown(keep).OnClick(send.inside(RecentDropped{i})).Body(icon("close")))
	}
	return el("div", "float q-list",
		app.Ul().ID("q-list").Role("listbox").Aria("label", label).Body(rows...),
		app.P().Class("offer-keys mut").Aria("hidden", "true").Body(keys...),
	)
}

// wrong shows where and why the filter cannot be read, and what to do.
func (s Search) wrong(send Send) app.UI {
	p := s.Problem
	var where app.UI
	if c := p.Column; c > 0 && p.Query != "" {
		r := []rune(p.Query + " ")
		c = min(c, len(r))
		where = app.P().Class("q-where").Aria("hidden", "true").Body(
			app.Text(string(r[:c-1])), app.Mark().Text(visible(r[c-1])), app.Text(string(r[c:])),
		)
	}
	text := ended(p.Reason)
	if p.Column > 0 {
		text = "column " + Count(p.Column) + ": " + small(text)
	}
	var acts []app.UI
	switch {
	case p.Fixed != "":
		acts = append(acts, quickly(send.on(viewer.SuggestionTaken{})).Body(app.Text("Did you mean "), app.Code().Text(p.Fixed), app.Text("?")))
	case isFilter(p.Suggestion):
		text = strings.TrimSuffix(text, ".") + "; for example " + p.Suggestion
	case p.Suggestion != "":
		text = strings.TrimSuffix(text, ".") + "; " + ended(p.Suggestion)
	}
	if p.AsText != "" {
		acts = append(acts, quickly(send.on(viewer.TextSearched{})).Text("Search as text"))
	}
	box := app.Div().ID("q-error").Class("float q-error")
	if s.Typing {
		box = box.Class("typing").Aria("live", "polite")
	} else {
		box = box.Role("alert")
	}
	return box.Body(
		where, el("div", "q-says", icon("alert"), txt("span", "q-why", text), el("div", "q-acts", acts...)),
	)
}

// small writes a sentence with a small letter, to stand behind a colon; words in
// capitals stay.
func small(s string) string {
	r := []rune(s)
	if len(r) > 1 && unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// isFilter reports whether a suggestion is a filter, and not a sentence: every
// condition of it names a field.
func isFilter(s string) bool {
	q, err := query.Parse(s)
	if err != nil {
		return false
	}
	clauses := q.Clauses()
	for _, c := range clauses {
		if c.Field == "" {
			return false
		}
	}
	return len(clauses) > 0
}

// problemOf is the problem of a filter that the server refused: what the parser
// says of it, else what the server said.
func problemOf(refused *fault.Error, filter string) viewer.FilterProblem {
	if refused == nil {
		return viewer.FilterProblem{}
	}
	p := viewer.FilterProblem{Column: refused.Column, Query: filter, Reason: refused.Msg}
	var wrong *query.Error
	if _, err := query.Parse(filter); errors.As(err, &wrong) {
		p.Column, p.Reason, p.Suggestion, p.AsText = wrong.Column, wrong.Reason, wrong.Suggestion, wrong.AsText
	} else if at := "column " + strconv.Itoa(p.Column) + ": "; strings.Contains(p.Reason, at) {
		_, p.Reason, _ = strings.Cut(p.Reason, at)
	}
	return p
}

// visible returns what to draw for the character that is wrong.
func visible(r rune) string {
	if r == ' ' {
		return "\u2423"
	}
	return string(r)
}
