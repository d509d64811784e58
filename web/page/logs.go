package page

import (
	"context"
	"strings"
	"time"

	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// zoneKey is where the reader's choice of zone is kept: "UTC", or nothing for
// the browser's own.
const zoneKey = "logpane.zone"

// copiedFor is how long a copy button says that it copied.
const copiedFor = 1500 * time.Millisecond

// logs is the page of the log table. What it shows is decided by its model; the
// page feeds it, carries out its effects, and draws what it says. Rows are drawn
// outside of Render, by paint.
type logs struct {
	app.Compo
	deps    Deps
	ctx     app.Context
	m       *viewer.Model
	grid    *dom.Grid
	drawn   drawn
	working func() // stops the work that goes on between frames; nil while none does
	place   placed
	scanned *scan            // of the place; nil while none looks at the rows
	exports *exports         // of the tab
	cards   *exception.Cards // what its place read of entries, kept for the next time
	filled  bool             // the table was shown
	shown   int              // addresses so far: after the first one, Back stays on the page
	close   []func()
	cancel  map[int]context.CancelFunc // loads under way, by generation
	gone    bool
	set     settings
	notices []view.Notice

	vendors loaded[wire.Vendors]
	conns   loaded[[]wire.Connection]
	picks   map[string]*loaded[[]wire.Target] // by connection id
	marked  []string                          // addresses, in the picker
	find    string                            // in the picker

	menu    part.Menu
	search  part.SearchBox
	given   bool // what stands in the filter box was committed, if it could be read
	box     part.SpanBox
	zones   part.ZoneBox
	saved   part.Saved
	palette part.PaletteBox
	calls   loaded[[]wire.Request]
	rail    part.Rail
	sought  string // among the columns
	lane    string // src of the lane whose reason is shown
	lanes   bool   // all lanes are shown, however many there are
	cell    int    // of the focused row, -1 for the row as a whole
	pending string // first key of a sequence
	awaited string // id of what is about to get the keyboard, "" for nothing
	ahead   string // what was typed for it before
	field   string // text of the filter box as the page last knew it

	entry    alogs.Entry // decoded, of the open row
	entryKey string      // of which row it is
	panel    part.PanelState
	covered  bool // the details have a history entry of their own: they cover the table
	copied   string
	refused  string
	told     string // in the status line, for a moment
	masked   bool   // what was copied lacks personal data that the entry holds
	reveal   bool   // personal data is shown
	sharing  sharing
	live     live
	bars     lately[viewer.Histogram]
	counts   lately[[]viewer.Facet]
	counted  []viewer.Facet // as drawn: on its way to counts
	typing   bool           // in the filter box, a moment ago
	rest     *time.Timer    // ends typing
	heap     heap
	asserted *assertion   // the last check of items, kept while its passports are looked at
	trying   bool         // the demo is being connected
	tryErr   *fault.Error // why it could not be
}

func newLogs(d Deps) *logs {
	x := d.exports
	if x == nil {
		x = &exports{}
	}
	return &logs{
		deps: d, exports: x, m: viewer.New(query.Options{Regex: d.Regex}), cell: -1,
		cancel: map[int]context.CancelFunc{}, picks: map[string]*loaded[[]wire.Target]{},
	}
}

// OnMount takes over keys and rows and asks what the session has.
func (p *logs) OnMount(ctx app.Context) {
	defer dom.Recover()
	p.ctx = ctx
	p.exports.tell = p.around
	p.set = readSettings(p.deps.Storage)
	p.m.Update(viewer.LimitChosen{Limit: p.set.limit})
	p.grid = dom.OpenGrid(part.IDGrid, dom.GridEvents{
		Frame: p.frame, Pick: p.clicked, Copied: p.copyRow,
		Resized: func(column string, px int) { p.later(part.ColumnResized{Name: column, Width: px}) },
		Moved:   func(column string, to int) { p.later(viewer.ColumnMoved{Name: column, To: to}) },
	})
	p.close = append(p.close, dom.Keys(p.key), dom.OnBrush(p.brushed), p.watch())
	load(ctx, &p.vendors, p.deps.Client.Vendors, p.learn)
	load(ctx, &p.conns, p.deps.Client.Connections, p.learn)
	p.tick()
}

// later takes something that happened outside of go-app.
func (p *logs) later(msg any) {
	p.ctx.Dispatch(func(ctx app.Context) { p.on(ctx, msg) })
}

// OnNav shows the address.
func (p *logs) OnNav(ctx app.Context) {
	defer dom.Recover()
	u := ctx.Page().URL()
	v, notices := view.Parse(u.EscapedPath(), u.RawQuery)
	p.menu, p.lane = part.NoMenu, ""
	loc := p.zone(v.Zone)
	if v.Zone != "" && loc == nil {
		notices = append(notices, view.Notice{Param: "tz", Text: "The zone “" + v.Zone + "” is not known here; times are shown in yours."})
	}
	if loc == nil {
		loc = p.own()
	}
	p.notices, p.tryErr = notices, nil
	now := p.deps.Now()
	if t, ok := dom.OpenedAt(); ok {
		now = t
	}
	p.given = true
	p.run(p.m.Update(viewer.FacetsShown{On: p.set.facets}))
	p.shown++
	p.enter(v)
	if overRows(p.place.kind) {
		p.filled = p.filled || p.place.kind == view.Entries
		p.do(viewer.Opened{View: v, Now: now, Zone: loc, Columns: p.set.columns})
	} else {
		p.m.Update(viewer.ZoneChosen{Name: v.Zone, Zone: loc}) // the address has it already
	}
	p.label()
	if p.place.is != nil {
		p.place.is.open(v)
	}
	if path := u.EscapedPath(); strings.HasPrefix(path, "/e/") { // the same by the name that all the rest goes on from
		p.replace(p.here().URL())
	}
	p.opened(v)
}

// OnDismount gives back what OnMount took.
func (p *logs) OnDismount() {
	p.gone = true
	p.exports.tell = nil
	p.leave()
	p.untail()
	if p.working != nil {
		p.working()
	}
	for _, c := range p.cancel {
		c()
	}
	for _, c := range p.close {
		c()
	}
	if p.grid != nil {
		p.grid.Close()
	}
}

// tick tells the model the time, once a second while somebody looks.
func (p *logs) tick() {
	after(p.ctx, time.Second, func() {
		if p.gone {
			return
		}
		if !dom.Hidden() {
			p.do(viewer.Ticked{Now: p.deps.Now()})
		}
		p.tidy()
		p.tick()
	})
}
