package page

import (
	"slices"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// demo reports whether some target of the view is simulated.
func (p *logs) demo() bool {
	return slices.ContainsFunc(p.m.View().Src, func(src string) bool {
		t, err := alogs.ParseTarget(src)
		if err != nil {
			return false
		}
		if r := demoRegion(vendorNamed(p.vendors.Value, t.Vendor)); r != "" && r == t.Region {
			return true
		}
		return slices.ContainsFunc(p.conns.Value, func(c wire.Connection) bool {
			return c.Demo && c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account
		})
	})
}

// lackingDemos returns the simulated vendors that the view names and the session is
// not connected to, in the view's order.
func (p *logs) lackingDemos() []wire.Vendor {
	if !p.vendors.Value.Demo {
		return nil
	}
	var out []wire.Vendor
	for _, src := range p.here().Src {
		t, err := alogs.ParseTarget(src)
		if err != nil {
			continue
		}
		v := vendorNamed(p.vendors.Value, t.Vendor)
		if t.Region == "" || t.Region != demoRegion(v) {
			continue
		}
		there := slices.ContainsFunc(p.conns.Value, func(c wire.Connection) bool {
			return c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account
		})
		if !there && !slices.ContainsFunc(out, func(w wire.Vendor) bool { return w.Name == v.Name }) {
			out = append(out, v)
		}
	}
	return out
}

// tryDemo connects the simulated vendors that the view needs, one after another,
// and searches again in place. A view that needs none is left for the first page,
// which offers them all.
func (p *logs) tryDemo() {
	if p.trying {
		return
	}
	wanted := p.lackingDemos()
	if len(wanted) == 0 {
		p.deps.navigate(p.ctx, "/")
		return
	}
	p.trying, p.tryErr = true, nil
	ctx := p.ctx
	ctx.Async(func() {
		defer dom.Recover()
		var err error
		for _, v := range wanted {
			if _, err = p.deps.Client.Connect(ctx, wire.Connect{Vendor: v.Name, Region: demoRegion(v), Demo: true}); err != nil {
				break
			}
		}
		ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.trying, p.tryErr = false, fault.Of(err)
			load(p.ctx, &p.conns, p.deps.Client.Connections, func() {
				p.learn()
				if p.tryErr == nil {
					p.again()
				}
			})
		})
	})
}
