package viewer

import "math"

// MaxBody is the height in CSS pixels beyond which the body of the table is not
// drawn: browsers stop laying out elements between 16.7 (Firefox) and 33.5
// million pixels (Chromium). Longer tables are scrolled faster than they move.
const MaxBody = 15_000_000

// overscan is how many rows are drawn above and below the visible ones. After a leap,
// as while the scrollbar is dragged or a filter typed, all rows are drawn anew with each
// frame: then only those that can be seen, and the others with the next frame.
const overscan = 8

// Window says which rows are to be drawn, and where.
type Window struct {
	First, Last int     // rows First to Last-1; equal when there is nothing to draw
	Offset      float64 // where row First begins, px from the top of the body; may be negative
	Height      float64 // of the body, px; what follows the rows stands below it
}

// layout is the geometry of a table of rows of one height.
type layout struct {
	rows        int
	top, height float64 // of the viewport
	row         float64
	leapt       bool // it moved by more than a screen at once, or shows other rows
}

// total is the height of all rows, drawn or not.
func (l layout) total() float64 { return float64(l.rows) * l.row }

// body is the height that the table has in the page.
func (l layout) body() float64 { return math.Min(l.total(), MaxBody) }

// stretch is how far the rows move for one pixel of scrolling.
func (l layout) stretch() float64 {
	if l.total() <= MaxBody || l.height >= MaxBody {
		return 1
	}
	return (l.total() - l.height) / (MaxBody - l.height)
}

// at is the distance of the visible top edge from the first row's, among all rows.
func (l layout) at() float64 {
	return math.Max(0, math.Min(l.top*l.stretch(), l.total()-l.height))
}

// window returns the rows to draw.
func (l layout) window() Window {
	w := Window{Height: l.body()}
	if l.rows == 0 || l.row <= 0 || l.height <= 0 {
		return w
	}
	at := l.at()
	beyond := overscan
	if l.leapt {
		beyond = 0
	}
	w.First = min(max(int(at/l.row)-beyond, 0), l.rows)
	w.Last = min(int(math.Ceil((at+l.height)/l.row))+beyond, l.rows)
	// Beyond the body's end, where what follows the rows is in view, the rows
	// stay where they are.
	top := math.Min(l.top, math.Max(0, l.body()-l.height))
	w.Offset = top + float64(w.First)*l.row - at
	return w
}

// scrollFor returns the scrollTop at which at pixels of all rows are above the
// visible top edge.
func (l layout) scrollFor(at float64) float64 {
	return math.Max(0, math.Min(at, l.total()-l.height)) / l.stretch()
}

// reveal returns the scrollTop that brings a row into view, and whether it
// differs from the present one. A row that is out of view by far comes to the
// middle, a near one to the edge, so that stepping moves by single rows.
func (l layout) reveal(row int) (float64, bool) {
	if l.row <= 0 || l.height <= 0 || row < 0 {
		return 0, false
	}
	at, begin := l.at(), float64(row)*l.row
	end := begin + l.row
	switch {
	case begin >= at && end <= at+l.height:
		return 0, false
	case begin < at-l.height || end > at+2*l.height:
		return l.scrollFor(begin - (l.height-l.row)/2), true
	case begin < at:
		return l.scrollFor(begin), true
	}
	return l.scrollFor(end - l.height), true
}

// nearEnd reports whether less than one and a half screens of rows are below the
// visible ones. Before the sizes are known it is not.
func (l layout) nearEnd() bool {
	return l.height > 0 && l.row > 0 && l.total()-(l.at()+l.height) < 1.5*l.height
}
