package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// output is what a running program printed so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
	hit chan struct{}
}

func newOutput() *output { return &output{hit: make(chan struct{}, 1)} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.hit <- struct{}{}:
	default:
	}
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// program is a running logpane.
type program struct {
	base   string
	dir    string
	stdout *output
	stderr *output
	stop   func() error
}

var listening = regexp.MustCompile(`listening on (http://\S+)`)

// start runs the program with its own data folder on a free port.
func start(t testing.TB, dir string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{dir: dir, stdout: newOutput(), stderr: newOutput()}
	ended := make(chan error, 1)
	go func() {
		args := append([]string{"--addr", "127.0.0.1:0", "--data-dir", dir, "--log-level", "debug"}, args...)
		ended <- run(ctx, args, func(string) string { return "" }, p.stdout, p.stderr)
	}()
	var once sync.Once
	var err error
	p.stop = func() error {
		once.Do(func() { cancel(); err = <-ended })
		return err
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("program ended with %v", err)
		}
	})
	for {
		if m := listening.FindStringSubmatch(p.stdout.String()); m != nil {
			p.base = m[1]
			return p
		}
		select {
		case <-p.stdout.hit:
		case err := <-ended:
			ended <- err
			t.Fatalf("program did not start: %v\n%s", err, p.stderr.String())
		}
	}
}

// user is one browser's session.
type user struct {
	t    testing.TB
	base string
	http *http.Client
}

func (p *program) user(t testing.TB) *user {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &user{t: t, base: p.base, http: &http.Client{Jar: jar, Timeout: 2 * time.Minute}}
}

// call makes a request and decodes a success into out, or returns the problem.
func (u *user) call(method, path string, in, out any) *fault.Error {
	u.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			u.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, u.base+path, body)
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set(wire.Header, "1")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := u.http.Do(req)
	if err != nil {
		u.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatalf("%s %s: %v", method, path, err)
	}
	if resp.StatusCode >= 400 {
		var p wire.Problem
		if err := json.Unmarshal(data, &p); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" {
			u.t.Fatalf("%s %s: status %d is no problem: %s", method, path, resp.StatusCode, data)
		}
		if p.RequestID == "" || p.Status != resp.StatusCode || p.Detail == "" {
			u.t.Errorf("%s %s: incomplete problem %s", method, path, data)
		}
		return p.Fault(method + " " + path)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			u.t.Fatalf("%s %s: %v in %.300s", method, path, err, data)
		}
	}
	return nil
}

// must is call for what has to work.
func (u *user) must(method, path string, in, out any) {
	u.t.Helper()
	if f := u.call(method, path, in, out); f != nil {
		u.t.Fatalf("%s %s: %v (vendor said %q)", method, path, f, f.Said)
	}
}

func (u *user) connect(vendor, region, account string, creds map[string]string) wire.Connection {
	u.t.Helper()
	var c wire.Connection
	u.must("POST", "/api/connections", wire.Connect{Vendor: vendor, Region: region, Account: account, Credentials: creds}, &c)
	return c
}

// account is how a simulated vendor is connected, and what is read of it.
type account struct {
	vendor, account string
	creds           map[string]string
	path            []string // of the target that is read to the end
	truth           string   // the same for simulate.Server.Entries
}

var accounts = []account{
	{"algolia", simulate.AlgoliaApp, map[string]string{"api_key": simulate.AlgoliaKey}, nil, "algolia"},
	{"coveo", simulate.CoveoOrg, map[string]string{"token": simulate.CoveoToken}, nil, "coveo"},
	{"deepset", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey}, []string{"pipelines", "rag-prod"}, "deepset/production/rag-prod"},
	{"elasticpath", "", map[string]string{"client_id": simulate.ElasticPathClient, "client_secret": simulate.ElasticPathSecret}, nil, "elasticpath"},
	{"moltin", "", map[string]string{"client_id": simulate.ElasticPathClient, "client_secret": simulate.ElasticPathSecret}, nil, "moltin"},
}

// simulated starts the vendors' simulators and returns the flags that make them
// reachable as region "sim", below a path prefix.
func simulated(t *testing.T, o simulate.Options) (*simulate.Server, []string) {
	return simulatedAs(t, "sim", o)
}

// simulatedAs is simulated for a region of another name.
func simulatedAs(t *testing.T, region string, o simulate.Options) (*simulate.Server, []string) {
	t.Helper()
	sim := simulate.New(o)
	srv := httptest.NewServer(http.StripPrefix("/any/prefix", sim))
	t.Cleanup(srv.Close)
	flags := []string{"--endpoint", "coveo-platform/" + region + "=" + srv.URL + "/any/prefix/coveo-platform"}
	for _, a := range accounts {
		flags = append(flags, "--endpoint", a.vendor+"/"+region+"="+srv.URL+"/any/prefix/"+a.vendor)
	}
	return sim, flags
}

// canonical names a raw entry. Coveo entries lose their requestId, which is that of
// the call, and the order of their keys with it.
func canonical(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	if !bytes.Contains(raw, []byte(`"organizationId"`)) || !bytes.Contains(raw, []byte(`"task"`)) {
		return string(raw)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "requestId")
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func address(c wire.Connection, path ...string) string {
	return logs.Target{Vendor: c.Vendor, Region: c.Region, Account: c.Account}.Below(path...).String()
}

// TestLogs_EveryVendorToTheEnd pages through each vendor while new entries arrive:
// everything that was there at the start comes exactly once, byte for byte and in
// order, and the last coverage item tells the truth about the end.
func TestLogs_EveryVendorToTheEnd(t *testing.T) {
	for _, order := range []string{"oldest", "newest", "shuffled"} {
		t.Run(order, func(t *testing.T) {
			sim, flags := simulated(t, simulate.Options{Seed: 7, Order: order})
			p := start(t, t.TempDir(), flags...)
			u := p.user(t)
			for _, a := range accounts {
				if order != "oldest" && a.vendor != "elasticpath" && a.vendor != "moltin" {
					continue
				}
				t.Run(a.vendor, func(t *testing.T) {
					c := u.connect(a.vendor, "sim", a.account, a.creds)
					var list wire.Targets
					u.must("GET", "/api/connections/"+c.ID+"/targets", nil, &list)
					if len(list.Targets) < 2 {
						t.Errorf("%d targets to pick from: %+v", len(list.Targets), list.Targets)
					}
					want := map[string]int{}
					for _, raw := range sim.Entries(a.truth) {
						want[canonical(t, raw)]++
					}
					last := readToTheEnd(t, u, sim, a, address(c, a.path...), want)
					for raw, n := range want {
						if n != 0 {
							t.Fatalf("%d times too few: %.300s", n, raw)
						}
					}
					wantState := map[string]logs.State{
						"algolia": logs.Expired, "coveo": logs.Expired, "deepset": logs.Complete, "elasticpath": logs.Complete, "moltin": logs.Complete,
					}[a.vendor]
					if last.State != wantState {
						t.Errorf("the last coverage item says %s (%s), want %s", last.State, last.Reason, wantState)
					}
				})
			}
		})
	}
}

func readToTheEnd(t *testing.T, u *user, sim *simulate.Server, a account, src string, want map[string]int) logs.Coverage {
	t.Helper()
	var edge time.Time
	cursor := ""
	for n := 0; ; n++ {
		if n > 500 {
			t.Fatal("no end after 500 pages")
		}
		var page wire.Page
		u.must("GET", "/api/logs?"+url.Values{"src": {src}, "limit": {"61"}, "cursor": {cursor}}.Encode(), nil, &page)
		for _, e := range page.Entries {
			if !edge.IsZero() && e.Time.After(edge) {
				t.Fatalf("page %d: entry of %s after one of %s", n, e.Time, edge)
			}
			edge = e.Time
			key := canonical(t, e.Raw)
			left, known := want[key]
			if known {
				if left == 0 {
					t.Fatalf("page %d: twice: %.200s", n, e.Raw)
				}
				want[key]--
			}
		}
		if page.Cursor == "" {
			return page.Coverage[len(page.Coverage)-1]
		}
		cursor = page.Cursor
		sim.AppendStory(a.vendor, 3)
	}
}

func TestConnect_FailureNamesWhatIsMissing(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 1})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	for _, c := range []struct {
		in   wire.Connect
		kind fault.Kind
		says string
	}{
		{wire.Connect{Vendor: "algolia", Region: "sim", Account: "DEMOAPP", Credentials: map[string]string{"api_key": simulate.AlgoliaKeyNoACL}}, fault.Forbidden, "logs"},
		{wire.Connect{Vendor: "algolia", Region: "sim", Account: "DEMOAPP", Credentials: map[string]string{"api_key": "wrong-key-here"}}, fault.Unauthenticated, "key"},
		{wire.Connect{Vendor: "coveo", Region: "sim", Account: "demoorg", Credentials: map[string]string{"token": "wrong-token-here"}}, fault.Unauthenticated, "token"},
		{wire.Connect{Vendor: "coveo", Region: "sim", Account: "demoorg", Credentials: map[string]string{"token": simulate.CoveoTokenNoView}}, fault.Forbidden, "View"},
		{wire.Connect{Vendor: "elasticpath", Region: "sim", Credentials: map[string]string{"client_id": "demo-client", "client_secret": "wrong-secret-here"}}, fault.Unauthenticated, "client"},
		{wire.Connect{Vendor: "deepset", Region: "sim", Account: "production", Credentials: map[string]string{"api_key": "wrong-key-here"}}, fault.Unauthenticated, "key"},
		{wire.Connect{Vendor: "deepset", Region: "sim", Account: "no-such-workspace", Credentials: map[string]string{"api_key": simulate.DeepsetKey}}, fault.NotFound, "workspace"},
		{wire.Connect{Vendor: "algolia", Region: "mars", Account: "DEMOAPP", Credentials: map[string]string{"api_key": "x"}}, fault.Invalid, "region"},
		{wire.Connect{Vendor: "splunk", Region: "sim"}, fault.Invalid, "vendor"},
		{wire.Connect{Vendor: "algolia", Region: "sim", Account: "DEMOAPP"}, fault.Invalid, "api_key"},
		{wire.Connect{Vendor: "algolia", Region: "sim", Account: "", Credentials: map[string]string{"api_key": "x-x-x-x"}}, fault.Invalid, "missing"},
		{wire.Connect{Vendor: "algolia", Region: "sim", Account: "DEMOAPP", Credentials: map[string]string{"api_key": "x-x-x-x", "tokn": "y"}}, fault.Invalid, "tokn"},
		{wire.Connect{Vendor: "algolia", Demo: true}, fault.Invalid, "--demo"},
	} {
		f := u.call("POST", "/api/connections", c.in, nil)
		if f == nil || f.Kind != c.kind || !strings.Contains(strings.ToLower(f.Msg), strings.ToLower(c.says)) {
			t.Errorf("%s/%s %q: got %v, want %s naming %q", c.in.Vendor, c.in.Region, c.in.Account, f, c.kind, c.says)
		}
	}
	var list wire.Connections
	u.must("GET", "/api/connections", nil, &list)
	if len(list.Connections) != 0 {
		t.Errorf("failed attempts left connections: %+v", list.Connections)
	}
}

func TestLogs_BadInputIsRefusedInPlainWords(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 1})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	c := u.connect("algolia", "sim", simulate.AlgoliaApp, map[string]string{"api_key": simulate.AlgoliaKey})
	src := "src=" + url.QueryEscape(c.Address)
	var page wire.Page
	u.must("GET", "/api/logs?limit=5&"+src, nil, &page)
	cursor := "&cursor=" + url.QueryEscape(page.Cursor)
	for _, q := range []struct {
		path string
		kind fault.Kind
		says string
	}{
		{"/api/logs", fault.Invalid, "src"},
		{"/api/logs?src=algolia", fault.Invalid, "vendor/region/account"},
		{"/api/logs?src=algolia/sim/OTHERAPP", fault.Unauthenticated, "connect"},
		{"/api/logs?src=splunk/x/y", fault.Invalid, "vendor"},
		{"/api/logs?limit=-1&" + src, fault.Invalid, "limit"},
		{"/api/logs?limit=0&" + src, fault.Invalid, "limit"},
		{"/api/logs?limit=1001&" + src, fault.Invalid, "limit"},
		{"/api/logs?limit=many&" + src, fault.Invalid, "limit"},
		{"/api/logs?from=soon&" + src, fault.Invalid, "from"},
		{"/api/logs?from=now-1h&to=now-2h&" + src, fault.Invalid, "before"},
		{"/api/logs?cursor=nonsense&" + src, fault.Invalid, "cursor"},
		{"/api/logs?q=status:500&" + src + cursor, fault.Invalid, "another query"},
		{"/api/logs?" + src + cursor[:len(cursor)-4] + "AAAA", fault.Invalid, "cursor"},
		{"/api/logs?form=now-1h&" + src, fault.Invalid, "form"},
		{"/api/logs?q=status:(&" + src, fault.Invalid, "column"},
		{"/api/logs?src=" + url.QueryEscape(c.Address+"/no/such/path"), fault.Invalid, ""},
		{"/api/nothing", fault.NotFound, "there is no"},
		{"/api/connections/nope/targets", fault.NotFound, ""},
	} {
		f := u.call("GET", q.path, nil, nil)
		if f == nil || f.Kind != q.kind || !strings.Contains(f.Msg, q.says) {
			t.Errorf("%.80s: got %v, want %s naming %q", q.path, f, q.kind, q.says)
		}
	}
}

func TestLogs_VendorFaultsKeepTheirKindAndWords(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 1})
	_, more := simulatedAs(t, "calm", simulate.Options{Seed: 1})
	p := start(t, t.TempDir(), append(flags, more...)...)
	u := p.user(t)
	calm := u.connect("moltin", "calm", "", accounts[4].creds)
	src := map[string]string{}
	for _, a := range accounts {
		src[a.vendor] = address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...)
	}
	for _, a := range accounts {
		// One after the other would mostly wait for pauses between tries.
		t.Run(a.vendor, func(t *testing.T) {
			t.Parallel()
			testVendorFaults(t, sim, u, a.vendor, src[a.vendor], calm.Address)
		})
	}
}

func testVendorFaults(t *testing.T, sim *simulate.Server, u *user, vendor, src, calm string) {
	forbidden := `{"message":"not with this one"}`
	if vendor == "algolia" {
		// A wrong key and a missing right are both 403 there: only the words differ.
		forbidden = `{"message":"Method not allowed with this API key, not with this one","status":403}`
	}
	for _, c := range []struct {
		fault simulate.Fault
		kind  fault.Kind
		said  string
	}{
		{simulate.Fault{Status: 401}, fault.Unauthenticated, ""},
		{simulate.Fault{Status: 403, Body: forbidden}, fault.Forbidden, "not with this one"},
		{simulate.Fault{Status: 404, Body: `{"message":"gone fishing"}`}, fault.NotFound, "gone fishing"},
		{simulate.Fault{Status: 422, Body: `{"message":"odd value"}`}, fault.Invalid, "odd value"},
		{simulate.Fault{Status: 429, RetryAfter: 30, Body: `{"message":"slow down"}`}, fault.RateLimited, "slow down"},
		{simulate.Fault{Status: 500, Body: `{"message":"boom"}`}, fault.Unavailable, "boom"},
		{simulate.Fault{Status: 502, Body: `<html><body><h1>Bad gateway</h1></body></html>`, ContentType: "text/html"}, fault.Unavailable, "Bad gateway"},
		{simulate.Fault{Status: 504, Body: `{"detail":"Fetching logs timed out."}`}, fault.Timeout, "timed out"},
		{simulate.Fault{Cut: 40}, fault.BadUpstream, ""},
		{simulate.Fault{Status: 200, Body: `<html>hello</html>`, ContentType: "text/html"}, fault.BadUpstream, "hello"},
		{simulate.Fault{Status: 200, Body: `{"nothing":"here"}`}, fault.BadUpstream, ""},
	} {
		sim.Fault(vendor, c.fault)
		f := u.call("GET", "/api/logs?limit=5&src="+url.QueryEscape(src), nil, nil)
		sim.ClearFaults(vendor)
		if f == nil || f.Kind != c.kind || f.Msg == "" || !strings.Contains(f.Said, c.said) {
			t.Errorf("%s %+v: got %v saying %q, want %s", vendor, c.fault, f, said(f), c.kind)
		}
		if c.fault.RetryAfter > 0 && f != nil && f.RetryAfter != 30*time.Second {
			t.Errorf("%s: retry after %v, want 30s", vendor, f.RetryAfter)
		}
	}
	// One vendor's trouble stays its own: another's entries come.
	sim.Fault(vendor, simulate.Fault{Status: 500})
	var page wire.Page
	u.must("GET", "/api/logs?limit=5&src="+url.QueryEscape(src+","+calm), nil, &page)
	sim.ClearFaults(vendor)
	states := map[string]logs.State{}
	for _, c := range page.Coverage {
		states[c.Src] = c.State
	}
	if len(page.Entries) != 5 || states[src] != logs.Failed || states[calm] == logs.Failed {
		t.Errorf("failing beside another: %d entries, states %v", len(page.Entries), states)
	}
	var after wire.Page
	u.must("GET", "/api/logs?limit=5&src="+url.QueryEscape(src), nil, &after)
	if len(after.Entries) != 5 {
		t.Errorf("after its trouble: %d entries, want 5", len(after.Entries))
	}
}

func said(f *fault.Error) string {
	if f == nil {
		return ""
	}
	return f.Said
}

func TestLogs_CoveoRangeOfTenDaysIsSplit(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 3})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	c := u.connect("coveo", "sim", simulate.CoveoOrg, map[string]string{"token": simulate.CoveoToken})
	from := time.Now().Add(-10 * 24 * time.Hour)
	want := 0
	for _, raw := range sim.Entries("coveo") {
		var e struct {
			Datetime time.Time `json:"datetime"`
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if !e.Datetime.Before(from) {
			want++
		}
	}
	got, cursor := 0, ""
	for {
		var page wire.Page
		u.must("GET", "/api/logs?"+url.Values{
			"src": {c.Address}, "limit": {"1000"}, "from": {from.UTC().Format(time.RFC3339Nano)}, "cursor": {cursor},
		}.Encode(), nil, &page)
		got += len(page.Entries)
		if cursor = page.Cursor; cursor == "" {
			if last := page.Coverage[len(page.Coverage)-1]; last.State != logs.Complete {
				t.Errorf("ten days end %s, want complete", last.State)
			}
			break
		}
	}
	if got != want || want == 0 {
		t.Errorf("got %d entries of ten days, want %d", got, want)
	}
}

// TestLogs_ExpiredTokenIsRenewed lets two hours pass at the vendor between two
// pages: its token lasts one.
func TestLogs_ExpiredTokenIsRenewed(t *testing.T) {
	var ahead atomic.Int64
	sim, flags := simulated(t, simulate.Options{Seed: 1, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	for _, a := range accounts[3:] {
		c := u.connect(a.vendor, "sim", a.account, a.creds)
		ahead.Add(int64(2 * time.Hour))
		sim.ClearCalls(a.vendor)
		var page wire.Page
		u.must("GET", "/api/logs?limit=5&src="+url.QueryEscape(c.Address), nil, &page)
		refused, tokens := 0, 0
		for _, call := range sim.Calls(a.vendor) {
			if call.Status == http.StatusUnauthorized {
				refused++
			}
			if strings.HasSuffix(call.Path, "/oauth/access_token") {
				tokens++
			}
		}
		if len(page.Entries) != 5 || refused != 1 || tokens != 1 {
			t.Errorf("%s: %d entries, %d calls refused, %d new tokens", a.vendor, len(page.Entries), refused, tokens)
		}
	}
}

// TestLogs_AnyMockOfTheVendorGivesRowsOrAClearError puts servers in the vendors'
// place that answer as mocks generated from a specification do: every text is
// "string", every number 0, no times, more of the same for ever.
func TestLogs_AnyMockOfTheVendorGivesRowsOrAClearError(t *testing.T) {
	row := map[string]string{
		"algolia":     `{"timestamp":"string","method":"string","answer_code":"string","query_body":"string","answer":"string","url":"string","ip":"string","query_headers":"string","sha1":"string","processing_time_ms":"string"}`,
		"coveo":       `{"guid":"string","id":"string","datetime":"string","task":"CONSUMING","operation":"ADD","result":"COMPLETED","meta":{}}`,
		"deepset":     `{"log_id":"string","message":"string","logged_at":"string","level":"string","origin":"querypipeline","exceptions":null,"extra_fields":null}`,
		"elasticpath": `{"id":"string","type":"integration","succeeded":true,"attempt":0,"body":"string","status_code":0,"relationships":{}}`,
	}
	row["moltin"] = row["elasticpath"]
	list := map[string]string{
		"algolia": `{"logs":[%s]}`, "coveo": `{"documentLogEntries":[%s],"hasNextPage":true}`, "deepset": `{"data":[%s],"has_more":true,"total":0}`,
		"elasticpath": `{"data":[%s],"meta":{"limit":0,"offset":0,"current":0,"total":0},"results":{"total":0}}`, "moltin": `{"data":[%s]}`,
	}
	var calls atomic.Int64
	mock := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		vendor, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/oauth/access_token"):
			io.WriteString(w, `{"access_token":"string","token_type":"string","expires_in":0,"expires":0}`)
		case strings.HasSuffix(r.URL.Path, "/workspaces"):
			io.WriteString(w, `[{"name":"production"}]`)
		default:
			fmt.Fprintf(w, list[vendor], row[vendor])
		}
	}))
	t.Cleanup(mock.Close)
	var flags []string
	for _, a := range accounts {
		flags = append(flags, "--endpoint", a.vendor+"/sim="+mock.URL+"/"+a.vendor)
	}
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	for _, a := range accounts {
		var c wire.Connection
		f := u.call("POST", "/api/connections", wire.Connect{Vendor: a.vendor, Region: "sim", Account: a.account, Credentials: a.creds}, &c)
		if f != nil {
			t.Errorf("%s: connect: %v", a.vendor, f)
			continue
		}
		src := url.QueryEscape(address(c, a.path...))
		calls.Store(0)
		var page wire.Page
		cursor := ""
		rows := 0
		for n := 0; n < 20; n++ {
			if f := u.call("GET", "/api/logs?src="+src+"&cursor="+url.QueryEscape(cursor), nil, &page); f != nil {
				t.Errorf("%s: page %d: %v", a.vendor, n, f)
				break
			}
			rows += len(page.Entries)
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		if rows == 0 || cursor != "" || len(page.Coverage) == 0 {
			t.Errorf("%s: %d rows, cursor left %v, coverage %+v", a.vendor, rows, cursor != "", page.Coverage)
		}
		if n := calls.Load(); n > 60 {
			t.Errorf("%s: %d calls for a list that never ends", a.vendor, n)
		}
		u.call("GET", "/api/connections/"+c.ID+"/targets", nil, nil)
	}
}

// TestSessions_SurviveRestartAndForget also looks for every planted credential in
// answers, logs and the data folder.
func TestSessions_SurviveRestartAndForget(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 1})
	dir := t.TempDir()
	p := start(t, dir, flags...)
	u := p.user(t)
	spy := &spy{next: http.DefaultTransport}
	u.http.Transport = spy
	ids := map[string]wire.Connection{}
	for _, a := range accounts {
		ids[a.vendor] = u.connect(a.vendor, "sim", a.account, a.creds)
		u.must("GET", "/api/connections/"+ids[a.vendor].ID+"/targets", nil, nil)
		u.must("GET", "/api/logs?src="+url.QueryEscape(address(ids[a.vendor], a.path...)), nil, nil)
		sim.Fault(a.vendor, simulate.Fault{Status: 403, Body: fmt.Sprintf(`{"message":"no rights for %s"}`, first(a.creds))})
		u.call("GET", "/api/logs?src="+url.QueryEscape(address(ids[a.vendor], a.path...)), nil, nil)
		sim.ClearFaults(a.vendor)
		for _, f := range export.Formats() {
			path := "/api/logs." + string(f) + "?reveal=1&from=all&cols=id,fields,raw&limit=500&src=" + url.QueryEscape(address(ids[a.vendor], a.path...))
			u.export(path)
			sim.Fault(a.vendor, simulate.Fault{DelayMS: 1, Count: 1})
			sim.Fault(a.vendor, simulate.Fault{Status: 403, Body: fmt.Sprintf(`{"message":"no rights for %s"}`, first(a.creds))})
			u.ask(path)
			sim.ClearFaults(a.vendor)
		}
	}
	// The answer that makes an access token holds it; no other one, and nothing else.
	u.http.Transport = nil
	made := u.mint(ids["elasticpath"], ids["coveo"])
	u.http.Transport = spy
	src := "/api/logs?limit=3&src=" + url.QueryEscape(ids["elasticpath"].Address)
	script := func(want int, path string) {
		t.Helper()
		if status, body := bearer(t, spy, u.base+path, made.Token); status != want {
			t.Errorf("%s with the access token: %d %.200s, want %d", path, status, body, want)
		}
	}
	script(200, src)
	for _, f := range export.Formats() {
		script(200, "/logs."+string(f)+"?from=all&limit=20&src="+url.QueryEscape(ids["elasticpath"].Address))
	}
	script(403, "/api/tokens")
	script(401, "/api/logs?src="+url.QueryEscape(ids["algolia"].Address)) // not of its connections
	u.must("GET", "/api/tokens", nil, nil)
	stderr := p.stderr.String()
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}

	// The same folder, another port: the cookie does not know ports.
	p2 := start(t, dir, flags...)
	cookies := u.http.Jar.Cookies(mustURL(t, u.base))
	u.base = p2.base
	u.http.Jar.SetCookies(mustURL(t, p2.base), cookies)
	var list wire.Connections
	u.must("GET", "/api/connections", nil, &list)
	if len(list.Connections) != len(accounts) {
		t.Fatalf("%d connections after a restart, want %d", len(list.Connections), len(accounts))
	}
	var page wire.Page
	u.must("GET", "/api/logs?limit=3&src="+url.QueryEscape(ids["elasticpath"].Address), nil, &page)
	if len(page.Entries) != 3 {
		t.Errorf("%d entries after a restart, want 3", len(page.Entries))
	}
	for _, c := range list.Connections {
		u.must("DELETE", "/api/connections/"+c.ID, nil, nil)
	}
	u.must("GET", "/api/connections", nil, &list)
	if len(list.Connections) != 0 {
		t.Errorf("forgotten connections are listed: %+v", list.Connections)
	}
	if f := u.call("GET", "/api/logs?src="+url.QueryEscape(ids["coveo"].Address), nil, nil); f == nil || f.Kind != fault.Unauthenticated {
		t.Errorf("a forgotten connection still reads: %v", f)
	}
	// What was forgotten goes on for scripts, until the token is revoked by who holds a
	// credential of it.
	script(200, src)
	u.connect("coveo", "sim", simulate.CoveoOrg, map[string]string{"token": simulate.CoveoToken})
	u.must("DELETE", "/api/tokens/"+made.ID, nil, nil)
	script(401, src)
	stderr += p2.stderr.String()
	if err := p2.stop(); err != nil {
		t.Fatal(err)
	}

	places := map[string]string{"an answer": spy.String(), "the log": stderr, "standard output": p.stdout.String() + p2.stdout.String()}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		places["the file "+d.Name()] += string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		for name, v := range a.creds {
			for where, text := range places {
				if strings.Contains(text, v) {
					t.Errorf("%s's %s stands in %s", a.vendor, name, where)
				}
			}
		}
	}
	for where, text := range places {
		if strings.Contains(text, made.Token) || strings.Contains(text, made.Token[len(wire.TokenPrefix):]) {
			t.Errorf("the access token stands in %s", where)
		}
	}
	if !strings.Contains(places["the log"], made.ID) {
		t.Error("the log does not name the access token: who used what cannot be told")
	}
	if !strings.Contains(places["the log"], "request") {
		t.Error("nothing was logged: the search for secrets proves nothing")
	}
	if !strings.Contains(places["an answer"], "entries") {
		t.Error("no answer was seen: the search for secrets proves nothing")
	}
}

// mint makes an access token of connections.
func (u *user) mint(of ...wire.Connection) wire.Token {
	u.t.Helper()
	in := wire.NewToken{Label: "for a test", Days: 1}
	for _, c := range of {
		in.Connections = append(in.Connections, c.ID)
	}
	var out wire.Token
	u.must("POST", "/api/tokens", in, &out)
	if out.Token == "" {
		u.t.Fatal("a token was made and not shown")
	}
	return out
}

// bearer asks as a script does: with the token, and nothing else.
func bearer(t testing.TB, through http.RoundTripper, address, token string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{Transport: through, Timeout: time.Minute}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// spy keeps every answer, headers and body.
type spy struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen strings.Builder
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(&s.seen, resp.Header)
	s.seen.Write(body)
	return resp, err
}

func (s *spy) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.String()
}

func first(m map[string]string) string {
	for _, name := range []string{"api_key", "token", "client_secret"} {
		if v, ok := m[name]; ok {
			return v
		}
	}
	return ""
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
