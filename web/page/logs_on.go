package page

import (
	"context"
	"slices"
	"strings"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// on takes what happens on the page.
func (p *logs) on(ctx app.Context, msg any) {
	defer dom.Recover()
	p.live.acted = true
	if p.place.is != nil && p.place.is.on(ctx, msg) {
		return
	}
	if p.onExport(msg) || p.onLens(msg) {
		return
	}
	switch m := msg.(type) {
	case entriesAsked:
		p.entries(p.here())
	case part.CompareAsked:
		p.compareOpen()
	case backAsked:
		dom.Back()
	case viewer.DetailsClosed, viewer.FindClosed:
		p.do(m.(viewer.Msg))
		p.focusGrid()
	case viewer.SuggestionTaken, viewer.TextSearched:
		p.given = true
		p.now()
		p.do(m.(viewer.Msg))
		p.set.remember(p.m.View().Query)
	case viewer.Msg:
		p.now()
		p.do(m)
	case part.PanelEvent:
		p.panel = p.panel.Next(m)
	case part.Typed:
		if m.ID == part.IDSearch {
			quietly(ctx)
		}
		p.typed(m, dom.Value(m.ID))
	case part.MenuToggled:
		p.toggle(m.Menu)
	case part.LaneToggled:
		if p.lane == m.Src {
			m.Src = ""
		}
		p.lane = m.Src
	case part.LanesToggled:
		p.lanes = !p.lanes
	case part.ActionGiven:
		p.act(m.Action)
	case part.ConnectMore:
		p.deps.navigate(p.ctx, p.connectURL(alogs.Target{}))
	case part.Retried:
		if id, ok := strings.CutPrefix(m.What, "targets:"); ok {
			p.loadPicks(id)
		} else if m.What == "requests" {
			p.loadCalls()
		}
	case part.NoticesClosed:
		p.notices = nil
	case part.Copied:
		p.copy(m.What)
	case part.RequestsAsked:
		p.toggle(part.MenuRequests)
	default:
		if rail, ok := p.rail.With(msg, ""); ok {
			p.rail = rail
		} else if !p.onSearch(msg) && !p.onTime(msg) && !p.onTargets(msg) && !p.onSaved(msg) && !p.onShare(msg) {
			p.onSettings(msg)
		}
	}
}

// onTargets takes what happens in the picker, and reports whether msg is of it.
func (p *logs) onTargets(msg any) bool {
	switch m := msg.(type) {
	case part.Picked:
		p.marked = toggled(p.marked, m.Address)
	case part.PicksGiven:
		p.menu = part.NoMenu
		p.now()
		p.do(viewer.TargetsChosen{Src: p.marked})
		p.label()
		p.focusGrid()
	default:
		return false
	}
	return true
}

// toggled returns marks without one, or with it where it is missing, as a new slice:
// the old one may be on its way to the screen.
func toggled(marks []string, mark string) (out []string) {
	for _, m := range marks {
		if m != mark {
			out = append(out, m)
		}
	}
	if len(out) == len(marks) {
		out = append(out, mark)
	}
	return out
}

// now tells the model the moment before a message that depends on it. It does
// not send Ticked for every message, which would also write the address.
func (p *logs) now() { p.run(p.m.Update(viewer.Ticked{Now: p.deps.Now()})) }

// typed takes the text of a field.
func (p *logs) typed(msg part.Typed, text string) {
	switch msg.ID {
	case part.IDSearch:
		p.edited(text)
	case part.IDFind:
		p.find = text
	case part.IDSpan:
		p.box.Read, p.box.Wrong = p.understand(text)
	case part.IDFindText:
		p.do(viewer.FindEdited{Text: text})
	case part.IDPalette:
		p.palette.Edited(text)
	case part.IDColumn:
		p.sought = text
	default:
		if rail, ok := p.rail.With(msg, text); ok {
			p.rail = rail
		}
	}
}

// toggle opens a menu, or closes it.
func (p *logs) toggle(m part.Menu) {
	p.search.Close()
	if p.menu == m || m == part.NoMenu {
		p.shut()
		return
	}
	p.menu = m
	if !slices.Contains(quiets, m) {
		p.do(viewer.Paused{})
	}
	switch m {
	case part.MenuTargets:
		p.marked, p.find = p.m.View().Src, ""
		for _, c := range p.conns.Value {
			p.loadPicks(c.ID)
		}
	case part.MenuSpan:
		p.box = part.SpanBox{}
	case part.MenuZone:
		p.zones = part.ZoneBox{}
	case part.MenuSaved:
		p.saved = part.Saved{}
	case part.MenuPalette:
		p.palette = part.PaletteBox{}
	case part.MenuRequests:
		p.loadCalls()
	case part.MenuExport:
		p.openExport()
	case part.MenuShare:
		p.sharing.at = p.deps.Now()
	}
	if id := m.First(); id != "" {
		p.focusSoon(id)
	}
}

// shut closes the menu, and gives the keyboard to the table; of what is shared, which
// is a menu without a field, back to the button.
func (p *logs) shut() {
	was := p.menu
	p.menu = part.NoMenu
	if was != part.MenuShare {
		p.focusGrid()
		return
	}
	dom.Focus(part.IDShare, false)
	if dom.Focused() != part.IDShare { // a phone has no room for it
		dom.Focus(part.IDMore, false)
	}
}

// loadCalls asks for the calls with which the search begins.
func (p *logs) loadCalls() {
	v := p.m.View()
	q := client.Query{Src: v.Src, Q: p.m.Asked()}
	if s, err := v.Span(p.deps.Now(), p.m.Zone()); err == nil {
		q.From, q.To = moment(s.From), moment(s.To)
	}
	p.calls = loaded[[]wire.Request]{}
	load(p.ctx, &p.calls, func(ctx context.Context) ([]wire.Request, error) { return p.deps.Client.Requests(ctx, q) }, nil)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// focusSoon gives the keyboard to what the next drawing makes.
func (p *logs) focusSoon(id string) {
	p.awaited = id
	p.ctx.Defer(func(app.Context) { p.focus(id) })
}

// focus gives the keyboard to a field. What was typed since it was asked for goes
// there too: it was not meant for the table.
func (p *logs) focus(id string) {
	dom.Focus(id, true)
	text := p.ahead
	p.awaited, p.ahead = "", ""
	if text != "" {
		dom.SetValue(id, text)
		p.typed(part.Typed{ID: id}, text)
	}
}

// revealSoon scrolls to something that the next drawing changes.
func (p *logs) revealSoon(id string) {
	p.ctx.Defer(func(app.Context) { dom.Reveal(id) })
}

// focusGrid gives the keyboard to the table. At a drill-down, which has none, it takes
// it away from the field that has it, so that keys are commands again.
func (p *logs) focusGrid() {
	if p.place.is != nil {
		dom.Blur()
	} else if p.grid != nil {
		p.grid.Focus()
	}
}

// offered are the messages of the offers that are no more than one.
var offered = [...]viewer.Msg{
	viewer.ActClear:     viewer.QuerySubmitted{},
	viewer.ActRetry:     viewer.Retried{},
	viewer.ActReload:    viewer.Reloaded{},
	viewer.ActSearchOn:  viewer.MoreAsked{},
	viewer.ActCancel:    viewer.LoadCanceled{},
	viewer.ActAll:       viewer.AllAsked{},
	viewer.ActFollow:    viewer.LiveChosen{On: true},
	viewer.ActFollowNew: viewer.LiveChosen{On: true},
	viewer.ActFollowNow: viewer.LiveForced{},
	viewer.ActCorrect:   viewer.SuggestionTaken{},
}

// act carries out an offer.
func (p *logs) act(a viewer.Action) {
	p.now()
	if int(a) < len(offered) && offered[a] != nil {
		p.do(offered[a])
		return
	}
	switch a {
	case viewer.ActConnect:
		if t, _, ok := p.joins(); ok {
			p.joinShown(t, false)
			return
		}
		t, _ := p.missing()
		p.deps.navigate(p.ctx, p.connectURL(t))
	case viewer.ActDemo:
		p.tryDemo()
	case viewer.ActPick:
		p.toggle(part.MenuTargets)
	case viewer.ActWiden:
		p.do(viewer.SpanChosen{From: p.m.Empty().WidenTo.From})
	case viewer.ActEditQuery:
		p.focus(part.IDSearch)
	case viewer.ActDrop:
		p.submit(p.m.Empty().Query)
	case viewer.ActEditSpan:
		if p.menu != part.MenuSpan {
			p.toggle(part.MenuSpan)
		}
	}
}
