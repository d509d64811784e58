package part

import (
	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// nodes are children that are gathered one by one.
type nodes []app.UI

func (n *nodes) add(ui app.UI) { *n = append(*n, ui) }

// span adds a text, nothing for "".
func (n *nodes) span(class, text string) {
	if text != "" {
		n.add(txt("span", class, text))
	}
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

// lettered is an element with text and attributes, as of elem.
func lettered(tag, class, text string, with ...string) app.HTMLElem {
	return elem(tag, class, with, app.Text(text))
}

// linked is a link with text.
func linked(class, address, text string) app.UI { return lettered("a", class, text, "href", address) }

// listed is an ordered list with what it is called aloud.
func listed(class, label string, rows []app.UI) app.UI { return aloud("ol", class, "", label, rows...) }

// termed is a name with what it stands for.
func termed(class, name, text string) app.UI {
	return el("div", class, txt("dt", "", name), txt("dd", "", text))
}

// idOf is an id, cut in the middle where it is long.
func idOf(class, id string) app.UI {
	id = decode.Visible(id)
	return tip(class, id, viewer.MiddleCut(id))
}

// slot is the place of what may be there.
func slot(ui app.UI) app.UI { return el("div", "", ui) }

// sign is the place of the mark that the class of what is around draws.
func sign() app.UI { return mute("span", "sign") }

// tool is a small button.
func tool(text string, send Send, msg any) app.HTMLElem { return worded("btn small", text, send, msg) }

// folder is a button that shows or hides what, which path keeps in a PanelState.
func folder(class, path, label string, open bool, send Send) app.UI {
	return worded("btn small quiet"+class, label, send, NodeToggled{path, !open}).Attr("aria-expanded", yes(open))
}

// pick is one of several buttons, on or off.
func pick(class, text string, on bool, send Send, msg any) app.HTMLElem {
	return worded(class, text, send, msg).Attr("aria-pressed", yes(on))
}

// copied returns what a button that copies says.
func copied(done bool, text string) string {
	if done {
		return "Copied"
	}
	return text
}
