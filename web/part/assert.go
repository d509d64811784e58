package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
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
	var targets []app.UI
	known := false
	for _, t := range f.Targets {
		known = known || t.Address == f.Src
		targets = append(targets, app.Option().Value(t.Address).Selected(t.Address == f.Src).Text(t.Label))
	}
	if !known && f.Src != "" {
		targets = append([]app.UI{app.Option().Value(f.Src).Selected(true).Text(f.Src)}, targets...)
	}
	class := "assert-form"
	if f.Fold {
		class += " has-verdicts"
	}
	since := app.Input().ID(IDAssertSince).Class("field").Type("text").Attr("autocomplete", "off").Value(f.Since).Placeholder("2h, 14:05, yesterday 17:30").Disabled(f.Busy)
	var wrong app.UI
	if f.Wrong != "" {
		since = since.Aria("invalid", "true")
		wrong = app.P().Class("help err").Role("alert").Text(Sentence(f.Wrong))
	}
	return app.Form().Class(class).OnSubmit(send.submit(AssertGiven{})).Body(
		app.Label().For(IDAssertList).Text("Items"),
		app.Elem("textarea").ID(IDAssertList).Class("field mono").Attr("spellcheck", "false").Attr("autocomplete", "off").Attr("disabled", f.Busy).
			Attr("placeholder", "One URI a line, CSV with a column of URIs, or a sitemap: paste it, or drop a file. Up to 5,000 items.").Text(f.List),
		app.Div().Body(Fault{Err: f.Err, Small: true}.UI(send)),
		el("div", "assert-line",
			el("div", "form-row", app.Label().For(IDAssertSrc).Text("Source"), app.Select().ID(IDAssertSrc).Class("field").Disabled(f.Busy).Body(targets...)),
			el("div", "form-row", app.Label().For(IDAssertSince).Text("Since"), since, wrong),
			app.Button().Type("submit").Class("btn primary").Disabled(f.Busy).Text("Check"),
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
		app.Elem("progress").Attr("max", b.Items).Attr("value", b.Progress.Settled).Aria("label", "Items that are settled"),
		el("p", "place-wait",
			txt("span", "", Count(b.Progress.Settled)+" of "+Some(b.Items, "item")+" settled. "+text+". "+Length(b.For)+" "),
			press("btn small", send, AssertLeft{}).Text("Cancel"),
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
	Kept   int          // chosen ones in all
	Active int          // row that the keyboard is at, -1 for none
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
		return app.Div().Class("verdicts").Hidden(true)
	}
	facet := func(c StateCount, class, label string) app.UI {
		on := c.State == v.Chosen.State && c.Code == v.Chosen.Code
		return press("verdict-facet "+class, send, AssertChosen{c.State, c.Code}).Aria("pressed", on).Aria("label", label+" "+Count(c.N)).Body(
			txt("span", "", label), txt("span", "verdict-n", Count(c.N)))
	}
	facets := []app.UI{facet(StateCount{N: v.Total}, "", "All")}
	for _, c := range v.States {
		facets = append(facets, facet(c, stateLook[c.State].class, StateWord(c.State)))
	}
	var codes app.UI
	if len(v.Codes) > 0 {
		list := []app.UI{txt("span", "mut", "Failed with")}
		for _, c := range v.Codes {
			label := c.Code
			if label == NoCode {
				label = "no code"
			}
			list = append(list, facet(c, "s-err", label))
		}
		codes = group("verdict-facets", "Error codes", list...)
	}
	var notes []app.UI
	for _, n := range v.Notes {
		notes = append(notes, txt("p", "job-note mut", n))
	}
	rows := make([]app.UI, len(v.Rows))
	for i := range v.Rows {
		rows[i] = v.row(i)
	}
	copied := "Copy CSV"
	if v.Copied {
		copied = "Copied"
	}
	var pages []app.UI
	if v.Kept > AssertRows {
		pages = []app.UI{
			press("btn small", send, AssertTurned{-1}).Disabled(v.From == 0).Text("Back"),
			txt("span", "mut", Count(v.From+1)+"–"+Count(v.From+len(v.Rows))+" of "+Count(v.Kept)),
			press("btn small", send, AssertTurned{1}).Disabled(v.From+len(v.Rows) >= v.Kept).Text("Next"),
		}
	}
	return el("section", "verdicts",
		group("verdict-facets", "Verdicts", facets...),
		app.Div().Body(codes),
		el("div", "item-tools",
			press("btn small", send, AssertAgain{}).Text("Check again"),
			press("btn small", send, Copied{What: "verdicts"}).Text(copied),
			press("btn small", send, AssertSaved{}).Text("Save CSV"),
			txt("span", "mut", v.Told),
		),
		el("div", "", notes...),
		listed("verdict-list", "Items", rows),
		el("div", "item-tools verdict-pages", pages...),
	)
}

// NoCode stands for failures without an error code.
const NoCode = "\x00"

// VerdictID is the id of a drawn row.
func VerdictID(i int) string { return "verdict-" + strconv.Itoa(i) }

func (v Verdicts) row(i int) app.UI {
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
	when := ""
	if !r.Time.IsZero() {
		when = stamp(r.Time, v.Now, v.Zone)
	}
	return app.Li().ID(VerdictID(i)).Body(
		app.A().Class(class).Href(r.URL).Aria("label", look.word+" "+r.Item+" "+r.Stage+" "+reason).Body(
			txt("span", "verdict-word", look.word),
			titled("verdict-item mono", r.Item, r.Item),
			txt("span", "verdict-stage mono mut", r.Stage),
			titled("verdict-reason", reason, reason),
			txt("span", "verdict-time mono mut", when),
		))
}
