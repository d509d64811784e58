package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// lastLine is the end of an export of lines.
type lastLine struct {
	End      bool
	Complete bool
	Reason   string
	Entries  int
	Scanned  int
	Order    string
	Zone     string
	Masked   bool
	Coverage []logs.Coverage
}

// ask begins an export.
func (u *user) ask(path string, header ...string) *http.Response {
	u.t.Helper()
	req, err := http.NewRequest("GET", u.base+path, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set(wire.Header, "1")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := u.http.Do(req)
	if err != nil {
		u.t.Fatalf("GET %s: %v", path, err)
	}
	u.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// export reads an export to its end.
func (u *user) export(path string) (string, *http.Response) {
	u.t.Helper()
	resp := u.ask(path)
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatalf("GET %s: %v after %d bytes", path, err, len(body))
	}
	if resp.StatusCode != http.StatusOK {
		u.t.Fatalf("GET %s: %s: %s", path, resp.Status, body)
	}
	return string(body), resp
}

// lines are the entries and the end of an export of lines.
func lines(t *testing.T, body string) ([]logs.Entry, lastLine) {
	t.Helper()
	var entries []logs.Entry
	var end lastLine
	for line := range strings.Lines(body) {
		if end.End {
			t.Fatalf("a line after the end: %s", line)
		}
		if strings.HasPrefix(line, `{"end":`) {
			if err := json.Unmarshal([]byte(line), &end); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			continue
		}
		var e logs.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		entries = append(entries, e)
	}
	if !end.End {
		t.Fatalf("no end after %d entries", len(entries))
	}
	return entries, end
}

// TestExport_EveryVendorWholeAndInOrder exports each vendor while new entries arrive:
// what was there at the start comes exactly once and in order.
func TestExport_EveryVendorWholeAndInOrder(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 7})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	for _, a := range accounts {
		t.Run(a.vendor, func(t *testing.T) {
			c := u.connect(a.vendor, "sim", a.account, a.creds)
			want := map[string]int{}
			for _, raw := range sim.Entries(a.truth) {
				want[canonical(t, raw)]++
			}
			resp := u.ask("/api/logs.ndjson?" + url.Values{"src": {address(c, a.path...)}, "reveal": {"1"}, "tz": {"Europe/Berlin"}}.Encode())
			if resp.StatusCode != http.StatusOK {
				t.Fatal(resp.Status)
			}
			var body bytes.Buffer
			in := bufio.NewReader(resp.Body)
			for n := 0; ; n++ {
				line, err := in.ReadBytes('\n')
				body.Write(line)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if n%100 == 0 {
					sim.AppendStory(a.vendor, 3)
				}
			}
			entries, end := lines(t, body.String())
			var edge time.Time
			for i, e := range entries {
				if !edge.IsZero() && e.Time.After(edge) {
					t.Fatalf("entry %d of %s after one of %s", i, e.Time, edge)
				}
				edge = e.Time
				if _, offset := e.Time.Zone(); offset != 0 {
					t.Fatal("times are parsed to UTC")
				}
				if !strings.HasSuffix(e.TimeText, "+01:00") {
					t.Fatalf("a time in another zone: %s", e.TimeText)
				}
				key := canonical(t, e.Raw)
				if left, known := want[key]; known {
					if left == 0 {
						t.Fatalf("twice: %.200s", e.Raw)
					}
					want[key]--
				}
			}
			missing := 0
			for _, n := range want {
				missing += n
			}
			// Algolia's own credentials in logged headers are masked in any case.
			if missing > 0 && a.vendor != "algolia" {
				t.Errorf("%d of %d entries are missing", missing, len(want))
			}
			if end.Entries != len(entries) || !end.Complete || end.Order != "newest first" || end.Zone != "Europe/Berlin" || end.Masked {
				t.Errorf("the end says %+v for %d entries", end, len(entries))
			}
			if resp.Trailer.Get("Logpane-Complete") != "true" || resp.Trailer.Get("Logpane-Entries") != strconv.Itoa(len(entries)) {
				t.Errorf("trailers %v", resp.Trailer)
			}
		})
	}
}

func TestExport_EveryFormatHoldsTheSame(t *testing.T) {
	_, flags := simulated(t, simulate.Options{Seed: 3})
	p := start(t, t.TempDir(), flags...)
	u := p.user(t)
	c := u.connect("deepset", "sim", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey})
	q := "?" + url.Values{"src": {address(c, "pipelines", "rag-prod")}, "tz": {"Asia/Kolkata"}, "cols": {"level,id,raw"}, "from": {"all"}}.Encode()
	for _, path := range []string{wire.PathLogs, "/logs"} {
		text, _ := u.export(path + ".ndjson" + q)
		entries, end := lines(t, text)
		if len(entries) < 50 || !end.Complete || !end.Masked {
			t.Fatalf("%s: %d entries, %+v", path, len(entries), end)
		}
		body, resp := u.export(path + ".csv" + q)
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil || len(rows) != len(entries)+1 || strings.Join(rows[0], " ") != "time level id raw" {
			t.Fatalf("%s: csv: %d rows %v %v", path, len(rows), rows[0], err)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/csv; charset=utf-8; header=present", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s: %q", path, name, got)
			}
		}
		if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="logpane-deepset-20`) || !strings.HasSuffix(got, `.csv"`) {
			t.Error(got)
		}
		for i, e := range entries {
			if row := rows[i+1]; row[0] != e.TimeText || !strings.HasSuffix(row[0], "+05:30") || strings.TrimPrefix(row[2], "'") != e.ID {
				t.Fatalf("%s: row %d: %v, entry %s %s", path, i, row[:3], e.TimeText, e.ID)
			}
		}
		body, _ = u.export(path + ".json" + q)
		var doc struct {
			Entries []logs.Entry
			End     lastLine
		}
		if err := json.Unmarshal([]byte(body), &doc); err != nil || len(doc.Entries) != len(entries) || doc.End.Entries != len(entries) {
			t.Fatalf("%s: json: %d entries, %v", path, len(doc.Entries), err)
		}
		if resp := u.ask("/metrics"); resp.StatusCode == http.StatusOK {
			text, _ := io.ReadAll(resp.Body)
			if !strings.Contains(string(text), `logpane_exports_total{complete="true",format="json"}`) || !strings.Contains(string(text), "logpane_exports_running 0") {
				t.Errorf("the metrics do not count: %s", text)
			}
		}
		body, _ = u.export(path + ".md" + q)
		if n := strings.Count(body, "\n| 20"); n != len(entries) || !strings.HasSuffix(body, "Complete.\n") {
			t.Fatalf("%s: md: %d rows of %d: %.300s", path, n, len(entries), body)
		}
	}
}
