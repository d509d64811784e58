package page

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// itemRetry names what a retry here is about.
const itemRetry = "item"

// itemEntries bounds the entries that a passport is made of.
const itemEntries = 5000

// itemPlace is the passport of one item: all that Coveo says of it in the span.
type itemPlace struct {
	p     *logs
	v     view.View
	src   alogs.Target // zero where the address names none
	read  *loaded[itemRead]
	since time.Time
	stop  context.CancelFunc // ends the reading
	shown int                // runs
}

// itemRead is what was read of an item.
type itemRead struct {
	entries  []alogs.Entry
	coverage []alogs.Coverage
	passport item.Passport
	verdict  item.Verdict
}

func newItem(p *logs) place { return &itemPlace{p: p, read: &loaded[itemRead]{}, stop: func() {}} }

func (i *itemPlace) open(v view.View) {
	same := i.v.Item == v.Item && v.SameSearch(i.v)
	i.v, i.src = v, coveoTarget(v.Src)
	if same && (i.read.Ready || i.read.Busy) {
		return
	}
	i.shown = 0
	i.load()
}

// coveoTarget returns the first target of Coveo, a zero one where there is none.
func coveoTarget(srcs []string) alogs.Target {
	for _, src := range srcs {
		if t, err := alogs.ParseTarget(src); err == nil && t.Vendor == "coveo" {
			return t
		}
	}
	return alogs.Target{}
}

// load reads all entries of the item.
func (i *itemPlace) load() {
	i.stop()
	i.read = &loaded[itemRead]{} // what comes of an earlier question goes nowhere
	if i.v.Item == "" {
		return
	}
	if i.src.Vendor == "" {
		i.read.Err = fault.New(fault.Invalid, "read item").Saying("the address names no Coveo account: it needs src=coveo/region/organization")
		return
	}
	call, stop := context.WithCancel(i.p.ctx)
	i.stop, i.since = stop, i.p.deps.Now()
	q := client.Query{Src: []string{i.src.String()}}
	q.From, q.To = askedSpan(i.p, i.v)
	name := i.v.Item
	now := *i
	load(i.p.ctx, i.read, func(context.Context) (itemRead, error) {
		return readItem(call, now.p.deps.Client, q, name)
	}, stop)
}

// askedSpan is the span of a view for the server: fixed moments, so that all pages
// of a reading are of the same.
func askedSpan(p *logs, v view.View) (from, to string) {
	v = v.Absolute(p.deps.Now(), p.m.Zone())
	if v.From == view.All {
		return "now-14d", v.To // Coveo keeps no more
	}
	return v.From, v.To
}

// readItem reads pages to the end, or to the bound.
func readItem(ctx context.Context, c *client.Client, q client.Query, name string) (itemRead, error) {
	var out itemRead
	for {
		page, err := c.Item(ctx, q, name)
		if err != nil {
			return out, err
		}
		out.entries = append(out.entries, page.Entries...)
		out.coverage = page.Coverage
		stuck := false
		for i := range page.Coverage {
			stuck = stuck || page.Coverage[i].State == alogs.Failed
		}
		if q.Cursor = page.Cursor; q.Cursor == "" || stuck || len(out.entries) >= itemEntries {
			break
		}
	}
	out.passport = item.Of(out.entries)
	out.verdict = out.passport.Verdict(wholeOf(out.coverage))
	return out, nil
}

// wholeOf reports whether everything was read.
func wholeOf(cs []alogs.Coverage) bool {
	for i := range cs {
		if cs[i].State != alogs.Complete {
			return false
		}
	}
	return len(cs) > 0
}

// coverageNotes say what of the span is not there, and why.
func coverageNotes(cs []alogs.Coverage) []string {
	var out []string
	for _, c := range cs {
		if c.State != alogs.Complete && c.Reason != "" {
			if s := part.Sentence(c.Reason); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (i *itemPlace) body() app.UI {
	p := i.p
	entries := i.v.At(view.Place{})
	with := func(q, sel string) string {
		v := entries
		v.Query, v.Sel = q, sel
		return v.URL()
	}
	own := uriQuery(i.v.Item)
	vendor := vendorNamed(p.vendors.Value, "coveo")
	ui := part.Passport{
		Lens: p.lens(),
		URI:  i.v.Item, Ready: i.read.Ready, Passport: i.read.Value.passport, Verdict: i.read.Value.verdict, Shown: i.shown, Sources: p.sourceNames(i.src),
		Zone: p.m.Zone(), Now: p.deps.Now(), Copied: p.copied, Entries: with(own, ""), Asserts: i.v.At(view.Place{Kind: view.Assert}).URL(),
		Entry: func(id string) string { return with(own, id) }, Table: func(q string) string { return with(q, "") },
		Wait: p.coveoWait(vendor, i.src, i.read.Busy, i.since, i.read.Err, itemRetry),
	}
	known := false
	for _, x := range [...]struct{ label, from string }{{"24 hours", ""}, {"7 days", "now-7d"}, {"all 14 days that Coveo keeps", "now-14d"}} {
		v := i.v
		v.From, v.To = x.from, ""
		on := v.SameSearch(i.v)
		known = known || on
		ui.Spans = append(ui.Spans, part.SpanLink{Label: x.label, URL: v.URL(), On: on})
	}
	if s, err := i.v.Span(p.deps.Now(), p.m.Zone()); err == nil && !known {
		ui.Spans = append(ui.Spans, part.SpanLink{Label: view.SpanText(s, p.m.Zone()), URL: i.v.URL(), On: true})
	}
	if i.read.Ready && !i.read.Busy {
		ui.Wait.Notes = coverageNotes(i.read.Value.coverage)
	}
	return ui.UI(p.on)
}

// coveoWait says how far a question to Coveo is.
func (p *logs) coveoWait(vendor wire.Vendor, t alogs.Target, busy bool, since time.Time, err *fault.Error, retry string) part.JobWait {
	w := part.JobWait{Vendor: vendor.Title, Busy: busy, For: p.deps.Now().Sub(since), Err: err, Retry: retry}
	if err != nil && err.Kind == fault.Unauthenticated && t.Vendor != "" {
		w.Target, w.Label, w.Lacks = t.Below(), regionLabel(vendor, t.Region), !p.connected(t)
	}
	return w
}

// sourceNames are the names of an organization's sources by id, as far as they are
// known.
func (p *logs) sourceNames(t alogs.Target) map[string]string {
	out := map[string]string{}
	for _, x := range p.coveoTargets(t) {
		if at, err := alogs.ParseTarget(x.Address); err == nil && len(at.Path) == 2 {
			out[at.Path[1]] = x.Label
		}
	}
	return out
}

// coveoTargets are the organization of a target and its sources, as the pick list
// of its connection has them; they are asked for when they are not known yet.
func (p *logs) coveoTargets(t alogs.Target) []wire.Target {
	for i := range p.conns.Value {
		c := &p.conns.Value[i]
		if c.Vendor != "coveo" || c.Region != t.Region || c.Account != t.Account {
			continue
		}
		if got := p.picks[c.ID]; got != nil {
			return got.Value
		}
		id := c.ID
		p.ctx.Defer(func(app.Context) { p.loadPicks(id) })
	}
	return nil
}

// uriQuery is the filter for the entries of one item.
func uriQuery(uri string) string {
	c, err := query.Is("item", uri)
	if err != nil {
		return ""
	}
	return c.String()
}

func (i *itemPlace) key(cmd command) bool {
	if cmd == cmdReload {
		i.p.later(part.Retried{What: itemRetry})
		return true
	}
	return false
}

func (i *itemPlace) on(_ app.Context, event any) bool {
	switch e := event.(type) {
	case part.Retried:
		if e.What != itemRetry {
			return false
		}
		i.load()
	case part.WaitLeft:
		i.stop()
	case part.RunsShown:
		i.shown = max(i.shown, part.MoreRuns) + part.MoreRuns
	case part.ItemGiven:
		if uri := strings.TrimSpace(dom.Value(part.IDItem)); uri != "" {
			v := i.v
			v.Item = uri
			i.p.goTo(v)
		}
	case part.Copied:
		if e.What != "item" {
			return false
		}
		i.p.put("item", i.v.Item)
	default:
		return false
	}
	return true
}

func (i *itemPlace) close() { i.stop() }
