//go:build e2e

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/wire"
)

// scriptLines asks for a live export as a script does, and returns its lines as they
// come. The channel is closed when the answer ends.
func scriptLines(t *testing.T, address, token string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || len(resp.Cookies()) > 0 {
		b, _ := io.ReadAll(resp.Body)
		t.Fatalf("%d, cookies %v: %s", resp.StatusCode, resp.Cookies(), b)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		in := bufio.NewScanner(resp.Body)
		in.Buffer(nil, 4<<20)
		for in.Scan() {
			lines <- in.Text()
		}
	}()
	return lines
}

// TestE2EToken_MadeUsedAndRevoked makes an access token in the page, reads with it as
// a script does, and takes it back in the page while an export runs.
func TestE2EToken_MadeUsedAndRevoked(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "algolia", "elasticpath")
	b.visit("/")
	b.click("link", "Access tokens for scripts")
	b.at("/tokens")
	b.sees("No tokens yet", "keeps working after you log out")
	b.click("button", "Make token")
	b.sees("Say what it is for")
	b.fill("textbox", "What it is for", "nightly report")
	b.click("checkbox", "Algolia*")
	b.click("button", "Make token")
	b.sees("You will not see it again", "expires in 30 days", "never used")
	token := b.copied("Copy, the token")
	if !regexp.MustCompile(`^lgp_[0-9A-Za-z]{49}$`).MatchString(token) {
		t.Fatalf("copied %d bytes", len(token))
	}
	command := b.copied("Copy, the command")
	m := regexp.MustCompile(`^curl -H "Authorization: Bearer \$LOGPANE_TOKEN" '(` + regexp.QuoteMeta(b.base) + `/logs\.ndjson\?[^']+)'$`).FindStringSubmatch(command)
	if m == nil {
		t.Fatalf("the command is %s", command)
	}

	// The command works as it stands, and reads what it says.
	status, body := bearer(t, nil, m[1], token)
	rows := strings.Split(strings.TrimSpace(body), "\n")
	var end struct {
		End     bool
		Entries int
	}
	if err := json.Unmarshal([]byte(rows[len(rows)-1]), &end); err != nil || status != 200 || !end.End || end.Entries != len(rows)-1 || end.Entries == 0 {
		t.Fatalf("%d %v: %.300s", status, err, body)
	}
	if !strings.Contains(body, `"src":"elasticpath/`) || strings.Contains(body, `"src":"algolia/`) {
		t.Errorf("read something else: %.300s", body)
	}
	if status, body := bearer(t, nil, b.base+wire.PathLogs+"?limit=2&src="+url.QueryEscape(src[1]), token); status != 200 || strings.Count(body, `"id":`) < 2 {
		t.Errorf("a page: %d %.300s", status, body)
	}
	if status, body := bearer(t, nil, b.base+wire.PathLogs+"?src="+url.QueryEscape(src[0]), token); status != 401 || !strings.Contains(body, "this access token does not include Algolia") {
		t.Errorf("a connection that the token was not made of: %d %.300s", status, body)
	}
	for _, path := range []string{wire.PathTokens, wire.PathConnections + "/x/targets"} {
		if status, _ := bearer(t, nil, b.base+path, token); status != 403 {
			t.Errorf("%s: %d, want 403", path, status)
		}
	}

	// It is shown once: neither another look nor a reload has it.
	b.click("button", "I have it")
	b.none("button", "I have it")
	b.keepsNoSecret(token)
	b.visit("/tokens")
	b.sees("nightly report", "…"+token[len(token)-4:], "used ")
	if strings.Contains(b.text(), token) {
		t.Error("the token is shown again")
	}

	// A running live export ends when the token is revoked.
	lines := scriptLines(t, b.base+"/logs.ndjson?live=1&src="+url.QueryEscape(src[1]), token)
	sim.AppendStory("elasticpath", 2)
	if line, ok := <-lines; !ok || !strings.Contains(line, `"src":"elasticpath/`) {
		t.Fatalf("followed %.300s", line)
	}
	b.click("button", "Revoke nightly report")
	b.sees("There is no way back")
	b.click("button", "Keep")
	b.none("button", "Keep")
	b.click("button", "Revoke nightly report")
	b.click("button", "Revoke")
	b.sees("No tokens yet")
	revoked := time.Now()
	last := ""
	for line := range lines {
		last = line
	}
	if d := time.Since(revoked); d > 5*time.Second {
		t.Errorf("the live export ended %s after the token", d)
	}
	if !strings.Contains(last, `"end":true`) || !strings.Contains(last, "revoked") {
		t.Errorf("its last line is %s", last)
	}
	status, body = bearer(t, nil, m[1], token)
	if status != 401 || !strings.Contains(body, "make a new one at /tokens") {
		t.Errorf("after it was revoked: %d %.300s", status, body)
	}
}

// TestE2EToken_PageIsForEveryone goes over the page by keyboard alone, on a phone, and
// as a screen reader sees it.
func TestE2EToken_PageIsForEveryone(t *testing.T) {
	t.Parallel()
	b, _, _ := connected(t, "algolia")
	b.room(390, 844)
	fine := func(where string) {
		t.Helper()
		b.holds("everything to fit into the window", `document.documentElement.scrollWidth <= 390`)
		for _, n := range b.tree() {
			named := []string{"button", "link", "textbox", "checkbox", "combobox", "region", "group"}
			if slices.Contains(named, n.Role.text()) && strings.TrimSpace(n.Name.text()) == "" {
				t.Errorf("%s: a %s has no name", where, n.Role.text())
			}
		}
	}
	b.visit("/tokens")
	b.sees("No tokens yet")
	fine("at first")
	b.tabTo("What it is for")
	b.press("phone", kb.Enter)
	b.sees("You will not see it again")
	b.keyboardAt("the button that copies the token", `e.id === "token-copy"`)
	fine("with a new one")
	b.tabTo("Revoke phone")
	b.press(kb.Enter)
	b.sees("There is no way back")
	b.keyboardAt("the button that keeps it", `e.innerText === "Keep"`)
	fine("asked once more")
	b.press(kb.Enter)
	b.keyboardAt("the button that asks", `e.innerText === "Revoke"`)
	b.press(kb.Enter)
	b.tabTo("Revoke")
	b.press(kb.Enter)
	b.sees("No tokens yet")
	b.keyboardAt("the form", `e.id === "token-label"`)
}
