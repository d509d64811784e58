package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// liveLine is a line of live=1.
type liveLine struct {
	logs.Entry
	Gap *struct {
		Src, From, To, Reason string
		Filled                bool
	}
	Status *struct{ Src, State, Reason string }
	Ping   string
	Last   *lastLine
}

func (l *liveLine) UnmarshalJSON(b []byte) error {
	if strings.HasPrefix(string(b), `{"end":`) {
		l.Last = &lastLine{}
		return json.Unmarshal(b, l.Last)
	}
	var rest struct {
		Gap *struct {
			Src, From, To, Reason string
			Filled                bool
		}
		Status *struct{ Src, State, Reason string }
		Ping   string
	}
	switch {
	case strings.HasPrefix(string(b), `{"gap":`), strings.HasPrefix(string(b), `{"status":`), strings.HasPrefix(string(b), `{"ping":`):
		err := json.Unmarshal(b, &rest)
		l.Gap, l.Status, l.Ping = rest.Gap, rest.Status, rest.Ping
		return err
	}
	return json.Unmarshal(b, &l.Entry)
}

// watcher reads live=1.
type watcher struct {
	t       *testing.T
	in      *bufio.Reader
	stop    context.CancelFunc
	names   map[string]int
	entries []logs.Entry
	gaps    []liveLine
	states  []string
	last    *lastLine
}

// watch begins to follow.
func (u *user) watch(t *testing.T, params url.Values, header ...string) *watcher {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	t.Cleanup(cancel)
	params.Set("live", "1")
	params.Set("reveal", "1")
	req, err := http.NewRequestWithContext(ctx, "GET", u.base+"/api/logs.ndjson?"+params.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(wire.Header, "1")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := u.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("live: %s", resp.Status)
	}
	return &watcher{t: t, in: bufio.NewReader(resp.Body), stop: cancel, names: map[string]int{}}
}

// until reads lines until something holds.
func (f *watcher) until(what string, ok func() bool) {
	f.t.Helper()
	for !ok() {
		text, err := f.in.ReadBytes('\n')
		if err != nil {
			f.t.Fatalf("%s: %v after %d entries, gaps %+v, states %v, last %+v", what, err, len(f.entries), f.gaps, f.states, f.last)
		}
		var l liveLine
		if err := json.Unmarshal(text, &l); err != nil {
			f.t.Fatalf("%v in %s", err, text)
		}
		switch {
		case l.Last != nil:
			f.last = l.Last
		case l.Gap != nil:
			f.gaps = append(f.gaps, l)
		case l.Status != nil:
			f.states = append(f.states, l.Status.State)
		case l.Ping != "":
		default:
			f.entries = append(f.entries, l.Entry)
			f.names[canonicalOf(l.Raw)]++
		}
	}
}

// deep connects deepset, whose entries a test can append one by one.
func deep(t *testing.T, o simulate.Options, flags ...string) (*simulate.Server, *program, *user, string) {
	sim, more := simulated(t, o)
	p := start(t, t.TempDir(), append(append(more, "--poll-min", "20ms"), flags...)...)
	u := p.user(t)
	c := u.connect("deepset", "sim", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey})
	return sim, p, u, address(c, "pipelines", "rag-prod")
}

const deepTruth = "deepset/production/rag-prod"

// added are the entries of the simulator that were not there before.
func added(sim *simulate.Server, before []json.RawMessage) map[string]int {
	have := map[string]int{}
	for _, raw := range before {
		have[string(raw)]++
	}
	out := map[string]int{}
	for _, raw := range sim.Entries(deepTruth) {
		if have[string(raw)]--; have[string(raw)] < 0 {
			out[string(raw)]++
		}
	}
	return out
}

// exactly checks that all of want came, once each.
func (f *watcher) exactly(want map[string]int) {
	f.t.Helper()
	for raw, n := range want {
		if got := f.names[raw]; got != n {
			f.t.Errorf("%d times instead of %d: %.200s", got, n, raw)
		}
	}
}

func TestExportLive_FromNowOnEachEntryOnce(t *testing.T) {
	sim, _, u, src := deep(t, simulate.Options{Seed: 4})
	before := sim.Entries(deepTruth)
	f := u.watch(t, url.Values{"src": {src}})
	slow := u.watch(t, url.Values{"src": {src}}) // reads nothing until all is there
	for range 25 {
		sim.AppendStory("deepset", 20)
		want := len(added(sim, before))
		f.until("what was appended", func() bool { return len(f.entries) >= want })
	}
	want := added(sim, before)
	if len(want) < 150 {
		t.Fatalf("only %d entries were appended", len(want))
	}
	f.exactly(want)
	slow.until("what was appended", func() bool { return len(slow.entries) >= len(want) })
	slow.exactly(want)
	if len(f.entries) != len(want) || len(slow.entries) != len(want) || len(f.gaps)+len(slow.gaps) > 0 {
		t.Errorf("%d and %d entries of %d, gaps %+v %+v", len(f.entries), len(slow.entries), len(want), f.gaps, slow.gaps)
	}
}

func TestExportLive_FromThePastWithoutHoleOrDouble(t *testing.T) {
	sim, _, u, src := deep(t, simulate.Options{Seed: 5, Entries: 1500})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		often := time.NewTicker(time.Millisecond)
		defer often.Stop()
		for range 300 {
			select {
			case <-stop:
				return
			case <-often.C:
				sim.AppendStory("deepset", 3)
			}
		}
	}()
	t.Cleanup(func() { <-stopped })
	past := len(sim.Entries(deepTruth))
	f := u.watch(t, url.Values{"src": {src}, "from": {"all"}})
	f.until("the past", func() bool { return len(f.entries) >= past })
	for i := 1; i < past; i++ {
		if f.entries[i].Time.Before(f.entries[i-1].Time) {
			t.Fatalf("entry %d of %s stands after one of %s", i, f.entries[i].TimeText, f.entries[i-1].TimeText)
		}
	}
	f.until("some of what came since", func() bool { return len(f.entries) >= past+100 })
	close(stop)
	<-stopped
	all := sim.Entries(deepTruth)
	f.until("all", func() bool { return len(f.entries) >= len(all) })
	want := map[string]int{}
	for _, raw := range all {
		want[string(raw)]++
	}
	f.exactly(want)
	if len(f.entries) != len(all) || len(f.gaps) > 0 {
		t.Errorf("%d entries of %d, gaps %+v", len(f.entries), len(all), f.gaps)
	}
}

func TestExportLive_EndsWithinASecondAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(p *program, u *user)
		says string
	}{
		"logged out":           {func(_ *program, u *user) { u.must("DELETE", "/api/session", nil, nil) }, "session has ended"},
		"connection forgotten": {func(_ *program, u *user) { u.forgetAll() }, "connections of this session changed"},
		"server stopped":       {func(p *program, _ *user) { go p.stop() }, "server restarts"},
	} {
		t.Run(name, func(t *testing.T) {
			sim, p, u, src := deep(t, simulate.Options{Seed: 6})
			f := u.watch(t, url.Values{"src": {src}})
			sim.AppendStory("deepset", 30)
			f.until("an entry", func() bool { return len(f.entries) > 0 })
			began := time.Now()
			c.end(p, u)
			f.until("the end", func() bool { return f.last != nil })
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %s", took)
			}
			if !strings.Contains(f.last.Reason, c.says) || f.last.Complete || f.last.Entries != len(f.entries) || f.last.Order != "oldest first" {
				t.Errorf("the end says %+v", f.last)
			}
		})
	}
}

func TestExportLive_RevokedTokenEndsIt(t *testing.T) {
	_, _, u, src := deep(t, simulate.Options{Seed: 6})
	id, token := u.token(t)
	script := &user{t: t, base: u.base, http: &http.Client{}}
	f := script.watch(t, url.Values{"src": {src}}, wire.Header, "", "Authorization", "Bearer "+token)
	began := time.Now()
	u.must("DELETE", "/api/tokens/"+id, nil, nil)
	f.until("the end", func() bool { return f.last != nil })
	if took := time.Since(began); took > time.Second || !strings.Contains(f.last.Reason, "revoked") {
		t.Errorf("after %s: %+v", took, f.last)
	}
}

func TestExportLive_FailuresAndTheirEndAreLines(t *testing.T) {
	sim, _, u, src := deep(t, simulate.Options{Seed: 6})
	before := sim.Entries(deepTruth)
	f := u.watch(t, url.Values{"src": {src}})
	sim.AppendStory("deepset", 30)
	f.until("an entry", func() bool { return len(f.entries) > 0 })
	sim.Fault("deepset", simulate.Fault{Status: 503})
	f.until("a failure", func() bool { return len(f.states) > 0 })
	sim.AppendStory("deepset", 30)
	sim.ClearFaults("deepset")
	f.until("its end", func() bool { return f.states[len(f.states)-1] == wire.TailLive })
	want := added(sim, before)
	f.until("what came meanwhile", func() bool { return len(f.entries) >= len(want) })
	f.exactly(want)
	if f.states[0] != wire.TailFailing || len(f.gaps) == 0 || !f.gaps[0].Gap.Filled {
		t.Errorf("states %v, gaps %+v", f.states, f.gaps)
	}
}

func TestExportLive_LimitEndsIt(t *testing.T) {
	_, _, u, src := deep(t, simulate.Options{Seed: 6})
	f := u.watch(t, url.Values{"src": {src}, "from": {"all"}, "limit": {"3"}})
	f.until("the end", func() bool { return f.last != nil })
	if len(f.entries) != 3 || !strings.HasPrefix(f.last.Reason, "limit") {
		t.Errorf("%d entries, %+v", len(f.entries), f.last)
	}
}

func TestExportLive_OnlyLinesCanFollow(t *testing.T) {
	_, _, u, src := deep(t, simulate.Options{Seed: 6})
	for _, path := range []string{"/api/logs.csv?live=1", "/api/logs.json?live=1", "/api/logs.md?live=1", "/api/logs.ndjson?live=1&to=now", "/api/logs.ndjson?live=maybe"} {
		if f := u.call("GET", path+"&src="+url.QueryEscape(src), nil, nil); f == nil || f.Kind != fault.Invalid {
			t.Errorf("%s: %v", path, f)
		}
	}
}

// forgetAll forgets the session's connections.
func (u *user) forgetAll() {
	var list wire.Connections
	u.must("GET", "/api/connections", nil, &list)
	for _, c := range list.Connections {
		u.must("DELETE", "/api/connections/"+c.ID, nil, nil)
	}
}

// token makes an access token of the session's connections.
func (u *user) token(t *testing.T) (id, text string) {
	t.Helper()
	var list wire.Connections
	u.must("GET", "/api/connections", nil, &list)
	in := wire.NewToken{Label: "a script", Days: 1}
	for _, c := range list.Connections {
		in.Connections = append(in.Connections, c.ID)
	}
	var out wire.Token
	u.must("POST", "/api/tokens", in, &out)
	return out.ID, out.Token
}

// TestExportLive_AfterARestartNothingIsLost stops the server while somebody follows,
// and goes on with from= the time of the last entry, which alone comes again.
func TestExportLive_AfterARestartNothingIsLost(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 8})
	flags = append(flags, "--poll-min", "20ms")
	dir := t.TempDir()
	p := start(t, dir, flags...)
	u := p.user(t)
	c := u.connect("deepset", "sim", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey})
	src := address(c, "pipelines", "rag-prod")
	before := sim.Entries(deepTruth)
	f := u.watch(t, url.Values{"src": {src}})
	sim.AppendStory("deepset", 100)
	f.until("some entries", func() bool { return len(f.entries) > 20 })
	go p.stop()
	f.until("the end", func() bool { return f.last != nil })
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	sim.AppendStory("deepset", 100)
	cookies := u.http.Jar.Cookies(mustURL(t, u.base))
	u.base = start(t, dir, flags...).base
	u.http.Jar.SetCookies(mustURL(t, u.base), cookies)
	last := f.entries[len(f.entries)-1].TimeText
	again := u.watch(t, url.Values{"src": {src}, "from": {last}})
	sim.AppendStory("deepset", 100)
	want := added(sim, before)
	again.until("the rest", func() bool {
		for raw := range want {
			if f.names[raw]+again.names[raw] == 0 {
				return false
			}
		}
		return true
	})
	for _, e := range again.entries {
		if f.names[canonicalOf(e.Raw)] > 0 && e.TimeText != last || again.names[canonicalOf(e.Raw)] > 1 {
			t.Errorf("twice: %s %s", e.TimeText, e.ID)
		}
	}
}
