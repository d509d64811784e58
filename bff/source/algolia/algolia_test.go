package algolia

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const key = "planted-key-4711"

// serve opens a driver whose hosts answer with one handler each.
func serve(t *testing.T, hosts ...http.HandlerFunc) driver.Driver {
	t.Helper()
	var urls []string
	for _, h := range hosts {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		urls = append(urls, srv.URL+"/algolia")
	}
	n := rest.NewNet(rest.Policy{Operator: urls})
	t.Cleanup(n.Close)
	d, err := Vendor(n).Open(driver.Config{
		Region:      driver.Region{Name: "test", URL: urls[0], Fallbacks: urls[1:], Operator: true},
		Account:     "DEMOAPP",
		Credentials: map[string]secret.Value{"api_key": secret.New(" " + key + "\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestRead_Request(t *testing.T) {
	var got string
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.URL.Path + "?" + r.URL.RawQuery + " " + r.Header.Get("X-Algolia-Application-Id") + " " + r.Header.Get("X-Algolia-Api-Key")
		io.WriteString(w, `{"logs":[{"sha1":"a"},{"sha1":"b"}]}`)
	})
	p, err := d.Read(t.Context(), driver.Read{Path: []string{"indices", "a/b c"}, Offset: 200, Limit: 2})
	if want := "GET /algolia/1/logs?indexName=a%2Fb+c&length=2&offset=200 DEMOAPP " + key; err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	if len(p.Entries) != 2 || p.More != driver.MoreUnknown || p.Total != -1 || p.Pin != "0" {
		t.Errorf("full page: %+v", p)
	}
	p, err = d.Read(t.Context(), driver.Read{Limit: 5000})
	if err != nil || !strings.Contains(got, "?length=1000&offset=0 ") || p.More != driver.MoreNo {
		t.Errorf("%v, %s, more %v", err, got, p.More)
	}
	for _, path := range [][]string{{"indices"}, {"indices", ""}, {"x", "y"}, {"indices", "a", "b"}} {
		if _, err := d.Read(t.Context(), driver.Read{Path: path, Limit: 1}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestRead_HostsOfAWalk(t *testing.T) {
	down := answer(503, `{"message":"down"}`)
	up := answer(200, `{"logs":[]}`)
	for _, c := range []struct {
		name  string
		hosts []http.HandlerFunc
		pin   string
		want  string // pin of the page, or kind of the error
	}{
		{"the first answers", []http.HandlerFunc{up, up}, "", "0"},
		{"on to the next after 5xx", []http.HandlerFunc{down, down, up}, "", "2"},
		{"never after 4xx", []http.HandlerFunc{answer(404, `{}`), up}, "", "not_found"},
		{"never after 429", []http.HandlerFunc{answer(429, `{}`), up}, "", "rate_limited"},
		{"a walk stays", []http.HandlerFunc{up, up}, "1", "1"},
		{"a walk's host is down", []http.HandlerFunc{up, down}, "1", "unavailable"},
		{"all are down", []http.HandlerFunc{down, down}, "", "unavailable"},
		{"a host that is not there", []http.HandlerFunc{up}, "1", "invalid"},
		{"no number", []http.HandlerFunc{up}, "http://127.0.0.1/", "invalid"},
	} {
		p, err := serve(t, c.hosts...).Read(t.Context(), driver.Read{Limit: 1, Pin: c.pin})
		got := p.Pin
		if err != nil {
			got = string(fault.KindOf(err))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.name, got, c.want, err)
		}
	}
}

func TestRead_HostThatDoesNotExist(t *testing.T) {
	srv := httptest.NewServer(answer(200, `{"logs":[]}`))
	gone := httptest.NewServer(nil)
	gone.Close()
	defer srv.Close()
	n := rest.NewNet(rest.Policy{Operator: []string{srv.URL, gone.URL}})
	defer n.Close()
	d, err := Vendor(n).Open(driver.Config{
		Region: driver.Region{URL: gone.URL, Fallbacks: []string{srv.URL}}, Account: "A",
		Credentials: map[string]secret.Value{"api_key": secret.New(key)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := d.Read(t.Context(), driver.Read{Limit: 1}); err != nil || p.Pin != "1" {
		t.Errorf("pin %q, %v", p.Pin, err)
	}
}

func TestRead_CanceledStaysOnTheFirstHost(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, func(w http.ResponseWriter, r *http.Request) { t.Error("the second host was called") })
	if _, err := d.Read(ctx, driver.Read{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRead_Refusals(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   fault.Kind
		msg    string
		said   string
	}{
		{400, `{"message":"length must be at most 1000","status":400}`, fault.Invalid, "refused the request", "length must be at most 1000"},
		{402, `{"message":"feature not enabled"}`, fault.Forbidden, "plan", "feature not enabled"},
		{403, `{"message":"Method not allowed with this API key","status":403}`, fault.Forbidden, `lacks the ACL "logs"`, "Method not allowed"},
		{403, `{"message":"Index not allowed with this API key","status":403}`, fault.Forbidden, "restricted", "Index not allowed"},
		{403, `{"message":"Invalid Application-ID or API key ` + key + `","status":403}`, fault.Unauthenticated, "application id", "API key [redacted]"},
		{403, ``, fault.Unauthenticated, "application id", ""},
		{404, `{"message":"Index x does not exist","status":"404"}`, fault.NotFound, "no index of this name", "does not exist"},
		{429, `{"message":"Too many requests"}`, fault.RateLimited, "slow down", "Too many requests"},
		{500, `<html><h1>Internal</h1></html>`, fault.Unavailable, "trouble", "Internal"},
		{301, ``, fault.BadUpstream, "redirect", ""},
		{200, `<html>Sign in</html>`, fault.BadUpstream, "not JSON", "Sign in"},
		{200, `{"message":"odd ` + key + `"}`, fault.BadUpstream, "without a list", "odd [redacted]"},
		{200, `{"logs":[{"sha1":"a"}`, fault.BadUpstream, "without a list", ""},
		{200, ``, fault.BadUpstream, "not JSON", "an empty body"},
	} {
		d := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Correlation-ID", "c-1")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		_, err := d.Read(t.Context(), driver.Read{Limit: 1})
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
			continue
		}
		if e.Kind != c.kind || !strings.Contains(e.Msg, c.msg) || !strings.Contains(e.Said, c.said) {
			t.Errorf("%d %s: kind %s, msg %q, said %q", c.status, c.body, e.Kind, e.Msg, e.Said)
		}
		if c.status != 200 && !strings.HasSuffix(e.Said, "(Correlation-ID c-1)") {
			t.Errorf("%d: said %q", c.status, e.Said)
		}
		if all := fmt.Sprintf("%v %+v %#v", err, *e, e); strings.Contains(all, key) {
			t.Errorf("%d: the key shows in %s", c.status, all)
		}
	}
}

func TestVerify(t *testing.T) {
	refuse := func(words string) http.HandlerFunc { return answer(403, `{"message":"`+words+`","status":403}`) }
	for _, c := range []struct {
		name string
		logs http.HandlerFunc
		key  http.HandlerFunc // nil: must not be asked
		kind fault.Kind
		msg  string
	}{
		{"proven", answer(200, `{"logs":[]}`), nil, "", ""},
		{"wrong key", refuse("Invalid Application-ID or API key"), refuse("Invalid Application-ID or API key"), fault.Unauthenticated, "application id"},
		{"right missing, keys answer", refuse("Method not allowed with this API key"), answer(200, `{"acl":["search"]}`), fault.Forbidden, `"logs"`},
		{"right missing, other words", refuse("No"), answer(200, `{"acl":["search","browse"]}`), fault.Forbidden, `"logs"`},
		{"right there, refused all the same", refuse("No"), answer(200, `{"acl":["logs"]}`), fault.Forbidden, "restrictions"},
		{"keys answer nonsense", refuse("Method not allowed with this API key"), answer(200, `{"acl":"string"}`), fault.Forbidden, `"logs"`},
		{"down", answer(500, `{}`), nil, fault.Unavailable, "trouble"},
	} {
		d := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/algolia/1/logs" && r.FormValue("length") == "1":
				c.logs(w, r)
			case r.URL.Path == "/algolia/1/keys/"+key && c.key != nil:
				c.key(w, r)
			default:
				t.Errorf("%s: %s was asked", c.name, r.URL)
			}
		})
		err := d.Verify(t.Context())
		if fault.KindOf(err) != c.kind || err != nil && !strings.Contains(fault.Of(err).Msg, c.msg) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("%s: the key shows in %v", c.name, err)
		}
	}
}

func TestTargets_Pages(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.FormValue("page") {
		case "0":
			io.WriteString(w, `{"items":[{"name":"products","entries":10500},{"name":"one","entries":"1"},{"name":""},null],"nbPages":2}`)
		case "1":
			io.WriteString(w, `{"items":[{"name":"products"},{"name":"by_price","entries":10500,"primary":"products"},{"name":"odd"}],"nbPages":"2"}`)
		default:
			t.Errorf("request %s", r.URL)
		}
	})
	targets, err := d.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(targets)
	want, _ := json.Marshal([]driver.Target{
		{Label: "DEMOAPP", Kind: "application"},
		{Path: []string{"indices", "products"}, Label: "products", Kind: "index", Detail: "10,500 records"},
		{Path: []string{"indices", "one"}, Label: "one", Kind: "index", Detail: "1 record"},
		{Path: []string{"indices", "by_price"}, Label: "by_price", Kind: "index", Detail: "replica of products"},
		{Path: []string{"indices", "odd"}, Label: "odd", Kind: "index"},
	})
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTargets_OddServers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		kind   fault.Kind
		want   int
		detail string
	}{
		{"no right to list", answer(403, `{"message":"Method not allowed with this API key"}`), "", 1, `lacks the ACL "listIndexes"`},
		{"wrong key", answer(403, `{"message":"Invalid Application-ID or API key"}`), fault.Unauthenticated, 0, ""},
		{"the same page for ever", answer(200, `{"items":[{"name":"a"}],"nbPages":1000000}`), "", 2, ""},
		{"no list", answer(200, `{"items":"string"}`), fault.BadUpstream, 0, ""},
	} {
		targets, err := serve(t, c.answer).Targets(t.Context())
		if fault.KindOf(err) != c.kind || len(targets) != c.want || c.want > 0 && !strings.Contains(targets[0].Detail, c.detail) {
			t.Errorf("%s: %+v, %v", c.name, targets, err)
		}
	}
}

func TestOpen_BadConfiguration(t *testing.T) {
	v := Vendor(rest.NewNet(rest.Policy{}))
	for _, c := range []struct{ account, key string }{
		{"", key}, {"evil.example/", key}, {"a.b", key}, {"a-b", key}, {"a@b", key}, {strings.Repeat("A", 33), key},
		{"DEMOAPP", ""}, {"DEMOAPP", " "}, {"DEMOAPP", "a b" + key}, {"DEMOAPP", "a\r\nb"},
	} {
		d, err := v.Open(driver.Config{Region: v.Regions[0], Account: c.account, Credentials: map[string]secret.Value{"api_key": secret.New(c.key)}})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q, %q: %v, %v", c.account, c.key, d, err)
		} else if strings.Contains(err.Error(), key) {
			t.Errorf("the key shows in %v", err)
		}
	}
}

func TestOpen_Hosts(t *testing.T) {
	v := Vendor(rest.NewNet(rest.Policy{}))
	a, err := open(nil, driver.Config{Region: v.Regions[0], Account: "LATENCY", Credentials: map[string]secret.Value{"api_key": secret.New(key)}})
	if want := []string{
		"https://LATENCY-dsn.algolia.net", "https://LATENCY-1.algolianet.com", "https://LATENCY-2.algolianet.com", "https://LATENCY-3.algolianet.com",
	}; err != nil || !slices.Equal(a.hosts, want) {
		t.Errorf("%v, %v", a, err)
	}
}
