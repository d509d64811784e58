// Package job arranges the entries of delivery jobs, of Elastic Path and of Moltin,
// the way people ask about them: a job has attempts, and the question is what
// changed from one to the next.
//
//	l := job.Build(entries)           // entries of one job, in any order
//	for i, r := range l.Rungs {       // attempts, oldest first
//		d := job.Compare(before, r.Entry)
//	}
//	list := job.Group(entries)        // entries of many jobs: one summary each
//
// Building is linear but for one sort, and reads no bodies; [Compare] reads two of
// them and is called for the rungs that are drawn.
//
// The package must not look at a clock, and must not claim what entries do not say:
// how often and when a vendor tries again is not documented, so that no next attempt
// is foretold.
package job

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Badge is something unusual about an attempt.
type Badge uint8

// The badges. Per Elastic Path's "Integrations", events are delivered at least once
// and side by side, so that each of them happens without anything being broken.
const (
	Repeated Badge = 1 << iota // the same attempt was logged before, under another id
	Late                       // an attempt of a higher number was logged before
	Again                      // the job had been delivered before
)

// Rung is one attempt of a job.
type Rung struct {
	Entry  *logs.Entry
	Gap    time.Duration // since the rung before
	HasGap bool          // Gap is known: both have a time
	Skips  int           // attempts before this one that no entry tells of
	Badges Badge
}

// Summary is what a list of jobs tells of one.
type Summary struct {
	ID          string
	Integration string // id
	Name        string // of the integration, "" where it is not known
	Host        string // that the integration delivers to, "" where it is not known
	Entries     int    // different ones
	Attempts    int    // the highest number of one; where none is numbered, as Entries
	First, Last time.Time
	Done        time.Time // of the first attempt that succeeded; zero for none
	Outcome     logs.Outcome
	Status      int           // of the attempt that Outcome is of
	Took        time.Duration // of the attempt that took longest
	Badges      Badge         // of all its attempts
	// Overtaken is the id of a job of the same integration that began later and was
	// delivered earlier; "" for none. [Group] finds it.
	Overtaken string
}

// Ladder is one job with its attempts.
type Ladder struct {
	Summary
	Rungs  []Rung // oldest first, those without a time last
	Final  int    // the rung that Outcome is of; -1 without rungs
	Copies int    // entries left out because their id was there already
}

// Build arranges the entries of one job, which it keeps pointers into. The result
// does not depend on their order, unless two of one id differ: the first one counts.
func Build(entries []logs.Entry) Ladder {
	kept := make([]*logs.Entry, 0, len(entries))
	seen := make(map[string]bool, len(entries))
	for i := range entries {
		if e := &entries[i]; !seen[e.ID] {
			seen[e.ID] = true
			kept = append(kept, e)
		}
	}
	l := arrange(kept)
	l.Copies = len(entries) - len(kept)
	return l
}

// arrange builds a ladder of entries of different ids.
func arrange(entries []*logs.Entry) Ladder {
	// Here and below not package slices, whose sorting is compiled anew for each type:
	// the browser downloads it.
	sort.Slice(entries, func(i, j int) bool { return older(entries[i], entries[j]) < 0 })
	l := Ladder{Final: -1, Rungs: make([]Rung, len(entries))}
	numbers := make([]int, 0, len(entries))
	for i, e := range entries {
		r := Rung{Entry: e}
		if i > 0 && !e.Time.IsZero() {
			r.Gap, r.HasGap = e.Time.Sub(entries[i-1].Time), true
		}
		l.Rungs[i] = r
		if e.Attempt > 0 {
			numbers = append(numbers, e.Attempt)
		}
		l.tell(i)
	}
	if l.Attempts == 0 {
		l.Attempts = len(entries)
	}
	sort.Ints(numbers)
	l.mark(slices.Compact(numbers))
	return l
}

// older orders entries by time, those without one last. Equal times are in the order
// of attempts, which were then logged together, and at last of ids.
func older(a, b *logs.Entry) int {
	if a.Time.IsZero() != b.Time.IsZero() {
		if a.Time.IsZero() {
			return 1
		}
		return -1
	}
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.ID, b.ID))
}

// tell adds what the i-th rung tells to the summary.
func (l *Ladder) tell(i int) {
	e := l.Rungs[i].Entry
	l.ID = cmp.Or(l.ID, e.Job)
	l.Integration = cmp.Or(l.Integration, e.Fields.Text("integration"))
	l.Name = cmp.Or(l.Name, e.Fields.Text("integration_name"))
	l.Host = cmp.Or(l.Host, e.Fields.Text("url"))
	l.Entries++
	l.Attempts = max(l.Attempts, e.Attempt)
	if e.HasTook {
		l.Took = max(l.Took, e.Took)
	}
	if !e.Time.IsZero() {
		if l.First.IsZero() {
			l.First = e.Time
		}
		l.Last = e.Time
	}
	if e.Outcome == logs.OutcomeSucceeded && l.Done.IsZero() {
		l.Done = e.Time
	}
	// An earlier attempt that was logged late does not decide.
	if l.Final < 0 || e.Attempt >= l.Rungs[l.Final].Entry.Attempt || e.Attempt == 0 {
		l.Final, l.Outcome, l.Status = i, e.Outcome, e.Status
	}
}

// mark gives the rungs their badges. numbers are those of the attempts, ascending.
func (l *Ladder) mark(numbers []int) {
	highest, delivered := 0, false
	seen := make(map[int]bool, len(numbers))
	for i := range l.Rungs {
		r := &l.Rungs[i]
		if n := r.Entry.Attempt; n > 0 {
			switch {
			case seen[n]:
				r.Badges |= Repeated
			case n < highest:
				r.Badges |= Late
			default:
				from := sort.SearchInts(numbers, highest+1)
				to := sort.SearchInts(numbers, n)
				r.Skips = n - highest - 1 - (to - from)
			}
			seen[n] = true
			highest = max(highest, n)
		}
		if delivered {
			r.Badges |= Again
		}
		delivered = delivered || r.Entry.Outcome == logs.OutcomeSucceeded
		l.Badges |= r.Badges
	}
}

// Group sums up the jobs that entries belong to, the one with the newest entry first.
// Entries without a job are left out.
func Group(entries []logs.Entry) []Summary {
	type key struct{ integration, id string }
	byJob := map[key][]*logs.Entry{}
	seen := map[[2]string]bool{}
	for i := range entries {
		e := &entries[i]
		if e.Job == "" || seen[[2]string{e.Job, e.ID}] {
			continue
		}
		seen[[2]string{e.Job, e.ID}] = true
		k := key{e.Fields.Text("integration"), e.Job}
		byJob[k] = append(byJob[k], e)
	}
	out := make([]Summary, 0, len(byJob))
	for _, list := range byJob {
		out = append(out, arrange(list).Summary)
	}
	overtake(out)
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		return cmp.Or(b.Last.Compare(a.Last), b.First.Compare(a.First), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Integration, b.Integration)) < 0
	})
	return out
}

// overtake finds, among the jobs that were delivered, those that another one of the
// same integration overtook: it began later and was delivered earlier.
func overtake(jobs []Summary) {
	byStart := make([]*Summary, 0, len(jobs))
	for i := range jobs {
		if !jobs[i].Done.IsZero() && !jobs[i].First.IsZero() {
			byStart = append(byStart, &jobs[i])
		}
	}
	sort.Slice(byStart, func(i, j int) bool {
		a, b := byStart[i], byStart[j]
		return cmp.Or(b.First.Compare(a.First), cmp.Compare(a.ID, b.ID)) < 0
	})
	soonest := map[string]*Summary{} // by integration, among those that began later
	for i := 0; i < len(byStart); {
		// Jobs that began at one moment overtake nobody of each other.
		next := i
		for next < len(byStart) && byStart[next].First.Equal(byStart[i].First) {
			j := byStart[next]
			if s := soonest[j.Integration]; s != nil && s.Done.Before(j.Done) {
				j.Overtaken = s.ID
			}
			next++
		}
		for ; i < next; i++ {
			j := byStart[i]
			if s := soonest[j.Integration]; s == nil || j.Done.Before(s.Done) {
				soonest[j.Integration] = j
			}
		}
	}
}
