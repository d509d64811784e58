package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What a list of jobs reports.
type (
	// JobsKept chooses which jobs are listed.
	JobsKept struct{ Keep JobKind }
	// JobsGrown lists more of them.
	JobsGrown struct{}
)

// JobKind is a kind of jobs that a list can be cut down to.
type JobKind uint8

// The kinds.
const (
	AllJobs JobKind = iota
	FailedJobs
	RetriedJobs // more than one attempt
	SlowJobs    // near the limit, or over it
	StrangeJobs // delivered twice, or in another order
	UnreadJobs  // no entry of them was read
	numJobKinds
)

var jobKinds = [numJobKinds]string{"All", "Failed", "Retried", "Near the limit", "Duplicate or swapped", "No entries loaded"}

// Is reports whether a job is of a kind.
func (k JobKind) Is(j *wire.Job, limit time.Duration) bool {
	switch k {
	case FailedJobs:
		return j.Outcome == logs.OutcomeFailed.String()
	case RetriedJobs:
		return j.Attempts > 1
	case SlowJobs:
		return used(j, limit) >= job.Near
	case StrangeJobs:
		return j.Repeated || j.Swapped || j.Overtaken != ""
	case UnreadJobs:
		return j.Entries == 0
	}
	return true
}

func used(j *wire.Job, limit time.Duration) job.Use {
	_, use := job.Used(&logs.Entry{Took: tookOf(j), HasTook: j.TookMS > 0}, limit)
	return use
}

func tookOf(j *wire.Job) time.Duration { return time.Duration(j.TookMS * float64(time.Millisecond)) }

// JobID returns the id of a row's element.
func JobID(i int) string { return "job-" + strconv.Itoa(i) }

// Jobs draws the jobs of an integration, or of a store. It is a value that still
// draws anew only when something in it was replaced.
type Jobs struct {
	Jobs   []wire.Job        // all of them
	URLs   []string          // of each
	Names  map[string]string // of integrations, by id; nil where all belong to one
	Keep   JobKind
	Rows   int // drawn at most
	Chosen int // among those kept, -1 for none
	Limit  time.Duration
	Zone   *time.Location
}

// Kept returns the places of the jobs that are listed.
func (l Jobs) Kept() []int {
	var out []int
	for i := range l.Jobs {
		if l.Keep.Is(&l.Jobs[i], l.Limit) {
			out = append(out, i)
		}
	}
	return out
}

// UI draws the list.
func (l Jobs) UI(send Send) app.UI {
	if len(l.Jobs) == 0 {
		return app.Div()
	}
	var kinds, rows []app.UI
	for k, name := range jobKinds {
		n := 0
		for i := range l.Jobs {
			if JobKind(k).Is(&l.Jobs[i], l.Limit) {
				n++
			}
		}
		if n > 0 || l.Keep == JobKind(k) {
			kinds = append(kinds, press("seg", send, JobsKept{JobKind(k)}).Aria("pressed", l.Keep == JobKind(k)).Body(app.Text(name+" "), txt("span", "mut", Count(n))))
		}
	}
	kept := l.Kept()
	for n, i := range kept[:min(len(kept), l.Rows)] {
		rows = append(rows, l.row(n, i))
	}
	var more app.UI
	if left := len(kept) - l.Rows; left > 0 {
		more = press("btn small show-more", send, JobsGrown{}).Body(icon("down"), app.Text("Show "+Some(left, "more job")))
	}
	return app.Div().Body(
		group("segs job-kinds", "Which jobs", kinds...),
		app.Ul().Class("jobs").Aria("label", "Jobs").Body(rows...),
		more,
	)
}

func (l Jobs) row(n, i int) app.UI {
	j := &l.Jobs[i]
	id := decode.Visible(j.ID)
	outcome := logs.ParseOutcome(j.Outcome)
	e := logs.Entry{Outcome: outcome, Took: tookOf(j), HasTook: j.TookMS > 0}
	mark := outcomeMark(&e, l.Limit)
	class := "job-row mark-" + mark.String()
	cell := func(class, text string) app.UI { return txt("span", class, text) }
	kids := []app.UI{
		app.Span().Class("sign").Aria("hidden", "true"),
		app.Span().Class("id").Title(id).Text(viewer.MiddleCut(id)),
	}
	if j.Entries == 0 {
		class += " unread"
		kids = append(kids, cell("mut job-none", "no entries loaded"))
	} else {
		status := ""
		if j.Status > 0 {
			status = strconv.Itoa(j.Status) + " "
		}
		when := "no time"
		if !j.Last.IsZero() {
			when = j.Last.In(l.Zone).Format("2006-01-02 15:04:05")
		}
		kids = append(kids, cell("job-word", status+j.Outcome), cell("job-count", Some(j.Attempts, "attempt")), cell("job-when", when))
		if d := j.Last.Sub(j.First); d > 0 && !j.First.IsZero() {
			kids = append(kids, cell("mut", "over "+Distance(d)))
		}
		if j.TookMS > 0 {
			took := app.Span().Class("job-took")
			if used(j, l.Limit) >= job.Near {
				took = app.Span().Class("job-took warn").Title("Near the time limit, or over it")
			}
			word := "took "
			if j.Entries > 1 {
				word = "longest "
			}
			kids = append(kids, took.Text(word+viewer.Took(tookOf(j))))
		}
		for _, b := range [...]struct {
			is         bool
			word, says string
		}{
			{j.Repeated, "duplicate", "An attempt was logged twice, or came after the job had been delivered"},
			{j.Swapped, "order swapped", "An attempt was logged after a later one"},
			{j.Overtaken != "", "overtaken", "Job " + decode.Visible(j.Overtaken) + " began later and was delivered earlier"},
		} {
			if b.is {
				kids = append(kids, app.Span().Class("badge warn").Title(b.says).Text(b.word))
			}
		}
	}
	if name := l.Names[j.Integration]; name != "" {
		kids = append(kids, cell("grow", ""), app.Span().Class("mut ellipsis").Text(decode.Visible(name)))
	}
	a := app.A().ID(JobID(n)).Class(class).DataSet("id", j.ID)
	if n == l.Chosen {
		a = a.Class(class+" chosen").Aria("current", "true")
	}
	if l.URLs[i] != "" {
		a = a.Href(l.URLs[i])
	}
	return app.Li().Body(a.Body(kids...))
}

// JobsHead is what stands above a list of jobs.
type JobsHead struct {
	Title       string
	Integration wire.Integration
	Word        string
	Span        string // that entries were read of
	EntriesURL  string
	AllURL      string // the same of all time; "" where it is that already
	StoreURL    string // the jobs of the whole store; "" where it is that already
	Copied      string
}

// UI draws the head.
func (h JobsHead) UI(send Send) app.UI {
	var facts []app.UI
	add := func(name string, value ...app.UI) {
		facts = append(facts, el("div", "fact", txt("dt", "", name), el("dd", "", value...)))
	}
	in := h.Integration
	if in.ID != "" {
		add(viewer.Capital(h.Word), app.Span().Class("id mut").Title(decode.Visible(in.ID)).Text(viewer.MiddleCut(decode.Visible(in.ID))),
			JobHead{Copied: h.Copied}.copyButton("integration", "Copy the id of the "+h.Word, send))
	}
	if in.Detail != "" {
		add("Delivers to", txt("span", "mono", decode.Visible(in.Detail)))
	}
	if in.Status != "" {
		add("State", app.Text(decode.Visible(in.Status)))
	}
	if len(in.Events) > 0 {
		add("Observes", events(in.Events))
	}
	add("Read", app.Text(h.Span))
	tools := []app.UI{app.A().Class("btn small").Href(h.EntriesURL).Text("Entries in the table")}
	if h.AllURL != "" {
		tools = append(tools, app.A().Class("btn small").Href(h.AllURL).Text("Jobs of all time"))
	}
	if h.StoreURL != "" {
		tools = append(tools, app.A().Class("btn small").Href(h.StoreURL).Text("Jobs of all "+h.Word+"s"))
	}
	return el("header", "job-head", el("div", "place-head", txt("h1", "", h.Title)), el("dl", "facts", facts...), el("div", "job-tools", tools...))
}

func events(names []string) app.UI {
	var list []app.UI
	for _, e := range names {
		list = append(list, txt("span", "badge", decode.Visible(e)))
	}
	return el("span", "events", list...)
}
