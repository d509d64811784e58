package page

import (
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// jobsPlace lists the jobs of an integration, or of a whole store, within the span of
// the address.
type jobsPlace struct {
	p    *logs
	v    view.View
	at   view.Place
	span alogs.Span
	ask  *asking
	list part.Jobs
}

// jobRows is how many jobs are drawn at once, and how many more are when asked.
const jobRows = 100

func newJobs(p *logs) place { return &jobsPlace{p: p} }

func (j *jobsPlace) open(v view.View) {
	if j.ask != nil && v.At(v.Place()).URL() == j.v.At(j.v.Place()).URL() {
		j.v = v
		return
	}
	j.close()
	j.v, j.at = v, v.Place()
	j.list = part.Jobs{Chosen: -1, Rows: jobRows, Keep: j.list.Keep}
	j.load()
}

func (j *jobsPlace) close() {
	if j.ask != nil {
		j.ask.cancel()
	}
}

func (j *jobsPlace) load() {
	j.span, _ = j.v.Span(j.p.deps.Now(), j.p.m.Zone()) // one that cannot be read is none
	j.ask = askJobs(j.p, j.v, j.at, &j.span)
	j.ask.after = j.build
}

func (j *jobsPlace) build() {
	if !j.ask.Ready {
		return
	}
	jobs := j.ask.Value.Jobs
	urls := make([]string, len(jobs))
	for i := range jobs {
		if jobs[i].Integration != "" {
			urls[i] = j.v.At(view.Place{Kind: view.Job, Vendor: j.at.Vendor, A: jobs[i].Integration, B: jobs[i].ID}).URL()
		}
	}
	j.list.Jobs, j.list.URLs, j.list.Chosen, j.list.Names = jobs, urls, -1, nil
	if j.at.A == "" {
		j.list.Names = map[string]string{}
		for _, in := range j.ask.Value.Integrations {
			j.list.Names[in.ID] = in.Name
		}
	}
}

func (j *jobsPlace) key(cmd command) bool {
	switch cmd {
	case cmdDown:
		j.list.Chosen = min(j.list.Chosen+1, len(j.list.Kept())-1, j.list.Rows-1)
	case cmdUp:
		j.list.Chosen = min(max(j.list.Chosen-1, 0), len(j.list.Kept())-1)
	case cmdReload:
		j.p.later(part.Retried{What: jobRetry})
	default:
		return false
	}
	if at := j.list.Chosen; at >= 0 {
		// Enter is then the link's own.
		j.p.ctx.Defer(func(app.Context) { dom.Focus(part.JobID(at), false) })
	}
	return true
}

func (j *jobsPlace) on(_ app.Context, event any) bool {
	switch e := event.(type) {
	case part.JobsKept:
		j.list.Keep, j.list.Chosen, j.list.Rows = e.Keep, -1, jobRows
	case part.JobsGrown:
		j.list.Rows += 5 * jobRows
	case part.WaitLeft:
		j.ask.cancel()
	case part.Retried:
		if e.What != jobRetry {
			return false
		}
		known := j.ask.Value
		j.load()
		j.ask.Value = known
	case part.Copied:
		if e.What != "integration" {
			return false
		}
		j.p.put(e.What, j.at.A)
	default:
		return false
	}
	return true
}

func (j *jobsPlace) body() app.UI {
	p := j.p
	vendor := vendorNamed(p.vendors.Value, j.at.Vendor)
	head := part.JobsHead{
		Title: "Jobs", Word: wordOf(j.at.Vendor), Integration: wire.Integration{ID: j.at.A}, Copied: p.copied,
		EntriesURL: entriesOf(j.v, j.at).URL(), Span: view.SpanText(j.span, p.m.Zone()),
	}
	if preset, ok := j.v.Preset(); ok {
		head.Span = preset.Label
	}
	for i := range j.ask.Value.Integrations {
		if in := &j.ask.Value.Integrations[i]; in.ID == j.at.A {
			head.Integration, head.Title = *in, "Jobs of "+in.Name
			break
		}
	}
	if j.at.A != "" {
		head.StoreURL = j.v.At(view.Place{Kind: view.Jobs, Vendor: j.at.Vendor}).URL()
	}
	if j.v.From != view.All {
		all := j.v
		all.From, all.To = view.All, ""
		head.AllURL = all.URL()
	}
	j.list.Zone, j.list.Limit = p.m.Zone(), p.set.limit
	wait := j.ask.wait(vendor, 0)
	if wait.Retry = jobRetry; !wait.Busy && wait.Err == nil && len(j.list.Jobs) == 0 {
		wait.Empty = "No entries of jobs in this time, and " + vendor.Title + " names no others."
	}
	for i := range j.ask.Value.Coverage {
		if c := &j.ask.Value.Coverage[i]; c.State == alogs.More || c.State == alogs.Capped {
			wait.Notes = append(wait.Notes, "Older entries exist that were not read: jobs whose entries are among those are shown without an outcome, or not at all.")
			break
		}
	}
	return el("div", "job", head.UI(p.on), wait.UI(p.on), &still{Part: j.list, send: p.on})
}
