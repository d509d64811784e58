package part

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
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
	t := &told{entry: e, blocks: []block{l.Rungs[i].Answer.block}}
	return Details{Entry: e, State: PanelState{told: t}}.Copy(what)
}

// UI draws the ladder.
func (l Ladder) UI(send Send) app.UI {
	var rows []app.UI
	if l.From > 0 {
		rows = append(rows, el("li", "rung-more", press("btn small", send, RungsShown{true}).Text("Show "+Some(min(l.From, MoreRungs), "earlier attempt"))))
	}
	for i := l.From; i < l.To; i++ {
		rows = append(rows, l.gap(i), l.rung(i, send))
	}
	if left := len(l.Rungs) - l.To; left > 0 {
		rows = append(rows, el("li", "rung-more", press("btn small", send, RungsShown{}).Text("Show "+Some(min(left, MoreRungs), "later attempt"))))
	}
	return app.Div().Body(app.Ol().Class("ladder").Aria("label", "Attempts").Body(rows...))
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
func (l Ladder) gap(i int) app.UI {
	r := l.Job.Rungs[i]
	if i == 0 && r.Skips == 0 {
		return app.Li().Class("gap").Hidden(true)
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
	var skips app.UI
	if r.Skips > 0 {
		skips = txt("span", "warn", Some(r.Skips, "attempt")+" before this one not among what the vendor keeps")
	}
	h := strconv.Itoa(height)
	return el("li", "gap",
		svg("svg").Attr("width", "2").Attr("height", h).Aria("hidden", "true").Body(svg("rect").Attr("width", "2").Attr("height", h)),
		txt("span", "gap-text", text), skips,
	)
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

func (l Ladder) rung(i int, send Send) app.UI {
	r, e := l.Job.Rungs[i], l.Job.Rungs[i].Entry
	name := "Attempt " + strconv.Itoa(e.Attempt)
	if e.Attempt == 0 {
		name = "Entry " + strconv.Itoa(i+1)
	}
	class := "rung mark-" + outcomeMark(e, l.Limit).String()
	head := []app.UI{
		app.Span().Class("sign").Aria("hidden", "true"),
		press("rung-name", send, RungChosen{i}).Title("Link to this attempt").Text(name),
		l.at(i),
	}
	if e.Status > 0 {
		head = append(head, txt("span", "rung-status", strconv.Itoa(e.Status)))
	}
	if word := e.Outcome.String(); word != "" {
		head = append(head, txt("span", "rung-outcome", word))
	}
	if e.HasTook {
		d := Details{Entry: *e, Limit: l.Limit}
		head = append(head, el("span", "rung-took", append([]app.UI{duration(viewer.Took(e.Took))}, d.gauge()...)...))
	}
	for _, b := range badges(r.Badges) {
		head = append(head, app.Span().Class("badge warn").Title(b[1]).Text(b[0]))
	}
	li := app.Li().ID(RungID(i)).Class(class).DataSet("id", e.ID).DataSet("attempt", e.Attempt)
	if i == l.Chosen {
		li = li.Class(class+" chosen").Aria("current", "true")
	}
	return li.Body(
		el("div", "rung-head", head...),
		l.changes(i, send),
	)
}

// at is when an attempt was logged; the day is there where it is another one than of
// the attempt above.
func (l Ladder) at(i int) app.UI {
	t := l.Job.Rungs[i].Entry.Time
	if t.IsZero() {
		return txt("span", "mut", "no time")
	}
	local, layout := t.In(l.Zone), "15:04:05.000"
	if i == l.From || l.Job.Rungs[i-1].Entry.Time.In(l.Zone).YearDay() != local.YearDay() {
		layout = "2006-01-02 " + layout
	}
	return app.Time().Class("rung-at").Attr("datetime", t.UTC().Format(time.RFC3339Nano)).Title(t.UTC().Format("2006-01-02 15:04:05.999999999") + " UTC").Text(local.Format(layout))
}

// badges are the words for what is unusual, each with what it means.
func badges(b job.Badge) [][2]string {
	var out [][2]string
	if b&job.Repeated != 0 {
		out = append(out, [2]string{"duplicate", "The same attempt was logged before under another id: deliveries may come more than once"})
	}
	if b&job.Again != 0 {
		out = append(out, [2]string{"delivered again", "The job had been delivered before: its endpoint may have handled it twice"})
	}
	if b&job.Late != 0 {
		out = append(out, [2]string{"order swapped", "A later attempt was logged before this one"})
	}
	return out
}

// changes draws what changed since the attempt before.
func (l Ladder) changes(i int, send Send) app.UI {
	d := l.Rungs[i].Diff
	if d == nil {
		return txt("p", "rung-wait mut", "Not compared yet")
	}
	path := strconv.Itoa(i)
	out := l.values(path, d, i == 0, send)
	shown := l.State.isOpen(answerPath(i), d.Body.Form == job.First)
	var answer, fold app.UI
	switch d.Body.Form {
	case job.NoBody:
		if i == 0 {
			out = append(out, txt("p", "mut", "Nothing was answered."))
		}
	case job.Equal:
		out = append(out, txt("p", "rung-same mut", "The same response body as before."))
	case job.ByKey:
		out = append(out, l.keys(path, d, send))
	case job.ByLine:
		out = append(out, l.lines(path, d, send))
	}
	if a := l.Rungs[i].Answer; shown && a != nil {
		b := a.block
		answer = Details{Entry: *l.Job.Rungs[i].Entry, Zone: l.Zone, Copied: l.Copied, Failed: l.Failed, State: l.State}.block(&b, send)
	}
	if f := d.Body.Form; f == job.Equal || f == job.ByKey || f == job.ByLine {
		label := "Show the whole response"
		if shown {
			label = "Hide the response"
		}
		fold = press("btn small quiet", send, NodeToggled{answerPath(i), !shown}).Aria("expanded", shown).Text(label)
	}
	return el("div", "rung-body", append(out, fold, answer)...)
}

// shortValue is a text as a rung shows it in one row.
func shortValue(s string) string {
	if cut := some(s, 0); cut != s {
		s = cut + "…"
	}
	return decode.Visible(s)
}
