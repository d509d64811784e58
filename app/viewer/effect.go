package viewer

// Effect is an order to the page. The types below are all there are. Orders are
// carried out in the order in which Update returned them.
type Effect interface{ effect() }

// LoadPage orders GET /api/logs and one answer, PageLoaded or PageFailed, with
// the same Generation. At most one is under way at any time.
type LoadPage struct {
	Src        []string // addresses; not to be changed
	Query      string
	From, To   string // RFC 3339; "" is an open end, which crosses as an absent parameter
	Cursor     string // "" for the first page
	Limit      int    // entries, 1..wire.MaxLimit
	Generation int    // never the same twice
}

// LoadCounts orders the vendors' own counts: GET /api/logs with facets=1, apart
// from LoadPage, since a vendor may take long to count. CountsLoaded answers with the
// same Generation; a failure needs no answer, for the entries are there without.
type LoadCounts struct {
	Src        []string
	Query      string
	From, To   string // as of LoadPage
	Generation int
}

// CancelLoad orders the LoadPage of that generation to be given up. Its answer,
// should one still come, is ignored.
type CancelLoad struct{ Generation int }

// ReplaceURL orders the address of the current history entry to be replaced.
type ReplaceURL struct{ URL string }

// PushURL orders a new history entry with that address, without navigating.
type PushURL struct{ URL string }

// ScrollTo orders the scroll container's scrollTop to be set, in CSS pixels.
type ScrollTo struct{ Top float64 }

// KeepColumns orders the reader's columns to be kept in the browser for a kind of
// table ("coveo", "mixed"), for Opened.Columns to give back. No Cols are to be
// forgotten.
type KeepColumns struct {
	Kind string
	Cols []string // not to be changed
}

// OpenTail orders a socket of GET /api/tail, in place of one that there is, and
// TailOpened, TailFrame and TailClosed of that generation.
type OpenTail struct {
	Src        []string // not to be changed
	Query      string
	Since      string // RFC 3339; "" where After says more
	After      string
	Generation int
}

// CloseTail orders the socket to be closed; nothing of it is told any more.
type CloseTail struct{}

// CheckTail orders to find out why the server refuses a socket: TailRefused, or
// nothing where it does not.
type CheckTail struct {
	Src        []string
	Query      string
	Generation int
}

func (OpenTail) effect()    {}
func (CloseTail) effect()   {}
func (CheckTail) effect()   {}
func (LoadPage) effect()    {}
func (LoadCounts) effect()  {}
func (CancelLoad) effect()  {}
func (ReplaceURL) effect()  {}
func (PushURL) effect()     {}
func (ScrollTo) effect()    {}
func (KeepColumns) effect() {}
