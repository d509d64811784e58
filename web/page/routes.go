package page

import (
	"github.com/logpane/logpane/app/view"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Routes maps addresses to pages. Addresses that no page has get one that says
// so. Pages are made anew here, not given to app.Route, which would make zero
// ones without their dependencies.
func Routes(d Deps) {
	d.exports = &exports{}
	app.RouteFunc("/", func() app.Composer { return &home{deps: d} })
	app.RouteFunc("/connect", func() app.Composer { return &connect{deps: d} })
	app.RouteFunc("/tokens", func() app.Composer { return &tokens{deps: d} })
	app.RouteFunc(view.PathLogs, func() app.Composer { return newLogs(d) })
	// Drill-downs are places of the same page, whose rows outlive going there and back.
	app.RouteWithRegexpFunc("^/(e|ep|moltin|job|coveo|deepset|algolia)/.|^/(compare|timeline)$", func() app.Composer { return newLogs(d) })
	app.RouteWithRegexpFunc("^/.*", func() app.Composer { return &lost{} })
}
