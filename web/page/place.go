package page

import (
	"slices"
	"time"

	"github.com/logpane/logpane/app/exception"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// place is a drill-down. It is drawn over the table, which lives on beneath with
// its rows, so that the way back costs nothing.
type place interface {
	// open shows an address, also when it changes within the place. For places that
	// look at the rows (see overRows) the model has the view already.
	open(v view.View)

	// body draws it: below the top bar, or for overRows in the place of the table.
	body() app.UI

	// key takes a command of the keymap and reports whether it was used. It runs
	// inside of the browser's event: what is slow it leaves to later.
	key(cmd command) bool

	// on takes what happens in the place's parts and reports whether it was its own.
	on(ctx app.Context, event any) bool

	// close ends what is under way: the reader left.
	close()
}

// newPlace returns the drill-down of a kind, nil for the table.
func (p *logs) newPlace(kind view.Kind) place {
	switch kind {
	case view.Job:
		return newJob(p)
	case view.Jobs:
		return newJobs(p)
	case view.Exceptions:
		return newExceptions(p)
	case view.Shapes:
		return &shapes{p: p}
	case view.Item:
		return newItem(p)
	case view.Assert:
		return newAssert(p)
	case view.Compare:
		return newCompare(p)
	case view.Timeline:
		return newTimeline(p)
	}
	return nil
}

// overRows reports whether places of a kind look at the rows that the table shows:
// filter, histogram and coverage then stay above them.
func overRows(kind view.Kind) bool {
	switch kind {
	case view.Entries, view.Exceptions, view.Shapes, view.Compare, view.Timeline:
		return true
	}
	return false
}

// drillDown returns the address of the drill-down of an entry and what that is
// called, as in "Open job".
func (p *logs) drillDown(e *alogs.Entry) (v view.View, what string, ok bool) {
	v = p.m.View()
	t, err := alogs.ParseTarget(e.Src)
	if err != nil {
		return v, "", false
	}
	t.Path = nil
	switch account := []string{t.String()}; {
	case (t.Vendor == "elasticpath" || t.Vendor == "moltin") && e.Job != "":
		integration := e.Fields.Text("integration")
		if integration == "" {
			return v, "", false
		}
		v = v.At(view.Place{Kind: view.Job, Vendor: t.Vendor, A: integration, B: e.Job})
		v.Src, v.Query = account, ""
		return v, "job", true
	case t.Vendor == "coveo" && e.Item != "":
		v = v.At(view.Place{Kind: view.Item})
		v.Src, v.Query, v.Item = []string{e.Src}, "", e.Item
		return v, "item", true
	case t.Vendor == "algolia":
		c, ok := shape.Read(string(e.Raw))
		if !ok {
			return v, "", false
		}
		v = v.At(view.Place{Kind: view.Shapes, A: shape.Of(&c).ID})
		return v, "shape", true
	case t.Vendor == "deepset":
		r, ok := exception.Read(e)
		if !ok {
			return v, "", false
		}
		many := len(v.Src) > 1
		v = v.At(view.Place{Kind: view.Exceptions, A: r.Fingerprint})
		if v.Sel = e.ID; many {
			v.Sel = e.Src + "," + e.ID
		}
		return v, "exception", true
	}
	return v, "", false
}

// tabs are the places that look at the targets of the address.
func (p *logs) tabs() []part.PlaceTab {
	v := p.here()
	if p.filled {
		v = p.m.View() // all that is open, also where the place looks at one target of it
	}
	at := p.place.kind
	vendors := map[string]string{} // vendor → first address of its account
	for _, src := range v.Src {
		if t, err := alogs.ParseTarget(src); err == nil && vendors[t.Vendor] == "" {
			vendors[t.Vendor] = src
		}
	}
	out := []part.PlaceTab{{Title: "Entries", URL: v.At(view.Place{}).URL(), On: at == view.Entries}}
	add := func(title string, to view.Place, src string, kinds ...view.Kind) {
		there := v.At(to)
		if !overRows(to.Kind) {
			there.Src, there.Query = []string{src}, ""
		}
		if p.newPlace(to.Kind) == nil {
			return
		}
		on := (at == to.Kind || slices.Contains(kinds, at)) && (to.Vendor == "" || to.Vendor == p.place.view.Place().Vendor)
		out = append(out, part.PlaceTab{Title: title, URL: there.URL(), On: on})
	}
	for _, vendor := range [...]string{"elasticpath", "moltin"} {
		if src := vendors[vendor]; src != "" {
			title := "Jobs"
			if vendors["elasticpath"] != "" && vendors["moltin"] != "" {
				title = vendorNamed(p.vendors.Value, vendor).Title + " jobs"
			}
			t, _ := alogs.ParseTarget(src)
			to := view.Place{Kind: view.Jobs, Vendor: vendor}
			if len(t.Path) == 2 && t.Path[0] == wordOf(vendor)+"s" {
				to.A = t.Path[1]
			}
			t.Path = nil
			add(title, to, t.String(), view.Job)
		}
	}
	if src := vendors["coveo"]; src != "" {
		add("Items", view.Place{Kind: view.Assert}, src, view.Item)
	}
	if vendors["deepset"] != "" {
		add("Exceptions", view.Place{Kind: view.Exceptions}, "")
	}
	if vendors["algolia"] != "" {
		add("Shapes", view.Place{Kind: view.Shapes}, "")
	}
	if len(v.Src) > 1 {
		add("Timeline", view.Place{Kind: view.Timeline}, "")
	}
	return out
}

// drill goes to the drill-down of a row and reports whether it has one.
func (p *logs) drill(row int) bool {
	if row < 0 || row >= p.m.Len() {
		return false
	}
	e := p.m.Entry(row)
	v, _, ok := p.drillDown(&e)
	if ok {
		p.goTo(v)
	}
	return ok
}

// goTo goes to an address of this page, as a click on a link with it does.
func (p *logs) goTo(v view.View) { p.deps.navigate(p.ctx, v.URL()) }

// entries goes to the table with a view.
func (p *logs) entries(v view.View) { p.goTo(v.At(view.Place{})) }

// here returns what the address says: the place's view, or the table's.
func (p *logs) here() view.View {
	if p.covers() {
		return p.place.view
	}
	return p.m.View()
}

// whereabouts names the account that the place looks at, and tells a simulated one.
func (p *logs) whereabouts() (name string, demo bool) {
	for _, src := range p.place.view.Src {
		if t, err := alogs.ParseTarget(src); err == nil {
			v := vendorNamed(p.vendors.Value, t.Vendor)
			return v.Title + " · " + t.Account, demoRegion(v) == t.Region
		}
	}
	return "", false
}

// connected reports whether the session has a connection to a target's account.
func (p *logs) connected(t alogs.Target) bool {
	conns, _ := p.m.Connections()
	for _, c := range conns {
		if c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account {
			return true
		}
	}
	return false
}

// placed is the place that is shown.
type placed struct {
	is   place // nil at the table
	kind view.Kind
	view view.View
}

// enter makes the place of an address the one that is shown.
func (p *logs) enter(v view.View) {
	if kind := v.Place().Kind; p.place.kind != kind {
		p.leave()
		p.place = placed{is: p.newPlace(kind), kind: kind}
	}
	p.place.view = v
}

// covers reports whether the place has nothing to do with the rows of the table.
func (p *logs) covers() bool { return p.place.is != nil && !overRows(p.place.kind) }

// leave ends the place that is shown.
func (p *logs) leave() {
	if p.place.is != nil {
		p.place.is.close()
	}
	p.endScan()
	p.place = placed{}
}

// scan is a walk over all rows of the table for a place, in slices between frames.
type scan struct {
	reset func()
	visit func(row int)
	done  func()
	row   int
	seen  int // version of the rows
	begun time.Time
	wait  time.Duration // after which changed rows end a walk before its end
	stop  func()        // nil while nothing is under way
}

// rescan is how often a scan begins anew, at most, while entries come in.
const rescan = 500 * time.Millisecond

// scan visits all rows that the table shows, now and again whenever they change,
// until the place is left: reset comes before the first row of each walk, done
// after the last. Both and visit run on the UI goroutine; a visit should take less
// than a millisecond.
func (p *logs) scan(reset func(), visit func(row int), done func()) {
	p.endScan()
	p.scanned = &scan{reset: reset, visit: visit, done: done, seen: -1}
	p.scanOn()
}

func (p *logs) endScan() {
	if s := p.scanned; s != nil && s.stop != nil {
		s.stop()
	}
	p.scanned = nil
}

// scanOn begins the walk of a scan if the rows changed since the last one.
func (p *logs) scanOn() {
	s := p.scanned
	if s == nil || s.stop != nil || s.seen == p.m.Version() {
		return
	}
	ended := false
	stop := dom.Work(func() bool {
		if p.gone || p.scanned != s {
			ended = true
			return false
		}
		if now := time.Now(); s.seen != p.m.Version() && (s.seen < 0 || s.row == 0 || now.Sub(s.begun) > s.wait) {
			s.wait = max(rescan, 2*now.Sub(s.begun)) // a walk that takes long must come to its end
			if s.row == 0 {
				s.wait = rescan
			}
			s.seen, s.row, s.begun = p.m.Version(), 0, now
			s.reset()
		}
		end := time.Now().Add(slice)
		for n := p.m.Len(); s.row < n; s.row++ {
			s.visit(s.row)
			if s.row%16 == 15 && time.Now().After(end) {
				s.row++
				return true
			}
		}
		s.stop, ended = nil, true
		s.done()
		s.row = 0
		p.redraw()
		if s.seen != p.m.Version() {
			after(p.ctx, rescan, p.scanOn)
		}
		return false
	})
	if !ended { // without a browser the work is done by now
		s.stop = stop
	}
}

// placeKey gives the place a command that a key stands for. done says that this
// was all of it; used, that the browser must not act on the key as well. Commands
// that move in the table do nothing at a place, where the browser may scroll.
func (p *logs) placeKey(cmd command) (used, done bool) {
	if p.place.is.key(cmd) {
		p.redraw()
		return true, true
	}
	switch cmd {
	case cmdClose:
		if p.shown > 1 {
			dom.Back()
		} else { // the reader came here from elsewhere
			p.later(entriesAsked{})
		}
		return true, true
	case cmdKeys, cmdPalette, cmdCopyLink, cmdExact:
		return false, false
	case cmdFilter, cmdFacets, cmdTime, cmdReload, cmdZoomOut, cmdEarlier, cmdLater:
		return false, p.covers()
	}
	return false, true
}

// entriesAsked leads from a place to the table.
type entriesAsked struct{}
