package page

import (
	"sort"
	"strconv"
	"strings"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// How much of a list is drawn at first, and with each step; and how many texts of
// calls that found nothing, and how many differences, are told.
const (
	stepShapes = 50
	stepCalls  = 50
	mostTexts  = 8
	mostDiffs  = 12
)

// shapes is the drill-down of Algolia's calls: grouped by what they ask, or one group
// with its calls.
type shapes struct {
	p  *logs
	id string // fingerprint of the open shape, "" for the list

	reader *shape.Reader
	facts  map[string]shape.Fact // by key across targets
	fill   viewer.Row
	walk   *shape.Collector // of the walk under way
	skip   int              // rows of it that are no calls
	walked bool             // a walk came to its end
	seen   int              // version of the rows that it looked at

	groups, indices []*shape.Group
	calls, others   int
	zero            []shape.Text
	texts           int

	byIndex bool
	order   part.Order // of the list
	shown   int
	focus   int

	// Of the open shape.
	list  []part.ShapeCall
	rows  []int // of list
	sort  part.Order
	many  int // calls to show
	slow  contrast
	among contrast
	stop  func() // ends the comparison under way

	picked string // key of the call beside, "" for none
	entry  alogs.Entry
	row    viewer.Row
	panel  part.PanelState
}

// contrast is a comparison of two sets of calls.
type contrast struct {
	counts *shape.Contrast
	says   string // whose calls they are
	none   string // why there is nothing to compare
	busy   bool
}

// shapesLeft leads from the open shape to the list.
type shapesLeft struct{}

func (s *shapes) open(v view.View) {
	if id := v.Place().A; id != s.id || s.reader == nil {
		s.id, s.picked, s.many, s.sort = id, "", stepCalls, part.Order{Column: "took"}
	}
	if s.reader == nil {
		s.reader, s.facts, s.shown, s.focus = shape.NewReader(), map[string]shape.Fact{}, stepShapes, -1
		s.p.scan(s.begin, s.visit, s.done)
		return
	}
	s.look()
}

func (s *shapes) close() {
	if s.stop != nil {
		s.stop()
	}
}

// begin begins a walk over the rows. What the last one found stays on the page.
func (s *shapes) begin() { s.walk, s.skip = shape.NewCollector(), 0 }

// visit looks at one row. What was read of it once is remembered: rows are looked at
// again whenever others join them.
func (s *shapes) visit(row int) {
	r := &s.fill
	s.p.m.Row(row, r)
	if r.Gap {
		return
	}
	if !strings.HasPrefix(r.Src, "algolia/") {
		s.skip++
		return
	}
	key := r.Src + "," + r.ID
	f, known := s.facts[key]
	if !known {
		c, ok := shape.Read(shape.RawOf(string(s.p.m.JSON(row))))
		if !ok {
			s.skip++
			return
		}
		if f = s.reader.Of(&c); r.ID != "" {
			s.facts[key] = f
		}
	}
	s.walk.Add(row, f)
}

// done takes over what a walk found.
func (s *shapes) done() {
	s.walked, s.seen = true, s.p.m.Version()
	s.groups, s.indices = s.walk.Shapes(), s.walk.Indices()
	s.calls, s.others = s.walk.Len(), s.skip
	s.zero, s.texts = s.walk.ZeroTexts(mostTexts)
	s.look()
}

// group returns the open shape's calls, nil where there are none.
func (s *shapes) group() *shape.Group {
	for _, g := range s.groups {
		if g.Shape.ID == s.id && s.id != "" {
			return g
		}
	}
	return nil
}

// look gathers what is shown of the open shape.
func (s *shapes) look() {
	s.slow, s.among = contrast{}, contrast{}
	s.list, s.rows = nil, nil
	g := s.group()
	if g == nil || s.seen != s.p.m.Version() {
		return
	}
	s.listCalls(g)
	s.compare(g)
}

// listCalls draws up the calls of a shape. The rows must be those of the last walk.
func (s *shapes) listCalls(g *shape.Group) {
	order := make([]int, g.N)
	for i := range order {
		order[i] = i
	}
	times := make([]string, 0)
	if s.sort.Column == "time" {
		for _, row := range g.Rows {
			s.p.m.Row(row, &s.fill)
			times = append(times, s.fill.Day+s.fill.Time)
		}
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if s.sort.Up {
			a, b = b, a
		}
		switch s.sort.Column {
		case "time":
			return times[a] > times[b]
		case "hits":
			return g.Hits[a] > g.Hits[b]
		}
		return g.Tooks[a] > g.Tooks[b]
	})
	bound, _, _, split := g.Slow()
	s.list, s.rows = nil, nil
	for _, i := range order[:min(s.many, len(order))] {
		row := g.Rows[i]
		e := s.p.m.Entry(row)
		s.p.m.Row(row, &s.fill)
		c := part.ShapeCall{
			Key: strings.Clone(s.fill.Key), Time: s.fill.Time, Day: s.fill.Day, Took: g.Tooks[i], Text: e.Fields.Text("query"),
			Status: e.Status, Slow: split && g.Tooks[i] >= bound,
		}
		if g.Hits[i] >= 0 {
			c.Hits = part.Count(g.Hits[i])
		}
		s.list, s.rows = append(s.list, c), append(s.rows, row)
	}
}

// compare sets the slow calls of a shape against the others of it, and all of them
// against the other calls of their kind to their index, in slices between frames.
func (s *shapes) compare(g *shape.Group) {
	s.close()
	p := s.p
	version := p.m.Version()
	type job struct {
		row  int
		took time.Duration
		mine bool
	}
	var jobs []job
	for i, row := range g.Rows {
		jobs = append(jobs, job{row, g.Tooks[i], true})
	}
	for _, o := range s.groups {
		if o != g && o.Shape.Op == g.Shape.Op && o.Shape.Index == g.Shape.Index {
			for _, row := range o.Rows {
				jobs = append(jobs, job{row, 0, false})
			}
		}
	}
	bound, slow, fast, split := g.Slow()
	s.slow = contrast{counts: shape.NewContrast(), busy: true}
	if split {
		s.slow.says = "Slow: the slowest quarter, " + part.Some(slow, "call") + " of " + viewer.Took(bound) + " and more. Fast: the other " + part.Count(fast) + "."
	} else {
		s.slow.none = "All calls took about as long, or there are too few to tell slow ones from fast ones."
	}
	s.among = contrast{counts: shape.NewContrast(), busy: true}
	if n := len(jobs) - g.N; n > 0 {
		s.among.says = "This shape's " + part.Some(g.N, "call") + " against " + part.Some(n, "call") + " of other shapes to the same index."
	} else {
		s.among.none = "No other calls of this kind to the same index are among the entries shown."
	}
	at := 0
	s.stop = dom.Work(func() bool {
		if p.gone || version != p.m.Version() {
			return false
		}
		end := time.Now().Add(slice)
		for ; at < len(jobs); at++ {
			j := jobs[at]
			if c, ok := shape.Read(shape.RawOf(string(p.m.JSON(j.row)))); ok {
				s.among.counts.Add(&c, j.mine)
				if j.mine && split && j.took >= 0 {
					s.slow.counts.Add(&c, j.took >= bound)
				}
			}
			if at%8 == 7 && time.Now().After(end) {
				at++
				return true
			}
		}
		s.slow.busy, s.among.busy = false, false
		p.redraw()
		return false
	})
}

// told is a comparison as the page shows it.
func (c contrast) told(title, first, other string) part.Contrast {
	out := part.Contrast{Title: title, Says: c.says, First: first, Other: other, Busy: c.busy && c.none == "", None: c.none}
	if c.counts == nil {
		return part.Contrast{}
	}
	out.A, out.B = c.counts.A, c.counts.B
	if !c.busy && c.none == "" {
		out.Diffs = c.counts.Differences(mostDiffs)
		out.None = "Nothing: no value's share differs by " + strconv.Itoa(shape.LeastPoints) + " points, and by more than chance explains."
	}
	return out
}

func (s *shapes) body() app.UI {
	p := s.p
	if e := p.m.Empty(); e.Why != viewer.NotEmpty {
		return part.EmptyPlace(e, p.on)
	}
	least := !p.m.Whole()
	reading := !s.walked || s.seen != p.m.Version()
	if s.id == "" {
		l := part.Shapes{
			Lens:   p.lens(),
			Groups: s.groups, ByIndex: s.byIndex, Order: s.order, Shown: s.shown, Focus: s.focus, Calls: s.calls, Others: s.others,
			AtLeast: least, Reading: reading, Foot: p.m.Foot(), Zero: s.zero, Texts: s.texts, URL: s.address, ZeroURL: s.zeroURL,
		}
		if s.byIndex {
			l.Groups = s.indices
		}
		return l.UI(p.on)
	}
	g := s.group()
	o := part.ShapeOpen{
		Lens: p.lens(),
		ID:   s.id, Group: g, AtLeast: least, Reading: reading, Order: s.sort, Copied: p.copied == "link", Foot: p.m.Foot(),
		AllURL: s.allURL(), ZeroURL: s.zeroURL,
	}
	if g == nil {
		return o.UI(p.on)
	}
	o.Zero, o.Texts = g.Texts(mostTexts)
	o.Slow = s.slow.told("What differs: slow against fast", "Slow", "Fast")
	o.Among = s.among.told("What differs from other calls", "This shape", "Others")
	o.Calls = append([]part.ShapeCall(nil), s.list...)
	marked := p.m.Marks() > 0 && s.seen == p.m.Version()
	for i := range o.Calls {
		o.Calls[i].Picked = o.Calls[i].Key == s.picked
		if marked {
			p.m.Row(s.rows[i], &s.fill)
			o.Calls[i].Mark = s.fill.Marked
		}
	}
	if s.picked != "" {
		o.Panel = s.details().UI(s.inPanel)
	}
	return o.UI(p.on)
}

// details is the panel with the call beside.
func (s *shapes) details() part.Details {
	p := s.p
	inside := func(what string) string {
		if rest, ok := strings.CutPrefix(what, inCall); ok {
			return rest
		}
		return ""
	}
	return part.Details{
		Entry: s.entry, Row: s.row, Now: p.deps.Now(), Zone: p.m.Zone(), Copied: inside(p.copied), Failed: inside(p.refused),
		Vendor: vendorNamed(p.vendors.Value, "algolia").Title, State: s.panel, TableURL: s.tableView().URL(), Lens: p.lens(),
	}
}

// inCall is put before what is copied from the panel, so that what is copied from the
// shape has another name.
const inCall = "call:"

// tableView is the view of the table with the call beside open.
func (s *shapes) tableView() view.View {
	v := s.p.m.View().At(view.Place{})
	v.Sel = s.picked
	return v
}

// address is that of a shape, or of the shapes of an index.
func (s *shapes) address(g *shape.Group) string {
	v := s.p.m.View()
	if g.Shape != nil {
		return v.At(view.Place{Kind: view.Shapes, A: g.Shape.ID}).URL()
	}
	if only, ok := include(v, "index", g.Index); ok && g.Index != "" {
		v = only
	}
	return v.At(view.Place{Kind: view.Shapes}).URL()
}

func (s *shapes) allURL() string { return s.p.m.View().At(view.Place{Kind: view.Shapes}).URL() }

// zeroURL is the address of the calls that found nothing, all or those for a text; ""
// where no filter says that.
func (s *shapes) zeroURL(text string, any bool) string {
	v, ok := include(s.p.m.View(), "hits", "0")
	if !any && ok {
		v, ok = include(v, "query", text)
		ok = ok && text != ""
	}
	if g := s.group(); g != nil && ok && !strings.Contains(g.Index, " + ") && g.Index != "" {
		v, ok = include(v, "index", g.Index)
	}
	if !ok {
		return ""
	}
	return v.At(view.Place{}).URL()
}

// include adds a condition to the filter of a view.
func include(v view.View, field, value string) (view.View, bool) {
	q, err := query.Parse(v.Query)
	if err == nil {
		q, err = q.Include(field, value)
	}
	if err != nil {
		return v, false
	}
	v.Query = q.String()
	return v, true
}

func (s *shapes) key(cmd command) bool {
	if s.id == "" {
		return s.keyInList(cmd)
	}
	switch cmd {
	case cmdDown, cmdNextRelated, cmdNextAttempt:
		s.step(1)
	case cmdUp, cmdPrevRelated, cmdPrevAttempt:
		s.step(-1)
	case cmdMark:
		if i := s.at(); i >= 0 && s.seen == s.p.m.Version() {
			row := s.rows[i]
			s.p.later(viewer.Marked{Row: row})
		}
	case cmdCompare:
		s.p.compare()
	case cmdClose:
		if s.picked != "" {
			s.picked = ""
		} else {
			s.p.later(shapesLeft{})
		}
	default:
		return false
	}
	return true
}

func (s *shapes) keyInList(cmd command) bool {
	list := s.groups
	if s.byIndex {
		list = s.indices
	}
	last := min(len(list), s.shown) - 1
	switch {
	case cmd == cmdDown:
		s.focus = min(s.focus+1, last)
	case cmd == cmdUp:
		s.focus = max(min(s.focus, last)-1, 0)
	case cmd == cmdOpen && s.focus >= 0 && s.focus <= last:
		s.p.later(addressAsked{s.address(part.Sorted(list, s.order)[s.focus])})
		return true
	case cmd == cmdClose:
		s.p.later(entriesAsked{})
		return true
	default:
		return false
	}
	s.follow()
	return true
}

// follow gives the keyboard to the row that j and k are at, so that Enter opens it
// and Tab goes on from there.
func (s *shapes) follow() {
	dom.Blur() // until then Enter is not that of what had it
	s.p.ctx.Defer(func(app.Context) { dom.Focus(part.IDPlaceRow, false) })
}

// addressAsked leads to an address of this page.
type addressAsked struct{ url string }

// at returns the place of the call beside in the list, -1 for none.
func (s *shapes) at() int { return s.find(s.picked) }

// find returns the place of a call in the list, -1 where it is not there.
func (s *shapes) find(key string) int {
	for i := range s.list {
		if s.list[i].Key == key && key != "" {
			return i
		}
	}
	return -1
}

// step shows the next call beside, or the one before.
func (s *shapes) step(by int) {
	if len(s.list) == 0 {
		return
	}
	i := s.at() + by
	s.pick(s.list[max(min(i, len(s.list)-1), 0)].Key)
	s.follow()
}

// pick shows a call beside.
func (s *shapes) pick(key string) {
	i := s.find(key)
	if i < 0 || s.seen != s.p.m.Version() {
		s.picked = ""
		return
	}
	s.picked = key
	s.entry = s.p.m.Entry(s.rows[i])
	s.row = viewer.Row{}
	s.p.m.Row(s.rows[i], &s.row)
	s.panel = s.panel.On(s.entry, s.p.lens())
}

func (s *shapes) on(_ app.Context, event any) bool {
	switch e := event.(type) {
	case part.ShapesSorted:
		if s.id == "" {
			column := s.order.Column
			if column == "" {
				column = "share"
			}
			s.order, s.focus = part.Order{Column: column, Up: s.order.Up}.By(e.Column), -1
		} else {
			s.sort = s.sort.By(e.Column)
			s.relist()
		}
	case part.ShapesGrouped:
		s.byIndex, s.focus, s.shown = e.Index, -1, stepShapes
	case part.MoreShapes:
		if s.id == "" {
			s.shown += 4 * stepShapes
		} else {
			s.many += 4 * stepCalls
			s.relist()
		}
	case part.CallPicked:
		s.pick(e.Key)
	case part.TableSaved:
		s.p.saveCSV("shapes", s.csv())
	case shapesLeft:
		s.p.deps.navigate(s.p.ctx, s.allURL())
	case addressAsked:
		s.p.deps.navigate(s.p.ctx, e.url)
	default:
		return false
	}
	return true
}

// relist draws the list of calls up again; where the rows changed, the walk that is
// on its way does.
func (s *shapes) relist() {
	if g := s.group(); g != nil && s.seen == s.p.m.Version() {
		s.listCalls(g)
	}
}

// inPanel takes what happens in the panel beside.
func (s *shapes) inPanel(ctx app.Context, msg any) {
	defer dom.Recover()
	switch m := msg.(type) {
	case part.PanelEvent:
		s.panel = s.panel.Next(m)
	case viewer.Stepped:
		s.step(m.By)
	case viewer.DetailsClosed:
		s.picked = ""
	case part.Copied:
		if !s.p.copyEntry(inCall+m.What, m.What, &s.entry) {
			s.p.put(inCall+m.What, s.details().Copy(m.What))
		}
	default:
		s.p.on(ctx, msg)
	}
}
