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
func (l *Ladder) values(path string, d *job.Diff, first bool, send Send) (out nodes) {
	var rows nodes
	for i := range d.Changed {
		if c := &d.Changed[i]; !first {
			rows.add(changeRow(c))
		} else if c.Path != "outcome" && c.Path != "status" { // the head says those
			rows.add(termed("delta", c.Path, shortValue(c.New)))
		}
	}
	if !first && rows == nil {
		out.add(txt("p", "rung-same mut", "Outcome, status and error as before."))
	}
	same := path + ".same"
	open := l.State.isOpen(same, false)
	if open {
		for i := range d.Equal {
			rows.add(changeRow(&d.Equal[i]))
		}
	}
	if rows != nil {
		out.add(el("dl", "deltas", rows...))
	}
	if n := len(d.Equal); n > 0 {
		out.add(foldButton(same, Some(n, "equal value"), open, send))
	}
	return out
}

// foldButton shows what is equal, or folds it.
func foldButton(path, what string, open bool, send Send) app.UI {
	verb := "Show "
	if open {
		verb = "Hide "
	}
	return folder(" rung-fold", path, verb+what, open, send)
}

// changeRow draws one value: as it is, or before and after.
func changeRow(c *diff.Change) app.UI {
	name := c.Path
	if name == "" {
		name = "value"
	}
	kids := nodes{txt("dt", "", name)}
	if c.Op == diff.Same {
		kids.add(txt("dd", "same", shortValue(c.New)))
		return el("div", "delta", kids...)
	}
	var was, is app.UI
	if c.Op == diff.Changed && c.Words != nil && related(c.Words) && len(c.Old)+len(c.New) < fewBytes {
		was, is = sideOf("was", c.Words, diff.New), sideOf("is", c.Words, diff.Gone)
	} else {
		was, is = valueOr("del", c.Old, c.Op != diff.New), valueOr("ins", c.New, c.Op != diff.Gone)
	}
	kids.add(el("dd", "", was, lettered("span", "arrow", " → ", "aria-label", "became"), is))
	return el("div", "delta", kids...)
}

// valueOr draws one side of a change, or that there is nothing.
func valueOr(tag, text string, there bool) app.UI {
	if !there {
		return txt("span", "none", "nothing")
	}
	return txt(tag, "", shortValue(text))
}

// rowsOfKeys is how many changed values of an answer are drawn before more are asked
// for.
const rowsOfKeys = 20

// keys draws what changed in an answer that is JSON.
func (l *Ladder) keys(path string, d *job.Diff, send Send) app.UI {
	same := path + ".keys"
	open := l.State.isOpen(same, false)
	equal, left := 0, 0
	var rows nodes
	limit := rowsOfKeys + 10*rowsOfKeys*l.State.steps[same]
	for i := range d.Body.Keys {
		c := &d.Body.Keys[i]
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
		rows.add(changeRow(c))
	}
	var more, fold app.UI
	if left > 0 {
		more = moreButton(same, "Show "+Some(left, "more value"), send)
	}
	if equal > 0 {
		fold = foldButton(same, Some(equal, "equal value")+" of the response", open, send)
	}
	return changesOf(el("dl", "deltas", rows...), more, fold)
}

// changesOf is what changed in an answer.
func changesOf(what, more, fold app.UI) app.UI {
	return aloud("section", "rung-diff", "", "Changes of the response body", txt("h3", "group-title", "Response body"), what, more, fold)
}

// lines draws what changed in an answer that is text, with a few equal lines around.
func (l *Ladder) lines(path string, d *job.Diff, send Send) app.UI {
	same := path + ".lines"
	open := l.State.isOpen(same, false)
	budget, left, folded := fewBytes, 0, 0
	if n := l.State.steps[same]; n > 0 {
		budget = n * stepBytes
	}
	var kids nodes
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
			tag := "ins"
			if op == diff.Gone {
				tag = "del"
			}
			kids.add(txt(tag, class, decode.Visible(strings.TrimSuffix(s, "\n"))))
		default:
			kids.add(piece(diff.Run{Op: op, Text: s}))
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
				kids.span("rung-skip", "⋯ "+text)
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
	return changesOf(elem("pre", "rung-pre", attrs{"tabindex", "0"}, kids...), more, fold)
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
