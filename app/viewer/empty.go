package viewer

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
)

// Empty is what stands in place of the rows when there are none: why, and what
// to do next.
type Empty struct {
	Why     Why
	Text    string // a sentence, or several
	Said    string // the vendor's own words, of a failure
	Actions []Action
	WidenTo view.Preset // of ActWiden
	Query   string      // of ActDrop
}

// Why is the reason for an empty table.
type Why uint8

// The reasons.
const (
	NotEmpty       Why = iota
	EmptyLoading       // the first answer is under way
	NoConnection       // the session is connected to nothing
	NoTarget           // nothing was picked
	NothingInRange     // the vendor has nothing in that span
	FilterHidesAll     // there are entries, but none matches
	EmptyFailed        // the call failed
	EmptyCapped        // the vendor shows nothing that far back
	EmptyExpired       // the vendor keeps nothing that old
	EmptySoFar         // nothing yet, and the reader must ask to go on
)

// Empty returns why the table is empty, with Why NotEmpty when it is not.
func (m *Model) Empty() Empty {
	switch {
	case m.table.Len() > 0:
		return Empty{}
	case len(m.view.Src) == 0 && m.connected && len(m.connections) == 0:
		e := Empty{Why: NoConnection, Text: "You are not connected to any service yet.", Actions: []Action{ActConnect}}
		if m.demo {
			e.Text += " Connect one, or look around with demo data."
			e.Actions = append(e.Actions, ActDemo)
		}
		return e
	case len(m.view.Src) == 0 && !m.connected:
		return Empty{Why: EmptyLoading, Text: "Looking up your connections…"}
	case len(m.view.Src) == 0:
		return Empty{Why: NoTarget, Text: "Pick what you want to see the logs of.", Actions: []Action{ActPick}}
	case m.load.err != nil:
		return Empty{Why: EmptyFailed, Text: m.sentence(m.load.err), Said: m.load.err.Said, Actions: m.emptyCures(m.load.err)}
	case m.uncommitted() && m.store.Len() > 0 && !m.load.replace:
		return m.emptyTyping()
	case m.load.underWay:
		return Empty{Why: EmptyLoading, Text: m.progress("Searching") + "…", Actions: []Action{ActCancel}}
	case m.load.cursor != "" && m.load.stopped && m.anyFailing():
		edge, _ := m.failing()
		f := m.Foot()
		return Empty{Why: EmptyFailed, Text: f.Text + ". " + strings.Join(f.Lines, " "), Said: edge.Said, Actions: []Action{ActRetry}}
	case m.load.cursor != "":
		return Empty{Why: EmptySoFar, Text: m.progress("Nothing found yet") + ".", Actions: m.withWider(ActSearchOn), WidenTo: m.wider()}
	}
	return m.emptyEnd()
}

// emptyCures are the cures of a failure, and the demo where nothing is connected.
func (m *Model) emptyCures(e *fault.Error) []Action {
	acts := m.cures(e)
	if m.demo && len(m.connections) == 0 && slices.Contains(acts, ActConnect) {
		acts = append(acts, ActDemo)
		if m.onlyDemo() { // nobody has a credential of a simulated vendor
			acts = []Action{ActDemo}
		}
	}
	return acts
}

// onlyDemo reports whether the view reads simulated vendors alone, by the region
// that they have.
func (m *Model) onlyDemo() bool {
	for _, src := range m.view.Src {
		if t, err := logs.ParseTarget(src); err != nil || t.Region != "demo" {
			return false
		}
	}
	return len(m.view.Src) > 0
}

// emptyEnd says why there is nothing although all was read that could be.
func (m *Model) emptyEnd() Empty {
	var failed, capped, expired []string
	for _, l := range m.Lanes() {
		text := m.ending(l)
		if len(m.view.Src) > 1 {
			text = m.called(l.Src) + ": " + text
		}
		switch l.State {
		case logs.Failed, logs.Unasked:
			failed = append(failed, text)
		case logs.Capped:
			capped = append(capped, text)
		case logs.Expired:
			expired = append(expired, text)
		}
	}
	since := "in that span"
	if span := m.load.span; !span.From.IsZero() && span.To.IsZero() {
		since = "since " + m.moment(span.From)
	}
	switch {
	case len(failed) > 0:
		e := Empty{Why: EmptyFailed, Text: strings.Join(failed, " "), Actions: []Action{ActReload}}
		var missing []string
		for _, l := range m.Lanes() {
			if len(l.Stretches) == 0 {
				continue
			}
			if edge := l.Stretches[len(l.Stretches)-1]; edge.State == logs.Failed && edge.Kind == string(fault.Unauthenticated) {
				// A missing connection is the reader's to mend; the rest may mend itself.
				e.Actions = m.emptyCures(&fault.Error{Kind: fault.Unauthenticated, Msg: edge.Reason, Said: edge.Said})
				missing = append(missing, Capital(edge.Reason)+".")
			}
		}
		if len(missing) == len(failed) {
			e.Text = strings.Join(missing, " ") // the sentences name their targets
		}
		return e
	case m.view.Query != "" && m.load.scanned > 0:
		e := Empty{
			Why: FilterHidesAll, Text: "None of the " + count(m.load.scanned) + " entries read " + since + " matches the filter.",
			Actions: append([]Action{ActClear}, m.withWider()...), WidenTo: m.wider(),
		}
		return m.withAdvice(e, append(capped, expired...))
	case len(capped) > 0:
		return Empty{Why: EmptyCapped, Text: strings.Join(capped, " "), Actions: []Action{ActEditSpan}}
	case len(expired) > 0:
		return Empty{Why: EmptyExpired, Text: strings.Join(expired, " "), Actions: []Action{ActEditSpan}}
	}
	e := Empty{Why: NothingInRange, Text: "There is nothing " + since + ".", Actions: m.withWider(), WidenTo: m.wider()}
	if m.view.Query != "" {
		e.Text = "Nothing matches the filter " + since + "."
		e.Actions = append([]Action{ActClear}, e.Actions...)
		e = m.withAdvice(e, nil)
	}
	if len(e.Actions) == 0 {
		e.Actions = []Action{ActReload, ActPick}
	}
	return e
}

// withWider appends ActWiden where there is a longer span to offer.
func (m *Model) withWider(acts ...Action) []Action {
	if m.wider().Label != "" {
		acts = append(acts, ActWiden)
	}
	return acts
}

// wider returns the next longer preset, none where all is shown already.
func (m *Model) wider() view.Preset {
	if strings.EqualFold(m.view.From, view.All) && m.view.To == "" {
		return view.Preset{}
	}
	for _, p := range view.Presets {
		s, err := view.View{From: p.From}.Span(m.now, m.zone)
		if err == nil && (s.From.IsZero() || s.From.Before(m.load.span.From)) {
			return p
		}
	}
	return view.Preset{}
}

// emptyTyping says that the filter being typed hides all that is loaded, and which
// of its clauses does.
func (m *Model) emptyTyping() Empty {
	e := Empty{
		Why: FilterHidesAll, Text: "0 of " + count(m.loaded()) + " loaded match.", Actions: []Action{ActClear},
	}
	if clause, without, rows, ok := m.blame(m.filter.shown); ok {
		e.Text = "0 of " + count(m.loaded()) + " loaded match; without `" + clause + "` " + count(rows) + " would."
		e.Actions, e.Query = []Action{ActDrop, ActClear}, without
	}
	if !m.whole() {
		e.Text += " Enter searches the rest."
	}
	return m.corrected(e)
}

// withAdvice adds to a filter that finds nothing what is known of the reason: what
// the vendor does not show, which clause hides what was loaded before, and a name
// that nothing has.
func (m *Model) withAdvice(e Empty, edges []string) Empty {
	for _, s := range edges {
		e.Text += " " + s
	}
	if clause, without, rows, ok := m.blame(m.filter.committed.String()); ok {
		e.Text += " Without `" + clause + "` " + count(rows) + " of the " + count(m.why.of) + " loaded before would."
		e.Actions, e.Query = append([]Action{ActDrop}, e.Actions...), without
	}
	return m.corrected(e)
}

// corrected adds the name that the filter gets wrong.
func (m *Model) corrected(e Empty) Empty {
	reason, better, ok := m.Hint()
	if !ok {
		return e
	}
	e.Text += " " + reason
	if better != "" {
		e.Actions = append([]Action{ActCorrect}, e.Actions...)
	}
	return e
}
