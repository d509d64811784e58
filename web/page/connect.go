package page

import (
	"context"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// slowCall is how long a call lasts before the page says that it does.
const slowCall = 4 * time.Second

// connect is the page that makes a connection. Credentials stay in the fields
// of the document until they are sent; the page never keeps one.
type connect struct {
	app.Compo
	deps    Deps
	ctx     app.Context
	theme   string
	vendors loaded[wire.Vendors]
	vendor  string
	region  string
	account string
	next    string // address to go to afterwards, within logpane
	sending
}

// OnMount asks for the vendors.
func (p *connect) OnMount(ctx app.Context) {
	defer dom.Recover()
	p.ctx = ctx
	p.theme = dom.Stored(themeKey)
	ctx.Page().SetTitle("Connect – logpane")
	load(ctx, &p.vendors, p.deps.Client.Vendors, p.begin)
}

// OnNav reads the address.
func (p *connect) OnNav(ctx app.Context) {
	defer dom.Recover()
	q := ctx.Page().URL().Query()
	p.vendor, p.region, p.account, p.next = q.Get("vendor"), q.Get("region"), q.Get("account"), inside(q.Get("next"))
	p.missing, p.err = "", nil
	p.begin()
}

// begin fits the choice to what the server offers and puts the keyboard into the
// first field that is to be filled.
func (p *connect) begin() {
	p.settle()
	id := p.first()
	if id == "" {
		return
	}
	focus := p.deps.Focus
	if focus == nil {
		focus = func(id string) { dom.Focus(id, false) }
	}
	p.ctx.Defer(func(app.Context) { focus(id) })
}

// first returns the id of the first field that must be filled and that the address
// leaves empty, "" where no form is shown.
func (p *connect) first() string {
	v := vendorNamed(p.vendors.Value, p.vendor)
	if !p.vendors.Ready || len(v.Regions) == 0 {
		return ""
	}
	return idOf(v, lacking(v, wire.Connect{Account: p.account}))
}

// idOf returns the id of a field of a vendor's form, "" for "".
func idOf(v wire.Vendor, field string) string {
	switch field {
	case "":
		return ""
	case v.Account.Name:
		return part.IDAccount
	}
	return part.IDCredential(field)
}

// inside returns an address if it leads to a page of ours, else "": what comes
// in a link must not send the reader elsewhere.
func inside(next string) string {
	path, query, _ := strings.Cut(next, "?")
	v, _ := view.Parse(path, query)
	if path != view.PathLogs && v.Place().Kind == view.Entries {
		return ""
	}
	return v.URL()
}

// settle makes the choice fit what the server offers.
func (p *connect) settle() {
	v := vendorNamed(p.vendors.Value, p.vendor)
	if len(v.Regions) == 0 {
		return
	}
	for _, r := range v.Regions {
		if r.Name == p.region {
			return
		}
	}
	p.region = v.Regions[0].Name
}

// on takes what happens on the page.
func (p *connect) on(_ app.Context, msg any) {
	defer dom.Recover()
	switch m := msg.(type) {
	case part.ThemeChosen:
		p.theme = m.Theme
		setTheme(m.Theme)
	case part.Retried:
		load(p.ctx, &p.vendors, p.deps.Client.Vendors, p.begin)
	case part.VendorChosen:
		if p.busy || m.Name == p.vendor {
			return
		}
		p.clear()
		p.vendor, p.region, p.account, p.missing, p.err = m.Name, "", "", "", nil
		p.settle()
	case part.ConnectGiven:
		p.send()
	case part.ConnectLeft:
		if p.cancel != nil {
			p.cancel()
		}
	}
}

// clear empties the fields, which another vendor's form would show again.
func (p *connect) clear() {
	for _, c := range vendorNamed(p.vendors.Value, p.vendor).Credentials {
		dom.SetValue(part.IDCredential(c.Name), "")
	}
	dom.SetValue(part.IDAccount, "")
}

// send reads the form and asks the server to prove it.
func (p *connect) send() {
	v := vendorNamed(p.vendors.Value, p.vendor)
	if p.busy || len(v.Regions) == 0 {
		return
	}
	p.post(v, filled(v, p.region))
}

// filled reads the form of a vendor from the document.
func filled(v wire.Vendor, region string) wire.Connect {
	req := wire.Connect{Vendor: v.Name, Region: region, Account: strings.TrimSpace(dom.Value(part.IDAccount)), Credentials: map[string]string{}}
	if r := dom.Value(part.IDRegion); r != "" {
		req.Region = r
	}
	for _, c := range v.Credentials {
		if text := strings.TrimSpace(dom.Value(part.IDCredential(c.Name))); text != "" {
			req.Credentials[c.Name] = text
		}
	}
	return req
}

// post sends a filled form.
func (p *connect) post(v wire.Vendor, req wire.Connect) {
	p.region, p.account = req.Region, req.Account
	p.sending.post(p.ctx, p.deps, v, req, func(call context.Context, c wire.Connection) func() {
		var src []string
		if p.next == "" {
			// An error here is for the page that shows the targets.
			src, _ = sources(call, p.deps, v, c)
		}
		return func() {
			p.clear()
			p.deps.navigate(p.ctx, p.after(src))
		}
	})
}

// sending is a form of credentials on its way to the server.
type sending struct {
	missing string // the name of a field that must be filled first
	err     *fault.Error
	busy    bool
	slow    bool
	cancel  context.CancelFunc // nil while nothing is on its way
}

// post has the server prove a filled form. proved runs beside the page, and returns what
// the page then does.
func (s *sending) post(ctx app.Context, d Deps, v wire.Vendor, req wire.Connect, proved func(context.Context, wire.Connection) func()) {
	s.err = nil
	if s.missing = lacking(v, req); s.missing != "" {
		dom.Focus(idOf(v, s.missing), false)
		return
	}
	s.busy, s.slow = true, false
	call, cancel := context.WithCancel(ctx)
	s.cancel = cancel
	after(ctx, slowCall, func() { s.slow = s.busy })
	ctx.Async(func() {
		defer dom.Recover()
		defer cancel()
		c, err := d.Client.Connect(call, req)
		then := func() {}
		if err == nil {
			then = proved(call, c)
		}
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			s.busy, s.slow, s.cancel = false, false, nil
			if err == nil {
				then()
			} else if s.err = fault.Of(err); s.err.Kind == fault.Canceled {
				s.err = nil
			}
		})
	})
}

// after returns where to go once connected.
func (p *connect) after(src []string) string {
	switch {
	case p.next != "":
		return p.next
	case len(src) == 0:
		return "/"
	}
	return view.View{Src: src}.URL()
}

// lacking returns the name of the first field that must be filled and is not.
func lacking(v wire.Vendor, req wire.Connect) string {
	if req.Account == "" && !v.Account.Optional && v.Account.Name != "" {
		return v.Account.Name
	}
	for _, c := range v.Credentials {
		if !c.Optional && req.Credentials[c.Name] == "" {
			return c.Name
		}
	}
	return ""
}

// Render draws the page.
func (p *connect) Render() app.UI {
	title := "Connect an account"
	if v := vendorNamed(p.vendors.Value, p.vendor); p.vendors.Ready && len(v.Regions) > 0 {
		title = "Connect " + v.Title
	}
	var body app.UI
	switch {
	case p.vendors.Err != nil:
		body = part.Fault{Err: p.vendors.Err, Retry: "vendors"}.UI(p.on)
	case !p.vendors.Ready:
		body = app.Div().Class("connect").Aria("busy", "true")
	default:
		f := part.Form{
			Vendors: p.vendors.Value.Vendors, Vendor: p.vendor, Region: p.region, Account: p.account,
			Missing: p.missing, Busy: p.busy, Slow: p.slow, Err: p.err,
		}
		body = f.UI(p.on)
	}
	return app.Div().Class("page").Body(
		part.Bar{Theme: p.theme}.UI(p.on),
		app.Main().Class("narrow").Body(
			app.A().Class("back").Href("/").Text("← Home"),
			app.H1().Text(title),
			body,
		),
	)
}
