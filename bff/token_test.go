package main

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// TestReplicas_TokenIsOneEverywhere makes an access token at one replica, reads with
// it at the other, and revokes it at the first while an export runs at the other.
func TestReplicas_TokenIsOneEverywhere(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 3, Entries: 60})
	flags = append(append(flags, "--poll-min", "50ms"), together(t)...)
	p1, p2 := start(t, t.TempDir(), flags...), start(t, t.TempDir(), flags...)
	u := p1.user(t)
	a := accounts[0]
	c := u.connect(a.vendor, "sim", a.account, a.creds)
	made := u.mint(c)
	src := "src=" + url.QueryEscape(address(c, a.path...))
	for name, p := range map[string]*program{"here": p1, "at the other replica": p2} {
		if status, body := bearer(t, nil, p.base+wire.PathLogs+"?limit=1&"+src, made.Token); status != 200 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", p2.base+"/logs.ndjson?live=1&"+src, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+made.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	sim.AppendStory(a.vendor, 1)
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 4<<20)
	if !lines.Scan() || !strings.Contains(lines.Text(), `"src":`) {
		t.Fatalf("followed %.200s, %v", lines.Text(), lines.Err())
	}

	began := time.Now()
	u.must("DELETE", wire.PathTokens+"/"+made.ID, nil, nil)
	// The very next request, wherever it goes.
	for name, p := range map[string]*program{"at the other replica": p2, "here": p1} {
		if status, body := bearer(t, nil, p.base+wire.PathLogs+"?limit=1&"+src, made.Token); status != 401 {
			t.Errorf("revoked, %s: %d %.200s", name, status, body)
		}
	}
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	d := time.Since(began)
	t.Logf("the export at the other replica ended %v after the request", d.Round(time.Millisecond))
	if d > 2*time.Second || !strings.Contains(last, "revoked") {
		t.Errorf("the export ended after %s with %.300s", d, last)
	}
}
