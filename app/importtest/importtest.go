// Package importtest holds the architecture as a test: who may import whom, and
// why. The table below is the map of the repository's arrows; a shortcut fails
// with the rule it breaks and the reason for it. To change a rule, change its row,
// in the open, with a reason.
package importtest

import "strings"

// rule says what a package may import, beyond the standard library.
type rule struct {
	pkg   string   // a package, or a tree ending in /...; the first match rules
	may   []string // ours and others'; a tree ends in /...
	never []string // of the standard library
	why   string
}

const module = "github.com/logpane/logpane/"

// rules are read from top to bottom; the first that fits a package counts. A
// package that no rule fits has no place in the house.
var rules = []rule{
	{"app/importtest", nil, nil, "it only reads the source"},
	{"app/logs", nil, browserNever, "the nouns stand alone: everything imports them"},
	{"app/fault", nil, browserNever, "errors stand alone: everything imports them"},
	{"app/store", []string{"app/logs", "app/fault", "app/query"}, browserNever, "the store holds and filters entries: it knows no page, no address and no wire, so that it can be measured alone"},
	{"app/...", []string{"app/..."}, browserNever, "app is the product as pure Go, compiled for the server and the browser: it knows no framework, no browser and no network"},

	{"web/part", []string{goApp, "app/..."}, []string{"net/http", "syscall/js"}, "a part draws values and reports events: it fetches nothing and touches no JavaScript"},
	{"web/page", []string{goApp, "app/...", "web/part", "web/client", "web/dom"}, []string{"net/http", "syscall/js"}, "a page runs effects through client and dom, and knows no server code"},
	{"web/client", []string{goApp, "app/...", "web/dom"}, []string{"net/http"}, "net/http would add a megabyte to the browser binary: the browser's own fetch is used"},
	{"web/dom", []string{goApp, "app/..."}, []string{"net/http"}, "dom is the fence around JavaScript: it is below client and pages"},
	{"web/...", []string{goApp, "app/...", "web/..."}, []string{"net/http"}, "the face and the server meet in app only"},
	{"wasm", []string{goApp, "app/...", "web/..."}, []string{"net/http"}, "what main of the browser imports, every visitor downloads"},

	{"static/...", []string{"static/...", "github.com/andybalholm/brotli", "golang.org/x/sync/errgroup"}, nil, "assets are embedded and packed by the build: they know nothing of what they show"},

	{"bff/secret", nil, nil, "the type that never prints is imported by everyone who holds a secret"},
	{"bff/config", nil, nil, "settings are checked before anything is started"},
	{"bff/engine", []string{"github.com/nats-io/...", "app/fault"}, nil, "the engine is chosen once and knows nothing of what stands on it"},
	{"bff/feed", append([]string{"github.com/klauspost/compress/s2"}, onEngine...), nil, "what stands on the engine knows no vendor and no HTTP"},
	{"bff/lease", onEngine, nil, "what stands on the engine knows no vendor and no HTTP"},
	{"bff/permit", onEngine, nil, "what stands on the engine knows no vendor and no HTTP"},
	{"bff/presence", onEngine, nil, "what stands on the engine knows no vendor and no HTTP"},
	{"bff/session", []string{"github.com/alexedwards/scs/...", "github.com/nats-io/...", "bff/engine", "bff/secret", "app/fault"}, nil, "sessions hold credentials: they know no source and no socket"},
	{"bff/tail", []string{"github.com/gorilla/websocket", "bff/feed", "app/..."}, nil, "sockets know neither sessions nor vendors"},
	{"bff/poll", []string{"app/...", "bff/feed", "bff/lease", "bff/presence", "bff/source", "bff/tail", "github.com/hashicorp/golang-lru/v2/..."}, []string{"net/http"}, "it joins the source's tail and the engine, so that neither knows the other"},
	{"bff/simulate", nil, nil, "the simulators are an independent witness: sharing code with a driver would prove nothing"},

	{"bff/source/driver", []string{"app/...", "bff/secret"}, []string{"net/http"}, "the driver interface is plain data and methods: HTTP is the business of rest"},
	{"bff/source/rest", []string{"app/...", "bff/secret"}, nil, "the shared client knows no vendor"},
	{"bff/source/drivertest", []string{"app/...", "bff/secret", "bff/source", "bff/source/driver", "bff/source/rest", "bff/simulate"}, nil, "the suite is run by every vendor and names none"},
	{"bff/source", []string{"app/...", "bff/source/driver", "golang.org/x/time/rate", "golang.org/x/sync/...", "github.com/cenkalti/backoff/v5", "github.com/hashicorp/golang-lru/v2/..."}, []string{"net/http"}, "the portable source knows no vendor, no session and no HTTP: it is written once for all"},
	{"bff/source/*", []string{"app/...", "bff/secret", "bff/source/driver", "bff/source/rest", "golang.org/x/sync/..."}, nil, "vendors do not know each other, nor what stands above them: copying a folder must be enough for a new one"},

	{"bff/server", []string{"app/...", "bff/secret", "bff/session", "bff/source", "bff/source/driver", "bff/tail", "static", "github.com/prometheus/client_golang/...", "github.com/hashicorp/golang-lru/v2/...", "github.com/klauspost/compress/gzip", "golang.org/x/time/rate"}, nil, "routes know sessions and sources, and no vendor"},
	{"bff", []string{"app/...", "bff/...", "static", "github.com/prometheus/client_golang/..."}, nil, "main is the only place that names concrete parts"},
}

const goApp = "github.com/maxence-charriere/go-app/v9/pkg/app"

var (
	onEngine     = []string{"app/...", "bff/engine", "github.com/nats-io/..."}
	browserNever = []string{"net/http", "syscall/js", "net", "os/exec"}
)

// ruleOf returns the rule of a package of ours, given without the module.
func ruleOf(pkg string) (rule, bool) {
	for _, r := range rules {
		if fits(pkg, r.pkg) {
			return r, true
		}
	}
	return rule{}, false
}

// fits reports whether a path is a pattern: itself, anything below it with /...,
// or one level below it with /*.
func fits(path, pattern string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == tree || strings.HasPrefix(path, tree+"/")
	}
	if dir, ok := strings.CutSuffix(pattern, "/*"); ok {
		name, below := strings.CutPrefix(path, dir+"/")
		return below && !strings.Contains(name, "/")
	}
	return path == pattern
}

// complaint says why a package must not import another, "" if it may.
func (r rule) complaint(pkg, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, module)
	if !isOurs && !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
		for _, n := range r.never {
			if imported == n {
				return pkg + " must not import " + imported + ": " + r.why
			}
		}
		return ""
	}
	if isOurs {
		imported = ours
	}
	for _, m := range r.may {
		if fits(imported, m) {
			return ""
		}
	}
	return pkg + " must not import " + imported + ": " + r.why
}
