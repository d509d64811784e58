package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// TimelineBins is into how many stretches the axis of a Timeline is divided.
const TimelineBins = 250

// IDStep returns the id of the n-th step of a Timeline, over all stories.
func IDStep(n int) string { return "step-" + strconv.Itoa(n) }

// StoryShown shows all steps of a story.
type StoryShown struct{ Story int }

// StoryChosen marks a story on the axis, or no longer.
type StoryChosen struct{ Story int }

// TimelineLane is a target on the axis: how many entries stand in each stretch of
// time, and the worst mark of them.
type TimelineLane struct {
	Label   string // with its tag
	Account string
	Count   int
	Bins    map[int]TimelineBin
}

// TimelineBin is a stretch of a lane with entries.
type TimelineBin struct {
	Count int
	Mark  viewer.Mark
}

// Story is a list of entries that are linked, in the order of time.
type Story struct {
	Steps []Step
	Span  time.Duration // from the first to the last
}

// Step is an entry of a story.
type Step struct {
	Time    time.Time
	Label   string // of its target
	Account string
	Lane    int
	Bin     int
	Mark    viewer.Mark
	Summary string
	URL     string // of the entry in the table
	From    []StepLink
	Missing []string // what could follow and is not loaded
}

// StepLink says why a step follows an earlier one.
type StepLink struct {
	Step   int // of the story, from 0
	Why    string
	Likely bool // it rests on a name and the time alone
}

// Timeline draws all targets on one axis of time, and the stories that entries of
// different vendors tell together.
type Timeline struct {
	Lens     redact.Lens
	Lanes    []TimelineLane
	From, To time.Time
	Zone     *time.Location
	Stories  []Story // the newest first
	Entries  int     // that were looked at
	Behind   int     // that are loaded and were not looked at yet
	Bounds   string  // a sentence: what was not looked at
	More     bool    // older entries may be there
	Busy     bool
	Chosen   int          // story marked on the axis, -1 for none
	Shown    map[int]bool // stories of which all steps are shown
}

// Steps drawn of a story at first, and stories at all.
const (
	fewSteps   = 8
	maxStories = 100
)

// UI draws the time line.
func (t *Timeline) UI(send Send) app.UI {
	links := 0
	for i := range t.Stories {
		for k := range t.Stories[i].Steps {
			links += len(t.Stories[i].Steps[k].From)
		}
	}
	head := []app.UI{txt("h1", "", "Timeline"), mut(Entries(t.Entries) + " of " + Some(len(t.Lanes), "target") + when(t.Behind > 0, ", "+Count(t.Behind)+" more to look at"))}
	if t.Busy || t.Behind > 0 {
		head = append(head, el("span", "place-wait", mute("span", "spin"), app.Text(" Looking for what belongs together")))
	} else if links > 0 {
		head = append(head, txt("span", "cmp-count", Some(links, "link")+" in "+plural(len(t.Stories), "story", "stories")))
	}
	var more app.UI
	if t.More {
		more = searchOn("btn small", send)
	}
	body := []app.UI{placeHead(head...), el("p", "tl-bounds mut", app.Text(t.Bounds+" "), more), t.axis()}
	if len(t.Stories) == 0 && !t.Busy && t.Behind == 0 {
		body = append(body, txt("p", "tl-none", "No entries of different vendors share an id or a name here. That says only that none was found among what is loaded."))
	}
	n := 0
	for i := range t.Stories {
		if i == maxStories {
			body = append(body, txt("p", "mut", Count(len(t.Stories)-i)+" older stories are left out: choose a shorter time to see them."))
			break
		}
		body = append(body, t.story(i, &n, send))
	}
	return el("div", "tl", body...)
}

// Sizes of the axis, in units of its own: it is stretched to the room there is.
const (
	binWidth  = 4
	laneSpace = 26
	laneBar   = 18
)

// axis draws the lanes with their entries and the links between them.
func (t *Timeline) axis() app.UI {
	if len(t.Lanes) == 0 || t.From.IsZero() {
		return nil
	}
	var marks, labels []app.UI
	rect := func(class string, at, y, width, height int) {
		marks = append(marks, marked("rect", class, attrs{"x", strconv.Itoa(at * binWidth), "y", strconv.Itoa(y), "width", strconv.Itoa(width), "height", strconv.Itoa(height)}))
	}
	for i := range t.Lanes {
		l := &t.Lanes[i]
		bottom := i*laneSpace + laneBar + 2
		labels = append(labels, el("li", "", tip("tl-label", l.Account, l.Label), mut(" "+Count(l.Count))))
		rect("base", 0, bottom, TimelineBins*binWidth, 1)
		most := 1
		for _, b := range l.Bins {
			most = max(most, b.Count)
		}
		for at := range TimelineBins { // in the order of the axis, so that it is drawn the same each time
			if b := l.Bins[at]; b.Count > 0 {
				h := max(laneBar*b.Count/most, 5)
				rect("bin "+b.Mark.String(), at, bottom-h, binWidth-1, h)
			}
		}
	}
	left := 300 // links to draw
	for i := range t.Stories {
		steps := t.Stories[i].Steps
		for k := range steps {
			for _, f := range steps[k].From[:min(len(steps[k].From), left)] {
				left--
				class := "link" + when(f.Likely, " likely") + when(i == t.Chosen, " chosen")
				x1, y1 := steps[f.Step].place()
				x2, y2 := steps[k].place()
				mid, from, to := strconv.Itoa((x1+x2)/2)+" ", strconv.Itoa(y1), strconv.Itoa(y2)
				marks = append(marks, marked("path", class, attrs{"d", "M" + strconv.Itoa(x1) + " " + from + "C" + mid + from + " " + mid + to + " " + strconv.Itoa(x2) + " " + to},
					draw("title", nil, app.Text(t.Lens.Text(f.Why)))))
			}
		}
	}
	from, to := t.From.In(t.Zone), t.To.In(t.Zone)
	layout := "15:04:05"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2 Jan 15:04"
	}
	times := []app.UI{nil, nil, nil}
	for i := range times {
		text := from.Add(to.Sub(from) / 2 * time.Duration(i)).Format(layout)
		if i == 2 {
			text = to.Format(layout) + " " + OffsetName(to)
		}
		times[i] = txt("span", "", text)
	}
	height := strconv.Itoa(len(t.Lanes) * laneSpace)
	return aloud("figure", "tl-axis", "", "Entries and links over time; the stories below say the same in words",
		el("ul", "tl-labels", labels...),
		drawing(strconv.Itoa(TimelineBins*binWidth)+" "+height, attrs{"aria-hidden", "true", "height", height}, marks...),
		el("p", "tl-times mut", times...),
	)
}

// place returns where a step stands on the axis.
func (s *Step) place() (x, y int) {
	return s.Bin*binWidth + binWidth/2, s.Lane*laneSpace + laneBar/2 + 2
}

// marked is a mark of the axis. Classes of go-app do not reach what is drawn, so that
// style sheets go by the data.
func marked(tag, class string, with attrs, kids ...app.UI) app.UI {
	return draw(tag, append(attrs{"data-tl", class}, with...), kids...)
}

// story draws the steps of one story. n counts the steps of all.
func (t *Timeline) story(i int, n *int, send Send) app.UI {
	s := &t.Stories[i]
	var steps []app.UI
	for k := range s.Steps {
		if k == fewSteps && len(s.Steps) > fewSteps+2 && !t.Shown[i] {
			steps = append(steps, el("li", "tl-more", further("Show "+Some(len(s.Steps)-k, "more step"), send, StoryShown{i})))
			break
		}
		steps = append(steps, t.step(s, k, *n))
		*n++
	}
	span := " within a second"
	if s.Span >= time.Second {
		span = " over " + Distance(s.Span.Round(time.Second))
	}
	title := s.Steps[0].Time.In(t.Zone).Format("Mon 2 Jan 15:04:05")
	return chapter("tl-story"+when(i == t.Chosen, " chosen"), "Story of "+title,
		el("div", "tl-title", txt("h2", "", title), mut(Some(len(s.Steps), "step")+span), grow(),
			worded("btn small quiet", "Mark on the axis", send, StoryChosen{i}).Attr("aria-pressed", yes(i == t.Chosen))),
		el("ol", "tl-steps", steps...),
	)
}

func (t *Timeline) step(s *Story, k, n int) app.UI {
	p := &s.Steps[k]
	var body []app.UI
	for _, f := range p.From {
		why := when(f.Likely, "perhaps: ") + f.Why
		if f.Step != k-1 {
			why += " (step " + strconv.Itoa(f.Step+1) + ")"
		}
		body = append(body, el("p", "tl-why"+when(f.Likely, " likely"), icon("same"), txt("span", "", t.Lens.Text(viewer.Capital(why))+".")))
	}
	body = append(body, el("p", "tl-step mark-"+p.Mark.String(),
		txt("span", "tl-time mono", p.Time.In(t.Zone).Format("15:04:05.000")), tip("tl-src mut", p.Account, p.Label), rowLink(p.URL, t.Lens.Text(p.Summary)).ID(IDStep(n)),
	))
	for _, m := range p.Missing {
		body = append(body, el("p", "tl-missing mut", txt("span", "", t.Lens.Text(m)+".")))
	}
	return elem("li", "", attrs{"value", strconv.Itoa(k + 1)}, body...)
}
