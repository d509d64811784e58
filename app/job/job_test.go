package job

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// try is an attempt so many seconds after noon; a status below 300 succeeded.
func try(id string, attempt, second, status int) logs.Entry {
	e := logs.Entry{
		ID: id, Job: "j", Attempt: attempt, Time: noon.Add(time.Duration(second) * time.Second), Status: status,
		Outcome: logs.OutcomeFailed, Fields: logs.Fields{{Name: "integration", Value: "i"}, {Name: "integration_name", Value: "Orders"}, {Name: "url", Value: "hooks.example.com"}},
	}
	if status < 300 {
		e.Outcome = logs.OutcomeSucceeded
	}
	return e
}

func ids(l Ladder) string {
	var out []string
	for _, r := range l.Rungs {
		out = append(out, r.Entry.ID)
	}
	return strings.Join(out, " ")
}

func TestBuild_Cases(t *testing.T) {
	none := logs.Entry{ID: "x", Job: "j"}
	for _, c := range []struct {
		name     string
		in       []logs.Entry
		ids      string
		badges   []Badge
		skips    []int
		attempts int
		outcome  logs.Outcome
		final    int
		copies   int
		done     int // seconds after noon, -1 for never
	}{
		{name: "nothing", final: -1, done: -1},
		{name: "one that failed", in: []logs.Entry{try("a", 1, 0, 500)}, ids: "a", badges: []Badge{0}, skips: []int{0}, attempts: 1, outcome: logs.OutcomeFailed, done: -1},
		{
			name: "newest first, as a page has them", in: []logs.Entry{try("c", 3, 90, 200), try("b", 2, 20, 500), try("a", 1, 0, 404)},
			ids: "a b c", badges: []Badge{0, 0, 0}, skips: []int{0, 0, 0}, attempts: 3, outcome: logs.OutcomeSucceeded, final: 2, done: 90,
		},
		{
			name: "one entry given twice", in: []logs.Entry{try("b", 2, 20, 500), try("a", 1, 0, 404), try("b", 2, 20, 500)},
			ids: "a b", badges: []Badge{0, 0}, skips: []int{0, 0}, attempts: 2, outcome: logs.OutcomeFailed, final: 1, copies: 1, done: -1,
		},
		{
			name: "one attempt logged twice", in: []logs.Entry{try("a", 1, 0, 500), try("b", 1, 0, 500), try("c", 2, 9, 200)},
			ids: "a b c", badges: []Badge{0, Repeated, 0}, skips: []int{0, 0, 0}, attempts: 2, outcome: logs.OutcomeSucceeded, final: 2, done: 9,
		},
		{
			name: "delivered twice", in: []logs.Entry{try("a", 1, 0, 200), try("b", 2, 5, 200)},
			ids: "a b", badges: []Badge{0, Again}, skips: []int{0, 0}, attempts: 2, outcome: logs.OutcomeSucceeded, final: 1, done: 0,
		},
		{
			name: "the first one logged after the second", in: []logs.Entry{try("a", 1, 10, 500), try("b", 2, 4, 200)},
			ids: "b a", badges: []Badge{0, Late | Again}, skips: []int{0, 0}, attempts: 2, outcome: logs.OutcomeSucceeded, final: 0, done: 4,
		},
		{
			name: "equal times are in the order of attempts", in: []logs.Entry{try("a", 2, 0, 200), try("b", 1, 0, 500)},
			ids: "b a", badges: []Badge{0, 0}, skips: []int{0, 0}, attempts: 2, outcome: logs.OutcomeSucceeded, final: 1, done: 0,
		},
		{
			name: "attempts that nobody told of", in: []logs.Entry{try("a", 3, 0, 500), try("b", 7, 10, 500), try("c", 5, 20, 500)},
			ids: "a b c", badges: []Badge{0, 0, Late}, skips: []int{2, 2, 0}, attempts: 7, outcome: logs.OutcomeFailed, final: 1, done: -1,
		},
		{
			name: "no numbers", in: []logs.Entry{try("a", 0, 0, 500), try("b", 0, 10, 200)},
			ids: "a b", badges: []Badge{0, 0}, skips: []int{0, 0}, attempts: 2, outcome: logs.OutcomeSucceeded, final: 1, done: 10,
		},
		{
			name: "no time", in: []logs.Entry{none, try("a", 1, 0, 500)},
			ids: "a x", badges: []Badge{0, 0}, skips: []int{0, 0}, attempts: 1, outcome: logs.OutcomeUnknown, final: 1, done: -1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Build(c.in)
			var badges []Badge
			var skips []int
			for i, r := range l.Rungs {
				badges, skips = append(badges, r.Badges), append(skips, r.Skips)
				if want := i > 0 && !r.Entry.Time.IsZero(); r.HasGap != want || r.HasGap && r.Gap != r.Entry.Time.Sub(l.Rungs[i-1].Entry.Time) {
					t.Errorf("rung %d: gap %v %v", i, r.Gap, r.HasGap)
				}
			}
			done := -1
			if !l.Done.IsZero() {
				done = int(l.Done.Sub(noon).Seconds())
			}
			if ids(l) != c.ids || !slices.Equal(badges, c.badges) || !slices.Equal(skips, c.skips) {
				t.Errorf("rungs %q, badges %v, skips %v", ids(l), badges, skips)
			}
			if l.Attempts != c.attempts || l.Outcome != c.outcome || l.Final != c.final || l.Copies != c.copies || done != c.done || l.Entries != len(l.Rungs) {
				t.Errorf("%+v", l.Summary)
			}
			if len(c.in) > 0 && c.in[0].ID != "x" && (l.ID != "j" || l.Integration != "i" || l.Name != "Orders" || l.Host != "hooks.example.com") {
				t.Errorf("%+v", l.Summary)
			}
		})
	}
}

// any is a job made at random: few different times and numbers, so that equal ones
// are frequent.
func random(rng *rand.Rand) []logs.Entry {
	var out []logs.Entry
	for i := range rng.IntN(12) {
		e := try(fmt.Sprint("e", i), rng.IntN(5), rng.IntN(6)*7, []int{200, 404, 500}[rng.IntN(3)])
		if rng.IntN(10) == 0 {
			e.Time = time.Time{}
		}
		if rng.IntN(2) == 0 {
			e.Took, e.HasTook = time.Duration(rng.IntN(12))*time.Second, true
		}
		out = append(out, e)
		if rng.IntN(4) == 0 {
			out = append(out, e)
		}
	}
	return out
}

func TestBuild_Properties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		in := random(rng)
		l := Build(in)
		unique := map[string]bool{}
		for _, e := range in {
			unique[e.ID] = true
		}
		if len(l.Rungs) != len(unique) || l.Copies != len(in)-len(unique) {
			t.Fatalf("%d rungs and %d copies of %d entries", len(l.Rungs), l.Copies, len(in))
		}
		var total time.Duration
		numbers, delivered := map[int]bool{}, false
		for i, r := range l.Rungs {
			if i > 0 && !r.Entry.Time.IsZero() && r.Entry.Time.Before(l.Rungs[i-1].Entry.Time) {
				t.Fatalf("not in the order of time: %s", ids(l))
			}
			if r.Gap < 0 {
				t.Fatalf("gap %v", r.Gap)
			}
			total += r.Gap
			n := r.Entry.Attempt
			higher := false
			for _, b := range l.Rungs[:i] {
				higher = higher || b.Entry.Attempt > n
			}
			want := Badge(0)
			if n > 0 && numbers[n] {
				want |= Repeated
			} else if n > 0 && higher {
				want |= Late
			}
			if delivered {
				want |= Again
			}
			if r.Badges != want {
				t.Fatalf("%s: badges of rung %d are %b, want %b", ids(l), i, r.Badges, want)
			}
			numbers[n] = true
			delivered = delivered || r.Entry.Outcome == logs.OutcomeSucceeded
		}
		if total != l.Last.Sub(l.First) {
			t.Fatalf("gaps add up to %v of %v", total, l.Last.Sub(l.First))
		}
		missing := 0
		for n := 1; n <= slices.Max(append([]int{0}, attempts(l)...)); n++ {
			if !numbers[n] {
				missing++
			}
		}
		skips := 0
		for _, r := range l.Rungs {
			skips += r.Skips
		}
		if skips != missing {
			t.Fatalf("%s %v: %d attempts are told to be missing, %d are", ids(l), attempts(l), skips, missing)
		}
		mixed := slices.Clone(in)
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if other := Build(mixed); ids(other) != ids(l) || !reflect.DeepEqual(other.Summary, l.Summary) {
			t.Fatalf("another order of entries gives another ladder:\n%+v\n%+v", l.Summary, other.Summary)
		}
	}
}

func attempts(l Ladder) []int {
	var out []int
	for _, r := range l.Rungs {
		out = append(out, r.Entry.Attempt)
	}
	return out
}

func TestGroup_EqualsTheLaddersOfEachJob(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		var all []logs.Entry
		byJob := map[string][]logs.Entry{}
		for n := range rng.IntN(9) {
			for _, e := range random(rng) {
				e.Job = fmt.Sprint("job", n)
				e.ID = e.Job + e.ID
				e.Fields = logs.Fields{{Name: "integration", Value: fmt.Sprint("i", n%3)}}
				all = append(all, e)
				byJob[e.Job] = append(byJob[e.Job], e)
			}
		}
		all = append(all, logs.Entry{ID: "of no job", Time: noon})
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		got := Group(all)
		if len(got) != len(byJob) {
			t.Fatalf("%d jobs, want %d", len(got), len(byJob))
		}
		for i, s := range got {
			if i > 0 && s.Last.After(got[i-1].Last) {
				t.Fatal("not newest first")
			}
			want := Build(byJob[s.ID]).Summary
			// Slowly, and by the words of the definition.
			var first time.Time
			for _, o := range got {
				if o.Integration == s.Integration && !s.Done.IsZero() && !s.First.IsZero() && !o.Done.IsZero() && o.First.After(s.First) && o.Done.Before(s.Done) && (first.IsZero() || o.Done.Before(first)) {
					first = o.Done
				}
			}
			if (s.Overtaken != "") != !first.IsZero() {
				t.Fatalf("%s overtaken by %q, want one delivered at %v", s.ID, s.Overtaken, first)
			}
			for _, o := range got {
				if o.ID == s.Overtaken && !o.Done.Equal(first) {
					t.Fatalf("%s overtaken by %s, which was not the soonest", s.ID, o.ID)
				}
			}
			s.Overtaken = ""
			if !reflect.DeepEqual(s, want) {
				t.Fatalf("%+v\nwant %+v", s, want)
			}
		}
	}
}

func TestUsed_AmberFrom80PercentOn(t *testing.T) {
	took := func(d time.Duration) *logs.Entry {
		return &logs.Entry{Took: d, HasTook: true, Outcome: logs.OutcomeSucceeded}
	}
	for _, c := range []struct {
		e     *logs.Entry
		limit time.Duration
		use   Use
		share float64
	}{
		{&logs.Entry{}, 0, Untold, 0},
		{took(0), 0, Fine, 0},
		{took(7900 * time.Millisecond), 0, Fine, 0.79},
		{took(8 * time.Second), 0, Near, 0.8},
		{took(8 * time.Second), 30 * time.Second, Fine, 8.0 / 30},
		{took(24 * time.Second), 30 * time.Second, Near, 0.8},
		{took(10 * time.Second), 0, Over, 1},
		{took(-time.Second), 0, Fine, 0},
	} {
		if share, use := Used(c.e, c.limit); share != c.share || use != c.use {
			t.Errorf("%v of %v: %v %v", c.e.Took, c.limit, share, use)
		}
	}
}

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10": 10 * time.Second, " 30 s ": 30 * time.Second, "1.5s": 1500 * time.Millisecond, "2,5": 2500 * time.Millisecond, "2 min": 2 * time.Minute,
		"1500ms": 1500 * time.Millisecond, "10 sec": 10 * time.Second, "600": 10 * time.Minute,
		"": 0, "s": 0, "0": 0, "-1": 0, "0.5": 0, "601": 0, "1e400": 0, "NaN": 0, "Inf": 0, "ten": 0, "999ms": 0,
	} {
		if got, ok := ParseLimit(text); got != want && ok || ok != (want > 0) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
}
