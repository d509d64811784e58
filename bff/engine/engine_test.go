package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// childDir makes this test binary a second process that opens the named folder.
const childDir = "LOGPANE_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		e, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
		if err != nil {
			fmt.Println(fault.KindOf(err), fault.Of(err).Msg)
			os.Exit(3)
		}
		fmt.Println("open")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent goes away or closes it
		_ = e
		os.Exit(0) // without Close, as a killed process would
	}
	os.Exit(m.Run())
}

func open(tb testing.TB, dir string) *engine.Engine {
	tb.Helper()
	e, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(e.Close)
	return e
}

func TestOpen_KeepsWhatWasAcknowledgedAcrossARestart(t *testing.T) {
	dir, ctx := filepath.Join(t.TempDir(), "deep", "data"), t.Context()
	e := open(t, dir)
	if !e.Local || e.Replicas != 1 {
		t.Errorf("local %v, replicas %d", e.Local, e.Replicas)
	}
	if err := e.Healthy(); err != nil {
		t.Error(err)
	}
	kv, err := e.JS.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "x", Replicas: e.Replicas, LimitMarkerTTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(ctx, "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	e.Close()
	e.Close() // twice is fine
	if err := e.Healthy(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("healthy after Close: %v", err)
	}

	e = open(t, dir)
	kv, err = e.JS.KeyValue(ctx, "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := kv.Get(ctx, "k"); err != nil || string(got.Value()) != "v" {
		t.Errorf("after the restart: %v, %v", got, err)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder has mode %v, %v; want 0700", info.Mode().Perm(), err)
	}
}

func TestOpen_FolderInUseBySameProcess(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	_, err := engine.Open(t.Context(), engine.Config{DataDir: dir, Logger: quiet})
	wantRefusal(t, string(fault.KindOf(err))+" "+fault.Of(err).Msg, dir, os.Getpid())

	first.Close()
	open(t, dir)
}

func TestOpen_FolderInUseByAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	out, err := child(dir).Output()
	if err == nil {
		t.Fatalf("the second process started: %s", out)
	}
	wantRefusal(t, string(out), dir, os.Getpid())
	first.Close()

	// The other way round; a process that dies without Close frees the folder.
	cmd := child(dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	if line != "open\n" {
		t.Fatalf("the child says %q", line)
	}
	_, err = engine.Open(t.Context(), engine.Config{DataDir: dir, Logger: quiet})
	wantRefusal(t, string(fault.KindOf(err))+" "+fault.Of(err).Msg, dir, cmd.Process.Pid)
	_ = in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func child(dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	return cmd
}

func wantRefusal(tb testing.TB, got, dir string, pid int) {
	tb.Helper()
	for _, want := range []string{"invalid", dir, "in use by another logpane (process " + strconv.Itoa(pid) + ")", "--data-dir"} {
		if !strings.Contains(got, want) {
			tb.Errorf("the refusal does not say %q: %s", want, got)
		}
	}
}

func TestOpen_RefusesBadSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  engine.Config
		kind fault.Kind
		says string
	}{
		"nothing named":     {engine.Config{}, fault.Invalid, "--data-dir"},
		"folder is a file":  {engine.Config{DataDir: file}, fault.Invalid, "cannot be created"},
		"below a file":      {engine.Config{DataDir: filepath.Join(file, "x")}, fault.Invalid, "cannot be created"},
		"not a URL":         {engine.Config{URLs: []string{"nats://user:hunter2@%zz"}}, fault.Invalid, "nats://host:4222"},
		"nobody there":      {engine.Config{URLs: []string{"nats://user:hunter2@127.0.0.1:1"}}, fault.Unavailable, "nats://127.0.0.1:1"},
		"version too old":   {engine.Config{URLs: []string{oldServer(t)}}, fault.Invalid, "version 2.9.10; logpane needs 2.11"},
		"without JetStream": {engine.Config{URLs: []string{natsServer(t, &server.Options{})}}, fault.Invalid, "without JetStream"},
		"wrong password": {engine.Config{URLs: []string{strings.Replace(
			natsServer(t, &server.Options{Username: "u", Password: "p"}), "nats://", "nats://u:hunter2@", 1)}}, fault.Invalid, "refused the credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Logger = quiet
			e, err := engine.Open(t.Context(), c.cfg)
			if err == nil {
				e.Close()
				t.Fatal("no error")
			}
			if fault.KindOf(err) != c.kind || !strings.Contains(fault.Of(err).Msg, c.says) {
				t.Errorf("got %v, want %s saying %q", err, c.kind, c.says)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestOpen_SingleExternalServerKeepsOneCopy(t *testing.T) {
	u := natsServer(t, &server.Options{JetStream: true, StoreDir: t.TempDir()})
	e, err := engine.Open(t.Context(), engine.Config{URLs: []string{u}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Local || e.Replicas != 1 {
		t.Errorf("local %v, replicas %d; want false, 1", e.Local, e.Replicas)
	}
	if err := e.Healthy(); err != nil {
		t.Error(err)
	}
}

func TestHealthy_ServerGone(t *testing.T) {
	u, stop := startNATS(t, &server.Options{JetStream: true, StoreDir: t.TempDir()})
	e, err := engine.Open(t.Context(), engine.Config{URLs: []string{u}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	stop()
	if err := e.Healthy(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

// natsServer starts a real server with a listener on loopback and returns its URL.
func natsServer(tb testing.TB, opts *server.Options) string {
	u, _ := startNATS(tb, opts)
	return u
}

func startNATS(tb testing.TB, opts *server.Options) (url string, stop func()) {
	tb.Helper()
	opts.Host, opts.Port, opts.NoSigs, opts.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(opts)
	if err != nil {
		tb.Fatal(err)
	}
	go s.Start()
	stop = func() { s.Shutdown(); s.WaitForShutdown() }
	tb.Cleanup(stop)
	if !s.ReadyForConnections(10 * time.Second) {
		tb.Fatal("the NATS server is not ready")
	}
	return s.ClientURL(), stop
}

// oldServer speaks just enough of the protocol to greet as version 2.9.10.
func oldServer(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = io.WriteString(c, `INFO {"server_id":"OLD","version":"2.9.10","headers":true,"max_payload":1048576,"proto":1}`+"\r\n")
				for sc := bufio.NewScanner(c); sc.Scan(); {
					if strings.HasPrefix(sc.Text(), "PING") {
						_, _ = io.WriteString(c, "PONG\r\n")
					}
				}
			}()
		}
	}()
	return "nats://" + l.Addr().String()
}

// BenchmarkOpen is start to ready and stop again, over an empty folder.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		b.StartTimer()
		e, err := engine.Open(context.Background(), engine.Config{DataDir: dir, Logger: quiet})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		e.Close()
		b.StartTimer()
	}
}
