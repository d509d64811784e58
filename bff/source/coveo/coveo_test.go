package coveo

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
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const token = "planted-token-4711"

var hour = logs.Span{From: time.Date(2024, 1, 2, 3, 0, 0, 0, time.UTC), To: time.Date(2024, 1, 2, 4, 0, 0, 0, time.UTC)}

// serve opens a driver on a server that answers with h under /api and /platform.
func serve(t *testing.T, h http.HandlerFunc) driver.Driver {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	n := rest.NewNet(rest.Policy{Operator: []string{srv.URL}})
	t.Cleanup(n.Close)
	d, err := Vendor(n).Open(driver.Config{
		Region:      driver.Region{Name: "test", URL: srv.URL + "/api", Platform: srv.URL + "/platform", Operator: true},
		Account:     "demoorg",
		Credentials: map[string]secret.Value{"token": secret.New(" " + token + "\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestRead_Request(t *testing.T) {
	var got, body string
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + r.URL.RawQuery + " " + r.Header.Get("Authorization") + " " + r.Header.Get("Content-Type")
		body = string(b)
		io.WriteString(w, `{"documentLogEntries":[{"sourceId":"a/b","id":"http://x/?a=1&b"},{"sourceId":"other","id":"http://x/?a=1&b"}],"hasNextPage":true}`)
	})
	p, err := d.Read(t.Context(), driver.Read{Path: []string{"sources", "a/b"}, Span: hour, Number: 2, Limit: 50, Item: "http://x/?a=1&b"})
	if err != nil {
		t.Fatal(err)
	}
	want := "POST /api/logs/v1/organizations/demoorg documentId=http%3A%2F%2Fx%2F%3Fa%3D1%26b&documentIdMatching=EXACT" +
		"&from=2024-01-02T03%3A00%3A00.000Z&page=2&perPage=50&to=2024-01-02T04%3A00%3A00.000Z Bearer " + token + " application/json"
	if got != want || body != `{"sourcesIds":["a/b"]}` {
		t.Errorf("request\n%s\n%s\nwant\n%s", got, body, want)
	}
	if len(p.Entries) != 1 || p.More != driver.MoreYes || p.Pin != "50" || p.Total != -1 {
		t.Errorf("page %+v", p)
	}
	if _, err := d.Read(t.Context(), driver.Read{Span: hour, Limit: 9000}); err != nil || body != `{}` || !strings.Contains(got, "perPage=500") || strings.Contains(got, "documentId") {
		t.Errorf("organization, %v: %s %s", err, got, body)
	}
}

func TestRead_BadRequests(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("a request was made") })
	for name, r := range map[string]driver.Read{
		"unknown path":    {Path: []string{"source", "x"}, Span: hour, Limit: 1},
		"empty source":    {Path: []string{"sources", ""}, Span: hour, Limit: 1},
		"deeper path":     {Path: []string{"sources", "a", "b"}, Span: hour, Limit: 1},
		"no span":         {Limit: 1},
		"eight days":      {Span: logs.Span{From: hour.From, To: hour.From.Add(8 * 24 * time.Hour)}, Limit: 1},
		"foreign pin":     {Span: hour, Limit: 1, Pin: "x"},
		"pin beyond what": {Span: hour, Limit: 1, Pin: "501"},
	} {
		if _, err := d.Read(t.Context(), r); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRead_PageSizeRefused(t *testing.T) {
	var sizes []string
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		size := r.FormValue("perPage")
		sizes = append(sizes, size)
		if size == "500" {
			w.WriteHeader(400)
			io.WriteString(w, `{"errorCode":"INVALID_PER_PAGE","message":"perPage is too large"}`)
			return
		}
		io.WriteString(w, `{"documentLogEntries":[],"hasNextPage":true}`)
	})
	p, err := d.Read(t.Context(), driver.Read{Span: hour, Limit: 500})
	if err != nil || p.Pin != "100" {
		t.Fatalf("pin %q, %v", p.Pin, err)
	}
	for _, r := range []driver.Read{{Span: hour, Limit: 500, Number: 1, Pin: p.Pin}, {Span: hour, Limit: 500}, {Span: hour, Limit: 7}} {
		if _, err := d.Read(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"500", "100", "100", "100", "7"}; !slices.Equal(sizes, want) {
		t.Errorf("asked for pages of %v, want %v", sizes, want)
	}
}

func TestRead_RefusedForAnotherReason(t *testing.T) {
	calls := 0
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"errorCode":"INVALID","message":"refusal %d"}`, calls)
	})
	_, err := d.Read(t.Context(), driver.Read{Span: hour, Limit: 500})
	if e := fault.Of(err); e == nil || e.Kind != fault.Invalid || e.Said != "INVALID; refusal 1" || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
	calls = 0
	if _, err := d.Read(t.Context(), driver.Read{Span: hour, Limit: 100}); fault.KindOf(err) != fault.Invalid || calls != 1 {
		t.Errorf("with the low size: %d calls, %v", calls, err)
	}
}

func TestRead_Refusals(t *testing.T) {
	for _, c := range []struct {
		status int
		header string
		body   string
		kind   fault.Kind
		msg    string
		said   string
	}{
		{401, "", `{"errorCode":"INVALID_TOKEN","message":"Token ` + token + ` is invalid"}`, fault.Unauthenticated, "does not accept this token", "INVALID_TOKEN; Token [redacted] is invalid"},
		{403, "", `{"errorCode":"ACCESS_DENIED","message":"no"}`, fault.Forbidden, `"View all" on Sources`, "ACCESS_DENIED; no"},
		{403, "x-coveo-waf-action: block", `<html><body>Request blocked</body></html>`, fault.Unavailable, "firewall", "Request blocked"},
		{404, "", `{"message":"nope"}`, fault.NotFound, "organization id and the region", "nope"},
		{412, "", `{"errorCode":"PRECONDITION"}`, fault.Invalid, "refused the request", "PRECONDITION"},
		{429, "Retry-After: 7", `{}`, fault.RateLimited, "wait 7 s", "{}"},
		{500, "X-Request-ID: abc-1", `oops`, fault.Unavailable, "trouble", "oops (request abc-1)"},
		{502, "", ``, fault.Unavailable, "trouble", ""},
		{504, "", `<h1>Gateway Timeout</h1>`, fault.Timeout, "shorter span", "Gateway Timeout"},
		{302, "Location: http://127.0.0.1:1/", ``, fault.BadUpstream, "redirect", ""},
		{200, "", `<html>Sign in</html>`, fault.BadUpstream, "not JSON", "Sign in"},
		{200, "", `{"message":"odd ` + token + `"}`, fault.BadUpstream, "without a list", "odd [redacted]"},
		{200, "", `{"documentLogEntries":[{"id":"u"`, fault.BadUpstream, "without a list", ""},
		{200, "", ``, fault.BadUpstream, "not JSON", "an empty body"},
	} {
		d := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if name, v, ok := strings.Cut(c.header, ": "); ok {
				w.Header().Set(name, v)
			}
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		_, err := d.Read(t.Context(), driver.Read{Span: hour, Limit: 1})
		var e *fault.Error
		if !errors.As(err, &e) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
			continue
		}
		if e.Kind != c.kind || !strings.Contains(e.Msg, c.msg) || !strings.Contains(e.Said, c.said) {
			t.Errorf("%d %s: kind %s, msg %q, said %q", c.status, c.body, e.Kind, e.Msg, e.Said)
		}
		if all := fmt.Sprintf("%v %+v %#v", err, *e, e); strings.Contains(all, token) {
			t.Errorf("%d: the token shows in %s", c.status, all)
		}
	}
}

func TestVerify_SearchesTheLastMinute(t *testing.T) {
	var span time.Duration
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		from, err1 := time.Parse(time.RFC3339, r.FormValue("from"))
		to, err2 := time.Parse(time.RFC3339, r.FormValue("to"))
		if err1 != nil || err2 != nil || r.FormValue("perPage") != "1" {
			t.Errorf("query %s", r.URL.RawQuery)
		}
		span = to.Sub(from)
		io.WriteString(w, `{"documentLogEntries":[],"hasNextPage":false}`)
	})
	if err := d.Verify(t.Context()); err != nil || span < time.Minute || span > time.Minute+time.Millisecond {
		t.Errorf("%v, span %v", err, span)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestTargets_Pages(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/platform/rest/organizations/demoorg/sources/pages" || r.Header.Get("Authorization") != "Bearer "+token {
			t.Errorf("request %s", r.URL)
		}
		page := r.FormValue("page")
		fmt.Fprintf(w, `{"sourceModels":[{"id":"s%s","name":"Source %s","sourceType":"PUSH","configuration":{"password":"hunter2"}},{"id":""},{"id":"same"}],"totalPages":2}`, page, page)
	})
	targets, err := d.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(targets)
	want, _ := json.Marshal([]driver.Target{
		{Label: "demoorg", Kind: "organization"},
		{Path: []string{"sources", "s0"}, Label: "Source 0", Kind: "source", Detail: "PUSH"},
		{Path: []string{"sources", "same"}, Label: "same", Kind: "source"},
		{Path: []string{"sources", "s1"}, Label: "Source 1", Kind: "source", Detail: "PUSH"},
	})
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTargets_OddServers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		kind   fault.Kind
		want   string // labels, and the organization's detail
	}{
		{"no pages, a bare list", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/pages") {
				http.NotFound(w, r)
				return
			}
			io.WriteString(w, `[{"id":"a","name":"A"}]`)
		}, "", "demoorg A "},
		{"no right to list", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }, "",
			`demoorg single sources cannot be picked: this token lacks "View" on Sources`},
		{"the same page for ever", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"sourceModels":[{"id":"a"}],"totalPages":1000000}`)
		}, "", "demoorg a "},
		{"wrong token", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) }, fault.Unauthenticated, ""},
		{"no list", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"sourceModels":"string"}`) }, fault.BadUpstream, ""},
	} {
		targets, err := serve(t, c.answer).Targets(t.Context())
		if fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
		var got strings.Builder
		for _, tg := range targets {
			got.WriteString(tg.Label + " ")
		}
		if len(targets) > 0 {
			got.WriteString(targets[0].Detail)
		}
		if got.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.String(), c.want)
		}
	}
}

func TestTargets_RegionWithoutPlatform(t *testing.T) {
	d, err := Vendor(rest.NewNet(rest.Policy{})).Open(driver.Config{
		Region: driver.Region{URL: "http://127.0.0.1:1"}, Account: "demoorg", Credentials: map[string]secret.Value{"token": secret.New(token)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if targets, err := d.Targets(t.Context()); err != nil || len(targets) != 1 || !strings.Contains(targets[0].Detail, "coveo-platform") {
		t.Errorf("%+v, %v", targets, err)
	}
}

func TestOpen_BadConfiguration(t *testing.T) {
	v := Vendor(rest.NewNet(rest.Policy{}))
	for _, c := range []struct{ account, token string }{
		{"", token}, {"my org", token}, {"a/b", token}, {"..", token}, {"-a", token}, {strings.Repeat("a", 129), token},
		{"demoorg", ""}, {"demoorg", "  "}, {"demoorg", "Bearer " + token}, {"demoorg", "a\nb"}, {"demoorg", "é" + token},
	} {
		d, err := v.Open(driver.Config{Region: v.Regions[0], Account: c.account, Credentials: map[string]secret.Value{"token": secret.New(c.token)}})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q, %q: %v, %v", c.account, c.token, d, err)
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("the token shows in %v", err)
		}
	}
}

func TestVendor_Regions(t *testing.T) {
	var got []string
	for _, r := range Vendor(nil).Regions {
		got = append(got, r.Name+" "+r.URL+" "+r.Platform)
	}
	want := []string{
		"us https://api.cloud.coveo.com https://platform.cloud.coveo.com",
		"eu https://api-eu.cloud.coveo.com https://platform-eu.cloud.coveo.com",
		"au https://api-au.cloud.coveo.com https://platform-au.cloud.coveo.com",
		"ca https://api-ca.cloud.coveo.com https://platform-ca.cloud.coveo.com",
		"hipaa https://apihipaa.cloud.coveo.com https://platformhipaa.cloud.coveo.com",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
