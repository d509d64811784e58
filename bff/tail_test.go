package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// tailPatience bounds every wait for a frame.
const tailPatience = 30 * time.Second

// viewer is one socket and what came over it.
type viewer struct {
	t     testing.TB
	conn  *websocket.Conn
	srcs  int // targets that it follows
	seq   string
	names map[string]int // canonical raw entries
	order []string       // ids
	gaps  []wire.TailFrame
	state map[string]wire.TailFrame // the newest status by src
	end   string
	close *websocket.CloseError
}

// dial opens a socket; the problem where it is refused.
func (u *user) dial(params url.Values, header http.Header) (*viewer, *fault.Error) {
	u.t.Helper()
	d := websocket.Dialer{Jar: u.http.Jar, HandshakeTimeout: tailPatience}
	if header == nil {
		header = http.Header{"Origin": {u.base}}
	}
	conn, resp, err := d.Dial("ws"+strings.TrimPrefix(u.base, "http")+wire.PathTail+"?"+params.Encode(), header)
	if err != nil {
		if resp == nil {
			u.t.Fatal(err)
		}
		defer resp.Body.Close()
		var p wire.Problem
		if json.NewDecoder(resp.Body).Decode(&p) != nil || resp.Header.Get("Content-Type") != "application/problem+json" || p.Detail == "" {
			u.t.Fatalf("status %d is no problem: %v", resp.StatusCode, err)
		}
		return nil, p.Fault("dial")
	}
	u.t.Cleanup(func() { conn.Close() })
	return &viewer{t: u.t, conn: conn, srcs: len(params["src"]), names: map[string]int{}, state: map[string]wire.TailFrame{}}, nil
}

// follow is dial for what has to work.
func (u *user) follow(params url.Values) *viewer {
	u.t.Helper()
	v, f := u.dial(params, nil)
	if f != nil {
		u.t.Fatalf("follow: %v", f)
	}
	return v
}

// read takes one frame; false at the end.
func (v *viewer) read() bool {
	v.t.Helper()
	_ = v.conn.SetReadDeadline(time.Now().Add(tailPatience))
	_, data, err := v.conn.ReadMessage()
	if err != nil {
		var c *websocket.CloseError
		if errors.As(err, &c) {
			v.close = c
		} else if !strings.Contains(err.Error(), "reset") {
			v.t.Fatalf("read: %v; %d entries, state %+v", err, len(v.order), v.state)
		}
		return false
	}
	var f wire.TailFrame
	if err := json.Unmarshal(data, &f); err != nil {
		v.t.Fatalf("%v in %.200s", err, data)
	}
	if f.Seq != "" {
		v.seq = f.Seq
	}
	switch f.Type {
	case wire.TailEntries:
		for i := range f.Entries {
			e := &f.Entries[i]
			v.names[canonicalOf(e.Raw)]++
			v.order = append(v.order, e.ID)
		}
	case wire.TailGap:
		v.gaps = append(v.gaps, f)
	case wire.TailStatus:
		v.state[f.Src] = f
	case wire.TailEnd:
		v.end = f.Reason
	default:
		v.t.Fatalf("a frame of type %q", f.Type)
	}
	return true
}

func (v *viewer) until(what string, ok func() bool) {
	v.t.Helper()
	late := time.Now().Add(tailPatience)
	for !ok() {
		if time.Now().After(late) || !v.read() {
			v.t.Fatalf("not in time: %s; %d entries, gaps %+v, states %+v, end %q", what, len(v.order), v.gaps, v.state, v.end)
		}
	}
}

// live waits until all targets are polled.
func (v *viewer) live() {
	v.t.Helper()
	v.until("live", func() bool {
		for _, f := range v.state {
			if f.State != wire.TailLive {
				return false
			}
		}
		return len(v.state) == v.srcs && v.srcs > 0
	})
}

func (v *viewer) holds(n int) func() bool { return func() bool { return len(v.order) >= n } }

func canonicalOf(raw json.RawMessage) string {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m["task"] == nil {
		return string(raw)
	}
	delete(m, "requestId")
	b, _ := json.Marshal(m)
	return string(b)
}

// held are the canonical rows that a simulator shows.
func held(sim *simulate.Server, truth string) map[string]int {
	out := map[string]int{}
	for _, raw := range sim.Entries(truth) {
		out[canonicalOf(raw)]++
	}
	return out
}

// exactly holds that what came is what the simulator got since before.
func (v *viewer) exactly(sim *simulate.Server, truth string, before map[string]int) {
	v.t.Helper()
	want := held(sim, truth)
	for k, n := range before {
		if want[k] -= n; want[k] <= 0 {
			delete(want, k)
		}
	}
	if maps.Equal(want, v.names) {
		return
	}
	missing, extra := 0, 0
	for k, n := range want {
		missing += max(0, n-v.names[k])
	}
	for k, n := range v.names {
		extra += max(0, n-want[k])
	}
	v.t.Errorf("%d entries came, %d are missing and %d too many", len(v.order), missing, extra)
}

func calls(sim *simulate.Server, vendor string) (n int) {
	for _, c := range sim.Calls(vendor) {
		if !strings.Contains(c.Path, "oauth") {
			n++
		}
	}
	return n
}

// tailing starts a program with the simulators and a user who is connected to all.
func tailing(t *testing.T, o simulate.Options, pollMin string) (sim *simulate.Server, p *program, u *user, src map[string]string) {
	t.Helper()
	sim, flags := simulated(t, o)
	p = start(t, t.TempDir(), append(flags, "--poll-min", pollMin)...)
	u = p.user(t)
	src = map[string]string{}
	for _, a := range accounts {
		src[a.vendor] = address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...)
	}
	return sim, p, u, src
}

// TestTail_EveryVendor follows all vendors on one socket and each alone, and goes on
// on other sockets, of all and of some, with the last seq.
func TestTail_EveryVendor(t *testing.T) {
	sim, _, u, src := tailing(t, simulate.Options{Seed: 5, Entries: 150}, "20ms")
	before := map[string]map[string]int{}
	var all []string
	for _, a := range accounts {
		before[a.vendor] = held(sim, a.truth)
		all = append(all, src[a.vendor])
	}
	together := u.follow(url.Values{"src": all})
	together.live()
	var alone []*viewer
	for _, a := range accounts {
		v := u.follow(url.Values{"src": {src[a.vendor]}})
		v.live()
		alone = append(alone, v)
	}
	n := 0
	for range 3 {
		for _, a := range accounts {
			put(t, sim, a, 7)
		}
		n += 7
		together.until("a round", together.holds(n*len(accounts)))
	}
	for i, a := range accounts {
		alone[i].until("alone", alone[i].holds(n))
		alone[i].exactly(sim, a.truth, before[a.vendor])
		alone[i].conn.Close()
	}
	together.conn.Close()

	for _, a := range accounts {
		put(t, sim, a, 11)
	}
	n += 11
	again := u.follow(url.Values{"src": all, "after": {together.seq}})
	again.until("what came meanwhile", again.holds(11*len(accounts)))
	for k, m := range again.names {
		together.names[k] += m
	}
	together.order, together.gaps = append(together.order, again.order...), append(together.gaps, again.gaps...)
	every := map[string]int{}
	for i, a := range accounts {
		v := u.follow(url.Values{"src": {src[a.vendor]}, "after": {alone[i].seq}})
		v.until("alone again", v.holds(11))
		for k, m := range v.names {
			alone[i].names[k] += m
		}
		alone[i].exactly(sim, a.truth, before[a.vendor])
		if len(v.gaps)+len(alone[i].gaps) > 0 {
			t.Errorf("%s: gaps %+v %+v", a.vendor, alone[i].gaps, v.gaps)
		}
		maps.Copy(every, alone[i].names)
	}
	if !maps.Equal(every, together.names) || len(together.order) != n*len(accounts) || len(together.gaps) > 0 {
		t.Errorf("together %d entries, %d of them different, want %d; gaps %+v", len(together.order), len(together.names), len(every), together.gaps)
	}
}

// TestTail_FiftyViewersCostTheCallsOfOne also holds that calls end with the last.
func TestTail_FiftyViewersCostTheCallsOfOne(t *testing.T) {
	const pause = 100 * time.Millisecond
	sim, p, u, src := tailing(t, simulate.Options{Seed: 2, Entries: 60}, pause.String())
	a := accounts[0]
	before := held(sim, a.truth)
	sim.ClearCalls(a.vendor)
	var all []*viewer
	users := []*user{u}
	for range 4 {
		other := p.user(t)
		other.connect(a.vendor, "sim", a.account, a.creds)
		users = append(users, other)
	}
	sim.ClearCalls(a.vendor)
	for _, u := range users {
		for range wire.MaxSockets {
			all = append(all, u.follow(url.Values{"src": {src[a.vendor]}}))
		}
	}
	all[0].live()
	for round := range 5 {
		put(t, sim, a, 10)
		for _, v := range all {
			v.until("a round", v.holds(10*(round+1)))
		}
	}
	for _, v := range all {
		v.exactly(sim, a.truth, before)
		if !slices.Equal(v.order, all[0].order) || len(v.gaps) > 0 {
			t.Errorf("another order than that of the first, or gaps %+v", v.gaps)
		}
	}
	if seen := all[0].state[src[a.vendor]].Viewers; seen != len(all) {
		all[0].until("all viewers counted", func() bool { return all[0].state[src[a.vendor]].Viewers == len(all) })
	}
	made := sim.Calls(a.vendor)
	// One poller makes a call per pause at most, and one to begin with; two pollers
	// would make twice as many.
	took := made[len(made)-1].At.Sub(made[0].At)
	if most := int(took/pause) + 2; len(made) < 5 || len(made) > most {
		t.Errorf("%d calls in %s, want at most %d", len(made), took, most)
	}
	for _, v := range all {
		v.conn.Close()
	}
	p.waitMetric(t, "logpane_tail_pollers 0")
	count := calls(sim, a.vendor)
	p.waitMetric(t, "logpane_tail_sockets 0")
	if n := calls(sim, a.vendor); n != count {
		t.Errorf("%d calls after the last viewer left", n-count)
	}
}

// waitMetric waits until the metrics hold a line.
func (p *program) waitMetric(t *testing.T, line string) {
	t.Helper()
	for late := time.Now().Add(tailPatience); ; {
		resp, err := http.Get(p.base + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\n"+line+"\n") {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("metrics never say %q", line)
		}
	}
}

// TestTail_VendorFailsForAWhile holds that failures are told, and lose nothing.
func TestTail_VendorFailsForAWhile(t *testing.T) {
	sim, _, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "20ms")
	for _, a := range accounts {
		t.Run(a.vendor, func(t *testing.T) {
			before := held(sim, a.truth)
			v := u.follow(url.Values{"src": {src[a.vendor]}})
			v.t = t
			v.live()
			n := 0
			for _, f := range []simulate.Fault{
				{Status: 429}, {Status: 500}, {Status: 504}, {Status: 200, Body: "<html>", ContentType: "text/html"}, {Status: 403, Body: `{"message":"Method not allowed with this API key","status":403}`},
			} {
				sim.Fault(a.vendor, f)
				v.until("failing", func() bool { s := v.state[src[a.vendor]]; return s.State != wire.TailLive && s.Reason != "" })
				put(t, sim, a, 5)
				n += 5
				sim.ClearFaults(a.vendor)
				v.until("what came meanwhile", v.holds(n))
				v.live()
			}
			v.exactly(sim, a.truth, before)
			if len(v.gaps) == 0 {
				t.Error("nobody told of the outages")
			}
			for _, g := range v.gaps {
				if !g.Filled || g.Reason == "" || g.From.IsZero() || !g.From.Before(g.To) {
					t.Errorf("gap %+v", g)
				}
			}
		})
	}
}

// TestTail_MoreThanAlgoliaShows holds that a list that rolled over leaves one gap.
func TestTail_MoreThanAlgoliaShows(t *testing.T) {
	sim, _, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 200}, "20ms")
	a := accounts[0]
	v := u.follow(url.Values{"src": {src[a.vendor]}})
	v.live()
	put(t, sim, a, 3)
	v.until("some", v.holds(3))
	put(t, sim, a, 1500)
	v.until("the newest 1,000", v.holds(1003))
	if len(v.gaps) != 1 || v.gaps[0].Filled || !strings.Contains(v.gaps[0].Reason, "1,000") || v.gaps[0].From.After(v.gaps[0].To) {
		t.Errorf("gaps %+v", v.gaps)
	}
	put(t, sim, a, 2)
	v.until("what came later", v.holds(1005))
	for _, n := range v.names {
		if n != 1 {
			t.Fatal("an entry came twice")
		}
	}
	for k := range held(sim, a.truth) {
		if v.names[k] == 0 {
			t.Fatalf("missing: %.200s", k)
		}
	}
	if len(v.gaps) != 1 {
		t.Errorf("gaps %+v", v.gaps)
	}
}

// TestTail_AReaderThatStops gets everything later, and holds up nobody.
func TestTail_AReaderThatStops(t *testing.T) {
	sim, p, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "20ms")
	a := accounts[2]
	before := held(sim, a.truth)
	slow := u.follow(url.Values{"src": {src[a.vendor]}})
	if err := slow.conn.NetConn().(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	slow.live()
	fast := u.follow(url.Values{"src": {src[a.vendor]}})
	fast.live()
	// 20 s of 120 entries per second of 3 KB each: far beyond what the system holds.
	const n, each = 2400, 600
	pad := strings.Repeat("all work and no play ", 150)
	for i := range n / each {
		rows := make([]json.RawMessage, each)
		for k := range rows {
			rows[k] = json.RawMessage(strings.Replace(string(rowOf(a.vendor)), `"message":"`, `"message":"`+pad, 1))
		}
		if err := sim.Append(a.truth, rows...); err != nil {
			t.Fatal(err)
		}
		fast.until("the fast reader", fast.holds(each*(i+1)))
	}
	fast.exactly(sim, a.truth, before)
	slow.until("the slow reader", slow.holds(n))
	slow.exactly(sim, a.truth, before)
	if !slices.Equal(slow.order, fast.order) || len(slow.gaps)+len(fast.gaps) > 0 {
		t.Errorf("another order, or gaps %+v %+v", slow.gaps, fast.gaps)
	}
	fast.conn.Close()
	slow.conn.Close()
	p.waitMetric(t, "logpane_tail_sockets 0")
}

var rowTime = regexp.MustCompile(`"(?:timestamp|datetime|logged_at|created_at)":\s*"([^"]+)"`)

// olderThan returns the rows of a simulator from before a time.
func olderThan(t *testing.T, sim *simulate.Server, truth string, edge time.Time) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, raw := range sim.Entries(truth) {
		m := rowTime.FindSubmatch(raw)
		if m == nil {
			t.Fatalf("no time in %.200s", raw)
		}
		at, err := time.Parse(time.RFC3339Nano, string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		if at.Before(edge) {
			out[canonicalOf(raw)]++
		}
	}
	return out
}

// TestTail_Since holds that a place given by time is kept exactly, by the reader with
// whom polling begins and by one who comes later.
func TestTail_Since(t *testing.T) {
	sim, _, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 100}, "20ms")
	for _, a := range accounts {
		t.Run(a.vendor, func(t *testing.T) {
			edge := time.Now().UTC().Add(-4 * time.Minute).Truncate(time.Second)
			since := func(at time.Time) url.Values {
				return url.Values{"src": {src[a.vendor]}, "since": {at.Format(time.RFC3339Nano)}}
			}
			count := func() (n int) {
				for _, m := range held(sim, a.truth) {
					n += m
				}
				for _, m := range olderThan(t, sim, a.truth, edge) {
					n -= m
				}
				return n
			}
			put(t, sim, a, 130)
			v := u.follow(since(edge))
			v.until("since", func() bool { return len(v.order) >= count() })
			put(t, sim, a, 3)
			v.until("live", func() bool { return len(v.order) >= count() })
			v.exactly(sim, a.truth, olderThan(t, sim, a.truth, edge))
			late := u.follow(since(edge))
			late.until("since", func() bool { return len(late.order) >= count() })
			late.exactly(sim, a.truth, olderThan(t, sim, a.truth, edge))
			if len(v.gaps)+len(late.gaps) > 0 {
				t.Errorf("gaps %+v %+v", v.gaps, late.gaps)
			}
			old := u.follow(since(edge.Add(-1000 * time.Hour)))
			old.until("what is there of long ago", func() bool { return len(old.order) >= count() })
			for _, w := range []*viewer{v, late, old} {
				w.conn.Close()
			}
		})
	}
}

// TestTail_Filter holds that what the vendor does not filter is filtered here, for
// each reader.
func TestTail_Filter(t *testing.T) {
	sim, _, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "20ms")
	a := accounts[0]
	v := u.follow(url.Values{"src": {src[a.vendor]}})
	two := u.follow(url.Values{"src": {src[a.vendor]}, "q": {"needle"}})
	v.live()
	two.live()
	rows := make([]json.RawMessage, 20)
	for i := range rows {
		rows[i] = rowOf(a.vendor)
		if i%5 == 0 {
			rows[i] = json.RawMessage(strings.Replace(string(rows[i]), "live ", "live needle ", 1))
		}
	}
	if err := sim.Append(a.truth, rows...); err != nil {
		t.Fatal(err)
	}
	v.until("all", v.holds(20))
	two.until("four", two.holds(4))
	put(t, sim, a, 5)
	v.until("more", v.holds(25))
	seq := v.seq
	two.until("the place to move on silently", func() bool { return two.seq == seq })
	if len(two.order) != 4 {
		t.Errorf("%d entries match", len(two.order))
	}
	// Polls become rare when nobody looks, and are back when somebody does.
	often := v.state[src[a.vendor]].CallsPerHour
	say := func(v *viewer, hidden bool) {
		t.Helper()
		if err := v.conn.WriteJSON(wire.TailWish{Hidden: &hidden}); err != nil {
			t.Fatal(err)
		}
	}
	say(v, true)
	say(two, true)
	v.until("rare polls", func() bool { return v.state[src[a.vendor]].CallsPerHour <= often/4 })
	say(two, false)
	v.until("frequent polls", func() bool { return v.state[src[a.vendor]].CallsPerHour > often/4 })
}

// TestTail_ForgetEndsIt within a second, with a reason, and the session does not
// come back.
func TestTail_ForgetEndsIt(t *testing.T) {
	_, p, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "20ms")
	other := p.user(t)
	other.connect(accounts[0].vendor, "sim", accounts[0].account, accounts[0].creds)
	stays := other.follow(url.Values{"src": {src["algolia"]}})
	v := u.follow(url.Values{"src": {src["algolia"]}})
	v.live()
	old := u.http.Jar.Cookies(mustURL(t, u.base))
	var list wire.Connections
	u.must("GET", "/api/connections", nil, &list)
	began := time.Now()
	for _, c := range list.Connections {
		if c.Vendor == "algolia" {
			u.must("DELETE", "/api/connections/"+c.ID, nil, nil)
		}
	}
	for v.read() {
	}
	if d := time.Since(began); d > time.Second || v.end == "" || v.close == nil || v.close.Code != wire.CloseChanged {
		t.Errorf("ended after %s with %q, %v", d, v.end, v.close)
	}
	if _, f := u.dial(url.Values{"src": {src["algolia"]}, "after": {v.seq}}, nil); f == nil || f.Kind != fault.Unauthenticated {
		t.Errorf("a forgotten connection is followed: %v", f)
	}
	back := u.follow(url.Values{"src": {src["coveo"]}})
	back.live()
	stays.live()
	var still wire.Connections
	u.must("GET", "/api/connections", nil, &still)
	if len(still.Connections) != len(list.Connections)-1 {
		t.Errorf("%d connections", len(still.Connections))
	}
	// Nobody gets in with the cookie of before.
	u.http.Jar.SetCookies(mustURL(t, u.base), old)
	if _, f := u.dial(url.Values{"src": {src["coveo"]}}, nil); f == nil {
		t.Error("the cookie of before opens a socket")
	}
}

// TestTail_Refused holds what is said before a socket opens.
func TestTail_Refused(t *testing.T) {
	_, p, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "20ms")
	ours := func() http.Header { return http.Header{"Origin": {u.base}} }
	good := url.Values{"src": {src["algolia"]}}
	with := func(pairs ...string) url.Values {
		v := url.Values{"src": good["src"]}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	many := url.Values{}
	for i := range wire.MaxTargets + 1 {
		many.Add("src", src["algolia"]+"/indexes/i"+strconv.Itoa(i))
	}
	for _, c := range []struct {
		name   string
		params url.Values
		header http.Header
		kind   fault.Kind
		says   string
	}{
		{"no origin", good, http.Header{}, fault.Forbidden, "page"},
		{"a foreign origin", good, http.Header{"Origin": {"https://evil.example"}}, fault.Forbidden, "page"},
		{"another port", good, http.Header{"Origin": {"http://localhost:1"}}, fault.Forbidden, "page"},
		{"an opaque origin", good, http.Header{"Origin": {"null"}}, fault.Forbidden, "page"},
		{"no src", url.Values{}, ours(), fault.Invalid, "src"},
		{"a bad src", with("src", "algolia"), ours(), fault.Invalid, "vendor/region/account"},
		{"somebody else's", with("src", "algolia/sim/OTHER"), ours(), fault.Unauthenticated, "connect"},
		{"no such path", with("src", src["algolia"]+"/no/such/path"), ours(), fault.Invalid, ""},
		{"too many", many, ours(), fault.Invalid, "targets"},
		{"a bad filter", with("q", "status:("), ours(), fault.Invalid, "column"},
		{"a long filter", with("q", strings.Repeat("x", wire.MaxQueryBytes+1)), ours(), fault.Invalid, "longer"},
		{"a bad place", with("after", "nonsense!"), ours(), fault.Invalid, "after"},
		{"a long place", with("after", strings.Repeat("a", wire.MaxAfter+1)), ours(), fault.Invalid, "after"},
		{"a bad time", with("since", "soon"), ours(), fault.Invalid, "since"},
		{"an unknown name", with("limit", "3"), ours(), fault.Invalid, "limit"},
	} {
		if _, f := u.dial(c.params, c.header); f == nil || f.Kind != c.kind || !strings.Contains(f.Msg, c.says) {
			t.Errorf("%s: got %v, want %s naming %q", c.name, f, c.kind, c.says)
		}
	}
	if _, f := p.user(t).dial(good, nil); f == nil || f.Kind != fault.Unauthenticated {
		t.Errorf("without a session: %v", f)
	}
	if f := u.call("GET", wire.PathTail+"?"+good.Encode(), nil, nil); f == nil {
		t.Error("a plain request is answered")
	}
	var open []*viewer
	for range wire.MaxSockets {
		open = append(open, u.follow(good))
	}
	if _, f := u.dial(good, nil); f == nil || f.Kind != fault.RateLimited {
		t.Errorf("one socket too many: %v", f)
	}
	// A page that talks nonsense is shown the door.
	if err := open[0].conn.WriteMessage(websocket.TextMessage, []byte(`{"hidden":"maybe"}`)); err != nil {
		t.Fatal(err)
	}
	for open[0].read() {
	}
	if open[0].end == "" || open[0].close == nil || open[0].close.Code != wire.CloseAbuse {
		t.Errorf("nonsense ends with %q, %v", open[0].end, open[0].close)
	}
}

// TestTail_Drain holds that an orderly stop says goodbye, and loses nothing.
func TestTail_Drain(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 3, Entries: 60})
	flags = append(flags, "--poll-min", "20ms")
	dir := t.TempDir()
	p := start(t, dir, flags...)
	u := p.user(t)
	a := accounts[1]
	src := address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...)
	before := held(sim, a.truth)
	v := u.follow(url.Values{"src": {src}})
	v.live()
	put(t, sim, a, 5)
	v.until("before", v.holds(5))
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	for v.read() {
	}
	if v.end == "" || v.close == nil || v.close.Code != wire.CloseDraining {
		t.Errorf("stopped with %q, %v", v.end, v.close)
	}
	put(t, sim, a, 200)
	p = start(t, dir, flags...)
	u.moveTo(t, p)
	w := u.follow(url.Values{"src": {src}, "after": {v.seq}})
	w.until("meanwhile", w.holds(200))
	put(t, sim, a, 1)
	w.until("live", w.holds(201))
	for k, n := range v.names {
		w.names[k] += n
	}
	w.exactly(sim, a.truth, before)
	if len(w.gaps) > 0 {
		t.Errorf("gaps %+v", w.gaps)
	}
}

// moveTo takes a user's cookies to a program that was started anew.
func (u *user) moveTo(t *testing.T, p *program) {
	t.Helper()
	cookies := u.http.Jar.Cookies(mustURL(t, u.base))
	u.base = p.base
	u.http.Jar.SetCookies(mustURL(t, p.base), cookies)
}

// put lets n entries of a vendor arrive at the target that is read.
func put(t testing.TB, sim *simulate.Server, a account, n int) {
	t.Helper()
	rows := make([]json.RawMessage, n)
	for i := range rows {
		rows[i] = rowOf(a.vendor)
	}
	if err := sim.Append(a.truth, rows...); err != nil {
		t.Fatal(err)
	}
}

var rowMu sync.Mutex
var rowCount int

// rowOf returns a row in a vendor's shape that is like no other, of now.
func rowOf(vendor string) json.RawMessage {
	rowMu.Lock()
	rowCount++
	n := rowCount
	rowMu.Unlock()
	now := time.Now().UTC()
	switch vendor {
	case "algolia":
		return json.RawMessage(fmt.Sprintf(`{"timestamp":%q,"method":"POST","answer_code":"200","query_body":"{\"query\":\"live %d\"}","answer":"{}",`+
			`"url":"/1/indexes/products/query","ip":"192.0.2.1","query_headers":"","sha1":"%040x","processing_time_ms":"3","index":"products"}`, now.Format("2006-01-02T15:04:05Z"), n, 1<<40+n))
	case "coveo":
		return json.RawMessage(fmt.Sprintf(`{"guid":"00000000-0000-4000-8000-%012x","id":"https://live.example/%d","datetime":%q,"task":"INDEXING","operation":"ADD",`+
			`"result":"COMPLETED","organizationId":"demoorg","sourceId":"demoorg-docs","resourceId":"x","meta":{"n":"1"}}`, 1<<40+n, n, now.Format("2006-01-02T15:04:05.000Z")))
	case "deepset":
		return json.RawMessage(fmt.Sprintf(`{"log_id":"live%d","message":"live %d","logged_at":%q,"level":"info","origin":"querypipeline","exceptions":null,"extra_fields":null}`,
			n, n, now.Format("2006-01-02T15:04:05.000000Z")))
	}
	return json.RawMessage(fmt.Sprintf(`{"id":"%08x-0000-4000-8000-000000000000","type":"integration-log","attempt":1,"body":"live %d","status_code":200,"succeeded":true,`+
		`"relationships":{"integration":{"data":{"type":"integration","id":"live"}},"job":{"data":{"type":"integration-job","id":"job-%d"}}},`+
		`"meta":{"timestamps":{"created_at":%q}}}`, n, n, n, now.Format(time.RFC3339Nano)))
}
