package page

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// assertRetry names what a retry here is about.
const assertRetry = "assert"

// assertPlace checks a list of items. The page keeps the last check, so that the
// way back from a passport costs nothing.
type assertPlace struct {
	p     *logs
	v     view.View
	wrong string       // with the time
	err   *fault.Error // with the list
	drop  func()       // no file is taken any more
	list  string       // to begin with; what is typed then stays the field's
}

// assertion is a check under way, or done.
type assertion struct {
	text     string // as it was given
	list     item.List
	src      alogs.Target
	view     view.View // with the span that was asked for
	since    time.Time
	took     time.Duration
	busy     bool
	stop     context.CancelFunc
	progress wire.AssertProgress
	verdicts []wire.Verdict
	end      wire.AssertEnd
	err      *fault.Error

	chosen part.StateCount
	kept   []int // verdicts that are chosen
	from   int   // first of kept that is drawn
	active int   // row that the keyboard is at, -1 for none
}

func newAssert(p *logs) place { return &assertPlace{p: p} }

func (a *assertPlace) open(v view.View) {
	a.v = v
	if a.drop == nil {
		if run := a.p.asserted; run != nil {
			a.list = run.text
		}
		a.drop = dom.OnDrop(part.IDAssertList, func(text string) { dom.SetValue(part.IDAssertList, text) })
	}
}

// target is where items are looked for: the address's, else a connection's.
func (a *assertPlace) target() alogs.Target {
	if t := coveoTarget(a.v.Src); t.Vendor != "" {
		return t
	}
	for i := range a.p.conns.Value {
		if c := &a.p.conns.Value[i]; c.Vendor == "coveo" {
			return alogs.Target{Vendor: c.Vendor, Region: c.Region, Account: c.Account}
		}
	}
	return alogs.Target{}
}

// given reads the form and begins a check.
func (a *assertPlace) given() {
	a.wrong, a.err = "", nil
	text := dom.Value(part.IDAssertList)
	list, err := item.ParseList(text)
	if err != nil {
		a.err = fault.Of(err)
		return
	}
	v := a.v
	if src := dom.Value(part.IDAssertSrc); src != "" {
		v.Src = []string{src}
	}
	if since := strings.TrimSpace(dom.Value(part.IDAssertSince)); since != a.sinceText() {
		from, to, err := view.ParseSpan(since, a.p.deps.Now(), a.p.m.Zone())
		if err != nil {
			a.wrong = fault.Of(err).Msg
			return
		}
		v.From, v.To = from, to
	}
	if v.URL() != a.v.URL() { // a link to this page asks of the same
		a.v = v
		a.p.place.view = v
		a.p.replace(v.URL())
	}
	a.begin(text, list)
}

// begin asks the server.
func (a *assertPlace) begin(text string, list item.List) {
	p := a.p
	if old := p.asserted; old != nil && old.busy {
		old.stop()
	}
	run := &assertion{text: text, list: list, src: a.target(), view: a.v, since: p.deps.Now(), busy: true, active: -1}
	p.asserted = run
	var call context.Context
	call, run.stop = context.WithCancel(p.ctx)
	if run.src.Vendor == "" {
		run.busy = false
		run.err = fault.New(fault.Unauthenticated, "assert items").Saying("connect a Coveo organization first")
		return
	}
	q := wire.Assert{Src: run.src.String(), Items: list.Items}
	q.From, q.To = askedSpan(p, a.v)
	on := func(fn func()) {
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			fn()
		})
	}
	p.ctx.Async(func() {
		defer dom.Recover()
		var verdicts []wire.Verdict
		end, err := p.deps.Client.Assert(call, q, func(g wire.AssertProgress) {
			on(func() { run.progress = g })
		}, func(vs []wire.Verdict) { verdicts = append(verdicts, vs...) })
		run.stop()
		on(func() {
			run.busy, run.end, run.err, run.verdicts = false, end, fault.Of(err), verdicts
			run.took = p.deps.Now().Sub(run.since)
			if err != nil {
				run.verdicts = nil // a part of them would be taken for all
			}
			run.choose(part.StateCount{})
			if err == nil {
				states, _ := run.counts()
				text := part.Some(len(run.verdicts), "item") + " checked"
				for _, c := range states {
					text += ", " + part.Count(c.N) + " " + strings.ToLower(part.StateWord(c.State))
				}
				p.tell(text)
			}
		})
	})
}

// choose keeps the verdicts of one state, and of one error code.
func (r *assertion) choose(c part.StateCount) {
	r.chosen, r.kept, r.from, r.active = c, nil, 0, -1
	for i := range r.verdicts {
		v := &r.verdicts[i]
		if (c.State == "" || part.StateOf(v) == c.State) && (c.Code == "" || codeOf(v) == c.Code) {
			r.kept = append(r.kept, i)
		}
	}
}

func codeOf(v *wire.Verdict) string {
	if v.Code == "" {
		return part.NoCode
	}
	return v.Code
}

// counts returns how many there are of each state, and of each error code among
// what failed.
func (r *assertion) counts() (states, codes []part.StateCount) {
	by := map[item.State]int{}
	code := map[string]int{}
	for i := range r.verdicts {
		v := &r.verdicts[i]
		s := part.StateOf(v)
		by[s]++
		if s == item.Failed {
			code[codeOf(v)]++
		}
	}
	for _, s := range item.States {
		if by[s] > 0 || s == item.Indexed || s == item.Failed {
			states = append(states, part.StateCount{State: s, N: by[s]})
		}
	}
	for c, n := range code {
		codes = append(codes, part.StateCount{State: item.Failed, Code: c, N: n})
	}
	sort.Slice(codes, func(i, j int) bool {
		if a, b := codes[i], codes[j]; a.N != b.N {
			return a.N > b.N
		}
		return codes[i].Code < codes[j].Code
	})
	if len(codes) > 12 {
		codes = codes[:12]
	}
	return states, codes
}

// told says how a check was made.
func (r *assertion) told() string {
	s := part.Some(len(r.list.Items), "item")
	if r.list.Form != "lines" {
		s += " of a " + r.list.Form
		if r.list.Column != "" {
			s += ", column “" + r.list.Column + "”"
		}
	}
	if n := r.list.Repeated; n > 0 {
		s += ", " + part.Count(n) + " repeated"
	}
	return s + " · " + part.Some(r.end.Calls, "call") + " of Coveo, " + part.Count(r.end.Scanned) + " entries read · " + part.Distance(r.took)
}

// sinceText is what stands in the field of the time: what the address says.
func (a *assertPlace) sinceText() string {
	from, to := a.v.From, a.v.To
	if from == "" && to == "" {
		return "24h"
	}
	if to == "" {
		return strings.TrimPrefix(from, "now-")
	}
	return from + " .. " + to
}

func (a *assertPlace) body() app.UI {
	p, run, t := a.p, a.p.asserted, a.target()
	vendor := vendorNamed(p.vendors.Value, "coveo")
	form := part.AssertForm{Src: t.String(), Since: a.sinceText(), List: a.list, Wrong: a.wrong, Err: a.err, Targets: p.coveoTargets(t)}
	if t.Vendor == "" {
		form.Src = ""
	}
	wait := part.JobWait{Vendor: vendor.Title}
	if p.conns.Ready && t.Vendor != "" && !p.reaches(t) {
		wait = p.coveoWait(vendor, t, false, a.p.deps.Now(), fault.New(fault.Unauthenticated, "assert items").
			Saying("not connected to "+vendor.Title+" “"+t.Account+"”; connect it to check items"), "")
	}
	var busy app.UI
	var verdicts part.Verdicts
	if run != nil {
		form.Busy = run.busy
		form.Fold = run.busy || len(run.verdicts) > 0
		switch {
		case run.busy:
			busy = part.AssertBusy{
				Items: len(run.list.Items), For: p.deps.Now().Sub(run.since), Progress: run.progress, Zone: p.m.Zone(), Now: p.deps.Now(), Vendor: vendor.Title,
			}.UI(p.on)
		case run.err != nil && wait.Err == nil:
			wait = p.coveoWait(vendor, run.src, false, run.since, run.err, assertRetry)
		case run.err == nil:
			verdicts = a.verdicts(run)
		}
	}
	return el("div", "item assert",
		el("header", "place-head",
			el("h1", "", app.Text("Are my items indexed?")),
			el("span", "mut", app.Text("Give the items; each gets a verdict from Coveo's source logs.")),
		),
		wait.UI(p.on),
		el("div", "", form.UI(p.on)),
		el("div", "", busy),
		&still{Part: verdicts, send: p.on},
	)
}

// reaches reports whether the session has a connection to a target's region.
func (p *logs) reaches(t alogs.Target) bool {
	for i := range p.conns.Value {
		if c := &p.conns.Value[i]; c.Vendor == t.Vendor && c.Region == t.Region {
			return true
		}
	}
	return false
}

// verdicts is the page of verdicts that is shown.
func (a *assertPlace) verdicts(run *assertion) part.Verdicts {
	v := part.Verdicts{
		Lens:   a.p.lens(),
		Chosen: run.chosen, Total: len(run.verdicts), Told: run.told(), Notes: coverageNotes(run.end.Coverage), From: run.from, Kept: len(run.kept),
		Active: run.active, Copied: a.p.copied == "verdicts", Zone: a.p.m.Zone(), Now: a.p.deps.Now().Truncate(time.Hour),
	}
	v.States, v.Codes = run.counts()
	for _, i := range run.kept[run.from:min(run.from+part.AssertRows, len(run.kept))] {
		v.Rows = append(v.Rows, part.VerdictRow{Verdict: run.verdicts[i], URL: a.passport(run, i).URL()})
	}
	return v
}

// passport is the place of one item of a check.
func (a *assertPlace) passport(run *assertion, i int) view.View {
	v := run.view.At(view.Place{Kind: view.Item})
	v.Src, v.Query, v.Item = []string{run.src.String()}, "", run.verdicts[i].Item
	return v
}

func (a *assertPlace) key(cmd command) bool {
	run := a.p.asserted
	if run == nil || run.busy || len(run.kept) == 0 {
		return false
	}
	shown := min(part.AssertRows, len(run.kept)-run.from)
	switch cmd {
	case cmdDown:
		run.active = min(run.active+1, shown-1)
	case cmdUp:
		run.active = max(run.active-1, 0)
	case cmdOpen:
		if run.active < 0 {
			return false
		}
		to := a.passport(run, run.kept[run.from+run.active])
		a.p.ctx.Defer(func(app.Context) { a.p.goTo(to) })
		return true
	default:
		return false
	}
	a.p.revealSoon(part.VerdictID(run.active))
	return true
}

func (a *assertPlace) on(_ app.Context, event any) bool {
	run := a.p.asserted
	switch e := event.(type) {
	case part.AssertGiven:
		a.given()
		return true
	case part.Retried:
		if e.What != assertRetry || run == nil {
			return false
		}
		a.begin(run.text, run.list)
		return true
	}
	if run == nil {
		return false
	}
	switch e := event.(type) {
	case part.AssertAgain:
		a.begin(run.text, run.list)
	case part.AssertLeft:
		run.stop()
	case part.AssertChosen:
		run.choose(part.StateCount{State: e.State, Code: e.Code})
	case part.AssertTurned:
		if at := run.from + e.By*part.AssertRows; at >= 0 && at < len(run.kept) {
			run.from, run.active = at, -1
		}
	case part.AssertSaved:
		a.p.saveCSV("verdicts", a.p.verdictsCSV(run.verdicts))
	case part.Copied:
		if e.What != "verdicts" {
			return false
		}
		a.p.put("verdicts", string(a.p.verdictsCSV(run.verdicts).b))
	default:
		return false
	}
	return true
}

func (a *assertPlace) close() {
	if a.drop != nil {
		a.drop()
	}
	if run := a.p.asserted; run != nil && run.busy {
		run.stop()
	}
}
