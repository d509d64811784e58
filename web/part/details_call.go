package part

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// call draws a call of Algolia's decoded: one line for each of its queries.
func (d *Details) call(c *shape.Call, send Send) app.UI {
	title := "Call"
	if n := len(c.Queries); n > 0 {
		title = queries(n)
	}
	var note app.UI
	if c.Cut {
		note = txt("span", "badge cut", "✂ the body ends early")
	}
	var rows nodes
	for i := range c.Queries {
		rows.add(oneQuery(i, &c.Queries[i]))
	}
	var list app.UI
	if len(rows) > 0 {
		list = el("ol", "subs", rows...)
	}
	return d.section("subs", title, note, d.button("curl", "copy", "Copy as cURL", send), list)
}

func oneQuery(i int, q *shape.Query) app.UI {
	kids := nodes{txt("span", "n mut", strconv.Itoa(i+1)), txt("span", "k", decode.Visible(q.Index))}
	add := func(ui app.UI) { kids.add(ui) }
	text, told := q.Text()
	switch {
	case text != "":
		add(txt("span", "v", "“"+decode.Visible(text)+"”"))
	case told:
		add(txt("span", "mut", "empty query"))
	}
	for i := range q.Params {
		if p := &q.Params[i]; p.Name != "query" {
			add(paramChip(p))
		}
	}
	if q.Cut {
		add(tip("cut", "The body ends inside of this query, or before it", "✂"))
	}
	if q.ID != "" {
		add(tip("mut", q.ID, "query id "+viewer.MiddleCut(decode.Visible(q.ID))))
	}
	if q.User != "" {
		add(txt("span", "mut", decode.Visible(q.User)))
	}
	return el("li", "sub", kids...)
}

// maxChip bounds a parameter's value in a line, in bytes; the body below has all of it.
const maxChip = 120

func paramChip(p *shape.Param) app.UI {
	value := p.Value
	if len(value) > maxChip {
		value = strings.ToValidUTF8(value[:maxChip], "") + "…"
	}
	var cut app.UI
	if p.Cut {
		cut = tip("cut", "The text ends in the middle of this", "✂")
	}
	return el("span", "shape-chip", txt("span", "mut", decode.Visible(p.Name)+"="), app.Text(decode.Visible(value)), cut)
}

func queries(n int) string {
	if n == 1 {
		return "1 query"
	}
	return Count(n) + " queries"
}

// curl is the command that sends the call again.
func (d *Details) curl(t *told) string {
	if !t.isCall {
		return ""
	}
	target, _ := logs.ParseTarget(d.Entry.Src)
	return t.call.Curl(target.Account)
}
