package part

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// IDDetails is the id of the panel.
const IDDetails = "details"

// What the panel reports. Copied names what to copy: "raw", "link", or
// "field:" and its name.
type Copied struct{ What string }

// Details is the panel with all that is known of one entry.
type Details struct {
	Entry  logs.Entry
	Row    viewer.Row
	Now    time.Time
	Zone   *time.Location
	Copied string // what was copied a moment ago
	Failed string // what could not be copied
}

// Field is one value of an entry as the panel shows it.
type Field struct {
	Name  string
	Value string
}

// Fields returns the values of an entry in the order of the panel: those that
// all vendors share first. Time and summary stand above them.
func Fields(e logs.Entry, target string) []Field {
	var out []Field
	add := func(name, value string) {
		if value != "" {
			out = append(out, Field{name, value})
		}
	}
	add("level", e.Level.String())
	add("outcome", e.Outcome.String())
	if e.Status > 0 {
		add("status", strconv.Itoa(e.Status))
	}
	if e.HasTook {
		add("took", viewer.Took(e.Took))
	}
	add("target", target)
	for _, f := range e.Fields { // what people call things, before the ids
		if named(f.Name) {
			add(f.Name, logs.TextOf(f.Value))
		}
	}
	add("job", e.Job)
	add("item", e.Item)
	add("request", e.Request)
	if e.Attempt > 0 {
		add("attempt", strconv.Itoa(e.Attempt))
	}
	for _, f := range e.Fields {
		// A vendor's field may have the name of one that all share.
		if !slices.ContainsFunc(out, func(o Field) bool { return o.Name == f.Name && o.Value == logs.TextOf(f.Value) }) {
			add(f.Name, logs.TextOf(f.Value))
		}
	}
	add("id", e.ID)
	add("address", e.Src)
	return out
}

// named reports whether a vendor's field holds what people call something, by the
// names that our fields have: integration_name, url.
func named(field string) bool { return field == "url" || strings.HasSuffix(field, "_name") }

// UI draws the panel.
func (d Details) UI(send Send) app.UI {
	e := d.Entry
	var rows, blocks []app.UI
	for _, f := range Fields(e, d.Row.Target) {
		if text, block := pretty(f.Value); block {
			blocks = append(blocks, app.Section().Class("block-field").Aria("label", f.Name).Body(
				app.Div().Class("block-head").Body(app.H3().Text(f.Name), app.Span().Class("grow"), d.copy("field:"+f.Name, "Copy "+f.Name, send)),
				app.Pre().Class("text").TabIndex(0).Text(text),
			))
			continue
		}
		rows = append(rows, app.Div().Class("pair").Body(
			app.Dt().Text(f.Name),
			app.Dd().Body(app.Span().Class("pair-value").Text(f.Value), d.copy("field:"+f.Name, "Copy "+f.Name, send)),
		))
	}
	return app.Aside().ID(IDDetails).Class("details").Role("complementary").Aria("label", "Details").TabIndex(-1).Body(
		app.Div().Class("details-head").Body(
			app.Button().Type("button").Class("btn icon quiet").Aria("label", "Previous entry").Title("Previous entry (k)").OnClick(send.on(viewer.Stepped{By: -1})).Body(icon("prev")),
			app.Button().Type("button").Class("btn icon quiet").Aria("label", "Next entry").Title("Next entry (j)").OnClick(send.on(viewer.Stepped{By: 1})).Body(icon("down")),
			app.Span().Class("grow"),
			d.button("link", "Copy link", send),
			app.Button().Type("button").Class("btn icon quiet").Aria("label", "Close details").Title("Close (Esc)").OnClick(send.on(viewer.DetailsClosed{})).Body(icon("close")),
		),
		app.Div().Class("details-body").Body(
			app.H2().Class("details-title mark-"+d.Row.Mark.String()).Body(
				app.Span().Class("sign").Aria("hidden", "true"), app.Span().Text(title(e)),
			),
			d.times(),
			app.Dl().Class("pairs").Body(rows...),
			app.Div().Class("blocks").Body(blocks...),
			d.raw(send),
		),
	)
}

func title(e logs.Entry) string {
	if e.Summary != "" {
		return e.Summary
	}
	return "Entry without text"
}

// times shows the moment in the reader's zone, in UTC, and how long ago it was.
func (d Details) times() app.UI {
	t := d.Entry.Time
	if t.IsZero() {
		text := "The vendor gave no readable time"
		if d.Entry.TimeText != "" {
			text += ": " + d.Entry.TimeText
		}
		return app.P().Class("times mut").Text(text)
	}
	layout := "2006-01-02 15:04:05"
	if n := len(d.Row.Time) - len("15:04:05."); n > 0 { // as many digits as the vendor gave
		layout += "." + strings.Repeat("0", n)
	}
	local := t.In(d.Zone)
	name, _ := local.Zone()
	if d.Zone.String() != "UTC" {
		name = OffsetName(local)
	}
	var utc app.UI
	if name != "UTC" {
		utc = app.Span().Class("mut").Text(t.UTC().Format(layout) + " UTC")
	}
	return app.P().Class("times").Body(
		app.Time().Attr("datetime", t.UTC().Format(time.RFC3339Nano)).Text(local.Format(layout)+" "+name),
		utc,
		app.Span().Class("mut").Text(Age(d.Now, t)),
	)
}

// OffsetName writes a zone's offset at a moment: "UTC", "UTC+2", "UTC+5:30".
func OffsetName(t time.Time) string {
	_, s := t.Zone()
	if s == 0 {
		return "UTC"
	}
	sign := "+"
	if s < 0 {
		sign, s = "−", -s
	}
	out := "UTC" + sign + strconv.Itoa(s/3600)
	if m := s % 3600 / 60; m > 0 {
		out += ":" + strconv.Itoa(m/10) + strconv.Itoa(m%10)
	}
	return out
}

func (d Details) raw(send Send) app.UI {
	if len(d.Entry.Raw) == 0 {
		return nil
	}
	text, _ := pretty(string(d.Entry.Raw))
	return app.Section().Class("block-field").Aria("label", "Raw").Body(
		app.Div().Class("block-head").Body(
			app.H3().Text("What the vendor sent"), app.Span().Class("grow"),
			d.button("raw", "Copy raw", send),
		),
		app.Pre().Class("text").TabIndex(0).Text(text),
	)
}

// maxShown bounds the text of one block in bytes; a copy always has all of it.
const maxShown = 200_000

// pretty returns a value as a block of text where it is one: JSON is indented,
// HTML and everything else stays the text that it is.
func pretty(s string) (text string, block bool) {
	trimmed := strings.TrimSpace(s)
	if len(trimmed) > 1 && (trimmed[0] == '{' || trimmed[0] == '[') {
		var b bytes.Buffer
		if json.Indent(&b, []byte(trimmed), "", "  ") == nil {
			return cut(b.String()), true
		}
	}
	return cut(s), strings.Contains(s, "\n") || len(s) > 240
}

func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	at := maxShown
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at] + "\n… cut here; the copy has all " + Count(len(s)) + " bytes"
}

// copy is a small button that copies one value.
func (d Details) copy(what, label string, send Send) app.UI {
	name, class := "copy", "btn icon quiet copy"
	switch what {
	case d.Copied:
		name, class, label = "check", class+" done", "Copied"
	case d.Failed:
		name, class, label = "alert", class+" failed", "The browser refused to copy"
	}
	return app.Button().Type("button").Class(class).Aria("label", label).Title(label).OnClick(send.on(Copied{what})).Body(icon(name))
}

// button is copy with words.
func (d Details) button(what, label string, send Send) app.UI {
	name, class := "copy", "btn small"
	switch what {
	case d.Copied:
		name, label, class = "check", "Copied", class+" done"
	case d.Failed:
		name, label, class = "alert", "Not copied", class+" failed"
	}
	return app.Button().Type("button").Class(class).OnClick(send.on(Copied{what})).Body(icon(name), app.Text(label))
}
