// Package coveo reads the indexing pipeline logs of a Coveo organization.
//
//	v := coveo.Vendor(rest.NewNet(rest.Policy{}))
//	d, err := v.Open(driver.Config{Region: v.Regions[0], Account: "myorg", Credentials: credentials})
//	page, err := d.Read(ctx, driver.Read{Span: lastHour, Limit: 500})
//
// Facts come from Coveo's documentation ("Get the logs of a source with the API",
// docs.coveo.com/en/59; "Review source logs", docs.coveo.com/en/1864), from the
// Swagger files of its Source Logs and Source services, and from its official
// platform client (hosts, error shapes, headers). What none of them says (the
// order of rows, the largest page, whether both ends of a span count) is not
// assumed here.
//
// One call searches at most seven days and takes up to a minute of Coveo's work.
// Its page parameter, which the documentation leaves out and the Swagger has, asks
// for the next page of the same span. An entry's "id" is the URI of the item that
// it is about and repeats at every stage; "requestId" names our own call. Neither
// identifies an entry.
//
// It must not pass on a source's model, which holds configuration, nor claim that
// rows belong to a source when the answer says otherwise.
package coveo

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// maxSpan: "The two values can't be more than 7 days apart" (docs 59).
	maxSpan = 7 * 24 * time.Hour
	// retention: 14 days, per an edition of docs 1864.
	retention = 14 * 24 * time.Hour
	// timeout: "can take up to a minute to process" (docs 59), and some air.
	timeout = 90 * time.Second
	// maxPerPage is ours: the largest perPage is not documented. Where Coveo
	// refuses it, a driver goes down to lowPerPage for good.
	maxPerPage = 500
	lowPerPage = 100
)

// Vendor returns the description of Coveo. n owns the connections.
func Vendor(n *rest.Net) driver.Vendor {
	// Hosts per the official client's Endpoints.ts.
	region := func(name, label, infix string) driver.Region {
		return driver.Region{
			Name: name, Label: label,
			URL:      "https://api" + infix + ".cloud.coveo.com",
			Platform: "https://platform" + infix + ".cloud.coveo.com",
		}
	}
	return driver.Vendor{
		Name:  "coveo",
		Title: "Coveo",
		Account: driver.Field{
			Name: "account", Label: "Organization ID",
			Help: "In the Administration Console under Organization, Settings; also in its address after #.",
		},
		Credentials: []driver.Field{{
			Name: "token", Label: "API key or access token", Secret: true,
			Help: "In the Administration Console under Organization, API Keys; access tokens end after four hours.",
		}},
		Regions: []driver.Region{
			region("us", "United States", ""),
			region("eu", "Europe", "-eu"),
			region("au", "Australia", "-au"),
			region("ca", "Canada", "-ca"),
			region("hipaa", "HIPAA", "hipaa"),
		},
		Needs: `An API key with the privileges "View" on Organizations and "View all" on Sources.`,
		Capabilities: driver.Capabilities{
			Paging:        driver.ByWindow,
			Order:         driver.OrderUnknown, // not documented; the one sample is oldest first
			MaxLimit:      maxPerPage,
			MaxSpan:       maxSpan,
			Retention:     retention,
			Precision:     time.Millisecond, // of datetime in the sample of docs 59
			Timeout:       timeout,
			InFlight:      1,                 // ours: "resource-intensive … avoid making frequent calls" (docs 59)
			PerAccount:    true,              // ours: what is spared is the organization
			Poll:          120 * time.Second, // ours, likewise
			PollFloor:     60 * time.Second,  // ours: the length of a slow call
			Whole:         true,
			Items:         true, // documentId, per the Swagger
			CapReason:     "Coveo answers at most seven days in one call",
			ExpiredReason: "Coveo keeps source logs for 14 days",
			Cost:          "Coveo calls this resource-intensive: a read can take it up to a minute, so reads are few. Entries that it shows up to an hour late are looked for every 15 minutes while you follow; later ones are found by a search.",
		},
		Names: []string{
			"level", "outcome", "succeeded", "took", "job", "item", "stage", "operation", "result", "source", "resource",
			"error", "error_code",
		},
		Open: func(c driver.Config) (driver.Driver, error) { return open(n, c) },
	}
}

// organization reads one Coveo organization.
type organization struct {
	id       string
	token    secret.Value
	api      string // base URL of the log service
	platform string // base URL of the platform, "" where the operator named none
	client   *rest.Client
	mask     *rest.Mask
	low      atomic.Bool              // Coveo refused pages of more than lowPerPage
	known    atomic.Pointer[[]string] // ids of sources of the newest pick list, nil before the first
	now      func() time.Time
}

var (
	_ driver.Driver   = (*organization)(nil)
	_ driver.Filterer = (*organization)(nil)
	_ driver.Counter  = (*organization)(nil)
)

// accountID holds the ids seen in documentation, and keeps out what was pasted
// from somewhere else.
var accountID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$`)

func open(n *rest.Net, c driver.Config) (*organization, error) {
	if !accountID.MatchString(c.Account) {
		return nil, fault.New(fault.Invalid, "coveo: open").
			Saying("a Coveo organization id consists of letters and digits; it is not the organization's name")
	}
	token := secret.New(strings.TrimSpace(c.Credentials["token"].Reveal()))
	if token.Empty() {
		return nil, fault.New(fault.Invalid, "coveo: open").Saying("the API key or access token is missing")
	}
	if strings.ContainsFunc(token.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, fault.New(fault.Invalid, "coveo: open").
			Saying(`the token holds spaces or characters that no token has; paste it again, without "Bearer"`)
	}
	o := &organization{
		id: c.Account, token: token, mask: rest.NewMask(token), now: time.Now,
		api:      strings.ReplaceAll(c.Region.URL, "{account}", c.Account),
		platform: strings.ReplaceAll(c.Region.Platform, "{account}", c.Account),
	}
	o.client = n.Client(rest.Options{
		Vendor: "Coveo", Timeout: timeout, Secrets: []secret.Value{token}, Explain: explain,
	})
	return o, nil
}

// Operations, for messages and for explain.
const (
	opLogs    = "read logs"
	opSources = "list sources"
	opCounts  = "count values"
)

// Verify searches the last minute for one row. Not the platform's check_token,
// which answers for a token that may read no logs.
func (o *organization) Verify(ctx context.Context) error {
	now := o.now()
	r := driver.Read{Limit: 1}
	r.Span.From, r.Span.To = now.Add(-time.Minute), now
	_, err := o.Read(ctx, r)
	return err
}

// sources is the first path segment of a source's target: coveo/us/ORG/sources/ID.
const sources = "sources"

// The pick list is read by pages of 100, the documented default, up to 2,000.
const (
	sourcesPerPage = 100
	maxPages       = 20
)

// Targets lists the organization and its sources. Where sources cannot be listed
// with this token, or the operator's region has no platform address, the
// organization comes alone and its Detail says why.
func (o *organization) Targets(ctx context.Context) ([]driver.Target, error) {
	out := []driver.Target{{Label: o.id, Kind: "organization"}}
	if o.platform == "" {
		out[0].Detail = "single sources cannot be picked: this region has no coveo-platform endpoint"
		return out, nil
	}
	list, err := o.sources(ctx)
	if fault.KindOf(err) == fault.Forbidden {
		out[0].Detail = `single sources cannot be picked: this token lacks "View" on Sources`
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var known []string
	for _, s := range list {
		if s.id == "" || seen[s.id] {
			continue
		}
		seen[s.id] = true
		known = append(known, s.id)
		label := s.name
		if label == "" {
			label = s.id
		}
		out = append(out, driver.Target{Path: []string{sources, s.id}, Label: label, Kind: "source", Detail: s.kind})
	}
	o.known.Store(&known)
	return out, nil
}

// sources reads the pages of the source list, as the official client does, and
// the older bare list where there are no pages.
func (o *organization) sources(ctx context.Context) ([]source, error) {
	var all []source
	last := ""
	for page := range maxPages {
		q := url.Values{
			"page": {strconv.Itoa(page)}, "perPage": {strconv.Itoa(sourcesPerPage)}, "sortingType": {"NAME"},
		}
		ans, err := o.platformGet(ctx, q, "sources", "pages")
		if page == 0 && (fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Invalid) {
			return o.bareSources(ctx)
		}
		if err != nil {
			return nil, err
		}
		list, pages, ok := parseSourcePage(ans.Body)
		if !ok {
			return nil, o.client.BadAnswer(opSources, "answered without a list of sources", ans.Body)
		}
		all = append(all, list...)
		// A server that ignores page would give the same sources for ever.
		if len(list) == 0 || page+1 >= pages || list[0].id == last {
			break
		}
		last = list[0].id
	}
	return all, nil
}

func (o *organization) bareSources(ctx context.Context) ([]source, error) {
	ans, err := o.platformGet(ctx, nil, "sources")
	if err != nil {
		return nil, err
	}
	list, ok := parseSources(ans.Body)
	if !ok {
		return nil, o.client.BadAnswer(opSources, "answered without a list of sources", ans.Body)
	}
	return list, nil
}

func (o *organization) platformGet(ctx context.Context, q url.Values, path ...string) (*rest.Answer, error) {
	return o.client.Do(ctx, rest.Call{
		Op: opSources, Method: "GET", Base: o.platform, Query: q,
		Path:   append([]string{"rest", "organizations", o.id}, path...),
		Header: header(o.token.Reveal()),
		// Not the long limit of log calls: this one is an ordinary list.
		Timeout: timeout / 3,
	})
}

func header(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// Read asks for a page of one span. Both ends of the span must be set, at most
// seven days apart. The pin is the page size that the walk began with, because
// page numbers mean nothing without it. Rows that the answer attributes to
// another source or item than asked are left out: a filter that Coveo ignored
// must not pass for one that it applied. A page may therefore be empty with
// MoreYes.
func (o *organization) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	c, err := o.logsCall(r)
	if err != nil {
		return driver.Page{}, err
	}
	ans, size, err := o.search(ctx, c)
	if err != nil {
		return driver.Page{}, err
	}
	p, ok := decode(ans.Body, o.mask, c.keep)
	if !ok {
		return driver.Page{}, o.client.BadAnswer(opLogs, "answered without a list of log entries", ans.Body)
	}
	p.Pin = strconv.Itoa(size)
	return p, nil
}

// Request describes the call of Read.
func (o *organization) Request(r driver.Read) (driver.Request, error) {
	c, err := o.logsCall(r)
	if err != nil {
		return driver.Request{}, err
	}
	const token = "$COVEO_TOKEN"
	out, err := o.client.Describe(o.logsRequest(c, c.size, token), token)
	return driver.Request(out), err
}

// Counts asks how often values occur, per the Swagger's facetsStats, which takes
// the parameters of a search but for its pages. Whether the ends of a span count
// is not documented; both are taken to.
func (o *organization) Counts(ctx context.Context, r driver.Read) ([]logs.Facet, error) {
	c, err := o.logsCall(r)
	if err != nil {
		return nil, err
	}
	call := o.logsRequest(c, 0, o.token.Reveal())
	call.Op = opCounts
	call.Path = append(call.Path, "facetsStats")
	call.Query.Del("page")
	call.Query.Del("perPage")
	ans, err := o.client.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	facets, ok := parseCounts(ans.Body, o.mask)
	if !ok {
		return nil, o.client.BadAnswer(opCounts, "answered without counts", ans.Body)
	}
	return facets, nil
}

// logsCall is a log call of an organization, its page size and token left open.
type logsCall struct {
	from, to string
	item     string
	page     int
	size     int
	body     []byte
	keep     filter
}

func (o *organization) logsCall(r driver.Read) (logsCall, error) {
	invalid := func(msg string) (logsCall, error) {
		return logsCall{}, fault.New(fault.Invalid, "coveo: "+opLogs).Saying(msg)
	}
	c := logsCall{page: max(r.Number, 0), item: r.Item, keep: filter{item: r.Item}}
	switch {
	case len(r.Path) == 0:
	case len(r.Path) == 2 && r.Path[0] == sources && r.Path[1] != "":
		c.keep.sources = []string{r.Path[1]}
	default:
		return invalid("a Coveo target is the organization, or sources/ID below it")
	}
	var ok bool
	if c.from, c.to, ok = window(r.Span.From, r.Span.To); !ok {
		return invalid("Coveo reads spans of at most seven days whose start lies before their end")
	}
	c.size = min(max(r.Limit, 1), maxPerPage)
	if o.low.Load() {
		c.size = min(c.size, lowPerPage)
	}
	if r.Pin != "" {
		n, err := strconv.Atoi(r.Pin)
		if err != nil || n < 1 || n > maxPerPage {
			return invalid("the page belongs to another walk; start again")
		}
		c.size = n
	}
	body, item := bodyOf(c.keep.sources, r.Terms)
	if c.item == "" {
		c.item = item
	}
	var err error
	if c.body, err = json.Marshal(body); err != nil {
		return c, fault.New(fault.Internal, "coveo: "+opLogs).Because(err)
	}
	return c, nil
}

// logsRequest is the HTTP call of c.
func (o *organization) logsRequest(c logsCall, size int, token string) rest.Call {
	q := url.Values{"from": {c.from}, "to": {c.to}, "page": {strconv.Itoa(c.page)}, "perPage": {strconv.Itoa(size)}}
	if c.item != "" {
		q.Set("documentId", c.item)
		q.Set("documentIdMatching", "EXACT")
	}
	return rest.Call{
		Op: opLogs, Method: "POST", Base: o.api, Path: []string{"logs", "v1", "organizations", o.id},
		Query: q, Header: header(token), Body: c.body, Type: "application/json",
	}
}

// search makes the call, and once more with the low page size when Coveo refuses
// it with a larger one; it returns the size that was accepted.
func (o *organization) search(ctx context.Context, c logsCall) (*rest.Answer, int, error) {
	do := func(size int) (*rest.Answer, error) {
		return o.client.Do(ctx, o.logsRequest(c, size, o.token.Reveal()))
	}
	ans, err := do(c.size)
	if c.size <= lowPerPage || fault.KindOf(err) != fault.Invalid || fault.Of(err).Status != 400 {
		return ans, c.size, err
	}
	// The first refusal stands where the smaller page is refused as well: then it
	// was not about the size.
	again, errAgain := do(lowPerPage)
	if errAgain != nil {
		if fault.KindOf(errAgain) == fault.Invalid {
			return nil, 0, err
		}
		return nil, 0, errAgain
	}
	o.low.Store(true)
	return again, lowPerPage, nil
}

// window writes the ends of a span in whole milliseconds, Coveo's precision,
// outwards so that nothing at the edges is lost; inwards at the start where the
// span would otherwise be longer than Coveo takes.
func window(from, to time.Time) (f, t string, ok bool) {
	if from.IsZero() || to.IsZero() || !from.Before(to) || to.Sub(from) > maxSpan {
		return "", "", false
	}
	const ms = time.Millisecond
	start, end := from.UTC().Truncate(ms), to.UTC().Truncate(ms)
	if end.Before(to) {
		end = end.Add(ms)
	}
	if end.Sub(start) > maxSpan {
		start = start.Add(ms)
	}
	const layout = "2006-01-02T15:04:05.000Z"
	return start.Format(layout), end.Format(layout), true
}

// Close does nothing: connections belong to the [rest.Net].
func (o *organization) Close() {}
