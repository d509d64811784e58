package page

import (
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// drawn is what the grid shows, so that a frame sends only what changed.
type drawn struct {
	generation int // of the model: counts what may have changed rows
	rows       []slot
	columns    []viewer.Column
	row        viewer.Row // of the open entry
	fill       viewer.Row
	rowHeight  float64
	height     float64
}

// slot is what one row element shows.
type slot struct {
	row        int
	generation int
}

// frame takes the place of the table once per animation frame in which it may
// have changed, and draws the rows.
func (p *logs) frame(v dom.Viewport) {
	p.drawn.height, p.drawn.rowHeight = v.Height, v.Row
	if effects := p.m.Update(viewer.Scrolled{Top: v.Top, Height: v.Height, RowHeight: v.Row}); len(effects) > 0 {
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.run(effects)
		})
	}
	p.paint(v)
}

// paint sends the rows that changed to the grid.
func (p *logs) paint(v dom.Viewport) {
	if p.grid == nil {
		return
	}
	p.columns()
	d := &p.drawn
	w := p.m.Window()
	if n := w.Last - w.First; n > len(d.rows) {
		d.rows = make([]slot, n+8)
		for i := range d.rows {
			d.rows[i] = slot{-1, 0}
		}
	}
	active := -1
	for i := w.First; i < w.Last; i++ {
		at := i % len(d.rows)
		s := &d.rows[at]
		if s.row != i || s.generation != d.generation {
			s.row, s.generation = i, d.generation
			p.m.Row(i, &d.fill)
			p.send(at, i, &d.fill)
		}
	}
	if f := p.m.Focused(); f >= w.First && f < w.Last {
		active = f % len(d.rows)
	}
	base := w.Offset - float64(w.First)*v.Row
	first := w.First
	if v.Row > 0 {
		first = max(int((v.Top-base)/v.Row), 0)
	}
	p.grid.Flush(dom.Frame{
		Height: w.Height, Base: base, Rows: p.m.Len(), Slots: len(d.rows), Active: active, ActiveCell: -1, Day: p.dayName(p.m.DayAt(first)),
	})
}

// send packs one row.
func (p *logs) send(at, i int, r *viewer.Row) {
	class := "log-row"
	if m := r.Mark.String(); m != "" {
		class += " mark-" + m
	}
	if r.Status > 0 && r.Status < 400 { // a repeated attempt that succeeded: its status is no warning
		class += " answered"
	}
	if r.Outcome == alogs.OutcomeSkipped {
		class += " skipped"
	}
	if r.Focused {
		class += " focused"
	}
	if r.New {
		class += " row-new"
	}
	day := ""
	if r.NewDay && i > 0 {
		day = p.dayName(r.Day)
	}
	p.grid.Row(at, i, class, r.ID, r.Open || r.Focused, day)
	for _, c := range p.drawn.columns {
		p.grid.Cell(cellText(c.Name, r))
	}
}

// columns tells the grid which cells its rows have.
func (p *logs) columns() {
	cols := p.m.Columns()
	p.drawn.columns = cols
	cells := part.Cells(cols)
	out := make([]dom.Column, len(cols))
	for i, c := range cols {
		out[i] = dom.Column{Name: c.Name, Class: cells[i].Class, Phone: cells[i].Phone}
	}
	p.grid.Columns(out)
}

// cellText is what a row shows in a column.
func cellText(column string, r *viewer.Row) string {
	switch column {
	case "time":
		return r.Time[:min(len(r.Time), len("15:04:05.000"))] // finer digits are in the details
	case "level":
		return word(r)
	case "target":
		return r.Tag + " " + r.Target
	case "status":
		if r.Status > 0 {
			return strconv.Itoa(r.Status)
		}
	case "took":
		return r.Took
	case "summary":
		return r.Summary
	}
	return ""
}

// word says a row's mark in a word, so that it is never colour alone. The
// vendor's own level comes first where it has the same weight as the mark.
func word(r *viewer.Row) string {
	switch r.Mark {
	case viewer.MarkError:
		if r.Level >= alogs.LevelError {
			return r.Level.String()
		}
		if r.Outcome != alogs.OutcomeUnknown && r.Outcome != alogs.OutcomeSucceeded {
			return r.Outcome.String()
		}
		return "error"
	case viewer.MarkWarning:
		if r.Level < alogs.LevelWarning && r.Attempt > 1 {
			return "retry " + strconv.Itoa(r.Attempt-1)
		}
		if r.Outcome == alogs.OutcomeFailed {
			return r.Outcome.String()
		}
		return "warning"
	case viewer.MarkOK:
		return r.Outcome.String()
	case viewer.MarkQuiet:
		if r.Outcome == alogs.OutcomeSkipped {
			return r.Outcome.String()
		}
	}
	if r.Level != alogs.LevelUnknown {
		return r.Level.String()
	}
	return r.Outcome.String()
}

// dayName writes "2026-11-21" as "Sat 21 Nov", with the year where it is not the
// present one.
func (p *logs) dayName(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if t.Year() == p.deps.Now().In(p.m.Zone()).Year() {
		return t.Format("Mon 2 Jan")
	}
	return t.Format("Mon 2 Jan 2006")
}

// Render draws everything but the rows. The number and order of the children
// never changes: go-app tells them apart by their place, and the grid's element
// holds rows that it does not know of.
func (p *logs) Render() app.UI {
	problem, failed := p.m.Problem()
	_, loading := p.m.Loading()
	var filterErr *fault.Error
	if failed && problem.Fault.Kind == fault.Invalid && !problem.Older && problem.Fault.Column > 0 {
		filterErr = problem.Fault
	}
	empty := p.m.Empty()
	if filterErr != nil && empty.Why == viewer.EmptyFailed {
		empty.Text, empty.Said = "Nothing was searched: the filter above cannot be read.", ""
	}
	var details, layer app.UI
	class := "logs"
	if open := p.m.Open(); open >= 0 {
		class += " with-details"
		details = p.details().UI(p.on)
	}
	if p.menu == part.MenuKeys {
		layer = part.Keys{Rows: keyRows()}.UI(p.on)
	}
	return app.Div().Class(class).Body(
		p.top(filterErr).UI(p.on),
		app.Div().Class("above").Body(p.notes(problem, failed && filterErr == nil)...),
		p.coverage(loading).UI(p.on),
		app.Main().Class("table").Body(
			part.Grid{
				Columns: p.m.Columns(), Rows: p.m.Len(), Stale: p.m.Stale() && loading, Loading: loading,
				Foot: p.m.Foot(), Empty: empty,
			}.UI(p.on),
			app.Div().Class("side").Hidden(details == nil).Body(details),
			p.slow().UI(p.on),
		),
		part.Status{Text: p.status()}.UI(p.on),
		app.Div().Class("layer").Body(layer),
	)
}

// details is the panel with the open entry.
func (p *logs) details() part.Details {
	return part.Details{
		Entry: p.entry, Row: p.drawn.row, At: p.m.Open(), Now: p.deps.Now(), Zone: p.m.Zone(), Copied: p.copied, Failed: p.refused, State: p.panel,
	}
}

// slow is the note on a search whose first page is under way.
func (p *logs) slow() part.Slow {
	since, loading := p.m.Loading()
	e := p.m.Empty()
	if !loading || e.Why != viewer.EmptyLoading && !p.m.Stale() {
		return part.Slow{}
	}
	s := part.Slow{On: true, Text: e.Text, For: p.deps.Now().Sub(since)}
	if s.Text == "" {
		s.Text = "Searching…"
	}
	return s
}

// status is the text of the status line: for a moment what was copied.
func (p *logs) status() string {
	switch {
	case p.trying:
		return "Connecting the demo…"
	case p.refused != "":
		return "The browser refused to copy"
	case p.copied == "link":
		return "Link copied: it shows this exact time"
	case p.copied != "":
		return "Copied"
	}
	return p.m.Status()
}

func (p *logs) top(err *fault.Error) part.Top {
	v := p.m.View()
	now := p.deps.Now()
	zone := p.m.Zone()
	t := part.Top{
		Name: p.name(), Title: p.fullName(), Demo: p.demo(), Theme: p.theme, Open: p.menu, Err: err, Query: v.Query,
		Zone: part.OffsetName(now.In(zone)), ZoneAt: zone.String(), Box: p.box, Picker: p.picker(),
	}
	t.Box.Now = "-"
	if preset, ok := v.Preset(); ok {
		t.Span, t.Box.Now = preset.Label, preset.From
	} else if s, err := v.Span(now, zone); err == nil {
		t.Span = view.SpanText(s, zone)
	} else {
		t.Span = "Choose a time"
	}
	return t
}

// name calls the view in a few words.
func (p *logs) name() string {
	lanes := p.m.Lanes()
	switch len(lanes) {
	case 0:
		return "Pick targets"
	case 1:
		return lanes[0].Label
	}
	return part.Some(len(lanes), "target")
}

func (p *logs) fullName() string {
	s := ""
	for _, l := range p.m.Lanes() {
		if s != "" {
			s += ", "
		}
		s += l.Label
	}
	return s
}

func (p *logs) picker() part.Picker {
	if p.menu != part.MenuTargets {
		return part.Picker{}
	}
	out := part.Picker{Marked: p.marked, Find: p.find, Busy: p.conns.Busy}
	for _, c := range p.conns.Value {
		v := vendorNamed(p.vendors.Value, c.Vendor)
		g := part.Group{ID: c.ID, Title: v.Title, Account: c.Account, Demo: c.Demo}
		if v.Capabilities.Whole {
			g.Whole = c.Address
		}
		if l := p.picks[c.ID]; l != nil {
			g.Busy, g.Err, g.Targets = l.Busy, l.Err, l.Value
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

func (p *logs) coverage(loading bool) part.Coverage {
	c := part.Coverage{Lanes: p.m.Lanes(), Zone: p.m.Zone(), Open: p.lane, All: p.lanes, Loading: loading}
	now := p.deps.Now()
	if s, err := p.m.View().Span(now, p.m.Zone()); err == nil {
		c.From, c.To = s.From, s.To
	}
	if c.To.IsZero() {
		c.To = now
	}
	return c
}

// notes are the lines above the table: what the reader should know of the
// address, of missing connections, and of a search that failed.
func (p *logs) notes(problem viewer.Problem, failed bool) []app.UI {
	var out []app.UI
	if p.tryErr != nil {
		out = append(out, part.Note{
			Text: "The demo could not be connected. " + part.Sentence(p.tryErr.Msg), Label: "Try again", Msg: part.ActionGiven{Action: viewer.ActDemo}, Bad: true,
		}.UI(p.on))
	}
	if t, ok := p.missing(); ok && p.m.Len() > 0 { // an empty table says it itself
		v := vendorNamed(p.vendors.Value, t.Vendor)
		out = append(out, part.Note{
			Text:  "This view reads " + v.Title + ", account " + t.Account + " (" + regionLabel(v, t.Region) + "), which this session is not connected to.",
			Label: "Connect " + v.Title, Msg: part.ConnectMissing{Vendor: t.Vendor, Region: t.Region, Account: t.Account}, Bad: true,
		}.UI(p.on))
	}
	if failed && !problem.Older && p.m.Len() > 0 {
		act := viewer.ActRetry
		if !slices.Contains(problem.Actions, act) && len(problem.Actions) > 0 {
			act = problem.Actions[0]
		}
		n := part.Note{Text: part.Sentence(problem.Fault.Msg), Label: part.Offer(act), Msg: part.ActionGiven{Action: act}, Bad: true}
		if problem.Fault.Said != "" {
			n.Text += " The vendor says: " + problem.Fault.Said
		}
		if problem.RetryIn > 0 {
			n.Text += " Trying again in " + part.Length(problem.RetryIn.Round(time.Second)) + "."
		}
		out = append(out, n.UI(p.on))
	}
	for _, n := range p.notices {
		out = append(out, part.Note{Text: n.Text, Label: "Dismiss", Msg: part.NoticesClosed{}}.UI(p.on))
	}
	return out
}
