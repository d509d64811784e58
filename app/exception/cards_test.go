package exception

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

var (
	r0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	r1 = r0.Add(2 * time.Hour)
)

// corpus makes n entries as a workspace writes them, newest first, and says which
// failure each is of, -1 for none: an oracle that knows no trace.
func corpus(rng *rand.Rand, n int) (entries []logs.Entry, of []int) {
	failures := []func() string{
		func() string {
			return list(raised("TypeError", fmt.Sprintf("no sum of %d", rng.IntN(1e6)), lib, own))
		},
		func() string { return list(raised("TypeError", "x", own, site+"deeper.py:3 f")) },
		func() string { return list(raised("TypeError", "x", "/app/other.py:1 f")) },
		func() string { return list(raised("KeyError", fmt.Sprintf("'%x'", rng.Uint64()|1<<63), lib, own)) },
		func() string { return list(raised("DeploymentError", fmt.Sprintf("container %d", rng.IntN(1e6)))) },
		func() string { return list(raised("PdfReadError", "EOF", site+"conv.py:3 run")) },
	}
	same := []int{0, 0, 2, 3, 4, 5} // the second is the first, called deeper
	for i := range n {
		kind := rng.IntN(len(failures) + 3)
		body, is := "null", -1
		if kind < len(failures) {
			body, is = failures[kind](), same[kind]
		}
		e := entry(fmt.Sprintf("id%d", i), fmt.Sprintf("Query %d failed after %d ms", rng.IntN(1e9), rng.IntN(5000)), body)
		e.Time = r1.Add(-time.Duration(rng.Int64N(int64(3 * time.Hour)))) // some are before the span
		if rng.IntN(20) == 0 {
			e.Time = time.Time{}
		}
		if rng.IntN(3) == 0 {
			e.Level = logs.LevelInfo
		}
		name := [...]string{"rag", "search", "docs"}[rng.IntN(3)]
		field := "pipeline"
		if name == "docs" {
			field = "index"
		}
		origin := [...]string{"querypipeline", "haystack", ""}[rng.IntN(3)]
		e.Fields = nil
		e.Fields.Add(field, name)
		e.Fields.Add("origin", origin)
		entries, of = append(entries, e), append(of, is)
	}
	return entries, of
}

// TestCards_AgainstIndependentComputation counts everything a second way.
func TestCards_AgainstIndependentComputation(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		entries, of := corpus(rng, rng.IntN(400))
		bars := 1 + rng.IntN(40)
		c := New()
		c.Begin()
		for i := range entries {
			if rng.IntN(2) == 0 && !Maybe(entries[i].Raw) {
				c.Skip(entries[i].Src, entries[i].Level)
				continue
			}
			c.Add(i, &entries[i])
		}
		cards := c.List(r0, r1, bars)
		seen := map[int]bool{}
		for i := range cards {
			card := &cards[i]
			if i > 0 && (cards[i-1].Count < card.Count || cards[i-1].Count == card.Count && cards[i-1].Last.Before(card.Last)) {
				t.Errorf("seed %d: card %d is out of order", seed, i)
			}
			occurrences := c.Occurrences(card.Fingerprint)
			is := of[occurrences[0].At]
			if seen[is] || is < 0 {
				t.Fatalf("seed %d: failure %d has two cards", seed, is)
			}
			seen[is] = true
			var first, last time.Time
			n, untimed := 0, 0
			hist := make([]int, bars)
			pipelines, origins, messages := map[string]int{}, map[string]int{}, map[string]int{}
			for j, e := range entries {
				if of[j] != is {
					continue
				}
				n++
				if e.Time.IsZero() {
					untimed++
				} else {
					if first.IsZero() || e.Time.Before(first) {
						first = e.Time
					}
					if e.Time.After(last) {
						last = e.Time
					}
					for b := range bars {
						from := r0.Add(r1.Sub(r0) / time.Duration(bars) * time.Duration(b))
						to := r0.Add(r1.Sub(r0) / time.Duration(bars) * time.Duration(b+1))
						if b == bars-1 {
							to = r1
						}
						if !e.Time.Before(from) && e.Time.Before(to) {
							hist[b]++
						}
					}
				}
				for _, f := range e.Fields {
					switch f.Name {
					case "origin":
						origins[f.Value.(string)]++
					default:
						pipelines[f.Name+":"+f.Value.(string)]++
					}
				}
				messages["Query … failed after … ms"]++
			}
			if card.Count != n || card.Untimed != untimed || !card.First.Equal(first) || !card.Last.Equal(last) || !slices.Equal(card.Bars, hist) {
				t.Errorf("seed %d, failure %d: %+v\nwant %d, %d without time, %v to %v, %v", seed, is, card, n, untimed, first, last, hist)
			}
			for what, x := range map[string]struct {
				got  []Count
				want map[string]int
			}{"pipelines": {card.Pipelines, pipelines}, "origins": {card.Origins, origins}, "messages": {card.Messages, messages}} {
				got := map[string]int{}
				for k, p := range x.got {
					name := p.Name
					if what == "pipelines" {
						name = p.Field + ":" + name
					}
					got[name] = p.N
					if k > 0 && x.got[k-1].N < p.N {
						t.Errorf("%s out of order", what)
					}
				}
				if !reflect.DeepEqual(got, x.want) {
					t.Errorf("seed %d: %s %v, want %v", seed, what, got, x.want)
				}
			}
			if len(occurrences) != n {
				t.Fatalf("%d occurrences of %d", len(occurrences), n)
			}
			for j, o := range occurrences {
				if of[o.At] != is || o.ID != entries[o.At].ID || !o.Time.Equal(entries[o.At].Time) {
					t.Errorf("occurrence %+v is %+v", o, entries[o.At])
				}
				if j > 0 && (occurrences[j-1].Time.Before(o.Time) || occurrences[j-1].Time.IsZero() && !o.Time.IsZero()) {
					t.Errorf("occurrence %d is out of order", j)
				}
			}
		}
		plain := 0
		for j, e := range entries {
			if is := of[j]; is >= 0 && !seen[is] {
				t.Errorf("seed %d: failure %d has no card", seed, is)
			} else if is < 0 && e.Level >= logs.LevelError {
				plain++
			}
		}
		if all, errors := c.Entries(); all != len(entries) || errors != plain {
			t.Errorf("seed %d: %d entries, %d errors without an exception; want %d, %d", seed, all, errors, len(entries), plain)
		}
	}
}

// TestCards_OrderAndSlicesDoNotMatter adds the same entries in another order, in
// another pass, and after others.
func TestCards_OrderAndSlicesDoNotMatter(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		entries, _ := corpus(rng, 200)
		c := New()
		c.Begin()
		for i := range entries {
			c.Add(i, &entries[i])
		}
		want := c.List(r0, r1, 12)
		for range 3 { // again, from what is remembered, after a smaller pass
			c.Begin()
			for i := range rng.IntN(100) {
				c.Add(i, &entries[i])
				c.List(r0, r1, 12) // as often as one likes
			}
			c.Begin()
			for i := range entries {
				if !c.Again(i, entries[i].Src, entries[i].ID) {
					t.Fatal("an entry was forgotten")
				}
			}
			if got := c.List(r0, r1, 12); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: another pass gives\n%+v\nnot\n%+v", seed, got, want)
			}
		}
		d := New()
		for _, i := range rng.Perm(len(entries)) {
			d.Add(i, &entries[i])
			if rng.IntN(3) == 0 {
				d.Add(i, &entries[i]) // twice is once
			}
		}
		got := d.List(r0, r1, 12)
		for i := range got { // which of two equally old occurrences is the newest is open
			got[i].Value, want[i].Value = "", ""
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: another order gives\n%+v\nnot\n%+v", seed, got, want)
		}
	}
}

func TestCards_ForgetWhatIsGone(t *testing.T) {
	c := New()
	for pass := range 3 {
		c.Begin()
		for i := range 12_000 {
			e := logs.Entry{ID: fmt.Sprintf("%d/%d", pass, i), Src: "deepset/eu/w/p"}
			c.Add(i, &e)
		}
	}
	c.Begin()
	c.Begin()
	if len(c.read) > 36_000 {
		t.Errorf("%d entries are remembered", len(c.read))
	}
	if c.Again(0, "deepset/eu/w/p", "0/0") {
		t.Error("an entry of long ago is remembered")
	}
}

func TestCards_LikeNamesTheOneWithATrace(t *testing.T) {
	c := New()
	add := func(id, exceptions string) {
		e := entry(id, "m", exceptions)
		c.Add(0, &e)
	}
	add("1", list(cause, outer))
	add("2", list(raised("TypeError", "no sum")))
	add("3", list(raised("KeyError", "no sum")))
	like := func(kind string) string {
		for _, x := range c.List(r0, r1, 0) {
			if x.Type == kind && x.Frame == "" {
				return x.Like
			}
		}
		return "no card"
	}
	e := entry("1", "m", list(cause))
	r, _ := Read(&e)
	if got := like("TypeError"); got != r.Fingerprint {
		t.Errorf("like %q", got)
	}
	if got := like("KeyError"); got != "" {
		t.Errorf("another type is like %q", got)
	}
	add("4", list(raised("TypeError", "no sum", "/app/elsewhere.py:1 f")))
	if got := like("TypeError"); got != "" {
		t.Errorf("of two it takes one: %q", got)
	}
}

func TestCards_NewSinceADeployment(t *testing.T) {
	c := New()
	note := func(in, text string, level logs.Level, at time.Time) {
		if e := (logs.Entry{Src: "deepset/eu/production/" + in, Item: in, Summary: text, Level: level, Time: at}); IsDeploy(text) {
			c.Note(&e)
		}
	}
	first := r0.Add(90 * time.Minute)
	e := entry("1", "m", list(cause))
	e.Time = first
	c.Add(0, &e)
	after := func() string { return c.List(r0, r1, 0)[0].After.Text }
	note("rag", "Deploying pipeline 'rag' (version 13)", logs.LevelInfo, first.Add(-61*time.Minute))
	note("rag", "Query about how to deploy", logs.LevelInfo, first.Add(-time.Minute))
	note("search", "Deploying pipeline 'search'", logs.LevelInfo, first.Add(-time.Minute))
	note("rag", "Deployment failed", logs.LevelError, first.Add(-time.Minute))
	note("rag", "Deploying pipeline 'rag' (version 15)", logs.LevelInfo, first.Add(time.Minute))
	note("rag", "deploy", logs.LevelInfo, first.Add(-time.Minute))
	if got := after(); got != "" {
		t.Errorf("new since %q", got)
	}
	note("rag", "Deploying pipeline 'rag' (version 14)", logs.LevelInfo, first.Add(-2*time.Minute))
	note("rag", "DEPLOYING", logs.LevelUnknown, first.Add(-20*time.Minute))
	if got := after(); got != "Deploying pipeline 'rag' (version 14)" {
		t.Errorf("new since %q", got)
	}
	if all, _ := c.Entries(); all != 1 {
		t.Errorf("%d entries: a note is none", all)
	}
	c.Begin()
	c.Again(0, e.Src, e.ID)
	if got := after(); got != "" {
		t.Errorf("in the next pass new since %q", got)
	}
}

func TestCards_ManyVariantsAreBounded(t *testing.T) {
	c := New()
	for i := range 500 {
		e := entry(fmt.Sprint(i), "message "+strings.Repeat("a", i), list(cause))
		c.Add(i, &e)
	}
	x := c.List(time.Time{}, time.Time{}, 24)[0]
	sum := x.Unlisted
	for _, m := range x.Messages {
		sum += m.N
	}
	if len(x.Messages) != maxNames || sum != 500 || x.Bars != nil {
		t.Errorf("%d messages, %d in all, bars %v", len(x.Messages), sum, x.Bars)
	}
}

func TestCards_MarkdownOfOne(t *testing.T) {
	c := New()
	e := entry("1", "m", list(cause, outer))
	e.Time = r0
	c.Add(0, &e)
	card := c.List(r0, r1, 4)[0]
	r, _ := Read(&e)
	got := card.Markdown(r.Chain, "https://logs.example.com/deepset/exceptions/x?q=(a)", time.UTC, true)
	want := "### `TypeError` in component `prompt_builder (PromptBuilder)`\n\n> `no sum`\n\n- seen: at least 1, from 2026-11-22 10:00:00 UTC to 2026-11-22 10:00:00 UTC\n- in: `" + own +
		"`\n- pipelines: `rag` 1×\n- origins: `querypipeline` 1×\n- fingerprint: [`" + card.Fingerprint + "`](https://logs.example.com/deepset/exceptions/x?q=%28a%29)\n\n" + Markdown(r.Chain)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func BenchmarkCards_Add(b *testing.B) {
	entries, _ := corpus(rand.New(rand.NewPCG(1, 1)), 1000)
	for b.Loop() {
		c := New()
		for i := range entries {
			c.Add(i, &entries[i])
		}
	}
}
