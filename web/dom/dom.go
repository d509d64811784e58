// Package dom holds everything that touches JavaScript values: requests, the
// rows of the log table, keys, the clipboard, storage, zones, focus. The files
// ending in _js.go do the work in the browser; their twins in host.go let the
// rest of web compile and be tested on any machine, where they do nothing and
// say so with their zero value.
//
//	defer dom.Recover()                       // first line of every handler and goroutine
//	offset, ok := dom.Offset("Europe/Paris", t)
//	stop := dom.Keys(func(k dom.Key) bool { … })
//
// It must not know what a log is, and must not write HTML or inline styles as
// text: the page's policy forbids them. Positions are set through the CSSOM.
//
// A browser runs one goroutine at a time and switches only where one blocks, so
// callbacks from here run between, never during, the steps of the application.
package dom

// Key is one key press.
type Key struct {
	Name    string // as KeyboardEvent.key: "j", "ArrowDown", "Enter", "?"
	Ctrl    bool   // Ctrl, or Cmd on a Mac
	Alt     bool
	Shift   bool
	Typing  bool // the focus is in a field that takes text
	Control bool // the focus is on a button, link or choice, which has its own Enter and Space
}

// Viewport is what of a grid is on the screen, in CSS pixels.
type Viewport struct {
	Top    float64 // of the scrolled content that is at the upper edge
	Height float64 // of the scroller, without the header
	Row    float64 // height of one row
}

// Column is one column of a grid, as its rows are drawn.
type Column struct {
	Name  string // by which Resized and Moved tell it
	Class string // of its cells; the last word is the kind that the style sheet gives a width, --w-KIND
	Width int    // CSS pixels that the reader chose, 0 for the kind's
	Phone bool   // a phone shows it as well
}

// GridEvents is what a grid reports. None may be nil.
type GridEvents struct {
	Frame   func(Viewport)              // once per animation frame in which it was scrolled or changed its size
	Pick    func(row int, newTab bool)  // a row was clicked; newTab with Ctrl, Cmd or the middle button
	Resized func(column string, px int) // a column's width was chosen; 0 for the style sheet's
	Copied  func(row int)               // the link to a row was asked for
	Moved   func(column string, to int) // a column was dragged to another place
}

// Frame is how a grid stands once its rows are drawn.
type Frame struct {
	Height     float64 // of all rows, CSS pixels
	Base       float64 // where row 0 is or would be, CSS pixels from the top of the rows; row i is i rows below
	Rows       int     // how many rows there are
	Slots      int     // how many elements are in use
	Active     int     // slot of the row that the reader is at, -1 for none
	ActiveCell int     // column in that row that the reader is at, -1 for the row as a whole
	Day        string  // of the first visible row, for the header
}
