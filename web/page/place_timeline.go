package page

import (
	"sort"
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
	looked  int // rows that were there when it was made
	at      int // step that j and k went to, -1 for none
}

// kept is what the time line keeps of an entry.
type kept struct {
	at      time.Time
	order   int64 // as the links have it
	src, id string
	summary string
	mark    viewer.Mark

	lane, bin   int // where it stands on the axis
	story, step int // where it stands below
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
	t.moments = append(t.moments, kept{at: e.Time, order: chain.Moment(&e), src: e.Src, id: e.ID, summary: summary, mark: t.fill.Mark})
}

// done makes the picture of what was visited.
func (t *timeline) done() {
	is := &t.is
	*is = part.Timeline{Entries: len(t.moments), Chosen: -1, Shown: map[int]bool{}}
	for i := range t.moments {
		m := &t.moments[i]
		if i == 0 || m.at.Before(is.From) {
			is.From = m.at
		}
		if i == 0 || m.at.After(is.To) {
			is.To = m.at
		}
	}
	length := float64(is.To.Sub(is.From))
	lanes := map[string]int{}
	lane := func(src, name string) int {
		at, ok := lanes[src]
		if !ok {
			at = len(is.Lanes)
			lanes[src] = at
			is.Lanes = append(is.Lanes, part.TimelineLane{Label: name, Account: viewer.Account(src), Bins: map[int]part.TimelineBin{}})
		}
		return at
	}
	for _, l := range t.p.m.Lanes() {
		lane(l.Src, l.Name())
	}
	for i := range t.moments {
		m := &t.moments[i]
		if m.lane, m.bin = lane(m.src, m.src), part.TimelineBins/2; length > 0 {
			m.bin = min(int(float64(m.at.Sub(is.From))/length*part.TimelineBins), part.TimelineBins-1)
		}
		l := &is.Lanes[m.lane]
		l.Count++
		b := l.Bins[m.bin]
		b.Count++
		if b.Mark == viewer.MarkNone || m.mark == viewer.MarkError || m.mark == viewer.MarkWarning && b.Mark != viewer.MarkError {
			b.Mark = m.mark
		}
		l.Bins[m.bin] = b
	}
	result := t.builder.Result()
	is.Stories = t.stories(&result)
	t.ready, t.builder, t.looked = true, nil, t.p.m.Len()
}

// stories groups linked entries.
func (t *timeline) stories(r *chain.Result) []part.Story {
	root := map[int]int{} // number of an entry → that of another one of its story
	var find func(n int) int
	find = func(n int) int {
		up, ok := root[n]
		if !ok {
			up = n
		} else if up != n {
			up = find(up)
		}
		root[n] = up
		return up
	}
	for i := range r.Links {
		l := &r.Links[i]
		root[find(l.From)] = find(l.To)
	}
	for i := range r.Missing {
		find(r.Missing[i].After)
	}
	members := map[int][]int{}
	for n := range root {
		at := find(n)
		members[at] = append(members[at], n)
	}
	var lists [][]int
	for _, list := range members {
		sort.Slice(list, func(i, j int) bool {
			x, y := list[i], list[j]
			a, b := t.moments[x].order, t.moments[y].order
			return a < b || a == b && x < y
		})
		lists = append(lists, list)
	}
	sort.Slice(lists, func(i, j int) bool {
		x, y := lists[i], lists[j]
		if one := len(x) == 1; one != (len(y) == 1) {
			return !one // what is linked comes before what only lacks a step
		}
		a, b := t.moments[x[0]].at, t.moments[y[0]].at
		return a.After(b) || a.Equal(b) && x[0] < y[0]
	})
	out := make([]part.Story, len(lists))
	v := t.v.At(view.Place{})
	for i, list := range lists {
		out[i].Span = t.moments[list[len(list)-1]].at.Sub(t.moments[list[0]].at)
		out[i].Steps = make([]part.Step, len(list))
		for k, n := range list {
			m := &t.moments[n]
			m.story, m.step = i, k
			if v.Sel = m.id; len(v.Src) > 1 {
				v.Sel = m.src + "," + m.id
			}
			out[i].Steps[k] = part.Step{Time: m.at, Label: t.is.Lanes[m.lane].Label, Account: t.is.Lanes[m.lane].Account, Lane: m.lane, Bin: m.bin, Mark: m.mark, Summary: m.summary, URL: v.URL()}
		}
	}
	step := func(n int) *part.Step { return &out[t.moments[n].story].Steps[t.moments[n].step] }
	for i := range r.Links {
		l := &r.Links[i]
		p := step(l.To)
		p.From = append(p.From, part.StepLink{Step: t.moments[l.From].step, Why: l.Why, Likely: l.Likely})
	}
	for i := range r.Missing {
		m := &r.Missing[i]
		p := step(m.After)
		p.Missing = append(p.Missing, m.Text)
	}
	return out
}

func (t *timeline) body() app.UI {
	is := &t.is
	foot := t.p.m.Foot().State
	is.Lens = t.p.lens()
	is.Zone, is.Busy, is.More = t.p.m.Zone(), !t.ready, foot == viewer.FootMore || foot == viewer.FootAsk
	_, loading := t.p.m.Loading()
	if is.Behind = 0; t.ready && is.Entries < chain.MaxEntries {
		is.Behind = max(0, t.p.m.Len()-t.looked)
	}
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
