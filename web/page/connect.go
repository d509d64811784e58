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
	missing string
	err     *fault.Error
	busy    bool
	slow    bool
	cancel  context.CancelFunc // ends the call that is under way
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
	p.region, p.account, p.err = req.Region, req.Account, nil
	if p.missing = lacking(v, req); p.missing != "" {
		dom.Focus(idOf(v, p.missing), false)
		return
	}
	p.busy, p.slow = true, false
	call, cancel := context.WithCancel(p.ctx)
	p.cancel = cancel
	ctx := p.ctx
	after(ctx, slowCall, func() { p.slow = p.busy })
	ctx.Async(func() {
		defer dom.Recover()
		defer cancel()
		c, err := p.deps.Client.Connect(call, req)
		var src []string
		if err == nil && p.next == "" {
			// An error here is for the page that shows the targets.
			src, _ = sources(call, p.deps, v, c)
		}
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.busy, p.slow = false, false
			if err != nil {
				if p.err = fault.Of(err); p.err.Kind == fault.Canceled {
					p.err = nil
				}
				return
			}
			p.clear()
			p.deps.navigate(p.ctx, p.after(src))
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
