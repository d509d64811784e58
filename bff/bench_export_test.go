package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// BenchmarkExport exports 10,000, 100,000 and 1,000,000 entries of the simulated
// deepset, all its targets together, as lines. Vendor and server are processes of
// their own: what is reported of memory is that of the server alone, at its highest
// while the export ran. Every entry must come once. The first byte is compared with
// what one page of one target takes without us.
func BenchmarkExport(b *testing.B) {
	const held = 1_120_000 // of which this vendor gets nine in ten
	vendors := runBeside(b, regexp.MustCompile(`simulated vendors on (http://\S+)`), "simulate", "--addr", "127.0.0.1:0", "--entries", strconv.Itoa(held))
	p := runBeside(b, listening, "--addr", "127.0.0.1:0", "--data-dir", b.TempDir(), "--endpoint", "deepset/sim="+vendors.base+"/deepset", "--log-level", "error")
	jar, _ := cookiejar.New(nil)
	u := &user{t: b, base: p.base, http: &http.Client{Jar: jar}}
	c := u.connect("deepset", "sim", simulate.DeepsetWorkspace, map[string]string{"api_key": simulate.DeepsetKey})
	var list wire.Targets
	u.must("GET", "/api/connections/"+c.ID+"/targets", nil, &list)
	var src []string
	for _, t := range list.Targets {
		src = append(src, t.Address)
	}
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var first, page []time.Duration
			var took time.Duration
			var size int64
			var rss, heap float64
			for b.Loop() {
				d, _ := fetch(b, http.DefaultClient, must(deepsetPage(vendors.base)))
				page = append(page, d)
				stop := p.highest(b, &rss, &heap)
				began := time.Now()
				got, bytes, opened := readExport(b, u, url.Values{"src": src, "from": {"all"}, "limit": {strconv.Itoa(n)}}, began)
				took += time.Since(began)
				stop()
				first = append(first, opened)
				size += bytes
				if got != n {
					b.Fatalf("%d entries instead of %d", got, n)
				}
			}
			b.ReportMetric(float64(n*b.N)/took.Seconds(), "entries/s")
			b.ReportMetric(float64(size)/1e6/took.Seconds(), "MB/s")
			b.ReportMetric(ms(p50(first)), "first-byte-ms")
			b.ReportMetric(ms(p50(page)), "vendor-page-ms")
			b.ReportMetric(rss, "max-rss-MB")
			b.ReportMetric(heap, "max-heap-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func deepsetPage(base string) (*http.Request, error) {
	r, err := http.NewRequest("GET", base+"/deepset/api/v1/workspaces/production/pipelines/rag-prod/logs?limit=100", nil)
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+simulate.DeepsetKey)
	}
	return r, err
}

// readExport reads an export of lines to its end and counts its entries, none of which
// may come twice.
func readExport(b *testing.B, u *user, q url.Values, began time.Time) (entries int, size int64, first time.Duration) {
	req, err := http.NewRequest("GET", u.base+"/api/logs.ndjson?"+q.Encode(), nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set(wire.Header, "1")
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := u.http.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReaderSize(resp.Body, 1<<20)
	if _, err := in.Peek(1); err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	first = time.Since(began)
	seen, seed := map[uint64]struct{}{}, maphash.MakeSeed()
	for {
		line, err := in.ReadSlice('\n')
		size += int64(len(line))
		if err == io.EOF {
			return entries, size, first
		}
		if err != nil {
			b.Fatal(err)
		}
		if bytes.HasPrefix(line, []byte(`{"end":`)) {
			continue
		}
		name, _, _ := bytes.Cut(line, []byte(`,"time":`)) // id and src
		key := maphash.Bytes(seed, name)
		if _, twice := seen[key]; twice {
			b.Fatalf("twice: %s", name)
		}
		seen[key] = struct{}{}
		entries++
	}
}

// beside is a program that runs beside the benchmark.
type beside struct {
	base string
	pid  int
}

// runBeside starts the built binary and waits until it says where it listens.
func runBeside(b *testing.B, says *regexp.Regexp, args ...string) beside {
	b.Helper()
	binary, err := filepath.Abs("../bin/logpane")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		b.Fatal("bin/logpane is missing: run make build")
	}
	cmd := exec.CommandContext(b.Context(), binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if m := says.FindStringSubmatch(line); m != nil {
			go func() {
				_, _ = io.Copy(io.Discard, in)
				_ = cmd.Wait()
			}()
			return beside{m[1], cmd.Process.Pid}
		}
		if err != nil {
			b.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
	}
}

// highest notes the most memory that the process has, in MB, until stop is called.
func (p beside) highest(b *testing.B, rss, heap *float64) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var done sync.WaitGroup
	done.Go(func() {
		often := time.NewTicker(250 * time.Millisecond)
		defer often.Stop()
		for {
			*rss, *heap = max(*rss, residentMB(b, p.pid)), max(*heap, p.metric("go_memstats_heap_inuse_bytes")/1e6)
			select {
			case <-ctx.Done():
				return
			case <-often.C:
			}
		}
	})
	return func() { cancel(); done.Wait() }
}

// metric returns a number from the process's own metrics, 0 if there is none.
func (p beside) metric(name string) float64 {
	resp, err := http.Get(p.base + "/metrics")
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		var v float64
		if _, err := fmt.Sscanf(lines.Text(), name+" %g", &v); err == nil {
			return v
		}
	}
	return 0
}
