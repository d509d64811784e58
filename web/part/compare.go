package part

import (
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What a comparison reports.
type (
	// CompareAsked asks for the two entries marked last side by side.
	CompareAsked struct{}
	// SameShown shows what is equal in a section, or folds it again.
	SameShown struct{ Section string }
	// MoreCompared shows more of a section or of a long text.
	MoreCompared struct{ ID string }
)

// Compare draws two entries side by side, and what differs between them.
type Compare struct {
	Compared *Compared // nil while one of the entries is missing
	Labels   map[string]string
	URLs     [2]string // of the entries in the table
	Zone     *time.Location
	State    CompareState

	Wait    string   // what is under way
	Missing []string // sentences: what could not be found, and why
	More    bool     // searching further back may help
}

// CompareState is what the reader did with a comparison. The zero value is a new
// one.
type CompareState struct {
	same  map[string]bool // sections that show what is equal
	steps map[string]int
}

// Next returns the state after an event, and whether it was one of a comparison.
func (s CompareState) Next(event any) (CompareState, bool) {
	switch e := event.(type) {
	case SameShown:
		s.same = maps.Clone(s.same)
		if s.same == nil {
			s.same = map[string]bool{}
		}
		s.same[e.Section] = !s.same[e.Section]
	case MoreCompared:
		s.steps = maps.Clone(s.steps)
		if s.steps == nil {
			s.steps = map[string]int{}
		}
		s.steps[e.ID]++
	default:
		return s, false
	}
	return s, true
}

// rowsAtOnce is how many values of a section are drawn before the reader asks for
// more.
const rowsAtOnce = 200

// UI draws the comparison.
func (c Compare) UI(send Send) app.UI {
	head := el("div", "place-head", txt("h1", "", "Compare"))
	if c.Compared == nil {
		var body []app.UI
		if c.Wait != "" {
			body = append(body, el("p", "place-wait", app.Span().Class("spin").Aria("hidden", "true"), app.Text(" "+c.Wait)))
		}
		for _, m := range c.Missing {
			body = append(body, txt("p", "cmp-missing", m))
		}
		if c.More {
			body = append(body, press("btn", send, ActionGiven{viewer.ActSearchOn}).Text(Offer(viewer.ActSearchOn)))
		}
		return el("div", "cmp", append([]app.UI{head}, body...)...)
	}
	n := c.Compared.Differs()
	word := Some(n, "difference")
	if n == 0 {
		word = "No differences"
	}
	body := []app.UI{
		el("div", "place-head", txt("h1", "", "Compare"), txt("span", "cmp-count", word), txt("span", "mut", c.Compared.Apart)),
		el("div", "cmp-sides", c.side(0), c.side(1)),
	}
	for i := range c.Compared.sections {
		body = append(body, c.section(&c.Compared.sections[i], send))
	}
	return el("div", "cmp", body...)
}

// side is the head of one entry.
func (c Compare) side(i int) app.UI {
	e := &c.Compared.Entries[i]
	label := c.Labels[e.Src]
	if label == "" {
		label = e.Src
	}
	when := "no time"
	if !e.Time.IsZero() {
		local := e.Time.In(c.Zone)
		when = local.Format("2006-01-02 15:04:05.999999999") + " " + OffsetName(local)
	}
	class := "cmp-side"
	if m := markOf(e).String(); m != "" {
		class += " mark-" + m
	}
	return app.Article().Class(class).Aria("label", [2]string{"Earlier entry", "Later entry"}[i]).Body(
		el("p", "cmp-when", txt("b", "", [2]string{"Earlier", "Later"}[i]), txt("span", "mono", when), txt("span", "mut", label)),
		el("p", "cmp-summary", app.A().Href(c.URLs[i]).Title("Show it in the table").Text(decode.Visible(decode.Mask(title(*e))))),
	)
}

// markOf is how an entry catches the eye, as in the table.
func markOf(e *logs.Entry) viewer.Mark {
	switch {
	case e.Level >= logs.LevelError || e.Outcome == logs.OutcomeFailed || e.Outcome == logs.OutcomeRejected || e.Status >= 500:
		return viewer.MarkError
	case e.Level == logs.LevelWarning || e.Outcome == logs.OutcomeWarned || e.Status >= 400:
		return viewer.MarkWarning
	}
	return viewer.MarkNone
}

func (c Compare) section(s *section, send Send) app.UI {
	differ := len(s.rows) - s.same
	open := c.State.same[s.id]
	var fold app.UI
	if s.same > 0 {
		label := "Show " + Some(s.same, "equal value")
		if open {
			label = "Hide " + Some(s.same, "equal value")
		}
		fold = press("btn small quiet", send, SameShown{s.id}).Aria("expanded", open).Text(label)
	}
	var rows []app.UI
	limit, left := rowsAtOnce*(1+9*c.State.steps[s.id]), 0
	for i := range s.rows {
		r := &s.rows[i]
		if r.Op == diff.Same && !open {
			continue
		}
		if len(rows) >= limit {
			left++
			continue
		}
		rows = append(rows, c.row(s, r, send))
	}
	var note, more app.UI
	switch {
	case s.note != "":
		note = txt("p", "mut", s.note)
	case differ == 0:
		note = txt("p", "mut", "Nothing differs here.")
	}
	if left > 0 {
		more = press("btn small quiet show-more", send, MoreCompared{s.id}).Body(icon("down"), app.Text("Show "+Some(left, "more value")))
	}
	return app.Section().Class("cmp-part").Aria("label", s.title).DataSet("section", s.id).Body(
		el("div", "cmp-title", txt("h2", "", s.title), fold), note,
		el("div", "cmp-rows", rows...), more,
	)
}

// opWords say aloud what the colours say.
var opWords = map[diff.Op]string{diff.Same: "equal", diff.Gone: "only earlier", diff.New: "only later", diff.Changed: "changed"}

var opClasses = map[diff.Op]string{diff.Same: "cmp-row same", diff.Gone: "cmp-row gone", diff.New: "cmp-row new", diff.Changed: "cmp-row"}

func (c Compare) row(s *section, r *pairRow, send Send) app.UI {
	name := r.Path
	if name == "" {
		name = "text"
	}
	var cut app.UI
	if r.Cut {
		cut = app.Span().Class("badge cut").Title("The vendor cut it off").Text("✂ cut")
	}
	label := el("span", "cmp-name", txt("span", "", decode.Visible(name)), txt("span", "sr", ", "+opWords[r.Op]), cut)
	class := opClasses[r.Op]
	if r.lines != nil {
		class += " long"
	}
	row := app.Div().Class(class).DataSet("path", r.Path)
	switch {
	case r.lines != nil:
		return row.Body(label, c.text(s.id+"/"+r.Path, r.lines, send))
	case r.Op == diff.Same:
		return row.Body(label, el("span", "cmp-both", app.Text(c.brief(r.Old))))
	case r.Words != nil && related(r.Words):
		return row.Body(label, sideOf("cmp-old", r.Words, diff.New), sideOf("cmp-new", r.Words, diff.Gone))
	}
	return row.Body(label, whole("cmp-old", "del", c.brief(r.Old), r.Op != diff.New), whole("cmp-new", "ins", c.brief(r.New), r.Op != diff.Gone))
}

// related reports whether two values have so much in common that marking words
// helps; else they are shown as two values.
func related(runs []diff.Run) bool {
	same, all := 0, 0
	for _, r := range runs {
		all += len(r.Text)
		if r.Op == diff.Same {
			same += len(strings.TrimSpace(r.Text))
		}
	}
	return same*4 >= all
}

func (c Compare) brief(s string) string {
	if short := some(s, 0); short != s {
		s = short + "…"
	}
	return decode.Visible(s)
}

// whole is one side of a value as a whole.
func whole(class, tag, text string, there bool) app.UI {
	if !there {
		return app.Span().Class(class+" none").Aria("hidden", "true").Text("–")
	}
	return el("span", class, txt(tag, "", text))
}

// sideOf is one side of a value with what is only there marked; without is what the
// other side has.
func sideOf(class string, runs []diff.Run, without diff.Op) app.UI {
	var kids []app.UI
	for _, r := range runs {
		if r.Op != without {
			kids = append(kids, piece(r))
		}
	}
	return el("span", class, kids...)
}

func piece(r diff.Run) app.UI {
	text := decode.Visible(r.Text)
	switch r.Op {
	case diff.Gone:
		return txt("del", "", text)
	case diff.New:
		return txt("ins", "", text)
	}
	return app.Text(text)
}

// aroundLines is how many equal lines stand before and after what differs.
const aroundLines = 2

// text draws what differs in a long text, with few lines of what is equal around.
// It is one text with both sides in it, which needs no more room than a phone has.
func (c Compare) text(id string, runs []diff.Run, send Send) app.UI {
	budget, left := fewBytes*(1+24*c.State.steps[id]), 0
	var kids []app.UI
	add := func(op diff.Op, s string) {
		if len(s) > budget {
			cut := some(s[:budget], 1)
			for len(cut) > 0 && !utf8.RuneStart(s[len(cut)]) {
				cut = cut[:len(cut)-1]
			}
			left += len(s) - len(cut)
			s, budget = cut, 0
		} else {
			budget -= len(s)
		}
		if s != "" {
			kids = append(kids, piece(diff.Run{Op: op, Text: s}))
		}
	}
	for i := 0; i < len(runs); i++ {
		r := runs[i]
		if r.Op == diff.Same {
			head, mid, tail := shorten(r.Text, i > 0, i+1 < len(runs))
			add(diff.Same, head)
			if mid > 0 {
				kids = append(kids, txt("span", "cmp-fold", "⋯ "+Some(mid, "equal line")))
			}
			add(diff.Same, tail)
			continue
		}
		if r.Op == diff.Gone && i+1 < len(runs) && runs[i+1].Op == diff.New && budget > 0 && len(r.Text)+len(runs[i+1].Text) < fewBytes {
			if w := diff.Words(r.Text, runs[i+1].Text); related(w) {
				for _, x := range w {
					add(x.Op, x.Text)
				}
				i++
				continue
			}
		}
		add(r.Op, r.Text)
	}
	var more app.UI
	if left > 0 {
		more = press("btn small quiet show-more", send, MoreCompared{id}).Body(icon("down"), app.Text("Show "+Count((left+1023)>>10)+" KB more"))
	}
	return el("div", "cmp-text", app.Pre().Class("cmp-pre").TabIndex(0).Body(kids...), more)
}

// shorten splits an equal text into its first and last lines and how many lines are
// between them.
func shorten(s string, before, after bool) (head string, mid int, tail string) {
	all := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	h, t := 0, 0
	if before {
		h = aroundLines
	}
	if after {
		t = aroundLines
	}
	if len(all) <= h+t+1 {
		return s, 0, ""
	}
	return strings.Join(all[:h], ""), len(all) - h - t, strings.TrimPrefix(s, strings.Join(all[:len(all)-t], ""))
}
