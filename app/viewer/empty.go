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
func (m *Model) Empty() (e Empty) {
	none := len(m.view.Src) == 0
	switch {
	case m.table.Len() > 0:
	case none && m.connected && len(m.connections) == 0:
		e.Why, e.Text, e.Actions = NoConnection, "You are not connected to any service yet.", []Action{ActConnect}
		if m.demo {
			e.Text += " Connect one, or look around with demo data."
			e.Actions = append(e.Actions, ActDemo)
		}
	case none && !m.connected:
		e.Why, e.Text = EmptyLoading, "Looking up your connections…"
	case none:
		e.Why, e.Text, e.Actions = NoTarget, "Pick what you want to see the logs of.", []Action{ActPick}
	case m.load.err != nil:
		e.Why, e.Text, e.Said, e.Actions = EmptyFailed, m.sentence(m.load.err), m.load.err.Said, m.emptyCures(m.load.err)
	case m.uncommitted() && m.store.Len() > 0 && !m.load.replace:
		m.emptyTyping(&e)
	case m.load.underWay:
		e.Why, e.Text, e.Actions = EmptyLoading, m.progress("Searching")+"…", []Action{ActCancel}
	case m.load.cursor != "" && m.load.stopped && m.anyFailing():
		edge, _ := m.failing()
		f := m.Foot()
		e.Why, e.Text, e.Said, e.Actions = EmptyFailed, f.Text+". "+strings.Join(f.Lines, " "), edge.Said, []Action{ActRetry}
	case m.load.cursor != "":
		e.Why, e.Text, e.Actions = EmptySoFar, m.progress("Nothing found yet")+".", []Action{ActSearchOn}
		m.offerWider(&e)
	default:
		m.emptyEnd(&e)
	}
	return e
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
func (m *Model) emptyEnd(e *Empty) {
	var failed, capped, expired, missing []string
	var cures []Action
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
		if len(l.Stretches) == 0 {
			continue
		}
		if edge := &l.Stretches[len(l.Stretches)-1]; edge.State == logs.Failed && edge.Kind == string(fault.Unauthenticated) {
			// A missing connection is the reader's to mend; the rest may mend itself.
			cures = m.emptyCures(&fault.Error{Kind: fault.Unauthenticated, Msg: edge.Reason, Said: edge.Said})
			missing = append(missing, Capital(edge.Reason)+".")
		}
	}
	since := "in that span"
	if span := &m.load.span; !span.From.IsZero() && span.To.IsZero() {
		since = "since " + m.moment(span.From)
	}
	switch {
	case len(failed) > 0:
		if e.Why, e.Actions = EmptyFailed, cures; cures == nil {
			e.Actions = []Action{ActReload}
		}
		if len(missing) == len(failed) {
			failed = missing // the sentences name their targets
		}
		e.Text = strings.Join(failed, " ")
		return
	case m.view.Query != "" && m.load.scanned > 0:
		e.Why, e.Text = FilterHidesAll, "None of the "+count(m.load.scanned)+" entries read "+since+" matches the filter."
		e.Actions = []Action{ActClear}
		m.offerWider(e)
		m.advise(e, append(capped, expired...))
		return
	case len(capped) > 0:
		e.Why = EmptyCapped
	case len(expired) > 0:
		e.Why, capped = EmptyExpired, expired
	}
	if len(capped) > 0 {
		e.Text, e.Actions = strings.Join(capped, " "), []Action{ActEditSpan}
		return
	}
	e.Why, e.Text = NothingInRange, "There is nothing "+since+"."
	filtered := m.view.Query != ""
	if filtered {
		e.Text, e.Actions = "Nothing matches the filter "+since+".", []Action{ActClear}
	}
	m.offerWider(e)
	if filtered {
		m.advise(e, nil)
	}
	if len(e.Actions) == 0 {
		e.Actions = []Action{ActReload, ActPick}
	}
}

// offerWider offers a longer span where there is one.
func (m *Model) offerWider(e *Empty) {
	if e.WidenTo = m.wider(); e.WidenTo.Label != "" {
		e.Actions = append(e.Actions, ActWiden)
	}
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
func (m *Model) emptyTyping(e *Empty) {
	e.Why, e.Text, e.Actions = FilterHidesAll, "0 of "+count(m.loaded())+" loaded match", []Action{ActClear}
	m.blameFor(e, m.filter.shown, "; without `", " would")
	e.Text += "."
	if !m.whole() {
		e.Text += " Enter searches the rest."
	}
	m.correct(e)
}

// blameFor tells which clause of a filter hides all, and offers to drop it.
func (m *Model) blameFor(e *Empty, filter, without, would string) {
	if clause, query, rows, ok := m.blame(filter); ok {
		e.Text += without + clause + "` " + count(rows) + would
		e.Actions, e.Query = append([]Action{ActDrop}, e.Actions...), query
	}
}

// advise adds to a filter that finds nothing what is known of the reason: what
// the vendor does not show, which clause hides what was loaded before, and a name
// that nothing has.
func (m *Model) advise(e *Empty, edges []string) {
	for _, s := range edges {
		e.Text += " " + s
	}
	m.blameFor(e, m.filter.committed.String(), " Without `", " of the "+count(m.why.of)+" loaded before would.")
	m.correct(e)
}

// correct adds the name that the filter gets wrong.
func (m *Model) correct(e *Empty) {
	reason, better, ok := m.Hint()
	if !ok {
		return
	}
	e.Text += " " + reason
	if better != "" {
		e.Actions = append([]Action{ActCorrect}, e.Actions...)
	}
}
