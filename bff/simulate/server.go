// Package simulate serves five SaaS log APIs (Algolia, Coveo, Elastic Path, Moltin, deepset) as real HTTP servers, for
// the demo, the browser tests and the conformance suite:
//
//	sim := simulate.New(simulate.Options{Seed: 1})
//	go sim.Run(ctx)                                  // only needed for live entries: Options.Rate
//	http.ListenAndServe("127.0.0.1:9400", sim)       // GET /algolia/1/logs, POST /coveo/logs/v1/organizations/demoorg …
//
// Paths, limits, errors, shapes and quirks follow the vendors' published references, and everything is strict: an
// unknown parameter or body key, a missing header, a limit too high are refused. What a vendor leaves undocumented is
// decided here and said where it is decided; none of it is knowledge about the vendor. A client that must work with
// the vendors may rely only on what their references promise.
//
// The same Options give the same bytes. Content tells stories relative to the start: a webhook that fails since 18
// minutes, a push of 240 items an hour ago, a slow query shape since 40 minutes, a deploy two hours ago that broke a
// component. Below /control/ a test appends entries, injects faults and reads which calls were made.
//
// This package must never import a vendor client of this repository, nor be imported by one: it is their independent
// witness. Its credentials are public and guard nothing.
package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Credentials the simulated vendors accept.
const (
	AlgoliaApp      = "DEMOAPP"
	AlgoliaKey      = "demo-algolia-key"
	AlgoliaKeyNoACL = "demo-algolia-noacl" // valid, but without the ACL logs

	CoveoOrg         = "demoorg"
	CoveoToken       = "demo-coveo-token"
	CoveoTokenNoView = "demo-coveo-noview" // valid, but without the privilege to view sources

	ElasticPathClient = "demo-client" // Elastic Path and Moltin
	ElasticPathSecret = "demo-secret"

	DeepsetKey       = "demo-deepset-key"
	DeepsetWorkspace = "production"
)

// Options say what the simulated vendors hold and how they behave. The zero value is a useful simulator without live
// entries.
type Options struct {
	Rate    float64          // new entries per second and vendor while Run runs; 0 means none
	Seed    uint64           // same Seed, Entries and Now: same content
	Entries int              // entries per vendor at the start; 0 means 900 (Algolia), 3000, 600, 300, 800. Algolia never holds more than 1,000, Moltin is given at most 20,000
	Now     func() time.Time // the vendors' clock; nil means time.Now
	Lenient bool             // Coveo ignores unknown body keys and unknown enum words instead of refusing them
	Order   string           // order of Elastic Path and Moltin logs: "oldest" (default), "newest", "shuffled"
	Public  bool             // control endpoints answer any peer and any Host

	AfterInclusive bool // deepset: rows at exactly the time of the after cursor are part of the next page
}

// Server is the simulated vendors. It is an http.Handler; all methods may be called at any time from any goroutine.
type Server struct {
	opts   Options
	now    func() time.Time
	mounts map[string]*mount
	stores map[string]store
	ids    atomic.Uint64 // numbers request ids
}

// store is what one vendor holds.
type store interface {
	// append adds entries in the vendor's own JSON, all or none; the error names the failing line.
	append(target string, raw []json.RawMessage, now time.Time) error
	appendStory(n int, now time.Time)
	entries(target string, now time.Time) []string
}

// mount is one simulated host: what it answers, its faults and the calls made to it.
type mount struct {
	name   string
	serve  func(*call) answer
	refuse func(status int, message string) answer // the vendor's own error shape
	token  string                                  // path of the token endpoint, which faults spare by default

	mu     sync.Mutex
	faults []*Fault
	calls  []Call
	count  int
}

// call is one request to a mount.
type call struct {
	*http.Request
	path  []string // unescaped segments below the mount
	query url.Values
	id    string // request id
	now   time.Time
}

// is reports whether the call asks for this path; a "*" segment matches any one segment.
func (c *call) is(method, pattern string) bool {
	if c.Method != method {
		return false
	}
	want := strings.Split(pattern, "/")
	if len(want) != len(c.path) {
		return false
	}
	for i, w := range want {
		if w != c.path[i] && (w != "*" || c.path[i] == "") {
			return false
		}
	}
	return true
}

// unknown returns the first parameter, by name, that is not among the allowed ones.
func (c *call) unknown(allowed ...string) (string, bool) {
	var names []string
	for name := range c.query {
		if !slices.Contains(allowed, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return slices.Min(names), true
}

// integer reads a whole number from the query; absent means def.
func (c *call) integer(name string, def int) (int, error) {
	if !c.query.Has(name) {
		return def, nil
	}
	return strconv.Atoi(c.query.Get(name))
}

// bearer returns the token of the Authorization header, empty if there is none.
func (c *call) bearer() string {
	scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// answer is a complete response, held in memory so that a fault can cut or replace it.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

func jsonAnswer(status int, body []byte) answer {
	return answer{status: status, header: map[string]string{"Content-Type": "application/json"}, body: body}
}

// encoded answers v as JSON. v is one of our own types, which always encode.
func encoded(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return jsonAnswer(status, body)
}

func (a answer) with(key, value string) answer {
	header := maps.Clone(a.header)
	if header == nil {
		header = map[string]string{}
	}
	header[key] = value
	a.header = header
	return a
}

// New generates everything the vendors hold. It starts no goroutine that outlives it.
func New(opts Options) *Server {
	now := opts.Now
	if now == nil {
		now = time.Now
	}
	s := &Server{opts: opts, now: now, mounts: map[string]*mount{}, stores: map[string]store{}}
	start := now().UTC()

	var al *algolia
	var co *coveo
	var ep, mo *elasticpath
	var ds *deepset
	var wg sync.WaitGroup
	wg.Go(func() { al = newAlgolia(opts, start) })
	wg.Go(func() { co = newCoveo(opts, start) })
	wg.Go(func() { ep = newElasticPath(opts, start, false) })
	wg.Go(func() { mo = newElasticPath(opts, start, true) })
	wg.Go(func() { ds = newDeepset(opts, start) })
	wg.Wait()

	s.stores = map[string]store{"algolia": al, "coveo": co, "elasticpath": ep, "moltin": mo, "deepset": ds}
	for _, m := range []*mount{
		{name: "algolia", serve: al.serve, refuse: al.refuse},
		{name: "coveo", serve: co.serve, refuse: co.refuse},
		{name: "coveo-platform", serve: co.servePlatform, refuse: co.refuse},
		{name: "elasticpath", serve: ep.serve, refuse: ep.refuse, token: tokenPath},
		{name: "moltin", serve: mo.serve, refuse: mo.refuse, token: tokenPath},
		{name: "deepset", serve: ds.serve, refuse: ds.refuse},
	} {
		s.mounts[m.name] = m
	}
	return s
}

// kept returns how many entries a vendor without a documented cap keeps before it forgets the oldest, so that a
// simulator may run for weeks.
func kept(entries int) int { return 2*entries + 200_000 }

// ServeHTTP answers below /algolia, /coveo, /coveo-platform, /elasticpath, /moltin, /deepset and /control.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	if head == "control" {
		s.control(w, r, rest)
		return
	}
	m := s.mounts[head]
	if m == nil {
		http.Error(w, "no such vendor", http.StatusNotFound)
		return
	}
	at := s.now()
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	made := Call{Method: r.Method, Path: "/" + rest, Query: r.URL.RawQuery, At: at}
	fault, hit := m.takeFault(made.Path)
	if hit && fault.DelayMS > 0 && !wait(r.Context(), time.Duration(fault.DelayMS)*time.Millisecond) {
		m.record(made)
		return
	}
	a := s.answer(m, r, rest, fault, hit)
	made.Status = a.status
	m.record(made) // before the answer: who has read it finds the call recorded
	for k, v := range a.header {
		w.Header()[k] = []string{v} // as spelled: some vendors send lower-case names
	}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(a.body))}
	w.WriteHeader(a.status)
	if hit && fault.Cut > 0 && fault.Cut < len(a.body) {
		_, _ = w.Write(a.body[:fault.Cut])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the connection closes short of Content-Length
	}
	_, _ = w.Write(a.body)
}

// answer lets the vendor, or the fault in its place, answer.
func (s *Server) answer(m *mount, r *http.Request, rest string, fault Fault, hit bool) answer {
	if hit && fault.Status != 0 {
		return fault.answer(m)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		query = url.Values{r.URL.RawQuery: {""}} // the vendor refuses it as an unknown parameter
	}
	c := &call{Request: r, query: query, id: s.requestID(), now: s.now().UTC()}
	for seg := range strings.SplitSeq(rest, "/") {
		text, err := url.PathUnescape(seg)
		if err != nil {
			return m.refuse(http.StatusBadRequest, "The path cannot be read.")
		}
		c.path = append(c.path, text)
	}
	return m.serve(c)
}

func (s *Server) requestID() string {
	n := s.ids.Add(1)
	return string(appendUUID(nil, mix(s.opts.Seed+n), mix(n^0x9e3779b97f4a7c15)))
}

// wait sleeps for d and reports false when the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Run makes new entries arrive at Options.Rate per vendor until ctx ends. Without a rate it only waits for that.
func (s *Server) Run(ctx context.Context) {
	if s.opts.Rate <= 0 {
		<-ctx.Done()
		return
	}
	period := max(time.Duration(float64(time.Second)/s.opts.Rate), 10*time.Millisecond)
	t := time.NewTicker(period)
	defer t.Stop()
	last, owed := time.Now(), 0.0
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-t.C:
			// A stalled machine owes entries; more than a second's worth is forgiven rather than sent in one burst.
			owed += min(at.Sub(last), max(time.Second, period)).Seconds() * s.opts.Rate
			last = at
			n := int(owed + 1e-6)
			owed -= float64(n)
			if n > 0 {
				for name := range s.stores {
					s.AppendStory(name, n)
				}
			}
		}
	}
}

// Append adds entries in the vendor's own JSON as if they had just arrived: missing times are now, missing ids are made
// up (never Coveo's guid, which real rows lack too), all else stays byte for byte. It adds all or nothing; the error
// says which one is bad. The vendor may name a target as in Entries.
func (s *Server) Append(vendor string, raw ...json.RawMessage) error {
	name, target, _ := strings.Cut(vendor, "/")
	st := s.stores[name]
	if st == nil {
		return fmt.Errorf("unknown vendor %q", name)
	}
	return st.append(target, raw, s.now().UTC())
}

// AppendStory lets n more generated entries arrive now. Which ones depends only on Options and earlier calls.
func (s *Server) AppendStory(vendor string, n int) {
	if st := s.stores[vendor]; st != nil {
		st.appendStory(n, s.now().UTC())
	}
}

// Entries returns everything a vendor holds now and would still show, in its own order and JSON: Algolia newest first,
// Coveo oldest first (without the requestId that changes with every call), Elastic Path and Moltin in the order that is
// set, deepset newest first. A bare vendor means all of it; "deepset/production/rag-prod",
// "deepset/production/indexes/docs-index", "coveo/{source id}", "elasticpath/{integration id}", "algolia/{index}" one target.
func (s *Server) Entries(vendor string) []json.RawMessage {
	name, target, _ := strings.Cut(vendor, "/")
	st := s.stores[name]
	if st == nil {
		return nil
	}
	list := st.entries(target, s.now().UTC())
	out := make([]json.RawMessage, len(list))
	for i, raw := range list {
		out[i] = json.RawMessage(raw)
	}
	return out
}

// SetOrder changes the order of the Elastic Path and Moltin logs: "oldest", "newest" or "shuffled". Others are ignored.
func (s *Server) SetOrder(order string) {
	for _, st := range s.stores {
		if ep, ok := st.(*elasticpath); ok {
			ep.setOrder(order)
		}
	}
}
