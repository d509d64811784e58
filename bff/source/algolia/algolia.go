// Package algolia reads the API call log of an Algolia application.
//
//	v := algolia.Vendor(rest.NewNet(rest.Policy{}))
//	d, err := v.Open(driver.Config{Region: v.Regions[0], Account: "LATENCY", Credentials: credentials})
//	page, err := d.Read(ctx, driver.Read{Limit: 1000})
//
// Facts come from Algolia's getLogs reference and OpenAPI specification
// (api-clients-automation, specs/search/paths/advanced/getLogs.yml, specs/common),
// from what its official clients do (hosts, order of hosts, timeouts), and from
// its engineers' words in the clients' issues. What they do not say (whether one
// server answers for its cluster, whether a sha1 is unique, what lies beyond the
// last offset) is not assumed here.
//
// The log is the newest 1,000 calls per server, seven days at most. There is no
// filter by time and no cursor: rows are skipped by number, newest first, and
// every call that arrives shifts them. Hosts may know different calls, so a walk
// stays on the host that answered its first page (see [driver.Page.Pin]).
//
// It must not show a call's API key: the vendor masks those that it knows, this
// package masks the others where it derives text, and in [logs.Entry.Raw] covers
// its own connection's key with asterisks. Raw is otherwise the vendor's bytes.
package algolia

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// Bounds of the log, per the getLogs reference: "Maximum allowed value: 1,000",
// "limited to 1,000 per server", "kept for up to seven days".
const (
	maxLength = 1000
	maxRows   = 1000
	retention = 7 * 24 * time.Hour
)

// timeout is of a call to the last host that is left. Hosts before it get half:
// the official Go client's read timeout is 5 s.
const timeout = 10 * time.Second

// Vendor returns the description of Algolia. n owns the connections.
func Vendor(n *rest.Net) driver.Vendor {
	return driver.Vendor{
		Name:  "algolia",
		Title: "Algolia",
		Account: driver.Field{
			Name: "account", Label: "Application ID",
			Help: "In the dashboard under Settings, API Keys: ten letters and digits.",
		},
		Credentials: []driver.Field{{
			Name: "api_key", Label: "API key", Secret: true,
			Help: "In the dashboard under Settings, API Keys: create one with the ACLs logs and listIndexes.",
		}},
		// Per the API reference: -dsn is the read host, the other three have
		// another DNS provider. Not shuffled as the official clients do: hosts
		// may know different calls, and a tail had better stay on one.
		Regions: []driver.Region{{
			Name: "global", Label: "Global", URL: "https://{account}-dsn.algolia.net",
			Fallbacks: []string{
				"https://{account}-1.algolianet.com",
				"https://{account}-2.algolianet.com",
				"https://{account}-3.algolianet.com",
			},
		}},
		Needs: `An API key with the ACL "logs"; the ACL "listIndexes" lets you pick single indices.`,
		Capabilities: driver.Capabilities{
			Paging:        driver.ByOffset,
			Order:         driver.NewestFirst, // "0 being the most recent log entry"
			MaxLimit:      maxLength,
			MaxRows:       maxRows,
			Rolls:         true,
			Retention:     retention,
			Precision:     time.Second, // of timestamp in the reference's example
			Timeout:       timeout,
			Poll:          10 * time.Second, // ours: 8,640 operations a day
			PollFloor:     5 * time.Second,  // ours
			Whole:         true,
			CapReason:     "Algolia keeps the last 1,000 calls per server and no more",
			ExpiredReason: "Algolia keeps calls for seven days at most",
			Cost:          "Every read counts as one operation of your Algolia plan; following live makes about 360 an hour.",
		},
		Names: []string{
			"level", "outcome", "succeeded", "took", "status", "item", "method", "url", "ip", "index", "hits", "query",
			"user_token", "query_id", "api_calls", "error", "type",
		},
		Open: func(c driver.Config) (driver.Driver, error) { return open(n, c) },
	}
}

// application reads one Algolia application.
type application struct {
	id     string
	key    secret.Value
	hosts  []string // base URLs, the preferred one first
	client *rest.Client
	mask   *rest.Mask
	known  atomic.Pointer[[]string] // names of indices of the newest pick list, nil before the first
}

var (
	_ driver.Driver   = (*application)(nil)
	_ driver.Filterer = (*application)(nil)
)

// accountID is strict because the id becomes part of a host name. Real ids have
// ten characters; nothing documents that.
var accountID = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

func open(n *rest.Net, c driver.Config) (*application, error) {
	if !accountID.MatchString(c.Account) {
		return nil, fault.New(fault.Invalid, "algolia: open").
			Saying("an Algolia application id consists of letters and digits only; copy it from Settings, API Keys")
	}
	key := secret.New(strings.TrimSpace(c.Credentials["api_key"].Reveal()))
	if key.Empty() {
		return nil, fault.New(fault.Invalid, "algolia: open").Saying("the API key is missing")
	}
	if strings.ContainsFunc(key.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, fault.New(fault.Invalid, "algolia: open").
			Saying("the API key holds spaces or characters that no key has; paste it again")
	}
	a := &application{id: c.Account, key: key, mask: rest.NewMask(key)}
	for _, h := range append([]string{c.Region.URL}, c.Region.Fallbacks...) {
		a.hosts = append(a.hosts, strings.ReplaceAll(h, "{account}", c.Account))
	}
	a.client = n.Client(rest.Options{
		Vendor: "Algolia", Timeout: timeout, Secrets: []secret.Value{key}, Explain: explain,
	})
	return a, nil
}

// Verify reads one row of the log. Only when that is refused it asks for the
// key's own rights, to name the missing one: that call would write a line into
// the application's log.
func (a *application) Verify(ctx context.Context) error {
	_, err := a.Read(ctx, driver.Read{Limit: 1})
	var f *fault.Error
	if !errors.As(err, &f) || f.Status != 403 {
		return err
	}
	rights, ok := a.rights(ctx)
	if !ok {
		return err
	}
	better := *f
	better.Kind = fault.Forbidden
	if rights["logs"] {
		better.Msg = `this API key has the ACL "logs" and was refused all the same: look at its restrictions by IP address, referrer, index and validity`
	} else {
		better.Msg = missing("logs")
	}
	return &better
}

// rights returns the ACLs of the key, per "Retrieve API key permissions": any key
// may look itself up. It is not ok if Algolia does not answer that.
func (a *application) rights(ctx context.Context) (acls map[string]bool, ok bool) {
	ans, _, err := a.get(ctx, "look up the API key", "", []string{"1", "keys", a.key.Reveal()}, nil)
	if err != nil {
		return nil, false
	}
	return parseRights(ans.Body)
}

// maxTargets bounds the pick list: 20 pages of 100 indices.
const (
	indicesPerPage = 100
	maxPages       = 20
)

// Targets lists the application and its indices. A key without the ACL
// "listIndexes" gets the application alone, whose Detail says so.
func (a *application) Targets(ctx context.Context) ([]driver.Target, error) {
	out := []driver.Target{{Label: a.id, Kind: "application"}}
	seen := map[string]bool{}
	var known []string
	pin := ""
	for page := range maxPages {
		q := url.Values{"page": {strconv.Itoa(page)}, "hitsPerPage": {strconv.Itoa(indicesPerPage)}}
		ans, host, err := a.get(ctx, opIndices, pin, []string{"1", "indexes"}, q)
		if fault.KindOf(err) == fault.Forbidden {
			out[0].Detail = `single indices cannot be picked: this API key lacks the ACL "listIndexes"`
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		items, pages, ok := parseIndices(ans.Body)
		if !ok {
			return nil, a.client.BadAnswer(opIndices, "answered without a list of indices", ans.Body)
		}
		fresh := 0
		for _, it := range items {
			if it.name == "" || seen[it.name] {
				continue
			}
			seen[it.name] = true
			fresh++
			known = append(known, it.name)
			out = append(out, driver.Target{Path: []string{indices, it.name}, Label: it.name, Kind: "index", Detail: it.detail()})
		}
		// A server that ignores page would give the same names for ever.
		if fresh == 0 || page+1 >= pages {
			break
		}
		pin = host
	}
	a.known.Store(&known)
	return out, nil
}

// indices is the first path segment of an index' target: algolia/global/APP/indices/NAME.
const indices = "indices"

// Operations, for messages and for explain.
const (
	opLogs    = "read logs"
	opIndices = "list indices"
)

// Read asks for a page of the log. The pin is the number of the host that
// answered. More is MoreNo for a page that is not full, which is the documented
// end, and MoreUnknown otherwise.
func (a *application) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	q, kind, err := logsQuery(r)
	if err != nil {
		return driver.Page{}, err
	}
	ans, pin, err := a.get(ctx, opLogs, r.Pin, logsPath, q)
	if err != nil {
		return driver.Page{}, err
	}
	entries, ok := decode(ans.Body, a.mask)
	if !ok {
		return driver.Page{}, a.client.BadAnswer(opLogs, "answered without a list of logs", ans.Body)
	}
	if kind != "" {
		for i := range entries {
			entries[i].Fields.Add("type", kind)
		}
	}
	p := driver.Page{Entries: entries, More: driver.MoreUnknown, Total: -1, Pin: pin}
	if len(entries) < limitOf(r) {
		p.More = driver.MoreNo
	}
	return p, nil
}

// Request describes the call of Read to the preferred host.
func (a *application) Request(r driver.Read) (driver.Request, error) {
	q, _, err := logsQuery(r)
	if err != nil {
		return driver.Request{}, err
	}
	const key = "$ALGOLIA_API_KEY"
	call := a.call(opLogs, logsPath, q, key)
	call.Base = a.hosts[0]
	out, err := a.client.Describe(call, key)
	return driver.Request(out), err
}

// Close does nothing: connections belong to the [rest.Net].
func (a *application) Close() {}

// get calls the host that pin names. Without a pin it goes through the hosts
// until one answers, as the official clients do: on to the next after network
// errors, timeouts and 5xx, never after 4xx. It returns the pin of the host.
func (a *application) get(ctx context.Context, op, pin string, path []string, q url.Values) (*rest.Answer, string, error) {
	call := a.call(op, path, q, a.key.Reveal())
	first, last := 0, len(a.hosts)-1
	if pin != "" {
		n, err := strconv.Atoi(pin)
		if err != nil || n < 0 || n > last {
			return nil, "", fault.New(fault.Invalid, "algolia: "+op).
				Saying("the page belongs to a host that is no longer known; start again from the newest entry")
		}
		first, last = n, n
	}
	var firstErr error
	for i := first; i <= last; i++ {
		call.Base = a.hosts[i]
		if call.Timeout = timeout; i < last {
			call.Timeout = timeout / 2
		}
		ans, err := a.client.Do(ctx, call)
		if err == nil {
			return ans, strconv.Itoa(i), nil
		}
		if firstErr == nil {
			firstErr = err
		}
		if kind := fault.KindOf(err); ctx.Err() != nil || kind != fault.Unavailable && kind != fault.Timeout {
			return nil, "", err
		}
	}
	return nil, "", firstErr
}

// call is a call of the API with a key, its host left open.
func (a *application) call(op string, path []string, q url.Values, key string) rest.Call {
	return rest.Call{
		Op: op, Method: "GET", Path: path, Query: q,
		Header: map[string]string{"x-algolia-application-id": a.id, "x-algolia-api-key": key},
	}
}

func missing(acl string) string {
	return fmt.Sprintf("this API key lacks the ACL %q; create a key that has it in the dashboard under Settings, API Keys", acl)
}
