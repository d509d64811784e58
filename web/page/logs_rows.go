package page

import (
	"time"

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
	top        float64
	patient    time.Time // until when rows wait for the first screen of what was typed
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
	if v.Top != p.drawn.top {
		p.drawn.top = v.Top
		p.touched()
	}
	if effects := p.m.Update(viewer.Scrolled{Top: v.Top, Height: v.Height, RowHeight: v.Row}); len(effects) > 0 {
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.run(effects)
		})
	}
	if !p.waits() {
		p.paint(v)
	}
	if p.m.Leapt() && !p.typing { // who types gets the rest with what follows the letter
		p.drawRows()
	}
}

// paint sends the rows that changed to the grid.
func (p *logs) paint(v dom.Viewport) {
	if p.grid == nil {
		return
	}
	p.columns()
	p.grid.Find(p.m.Find().Text)
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
	for at := range d.rows {
		if s := &d.rows[at]; s.row >= 0 && (s.row < w.First || s.row >= w.Last) && s.generation != d.generation {
			// Out of the window since the rows changed: what it shows may be gone, and a
			// screen reader would still come by.
			s.row = -1
			p.grid.Row(at, -1, "log-row", "", false, "")
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
		Height: w.Height, Base: base, Rows: p.m.Len(), Slots: len(d.rows), Active: active, ActiveCell: p.cell, Day: p.dayName(p.m.DayAt(first)),
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
	if r.Gap {
		class += " gap-row"
	}
	if r.Marked {
		class += " picked"
	}
	day := ""
	if r.NewDay && i > 0 {
		day = p.dayName(r.Day)
	}
	p.grid.Row(at, i, class, r.ID, r.Open || r.Focused, day)
	lens := p.lens()
	for _, c := range p.drawn.columns {
		text := p.m.Cell(i, c.Name)
		if !ours(c.Name) {
			text = lens.Field(c.Name, text)
		}
		p.grid.Cell(text)
	}
}

// ours reports whether a column shows what is known of every entry, and never what a
// vendor or its callers wrote.
func ours(column string) bool {
	switch column {
	case view.ByTime, "level", "target", "src", "status", "took", "attempt", "outcome", "vendor":
		return true
	}
	return false
}

// columns tells the grid which cells its rows have.
func (p *logs) columns() {
	cols := p.m.Columns()
	p.drawn.columns = cols
	p.cell = min(p.cell, len(cols)-1)
	cells := part.Cells(cols)
	out := make([]dom.Column, len(cols))
	for i, c := range cols {
		out[i] = dom.Column{Name: c.Name, Class: cells[i].Class, Phone: cells[i].Phone, Width: p.set.widths[c.Name]}
	}
	p.grid.Columns(out)
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
