package viewer

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// Action is something that the page offers the reader to do next.
type Action uint8

// The actions, and the messages that carry them out where there is one.
const (
	NoAction     Action = iota
	ActConnect          // go to the connect page
	ActDemo             // connect the demo
	ActPick             // open the target picker: TargetsChosen
	ActWiden            // a longer span: SpanChosen with WidenTo
	ActClear            // remove the filter: QuerySubmitted{""}
	ActRetry            // Retried
	ActReload           // Reloaded
	ActSearchOn         // search further back: MoreAsked
	ActCancel           // stop the search: LoadCanceled
	ActEditQuery        // focus the filter box
	ActEditSpan         // open the time box
	ActAll              // load everything that matches: AllAsked
	ActDrop             // take the clause out of the filter that hides all: QuerySubmitted with Empty.Query
	ActCorrect          // take the better filter of Hint: SuggestionTaken
	ActFollow           // follow again: LiveChosen
	ActFollowNow        // follow with a span up to now: LiveForced
	ActFollowNew        // follow with what is new alone: LiveChosen
)

// Foot is the last row of the table: it says why the table ends there.
type Foot struct {
	State   FootState
	Text    string   // a sentence, or several
	Lines   []string // one for each target, where there are several
	Problem *Problem // of FootFailed
	Actions []Action
}

// FootState is why the table ends.
type FootState uint8

// The states of the foot.
const (
	FootNone    FootState = iota // nothing is shown
	FootLoading                  // a page is under way
	FootMore                     // more exists, and scrolling reads it
	FootAsk                      // more may exist, and the reader must ask for it
	FootFailed                   // the next page failed
	FootEnd                      // there is no more, and the text says why
)

// Foot returns the last row of the table.
func (m *Model) Foot() (f Foot) {
	if len(m.view.Src) == 0 || m.load.generation == 0 {
		return f
	}
	if p, ok := m.Problem(); ok {
		// With an earlier search's rows the problem is told above them.
		if p.Older || m.table.Len() == 0 {
			f.State, f.Text, f.Problem, f.Actions = FootFailed, m.sentence(p.Fault), &p, p.Actions
		}
		return f
	}
	switch {
	case m.load.underWay:
		head := "Searching"
		if m.load.all {
			head = "Loading all"
		}
		f.State, f.Text, f.Actions = FootLoading, m.progress(head), []Action{ActCancel}
		return f
	case m.uncommitted() && !m.load.replace:
		f.State, f.Text = FootAsk, stopped(m.typing())
		return f
	case m.load.cursor != "" && m.load.stopped && m.anyFailing():
		f.State, f.Text, f.Actions = FootAsk, m.progress("Not all targets answer"), []Action{ActSearchOn}
		if d := m.retryIn(); d > 0 {
			f.Text += " · trying again in " + Took(d.Round(time.Second))
		}
	case m.load.cursor != "":
		f.State, f.Actions = FootAsk, []Action{ActSearchOn, ActAll}
		if m.load.auto >= maxAuto || m.load.stopped {
			f.Text = m.progress("Stopped")
		} else if s := m.sortNote(); s != "" {
			f.Text = stopped(Capital(s))
		} else {
			f.State, f.Text = FootMore, m.progress("More exist")
		}
		return f
	default:
		f.State = FootEnd
	}
	failed, lanes := false, m.Lanes()
	for i := range lanes {
		l := &lanes[i]
		if f.State == FootEnd || l.State == logs.Failed {
			f.Lines = append(f.Lines, m.called(l.Src)+": "+m.ending(*l))
		}
		failed = failed || l.State == logs.Failed || l.State == logs.Unasked
	}
	if f.State == FootAsk {
		return f
	}
	if failed {
		f.Actions = []Action{ActReload}
	}
	switch {
	case len(lanes) == 1:
		f.Text, f.Lines = m.ending(lanes[0]), nil
	case failed:
		f.Text = "This is the end of what could be read."
	default:
		f.Text = "This is the end of what " + count(len(lanes)) + " targets have."
	}
	return f
}

func (m *Model) anyFailing() bool {
	_, ok := m.failing()
	return ok
}

// ending says why a lane ends where it ends.
func (m *Model) ending(l Lane) string {
	var s string
	vendor := vendorOf(l.Src)
	switch l.State {
	case logs.Complete, "":
		s = "That is everything"
		if span := m.load.span; !span.From.IsZero() {
			s += " since " + m.moment(span.From)
		} else {
			s += " that " + vendor + " keeps"
		}
	case logs.More:
		s = "More exist"
		if !l.From.IsZero() {
			s += " before " + m.moment(l.From)
		}
	case logs.Capped:
		s = vendor + " shows no more than this"
	case logs.Expired:
		s = vendor + " keeps nothing older"
	case logs.Failed:
		s = "This could not be read"
	case logs.Unasked:
		s = "This was not asked for"
	default:
		s = Capital(string(l.State))
	}
	switch {
	case l.Reason == "":
	case l.State == logs.Capped || l.State == logs.Expired: // a sentence of its own that says the same better
		s = Capital(l.Reason)
	case l.State == logs.Failed || l.State == logs.Unasked:
		s += ": " + l.Reason
	}
	s = stopped(s)
	for _, gap := range l.Gaps {
		s += " " + stopped(Capital(gap))
	}
	return s
}

// stopped ends a sentence with a full stop unless it has an end.
func stopped(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// sentence says what went wrong.
func (m *Model) sentence(e *fault.Error) string {
	s := e.Msg
	if s == "" {
		s = "something went wrong (" + string(e.Kind) + ")"
	}
	s = stopped(Capital(s))
	if d := m.retryIn(); d > 0 {
		s += " Trying again in " + Took(d.Round(time.Second)) + "."
	}
	return s
}

// cures returns what helps against a failure.
func (m *Model) cures(e *fault.Error) []Action {
	switch e.Kind {
	case fault.Unauthenticated, fault.Forbidden:
		return []Action{ActConnect, ActRetry}
	case fault.NotFound:
		return []Action{ActPick, ActConnect}
	case fault.Invalid:
		if _, err := m.view.Span(m.now, m.zone); err != nil {
			return []Action{ActEditSpan}
		}
		if m.badTargets(e) || m.view.Query == "" {
			return []Action{ActPick}
		}
		return []Action{ActEditQuery}
	case fault.Canceled:
		return []Action{ActReload}
	case fault.Unsupported:
		if m.load.full {
			return []Action{ActEditQuery, ActEditSpan}
		}
	}
	return []Action{ActRetry}
}

// badTargets reports whether a view is refused for its targets. The server names
// no parameter apart from the sentence, which begins with what it is about.
func (m *Model) badTargets(e *fault.Error) bool {
	if len(m.view.Src) > wire.MaxTargets {
		return true
	}
	for _, src := range m.view.Src {
		if _, err := logs.ParseTarget(src); err != nil {
			return true
		}
	}
	what, _, _ := strings.Cut(e.Msg, " ")
	what = strings.TrimSuffix(what, ":")
	return e.Column == 0 && (what == "src" || what == "target")
}

// parts is what a line says, part by part.
type parts []string

// add adds what there is to say, "" being nothing.
func (p *parts) add(s string) {
	if s != "" {
		*p = append(*p, s)
	}
}

func (p parts) String() string { return strings.Join(p, " · ") }

// progress says how far the search came: "Searching · searched back to 08:12 ·
// 3,400 read · 12 match".
func (m *Model) progress(head string) string {
	p := parts{head}
	p.add(m.searchedBack())
	p.add(m.pending())
	if m.load.scanned > 0 && m.view.Query != "" {
		p.add(count(m.load.scanned) + " read")
		p.add(count(m.loaded()) + " match")
	}
	p.add(m.remaining())
	return p.String()
}

// searchedBack says how far back all targets were read, "" where that is not known.
func (m *Model) searchedBack() string {
	t := m.searchedTo()
	if t.IsZero() {
		return ""
	}
	return "searched back to " + m.moment(t)
}

// pending names the target of which nothing was read yet, or counts them; "" where
// there is none.
func (m *Model) pending() string {
	n, label := 0, ""
	for _, l := range m.Lanes() {
		if l.Pending() {
			n, label = n+1, m.called(l.Src)
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "nothing of " + label + " yet"
	}
	return "nothing of " + count(n) + " targets yet"
}

// moment writes a time as short as it can be told: the time of day when it is of
// today, else with the date.
func (m *Model) moment(t time.Time) string {
	t = t.In(m.zone)
	now := m.now.In(m.zone)
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006 15:04")
}

// Status returns the text of the status line: how much is there, how far back,
// and what is going on.
func (m *Model) Status() string {
	if len(m.view.Src) == 0 {
		return ""
	}
	missing, all := m.unconnected()
	if all && !m.load.underWay && m.table.Len() == 0 {
		return Capital(missing)
	}
	if m.load.replace {
		switch {
		case m.load.err != nil && m.table.Len() > 0:
			return "The search failed; these are the entries of the one before"
		case m.load.err != nil:
			return "The search failed"
		case m.load.underWay:
			return "Searching"
		}
		return ""
	}
	if m.uncommitted() {
		return m.typing()
	}
	var p parts
	p.add(m.markStatus())
	p.add(m.rate())
	n := m.loaded()
	text, more := count(n), m.load.cursor != ""
	switch {
	case m.view.Query != "":
		p.add(text + " match")
		text = count(m.load.scanned) + " read"
	case more && m.load.scanned > n:
		text += " of ≥ " + count(m.load.scanned) + " loaded"
	case more:
		text += " loaded, more exist"
	case n == 1:
		text = "1 entry"
	default:
		text += " entries"
	}
	p.add(text)
	if more {
		p.add(m.searchedBack())
	}
	p.add(m.sortNote())
	p.add(m.pending())
	if m.load.underWay {
		p.add(m.remaining())
	}
	for _, l := range m.Lanes() {
		switch l.State {
		case logs.Failed:
			if !l.Missing {
				p.add(m.called(l.Src) + " failed")
			}
		case logs.Capped, logs.Expired:
			if len(m.view.Src) == 1 && !more {
				p.add(strings.TrimSuffix(m.ending(l), "."))
			}
		}
	}
	p.add(missing)
	switch {
	case m.load.underWay:
		p.add("searching")
	case m.load.err != nil:
		p.add("the next page failed")
	}
	return p.String()
}

// typing says how a filter that is being typed narrows what is loaded.
func (m *Model) typing() string {
	if done, of := m.table.Progress(); m.table.Pending() && done < of {
		return "Filtering " + count(of) + " loaded"
	}
	s := count(m.shown()) + " of " + count(m.loaded())
	if m.whole() && m.view.Query == "" {
		return s + " match – Enter keeps the filter"
	}
	return s + " loaded match – Enter searches the rest"
}

// remaining says how long loading everything will take, as far as its pace so far
// tells: "about 40 s left". Before it tells anything, "".
func (m *Model) remaining() string {
	spent := m.now.Sub(m.load.allSince)
	at, from := m.searchedTo(), m.load.span.From
	if !m.load.all || spent < 2*time.Second || at.IsZero() || from.IsZero() || m.load.allFrom.IsZero() {
		return ""
	}
	covered, left := m.load.allFrom.Sub(at), at.Sub(from)
	if covered <= 0 || left <= 0 {
		return ""
	}
	d := time.Duration(float64(spent) * (float64(left) / float64(covered)))
	switch {
	case d < 10*time.Second:
		return "a few seconds left"
	case d < time.Minute:
		d = d.Round(10 * time.Second)
	case d < time.Hour:
		d = d.Round(time.Minute)
	case d > 24*time.Hour:
		return "more than a day left"
	default:
		d = d.Round(10 * time.Minute)
	}
	return "about " + Took(d) + " left"
}
