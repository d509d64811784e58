package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the list of items reports.
type (
	AssertGiven  struct{} // the list is to be checked
	AssertAgain  struct{} // once more
	AssertLeft   struct{} // the check is to be canceled
	AssertChosen struct {
		State item.State
		Code  string
	} // only these are shown; "" for all
	AssertTurned struct{ By int } // pages
	AssertSaved  struct{}         // the verdicts are to be kept as a file
)

// Ids of the form's fields.
const (
	IDAssertList  = "assert-list"
	IDAssertSince = "assert-since"
	IDAssertSrc   = "assert-src"
)

// AssertRows is how many verdicts are drawn at once.
const AssertRows = 100

// AssertForm asks which items are to be checked, and where.
type AssertForm struct {
	Targets []wire.Target // to choose from
	Src     string        // the chosen one
	List    string        // to begin with
	Since   string        // to begin with
	Wrong   string        // what is wrong with the time
	Err     *fault.Error  // what is wrong with the list
	Busy    bool
	Fold    bool // there are verdicts: the list takes less room
}

// UI draws the form.
func (f AssertForm) UI(send Send) app.UI {
	var targets nodes
	option := func(address, label string) {
		targets.add(lettered("option", "", label, "value", address, "selected", yes(address == f.Src)))
	}
	known := f.Src == ""
	for i := range f.Targets {
		known = known || f.Targets[i].Address == f.Src
	}
	if !known {
		option(f.Src, f.Src)
	}
	for i := range f.Targets {
		option(f.Targets[i].Address, f.Targets[i].Label)
	}
	class := "assert-form"
	if f.Fold {
		class += " has-verdicts"
	}
	busy := yes(f.Busy)
	var wrong app.UI
	if f.Wrong != "" {
		wrong = lettered("p", "help err", Sentence(f.Wrong), "role", "alert")
	}
	since := input(IDAssertSince, "text", "field", attrs{"autocomplete", "off", "placeholder", "2h, 14:05, yesterday 17:30", "disabled", busy, "aria-invalid", when(wrong != nil, "true")}).Attr("value", f.Since)
	return app.Form().Class(class).OnSubmit(send.submit(AssertGiven{})).Body(
		labelOf("", IDAssertList, "Items"),
		elem("textarea", "field mono", attrs{"id", IDAssertList, "spellcheck", "false", "autocomplete", "off", "disabled", busy,
			"placeholder", "One URI a line, CSV with a column of URIs, or a sitemap: paste it, or drop a file. Up to 5,000 items."}, app.Text(f.List)),
		slot(Fault{Err: f.Err, Small: true}.UI(send)),
		el("div", "assert-line",
			el("div", "form-row", labelOf("", IDAssertSrc, "Source"), elem("select", "field", attrs{"id", IDAssertSrc, "disabled", busy}, targets...)),
			el("div", "form-row", labelOf("", IDAssertSince, "Since"), since, wrong),
			submit("btn primary", "Check").Attr("disabled", busy),
		),
	)
}

// AssertBusy says how far a check is.
type AssertBusy struct {
	Items    int
	For      time.Duration
	Progress wire.AssertProgress
	Zone     *time.Location
	Now      time.Time
	Vendor   string
}

// UI draws the progress.
func (b AssertBusy) UI(send Send) app.UI {
	text := "Asking " + b.Vendor
	if g := b.Progress; g.Calls > 0 {
		text = Some(g.Calls, "call") + " answered, " + Count(g.Scanned) + " entries read"
		if !g.Back.IsZero() {
			text += ", back to " + stamp(g.Back, b.Now, b.Zone)
		}
	}
	return el("div", "assert-busy",
		elem("progress", "", attrs{"max", strconv.Itoa(b.Items), "value", strconv.Itoa(b.Progress.Settled), "aria-label", "Items that are settled"}),
		el("p", "place-wait",
			txt("span", "", Count(b.Progress.Settled)+" of "+Some(b.Items, "item")+" settled. "+text+". "+Length(b.For)+" "),
			tool("Cancel", send, AssertLeft{}),
			txt("span", "mut", " "+b.Vendor+" may take a minute for each call."),
		),
	)
}

// StateCount is how many items are in a state.
type StateCount struct {
	State item.State
	Code  string
	N     int
}

// Verdicts are the verdicts of a list, as far as they are chosen.
type Verdicts struct {
	States []StateCount // what there is, by state
	Codes  []StateCount // of the failed ones, by error code
	Chosen StateCount   // N is not used
	Total  int
	Told   string // how it was read
	Notes  []string
	Rows   []VerdictRow // of this page
	From   int          // of the chosen ones, on this page
	Lens   redact.Lens
	Kept   int // chosen ones in all
	Active int // row that the keyboard is at, -1 for none
	Copied bool
	Zone   *time.Location
	Now    time.Time // to the day
}

// VerdictRow is one item.
type VerdictRow struct {
	wire.Verdict
	URL string // of its passport
}

// StateOf returns the state of a verdict that came from the server.
func StateOf(v *wire.Verdict) item.State {
	if v.Removed {
		return item.Removed
	}
	return item.State(v.Verdict)
}

// UI draws the verdicts.
func (v Verdicts) UI(send Send) app.UI {
	if v.Total == 0 {
		return hidden("div", "verdicts")
	}
	facet := func(c *StateCount, class, label string) app.UI {
		n := Count(c.N)
		on := c.State == v.Chosen.State && c.Code == v.Chosen.Code
		return button("verdict-facet "+class, send, AssertChosen{c.State, c.Code}, attrs{"aria-pressed", yes(on), "aria-label", label + " " + n},
			txt("span", "", label), txt("span", "verdict-n", n))
	}
	facets := nodes{facet(&StateCount{N: v.Total}, "", "All")}
	for i := range v.States {
		look := stateLook[v.States[i].State]
		facets.add(facet(&v.States[i], look.class, look.word))
	}
	var codes app.UI
	if len(v.Codes) > 0 {
		list := nodes{txt("span", "mut", "Failed with")}
		for i := range v.Codes {
			label := v.Codes[i].Code
			if label == NoCode {
				label = "no code"
			}
			list.add(facet(&v.Codes[i], "s-err", label))
		}
		codes = group("verdict-facets", "Error codes", list...)
	}
	var rows, pages nodes
	for i := range v.Rows {
		rows.add(v.row(i))
	}
	if end := v.From + len(v.Rows); v.Kept > AssertRows {
		turn := func(by int, text string, last bool) {
			pages.add(tool(text, send, AssertTurned{by}).Attr("disabled", yes(last)))
		}
		turn(-1, "Back", v.From == 0)
		pages.span("mut", Count(v.From+1)+"–"+Count(end)+" of "+Count(v.Kept))
		turn(1, "Next", end >= v.Kept)
	}
	return el("section", "verdicts",
		group("verdict-facets", "Verdicts", facets...),
		slot(codes),
		el("div", "item-tools",
			tool("Check again", send, AssertAgain{}),
			tool(copied(v.Copied, "Copy CSV"), send, Copied{What: "verdicts"}),
			tool("Export CSV ("+Some(v.Total, "verdict")+")", send, AssertSaved{}),
			txt("span", "mut", v.Told),
		),
		notes(v.Notes),
		listed("verdict-list", "Items", rows),
		el("div", "item-tools verdict-pages", pages...),
	)
}

// NoCode stands for failures without an error code.
const NoCode = "\x00"

// VerdictID is the id of a drawn row.
func VerdictID(i int) string { return "verdict-" + strconv.Itoa(i) }

func (v *Verdicts) row(i int) app.UI {
	r := &v.Rows[i]
	state := StateOf(&r.Verdict)
	look := stateLook[state]
	class := "verdict " + look.class
	if i == v.Active {
		class += " chosen"
	}
	reason := r.Reason
	if r.Code != "" && reason != "" {
		reason = r.Code + ": " + reason
	} else if reason == "" {
		reason = r.Code
	}
	item, when := v.Lens.Text(r.Item), ""
	reason = v.Lens.Text(reason)
	if !r.Time.IsZero() {
		when = stamp(r.Time, v.Now, v.Zone)
	}
	return elem("li", "", attrs{"id", VerdictID(i)},
		elem("a", class, attrs{"href", r.URL, "aria-label", look.word + " " + item + " " + r.Stage + " " + reason},
			txt("span", "verdict-word", look.word),
			tip("verdict-item mono", item, item),
			txt("span", "verdict-stage mono mut", r.Stage),
			tip("verdict-reason", reason, reason),
			txt("span", "verdict-time mono mut", when),
		))
}
