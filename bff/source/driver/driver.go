// Package driver is the small interface that a vendor implements, and the facts
// that a vendor declares about itself.
//
// A driver answers "one page, please" and nothing more: one method call is one
// call of the vendor's API. Walking pages, retrying, pacing, ordering, removing
// duplicates, filtering and tailing are written once, in package source, from
// what [Capabilities] says. Applications use package source, never this one.
//
// A driver keeps no state between calls but its HTTP connections, the names of its
// newest pick list and, where the vendor hands out short-lived tokens, the newest
// of them. It is safe for concurrent use. Its errors are faults with a Kind, a
// plain sentence that names what is missing and what to do, and the vendor's own
// words; they never hold a credential. Context errors pass through untouched.
//
// Open checks its configuration and makes no network call.
package driver

import (
	"context"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/secret"
)

// Vendor describes one vendor: everything that a connect form shows and that
// package source needs to know. It is built once at start and never changed.
type Vendor struct {
	Name         string // coveo, elasticpath, moltin, deepset or algolia
	Title        string // as the vendor writes it: "Elastic Path"
	Account      Field  // what the account is called; Optional where the credentials imply it
	Credentials  []Field
	Regions      []Region // built in; the operator's come on top
	Needs        string   // the rights a credential must have, as one sentence for the connect form
	Capabilities Capabilities
	// Names are the names of the filter language that entries of this vendor can
	// have a value for, its own fields among them; the names that every entry has
	// (id, src, vendor, time, summary) need not stand here.
	Names []string
	// OpenNames says that entries may have fields of any other name as well.
	OpenNames bool
	// ImpliedAccount names the account that credentials stand for, where the vendor
	// has no name for it that one could type; it holds no credential. It is called
	// when the account was left empty, and returns "" if it cannot tell. nil means
	// that an account is required.
	ImpliedAccount func(credentials map[string]secret.Value) string
	// Open returns a driver for one account. It makes no network call. It fails
	// with fault.Invalid for an account or credentials that cannot be right.
	Open func(Config) (Driver, error)
}

// Field is one field of the connect form.
type Field struct {
	Name     string // as in the credentials object of the API: "api_key"
	Label    string // "API key"
	Help     string // where to find it, one sentence
	Secret   bool   // drawn as a password field; no browser ever gets it back
	Optional bool
}

// Region is one place where a vendor can be reached.
type Region struct {
	Name      string   // "us"; part of every target address
	Label     string   // "United States"
	URL       string   // base URL of the log API, without a slash at the end; "{account}" stands for the account
	Fallbacks []string // further base URLs of the same API, for network errors and 5xx
	Platform  string   // base URL of the vendor's other API, where it has one (Coveo)
	Operator  bool     // added by the operator with --endpoint
}

// Config is what a driver is opened with.
type Config struct {
	Region      Region
	Account     string // as typed; may be empty where Vendor.Account is Optional
	Credentials map[string]secret.Value
}

// Paging is how a vendor's log call finds its next page.
type Paging uint8

// The ways of paging.
const (
	ByOffset Paging = iota // so many rows are skipped; rows that arrive shift the others
	ByWindow               // numbered pages of a closed span of time
	ByTime                 // rows older than a time
)

// Order is the order in which a vendor's log call gives its rows.
type Order uint8

// The orders.
const (
	OrderUnknown Order = iota // the vendor does not say: find out, and keep checking
	NewestFirst
	OldestFirst
)

// Capabilities are a vendor's facts. Each driver's source file names where each
// comes from.
type Capabilities struct {
	Paging   Paging
	Order    Order
	MaxLimit int // rows per call
	MaxRows  int // rows that paging can reach at all; 0 for no known bound
	// Smaller says that a call which ran out of time may do for fewer rows, and that a
	// walk may change the size of its pages on the way: ByTime, or ByOffset of a list
	// known to stand newest first.
	Smaller bool
	// Rolls says that MaxRows is also what the vendor keeps, of rows of all kinds: the
	// end of a list that it filtered proves nothing about what is older.
	Rolls     bool
	MaxSpan   time.Duration // longest span of one ByWindow call; 0 where spans are not used
	Retention time.Duration // how long the vendor keeps entries; 0 if unknown
	Precision time.Duration // of an entry's time
	Timeout   time.Duration // of one call
	InFlight  int           // calls at once per credential; 0 for no bound of ours
	PerSecond float64       // calls per second per credential; 0 for no bound of ours
	// PerAccount says that InFlight and PerSecond are those of the account, whichever
	// credentials are used.
	PerAccount bool
	Poll       time.Duration // pause between two calls of a tail
	PollFloor  time.Duration // shortest such pause
	Whole      bool          // the account itself can be read, without a path
	Jobs       bool          // a target "…/jobs/ID" can be read and ListJobs works
	Items      bool          // Read.Item is understood
	// CapReason and ExpiredReason are the sentences shown where the vendor shows
	// no more: "Algolia keeps the last 1,000 calls per server and no more".
	CapReason     string
	ExpiredReason string
	Cost          string // what a call costs the user, one sentence; "" if nothing is known
}

// Driver reads one account of one vendor.
type Driver interface {
	// Verify makes the cheapest real call that proves that the credentials may
	// read logs. Unauthenticated and Forbidden name which credential or which
	// right is missing.
	Verify(ctx context.Context) error

	// Targets lists what can be picked, the whole account first where it can be
	// read. It passes on names and states only, never configuration.
	Targets(ctx context.Context) ([]Target, error)

	// Read makes one log call. NotFound for a path that does not exist; Invalid
	// for a path of another shape than Targets gives.
	Read(ctx context.Context, r Read) (Page, error)

	// Request describes the call that Read makes for r, with placeholders for
	// credentials. It is built by the code that builds the call, and makes none.
	// Faults as Read's for what is refused before a call.
	Request(r Read) (Request, error)

	// Close releases connections. It may be called more than once.
	Close()
}

// JobLister is implemented by drivers whose Capabilities say Jobs.
type JobLister interface {
	// ListJobs returns the ids of the jobs of the target at path, in the vendor's
	// order, at most max.
	ListJobs(ctx context.Context, path []string, max int) ([]string, error)
}

// Filterer is implemented by drivers whose vendor filters.
type Filterer interface {
	// Filters returns what the vendor can filter of the target at path. It makes no
	// call, and declares only what the vendor documents.
	Filters(path []string) []Filter
}

// Filter is a filter of the vendor's, by one field.
type Filter struct {
	query.Capability
	// Case says that the vendor compares letter by letter, where the filter language
	// ignores case: what it gives is then only a part of what would match here.
	Case bool
	// Told says that only the vendor knows the field: an entry has it when it came in
	// answer to this filter, with the value asked for.
	Told bool
}

// Counter is implemented by drivers whose vendor counts how often values occur.
type Counter interface {
	// Counts makes one call for the entries that r asks for, its Limit, Number and
	// Pin aside. Src is left to the caller.
	Counts(ctx context.Context, r Read) ([]logs.Facet, error)
}

// Request is an HTTP call. Values of headers may hold placeholders such as
// $COVEO_TOKEN, which Secrets lists; nothing else holds one.
type Request struct {
	Method  string
	URL     string
	Headers [][2]string // name and value, by name
	Body    string
	Secrets []string
}

// MaxEvents bounds Target.Events.
const MaxEvents = 200

// Target is one thing that can be picked.
type Target struct {
	Path   []string // below the account; empty for all of it
	Label  string   // the vendor's name for it
	Kind   string   // application, index, organization, source, store, integration, event, pipeline …
	Status string   // the vendor's word for its state; "" if it has none
	Detail string   // one short line: the URL host of a webhook, the type of a source
	Unread string   // why it cannot be read, "" if it can
	Events []string // that it observes: "order.paid"; at most MaxEvents
}

// Read asks for one page.
type Read struct {
	Path   []string  // below the account
	Span   logs.Span // ByWindow only: both ends set, at most MaxSpan apart
	Number int       // ByWindow only: page, from 0
	Offset int       // ByOffset only: rows to skip
	Before string    // ByTime only: the vendor's time string; "" for the newest page
	Item   string    // only with Capabilities.Items: entries of exactly this item; "" for all
	Limit  int       // rows wanted, 1..MaxLimit; the vendor may give fewer
	// Terms are conditions within what Filters gave for Path, ANDed. Entries that
	// fail one may come all the same: the caller checks.
	Terms []query.Term
	Pin   string // Page.Pin of the walk's earlier page, "" for the first
}

// More says whether rows follow a page.
type More uint8

// The answers to "is there more?".
const (
	MoreUnknown More = iota // the vendor did not say
	MoreYes
	MoreNo
)

// Page is the answer of one call.
type Page struct {
	Entries []logs.Entry // in the vendor's order; Src is left to the caller, Raw may alias the page's body
	More    More
	Total   int    // rows in all, -1 if the vendor did not say
	Pin     string // opaque: give it back so that the same host answers the walk's next call
}
