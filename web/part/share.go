package part

import (
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What of the Copied event: the two links to a view, and what a copy of an entry
// holds besides what [Details.Copy] knows.
const (
	CopiedLink   = "link"    // to the view at this exact time
	CopiedMoving = "moving"  // to the view, with its span as it is
	CopiedEntry  = "entry"   // a link to one entry
	CopiedJSON   = "as:json" // the entry as exports write it
	CopiedText   = "as:text"
	CopiedMD     = "as:md"
	CopiedCall   = "as:call" // the vendor call that reads the entry, as a command
)

// Share is the menu with what can be given to others.
type Share struct {
	Exact  string   // which time the exact link shows
	Moving string   // which time the moving one shows; "" for a span that is fixed
	Warn   []string // sentences to read before something is copied
}

// anchored draws the button and, where it is open, the menu.
func (s *Share) anchored(open bool, send Send) app.UI {
	var menu app.UI
	if open {
		menu = s.menu(send)
	}
	return el("div", "anchor sharing",
		button("btn", send, MenuToggled{MenuShare}, attrs{"id", IDShare, "aria-haspopup", "dialog", "aria-expanded", yes(open), "aria-label", "Share", "title", "Copy a link, or export"},
			icon("link"), txt("span", "lbl", "Share")),
		menu,
	)
}

func (s *Share) menu(send Send) app.UI {
	link := func(id, what, title, says string) app.UI {
		return el("li", "", button("menu-row share-row", send, Copied{what}, attrs{"id", id}, icon("link"),
			el("span", "grow", txt("span", "", title), txt("span", "mut help", says))))
	}
	var warn, rows nodes
	for _, w := range s.Warn {
		warn.add(el("li", "", icon("alert"), txt("span", "", w)))
	}
	rows.add(link("share-first", CopiedLink, "Copy link: this exact time", s.Exact))
	if s.Moving != "" {
		rows.add(link("", CopiedMoving, "Copy link: moving window", s.Moving))
	}
	rows.add(el("li", "share-more", button("menu-row", send, ExportAsked{}, nil, icon("download"), txt("span", "", "Export…"))))
	rows.add(el("li", "", elem("a", "menu-row", attrs{"href", "/tokens"}, icon("key"), txt("span", "", "Access tokens for scripts"))))
	var list app.UI
	if len(warn) > 0 {
		list = aloud("ul", "share-warn", "", "Before you copy", warn...)
	}
	return float("right share-menu", "Share", list, el("ul", "menu-rows", rows...))
}

// copyMenu is what can be copied of the whole entry: a button, and a menu that the
// browser opens.
func (d *Details) copyMenu(t *told, send Send) app.UI {
	const id = "copy-entry"
	picture, label, full, class := "copy", "Copy", "Copy this entry", "btn small quiet"
	switch {
	case isEntryCopy(d.Copied):
		picture, label, full, class = "check", "Copied", "Copied", class+" done"
	case isEntryCopy(d.Failed):
		picture, label, full, class = "alert", "Not copied", "The browser refused to copy", class+" failed"
	}
	var rows nodes
	row := func(title, what string, keys ...string) {
		rows.add(button("menu-row", send, Copied{what}, attrs{"role", "menuitem", "tabindex", "-1"}, txt("span", "grow", title), el("span", "caps", caps(keys)...)))
	}
	row("Link to this entry", CopiedEntry, "c")
	row("JSON", CopiedJSON, "C")
	row("Text", CopiedText)
	row("Markdown", CopiedMD)
	row("cURL of the log call", CopiedCall)
	if t.isCall {
		row("cURL of the logged request", "curl")
	}
	if d.Gone != "" {
		rows.add(txt("p", "help pop-note", d.Gone))
	}
	return el("span", "copy-entry",
		elem("button", class, attrs{"type", "button", "aria-haspopup", "menu", "aria-label", full, "title", full, "popovertarget", id}, icon(picture), txt("span", "lbl", label)),
		popover(id, " pop-copy", "Copy this entry", nil, rows...),
	)
}

func isEntryCopy(what string) bool {
	switch what {
	case CopiedEntry, CopiedJSON, CopiedText, CopiedMD, CopiedCall, "curl":
		return true
	}
	return false
}

// Stand is what stands in the place of the table, or above what it shows, where a
// view cannot be shown as it was meant: what is so, and what to do next.
type Stand struct {
	Sign  string // an icon
	Head  string
	Text  string // sentences
	Said  string // the vendor's own words
	Facts []Field
	Acts  []StandAct // the first one is foremost
	Form  *Form      // to connect, in place
	Shut  any        // what putting it aside sends; nil where that is not possible
}

// StandAct is something to do next.
type StandAct struct {
	Label string
	Msg   any
}

// UI draws it.
func (s *Stand) UI(send Send) app.UI {
	var shut app.UI
	if s.Shut != nil {
		shut = pictured("btn icon quiet", "close", "Not now", "Not now", send, s.Shut)
	}
	body := nodes{el("div", "stand-head", icon(s.Sign), txt("h2", "", s.Head), shut)}
	if s.Text != "" {
		body.add(txt("p", "stand-text", s.Text))
	}
	body.add(said(s.Said))
	var facts, acts nodes
	for _, f := range s.Facts {
		facts.add(termed("stand-fact", f.Name, f.Value))
	}
	if len(facts) > 0 {
		body.add(el("dl", "stand-facts", facts...))
	}
	if s.Form != nil {
		body.add(s.Form.UI(send))
	}
	for i := range s.Acts {
		acts.add(worded("btn"+when(i == 0 && s.Form == nil, " primary"), s.Acts[i].Label, send, s.Acts[i].Msg))
	}
	if len(acts) > 0 {
		body.add(el("p", "acts", acts...))
	}
	return aloud("section", "stand", "", s.Head, body...)
}
