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
		return el("div", "")
	}
	var kinds, rows nodes
	for k, name := range jobKinds {
		n := 0
		for i := range l.Jobs {
			if JobKind(k).Is(&l.Jobs[i], l.Limit) {
				n++
			}
		}
		if n > 0 || l.Keep == JobKind(k) {
			kinds.add(button("seg", send, JobsKept{JobKind(k)}, attrs{"aria-pressed", yes(l.Keep == JobKind(k))}, app.Text(name+" "), txt("span", "mut", Count(n))))
		}
	}
	kept := l.Kept()
	for n, i := range kept[:min(len(kept), l.Rows)] {
		rows.add(l.row(n, i))
	}
	var more app.UI
	if left := len(kept) - l.Rows; left > 0 {
		more = button("btn small show-more", send, JobsGrown{}, nil, icon("down"), app.Text("Show "+Some(left, "more job")))
	}
	return el("div", "",
		group("segs job-kinds", "Which jobs", kinds...),
		aloud("ul", "jobs", "", "Jobs", rows...),
		more,
	)
}

func (l *Jobs) row(n, i int) app.UI {
	j := &l.Jobs[i]
	e := logs.Entry{Outcome: logs.ParseOutcome(j.Outcome), Took: tookOf(j), HasTook: j.TookMS > 0}
	class, current := "job-row mark-"+outcomeMark(&e, l.Limit).String(), ""
	kids := nodes{sign(), idOf("id", j.ID)}
	if j.Entries == 0 {
		class += " unread"
		kids.span("mut job-none", "no entries loaded")
	} else {
		status := ""
		if j.Status > 0 {
			status = strconv.Itoa(j.Status) + " "
		}
		when := "no time"
		if !j.Last.IsZero() {
			when = j.Last.In(l.Zone).Format("2006-01-02 15:04:05")
		}
		kids.add(txt("span", "job-word", status+j.Outcome))
		kids.span("job-count", Some(j.Attempts, "attempt"))
		kids.span("job-when", when)
		if d := j.Last.Sub(j.First); d > 0 && !j.First.IsZero() {
			kids.span("mut", "over "+Distance(d))
		}
		if j.TookMS > 0 {
			class, title, word := "job-took", "", "took "
			if used(j, l.Limit) >= job.Near {
				class, title = "job-took warn", "Near the time limit, or over it"
			}
			if j.Entries > 1 {
				word = "longest "
			}
			kids.add(tip(class, title, word+viewer.Took(e.Took)))
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
				kids.add(tip("badge warn", b.says, b.word))
			}
		}
	}
	if name := l.Names[j.Integration]; name != "" {
		kids.add(txt("span", "grow", ""))
		kids.span("mut ellipsis", decode.Visible(name))
	}
	if n == l.Chosen {
		class, current = class+" chosen", "true"
	}
	return el("li", "", elem("a", class, attrs{"id", JobID(n), "data-id", j.ID, "aria-current", current, "href", l.URLs[i]}, kids...))
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
	var facts, tools nodes
	in := &h.Integration
	if in.ID != "" {
		facts.integration(in.ID, h.Word, h.Copied, nil, send)
	}
	facts.reach(in.Detail, in.Status, in.Events)
	facts.fact("Read", app.Text(h.Span))
	tools.linked(h.EntriesURL, "Entries in the table")
	tools.linked(h.AllURL, "Jobs of all time")
	tools.linked(h.StoreURL, "Jobs of all "+h.Word+"s")
	return el("header", "job-head", el("div", "place-head", txt("h1", "", h.Title)), el("dl", "facts", facts...), el("div", "job-tools", tools...))
}

// integration adds the fact which integration it is, by what people call it, if
// there is that, and by its id.
func (n *nodes) integration(id, word, done string, name []app.UI, send Send) {
	n.fact(viewer.Capital(word), append(name, idOf("id mut", id), copyButton(done, "integration", "Copy the id of the "+word, send))...)
}

// reach adds the facts where an integration delivers to, in what state it is, and
// what it observes, as far as they are known.
func (n *nodes) reach(host, state string, observed []string) {
	if host != "" {
		n.fact("Delivers to", txt("span", "mono", decode.Visible(host)))
	}
	if state != "" {
		n.fact("State", app.Text(decode.Visible(state)))
	}
	if len(observed) > 0 {
		var list nodes
		for _, e := range observed {
			list.span("badge", decode.Visible(e))
		}
		n.fact("Observes", el("span", "events", list...))
	}
}
