package client

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// LineTransport is a [Transport] for one POST whose answer comes in lines: each is
// handed to line as it arrives, on the same goroutine, and may be kept no longer
// than the call. An answer of another media type comes back whole.
type LineTransport func(ctx context.Context, url string, body []byte, line func([]byte)) (status int, mediaType string, answer []byte, err error)

// WithLines returns the client with a transport for answers in lines, without which
// they come at once.
func (c *Client) WithLines(send LineTransport) *Client {
	with := *c
	with.lines = send
	return &with
}

// assertWait is how long an assertion may take: the server ends it before.
const assertWait = 35 * time.Minute

// Assert asks what became of items. tell hears how far the server is, and take gets
// the verdicts in parts, in the order of the items; both run on the caller's
// goroutine. Errors as of Logs; Invalid for more items than a question may hold.
func (c *Client) Assert(ctx context.Context, q wire.Assert, tell func(wire.AssertProgress), take func([]wire.Verdict)) (wire.AssertEnd, error) {
	if c.lines == nil {
		var out wire.Verdicts
		err := c.call(ctx, assertWait, "POST", wire.PathAssert, q, &out)
		for v := out.Verdicts; len(v) > 0; {
			n := min(len(v), wire.AssertPart)
			take(v[:n])
			v = v[n:]
		}
		return wire.AssertEnd{Coverage: out.Coverage, Calls: out.Calls, Scanned: out.Scanned}, err
	}
	op := opOf("POST", wire.PathAssert)
	body, err := json.Marshal(q)
	if err != nil {
		return wire.AssertEnd{}, fault.New(fault.Internal, op).Saying("the request could not be written").Because(err)
	}
	ctx, cancel := context.WithTimeout(ctx, assertWait)
	defer cancel()
	var end *wire.AssertEnd
	var wrong error
	status, mediaType, answer, err := c.lines(ctx, wire.PathAssert, body, func(b []byte) {
		var l wire.AssertLine
		if err := json.Unmarshal(b, &l); err != nil {
			wrong = unreadable(op, err)
			return
		}
		switch {
		case l.Progress != nil:
			tell(*l.Progress)
		case l.Verdicts != nil:
			take(l.Verdicts)
		case l.Problem != nil:
			wrong = l.Problem.Fault(op)
		case l.End != nil:
			end = l.End
		}
	})
	switch {
	case err != nil:
		return wire.AssertEnd{}, noAnswer(ctx, op, err)
	case status < 200 || status > 299:
		return wire.AssertEnd{}, refusal(op, status, mediaType, answer)
	case wrong != nil:
		return wire.AssertEnd{}, wrong
	case !strings.HasPrefix(mediaType, wire.Lines):
		return wire.AssertEnd{}, unreadable(op, errors.New("media type "+mediaType))
	case end == nil:
		return wire.AssertEnd{}, fault.New(fault.Unavailable, op).Saying("the answer broke off; try again")
	}
	return *end, nil
}

// Item returns a page of the entries of exactly one item; q's filter and counts are
// not used. Errors as of Logs.
func (c *Client) Item(ctx context.Context, q Query, item string) (wire.Page, error) {
	v := Query{Src: q.Src, From: q.From, To: q.To, Limit: wire.MaxLimit, Cursor: q.Cursor}.Values()
	v.Set("item", item)
	var out wire.Page
	err := c.call(ctx, longWait, "GET", wire.PathLogs+"?"+v.Encode(), nil, &out)
	return out, err
}
