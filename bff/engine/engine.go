// Package engine opens the one thing that remembers: NATS JetStream, inside this
// process by default, or a cluster of its own when several replicas share it.
//
//	eng, err := engine.Open(ctx, engine.Config{DataDir: dir, Logger: log})
//	if err != nil { ... }
//	defer eng.Close()
//	stream, err := eng.JS.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
//		Name: "LOGS", Replicas: eng.Replicas, ...
//	})
//
// [Open] is the only place that knows which of the two it is. Everything above
// runs the same code over the same connection; it passes [Engine.Replicas] on to
// what it creates, and asks [Engine.Local] for nothing but consistency of reads.
//
// The embedded server has no network listener and writes to disk before it
// acknowledges: we write a few times a second, and a session whose credentials
// were forgotten must stay forgotten after a power cut. Its files are not
// encrypted here: what is secret is sealed before it gets here (package session).
//
// Measured on a busy 2-core machine: see BenchmarkOpen.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
)

// Config says where the engine lives. The zero Config is invalid: DataDir or
// URLs must be set.
type Config struct {
	DataDir        string        // folder of the embedded engine; created with mode 0700 where missing
	URLs           []string      // NATS servers of one cluster; empty means the embedded engine
	Logger         *slog.Logger  // nil means slog.Default()
	MaxStoreBytes  int64         // bound of the embedded engine's files; 0 means 16 GiB
	MaxMemoryBytes int64         // bound of its memory streams, of which we have none; 0 means 16 MiB
	ConnectTimeout time.Duration // how long the server may take to be ready; 0 means 30 s
}

const (
	defaultMaxStore       = 16 << 30
	defaultMaxMemory      = 16 << 20
	defaultConnectTimeout = 30 * time.Second

	// clusterReplicas is the copies of every stream in a cluster: one machine may
	// be lost, two may not.
	clusterReplicas = 3
	// Per-message TTLs came with this server release ("Per-Message TTL", NATS 2.11
	// release notes); older ones fail later and obscurely.
	minMajor, minMinor = 2, 11
)

// Engine is an open engine. Its fields are read-only; it is safe for concurrent
// use.
type Engine struct {
	NC       *nats.Conn
	JS       jetstream.JetStream
	Replicas int  // what streams and buckets are created with: 1, or 3 in a cluster
	Local    bool // the server runs in this process and this process alone uses it

	server *server.Server // nil when external
	lock   *dirLock       // nil when external
	once   sync.Once
}

// Open starts the embedded engine in cfg.DataDir, or connects to cfg.URLs. It
// returns when JetStream answers. ctx bounds the start only.
//
// Errors: Invalid if cfg is wrong, another process holds the folder, or the
// server is too old or runs without JetStream; Unavailable if no server answers;
// Internal if the embedded server does not start.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.MaxStoreBytes <= 0 {
		cfg.MaxStoreBytes = defaultMaxStore
	}
	if cfg.MaxMemoryBytes <= 0 {
		cfg.MaxMemoryBytes = defaultMaxMemory
	}
	if cfg.ConnectTimeout <= 0 {
		cfg.ConnectTimeout = defaultConnectTimeout
	}
	if cfg.DataDir == "" && len(cfg.URLs) == 0 {
		return nil, fault.New(fault.Invalid, "open engine").
			Saying("name a data folder (--data-dir) or a NATS server (--nats-url)")
	}
	if cfg.DataDir != "" {
		if err := makeDir(cfg.DataDir); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
	defer cancel()

	e := &Engine{Replicas: 1}
	open := e.openLocal
	if len(cfg.URLs) > 0 {
		open = e.openCluster
	}
	if err := open(ctx, cfg); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// openLocal starts a server of our own, without a listener, over a locked folder.
func (e *Engine) openLocal(ctx context.Context, cfg Config) error {
	const op = "start the embedded engine"
	lock, err := lockDir(cfg.DataDir)
	if err != nil {
		return err
	}
	e.lock, e.Local = lock, true

	log := &serverLog{log: cfg.Logger.With("part", "engine")}
	srv, err := server.NewServer(&server.Options{
		ServerName:             "logpane",
		DontListen:             true,
		JetStream:              true,
		StoreDir:               filepath.Join(cfg.DataDir, "engine"),
		SyncAlways:             true,
		JetStreamMaxStore:      cfg.MaxStoreBytes,
		JetStreamMaxMemory:     cfg.MaxMemoryBytes,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	})
	if err != nil {
		return fault.New(fault.Internal, op).Saying("the embedded engine refused its settings").Because(err)
	}
	srv.SetLoggerV2(log, false, false, false)
	e.server = srv
	go srv.Start()

	wait := cfg.ConnectTimeout
	if d, ok := ctx.Deadline(); ok {
		wait = time.Until(d)
	}
	if !srv.ReadyForConnections(wait) || !srv.JetStreamEnabled() {
		msg := "the engine did not start in " + cfg.DataDir
		if why := log.fatal(); why != "" {
			msg += ": " + why
		}
		return fault.New(fault.Internal, op).
			Saying(msg + "; check that the folder is writable and the disk is not full")
	}
	nc, err := nats.Connect("", append(e.options(cfg), nats.InProcessServer(srv))...)
	if err != nil {
		return fault.New(fault.Internal, op).Saying("the embedded engine does not answer").Because(err)
	}
	e.NC = nc
	return e.openJetStream(ctx, op)
}

// openCluster connects to a cluster that somebody else runs.
func (e *Engine) openCluster(ctx context.Context, cfg Config) error {
	const op = "connect to NATS"
	where := make([]string, 0, len(cfg.URLs))
	for _, raw := range cfg.URLs {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			// The cause of a parse error quotes the URL, which may hold a password.
			return fault.New(fault.Invalid, op).Saying("a --nats-url is not a URL; write nats://host:4222")
		}
		where = append(where, u.Scheme+"://"+u.Host)
	}
	servers := strings.Join(where, ", ")
	nc, err := nats.Connect(strings.Join(cfg.URLs, ","), append(e.options(cfg), nats.Timeout(5*time.Second))...)
	if err != nil {
		if errors.Is(err, nats.ErrAuthorization) {
			return fault.New(fault.Invalid, op).
				Saying("NATS at " + servers + " refused the credentials; put user and password or a token into --nats-url")
		}
		return fault.New(fault.Unavailable, op).
			Saying("no NATS server answers at " + servers + "; check --nats-url and that the server runs").Because(err)
	}
	e.NC = nc
	if v := nc.ConnectedServerVersion(); !versionAtLeast(v, minMajor, minMinor) {
		return fault.New(fault.Invalid, op).
			Saying("NATS at " + servers + " is version " + v + "; logpane needs 2.11 or newer: upgrade it, or leave out --nats-url")
	}
	// A single server without a cluster name cannot keep three copies.
	if nc.ConnectedClusterName() != "" {
		e.Replicas = clusterReplicas
	} else {
		cfg.Logger.Warn("the NATS server is not part of a cluster: everything is kept once", "servers", servers)
	}
	return e.openJetStream(ctx, op)
}

// options are what both kinds of connection share.
func (e *Engine) options(cfg Config) []nats.Option {
	log := cfg.Logger.With("part", "engine")
	return []nats.Option{
		nats.Name("logpane"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("NATS reports", "err", err)
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS connection lost", "err", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("NATS connection is back") }),
	}
}

// openJetStream binds JetStream and checks that it answers.
func (e *Engine) openJetStream(ctx context.Context, op string) error {
	js, err := jetstream.New(e.NC)
	if err != nil {
		return fault.New(fault.Internal, op).Saying("the engine's client did not start").Because(err)
	}
	e.JS = js
	switch _, err := js.AccountInfo(ctx); {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fault.New(fault.Invalid, op).
			Saying("the NATS server runs without JetStream for this account; start it with -js, or enable JetStream in its settings").Because(err)
	case err != nil:
		return fault.New(fault.Unavailable, op).Saying("the engine does not answer; try again").Because(err)
	}
	return nil
}

// healthTimeout bounds Healthy, so that a probe gets an answer in its own time.
const healthTimeout = 2 * time.Second

// Healthy returns nil if JetStream answers now, and an Unavailable fault saying
// what is wrong otherwise. It takes at most 2 s, and microseconds when all is well.
func (e *Engine) Healthy() error {
	const op = "check the engine"
	if e.NC == nil || !e.NC.IsConnected() {
		return fault.New(fault.Unavailable, op).Saying("the engine is not connected")
	}
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	if _, err := e.JS.AccountInfo(ctx); err != nil {
		return fault.New(fault.Unavailable, op).
			Saying("the engine does not answer; check free disk space and its log").Because(err)
	}
	return nil
}

// Close ends the connection, stops an embedded server after its files are
// written, and frees the folder. It may be called more than once.
func (e *Engine) Close() {
	e.once.Do(func() {
		if e.NC != nil {
			e.NC.Close()
		}
		if e.server != nil {
			e.server.Shutdown()
			e.server.WaitForShutdown()
		}
		if e.lock != nil {
			e.lock.release()
		}
	})
}

// versionAtLeast reports whether v, as in "2.11.0-RC.1", is major.minor or newer.
func versionAtLeast(v string, major, minor int) bool {
	parts := strings.SplitN(strings.TrimPrefix(v, "v"), ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, err1 := strconv.Atoi(parts[0])
	b, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return false
	}
	return a > major || a == major && b >= minor
}
