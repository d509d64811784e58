package elasticpath

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	clientID     = "WsqKxqwvPlantedClient"
	clientSecret = "s3cr3t-planted-4711"
)

// api is a store's API: it hands out tokens tok-1, tok-2 … and answers the rest
// with answer, which runs under the lock.
type api struct {
	mu     sync.Mutex
	grants int
	calls  []string // "GET /v2/… tok-1"
	grant  func(w http.ResponseWriter, n int)
	answer func(w http.ResponseWriter, r *http.Request, token string)
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.URL.Path == "/oauth/access_token" {
		a.grants++
		if a.grant != nil {
			a.grant(w, a.grants)
			return
		}
		if r.Method != "POST" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("client_id") != clientID || r.FormValue("client_secret") != clientSecret {
			http.Error(w, `{"errors":[{"status":401,"title":"Unauthorized"}]}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"access_token":"planted-tok-%d","token_type":"Bearer","expires_in":3600,"expires":1,"identifier":"client_credentials"}`, a.grants)
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer planted-")
	a.calls = append(a.calls, r.URL.EscapedPath()+"?"+r.URL.RawQuery+" "+token)
	a.answer(w, r, token)
}

func (a *api) seen() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.calls...)
}

func serve(t *testing.T, a *api, vendor func(*rest.Net) driver.Vendor) *store {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	n := rest.NewNet(rest.Policy{Operator: []string{srv.URL}})
	t.Cleanup(n.Close)
	d, err := vendor(n).Open(driver.Config{Region: driver.Region{Name: "test", URL: srv.URL}, Credentials: map[string]secret.Value{
		"client_id": secret.New(" " + clientID + "\n"), "client_secret": secret.New(clientSecret),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return d.(*store)
}

func text(body string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) { fmt.Fprint(w, body) }
}

func status(code int, body string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func TestRead_CallsOfEachPath(t *testing.T) {
	for _, c := range []struct {
		vendor func(*rest.Net) driver.Vendor
		path   []string
		want   string
	}{
		{Vendor, nil, "/v2/integrations/logs"},
		{Vendor, []string{"integrations", "a/b ?"}, "/v2/integrations/a%2Fb%20%3F/logs"},
		{Vendor, []string{"integrations", "i", "jobs", "j"}, "/v2/integrations/i/jobs/j/logs"},
		{Moltin, []string{"events", "e"}, "/v2/integrations/e/logs"},
		{Moltin, []string{"events", "e", "jobs", "j"}, "/v2/integrations/e/jobs/j/logs"},
		{Vendor, []string{"events", "e"}, ""},
		{Moltin, []string{"integrations", "e"}, ""},
		{Vendor, []string{"integrations"}, ""},
		{Vendor, []string{"integrations", "i", "job", "j"}, ""},
		{Vendor, []string{"integrations", "i", "jobs"}, ""},
		{Vendor, []string{"integrations", ".."}, ""},
	} {
		a := &api{answer: text(`{"data":[],"results":{"total":0}}`)}
		s := serve(t, a, c.vendor)
		_, err := s.Read(t.Context(), driver.Read{Path: c.path, Offset: 200, Limit: 500})
		if c.want == "" {
			if fault.KindOf(err) != fault.Invalid || len(a.seen()) > 0 {
				t.Errorf("%v: %v after %v", c.path, err, a.seen())
			}
			continue
		}
		want := []string{c.want + "?page%5Blimit%5D=100&page%5Boffset%5D=200 tok-1"}
		if got := a.seen(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %v, called %q, want %q", c.path, err, got, want)
		}
	}
}

func TestRead_MoltinIgnoresPagingAndGivesEverything(t *testing.T) {
	a := &api{answer: text(`{"data":[` + strings.Repeat(`{"id":"x"},`, 149) + `{"id":"x"}]}`)}
	p, err := serve(t, a, Moltin).Read(t.Context(), driver.Read{Limit: 100})
	if err != nil || len(p.Entries) != 150 || p.Total != -1 || p.More != driver.MoreUnknown {
		t.Errorf("%v: %d entries, total %d, more %d", err, len(p.Entries), p.Total, p.More)
	}
}

func TestVerify_ReadsOneLog(t *testing.T) {
	a := &api{answer: text(`{"data":[],"results":{"total":0}}`)}
	if err := serve(t, a, Vendor).Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if got := a.seen(); !reflect.DeepEqual(got, []string{"/v2/integrations/logs?page%5Blimit%5D=1&page%5Boffset%5D=0 tok-1"}) {
		t.Errorf("called %q", got)
	}
}

func TestRead_FaultsOfEachStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		path   []string
		answer func(http.ResponseWriter, *http.Request, string)
		kind   fault.Kind
		msg    string
		said   string
	}{
		{"no right", nil, status(403, `{"errors":[{"status":"403","title":"Forbidden"}]}`), fault.Forbidden, "use client_credentials of the store", "Forbidden"},
		{"no such integration", []string{"integrations", "i"}, status(404, `{"errors":[{"status":404,"title":"Not Found","detail":"no integration"}]}`), fault.NotFound, "does not know this integration", "Not Found; no integration"},
		{"no such job", []string{"integrations", "i", "jobs", "j"}, status(404, ``), fault.NotFound, "does not know this job", ""},
		{"no such API", nil, status(404, `<html>nope</html>`), fault.NotFound, "check the region", "nope"},
		{"too many", nil, status(429, `{"errors":[{"status":429,"title":"Too many requests"}]}`), fault.RateLimited, "slow down", "Too many requests"},
		{"not processable", nil, status(422, `{"errors":[{"title":"bad page"}]}`), fault.Invalid, "refused the request", "bad page"},
		{"trouble", nil, status(500, `{"errors":[{"status":500,"title":"Internal","request_id":"r"}]}`), fault.Unavailable, "try again", "Internal"},
		{"HTML", nil, text(`<html><h1>Maintenance</h1></html>`), fault.BadUpstream, "not JSON", "Maintenance"},
		{"cut", nil, text(`{"data":[{"id":"a"`), fault.BadUpstream, "cannot be read", ""},
		{"no list", nil, text(`{"message":"all is well"}`), fault.BadUpstream, `without the list "data"`, "all is well"},
		{"token forever refused", nil, status(401, `{"errors":[{"status":401,"title":"Unable to validate access token"}]}`), fault.Unauthenticated, "refuses even a fresh access token", "Unable to validate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &api{answer: c.answer}
			_, err := serve(t, a, Vendor).Read(t.Context(), driver.Read{Path: c.path, Limit: 10})
			f := fault.Of(err)
			if f == nil || f.Kind != c.kind || !strings.Contains(f.Msg, c.msg) || !strings.Contains(f.Said, c.said) {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestRead_TokenFaults(t *testing.T) {
	grant := func(code int, body string) func(http.ResponseWriter, int) {
		return func(w http.ResponseWriter, _ int) { status(code, body)(w, nil, "") }
	}
	for _, c := range []struct {
		name  string
		grant func(http.ResponseWriter, int)
		kind  fault.Kind
		msg   string
	}{
		{"wrong secret", grant(401, `{"errors":[{"status":401,"title":"Unauthorized","detail":"`+clientSecret+`"}]}`), fault.Unauthenticated, "client id or secret is wrong (or from the other region)"},
		{"wrong client", grant(400, `{"error":"invalid_client"}`), fault.Unauthenticated, "client id or secret is wrong (or from the other region)"},
		{"forbidden client", grant(403, ``), fault.Unauthenticated, "client id or secret is wrong (or from the other region)"},
		{"no token", grant(200, `{"token_type":"Bearer"}`), fault.BadUpstream, "without an access token"},
		{"token with a line break", grant(200, `{"access_token":"planted\nX-Evil: 1"}`), fault.BadUpstream, "without an access token"},
		{"a list", grant(200, `[1]`), fault.BadUpstream, "without an access token"},
		{"HTML", grant(200, `<html>portal</html>`), fault.BadUpstream, "not JSON"},
		{"trouble", grant(503, ``), fault.Unavailable, "try again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &api{grant: c.grant, answer: text(`{"data":[]}`)}
			_, err := serve(t, a, Vendor).Read(t.Context(), driver.Read{Limit: 10})
			f := fault.Of(err)
			if f == nil || f.Kind != c.kind || !strings.Contains(f.Msg, c.msg) || len(a.seen()) > 0 {
				t.Errorf("got %+v after %q", f, a.seen())
			}
			if strings.Contains(fmt.Sprintf("%+v %v", f, err), "planted") {
				t.Errorf("a secret shows in %+v", f)
			}
		})
	}
}

func TestRead_RenewsTheTokenOnceOn401(t *testing.T) {
	a := &api{answer: func(w http.ResponseWriter, r *http.Request, token string) {
		if token == "tok-1" {
			status(401, `{"errors":[{"title":"expired"}]}`)(w, r, token)
			return
		}
		fmt.Fprint(w, `{"data":[{"id":"a"}]}`)
	}}
	s := serve(t, a, Vendor)
	for range 2 {
		if p, err := s.Read(t.Context(), driver.Read{Limit: 10}); err != nil || len(p.Entries) != 1 {
			t.Fatalf("%v, %d entries", err, len(p.Entries))
		}
	}
	if got := len(a.seen()); a.grants != 2 || got != 3 {
		t.Errorf("%d tokens and %d calls, want 2 and 3", a.grants, got)
	}
}

func TestToken_RenewedBeforeItsEnd(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		life         time.Duration // for which one token must serve
	}{
		{"flat", `{"access_token":"planted-t","expires_in":3600,"expires":1700003600}`, 59 * time.Minute},
		{"wrapped", `{"data":{"access_token":"planted-t","expires_in":"600"}}`, 9 * time.Minute},
		{"end only", `{"access_token":"planted-t","expires":1700007200}`, 119 * time.Minute},
		{"no end", `{"access_token":"planted-t","expires_in":0}`, 59 * time.Minute},
		{"short", `{"access_token":"planted-t","expires_in":10}`, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &api{grant: func(w http.ResponseWriter, _ int) { fmt.Fprint(w, c.answer) }, answer: text(`{"data":[]}`)}
			s := serve(t, a, Vendor)
			start := time.Unix(1_700_000_000, 0)
			now := start
			s.tokens.now = func() time.Time { return now }
			for _, step := range []struct {
				at    time.Duration
				count int
			}{{0, 1}, {c.life - time.Second, 1}, {c.life, 2}} {
				now = start.Add(step.at)
				if _, err := s.Read(t.Context(), driver.Read{Limit: 1}); err != nil {
					t.Fatal(err)
				}
				if a.grants != step.count {
					t.Errorf("after %v: %d tokens, want %d", step.at, a.grants, step.count)
				}
			}
		})
	}
}

func TestTokens_SharedRenewalEndsWithItsLastCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls int
		ended := make(chan error, 1)
		release := make(chan struct{})
		ts := &tokens{now: time.Now, fetch: func(ctx context.Context) (*token, error) {
			calls++
			select {
			case <-ctx.Done():
				ended <- ctx.Err()
				return nil, ctx.Err()
			case <-release:
				return &token{renew: time.Now().Add(time.Hour)}, nil
			}
		}}
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for _, ctx := range []context.Context{first, second} {
			go func() {
				_, err := ts.get(ctx)
				errs <- err
			}()
		}
		synctest.Wait()
		leaveFirst()
		synctest.Wait()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller who left got %v", err)
		}
		if len(ended) != 0 || calls != 1 {
			t.Fatalf("%d renewals, %d ended, while one caller still waits for one", calls, len(ended))
		}
		leaveSecond()
		synctest.Wait()
		<-errs
		if len(ended) != 1 {
			t.Error("the renewal goes on although nobody waits")
		}

		close(release)
		if tok, err := ts.get(t.Context()); err != nil || tok == nil || calls != 2 {
			t.Errorf("after that: %v, %v, %d renewals", tok, err, calls)
		}
	})
}

func TestTokens_OneRenewalForManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		ts := &tokens{now: time.Now, fetch: func(context.Context) (*token, error) {
			calls++
			time.Sleep(time.Second)
			return &token{renew: time.Now().Add(time.Hour)}, nil
		}}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if tok, err := ts.get(t.Context()); err != nil || tok == nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if calls != 1 {
			t.Errorf("%d renewals", calls)
		}
	})
}

func TestTargets_NamesAndStatesOnly(t *testing.T) {
	a := &api{answer: func(w http.ResponseWriter, r *http.Request, _ string) {
		if strings.HasSuffix(r.URL.Path, "/logs") {
			fmt.Fprint(w, `{"data":[{"id":"l","relationships":{"integration":{"data":{"id":"i1"}}}}]}`)
			return
		}
		fmt.Fprint(w, `{"data":[
			{"id":"i1","type":"integration","name":"Order shipping","description":"d","enabled":true,"integration_type":"webhook",
			 "observes":["order.paid"],"configuration":{"url":"https://user:hidden-pw@hooks.example.com/in?key=hidden-key","secret_key":"hidden-secret"}},
			{"id":"i2","enabled":"false","integration_type":"aws_sqs","configuration":{"aws_access_key_id":"hidden-id","aws_secret_access_key":"hidden-aws"}},
			{"name":"no id"}, 7, null
		]}`)
	}}
	s := serve(t, a, Moltin)
	got, err := s.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []driver.Target{
		{Label: "Whole store", Kind: "store"},
		{Path: []string{"events", "i1"}, Label: "Order shipping", Kind: "event", Status: "enabled", Detail: "hooks.example.com", Events: []string{"order.paid"}},
		{Path: []string{"events", "i2"}, Label: "i2", Kind: "event", Status: "disabled", Detail: "aws_sqs"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if out := fmt.Sprintf("%+v %+v %+v", got, s, s.names.get()); strings.Contains(out, "hidden") {
		t.Errorf("configuration shows in %s", out)
	}
	if n := len(a.seen()); n != 2 {
		t.Errorf("%d calls: the repeated page must end the list", n)
	}
	p, err := s.Read(t.Context(), driver.Read{Limit: 1})
	if err != nil || p.Entries[0].Fields.Text("integration_name") != "Order shipping" {
		t.Errorf("%v, fields %v", err, p.Entries)
	}
}

func TestListJobs_PagesAndBounds(t *testing.T) {
	job := func(from, n int) string {
		var ids []string
		for i := range n {
			ids = append(ids, fmt.Sprintf(`{"id":"j%d","type":"integration-job"}`, from+i))
		}
		return `{"data":[` + strings.Join(ids, ",") + `]}`
	}
	for _, c := range []struct {
		name        string
		answer      func(offset string) string
		most, calls int
		jobs        int
	}{
		{"whole, as documented", func(o string) string { return map[string]string{"": job(0, 250)}[o] }, 1000, 1, 250},
		{"pages and counts", func(o string) string {
			return strings.TrimSuffix(map[string]string{"": job(0, 100), "100": job(100, 30)}[o], "}") + `,"results":{"total":130}}`
		}, 1000, 2, 130},
		{"cut at most", func(string) string { return job(0, 250) }, 200, 1, 200},
		{"none", func(string) string { return `{"data":null}` }, 10, 1, 0},
		{"none wanted", func(string) string { return job(0, 5) }, 0, 0, 0},
	} {
		a := &api{answer: func(w http.ResponseWriter, r *http.Request, _ string) {
			fmt.Fprint(w, c.answer(r.URL.Query().Get("page[offset]")))
		}}
		got, err := serve(t, a, Vendor).ListJobs(t.Context(), []string{"integrations", "i"}, c.most)
		if err != nil || len(got) != c.jobs || len(a.seen()) != c.calls {
			t.Errorf("%s: %v, %d jobs in %d calls, want %d in %d", c.name, err, len(got), len(a.seen()), c.jobs, c.calls)
		}
	}
	a := &api{}
	if _, err := serve(t, a, Vendor).ListJobs(t.Context(), nil, 5); fault.KindOf(err) != fault.Invalid {
		t.Errorf("jobs of a whole store: %v", err)
	}
}

func TestListJobs_EndlessListEnds(t *testing.T) {
	n := 0
	a := &api{answer: func(w http.ResponseWriter, _ *http.Request, _ string) {
		n++
		fmt.Fprintf(w, `{"data":[{"id":"j%d"}],"results":{"total":99999999}}`, n)
	}}
	got, err := serve(t, a, Vendor).ListJobs(t.Context(), []string{"integrations", "i"}, 1_000_000)
	if err != nil || len(got) != maxPages {
		t.Errorf("%v, %d jobs", err, len(got))
	}
}

func TestSecrets_NowhereToBeSeen(t *testing.T) {
	echo := `{"data":[{"id":"a","succeeded":false,"body":"Authorization: Bearer planted-tok-1, ` + clientID + ` ` + clientSecret + `","error_detail":"planted-tok-1"}]}`
	a := &api{answer: text(echo)}
	s := serve(t, a, Vendor)
	p, err := s.Read(t.Context(), driver.Read{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	e := p.Entries[0]
	if !strings.Contains(string(e.Raw), "Bearer *************, ") || len(e.Raw) != len(echo)-len(`{"data":[]}`) {
		t.Errorf("raw %s", e.Raw)
	}
	out := []string{fmt.Sprintf("%v %+v %#v", s, s, s), fmt.Sprintf("%+v %s", e, e.Raw)}
	a.mu.Lock()
	a.answer = status(418, `{"errors":[{"title":"token planted-tok-1 of `+clientID+` with `+clientSecret+`"}]}`)
	a.mu.Unlock()
	_, err = s.Read(t.Context(), driver.Read{Limit: 1})
	out = append(out, fmt.Sprintf("%v %+v", err, fault.Of(err)))
	a.mu.Lock()
	a.answer = text(`{"message":"token planted-tok-1 of ` + clientID + ` with ` + clientSecret + `"}`)
	a.mu.Unlock()
	_, err = s.Read(t.Context(), driver.Read{Limit: 1})
	out = append(out, fmt.Sprintf("%v %+v", err, fault.Of(err)))
	for _, o := range out {
		for _, sec := range []string{"planted-tok-1", clientID, clientSecret} {
			if strings.Contains(o, sec) {
				t.Errorf("%s shows in %s", sec, o)
			}
		}
	}
}

func TestOpen_ImpliedAccountAndMissingCredentials(t *testing.T) {
	n := rest.NewNet(rest.Policy{})
	v := Vendor(n)
	creds := func(id, key string) map[string]secret.Value {
		return map[string]secret.Value{"client_id": secret.New(id), "client_secret": secret.New(key)}
	}
	// The first bytes of the SHA-256 of "demo-client".
	if got := v.ImpliedAccount(creds(" demo-client ", "")); got != "store-01e391bb" {
		t.Errorf("account %q", got)
	}
	if got := v.ImpliedAccount(nil); got != "" {
		t.Errorf("account %q of nothing", got)
	}
	for _, c := range []struct {
		account, id, key, url string
		ok                    bool
		client                string
	}{
		{"", "id-1", "key", "https://x", true, "id-1"},
		{"my shop", "id-1", "key", "https://x", true, "id-1"},
		{"id-2", "", "key", "https://x", true, "id-2"},
		{"", "", "key", "https://x", false, ""},
		{"", " ", "key", "https://x", false, ""},
		{"", "id-1", "", "https://x", false, ""},
		{"", "id-1", "key", "", false, ""},
	} {
		d, err := v.Open(driver.Config{Region: driver.Region{URL: c.url}, Account: c.account, Credentials: creds(c.id, c.key)})
		if !c.ok {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil || d.(*store).id.Reveal() != c.client {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestRead_CanceledPassesThrough(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := &api{answer: func(w http.ResponseWriter, r *http.Request, _ string) {
		cancel()
		<-r.Context().Done()
	}}
	if _, err := serve(t, a, Vendor).Read(ctx, driver.Read{Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestRead_NamesIntegrationsByOneListOnly reads logs whose integrations are not
// known yet: the list is asked for once, also when it does not know one of them,
// and failing to get it costs nothing but the names.
func TestRead_NamesIntegrationsByOneListOnly(t *testing.T) {
	for _, listWorks := range []bool{true, false} {
		var lists atomic.Int32
		h := http.NewServeMux()
		h.HandleFunc("POST /oauth/access_token", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"access_token":"tok-123456","expires_in":3600,"token_type":"Bearer"}`)
		})
		h.HandleFunc("GET /v2/integrations/logs", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"data":[`+
				`{"id":"1","relationships":{"integration":{"data":{"id":"known"}}}},`+
				`{"id":"2","relationships":{"integration":{"data":{"id":"gone"}}}}],"results":{"total":2}}`)
		})
		h.HandleFunc("GET /v2/integrations", func(w http.ResponseWriter, _ *http.Request) {
			lists.Add(1)
			if !listWorks {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			io.WriteString(w, `{"data":[{"id":"known","name":"Orders","configuration":{"url":"https://u:hidden@hooks.example/x","secret_key":"hidden"}}],"results":{"total":1}}`)
		})
		srv := httptest.NewServer(h)
		d, err := Vendor(rest.NewNet(rest.Policy{Operator: []string{srv.URL}})).Open(driver.Config{
			Region: driver.Region{URL: srv.URL}, Credentials: map[string]secret.Value{"client_id": secret.New("my-client"), "client_secret": secret.New("my-secret")},
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			pg, err := d.Read(t.Context(), driver.Read{Limit: 10})
			if err != nil || len(pg.Entries) != 2 {
				t.Fatalf("list works %v: %v, %d entries", listWorks, err, len(pg.Entries))
			}
			name, host := pg.Entries[0].Fields.Text("integration_name"), pg.Entries[0].Fields.Text("url")
			if listWorks != (name == "Orders" && host == "hooks.example") {
				t.Errorf("list works %v: name %q, host %q", listWorks, name, host)
			}
			if pg.Entries[1].Fields.Text("integration_name") != "" {
				t.Errorf("an integration that the list lacks has a name: %+v", pg.Entries[1].Fields)
			}
		}
		if n := lists.Load(); n != 1 {
			t.Errorf("list works %v: asked for %d times, want once", listWorks, n)
		}
		srv.Close()
	}
}
