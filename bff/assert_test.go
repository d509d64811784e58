package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// asserted counts verdicts; removed items apart.
func asserted(vs []wire.Verdict) map[string]int {
	out := map[string]int{}
	for _, v := range vs {
		if v.Removed {
			out["removed"]++
			continue
		}
		out[v.Verdict]++
	}
	return out
}

// batchCounts is what became of simulate.CoveoBatch.
func batchCounts(n int) string {
	return fmt.Sprint(map[string]int{"indexed": n - 9, "failed": 6, "under_way": 2, "not_seen": 1})
}

// pages returns the calls for log entries, and those with an item's URI among them.
func coveoCalls(sim *simulate.Server) (all, items int) {
	for _, c := range sim.Calls("coveo") {
		if c.Method == http.MethodPost && strings.Contains(c.Path, "/logs/v1/") {
			all++
			if strings.Contains(c.Query, "documentId") {
				items++
			}
		}
	}
	return all, items
}

func coveoUser(t *testing.T, o simulate.Options) (*simulate.Server, *user, string) {
	sim, flags := simulated(t, o)
	u := start(t, t.TempDir(), flags...).user(t)
	c := u.connect("coveo", "sim", simulate.CoveoOrg, map[string]string{"token": simulate.CoveoToken})
	sim.ClearCalls("coveo")
	return sim, u, address(c)
}

// within returns how many entries the simulator holds since a moment.
func within(t *testing.T, sim *simulate.Server, since time.Time) int {
	n := 0
	for _, raw := range sim.Entries("coveo") {
		var e struct{ Datetime time.Time }
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		if !e.Datetime.Before(since) {
			n++
		}
	}
	return n
}

func TestAssert_ABatchInAsFewCallsAsItsPages(t *testing.T) {
	sim, u, src := coveoUser(t, simulate.Options{})
	_, items := simulate.CoveoBatch()
	var got wire.Verdicts
	since := time.Now().Add(-2 * time.Hour)
	u.must("POST", wire.PathAssert, wire.Assert{Src: src, Items: items, From: since.UTC().Format(time.RFC3339Nano)}, &got)
	if c := fmt.Sprint(asserted(got.Verdicts)); c != batchCounts(len(items)) {
		t.Errorf("%s, want %s", c, batchCounts(len(items)))
	}
	for i, v := range got.Verdicts {
		if v.Item != items[i] {
			t.Fatalf("verdict %d is of %s, want %s", i, v.Item, items[i])
		}
	}
	if v := got.Verdicts[0]; v.Stage != "CONSUMING" || v.Code != "INVALID_DOCUMENT" || !strings.Contains(v.Reason, "No permissions are set on document.") || v.Time.IsZero() {
		t.Errorf("the first is %+v", v)
	}
	if v := got.Verdicts[4]; v.Verdict != "failed" || v.Stage != "EXTENSION" || !strings.Contains(v.Reason, "rejected by the extension") {
		t.Errorf("the rejected one is %+v", v)
	}
	rows := within(t, sim, since)
	calls, _ := coveoCalls(sim)
	if most := rows/500 + 1; calls > most || calls != got.Calls || got.Scanned < rows {
		t.Errorf("%d calls for %d entries, at most %d; it says %d calls, %d entries", calls, rows, most, got.Calls, got.Scanned)
	}
	if len(got.Coverage) != 1 || got.Coverage[0].State != logs.Complete {
		t.Errorf("coverage %+v", got.Coverage)
	}
	t.Logf("%d entries in %d calls", rows, calls)
}

func TestAssert_FewItemsAreAskedForByThemselves(t *testing.T) {
	sim, u, src := coveoUser(t, simulate.Options{Entries: 40_000})
	_, items := simulate.CoveoBatch()
	for _, c := range []struct {
		items []string
		since time.Duration
		most  int // calls
	}{
		{items[:1], 6 * 24 * time.Hour, 1},     // one item is one call
		{items[:1], 13 * 24 * time.Hour, 2},    // for each seven days
		{items[8:9], 6 * 24 * time.Hour, 1},    // not seen
		{items[:9], 6 * 24 * time.Hour, 1 + 9}, // a page to learn how dense the log is, then one each
		{items, 6 * 24 * time.Hour, 1 + 4*15},  // too many for that
		{items[20:240], 6 * 24 * time.Hour, 1 + 4*15},
		{items[20:240], 26 * time.Hour, 30}, // all of them found soon: what is older is not read
	} {
		sim.ClearCalls("coveo")
		var got wire.Verdicts
		u.must("POST", wire.PathAssert, wire.Assert{Src: src, Items: c.items, From: time.Now().Add(-c.since).UTC().Format(time.RFC3339Nano)}, &got)
		calls, single := coveoCalls(sim)
		t.Logf("%d items over %v: %d calls, %d of them for one item; %d entries", len(c.items), c.since, calls, single, got.Scanned)
		if calls > c.most || calls != got.Calls {
			t.Errorf("%d items over %v: %d calls, at most %d; it says %d", len(c.items), c.since, calls, c.most, got.Calls)
		}
		for _, v := range got.Verdicts {
			i := slices.Index(items, v.Item)
			want := "indexed"
			switch {
			case i < 6:
				want = "failed"
			case i < 8:
				want = "under_way"
			case i == 8:
				want = "not_seen"
			}
			if v.Verdict != want {
				t.Errorf("%d items over %v: %s is %s, want %s (%s); coverage %+v", len(c.items), c.since, v.Item, v.Verdict, want, v.Reason, got.Coverage)
			}
		}
	}
}

func TestAssert_BeyondWhatCoveoKeepsNothingIsUnseen(t *testing.T) {
	_, u, src := coveoUser(t, simulate.Options{})
	var got wire.Verdicts
	for _, items := range [][]string{{"https://nobody.example/1"}, {"https://nobody.example/1", "https://nobody.example/2", "https://nobody.example/3"}} {
		u.must("POST", wire.PathAssert, wire.Assert{Src: src, Items: items, From: time.Now().Add(-20 * 24 * time.Hour).UTC().Format(time.RFC3339Nano)}, &got)
		if got.Verdicts[0].Verdict != "unknown" {
			t.Errorf("%+v", got.Verdicts[0])
		}
		if !slices.ContainsFunc(got.Coverage, func(c logs.Coverage) bool {
			return c.State == logs.Expired && strings.Contains(c.Reason, "14 days")
		}) {
			t.Errorf("coverage %+v", got.Coverage)
		}
	}
}

func TestAssert_RemovedIsNotFailed(t *testing.T) {
	sim, u, src := coveoUser(t, simulate.Options{})
	at := func(d time.Duration) string { return time.Now().Add(-d).UTC().Format("2006-01-02T15:04:05.000Z") }
	for i, stage := range []string{"STREAMING", "CONSUMING", "INDEXING"} {
		err := sim.Append("coveo", json.RawMessage(fmt.Sprintf(`{"id":"https://gone.example/","sourceId":"s","task":%q,"operation":"DELETE","result":"COMPLETED","datetime":%q}`,
			stage, at(time.Minute-time.Duration(i)*time.Second))))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, items := range [][]string{{"https://gone.example/"}, {"https://gone.example/", "https://a", "https://b", "https://c", "https://d", "https://e", "https://f"}} {
		var got wire.Verdicts
		u.must("POST", wire.PathAssert, wire.Assert{Src: src, Items: items}, &got)
		if v := got.Verdicts[0]; v.Verdict != "unknown" || !v.Removed || v.Stage != "INDEXING" || !strings.HasPrefix(v.Reason, "removed") {
			t.Errorf("%+v", v)
		}
	}
}

func TestAssert_AFailureOnTheWayIsNoVerdict(t *testing.T) {
	sim, u, src := coveoUser(t, simulate.Options{Entries: 20_000})
	_, items := simulate.CoveoBatch()
	items = append(items, "https://nobody.example/")
	q := wire.Assert{Src: src, Items: items, From: time.Now().Add(-13 * 24 * time.Hour).UTC().Format(time.RFC3339Nano)}
	var whole, part wire.Verdicts
	u.must("POST", wire.PathAssert, q, &whole)
	if v := whole.Verdicts[len(items)-1]; v.Verdict != "not_seen" {
		t.Fatalf("%+v", v)
	}
	// The first call of the next assertion is answered, everything later refused.
	if err := failAfter(sim, u, q, &part); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range part.Verdicts {
		if v.Verdict == "not_seen" {
			t.Errorf("%s is not seen, though the reading failed", v.Item)
		}
		if v.Verdict == "unknown" {
			n++
		}
	}
	if n == 0 || !slices.ContainsFunc(part.Coverage, func(c logs.Coverage) bool { return c.State == logs.Failed && c.Reason != "" }) {
		t.Errorf("%d unknown; coverage %+v", n, part.Coverage)
	}
	// When nothing can be read, that is the answer.
	sim.Fault("coveo", simulate.Fault{Status: 403, Count: 100})
	if f := u.call("POST", wire.PathAssert, q, &part); f == nil || f.Kind != fault.Forbidden {
		t.Errorf("%v", f)
	}
}

// failAfter asserts while the vendor answers one call and refuses all later ones.
func failAfter(sim *simulate.Server, u *user, q wire.Assert, out *wire.Verdicts) error {
	sim.ClearCalls("coveo")
	sim.Fault("coveo", simulate.Fault{DelayMS: 300, Count: 1})
	sim.Fault("coveo", simulate.Fault{Status: 403, Count: 1000})
	defer sim.ClearFaults("coveo")
	if f := u.call("POST", wire.PathAssert, q, out); f != nil {
		return f
	}
	return nil
}

// lines asks for an answer in lines.
func assertLines(u *user, q wire.Assert, each func(wire.AssertLine) bool) error {
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	req, err := http.NewRequest("POST", u.base+wire.PathAssert, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set(wire.Header, "1")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", wire.Lines)
	resp, err := u.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if ct := resp.Header.Get("Content-Type"); ct != wire.Lines {
		b, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%d %s: %s", resp.StatusCode, ct, b)
	}
	sc := bufio.NewScanner(resp.Body)
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		var line wire.AssertLine
		if err := json.Unmarshal(sc.Bytes(), &line); err != nil {
			return fmt.Errorf("%w: %s", err, sc.Text())
		}
		if !each(line) {
			return nil
		}
	}
	return sc.Err()
}

func TestAssert_FiveThousandItemsInLines(t *testing.T) {
	_, u, src := coveoUser(t, simulate.Options{Entries: 20_000})
	_, items := simulate.CoveoBatch()
	for i := len(items); i < item.MaxItems; i++ {
		items = append(items, fmt.Sprintf("https://nobody.example/%d", i))
	}
	q := wire.Assert{Src: src, Items: items, From: time.Now().Add(-3 * 24 * time.Hour).UTC().Format(time.RFC3339Nano)}
	var got []wire.Verdict
	var progress []wire.AssertProgress
	var end *wire.AssertEnd
	if err := assertLines(u, q, func(l wire.AssertLine) bool {
		switch {
		case l.Progress != nil && len(got) == 0:
			progress = append(progress, *l.Progress)
		case l.Verdicts != nil && end == nil:
			if len(l.Verdicts) > wire.AssertPart {
				t.Errorf("a line of %d verdicts", len(l.Verdicts))
			}
			got = append(got, l.Verdicts...)
		case l.End != nil && end == nil:
			end = l.End
		default:
			t.Errorf("a line out of order: %+v", l)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(items) || end == nil || len(progress) < 2 {
		t.Fatalf("%d verdicts, %d lines of progress, end %v", len(got), len(progress), end)
	}
	for i := 1; i < len(progress); i++ {
		if progress[i].Calls < progress[i-1].Calls || progress[i].Scanned < progress[i-1].Scanned || progress[i].Settled < progress[i-1].Settled {
			t.Errorf("progress went back: %+v after %+v", progress[i], progress[i-1])
		}
	}
	if c := asserted(got); c["not_seen"] != item.MaxItems-240+1 || c["indexed"] != 231 || c["failed"] != 6 || c["under_way"] != 2 {
		t.Errorf("%v", c)
	}
	// The same, at once.
	var plain wire.Verdicts
	u.must("POST", wire.PathAssert, q, &plain)
	for i := range got {
		a, b := got[i], plain.Verdicts[i]
		if !a.Time.Equal(b.Time) {
			t.Fatalf("%+v in lines, %+v at once", a, b)
		}
		a.Time, b.Time = time.Time{}, time.Time{}
		if a != b {
			t.Fatalf("%+v in lines, %+v at once", a, b)
		}
	}
	if f := u.call("POST", wire.PathAssert, wire.Assert{Src: src, Items: append(items, "https://one.more/")}, nil); f == nil || f.Kind != fault.Invalid {
		t.Errorf("5,001 items: %v", f)
	}
}

func TestAssert_AReaderWhoLeavesStopsTheCalls(t *testing.T) {
	sim, u, src := coveoUser(t, simulate.Options{Entries: 40_000})
	_, items := simulate.CoveoBatch()
	sim.Fault("coveo", simulate.Fault{DelayMS: 400, Count: 1000})
	q := wire.Assert{Src: src, Items: items, From: time.Now().Add(-13 * 24 * time.Hour).UTC().Format(time.RFC3339Nano)}
	if err := assertLines(u, q, func(l wire.AssertLine) bool { return l.Progress == nil || l.Progress.Calls < 2 }); err != nil {
		t.Fatal(err)
	}
	u.http.CloseIdleConnections()
	// Whoever asks next waits for the one call under way, not for the others: Coveo
	// gets one call at a time of each credential.
	before, _ := coveoCalls(sim)
	var page wire.Page
	u.must("GET", wire.PathLogs+"?limit=1&from=now-1m&src="+src, nil, &page)
	if after, _ := coveoCalls(sim); after > before+3 {
		t.Errorf("%d calls when the reader left, %d a page later", before, after)
	}
}
