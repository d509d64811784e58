package viewer

import (
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/wire"
)

// How many entries a page asks for: few at first, so that rows appear soon.
const (
	firstLimit = 100
	nextLimit  = 500
)

// maxAuto bounds how many pages are read one after the other without the reader
// doing anything: a rare match may be days back, and each page costs calls.
const maxAuto = 12

// load is the state of reading pages, newest first.
type load struct {
	generation int // of the last LoadPage
	underWay   bool
	since      time.Time // when it began
	replace    bool      // the next page is the first of its search and replaces the rows
	right      bool      // until then the rows are those of it that are loaded
	after      afterwards
	began      time.Time // the search
	span       logs.Span // of the search, fixed when it began, so that all its pages agree
	cursor     string    // of the next page; "" at the end
	auto       int       // pages read since the reader last did something
	stopped    bool      // the reader canceled, or a target failed and nothing came
	askAt      time.Time // when to see whether a slow target has answered; zero for never
	asked      int       // how often that was done since the last answer of one
	resumeAt   time.Time // when a stop for a failed target ends by itself; zero when only the reader may
	full       bool      // the store takes no more
	all        bool      // the reader wants everything that matches
	idle       bool      // the last page had nothing new
	allSince   time.Time // when that was asked
	allFrom    time.Time // how far back it was searched then; zero when not known

	err     *fault.Error // why the last page failed
	retryAt time.Time    // when it is asked for again; zero when only the reader may

	pages   int
	scanned int
	plan    []logs.Clause
	facets  []logs.Facet // what vendors counted
	notes   []wire.Note
}

// afterwards says where the table stands after the first page of a search.
type afterwards uint8

const (
	fromTop     afterwards = iota
	keepEntries            // another search: focus, open entry and place survive with their entries
	keepPlace              // the same search again: likewise, and what is new is marked
)

// search begins the view's search anew. The rows stay until its first page is
// there: a flash of nothing helps nobody.
func (m *Model) search(after afterwards) []Effect {
	effects := m.cancel()
	right := after == keepEntries && (!m.load.replace || m.load.right)
	if right {
		span, err := m.view.Span(m.now, m.zone)
		right = err == nil && m.sameSpan(span)
	}
	limit := m.firstLimit(after)
	m.load = load{generation: m.load.generation, replace: true, right: right, after: after, began: m.now}
	m.touch()
	m.seek = seek{}
	if m.view.Sel != "" {
		m.seek = seek{key: m.view.Sel}
	}
	if len(m.view.Src) == 0 {
		m.clear()
		return effects
	}
	span, err := m.view.Span(m.now, m.zone)
	if err != nil {
		m.refused(fault.Of(err))
		return effects
	}
	m.load.span = span
	if w := m.filter.wrong; w != nil && m.filter.committed == nil && m.view.Query != "" {
		err := fault.New(fault.Invalid, "viewer: filter").Saying(w.Error())
		err.Column = w.Column
		m.refused(err)
		return effects
	}
	return append(effects, m.order("", limit))
}

// sameSpan reports whether a span is that of the rows, but for the time that went
// by: an open end is now, and a beginning may follow it.
func (m *Model) sameSpan(s logs.Span) bool {
	passed := m.now.Sub(m.load.began)
	moved := s.From.Sub(m.load.span.From)
	return s.To.Equal(m.load.span.To) && (moved == 0 || moved == passed)
}

// firstLimit returns how many entries the first page of a search asks for: so many
// that what the reader is looking at may be among them.
func (m *Model) firstLimit(after afterwards) int {
	if after == fromTop {
		return firstLimit
	}
	l := m.layout()
	rows := max(m.Focused(), m.Open()) + 1
	if l.row > 0 && l.rows > 0 {
		rows = max(rows, min(int((l.at()+l.height)/l.row), l.rows)+overscan)
	}
	rows = max(rows, m.want)
	m.want = 0
	return min(max(rows, firstLimit), wire.MaxLimit)
}

// clear empties the table.
func (m *Model) clear() { m.clearFor(store.New()) }

func (m *Model) clearFor(s *store.Store) {
	m.show(s)
	m.lanes = nil
	m.focus, m.open = -1, -1
	m.newAfter = 0
}

// show shows another store, whose entries were asked with the committed filter.
func (m *Model) show(s *store.Store) {
	m.store, m.table = s, store.NewTable(s, m.opts)
	m.shows++
	m.times = times{}
	m.filter.loaded, m.filter.shown = m.filter.committed.String(), ""
	m.pin, m.sorted = nil, ""
	if column, least := m.view.SortedBy(); !m.newestFirst() {
		m.table.SetSort(column, least)
		m.sorted = m.view.Sort
	}
	if text := m.filter.draft.String(); text != m.filter.loaded {
		m.table.SetQuery(m.filter.draft)
		m.filter.shown = text
	}
	m.applyFind()
	m.slice()
}

// cancel gives up the load under way.
func (m *Model) cancel() []Effect {
	if !m.load.underWay {
		return nil
	}
	m.load.underWay = false
	return []Effect{CancelLoad{m.load.generation}}
}

// order returns the order for a page.
func (m *Model) order(cursor string, limit int) Effect {
	m.load.generation++
	m.load.underWay, m.load.since = true, m.now
	m.load.err, m.load.retryAt = nil, time.Time{}
	return LoadPage{
		Src: m.view.Src, Query: m.view.Query, From: bound(m.load.span.From), To: bound(m.load.span.To),
		Cursor: cursor, Limit: limit, Facets: cursor == "", Generation: m.load.generation,
	}
}

func bound(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// loadIfNear reads on when the reader is near the end of what is there.
func (m *Model) loadIfNear() []Effect {
	if m.load.auto >= maxAuto || m.load.stopped || !m.wantsRows() {
		return nil
	}
	return m.loadNext()
}

// wantsRows reports whether older entries are wanted where the table stands. While a
// filter is typed they are not: only what is submitted asks the vendors. In another
// order they may go anywhere, so that only a screen is filled.
func (m *Model) wantsRows() bool {
	if m.uncommitted() {
		return false
	}
	l := m.layout()
	if !m.newestFirst() {
		l.top = 0
	}
	return l.nearEnd()
}

// loadNext reads the next page, if there is one and nothing speaks against it.
func (m *Model) loadNext() []Effect {
	if m.load.underWay || m.load.cursor == "" || m.load.err != nil || m.load.full || m.load.replace {
		return nil
	}
	return []Effect{m.order(m.load.cursor, m.nextLimit())}
}

func (m *Model) nextLimit() int {
	if m.load.all {
		return wire.MaxLimit
	}
	return nextLimit
}

// allAsked reads everything that matches, page after page.
func (m *Model) allAsked() []Effect {
	m.load.all, m.load.allSince, m.load.allFrom = true, m.now, m.searchedTo()
	return m.resume()
}

// retried repeats what failed.
func (m *Model) retried() []Effect {
	switch {
	case m.load.underWay:
		return nil
	case m.load.replace:
		return m.search(m.load.after)
	case m.load.err == nil && m.load.cursor != "" && m.load.stopped:
		return m.resume()
	case m.load.err != nil && m.load.cursor != "" && !m.load.full:
		return []Effect{m.order(m.load.cursor, m.nextLimit())}
	}
	return m.search(keepPlace)
}

func (m *Model) loadCanceled() []Effect {
	effects := m.cancel()
	m.load.stopped, m.load.resumeAt, m.load.all = true, time.Time{}, false
	m.seek = seek{}
	if m.load.replace && effects != nil {
		m.refused(fault.New(fault.Canceled, "viewer: load").Saying("you stopped the search; reload to search again"))
	}
	return effects
}

// refused notes why a load failed. What the search before covered is no answer to
// one that failed at its first page: its rows may stay, its lanes claim too much.
func (m *Model) refused(err *fault.Error) {
	m.load.err = err
	if m.load.replace {
		m.lanes = nil
		m.touch()
	}
}

func (m *Model) pageFailed(msg PageFailed) []Effect {
	if !m.load.underWay || msg.Generation != m.load.generation {
		return nil
	}
	m.load.underWay = false
	err := fault.Of(msg.Err)
	if err == nil {
		err = fault.New(fault.Internal, "viewer: load").Saying("the page could not be read")
	}
	m.refused(err)
	if m.load.err.Kind == fault.RateLimited && m.load.err.RetryAfter > 0 {
		m.load.retryAt = m.now.Add(m.load.err.RetryAfter)
	}
	return nil
}

// retryIn returns how long it is until a failed load repeats itself.
func (m *Model) retryIn() time.Duration {
	at := m.load.retryAt
	if at.IsZero() {
		at = m.load.resumeAt
	}
	if at.IsZero() {
		return 0
	}
	return max(at.Sub(m.now), 0)
}

func (m *Model) pageLoaded(msg PageLoaded) []Effect {
	if !m.load.underWay || msg.Generation != m.load.generation {
		return nil
	}
	m.load.underWay = false
	if m.load.replace {
		return m.firstPage(msg.Body)
	}
	anchor := m.anchor(topFirst)
	meta, err := m.store.AppendPage(msg.Body)
	m.table.Appended()
	if err != nil {
		m.load.err = fault.Of(err)
		m.load.full = m.load.err.Kind == fault.Unsupported
		return nil
	}
	m.takeMeta(meta)
	if m.pin == nil {
		m.pin = anchor
	}
	effects := m.slice()
	effects = append(effects, m.sought()...)
	return append(effects, m.loadOn()...)
}

// firstPage replaces the rows. Unless it is a search of other things, the focused
// row, the open one and the place survive, if their entries do.
func (m *Model) firstPage(body []byte) []Effect {
	next := store.New()
	meta, err := next.AppendPage(body)
	if err != nil {
		m.refused(fault.Of(err))
		return nil
	}
	old := *m
	m.clearFor(next)
	m.load.replace, m.load.right = false, false
	m.takeMeta(meta)
	var effects []Effect
	if m.load.after == fromTop {
		if m.place.top > 0 {
			effects = []Effect{m.scrollTo(0)}
		}
	} else {
		prefer := focusFirst
		if m.load.after == keepPlace {
			prefer = topFirst
			m.newAfter = old.newest()
		}
		m.focus, m.open = old.sameIn(next, old.focus), old.sameIn(next, old.open)
		if a := old.anchor(prefer); a != nil {
			for i, e := range a.entries {
				a.entries[i] = old.sameIn(next, e)
			}
			a.focus, a.timed = old.sameIn(next, a.focus), false
			m.pin = a
			effects = m.slice()
			if !a.held(m) && m.place.top > 0 {
				m.pin = nil
				effects = []Effect{m.scrollTo(0)}
			}
		}
		if m.open < 0 && old.open >= 0 && m.seek.key == "" {
			m.view.Sel = ""
			effects = append(effects, m.replaceURL()...)
		}
	}
	effects = append(effects, m.sought()...)
	return append(effects, m.loadOn()...)
}

// takeMeta takes in what a page said beside its entries.
func (m *Model) takeMeta(meta store.Meta) {
	m.load.pages++
	m.load.cursor = meta.Cursor
	m.load.scanned += meta.Scanned
	m.load.idle = meta.Added == 0
	if len(meta.Plan) > 0 {
		m.load.plan = meta.Plan
	}
	m.takeSaid(meta)
	m.lookAtTimes()
	m.touch()
	m.cover(meta.Coverage)
	m.nameTargets()
	m.awaitSlow()
	// The cursor goes on through a target that failed, by asking it again. While
	// others still give entries that is free; else it would only press the vendor.
	if edge, ok := m.failing(); ok && meta.Added == 0 && meta.Cursor != "" {
		m.load.stopped = true
		if edge.RetryAfterMS > 0 {
			m.load.resumeAt = m.now.Add(time.Duration(edge.RetryAfterMS) * time.Millisecond)
		}
	}
}

// Pauses before seeing whether a slow target has answered. The vendor is not asked
// again by that: its call goes on in the server.
const (
	firstAsk = 2 * time.Second
	lastAsk  = 10 * time.Second
)

// awaitSlow plans to ask on while some target is still answering, so that its
// entries come without the reader doing anything.
func (m *Model) awaitSlow() {
	if m.load.cursor == "" || !slices.ContainsFunc(m.lanes, Lane.Waiting) {
		m.load.askAt, m.load.asked = time.Time{}, 0
		return
	}
	m.load.askAt = m.now.Add(min(firstAsk<<min(m.load.asked, 4), lastAsk))
}

// askSlow asks on with the smallest page: the others have their entries ready, and
// nobody wants them yet.
func (m *Model) askSlow() []Effect {
	if m.load.underWay || m.load.cursor == "" || m.load.err != nil || m.load.full || m.load.replace || m.load.stopped {
		return nil
	}
	m.load.askAt = time.Time{}
	m.load.asked++
	limit := 1
	if m.load.all {
		limit = wire.MaxLimit
	}
	return []Effect{m.order(m.load.cursor, limit)}
}

// resume ends a stop, because the reader wants to go on or the time has come.
func (m *Model) resume() []Effect {
	m.load.auto, m.load.stopped, m.load.resumeAt = 0, false, time.Time{}
	return m.loadNext()
}

// loadOn reads on after a page: the window may not be full yet, or what is
// sought not found, or everything is wanted.
func (m *Model) loadOn() []Effect {
	if m.load.all {
		if m.load.cursor == "" {
			m.load.all = false
		}
		if m.load.stopped || !m.load.askAt.IsZero() && m.load.idle { // a target that still answers is asked when its time comes
			return nil
		}
		return m.loadNext()
	}
	if m.load.auto >= maxAuto || m.load.stopped || !m.seek.active() && !m.wantsRows() {
		if !m.wantsRows() {
			m.load.auto = 0
		}
		return nil
	}
	effects := m.loadNext()
	if effects != nil {
		m.load.auto++
	}
	return effects
}

// newest returns the newest time that is held, 0 for none.
func (m *Model) newest() int64 { return max(m.times.newest, 0) }

// sameIn returns the entry of another store that is the same, or -1.
func (m *Model) sameIn(other *store.Store, e int) int {
	if e < 0 {
		return -1
	}
	found, ok := other.Find(m.store.Src(e), m.store.ID(e))
	if !ok {
		return -1
	}
	return found
}

// takeSaid takes in what a page says of the search as a whole.
func (m *Model) takeSaid(meta store.Meta) {
	if len(meta.Facets) > 0 {
		m.load.facets = meta.Facets
	}
	// Each page says what is known by then. An empty one at the end of others may say
	// that nothing was found, and that is not so.
	if meta.Entries > 0 || m.store.Len() == 0 {
		m.load.notes = meta.Notes
	}
}
