package part

import (
	"strconv"
	"time"

	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// IDGrid is the id of the log table.
const IDGrid = "grid"

// ActionGiven says that the reader took an offer.
type ActionGiven struct{ Action viewer.Action }

// Grid is the frame of the log table: its head, the room in which web/dom draws
// the rows, and the sentence with which it ends.
type Grid struct {
	Columns []viewer.Column
	Rows    int
	Wrap    bool // rows of three lines instead of one
	Stale   bool // the rows are those of an earlier search
	Loading bool
	Foot    viewer.Foot
	Empty   viewer.Empty
}

// UI draws the frame.
func (g Grid) UI(send Send) app.UI {
	presentation := attrs{"role", "presentation"}
	return elem("div", "grid"+when(g.Wrap, " wrap")+when(g.Stale, " stale"), attrs{"id", IDGrid, "role", "grid", "tabindex", "0", "aria-label", "Log entries",
		"aria-rowcount", strconv.Itoa(g.Rows + 1), "aria-colcount", strconv.Itoa(len(g.Columns)), "aria-busy", yes(g.Loading)},
		elem("div", "rows-scroll", attrs{"role", "presentation", "tabindex", "-1"},
			elem("div", "rows-all", presentation,
				elem("div", "rows-head", attrs{"role", "row", "aria-rowindex", "1"}, columnHeads(g.Columns, send)...),
				elem("div", "rows", attrs{"role", "rowgroup"}),
				elem("div", "rows-end", presentation, g.end(send)),
			),
		),
	)
}

// end is what follows the rows, or stands in their place.
func (g Grid) end(send Send) app.UI {
	switch {
	case g.Empty.Why == viewer.EmptyLoading:
		return skeleton(14)
	case g.Empty.Why != viewer.NotEmpty:
		why := whys[g.Empty.Why]
		return elem("div", "empty why-"+why, attrs{"role", "note"},
			icon(why),
			txt("p", "empty-text", g.Empty.Text),
			said(g.Empty.Said),
			acts(g.Empty.Actions, g.Empty, false, send),
		)
	case g.Foot.State == viewer.FootNone:
		return hidden("div", "rows-foot")
	}
	f := &g.Foot
	class := "rows-foot"
	var spin, retry app.UI
	switch f.State {
	case viewer.FootLoading:
		class += " late"
		spin = mute("span", "spin")
	case viewer.FootFailed:
		class += " failed"
		spin = icon("alert")
	}
	var lines nodes
	for _, l := range f.Lines {
		lines.add(txt("li", "", l))
	}
	if len(lines) > 0 {
		retry = el("ul", "foot-lines", lines...)
	}
	var words app.UI
	if f.Problem != nil {
		words = said(f.Problem.Fault.Said)
	}
	return elem("div", class, attrs{"role", "row"}, elem("div", "foot-cell", attrs{"role", "gridcell", "aria-colspan", strconv.Itoa(len(g.Columns))},
		el("p", "foot-text", spin, txt("span", "", f.Text), acts(f.Actions, viewer.Empty{}, f.State == viewer.FootMore, send)),
		words,
		retry,
	))
}

// whys are the pictures of an empty table's reasons.
var whys = [...]string{
	viewer.NoConnection: "key", viewer.NoTarget: "down", viewer.NothingInRange: "clock", viewer.FilterHidesAll: "search",
	viewer.EmptyFailed: "alert", viewer.EmptyCapped: "clock", viewer.EmptyExpired: "clock", viewer.EmptySoFar: "search",
}

func said(words string) app.UI {
	if words == "" {
		return nil
	}
	return el("p", "said", txt("span", "", "The vendor says: "), txt("q", "", redact.Lens{}.Text(words)))
}

// offers are how actions are called.
var offers = [...]string{
	viewer.ActConnect:   "Connect",
	viewer.ActDemo:      "Try the demo",
	viewer.ActPick:      "Pick targets",
	viewer.ActClear:     "Remove the filter",
	viewer.ActRetry:     "Try again",
	viewer.ActReload:    "Reload",
	viewer.ActSearchOn:  "Search further back",
	viewer.ActCancel:    "Cancel",
	viewer.ActEditQuery: "Edit the filter",
	viewer.ActEditSpan:  "Choose another time",
	viewer.ActAll:       "Load all",
	viewer.ActDrop:      "Take it out",
	viewer.ActCorrect:   "Correct it",
	viewer.ActFollow:    "Follow again",
	viewer.ActFollowNow: "Look up to now, and follow",
	viewer.ActFollowNew: "Begin with what is new",
}

// Offer returns how an action is called, "" for one whose name depends on more.
func Offer(a viewer.Action) string {
	if int(a) >= len(offers) {
		return ""
	}
	return offers[a]
}

// acts draws offers as buttons; those in place of an empty table, which e is, are
// large, and the first one is foremost. Tab goes past those that
// are aside: where scrolling does the same, a button behind the last row would
// scroll there, and be gone before it is pressed.
func acts(list []viewer.Action, e viewer.Empty, aside bool, send Send) app.UI {
	if len(list) == 0 {
		return nil
	}
	var buttons nodes
	for i, a := range list {
		label := Offer(a)
		if a == viewer.ActWiden {
			label = "Look at: " + e.WidenTo.Label
		}
		if label == "" {
			continue
		}
		class := "btn small"
		if e.Why > viewer.EmptyLoading {
			class = "btn" + when(i == 0, " primary")
		}
		buttons.add(button(class, send, ActionGiven{a}, attrs{"tabindex", when(aside, "-1")}, app.Text(label)))
	}
	return el("span", "acts", buttons...)
}

// Slow is the note that a first page takes long: how long already, and a way
// out. The style sheet shows it only after a while. It stands beside the grid,
// since rows of an earlier search may still be there.
type Slow struct {
	On   bool
	Text string
	For  time.Duration
}

// UI draws the note.
func (s Slow) UI(send Send) app.UI {
	if !s.On {
		return hidden("div", "slow")
	}
	text := s.Text
	if s.For >= time.Second {
		text += " " + Length(s.For)
	}
	return el("div", "slow",
		mute("span", "spin"), txt("span", "", text),
		worded("btn small", "Cancel", send, ActionGiven{viewer.ActCancel}),
	)
}

// skeleton is n rows to come.
func skeleton(n int) app.UI { return mute("div", "skeleton-rows", blanks(n)...) }
