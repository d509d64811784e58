// Package deepset reads the logs of pipelines and indexes of the deepset AI
// Platform (formerly deepset Cloud).
//
//	v := deepset.Vendor(net)
//	d, err := v.Open(driver.Config{Region: v.Regions[0], Account: "production", Credentials: creds})
//	page, err := d.Read(ctx, driver.Read{Path: []string{"pipelines", "rag"}, Limit: 100})
//
// Paths below a workspace: pipelines/NAME and indexes/NAME. A workspace has no log
// of its own.
//
// Sources of facts, read November 2026, are named in place:
//   - "Get Pipeline Logs", "Get Index Logs", "List Pipelines": the API reference at
//     docs.cloud.deepset.ai.
//   - "API Best Practices", "Generate API Keys": the same site.
//   - the MCP server and the SDK: github.com/deepset-ai/deepset-mcp-server,
//     github.com/deepset-ai/deepset-cloud-sdk, both official.
//
// It must not round or rewrite the time of an entry: the vendor's own string is
// the only cursor there is.
package deepset

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// maxLimit is the most rows per call; more is answered with 422, per "Get
	// Pipeline Logs".
	maxLimit = 100
	// timeout of a call. The MCP server gives a log call 70 s; the vendor's own
	// limit ends in a 504 before that.
	timeout = 75 * time.Second
	// maxPages bounds the calls for one pick list: 2,000 pipelines.
	maxPages = 20
)

// Vendor describes deepset. Its calls go through n.
func Vendor(n *rest.Net) driver.Vendor {
	return driver.Vendor{
		Name:  "deepset",
		Title: "deepset",
		Account: driver.Field{
			Name: "account", Label: "Workspace",
			Help: "The workspace's name as the deepset AI Platform shows it, for example production.",
		},
		Credentials: []driver.Field{{
			Name: "api_key", Label: "API key", Secret: true,
			Help: "From the API keys in the platform's settings; it is shown once, when it is created.",
		}},
		// Per the SDK's login.
		Regions: []driver.Region{
			{Name: "eu", Label: "Europe", URL: "https://api.cloud.deepset.ai"},
			{Name: "us", Label: "United States", URL: "https://api.us.deepset.ai"},
		},
		// Per "Generate API Keys"; which role the logs need is not documented.
		Needs: "A personal or service API key, of the workspace or of the whole organization, whose role may see the workspace's pipelines.",
		Capabilities: driver.Capabilities{
			Paging:    driver.ByTime,      // after, "Get Pipeline Logs"
			Order:     driver.NewestFirst, // order=DESC, the default, same
			MaxLimit:  maxLimit,
			Smaller:   true,             // "Fetching logs timed out." with a 504, same
			Precision: time.Microsecond, // of logged_at in the MCP server's tests
			Timeout:   timeout,
			InFlight:  4,                // ours: no limit is documented, and a call may take long
			Poll:      15 * time.Second, // ours
			PollFloor: 5 * time.Second,  // ours
			// Retention is not documented.
		},
		Names:     []string{"level", "item", "request", "pipeline", "index", "origin", "exception", "error", "frame"},
		OpenNames: true, // extra_fields
		Open:      func(cfg driver.Config) (driver.Driver, error) { return open(n, cfg) },
	}
}

// workspace is the driver of one workspace. It is safe for concurrent use.
type workspace struct {
	net  *rest.Net
	base string
	name string
	key  secret.Value
	mask *rest.Mask
}

var (
	_ driver.Driver   = (*workspace)(nil)
	_ driver.Filterer = (*workspace)(nil)
)

func open(n *rest.Net, cfg driver.Config) (driver.Driver, error) {
	const op = "deepset: open"
	name := strings.TrimSpace(cfg.Account)
	key := secret.New(strings.TrimSpace(cfg.Credentials["api_key"].Reveal()))
	switch {
	case name == "":
		return nil, fault.New(fault.Invalid, op).Saying("the workspace is missing; type its name as the deepset AI Platform shows it")
	case key.Empty():
		return nil, fault.New(fault.Invalid, op).Saying("the API key is missing; create one in the settings of the deepset AI Platform")
	case cfg.Region.URL == "":
		return nil, fault.New(fault.Invalid, op).Saying("deepset has no address in this region; pick another region")
	}
	return &workspace{net: n, base: cfg.Region.URL, name: name, key: key, mask: rest.NewMask(key)}, nil
}

// Verify looks for the workspace in the list of those that the key may see. A key
// that may not list workspaces is good all the same when it can list the
// pipelines of this one.
func (w *workspace) Verify(ctx context.Context) error {
	const op = "check workspace"
	v, err := w.get(ctx, op, []string{"api", "v1", "workspaces"}, nil, nil)
	if err == nil {
		names, ok := parseNames(v)
		if ok && slices.Contains(names, w.name) {
			return nil
		}
		if ok {
			msg := "this API key does not see a workspace " + strconv.Quote(w.name) + "; check its name, the region, and which workspace the key was made for"
			if len(names) > 0 {
				msg += ". It sees: " + rest.Line(strings.Join(names, ", "), 300)
			}
			return fault.New(fault.NotFound, "deepset: "+op).Saying(msg)
		}
	} else if f := fault.Of(err); f.Status < 400 || f.Status >= 500 || f.Kind.Temporary() {
		return err
	}
	_, err = w.get(ctx, op, w.path("pipelines"), url.Values{"limit": {"1"}}, nil)
	return err
}

// Targets lists the workspace's pipelines, then its indexes, each with its state:
// one that is not deployed has no logs. Installations that know no indexes, and
// keys that may not see them, give pipelines only.
func (w *workspace) Targets(ctx context.Context) ([]driver.Target, error) {
	var out []driver.Target
	for _, kind := range []struct{ segment, name string }{{"pipelines", "pipeline"}, {"indexes", "index"}} {
		for t, err := range w.things(ctx, kind.segment) {
			if err != nil {
				switch fault.Of(err).Status {
				case 403, 404, 405:
					if kind.name == "index" {
						return out, nil
					}
				}
				return nil, err
			}
			out = append(out, driver.Target{
				Path: []string{kind.segment, t.name}, Label: t.name, Kind: kind.name, Status: t.status, Detail: t.service,
			})
		}
	}
	return out, nil
}

// Read makes one log call. Read.Before goes to the vendor as it came from it:
// "after" is the time of the last row seen, and in descending order what comes
// after it is older, as the MCP server uses it.
func (w *workspace) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	path, params, err := w.logsCall(r)
	if err != nil {
		return driver.Page{}, err
	}
	kind := map[string]string{"pipelines": "pipeline", "indexes": "index"}[r.Path[0]]
	v, err := w.get(ctx, opLogs, path, params, func(e *fault.Error) {
		switch e.Status {
		case 404:
			e.Msg = "deepset says this " + kind + " does not exist or has no logs yet"
		case 504:
			e.Msg = "deepset ran out of time fetching logs; try again later"
		}
	})
	if err != nil {
		return driver.Page{}, err
	}
	l, err := parseList(v)
	if err != nil {
		return driver.Page{}, w.client(nil).BadAnswer(opLogs, err.Error(), v)
	}
	return convert(l, kind, r.Path[1]), nil
}

// Request describes the call of Read.
func (w *workspace) Request(r driver.Read) (driver.Request, error) {
	path, params, err := w.logsCall(r)
	if err != nil {
		return driver.Request{}, err
	}
	const key = "$DEEPSET_API_KEY"
	out, err := w.client(nil).Describe(w.call(opLogs, path, params, key), key)
	return driver.Request(out), err
}

// Close releases nothing: connections belong to the rest.Net.
func (w *workspace) Close() {}

// things yields the pipelines or indexes of the workspace. Per "List Pipelines"
// and the MCP server, the next page is asked for with "before" and the last id.
func (w *workspace) things(ctx context.Context, segment string) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		op := "list " + segment
		query := url.Values{"limit": {strconv.Itoa(maxLimit)}}
		seen := map[string]bool{}
		for range maxPages {
			v, err := w.get(ctx, op, w.path(segment), query, nil)
			var l list
			if err == nil {
				if l, err = parseList(v); err != nil {
					err = w.client(nil).BadAnswer(op, err.Error(), v)
				}
			}
			if err != nil {
				yield(thing{}, err)
				return
			}
			before, last := len(seen), ""
			for _, row := range l.rows {
				t := parseThing(row)
				last = t.id
				if t.name == "" || seen[t.name] {
					continue
				}
				seen[t.name] = true
				if !yield(t, nil) {
					return
				}
			}
			if l.more == nil || !*l.more || last == "" || len(seen) == before {
				return
			}
			query.Set("before", last)
		}
	}
}

// path is the path of something in the workspace.
func (w *workspace) path(segments ...string) []string {
	return append([]string{"api", "v1", "workspaces", w.name}, segments...)
}

// get makes one call and returns its JSON, the API key covered. refine may change
// the fault of an answer that is not a success; nil does not.
func (w *workspace) get(ctx context.Context, op string, path []string, query url.Values, refine func(*fault.Error)) (rest.Value, error) {
	c := w.client(refine)
	a, err := c.Do(ctx, w.call(op, path, query, w.key.Reveal()))
	if err != nil {
		return nil, err
	}
	v, err := rest.Parse(w.mask.Raw(a.Body))
	if err != nil {
		return nil, c.BadAnswer(op, "sent JSON that cannot be read ("+err.Error()+"); try again", a.Body)
	}
	return v, nil
}

// call is a call of the API with a key.
func (w *workspace) call(op string, path []string, query url.Values, key string) rest.Call {
	return rest.Call{
		Op: op, Method: http.MethodGet, Base: w.base, Path: path, Query: query,
		Header: map[string]string{"Authorization": "Bearer " + key},
	}
}

func (w *workspace) client(refine func(*fault.Error)) *rest.Client {
	return w.net.Client(rest.Options{
		Vendor: "deepset", Timeout: timeout, Secrets: []secret.Value{w.key},
		Explain: func(e *fault.Error, status int, _ http.Header, body []byte) {
			// 401 and 403 are documented for no call, so that the cause is open.
			switch status {
			case 401:
				e.Msg = "deepset refused the API key: it is wrong or expired, from the other region, or not for workspace " + strconv.Quote(w.name)
			case 403:
				e.Msg = "the API key may not see this in workspace " + strconv.Quote(w.name) + "; use one made for that workspace, with a role that may see its pipelines"
			case 404:
				e.Msg = "deepset does not know workspace " + strconv.Quote(w.name) + " with this API key; check the name, the region and the key"
			}
			if words := sayings(body); words != "" {
				e.Said = words
			}
			if refine != nil {
				refine(e)
			}
		},
	})
}

// sayings returns the words of the body of an error, of which the API knows four
// shapes, per the tests of the MCP server: {"detail":"…"}, FastAPI's
// {"detail":[{"loc":[…],"msg":"…"}]}, {"message","details"} and {"errors":[…]}.
// Only the second needs more than [rest.Words], which leaves out what is wrong.
func sayings(body []byte) string {
	v, err := rest.Parse(body)
	if err != nil {
		return ""
	}
	var out []string
	for el := range v.Get("detail").Elements() {
		var loc []string
		for part := range el.Get("loc").Elements() {
			loc = append(loc, part.Text())
		}
		if msg := el.Get("msg").Text(); msg != "" && len(out) < 3 {
			out = append(out, strings.TrimPrefix(cmp.Or(strings.Join(loc, "."), "request")+": "+msg, "query."))
		}
	}
	return strings.Join(out, "; ")
}

// errNoList is the error of an answer without a list of rows.
var errNoList = errors.New(`answered without the list "data"; something in between may have answered instead`)
