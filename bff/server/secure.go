package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// Hosts says under which origins browsers may reach us. Checking the Host header
// stops DNS rebinding, which comparing Origin with Host does not.
type Hosts struct {
	Public *url.URL // configured origin; nil in local mode
	Port   string   // listened on: local mode allows the names of this machine with it
	AnyIP  bool     // plain http on purpose: IP literals are allowed, since rebinding needs a name
}

// allowed reports whether a Host header, or the host of an Origin, is ours.
func (h Hosts) allowed(hostport string) bool {
	if h.Public != nil && strings.EqualFold(hostport, h.Public.Host) {
		return true
	}
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, "80"
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	addr, addrErr := netip.ParseAddr(host)
	if h.AnyIP && addrErr == nil {
		return true
	}
	if port != h.Port {
		return false
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (addrErr == nil && addr.IsLoopback())
}

func (h Hosts) check(r *http.Request) error {
	if h.allowed(r.Host) {
		return nil
	}
	return fault.New(fault.Forbidden, "check host").
		Saying("this server is not called " + cut(r.Host) + "; open it under its own address, or set --public-url")
}

// checkSameSite admits only requests that our own page sent: they carry a header
// that no other site can make a browser send, and where the browser tells where
// they come from, it is from us. Socket handshakes carry no Fetch Metadata, so
// Origin counts as well.
func (h Hosts) checkSameSite(r *http.Request) error {
	if r.Header.Get(wire.Header) != "1" {
		return fault.New(fault.Forbidden, "check header").
			Saying("requests to the API carry the header " + wire.Header + ": 1, or an access token: Authorization: Bearer " + wire.TokenPrefix + "…")
	}
	return h.checkOrigin(r)
}

// checkOrigin refuses requests that a browser says another site sent.
func (h Hosts) checkOrigin(r *http.Request) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fault.New(fault.Forbidden, "check origin").Saying("requests of other sites are not answered")
	}
	if o := r.Header.Get("Origin"); o != "" && !h.ours(o) {
		return fault.New(fault.Forbidden, "check origin").Saying("requests of other sites are not answered")
	}
	return nil
}

func (h Hosts) ours(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	return h.allowed(u.Host)
}

// fromHere reports whether a request comes from this machine and through no proxy.
func (h Hosts) fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	proxied := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
	return err == nil && a.IsLoopback() && !proxied
}

func cut(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// assetPath reports whether a path can only mean a file: asking for a missing one
// must not answer with the page.
func assetPath(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	ext := strings.LastIndexByte(last, '.')
	return ext >= 0 && slices.Contains([]string{
		".css", ".gif", ".gz", ".ico", ".jpg", ".js", ".map", ".php", ".png", ".svg", ".ttf", ".txt", ".wasm", ".webmanifest", ".woff", ".woff2", ".xml",
	}, strings.ToLower(last[ext:]))
}

// limits holds how often one session, and one address from outside, may do what
// others could abuse: connecting tries credentials at a vendor in our name.
type limits struct {
	mu  sync.Mutex
	lru *simplelru.LRU[string, *rate.Limiter]
	// known are the ids of access tokens that were good a moment ago: they are not
	// held up by somebody who tries wrong ones from the same address.
	known *simplelru.LRU[string, struct{}]
	now   func() time.Time
}

func newLimits(now func() time.Time) *limits {
	l := &limits{now: now}
	l.lru, _ = simplelru.NewLRU[string, *rate.Limiter](10_000, nil)
	l.known, _ = simplelru.NewLRU[string, struct{}](10_000, nil)
	return l
}

// allowance is a burst of turns, and the pause after which one comes back.
type allowance struct {
	burst int
	pause time.Duration
}

var (
	// Connecting may come in a burst, when somebody sets up all vendors.
	connecting = allowance{30, 6 * time.Second}
	// A request without a session makes one, which is kept for hours. Many people
	// may share an address.
	arriving = allowance{200, time.Second}
	// Tokens that are not valid, per address.
	guessing = allowance{20, 3 * time.Second}
	// Access tokens that one session makes.
	minting = allowance{20, 10 * time.Second}
)

// take spends one of key's turns; RateLimited with the time to wait when there is
// none.
func (l *limits) take(key string, a allowance) error {
	lim := l.of(key, a)
	now := l.now()
	res := lim.ReserveN(now, 1)
	if wait := res.DelayFrom(now); wait > 0 {
		res.CancelAt(now)
		return tooMany(wait)
	}
	return nil
}

// left reports whether key has a turn, without spending it; errors as take.
func (l *limits) left(key string, a allowance) error {
	if n := l.of(key, a).TokensAt(l.now()); n < 1 {
		return tooMany(time.Duration((1 - n) * float64(a.pause)))
	}
	return nil
}

func (l *limits) of(key string, a allowance) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim, ok := l.lru.Get(key)
	if !ok {
		lim = rate.NewLimiter(rate.Every(a.pause), a.burst)
		l.lru.Add(key, lim)
	}
	return lim
}

func tooMany(wait time.Duration) error {
	f := fault.New(fault.RateLimited, "take turn").Saying("too many attempts; wait a little")
	f.RetryAfter = wait
	return f
}

// token does try, which looks up the access token with this id for a client, and
// counts what is not valid against that client.
func (l *limits) token(id, from string, try func() error) error {
	l.mu.Lock()
	_, known := l.known.Get(id)
	l.mu.Unlock()
	key := "token " + from
	if !known || id == "" {
		if err := l.left(key, guessing); err != nil {
			return err
		}
	}
	err := try()
	switch fault.KindOf(err) {
	case "":
		l.mu.Lock()
		l.known.Add(id, struct{}{})
		l.mu.Unlock()
	case fault.Unauthenticated:
		l.mu.Lock()
		l.known.Remove(id)
		l.mu.Unlock()
		_ = l.take(key, guessing) // the next one hears of it
	}
	return err
}

// client names where a request comes from: an IPv4 address, or the network of an
// IPv6 one. "" for this machine, which is not limited by address.
func client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return host
	}
	a, err := netip.ParseAddr(host)
	if err != nil || a.IsLoopback() {
		return ""
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
