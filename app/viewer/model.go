// Package viewer is the brain of the log table: everything that the page knows
// and decides, without a browser, a clock or a network. The page turns what
// happens into a [Msg], gives it to [Model.Update], and carries out the [Effect]s
// that come back:
//
//	m := viewer.New()
//	run(m.Update(viewer.Opened{View: v, Now: now, Zone: loc})) // LoadPage{Limit: 100 …}
//	run(m.Update(viewer.PageLoaded{Generation: 1, Body: body}))
//	w := m.Window()
//	for i := w.First; i < w.Last; i++ {
//		m.Row(i, &row)
//		draw(&row)
//	}
//
// Update is the only thing that changes a model; all other methods only read.
// Messages are facts in the past tense, effects are orders, and the same
// messages always lead to the same model, so that a test is a list of messages.
//
// Nothing here may import go-app or syscall/js, start a goroutine or ask for the
// time.
package viewer

import (
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
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

	store *store.Store
	table *store.Table
	names map[string]name // address → how its rows are marked
	load  load
	lanes []Lane

	place layout
	focus int // entry, -1 for none
	open  int // entry whose details are open, -1 for none
	seek  seek

	newAfter int64 // entries later than it are new; 0 when none are
}

// New returns a model that shows nothing until Opened.
func New() *Model {
	m := &Model{zone: time.UTC, labels: map[string]string{}, focus: -1, open: -1}
	m.show(store.New())
	return m
}

// Update takes in a message and returns what is to be done about it, in order.
func (m *Model) Update(msg Msg) []Effect {
	switch msg := msg.(type) {
	case Opened:
		return m.opened(msg)
	case Ticked:
		return m.ticked(msg.Now)
	case ConnectionsLoaded:
		m.connections, m.connected, m.demo = msg.Connections, true, msg.Demo
	case TargetsLoaded:
		for _, t := range msg.Targets {
			m.labels[t.Address] = t.Label
		}
		m.nameTargets()
	case PageLoaded:
		return m.pageLoaded(msg)
	case PageFailed:
		return m.pageFailed(msg)
	case LoadCanceled:
		return m.loadCanceled()
	case Reloaded:
		return m.search(keepPlace)
	case Retried:
		return m.retried()
	case MoreAsked:
		return m.resume()
	case Scrolled:
		m.place.top, m.place.height, m.place.row = max(msg.Top, 0), msg.Height, msg.RowHeight
		return m.loadIfNear()
	case QueryEdited:
		m.draft, m.typed = msg.Query, true
	case QuerySubmitted:
		return m.change(func(v *view.View) { v.Query = msg.Query })
	case SpanChosen:
		return m.change(func(v *view.View) { v.From, v.To, v.Query = msg.From, msg.To, strings.TrimSpace(m.draft) })
	case TargetsChosen:
		return m.change(func(v *view.View) { v.Src, v.Query = slices.Clone(msg.Src), strings.TrimSpace(m.draft) })
	case ZoneChosen:
		m.setZone(msg.Zone)
		m.view.Zone = msg.Name
		return m.replaceURL()
	case WrapChosen:
		m.view.Wrap = msg.On
		return m.replaceURL()
	case LiveChosen:
		m.view.Live = msg.On
		return m.replaceURL()
	default:
		return m.moved(msg)
	}
	return nil
}

// opened shows an address. One that asks for the entries already there, as the
// browser's Back does after details were opened, loads nothing.
func (m *Model) opened(msg Opened) []Effect {
	m.now = msg.Now
	m.setZone(msg.Zone)
	same := m.load.generation > 0 && m.view.SameSearch(msg.View)
	m.view, m.draft, m.typed, m.drawn = msg.View, msg.View.Query, false, false
	m.nameTargets()
	if !same {
		return m.search(fromTop)
	}
	m.open = -1
	if e, ok := m.findKey(m.view.Sel); ok {
		m.focus, m.open = e, e
		return m.reveal()
	}
	return nil
}

func (m *Model) setZone(loc *time.Location) {
	if loc == nil {
		loc = time.UTC
	}
	m.zone = loc
}

// change commits a change of the search: a new history entry and a new load. What
// is typed is committed with whatever else changes, since rows under a filter box
// that says something else would be taken for its answer. The
// entry that is left gets its own address back, which typing had overwritten, so
// that Back undoes exactly one change.
func (m *Model) change(edit func(*view.View)) []Effect {
	before := m.view
	edit(&m.view)
	if m.view.From == view.DefaultFrom && m.view.To == "" {
		m.view.From = ""
	}
	m.draft = m.view.Query
	if m.view.SameSearch(before) {
		effects := m.replaceURL()
		if m.load.err != nil {
			effects = append(effects, m.search(keepPlace)...)
		}
		return effects
	}
	m.view.Sel = ""
	m.nameTargets()
	var effects []Effect
	if m.drawn {
		effects = append(effects, ReplaceURL{before.URL()})
	}
	effects = append(effects, PushURL{m.view.URL()})
	m.typed, m.drawn = false, false
	return append(effects, m.search(fromTop)...)
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

// replaceURL writes the view into the address, with the text of the filter box
// while that is being typed.
func (m *Model) replaceURL() []Effect {
	v := m.view
	v.Query = m.draft
	m.typed, m.drawn = false, m.draft != m.view.Query
	return []Effect{ReplaceURL{v.URL()}}
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

func (m *Model) layout() layout {
	l := m.place
	l.rows = m.table.Len()
	return l
}

// Row fills r with what row i shows. It panics when there is no such row.
func (m *Model) Row(i int, r *Row) {
	m.fill(i, r)
	e := m.table.At(i)
	n := m.names[r.Src]
	r.Target, r.Tag = n.label, n.tag
	r.Key = m.key(r.Src, r.ID)
	r.Focused, r.Open = e == m.focus, e == m.open
	at, timed := m.store.UnixNano(e)
	r.New = m.newAfter != 0 && timed && at > m.newAfter
}

// Entry decodes the entry of row i. It panics when there is no such row.
func (m *Model) Entry(i int) logs.Entry { return m.store.Entry(m.table.At(i)) }

// JSON returns the entry of row i as the server sent it, not to be changed.
func (m *Model) JSON(i int) []byte { return m.store.JSON(m.table.At(i)) }

// DayAt returns the day of a row, "2026-11-21", for the header that stays while
// scrolling; "" where there is none.
func (m *Model) DayAt(i int) string {
	if i < 0 || i >= m.table.Len() {
		return ""
	}
	if t := m.store.Time(m.table.At(i)); !t.IsZero() {
		return day(t.In(m.zone))
	}
	return ""
}

// Focused returns the row that has the focus, -1 for none.
func (m *Model) Focused() int { return m.rowOf(m.focus) }

// Open returns the row whose details are open, -1 for none.
func (m *Model) Open() int { return m.rowOf(m.open) }

func (m *Model) rowOf(e int) int {
	return m.table.RowOf(e)
}

// Loading reports whether a page is under way, and since when.
func (m *Model) Loading() (time.Time, bool) { return m.load.since, m.load.underWay }

// Stale reports whether the rows are those of an earlier search, shown until the
// first page of the present one is there.
func (m *Model) Stale() bool { return m.load.replace && m.table.Len() > 0 }

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

// Column is one column of the table.
type Column struct {
	Name   string // what View.Cols holds: a name of the filter language
	Title  string
	Right  bool // numbers: right-aligned
	Grow   bool // takes the room that is left
	Fixed  bool // stays in view when the table is scrolled sideways
	Sorted int  // 1 least first (the time: oldest), -1 greatest first, 0 not sorted by
}

// columns are all columns in their order.
var columns = []Column{
	{Name: "time", Title: "Time"},
	{Name: "level", Title: "Level"},
	{Name: "target", Title: "Target"},
	{Name: "status", Title: "Status", Right: true},
	{Name: "took", Title: "Took", Right: true},
	{Name: "summary", Title: "Summary", Grow: true},
}

// Columns returns the columns to draw. The target is left out where there is
// only one.
func (m *Model) Columns() []Column {
	if len(m.view.Src) > 1 {
		return slices.Clone(columns)
	}
	out := make([]Column, 0, len(columns))
	for _, c := range columns {
		if c.Name != "target" {
			out = append(out, c)
		}
	}
	return out
}
