// Package client is the browser's typed access to the server's JSON API: one
// method per route of app/wire, errors as fault.Error with the kind that the
// server gave them.
//
//	c := client.New(dom.Fetch)
//	page, err := c.Logs(ctx, client.Query{Src: srcs, Q: "status:>=500", From: "now-24h"})
//
// How bytes travel is a [Transport], handed in: the browser's fetch in the
// application, an in-memory server in tests ([Fake]). The package must not import
// net/http, which is 5 MB of code that a browser already has, and it
// never retries: who asked knows whether the answer is still wanted.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// Transport carries one request to the origin that the page came from and
// returns the answer's status, media type and body. It adds [wire.Header] and
// the cookie, follows no redirect to another origin, and ends early with ctx.
// An error means that there was no answer at all. body is nil when there is none.
type Transport func(ctx context.Context, method, url string, body []byte) (status int, mediaType string, answer []byte, err error)

// How long an answer may take. A vendor call may take a minute (Coveo), and
// connecting makes one.
const (
	shortWait = 15 * time.Second
	longWait  = 90 * time.Second
)

// Two requests of one session that overlap a renewal of its cookie end in a
// Conflict for the later one; the browser holds the new cookie a moment after.
const (
	maxRepeats  = 4
	repeatPause = 60 * time.Millisecond // before the first; each further one waits as much longer
)

// Client calls the API. It holds no state between calls; any number of
// goroutines may use it.
type Client struct {
	send  Transport
	dial  Dial
	lines LineTransport // nil: answers come at once
}

// New returns a client that sends its requests through send, and opens its sockets
// through dial, at most one, without which none connects.
func New(send Transport, dial ...Dial) *Client {
	c := &Client{send: send, dial: func(_ string, _ func(), _ func([][]byte), closed func(int, string)) (func([]byte), func()) {
		closed(1006, "")
		return func([]byte) {}, func() {}
	}}
	if len(dial) > 0 {
		c.dial = dial[0]
	}
	return c
}

// Vendors returns what can be connected, and whether the demo runs.
func (c *Client) Vendors(ctx context.Context) (wire.Vendors, error) {
	var out wire.Vendors
	err := c.call(ctx, shortWait, "GET", wire.PathVendors, nil, &out)
	return out, err
}

// Connections returns the connections of this session, oldest first.
func (c *Client) Connections(ctx context.Context) ([]wire.Connection, error) {
	var out wire.Connections
	err := c.call(ctx, shortWait, "GET", wire.PathConnections, nil, &out)
	return out.Connections, err
}

// Connect proves a credential with a real call and returns the connection.
// Errors are Unauthenticated or Forbidden with the missing right where the
// vendor refused, Invalid for a form that cannot be right, and those of the network.
func (c *Client) Connect(ctx context.Context, req wire.Connect) (wire.Connection, error) {
	var out wire.Connection
	err := c.call(ctx, longWait, "POST", wire.PathConnections, req, &out)
	return out, err
}

// Forget ends a connection: the server drops its credential.
func (c *Client) Forget(ctx context.Context, id string) error {
	return c.call(ctx, shortWait, "DELETE", wire.PathConnections+"/"+url.PathEscape(id), nil, nil)
}

// Logout ends the session: the server forgets every connection of it, and ends what
// follows live in all tabs.
func (c *Client) Logout(ctx context.Context) error {
	return c.call(ctx, shortWait, "DELETE", wire.PathSession, nil, nil)
}

// Targets returns what can be picked through a connection.
func (c *Client) Targets(ctx context.Context, id string) ([]wire.Target, error) {
	var out wire.Targets
	err := c.call(ctx, longWait, "GET", wire.PathConnections+"/"+url.PathEscape(id)+"/targets", nil, &out)
	return out.Targets, err
}

// Query asks for one page of entries. The zero value of a field leaves it out.
type Query struct {
	Src    []string // addresses, at most wire.MaxTargets
	Q      string   // in the filter language, at most wire.MaxQueryBytes
	From   string   // RFC 3339, epoch milliseconds, or now-15m
	To     string   // as From
	Limit  int      // 1..wire.MaxLimit; 0 means the server's default
	Cursor string   // of the page before
	Facets bool     // the vendors' own counts too, where they give any
}

// Values returns q as URL parameters, in which src is repeated: an address
// holds no comma, but a URL is bounded in length and the list is not joined twice.
func (q Query) Values() url.Values {
	v := url.Values{}
	for _, s := range q.Src {
		v.Add("src", s)
	}
	set(v, "q", q.Q)
	set(v, "from", q.From)
	set(v, "to", q.To)
	set(v, "cursor", q.Cursor)
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Facets {
		v.Set("facets", "1")
	}
	return v
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// Logs returns one page of entries, newest first, with its coverage. A filter
// that cannot be read is Invalid with a Column.
func (c *Client) Logs(ctx context.Context, q Query) (wire.Page, error) {
	var out wire.Page
	err := c.call(ctx, longWait, "GET", wire.PathLogs+"?"+q.Values().Encode(), nil, &out)
	return out, err
}

// LogsBody returns the JSON of one page as it came, for who keeps it that way:
// decoding every entry costs a hundred times what it takes to find its edges.
// Errors as for Logs.
func (c *Client) LogsBody(ctx context.Context, q Query) ([]byte, error) {
	return c.answer(ctx, longWait, "GET", wire.PathLogs+"?"+q.Values().Encode(), nil)
}

// Requests returns the calls with which a search begins, one for each target that
// can be read. No vendor is called.
func (c *Client) Requests(ctx context.Context, q Query) ([]wire.Request, error) {
	var out wire.Requests
	err := c.call(ctx, shortWait, "GET", wire.PathRequests+"?"+q.Values().Encode(), nil, &out)
	return out.Requests, err
}

// Jobs returns the entries of one job of a target, or the target's jobs where job is
// "". Of q, Src, From and To count.
func (c *Client) Jobs(ctx context.Context, q Query, job string) (wire.Jobs, error) {
	v := Query{Src: q.Src, From: q.From, To: q.To}.Values()
	set(v, "job", job)
	var out wire.Jobs
	err := c.call(ctx, longWait, "GET", wire.PathJobs+"?"+v.Encode(), nil, &out)
	return out, err
}

// call sends one request and decodes the answer into out, which is nil where
// none is expected.
func (c *Client) call(ctx context.Context, wait time.Duration, method, path string, in, out any) error {
	b, err := c.answer(ctx, wait, method, path, in)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(b, out); err != nil {
		return unreadable(opOf(method, path), err)
	}
	return nil
}

// answer sends a request, again where another of the same session came between,
// and returns the body of a success, nil where the server sent none.
func (c *Client) answer(ctx context.Context, wait time.Duration, method, path string, in any) ([]byte, error) {
	op := opOf(method, path)
	var body []byte
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fault.New(fault.Internal, op).Saying("the request could not be written").Because(err)
		}
		body = b
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for n := 1; ; n++ {
		b, err := c.once(ctx, op, method, path, body)
		if fault.KindOf(err) != fault.Conflict || n > maxRepeats || !pause(ctx, time.Duration(n)*repeatPause) {
			return b, err
		}
	}
}

// pause waits and reports whether ctx is still alive afterwards.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once sends one request and returns the body of a success.
func (c *Client) once(ctx context.Context, op, method, path string, body []byte) ([]byte, error) {
	status, mediaType, b, err := c.send(ctx, method, path, body)
	switch {
	case err != nil:
		return nil, noAnswer(ctx, op, err)
	case status < 200 || status > 299:
		return nil, refusal(op, status, mediaType, b)
	case status == 204:
		return nil, nil
	case !strings.HasPrefix(mediaType, "application/json"):
		return nil, unreadable(op, errors.New("media type "+mediaType))
	}
	return b, nil
}

// opOf names a request without its parameters, which hold what people look for.
func opOf(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	return method + " " + path
}

// noAnswer classifies the failure of a transport.
func noAnswer(ctx context.Context, op string, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.Timeout, op).Saying("the server took too long to answer; try again or ask for less").Because(err)
	case errors.Is(err, context.Canceled), ctx.Err() != nil:
		return fault.New(fault.Canceled, op).Saying("canceled").Because(err)
	}
	return fault.New(fault.Unavailable, op).Saying("the logpane server cannot be reached; check that it runs, then try again").Because(err)
}

// Refusal returns the error of an answer that was not fetched here; status 0 is that
// of none.
func Refusal(op string, status int, mediaType string, answer []byte) error {
	if status == 0 {
		return noAnswer(context.Background(), op, nil)
	}
	return refusal(op, status, mediaType, answer)
}

// refusal rebuilds the error of an answer that is not a success.
func refusal(op string, status int, mediaType string, answer []byte) error {
	var p wire.Problem
	if strings.HasPrefix(mediaType, "application/problem+json") && json.Unmarshal(bytes.TrimSpace(answer), &p) == nil {
		if p.Status == 0 {
			p.Status = status
		}
		return p.Fault(op)
	}
	// Something between us and the server answered: its words are not ours.
	e := fault.New(fault.KindOfStatus(status), op).Saying("the server answered with status " + strconv.Itoa(status) + "; try again")
	e.Status = status
	return e
}

func unreadable(op string, err error) error {
	return fault.New(fault.BadUpstream, op).Saying("the server's answer could not be read; reload the page and try again").Because(err)
}
