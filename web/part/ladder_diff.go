package part

import (
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/job"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// values draws the short values that changed, and what stayed once it is unfolded.
// Of the first attempt all are new, and are drawn as plain values.
func (l Ladder) values(path string, d *job.Diff, first bool, send Send) []app.UI {
	var rows []app.UI
	for _, c := range d.Changed {
		if first {
			if c.Path == "outcome" || c.Path == "status" { // the head says it
				continue
			}
			rows = append(rows, el("div", "delta", txt("dt", "", c.Path), txt("dd", "", shortValue(c.New))))
			continue
		}
		rows = append(rows, changeRow(c))
	}
	out := []app.UI{}
	if !first && len(rows) == 0 {
		out = append(out, txt("p", "rung-same mut", "Outcome, status and error as before."))
	}
	same := path + ".same"
	open := l.State.isOpen(same, false)
	if open {
		for _, c := range d.Equal {
			rows = append(rows, changeRow(c))
		}
	}
	if len(rows) > 0 {
		out = append(out, el("dl", "deltas", rows...))
	}
	if n := len(d.Equal); n > 0 {
		out = append(out, foldButton(same, Some(n, "equal value"), open, send))
	}
	return out
}

// foldButton shows what is equal, or folds it.
func foldButton(path, what string, open bool, send Send) app.UI {
	label := "Show " + what
	if open {
		label = "Hide " + what
	}
	return press("btn small quiet rung-fold", send, NodeToggled{path, !open}).Aria("expanded", open).Text(label)
}

// changeRow draws one value: as it is, or before and after.
func changeRow(c diff.Change) app.UI {
	name := c.Path
	if name == "" {
		name = "value"
	}
	var dd app.UI
	switch {
	case c.Op == diff.Same:
		dd = txt("dd", "same", shortValue(c.New))
	case c.Op == diff.Changed && c.Words != nil && related(c.Words) && len(c.Old)+len(c.New) < fewBytes:
		dd = el("dd", "", sideOf("was", c.Words, diff.New), arrow(), sideOf("is", c.Words, diff.Gone))
	case c.Op == diff.New:
		dd = el("dd", "", txt("span", "none", "nothing"), arrow(), txt("ins", "", shortValue(c.New)))
	case c.Op == diff.Gone:
		dd = el("dd", "", txt("del", "", shortValue(c.Old)), arrow(), txt("span", "none", "nothing"))
	default:
		dd = el("dd", "", txt("del", "", shortValue(c.Old)), arrow(), txt("ins", "", shortValue(c.New)))
	}
	return el("div", "delta", txt("dt", "", name), dd)
}

func arrow() app.UI { return app.Span().Class("arrow").Aria("label", "became").Text(" → ") }

// rowsOfKeys is how many changed values of an answer are drawn before more are asked
// for.
const rowsOfKeys = 20

// keys draws what changed in an answer that is JSON.
func (l Ladder) keys(path string, d *job.Diff, send Send) app.UI {
	same := path + ".keys"
	open := l.State.isOpen(same, false)
	equal, left := 0, 0
	var rows []app.UI
	limit := rowsOfKeys + 10*rowsOfKeys*l.State.steps[same]
	for _, c := range d.Body.Keys {
		if c.Op == diff.Same {
			equal++
			if !open {
				continue
			}
		}
		if len(rows) == limit {
			left++
			continue
		}
		rows = append(rows, changeRow(c))
	}
	var more, fold app.UI
	if left > 0 {
		more = moreButton(same, "Show "+Some(left, "more value"), send)
	}
	if equal > 0 {
		fold = foldButton(same, Some(equal, "equal value")+" of the response", open, send)
	}
	return app.Section().Class("rung-diff").Aria("label", "Changes of the response body").Body(txt("h3", "group-title", "Response body"), el("dl", "deltas", rows...), more, fold)
}

// lines draws what changed in an answer that is text, with a few equal lines around.
func (l Ladder) lines(path string, d *job.Diff, send Send) app.UI {
	same := path + ".lines"
	open := l.State.isOpen(same, false)
	budget, left, folded := fewBytes, 0, 0
	if n := l.State.steps[same]; n > 0 {
		budget = n * stepBytes
	}
	var kids []app.UI
	class := ""
	add := func(op diff.Op, s string) {
		if len(s) > budget {
			cut := strings.ToValidUTF8(s[:budget], "")
			left += len(s) - len(cut)
			s = cut
		}
		budget -= len(s)
		switch {
		case s == "":
		case op != diff.Same && class != "": // in lines of its own
			kids = append(kids, txt(map[diff.Op]string{diff.Gone: "del", diff.New: "ins"}[op], class, decode.Visible(strings.TrimSuffix(s, "\n"))))
		default:
			kids = append(kids, piece(diff.Run{Op: op, Text: s}))
		}
	}
	runs := d.Body.Lines
	for i := 0; i < len(runs); i++ {
		r := runs[i]
		switch {
		case r.Op == diff.Same && !open:
			head, text, n, tail := brief(r.Text, i > 0, i+1 < len(runs))
			add(diff.Same, head)
			if n > 0 {
				folded += n
				kids = append(kids, txt("span", "rung-skip", "⋯ "+text))
			}
			add(diff.Same, strings.TrimPrefix(tail, "\n"))
		case r.Op == diff.Gone && i+1 < len(runs) && runs[i+1].Op == diff.New && len(r.Text)+len(runs[i+1].Text) < min(budget, fewBytes):
			words := diff.Words(r.Text, runs[i+1].Text)
			if !related(words) && (i == 0 || strings.HasSuffix(runs[i-1].Text, "\n")) {
				words, class = runs[i:i+2], "line"
			}
			for _, w := range words {
				add(w.Op, w.Text)
			}
			class = ""
			i++
		default:
			add(r.Op, r.Text)
		}
	}
	var more, fold app.UI
	if left > 0 {
		more = moreButton(same, "Show "+Count((left+1023)>>10)+" KB more", send)
	}
	if folded > 0 || open {
		fold = foldButton(same, "what is equal", open, send)
	}
	return app.Section().Class("rung-diff").Aria("label", "Changes of the response body").Body(txt("h3", "group-title", "Response body"), app.Pre().Class("rung-pre").TabIndex(0).Body(kids...), more, fold)
}

// brief splits an equal text into what is shown of its beginning and end, and says
// how much lies between: lines, or bytes of a long line.
func brief(s string, before, after bool) (head, between string, n int, tail string) {
	head, n, tail = shorten(s, before, after)
	if n > 0 {
		return head, Some(n, "equal line"), n, tail
	}
	const beside = 80
	if len(s) <= 4*beside {
		return s, "", 0, ""
	}
	from, to := 0, len(s)
	if before {
		from = beside
	}
	if after {
		to -= beside
	}
	head, tail = strings.ToValidUTF8(s[:from], ""), strings.ToValidUTF8(s[to:], "")
	n = len(s) - len(head) - len(tail)
	return head, Count(n) + " equal bytes", n, tail
}
