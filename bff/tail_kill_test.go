package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// inOwnProcess makes this test binary the program itself, so that a test can kill it.
const inOwnProcess = "LOGPANE_TEST_PROGRAM"

func init() {
	if args := os.Getenv(inOwnProcess); args != "" {
		if err := run(context.Background(), strings.Split(args, "\n"), func(string) string { return "" }, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

// spawn starts the program in a process of its own. kill ends it as a power cut does.
func spawn(t *testing.T, dir string, args ...string) (p *program, kill func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), inOwnProcess+"="+strings.Join(append([]string{"--addr", "127.0.0.1:0", "--data-dir", dir}, args...), "\n"))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	m := listening.FindStringSubmatch(line)
	if err != nil || m == nil {
		t.Fatalf("the program did not start: %v %q", err, line)
	}
	return &program{base: m[1], dir: dir}, kill
}

// TestTail_TheProgramIsKilled three times while entries arrive: who goes on with the
// last seq has seen every entry once.
func TestTail_TheProgramIsKilled(t *testing.T) {
	sim, flags := simulated(t, simulate.Options{Seed: 3, Entries: 60})
	flags = append(flags, "--poll-min", "20ms")
	dir := t.TempDir()
	p, kill := spawn(t, dir, flags...)
	u := p.user(t)
	params := url.Values{}
	var before []map[string]int
	for _, a := range accounts {
		params.Add("src", address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...))
		before = append(before, held(sim, a.truth))
	}
	v := u.follow(params)
	v.live()
	n := 0
	arrive := func(each int) {
		for _, a := range accounts {
			put(t, sim, a, each)
			n += each
		}
	}
	// Whoever goes on from within the first poll gets all that it found: what is older
	// than the socket cannot be told from what came meanwhile.
	arrive(1)
	v.until("the first polls to be behind", v.holds(n))
	for range 3 {
		arrive(40)
		v.until("some of them", v.holds(n-150))
		kill()
		arrive(40)
		p, kill = spawn(t, dir, flags...)
		u.moveTo(t, p)
		params.Set("after", v.seq)
		w := u.follow(params)
		w.names, w.order, w.gaps = v.names, v.order, v.gaps
		v = w
		v.until("all", v.holds(n))
	}
	all := map[string]int{}
	for i, a := range accounts {
		for k, m := range held(sim, a.truth) {
			if before[i][k] == 0 {
				all[k] = m
			}
		}
	}
	if len(all) != n || len(v.order) != n || len(v.gaps) > 0 {
		t.Errorf("%d entries came of %d, gaps %+v", len(v.order), n, v.gaps)
	}
	for k := range all {
		if v.names[k] != 1 {
			t.Fatalf("%d times: %.200s", v.names[k], k)
		}
	}
}

// TestTail_Beats holds that a quiet socket says something often enough to be seen
// alive, and what it costs.
func TestTail_Beats(t *testing.T) {
	_, _, u, src := tailing(t, simulate.Options{Seed: 3, Entries: 60}, "1h")
	v := u.follow(url.Values{"src": {src["algolia"], src["coveo"]}})
	v.live()
	last := time.Now()
	for range 3 {
		if !v.read() {
			t.Fatal("closed")
		}
		if d := time.Since(last); d > wire.TailBeat+200*time.Millisecond {
			t.Errorf("silent for %s", d)
		}
		last = time.Now()
	}
	for _, s := range v.state {
		if s.Viewers != 1 || s.CallsPerHour != 1 || time.Until(s.NextPoll) < 50*time.Minute {
			t.Errorf("status %+v", s)
		}
	}
}
