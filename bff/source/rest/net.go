// Package rest is the HTTP client that all vendor drivers share: which hosts may
// be reached, how long a call may take, how much of a body is read, and how an
// answer that is not a success becomes a fault.
//
//	net := rest.NewNet(rest.Policy{Operator: []string{"http://127.0.0.1:9400/algolia"}})
//	c := net.Client(rest.Options{Vendor: "Algolia", Timeout: 10 * time.Second, Secrets: secrets, Explain: explain})
//	answer, err := c.Do(ctx, rest.Call{Method: "GET", Base: base, Path: []string{"1", "logs"}})
//
// A body is read with [Parse] and [Value], which are lenient where vendors are
// loose and never copy what is not asked for.
//
// It does not retry: package source does, because only it knows how much time a
// whole walk has left. (The standard transport repeats a call by itself when a
// kept connection turns out to be closed before anything was answered.) It never follows redirects, never sends anything of a
// browser's request, and never lets a secret into an error.
package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Policy says which addresses may be reached.
type Policy struct {
	// Operator holds the base URLs that the operator added. Only their hosts may
	// be private or loopback addresses, use plain http, or another port than 443.
	Operator []string
}

// Net owns the connections of a process. It is safe for concurrent use.
type Net struct {
	operator []string // host:port
	tr       *http.Transport
}

// errPrivate is what the dialer answers for an address that a vendor's public
// host must never resolve to.
var errPrivate = errors.New("address is not public")

// NewNet returns a Net. A malformed operator URL is ignored here; package config
// refuses it at start.
func NewNet(p Policy) *Net {
	n := &Net{}
	for _, s := range p.Operator {
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			n.operator = append(n.operator, hostPort(u))
		}
	}
	guarded := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: publicOnly}
	open := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	n.tr = &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if slices.Contains(n.operator, strings.ToLower(addr)) {
				return open.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
		ForceAttemptHTTP2:      true,
		MaxConnsPerHost:        32,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return n
}

// Close closes idle connections.
func (n *Net) Close() { n.tr.CloseIdleConnections() }

// allowed reports whether u may be called: a vendor's public host over https, or
// one of the operator's.
func (n *Net) allowed(u *url.URL) bool {
	if u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	if slices.Contains(n.operator, hostPort(u)) {
		return true
	}
	return u.Scheme == "https" && u.Port() == ""
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

// special holds ranges that are global unicast by netip's reckoning and still no
// place for a vendor's API: shared address space, benchmarking, 6to4, Teredo,
// documentation, and the reserved rest (IANA special-purpose registries).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

// allocated is all of IPv6 that IANA has given out as global unicast. What lies
// outside (NAT64, IPv4-compatible, site-local, discard) is refused unseen.
var allocated = netip.MustParsePrefix("2000::/3")

// publicOnly refuses to connect to anything but a public unicast address. It
// runs after name resolution, so a public name with a private address is caught.
func publicOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errPrivate, address)
	}
	if !public(ap.Addr()) {
		return fmt.Errorf("%w: %s", errPrivate, ap.Addr())
	}
	return nil
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !allocated.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
