package page

import (
	"context"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// joining is the form that connects an account of the view in place, so that a link
// leads straight to what it shows. Credentials stay in the fields of the document
// until they are sent.
type joining struct {
	again   alogs.Target // connect this account anew, with another credential
	later   bool         // the reader first looks at what can be read
	focused string       // the account whose form got the keyboard
	sending
}

// What the page reports beside the form.
type (
	joinLater  struct{}
	joinAgain  struct{ of string } // address of the account
	standAsk   struct{ from, to string }
	standPut   struct{ text string } // onto the clipboard
	standRetry struct{}
)

// lacks returns the accounts that the view reads and that no connection of this
// session can be for, in the view's order. An account that another connection turns
// out to read is none of them, nor one of a region that this server does not have.
func (p *logs) lacks() []alogs.Target {
	conns, known := p.m.Connections()
	if !known || !p.vendors.Ready {
		return nil
	}
	var out []alogs.Target
	for _, src := range p.here().Src {
		t, err := alogs.ParseTarget(src)
		v := vendorNamed(p.vendors.Value, t.Vendor)
		if err != nil || p.connected(t) || !slices.ContainsFunc(v.Regions, func(r wire.Region) bool { return r.Name == t.Region }) {
			continue
		}
		other := slices.ContainsFunc(conns, func(c wire.Connection) bool { return c.Vendor == t.Vendor && c.Region == t.Region })
		if other && !p.unread(src) {
			continue
		}
		t = t.Below()
		if !slices.ContainsFunc(out, t.SameAccount) {
			out = append(out, t)
		}
	}
	return out
}

// unread reports whether the last answer said that nothing could be read of a target
// for want of a connection.
func (p *logs) unread(src string) bool {
	f := p.failing(src)
	return f != nil && f.Kind == fault.Unauthenticated
}

// failing returns why a target could not be read, nil where it could.
func (p *logs) failing(src string) *fault.Error {
	v := p.m.View()
	if problem, failed := p.m.Problem(); failed && !problem.Older && len(v.Src) == 1 && v.Src[0] == src {
		return problem.Fault
	}
	for _, l := range p.m.Lanes() {
		if l.Src != src || l.State != alogs.Failed || len(l.Stretches) == 0 {
			continue
		}
		edge := &l.Stretches[len(l.Stretches)-1]
		return &fault.Error{Kind: fault.Kind(edge.Kind), Msg: l.Reason, Said: l.Said}
	}
	return nil
}

// joins returns the account whose form is shown, if one is.
func (p *logs) joins() (t alogs.Target, of int, ok bool) {
	if t := p.sharing.join.again; t.Vendor != "" {
		return t, 1, true
	}
	all := p.lacks()
	if len(all) == 0 {
		return t, 0, false
	}
	return all[0], len(all), true
}

// alone reports whether the table has nothing to show beside what stands above it.
func (p *logs) alone() bool { return p.covers() || p.m.Len() == 0 }

// stand returns what stands in the place of the table or above it, nil for nothing.
func (p *logs) stand() *part.Stand {
	if t, of, ok := p.joins(); ok {
		if p.sharing.join.later && !p.alone() {
			return nil
		}
		return p.joinStand(t, of)
	}
	if s := p.refusal(); s != nil && !(p.sharing.join.later && !p.alone()) {
		return s
	}
	if l, ok := p.m.Lost(); ok && overRows(p.place.kind) {
		return p.lostStand(&l)
	}
	return nil
}

func (p *logs) joinStand(t alogs.Target, of int) *part.Stand {
	v := vendorNamed(p.vendors.Value, t.Vendor)
	s := &part.Stand{Sign: "key", Head: "Connect " + v.Title + " to see this"}
	what := v.Title + ", account " + t.Account + " (" + regionLabel(v, t.Region) + ")"
	if p.sharing.join.again.Vendor != "" {
		s.Text = "Another credential for " + what + " takes the place of the one that this session has."
	} else {
		s.Text = "This view reads " + what + ", which this session is not connected to."
	}
	demo := p.vendors.Value.Demo && t.Region == demoRegion(v)
	switch all := len(p.lackingDemos()); {
	case p.sharing.join.again.Vendor != "":
	case demo && all > 1:
		which := "both"
		if all > 2 {
			which = "all " + part.Count(all)
		}
		s.Text += " One click connects " + which + " demo accounts that it reads."
	case !demo && of > 1:
		s.Text += " " + part.Some(of-1, "more account") + " will be asked for next."
	}
	if demo {
		s.Head = "This shows demo data"
		s.Acts = []part.StandAct{{Label: part.Offer(viewer.ActDemo), Msg: part.ActionGiven{Action: viewer.ActDemo}}}
	} else {
		j := &p.sharing.join
		s.Form = &part.Form{
			Vendors: p.vendors.Value.Vendors, Vendor: t.Vendor, Region: t.Region, Account: t.Account,
			Missing: j.missing, Busy: j.busy, Slow: j.slow, Err: j.err, Only: true,
		}
	}
	if !p.alone() || p.sharing.join.again.Vendor != "" {
		s.Shut = joinLater{}
	}
	return s
}

// refusal says which right a connection lacks, nil where none does.
func (p *logs) refusal() *part.Stand {
	if !p.vendors.Ready || !p.conns.Ready {
		return nil
	}
	if p.covers() {
		if x, ok := p.place.is.(interface {
			refused() (alogs.Target, *fault.Error)
		}); ok {
			if t, f := x.refused(); f != nil && f.Kind == fault.Forbidden {
				return p.refusedBy(t, f)
			}
		}
		return nil // what else went wrong the place says by itself
	}
	for _, src := range p.m.View().Src {
		f := p.failing(src)
		if f == nil || f.Kind != fault.Forbidden && f.Kind != fault.Unauthenticated {
			continue
		}
		t, err := alogs.ParseTarget(src)
		if err != nil || !p.connected(t) {
			continue
		}
		return p.refusedBy(t, f)
	}
	return nil
}

func (p *logs) refusedBy(t alogs.Target, f *fault.Error) *part.Stand {
	v := vendorNamed(p.vendors.Value, t.Vendor)
	account := v.Title + ", account " + t.Account + " (" + regionLabel(v, t.Region) + ")"
	s := &part.Stand{Sign: "lock", Head: "Your connection may not read this", Text: part.Sentence(f.Msg), Said: f.Said}
	if f.Kind == fault.Unauthenticated {
		s.Sign, s.Head = "key", "The credential was refused"
	}
	if len(t.Path) > 0 {
		s.Facts = append(s.Facts, part.Field{Name: "What", Value: p.called(t)})
	}
	s.Facts = append(s.Facts, part.Field{Name: "Account", Value: account})
	for _, c := range p.conns.Value {
		if c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account {
			s.Facts = append(s.Facts, part.Field{Name: "Tried with", Value: "this session's connection, made " + c.Created.In(p.m.Zone()).Format("2 Jan 2006 15:04")})
		}
	}
	ask := "Please give me what it takes to read the logs of " + account + " in logpane: " + v.Needs
	if v.Needs != "" {
		s.Facts = append(s.Facts, part.Field{Name: "It takes", Value: v.Needs})
	}
	s.Acts = []part.StandAct{
		{Label: "Connect with another credential", Msg: joinAgain{t.Below().String()}},
		{Label: "Copy what to ask the admin", Msg: standPut{ask}},
		{Label: part.Offer(viewer.ActRetry), Msg: standRetry{}},
	}
	if !p.alone() {
		s.Shut = joinLater{}
	}
	return s
}

// called names what a target is of its account.
func (p *logs) called(t alogs.Target) string {
	if l := p.labels()[t.String()]; l != "" {
		return l
	}
	return t.String()
}

// lostStand says that the entry of a link is not there, and why that may be.
func (p *logs) lostStand(l *viewer.Lost) *part.Stand {
	v := p.m.View()
	at, one := v.EntryTime()
	if !one && p.m.Len() > 0 {
		return nil // a wide view shows what it can; notes tell of the entry
	}
	zone := p.m.Zone()
	written := func(layout string) string { return at.In(zone).Format(layout) + " " + part.OffsetName(at.In(zone)) }
	s := &part.Stand{Sign: "search", Head: "The entry of this link was not found"}
	keep, title := p.keeps(l.Src)
	deleted := one && keep > 0 && at.Before(p.deps.Now().Add(-keep))
	switch {
	case deleted:
		s.Sign, s.Head = "clock", "This entry is not there any more"
		s.Text = title + " keeps " + days(keep) + "; this is from " + written("2 Jan 2006 15:04") + "."
		s.Acts = append(s.Acts, part.StandAct{Label: "Show what " + title + " still has", Msg: standAsk{from: view.All}})
	case one:
		s.Text = "Nothing with its id is within ±" + part.Length(view.EntryMargin) + " of " + written("2 Jan 2006 15:04:05") + ". It may not be visible with your connection."
	case !l.End:
		s.Text = "Not among what was read so far."
	default:
		s.Text = "It is not in the time that this link shows, or not visible with your connection."
	}
	if p.m.Len() > 0 {
		s.Text += " Below is what else happened then."
	}
	if !l.End {
		s.Acts = append(s.Acts, part.StandAct{Label: part.Offer(viewer.ActSearchOn), Msg: part.ActionGiven{Action: viewer.ActSearchOn}})
	}
	if one && !deleted {
		day := at.In(zone)
		day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
		s.Acts = append(s.Acts,
			part.StandAct{Label: "Look within ±10 min", Msg: standAsk{view.Stamp(at.Add(-10 * time.Minute)), view.Stamp(at.Add(10 * time.Minute))}},
			part.StandAct{Label: "Look at the whole day", Msg: standAsk{view.Stamp(day), view.Stamp(day.AddDate(0, 0, 1))}},
		)
	} else if !one {
		s.Acts = append(s.Acts, part.StandAct{Label: "Choose another time", Msg: part.ActionGiven{Action: viewer.ActEditSpan}})
	}
	s.Shut = viewer.DetailsClosed{}
	return s
}

// onJoin takes what happens in what stands above the table, and reports whether msg
// is of that.
func (p *logs) onJoin(msg any) bool {
	j := &p.sharing.join
	switch m := msg.(type) {
	case joinLater:
		j.leave()
		j.again, j.later = alogs.Target{}, true
		p.focusGrid()
	case joinAgain:
		t, err := alogs.ParseTarget(m.of)
		if err == nil {
			p.joinShown(t, true)
		}
	case part.ConnectMissing:
		p.joinShown(alogs.Target{Vendor: m.Vendor, Region: m.Region, Account: m.Account}, false)
	case part.ConnectGiven:
		if t, _, ok := p.joins(); ok {
			p.joinSend(t)
		}
	case part.ConnectLeft:
		j.leave()
	case standRetry:
		p.anew()
	case standPut:
		p.put("ask", m.text)
	case standAsk:
		v := p.m.View()
		if v.From, v.To = m.from, m.to; m.to == "" {
			v.Sel = ""
		}
		p.goTo(v)
	default:
		return false
	}
	return true
}

// leave gives up the call that is under way.
func (j *joining) leave() {
	if j.cancel != nil {
		j.cancel()
	}
	j.err, j.missing = nil, ""
}

// joinShown shows the form for an account. again is for one that is connected.
func (p *logs) joinShown(t alogs.Target, again bool) {
	j := &p.sharing.join
	j.leave()
	if j.later = false; again {
		j.again = t
	}
	j.focused = ""
	p.joinFocus()
}

// joinFocus gives the keyboard to the form, once for each account, unless there are
// rows to read meanwhile.
func (p *logs) joinFocus() {
	t, _, ok := p.joins()
	j := &p.sharing.join
	if !ok || j.focused == t.String() || !p.alone() && j.again.Vendor == "" {
		return
	}
	v := vendorNamed(p.vendors.Value, t.Vendor)
	if t.Region == demoRegion(v) && p.vendors.Value.Demo {
		return
	}
	j.focused = t.String()
	if id := idOf(v, lacking(v, wire.Connect{Account: t.Account})); id != "" {
		p.focusSoon(id)
	}
}

// joinSend has the server prove what was typed, and then shows the view.
func (p *logs) joinSend(t alogs.Target) {
	j := &p.sharing.join
	v := vendorNamed(p.vendors.Value, t.Vendor)
	if j.busy {
		return
	}
	req := filled(v, t.Region)
	req.Region = t.Region
	if req.Account == "" {
		req.Account = t.Account
	}
	p.joinPost(v, req)
}

// joinPost sends a filled form.
func (p *logs) joinPost(v wire.Vendor, req wire.Connect) {
	j := &p.sharing.join
	j.post(p.ctx, p.deps, v, req, func(context.Context, wire.Connection) func() {
		return func() {
			for _, c := range v.Credentials {
				dom.SetValue(part.IDCredential(c.Name), "")
			}
			j.again, j.later, j.focused = alogs.Target{}, false, ""
			load(p.ctx, &p.conns, p.deps.Client.Connections, p.again)
		}
	})
}

// again shows the view anew, because the session has other connections.
func (p *logs) again() {
	p.learn()
	p.anew()
}

// anew asks for what the address shows once more.
func (p *logs) anew() {
	if p.covers() {
		v := p.place.view
		p.leave()
		p.enter(v)
		p.place.is.open(v)
		return
	}
	p.now()
	p.do(viewer.Reloaded{})
}

// What the places that ask by themselves were refused, and of which account.

func (j *jobPlace) refused() (alogs.Target, *fault.Error) { return j.ask.refused() }

func (j *jobsPlace) refused() (alogs.Target, *fault.Error) { return j.ask.refused() }

func (a *asking) refused() (t alogs.Target, f *fault.Error) {
	if a != nil {
		t, f = a.target, a.Err
	}
	return t, f
}

func (i *itemPlace) refused() (t alogs.Target, f *fault.Error) {
	if i.read != nil {
		t, f = i.src, i.read.Err
	}
	return t, f
}
