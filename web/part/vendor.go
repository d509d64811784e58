package part

import (
	"net/url"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// DemoChosen asks for a connection to a simulated vendor; "" for all of them.
type DemoChosen struct{ Vendor string }

// Tile is a vendor that can be connected.
type Tile struct{ Vendor wire.Vendor }

// UI draws the tile, which is a link to the form.
func (t Tile) UI() app.UI {
	return link("tile", "/connect?vendor="+url.QueryEscape(t.Vendor.Name), "",
		Mark(t.Vendor.Title),
		el("span", "tile-text",
			txt("span", "tile-name", t.Vendor.Title),
			txt("span", "mut", limits(&t.Vendor.Capabilities)),
		),
		icon("right"),
	)
}

// limits says in one line what a vendor lets one see.
func limits(c *wire.Capabilities) string {
	s := ""
	if c.RetentionS > 0 {
		s = "Keeps " + Length(time.Duration(c.RetentionS)*time.Second)
	} else {
		s = "Keeps logs for an unstated time"
	}
	if c.MaxRows > 0 {
		s += ", at most " + Count(c.MaxRows) + " rows"
	}
	return s
}

// Demo offers the simulated vendors.
type Demo struct {
	Vendors []wire.Vendor // those with a simulated region
	Busy    bool
	Err     *fault.Error
}

// UI draws the offer, or nothing where no vendor is simulated.
func (d Demo) UI(send Send) app.UI {
	if len(d.Vendors) == 0 {
		return nil
	}
	var chips nodes
	for i := range d.Vendors {
		v := &d.Vendors[i]
		chips.add(button("chip", send, DemoChosen{v.Name}, attrs{"disabled", yes(d.Busy)}, Mark(v.Title), app.Text(v.Title)))
	}
	all := "Try all " + words(len(d.Vendors))
	if d.Busy {
		all = "Opening…"
	}
	return aloud("section", "try", "", "Demo",
		el("div", "try-text",
			el("h2", "", app.Text("Look around first"), txt("span", "demo", "DEMO")),
			txt("p", "", "Simulated vendors with the real ones' limits, shapes and faults. No account, no token."),
		),
		el("div", "try-acts",
			worded("btn primary big", all, send, DemoChosen{}).Attr("disabled", d.Busy),
			group("chips", "One of them", chips...),
		),
		Fault{Err: d.Err, Small: true}.UI(send),
	)
}

// words writes small numbers as people do.
func words(n int) string {
	if small := []string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}; n < len(small) {
		return small[n]
	}
	return Count(n)
}
