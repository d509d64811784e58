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
	Facets     bool   // ask for the vendors' own counts too
	Generation int    // never the same twice
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

func (LoadPage) effect()    {}
func (CancelLoad) effect()  {}
func (ReplaceURL) effect()  {}
func (PushURL) effect()     {}
func (ScrollTo) effect()    {}
func (KeepColumns) effect() {}
