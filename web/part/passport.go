package part

import (
	"time"

	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
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
	Lens     redact.Lens
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
			txt("h1", "", "Which item?"),
			labelOf("mut", IDItem, "The item's URI, as Coveo has it"),
			el("div", "item-line",
				input(IDItem, "text", "field mono", attrs{"autocomplete", "off", "spellcheck", "false", "placeholder", "https://www.example.com/page"}),
				submit("btn primary", "Show"),
			),
			el("p", "", linked("", p.Asserts, "Check a list of items")),
		))
	}
	var verdict, hint, more app.UI
	var runs, tools nodes
	if p.Ready {
		verdict = p.verdict()
		hint = p.hint()
		shown := max(p.Shown, MoreRuns)
		for i := range p.Passport.Runs {
			if i == shown {
				more = worded("btn", "Show "+Count(min(MoreRuns, len(p.Passport.Runs)-shown))+" older runs", send, RunsShown{})
				break
			}
			runs.add(p.run(i))
		}
	}
	tools.add(tool(copied(p.Copied == "item", "Copy URI"), send, Copied{What: "item"}))
	tools.linked(p.Entries, "Entries of this item")
	tools.linked(p.Asserts, "Check a list")
	spans := nodes{txt("span", "", "Looked at:")}
	for _, s := range p.Spans {
		spans.add(lettered("a", "", s.Label, "href", s.URL, "aria-current", when(s.On, "true")))
	}
	return el("div", "item",
		el("header", "item-head",
			txt("h1", "mono", p.Lens.Text(p.URI)),
			el("div", "item-tools", tools...),
			group("item-spans", "Time", spans...),
		),
		p.Wait.UI(send),
		elem("div", "item-told", attrs{"aria-live", "polite"}, verdict, hint),
		el("div", "item-runs", runs...),
		slot(more),
	)
}

// labelOf names a field.
func labelOf(class, id, text string) app.UI {
	return lettered("label", class, text, "for", id)
}

func (p *Passport) verdict() app.UI {
	v := &p.Verdict
	look := stateLook[v.State]
	title := look.word
	switch {
	case v.State == item.Failed && v.Stage != "":
		title = "Failed at " + v.Stage
	case v.State == item.UnderWay && v.Stage != "":
		title = "Under way, " + v.Stage + " done"
	}
	word := nodes{txt("strong", "", title)}
	word.code(v.Code)
	if t := v.Step.Time; !t.IsZero() {
		word.add(tip("mut", t.UTC().Format(time.RFC3339Nano), stamp(t, p.Now, p.Zone)+", "+Age(p.Now, t)))
	}
	out := nodes{el("p", "item-word", word...)}
	text := v.Reason
	if text == "" && v.State == item.NotSeen {
		text = "Everything that Coveo has of this time was read, and nothing names this item."
	}
	if text != "" {
		out.add(txt("p", "item-reason", Sentence(p.Lens.Text(text))))
	}
	return el("div", "item-verdict "+look.class, out...)
}

// hint is what is known about the step that the item stands at.
// code adds the vendor's word for what went wrong.
func (n *nodes) code(s string) {
	if s != "" {
		n.add(txt("code", "item-code", s))
	}
}

func (p *Passport) hint() app.UI {
	h, ok := item.HintOf(p.Verdict.Step)
	if !ok {
		return nil
	}
	var lines, tools nodes
	for _, l := range [...][2]string{{"Meaning", h.Meaning}, {"Likely cause", h.Cause}, {"What to do", h.Next}} {
		if l[1] != "" {
			lines.add(termed("", l[0], l[1]))
		}
	}
	if h.Query != "" {
		tools.linked(p.Table(h.Query), h.Label)
	}
	tools.add(lettered("a", "btn small quiet", "Coveo's documentation", "href", h.Page, "target", "_blank", "rel", "noreferrer noopener"))
	return el("section", "item-hint", el("dl", "", lines...), el("p", "item-tools", tools...))
}

// run draws one run; all but the newest are folded.
func (p *Passport) run(at int) app.UI {
	r := &p.Passport.Runs[at]
	last := &r.Steps[len(r.Steps)-1]
	look := stateLook[r.State]
	var head, steps nodes
	head.span("run-word "+look.class, look.word)
	head.span("mono", stamp(r.Steps[0].Time, p.Now, p.Zone))
	head.span("mono", last.Operation)
	if name := last.Source; name != "" {
		if n := p.Sources[name]; n != "" {
			name = n
		}
		head.add(tip("mut ellipsis", last.Source, name))
	}
	if d := r.Took(); d > 0 {
		head.span("mut", Distance(d)+" in all")
	}
	for i := range r.Steps {
		steps.add(p.step(r, i))
	}
	if r.State == item.Failed && !r.Removal() {
		steps.add(el("li", "step s-not", txt("span", "step-name mut", "not reached: the index")))
	}
	return elem("details", "run", attrs{"open", yes(at == 0)}, el("summary", "run-head", head...), listed("rail", "Stages", steps))
}

func (p *Passport) step(r *item.Run, i int) app.UI {
	s := &r.Steps[i]
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
	parts := nodes{tip("step-name", item.StageMeaning(s.Stage), name), txt("span", "step-result", word)}
	if r.Stopped(i) {
		parts.span("badge stopped", "stopped here")
	}
	when := "no time"
	if !s.Time.IsZero() {
		when = stamp(s.Time, p.Now, p.Zone)
	}
	parts.add(lettered("a", "step-time mono", when, "href", p.Entry(s.ID), "title", "Show the entry"))
	if i > 0 {
		since := "+" + Distance(s.Since)
		if s.Since < 0 || s.Time.IsZero() || r.Steps[i-1].Time.IsZero() {
			since = ""
		}
		parts.add(txt("span", "step-since mono mut", since))
	}
	if s.HasTook {
		parts.span("step-took mut", "took "+viewer.Took(s.Took))
	}
	parts.span("step-resource mut", s.Resource)
	out := nodes{el("div", "step-line", parts...)}
	if s.Error != "" || s.Code != "" {
		var wrong nodes
		wrong.code(s.Code)
		out.add(el("div", "step-error", append(wrong, txt("span", "", p.Lens.Text(s.Error)))...))
	}
	return elem("li", "step "+class, attrs{"data-stage", s.Stage}, out...)
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
	layout := "2 Jan 15:04:05.000"
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		layout = "15:04:05.000"
	}
	return t.Format(layout)
}
