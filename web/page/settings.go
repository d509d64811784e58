package page

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// Storage keeps small texts in the reader's browser. The zero value is the
// browser's own, which outside of one keeps nothing.
type Storage struct {
	Get func(key string) string // "" where nothing is kept
	Set func(key, text string)  // "" removes
}

func (s Storage) get(key string) string {
	if s.Get == nil {
		return dom.Stored(key)
	}
	return s.Get(key)
}

func (s Storage) set(key, text string) {
	if s.Set == nil {
		dom.Store(key, text)
		return
	}
	s.Set(key, text)
}

// Keys of what is kept. static/boot.js and static/early.js read some of them
// before the application is there.
const (
	densityKey   = "logpane.density"   // "compact", "roomy"; nothing for normal
	facetsKey    = "logpane.facets"    // "0" where the rail is closed, "1" where it is open; nothing by the room there is
	histogramKey = "logpane.histogram" // the same of the histogram
	lettersKey   = "logpane.keys"      // "off" where keys that write a character do nothing
	widthsKey    = "logpane.widths"    // JSON: column → CSS pixels
	colsKey      = "logpane.cols"      // JSON: kind of table → columns
	historyKey   = "logpane.history"   // JSON: filters, newest first
	viewsKey     = "logpane.views"     // JSON: saved views in their order
	limitKey     = "logpane.limit"     // "30000ms": what a delivery may take; nothing for query.DefaultLimit
	sourcesKey   = "logpane.sources"   // JSON: where the reader's own files can be read, of stack traces
)

// maxViews bounds how many views are kept.
const maxViews = 200

// wide is the width of the window, in CSS pixels, from which the rail stands beside
// the table, and roomy that from which there is room for the histogram, unless the
// reader says otherwise. static/early.js and the style sheets know them as well.
const wide, roomy = 901, 641

// savedView is a view that the reader gave a name.
type savedView struct {
	Name string `json:"name"`
	URL  string `json:"url"` // path and query of ours
}

// settings are what the reader chose for all views, kept in the browser. What is
// read is checked: another version or another hand may have written it.
type settings struct {
	store     Storage
	theme     string
	density   string
	facets    bool
	histogram bool
	letters   bool
	widths    map[string]int
	cols      map[string][]string
	history   []string
	views     []savedView
	sources   exception.Sources
	limit     time.Duration // what a delivery may take
}

// readSettings returns what is kept.
func readSettings(store Storage) settings {
	s := settings{
		store: store, theme: store.get(themeKey), density: store.get(densityKey), letters: store.get(lettersKey) != "off",
		widths: decoded[map[string]int](store, widthsKey), cols: decoded[map[string][]string](store, colsKey),
		history: decoded[[]string](store, historyKey), views: safeViews(decoded[[]savedView](store, viewsKey)),
		sources: decoded[exception.Sources](store, sourcesKey),
	}
	var ok bool
	if s.limit, ok = job.ParseLimit(store.get(limitKey)); !ok {
		s.limit = query.DefaultLimit
	}
	if !slices.Contains(part.Densities, s.density) {
		s.density = ""
	}
	width := dom.Width()
	s.facets = store.get(facetsKey) == "1" || store.get(facetsKey) == "" && width >= wide
	if width < wide {
		s.facets = false // it would lie over the table
	}
	s.histogram = store.get(histogramKey) == "1" || store.get(histogramKey) == "" && width >= roomy
	return s
}

func (s *settings) setTheme(theme string) {
	s.theme = theme
	dom.SetTheme(theme)
	s.store.set(themeKey, theme)
}

func (s *settings) setDensity(density string) {
	s.density = density
	if density == "normal" {
		s.density = ""
	}
	s.store.set(densityKey, s.density)
}

func (s *settings) setFacets(open bool) {
	s.facets = open
	if dom.Width() >= wide { // else it is a sheet that one closes again
		s.store.set(facetsKey, bit(open))
	}
}

func (s *settings) setHistogram(open bool) {
	s.histogram = open
	s.store.set(histogramKey, bit(open))
}

func (s *settings) setSources(to exception.Sources) {
	s.sources = to
	keep(s.store, sourcesKey, to, to == exception.Sources{})
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

func (s *settings) setLetters(on bool) {
	s.letters = on
	text := "off"
	if on {
		text = ""
	}
	s.store.set(lettersKey, text)
}

// setLimit keeps what a delivery may take.
func (s *settings) setLimit(d time.Duration) {
	s.limit = d
	text := ""
	if d != query.DefaultLimit {
		text = strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	s.store.set(limitKey, text)
}

// setWidth keeps the width of a column; 0 forgets it.
func (s *settings) setWidth(column string, px int) {
	w := maps.Clone(s.widths)
	if w == nil {
		w = map[string]int{}
	}
	if px <= 0 {
		delete(w, column)
	} else {
		w[column] = px
	}
	s.widths = w
	keep(s.store, widthsKey, w, len(w) == 0)
}

// columns returns the columns that were chosen for a kind of table, nil for none.
func (s *settings) columns(kind string) []string { return s.cols[kind] }

// setColumns keeps them; none are forgotten.
func (s *settings) setColumns(kind string, cols []string) {
	c := maps.Clone(s.cols)
	if c == nil {
		c = map[string][]string{}
	}
	if len(cols) == 0 {
		delete(c, kind)
	} else {
		c[kind] = slices.Clone(cols)
	}
	s.cols = c
	keep(s.store, colsKey, c, len(c) == 0)
}

// remember adds a filter to the recent ones.
func (s *settings) remember(filter string) {
	s.history = part.Remember(s.history, filter)
	keep(s.store, historyKey, s.history, len(s.history) == 0)
}

func (s *settings) forget(filter string) {
	s.history = part.Forget(s.history, filter)
	keep(s.store, historyKey, s.history, len(s.history) == 0)
}

// saveView keeps a view; one of the same name is replaced in its place.
func (s *settings) saveView(v savedView) {
	views := slices.Clone(s.views)
	if i := slices.IndexFunc(views, func(o savedView) bool { return o.Name == v.Name }); i >= 0 {
		views[i] = v
	} else {
		views = append(views, v)
	}
	s.keepViews(views)
}

func (s *settings) renameView(i int, name string) {
	if i < 0 || i >= len(s.views) {
		return
	}
	views := slices.Clone(s.views)
	views[i].Name = name
	s.keepViews(views)
}

func (s *settings) dropView(i int) {
	if i >= 0 && i < len(s.views) {
		s.keepViews(slices.Delete(slices.Clone(s.views), i, i+1))
	}
}

func (s *settings) keepViews(views []savedView) {
	s.views = safeViews(views)
	keep(s.store, viewsKey, s.views, len(s.views) == 0)
}

// decoded reads JSON that was kept; what cannot be read counts as nothing, since
// another version or another hand may have written it.
func decoded[T any](s Storage, key string) T {
	var out, none T
	if text := s.get(key); text == "" || json.Unmarshal([]byte(text), &out) != nil {
		return none
	}
	return out
}

// keep writes JSON; an empty list or map removes it.
func keep(s Storage, key string, v any, empty bool) {
	if empty {
		s.set(key, "")
		return
	}
	if text, err := json.Marshal(v); err == nil {
		s.set(key, string(text))
	}
}

// safeViews drops what is no view of ours: what is kept may have been edited.
func safeViews(views []savedView) []savedView {
	var out []savedView
	for _, v := range views {
		if v.Name != "" && strings.HasPrefix(v.URL, "/") && !strings.HasPrefix(v.URL, "//") && !strings.Contains(v.URL, `\`) && len(out) < maxViews {
			out = append(out, v)
		}
	}
	return out
}
