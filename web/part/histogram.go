package part

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Bars is how many bars a histogram has: a quarter of an hour each for a day.
const Bars = 96

// Brushed says that the reader marked a stretch of the histogram to look at.
type Brushed struct{ From, To time.Time }

// HistogramToggled says that the histogram was opened or closed.
type HistogramToggled struct{}

// Histogram draws how the shown rows spread over time. Its left and right edges are
// those of the lanes of Coverage below it.
type Histogram struct {
	viewer.Histogram
	Zone   *time.Location
	Open   bool
	Zoomed bool // the span is one that the reader zoomed into
}

// Brushed returns the span of a stretch between two fractions of the width, as
// web/dom reports them.
func (h Histogram) Brushed(from, to float64) Brushed {
	at := func(f float64) time.Time {
		return h.From.Add(time.Duration(float64(h.To.Sub(h.From)) * min(max(f, 0), 1))).Round(time.Millisecond)
	}
	return Brushed{at(from), at(to)}
}

// bars are the layers of a bar from its foot up, by viewer.Mark: what is bad stands
// at the foot, where its height can be compared.
var bars = []struct {
	name  string
	marks []viewer.Mark
}{
	{"err", []viewer.Mark{viewer.MarkError}},
	{"warn", []viewer.Mark{viewer.MarkWarning}},
	{"ok", []viewer.Mark{viewer.MarkOK}},
	{"other", []viewer.Mark{viewer.MarkNone, viewer.MarkQuiet}},
}

// UI draws the histogram. What a bar stands for is read out by static/brush.js.
func (h Histogram) UI(send Send) app.UI {
	if !h.Open {
		return hidden("div", "histogram")
	}
	n := len(h.Buckets)
	var out, hatched app.UI
	if h.Zoomed {
		out = worded("btn small", "Zoom out", send, viewer.ZoomedOut{})
	}
	if h.unread() {
		hatched = txt("span", "hist-hatch", "not read yet")
	}
	shown := ""
	if h.Max > 0 {
		shown = "max " + Count(h.Max)
	}
	last := strconv.Itoa(max(n-1, 0))
	return group("histogram", "Histogram",
		el("div", "hist-side", txt("span", "hist-max", shown), hatched, out),
		elem("div", "plot", attrs{"tabindex", "0", "role", "slider", "aria-label", h.label(), "aria-valuemin", "0", "aria-valuemax", last, "aria-valuenow", last,
			"aria-orientation", "horizontal", "data-brush", "hist-read", "data-n", strconv.Itoa(n)},
			draw("svg", attrs{"viewBox", "0 0 " + strconv.Itoa(max(n, 1)*barWidth) + " " + strconv.Itoa(barHeight), "preserveAspectRatio", "none", "aria-hidden", "true"}, h.paths()...),
			draw("svg", attrs{"aria-hidden", "true"}, draw("rect", attrs{"data-mark", "brush", "width", "0", "height", "100%"})),
			draw("svg", attrs{"aria-hidden", "true"}, h.axis()...),
		).Attr("data-says", h.says()),
		mute("p", "hist-read").ID("hist-read"),
	)
}

// barWidth and barHeight measure the drawing in its own units; least is the height
// of the smallest part of a bar that can be seen.
const barWidth, barHeight, leastBar = 8, 100, 4

// paths draws all bars of a layer as one path: a page of elements would be
// compared at each drawing.
func (h *Histogram) paths() []app.UI {
	var read, part strings.Builder
	layers := make([]strings.Builder, len(bars))
	for i := range h.Buckets {
		b := &h.Buckets[i]
		switch b.Covered {
		case viewer.CoveredAll:
			box(&read, i*barWidth, 0, barWidth, barHeight)
		case viewer.CoveredPart:
			box(&part, i*barWidth, 0, barWidth, barHeight)
		}
		top := barHeight
		for l, layer := range bars {
			count := 0
			for _, m := range layer.marks {
				count += b.Marks[m]
			}
			if count == 0 || h.Max == 0 {
				continue
			}
			high := min(max(count*barHeight/h.Max, leastBar), top)
			top -= high
			box(&layers[l], i*barWidth+1, top, barWidth-1, high)
		}
	}
	path := func(mark string, d *strings.Builder) app.UI {
		return draw("path", attrs{"data-mark", mark}).Attr("d", d.String())
	}
	out := nodes{path("read", &read), path("part", &part)}
	for l := range bars {
		out.add(path(bars[l].name, &layers[l]))
	}
	return out
}

// box adds a rectangle to a path.
func box(b *strings.Builder, x, y, w, h int) {
	for _, s := range [...]struct {
		letter string
		n      int
	}{{"M", x}, {" ", y}, {"h", w}, {"v", h}, {"h-", w}} {
		b.WriteString(s.letter + strconv.Itoa(s.n))
	}
	b.WriteByte('z')
}

// unread reports whether some of the time was not read at all.
func (h *Histogram) unread() bool {
	for i := range h.Buckets {
		if h.Buckets[i].Covered == viewer.CoveredNone {
			return true
		}
	}
	return false
}

// label says the whole of it in a sentence.
func (h *Histogram) label() string {
	var marks [5]int
	total := 0
	for i := range h.Buckets {
		b := &h.Buckets[i]
		total += b.Total
		for m, n := range b.Marks {
			marks[m] += n
		}
	}
	s := "Entries over time: " + Count(total) + bad(&marks, ", ")
	if h.unread() {
		s += ". Some of the time was not read yet"
	}
	return s + ". Arrow keys choose a bar, with Shift several, Enter zooms in"
}

// bad says how many errors and warnings there are, each behind sep.
func bad(marks *[5]int, sep string) string {
	s := ""
	if n := marks[viewer.MarkError]; n > 0 {
		s = sep + Some(n, "error")
	}
	if n := marks[viewer.MarkWarning]; n > 0 {
		s += sep + Some(n, "warning")
	}
	return s
}

// says is what each bar stands for, a line each: from, to, how many rows, and what
// else there is to say, with tabs between.
func (h *Histogram) says() string {
	var s strings.Builder
	from := h.zone()
	layout := "2 Jan 15:04"
	if len(h.Buckets) > 0 && h.Buckets[0].To.Sub(h.Buckets[0].From) < time.Minute {
		layout = "15:04:05"
	}
	for i := range h.Buckets {
		b := &h.Buckets[i]
		if i > 0 {
			s.WriteByte('\n')
		}
		a, z := b.From.In(from), b.To.In(from)
		end := layout
		if a.YearDay() == z.YearDay() || z.Sub(a) < 24*time.Hour {
			end = strings.TrimPrefix(layout, "2 Jan ")
		}
		s.WriteString(a.Format(layout) + "\t" + z.Format(end) + "\t" + strconv.Itoa(b.Total) + bad(&b.Marks, "\t"))
		switch b.Covered {
		case viewer.CoveredNone:
			s.WriteString("\tnot read yet")
		case viewer.CoveredPart:
			s.WriteString("\tread in part")
		}
	}
	return s.String()
}

func (h *Histogram) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

// steps are the distances between two labels of the axis, below a day.
var steps = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// most is how many labels the axis has room for.
const mostTicks = 9

// axis draws the labels: at whole hours, days and so on of the zone.
func (h *Histogram) axis() []app.UI {
	span := h.To.Sub(h.From)
	if span <= 0 {
		return nil
	}
	loc := h.zone()
	from := h.From.In(loc)
	midnight := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, loc)
	days := 0
	var step time.Duration
	for _, s := range steps {
		if span/s < mostTicks {
			step = s
			break
		}
	}
	if step == 0 {
		days = max(int((span/(24*time.Hour)+mostTicks-1)/mostTicks), 1)
	}
	var out nodes
	begin := midnight
	if step > 0 {
		begin = midnight.Add(from.Sub(midnight) / step * step)
	}
	for t := begin; t.Before(h.To); {
		if at := float64(t.Sub(h.From)) / float64(span); at > .02 && at < .98 {
			x := strconv.FormatFloat(at*100, 'f', 2, 64) + "%"
			out.add(draw("line", attrs{"x1", x, "x2", x, "y1", "0", "y2", "4"}))
			out.add(draw("text", attrs{"x", x, "y", "14", "text-anchor", "middle"}, app.Text(tick(t, step))))
		}
		if days > 0 {
			t = t.AddDate(0, 0, days)
		} else {
			t = t.Add(step)
		}
	}
	return out
}

// tick writes a moment of the axis; the first of a day is that day.
func tick(t time.Time, step time.Duration) string {
	switch {
	case step == 0 || t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format("Mon 2 Jan")
	case step < time.Minute:
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}
