package page

import (
	"time"

	"github.com/logpane/logpane/web/dom"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Long work over many entries is done in slices, between which the browser draws
// and takes input. The first slice follows what asked for it at once, so that the
// first screen needs no frame of waiting. Where somebody types it ends as soon as that
// is full, for the letter is to be seen as well, and those that follow are shorter: a
// key that is pressed waits for their end.
const (
	firstSlice  = 12 * time.Millisecond
	typingSlice = 5 * time.Millisecond
	slice       = 8 * time.Millisecond
)

// patience is how long rows stay as they were while those that a letter asks for do
// not fill the screen yet. Drawing a screen takes as long as two slices; it would be
// drawn twice, and flicker.
const patience = 60 * time.Millisecond

// redrawn is how often what stands around the rows follows work that goes on.
const redrawn = 120 * time.Millisecond

// work does a slice of what the model has left to do, and sees to the rest.
func (p *logs) work() {
	if p.m.Pending() && p.working == nil {
		p.slice(firstSlice)
		p.workOn()
	}
}

// workTyping does the same for a letter in the filter box: letter and rows come with
// the same frame, and what stands around them is drawn after it, for go-app takes as
// long for that as the rest of the frame. See quietly.
func (p *logs) workTyping() {
	p.live.drawn = time.Now()
	p.drawn.patient = p.live.drawn.Add(patience)
	p.types()
	if p.m.Pending() {
		end := p.live.drawn.Add(firstSlice)
		p.run(p.m.Work(func() bool { return !p.m.Filled() && time.Now().Before(end) }))
	}
	p.workOn()
	if p.working == nil {
		p.redrawNext()
	}
}

// redrawNext is redraw once the browser has drawn what is there, and draws the rows
// that it left out to be fast.
func (p *logs) redrawNext() {
	dom.Work(func() bool {
		if !p.gone {
			p.redraw()
			p.drawRows()
		}
		return false
	})
}

// quietly keeps go-app from drawing the page anew for what is handled now. Whoever
// calls it sees to that later.
func quietly(ctx app.Context) {
	if ctx != nil {
		ctx.PreventUpdate()
	}
}

// workOn sees to what is left between frames. Reading what is drawn around the rows
// may leave some.
func (p *logs) workOn() {
	if p.working != nil || !p.m.Pending() || p.grid == nil {
		return
	}
	p.working = dom.Work(func() bool {
		if p.gone {
			return false
		}
		if p.typing {
			p.slice(typingSlice)
		} else {
			p.slice(slice)
		}
		more := p.m.Pending()
		if more && p.waits() {
			return true
		}
		p.refresh()
		if !more {
			p.working = nil
			p.scanOn()
		}
		if _, loading := p.m.Loading(); more || loading {
			p.around()
		} else {
			p.redraw()
		}
		return more
	})
}

// waits reports whether the rows are left as they are for now: see patience.
func (p *logs) waits() bool { return !p.m.Filled() && time.Now().Before(p.drawn.patient) }

func (p *logs) slice(length time.Duration) {
	end := time.Now().Add(length)
	p.run(p.m.Work(func() bool { return time.Now().Before(end) }))
}

// redraw has everything but the rows drawn again.
func (p *logs) redraw() {
	p.live.drawn = time.Now()
	if p.ctx != nil {
		p.ctx.Dispatch(func(app.Context) { defer dom.Recover() })
	}
}

// refresh has the rows drawn again.
func (p *logs) refresh() {
	p.drawn.generation++
	p.drawRows()
}

// drawRows has those rows drawn with the next frame that are not, or not as they are.
func (p *logs) drawRows() {
	if p.grid != nil {
		p.grid.Refresh()
	}
}

// rested is how long nobody has typed when counts follow what was typed: drawing
// them takes as long as several letters.
const rested = 300 * time.Millisecond

// types notes that a letter was typed.
func (p *logs) types() {
	p.typing = true
	if p.rest != nil {
		p.rest.Reset(rested)
		return
	}
	p.rest = time.AfterFunc(rested, func() {
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.typing = false
			p.drawRows()
		})
	})
}

// recounted is how often counts are drawn anew while entries come in.
const recounted = 400 * time.Millisecond

// lately is a count, and when it was made.
type lately[T any] struct {
	is T
	at time.Time
}

// due reports whether the count is to be made anew.
func (l *lately[T]) due(loading bool) bool {
	now := time.Now()
	if loading && now.Sub(l.at) < recounted {
		return false
	}
	l.at = now
	return true
}
