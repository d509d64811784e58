// Package viewer is the brain of the log table: everything that the page knows
// and decides, without a browser, a clock or a network. The page turns what
// happens into a [Msg], gives it to [Model.Update], and carries out the [Effect]s
// that come back:
//
//	m := viewer.New()
//	run(m.Update(viewer.Opened{View: v, Now: now, Zone: loc})) // LoadPage{Limit: 100 …}
//	run(m.Update(viewer.PageLoaded{Generation: 1, Body: body}))
//	for m.Pending() {
//		run(m.Work(inTime)) // a slice of a long filter or sort, between frames
//	}
//	w := m.Window()
//	for i := w.First; i < w.Last; i++ {
//		m.Row(i, &row)
//		draw(&row)
//	}
//
// Update changes a model, Work goes on with what Update began, and all other
// methods only read. Messages are facts in the past tense, effects are orders, and
// the same messages always lead to the same model, so that a test is a list of
// messages.
//
// Nothing here may import go-app or syscall/js, start a goroutine or ask for the
// time.
package viewer

import (
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// Model is the state of one log table. It is not safe for concurrent use. Make
// one with New.
type Model struct {
	now   time.Time
	zone  *time.Location
	view  view.View // committed
	draft string    // text of the filter box
	typed bool      // the address does not hold the draft yet
	drawn bool      // the address holds a draft in place of the committed query

	connections []wire.Connection
	connected   bool // connections are known
	demo        bool
	labels      map[string]string // address → label
	sources     map[string]string // id of a Coveo source, as its entries have it → label

	opts    query.Options
	store   *store.Store
	table   *store.Table
	filter  filter
	shows   int     // stores shown so far
	version int     // see Version
	want    int     // entries that the next first page asks for at least
	sorted  string  // View.Sort that the table follows
	pin     *anchor // what stays in its place until that is done
	turned  bool    // the rows obey another filter than those drawn last
	why     why
	names   map[string]name // address → how its rows are marked
	load    load
	lanes   []Lane
	times   times
	zooms   []zoom
	find    find

	columnsOf func(kind string) []string // the reader's columns, as kept before
	kept      map[string][]string        // kind → the same, as chosen since

	// What is read often and follows from the rest; nil when it must be made again.
	columns  []Column
	pills    []Pill
	counting bool // the reader sees the facets
	facets   []Facet
	bars     Histogram
	listed   []Facet             // the last facets that were read
	fields   []string            // the fields of facets
	known    map[string][]string // field → values listed before the filter hid them

	place  layout
	focus  int // entry, -1 for none
	open   int // entry whose details are open, -1 for none
	seek   seek
	marks  []marked // the newest last
	left   *left    // see comeBack; nil where there is no such way back
	common *common  // see Common; nil when it must be made again

	newAfter int64 // entries later than it are new; 0 when none are
	tail     tail
	most     int // MaxTail, less in tests
}

// New returns a model that shows nothing until Opened. Options, at most one, are
// what filters mean beyond their text.
func New(options ...query.Options) *Model {
	m := &Model{zone: time.UTC, labels: map[string]string{}, sources: map[string]string{}, kept: map[string][]string{}, known: map[string][]string{}, focus: -1, open: -1}
	m.tail.boundary, m.most = -1, MaxTail
	if len(options) > 0 {
		m.opts = options[0]
	}
	m.show(store.New())
	return m
}

// Update takes in a message and returns what is to be done about it, in order.
func (m *Model) Update(msg Msg) []Effect {
	effects := m.update(msg)
	return append(effects, m.follow(msg)...)
}

func (m *Model) update(msg Msg) []Effect {
	switch msg := msg.(type) {
	case Ticked:
		return m.ticked(msg.Now)
	case Scrolled:
		return m.scrolled(msg)
	}
	m.columns = nil
	switch msg := msg.(type) {
	case Opened:
		return m.opened(msg)
	case ConnectionsLoaded:
		m.connections, m.connected, m.demo = msg.Connections, true, msg.Demo
		return nil
	case TargetsLoaded:
		for _, t := range msg.Targets {
			m.labels[t.Address] = t.Label
			if a, err := logs.ParseTarget(t.Address); err == nil && a.Vendor == "coveo" && len(a.Path) > 0 {
				m.sources[a.Path[len(a.Path)-1]] = t.Label
			}
		}
		m.nameTargets()
		m.touch()
		return nil
	case PageLoaded:
		return m.pageLoaded(msg)
	case PageFailed:
		return m.pageFailed(msg)
	case FacetsShown:
		m.counting = msg.On
		return m.askCounts()
	case CountsLoaded:
		if msg.Generation == m.load.first {
			m.load.facets = msg.Facets
			m.touch()
		}
		return nil
	case LoadCanceled:
		return m.loadCanceled()
	case Reloaded:
		return m.search(keepPlace)
	case Retried:
		return m.retried()
	case MoreAsked:
		return m.resume()
	case AllAsked:
		return m.allAsked()
	case TargetsChosen:
		return m.change(func() { m.view.Src, m.view.Query = slices.Clone(msg.Src), m.draftQuery() })
	case ZoneChosen:
		m.setZone(msg.Zone)
		m.view.Zone = msg.Name
		return m.replaceURL()
	case WrapChosen:
		m.view.Wrap = msg.On
		return m.replaceURL()
	}
	for _, take := range [...]func(Msg) ([]Effect, bool){m.filtered, m.spanned, m.arranged, m.found, m.tailed, m.marking} {
		if effects, mine := take(msg); mine {
			return effects
		}
	}
	return m.moved(msg)
}

func (m *Model) setZone(loc *time.Location) {
	if loc == nil {
		loc = time.UTC
	}
	m.zone = loc
}

// ticked keeps the time, writes the typed query into the address (browsers limit
// how often it may change) and repeats a load that the vendor put off.
func (m *Model) ticked(now time.Time) []Effect {
	m.now = now
	var effects []Effect
	if m.typed {
		effects = m.replaceURL()
	}
	if m.load.err != nil && !m.load.retryAt.IsZero() && !now.Before(m.load.retryAt) {
		effects = append(effects, m.retried()...)
	}
	if !m.load.resumeAt.IsZero() && !now.Before(m.load.resumeAt) {
		effects = append(effects, m.resume()...)
	}
	if !m.load.askAt.IsZero() && !now.Before(m.load.askAt) {
		effects = append(effects, m.askSlow()...)
	}
	return effects
}

// View returns what is shown, as committed. The caller may change it.
func (m *Model) View() view.View {
	v := m.view
	v.Src, v.Cols, v.Unknown = slices.Clone(v.Src), slices.Clone(v.Cols), slices.Clone(v.Unknown)
	return v
}

// Draft returns the text of the filter box.
func (m *Model) Draft() string { return m.draft }

// Zone returns the zone in which times are shown.
func (m *Model) Zone() *time.Location { return m.zone }

// Connections returns the session's connections, and whether they are known yet.
func (m *Model) Connections() ([]wire.Connection, bool) { return m.connections, m.connected }

// Len returns the number of rows.
func (m *Model) Len() int { return m.table.Len() }

// Bytes returns the bytes of the entries held.
func (m *Model) Bytes() int { return m.store.Bytes() }

// Window returns which rows to draw and where, for the last Scrolled.
func (m *Model) Window() Window { return m.layout().window() }

// Leapt reports whether the window lacks the rows just out of view, because the table
// moved by more than a screen: the next frame draws them.
func (m *Model) Leapt() bool { return m.place.leapt }

func (m *Model) layout() layout {
	l := m.place
	l.rows = m.table.Len()
	return l
}

// Row fills r with what row i shows. It panics when there is no such row.
func (m *Model) Row(i int, r *Row) {
	m.row(i, m.table.At(i), r)
}

func (m *Model) row(i, e int, r *Row) {
	m.fill(i, e, r)
	n := m.names[r.Src]
	r.Target, r.Tag = n.label, n.tag
	r.Key = m.key(r.Src, r.ID)
	r.Focused, r.Open = e == m.focus, e == m.open
	at, timed := m.store.UnixNano(e)
	r.New = m.newAfter != 0 && timed && at > m.newAfter || slices.ContainsFunc(m.tail.marks, func(s stretch) bool { return s.first <= e && e < s.end })
	r.Gap = m.store.Gap(e)
	r.Marked = m.markOf(e) >= 0
}

// Entry decodes the entry of row i. It panics when there is no such row.
func (m *Model) Entry(i int) logs.Entry { return m.store.Entry(m.table.At(i)) }

// Opened returns the entry whose details are open, also while the filter being typed
// hides its row, and fills r with its row. False where none is open.
func (m *Model) Opened(r *Row) (logs.Entry, bool) {
	if m.open < 0 {
		return logs.Entry{}, false
	}
	m.row(m.rowOf(m.open), m.open, r)
	return m.store.Entry(m.open), true
}

// JSON returns the entry of row i as the server sent it, not to be changed.
func (m *Model) JSON(i int) []byte { return m.store.JSON(m.table.At(i)) }

// DayAt returns the day of a row, "2026-11-21", for the header that stays while
// scrolling; "" where there is none, as in a table that is not in the order of time.
func (m *Model) DayAt(i int) string {
	if i < 0 || i >= m.table.Len() {
		return ""
	}
	if t := m.store.Time(m.table.At(i)); !t.IsZero() && m.byTime() {
		return day(t.In(m.zone))
	}
	return ""
}

// Focused returns the row that has the focus, -1 for none.
func (m *Model) Focused() int { return m.rowOf(m.focus) }

// Open returns the row whose details are open, -1 for none and for one that the
// filter being typed hides, see Opened.
func (m *Model) Open() int { return m.rowOf(m.open) }

func (m *Model) rowOf(e int) int {
	if e < 0 {
		return -1
	}
	return m.table.RowOf(e)
}

// Loading reports whether a page is under way, and since when.
func (m *Model) Loading() (time.Time, bool) { return m.load.since, m.load.underWay }

// Stale reports whether the rows are those of an earlier search, shown until the
// first page of the present one is there. Rows of the same targets and span, which
// the new filter lets through, are not: more may join them, none will go.
func (m *Model) Stale() bool { return m.load.replace && !m.load.right && m.table.Len() > 0 }

// Plan returns which clauses of the query ran where, as the last page said.
func (m *Model) Plan() []logs.Clause { return m.load.plan }

// Problem is a failure that the reader should know of.
type Problem struct {
	Fault   *fault.Error  // Kind, Msg and Said are for people
	RetryIn time.Duration // when the load is repeated by itself; 0 when it is not
	Actions []Action      // what helps, most first
	Older   bool          // it concerns an older page: the last row tells; else it is told above the table
}

// Problem returns the failure of the last load, if it failed.
func (m *Model) Problem() (Problem, bool) {
	if m.load.err == nil {
		return Problem{}, false
	}
	return Problem{Fault: m.load.err, RetryIn: m.retryIn(), Actions: m.cures(m.load.err), Older: !m.load.replace}, true
}
