package viewer

import (
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// Msg is something that happened. The types below are all there are.
type Msg interface{ msg() }

// Opened says that the page was opened at an address, or came to one through the
// browser's history. Zone is the reader's zone, already resolved from View.Zone;
// nil is UTC.
type Opened struct {
	View view.View
	Now  time.Time
	Zone *time.Location
	// Columns returns the columns that the reader last chose for a kind of table,
	// see KeepColumns; nil, or nil returned, is the default set. The columns of View
	// win over both.
	Columns func(kind string) []string
}

// Ticked says what time it is. The page sends it once a second while it is
// visible, and before a message whose moment matters.
type Ticked struct{ Now time.Time }

// ConnectionsLoaded says which connections the session has. Demo says that the
// server offers demo connections.
type ConnectionsLoaded struct {
	Connections []wire.Connection
	Demo        bool
}

// TargetsLoaded names targets by their labels. It adds to what is known.
type TargetsLoaded struct{ Targets []wire.Target }

// PageLoaded is the answer to the LoadPage of that generation: the JSON of a
// wire.Page. The model copies what it keeps.
type PageLoaded struct {
	Generation int
	Body       []byte
}

// PageFailed says that the LoadPage of that generation failed.
type PageFailed struct {
	Generation int
	Err        error // a *fault.Error in its chain is shown with its kind, sentence and vendor's words
}

// FacetsShown says whether the reader sees the facets: only then are vendors asked
// to count.
type FacetsShown struct{ On bool }

// CountsLoaded is the answer to the LoadCounts of that generation.
type CountsLoaded struct {
	Generation int
	Facets     []logs.Facet
}

// LoadCanceled says that the reader stopped the running load.
type LoadCanceled struct{}

// Reloaded asks for the same view again, from its newest end.
type Reloaded struct{}

// Retried asks for the page that failed again.
type Retried struct{}

// MoreAsked says that the reader clicked on the offer to search further back.
type MoreAsked struct{}

// Scrolled says where the table stands, in CSS pixels. It is also how the model
// learns the sizes, so the page sends it once after the first layout and after
// every resize.
type Scrolled struct {
	Top       float64 // scrollTop of the scroll container
	Height    float64 // inner height of the container, without the header
	RowHeight float64 // fixed height of every row
}

// QueryEdited says that the text of the filter box changed, uncommitted. The
// loaded rows are filtered by it at once; the server is not asked.
type QueryEdited struct{ Query string }

// LimitChosen says what 100%limit is to the reader: filters that name it mean
// something else from now on.
type LimitChosen struct{ Limit time.Duration }

// QuerySubmitted says that a query was committed.
type QuerySubmitted struct{ Query string }

// SpanChosen says that a span was committed, in the forms of view.View.
type SpanChosen struct{ From, To string }

// TargetsChosen says which targets to show, by address.
type TargetsChosen struct{ Src []string }

// ZoneChosen says in which zone times are shown. Name goes into the address.
type ZoneChosen struct {
	Name string
	Zone *time.Location
}

// WrapChosen says whether long text is wrapped.
type WrapChosen struct{ On bool }

// LiveChosen says whether new entries are followed.
type LiveChosen struct{ On bool }

// LiveForced asks to follow although the span has an end: it goes on to now.
type LiveForced struct{}

// TailOpened says that the OpenTail of that generation has a connection. Jitter, 0
// to 1, spreads the next attempts of many browsers.
type TailOpened struct {
	Generation int
	Now        time.Time
	Jitter     float64
}

// TailFrame is the JSON of a wire.TailFrame that came. The model copies what it
// keeps.
type TailFrame struct {
	Generation int
	Now        time.Time
	Data       []byte
}

// TailClosed says that the connection of that generation ended, or never came about.
// Code and Reason are those of the WebSocket.
type TailClosed struct {
	Generation int
	Now        time.Time
	Code       int
	Reason     string
	Jitter     float64
}

// TailRefused is the answer to CheckTail where the server would not have it.
type TailRefused struct {
	Generation int
	Err        error
}

// TailTicked says what time it is, twice a second while the tail is on, also while
// nobody looks.
type TailTicked struct{ Now time.Time }

// WentOnline says that the browser has a network again, or none.
type WentOnline struct{ On bool }

// Hid says whether nobody sees the page.
type Hid struct{ On bool }

// Paused says that the reader does something under which rows must not move: opens
// a menu, selects text.
type Paused struct{}

// PauseToggled pauses what follows, and has what is paused follow again.
type PauseToggled struct{}

// LiveResumed asks to follow again, from the newest row on.
type LiveResumed struct{}

// NewShown asks for the entries that came while paused: the reader goes on with the
// oldest of them.
type NewShown struct{}

// BudgetChosen says what a tail may cost, from now on.
type BudgetChosen struct{ Budget }

// NoteClosed says that Live.Note was read.
type NoteClosed struct{}

// RowFocused says that a row took the focus; -1 takes it away.
type RowFocused struct{ Row int }

// RowOpened says that the details of a row were opened.
type RowOpened struct{ Row int }

// DetailsOpened says that the details of the focused row were asked for.
type DetailsOpened struct{}

// DetailsClosed says that the details were closed.
type DetailsClosed struct{}

// Stepped says that the focus moved by rows, down for positive ones. Open
// details move along.
type Stepped struct{ By int }

// Jumped says that the focus went to the next row of a sort, or with Back to the
// previous one. Open details move along. Where none is loaded and more exist,
// older pages are read to find one.
type Jumped struct {
	To   Landmark
	Back bool
}

// Landmark is what Jumped looks for.
type Landmark uint8

// The landmarks.
const (
	ToError   Landmark = iota // a row with MarkError
	ToWarning                 // a row with MarkWarning
	ToRelated                 // a row of the focused row's job, else of its item
)

// WentNewest says that the reader went to the newest row.
type WentNewest struct{}

// WentOldest says that the reader went to the oldest loaded row; from there, it
// asks for older ones.
type WentOldest struct{}

// Included says that a value was chosen: it joins the wanted values of its field.
// Like the six below it changes the filter and commits it at once.
type Included struct{ Field, Value string }

// Excluded says that a value is not wanted.
type Excluded struct{ Field, Value string }

// Unchosen says that a value is neither wanted nor excluded any longer.
type Unchosen struct{ Field, Value string }

// ClauseDropped takes a clause out of the filter, by its place in Pills.
type ClauseDropped struct{ Clause int }

// ClauseFlipped negates a clause of the filter, by its place in Pills.
type ClauseFlipped struct{ Clause int }

// TextSearched says that the filter that cannot be read was meant as plain text.
type TextSearched struct{}

// SuggestionTaken says that the better filter of FilterProblem, else of Hint, was
// taken.
type SuggestionTaken struct{}

// ColumnAdded shows one more column, at the end but before the summary.
type ColumnAdded struct{ Name string }

// ColumnDropped hides a column. The last one stays.
type ColumnDropped struct{ Name string }

// ColumnMoved says that a column was put to another place, To among Columns.
type ColumnMoved struct {
	Name string
	To   int
}

// ColumnsReset goes back to the default columns and forgets the reader's.
type ColumnsReset struct{}

// SortChosen says that the head of a column was chosen: first it sorts with the
// greatest on top, then with the least, then the table is by time again. The
// time itself changes between newest and oldest first.
type SortChosen struct{ Column string }

// Zoomed says that a stretch of time was marked: it becomes the span.
type Zoomed struct{ From, To time.Time }

// ZoomedOut goes back to the span before the last Zoomed; where there is none, to
// one twice as long around the same middle.
type ZoomedOut struct{}

// Shifted moves the span by half of its length, into the past with Back.
type Shifted struct{ Back bool }

// AroundAsked asks for what happened within half a minute around a row, whatever
// the filter. The row stays open.
type AroundAsked struct{ Row int }

// SameJobAsked asks for the entries of a row's job, else of its item, else of its
// request, and nothing else.
type SameJobAsked struct{ Row int }

// FindEdited says that the text of the find bar changed; it also opens the bar.
// Finding marks and does not filter.
type FindEdited struct{ Text string }

// FindStepped goes to the next match below the focused row, above it with Back,
// and at the end begins again. Nothing is loaded for it.
type FindStepped struct{ Back bool }

// FindClosed says that the find bar was closed.
type FindClosed struct{}

// AllAsked asks for everything that matches to be loaded, until LoadCanceled.
type AllAsked struct{}

func (Opened) msg()            {}
func (Ticked) msg()            {}
func (ConnectionsLoaded) msg() {}
func (TargetsLoaded) msg()     {}
func (PageLoaded) msg()        {}
func (PageFailed) msg()        {}
func (FacetsShown) msg()       {}
func (CountsLoaded) msg()      {}
func (LoadCanceled) msg()      {}
func (Reloaded) msg()          {}
func (Retried) msg()           {}
func (MoreAsked) msg()         {}
func (Scrolled) msg()          {}
func (QueryEdited) msg()       {}
func (LimitChosen) msg()       {}
func (QuerySubmitted) msg()    {}
func (SpanChosen) msg()        {}
func (TargetsChosen) msg()     {}
func (ZoneChosen) msg()        {}
func (WrapChosen) msg()        {}
func (LiveChosen) msg()        {}
func (LiveForced) msg()        {}
func (TailOpened) msg()        {}
func (TailFrame) msg()         {}
func (TailClosed) msg()        {}
func (TailRefused) msg()       {}
func (TailTicked) msg()        {}
func (WentOnline) msg()        {}
func (Hid) msg()               {}
func (Paused) msg()            {}
func (PauseToggled) msg()      {}
func (LiveResumed) msg()       {}
func (NewShown) msg()          {}
func (BudgetChosen) msg()      {}
func (NoteClosed) msg()        {}
func (RowFocused) msg()        {}
func (RowOpened) msg()         {}
func (DetailsOpened) msg()     {}
func (DetailsClosed) msg()     {}
func (Stepped) msg()           {}
func (Jumped) msg()            {}
func (WentNewest) msg()        {}
func (WentOldest) msg()        {}
func (Included) msg()          {}
func (Excluded) msg()          {}
func (Unchosen) msg()          {}
func (ClauseDropped) msg()     {}
func (ClauseFlipped) msg()     {}
func (TextSearched) msg()      {}
func (SuggestionTaken) msg()   {}
func (ColumnAdded) msg()       {}
func (ColumnDropped) msg()     {}
func (ColumnMoved) msg()       {}
func (ColumnsReset) msg()      {}
func (SortChosen) msg()        {}
func (Zoomed) msg()            {}
func (ZoomedOut) msg()         {}
func (Shifted) msg()           {}
func (AroundAsked) msg()       {}
func (SameJobAsked) msg()      {}
func (FindEdited) msg()        {}
func (FindStepped) msg()       {}
func (FindClosed) msg()        {}
func (AllAsked) msg()          {}
