package deepset

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const key = "eyJhbGciPlanted.eyJzdWIiOiJ4In0.sig-4711"

// api answers by path; a path that is not there is a 404 of the platform.
type api struct {
	answers map[string]func(w http.ResponseWriter, r *http.Request)

	mu    sync.Mutex
	calls []string // "/api/v1/…?query"
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	call := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		call += "?" + r.URL.RawQuery
	}
	a.calls = append(a.calls, call)
	if r.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, `{"detail":"Not authenticated"}`, http.StatusUnauthorized)
		return
	}
	if f := a.answers[r.URL.Path]; f != nil {
		f(w, r)
		return
	}
	http.Error(w, `{"detail":"Not Found"}`, http.StatusNotFound)
}

func serve(t *testing.T, a *api) *workspace {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	n := rest.NewNet(rest.Policy{Operator: []string{srv.URL}})
	t.Cleanup(n.Close)
	d, err := Vendor(n).Open(driver.Config{
		Region: driver.Region{Name: "test", URL: srv.URL}, Account: " production ",
		Credentials: map[string]secret.Value{"api_key": secret.New(key + "\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*workspace)
}

type answers = map[string]func(http.ResponseWriter, *http.Request)

func text(body string) func(http.ResponseWriter, *http.Request) { return status(200, body) }

func status(code int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

const (
	workspaces = "/api/v1/workspaces"
	pipelines  = "/api/v1/workspaces/production/pipelines"
	indexes    = "/api/v1/workspaces/production/indexes"
	ragLogs    = "/api/v1/workspaces/production/pipelines/rag/logs"
)

func TestVerify_KeysAndWorkspaces(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers answers
		kind    fault.Kind // "" for success
		msg     string
		calls   int
	}{
		{"workspace in the list", answers{workspaces: text(`[{"name":"staging"},{"name":"production","workspace_id":"w"}]`)}, "", "", 1},
		{"list under data", answers{workspaces: text(`{"data":[{"name":"production"}]}`)}, "", "", 1},
		{"workspace not in the list", answers{workspaces: text(`[{"name":"staging"},5]`)}, fault.NotFound, `does not see a workspace "production"`, 1},
		{"no workspace at all", answers{workspaces: text(`[]`)}, fault.NotFound, `does not see a workspace "production"`, 1},
		{"key of one workspace", answers{workspaces: status(403, ``), pipelines: text(`{"data":[]}`)}, "", "", 2},
		{"key of one workspace, 401", answers{workspaces: status(401, ``), pipelines: text(`{"data":[]}`)}, "", "", 2},
		{"list is unreadable", answers{workspaces: text(`{"message":"hi"}`), pipelines: text(`{"data":[]}`)}, "", "", 2},
		{"wrong key", answers{workspaces: status(401, `{"detail":"bad key"}`), pipelines: status(401, `{"detail":"bad key"}`)}, fault.Unauthenticated, `refused the API key: it is wrong or expired, from the other region, or not for workspace "production"`, 2},
		{"no right", answers{workspaces: status(403, ``), pipelines: status(403, `{"detail":"no"}`)}, fault.Forbidden, `workspace "production"`, 2},
		{"other workspace's key", answers{workspaces: status(403, ``)}, fault.NotFound, `does not know workspace "production" with this API key`, 2},
		{"trouble", answers{workspaces: status(500, ``)}, fault.Unavailable, "try again", 1},
		{"slow down", answers{workspaces: status(429, ``)}, fault.RateLimited, "slow down", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &api{answers: c.answers}
			err := serve(t, a).Verify(t.Context())
			if fault.KindOf(err) != c.kind || err != nil && !strings.Contains(fault.Of(err).Msg, c.msg) {
				t.Errorf("got %v", err)
			}
			if len(a.calls) != c.calls {
				t.Errorf("called %q", a.calls)
			}
		})
	}
}

func TestRead_CallsOfEachPath(t *testing.T) {
	for _, c := range []struct {
		read driver.Read
		want string
	}{
		{driver.Read{Path: []string{"pipelines", "rag"}, Limit: 500}, ragLogs + "?limit=100&order=DESC"},
		{driver.Read{Path: []string{"pipelines", "a b/c"}, Limit: 1}, "/api/v1/workspaces/production/pipelines/a%20b%2Fc/logs?limit=1&order=DESC"},
		{driver.Read{Path: []string{"indexes", "docs"}, Limit: 10, Before: "2025-05-23T10:33:04.157182+00:00"}, indexes + "/docs/logs?after=2025-05-23T10%3A33%3A04.157182%2B00%3A00&limit=10&order=DESC"},
		{driver.Read{Limit: 10}, ""},
		{driver.Read{Path: []string{"pipelines"}, Limit: 10}, ""},
		{driver.Read{Path: []string{"files", "x"}, Limit: 10}, ""},
		{driver.Read{Path: []string{"pipelines", ".."}, Limit: 10}, ""},
	} {
		a := &api{}
		_, err := serve(t, a).Read(t.Context(), c.read)
		if c.want == "" {
			if fault.KindOf(err) != fault.Invalid || len(a.calls) > 0 {
				t.Errorf("%v: %v after %q", c.read.Path, err, a.calls)
			}
		} else if !reflect.DeepEqual(a.calls, []string{c.want}) {
			t.Errorf("%v: called %q, want %q", c.read.Path, a.calls, c.want)
		}
	}
	_, err := serve(t, &api{}).Read(t.Context(), driver.Read{})
	if msg := fault.Of(err).Msg; !strings.HasPrefix(msg, "pick a pipeline or an index") {
		t.Errorf("the bare workspace: %q", msg)
	}
}

func TestRead_FaultsOfEachStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		kind   fault.Kind
		msg    string
		said   string
	}{
		{"no pipeline or no logs", status(404, `{"detail":"Pipeline not found"}`), fault.NotFound, "deepset says this pipeline does not exist or has no logs yet", "Pipeline not found"},
		{"bad filter", status(400, `{"message":"bad filter","details":"near x"}`), fault.Invalid, "refused the request", "bad filter"},
		{"validation", status(422, `{"detail":[{"loc":["query","limit"],"msg":"ensure this value is less than 100","type":"value_error"}]}`), fault.Invalid, "refused the request", "limit: ensure this value is less than 100"},
		{"list of errors", status(500, `{"errors":["first","second"]}`), fault.Unavailable, "try again", "first; second"},
		{"out of time", status(504, `{"detail":"Fetching logs timed out. Try again later."}`), fault.Timeout, "ran out of time", "Fetching logs timed out"},
		{"no key", status(401, ``), fault.Unauthenticated, `workspace "production"`, ""},
		{"no right", status(403, ``), fault.Forbidden, `workspace "production"`, ""},
		{"HTML", text(`<html>login</html>`), fault.BadUpstream, "not JSON", "login"},
		{"cut", text(`{"data":[{"log_id":"a"`), fault.BadUpstream, "cannot be read", ""},
		{"no list", text(`{"detail":"odd"}`), fault.BadUpstream, `without the list "data"`, "odd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := serve(t, &api{answers: answers{ragLogs: c.answer}}).Read(t.Context(), driver.Read{Path: []string{"pipelines", "rag"}, Limit: 10})
			f := fault.Of(err)
			if f == nil || f.Kind != c.kind || !strings.Contains(f.Msg, c.msg) || !strings.Contains(f.Said, c.said) {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestTargets_PagesPipelinesThenIndexes(t *testing.T) {
	a := &api{answers: answers{
		pipelines: func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Query().Get("before") {
			case "":
				fmt.Fprint(w, `{"data":[{"pipeline_id":"p1","name":"rag","status":"DEPLOYED","service_level":"PRODUCTION"},{"pipeline_id":"p2","name":"chat","status":"FAILED"}],"has_more":true,"total":3}`)
			case "p2":
				fmt.Fprint(w, `{"data":[7,{"pipeline_id":"p3","name":"old","status":null},{"pipeline_id":"p2","name":"chat"}],"has_more":false,"total":3}`)
			}
		},
		indexes: text(`{"data":[{"pipeline_index_id":"x1","name":"docs","status":"ENABLED"}],"has_more":false,"total":1}`),
	}}
	got, err := serve(t, a).Targets(t.Context())
	want := []driver.Target{
		{Path: []string{"pipelines", "rag"}, Label: "rag", Kind: "pipeline", Status: "DEPLOYED", Detail: "PRODUCTION"},
		{Path: []string{"pipelines", "chat"}, Label: "chat", Kind: "pipeline", Status: "FAILED"},
		{Path: []string{"pipelines", "old"}, Label: "old", Kind: "pipeline"},
		{Path: []string{"indexes", "docs"}, Label: "docs", Kind: "index", Status: "ENABLED"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestTargets_OddInstallations(t *testing.T) {
	n := 0
	one := text(`{"data":[{"pipeline_id":"p1","name":"rag"}],"has_more":false}`)
	for _, c := range []struct {
		name    string
		answers answers
		targets int
		calls   int
		kind    fault.Kind
	}{
		{"no indexes known", answers{pipelines: one}, 1, 2, ""},
		{"indexes forbidden", answers{pipelines: one, indexes: status(403, ``)}, 1, 2, ""},
		{"indexes in trouble", answers{pipelines: one, indexes: status(502, ``)}, 0, 2, fault.Unavailable},
		{"pipelines forbidden", answers{pipelines: status(403, ``)}, 0, 1, fault.Forbidden},
		{"the same page for ever", answers{pipelines: text(`{"data":[{"pipeline_id":"string","name":"string"}],"has_more":true,"total":0}`)}, 1, 3, ""},
		{"has_more for ever", answers{pipelines: func(w http.ResponseWriter, _ *http.Request) {
			n++
			fmt.Fprintf(w, `{"data":[{"pipeline_id":"p%d","name":"n%d"}],"has_more":true,"total":0}`, n, n)
		}}, maxPages, maxPages + 1, ""},
		{"no ids", answers{pipelines: text(`{"data":[{"name":"rag"}],"has_more":true}`)}, 1, 2, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &api{answers: c.answers}
			got, err := serve(t, a).Targets(t.Context())
			if fault.KindOf(err) != c.kind || len(got) != c.targets || len(a.calls) != c.calls {
				t.Errorf("%v, %d targets in %d calls; want %d in %d", err, len(got), len(a.calls), c.targets, c.calls)
			}
		})
	}
}

func TestSecrets_NowhereToBeSeen(t *testing.T) {
	a := &api{answers: answers{ragLogs: text(`{"data":[{"log_id":"a","message":"called with Bearer ` + key + `","extra_fields":{"auth":"` + key + `"}}]}`)}}
	w := serve(t, a)
	read := driver.Read{Path: []string{"pipelines", "rag"}, Limit: 1}
	p, err := w.Read(t.Context(), read)
	if err != nil {
		t.Fatal(err)
	}
	e := p.Entries[0]
	if !strings.Contains(string(e.Raw), `Bearer `+strings.Repeat("*", len(key))+`"`) {
		t.Errorf("raw %s", e.Raw)
	}
	out := []string{fmt.Sprintf("%v %+v", e, p), string(e.Raw)}
	for _, answer := range []func(http.ResponseWriter, *http.Request){
		status(400, `{"detail":"key `+key+` is odd"}`), status(422, `{"detail":[{"loc":["`+key+`"],"msg":"`+key+`"}]}`),
		text(`{"detail":"` + key + `"}`), text(`{"data":[` + key),
	} {
		a.mu.Lock()
		a.answers[ragLogs] = answer
		a.mu.Unlock()
		_, err := w.Read(t.Context(), read)
		if err == nil {
			t.Error("no fault")
		}
		out = append(out, fmt.Sprintf("%v %+v", err, fault.Of(err)))
	}
	for _, o := range out {
		if strings.Contains(o, "Planted") {
			t.Errorf("the key shows in %s", o)
		}
	}
}

func TestSecrets_DriverPrintsNone(t *testing.T) {
	w := serve(t, &api{})
	for _, o := range []string{fmt.Sprintf("%v", w), fmt.Sprintf("%+v", w), fmt.Sprintf("%#v", w), fmt.Sprintf("%+v", *w)} {
		if strings.Contains(o, "Planted") {
			t.Errorf("the key shows in %s", o)
		}
	}
}

func TestOpen_MissingParts(t *testing.T) {
	v := Vendor(rest.NewNet(rest.Policy{}))
	for _, c := range []struct{ account, key, url string }{
		{"", "k", "https://x"}, {" ", "k", "https://x"}, {"w", "", "https://x"}, {"w", "\n", "https://x"}, {"w", "k", ""},
	} {
		_, err := v.Open(driver.Config{Account: c.account, Region: driver.Region{URL: c.url}, Credentials: map[string]secret.Value{"api_key": secret.New(c.key)}})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestRead_CanceledPassesThrough(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := &api{answers: answers{ragLogs: func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}}}
	if _, err := serve(t, a).Read(ctx, driver.Read{Path: []string{"pipelines", "rag"}, Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
