package part

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// IDDetails is the id of the panel.
const IDDetails = "details"

// Copied names what to copy: "link", or what [Details.Copy] knows.
type Copied struct{ What string }

// Details is the panel with all that is known of one entry.
type Details struct {
	Entry  logs.Entry
	Row    viewer.Row
	At     int // place of the row in the table
	Now    time.Time
	Zone   *time.Location
	Copied string        // what was copied a moment ago
	Failed string        // what could not be copied
	Limit  time.Duration // of a webhook; 0 is query.DefaultLimit
	Vendor string        // the vendor's name as people write it; "" for the word in the address
	State  PanelState
	Marks  int // entries that are marked, see viewer.Marked

	Sources exception.Sources // where one's own files can be read

	Lens redact.Lens // through which everything is shown and copied

	Drill    string // what its drill-down shows, as in "Open job"; "" where it has none
	DrillURL string // its address
	TableURL string // address of the entry in the table; "" for a panel that stands there

	Gone string // when the vendor deletes the entry, as a sentence; "" where that is not known
}

// told returns what the entry says; decoded anew where the state does not have it.
func (d *Details) told() *told {
	if t := d.State.told; t != nil && t.lens == d.Lens && t.entry.ID == d.Entry.ID && t.entry.Src == d.Entry.Src && len(t.entry.Raw) == len(d.Entry.Raw) {
		return t
	}
	return tell(d.Entry, d.Lens)
}

// Field is one value of an entry as the panel shows it.
type Field struct {
	Name  string
	Value string
	real  string // what a filter compares it with
}

// Fields returns the values of an entry in the order of the panel: those that
// all vendors share first. Time and summary stand above them. What the lens covers
// is covered.
func Fields(e logs.Entry, target string, lens redact.Lens) []Field {
	var out []Field
	add := func(name, value string) {
		if value != "" {
			out = append(out, Field{name, lens.Field(name, value), value})
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
next:
	for _, f := range e.Fields {
		text := logs.TextOf(f.Value)
		for i := range out { // a vendor's field may have the name of one that all share
			if out[i].Name == f.Name && out[i].real == text {
				continue next
			}
		}
		add(f.Name, text)
	}
	for _, f := range [...]Field{{"id", e.ID, e.ID}, {"address", e.Src, e.Src}} { // an entry is found again by them
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// named reports whether a vendor's field holds what people call something, by the
// names that our fields have: integration_name, url.
func named(field string) bool { return field == "url" || strings.HasSuffix(field, "_name") }

// UI draws the panel.
func (d Details) UI(send Send) app.UI {
	t := d.told()
	d.State.told = t
	shared, own := d.rows(t, send)
	body := nodes{
		el("h2", "details-title mark-"+d.Row.Mark.String(), mute("span", "sign"), txt("span", "", decode.Visible(d.Lens.Text(title(d.Entry))))),
		d.times(),
		d.covered(t, send),
	}
	if len(t.chain) > 0 {
		body.add(d.section(idChain, "Exception", nil, d.traceTools(idChain, send), d.trace(idChain, t.chain, send)))
	}
	body.add(d.group("Common fields", shared))
	body.add(d.group(d.vendor(t)+" fields", own))
	if t.isCall {
		body.add(d.call(&t.call, send))
	}
	for i := range t.blocks {
		body.add(d.block(&t.blocks[i], send))
	}
	body.add(d.sent(t, send))
	return elem("aside", "details", attrs{"id", IDDetails, "role", "complementary", "aria-label", "Details", "tabindex", "-1"},
		d.head(t, send),
		el("div", "details-body", body...),
	)
}

// head is the row of buttons above.
func (d *Details) head(t *told, send Send) app.UI {
	return group("details-head", "This entry",
		pictured("btn icon quiet", "prev", "Previous entry", "Previous entry (k)", send, viewer.Stepped{By: -1}),
		pictured("btn icon quiet", "down", "Next entry", "Next entry (j)", send, viewer.Stepped{By: 1}),
		d.drill(),
		d.same(send),
		d.around(send),
		d.mark(send),
		d.toTable(),
		grow(),
		d.copyMenu(t, send),
		pictured("btn icon quiet", "close", "Close details", "Close (Esc)", send, viewer.DetailsClosed{}),
	)
}

// drill leads to the drill-down of the entry.
func (d *Details) drill() app.UI {
	if d.Drill == "" {
		return nil
	}
	return link("btn small", d.DrillURL, "Open the "+d.Drill+" of this entry (Enter on its cell)", icon("drill"), txt("span", "", "Open "+d.Drill))
}

// toTable leads from a drill-down to the entry's row.
func (d *Details) toTable() app.UI {
	if d.TableURL == "" {
		return nil
	}
	return link("btn small quiet", d.TableURL, "Show this entry among all of the table", icon("around"), txt("span", "lbl", "In the table"))
}

// same offers the entries that belong with this one, by what SameJobAsked goes by.
func (d *Details) same(send Send) app.UI {
	e, what := &d.Entry, ""
	switch {
	case d.TableURL != "":
		return nil
	case e.Job != "":
		what = "job"
	case e.Item != "":
		what = "item"
		for _, name := range [...]string{"index", "pipeline"} {
			if e.Fields.Text(name) == e.Item {
				what = name
			}
		}
	case e.Request != "":
		what = "request"
	default:
		return nil
	}
	return headButton("same", "Same "+what, "Only entries of the same "+what, send, viewer.SameJobAsked{Row: d.At})
}

func (d *Details) around(send Send) app.UI {
	if d.Entry.Time.IsZero() || d.TableURL != "" {
		return nil
	}
	return headButton("around", "±30 s", "±30 s around this entry, everything", send, viewer.AroundAsked{Row: d.At})
}

// mark is how one compares without a keyboard: mark this entry, then compare another
// one with it.
func (d *Details) mark(send Send) app.UI {
	if d.TableURL != "" { // its place in the table is not known here
		return nil
	}
	picture, title, msg := "mark", "Mark this entry, to compare another one with it (x)", any(viewer.Marked{Row: d.At})
	switch {
	case d.Marks > 1 || d.Marks == 1 && !d.Row.Marked:
		picture, title, msg = "compare", "Compare with the marked entry", CompareAsked{}
	case d.Row.Marked:
		title = "Take the mark away (x)"
	}
	return button("btn icon quiet", send, msg, attrs{"aria-label", title, "aria-pressed", yes(d.Row.Marked), "title", title}, icon(picture))
}

func headButton(picture, label, title string, send Send, msg any) app.UI {
	return button("btn small quiet", send, msg, attrs{"aria-label", title, "title", title}, icon(picture), txt("span", "lbl", label))
}

// vendor is the vendor's name as people write it.
func (d *Details) vendor(t *told) string {
	if d.Vendor != "" {
		return d.Vendor
	}
	if name := vendorTitles.of(t.vendor); name != "" {
		return name
	}
	return t.vendor
}

// vendorTitles are the names as the vendors write them.
var vendorTitles = glossary{"elasticpath", "Elastic Path", "moltin", "Moltin", "coveo", "Coveo", "algolia", "Algolia", "deepset", "deepset"}

func title(e logs.Entry) string {
	if e.Summary != "" {
		return e.Summary
	}
	return "Entry without text"
}

// times shows the moment in the reader's zone, in UTC, and how long ago it was.
func (d *Details) times() app.UI {
	t := d.Entry.Time
	if t.IsZero() {
		text := "The vendor gave no readable time"
		if d.Entry.TimeText != "" {
			text += ": " + d.Entry.TimeText
		}
		return txt("p", "times mut", text)
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
		utc = txt("span", "mut", t.UTC().Format(layout)+" UTC")
	}
	return el("p", "times",
		elem("time", "", attrs{"datetime", t.UTC().Format(time.RFC3339Nano)}, app.Text(local.Format(layout)+" "+name)),
		utc,
		txt("span", "mut", Age(d.Now, t)),
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

// Copy returns what a copy of something holds, "" where there is nothing: "raw",
// "field:" and a name, "block:" and an id, "at:" and a path, "trace:" or
// "markdown:" and the id of a trace, "frame:" and a frame. All of it, but for the
// secrets.
func (d Details) Copy(what string) string {
	t := d.told()
	kind, rest, _ := strings.Cut(what, ":")
	switch kind {
	case "raw":
		return t.raw
	case "curl":
		return d.curl(t)
	case "field":
		for _, f := range t.rows(d.Row.Target) {
			if f.Name == rest {
				return f.Value
			}
		}
	case "block":
		if b := t.find(rest); b != nil {
			return b.text
		}
	case "at":
		text, _ := t.at(rest)
		return text
	case "trace", "markdown":
		return traceText(t.trace(rest), kind == "markdown")
	case "frame":
		return rest
	}
	return ""
}

// isShared reports whether a field is one that all vendors have, or names what such
// a field has the id of.
func isShared(name string) bool {
	return name == "target" || name == "address" || slices.Contains(sharedNames, strings.TrimSuffix(name, "_name"))
}

var sharedNames = query.Names()
