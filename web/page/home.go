package page

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// home is the first page: what is connected, and what could be.
type home struct {
	app.Compo
	deps    Deps
	ctx     app.Context
	theme   string
	vendors loaded[wire.Vendors]
	conns   loaded[[]wire.Connection]
	picks   map[string]*loaded[[]wire.Target] // by connection id
	open    string                            // id of the connection whose targets are listed
	asking  string                            // id of the connection that may be forgotten
	busy    string                            // id of the one that is being forgotten
	out     part.Logout
	marked  []string // addresses
	find    string
	trying  bool
	tryErr  *fault.Error
	cardErr map[string]*fault.Error
}

// OnMount asks for what the page shows.
func (p *home) OnMount(ctx app.Context) {
	defer dom.Recover()
	p.ctx = ctx
	p.theme = dom.Stored(themeKey)
	p.picks = map[string]*loaded[[]wire.Target]{}
	p.cardErr = map[string]*fault.Error{}
	ctx.Page().SetTitle("logpane")
	p.load()
}

func (p *home) load() {
	load(p.ctx, &p.vendors, p.deps.Client.Vendors, nil)
	load(p.ctx, &p.conns, p.deps.Client.Connections, nil)
}

// on takes what happens on the page.
func (p *home) on(_ app.Context, msg any) {
	defer dom.Recover()
	switch m := msg.(type) {
	case part.ThemeChosen:
		p.theme = m.Theme
		setTheme(m.Theme)
	case part.Retried:
		if p.open != "" && m.What == "targets:"+p.open {
			p.loadPicks(p.open)
			return
		}
		p.load()
	case part.LogsOpened:
		if c, ok := p.conn(m.ID); ok {
			p.deps.navigate(p.ctx, view.View{Src: []string{c.Address}}.URL())
		}
	case part.PickToggled:
		p.marked, p.find = nil, ""
		if p.open == m.ID {
			p.open = ""
			return
		}
		p.open = m.ID
		if l := p.picks[m.ID]; l == nil || l.Err != nil {
			p.loadPicks(m.ID)
		}
	case part.Typed:
		p.find = dom.Value(m.ID)
	case part.Marked:
		p.marked = toggled(p.marked, m.Address)
	case part.MarkedOpened:
		if len(p.marked) > 0 {
			p.deps.navigate(p.ctx, view.View{Src: p.marked}.URL())
		}
	case part.ForgetAsked:
		p.asking = m.ID
	case part.ForgetLeft:
		p.asking = ""
	case part.ForgetGiven:
		p.forget(m.ID)
	case part.LogoutAsked, part.LogoutLeft:
		_, asked := m.(part.LogoutAsked)
		p.out = part.Logout{Asking: asked}
	case part.LogoutGiven:
		p.logout()
	case part.DemoChosen:
		p.try(m.Vendor)
	}
}

func (p *home) conn(id string) (wire.Connection, bool) {
	i := slices.IndexFunc(p.conns.Value, func(c wire.Connection) bool { return c.ID == id })
	if i < 0 {
		return wire.Connection{}, false
	}
	return p.conns.Value[i], true
}

func (p *home) loadPicks(id string) {
	l := &loaded[[]wire.Target]{}
	p.picks[id] = l
	load(p.ctx, l, func(ctx context.Context) ([]wire.Target, error) { return p.deps.Client.Targets(ctx, id) }, nil)
}

func (p *home) forget(id string) {
	if p.busy != "" {
		return
	}
	p.busy = id
	ctx := p.ctx
	ctx.Async(func() {
		defer dom.Recover()
		err := p.deps.Client.Forget(ctx, id)
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.busy, p.asking = "", ""
			// Gone already is what was wanted.
			if err != nil && fault.KindOf(err) != fault.NotFound {
				p.cardErr[id] = fault.Of(err)
				return
			}
			delete(p.cardErr, id)
			if p.open == id {
				p.open = ""
			}
			p.conns.Value = slices.DeleteFunc(slices.Clone(p.conns.Value), func(c wire.Connection) bool { return c.ID == id })
		})
	})
}

// logout ends the session.
func (p *home) logout() {
	if p.out.Busy {
		return
	}
	p.out.Busy, p.out.Err = true, nil
	ctx := p.ctx
	ctx.Async(func() {
		defer dom.Recover()
		err := p.deps.Client.Logout(ctx)
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.out.Busy = false
			if err != nil {
				p.out.Err = fault.Of(err)
				return
			}
			p.out = part.Logout{}
			p.open, p.asking, p.busy, p.marked, p.tryErr = "", "", "", nil, nil
			clear(p.picks)
			clear(p.cardErr)
			p.conns.Value = nil
		})
	})
}

// try connects simulated vendors, one or with "" all, and opens their logs. One
// that is connected already is not connected twice.
func (p *home) try(name string) {
	if p.trying {
		return
	}
	var wanted []wire.Vendor
	for _, v := range p.demos() {
		if name == "" || v.Name == name {
			wanted = append(wanted, v)
		}
	}
	if len(wanted) == 0 {
		return
	}
	p.trying, p.tryErr = true, nil
	ctx, conns := p.ctx, p.conns.Value
	ctx.Async(func() {
		defer dom.Recover()
		var src []string
		var err error
		for _, v := range wanted {
			var more []string
			if more, err = p.tryOne(ctx, v, conns); err != nil {
				break
			}
			src = append(src, more...)
		}
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.trying, p.tryErr = false, fault.Of(err)
			if err != nil {
				load(p.ctx, &p.conns, p.deps.Client.Connections, nil)
				return
			}
			p.deps.navigate(p.ctx, view.View{Src: src[:min(len(src), wire.MaxTargets)]}.URL())
		})
	})
}

// tryOne returns the addresses to look at through one simulated vendor.
func (p *home) tryOne(ctx context.Context, v wire.Vendor, conns []wire.Connection) ([]string, error) {
	i := slices.IndexFunc(conns, func(c wire.Connection) bool { return c.Demo && c.Vendor == v.Name })
	var c wire.Connection
	if i >= 0 {
		c = conns[i]
	} else {
		var err error
		if c, err = p.deps.Client.Connect(ctx, wire.Connect{Vendor: v.Name, Region: demoRegion(v), Demo: true}); err != nil {
			return nil, err
		}
	}
	return sources(ctx, p.deps, v, c)
}

// perVendor bounds how many targets of a vendor are opened where the reader
// did not pick: a first look, not all of a large account.
const perVendor = 2

// sources returns what to look at through a connection when nothing was picked:
// the account where the vendor can read it whole, else the targets that most
// likely have something to show.
func sources(ctx context.Context, d Deps, v wire.Vendor, c wire.Connection) ([]string, error) {
	if v.Capabilities.Whole {
		return []string{c.Address}, nil
	}
	targets, err := d.Client.Targets(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	return likely(targets), nil
}

// likely returns the addresses of at most perVendor targets that can be read: those
// that run, else those of which the vendor does not say whether they do, else any.
func likely(targets []wire.Target) []string {
	for _, state := range []func(status string) bool{
		func(s string) bool { return strings.EqualFold(s, "deployed") || strings.EqualFold(s, "enabled") },
		func(s string) bool { return s == "" },
		func(string) bool { return true },
	} {
		var src []string
		for _, t := range targets {
			if t.Unread == "" && state(t.Status) && len(src) < perVendor {
				src = append(src, t.Address)
			}
		}
		if len(src) > 0 {
			return src
		}
	}
	return nil
}

// firstLook is the order in which the demo opens vendors: those whose entries
// tell most by themselves first. Others follow.
var firstLook = []string{"elasticpath", "algolia", "coveo", "deepset", "moltin"}

// demos returns the vendors that are simulated here.
func (p *home) demos() []wire.Vendor {
	if !p.vendors.Value.Demo {
		return nil
	}
	var out []wire.Vendor
	for _, v := range p.vendors.Value.Vendors {
		if demoRegion(v) != "" {
			out = append(out, v)
		}
	}
	place := func(v wire.Vendor) int {
		if i := slices.Index(firstLook, v.Name); i >= 0 {
			return i
		}
		return len(firstLook)
	}
	sort.SliceStable(out, func(a, b int) bool { return place(out[a]) < place(out[b]) })
	return out
}

// Render draws the page.
func (p *home) Render() app.UI {
	return app.Div().Class("page").Body(
		part.Bar{Theme: p.theme}.UI(p.on),
		app.Main().Class("home").Body(
			app.Div().Class("hero").Body(
				app.H1().Text("Your SaaS logs in one table that never hides a gap"),
				app.P().Class("lead").Text("Filter and open the logs of Algolia, Coveo, Elastic Path, Moltin and deepset together, share what you see as a link, and always know what you are not seeing."),
			),
			part.Demo{Vendors: p.demos(), Busy: p.trying, Err: p.tryErr}.UI(p.on),
			p.connections(),
			p.tiles(),
		),
	)
}

func (p *home) connections() app.UI {
	head := "Your connections"
	if p.conns.Err != nil {
		return block(head, false, part.Fault{Err: p.conns.Err, Retry: "home"}.UI(p.on))
	}
	if len(p.conns.Value) == 0 {
		return nil
	}
	now := p.deps.Now()
	var cards []app.UI
	for _, c := range p.conns.Value {
		v := vendorNamed(p.vendors.Value, c.Vendor)
		card := part.Card{
			Conn: c, Title: v.Title, Region: regionLabel(v, c.Region), Now: now, Whole: v.Capabilities.Whole,
			Asking: p.asking == c.ID, Busy: p.busy == c.ID, Err: p.cardErr[c.ID],
		}
		if p.open == c.ID {
			l := p.picks[c.ID]
			if l == nil {
				l = &loaded[[]wire.Target]{Busy: true}
			}
			card.Pick = &part.Pick{ID: c.ID, Busy: l.Busy, Err: l.Err, Targets: l.Value, Marked: p.marked, Find: p.find}
		}
		cards = append(cards, card.UI(p.on))
	}
	return block(head, true, app.Div().Class("cards").Body(cards...), p.out.UI(p.on))
}

func (p *home) tiles() app.UI {
	head := "Connect your account"
	switch {
	case p.vendors.Err != nil:
		return block(head, false, part.Fault{Err: p.vendors.Err, Retry: "home"}.UI(p.on))
	case !p.vendors.Ready:
		return block(head, false).Aria("busy", "true")
	}
	var tiles []app.UI
	for _, v := range p.vendors.Value.Vendors {
		tiles = append(tiles, part.Tile{Vendor: v}.UI())
	}
	return block(head, true,
		app.Div().Class("tiles").Body(tiles...),
		app.P().Class("foot mut").Text("Credentials stay on this server, encrypted. They are never sent to a browser, a log or a link."),
	)
}

// block is a section of the page under a heading; one that is whole is told as such.
func block(head string, whole bool, kids ...app.UI) app.HTMLSection {
	s := app.Section().Class("block")
	if whole {
		s = s.Aria("label", head)
	}
	return s.Body(append([]app.UI{app.H2().Text(head)}, kids...)...)
}
