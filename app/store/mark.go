package store

import (
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// Mark is how a row catches the eye. It follows from level, outcome, status and
// attempt, so that a colour means the same for every vendor. Success is marked
// only where it is what people look for, see [Store.markOf]: where nearly every row
// has succeeded, marking them all would hide the one that has not.
type Mark uint8

// The marks.
const (
	MarkNone    Mark = iota // normal traffic
	MarkError               // failed, rejected, level error or critical, status 5xx
	MarkWarning             // level or outcome warning, status 4xx, a repeated attempt; also failed with level warning
	MarkOK                  // delivered, or indexed at last
	MarkQuiet               // debug, trace, skipped
)

var markNames = [...]string{"", "err", "warn", "ok", "quiet"}

// String returns the mark's name in markup: "", "err", "warn", "ok", "quiet".
func (m Mark) String() string {
	if int(m) < len(markNames) {
		return markNames[m]
	}
	return ""
}

func markOf(level logs.Level, outcome logs.Outcome, status, attempt uint16) Mark {
	switch {
	case level == logs.LevelWarning && outcome == logs.OutcomeFailed && status < 500: // the caller's mistake, as Algolia's 4xx
		return MarkWarning
	case level >= logs.LevelError, outcome == logs.OutcomeFailed, outcome == logs.OutcomeRejected, status >= 500:
		return MarkError
	case level == logs.LevelWarning, outcome == logs.OutcomeWarned, status >= 400, attempt > 1:
		return MarkWarning
	case outcome == logs.OutcomeSucceeded:
		return MarkOK
	case level == logs.LevelDebug, level == logs.LevelTrace, outcome == logs.OutcomeSkipped:
		return MarkQuiet
	}
	return MarkNone
}

// Mark returns the mark of an entry.
func (s *Store) Mark(e int) Mark { return s.flags[e].mark() }

// markOf works out the mark of an entry. A delivery of Elastic Path or Moltin is there
// to succeed, and so is an item of Coveo's when it reaches the index, which is the
// last of its stages; an answered call of a search, or a stage passed on the way,
// is normal traffic.
func (s *Store) markOf(e int) Mark {
	m := markOf(s.flags[e].level(), s.flags[e].outcome(), s.status[e], s.attempts[e])
	if m != MarkOK {
		return m
	}
	switch vendor, _, _ := strings.Cut(s.srcs[s.src[e]], "/"); vendor {
	case "elasticpath", "moltin":
		return MarkOK
	case "coveo":
		if strings.HasPrefix(s.arena.text(s.summary[e]), "INDEXING ") {
			return MarkOK
		}
	}
	return MarkNone
}
