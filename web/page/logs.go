package page

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// zoneKey is where the reader's choice of zone is kept: "UTC", or nothing for
// the browser's own.
const zoneKey = "logpane.zone"

// copiedFor is how long a copy button says that it copied.
const copiedFor = 1500 * time.Millisecond

// logs is the page of the log table. What it shows is decided by its model; the
// page feeds it, carries out its effects, and draws what it says. Rows are drawn
// outside of Render, by paint.
type logs struct {
	app.Compo
	deps    Deps
	ctx     app.Context
	m       *viewer.Model
	grid    *dom.Grid
	drawn   drawn
	close   []func()
	cancel  map[int]context.CancelFunc // loads under way, by generation
	gone    bool
	theme   string
	notices []view.Notice

	vendors loaded[wire.Vendors]
	conns   loaded[[]wire.Connection]
	picks   map[string]*loaded[[]wire.Target] // by connection id
	marked  []string                          // addresses, in the picker
	find    string                            // in the picker
	menu    part.Menu
	box     part.SpanBox
	lane    string // src of the lane whose reason is shown
	lanes   bool   // all lanes are shown, however many there are

	entry    alogs.Entry // decoded, of the open row
	entryKey string      // of which row it is
	panel    part.PanelState
	copied   string
	refused  string
	trying   bool         // the demo is being connected
	tryErr   *fault.Error // why it could not be
	pending  string       // first key of a sequence
}

func newLogs(d Deps) *logs {
	return &logs{deps: d, m: viewer.New(), cancel: map[int]context.CancelFunc{}, picks: map[string]*loaded[[]wire.Target]{}}
}

// OnMount takes over keys and rows and asks what the session has.
func (p *logs) OnMount(ctx app.Context) {
	defer dom.Recover()
	p.ctx = ctx
	p.theme = dom.Stored(themeKey)
	p.grid = dom.OpenGrid(part.IDGrid, dom.GridEvents{
		Frame: p.frame, Pick: p.clicked,
		Resized: func(string, int) {},
		Moved: func(name string, to int) {
			ctx.Dispatch(func(ctx app.Context) { p.on(ctx, viewer.ColumnMoved{Name: name, To: to}) })
		},
	})
	p.close = append(p.close, dom.Keys(p.key))
	load(ctx, &p.vendors, p.deps.Client.Vendors, p.learn)
	load(ctx, &p.conns, p.deps.Client.Connections, p.learn)
	p.tick()
}

// OnNav shows the address.
func (p *logs) OnNav(ctx app.Context) {
	defer dom.Recover()
	u := ctx.Page().URL()
	v, notices := view.Parse(u.EscapedPath(), u.RawQuery)
	p.menu, p.lane = part.NoMenu, ""
	loc := p.zone(v.Zone)
	if v.Zone != "" && loc == nil {
		notices = append(notices, view.Notice{Param: "tz", Text: "The zone “" + v.Zone + "” is not known here; times are shown in yours."})
	}
	if loc == nil {
		loc = p.own()
	}
	p.notices, p.tryErr = notices, nil
	now := p.deps.Now()
	if t, ok := dom.OpenedAt(); ok {
		now = t
	}
	p.do(viewer.Opened{View: v, Now: now, Zone: loc})
	dom.SetValue(part.IDSearch, p.m.Draft())
	p.label()
}

// OnDismount gives back what OnMount took.
func (p *logs) OnDismount() {
	p.gone = true
	for _, c := range p.cancel {
		c()
	}
	for _, c := range p.close {
		c()
	}
	if p.grid != nil {
		p.grid.Close()
	}
}

// zone returns the zone of that name, nil for "" and for one that is unknown.
func (p *logs) zone(name string) *time.Location {
	if name == "" {
		return nil
	}
	if loc, ok := view.Location(name); ok {
		return loc
	}
	loc, _ := dom.Location(name)
	return loc
}

// own returns the zone that the reader chose last, else the browser's.
func (p *logs) own() *time.Location {
	for _, name := range []string{dom.Stored(zoneKey), p.deps.Zone} {
		if loc := p.zone(name); loc != nil {
			return loc
		}
	}
	return time.UTC
}

// tick tells the model the time, once a second while somebody looks.
func (p *logs) tick() {
	after(p.ctx, time.Second, func() {
		if p.gone {
			return
		}
		if !dom.Hidden() {
			p.do(viewer.Ticked{Now: p.deps.Now()})
		}
		p.tick()
	})
}

// learn tells the model what the session has, and asks for the names of the
// view's targets.
func (p *logs) learn() {
	if p.vendors.Busy || p.conns.Busy || !p.conns.Ready {
		return
	}
	p.do(viewer.ConnectionsLoaded{Connections: p.conns.Value, Demo: p.vendors.Value.Demo})
	p.label()
}

// label asks for the targets of the connections that the view uses: addresses
// hold ids, and people call things by name.
func (p *logs) label() {
	for _, src := range p.m.View().Src {
		t, err := alogs.ParseTarget(src)
		if err != nil || len(t.Path) == 0 {
			continue
		}
		for _, c := range p.conns.Value {
			if c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account {
				p.loadPicks(c.ID)
			}
		}
	}
}

// loadPicks asks once for the targets of a connection.
func (p *logs) loadPicks(id string) {
	if l := p.picks[id]; l != nil && l.Err == nil {
		return
	}
	l := &loaded[[]wire.Target]{}
	p.picks[id] = l
	load(p.ctx, l, func(ctx context.Context) ([]wire.Target, error) { return p.deps.Client.Targets(ctx, id) }, func() {
		p.do(viewer.TargetsLoaded{Targets: l.Value})
	})
}

// on takes what happens on the page.
func (p *logs) on(_ app.Context, msg any) {
	defer dom.Recover()
	switch m := msg.(type) {
	case viewer.DetailsClosed:
		p.do(m)
		p.focusGrid()
	case viewer.Msg:
		p.now()
		p.do(m)
	case part.ThemeChosen:
		p.theme = m.Theme
		setTheme(m.Theme)
	case part.Typed:
		p.typed(m.ID, dom.Value(m.ID))
	case part.QueryGiven:
		p.submit(dom.Value(part.IDSearch))
	case part.MenuToggled:
		p.toggle(m.Menu)
	case part.ZoneToggled:
		p.otherZone()
	case part.PresetGiven:
		p.menu = part.NoMenu
		p.now()
		p.do(viewer.SpanChosen{From: m.From})
		p.focusGrid()
	case part.SpanGiven:
		p.spanGiven(dom.Value(part.IDSpan))
	case part.LaneToggled:
		if p.lane == m.Src {
			p.lane = ""
		} else {
			p.lane = m.Src
		}
	case part.LanesToggled:
		p.lanes = !p.lanes
	case part.ActionGiven:
		p.act(m.Action)
	case part.Picked:
		if i := slices.Index(p.marked, m.Address); i >= 0 {
			p.marked = slices.Delete(slices.Clone(p.marked), i, i+1)
		} else {
			p.marked = append(slices.Clone(p.marked), m.Address)
		}
	case part.PicksGiven:
		p.menu = part.NoMenu
		p.now()
		p.do(viewer.TargetsChosen{Src: p.marked})
		p.label()
		p.focusGrid()
	case part.ConnectMore:
		p.deps.navigate(p.ctx, p.connectURL(alogs.Target{}))
	case part.ConnectMissing:
		p.deps.navigate(p.ctx, p.connectURL(alogs.Target{Vendor: m.Vendor, Region: m.Region, Account: m.Account}))
	case part.Retried:
		if id, ok := strings.CutPrefix(m.What, "targets:"); ok {
			p.loadPicks(id)
		}
	case part.NoticesClosed:
		p.notices = nil
	case part.Copied:
		p.copy(m.What)
	case part.PanelEvent:
		p.panel = p.panel.Next(m)
	}
}

// now tells the model the moment before a message that depends on it. It does
// not send Ticked for every message, which would also write the address.
func (p *logs) now() { p.run(p.m.Update(viewer.Ticked{Now: p.deps.Now()})) }

// typed takes the text of a field.
func (p *logs) typed(id, text string) {
	switch id {
	case part.IDSearch:
		p.do(viewer.QueryEdited{Query: text})
	case part.IDFind:
		p.find = text
	case part.IDSpan:
		p.box.Read, p.box.Wrong = p.understand(text)
	}
}

// submit commits the filter.
func (p *logs) submit(query string) {
	p.now()
	p.do(viewer.QuerySubmitted{Query: strings.TrimSpace(query)})
}

// understand says how the text of the time box is read, or why it is not.
func (p *logs) understand(text string) (read, wrong string) {
	if strings.TrimSpace(text) == "" {
		return "", ""
	}
	now := p.deps.Now()
	from, to, err := view.ParseSpan(text, now, p.m.Zone())
	if err != nil {
		return "", fault.Of(err).Msg
	}
	s, err := view.View{From: from, To: to}.Span(now, p.m.Zone())
	if err != nil {
		return "", fault.Of(err).Msg
	}
	return view.SpanText(s, p.m.Zone()), ""
}

// spanGiven commits the text of the time box, if it can be read.
func (p *logs) spanGiven(text string) {
	from, to, err := view.ParseSpan(text, p.deps.Now(), p.m.Zone())
	if err != nil {
		p.box.Read, p.box.Wrong = "", fault.Of(err).Msg
		return
	}
	p.menu = part.NoMenu
	p.now()
	p.do(viewer.SpanChosen{From: from, To: to})
	p.focusGrid()
}

// toggle opens a menu, or closes it.
func (p *logs) toggle(m part.Menu) {
	if p.menu == m {
		p.menu = part.NoMenu
		p.focusGrid()
		return
	}
	p.menu = m
	switch m {
	case part.MenuTargets:
		p.marked, p.find = p.m.View().Src, ""
		for _, c := range p.conns.Value {
			p.loadPicks(c.ID)
		}
		p.focusSoon(part.IDFind)
	case part.MenuSpan:
		p.box = part.SpanBox{}
		p.focusSoon(part.IDSpan)
	case part.MenuKeys:
		p.focusSoon("keys-close")
	}
}

// focusSoon focuses a field that the next drawing makes.
func (p *logs) focusSoon(id string) {
	p.ctx.Defer(func(app.Context) { dom.Focus(id, true) })
}

func (p *logs) focusGrid() {
	if p.grid != nil {
		p.grid.Focus()
	}
}

// otherZone switches between UTC and the browser's zone.
func (p *logs) otherZone() {
	name := "UTC"
	if p.m.Zone().String() == "UTC" {
		name = p.deps.Zone
	}
	loc := p.zone(name)
	if loc == nil {
		loc = time.UTC
	}
	// The address names a zone only where it is not the reader's own, so that a
	// link shows others theirs unless one was chosen.
	if name == "UTC" {
		dom.Store(zoneKey, "UTC")
		p.do(viewer.ZoneChosen{Name: "UTC", Zone: loc})
		return
	}
	dom.Store(zoneKey, "")
	p.do(viewer.ZoneChosen{Zone: loc})
}

// act carries out an offer.
func (p *logs) act(a viewer.Action) {
	p.now()
	switch a {
	case viewer.ActConnect:
		t, _ := p.missing()
		p.deps.navigate(p.ctx, p.connectURL(t))
	case viewer.ActDemo:
		p.tryDemo()
	case viewer.ActPick:
		p.toggle(part.MenuTargets)
	case viewer.ActWiden:
		p.do(viewer.SpanChosen{From: p.m.Empty().WidenTo.From})
	case viewer.ActClear:
		dom.SetValue(part.IDSearch, "")
		p.do(viewer.QuerySubmitted{})
	case viewer.ActRetry:
		p.do(viewer.Retried{})
	case viewer.ActReload:
		p.do(viewer.Reloaded{})
	case viewer.ActSearchOn:
		p.do(viewer.MoreAsked{})
	case viewer.ActCancel:
		p.do(viewer.LoadCanceled{})
	case viewer.ActEditQuery:
		dom.Focus(part.IDSearch, true)
	case viewer.ActEditSpan:
		if p.menu != part.MenuSpan {
			p.toggle(part.MenuSpan)
		}
	}
}

// missing returns the first target of the view that no connection of this
// session can be for, and whether there is one.
func (p *logs) missing() (alogs.Target, bool) {
	conns, known := p.m.Connections()
	if !known {
		return alogs.Target{}, false
	}
	for _, src := range p.m.View().Src {
		t, err := alogs.ParseTarget(src)
		if err != nil {
			continue
		}
		if !slices.ContainsFunc(conns, func(c wire.Connection) bool {
			return c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account
		}) {
			return t.Below(), true
		}
	}
	return alogs.Target{}, false
}

// connectURL returns the address of the form for a target, which comes back
// here.
func (p *logs) connectURL(t alogs.Target) string {
	v := url.Values{"next": {p.m.View().URL()}}
	if t.Vendor != "" {
		v.Set("vendor", t.Vendor)
		v.Set("region", t.Region)
		v.Set("account", t.Account)
	}
	return "/connect?" + v.Encode()
}
