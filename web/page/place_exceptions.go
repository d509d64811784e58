package page

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/logpane/logpane/app/exception"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// readOn is how many entries the cards read without the reader asking: a screen of
// the table would make cards of a few minutes.
const readOn = 1_000

// redrawCards is how often the cards are drawn while they are being counted.
const redrawCards = 250 * time.Millisecond

// exceptions shows what the rows of the table say was raised, as cards, or one of
// them opened. Which occurrence is shown is the model's open row, so that the address
// names it and the table knows it.
type exceptions struct {
	p    *logs
	came bool // from elsewhere on this page: there is a way back
	v    view.View
	fp   string // of the opened card; "" at the list
	list bool   // the list was shown here

	cards   *exception.Cards
	fill    viewer.Row
	all     []exception.Card
	of      []exception.Occurrence // of the opened card
	rows    int                    // looked at, of the first walk
	done    bool                   // all were, once
	drawn   time.Time
	stopped bool // the reader does not want more to be read
	goal    int  // entries that are being read without the reader asking, 0 while none are

	raised exception.Raised // through the lens
	lens   redact.Lens
	read   occurrenceKey // of which entry it is
	state  part.PanelState
	form   bool
	wrong  string
	focus  int // card that the keyboard is at, -1 for none
}

type occurrenceKey struct{ src, id string }

func newExceptions(p *logs) place {
	return &exceptions{p: p, came: p.filled, focus: -1}
}

func (x *exceptions) open(v view.View) {
	if x.cards == nil {
		if x.p.cards == nil {
			x.p.cards = exception.New()
		}
		x.cards = x.p.cards
	}
	fp := v.Place().A
	x.list = x.list || fp == ""
	if fp != x.fp {
		x.state, x.form, x.stopped, x.read = part.PanelState{}, false, false, occurrenceKey{}
	}
	again := x.fp != fp && x.done
	if left := x.fp; left != fp {
		x.focus = -1
		x.p.ctx.Defer(func(app.Context) { dom.Focus(part.IDExceptionHead, false) })
		for i := range x.all {
			if fp == "" && x.all[i].Fingerprint == left { // back at the list: where it was left
				x.focus = i
				x.p.ctx.Defer(func(app.Context) { dom.Focus(part.IDException(i), false) })
			}
		}
	}
	x.v, x.fp = v, fp
	if x.p.scanned == nil {
		x.p.scan(x.reset, x.visit, x.counted)
	} else if again {
		x.gather()
		x.seek()
	}
}

func (x *exceptions) reset() {
	x.cards.Begin()
	x.rows = 0
}

// visit looks at a row. Most hold no exception, which their bytes tell.
func (x *exceptions) visit(row int) {
	m, r := x.p.m, &x.fill
	m.Row(row, r)
	x.rows = row + 1
	switch {
	case r.Gap:
	case !exception.Maybe(m.JSON(row)):
		x.cards.Skip(r.Src, r.Level)
		if exception.IsDeploy(r.Summary) {
			e := m.Entry(row)
			x.cards.Note(&e)
		}
	case !x.cards.Again(row, r.Src, r.ID):
		e := m.Entry(row)
		x.cards.Add(row, &e)
	}
	if now := time.Now(); !x.done && row%64 == 63 && now.Sub(x.drawn) > redrawCards {
		x.drawn = now
		x.gather()
		x.p.redraw()
	}
}

func (x *exceptions) counted() {
	x.done = true
	x.gather()
	x.seek()
}

// gather takes over what was counted. While pages come in, cards keep their places:
// they must not move under the pointer with each of them.
func (x *exceptions) gather() {
	h := x.p.m.Histogram(part.Bars)
	was := x.all
	x.all = x.cards.List(h.From, h.To, part.SparkBars)
	x.of = x.cards.Occurrences(x.fp)
	if _, loading := x.p.m.Loading(); !loading {
		return
	}
	place := map[string]int{}
	for i := range was {
		place[was[i].Fingerprint] = i - len(was)
	}
	sort.SliceStable(x.all, func(i, j int) bool { return place[x.all[i].Fingerprint] < place[x.all[j].Fingerprint] })
}

// seek reads on: until there is enough to count, and to the card that the address
// names.
func (x *exceptions) seek() {
	m, most := x.p.m, readOn
	if x.fp != "" && len(x.of) == 0 && exception.IsFingerprint(x.fp) {
		most = maxSought
	}
	x.goal = 0
	if x.stopped || m.Len() >= most || m.Draft() != m.View().Query {
		return
	}
	if f := m.Foot(); (f.State == viewer.FootMore || f.State == viewer.FootAsk) && slices.Contains(f.Actions, viewer.ActAll) { // no target fails
		x.goal = most
		x.p.later(viewer.MoreAsked{})
	}
}

func (x *exceptions) card() (exception.Card, bool) {
	for i := range x.all {
		if x.all[i].Fingerprint == x.fp {
			return x.all[i], len(x.of) > 0
		}
	}
	return exception.Card{}, false
}

// at returns which occurrence is shown: the one of the address, else the newest.
func (x *exceptions) at() int {
	if sel := x.p.m.View().Sel; sel != "" {
		for i := range x.of {
			if o := &x.of[i]; o.ID == sel || strings.HasSuffix(sel, o.ID) && o.Src+","+o.ID == sel {
				return i
			}
		}
	}
	return 0
}

// entry returns the entry of an occurrence and its row. The row may have moved since
// it was counted.
func (x *exceptions) entry(o *exception.Occurrence) (e alogs.Entry, row int, ok bool) {
	m := x.p.m
	if o.At < m.Len() {
		if m.Row(o.At, &x.fill); x.fill.ID == o.ID && x.fill.Src == o.Src {
			return m.Entry(o.At), o.At, true
		}
	}
	e, ok = m.EntryOf(o.Src + "," + o.ID)
	return e, -1, ok
}

// sel is what stands for an occurrence in addresses.
func (x *exceptions) sel(o *exception.Occurrence) string {
	if len(x.p.m.View().Src) > 1 {
		return o.Src + "," + o.ID
	}
	return o.ID
}

func (x *exceptions) countedPart() part.Counted {
	_, plain := x.cards.Entries()
	n := x.p.m.Len()
	c := part.Counted{Rows: min(x.rows, n), Of: n, Done: x.done, Plain: plain, AtLeast: !x.p.m.Whole()}
	if f := x.p.m.Foot(); n < x.goal && (f.State == viewer.FootLoading || slices.Contains(f.Actions, viewer.ActAll)) {
		c.Goal = x.goal
	}
	return c
}

func (x *exceptions) body() app.UI {
	m := x.p.m
	now := x.p.deps.Now().Truncate(time.Hour)
	foot, empty := m.Foot(), m.Empty()
	v := m.View()
	if x.fp == "" {
		return part.Exceptions{Cards: x.all, Counted: x.countedPart(), View: v, Zone: m.Zone(), Now: now, Foot: foot, Empty: empty, Lens: x.p.lens()}.UI(x.p.on)
	}
	lens := x.p.lens()
	u := part.Exception{
		Lens:    lens,
		Counted: x.countedPart(), Occurrences: x.of, View: v.At(view.Place{Kind: view.Exceptions, A: x.fp}), Fingerprint: x.fp, Zone: m.Zone(), Now: now,
		Foot: foot, Empty: empty, Sources: x.p.set.sources, Form: x.form, Wrong: x.wrong, Copied: x.p.copied, Failed: x.p.refused, State: x.state,
	}
	if u.Card, u.Known = x.card(); u.Known {
		u.At = x.at()
		o := &x.of[u.At]
		x.show(o, lens)
		u.Raised, u.Key = x.raised, x.sel(o)
	}
	return u.UI(x.p.on)
}

// show reads the occurrence that is shown, once.
func (x *exceptions) show(o *exception.Occurrence, lens redact.Lens) {
	if key := (occurrenceKey{o.Src, o.ID}); key != x.read || o.ID == "" || lens != x.lens {
		x.lens = lens
		e, _, ok := x.entry(o)
		if ok {
			e = lens.Entry(e)
			x.raised, _ = exception.Read(&e)
		} else {
			x.raised = exception.Raised{Message: lens.Text(o.Message)}
		}
		x.read = key
	}
}

// choose shows another occurrence.
func (x *exceptions) choose(i int) {
	if i < 0 {
		x.p.tell("This is the newest occurrence")
		return
	}
	if i >= len(x.of) {
		if x.p.m.Whole() {
			x.p.tell("This is the oldest occurrence")
			return
		}
		x.p.tell("This is the oldest occurrence so far: reading on")
		x.p.do(viewer.MoreAsked{})
		return
	}
	if _, row, ok := x.entry(&x.of[i]); ok && row >= 0 {
		// Not p.do, to which an entry that opens on a small screen is one that covers the
		// table and has to be closed again.
		x.p.run(x.p.m.Update(viewer.RowOpened{Row: row}))
		x.p.refresh()
	}
}

func (x *exceptions) key(cmd command) bool {
	var msg any
	switch {
	case cmd == cmdClose && x.form:
		msg = part.SourcesToggled{}
	case cmd == cmdClose && x.fp != "" && !x.list && !x.came:
		x.p.goLater(x.v.At(view.Place{Kind: view.Exceptions}))
		return true
	case cmd == cmdClose && x.fp == "" && !x.came:
		msg = entriesAsked{}
	case x.fp == "" && (cmd == cmdDown || cmd == cmdUp) && len(x.all) > 0:
		by := 1
		if cmd == cmdUp {
			by = -1
		}
		x.focus = min(max(x.focus+by, 0), len(x.all)-1)
		dom.Focus(part.IDException(x.focus), false)
		return true
	case x.fp == "" && cmd == cmdOpen && x.focus >= 0 && x.focus < len(x.all):
		x.p.goLater(x.v.At(view.Place{Kind: view.Exceptions, A: x.all[x.focus].Fingerprint}))
		return true
	case x.fp == "" || len(x.of) == 0:
		return false
	case cmd == cmdNextRelated:
		msg = part.OccurrenceStepped{By: 1}
	case cmd == cmdPrevRelated:
		msg = part.OccurrenceStepped{By: -1}
	case cmd == cmdAround:
		msg = part.ContextAsked{}
	case cmd == cmdMark || cmd == cmdCompare:
		msg = cmd
	default:
		return false
	}
	x.p.later(msg)
	return true
}

// goLater goes to an address after the browser's event that asked for it.
func (p *logs) goLater(v view.View) { p.ctx.Dispatch(func(app.Context) { p.goTo(v) }) }

func (x *exceptions) on(_ app.Context, event any) bool {
	p := x.p
	switch m := event.(type) {
	case part.OccurrenceStepped:
		x.choose(x.at() + m.By)
	case part.OccurrenceChosen:
		x.choose(m.I)
	case part.ContextAsked:
		x.around()
	case command:
		if m == cmdCompare {
			p.compare()
		} else if _, row, ok := x.entry(&x.of[x.at()]); ok && row >= 0 {
			p.do(viewer.Marked{Row: row})
			p.tell("Marked, or no longer; = compares the two marked last")
		}
	case part.SourcesToggled:
		x.form, x.wrong = !x.form, ""
		if x.form {
			p.focusSoon(part.IDSourcesUnder)
		}
	case part.SourcesGiven:
		s := exception.Sources{Under: strings.TrimSpace(dom.Value(part.IDSourcesUnder)), Link: strings.TrimSpace(dom.Value(part.IDSourcesLink))}
		if x.wrong = s.Wrong(); x.wrong != "" {
			p.focusSoon(part.IDSourcesLink)
			break
		}
		x.form = false
		p.set.setSources(s)
	case part.Copied:
		return x.copy(m.What)
	case part.ActionGiven:
		x.stopped, x.goal = m.Action == viewer.ActCancel, 0
		return false
	case part.TableSaved:
		p.saveCSV("exceptions", x.csv())
	case part.PanelEvent:
		x.state = x.state.Next(m)
	default:
		return false
	}
	return true
}

// copy puts what the card has to copy on the clipboard.
func (x *exceptions) copy(what string) bool {
	kind, rest, _ := strings.Cut(what, ":")
	switch kind {
	case "frame":
		x.p.put(what, rest)
	case "markdown":
		c, ok := x.card()
		if !ok {
			return false
		}
		x.p.put(what, c.Markdown(x.raised.Chain, x.p.text("link"), x.p.m.Zone(), !x.p.m.Whole()))
	default:
		return false
	}
	return true
}

// around goes to the table with all that happened within half a minute around the
// occurrence, which stays open there.
func (x *exceptions) around() {
	if len(x.of) == 0 {
		return
	}
	o := &x.of[x.at()]
	if o.Time.IsZero() {
		return
	}
	const around = 30 * time.Second
	v := x.p.m.View().At(view.Place{})
	v.Query, v.Sel = "", x.sel(o)
	v.From = view.Stamp(o.Time.Add(-around).Truncate(time.Second))
	v.To = view.Stamp(o.Time.Add(around + time.Second - 1).Truncate(time.Second))
	x.p.goTo(v)
}

func (x *exceptions) close() {}
