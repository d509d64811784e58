package page

import (
	"context"
	"net/url"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// do gives the model a message, carries out what follows, and has the rows drawn.
func (p *logs) do(msg viewer.Msg) {
	p.run(p.m.Update(msg))
	p.drawn.generation++
	if open := p.m.Open(); open < 0 {
		p.entryKey = ""
	} else {
		p.m.Row(open, &p.drawn.row)
		if key := p.drawn.row.Src + "," + p.drawn.row.ID; key != p.entryKey || p.drawn.row.ID == "" {
			p.entry, p.entryKey = p.m.Entry(open), strings.Clone(key)
			p.panel = p.panel.On(p.entry)
			p.copied, p.refused = "", "" // that was said of another entry
		}
	}
	if p.grid != nil {
		p.grid.Refresh()
	}
}

// run carries out effects in their order.
func (p *logs) run(effects []viewer.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case viewer.LoadPage:
			p.fetch(e)
		case viewer.CancelLoad:
			if c := p.cancel[e.Generation]; c != nil {
				c()
			}
		case viewer.ReplaceURL:
			p.replace(e.URL)
		case viewer.PushURL:
			dom.Push(e.URL)
			p.replace(e.URL)
		case viewer.ScrollTo:
			if p.grid != nil {
				p.grid.ScrollTo(e.Top)
			}
		}
	}
}

// replace goes through go-app, which must know where it is: it ignores
// navigation to the address that it takes for the present one.
func (p *logs) replace(address string) {
	path, query, _ := strings.Cut(address, "?")
	u := *p.ctx.Page().URL()
	u.Path, u.RawPath, u.RawQuery, u.Fragment = "", "", query, ""
	if plain, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = plain, path
	}
	p.ctx.Page().ReplaceURL(&u)
}

// fetch asks for a page of entries. The answer stays the bytes that it is.
func (p *logs) fetch(e viewer.LoadPage) {
	call, cancel := context.WithCancel(p.ctx)
	p.cancel[e.Generation] = cancel
	p.ctx.Async(func() {
		defer dom.Recover()
		defer cancel()
		body, err := p.deps.Client.LogsBody(call, client.Query{Src: e.Src, Q: e.Query, From: e.From, To: e.To, Cursor: e.Cursor, Limit: e.Limit})
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			delete(p.cancel, e.Generation)
			p.run(p.m.Update(viewer.Ticked{Now: p.deps.Now()}))
			if err != nil {
				p.do(viewer.PageFailed{Generation: e.Generation, Err: err})
				if k := fault.KindOf(err); k == fault.Unauthenticated || k == fault.NotFound {
					// Forgotten elsewhere, perhaps: say which one is missing.
					load(p.ctx, &p.conns, p.deps.Client.Connections, p.learn)
				}
				return
			}
			p.do(viewer.PageLoaded{Generation: e.Generation, Body: body})
		})
	})
}

// clicked opens the details of a row, here or in a new tab.
func (p *logs) clicked(row int, newTab bool) {
	if newTab {
		if row < p.m.Len() {
			var r viewer.Row
			p.m.Row(row, &r)
			v := p.m.View()
			v.Sel = r.Key
			dom.OpenTab(v.Absolute(p.deps.Now(), p.m.Zone()).URL())
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
	if p.menu == part.MenuKeys && k.Name == "Tab" {
		return true // the sheet is modal, and has a single button
	}
	cmd, pending := find(k, p.pending)
	p.pending = pending
	if cmd == noCommand {
		return pending != ""
	}
	if p.menu == part.MenuKeys && cmd != cmdClose && cmd != cmdKeys {
		return true
	}
	p.ctx.Dispatch(func(app.Context) {
		defer dom.Recover()
		p.command(cmd, k.Typing)
		if moves(cmd) && !k.Control {
			p.focusGrid() // what moves the row holds the keyboard, and Tab goes on from there
		}
	})
	return true
}

// moves reports whether a command moves the focused row or opens it.
func moves(cmd command) bool {
	return cmdDown <= cmd && cmd <= cmdOpen || cmdNextError <= cmd && cmd <= cmdPrevRelated
}

// command does what a key means. inField says that the keyboard was in a field.
func (p *logs) command(cmd command, inField bool) {
	jump := func(to viewer.Landmark, back bool) {
		p.now()
		p.do(viewer.Jumped{To: to, Back: back})
	}
	switch cmd {
	case cmdFilter:
		p.menu = part.NoMenu
		dom.Focus(part.IDSearch, true)
	case cmdDown:
		p.do(viewer.Stepped{By: 1})
	case cmdUp:
		p.do(viewer.Stepped{By: -1})
	case cmdPageDown:
		p.do(viewer.Stepped{By: p.screen()})
	case cmdPageUp:
		p.do(viewer.Stepped{By: -p.screen()})
	case cmdNewest:
		p.do(viewer.WentNewest{})
	case cmdOldest:
		p.now()
		p.do(viewer.WentOldest{})
	case cmdOpen:
		p.do(viewer.DetailsOpened{})
	case cmdClose:
		p.escape(inField)
	case cmdNextError, cmdPrevError:
		jump(viewer.ToError, cmd == cmdPrevError)
	case cmdNextWarning, cmdPrevWarning:
		jump(viewer.ToWarning, cmd == cmdPrevWarning)
	case cmdNextRelated, cmdPrevRelated:
		jump(viewer.ToRelated, cmd == cmdPrevRelated)
	case cmdCopyLink:
		p.copy("link")
	case cmdCopyRaw:
		p.copy("raw")
	case cmdTime:
		p.toggle(part.MenuSpan)
	case cmdReload:
		p.now()
		p.do(viewer.Reloaded{})
	case cmdKeys:
		p.toggle(part.MenuKeys)
	}
}

// escape closes the topmost layer, and only that.
func (p *logs) escape(inField bool) {
	switch {
	case p.menu != part.NoMenu:
		p.menu = part.NoMenu
		p.focusGrid()
	case inField:
		dom.Blur()
		p.focusGrid()
	case p.m.Open() >= 0:
		p.do(viewer.DetailsClosed{})
		p.focusGrid()
	case p.lane != "":
		p.lane = ""
	case p.m.Focused() >= 0:
		p.do(viewer.RowFocused{Row: -1})
	}
}

// screen is the number of rows that one screen moves by: one stays in view.
func (p *logs) screen() int {
	if p.drawn.rowHeight <= 0 {
		return 1
	}
	return max(int(p.drawn.height/p.drawn.rowHeight)-1, 1)
}

// copy puts something on the clipboard and says in place whether that worked.
func (p *logs) copy(what string) {
	text := p.text(what)
	if text == "" {
		return
	}
	dom.Copy(text, func(ok bool) {
		p.ctx.Dispatch(func(app.Context) {
			p.copied, p.refused = what, ""
			if !ok {
				p.copied, p.refused = "", what
			}
		})
		after(p.ctx, copiedFor, func() {
			if p.copied == what || p.refused == what {
				p.copied, p.refused = "", ""
			}
		})
	})
}

// text returns what a copy of something holds, "" where there is nothing.
func (p *logs) text(what string) string {
	if what == "link" {
		// An exact link: a moving window would show something else tomorrow.
		u := *p.ctx.Page().URL()
		return u.Scheme + "://" + u.Host + p.m.View().Absolute(p.deps.Now(), p.m.Zone()).URL()
	}
	if p.m.Open() < 0 {
		return ""
	}
	return p.details().Copy(what)
}
