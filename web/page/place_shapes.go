package page

import (
	"strings"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
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
	found  *shape.Collector // of the last walk that came to its end
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
	s.found = s.walk
	s.groups, s.indices = s.found.Shapes(), nil
	s.calls, s.others = s.walk.Len(), s.skip
	s.zero, s.texts = s.walk.ZeroTexts(mostTexts)
	s.look()
}

// listed returns the groups that the list is of. Those by index are made when they
// are first looked at.
func (s *shapes) listed() []*shape.Group {
	if !s.byIndex {
		return s.groups
	}
	if s.indices == nil && s.found != nil {
		s.indices = s.found.Indices()
	}
	return s.indices
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
			Groups: s.listed(), ByIndex: s.byIndex, Order: s.order, Shown: s.shown, Focus: s.focus, Calls: s.calls, Others: s.others,
			AtLeast: least, Reading: reading, Foot: p.m.Foot(), Zero: s.zero, Texts: s.texts, URL: s.address, ZeroURL: s.zeroURL,
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
