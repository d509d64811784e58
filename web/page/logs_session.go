package page

import (
	"context"
	"net/url"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
)

// learn tells the model what the session has, and asks for the names of the
// view's targets.
func (p *logs) learn() {
	if p.vendors.Busy || p.conns.Busy || !p.conns.Ready {
		return
	}
	p.relens()
	p.do(viewer.ConnectionsLoaded{Connections: p.conns.Value, Demo: p.vendors.Value.Demo})
	p.label()
	p.joinFocus()
}

// label asks for the targets of the connections that the view uses: addresses
// hold ids, and people call things by name.
func (p *logs) label() {
	for _, src := range p.m.View().Src {
		t, err := alogs.ParseTarget(src)
		if err != nil || len(t.Path) == 0 && t.Vendor != "coveo" { // whose entries name their sources by id
			continue
		}
		for _, c := range p.conns.Value {
			if c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account {
				p.loadPicks(c.ID)
			}
		}
	}
}

// loadPicks asks once for the targets of a connection.
func (p *logs) loadPicks(id string) {
	if l := p.picks[id]; l != nil && l.Err == nil {
		return
	}
	l := &loaded[[]wire.Target]{}
	p.picks[id] = l
	load(p.ctx, l, func(ctx context.Context) ([]wire.Target, error) { return p.deps.Client.Targets(ctx, id) }, func() {
		p.do(viewer.TargetsLoaded{Targets: l.Value})
	})
}

// missing returns the first target of the view that no connection of this
// session can be for, and whether there is one.
func (p *logs) missing() (alogs.Target, bool) {
	_, known := p.m.Connections()
	if !known {
		return alogs.Target{}, false
	}
	for _, src := range p.m.View().Src {
		t, err := alogs.ParseTarget(src)
		if err != nil {
			continue
		}
		if !p.connected(t) {
			return t.Below(), true
		}
	}
	return alogs.Target{}, false
}

// connectURL returns the address of the form for a target, which comes back
// here.
func (p *logs) connectURL(t alogs.Target) string {
	v := url.Values{"next": {p.here().URL()}}
	if t.Vendor != "" {
		v.Set("vendor", t.Vendor)
		v.Set("region", t.Region)
		v.Set("account", t.Account)
	}
	return "/connect?" + v.Encode()
}
