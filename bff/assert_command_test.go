package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// command runs logpane assert and returns its exit code and what it printed.
func command(t *testing.T, env map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, wrong bytes.Buffer
	err := assert(t.Context(), args, func(name string) string { return env[name] }, strings.NewReader(stdin), &out, &wrong)
	var is exit
	switch {
	case errors.As(err, &is):
		code = int(is)
	case err != nil:
		t.Fatalf("%v is no exit code", err)
	}
	return code, out.String(), wrong.String()
}

func TestAssertCommand_ExitCodes(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{})
	_, items := simulate.CoveoBatch()
	if err := sim.Append("coveo", json.RawMessage(`{"id":"https://gone.example/","sourceId":"s","task":"INDEXING","operation":"DELETE","result":"COMPLETED"}`)); err != nil {
		t.Fatal(err)
	}
	token := map[string]string{"LOGPANE_COVEO_TOKEN": simulate.CoveoToken}
	file := filepath.Join(t.TempDir(), "items.csv")
	if err := os.WriteFile(file, []byte("title,uri\nfirst,"+items[20]+"\nsecond,"+items[21]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte(simulate.CoveoToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(args ...string) []string {
		var coveo []string
		for _, f := range flags {
			if strings.HasPrefix(f, "coveo") {
				coveo = append(coveo, "--endpoint", f)
			}
		}
		return append(coveo, append([]string{"--src", "coveo/sim/" + simulate.CoveoOrg, "--since", "3h"}, args...)...)
	}
	sitemap := "<urlset><url><loc>" + items[30] + "</loc></url><url><loc>" + items[31] + "</loc></url></urlset>"
	for _, c := range []struct {
		name  string
		env   map[string]string
		stdin string
		args  []string
		code  int
		says  []string // on stdout, or on stderr where nothing is known
	}{
		{"all indexed", token, strings.Join(items[10:20], "\n"), at(), 0, []string{"indexed", items[10], "10 items: 10 indexed"}},
		{"a file of CSV", token, "", at(file), 0, []string{items[20], "2 items: 2 indexed"}},
		{"a sitemap", token, sitemap, at("--items", "-"), 0, []string{"2 items: 2 indexed"}},
		{"the token in a file", nil, items[10], at("--token-file", secret), 0, []string{"1 items: 1 indexed"}},
		{"some failed", token, strings.Join(items, "\n"), at(), 1, []string{"failed", "CONSUMING", "INVALID_DOCUMENT: The document message", "231 indexed, 6 failed, 2 under_way, 1 not_seen"}},
		{"failed wins over unknown", token, items[0] + "\nhttps://nobody.example/", at(), 1, []string{"1 failed, 1 not_seen"}},
		{"under way", token, strings.Join(items[6:8], "\n"), at(), 2, []string{"2 items: 2 under_way"}},
		{"not seen", token, items[10] + "\n" + items[8], at(), 2, []string{"1 indexed, 1 not_seen"}},
		{"removed", token, "https://gone.example/", at(), 2, []string{"removed", "1 items: 1 removed"}},
		{"unknown, beyond what is kept", token, "https://nobody.example/", at("--since", "20d"), 2, []string{"1 items: 1 unknown", "14 days"}},
		{"quiet", token, strings.Join(items[10:20], "\n"), at("--quiet"), 0, []string{"10 items: 10 indexed"}},
		{"wrong token", map[string]string{"LOGPANE_COVEO_TOKEN": "wrong-token-of-mine"}, items[10], at(), 2, []string{"does not accept this token"}},
		{"no token", nil, items[10], at(), 2, []string{"LOGPANE_COVEO_TOKEN"}},
		{"no items", token, "\n", at(), 2, []string{"no items"}},
		{"no file", token, "", at("/nowhere/items"), 2, []string{"/nowhere/items"}},
		{"no target", token, items[10], nil, 2, []string{"--src is missing"}},
		{"another vendor", token, items[10], []string{"--src", "algolia/eu/APP"}, 2, []string{"only coveo"}},
		{"no such region", token, items[10], []string{"--src", "coveo/mars/org"}, 2, []string{"there is us, eu"}},
		{"no such time", token, items[10], at("--since", "whenever"), 2, []string{"--since"}},
		{"no such flag", token, items[10], at("--token", "x"), 2, []string{"-token"}},
		{"help", nil, "", []string{"-h"}, 0, []string{"Exit code", "LOGPANE_COVEO_TOKEN", "-since"}},
	} {
		code, stdout, stderr := command(t, c.env, c.stdin, c.args...)
		text := stdout
		if text == "" {
			text = stderr
		}
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", c.name, code, c.code, stdout, stderr)
		}
		for _, s := range c.says {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is not in\n%s", c.name, s, text)
			}
		}
		if c.name == "quiet" && strings.Contains(stdout, items[10]) {
			t.Errorf("quiet: %s", stdout)
		}
		if strings.Contains(stdout+stderr, simulate.CoveoToken) || strings.Contains(stdout+stderr, "wrong-token-of-mine") {
			t.Errorf("%s: the token is in\n%s%s", c.name, stdout, stderr)
		}
	}

	// The same numbers as the server's, in the same form.
	var got wire.Verdicts
	code, stdout, _ := command(t, token, strings.Join(items, "\n"), at("--json")...)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 1 || fmt.Sprint(asserted(got.Verdicts)) != batchCounts(len(items)) {
		t.Errorf("%d, %v: %v", code, err, asserted(got.Verdicts))
	}

	// The environment gives what flags leave out, and a vendor that cannot be reached
	// says nothing about items.
	env := map[string]string{"LOGPANE_COVEO_TOKEN": simulate.CoveoToken, "LOGPANE_SRC": "coveo/sim/" + simulate.CoveoOrg, "LOGPANE_ENDPOINT": "coveo/sim=http://127.0.0.1:1", "LOGPANE_SINCE": "1h"}
	if code, _, stderr := command(t, env, items[10]); code != 2 || stderr == "" {
		t.Errorf("a vendor that is not there: %d, %s", code, stderr)
	}
}

func TestAssertCommand_TimeIsUp(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{})
	sim.Fault("coveo", simulate.Fault{DelayMS: 5_000, Count: 100})
	_, items := simulate.CoveoBatch()
	var endpoint string
	for _, f := range flags {
		if strings.HasPrefix(f, "coveo/") {
			endpoint = f
		}
	}
	code, stdout, stderr := command(t, map[string]string{"LOGPANE_COVEO_TOKEN": simulate.CoveoToken}, strings.Join(items, "\n"),
		"--endpoint", endpoint, "--src", "coveo/sim/"+simulate.CoveoOrg, "--timeout", "300ms")
	if code != 2 || !strings.Contains(stdout, "240 unknown") || !strings.Contains(stdout, "not read within the time") {
		t.Errorf("%d\n%s%s", code, stdout, stderr)
	}
}

func TestPrintable_VendorsTextCommandsNoTerminal(t *testing.T) {
	if got := printable("a\x1b[31mb\r\nc\u202ed é"); got != "a [31mb  c d é" {
		t.Errorf("%q", got)
	}
}

func TestRun_AssertIsACommand(t *testing.T) {
	var out bytes.Buffer
	err := run(context.Background(), []string{"assert"}, func(string) string { return "" }, &out, &out)
	var code exit
	if !errors.As(err, &code) || code != exitUnknown || !strings.Contains(out.String(), "--src is missing") {
		t.Errorf("%v: %s", err, out.String())
	}
}
