// Package wire is what crosses between browser and server: routes, the JSON
// bodies of design's contract, and nothing else. The server encodes these types
// and the browser decodes them, so that a change is made once, in one place.
//
// Nothing here ever holds a credential but [Connect], which travels only from
// the browser to the server, and [Token] in the answer that made it.
package wire

import (
	"encoding/json"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

// Routes of the API.
const (
	PathVendors     = "/api/vendors"
	PathConnections = "/api/connections"
	PathLogs        = "/api/logs"
	PathJobs        = "/api/jobs"
	PathAssert      = "/api/assert"
	PathTail        = "/api/tail"
	PathRequests    = "/api/requests"
)

// Header is the static header that every request riding on the session cookie
// carries: no other site can make a browser send it. Its value is "1".
const Header = "X-Logpane"

// Bounds of the API. A request beyond one is refused with fault.Invalid.
const (
	DefaultLimit  = 100
	MaxLimit      = 1000
	MaxTargets    = 20   // src per request
	MaxQueryBytes = 4096 // length of q
)

// Vendors answers GET /api/vendors.
type Vendors struct {
	Vendors []Vendor `json:"vendors"`
	Demo    bool     `json:"demo"` // the simulated vendors run and offer one-click connections
	Version string   `json:"version"`
	// MaskKey is the key of tags that stand for personal data, redact.Lens.Key, as 16
	// hexadecimal digits: a number of JSON would lose bits. It is the same for everybody.
	MaskKey string `json:"mask_key"`
}

// Vendor is what a connect form is drawn from.
type Vendor struct {
	Name         string       `json:"name"`
	Title        string       `json:"title"`
	Account      Field        `json:"account"`
	Credentials  []Field      `json:"credentials"`
	Regions      []Region     `json:"regions"`
	Needs        string       `json:"needs"`
	Capabilities Capabilities `json:"capabilities"`
}

// Field is one input of the connect form.
type Field struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Help     string `json:"help,omitempty"`
	Secret   bool   `json:"secret,omitempty"`
	Optional bool   `json:"optional,omitempty"`
}

// Region is one place where a vendor can be reached.
type Region struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Host     string `json:"host"`               // shown, never sent back
	Operator bool   `json:"operator,omitempty"` // added by the operator
	Demo     bool   `json:"demo,omitempty"`     // a simulated vendor
}

// Capabilities are the limits worth showing.
type Capabilities struct {
	PageSize      int    `json:"page_size"`                // rows per vendor call
	MaxRows       int    `json:"max_rows,omitempty"`       // rows reachable at all
	MaxSpanS      int64  `json:"max_span_s,omitempty"`     // longest span of one vendor call, seconds
	RetentionS    int64  `json:"retention_s,omitempty"`    // seconds; absent if unknown
	TimeoutS      int64  `json:"timeout_s"`                // of one vendor call, seconds
	PollS         int64  `json:"poll_s"`                   // usual pause of a tail, seconds
	Whole         bool   `json:"whole,omitempty"`          // the account itself can be read
	Jobs          bool   `json:"jobs,omitempty"`           // has jobs
	Items         bool   `json:"items,omitempty"`          // can be asked for one item
	CapReason     string `json:"cap_reason,omitempty"`     // why there is no more
	ExpiredReason string `json:"expired_reason,omitempty"` // why there is nothing older
	Cost          string `json:"cost,omitempty"`
}

// Connections answers GET /api/connections.
type Connections struct {
	Connections []Connection `json:"connections"`
}

// Connection is proven access to one account. It never holds a secret.
type Connection struct {
	ID       string    `json:"id"`
	Vendor   string    `json:"vendor"`
	Region   string    `json:"region"`
	Account  string    `json:"account"`
	Label    string    `json:"label"`
	Address  string    `json:"address"` // of the whole account
	Demo     bool      `json:"demo,omitempty"`
	Created  time.Time `json:"created"`
	Verified time.Time `json:"verified"`
}

// Connect asks for a connection: POST /api/connections.
type Connect struct {
	Vendor      string            `json:"vendor"`
	Region      string            `json:"region"`
	Account     string            `json:"account"`
	Credentials map[string]string `json:"credentials,omitempty"`
	Demo        bool              `json:"demo,omitempty"` // use the simulated vendor's own credentials, which the server knows
}

// Targets answers GET /api/connections/{id}/targets.
type Targets struct {
	Targets []Target `json:"targets"`
}

// Target is one thing that can be picked.
type Target struct {
	Address string `json:"address"`
	Label   string `json:"label"`
	Kind    string `json:"kind"`
	Status  string `json:"status,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Unread  string `json:"unread,omitempty"` // why it cannot be read; absent if it can
}

// Page answers GET /api/logs. Entries are newest first.
type Page struct {
	Entries  []logs.Entry    `json:"entries"`
	Cursor   string          `json:"cursor,omitempty"` // ask on with it; absent at the end
	Coverage []logs.Coverage `json:"coverage"`
	Plan     []logs.Clause   `json:"plan"`
	Scanned  int             `json:"scanned"` // entries read at the vendors for this answer
	// Facets are counts by the vendors themselves, of those that give any. They come
	// with the first page of a search that asked for them with facets=1.
	Facets []logs.Facet `json:"facets,omitempty"`
	// Notes say what is strange about the filter: a name that no entry can have.
	Notes []logs.Note `json:"notes,omitempty"`
}

// Requests answers GET /api/requests, which takes the parameters of GET /api/logs:
// the calls with which the newest page of that search begins, one for each target
// that can be read. Nothing is called.
type Requests struct {
	Requests []Request `json:"requests"`
}

// Request is one call of a vendor's API, with placeholders such as
// $ALGOLIA_API_KEY in the place of credentials.
type Request struct {
	Src     string      `json:"src"`
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers,omitempty"` // name and value
	Body    string      `json:"body,omitempty"`
	Curl    string      `json:"curl"` // the same as a command line for a POSIX shell
}

// Jobs answers GET /api/jobs: entries of one job when it was named, else the
// jobs of the target. The list that was asked for is there even if it is empty.
type Jobs struct {
	Entries      []logs.Entry    `json:"entries,omitzero"`
	Jobs         []Job           `json:"jobs,omitzero"`
	Integrations []Integration   `json:"integrations,omitempty"` // that the answer is about, where the vendor tells of them
	Coverage     []logs.Coverage `json:"coverage"`
}

// Job is one job of a target, as far as its entries were read.
type Job struct {
	ID          string    `json:"id"`
	Src         string    `json:"src"`
	Integration string    `json:"integration,omitempty"` // id
	Entries     int       `json:"entries"`               // different ones; 0: the vendor names the job, no entry of it was read
	Attempts    int       `json:"attempts,omitempty"`
	First       time.Time `json:"first,omitzero"`
	Last        time.Time `json:"last,omitzero"`
	Outcome     string    `json:"outcome,omitempty"`   // of the last attempt
	Status      int       `json:"status,omitempty"`    // of the last attempt
	TookMS      float64   `json:"took_ms,omitempty"`   // of the attempt that took longest
	Repeated    bool      `json:"repeated,omitempty"`  // an attempt was logged twice, or came after the job had been delivered
	Swapped     bool      `json:"swapped,omitempty"`   // an attempt was logged after a later one
	Overtaken   string    `json:"overtaken,omitempty"` // id of a job that began later and was delivered earlier
}

// Integration is what delivers jobs.
type Integration struct {
	ID     string   `json:"id"`
	Name   string   `json:"name,omitempty"`
	Detail string   `json:"detail,omitempty"` // the host that it delivers to, or its kind
	Status string   `json:"status,omitempty"`
	Events []string `json:"events,omitempty"` // that it observes
}

// Problem is the body of every error: RFC 9457, application/problem+json.
type Problem struct {
	Type         string     `json:"type"` // "about:blank"
	Title        string     `json:"title"`
	Status       int        `json:"status"`
	Detail       string     `json:"detail,omitempty"` // a sentence with what to do
	Kind         fault.Kind `json:"kind"`
	RequestID    string     `json:"request_id"`
	Said         string     `json:"said,omitempty"` // the vendor's own words
	RetryAfterMS int64      `json:"retry_after_ms,omitempty"`
	Column       int        `json:"column,omitempty"` // of a filter error, from 1
}

// titles are the short names of the kinds in problems.
var titles = map[fault.Kind]string{
	fault.Invalid:         "The request is not right",
	fault.Unauthenticated: "Not signed in",
	fault.Forbidden:       "Not allowed",
	fault.NotFound:        "Not found",
	fault.Conflict:        "Changed meanwhile",
	fault.Unsupported:     "Not possible here",
	fault.RateLimited:     "Too many calls",
	fault.Unavailable:     "Not reachable",
	fault.Timeout:         "Took too long",
	fault.BadUpstream:     "Unreadable answer",
	fault.Canceled:        "Canceled",
	fault.Internal:        "Something went wrong",
}

// ProblemOf makes the problem of an error. It holds nothing of the error's cause.
func ProblemOf(err error, requestID string) Problem {
	e := fault.Of(err)
	p := Problem{
		Type: "about:blank", Title: titles[e.Kind], Status: e.Kind.Status(), Detail: e.Msg, Kind: e.Kind,
		RequestID: requestID, Said: e.Said, Column: e.Column,
	}
	if e.RetryAfter > 0 {
		p.RetryAfterMS = e.RetryAfter.Milliseconds()
	}
	return p
}

// Fault rebuilds the error that [ProblemOf] was made from, without its cause.
func (p Problem) Fault(op string) *fault.Error {
	kind := p.Kind
	if kind == "" {
		kind = fault.KindOfStatus(p.Status)
	}
	msg := p.Detail
	if msg == "" {
		msg = p.Title
	}
	return &fault.Error{
		Kind: kind, Op: op, Msg: msg, Said: p.Said, Column: p.Column, Status: p.Status,
		RetryAfter: time.Duration(p.RetryAfterMS) * time.Millisecond,
	}
}

// AppendPage appends the JSON of a page to b, with each entry's Raw byte for
// byte, which encoding/json would compact.
func AppendPage(b []byte, p *Page) ([]byte, error) {
	var err error
	b = append(b, `{"entries":[`...)
	for i := range p.Entries {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = p.Entries[i].AppendJSON(b); err != nil {
			return b, err
		}
	}
	rest := struct {
		Cursor   string          `json:"cursor,omitempty"`
		Coverage []logs.Coverage `json:"coverage"`
		Plan     []logs.Clause   `json:"plan"`
		Scanned  int             `json:"scanned"`
		Facets   []logs.Facet    `json:"facets,omitempty"`
		Notes    []logs.Note     `json:"notes,omitempty"`
	}{p.Cursor, p.Coverage, p.Plan, p.Scanned, p.Facets, p.Notes}
	tail, err := json.Marshal(rest)
	if err != nil {
		return b, err
	}
	b = append(b, ']', ',')
	return append(b, tail[1:]...), nil
}
