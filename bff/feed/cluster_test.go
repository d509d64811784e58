package feed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/lease"
)

// cluster starts three servers that keep everything three times.
func cluster(t *testing.T) []*server.Server {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
	}
	var all []*server.Server
	for i, port := range ports {
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port}, Routes: routes,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		all = append(all, s)
	}
	for _, s := range all {
		for !s.JetStreamIsClustered() || !s.JetStreamIsCurrent() {
			if err := pause(timeout(t, 20*time.Second), 10*time.Millisecond); err != nil {
				t.Fatal("the cluster does not form")
			}
		}
	}
	return all
}

// join opens an engine as a replica would, as soon as the cluster answers.
func join(t *testing.T, s *server.Server, others ...*server.Server) *engine.Engine {
	t.Helper()
	urls := []string{s.ClientURL()}
	for _, o := range others {
		urls = append(urls, o.ClientURL())
	}
	ctx := timeout(t, 30*time.Second)
	for {
		e, err := engine.Open(ctx, engine.Config{URLs: urls, Logger: quiet})
		if err == nil {
			t.Cleanup(e.Close)
			return e
		}
		if pause(ctx, 50*time.Millisecond) != nil {
			t.Fatal(err)
		}
	}
}

func TestCluster_NodeAndPollerGoWhileReadersFollow(t *testing.T) {
	nodes := cluster(t)
	a, b := join(t, nodes[0], nodes[1], nodes[2]), join(t, nodes[1], nodes[2], nodes[0])
	if a.Replicas != 3 {
		t.Fatalf("%d replicas", a.Replicas)
	}
	open := func(e *engine.Engine) (*Feed, *lease.Leases) {
		for ctx := timeout(t, 30*time.Second); ; {
			f, err := Open(ctx, e, Config{Sealer: keys(t, "x"), Logger: quiet, Look: time.Second})
			if err == nil {
				t.Cleanup(f.Close)
				m, err := lease.Open(ctx, e, lease.Config{TTL: 20 * time.Second, Logger: quiet})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(m.Close)
				return f, m
			}
			if pause(ctx, 100*time.Millisecond) != nil {
				t.Fatal(err)
			}
		}
	}
	fa, la := open(a)
	fb, lb := open(b)

	first, err := la.Acquire(t.Context(), "poll.s")
	if err != nil {
		t.Fatal(err)
	}
	w := writer(t, fa, "s")
	readers := []*Reader{begin(t, fa, "s", 0), begin(t, fb, "s", 0)}
	for i := range 20 {
		add(t, w, i, 1)
	}
	for i, r := range readers {
		if got := read(t, r, 20); !slices.Equal(got, ids(0, 20)) {
			t.Fatalf("reader %d: %v", i, got)
		}
	}

	// The node that leads the stream goes; the poller keeps its lease and goes on.
	s, err := a.JS.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	leader := s.CachedInfo().Cluster.Leader
	for _, n := range nodes {
		if n.Name() == leader {
			n.Shutdown()
			n.WaitForShutdown()
		}
	}
	start := time.Now()
	for i := 20; i < 30; i++ {
		add(t, w, i, 1)
	}
	t.Logf("leader %s gone: the next append took %v", leader, time.Since(start))
	for i, r := range readers {
		if got := read(t, r, 10); !slices.Equal(got, ids(20, 10)) {
			t.Fatalf("reader %d after the node went: %v", i, got)
		}
	}
	if !first.Valid() {
		t.Error("the lease did not survive the election")
	}

	// The poller hands over; its last frame comes too late.
	go first.Release()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	second, err := lb.Acquire(ctx, "poll.s")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Release()
	next := writer(t, fb, "s")
	if next.Edge().ID(0) != "e000029" {
		t.Errorf("edge %v", next.Edge())
	}
	add(t, next, 30, 1)
	if _, err := w.Append(t.Context(), Poll{Entries: entries(99, 1)}); !errors.Is(err, ErrFenced) {
		t.Errorf("the old poller's append: %v", err)
	}
	for i, r := range readers {
		if got := read(t, r, 1); !slices.Equal(got, ids(30, 1)) {
			t.Errorf("reader %d after the handover: %v", i, got)
		}
	}
	if info, err := s.Info(t.Context()); err != nil || info.Config.Replicas != 3 || info.Config.Storage != jetstream.FileStorage {
		t.Errorf("the stream: %+v, %v", info, err)
	}
}
