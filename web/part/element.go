package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// What most of a page is made of. A chain of go-app's methods says the same, in
// several times the code: this file is there for the size of the download.

// attrs are attributes, names and values in turns. One whose value is "" is left out.
type attrs []string

// el is an element with children; nil ones are left out.
func el(tag, class string, kids ...app.UI) app.UI {
	return app.Elem(tag).Class(class).Body(kids...)
}

// txt is an element with text.
func txt(tag, class, text string) app.UI {
	return app.Elem(tag).Class(class).Text(text)
}

// elem is an element with attributes and children; nil ones are left out.
func elem(tag, class string, with attrs, kids ...app.UI) app.HTMLElem {
	e := app.Elem(tag).Class(class)
	for i := 0; i < len(with); i += 2 {
		if with[i+1] != "" {
			e.Attr(with[i], with[i+1])
		}
	}
	return e.Body(kids...)
}

// tip is a text that shows more under the pointer.
func tip(class, title, text string) app.UI {
	return elem("span", class, attrs{"title", title}, app.Text(text))
}

// mute is an element that says nothing to a screen reader.
func mute(tag, class string, kids ...app.UI) app.HTMLElem {
	return elem(tag, class, attrs{"aria-hidden", "true"}, kids...)
}

// spoken is what only a screen reader says, when it changes.
func spoken(tag, text string) app.UI {
	return elem(tag, "sr", attrs{"aria-live", "polite"}, app.Text(text))
}

// hidden stands in the place of a part that is not shown.
func hidden(tag, class string) app.UI {
	return elem(tag, class, attrs{"hidden", "true"})
}

// grow takes the room between its neighbours.
func grow() app.UI { return el("span", "grow") }

// group is what belongs together, with what it is called aloud.
func group(class, label string, kids ...app.UI) app.UI {
	return aloud("div", class, "group", label, kids...)
}

// aloud is an element with a role, "" for its own, and what it is called aloud.
func aloud(tag, class, role, label string, kids ...app.UI) app.HTMLElem {
	return elem(tag, class, attrs{"role", role, "aria-label", label}, kids...)
}

// float is a menu that hangs below what opens it.
func float(class, label string, kids ...app.UI) app.UI {
	return aloud("div", "float menu "+class, "dialog", label, kids...)
}

// link leads elsewhere.
func link(class, href, title string, kids ...app.UI) app.HTMLElem {
	return elem("a", class, attrs{"href", href, "title", title}, kids...)
}

// button is a button that sends msg.
func button(class string, send Send, msg any, with attrs, kids ...app.UI) app.HTMLElem {
	return elem("button", class, with, kids...).Attr("type", "button").OnClick(send.on(msg))
}

// worded is a button that shows a text.
func worded(class, text string, send Send, msg any) app.HTMLElem {
	return button(class, send, msg, nil, app.Text(text))
}

// pictured is a button that shows a picture. label is what it is called aloud.
func pictured(class, picture, label, title string, send Send, msg any) app.HTMLElem {
	return button(class, send, msg, attrs{"aria-label", label, "title", title}, icon(picture))
}

// input is a field that takes no children.
func input(id, kind, class string, with attrs) app.HTMLElemSelfClosing {
	e := app.ElemSelfClosing("input").Attr("type", kind).Class(class)
	if id != "" {
		e.ID(id)
	}
	for i := 0; i < len(with); i += 2 {
		if with[i+1] != "" {
			e.Attr(with[i], with[i+1])
		}
	}
	return e
}

// field is a field for a word that no browser knows; where send is given, it sends
// Typed. An attribute of with wins over what the field has by itself.
func field(id, label, placeholder string, send Send, with ...string) app.HTMLElemSelfClosing {
	e := input(id, "text", "field", append(attrs{"aria-label", label, "placeholder", placeholder, "autocomplete", "off", "spellcheck", "false"}, with...))
	if send != nil {
		e.OnInput(send.on(Typed{id}))
	}
	return e
}

// check is a box that is on or off, or one of several. msg is sent when it is changed.
func check(kind string, on bool, send Send, msg any, with ...string) app.UI {
	return input("", kind, "", append(attrs{"checked", yes(on)}, with...)).OnChange(send.on(msg))
}

// posted is a form that sends msg, in place of what the browser would send.
func posted(class string, send Send, msg any, with attrs, kids ...app.UI) app.UI {
	submit, scope := send.submit(msg)
	return elem("form", class, with, kids...).On("submit", submit, scope)
}

// wrong says why what was typed is no good. id is "" where nothing refers to it.
func wrong(id, why string) app.UI {
	return elem("p", "help err", attrs{"id", id, "role", "alert"}, app.Text(Sentence(why)))
}

// submit is the button of a form.
func submit(class, text string) app.HTMLElem {
	return elem("button", class, attrs{"type", "submit"}, app.Text(text))
}

// caps are keys, as printed on them.
func caps(keys []string) []app.UI {
	out := make([]app.UI, len(keys))
	for i, k := range keys {
		out[i] = txt("kbd", "", k)
	}
	return out
}

// draw is an element of a drawing. A class would not reach it: go-app sets className,
// which drawings do not have.
func draw(tag string, with attrs, kids ...app.UI) app.HTMLElem {
	return elem(tag, "", with, kids...).XMLNS("http://www.w3.org/2000/svg")
}

// yes is how an attribute says that something is so.
func yes(ok bool) string {
	if ok {
		return "true"
	}
	return "false"
}

// when returns text where ok, and nothing otherwise.
func when(ok bool, text string) string {
	if !ok {
		return ""
	}
	return text
}

// glossary is words and what to write for them, in turns. A map of them would be
// filled by code.
type glossary []string

// of returns what to write for a word, "" for one that is not there.
func (g glossary) of(word string) string {
	for i := 0; i < len(g); i += 2 {
		if g[i] == word {
			return g[i+1]
		}
	}
	return ""
}

// nodes are children that are gathered one by one.
type nodes []app.UI

func (n *nodes) add(ui app.UI) { *n = append(*n, ui) }

// span adds a text, nothing for "".
func (n *nodes) span(class, text string) {
	if text != "" {
		n.add(txt("span", class, text))
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

// slot is the place of what may be there.
func slot(ui app.UI) app.UI { return el("div", "", ui) }

// tool is a small button.
func tool(text string, send Send, msg any) app.HTMLElem { return worded("btn small", text, send, msg) }

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
