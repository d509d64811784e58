// Command logpane is a log viewer for SaaS systems in one binary: the server that
// holds vendor credentials and reads the vendors' logs, the page that it serves,
// and the simulated vendors of the demo.
//
//	logpane [serve]     run the viewer
//	logpane assert      say whether items are indexed, for pipelines
//	logpane simulate    run the simulated vendors alone
//	logpane version     print the version
//
// This file is the only place that names concrete parts: which vendors there are,
// and how settings become a running server.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
	_ "time/tzdata" // exports name time zones, and not every machine has the table

	"github.com/logpane/logpane/bff/config"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/server"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/algolia"
	"github.com/logpane/logpane/bff/source/coveo"
	"github.com/logpane/logpane/bff/source/deepset"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/elasticpath"
	"github.com/logpane/logpane/bff/source/rest"
	"github.com/logpane/logpane/static"
)

// version is set by the build.
var version = "devel"

// vendors is the table of vendors, in the order in which they are shown. A new
// one is a folder under bff/source and a line here.
func vendors(n *rest.Net) []driver.Vendor {
	return []driver.Vendor{
		algolia.Vendor(n),
		coveo.Vendor(n),
		deepset.Vendor(n),
		elasticpath.Vendor(n),
		elasticpath.Moltin(n),
	}
}

// demoRegion is the region under which the simulated vendors are offered.
const demoRegion = "demo"

// demoAccess are the accounts that the simulated vendors accept.
func demoAccess() map[string]server.Access {
	access := func(account string, pairs ...string) server.Access {
		a := server.Access{Region: demoRegion, Account: account, Credentials: map[string]secret.Value{}}
		for i := 0; i+1 < len(pairs); i += 2 {
			a.Credentials[pairs[i]] = secret.New(pairs[i+1])
		}
		return a
	}
	return map[string]server.Access{
		"algolia":     access("DEMOAPP", "api_key", "demo-algolia-key"),
		"coveo":       access("demoorg", "token", "demo-coveo-token"),
		"deepset":     access("production", "api_key", "demo-deepset-key"),
		"elasticpath": access("demo-store", "client_id", "demo-client", "client_secret", "demo-secret"),
		"moltin":      access("demo-store", "client_id", "demo-client", "client_secret", "demo-secret"),
	}
}

// errTold ends the program with a failure that was already explained.
var errTold = errors.New("the reason was printed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	code := 1
	var with exit
	if errors.As(err, &with) {
		code, err = int(with), errTold
	}
	if !errors.Is(err, errTold) {
		fmt.Fprintln(os.Stderr, "logpane:", err)
	}
	os.Exit(code)
}

// run is the program without the process around it, so that tests can start it.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	command := "serve"
	if len(args) > 0 && len(args[0]) > 0 && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve":
		cfg, err := config.Parse(args, env, stdout)
		if errors.Is(err, config.ErrHelp) {
			return nil
		}
		if err != nil {
			return err
		}
		return serve(ctx, cfg, stdout, stderr)
	case "assert":
		return assert(ctx, args, env, os.Stdin, stdout, stderr)
	case "simulate":
		if code := simulate.Main(ctx, args, stdout, stderr); code != 0 {
			return errTold
		}
		return nil
	case "version":
		fmt.Fprintln(stdout, "logpane", version)
		return nil
	}
	return fmt.Errorf("there is no command %q; there is serve, assert, simulate and version, and logpane -h lists the flags", command)
}

// serve runs the viewer until ctx ends, then lets requests in flight finish.
func serve(ctx context.Context, cfg config.Config, stdout, stderr io.Writer) error {
	log := newLog(cfg, stderr)
	site, err := static.Open()
	if err != nil {
		return err
	}

	if cfg.Demo {
		for _, e := range cfg.Endpoints {
			if e.Region == demoRegion {
				return fmt.Errorf("--endpoint %s/%s: with --demo this region is that of the simulated vendors; give yours another name", e.Vendor, e.Region)
			}
		}
		// The demo outlives ctx: requests in flight are finished first.
		demo, stop := context.WithCancel(context.WithoutCancel(ctx))
		defer stop()
		endpoints, err := startDemo(demo, cfg.DemoRate)
		if err != nil {
			return err
		}
		cfg.Endpoints = append(cfg.Endpoints, endpoints...)
	}
	var operator []string
	for _, e := range cfg.Endpoints {
		operator = append(operator, e.URL)
	}
	upstream := rest.NewNet(rest.Policy{Operator: operator})
	defer upstream.Close()
	table, err := withEndpoints(vendors(upstream), cfg.Endpoints)
	if err != nil {
		return err
	}

	eng, err := engine.Open(ctx, engine.Config{DataDir: cfg.DataDir, URLs: cfg.NATSURLs, Logger: log})
	if err != nil {
		return err
	}
	defer eng.Close()
	keys, err := openKeys(cfg)
	if err != nil {
		return err
	}

	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", cfg.Addr, err)
	}
	defer ln.Close()
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	origin := "http://" + net.JoinHostPort(host, port)
	secure := false
	if cfg.PublicURL != nil {
		origin = cfg.PublicURL.String()
		secure = cfg.PublicURL.Scheme == "https"
	}
	cookie := "logpane_local"
	if secure {
		cookie = "__Host-Http-logpane"
	}
	sessions, err := session.Open(ctx, eng, session.Config{Keys: keys, CookieName: cookie, Secure: secure, Error: server.SessionError, Logger: log})
	if err != nil {
		return err
	}
	defer sessions.Close()

	live, err := openLive(ctx, eng, keys, cfg, log)
	if err != nil {
		return err
	}
	defer live.close()

	o := server.Options{
		Tails: live.hub, Pollers: live.pollers, Budgets: live.budget, Counters: live.counters(),
		Vendors: table, Sessions: sessions, Site: site, Healthy: eng.Healthy, Log: log, Version: version, Now: time.Now,
		Searcher: source.NewSearcher(keys.Derive("cursor"), time.Now),
		MaskKey:  binary.BigEndian.Uint64(keys.Derive("mask")),
		Hosts:    server.Hosts{Public: cfg.PublicURL, Port: port, AnyIP: cfg.InsecureHTTP},
	}
	if cfg.Demo {
		o.Demo = demoAccess()
	}
	handler := server.New(o)
	defer handler.Close()

	hs := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 120 * time.Second, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(ln) }()
	local := "http://" + net.JoinHostPort(host, port)
	fmt.Fprintf(stdout, "logpane %s listening on %s\n", version, local)
	if origin != local {
		fmt.Fprintf(stdout, "browsers reach it under %s\n", origin)
	}
	if cfg.Demo {
		fmt.Fprintln(stdout, "the simulated vendors of the demo run in this process")
	}

	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("shutting down")
	handler.Drain()
	quiet, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	live.hub.Drain(quiet) // Shutdown knows nothing of sockets
	if err := hs.Shutdown(quiet); err != nil {
		return fmt.Errorf("requests were still running after 20 s: %w", err)
	}
	return nil
}

func newLog(cfg config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel)) // checked by config
	o := &slog.HandlerOptions{Level: level}
	if cfg.LogJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func openKeys(cfg config.Config) (*session.Keyring, error) {
	if cfg.Keys != "" {
		return session.ParseKeys(cfg.Keys)
	}
	return session.OpenKeys(cfg.DataDir)
}

// startDemo runs the simulated vendors on a loopback address of their own, until
// ctx ends, and returns them as regions. They cross real HTTP, as vendors do.
func startDemo(ctx context.Context, rate float64) ([]config.Endpoint, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot start the demo vendors: %w", err)
	}
	sim := simulate.New(simulate.Options{Rate: rate, Seed: 1})
	hs := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = hs.Serve(ln) }()
	go sim.Run(ctx)
	context.AfterFunc(ctx, func() { _ = hs.Close() })
	base := "http://" + ln.Addr().String() + "/"
	out := []config.Endpoint{{Vendor: "coveo", Region: demoRegion, URL: base + "coveo-platform", Platform: true}}
	for name := range demoAccess() {
		out = append(out, config.Endpoint{Vendor: name, Region: demoRegion, URL: base + name})
	}
	return out, nil
}

// withEndpoints adds the operator's regions to the vendors' own. A region of the
// same name is replaced.
func withEndpoints(table []driver.Vendor, endpoints []config.Endpoint) ([]driver.Vendor, error) {
	for _, platform := range []bool{false, true} {
		for _, e := range endpoints {
			if e.Platform != platform {
				continue
			}
			i := slices.IndexFunc(table, func(v driver.Vendor) bool { return v.Name == e.Vendor })
			if i < 0 {
				return nil, fmt.Errorf("--endpoint %s/%s: there is no such vendor", e.Vendor, e.Region)
			}
			regions := table[i].Regions
			at := slices.IndexFunc(regions, func(r driver.Region) bool { return r.Name == e.Region })
			switch {
			case platform && (at < 0 || !regions[at].Operator):
				return nil, fmt.Errorf("--endpoint coveo-platform/%s: set --endpoint coveo/%s as well", e.Region, e.Region)
			case platform:
				regions[at].Platform = e.URL
			default:
				label := e.Region
				if e.Region == demoRegion {
					label = "Demo"
				}
				r := driver.Region{Name: e.Region, Label: label, URL: e.URL, Platform: e.URL, Operator: true}
				if at >= 0 {
					regions[at] = r
				} else {
					regions = append(regions, r)
				}
			}
			table[i].Regions = regions
		}
	}
	return table, nil
}
