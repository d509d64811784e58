package page

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/logpane/logpane/app/chain"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// timeline shows all rows of the table on one axis of time, lane by lane, with the
// links between entries of different vendors.
type timeline struct {
	p       *logs
	v       view.View
	builder *chain.Builder
	fill    viewer.Row
	moments []kept
	is      part.Timeline
	ready   bool
	at      int // step that j and k went to, -1 for none
}

// kept is what the time line keeps of an entry.
type kept struct {
	at      time.Time
	order   int64 // as the links have it
	src, id string
	summary string
	mark    viewer.Mark
}

func newTimeline(p *logs) place {
	return &timeline{p: p, at: -1, is: part.Timeline{Chosen: -1}}
}

func (t *timeline) open(v view.View) {
	t.v = v
	t.p.scan(t.reset, t.visit, t.done)
}

func (t *timeline) reset() {
	t.builder, t.moments = chain.New(0), nil
}

// visit keeps a row. What stands beyond the bound is not drawn either: a picture of
// more than was related would say that the rest is unrelated.
func (t *timeline) visit(row int) {
	if len(t.moments) >= chain.MaxEntries {
		return
	}
	t.p.m.Row(row, &t.fill)
	if t.fill.Gap {
		return
	}
	e := t.p.m.Entry(row)
	if e.Time.IsZero() {
		return
	}
	t.builder.Add(len(t.moments), &e)
	summary := e.Summary
	if summary == "" {
		summary = "Entry without text"
	}
	t.moments = append(t.moments, kept{e.Time, chain.Moment(&e), e.Src, e.ID, summary, t.fill.Mark})
}

// done makes the picture of what was visited.
func (t *timeline) done() {
	result := t.builder.Result()
	is := part.Timeline{Entries: len(t.moments), Chosen: -1, Shown: map[int]bool{}}
	lanes := map[string]int{}
	for _, l := range t.p.m.Lanes() {
		lanes[l.Src] = len(is.Lanes)
		is.Lanes = append(is.Lanes, part.TimelineLane{Label: l.Label, Bins: map[int]part.TimelineBin{}})
	}
	for i, m := range t.moments {
		if i == 0 || m.at.Before(is.From) {
			is.From = m.at
		}
		if i == 0 || m.at.After(is.To) {
			is.To = m.at
		}
	}
	bin := func(at time.Time) int {
		length := is.To.Sub(is.From)
		if length <= 0 {
			return part.TimelineBins / 2
		}
		return min(int(float64(at.Sub(is.From))/float64(length)*part.TimelineBins), part.TimelineBins-1)
	}
	for _, m := range t.moments {
		at, ok := lanes[m.src]
		if !ok {
			at = len(is.Lanes)
			lanes[m.src] = at
			is.Lanes = append(is.Lanes, part.TimelineLane{Label: m.src, Bins: map[int]part.TimelineBin{}})
		}
		l := &is.Lanes[at]
		l.Count++
		b := l.Bins[bin(m.at)]
		b.Count++
		if b.Mark == viewer.MarkNone || m.mark == viewer.MarkError || m.mark == viewer.MarkWarning && b.Mark != viewer.MarkError {
			b.Mark = m.mark
		}
		l.Bins[bin(m.at)] = b
	}
	is.Stories = t.stories(result, func(m kept) part.Step {
		lane := lanes[m.src]
		v := t.v.At(view.Place{})
		if v.Sel = m.id; len(v.Src) > 1 {
			v.Sel = m.src + "," + m.id
		}
		return part.Step{Time: m.at, Label: is.Lanes[lane].Label, Lane: lane, Bin: bin(m.at), Mark: m.mark, Summary: m.summary, URL: v.URL()}
	})
	t.is, t.ready, t.builder = is, true, nil
}

// stories groups linked entries.
func (t *timeline) stories(r chain.Result, step func(kept) part.Step) []part.Story {
	root := map[int]int{}
	var find func(n int) int
	find = func(n int) int {
		up, ok := root[n]
		if !ok {
			root[n] = n
			return n
		}
		if up != n {
			up = find(up)
			root[n] = up
		}
		return up
	}
	for _, l := range r.Links {
		root[find(l.From)] = find(l.To)
	}
	for _, m := range r.Missing {
		find(m.After)
	}
	members := map[int][]int{}
	for n := range root {
		members[find(n)] = append(members[find(n)], n)
	}
	place := map[int][2]int{} // number of an entry → story and step
	var lists [][]int
	for _, list := range members {
		slices.SortFunc(list, func(x, y int) int {
			return cmp.Or(cmp.Compare(t.moments[x].order, t.moments[y].order), cmp.Compare(x, y))
		})
		lists = append(lists, list)
	}
	slices.SortFunc(lists, func(x, y []int) int {
		return cmp.Or(t.moments[y[0]].at.Compare(t.moments[x[0]].at), cmp.Compare(x[0], y[0]))
	})
	// What is linked comes before what only lacks a step.
	slices.SortStableFunc(lists, func(x, y []int) int { return cmp.Compare(min(len(y), 2), min(len(x), 2)) })
	out := make([]part.Story, len(lists))
	for i, list := range lists {
		out[i].Span = t.moments[list[len(list)-1]].at.Sub(t.moments[list[0]].at)
		for k, n := range list {
			place[n] = [2]int{i, k}
			out[i].Steps = append(out[i].Steps, step(t.moments[n]))
		}
	}
	for _, l := range r.Links {
		from, to := place[l.From], place[l.To]
		p := &out[to[0]].Steps[to[1]]
		p.From = append(p.From, part.StepLink{Step: from[1], Why: l.Why, Likely: l.Likely})
	}
	for _, m := range r.Missing {
		at := place[m.After]
		p := &out[at[0]].Steps[at[1]]
		p.Missing = append(p.Missing, m.Text)
	}
	return out
}

func (t *timeline) body() app.UI {
	is := t.is
	is.Zone, is.Busy = t.p.m.Zone(), !t.ready
	switch t.p.m.Foot().State {
	case viewer.FootMore, viewer.FootAsk:
		is.More = true
	}
	_, loading := t.p.m.Loading()
	switch {
	case loading:
		is.Bounds = "Bounded to what is loaded so far; older entries are being read."
	case t.p.m.Len() > chain.MaxEntries:
		is.Bounds = "Bounded to the first " + part.Count(chain.MaxEntries) + " of the " + part.Count(t.p.m.Len()) + " loaded entries: choose a shorter time to see the others."
	case is.More:
		is.Bounds = "Bounded to what is loaded; older entries exist that were not looked at."
	default:
		is.Bounds = "All that could be read of this view was looked at."
	}
	return is.UI(t.p.on)
}

// key moves between the steps of the stories.
func (t *timeline) key(cmd command) bool {
	by := 0
	switch cmd {
	case cmdDown:
		by = 1
	case cmdUp:
		by = -1
	default:
		return false
	}
	if at := t.at + by; at >= 0 {
		if dom.Focus(part.IDStep(at), false); dom.Focused() == part.IDStep(at) {
			t.at = at
		}
	}
	return true
}

func (t *timeline) on(_ app.Context, event any) bool {
	switch e := event.(type) {
	case part.StoryShown:
		t.is.Shown = maps.Clone(t.is.Shown)
		t.is.Shown[e.Story] = true
	case part.StoryChosen:
		if t.is.Chosen == e.Story {
			e.Story = -1
		}
		t.is.Chosen = e.Story
	default:
		return false
	}
	return true
}

func (t *timeline) close() {}
