package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// Fake is the server in memory, for tests of what stands on a client: it keeps
// connections, answers pages by cursor, and fails on demand. It crosses the same
// JSON as the real one, so a test of a page covers the encoding too.
//
//	f := client.NewFake()
//	c := client.New(f.Do)
//	f.Fail("POST", wire.PathConnections, fault.New(fault.Forbidden, "").Saying("…"))
//
// It proves nothing about the server, whose own tests drive a real [Client].
type Fake struct {
	mu     sync.Mutex
	Config wire.Vendors
	Conns  []wire.Connection
	Picks  map[string][]wire.Target // by connection id
	Pages  map[string]wire.Page     // by cursor; "" is the first
	Jobs   map[string]wire.Jobs     // by job; "" is the list of them
	Tokens []wire.Token             // newest first, without their text
	fails  []failure
	calls  []Call
	made   int
}

// Call is one request that a Fake was asked.
type Call struct {
	Method string
	Path   string
	Query  url.Values
	Body   string
}

type failure struct {
	method, path string
	err          *fault.Error
}

// NewFake returns a server without vendors, connections or entries.
func NewFake() *Fake {
	return &Fake{Picks: map[string][]wire.Target{}, Pages: map[string]wire.Page{}}
}

// Fail makes the next request with that method and path answer e.
func (f *Fake) Fail(method, path string, e *fault.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = append(f.fails, failure{method, path, e})
}

// Calls returns a copy of the requests so far.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Call(nil), f.calls...)
}

// Do is the [Transport] of the fake server.
func (f *Fake) Do(ctx context.Context, method, rawURL string, body []byte) (int, string, []byte, error) {
	if err := ctx.Err(); err != nil {
		return 0, "", nil, err
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return 0, "", nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, Call{method, u.Path, u.Query(), string(body)})
	for i, x := range f.fails {
		if x.method == method && x.path == u.Path {
			f.fails = append(f.fails[:i], f.fails[i+1:]...)
			return problem(x.err)
		}
	}
	switch {
	case method == "GET" && u.Path == wire.PathVendors:
		return answer(200, f.Config)
	case method == "GET" && u.Path == wire.PathConnections:
		return answer(200, wire.Connections{Connections: append([]wire.Connection{}, f.Conns...)})
	case method == "POST" && u.Path == wire.PathConnections:
		return f.connect(body)
	case method == "DELETE" && u.Path == wire.PathSession:
		f.Conns = nil
		return 204, "", nil, nil
	case method == "GET" && u.Path == wire.PathLogs:
		return f.logs(u.Query())
	case method == "GET" && u.Path == wire.PathJobs:
		if out, ok := f.Jobs[u.Query().Get("job")]; ok {
			return answer(200, out)
		}
		return problem(fault.New(fault.NotFound, "").Saying("no such job"))
	case strings.HasPrefix(u.Path, wire.PathTokens):
		return f.tokens(method, u.Path, body)
	case strings.HasPrefix(u.Path, wire.PathConnections+"/"):
		id, what, _ := strings.Cut(strings.TrimPrefix(u.Path, wire.PathConnections+"/"), "/")
		return f.connection(method, id, what)
	}
	return problem(fault.New(fault.NotFound, "").Saying("no such address"))
}

func (f *Fake) connect(body []byte) (int, string, []byte, error) {
	var req wire.Connect
	if err := json.Unmarshal(body, &req); err != nil {
		return problem(fault.New(fault.Invalid, "").Saying("the body is not JSON"))
	}
	for _, v := range f.Config.Vendors {
		if v.Name != req.Vendor {
			continue
		}
		account := req.Account
		if req.Demo {
			account = "demo"
		}
		f.made++
		c := wire.Connection{
			ID: "c" + strconv.Itoa(f.made), Vendor: v.Name, Region: req.Region, Account: account, Label: v.Title + " " + account, Demo: req.Demo,
			Address: logs.Target{Vendor: v.Name, Region: req.Region, Account: account}.String(),
			Created: time.Unix(1700000000, 0).UTC(), Verified: time.Unix(1700000000, 0).UTC(),
		}
		f.Conns = append(f.Conns, c)
		return answer(201, c)
	}
	return problem(fault.New(fault.Invalid, "").Saying("no vendor is named " + req.Vendor))
}

func (f *Fake) connection(method, id, what string) (int, string, []byte, error) {
	for i, c := range f.Conns {
		switch {
		case c.ID != id:
		case method == "GET" && what == "targets":
			return answer(200, wire.Targets{Targets: append([]wire.Target{}, f.Picks[id]...)})
		case method == "DELETE" && what == "":
			f.Conns = append(f.Conns[:i:i], f.Conns[i+1:]...)
			return 204, "", nil, nil
		}
	}
	return problem(fault.New(fault.NotFound, "").Saying("this connection is gone"))
}

func (f *Fake) logs(q url.Values) (int, string, []byte, error) {
	var lacking []logs.Coverage
	for _, src := range q["src"] {
		t, err := logs.ParseTarget(src)
		if err != nil {
			return problem(fault.New(fault.Invalid, "").Saying(err.Error()))
		}
		held := false
		for _, c := range f.Conns {
			held = held || logs.Target{Vendor: c.Vendor, Region: c.Region, Account: c.Account}.SameAccount(t)
		}
		if !held {
			reason := "no connection reads " + src
			if lacking = append(lacking, logs.Coverage{Src: src, State: logs.Failed, Kind: string(fault.Unauthenticated), Reason: reason}); len(lacking) == len(q["src"]) {
				return problem(fault.New(fault.NotFound, "").Saying(reason))
			}
		}
	}
	p, ok := f.Pages[q.Get("cursor")]
	if !ok {
		p = wire.Page{}
	}
	p.Coverage = append(lacking, p.Coverage...)
	b, err := wire.AppendPage(nil, &p)
	return 200, "application/json", b, err
}

func answer(status int, v any) (int, string, []byte, error) {
	b, err := json.Marshal(v)
	return status, "application/json", b, err
}

func problem(e *fault.Error) (int, string, []byte, error) {
	b, err := json.Marshal(wire.ProblemOf(e, "req-1"))
	return e.Kind.Status(), "application/problem+json", b, err
}
