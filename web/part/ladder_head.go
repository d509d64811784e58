package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// IDLimit is the id of the field with the time limit.
const IDLimit = "limit"

// LimitChosen sets the time limit that deliveries are measured against.
type LimitChosen struct{ Limit time.Duration }

// JobHead is what stands above the attempts of a job.
type JobHead struct {
	ID          string
	Job         *job.Ladder // may have no rungs yet
	Integration wire.Integration
	Word        string // "integration", or what the vendor calls it
	Vendor      string
	JobsURL     string // the jobs of the integration
	EntriesURL  string // the entries of the job in the table
	Limit       time.Duration
	WrongLimit  bool // what stands in the field is none
	Zone        *time.Location
	Now         time.Time
	Copied      string
}

// UI draws the head.
func (h JobHead) UI(send Send) app.UI {
	return el("header", "job-head", h.title(send), h.facts(send), h.axis(), h.tools(send))
}

func (h JobHead) title(send Send) app.UI {
	id := decode.Visible(h.ID)
	out := []app.UI{
		app.H1().Body(app.Text("Job "), app.Span().Class("id").Title(id).Text(viewer.MiddleCut(id))),
		h.copyButton("job", "Copy the id of the job", send),
	}
	if n := len(h.Job.Rungs); n > 0 {
		e := h.Job.Rungs[h.Job.Final].Entry
		word := e.Outcome.String()
		if word == "" {
			word = "outcome not told"
		}
		out = append(out, el("span", "job-outcome mark-"+outcomeMark(e, h.Limit).String(),
			app.Span().Class("sign").Aria("hidden", "true"), app.Text(word+" after "+Some(h.Job.Attempts, "attempt")),
		))
	}
	for _, b := range badges(h.Job.Badges) {
		out = append(out, app.Span().Class("badge warn").Title(b[1]).Text(b[0]))
	}
	return el("div", "place-head", out...)
}

func (h JobHead) copyButton(what, label string, send Send) app.UI {
	picture, class := "copy", "btn icon small quiet"
	if h.Copied == what {
		picture, label, class = "check", "Copied", class+" done"
	}
	return press(class, send, Copied{what}).Aria("label", label).Title(label).Body(icon(picture))
}

// facts are what people call the integration, where it delivers to, and when.
func (h JobHead) facts(send Send) app.UI {
	var out []app.UI
	add := func(name string, value ...app.UI) {
		out = append(out, el("div", "fact", txt("dt", "", name), el("dd", "", value...)))
	}
	in := h.Integration
	name, host := in.Name, in.Detail
	if name == "" {
		name = h.Job.Name
	}
	if host == "" {
		host = h.Job.Host
	}
	if in.ID != "" {
		id := app.Span().Class("id mut").Title(decode.Visible(in.ID)).Text(viewer.MiddleCut(decode.Visible(in.ID)))
		value := []app.UI{}
		if name != "" && name != in.ID {
			value = append(value, app.A().Href(h.JobsURL).Title("All its jobs").Text(decode.Visible(name)))
		}
		if in.Status == "disabled" {
			value = append(value, txt("span", "badge", in.Status))
		}
		add(viewer.Capital(h.Word), append(value, id, h.copyButton("integration", "Copy the id of the "+h.Word, send))...)
	}
	if host != "" {
		add("Delivers to", txt("span", "mono", decode.Visible(host)))
	}
	if len(in.Events) > 0 {
		add("Observes", events(in.Events))
	}
	if l := h.Job; !l.First.IsZero() {
		from, to := l.First.In(h.Zone), l.Last.In(h.Zone)
		text := from.Format("2006-01-02 15:04:05")
		if !to.Equal(from) {
			layout := "15:04:05"
			if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
				layout = "2006-01-02 " + layout
			}
			text += " – " + to.Format(layout)
		}
		tail := Age(h.Now, l.Last)
		if d := l.Last.Sub(l.First); d > 0 {
			tail = "over " + Distance(d) + ", " + tail
		}
		add("Attempts", app.Text(text+" "+OffsetName(from)), txt("span", "mut", tail))
	}
	return el("dl", "facts", out...)
}

// maxDots bounds the attempts on the axis: more would be one line.
const maxDots = 120

// axis draws the attempts as dots, where the distance is the time between them.
func (h JobHead) axis() app.UI {
	span := h.Job.Last.Sub(h.Job.First)
	if span <= 0 {
		return nil
	}
	rungs := h.Job.Rungs
	dots := []app.UI{svg("line").Attr("x1", "1%").Attr("x2", "99%").Attr("y1", "9").Attr("y2", "9")}
	for i := max(0, len(rungs)-maxDots); i < len(rungs); i++ {
		e := rungs[i].Entry
		if e.Time.IsZero() {
			continue
		}
		at := 1 + 98*float64(e.Time.Sub(h.Job.First))/float64(span)
		dots = append(dots, svg("circle").Attr("data-mark", outcomeMark(e, h.Limit).String()).Attr("r", "5").Attr("cy", "9").Attr("cx", strconv.FormatFloat(at, 'f', 2, 64)+"%"))
	}
	return el("div", "job-axis", svg("svg").Attr("height", "18").Attr("width", "100%").Aria("hidden", "true").Body(dots...))
}

func (h JobHead) tools(send Send) app.UI {
	class := "field limit"
	if h.WrongLimit {
		class += " wrong"
	}
	limit := h.Limit
	var quick []app.UI
	for _, d := range [...]time.Duration{10 * time.Second, 30 * time.Second} {
		quick = append(quick, press("seg", send, LimitChosen{d}).Aria("pressed", d == limit).Text(Distance(d)))
	}
	field := app.Input().ID(IDLimit).Class(class).Type("text").Value(Distance(limit)).Aria("label", "Time limit of a delivery").Aria("invalid", h.WrongLimit).
		Attr("autocomplete", "off").Attr("spellcheck", "false").Title("Such as 15 s").OnChange(send.on(Typed{IDLimit}))
	shown := "Copy link"
	picture := "link"
	if h.Copied == "link" {
		shown, picture = "Copied", "check"
	}
	return el("div", "job-tools",
		app.A().Class("btn small").Href(h.EntriesURL).Text("Its entries in the table"),
		app.A().Class("btn small").Href(h.JobsURL).Text("All jobs of this "+h.Word),
		press("btn small", send, Copied{"link"}).Body(icon(picture), app.Text(shown)),
		group("limits", "Time limit", txt("span", "mut", "Time limit"), el("span", "segs", quick...), field),
	)
}

// JobWait says what is under way, or why there is nothing to see.
type JobWait struct {
	Vendor string
	Busy   bool
	For    time.Duration // that it has been under way
	Shown  int           // attempts that are shown meanwhile
	Err    *fault.Error
	Target logs.Target // what a new connection may help with; zero for none
	Lacks  bool        // there is none for it yet
	Label  string      // of the target's region
	Empty  string      // why there is nothing, "" where there is something
	Notes  []string
	// Comparing is how many attempts were compared, of Of; Of is 0 where that is done.
	Comparing, Of int
	Stopped       bool // comparing was
	Retry         string
}

// What can be left or asked for again while a place waits.
type WaitLeft struct{}

// UI draws the state. Its children are of a constant number.
func (w JobWait) UI(send Send) app.UI {
	var busy, wrong, empty, work app.UI
	if w.Busy {
		text := "Asking " + w.Vendor
		if w.Shown > 0 {
			text = Some(w.Shown, "attempt") + " among the loaded entries. Asking " + w.Vendor + " for all of them"
		}
		if w.For >= time.Second {
			text += ", " + Length(w.For)
		}
		busy = el("p", "place-wait", app.Span().Class("spin").Aria("hidden", "true"), app.Text(" "+text+" … "), press("btn small", send, WaitLeft{}).Text("Cancel"))
	}
	if w.Err != nil {
		wrong = Fault{Err: w.Err, Retry: w.Retry}.UI(send)
		if t := w.Target; t.Vendor != "" {
			if w.Lacks {
				wrong = txt("p", "", "This page shows a job of "+w.Vendor+", account "+t.Account+" ("+w.Label+"), which this session is not connected to.")
			}
			wrong = el("div", "job-connect", wrong,
				press("btn primary", send, ConnectMissing{Vendor: t.Vendor, Region: t.Region, Account: t.Account}).Text("Connect "+w.Vendor),
				txt("p", "mut", "You come back here afterwards."),
			)
		}
	}
	if w.Empty != "" {
		empty = el("div", "job-empty", txt("p", "", w.Empty), press("btn", send, Retried{w.Retry}).Text("Ask again"))
	}
	var notes []app.UI
	for _, n := range w.Notes {
		notes = append(notes, txt("p", "job-note mut", n))
	}
	switch {
	case w.Stopped:
		work = el("p", "place-wait", app.Text("Comparing was canceled. "), press("btn small", send, CompareLeft{Again: true}).Text("Compare the rest"))
	case w.Of > 0:
		work = el("p", "place-wait", app.Span().Class("spin").Aria("hidden", "true"), app.Text(" Comparing attempts: "+Count(w.Comparing)+" of "+Count(w.Of)+" "), press("btn small", send, CompareLeft{}).Text("Cancel"))
	}
	return app.Div().Class("job-state").Aria("live", "polite").Body(app.Div().Body(busy), app.Div().Body(wrong), app.Div().Body(empty), el("div", "", notes...), app.Div().Body(work))
}

// CoverageNote says in a sentence what could not be read, "" where all was.
func CoverageNote(cs []logs.Coverage) string {
	for _, c := range cs {
		if c.State == logs.Failed {
			s := Sentence(c.Reason)
			if c.Said != "" && !strings.Contains(c.Reason, c.Said) {
				s += " The vendor says: " + decode.Visible(c.Said)
			}
			return s
		}
	}
	return ""
}
