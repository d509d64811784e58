package viewer

import (
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/store"
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
	keep       bool      // the place in the table survives that
	span       logs.Span // of the search, fixed when it began, so that all its pages agree
	cursor     string    // of the next page; "" at the end
	auto       int       // pages read since the reader last did something
	stopped    bool      // the reader canceled, or a target failed and nothing came
	askAt      time.Time // when to see whether a slow target has answered; zero for never
	asked      int       // how often that was done since the last answer of one
	resumeAt   time.Time // when a stop for a failed target ends by itself; zero when only the reader may
	full       bool      // the store takes no more

	err     *fault.Error // why the last page failed
	retryAt time.Time    // when it is asked for again; zero when only the reader may

	pages   int
	scanned int
	plan    []logs.Clause
}

// place says where the table stands after the first page of a search.
type afterwards bool

const (
	fromTop   afterwards = false
	keepPlace afterwards = true
)

// search begins the view's search anew. The rows stay until its first page is
// there: a flash of nothing helps nobody.
func (m *Model) search(after afterwards) []Effect {
	effects := m.cancel()
	m.load = load{generation: m.load.generation, replace: true, keep: bool(after)}
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
	return append(effects, m.order("", firstLimit))
}

// clear empties the table.
func (m *Model) clear() {
	m.show(store.New())
	m.lanes = nil
	m.focus, m.open = -1, -1
	m.newAfter = 0
}

// show shows another store.
func (m *Model) show(s *store.Store) { m.store, m.table = s, store.NewTable(s, query.Options{}) }

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
		Cursor: cursor, Limit: limit, Generation: m.load.generation,
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
	if m.load.auto >= maxAuto || m.load.stopped || !m.layout().nearEnd() {
		return nil
	}
	return m.loadNext()
}

// loadNext reads the next page, if there is one and nothing speaks against it.
func (m *Model) loadNext() []Effect {
	if m.load.underWay || m.load.cursor == "" || m.load.err != nil || m.load.full || m.load.replace {
		return nil
	}
	return []Effect{m.order(m.load.cursor, nextLimit)}
}

// retried repeats what failed.
func (m *Model) retried() []Effect {
	switch {
	case m.load.underWay:
		return nil
	case m.load.replace:
		return m.search(afterwards(m.load.keep))
	case m.load.err == nil && m.load.cursor != "" && m.load.stopped:
		return m.resume()
	case m.load.err != nil && m.load.cursor != "" && !m.load.full:
		return []Effect{m.order(m.load.cursor, nextLimit)}
	}
	return m.search(keepPlace)
}

func (m *Model) loadCanceled() []Effect {
	effects := m.cancel()
	m.load.stopped, m.load.resumeAt = true, time.Time{}
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
	anchor := m.anchor()
	meta, err := m.store.AppendPage(msg.Body)
	m.table.Appended()
	if err != nil {
		m.load.err = fault.Of(err)
		m.load.full = m.load.err.Kind == fault.Unsupported
		return nil
	}
	m.takeMeta(meta)
	effects := m.restore(anchor)
	effects = append(effects, m.sought()...)
	return append(effects, m.loadOn()...)
}

// firstPage replaces the rows. On a reload the focused row, the open one and the
// place survive, if the entries do.
func (m *Model) firstPage(body []byte) []Effect {
	next := store.New()
	meta, err := next.AppendPage(body)
	if err != nil {
		m.refused(fault.Of(err))
		return nil
	}
	old := *m
	m.clear()
	m.show(next)
	m.load.replace = false
	m.takeMeta(meta)
	var effects []Effect
	if m.load.keep {
		m.newAfter = old.newest()
		m.focus, m.open = old.sameIn(next, old.focus), old.sameIn(next, old.open)
		if a := old.anchor(); a.entry >= 0 {
			a.entry = old.sameIn(next, a.entry)
			if effects = m.restore(a); a.entry < 0 && m.place.top > 0 {
				effects = []Effect{m.scrollTo(0)}
			}
		}
	} else if m.place.top > 0 {
		effects = []Effect{m.scrollTo(0)}
	}
	effects = append(effects, m.sought()...)
	return append(effects, m.loadOn()...)
}

// takeMeta takes in what a page said beside its entries.
func (m *Model) takeMeta(meta store.Meta) {
	m.load.pages++
	m.load.cursor = meta.Cursor
	m.load.scanned += meta.Scanned
	if len(meta.Plan) > 0 {
		m.load.plan = meta.Plan
	}
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
	return []Effect{m.order(m.load.cursor, 1)}
}

// resume ends a stop, because the reader wants to go on or the time has come.
func (m *Model) resume() []Effect {
	m.load.auto, m.load.stopped, m.load.resumeAt = 0, false, time.Time{}
	return m.loadNext()
}

// loadOn reads on after a page: the window may not be full yet, or what is
// sought not found.
func (m *Model) loadOn() []Effect {
	if m.load.auto >= maxAuto || m.load.stopped || !m.seek.active() && !m.layout().nearEnd() {
		if !m.layout().nearEnd() {
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
func (m *Model) newest() int64 {
	if m.table.Len() == 0 {
		return 0
	}
	at, _ := m.store.UnixNano(m.table.At(0))
	return max(at, 0)
}

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

// anchor is the entry at the visible top edge and how far its row begins above
// that edge.
type anchor struct {
	entry int
	above float64
}

// anchor returns what is at the top edge; no entry when the table stands at its
// newest end, where new rows push the others down.
func (m *Model) anchor() anchor {
	l := m.layout()
	if l.rows == 0 || l.row <= 0 || l.height <= 0 || l.top <= 0 {
		return anchor{entry: -1}
	}
	at := l.at()
	row := min(int(at/l.row), l.rows-1)
	return anchor{m.table.At(row), at - float64(row)*l.row}
}

// restore moves the table so that the anchor stands where it stood. Rows that
// were put in above it moved it.
func (m *Model) restore(a anchor) []Effect {
	if a.entry < 0 {
		return nil
	}
	l := m.layout()
	at := float64(m.table.RowOf(a.entry))*l.row + a.above
	if diff := at - l.at(); -0.5 < diff && diff < 0.5 {
		return nil
	}
	return []Effect{m.scrollTo(l.scrollFor(at))}
}

// scrollTo moves the table. The model takes the new place at once: the Scrolled
// that will tell of it comes a frame later.
func (m *Model) scrollTo(top float64) Effect {
	m.place.top = top
	return ScrollTo{top}
}
