package page

import (
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/job"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// jobPlace is one job with its attempts. It begins with those that the table holds,
// and asks the server for all of them.
type jobPlace struct {
	p      *logs
	v      view.View
	at     view.Place
	ask    *asking
	seen   []alogs.Entry // of the job, among the rows of the table
	ladder part.Ladder
	texts  map[int]string // answers read for comparing, by rung
	stop   func()         // ends the comparing; nil while none is under way
	left   bool           // comparing was canceled
	wrong  bool           // the limit that stands in the field is none
}

func newJob(p *logs) place { return &jobPlace{p: p} }

// open shows a job, and of the same job another attempt.
func (j *jobPlace) open(v view.View) {
	same := j.ask != nil && v.Place() == j.at && slices.Equal(v.Src, j.v.Src)
	j.v, j.at = v, v.Place()
	if same {
		j.choose()
		return
	}
	j.close()
	j.seen, j.left, j.wrong = nil, false, false
	j.ladder = part.Ladder{Job: &job.Ladder{Final: -1}, Chosen: -1}
	j.load()
	// Meanwhile, what is there already: also what comes in later, where the table
	// follows what is new.
	var found []alogs.Entry
	j.p.scan(func() { found = nil }, func(row int) {
		if j.p.m.Cell(row, "job") != j.at.B {
			return
		}
		if e := j.p.m.Entry(row); e.Job == j.at.B && e.Fields.Text("integration") == j.at.A && sameAccount(e.Src, j.v.Src) {
			found = append(found, e)
		}
	}, func() {
		if len(found) != len(j.seen) {
			j.seen = found
			j.build()
		}
	})
}

// sameAccount reports whether a target belongs to the account of one of those.
func sameAccount(src string, of []string) bool {
	t, err := alogs.ParseTarget(src)
	if err != nil {
		return false
	}
	for _, o := range of {
		if u, err := alogs.ParseTarget(o); err == nil && t.SameAccount(u) {
			return true
		}
	}
	return false
}

func (j *jobPlace) close() {
	if j.ask != nil {
		j.ask.cancel()
	}
	j.halt()
}

func (j *jobPlace) halt() {
	if j.stop != nil {
		j.stop()
	}
	j.stop, j.texts = nil, nil
}

func (j *jobPlace) load() {
	j.ask = askJobs(j.p, j.v, j.at, nil)
	j.ask.after = j.build
}

// build arranges what is known of the job, and has what is new compared.
func (j *jobPlace) build() {
	all := slices.Concat(j.ask.Value.Entries, j.seen)
	l, old := job.Build(all), j.ladder
	rungs := make([]part.Rung, len(l.Rungs))
	for i := range l.Rungs {
		if i == len(old.Rungs) || l.Rungs[i].Entry.ID != old.Job.Rungs[i].Entry.ID {
			break // all that follows stands elsewhere
		}
		rungs[i] = old.Rungs[i]
	}
	j.halt()
	j.ladder.Job, j.ladder.Rungs, j.ladder.Lens = &l, rungs, j.p.lens()
	if j.ladder.Lens != old.Lens {
		clear(rungs)
	}
	if old.To == 0 || old.To == len(old.Rungs) {
		j.ladder.From, j.ladder.To = max(0, len(rungs)-part.MoreRungs), len(rungs)
		if len(rungs) <= part.MoreRungs+part.MoreRungs/5 {
			j.ladder.From = 0
		}
		if len(old.Rungs) > 0 {
			j.ladder.From = min(j.ladder.From, old.From)
		}
	}
	j.choose()
	j.compare()
}

// choose marks the attempt that the address names, and brings it into view.
func (j *jobPlace) choose() {
	at := -1
	if j.v.Sel != "" {
		for i := range j.ladder.Job.Rungs {
			if at < 0 && j.ladder.Job.Rungs[i].Entry.ID == j.v.Sel {
				at = i
			}
		}
	}
	if at == j.ladder.Chosen {
		return
	}
	if j.ladder.Chosen = at; at < 0 {
		return
	}
	if at < j.ladder.From || at >= j.ladder.To {
		j.ladder.From = max(0, at-part.MoreRungs/2)
		j.ladder.To = min(len(j.ladder.Rungs), at+part.MoreRungs/2)
		j.compare()
	}
	j.p.revealSoon(part.RungID(at))
}

// step makes an attempt the one that the address names.
func (j *jobPlace) step(at int) {
	if at < 0 || at >= len(j.ladder.Rungs) {
		return
	}
	j.v.Sel = j.ladder.Job.Rungs[at].Entry.ID
	j.p.place.view = j.v
	j.p.replace(j.v.URL())
	j.choose()
}

// compare compares the attempts that are drawn, in slices between frames: answers
// may have a megabyte each.
func (j *jobPlace) compare() {
	if j.stop != nil || j.left || j.next() < 0 {
		return
	}
	j.texts = map[int]string{}
	drawn := time.Now()
	ended := false
	stop := dom.Work(func() bool {
		if j.p.gone {
			return false
		}
		rungs := slices.Clone(j.ladder.Rungs)
		more := true
		for end := time.Now().Add(slice); more && time.Now().Before(end); {
			more = j.part(rungs)
		}
		j.ladder.Rungs = rungs
		if ended = !more; ended {
			j.stop, j.texts = nil, nil
		}
		if now := time.Now(); ended || now.Sub(drawn) > redrawn {
			drawn = now
			j.p.redraw()
		}
		return more
	})
	if !ended {
		j.stop = stop
	}
}

// next returns the first attempt that is drawn and was not compared, -1 for none.
func (j *jobPlace) next() int { return j.nextOf(j.ladder.Rungs) }

func (j *jobPlace) nextOf(rungs []part.Rung) int {
	for i := j.ladder.From; i < j.ladder.To; i++ {
		if rungs[i].Diff == nil {
			return i
		}
	}
	return -1
}

// part does one step of comparing, and reports whether there is more.
func (j *jobPlace) part(rungs []part.Rung) (more bool) {
	i := j.nextOf(rungs)
	if i < 0 {
		return false
	}
	e := j.ladder.Job.Rungs[i].Entry
	for n := max(i-1, 0); n <= i; n++ {
		if _, ok := j.texts[n]; !ok {
			j.texts[n] = j.ladder.Lens.Field("body", job.Answer(j.ladder.Job.Rungs[n].Entry))
			return true
		}
	}
	delete(j.texts, i-2) // a megabyte each
	var before *alogs.Entry
	if i > 0 {
		before = j.ladder.Job.Rungs[i-1].Entry
	}
	d := job.Short(j.through(before), j.through(e))
	if i > 0 {
		d.Body = job.Answers(j.texts[i-1], j.texts[i])
	} else if j.texts[i] != "" {
		d.Body.Form = job.First
		rungs[i].Answer = part.ReadAnswer(i, j.texts[i])
	}
	rungs[i].Diff = &d
	return true
}

// through is what the lens shows of an attempt's short values.
func (j *jobPlace) through(e *alogs.Entry) *alogs.Entry {
	if e == nil {
		return nil
	}
	short := *e
	short.Raw = nil
	short = j.ladder.Lens.Entry(short)
	return &short
}

// key takes the keys of a ladder.
func (j *jobPlace) key(cmd command) bool {
	at, by := j.ladder.Chosen, 1
	switch cmd {
	case cmdPrevAttempt:
		if by = -1; at < 0 {
			at = len(j.ladder.Rungs)
		}
	case cmdNextAttempt:
		if at < 0 {
			at = j.ladder.From - 1
		}
	case cmdReload:
		j.p.later(part.Retried{What: jobRetry})
		return true
	default:
		return false
	}
	j.p.later(part.RungChosen{At: at + by})
	return true
}

// jobRetry names what a retry here is about.
const jobRetry = "job"

func (j *jobPlace) on(_ app.Context, event any) bool {
	switch e := event.(type) {
	case part.RungChosen:
		j.step(e.At)
	case part.RungsShown:
		if e.Earlier {
			j.ladder.From = max(0, j.ladder.From-part.MoreRungs)
		} else {
			j.ladder.To = min(len(j.ladder.Rungs), j.ladder.To+part.MoreRungs)
		}
		j.compare()
	case part.CompareLeft:
		j.left = !e.Again
		j.halt()
		j.compare()
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
		text := j.ladder.Copy(e.What)
		if e.What == "job" {
			text = j.at.B
		} else if e.What == "integration" {
			text = j.at.A
		}
		if text == "" {
			return false
		}
		j.p.put(e.What, text)
	case part.Typed:
		if e.ID != part.IDLimit {
			return false
		}
		d, ok := job.ParseLimit(dom.Value(part.IDLimit))
		if j.wrong = !ok; ok {
			j.limit(d)
		}
	case part.LimitChosen:
		j.wrong = false
		j.limit(e.Limit)
		dom.SetValue(part.IDLimit, part.Distance(e.Limit))
	case part.NodeToggled:
		if i, ok := part.AnswerOf(e); ok && e.Open && i >= 0 && i < len(j.ladder.Rungs) && j.ladder.Rungs[i].Answer == nil {
			rungs := slices.Clone(j.ladder.Rungs)
			rungs[i].Answer = part.ReadAnswer(i, j.ladder.Lens.Field("body", job.Answer(j.ladder.Job.Rungs[i].Entry)))
			j.ladder.Rungs = rungs
		}
		j.ladder.State = j.ladder.State.Next(e)
	case part.PanelEvent:
		j.ladder.State = j.ladder.State.Next(e)
	default:
		return false
	}
	return true
}

// limit keeps what a delivery may take, which filters may name.
func (j *jobPlace) limit(d time.Duration) {
	j.p.set.setLimit(d)
	j.p.do(viewer.LimitChosen{Limit: d})
}

func (j *jobPlace) body() app.UI {
	p := j.p
	vendor := vendorNamed(p.vendors.Value, j.at.Vendor)
	jobs := j.v.At(view.Place{Kind: view.Jobs, Vendor: j.at.Vendor, A: j.at.A})
	in := wire.Integration{ID: j.at.A}
	for i := range j.ask.Value.Integrations {
		if o := &j.ask.Value.Integrations[i]; o.ID == in.ID {
			in = *o
		}
	}
	j.ladder.Zone, j.ladder.Limit, j.ladder.Copied, j.ladder.Failed = p.m.Zone(), p.set.limit, p.copied, p.refused
	wait := j.ask.wait(vendor, len(j.ladder.Rungs))
	if wait.Retry = jobRetry; !wait.Busy && wait.Err == nil && len(j.ladder.Rungs) == 0 {
		wait.Empty = vendor.Title + " gave no entries of this job: they may not be kept any more, or not be there yet."
	}
	if j.stop != nil || j.left && j.next() >= 0 {
		wait.Stopped, wait.Of = j.left, j.ladder.To-j.ladder.From
		wait.Comparing = max(j.next(), j.ladder.From) - j.ladder.From
	}
	if n := j.ladder.Job.Copies; n > 0 && len(j.seen) == 0 {
		wait.Notes = append(wait.Notes, "The vendor gave "+part.Some(n, "entry")+" twice, under the same id; each is shown once.")
	}
	return el("div", "job",
		part.JobHead{
			ID: j.at.B, Job: j.ladder.Job, Integration: in, Word: wordOf(j.at.Vendor), Vendor: vendor.Title,
			JobsURL: jobs.URL(), EntriesURL: entriesOf(j.v, j.at).URL(), Limit: p.set.limit, WrongLimit: j.wrong,
			Zone: p.m.Zone(), Now: p.deps.Now(), Copied: p.copied,
		}.UI(p.on),
		wait.UI(p.on),
		&still{Part: j.ladder, send: p.on},
	)
}

// el is an element with children; go-app's methods for each kind take more code.
func el(tag, class string, kids ...app.UI) app.UI { return app.Elem(tag).Class(class).Body(kids...) }

// wordOf is what a vendor calls an integration.
func wordOf(vendor string) string {
	if vendor == "moltin" {
		return "event"
	}
	return "integration"
}

// entriesOf is the table with the entries of a place's job or integration.
func entriesOf(v view.View, at view.Place) view.View {
	q, err := query.Parse("")
	for _, c := range [...][2]string{{"integration", at.A}, {"job", at.B}} {
		if err == nil && c[1] != "" {
			q, err = q.Include(c[0], c[1])
		}
	}
	v = v.At(view.Place{})
	if err == nil {
		v.Query = q.String()
	}
	return v
}

// asking is a question about jobs that is under way or was answered.
type asking struct {
	loaded[wire.Jobs]
	p      *logs
	target alogs.Target
	since  time.Time
	ended  bool
	stop   context.CancelFunc
	after  func()
}

// askJobs asks for the jobs of an integration, or the entries of one job. span is nil
// for all that the vendor keeps.
func askJobs(p *logs, v view.View, at view.Place, span *alogs.Span) *asking {
	a := &asking{p: p, since: p.deps.Now()}
	for _, src := range v.Src {
		if t, err := alogs.ParseTarget(src); err == nil && (t.Vendor == at.Vendor || a.target.Vendor == "") {
			if a.target = t.Below(); t.Vendor == at.Vendor {
				break
			}
		}
	}
	q := client.Query{Src: []string{a.target.String()}}
	if at.A != "" {
		q.Src[0] = a.target.Below(wordOf(at.Vendor)+"s", at.A).String()
	}
	if span != nil {
		q.From, q.To = moment(span.From), moment(span.To)
	}
	if a.target.Vendor == "" {
		a.Err = fault.New(fault.Invalid, "read jobs").Saying("the address names no account: it needs src=" + at.Vendor + "/region/account")
		a.ended, a.stop = true, func() {}
		return a
	}
	call, stop := context.WithCancel(p.ctx)
	a.stop = stop
	load(p.ctx, &a.loaded, func(context.Context) (wire.Jobs, error) { return p.deps.Client.Jobs(call, q, at.B) }, func() {
		stop()
		a.ended = true
		if a.after != nil && !p.gone {
			a.after()
		}
	})
	return a
}

// cancel ends the question; what is known already stays.
func (a *asking) cancel() { a.stop() }

// wait says how far the question is.
func (a *asking) wait(vendor wire.Vendor, shown int) part.JobWait {
	w := part.JobWait{Vendor: vendor.Title, Busy: a.Busy, For: a.p.deps.Now().Sub(a.since), Shown: shown, Err: a.Err}
	if a.Err != nil && a.Err.Kind == fault.Unauthenticated {
		w.Target, w.Label = a.target, regionLabel(vendor, a.target.Region)
		w.Lacks = !a.p.connected(a.target)
	}
	if note := part.CoverageNote(a.Value.Coverage); note != "" && a.Err == nil {
		w.Notes = append(w.Notes, note)
	}
	return w
}
