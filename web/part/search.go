package part

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
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
	Lens    redact.Lens
}

// UI draws the box.
func (s Search) UI(send Send) app.UI {
	with := attrs{"role", "searchbox", "aria-autocomplete", "list", "aria-haspopup", "listbox", "autocapitalize", "off", "autocorrect", "off", "enterkeyhint", "search"}
	var below app.UI
	switch {
	case s.Box.Open():
		with = append(with, "aria-controls", "q-list")
		if s.Box.At >= 0 {
			with = append(with, "aria-activedescendant", OfferID(s.Box.At))
		}
		below = s.list(send)
	case s.Problem.Reason != "":
		with = append(with, "aria-describedby", "q-error")
		below = s.wrong(send)
	case s.Hint != "":
		var better app.UI
		if s.Better != "" {
			better = quickly(send, viewer.SuggestionTaken{}, app.Text("Search "), txt("code", "", s.Better))
		}
		below = el("div", "float q-hint", el("p", "", icon("info"), txt("span", "", Sentence(s.Hint))), better)
	}
	if s.Problem.Reason != "" {
		with = append(with, "aria-invalid", "true")
	}
	in := field(IDSearch, "Filter", "Filter: words, status:>=500, took:>2s …", send, with...).OnFocus(send.on(SearchEntered{})).OnBlur(send.on(SearchLeft{}))
	return posted("anchor search", send, QueryGiven{}, attrs{"role", "search"}, icon("search"), in, spoken("span", s.count()), below)
}

// quickly is a button below the box. A press on it must not take the keyboard
// from the box: that would close what it stands in before the click.
func quickly(send Send, msg any, kids ...app.UI) app.UI {
	return button("btn small", send, msg, nil, kids...).OnMouseDown(keep)
}

// keep leaves the keyboard where it is.
func keep(_ app.Context, e app.Event) { e.PreventDefault() }

// OfferID returns the id of a line of the list, to be scrolled into view.
func OfferID(i int) string { return "q-offer-" + strconv.Itoa(i) }

// count says to a screen reader that a list opened.
func (s *Search) count() string {
	switch n, m := len(s.Box.Offers), len(s.Box.Recent); {
	case n > 0:
		return Some(n, "suggestion")
	case m > 0:
		return Some(m, "recent filter")
	}
	return ""
}

func (s *Search) list(send Send) app.UI {
	var rows nodes
	line := func(i int, body ...app.UI) {
		rows.add(option(OfferID(i), "offer", i == s.Box.At, send, OfferTaken{i}, body...))
	}
	for i := range s.Box.Offers {
		c := &s.Box.Offers[i]
		line(i, txt("span", "offer-text", s.Lens.Field(s.Box.field(c.From), c.Label)), txt("span", "offer-says mut", c.Detail))
	}
	label, keys := "Suggestions", [...]string{"Tab", " takes · ", "Enter", " searches"}
	if len(s.Box.Recent) > 0 {
		label, keys = "Recent filters", [...]string{"Enter", " searches · ", "Del", " forgets"}
	}
	for i, q := range s.Box.Recent {
		// An option may hold no button: Delete is the same from the keyboard.
		line(i, icon("recent"), txt("span", "offer-text", q),
			mute("span", "offer-drop", icon("close")).Attr("title", "Forget this filter").OnMouseDown(keep).OnClick(send.inside(RecentDropped{i})))
	}
	says := nodes{txt("kbd", "", "↑"), app.Text(" "), txt("kbd", "", "↓"), app.Text(" choose · ")}
	for i := 0; i < len(keys); i += 2 {
		says.add(txt("kbd", "", keys[i]))
		says.add(app.Text(keys[i+1]))
	}
	return el("div", "float q-list",
		aloud("ul", "", "listbox", label, rows...).ID("q-list"),
		mute("p", "offer-keys mut", says...),
	)
}

func (s *Search) wrong(send Send) app.UI {
	p := &s.Problem
	var where app.UI
	if c := p.Column; c > 0 && p.Query != "" {
		r := []rune(p.Query + " ")
		c = min(c, len(r))
		where = mute("p", "q-where", app.Text(string(r[:c-1])), txt("mark", "", visible(r[c-1])), app.Text(string(r[c:])))
	}
	text := ended(p.Reason)
	if p.Column > 0 {
		text = "column " + Count(p.Column) + ": " + small(text)
	}
	var fix, as app.UI
	switch {
	case p.Fixed != "":
		fix = quickly(send, viewer.SuggestionTaken{}, app.Text("Did you mean "), txt("code", "", p.Fixed), app.Text("?"))
	case isFilter(p.Suggestion):
		text = strings.TrimSuffix(text, ".") + "; for example " + p.Suggestion
	case p.Suggestion != "":
		text = strings.TrimSuffix(text, ".") + "; " + ended(p.Suggestion)
	}
	if p.AsText != "" {
		as = quickly(send, viewer.TextSearched{}, app.Text("Search as text"))
	}
	class, with := "float q-error", attrs{"id", "q-error", "role", "alert"}
	if s.Typing {
		class, with = class+" typing", attrs{"id", "q-error", "aria-live", "polite"}
	}
	return elem("div", class, with,
		where, el("div", "q-says", icon("alert"), txt("span", "q-why", text), el("div", "q-acts", fix, as)),
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

// visible returns what to draw for the character that is wrong.
func visible(r rune) string {
	if r == ' ' {
		return "\u2423"
	}
	return string(r)
}
