package part

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the strip reports.
type (
	LaneToggled  struct{ Src string } // a lane was clicked: its reason is shown, or no longer
	LanesToggled struct{}             // all lanes are shown, or no longer
)

// Coverage is the strip that says what of the span each target was read for.
type Coverage struct {
	Lanes   []viewer.Lane
	From    time.Time // left edge; zero for as far back as the lanes go
	To      time.Time // right edge
	Zone    *time.Location
	Open    string // src of the lane whose reason is shown
	All     bool   // show all lanes, however many there are
	Loading bool
}

// stateWords say in a word or two what a lane's state is, and its sign.
var stateWords = map[logs.State]struct{ sign, word string }{
	logs.Complete: {"✓", "complete"},
	logs.More:     {"…", "more exist"},
	logs.Capped:   {"!", "vendor cap"},
	logs.Expired:  {"!", "beyond retention"},
	logs.Failed:   {"✕", "failed"},
	logs.Unasked:  {"·", "not asked"},
}

// width is the length of a lane in its own units, and least that of a stretch
// that could not be seen otherwise.
const width, least = 1000, 8

// UI draws the strip, or nothing where there are no lanes.
func (c Coverage) UI(send Send) app.UI {
	if len(c.Lanes) == 0 {
		return hidden("div", "coverage")
	}
	from := c.From
	if from.IsZero() {
		from = c.To.Add(-24 * time.Hour)
		for i := range c.Lanes {
			for _, s := range c.Lanes[i].Stretches {
				if !s.From.IsZero() && s.From.Before(from) {
					from = s.From
				}
			}
		}
	}
	var more app.UI
	list := c.Lanes
	if len(list) > few {
		label := "Show fewer"
		if !c.All {
			label = "Show all " + Some(len(list), "target")
			list = slices.Clone(list) // what is hidden must not be what the reader has to know
			sort.SliceStable(list, func(a, b int) bool { return trouble(list[a].State) > trouble(list[b].State) })
			list = list[:few-1]
		}
		more = button("lanes-more", send, LanesToggled{}, attrs{"aria-expanded", yes(c.All)}, app.Text(label))
	}
	var lanes nodes
	var open app.UI
	for i := range list {
		l := &list[i]
		lanes.add(c.lane(l, from, send))
		if l.Src == c.Open {
			open = c.reason(l, send)
		}
	}
	return group("coverage", "Coverage",
		el("div", "lanes", lanes...),
		more,
		open,
	)
}

// few is how many lanes are shown unless all are: one more row costs no more than
// the button that hides it.
const few = 3

// trouble says how much a lane's state is worth knowing.
func trouble(s logs.State) int {
	switch s {
	case logs.Failed:
		return 2
	case logs.Capped, logs.Expired:
		return 1
	}
	return 0
}

func (c *Coverage) lane(l *viewer.Lane, from time.Time, send Send) app.UI {
	w := stateWords[l.State]
	switch {
	case c.Loading && l.State == logs.Unasked:
		w.word = "asking"
	case l.Missing:
		w.word = "not connected"
	case l.Waiting():
		w.word = "answering"
	case l.Pending():
		w.word = "nothing yet"
	}
	rects := make([]app.UI, len(l.Stretches))
	for i := range l.Stretches {
		s := &l.Stretches[i]
		a, b := c.at(s.From, from, 0), c.at(s.To, from, width)
		if b-a < least {
			a = min(a, width-least)
			b = a + least
		}
		rects[i] = draw("rect", attrs{"x", strconv.Itoa(a), "width", strconv.Itoa(b - a), "y", "0", "height", "6", "data-state", string(s.State)},
			draw("title", nil, app.Text(c.stretch(l, s))))
	}
	says := l.Label + ": " + w.word
	if r := l.Reason; r != "" {
		says += ". " + Sentence(r)
	}
	return button("lane", send, LaneToggled{l.Src}, attrs{"aria-label", says, "aria-expanded", yes(l.Src == c.Open), "title", says, "data-state", string(l.State), "data-src", l.Src},
		el("span", "lane-name ellipsis", txt("span", "lane-tag", l.Tag), app.Text(l.Label)),
		draw("svg", attrs{"viewBox", "0 0 1000 6", "preserveAspectRatio", "none", "aria-hidden", "true"}, rects...),
		el("span", "lane-state", mute("span", "lane-sign", app.Text(w.sign)), app.Text(w.word)),
	)
}

// at returns where a moment is on a lane; a zero one is at the edge.
func (c *Coverage) at(t, from time.Time, edge int) int {
	if t.IsZero() || !c.To.After(from) {
		return edge
	}
	return min(max(int(float64(t.Sub(from))/float64(c.To.Sub(from))*width), 0), width)
}

// stretch says what a stretch of a lane is.
func (c *Coverage) stretch(l *viewer.Lane, s *logs.Coverage) string {
	word := stateWords[s.State].word
	switch s.State {
	case logs.Complete:
		word = "read"
	case logs.More:
		word = "not read yet"
	}
	text := l.Label + ": " + word
	if !s.From.IsZero() && !s.To.IsZero() {
		text += ", " + c.moment(s.From) + " to " + c.moment(s.To)
	}
	if s.Reason != "" {
		text += ". " + Sentence(s.Reason)
	}
	return text
}

// moment writes a time in the strip's zone.
func (c *Coverage) moment(t time.Time) string {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2 Jan 15:04")
}

func (c *Coverage) reason(l *viewer.Lane, send Send) app.UI {
	text := l.Label + ": " + stateWords[l.State].word
	if l.Pending() {
		text = l.Label + ": nothing was read yet"
	}
	if !l.From.IsZero() {
		text += ", read back to " + c.moment(l.From)
	}
	text += "."
	if l.Reason != "" {
		text += " " + Sentence(l.Reason)
	}
	for _, gap := range l.Gaps {
		text += " " + Sentence(gap)
	}
	var next app.UI
	switch l.State {
	case logs.More:
		next = worded("btn small", "Load more", send, viewer.MoreAsked{})
	case logs.Failed, logs.Unasked:
		next = worded("btn small", "Try again", send, viewer.Reloaded{})
	}
	var words app.UI
	if l.Said != "" {
		words = txt("span", "", " The vendor says: "+redact.Lens{}.Text(l.Said))
	}
	return el("p", "lane-reason", txt("span", "", text), words, next)
}
