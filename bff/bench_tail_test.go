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
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/tail"
)

// asReaders makes this test binary a process of sockets that read: what they need
// must not count as the server's.
const asReaders = "LOGPANE_TEST_READERS"

func init() {
	args := os.Getenv(asReaders)
	if args == "" {
		return
	}
	n, base, _ := strings.Cut(args, " ")
	count, err := strconv.Atoi(n)
	if err == nil {
		err = readers(base, count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// counted is what a process of readers saw.
type counted struct {
	P50, P99, Max time.Duration // from an entry's time to the moment it was read
	Entries       int
	Lost, Twice   int
	// What they took while there was something to read, and what the server did, in
	// percent of one core, the system's work for them included. On one machine the
	// system counts the way of a message into the reader's socket as the writer's work.
	CPU, Server float64
}

// cpuTime is how long this process has used a core.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it fails for wrong arguments only
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readers opens sockets, says "ready", reads until its input ends, and writes what
// it saw.
func readers(base string, n int) error {
	var mu sync.Mutex
	var all []time.Duration
	var sum counted
	var done sync.WaitGroup
	var conns []*websocket.Conn
	d := websocket.Dialer{ReadBufferSize: 1024, WriteBufferSize: 512}
	for i := range n {
		conn, _, err := d.Dial(base+"&reader="+strconv.Itoa(i), nil)
		if err != nil {
			return err
		}
		conns = append(conns, conn)
		done.Go(func() {
			var lat []time.Duration
			last, lost, twice := 0, 0, 0
			for {
				_, data, err := conn.ReadMessage()
				if err != nil {
					break
				}
				now := time.Now()
				for {
					i := bytes.Index(data, []byte(`"n":`))
					if i < 0 {
						break
					}
					num, rest := number(data[i+4:])
					at, rest := number(rest[len(`,"t":`):])
					data = rest
					switch {
					case num <= last:
						twice++
					case last != 0 && num > last+1:
						lost += num - last - 1
					}
					last = max(last, num)
					lat = append(lat, now.Sub(time.Unix(0, int64(at))))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all, sum.Lost, sum.Twice = append(all, lat...), sum.Lost+lost, sum.Twice+twice
		})
	}
	fmt.Println("ready")
	began, before := time.Now(), cpuTime()
	_, _ = io.Copy(io.Discard, os.Stdin)
	sum.CPU = 100 * float64(cpuTime()-before) / float64(time.Since(began))
	for _, c := range conns {
		_ = c.Close()
	}
	done.Wait()
	slices.Sort(all)
	if sum.Entries = len(all); sum.Entries > 0 {
		sum.P50, sum.P99, sum.Max = all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	}
	return json.NewEncoder(os.Stdout).Encode(sum)
}

func number(b []byte) (n int, rest []byte) {
	for len(b) > 0 && b[0] >= '0' && b[0] <= '9' {
		n, b = n*10+int(b[0]-'0'), b[1:]
	}
	return n, b
}

// inUse returns the bytes of heap and stacks that are used, after a collection. The
// resident size says less: it holds what earlier runs gave back.
func inUse() float64 {
	runtime.GC()
	runtime.GC() // stacks shrink in the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// withReaders runs f while n sockets read, and returns what they saw and the memory
// that one costs this process, in KB, after they had something to read.
func withReaders(b *testing.B, n int, base string, f func()) (c counted, each float64) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	before := inUse()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), asReaders+"="+strconv.Itoa(n)+" "+base)
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
		b.Fatalf("readers: %v %q", err, line)
	}
	began, used := time.Now(), cpuTime()
	f()
	server := 100 * float64(cpuTime()-used) / float64(time.Since(began))
	each = (inUse() - before) / 1024 / float64(n)
	in.Close()
	if err := json.NewDecoder(lines).Decode(&c); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait()
	c.Server = server
	return c, each
}

// tailRig is a hub on an engine, and a stream to append to.
type tailRig struct {
	b     *testing.B
	feed  *feed.Feed
	hub   *tail.Hub
	url   string
	count int
	waits []time.Duration // of appends, which wait for the disk
}

func newTailRig(b *testing.B) *tailRig {
	dir := b.TempDir()
	eng, err := engine.Open(b.Context(), engine.Config{DataDir: dir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(eng.Close)
	keys, err := session.OpenKeys(dir)
	if err != nil {
		b.Fatal(err)
	}
	frames, err := feed.Open(b.Context(), eng, feed.Config{Sealer: keys})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(frames.Close)
	hub := tail.New(tail.Config{Feed: frames})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		i, _ := strconv.Atoi(q.Get("reader"))
		err := hub.Accept(w, r, tail.Request{
			Session: strconv.Itoa(i / 10), Active: func() {},
			Targets: []tail.Target{{Src: "v/r/a", Stream: q.Get("stream"), Poll: func(ctx context.Context, _ tail.Demand) { <-ctx.Done() }}},
		})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	b.Cleanup(func() {
		now, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		hub.Drain(now)
		srv.Close()
	})
	return &tailRig{b: b, feed: frames, hub: hub, url: "ws" + strings.TrimPrefix(srv.URL, "http") + "/?stream="}
}

// entries returns n entries of about 500 bytes that hold their number and this moment.
func (g *tailRig) entries(n int) []feed.Entry {
	out := make([]feed.Entry, n)
	for i := range out {
		g.count++
		id, now := strconv.Itoa(g.count), time.Now()
		out[i] = feed.Entry{ID: id, JSON: fmt.Appendf(nil, `{"id":%q,"src":"v/r/a","time":%q,"raw":{"n":%d,"t":%d,"pad":%q}}`, id, now.UTC().Format(time.RFC3339Nano), g.count, now.UnixNano(), benchPad)}
	}
	return out
}

var benchPad = strings.Repeat("x", 380)

// appendFor appends n entries every pause.
func (g *tailRig) appendFor(stream string, n int, pause, total time.Duration) {
	w, err := g.feed.Writer(g.b.Context(), stream)
	if err != nil {
		g.b.Fatal(err)
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for range int(total / pause) {
		<-tick.C
		some := g.entries(n)
		began := time.Now()
		if _, err := w.Append(g.b.Context(), feed.Poll{At: began, Entries: some}); err != nil {
			g.b.Fatal(err)
		}
		g.waits = append(g.waits, time.Since(began))
	}
}

// BenchmarkTailLatency measures from the moment the server has entries to the moment
// ten sockets have read them, through the engine, the feed and the hub.
func BenchmarkTailLatency(b *testing.B) {
	for _, rate := range []int{10, 100, 1000, 5000} {
		b.Run(fmt.Sprintf("%d_per_s", rate), func(b *testing.B) {
			g := newTailRig(b)
			pause := max(50*time.Millisecond, time.Second/time.Duration(rate))
			n := max(1, int(time.Duration(rate)*pause/time.Second))
			var c counted
			for b.Loop() {
				stream := "bench" + strconv.Itoa(g.count)
				c, _ = withReaders(b, 10, g.url+url.QueryEscape(stream), func() {
					g.appendFor(stream, n, pause, 4*time.Second)
					<-time.After(300 * time.Millisecond) // the last frames
				})
			}
			reportTail(b, g, c, 10*n*int(4*time.Second/pause))
		})
	}
}

// reportTail prints what readers saw of the entries that were sent to all of them.
// Their time includes what the append waited for the disk, which a floor does not.
func reportTail(b *testing.B, g *tailRig, c counted, sent int) {
	if len(g.waits) > 0 {
		slices.Sort(g.waits)
		b.ReportMetric(ms(g.waits[len(g.waits)/2]), "append-p50-ms")
		b.ReportMetric(ms(g.waits[len(g.waits)*99/100]), "append-p99-ms")
	}
	b.ReportMetric(ms(c.P50), "p50-ms")
	b.ReportMetric(ms(c.P99), "p99-ms")
	b.ReportMetric(ms(c.Max), "max-ms")
	b.ReportMetric(float64(c.Entries), "entries")
	b.ReportMetric(float64(max(c.Lost, sent-c.Entries+c.Twice)), "lost")
	b.ReportMetric(float64(c.Twice), "twice")
	b.ReportMetric(c.Server, "server-cpu-%")
	b.ReportMetric(c.CPU, "readers-cpu-%")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTailFanOut sends 10 frames per second to many sockets. The floor is the
// least that gorilla needs for it: one prepared message, one writer per socket, no
// stream, no places.
func BenchmarkTailFanOut(b *testing.B) {
	var most syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &most); err != nil || most.Cur < 12_000 {
		b.Fatalf("10,000 sockets need 12,000 open files; the limit is %d (ulimit -n)", most.Cur)
	}
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("sockets_%d", n), func(b *testing.B) {
			g := newTailRig(b)
			var c counted
			var kb float64
			for b.Loop() {
				stream := "bench" + strconv.Itoa(g.count)
				c, kb = withReaders(b, n, g.url+url.QueryEscape(stream), func() {
					g.appendFor(stream, 1, 100*time.Millisecond, 5*time.Second)
					<-time.After(time.Second)
				})
			}
			reportTail(b, g, c, n*50)
			b.ReportMetric(kb, "KB/socket")
		})
		b.Run(fmt.Sprintf("floor_%d", n), func(b *testing.B) {
			g := &tailRig{b: b}
			var c counted
			var kb float64
			for b.Loop() {
				f := newFloor(b)
				c, kb = withReaders(b, n, f.url, func() {
					tick := time.NewTicker(100 * time.Millisecond)
					defer tick.Stop()
					for range 50 {
						<-tick.C
						f.send(g.entries(1)[0].JSON)
					}
					<-time.After(time.Second)
				})
			}
			reportTail(b, g, c, n*50)
			b.ReportMetric(kb, "KB/socket")
		})
	}
}

// floor is a bare broadcast.
type floor struct {
	url string
	mu  sync.Mutex
	all []chan *websocket.PreparedMessage
}

func newFloor(b *testing.B) *floor {
	f := &floor{}
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		ch := make(chan *websocket.PreparedMessage, 8)
		f.mu.Lock()
		f.all = append(f.all, ch)
		f.mu.Unlock()
		go func() {
			for m := range ch {
				if conn.WritePreparedMessage(m) != nil {
					break
				}
			}
		}()
		go func() {
			defer conn.Close()
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
			}
		}()
	}))
	b.Cleanup(srv.Close)
	f.url = "ws" + strings.TrimPrefix(srv.URL, "http") + "/?"
	return f
}

func (f *floor) send(b []byte) {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ch := range f.all {
		ch <- m
	}
}
