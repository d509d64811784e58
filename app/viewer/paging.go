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
	first   int          // generation of its first page
	counts  bool         // the vendors were asked to count
	facets  []logs.Facet // what they counted
	notes   []logs.Note
}

// afterwards says where the table stands after the first page of a search.
type afterwards uint8

const (
	fromTop     afterwards = iota
	keepEntries            // another search: focus, open entry and place survive with their entries
	keepPlace              // the same search again: likewise, and what is new is marked
)

// order returns the order for a page.
func (m *Model) order(cursor string, limit int) Effect {
	m.load.generation++
	if cursor == "" {
		m.load.first = m.load.generation
	}
	m.load.underWay, m.load.since = true, m.now
	m.load.err, m.load.retryAt = nil, time.Time{}
	return LoadPage{
		Src: m.view.Src, Query: m.Asked(), From: bound(m.load.span.From), To: bound(m.load.span.To),
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
	} else if m.view.Live && (err.Kind == fault.Unavailable || err.Kind == fault.Timeout) {
		// Who follows has nothing to follow until the search works, and is not asked
		// to see to that.
		m.load.retryAt = m.now.Add(liveRetry)
	}
	return nil
}

// liveRetry is the pause before a search is tried again that failed while the reader
// follows what is new.
const liveRetry = 3 * time.Second

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
