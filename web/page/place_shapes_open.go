package page

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// contrast is a comparison of two sets of calls.
type contrast struct {
	counts *shape.Contrast
	says   string // whose calls they are
	none   string // why there is nothing to compare
	busy   bool
}

// look gathers what is shown of the open shape.
func (s *shapes) look() {
	s.slow, s.among = contrast{}, contrast{}
	s.list, s.rows = nil, nil
	g := s.group()
	if g == nil || s.seen != s.p.m.Version() {
		return
	}
	s.listCalls(g)
	s.compare(g)
}

// listCalls draws up the calls of a shape. The rows must be those of the last walk.
func (s *shapes) listCalls(g *shape.Group) {
	order := make([]int, g.N)
	for i := range order {
		order[i] = i
	}
	times := make([]string, 0)
	if s.sort.Column == "time" {
		for _, row := range g.Rows {
			s.p.m.Row(row, &s.fill)
			times = append(times, s.fill.Day+s.fill.Time)
		}
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if s.sort.Up {
			a, b = b, a
		}
		switch s.sort.Column {
		case "time":
			return times[a] > times[b]
		case "hits":
			return g.Hits[a] > g.Hits[b]
		}
		return g.Tooks[a] > g.Tooks[b]
	})
	bound, _, _, split := g.Slow()
	s.list, s.rows = nil, nil
	for _, i := range order[:min(s.many, len(order))] {
		row := g.Rows[i]
		e := s.p.m.Entry(row)
		s.p.m.Row(row, &s.fill)
		c := part.ShapeCall{
			Key: strings.Clone(s.fill.Key), Time: s.fill.Time, Day: s.fill.Day, Took: g.Tooks[i], Text: e.Fields.Text("query"),
			Status: e.Status, Slow: split && g.Tooks[i] >= bound,
		}
		if g.Hits[i] >= 0 {
			c.Hits = part.Count(g.Hits[i])
		}
		s.list, s.rows = append(s.list, c), append(s.rows, row)
	}
}

// compare sets the slow calls of a shape against the others of it, and all of them
// against the other calls of their kind to their index, in slices between frames.
func (s *shapes) compare(g *shape.Group) {
	s.close()
	p := s.p
	version := p.m.Version()
	type job struct {
		row  int
		took time.Duration
		mine bool
	}
	var jobs []job
	for i, row := range g.Rows {
		jobs = append(jobs, job{row, g.Tooks[i], true})
	}
	for _, o := range s.groups {
		if o != g && o.Shape.Op == g.Shape.Op && o.Shape.Index == g.Shape.Index {
			for _, row := range o.Rows {
				jobs = append(jobs, job{row, 0, false})
			}
		}
	}
	bound, slow, fast, split := g.Slow()
	s.slow = contrast{counts: shape.NewContrast(), busy: true}
	if split {
		s.slow.says = "Slow: the slowest quarter, " + part.Some(slow, "call") + " of " + viewer.Took(bound) + " and more. Fast: the other " + part.Count(fast) + "."
	} else {
		s.slow.none = "All calls took about as long, or there are too few to tell slow ones from fast ones."
	}
	s.among = contrast{counts: shape.NewContrast(), busy: true}
	if n := len(jobs) - g.N; n > 0 {
		s.among.says = "This shape's " + part.Some(g.N, "call") + " against " + part.Some(n, "call") + " of other shapes to the same index."
	} else {
		s.among.none = "No other calls of this kind to the same index are among the entries shown."
	}
	at := 0
	s.stop = dom.Work(func() bool {
		if p.gone || version != p.m.Version() {
			return false
		}
		end := time.Now().Add(slice)
		for ; at < len(jobs); at++ {
			j := jobs[at]
			if c, ok := shape.Read(shape.RawOf(string(p.m.JSON(j.row)))); ok {
				s.among.counts.Add(&c, j.mine)
				if j.mine && split && j.took >= 0 {
					s.slow.counts.Add(&c, j.took >= bound)
				}
			}
			if at%8 == 7 && time.Now().After(end) {
				at++
				return true
			}
		}
		s.slow.busy, s.among.busy = false, false
		p.redraw()
		return false
	})
}

// told is a comparison as the page shows it.
func (c contrast) told(title, first, other string) part.Contrast {
	out := part.Contrast{Title: title, Says: c.says, First: first, Other: other, Busy: c.busy && c.none == "", None: c.none}
	if c.counts == nil {
		return part.Contrast{}
	}
	out.A, out.B = c.counts.A, c.counts.B
	if !c.busy && c.none == "" {
		out.Diffs = c.counts.Differences(mostDiffs)
		out.None = "Nothing: no value's share differs by " + strconv.Itoa(shape.LeastPoints) + " points, and by more than chance explains."
	}
	return out
}

// details is the panel with the call beside.
func (s *shapes) details() part.Details {
	p := s.p
	inside := func(what string) string {
		if rest, ok := strings.CutPrefix(what, inCall); ok {
			return rest
		}
		return ""
	}
	return part.Details{
		Entry: s.entry, Row: s.row, Now: p.deps.Now(), Zone: p.m.Zone(), Copied: inside(p.copied), Failed: inside(p.refused),
		Vendor: vendorNamed(p.vendors.Value, "algolia").Title, State: s.panel, TableURL: s.tableView().URL(), Lens: p.lens(),
	}
}

// inCall is put before what is copied from the panel, so that what is copied from the
// shape has another name.
const inCall = "call:"
