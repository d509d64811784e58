package client

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func fake(tb testing.TB) (*Fake, *Client) {
	tb.Helper()
	f := NewFake()
	f.Config = wire.Vendors{Demo: true, Version: "v", Vendors: []wire.Vendor{{
		Name: "algolia", Title: "Algolia", Account: wire.Field{Name: "account", Label: "Application ID"},
		Credentials: []wire.Field{{Name: "api_key", Label: "API key", Secret: true}}, Regions: []wire.Region{{Name: "us", Label: "US"}},
	}}}
	return f, New(f.Do)
}

func TestClient_EveryRouteRoundTrips(t *testing.T) {
	f, c := fake(t)
	ctx := t.Context()
	vs, err := c.Vendors(ctx)
	if err != nil || !reflect.DeepEqual(vs, f.Config) {
		t.Fatalf("Vendors = %+v, %v", vs, err)
	}
	conn, err := c.Connect(ctx, wire.Connect{Vendor: "algolia", Region: "us", Account: "APP", Credentials: map[string]string{"api_key": "k"}})
	if err != nil || conn.Address != "algolia/us/APP" {
		t.Fatalf("Connect = %+v, %v", conn, err)
	}
	conns, err := c.Connections(ctx)
	if err != nil || len(conns) != 1 || conns[0] != conn {
		t.Fatalf("Connections = %+v, %v", conns, err)
	}
	f.Picks[conn.ID] = []wire.Target{{Address: "algolia/us/APP/indices/products", Label: "products", Kind: "index"}}
	picks, err := c.Targets(ctx, conn.ID)
	if err != nil || !reflect.DeepEqual(picks, f.Picks[conn.ID]) {
		t.Fatalf("Targets = %+v, %v", picks, err)
	}
	want := wire.Page{
		Entries:  []logs.Entry{{ID: "1", Src: conn.Address, Summary: "ok", Raw: json.RawMessage(`{ "a":  1 }`)}},
		Cursor:   "next",
		Coverage: []logs.Coverage{{Src: conn.Address, State: logs.More}},
		Plan:     []logs.Clause{},
		Scanned:  7,
	}
	f.Pages[""] = want
	page, err := c.Logs(ctx, Query{Src: []string{conn.Address}, Q: "status:>=500", From: "now-24h", Limit: 50})
	if err != nil || !reflect.DeepEqual(page, want) {
		t.Fatalf("Logs = %+v, %v", page, err)
	}
	last := f.Calls()[len(f.Calls())-1]
	if got := last.Query.Encode(); got != "from=now-24h&limit=50&q=status%3A%3E%3D500&src=algolia%2Fus%2FAPP" {
		t.Errorf("query = %s", got)
	}
	if err := c.Forget(ctx, conn.ID); err != nil {
		t.Fatal(err)
	}
	if err := c.Forget(ctx, conn.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("forgetting twice: %v", err)
	}
}

func TestClient_EveryKindSurvivesTheWire(t *testing.T) {
	for _, k := range fault.Kinds() {
		synctest.Test(t, func(t *testing.T) {
			f, c := fake(t)
			want := fault.New(k, "server side").Saying("a sentence").Quoting("vendor words")
			want.Column, want.RetryAfter = 14, 2*time.Second
			for range maxRepeats + 1 { // a conflict is repeated
				f.Fail("GET", wire.PathVendors, want)
			}
			_, err := c.Vendors(t.Context())
			got := fault.Of(err)
			if got.Kind != k || got.Msg != want.Msg || got.Said != want.Said || got.Column != 14 || got.RetryAfter != 2*time.Second || got.Op != "GET /api/vendors" {
				t.Errorf("%s came back as %+v", k, got)
			}
		})
	}
}

func TestClient_StrangeAnswers(t *testing.T) {
	tests := []struct {
		name, mediaType, body string
		status                int
		want                  fault.Kind
	}{
		{"a proxy's error page", "text/html", "<h1>Bad gateway</h1>", 502, fault.BadUpstream},
		{"a login page instead of JSON", "text/html", "<form>", 200, fault.BadUpstream},
		{"cut JSON", "application/json", `{"vendors":[`, 200, fault.BadUpstream},
		{"a problem without a kind", "application/problem+json", `{"title":"Gone"}`, 404, fault.NotFound},
		{"a damaged problem", "application/problem+json", `{`, 429, fault.RateLimited},
	}
	for _, tt := range tests {
		c := New(func(context.Context, string, string, []byte) (int, string, []byte, error) {
			return tt.status, tt.mediaType, []byte(tt.body), nil
		})
		_, err := c.Vendors(t.Context())
		if e := fault.Of(err); e.Kind != tt.want || e.Msg == "" || strings.Contains(e.Msg, "<") {
			t.Errorf("%s: %+v, want %s with a sentence", tt.name, e, tt.want)
		}
	}
}

func TestClient_NoAnswer(t *testing.T) {
	c := New(func(context.Context, string, string, []byte) (int, string, []byte, error) {
		return 0, "", nil, errors.New("failed to fetch")
	})
	if _, err := c.Vendors(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("network down: %v", err)
	}
	hang := New(func(ctx context.Context, _, _ string, _ []byte) (int, string, []byte, error) {
		<-ctx.Done()
		return 0, "", nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hang.Vendors(ctx); fault.KindOf(err) != fault.Canceled {
		t.Errorf("canceled: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := hang.Logs(t.Context(), Query{Src: []string{"a/b/c"}})
		if fault.KindOf(err) != fault.Timeout || time.Since(start) != longWait {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestClient_ErrorsHoldNoCredential(t *testing.T) {
	const secret = "s3cr3t-key"
	f, c := fake(t)
	f.Fail("POST", wire.PathConnections, fault.New(fault.Unauthenticated, "").Saying("the key is wrong"))
	_, err := c.Connect(t.Context(), wire.Connect{Vendor: "algolia", Credentials: map[string]string{"api_key": secret}})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("err = %v", err)
	}
}

func TestClient_ConflictIsRepeatedForEveryMethod(t *testing.T) {
	for _, c := range []struct {
		method, path string
		call         func(context.Context, *Client) error
	}{
		{"GET", wire.PathVendors, func(ctx context.Context, c *Client) error { _, err := c.Vendors(ctx); return err }},
		{"GET", wire.PathLogs, func(ctx context.Context, c *Client) error { _, err := c.LogsBody(ctx, Query{}); return err }},
		{"POST", wire.PathConnections, func(ctx context.Context, c *Client) error {
			_, err := c.Connect(ctx, wire.Connect{Vendor: "algolia"})
			return err
		}},
		{"DELETE", wire.PathSession, func(ctx context.Context, c *Client) error { return c.Logout(ctx) }},
		{"DELETE", wire.PathConnections + "/c1", func(ctx context.Context, c *Client) error { return c.Forget(ctx, "c1") }},
	} {
		for conflicts := range maxRepeats + 2 {
			synctest.Test(t, func(t *testing.T) {
				f, cl := fake(t)
				f.Conns = []wire.Connection{{ID: "c1", Vendor: "algolia"}}
				for range conflicts {
					f.Fail(c.method, c.path, fault.New(fault.Conflict, "").Saying("the session was renewed"))
				}
				began := time.Now()
				err := c.call(t.Context(), cl)
				repeats := min(conflicts, maxRepeats)
				if got := len(f.Calls()); got != repeats+1 {
					t.Errorf("%s %s after %d conflicts: %d requests, want %d", c.method, c.path, conflicts, got, repeats+1)
				}
				if want := repeatPause * time.Duration(repeats*(repeats+1)/2); time.Since(began) != want {
					t.Errorf("%s %s after %d conflicts: waited %v, want %v", c.method, c.path, conflicts, time.Since(began), want)
				}
				want := fault.Kind("")
				if conflicts > maxRepeats {
					want = fault.Conflict
				}
				if fault.KindOf(err) != want {
					t.Errorf("%s %s after %d conflicts: %v", c.method, c.path, conflicts, err)
				}
			})
		}
	}
}

func TestClient_OtherErrorsAreNotRepeated(t *testing.T) {
	for _, k := range []fault.Kind{fault.Unavailable, fault.Timeout, fault.RateLimited, fault.Internal, fault.Unauthenticated} {
		f, c := fake(t)
		f.Fail("GET", wire.PathVendors, fault.New(k, "").Saying("no"))
		if _, err := c.Vendors(t.Context()); fault.KindOf(err) != k || len(f.Calls()) != 1 {
			t.Errorf("%s: %v after %d requests", k, err, len(f.Calls()))
		}
	}
}

func TestClient_ConflictEndsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := fake(t)
		for range maxRepeats {
			f.Fail("GET", wire.PathVendors, fault.New(fault.Conflict, "").Saying("no"))
		}
		ctx, cancel := context.WithTimeout(t.Context(), repeatPause+repeatPause/2)
		defer cancel()
		if _, err := c.Vendors(ctx); fault.KindOf(err) != fault.Conflict || len(f.Calls()) != 2 {
			t.Errorf("%v after %d requests, want 2", err, len(f.Calls()))
		}
	})
}
