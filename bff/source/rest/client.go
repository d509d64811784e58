package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

// MaxBody is the default bound on a decompressed body, in bytes. A full Algolia
// answer of 1,000 calls is 2 to 4 MB.
const MaxBody = 32 << 20

// DefaultTimeout is the time limit of a call whose options name none.
const DefaultTimeout = 30 * time.Second

// maxErrorBody bounds what is read of an answer that is not a success.
const maxErrorBody = 64 << 10

// MaxRetryAfter caps what a vendor may make us wait.
const MaxRetryAfter = 15 * time.Minute

// Options are what one driver's client is made with.
type Options struct {
	Vendor  string        // as people read it, for messages: "Elastic Path"
	Timeout time.Duration // of a whole call, body included; 0 means DefaultTimeout
	MaxBody int64         // bytes; 0 means MaxBody
	// Secrets are removed from whatever a vendor says before it is shown.
	Secrets []secret.Value
	// Explain refines the fault of an answer that is not a success: which right
	// is missing, what the vendor said. It gets the fault as the status alone
	// suggests it, Said filled by Words without secrets, and may change Kind, Msg
	// and Said. nil leaves it as it is. A Retry-After is added to Msg after it ran.
	Explain func(e *fault.Error, status int, header http.Header, body []byte)
}

// Client makes calls for one driver. It is safe for concurrent use.
type Client struct {
	net  *Net
	o    Options
	mask *Mask
}

// Client returns a client.
func (n *Net) Client(o Options) *Client {
	if o.MaxBody == 0 {
		o.MaxBody = MaxBody
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Client{net: n, o: o, mask: NewMask(o.Secrets...)}
}

// Call is one request.
type Call struct {
	Op      string   // for messages: "list integrations"
	Method  string   // GET or POST
	Base    string   // base URL, path prefix allowed
	Path    []string // unescaped segments below it
	Query   url.Values
	Header  map[string]string
	Body    []byte        // for POST
	Type    string        // Content-Type of Body
	Accept  string        // default application/json
	Timeout time.Duration // 0 means that of the options
	AnyType bool          // accept a success that is not JSON (CSV)
}

// Answer is a success: status 2xx and a whole body.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // decompressed, complete, at most MaxBody, no byte order mark; owned by the caller
}

// Do makes one call and reads the whole body. Its faults: Invalid 400, 405, 406,
// 409, 410, 412, 413, 414, 415, 422 · Unauthenticated 401 · Forbidden 402, 403 ·
// NotFound 404 · RateLimited 429 · Timeout 408, 504 or no answer in time ·
// Unavailable 5xx or no connection · BadUpstream redirects, bodies that end early, are too large
// or are not JSON. When ctx itself ended, its error passes through untouched,
// so that errors.Is(err, context.Canceled) works.
func (c *Client) Do(ctx context.Context, call Call) (*Answer, error) {
	op := c.op(call.Op)
	timeout := c.o.Timeout
	if call.Timeout > 0 {
		timeout = call.Timeout
	}
	tctx, cancel := context.WithTimeoutCause(ctx, timeout, errSlow)
	defer cancel()
	req, err := c.request(tctx, call)
	if err != nil {
		return nil, err
	}
	resp, err := c.net.tr.RoundTrip(req)
	if err != nil {
		return nil, c.netFault(ctx, tctx, op, timeout, err)
	}
	defer resp.Body.Close()
	limit := c.o.MaxBody
	success := resp.StatusCode >= 200 && resp.StatusCode < 300
	if !success {
		limit = maxErrorBody
	}
	data, err := readAll(resp, limit)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !success {
		// What arrived of an error's body is still worth showing.
		return nil, c.statusFault(op, resp.StatusCode, resp.Header, data)
	}
	if err != nil {
		if tctx.Err() != nil {
			return nil, c.netFault(ctx, tctx, op, timeout, err)
		}
		return nil, fault.New(fault.BadUpstream, op).
			Saying(c.o.Vendor + "'s answer broke off in the middle; try again").Because(c.scrubbed(err))
	}
	if int64(len(data)) > limit {
		return nil, fault.New(fault.BadUpstream, op).
			Saying(c.o.Vendor + "'s answer is larger than " + size(limit) + "; ask for less")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !call.AnyType && !looksJSON(data) {
		return nil, c.BadAnswer(call.Op, "answered something that is not JSON; something in between may have answered instead", data)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: data}, nil
}

// request builds the HTTP request of a call. Faults: Invalid.
func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	op := c.op(call.Op)
	u, err := url.Parse(call.Base)
	if err != nil || u.Host == "" {
		return nil, fault.New(fault.Invalid, op).Saying(c.o.Vendor + " has no usable address in this region")
	}
	if !c.net.allowed(u) {
		return nil, fault.New(fault.Invalid, op).
			Saying("the address of this region is not allowed: vendor hosts are reached over https, others are added with --endpoint")
	}
	var p strings.Builder
	p.WriteString(strings.TrimSuffix(u.EscapedPath(), "/"))
	for _, seg := range call.Path {
		if seg == "" || seg == "." || seg == ".." {
			return nil, fault.New(fault.Invalid, op).Saying("a name in the target is empty or made of dots")
		}
		p.WriteByte('/')
		p.WriteString(url.PathEscape(seg))
	}
	u.RawPath, u.Fragment, u.RawFragment = p.String(), "", ""
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return nil, fault.New(fault.Invalid, op).Saying("a name in the target is badly escaped")
	}
	u.RawQuery = call.Query.Encode()
	var body io.Reader
	if call.Body != nil {
		body = bytes.NewReader(call.Body)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, u.String(), body)
	if err != nil {
		return nil, fault.New(fault.Invalid, op).Saying("the request to " + c.o.Vendor + " could not be built")
	}
	req.Header.Set("User-Agent", "logpane")
	req.Header.Set("Accept", "application/json")
	if call.Accept != "" {
		req.Header.Set("Accept", call.Accept)
	}
	if call.Type != "" {
		req.Header.Set("Content-Type", call.Type)
	}
	for k, v := range call.Header {
		if strings.ContainsFunc(v, unicode.IsControl) {
			return nil, fault.New(fault.Invalid, op).
				Saying("a credential for " + c.o.Vendor + " holds a line break or another control character; paste it again")
		}
		req.Header.Set(k, v)
	}
	return req, nil
}

// Outline is a call written down.
type Outline struct {
	Method  string
	URL     string
	Headers [][2]string // name and value, by name
	Body    string
	Secrets []string // the placeholders that stand in the values of headers
}

// Describe writes down the request that Do would make, without making it. The
// caller puts placeholders in the place of credentials and names them; should one
// of the client's secrets stand anywhere all the same, it is removed.
func (c *Client) Describe(call Call, placeholders ...string) (Outline, error) {
	req, err := c.request(context.Background(), call)
	if err != nil {
		return Outline{}, err
	}
	out := Outline{Method: req.Method, URL: c.mask.Text(req.URL.String()), Body: c.mask.Text(string(call.Body)), Secrets: placeholders}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		out.Headers = append(out.Headers, [2]string{name, c.mask.Text(req.Header.Get(name))})
	}
	return out, nil
}

// readAll reads at most limit+1 bytes of a body.
func readAll(resp *http.Response, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 {
		// Believed up to a point: the announced length costs us memory at once.
		buf.Grow(int(min(n, limit, 4<<20)) + bytes.MinRead)
	}
	_, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	return buf.Bytes(), err
}

func size(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	return strconv.FormatInt(n>>20, 10) + " MB"
}

func (c *Client) op(what string) string { return strings.ToLower(c.o.Vendor) + ": " + what }

// BadAnswer returns the fault for a success whose body cannot be used. what
// completes the sentence "<vendor> …"; the body's words are quoted, secrets
// removed.
func (c *Client) BadAnswer(op, what string, body []byte) error {
	words := "an empty body"
	if len(bytes.TrimSpace(body)) > 0 {
		words = c.words(body[:min(len(body), maxErrorBody)])
	}
	return fault.New(fault.BadUpstream, c.op(op)).Saying(c.o.Vendor + " " + what).Quoting(words)
}

// errSlow marks the end of our own time limit, against the caller's.
var errSlow = errors.New("time limit of one call")

func (c *Client) netFault(ctx, tctx context.Context, op string, timeout time.Duration, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if tctx.Err() != nil {
		return fault.New(fault.Timeout, op).
			Saying(c.o.Vendor + " did not answer within " + seconds(timeout) + "; try again or ask for less").Because(errSlow)
	}
	if errors.Is(err, errPrivate) {
		return fault.New(fault.Unavailable, op).
			Saying(c.o.Vendor + "'s host name leads to a private address; check the name, or let the operator add it with --endpoint")
	}
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		return fault.New(fault.Timeout, op).
			Saying(c.o.Vendor + " could not be reached in time; check the network and the vendor's status page").Because(c.scrubbed(err))
	}
	msg := c.o.Vendor + " could not be reached; check the network and the vendor's status page"
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		msg = c.o.Vendor + "'s host name does not exist; check the account and the region"
	}
	return fault.New(fault.Unavailable, op).Saying(msg).Because(c.scrubbed(err))
}

func (c *Client) statusFault(op string, status int, h http.Header, body []byte) error {
	e := &fault.Error{Op: op, Status: status}
	v := c.o.Vendor
	switch {
	case status < 200:
		e.Kind, e.Msg = fault.BadUpstream, v+" answered in another protocol than HTTP; check the region's address"
	case status < 400:
		e.Kind, e.Msg = fault.BadUpstream, v+" answered with a redirect, which is not followed; check the region's address"
	case status == 401:
		e.Kind, e.Msg = fault.Unauthenticated, v+" refused the credentials; connect again with valid ones"
	case status == 402 || status == 403:
		e.Kind, e.Msg = fault.Forbidden, v+" says these credentials may not do this"
	case status == 404:
		e.Kind, e.Msg = fault.NotFound, v+" does not know this; check the account and the target"
	case status == 429:
		e.Kind, e.Msg = fault.RateLimited, v+" asks to slow down"
	case status == 408 || status == 504:
		e.Kind, e.Msg = fault.Timeout, v+" ran out of time; try again or ask for less"
	case status >= 500:
		e.Kind, e.Msg = fault.Unavailable, v+" has trouble at the moment; try again"
	default:
		e.Kind, e.Msg = fault.Invalid, v+" refused the request"
	}
	e.RetryAfter = retryAfter(h, time.Now())
	e.Said = c.words(body)
	if c.o.Explain != nil {
		c.o.Explain(e, status, h, body)
	}
	e.Msg = c.mask.Text(e.Msg)
	if e.RetryAfter > 0 {
		e.Msg += "; it says to wait " + seconds(e.RetryAfter)
	}
	return e.Quoting(c.mask.Text(e.Said))
}

// words is Words without the client's secrets. They are removed before anything
// is cut, which could leave the first half of one, and again once JSON escapes
// are decoded.
func (c *Client) words(body []byte) string {
	return c.mask.Text(Words([]byte(c.mask.Text(string(body)))))
}

// Words returns what a vendor says in the body of an error: the first string it
// finds under the names that the vendors use, else the body as plain text.
// Per Algolia ErrorBase, Coveo's and Elastic Path's error guides, and FastAPI's
// validation errors. The text may still hold secrets.
func Words(body []byte) string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return stripTags(string(body))
	}
	var out []string
	for _, s := range sayings(v, 0) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return stripTags(string(body))
	}
	return strings.Join(out, "; ")
}

func sayings(v any, depth int) []string {
	if depth > 4 {
		return nil
	}
	switch v := v.(type) {
	case string:
		if v = strings.TrimSpace(v); v != "" {
			return []string{v}
		}
	case []any:
		var out []string
		for i, el := range v {
			if i == 3 {
				break
			}
			out = append(out, sayings(el, depth+1)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, name := range []string{"errors", "title", "errorCode", "code", "message", "msg", "detail", "details", "error", "error_description"} {
			if s, ok := v[name]; ok {
				out = append(out, sayings(s, depth+1)...)
			}
		}
		return out
	}
	return nil
}

// stripTags turns an HTML error page into its words. It is for reading only:
// what comes out is shown as text, never as markup.
func stripTags(s string) string {
	if len(s) > 4096 {
		s = s[:4096]
	}
	var b strings.Builder
	tag := false
	for _, r := range s {
		switch {
		case r == '<':
			tag = true
		case r == '>' && tag:
			tag = false
			b.WriteByte(' ')
		case !tag:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// scrubbed keeps the cause of a network error for the log without the URL that
// net/http puts into it, whose query may hold personal data.
func (c *Client) scrubbed(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	return errors.New(c.mask.Text(err.Error()))
}

// seconds writes a duration as people read it: "90 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(math.Round(d.Seconds()*10)/10, 'f', -1, 64) + " s"
}

// retryAfter reads the header's two forms, seconds and HTTP date, capped at
// MaxRetryAfter; 0 when it is absent or unreadable.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0
	}
	var d time.Duration
	if secs, err := strconv.ParseFloat(s, 64); err == nil && secs > 0 {
		d = time.Duration(min(secs, MaxRetryAfter.Seconds()) * float64(time.Second))
	} else if t, err := http.ParseTime(s); err == nil {
		d = t.Sub(now)
	}
	return max(0, min(d, MaxRetryAfter))
}

// looksJSON accepts a body by its first byte, whatever its type says: vendors
// and mocks mislabel JSON, while an HTML page never starts like an object or a
// list, and no vendor answers a log call with a bare string or number. Whether
// it is whole is left to the driver's decoder, which reads it anyway.
func looksJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}
