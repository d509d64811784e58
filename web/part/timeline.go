package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/decode"
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
	Label string
	Count int
	Bins  map[int]TimelineBin
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
	Lanes    []TimelineLane
	From, To time.Time
	Zone     *time.Location
	Stories  []Story // the newest first
	Entries  int     // that were looked at
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
func (t Timeline) UI(send Send) app.UI {
	what := Some(t.Entries, "entry")
	if t.Entries != 1 {
		what = Count(t.Entries) + " entries"
	}
	what += " of " + Some(len(t.Lanes), "target")
	links := 0
	for _, s := range t.Stories {
		for _, p := range s.Steps {
			links += len(p.From)
		}
	}
	head := []app.UI{txt("h1", "", "Timeline"), txt("span", "mut", what)}
	if t.Busy {
		head = append(head, el("span", "place-wait", app.Span().Class("spin").Aria("hidden", "true"), app.Text(" Looking for what belongs together")))
	} else if links > 0 {
		stories := Some(len(t.Stories), "story")
		if len(t.Stories) != 1 {
			stories = Count(len(t.Stories)) + " stories"
		}
		head = append(head, txt("span", "cmp-count", Some(links, "link")+" in "+stories))
	}
	var more app.UI
	if t.More {
		more = press("btn small", send, ActionGiven{viewer.ActSearchOn}).Text(Offer(viewer.ActSearchOn))
	}
	body := []app.UI{
		el("div", "place-head", head...),
		el("p", "tl-bounds mut", app.Text(t.Bounds+" "), more),
		t.axis(),
	}
	if len(t.Stories) == 0 && !t.Busy {
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
func (t Timeline) axis() app.UI {
	if len(t.Lanes) == 0 || t.From.IsZero() {
		return nil
	}
	var marks, labels []app.UI
	for i, l := range t.Lanes {
		top := i * laneSpace
		labels = append(labels, el("li", "", txt("span", "tl-label", l.Label), txt("span", "mut", " "+Count(l.Count))))
		marks = append(marks, svgRect("base", 0, top+laneBar+2, TimelineBins*binWidth, 1))
		most := 1
		for _, b := range l.Bins {
			most = max(most, b.Count)
		}
		for at := range TimelineBins { // in the order of the axis, so that it is drawn the same each time
			if b, ok := l.Bins[at]; ok {
				h := max(laneBar*b.Count/most, 5)
				marks = append(marks, svgRect("bin "+b.Mark.String(), at*binWidth, top+2+laneBar-h, binWidth-1, h))
			}
		}
	}
	drawn := 0
	for i := range t.Stories {
		for _, to := range t.Stories[i].Steps {
			for _, f := range to.From {
				if drawn++; drawn > 300 {
					break
				}
				from := &t.Stories[i].Steps[f.Step]
				class := "link"
				if f.Likely {
					class += " likely"
				}
				if i == t.Chosen {
					class += " chosen"
				}
				x1, y1 := from.Bin*binWidth+binWidth/2, from.Lane*laneSpace+laneBar/2+2
				x2, y2 := to.Bin*binWidth+binWidth/2, to.Lane*laneSpace+laneBar/2+2
				mid := strconv.Itoa((x1 + x2) / 2)
				marks = append(marks, svg("path").DataSet("tl", class).Attr("d", "M"+strconv.Itoa(x1)+" "+strconv.Itoa(y1)+"C"+mid+" "+strconv.Itoa(y1)+" "+mid+" "+strconv.Itoa(y2)+" "+strconv.Itoa(x2)+" "+strconv.Itoa(y2)).
					Body(svg("title").Text(f.Why)))
			}
		}
	}
	from, to := t.From.In(t.Zone), t.To.In(t.Zone)
	layout := "15:04:05"
	if from.YearDay() != to.YearDay() || from.Year() != to.Year() {
		layout = "2 Jan 15:04"
	}
	return app.Figure().Class("tl-axis").Aria("label", "Entries and links over time; the stories below say the same in words").Body(
		el("ul", "tl-labels", labels...),
		svg("svg").Aria("hidden", "true").Attr("viewBox", "0 0 "+strconv.Itoa(TimelineBins*binWidth)+" "+strconv.Itoa(len(t.Lanes)*laneSpace)).
			Attr("preserveAspectRatio", "none").Attr("height", strconv.Itoa(len(t.Lanes)*laneSpace)).Body(marks...),
		el("p", "tl-times mut", txt("span", "", from.Format(layout)), txt("span", "", from.Add(to.Sub(from)/2).Format(layout)), txt("span", "", to.Format(layout)+" "+OffsetName(to))),
	)
}

// svgRect draws a bar. Classes of go-app do not reach what is drawn, so that style
// sheets go by the data.
func svgRect(class string, x, y, width, height int) app.UI {
	return svg("rect").DataSet("tl", class).Attr("x", strconv.Itoa(x)).Attr("y", strconv.Itoa(y)).Attr("width", strconv.Itoa(width)).Attr("height", strconv.Itoa(height))
}

// story draws the steps of one story. n counts the steps of all.
func (t Timeline) story(i int, n *int, send Send) app.UI {
	s := &t.Stories[i]
	var steps []app.UI
	for k := range s.Steps {
		if k == fewSteps && len(s.Steps) > fewSteps+2 && !t.Shown[i] {
			steps = append(steps, el("li", "tl-more", press("btn small quiet show-more", send, StoryShown{i}).Body(icon("down"), app.Text("Show "+Some(len(s.Steps)-k, "more step")))))
			break
		}
		steps = append(steps, t.step(s, k, *n))
		*n++
	}
	first := s.Steps[0].Time.In(t.Zone)
	span := "within a second"
	if s.Span >= time.Second {
		span = "over " + Distance(s.Span.Round(time.Second))
	}
	title := first.Format("Mon 2 Jan 15:04:05")
	class := "tl-story"
	if i == t.Chosen {
		class += " chosen"
	}
	return app.Section().Class(class).Aria("label", "Story of "+title).Body(
		el("div", "tl-title", txt("h2", "", title), txt("span", "mut", Some(len(s.Steps), "step")+" "+span), app.Span().Class("grow"),
			press("btn small quiet", send, StoryChosen{i}).Aria("pressed", i == t.Chosen).Text("Mark on the axis")),
		el("ol", "tl-steps", steps...),
	)
}

func (t Timeline) step(s *Story, k, n int) app.UI {
	p := &s.Steps[k]
	var body []app.UI
	for _, f := range p.From {
		why := f.Why
		class := "tl-why"
		if f.Likely {
			why, class = "perhaps: "+why, "tl-why likely"
		}
		if f.Step != k-1 {
			why += " (step " + strconv.Itoa(f.Step+1) + ")"
		}
		body = append(body, el("p", class, icon("same"), txt("span", "", viewer.Capital(why)+".")))
	}
	body = append(body, el("p", "tl-step mark-"+p.Mark.String(),
		txt("span", "tl-time mono", p.Time.In(t.Zone).Format("15:04:05.000")), txt("span", "tl-src mut", p.Label),
		app.A().ID(IDStep(n)).Href(p.URL).Title("Show it in the table").Text(decode.Visible(decode.Mask(p.Summary))),
	))
	for _, m := range p.Missing {
		body = append(body, el("p", "tl-missing mut", txt("span", "", m+".")))
	}
	return app.Li().Value(k + 1).Body(body...)
}
