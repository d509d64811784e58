package part

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What a ladder reports, beside PanelEvents and Copied.
type (
	// RungChosen makes an attempt the one that the address names.
	RungChosen struct{ At int }
	// RungsShown shows more attempts than the ladder draws at once.
	RungsShown struct{ Earlier bool }
	// CompareLeft ends the comparing of attempts that is under way, or begins it
	// again.
	CompareLeft struct{ Again bool }
)

// RungID returns the id of an attempt's element.
func RungID(i int) string { return "rung-" + strconv.Itoa(i) }

// Ladder draws the attempts of a job on a vertical axis of time, the oldest at the
// top, each with what changed since the one before. It is a value that still draws
// anew only when something in it was replaced.
type Ladder struct {
	Job      *job.Ladder
	Rungs    []Rung // one for each of Job's
	From, To int    // which of them are drawn
	Chosen   int    // -1 for none
	Limit    time.Duration
	Zone     *time.Location
	Copied   string
	Failed   string
	State    PanelState
	Lens     redact.Lens // through which diffs and answers were made
}

// Rung is what was found out about one attempt.
type Rung struct {
	Diff   *job.Diff // nil until it was compared
	Answer *Answer   // nil until it was read
}

// Answer is what an endpoint answered to one attempt, read once.
type Answer struct{ block }

// ReadAnswer reads what an endpoint answered to the i-th attempt. It returns nil for
// nothing.
func ReadAnswer(i int, text string) *Answer {
	if text == "" {
		return nil
	}
	b, _ := newBlock("body", text)
	b.id, b.title = strconv.Itoa(i)+".body", "Response body"
	return &Answer{b}
}

// answerPath is where the state keeps whether an attempt's answer is shown.
func answerPath(i int) string { return strconv.Itoa(i) + ".answer" }

// AnswerOf returns the attempt whose answer an event shows or hides.
func AnswerOf(e NodeToggled) (i int, ok bool) {
	s, ok := strings.CutSuffix(e.Path, ".answer")
	i, err := strconv.Atoi(s)
	return i, ok && err == nil
}

// Copy returns what a copy of something holds, "" where there is nothing of it in
// the ladder.
func (l Ladder) Copy(what string) string {
	switch what {
	case "job":
		return l.Job.ID
	case "integration":
		return l.Job.Integration
	}
	_, rest, _ := strings.Cut(what, ":")
	n, _, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(n)
	if err != nil || i < 0 || i >= len(l.Rungs) || l.Rungs[i].Answer == nil {
		return ""
	}
	e := *l.Job.Rungs[i].Entry
	t := &told{entry: e, lens: l.Lens, blocks: []block{l.Rungs[i].Answer.block}}
	return Details{Entry: e, Lens: l.Lens, State: PanelState{told: t}}.Copy(what)
}

// UI draws the ladder.
func (l Ladder) UI(send Send) app.UI {
	rows := make([]app.UI, 0, 2+2*(l.To-l.From))
	more := func(n int, what string, earlier bool) {
		if n > 0 {
			rows = append(rows, el("li", "rung-more", tool("Show "+Some(min(n, MoreRungs), what), send, RungsShown{earlier})))
		}
	}
	more(l.From, "earlier attempt", true)
	for i := l.From; i < l.To; i++ {
		rows = append(rows, l.gap(i), l.rung(i, send))
	}
	more(len(l.Rungs)-l.To, "later attempt", false)
	return slot(listed("ladder", "Attempts", rows))
}

// MoreRungs is how many attempts are shown at once, and how many more are when asked.
const MoreRungs = 50

// Bounds of the stretch of the axis between two attempts, in CSS pixels.
const (
	shortGap = 12
	longGap  = 132
)

// gap draws how long it was from the attempt before: the longer, the more room,
// by the logarithm, since attempts are milliseconds or hours apart.
func (l *Ladder) gap(i int) app.UI {
	r := &l.Job.Rungs[i]
	if i == 0 && r.Skips == 0 {
		return hidden("li", "gap")
	}
	height, text := shortGap, ""
	switch {
	case i == 0:
	case !r.HasGap:
		text = "the vendor gave no time"
	default:
		height = min(shortGap+int(10*math.Log2(1+r.Gap.Seconds())), longGap)
		text = "+" + Distance(r.Gap)
		if r.Gap == 0 {
			text = "at the same moment"
		}
	}
	size := attrs{"width", "2", "height", strconv.Itoa(height)}
	kids := nodes{draw("svg", size, draw("rect", size)).Attr("aria-hidden", "true"), txt("span", "gap-text", text)}
	if r.Skips > 0 {
		kids.span("warn", Some(r.Skips, "attempt")+" before this one not among what the vendor keeps")
	}
	return el("li", "gap", kids...)
}

// outcomeMark is how the outcome of an attempt catches the eye.
func outcomeMark(e *logs.Entry, limit time.Duration) viewer.Mark {
	_, use := job.Used(e, limit)
	switch {
	case e.Outcome == logs.OutcomeFailed:
		return viewer.MarkError
	case use >= job.Near:
		return viewer.MarkWarning
	case e.Outcome == logs.OutcomeSucceeded:
		return viewer.MarkOK
	}
	return viewer.MarkNone
}

func (l *Ladder) rung(i int, send Send) app.UI {
	r := &l.Job.Rungs[i]
	e := r.Entry
	name := "Attempt " + strconv.Itoa(e.Attempt)
	if e.Attempt == 0 {
		name = "Entry " + strconv.Itoa(i+1)
	}
	class, current := "rung mark-"+outcomeMark(e, l.Limit).String(), ""
	if i == l.Chosen {
		class, current = class+" chosen", "true"
	}
	head := nodes{sign(), worded("rung-name", name, send, RungChosen{i}).Attr("title", "Link to this attempt"), l.at(i)}
	if e.Status > 0 {
		head.span("rung-status", strconv.Itoa(e.Status))
	}
	head.span("rung-outcome", e.Outcome.String())
	if e.HasTook {
		d := Details{Entry: *e, Limit: l.Limit}
		head.add(el("span", "rung-took", append([]app.UI{duration(viewer.Took(e.Took))}, d.gauge()...)...))
	}
	head.badges(r.Badges)
	return elem("li", class, attrs{"id", RungID(i), "data-id", e.ID, "data-attempt", strconv.Itoa(e.Attempt), "aria-current", current},
		el("div", "rung-head", head...),
		l.changes(i, send),
	)
}

// at is when an attempt was logged; the day is there where it is another one than of
// the attempt above.
func (l *Ladder) at(i int) app.UI {
	t := l.Job.Rungs[i].Entry.Time
	if t.IsZero() {
		return txt("span", "mut", "no time")
	}
	local, layout := t.In(l.Zone), "15:04:05.000"
	if i == l.From || l.Job.Rungs[i-1].Entry.Time.In(l.Zone).YearDay() != local.YearDay() {
		layout = "2006-01-02 " + layout
	}
	u := t.UTC()
	return lettered("time", "rung-at", local.Format(layout), "datetime", u.Format(time.RFC3339Nano), "title", u.Format("2006-01-02 15:04:05.999999999")+" UTC")
}

// badges are the words for what is unusual, each with what it means.
var badges = [...]struct {
	of         job.Badge
	word, says string
}{
	{job.Repeated, "duplicate", "The same attempt was logged before under another id: deliveries may come more than once"},
	{job.Again, "delivered again", "The job had been delivered before: its endpoint may have handled it twice"},
	{job.Late, "order swapped", "A later attempt was logged before this one"},
}

func (n *nodes) badges(of job.Badge) {
	for i := range badges {
		if b := &badges[i]; of&b.of != 0 {
			n.add(tip("badge warn", b.says, b.word))
		}
	}
}

// changes draws what changed since the attempt before.
func (l *Ladder) changes(i int, send Send) app.UI {
	d := l.Rungs[i].Diff
	if d == nil {
		return txt("p", "rung-wait mut", "Not compared yet")
	}
	path := strconv.Itoa(i)
	out := l.values(path, d, i == 0, send)
	shown := l.State.isOpen(answerPath(i), d.Body.Form == job.First)
	var ui app.UI
	folds := true
	switch d.Body.Form {
	case job.NoBody:
		if folds = false; i == 0 {
			ui = txt("p", "mut", "Nothing was answered.")
		}
	case job.First:
		folds = false
	case job.Equal:
		ui = txt("p", "rung-same mut", "The same response body as before.")
	case job.ByKey:
		ui = l.keys(path, d, send)
	case job.ByLine:
		ui = l.lines(path, d, send)
	}
	out.add(ui)
	if folds {
		label := "Show the whole response"
		if shown {
			label = "Hide the response"
		}
		out.add(folder("", answerPath(i), label, shown, send))
	}
	if a := l.Rungs[i].Answer; shown && a != nil {
		b := a.block
		out.add(Details{Entry: *l.Job.Rungs[i].Entry, Lens: l.Lens, Zone: l.Zone, Copied: l.Copied, Failed: l.Failed, State: l.State}.block(&b, send))
	}
	return el("div", "rung-body", out...)
}

// shortValue is a text as a rung shows it in one row.
func shortValue(s string) string {
	if cut := some(s, 0); cut != s {
		s = cut + "…"
	}
	return decode.Visible(s)
}
