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
	Only    bool // vendor, region and account are given: only credentials are asked for
}

// UI draws the form.
func (f Form) UI(send Send) app.UI {
	if f.Only {
		for i := range f.Vendors {
			if v := &f.Vendors[i]; v.Name == f.Vendor {
				return f.fields(v, send)
			}
		}
		return nil
	}
	var tabs nodes
	var v *wire.Vendor
	for i := range f.Vendors {
		x := &f.Vendors[i]
		on := x.Name == f.Vendor
		if on {
			v = x
		}
		tabs.add(button("chip", send, VendorChosen{x.Name}, attrs{"role", "radio", "aria-checked", yes(on)}, Mark(x.Title), app.Text(x.Title)))
	}
	choice := aloud("div", "chips", "radiogroup", "Vendor", tabs...)
	if v == nil {
		return el("div", "connect", choice, txt("p", "mut", "Choose whose logs you want to read."))
	}
	return el("div", "connect", choice, f.fields(v, send))
}

func (f *Form) fields(v *wire.Vendor, send Send) app.UI {
	var regions nodes
	for i := range v.Regions {
		r := &v.Regions[i]
		label := r.Label
		if r.Host != "" {
			label += " – " + r.Host
		}
		if r.Demo {
			label += " (demo)"
		}
		regions.add(elem("option", "", attrs{"selected", yes(r.Name == f.Region)}, app.Text(label)).Attr("value", r.Name))
	}
	rows := nodes{
		el("div", "form-row",
			elem("label", "", attrs{"for", IDRegion}, app.Text("Region")),
			elem("select", "field", attrs{"id", IDRegion, "disabled", yes(f.Busy || f.Only), "aria-describedby", IDRegion + "-help"}, regions...),
			elem("p", "help mut", attrs{"id", IDRegion + "-help"}, app.Text("Another region? Who runs logpane adds it: --endpoint "+v.Name+"/region=URL")),
		),
		f.field(&v.Account, IDAccount, f.Account),
	}
	for i := range v.Credentials {
		c := &v.Credentials[i]
		rows.add(f.field(c, IDCredential(c.Name), ""))
	}
	label := "Connect"
	var leave, slow app.UI
	if f.Busy {
		label = "Asking " + v.Title + "…"
		leave = worded("btn", "Cancel", send, ConnectLeft{})
	}
	if f.Slow {
		slow = elem("span", "mut", attrs{"role", "status"}, app.Text("This takes a while; some vendors need up to a minute."))
	}
	return posted("form", send, ConnectGiven{}, attrs{"autocomplete", "off", "novalidate", "true"},
		el("p", "needs", icon("key"), txt("span", "", Sentence(v.Needs))),
		el("div", "form-rows", rows...),
		Fault{Err: f.Err}.UI(send),
		el("div", "form-acts", submit("btn primary big", label).Attr("disabled", f.Busy), leave, slow),
		el("p", "where mut", icon("lock"),
			txt("span", "", "What you enter stays on this server, encrypted; it is never sent to a browser. One real call proves it before anything is kept.")),
	)
}

func (f *Form) field(x *wire.Field, id, value string) app.UI {
	// A token is no password of the reader's: browsers heed "new-password" where they
	// fill in despite "off", and managers each have a word of their own.
	kind, complete := "text", "off"
	if x.Secret {
		kind, complete = "password", "new-password"
	}
	missing := f.Missing == x.Name
	var help, needed, optional app.UI
	helpID := ""
	if x.Help != "" {
		helpID = id + "-help"
		help = elem("p", "help mut", attrs{"id", helpID}, app.Text(Sentence(x.Help)))
	}
	if missing {
		needed = wrong("", "This is needed.")
	}
	if x.Optional {
		optional = txt("span", "mut", " (optional)")
	}
	in := input(id, kind, "field", attrs{"name", id, "autocomplete", complete, "autocapitalize", "off", "spellcheck", "false", "data-lpignore", "true", "data-form-type", "other",
		"disabled", yes(f.Busy), "readonly", when(f.Only && id == IDAccount && value != "", "true"), "value", value, "aria-invalid", when(missing, "true"), "aria-describedby", helpID})
	in.Attr("data-1p-ignore", "").Attr("data-bwignore", "")
	return el("div", "form-row", elem("label", "", attrs{"for", id}, app.Text(x.Label), optional), in, needed, help)
}
