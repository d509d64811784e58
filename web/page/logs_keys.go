package page

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// clicked opens the details of a row, here or in a new tab.
func (p *logs) clicked(row int, newTab bool) {
	if newTab {
		if row < p.m.Len() {
			dom.OpenTab(p.rowLink(row))
		}
		return
	}
	p.ctx.Dispatch(func(app.Context) {
		defer dom.Recover()
		p.menu = part.NoMenu
		if row < p.m.Len() {
			p.do(viewer.RowOpened{Row: row})
			p.focusGrid()
		}
	})
}

// key takes a key press and reports whether it was used.
func (p *logs) key(k dom.Key) bool {
	if p.awaited != "" && !k.Typing && !k.Ctrl && !k.Alt && character(k.Name) {
		p.ahead += k.Name
		return true
	}
	if k.Typing && !k.Alt {
		switch dom.Focused() {
		case part.IDSearch:
			if p.searchKey(k) {
				return true
			}
		case part.IDPalette:
			if used, id := p.palette.Key(k.Name, p.items()); used {
				if id != "" {
					p.later(part.PaletteChosen{ID: id})
				} else {
					p.redraw()
					p.revealSoon(part.PaletteID(p.palette.At))
				}
				return true
			}
		case part.IDFindText:
			if k.Name == "Enter" && k.Shift {
				p.later(viewer.FindStepped{Back: true})
				return true
			}
		}
	}
	if p.menu.Modal() && k.Name == "Tab" {
		return dom.Cycle(part.IDDialog, k.Shift)
	}
	cmd, pending := find(k, p.pending, p.set.letters)
	p.pending = pending
	p.live.acted = true
	if cmd == noCommand || cmd == cmdPause && !p.m.View().Live {
		return pending != ""
	}
	if p.menu.Modal() && cmd != cmdClose && cmd != p.opens() {
		return !moves(cmd) // those scroll the layer, or choose among its buttons
	}
	if p.menu != part.NoMenu && k.Control && moves(cmd) {
		return false // the keyboard is in a menu of the bar, whose rows those go through
	}
	if cmd == cmdFind && (p.m.Find().Open || p.place.is != nil) {
		return false // a second time, and where there is no table, it is the browser's own
	}
	if p.place.is != nil && !k.Typing && p.menu == part.NoMenu {
		if used, done := p.placeKey(cmd); done {
			return used
		}
	}
	if p.place.is == nil && moves(cmd) && (!k.Control || p.m.Open() < 0) {
		// What moves the row holds the keyboard, so that Enter opens it and Tab goes on
		// from there; but for buttons of the open details, which move along.
		p.focusGrid()
	}
	if takesText(cmd) {
		p.awaited = someField
	}
	p.ctx.Dispatch(func(app.Context) {
		defer dom.Recover()
		p.command(cmd, k.Typing)
		if p.awaited == someField { // it only closed something
			p.awaited, p.ahead = "", ""
		}
	})
	return true
}

// someField is awaited until the command of a key says which field it is.
const someField = "?"

// takesText reports whether a command gives the keyboard to a field.
func takesText(cmd command) bool {
	return cmd == cmdFilter || cmd == cmdFind || cmd == cmdPalette || cmd == cmdTime
}

// opens returns the command that opened what lies over the page.
func (p *logs) opens() command {
	switch p.menu {
	case part.MenuKeys:
		return cmdKeys
	case part.MenuPalette:
		return cmdPalette
	}
	return noCommand
}

// means are the commands that are no more than a message to the table. now tells it
// the time first, for those that depend on it.
var means = [...]struct {
	msg viewer.Msg
	now bool
}{
	cmdDown:        {msg: viewer.Stepped{By: 1}},
	cmdUp:          {msg: viewer.Stepped{By: -1}},
	cmdNewest:      {msg: viewer.WentNewest{}},
	cmdOldest:      {viewer.WentOldest{}, true},
	cmdNextError:   {viewer.Jumped{To: viewer.ToError}, true},
	cmdPrevError:   {viewer.Jumped{To: viewer.ToError, Back: true}, true},
	cmdNextWarning: {viewer.Jumped{To: viewer.ToWarning}, true},
	cmdPrevWarning: {viewer.Jumped{To: viewer.ToWarning, Back: true}, true},
	cmdNextRelated: {viewer.Jumped{To: viewer.ToRelated}, true},
	cmdPrevRelated: {viewer.Jumped{To: viewer.ToRelated, Back: true}, true},
	cmdNextAttempt: {viewer.Jumped{To: viewer.ToRelated}, true},
	cmdPrevAttempt: {viewer.Jumped{To: viewer.ToRelated, Back: true}, true},
	cmdNextMatch:   {msg: viewer.FindStepped{}},
	cmdPrevMatch:   {msg: viewer.FindStepped{Back: true}},
	cmdEarlier:     {viewer.Shifted{Back: true}, true},
	cmdLater:       {viewer.Shifted{}, true},
	cmdZoomOut:     {viewer.ZoomedOut{}, true},
	cmdReload:      {viewer.Reloaded{}, true},
	cmdPause:       {msg: viewer.PauseToggled{}},
}

// command does what a key means. inField says that the keyboard was in a field.
func (p *logs) command(cmd command, inField bool) {
	row := p.m.Focused()
	if int(cmd) < len(means) && means[cmd].msg != nil {
		if means[cmd].now {
			p.now()
		}
		p.do(means[cmd].msg)
	}
	switch cmd {
	case cmdFilter:
		p.menu = part.NoMenu
		p.focus(part.IDSearch)
	case cmdPageDown:
		p.do(viewer.Stepped{By: p.screen()})
	case cmdPageUp:
		p.do(viewer.Stepped{By: -p.screen()})
	case cmdOpen:
		if row >= 0 && p.onJob() && p.drill(row) {
			return
		}
		p.do(viewer.DetailsOpened{})
	case cmdClose:
		p.escape(inField)
	case cmdNextRelated, cmdPrevRelated:
		if row >= 0 && p.m.Focused() == row {
			p.drill(row) // no other one is loaded: all of the job is a page away
		}
	case cmdCellRight:
		p.cell = min(p.cell+1, len(p.m.Columns())-1)
	case cmdCellLeft:
		p.cell = max(p.cell-1, -1)
	case cmdInclude, cmdExclude:
		p.cellFilter(cmd == cmdExclude)
	case cmdFind:
		p.openFind()
	case cmdPalette:
		p.toggle(part.MenuPalette)
	case cmdAround, cmdSameJob:
		if row >= 0 {
			p.now()
			var msg viewer.Msg = viewer.AroundAsked{Row: row}
			if cmd == cmdSameJob {
				msg = viewer.SameJobAsked{Row: row}
			}
			p.do(msg)
		}
	case cmdMark:
		p.do(viewer.Marked{Row: row})
	case cmdMarkRange:
		p.do(viewer.MarkedRange{Row: row})
	case cmdCompare:
		p.compare()
	case cmdExact:
		p.exact()
	case cmdFacets:
		p.showFacets(!p.set.facets)
	case cmdCopyLink:
		if row >= 0 && p.place.is == nil {
			p.copyRow(row)
		} else {
			p.copy(part.CopiedLink)
		}
	case cmdCopyRaw:
		if row >= 0 {
			e := p.m.Entry(row)
			p.copyEntry(part.CopiedJSON, part.CopiedJSON, &e)
		} else {
			p.copy(part.CopiedJSON)
		}
	case cmdTime:
		p.toggle(part.MenuSpan)
	case cmdKeys:
		p.toggle(part.MenuKeys)
	case cmdLive:
		p.toggleLive()
	}
	p.refresh()
}

// cellFilter filters by the value of the cell that the reader is at.
func (p *logs) cellFilter(exclude bool) {
	row, cols := p.m.Focused(), p.m.Columns()
	if row < 0 || p.cell < 0 || p.cell >= len(cols) {
		return
	}
	p.now()
	name, value, ok := p.m.Value(row, cols[p.cell].Name)
	if !ok {
		return
	}
	if exclude {
		p.do(viewer.Excluded{Field: name, Value: value})
		return
	}
	p.do(viewer.Included{Field: name, Value: value})
}

// onJob reports whether the reader is at the cell that names what the entry
// belongs to.
func (p *logs) onJob() bool {
	cols := p.m.Columns()
	if p.cell < 0 || p.cell >= len(cols) {
		return false
	}
	switch cols[p.cell].Name {
	case "job", "item", "exception":
		return true
	}
	return false
}

// exact writes the span into the address as it is at this moment.
func (p *logs) exact() {
	v := p.here().Absolute(p.deps.Now(), p.m.Zone())
	if p.covers() {
		p.goTo(v)
	} else {
		p.now()
		p.do(viewer.SpanChosen{From: v.From, To: v.To})
	}
	p.tell("The address shows this exact time now")
}

// escape closes the topmost layer, and only that.
func (p *logs) escape(inField bool) {
	switch {
	case p.menu != part.NoMenu:
		p.shut()
	case p.m.Find().Open && (!inField || dom.Focused() == part.IDFindText):
		p.do(viewer.FindClosed{})
		p.focusGrid()
	case inField:
		dom.Blur()
		p.focusGrid()
	case p.set.facets && dom.Width() < wide:
		p.showFacets(false)
	case p.m.Open() >= 0:
		p.do(viewer.DetailsClosed{})
		p.focusGrid()
	case p.lane != "":
		p.lane = ""
	case p.cell >= 0:
		p.cell = -1
	case p.m.Focused() >= 0:
		p.do(viewer.RowFocused{Row: -1})
	case p.m.Marks() > 0:
		p.do(viewer.MarksCleared{})
	}
}

// openFind opens the find bar with the keyboard in it, or closes it.
func (p *logs) openFind() {
	if p.m.Find().Open {
		p.focus(part.IDFindText)
		return
	}
	p.do(viewer.FindEdited{Text: p.m.Find().Text})
	p.focusSoon(part.IDFindText)
}

// screen is the number of rows that one screen moves by: one stays in view.
func (p *logs) screen() int {
	if p.drawn.rowHeight <= 0 {
		return 1
	}
	return max(int(p.drawn.height/p.drawn.rowHeight)-1, 1)
}
