package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// tokens is the page of access tokens for scripts. The text of a new one is held
// until the reader has it or goes elsewhere.
type tokens struct {
	app.Compo
	deps    Deps
	ctx     app.Context
	theme   string
	vendors loaded[wire.Vendors]
	conns   loaded[[]wire.Connection]
	list    loaded[[]wire.Token]
	made    *part.TokenMade
	form    part.TokenForm
	asking  string // id of the token that may be revoked
	busy    string // id of the one that is being revoked
	errs    map[string]*fault.Error
}

// OnMount asks for what the page shows.
func (p *tokens) OnMount(ctx app.Context) {
	defer dom.Recover()
	p.ctx = ctx
	p.theme = dom.Stored(themeKey)
	p.errs = map[string]*fault.Error{}
	ctx.Page().SetTitle("Access tokens – logpane")
	p.load()
}

func (p *tokens) load() {
	load(p.ctx, &p.vendors, p.deps.Client.Vendors, nil)
	load(p.ctx, &p.conns, p.deps.Client.Connections, nil)
	load(p.ctx, &p.list, p.deps.Client.Tokens, nil)
}

// on takes what happens on the page.
func (p *tokens) on(_ app.Context, msg any) {
	defer dom.Recover()
	switch m := msg.(type) {
	case part.ThemeChosen:
		p.theme = m.Theme
		setTheme(m.Theme)
	case part.Retried:
		p.load()
	case part.TokenScoped:
		p.form.Off = toggled(p.form.Off, m.ID)
	case part.TokenGiven:
		days, _ := strconv.Atoi(dom.Value(part.IDTokenDays))
		p.make(strings.TrimSpace(dom.Value(part.IDTokenLabel)), days)
	case part.TokenSeen:
		p.made = nil
	case part.Copied:
		p.copy(m.What)
	case part.RevokeAsked:
		p.asking = m.ID
		p.focus("keep-" + m.ID)
	case part.RevokeLeft:
		p.asking = ""
		p.focus("revoke-" + m.ID)
	case part.RevokeGiven:
		p.revoke(m.ID)
	}
}

// focus gives the keyboard to an element that is about to be drawn.
func (p *tokens) focus(id string) {
	f := p.deps.Focus
	if f == nil {
		f = func(id string) { dom.Focus(id, false) }
	}
	p.ctx.Defer(func(app.Context) { f(id) })
}

// make asks for a token with that label, of the connections that are on.
func (p *tokens) make(label string, days int) {
	if p.form.Busy {
		return
	}
	req := wire.NewToken{Label: label, Days: days, Connections: []string{}}
	for _, c := range p.conns.Value {
		if !slices.Contains(p.form.Off, c.ID) {
			req.Connections = append(req.Connections, c.ID)
		}
	}
	p.form.Err, p.form.Missing = nil, ""
	switch {
	case label == "":
		p.form.Missing = "label"
		p.focus(part.IDTokenLabel)
		return
	case len(req.Connections) == 0:
		p.form.Missing = "connections"
		return
	}
	p.form.Busy = true
	ctx := p.ctx
	ctx.Async(func() {
		defer dom.Recover()
		t, err := p.deps.Client.MakeToken(ctx, req)
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.form.Busy = false
			if err != nil {
				p.form.Err = fault.Of(err)
				return
			}
			dom.SetValue(part.IDTokenLabel, "")
			p.form.Off = nil
			p.made = &part.TokenMade{Token: t}
			p.made.Curl, p.made.Does = p.curl(req.Connections)
			t.Token = ""
			p.list.Value = append([]wire.Token{t}, p.list.Value...)
			p.focus(part.IDTokenMade)
		})
	})
}

// curl returns a command that uses a token of these connections, and what it does:
// it reads the first that can be read whole, else it asks what the token may read.
func (p *tokens) curl(ids []string) (command, does string) {
	address, does := wire.PathConnections, "lists what the token reads"
	for _, c := range p.conns.Value {
		if v := vendorNamed(p.vendors.Value, c.Vendor); slices.Contains(ids, c.ID) && v.Capabilities.Whole {
			address = "/logs.ndjson?src=" + strings.ReplaceAll(c.Address, "'", "%27") + "&from=now-1h"
			does = "reads the last hour of " + v.Title + " " + c.Account
			break
		}
	}
	u := p.ctx.Page().URL()
	return `curl -H "Authorization: Bearer $LOGPANE_TOKEN" '` + u.Scheme + "://" + u.Host + address + "'", does
}

// names returns what a token reads, as people call it.
func (p *tokens) names(t *wire.Token) []string {
	var out []string
	for _, c := range t.Connections {
		name := vendorNamed(p.vendors.Value, c.Vendor).Title
		if c.Held {
			name += " " + c.Account
		} else {
			name += " (an account that you are not connected to)"
		}
		out = append(out, name)
	}
	return out
}

// copy puts a new token, or its command, on the clipboard and says in place whether
// that worked.
func (p *tokens) copy(what string) {
	m := p.made
	if m == nil {
		return
	}
	text := m.Token.Token
	if what == part.CopiedCurl {
		text = m.Curl
	}
	dom.Copy(text, func(ok bool) {
		p.ctx.Dispatch(func(app.Context) {
			m.Copied, m.Failed = what, ""
			if !ok {
				m.Copied, m.Failed = "", what
			}
		})
		after(p.ctx, copiedFor, func() { m.Copied = "" })
	})
}

func (p *tokens) revoke(id string) {
	if p.busy != "" {
		return
	}
	p.busy = id
	ctx := p.ctx
	ctx.Async(func() {
		defer dom.Recover()
		err := p.deps.Client.RevokeToken(ctx, id)
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.busy, p.asking = "", ""
			// Gone already is what was wanted.
			if err != nil && fault.KindOf(err) != fault.NotFound {
				p.errs[id] = fault.Of(err)
				return
			}
			delete(p.errs, id)
			if p.made != nil && p.made.Token.ID == id {
				p.made = nil
			}
			p.list.Value = slices.DeleteFunc(slices.Clone(p.list.Value), func(t wire.Token) bool { return t.ID == id })
			p.focus(part.IDTokenLabel)
		})
	})
}

// Render draws the page.
func (p *tokens) Render() app.UI {
	var made app.UI
	if p.made != nil {
		made = p.made.UI(p.on)
	}
	return app.Div().Class("page").Body(
		part.Bar{Theme: p.theme}.UI(p.on),
		app.Main().Class("narrow tokens").Body(
			app.A().Class("back").Href("/").Text("← Home"),
			app.Div().Class("hero").Body(
				app.H1().Text("Access tokens for scripts"),
				app.P().Class("lead").Text("A token lets a script read logs through the connections you choose, without your session: for exports, pipelines and checks."),
			),
			app.Div().Body(made),
			p.tokens(),
			p.maker(),
		),
	)
}

func (p *tokens) tokens() app.UI {
	const head = "Tokens"
	switch {
	case p.list.Err != nil:
		return block(head, false, part.Fault{Err: p.list.Err, Retry: "tokens"}.UI(p.on))
	case !p.list.Ready:
		return block(head, false).Aria("busy", "true")
	}
	now := p.deps.Now()
	var rows []app.UI
	for i := range p.list.Value {
		t := &p.list.Value[i]
		rows = append(rows, part.TokenRow{
			Token: *t, Names: p.names(t), Now: now, Asking: p.asking == t.ID, Busy: p.busy == t.ID, Err: p.errs[t.ID],
		}.UI(p.on))
	}
	return block(head, true, part.Tokens(rows))
}

func (p *tokens) maker() app.UI {
	const head = "Make a token"
	switch {
	case p.conns.Err != nil:
		return block(head, false, part.Fault{Err: p.conns.Err, Retry: "connections"}.UI(p.on))
	case !p.conns.Ready:
		return block(head, false).Aria("busy", "true")
	case len(p.conns.Value) == 0:
		return block(head, true,
			app.P().Class("mut").Text("A token reads through connections, and this session has none."),
			app.P().Class("acts").Body(app.A().Class("btn primary").Href("/connect").Text("Connect an account")),
		)
	}
	f := p.form
	f.Conns = p.conns.Value
	for _, c := range f.Conns {
		v := vendorNamed(p.vendors.Value, c.Vendor)
		f.Titles, f.Regions = append(f.Titles, v.Title), append(f.Regions, regionLabel(v, c.Region))
	}
	return block(head, true, f.UI(p.on))
}
