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
	narrow := p.m.Open() < 0 && dom.Width() < wide
	effects := p.m.Update(msg)
	switch msg.(type) {
	case viewer.Ticked:
	default:
		p.touched()
	}
	switch msg.(type) {
	case viewer.Opened:
		p.covered = false
	case viewer.DetailsClosed:
		if p.covered {
			p.covered, effects = false, nil
			dom.Back() // to the address without the entry
		}
	default:
		if narrow && p.m.Open() >= 0 { // the details cover the table: Back is the way out of them
			dom.Push(p.m.View().URL())
			p.covered = true
		}
	}
	p.run(effects)
	_, typing := msg.(viewer.QueryEdited)
	if typing {
		p.workTyping()
	} else {
		p.work()
	}
	p.drawn.generation++
	if !typing && p.m.Draft() != p.field {
		p.field = p.m.Draft()
		dom.SetValue(part.IDSearch, p.field)
	}
	if open := p.m.Open(); open < 0 {
		p.entryKey = ""
	} else {
		p.m.Row(open, &p.drawn.row)
		if key := p.drawn.row.Src + "," + p.drawn.row.ID; key != p.entryKey || p.drawn.row.ID == "" {
			p.entry, p.entryKey = p.m.Entry(open), strings.Clone(key)
			p.panel = p.panel.On(p.entry, p.lens())
			p.copied, p.refused = "", "" // that was said of another entry
		}
	}
	p.drawRows()
	p.scanOn()
}

// run carries out effects in their order.
func (p *logs) run(effects []viewer.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case viewer.LoadPage:
			p.fetch(e)
		case viewer.LoadCounts:
			p.count(e)
		case viewer.CancelLoad:
			if c := p.cancel[e.Generation]; c != nil {
				c()
			}
		case viewer.ReplaceURL:
			if p.covers() {
				v := p.place.view
				v.Zone = p.m.View().Zone
				e.URL = v.URL()
			}
			p.replace(e.URL)
		case viewer.PushURL:
			p.covered = false
			dom.Push(e.URL)
			p.replace(e.URL)
		case viewer.OpenTail:
			p.tail(e)
		case viewer.CloseTail:
			p.untail()
		case viewer.CheckTail:
			p.check(e)
		case viewer.KeepColumns:
			p.set.setColumns(e.Kind, e.Cols)
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
		// Next, and not ctx.Dispatch: drawing what stands around the rows takes as
		// long as taking in a page of them, and many pages come each second.
		p.ctx.Dispatcher().Dispatch(app.Dispatch{Mode: app.Next, Source: p, Function: func(app.Context) {
			defer dom.Recover()
			defer p.around()
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
		}})
	})
}

// count asks the vendors to count. Where that fails, the facets show what is counted
// here, as ever.
func (p *logs) count(e viewer.LoadCounts) {
	p.ctx.Async(func() {
		defer dom.Recover()
		page, err := p.deps.Client.Logs(p.ctx, client.Query{Src: e.Src, Q: e.Query, From: e.From, To: e.To, Limit: 1, Facets: true})
		if err != nil {
			return
		}
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.do(viewer.CountsLoaded{Generation: e.Generation, Facets: page.Facets})
		})
	})
}
