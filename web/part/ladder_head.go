package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
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

func (h *JobHead) title(send Send) app.UI {
	out := nodes{el("h1", "", app.Text("Job "), idOf("id", h.ID)), copyButton(h.Copied, "job", "Copy the id of the job", send)}
	if n := len(h.Job.Rungs); n > 0 {
		e := h.Job.Rungs[h.Job.Final].Entry
		word := e.Outcome.String()
		if word == "" {
			word = "outcome not told"
		}
		out.add(el("span", "job-outcome mark-"+outcomeMark(e, h.Limit).String(), sign(), app.Text(word+" after "+Some(h.Job.Attempts, "attempt"))))
	}
	out.badges(h.Job.Badges)
	return el("div", "place-head", out...)
}

// copyButton is a button that copies what; done names what was copied last.
func copyButton(done, what, label string, send Send) app.UI {
	picture, class := "copy", "btn icon small quiet"
	if done == what {
		picture, label, class = "check", "Copied", class+" done"
	}
	return pictured(class, picture, label, label, send, Copied{what})
}

// facts are what people call the integration, where it delivers to, and when.
func (h *JobHead) facts(send Send) app.UI {
	var out nodes
	in := &h.Integration
	name, host := in.Name, in.Detail
	if name == "" {
		name = h.Job.Name
	}
	if host == "" {
		host = h.Job.Host
	}
	if in.ID != "" {
		var value nodes
		if name != "" && name != in.ID {
			value.add(lettered("a", "", decode.Visible(name), "href", h.JobsURL, "title", "All its jobs"))
		}
		if in.Status == "disabled" {
			value.span("badge", in.Status)
		}
		out.integration(in.ID, h.Word, h.Copied, value, send)
	}
	out.reach(host, "", in.Events)
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
		out.fact("Attempts", app.Text(text+" "+OffsetName(from)), txt("span", "mut", tail))
	}
	return el("dl", "facts", out...)
}

// maxDots bounds the attempts on the axis: more would be one line.
const maxDots = 120

// axis draws the attempts as dots, where the distance is the time between them.
func (h *JobHead) axis() app.UI {
	span := h.Job.Last.Sub(h.Job.First)
	if span <= 0 {
		return nil
	}
	rungs := h.Job.Rungs
	dots := nodes{draw("line", attrs{"x1", "1%", "x2", "99%", "y1", "9", "y2", "9"})}
	for i := max(0, len(rungs)-maxDots); i < len(rungs); i++ {
		e := rungs[i].Entry
		if e.Time.IsZero() {
			continue
		}
		at := 1 + 98*float64(e.Time.Sub(h.Job.First))/float64(span)
		dots.add(draw("circle", attrs{"data-mark", outcomeMark(e, h.Limit).String(), "r", "5", "cy", "9", "cx", strconv.FormatFloat(at, 'f', 2, 64) + "%"}))
	}
	return el("div", "job-axis", draw("svg", attrs{"height", "18", "width", "100%", "aria-hidden", "true"}, dots...))
}

func (h *JobHead) tools(send Send) app.UI {
	class := "field limit"
	if h.WrongLimit {
		class += " wrong"
	}
	var quick, out nodes
	for _, d := range [...]time.Duration{10 * time.Second, 30 * time.Second} {
		quick.add(pick("seg", Distance(d), d == h.Limit, send, LimitChosen{d}))
	}
	field := input(IDLimit, "text", class, attrs{"value", Distance(h.Limit), "aria-label", "Time limit of a delivery", "aria-invalid", yes(h.WrongLimit),
		"autocomplete", "off", "spellcheck", "false", "title", "Such as 15 s"}).OnChange(send.on(Typed{IDLimit}))
	shown := "Copy link"
	picture := "link"
	if h.Copied == "link" {
		shown, picture = "Copied", "check"
	}
	out.linked(h.EntriesURL, "Its entries in the table")
	out.linked(h.JobsURL, "All jobs of this "+h.Word)
	out.add(button("btn small", send, Copied{"link"}, nil, icon(picture), app.Text(shown)))
	out.add(group("limits", "Time limit", txt("span", "mut", "Time limit"), el("span", "segs", quick...), field))
	return el("div", "job-tools", out...)
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
		busy = working(text+" … ", send, WaitLeft{})
	}
	if w.Err != nil {
		wrong = Fault{Err: w.Err, Retry: w.Retry}.UI(send)
		if t := w.Target; t.Vendor != "" {
			if w.Lacks {
				wrong = txt("p", "", "This page reads "+w.Vendor+", account "+t.Account+" ("+w.Label+"), which this session is not connected to.")
			}
			wrong = el("div", "job-connect", wrong,
				worded("btn primary", "Connect "+w.Vendor, send, ConnectMissing{Vendor: t.Vendor, Region: t.Region, Account: t.Account}),
				txt("p", "mut", "You come back here afterwards."),
			)
		}
	}
	if w.Empty != "" {
		empty = el("div", "job-empty", txt("p", "", w.Empty), worded("btn", "Ask again", send, Retried{w.Retry}))
	}
	switch {
	case w.Stopped:
		work = el("p", "place-wait", app.Text("Comparing was canceled. "), tool("Compare the rest", send, CompareLeft{Again: true}))
	case w.Of > 0:
		work = working("Comparing attempts: "+Count(w.Comparing)+" of "+Count(w.Of)+" ", send, CompareLeft{})
	}
	return elem("div", "job-state", attrs{"aria-live", "polite"}, slot(busy), slot(wrong), slot(empty), notes(w.Notes), slot(work))
}

// working says what is under way, which msg ends.
func working(text string, send Send, msg any) app.UI {
	return el("p", "place-wait", mute("span", "spin"), app.Text(" "+text), tool("Cancel", send, msg))
}

// notes are sentences below each other.
func notes(texts []string) app.UI {
	var out nodes
	for _, s := range texts {
		out.add(txt("p", "job-note mut", s))
	}
	return el("div", "", out...)
}

// CoverageNote says in a sentence what could not be read, "" where all was.
func CoverageNote(cs []logs.Coverage) string {
	for _, c := range cs {
		if c.State == logs.Failed {
			s := Sentence(c.Reason)
			if c.Said != "" && !strings.Contains(c.Reason, c.Said) {
				s += " The vendor says: " + decode.Visible(redact.Lens{}.Text(c.Said))
			}
			return s
		}
	}
	return ""
}
