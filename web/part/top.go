package part

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Ids of the log table's fields and layers.
const (
	IDSearch    = "q"
	IDSpan      = "span"
	IDZone      = "zone-name"
	IDFind      = "find-target"
	IDFindText  = "find-text"
	IDPalette   = "palette"
	IDSavedName = "saved-name"
	IDRename    = "saved-rename"
	IDDialog    = "dialog" // what is modal; Tab stays inside of it
	IDShare     = "share"  // the button; on a phone its menu is opened by the one of IDMore
	IDMore      = "more"
)

// What the bar of the log table reports.
type (
	QueryGiven  struct{} // the filter was committed
	MenuToggled struct{ Menu Menu }
	PresetGiven struct{ From string }
	SpanGiven   struct{} // the text of the time box was committed
)

// Menu is what hangs open over the page; at most one does.
type Menu uint8

// The menus.
const (
	NoMenu Menu = iota
	MenuTargets
	MenuSpan
	MenuKeys     // modal, in the page's layer: Keys
	MenuZone     // in Top
	MenuMore     // in Top; the next two take its place
	MenuSaved    // in Top
	MenuSettings // in Top
	MenuPalette  // modal, in the page's layer: Palette
	MenuRequests // modal, in the page's layer: RequestsDialog
	MenuLive     // in Top
	MenuExport   // modal, in the page's layer: Export
	MenuShare    // in Top
)

// Modal reports whether the menu covers the page: keys other than its own do
// nothing, and Tab stays within IDDialog.
func (m Menu) Modal() bool {
	switch m {
	case MenuKeys, MenuPalette, MenuRequests, MenuExport:
		return true
	}
	return false
}

// First returns the id of what gets the keyboard when the menu opens, "" for
// none.
func (m Menu) First() string {
	switch m {
	case MenuTargets:
		return IDFind
	case MenuSpan:
		return IDSpan
	case MenuZone:
		return "zone-first"
	case MenuMore:
		return "more-first"
	case MenuSaved:
		return IDSavedName
	case MenuSettings:
		return "settings-back"
	case MenuPalette:
		return IDPalette
	case MenuKeys:
		return "keys-close"
	case MenuRequests:
		return "requests-close"
	case MenuLive:
		return "live-first"
	case MenuExport:
		return IDExport
	case MenuShare:
		return "share-first"
	}
	return ""
}

// Top is the bar of the log table.
type Top struct {
	Name   string // of the view
	Title  string // the whole of it
	Demo   bool   // some of what is shown is simulated
	Open   Menu
	Span   string // how the span is called
	Zone   string // short: "UTC", "UTC+1"
	ZoneAt string // in full, for the tooltip
	Search Search
	Picker Picker
	Box    SpanBox
	Zones  ZoneBox
	More   More
	Live   *Live  // nil: nothing can be followed here
	Share  *Share // nil: there is nothing to share
	At     string // where a drill-down looks that has no rows beneath; "" elsewhere
}

// UI draws the bar and what hangs from it.
func (t Top) UI(send Send) app.UI {
	var picker app.UI
	if t.Open == MenuTargets {
		picker = t.Picker.UI(send)
	}
	var live app.UI
	if t.Live != nil {
		live = t.Live.UI(send)
	}
	var share app.UI
	if t.Share != nil {
		share = t.Share.anchored(t.Open == MenuShare, send)
	}
	return el("header", "bar top",
		Home(),
		el("div", "anchor targets",
			button("btn name", send, MenuToggled{MenuTargets}, attrs{"aria-haspopup", "dialog", "aria-expanded", yes(t.Open == MenuTargets)},
				txt("span", "ellipsis", t.Name), icon("down")).Attr("title", t.Title),
			iff(t.At != "", txt("span", "at ellipsis", t.At)),
			iff(t.Demo, demoMark()),
			picker,
		),
		t.Search.UI(send),
		t.when(send),
		live,
		share,
		t.More.anchored(t.Open, send),
	)
}

// when draws the span with what moves it, and the zone.
func (t *Top) when(send Send) app.UI {
	step := func(sign, says string, msg any) app.UI {
		return pictured("btn icon quiet step", sign, says, says, send, msg)
	}
	var box, zones app.UI
	if t.Open == MenuZone {
		zones = t.Zones.UI(send)
	}
	zone := button("btn zone", send, MenuToggled{MenuZone}, attrs{"title", t.ZoneAt, "aria-label", t.Zone + ", time zone " + t.ZoneAt + ". Change", "aria-haspopup", "dialog", "aria-expanded", yes(t.Open == MenuZone)},
		app.Text(t.Zone))
	if t.Open == MenuSpan {
		box = t.Box.UI(send)
	}
	return el("div", "anchor when",
		group("steps", "Span",
			step("left", "Earlier, by half of the span", viewer.Shifted{Back: true}),
			button("btn span-open", send, MenuToggled{MenuSpan}, attrs{"aria-haspopup", "dialog", "aria-expanded", yes(t.Open == MenuSpan), "aria-label", "Time: " + t.Span},
				icon("clock"), txt("span", "ellipsis", t.Span), icon("down")),
			step("right", "Later, by half of the span", viewer.Shifted{}),
			step("out", "Zoom out: back to the span before, or twice as long", viewer.ZoomedOut{}),
		),
		zone, box, zones,
	)
}

// iff returns ui where ok, and nothing otherwise. ui is made in either case: it
// must not depend on ok.
func iff(ok bool, ui app.UI) app.UI {
	if !ok {
		return nil
	}
	return ui
}
