package part

import (
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the connect form reports.
type (
	VendorChosen struct{ Name string }
	ConnectGiven struct{} // the form was sent
	ConnectLeft  struct{} // the call is to be canceled
)

// Ids of the form's fields, where the page finds what was typed.
const (
	IDRegion  = "connect-region"
	IDAccount = "connect-account"
)

// IDCredential returns the id of a credential's field.
func IDCredential(name string) string { return "connect-" + name }

// Form is the form that makes a connection. It is drawn from what the server
// knows of the vendor; only names, never values, pass through here.
type Form struct {
	Vendors []wire.Vendor
	Vendor  string // the chosen one
	Region  string // to begin with
	Account string // to begin with
	Missing string // the name of a field that must be filled first
	Busy    bool
	Slow    bool // the call lasts long
	Err     *fault.Error
}

// UI draws the form.
func (f Form) UI(send Send) app.UI {
	var tabs []app.UI
	var v *wire.Vendor
	for i := range f.Vendors {
		x := &f.Vendors[i]
		on := x.Name == f.Vendor
		if on {
			v = x
		}
		tabs = append(tabs, press("chip", send, VendorChosen{x.Name}).Role("radio").Aria("checked", on).Body(Mark(x.Title), app.Text(x.Title)))
	}
	choice := app.Div().Class("chips").Role("radiogroup").Aria("label", "Vendor").Body(tabs...)
	if v == nil {
		return el("div", "connect", choice, txt("p", "mut", "Choose whose logs you want to read."))
	}
	return el("div", "connect", choice, f.fields(v, send))
}

func (f Form) fields(v *wire.Vendor, send Send) app.UI {
	var regions []app.UI
	for _, r := range v.Regions {
		label := r.Label
		if r.Host != "" {
			label += " – " + r.Host
		}
		if r.Demo {
			label += " (demo)"
		}
		regions = append(regions, app.Option().Value(r.Name).Selected(r.Name == f.Region).Text(label))
	}
	rows := []app.UI{
		el("div", "form-row",
			app.Label().For(IDRegion).Text("Region"),
			app.Select().ID(IDRegion).Class("field").Disabled(f.Busy).Body(regions...),
		),
	}
	rows = append(rows, f.field(v.Account, IDAccount, f.Account))
	for _, c := range v.Credentials {
		rows = append(rows, f.field(c, IDCredential(c.Name), ""))
	}
	label, slow := "Connect", app.UI(nil)
	if f.Busy {
		label = "Asking " + v.Title + "…"
	}
	if f.Slow {
		slow = app.Span().Class("mut").Role("status").Text("This takes a while; some vendors need up to a minute.")
	}
	var leave app.UI
	if f.Busy {
		leave = press("btn", send, ConnectLeft{}).Text("Cancel")
	}
	return app.Form().Class("form").Attr("autocomplete", "off").Attr("novalidate", "").OnSubmit(send.submit(ConnectGiven{})).Body(
		el("p", "needs", icon("key"), app.Span().Text(Sentence(v.Needs))),
		el("div", "form-rows", rows...),
		Fault{Err: f.Err}.UI(send),
		el("div", "form-acts",
			app.Button().Type("submit").Class("btn primary big").Disabled(f.Busy).Text(label),
			leave,
			slow,
		),
		el("p", "where mut", icon("lock"),
			app.Span().Text("What you enter stays on this server, encrypted; it is never sent to a browser. One real call proves it before anything is kept.")),
	)
}

func (f Form) field(x wire.Field, id, value string) app.UI {
	// A token is no password of the reader's: browsers heed "new-password" where they
	// fill in despite "off", and managers each have a word of their own.
	kind, complete := "text", "off"
	if x.Secret {
		kind, complete = "password", "new-password"
	}
	in := app.Input().ID(id).Name(id).Type(kind).Class("field").Attr("autocomplete", complete).Attr("autocapitalize", "off").
		Attr("spellcheck", "false").Attr("data-1p-ignore", "").Attr("data-bwignore", "").Attr("data-lpignore", "true").Attr("data-form-type", "other").Disabled(f.Busy)
	if value != "" {
		in = in.Value(value)
	}
	missing := f.Missing == x.Name
	if missing {
		in = in.Aria("invalid", "true")
	}
	var help, wrong, optional app.UI
	if x.Help != "" {
		in = in.Aria("describedby", id+"-help")
		help = app.P().ID(id + "-help").Class("help mut").Text(Sentence(x.Help))
	}
	if missing {
		wrong = app.P().Class("help err").Role("alert").Text("This is needed.")
	}
	if x.Optional {
		optional = txt("span", "mut", " (optional)")
	}
	return el("div", "form-row", app.Label().For(id).Body(app.Text(x.Label), optional), in, wrong, help)
}
