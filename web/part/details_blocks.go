package part

import (
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// block draws a value that needs room of its own.
func (d Details) block(b *block, send Send) app.UI {
	var note, tools, body app.UI
	raw := d.State.raw[b.id]
	switch b.form {
	case asHTML:
		note = txt("span", "badge", "HTML, shown as text")
	case asJSON, asQuery, asHeaders, asTrace:
		tools = d.forms(b.id, raw, send)
	}
	if b.cut != "" {
		note = txt("span", "badge cut", "✂ "+b.cut)
	}
	switch {
	case raw || b.form == asText || b.form == asHTML:
		body = d.long(b.id, b.text, send)
	case b.form == asJSON:
		t := tree{d: &d, send: send, large: b.doc.Large}
		body = t.root(&b.doc.Root, b.id, b.field)
		if b.doc.Rest != "" {
			body = el("div", "", body, txt("p", "mut", "Then follows what is no part of it:"), d.long(b.id+"/rest", b.doc.Rest, send))
		}
		if b.doc.Large {
			body = el("div", "", body, txt("p", "mut", "Only its beginning is drawn; the copy has all "+Count(len(b.text))+" bytes."))
		}
	case b.form == asQuery:
		body = d.table(b.params.Pairs, b.id, b.title, send)
		if b.params.Base != "" {
			body = el("div", "", txt("p", "base", decode.Visible(b.params.Base)), body)
		}
	case b.form == asHeaders:
		body = d.table(b.pairs, b.id, b.title, send)
	case b.form == asTrace:
		body = d.trace(b.id, b.chain, send)
		if b.before != "" {
			body = el("div", "", d.long(b.id+"/before", b.before, send), body)
		}
		tools = el("span", "block-tools", tools, d.traceTools(b.id, send))
	}
	return d.section(b.id, b.title, note, el("span", "block-tools", tools, d.button("block:"+b.id, "copy", "Copy", send)), body)
}

func (d *Details) section(id, title string, note, tools, body app.UI) app.UI {
	return elem("section", "held", attrs{"data-block", id, "aria-label", title},
		el("div", "block-head", txt("h3", "", decode.Visible(title)), note, grow(), tools),
		body,
	)
}

// forms is the switch between the two ways to read a block.
func (d *Details) forms(id string, raw bool, send Send) app.UI {
	one := func(label string, asRaw bool) app.UI {
		return button("seg", send, FormChosen{id, asRaw}, attrs{"aria-pressed", yes(raw == asRaw)}, app.Text(label))
	}
	return aloud("span", "segs", "group", "Form", one("Decoded", false), one("Raw", true))
}

func (d *Details) traceTools(id string, send Send) app.UI {
	return el("span", "block-tools",
		d.button("trace:"+id, "copy", "Copy", send),
		d.button("markdown:"+id, "copy", "Copy as Markdown", send),
	)
}

// sent draws the vendor's own JSON.
func (d *Details) sent(t *told, send Send) app.UI {
	if t.raw == "" {
		return nil
	}
	const id = "raw"
	raw := d.State.raw[id] || !t.isJSON
	var body, forms, note app.UI
	if t.isJSON {
		forms = d.forms(id, raw, send)
	}
	if raw {
		body = d.long(id, t.raw, send)
	} else {
		prefix := prefixes[t.vendor]
		if prefix == "" {
			prefix = id
		}
		tr := tree{d: d, send: send, brief: true, large: t.doc.Large}
		body = tr.root(&t.doc.Root, id, prefix)
	}
	if strings.Contains(t.raw, "[masked") {
		note = tip("badge", "Keys and tokens are hidden here and in every copy", "secrets masked")
	}
	return d.section(id, "What the vendor sent", note, el("span", "block-tools", forms, d.button(id, "copy", "Copy raw", send)), body)
}
