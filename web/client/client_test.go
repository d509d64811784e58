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
		f, c := fake(t)
		want := fault.New(k, "server side").Saying("a sentence").Quoting("vendor words")
		want.Column, want.RetryAfter = 14, 2*time.Second
		f.Fail("GET", wire.PathVendors, want)
		_, err := c.Vendors(t.Context())
		got := fault.Of(err)
		if got.Kind != k || got.Msg != want.Msg || got.Said != want.Said || got.Column != 14 || got.RetryAfter != 2*time.Second || got.Op != "GET /api/vendors" {
			t.Errorf("%s came back as %+v", k, got)
		}
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
