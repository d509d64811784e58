package page

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// shapesLeft leads from the open shape to the list.
type shapesLeft struct{}

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
	list := s.listed()
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
