package part

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
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

	Work    string   // how two large entries are being compared, which the reader may end
	Left    bool     // the reader ended that
	Wait    string   // what else is under way
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
		same := map[string]bool{}
		for k, on := range s.same {
			same[k] = on
		}
		same[e.Section] = !same[e.Section]
		s.same = same
	case MoreCompared:
		steps := map[string]int{}
		for k, n := range s.steps {
			steps[k] = n
		}
		steps[e.ID]++
		s.steps = steps
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
	head := []app.UI{txt("h1", "", "Compare")}
	var body []app.UI
	if c.Compared == nil {
		switch {
		case c.Left:
			body = append(body, el("p", "place-wait", app.Text("Comparing was canceled. "), tool("Compare them", send, CompareLeft{Again: true})))
		case c.Work != "":
			body = append(body, working(c.Work+" ", send, CompareLeft{}))
		}
		if c.Wait != "" {
			body = append(body, el("p", "place-wait", mute("span", "spin"), app.Text(" "+c.Wait)))
		}
		for _, m := range c.Missing {
			body = append(body, txt("p", "cmp-missing", m))
		}
		if c.More {
			body = append(body, searchOn("btn", send))
		}
	} else {
		word := "No differences"
		if n := c.Compared.Differs(); n > 0 {
			word = Some(n, "difference")
		}
		head = append(head, txt("span", "cmp-count", word), mut(c.Compared.Apart))
		body = append(body, el("div", "cmp-sides", c.side(0, "Earlier"), c.side(1, "Later")))
		for i := range c.Compared.sections {
			body = append(body, c.section(&c.Compared.sections[i], send))
		}
	}
	return el("div", "cmp", append([]app.UI{placeHead(head...)}, body...)...)
}

// side is the head of one entry.
func (c *Compare) side(i int, word string) app.UI {
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
	return aloud("article", class, "", word+" entry",
		el("p", "cmp-when", txt("b", "", word), txt("span", "mono", when), tip("mut", viewer.Account(e.Src), label)),
		el("p", "cmp-summary", rowLink(c.URLs[i], title(*e))),
	)
}

// rowLink leads to an entry in the table, by its summary.
func rowLink(href, summary string) app.HTMLElem {
	return link("", href, "Show it in the table", app.Text(decode.Visible(redact.Secrets(summary))))
}

// searchOn offers to search further back.
func searchOn(class string, send Send) app.UI {
	return worded(class, Offer(viewer.ActSearchOn), send, ActionGiven{viewer.ActSearchOn})
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

func (c *Compare) section(s *section, send Send) app.UI {
	open := c.State.same[s.id]
	var fold, note, more app.UI
	if s.same > 0 {
		label := "Show "
		if open {
			label = "Hide "
		}
		fold = worded("btn small quiet", label+Some(s.same, "equal value"), send, SameShown{s.id}).Attr("aria-expanded", yes(open))
	}
	var rows []app.UI
	limit, left := rowsAtOnce*(1+9*c.State.steps[s.id]), 0
	for i := range s.rows {
		switch r := &s.rows[i]; {
		case r.Op == diff.Same && !open:
		case len(rows) >= limit:
			left++
		default:
			rows = append(rows, c.row(s, r, send))
		}
	}
	says := s.note
	if says == "" && len(s.rows) == s.same {
		says = "Nothing differs here."
	}
	if says != "" {
		note = txt("p", "mut", says)
	}
	if left > 0 {
		more = further("Show "+Some(left, "more value"), send, MoreCompared{s.id})
	}
	return elem("section", "cmp-part", attrs{"aria-label", s.title, "data-section", s.id},
		el("div", "cmp-title", txt("h2", "", s.title), fold), note,
		el("div", "cmp-rows", rows...), more,
	)
}

// ops say aloud what the colours say.
var ops = [...]struct{ word, class string }{
	diff.Same: {"equal", " same"}, diff.Gone: {"only earlier", " gone"}, diff.New: {"only later", " new"}, diff.Changed: {"changed", ""},
}

func (c *Compare) row(s *section, r *pairRow, send Send) app.UI {
	name := r.Path
	if name == "" {
		name = "text"
	}
	var cut app.UI
	if r.Cut {
		cut = tip("badge cut", "The vendor cut it off", "✂ cut")
	}
	class := "cmp-row" + ops[r.Op].class
	var left, right app.UI
	switch {
	case r.lines != nil:
		class += " long"
		left = c.text(s.id+"/"+r.Path, r.lines, send)
	case r.Op == diff.Same:
		left = txt("span", "cmp-both", inBrief(r.Old))
	case r.Words != nil && related(r.Words):
		left, right = sideOf("cmp-old", r.Words, diff.New), sideOf("cmp-new", r.Words, diff.Gone)
	default:
		left, right = whole("cmp-old", "del", r.Old, r.Op != diff.New), whole("cmp-new", "ins", r.New, r.Op != diff.Gone)
	}
	return el("div", class, el("span", "cmp-name", quoted("span", "", name), txt("span", "sr", ", "+ops[r.Op].word), cut), left, right).(app.HTMLElem).DataSet("path", r.Path)
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

func inBrief(s string) string {
	if short := some(s, 0); short != s {
		s = short + "…"
	}
	return decode.Visible(s)
}

// whole is one side of a value as a whole.
func whole(class, tag, text string, there bool) app.UI {
	if !there {
		return mute("span", class+" none", app.Text("–"))
	}
	return el("span", class, txt(tag, "", inBrief(text)))
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
	case diff.Same:
		return app.Text(text)
	case diff.Gone:
		return txt("del", "", text)
	}
	return txt("ins", "", text)
}

// aroundLines is how many equal lines stand before and after what differs.
const aroundLines = 2

// text draws what differs in a long text, with few lines of what is equal around.
// It is one text with both sides in it, which needs no more room than a phone has.
func (c *Compare) text(id string, runs []diff.Run, send Send) app.UI {
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
		more = further("Show "+Count((left+1023)>>10)+" KB more", send, MoreCompared{id})
	}
	return el("div", "cmp-text", elem("pre", "cmp-pre", attrs{"tabindex", "0"}, kids...), more)
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
