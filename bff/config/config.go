// Package config reads the settings of the server from flags and environment
// variables and refuses what cannot work, before anything is started.
//
//	cfg, err := config.Parse(os.Args[1:], os.Getenv, os.Stderr)
//
// Every flag --some-thing has the setting LOGPANE_SOME_THING; the flag wins. A
// repeatable setting takes a list separated by spaces or commas.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrHelp is returned by Parse when help was asked for and printed.
var ErrHelp = flag.ErrHelp

// Config is what the server runs with. It is checked and never changed.
type Config struct {
	Addr         string        // host:port to listen on; port 0 lets the system choose
	DataDir      string        // folder of everything that is kept
	Demo         bool          // run the simulated vendors and offer connections to them
	DemoRate     float64       // new entries per second of each simulated vendor
	Endpoints    []Endpoint    // regions that the operator added
	PollMin      time.Duration // shortest pause between two polls of a tail; 0 for the vendors' floors
	PublicURL    *url.URL      // how browsers reach us; nil to derive it from the address listened on
	NATSURLs     []string      // external engine; empty for the embedded one
	InsecureHTTP bool          // serve plain http on an address that is not loopback
	Keys         string        // "id:base64,…"; empty for a key file in DataDir
	LogJSON      bool          // structured logs as JSON, not text
	LogLevel     string        // debug, info, warn or error
}

// Endpoint is a base URL that the operator added for a region of a vendor.
type Endpoint struct {
	Vendor   string // algolia, coveo, deepset, elasticpath or moltin
	Region   string
	URL      string // without a slash at the end
	Platform bool   // Coveo's second host
}

// Vendors that --endpoint may name.
var vendors = []string{"algolia", "coveo", "coveo-platform", "deepset", "elasticpath", "moltin"}

// list is a repeatable flag.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// Parse reads the settings. args is without the program and the command. Its
// errors are plain sentences that name the flag; ErrHelp after -h.
func Parse(args []string, env func(string) string, out io.Writer) (Config, error) {
	var c Config
	var endpoints, natsURLs list
	var public string
	fs := flag.NewFlagSet("logpane serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.Addr, "addr", "127.0.0.1:8080", "where to listen, `host:port`; port 0 lets the system choose")
	fs.StringVar(&c.DataDir, "data-dir", defaultDataDir(env), "`folder` of everything that is kept")
	fs.BoolVar(&c.Demo, "demo", false, "run simulated vendors and offer one-click connections to them")
	fs.Float64Var(&c.DemoRate, "demo-rate", 0.5, "new entries per second of each simulated vendor")
	fs.Var(&endpoints, "endpoint", "add a region of a vendor, `vendor/region=URL`; repeatable")
	fs.DurationVar(&c.PollMin, "poll-min", 0, "shortest poll interval of a tail; 0 for the vendors' floors")
	fs.StringVar(&public, "public-url", "", "how browsers reach the server, `URL`; https switches on secure cookies")
	fs.Var(&natsURLs, "nats-url", "run on an external NATS cluster, `URL`; repeatable")
	fs.BoolVar(&c.InsecureHTTP, "insecure-http", false, "serve plain http on an address that is not loopback")
	fs.StringVar(&c.Keys, "keys", "", "keys that seal sessions, `id:base64,…`; empty for a key file in the data folder")
	fs.BoolVar(&c.LogJSON, "log-json", false, "write logs as JSON")
	fs.StringVar(&c.LogLevel, "log-level", "info", "`level` of logs: debug, info, warn or error")

	// The environment is set first, so that a flag overrides it. A repeatable
	// flag replaces what the environment gave.
	if err := fromEnv(fs, env); err != nil {
		return c, err
	}
	given := map[*list]list{&endpoints: endpoints, &natsURLs: natsURLs}
	for l := range given {
		*l = nil
	}
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(out)
			fmt.Fprintln(out, "logpane [serve] runs the log viewer. Each flag --some-thing has the setting LOGPANE_SOME_THING.")
			fs.PrintDefaults()
			return c, ErrHelp
		}
		return c, err
	}
	for l, v := range given {
		if len(*l) == 0 {
			*l = v
		}
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("%q is not a flag; see logpane serve -h", fs.Arg(0))
	}
	return c, c.check(endpoints, natsURLs, public)
}

func (c *Config) check(endpoints, natsURLs []string, public string) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		return fmt.Errorf("--addr %q is not host:port with a port from 0 to 65535", c.Addr)
	}
	for _, s := range endpoints {
		e, err := parseEndpoint(s)
		if err != nil {
			return err
		}
		same := func(o Endpoint) bool { return o.Vendor == e.Vendor && o.Region == e.Region && o.Platform == e.Platform }
		if slices.ContainsFunc(c.Endpoints, same) {
			return fmt.Errorf("--endpoint %s: this region is set twice", s)
		}
		c.Endpoints = append(c.Endpoints, e)
	}
	for _, s := range natsURLs {
		if u, err := url.Parse(s); err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			return errors.New("--nats-url must be nats://host:port or tls://host:port")
		}
		c.NATSURLs = append(c.NATSURLs, s)
	}
	if public != "" {
		u, err := url.Parse(public)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
			return fmt.Errorf("--public-url %q is not http(s)://host[:port] without a path", public)
		}
		u.Path = ""
		c.PublicURL = u
	}
	if c.PollMin < 0 {
		return fmt.Errorf("--poll-min %s is negative", c.PollMin)
	}
	if !(c.DemoRate >= 0 && c.DemoRate <= 10_000) { // NaN is neither
		return fmt.Errorf("--demo-rate %g is not within 0 and 10000", c.DemoRate)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel) {
		return fmt.Errorf("--log-level %q is not debug, info, warn or error", c.LogLevel)
	}
	if c.DataDir == "" {
		return errors.New("no folder for data is known; set --data-dir")
	}
	if !c.InsecureHTTP {
		switch {
		case c.PublicURL == nil && !Loopback(host):
			return fmt.Errorf("--addr %s is reachable from other machines over plain http: put https in front and set --public-url, or accept the risk with --insecure-http", c.Addr)
		case c.PublicURL != nil && c.PublicURL.Scheme == "http" && !Loopback(c.PublicURL.Hostname()):
			return fmt.Errorf("--public-url %s is plain http, which would show sessions to the network: use https, or accept the risk with --insecure-http", public)
		}
	}
	return nil
}

func parseEndpoint(s string) (Endpoint, error) {
	name, base, ok := strings.Cut(s, "=")
	vendor, region, ok2 := strings.Cut(name, "/")
	if !ok || !ok2 || region == "" || strings.ContainsAny(region, "/,%? ") {
		return Endpoint{}, fmt.Errorf("--endpoint %q is not vendor/region=URL", s)
	}
	if !slices.Contains(vendors, vendor) {
		return Endpoint{}, fmt.Errorf("--endpoint %q: vendor is one of %s", s, strings.Join(vendors, ", "))
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return Endpoint{}, fmt.Errorf("--endpoint %q: the URL must be http(s)://host[:port][/prefix]", s)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Endpoint{}, fmt.Errorf("--endpoint %s: the URL takes no credentials, query or fragment", name)
	}
	e := Endpoint{Vendor: vendor, Region: region, URL: strings.TrimRight(base, "/")}
	if vendor == "coveo-platform" {
		e.Vendor, e.Platform = "coveo", true
	}
	return e, nil
}

// Loopback reports whether a host name or address can only be reached from this
// machine.
func Loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

func envName(flag string) string {
	return "LOGPANE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// defaultDataDir is the user's state folder, as the system defines it; "" when it
// defines none.
func defaultDataDir(env func(string) string) string {
	if runtime.GOOS == "linux" {
		if d := env("XDG_STATE_HOME"); d != "" {
			return filepath.Join(d, "logpane")
		}
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, ".local", "state", "logpane")
		}
		return ""
	}
	if d, err := os.UserConfigDir(); err == nil {
		return filepath.Join(d, "logpane")
	}
	return ""
}
