// Package item tells what became of one item of a Coveo source from its log
// entries: the passport that a page draws, and the verdict that a list of items
// is checked by. Server, command line and browser run the same code, so that they
// cannot disagree.
//
//	p := item.Of(entries)             // in any order
//	v := p.Verdict(whole)             // indexed, failed, under_way, removed, not_seen or unknown
//	for _, run := range p.Runs { … }  // newest first; each with its steps, oldest first
//
// Coveo says of an entry which stage it is about, and nothing that joins the
// entries of one push: there is no id of a run. Runs are therefore told apart by
// the order of the stages (docs.coveo.com/en/1893), with patience for stages that
// are missing, repeated, or not known to us.
//
// It must not look at a clock, claim that a stage was skipped because no entry
// names it, or call an item that was removed on purpose failed.
package item

import (
	"cmp"
	"sort"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Step is one thing that Coveo said about the item.
type Step struct {
	ID        string    // of the entry
	Time      time.Time // zero where the vendor gave none
	Stage     string    // as Coveo writes it: "CONSUMING"; "" where it did not say
	Operation string    // "ADD"
	Result    string    // "COMPLETED"
	Outcome   logs.Outcome
	Source    string // id of the source
	Resource  string // id of an extension, or a word
	Error     string // the vendor's sentence
	Code      string // the vendor's word for it
	Took      time.Duration
	HasTook   bool
	Since     time.Duration // the step before it in its run; 0 for the first, and where a time is missing
}

// StepOf reads an entry.
func StepOf(e *logs.Entry) Step {
	return Step{
		ID: e.ID, Time: e.Time, Outcome: e.Outcome, Took: e.Took, HasTook: e.HasTook,
		Stage: e.Fields.Text("stage"), Operation: e.Fields.Text("operation"), Result: e.Fields.Text("result"),
		Source: e.Fields.Text("source"), Resource: e.Fields.Text("resource"),
		Error: e.Fields.Text("error"), Code: e.Fields.Text("error_code"),
	}
}

// Run is one way of the item through the stages: a push, a crawl, or a removal.
type Run struct {
	Steps []Step // oldest first, at least one
	State State  // Indexed, Failed, UnderWay, Removed, Skipped or Unknown
}

// Last returns the step that the run stands at.
func (r Run) Last() Step { return *r.last() }

func (r *Run) last() *Step { return &r.Steps[len(r.Steps)-1] }

// Removal reports whether the run takes the item out of the index.
func (r Run) Removal() bool { return removal(r.last().Operation) }

// Took returns the time between the first and the last step, 0 where either has none.
func (r Run) Took() time.Duration {
	first, last := r.Steps[0].Time, r.last().Time
	if first.IsZero() || last.IsZero() {
		return 0
	}
	return last.Sub(first)
}

// Stopped reports whether step i is where the run ended before the index.
func (r Run) Stopped(i int) bool {
	return i == len(r.Steps)-1 && (r.State == Failed || r.State == Skipped)
}

// Passport is all that is known of one item.
type Passport struct {
	Runs []Run // newest first
}

// Of sorts the entries of one item, in any order, into runs. An entry that comes
// twice, by its id, counts once.
func Of(entries []logs.Entry) Passport {
	steps := make([]Step, 0, len(entries))
	seen := map[string]bool{}
	for i := range entries {
		if id := entries[i].ID; id != "" {
			if seen[id] {
				continue
			}
			seen[id] = true
		}
		steps = append(steps, StepOf(&entries[i]))
	}
	return OfSteps(steps)
}

// OfSteps is Of for steps, which it sorts in place.
func OfSteps(steps []Step) Passport {
	// Not package slices, whose sorting is compiled anew for each type: the browser
	// downloads it.
	sort.SliceStable(steps, func(i, j int) bool { return older(&steps[i], &steps[j]) < 0 })
	open := map[string]*builder{}
	var done []Run
	for i := range steps {
		s := &steps[i]
		b := open[s.Source]
		if b != nil && b.ends(s) {
			done = append(done, b.run())
			b = nil
		}
		if b == nil {
			b = &builder{}
			open[s.Source] = b
		}
		b.add(s)
	}
	for _, b := range open {
		done = append(done, b.run())
	}
	// The run that something was said of last is the newest, whatever source it is of.
	sort.Slice(done, func(i, j int) bool {
		x, y := done[i].last(), done[j].last()
		return cmp.Or(older(y, x), cmp.Compare(x.Source, y.Source), cmp.Compare(x.ID, y.ID)) < 0
	})
	return Passport{Runs: done}
}

// older orders steps by time, those without one first: nothing can be said to
// come after an unknown moment. What happened within one millisecond goes by the
// order of the stages.
func older(a, b *Step) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(phase(a.Stage), phase(b.Stage)))
}

// builder gathers the steps of one run.
type builder struct {
	steps []Step
	phase int // the furthest known one
}

// ends reports whether s belongs to the next run.
func (b *builder) ends(s *Step) bool {
	last := &b.steps[len(b.steps)-1]
	ph := phase(s.Stage)
	switch {
	case removal(s.Operation) != removal(last.Operation):
		return true
	case ph == 0:
		return final(last)
	case final(last):
		// A repeated report of the same end is not another run.
		return ph < b.phase || s.Stage != last.Stage || s.Result != last.Result
	case ph == b.phase && entrance(s.Stage):
		// Coming in again is another push, but for one that is told twice.
		return s.Stage != last.Stage || s.Result != last.Result || s.Time.Sub(last.Time) > twice
	}
	return ph < b.phase
}

// twice is how far apart two reports of the same event may stand; ours.
const twice = time.Second

func (b *builder) add(s *Step) {
	n := len(b.steps)
	b.steps = append(b.steps, *s)
	if n > 0 && !s.Time.IsZero() && !b.steps[n-1].Time.IsZero() {
		b.steps[n].Since = s.Time.Sub(b.steps[n-1].Time)
	}
	b.phase = max(b.phase, phase(s.Stage))
}

func (b *builder) run() Run {
	return Run{Steps: b.steps, State: stateOf(&b.steps[len(b.steps)-1])}
}

// phase says how far along the pipeline a stage is, 0 for one that is not known
// here. The order is that of docs 1893: crawling, streaming, streaming extension,
// consuming, extension, processing, mapping, extension again, pre-indexing,
// indexing. Between consuming and pre-indexing it is not relied on: an extension
// runs before or after the conversion, and where VALIDATION stands, which only the
// Swagger names, is not said.
func phase(stage string) int {
	switch strings.ToUpper(stage) {
	case "CRAWLING":
		return 1
	case "STREAMING", "STREAMING_BATCH":
		return 2
	case "STREAMING_EXTENSION":
		return 3
	case "CONSUMING", "CONSUMING_BATCH":
		return 4
	case "EXTENSION", "PROCESSING", "MAPPING", "VALIDATION":
		return 5
	case "PREINDEXING":
		return 6
	case "INDEXING":
		return 7
	}
	return 0
}

// entrance reports whether items come in at a stage.
func entrance(stage string) bool { p := phase(stage); return p == 1 || p == 2 }

// removal reports whether an operation takes items out of the index.
func removal(operation string) bool {
	return strings.HasPrefix(strings.ToUpper(operation), "DELETE")
}

// final reports whether nothing follows a step in its run: the index took the
// item. After a failure at an earlier stage something may follow, and then it was
// not the end.
func final(s *Step) bool {
	return phase(s.Stage) == 7
}
