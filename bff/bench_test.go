package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// BenchmarkPage compares one vendor page of 100 entries read through the server
// with the same call made to the simulator directly, in turn, so that both see
// the same machine. Walks are new each time: nothing is served from memory.
func BenchmarkPage(b *testing.B) {
	sim := simulate.New(simulate.Options{Seed: 1})
	srv := httptest.NewServer(sim)
	defer srv.Close()
	direct := map[string]func() *http.Request{
		"algolia": func() *http.Request {
			r, _ := http.NewRequest("GET", srv.URL+"/algolia/1/logs?length=200", nil)
			r.Header.Set("x-algolia-application-id", simulate.AlgoliaApp)
			r.Header.Set("x-algolia-api-key", simulate.AlgoliaKey)
			return r
		},
		"deepset": func() *http.Request {
			r, _ := http.NewRequest("GET", srv.URL+"/deepset/api/v1/workspaces/production/pipelines/rag-prod/logs?limit=100", nil)
			r.Header.Set("Authorization", "Bearer "+simulate.DeepsetKey)
			return r
		},
	}
	var flags []string
	for name := range direct {
		flags = append(flags, "--endpoint", name+"/sim="+srv.URL+"/"+name)
	}
	p := start(b, b.TempDir(), append(flags, "--log-level", "error")...)
	u := p.user(b)
	for _, a := range accounts {
		ask := direct[a.vendor]
		if ask == nil {
			continue
		}
		b.Run(a.vendor, func(b *testing.B) {
			src := url.QueryEscape(address(u.connect(a.vendor, "sim", a.account, a.creds), a.path...))
			through := func() *http.Request {
				r, _ := http.NewRequest("GET", u.base+"/api/logs?limit=100&src="+src, nil)
				r.Header.Set(wire.Header, "1")
				return r
			}
			var vendor, ours []time.Duration
			var size int
			for b.Loop() {
				d, n := fetch(b, http.DefaultClient, ask())
				vendor, size = append(vendor, d), n
				d, _ = fetch(b, u.http, through())
				ours = append(ours, d)
			}
			b.ReportMetric(ms(p50(vendor)), "direct-p50-ms")
			b.ReportMetric(ms(p50(ours)), "bff-p50-ms")
			b.ReportMetric(ms(p50(ours)-p50(vendor)), "overhead-p50-ms")
			b.ReportMetric(float64(size)/1e6/(p50(ours)-p50(vendor)).Seconds(), "MB/s-decoded")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func fetch(b *testing.B, c *http.Client, r *http.Request) (time.Duration, int) {
	began := time.Now()
	resp, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		b.Fatalf("%d %v %.200s", resp.StatusCode, err, body)
	}
	return time.Since(began), len(body)
}

func p50(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkProcess starts the built binary on an empty folder and reports the
// time until it answers ready, and what it needs when nobody asks for anything.
func BenchmarkProcess(b *testing.B) {
	binary, err := filepath.Abs("../bin/logpane")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		b.Fatal("bin/logpane is missing: run make build")
	}
	var ready []time.Duration
	var rss, cpu float64
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		cmd := exec.CommandContext(ctx, binary, "--addr", "127.0.0.1:0", "--data-dir", b.TempDir())
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		m := listening.FindStringSubmatch(line)
		if err != nil || m == nil {
			b.Fatalf("%v: %q", err, line)
		}
		fetch(b, http.DefaultClient, must(http.NewRequest("GET", m[1]+"/readyz", nil)))
		ready = append(ready, time.Since(began))
		before := cpuTicks(b, cmd.Process.Pid)
		const idle = 3 * time.Second
		time.Sleep(idle) // what is measured is doing nothing
		cpu = max(cpu, float64(cpuTicks(b, cmd.Process.Pid)-before)/100/idle.Seconds()*100)
		rss = max(rss, residentMB(b, cmd.Process.Pid))
		cancel()
		_ = cmd.Wait()
	}
	b.ReportMetric(ms(p50(ready)), "ready-p50-ms")
	b.ReportMetric(rss, "idle-max-MB")
	b.ReportMetric(cpu, "idle-max-%cpu")
	b.ReportMetric(0, "ns/op")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// residentMB reads VmRSS of Linux's /proc.
func residentMB(b *testing.B, pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(kb)[0])
			if err != nil {
				b.Fatal(err)
			}
			return float64(n) / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// cpuTicks reads user and system time in hundredths of a second.
func cpuTicks(b *testing.B, pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	f := bytes.Fields(text[bytes.LastIndexByte(text, ')')+2:])
	user, err1 := strconv.Atoi(string(f[11]))
	system, err2 := strconv.Atoi(string(f[12]))
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	return user + system
}

// BenchmarkFloorJSON is what checking the JSON of a vendor page costs by itself.
func BenchmarkFloorJSON(b *testing.B) {
	sim := simulate.New(simulate.Options{Seed: 1})
	var page []byte
	for _, raw := range sim.Entries("algolia") {
		page = append(append(page, raw...), ',')
	}
	page = append(append([]byte{'['}, page[:len(page)-1]...), ']')
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		if !json.Valid(page) {
			b.Fatal("not JSON")
		}
	}
}
