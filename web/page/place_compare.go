package page

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// maxSought is how many entries are read, without the reader asking, to find those
// that an address names.
const maxSought = 10_000

// compare shows two entries side by side. A link names them by their keys, so they
// may have to be found first, in older pages of the view.
type compare struct {
	p     *logs
	v     view.View
	found [2]*alogs.Entry
	is    *part.Compared
	run   *comparing // under way, nil if nothing is
	left  bool       // the reader ended it
	state part.CompareState
	limit int // of entries read before it stops looking
}

// comparing is a comparison that is under way.
type comparing struct {
	began time.Time
	ended atomic.Bool // nobody waits for it any more
}

// errEnded unwinds a comparison that nobody waits for.
var errEnded = errors.New("the comparison was ended")

func newCompare(p *logs) place { return &compare{p: p, limit: maxSought} }

// compare goes to the comparison of the two entries marked last.
func (p *logs) compare() {
	if v, ok := p.m.Compared(); ok {
		p.goTo(v)
		return
	}
	p.tell("Mark two entries with x, then compare them with =")
}

// compareOpen compares the open entry with the one marked last.
func (p *logs) compareOpen() {
	var row viewer.Row
	if at := p.m.Open(); at >= 0 {
		if p.m.Row(at, &row); !row.Marked {
			p.do(viewer.Marked{Row: at})
		}
	}
	p.compare()
}

// backAsked leads from what happened around an entry to the table before.
type backAsked struct{}

// aroundNote says what all rows around an entry have, which therefore stands in none
// of them, and leads back.
func (p *logs) aroundNote() (n part.Note, ok bool) {
	pairs := p.m.Common()
	for i, c := range pairs {
		if i > 0 {
			n.Text += " · "
		}
		n.Text += c.Title + " " + p.lens().Field(strings.ReplaceAll(c.Title, " ", "_"), c.Value)
	}
	if n.Text != "" {
		n.Text = "All " + part.Count(p.m.Len()) + " entries: " + n.Text
	}
	if p.m.Around() {
		if n.Text == "" {
			n.Text = "All that happened 30 s before and after the entry"
		}
		n.Label, n.Msg = "Back to the list", backAsked{}
	}
	return n, n.Text != ""
}

func (c *compare) open(v view.View) {
	if len(v.Pick) != len(c.v.Pick) || len(v.Pick) == 2 && (v.Pick[0] != c.v.Pick[0] || v.Pick[1] != c.v.Pick[1]) {
		c.halt()
		c.found, c.is, c.state, c.limit, c.left = [2]*alogs.Entry{}, nil, part.CompareState{}, maxSought, false
	}
	c.v = v
	c.look()
	if c.is == nil && c.run == nil && !c.left && len(v.Pick) == 2 {
		c.p.scan(func() {}, func(int) {}, c.lookOn)
	}
}

// look looks for what is missing among what is loaded.
func (c *compare) look() {
	if c.is != nil || c.run != nil || c.left || len(c.v.Pick) < 2 {
		return
	}
	for i, key := range c.v.Pick {
		if c.found[i] == nil {
			if e, ok := c.p.m.EntryOf(key); ok {
				c.found[i] = &e
			}
		}
	}
	if c.found[0] != nil && c.found[1] != nil {
		c.p.endScan()
		c.work(*c.found[0], *c.found[1])
	}
}

// slow is how many bytes of two entries are compared at once; larger ones are
// compared while the page goes on.
const slow = 128 << 10

// work compares the entries.
func (c *compare) work(a, b alogs.Entry) {
	if len(a.Raw)+len(b.Raw) <= slow {
		c.is = part.CompareEntries(c.p.lens(), a, b, func() {})
		return
	}
	run, lens := &comparing{began: time.Now()}, c.p.lens()
	c.run = run
	c.p.ctx.Async(func() {
		defer dom.Recover()
		is := compareLong(lens, a, b, run, c.p.redraw)
		c.p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			if c.run == run {
				c.run, c.is = nil, is
			}
		})
	})
}

// compareLong compares entries that take long, and lets the browser draw and take
// input meanwhile. It returns nil once nobody waits for it. tick is called about once
// a second.
func compareLong(lens redact.Lens, a, b alogs.Entry, run *comparing, tick func()) (is *part.Compared) {
	defer func() {
		if r := recover(); r != nil && r != any(errEnded) {
			panic(r)
		}
	}()
	last, told := time.Now(), time.Now()
	return part.CompareEntries(lens, a, b, func() {
		if run.ended.Load() {
			panic(errEnded)
		}
		if time.Since(last) <= slice {
			return
		}
		if time.Since(told) > time.Second {
			told = time.Now()
			tick()
		}
		time.Sleep(time.Millisecond) // lets the browser draw and take input
		last = time.Now()
	})
}

// again compares the entries through another lens.
func (c *compare) again() {
	c.halt()
	c.is = nil
}

// halt ends the comparison that is under way.
func (c *compare) halt() {
	if c.run != nil {
		c.run.ended.Store(true)
		c.run = nil
	}
}

// lookOn reads on where something is still missing.
func (c *compare) lookOn() {
	c.look()
	if c.is == nil && c.p.m.Len() < c.limit && c.more() {
		c.p.later(viewer.MoreAsked{})
	}
}

// more reports whether older entries may be there.
func (c *compare) more() bool {
	switch c.p.m.Foot().State {
	case viewer.FootMore, viewer.FootAsk:
		return true
	}
	return false
}

func (c *compare) body() app.UI {
	c.look()
	ui := part.Compare{Compared: c.is, Labels: c.p.labels(), Zone: c.p.m.Zone(), State: c.state}
	if c.is != nil {
		for i := range c.is.Entries {
			e := &c.is.Entries[i]
			v := c.v.At(view.Place{})
			v.Sel = e.ID
			if len(v.Src) > 1 {
				v.Sel = e.Src + "," + e.ID
			}
			ui.URLs[i] = v.URL()
		}
		return ui.UI(c.p.on)
	}
	c.missing(&ui)
	return ui.UI(c.p.on)
}

// missing says what was not found and why.
func (c *compare) missing(ui *part.Compare) {
	m := c.p.m
	if len(c.v.Pick) < 2 {
		ui.Missing = []string{"This address names fewer than two entries. Mark two in the table with x, then compare them with =."}
		return
	}
	switch {
	case c.run != nil:
		ui.Work = "Comparing " + part.Size(len(c.found[0].Raw)+len(c.found[1].Raw)) + " that the vendor sent"
		if took := time.Since(c.run.began); took >= time.Second {
			ui.Work += " · " + part.Count(int(took/time.Second)) + " s"
		}
		return
	case c.left && c.found[0] != nil && c.found[1] != nil:
		ui.Left = true
		return
	}
	_, loading := m.Loading()
	problem, failed := m.Problem()
	read := part.Entries(m.Len())
	switch {
	case loading, c.more() && m.Len() < c.limit:
		ui.Wait = "Looking for the entries; " + read + " read"
		return
	case failed:
		ui.Missing = append(ui.Missing, "The entries could not be read: "+problem.Fault.Msg+".")
	}
	for i, key := range c.v.Pick {
		if c.found[i] == nil {
			ui.Missing = append(ui.Missing, "The "+[2]string{"first", "second"}[i]+" entry ("+viewer.MiddleCut(key)+") is not among the "+read+" that could be read of this view: its vendor may not keep it any more, or the filter or time leaves it out.")
		}
	}
	if c.found[0] != nil || c.found[1] != nil {
		ui.Missing = append(ui.Missing, "The other entry was found.")
	}
	ui.More = c.more()
}

func (c *compare) key(command) bool { return false }

func (c *compare) on(_ app.Context, event any) bool {
	if a, ok := event.(part.ActionGiven); ok && a.Action == viewer.ActSearchOn && c.is == nil {
		c.limit = c.p.m.Len() + maxSought
		c.lookOn()
		return true
	}
	if e, ok := event.(part.CompareLeft); ok {
		c.halt()
		c.left = !e.Again
		c.look()
		return true
	}
	var mine bool
	c.state, mine = c.state.Next(event)
	return mine
}

func (c *compare) close() { c.halt() }
