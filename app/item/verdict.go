package item

import (
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// State is where an item or a run stands.
type State string

// The states. The first five are the words of POST /api/assert.
const (
	Indexed  State = "indexed"   // the index has it
	Failed   State = "failed"    // a stage refused it and nothing followed
	UnderWay State = "under_way" // the newest stage is done, and more is to come
	NotSeen  State = "not_seen"  // all was read, and nothing names it
	Unknown  State = "unknown"   // what was read does not tell
	Removed  State = "removed"   // it was taken out of the index, as asked
	Skipped  State = "skipped"   // of a run only: Coveo left the item as it was
)

// States are the states that a verdict can have, in the order in which they are
// shown.
var States = [...]State{Indexed, Failed, UnderWay, Removed, NotSeen, Unknown}

// Word returns the word of POST /api/assert. A removal is "unknown" there: the
// question is whether an item is indexed as it should be, and what should be is
// known to who asked alone. "failed" would report an error that nobody made,
// "indexed" an item that is gone, and "not_seen" one that was seen. The answer's
// own member "removed" tells it apart.
func (s State) Word() string {
	if s == Removed || s == Skipped {
		return string(Unknown)
	}
	return string(s)
}

// Verdict is what became of an item.
type Verdict struct {
	State  State
	Stage  string // the stage that it stands at, as Coveo writes it
	Code   string // the vendor's word for what went wrong
	Reason string // the vendor's sentence where there is one, else ours; "" when all is said
	Step   Step   // what the verdict rests on; zero for NotSeen, and Unknown without entries
}

// Verdict judges the item by its newest run. whole says that everything the
// vendor has of the span was read: without that, an item that nothing names may
// be anywhere.
func (p Passport) Verdict(whole bool) Verdict {
	if len(p.Runs) == 0 {
		if whole {
			return Verdict{State: NotSeen}
		}
		return Verdict{State: Unknown, Reason: "not among what could be read; see the coverage"}
	}
	r := &p.Runs[0]
	last := r.last()
	v := Verdict{State: r.State, Stage: last.Stage, Code: last.Code, Reason: last.Error, Step: *last}
	switch r.State {
	case Skipped:
		// Coveo left the item as it was: what it was, an earlier run says.
		skipped := "skipped at " + stageName(last) + colon(last.Error)
		v.State = Unknown
		if r.Removal() {
			v.Reason = "its removal was " + skipped
		} else if before, ok := p.before(); ok {
			before.Reason = sentence(before.Reason, "since then "+skipped)
			return before
		} else {
			v.Reason = sentence(skipped, "what it was before is not in this span")
		}
	case Removed:
		v.Reason = "removed: " + strings.ToUpper(last.Operation) + " went through"
	case Failed:
		if r.Removal() {
			v.Reason = "its removal failed" + colon(last.Error)
		} else if v.Reason == "" {
			v.Reason = v.Code
		}
	case UnderWay:
		if r.Removal() {
			v.Reason = "being removed"
		}
	case Unknown:
		if v.Reason == "" {
			v.Reason = unclear(last)
		}
	}
	return v
}

// before returns the verdict of the runs older than the newest, of the same
// source, if one of them says something.
func (p Passport) before() (Verdict, bool) {
	source := p.Runs[0].last().Source
	for i := 1; i < len(p.Runs); i++ {
		if r := &p.Runs[i]; r.State != Skipped && r.last().Source == source {
			return Passport{Runs: p.Runs[i : i+1]}.Verdict(false), true
		}
	}
	return Verdict{}, false
}

// Settled reports whether entries older than all of these can no longer change the
// verdict.
func (p Passport) Settled() bool {
	if len(p.Runs) == 0 {
		return false
	}
	if r := p.Runs[0]; r.State != Skipped || r.Removal() {
		return true
	}
	_, ok := p.before()
	return ok
}

// stateOf says where a run stands whose newest step is s. Coveo does not define
// its results in words that could be found; they are taken for what they say.
func stateOf(s *Step) State {
	gone := removal(s.Operation)
	end := phase(s.Stage) == 7
	switch {
	case strings.EqualFold(s.Operation, "DELETE_OLDER_THAN") && s.Outcome == logs.OutcomeSucceeded:
		return Unknown // about all items before a moment, not about the one that it names
	case s.Outcome == logs.OutcomeFailed, s.Outcome == logs.OutcomeRejected:
		return Failed
	case s.Outcome == logs.OutcomeSkipped:
		return Skipped
	case strings.HasSuffix(strings.ToUpper(s.Stage), "_BATCH"), strings.EqualFold(s.Operation, "BATCH_FILE"):
		return Unknown // a file of items is never in the index itself
	case s.Outcome != logs.OutcomeSucceeded && s.Outcome != logs.OutcomeWarned:
		return Unknown // a result that is not known here
	case end && gone:
		return Removed
	case end:
		return Indexed // a warning of the index is told as the reason
	case phase(s.Stage) == 0:
		return Unknown // whether more is to come after a stage that is not known here
	}
	return UnderWay
}

func unclear(s *Step) string {
	switch {
	case strings.EqualFold(s.Operation, "DELETE_OLDER_THAN"):
		return "DELETE_OLDER_THAN is about all items before a moment"
	case strings.HasSuffix(strings.ToUpper(s.Stage), "_BATCH"), strings.EqualFold(s.Operation, "BATCH_FILE"):
		return "this is a file of items, not an item"
	case s.Outcome == logs.OutcomeUnknown && s.Result != "":
		return "the result " + s.Result + " is not known here"
	case s.Outcome == logs.OutcomeUnknown:
		return "Coveo did not say how it went"
	}
	return "the stage " + stageName(s) + " is not known here"
}

func stageName(s *Step) string {
	if s.Stage == "" {
		return "a stage without a name"
	}
	return s.Stage
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// sentence joins two parts of a reason.
func sentence(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
