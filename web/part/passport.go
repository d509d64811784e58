package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// RunsShown asks for more of an item's runs.
type RunsShown struct{}

// MoreRuns is how many runs of an item are drawn, and how many more are each time.
const MoreRuns = 20

// IDItem is the field in which an item's URI is typed.
const IDItem = "item-uri"

// ItemGiven says that the URI in IDItem is to be shown.
type ItemGiven struct{}

// Passport is one item's way through the stages of Coveo's indexing pipeline.
type Passport struct {
	URI      string
	Ready    bool // there is an answer
	Passport item.Passport
	Verdict  item.Verdict
	Shown    int               // runs; 0 for MoreRuns
	Sources  map[string]string // names by id
	Zone     *time.Location
	Now      time.Time
	Copied   string
	Entries  string                 // address of the item's entries in the table
	Asserts  string                 // address of the list of items
	Spans    []SpanLink             // that can be looked at
	Entry    func(id string) string // address of one entry in the table
	Table    func(q string) string  // address of the table with a filter
	Wait     JobWait
}

// SpanLink is a stretch of time by its name, and the address of what is shown of it.
type SpanLink struct {
	Label, URL string
	On         bool
}

// stateLook is how a state looks and what it is called.
var stateLook = map[item.State]struct{ class, word string }{
	item.Indexed:  {"s-ok", "Indexed"},
	item.Failed:   {"s-err", "Failed"},
	item.UnderWay: {"s-way", "Under way"},
	item.Removed:  {"s-gone", "Removed"},
	item.NotSeen:  {"s-none", "Not seen"},
	item.Unknown:  {"s-none", "Unknown"},
	item.Skipped:  {"s-skip", "Skipped"},
}

// StateWord returns what a state is called.
func StateWord(s item.State) string { return stateLook[s].word }

// UI draws the passport.
func (p Passport) UI(send Send) app.UI {
	if p.URI == "" {
		return el("div", "item", app.Form().Class("item-ask").OnSubmit(send.submit(ItemGiven{})).Body(
			app.H1().Text("Which item?"),
			app.Label().For(IDItem).Class("mut").Text("The item's URI, as Coveo has it"),
			el("div", "item-line",
				app.Input().ID(IDItem).Class("field mono").Type("text").Attr("autocomplete", "off").Attr("spellcheck", "false").Placeholder("https://www.example.com/page"),
				app.Button().Type("submit").Class("btn primary").Text("Show"),
			),
			el("p", "", linked("", p.Asserts, "Check a list of items")),
		))
	}
	copied := "Copy URI"
	if p.Copied == "item" {
		copied = "Copied"
	}
	var verdict, hint, more app.UI
	var runs []app.UI
	if p.Ready {
		verdict = p.verdict()
		hint = p.hint()
		shown := max(p.Shown, MoreRuns)
		for i, r := range p.Passport.Runs {
			if i == shown {
				more = press("btn", send, RunsShown{}).Text("Show " + Count(min(MoreRuns, len(p.Passport.Runs)-shown)) + " older runs")
				break
			}
			runs = append(runs, p.run(i, r))
		}
	}
	return app.Div().Class("item").Body(
		el("header", "item-head",
			txt("h1", "mono", p.URI),
			el("div", "item-tools",
				press("btn small", send, Copied{What: "item"}).Text(copied),
				linked("btn small", p.Entries, "Entries of this item"),
				linked("btn small", p.Asserts, "Check a list"),
			),
			group("item-spans", "Time", p.spans()...),
		),
		p.Wait.UI(send),
		app.Div().Class("item-told").Aria("live", "polite").Body(verdict, hint),
		el("div", "item-runs", runs...),
		app.Div().Body(more),
	)
}

// linked is a link with text.
func linked(class, address, text string) app.HTMLA {
	return app.A().Class(class).Href(address).Text(text)
}

// listed is an ordered list with what it is called aloud.
func listed(class, label string, rows []app.UI) app.UI {
	return app.Ol().Class(class).Aria("label", label).Body(rows...)
}

// titled is a text that is told in full where the pointer rests.
func titled(class, title, text string) app.UI {
	return app.Span().Class(class).Title(title).Text(text)
}

func (p Passport) spans() []app.UI {
	out := []app.UI{txt("span", "", "Looked at:")}
	for _, s := range p.Spans {
		a := linked("", s.URL, s.Label)
		if s.On {
			a = a.Aria("current", "true")
		}
		out = append(out, a)
	}
	return out
}

func (p Passport) verdict() app.UI {
	v := p.Verdict
	look := stateLook[v.State]
	title := look.word
	switch {
	case v.State == item.Failed && v.Stage != "":
		title = "Failed at " + v.Stage
	case v.State == item.UnderWay && v.Stage != "":
		title = "Under way, " + v.Stage + " done"
	}
	var code, when, reason app.UI
	if v.Code != "" {
		code = txt("code", "item-code", v.Code)
	}
	if t := v.Step.Time; !t.IsZero() {
		when = titled("mut", t.UTC().Format(time.RFC3339Nano), stamp(t, p.Now, p.Zone)+", "+Age(p.Now, t))
	}
	switch {
	case v.Reason != "":
		reason = txt("p", "item-reason", Sentence(v.Reason))
	case v.State == item.NotSeen:
		reason = txt("p", "item-reason", "Everything that Coveo has of this time was read, and nothing names this item.")
	}
	return el("div", "item-verdict "+look.class, el("p", "item-word", app.Strong().Text(title), code, when), reason)
}

// hint is what is known about the step that the item stands at.
func (p Passport) hint() app.UI {
	h, ok := item.HintOf(p.Verdict.Step)
	if !ok {
		return nil
	}
	line := func(name, text string) app.UI {
		if text == "" {
			return nil
		}
		return el("div", "", txt("dt", "", name), txt("dd", "", text))
	}
	var alike app.UI
	if h.Query != "" {
		alike = linked("btn small", p.Table(h.Query), h.Label)
	}
	return el("section", "item-hint",
		el("dl", "", line("Meaning", h.Meaning), line("Likely cause", h.Cause), line("What to do", h.Next)),
		el("p", "item-tools", alike, linked("btn small quiet", h.Page, "Coveo's documentation").Target("_blank").Rel("noreferrer noopener")),
	)
}

// run draws one run; all but the newest are folded.
func (p Passport) run(at int, r item.Run) app.UI {
	first, last := r.Steps[0], r.Last()
	look := stateLook[r.State]
	head := []app.UI{
		txt("span", "run-word "+look.class, look.word),
		txt("span", "mono", stamp(first.Time, p.Now, p.Zone)),
	}
	if last.Operation != "" {
		head = append(head, txt("span", "mono", last.Operation))
	}
	if name := last.Source; name != "" {
		if n := p.Sources[name]; n != "" {
			name = n
		}
		head = append(head, titled("mut ellipsis", last.Source, name))
	}
	if d := r.Took(); d > 0 {
		head = append(head, txt("span", "mut", Distance(d)+" in all"))
	}
	var steps []app.UI
	for i, s := range r.Steps {
		steps = append(steps, p.step(r, i, s))
	}
	if r.State == item.Failed && !r.Removal() {
		steps = append(steps, el("li", "step s-not", txt("span", "step-name mut", "not reached: the index")))
	}
	return app.Elem("details").Class("run").Attr("open", at == 0).Body(
		el("summary", "run-head", head...),
		listed("rail", "Stages", steps),
	)
}

func (p Passport) step(r item.Run, i int, s item.Step) app.UI {
	class, word := "s-none", s.Result
	switch s.Outcome {
	case logs.OutcomeSucceeded:
		class = "s-ok"
	case logs.OutcomeFailed:
		class = "s-err"
	case logs.OutcomeRejected:
		class = "s-err s-hollow"
	case logs.OutcomeWarned:
		class = "s-warn"
	case logs.OutcomeSkipped:
		class = "s-skip"
	}
	if r.Removal() && s.Outcome == logs.OutcomeSucceeded {
		class = "s-gone"
		if r.State == item.Removed && i == len(r.Steps)-1 {
			word += ", removed"
		}
	}
	name := s.Stage
	if name == "" {
		name = "no stage given"
	}
	parts := []app.UI{
		titled("step-name", item.StageMeaning(s.Stage), name),
		txt("span", "step-result", word),
	}
	if r.Stopped(i) {
		parts = append(parts, txt("span", "badge stopped", "stopped here"))
	}
	when := "no time"
	if !s.Time.IsZero() {
		when = stamp(s.Time, p.Now, p.Zone)
	}
	parts = append(parts, linked("step-time mono", p.Entry(s.ID), when).Title("Show the entry"))
	if i > 0 {
		since := "+" + Distance(s.Since)
		if s.Since < 0 || s.Time.IsZero() || r.Steps[i-1].Time.IsZero() {
			since = ""
		}
		parts = append(parts, txt("span", "step-since mono mut", since))
	}
	if s.HasTook {
		parts = append(parts, txt("span", "step-took mut", "took "+viewer.Took(s.Took)))
	}
	if s.Resource != "" {
		parts = append(parts, txt("span", "step-resource mut", s.Resource))
	}
	var wrong app.UI
	if s.Error != "" || s.Code != "" {
		var code app.UI
		if s.Code != "" {
			code = txt("code", "item-code", s.Code)
		}
		wrong = el("div", "step-error", code, txt("span", "", s.Error))
	}
	return app.Li().Class("step "+class).DataSet("stage", s.Stage).Body(el("div", "step-line", parts...), wrong)
}

// stamp writes a moment of a log, with its day where that is not today.
func stamp(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "no time"
	}
	if zone == nil {
		zone = time.UTC
	}
	t, now = t.In(zone), now.In(zone)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05.000")
	}
	return strconv.Itoa(t.Day()) + " " + t.Month().String()[:3] + " " + t.Format("15:04:05.000")
}
