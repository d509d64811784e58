package part

import (
	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the drill-downs have in common.

// quoted is an element with a vendor's text.
func quoted(tag, class, text string) app.UI { return txt(tag, class, decode.Visible(text)) }

// mut is a text of less weight.
func mut(text string) app.UI { return txt("span", "mut", text) }

// labelled is a button with a picture before its text.
func labelled(class, picture, text, title string, send Send, msg any) app.HTMLElem {
	return button(class, send, msg, attrs{"title", title}, icon(picture), app.Text(text))
}

// further offers more of what is shown.
func further(text string, send Send, msg any) app.UI {
	return labelled("btn small quiet show-more", "down", text, "", send, msg)
}

// upTo leads to the list that this is one of.
func upTo(class, href, picture, text string) app.UI {
	return link("btn small quiet"+class, href, "", icon(picture), app.Text(text))
}

// placeHead are what a place is called, and what it shows.
func placeHead(kids ...app.UI) app.UI { return el("div", "place-head", kids...) }

// chapter is a section that is called so aloud.
func chapter(class, title string, kids ...app.UI) app.UI {
	return aloud("section", class, "", title, kids...)
}

// Entries writes a count of entries: "1 entry", "3 entries".
func Entries(n int) string { return plural(n, "entry", "entries") }

// plural is Some for a noun with a plural of its own.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// geq is put before what may be more than was counted.
func geq(atLeast bool) string { return when(atLeast, "≥ ") }

// drawing is a picture of its own size that is stretched to the room there is.
func drawing(size string, with attrs, kids ...app.UI) app.UI {
	return draw("svg", append(attrs{"viewBox", "0 0 " + size, "preserveAspectRatio", "none"}, with...), kids...)
}

// fact adds what is called name.
func (n *nodes) fact(name string, value ...app.UI) {
	n.add(el("div", "fact", txt("dt", "", name), el("dd", "", value...)))
}

// linked adds a button that is a link, nothing where it leads nowhere.
func (n *nodes) linked(href, text string) {
	if href != "" {
		n.add(linked("btn small", href, text))
	}
}

// idOf is an id, cut in the middle where it is long.
func idOf(class, id string) app.UI {
	id = decode.Visible(id)
	return tip(class, id, viewer.MiddleCut(id))
}

// sign is the place of the mark that the class of what is around draws.
func sign() app.UI { return mute("span", "sign") }

// folder is a button that shows or hides what, which path keeps in a PanelState.
func folder(class, path, label string, open bool, send Send) app.UI {
	return worded("btn small quiet"+class, label, send, NodeToggled{path, !open}).Attr("aria-expanded", yes(open))
}
