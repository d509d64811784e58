// Package elasticpath reads the integration logs of Elastic Path Commerce Cloud:
// what came of each delivery of a store's events to webhooks and queues. Moltin is
// the older name of the same API and a profile of this driver: another host, the
// word event for integration, and answers without totals.
//
//	v := elasticpath.Vendor(net)
//	d, err := v.Open(driver.Config{Region: v.Regions[0], Credentials: creds})
//	page, err := d.Read(ctx, driver.Read{Path: []string{"integrations", id}, Limit: 100})
//
// Paths below a store: none for all of it, integrations/ID, and
// integrations/ID/jobs/JOB; Moltin has events in the place of integrations.
//
// Sources of facts, read November 2026, are named in place:
//   - "Get Integration Logs" and "Integrations": Elastic Path's API reference.
//   - "Logs": docs.moltin.com, advanced/events, the same page of 2020.
//   - "Pagination", "Rate limits", "Domains", "Errors", "Quotas": guides at
//     elasticpath.dev/guides/Getting-Started.
//   - "Tokens", "Permissions": elasticpath.dev, docs/authentication.
//   - the CLI and the JavaScript SDK: github.com/elasticpath/epcc-cli,
//     github.com/moltin/js-sdk.
//
// It must not pass on what "Get all integrations" says under configuration: the
// keys of the customer's webhooks and queues stand there in clear.
package elasticpath

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// maxLimit is the most rows per call, per "Pagination".
	maxLimit = 100
	// maxRows is the soft limit of page[offset], per "Pagination" (the setting
	// page_offset_limit); the CLI stops there too.
	maxRows = 10_000
	// timeout of a call. The API documents none; its JavaScript SDK sets none.
	timeout = 20 * time.Second
)

// profile is what tells Elastic Path and Moltin apart.
type profile struct {
	name    string // elasticpath or moltin
	title   string
	kind    string // what the vendor calls an integration
	word    string // the same as the first segment of a path
	regions []driver.Region
}

// Vendor describes Elastic Path Commerce Cloud. Its calls go through n.
func Vendor(n *rest.Net) driver.Vendor {
	return describe(n, profile{
		name: "elasticpath", title: "Elastic Path", kind: "integration", word: "integrations",
		// Per "Domains": a store lives in exactly one of them, which its Commerce
		// Manager shows.
		regions: []driver.Region{
			{Name: "useast", Label: "US East", URL: "https://useast.api.elasticpath.com"},
			{Name: "euwest", Label: "EU West", URL: "https://euwest.api.elasticpath.com"},
		},
	})
}

// Moltin describes the same API under its older name. Its calls go through n.
func Moltin(n *rest.Net) driver.Vendor {
	return describe(n, profile{
		name: "moltin", title: "Moltin", kind: "event", word: "events",
		// Per "Logs". The CLI calls this host deprecated; whether it still answers
		// is not documented.
		regions: []driver.Region{{Name: "api", Label: "Moltin", URL: "https://api.moltin.com"}},
	})
}

func describe(n *rest.Net, p profile) driver.Vendor {
	return driver.Vendor{
		Name:  p.name,
		Title: p.title,
		Account: driver.Field{
			Name: "account", Label: "Store", Optional: true,
			Help: "A name of your own for the store, which has none in this API; left empty, one is made from the client id.",
		},
		Credentials: []driver.Field{
			{
				// Optional, because a client id typed as the account is understood.
				Name: "client_id", Label: "Client ID",
				Help: "Commerce Manager › System › Application Keys, of the store whose logs you want.",
			},
			{
				Name: "client_secret", Label: "Client secret", Secret: true,
				Help: "Shown beside the client id when the application key is created.",
			},
		},
		Regions: p.regions,
		// Per "Permissions": an implicit token may not call /integrations, and per
		// "Organization authentication" an organization's key sees its own only.
		Needs: "A client id and secret of the store itself (client_credentials): an implicit key cannot read integration logs, " +
			"an organization's key sees only those of the organization. " + p.title + " knows no read-only key.",
		Capabilities: driver.Capabilities{
			Paging:    driver.ByOffset,     // page[offset], "Get Integration Logs"
			Order:     driver.OrderUnknown, // not documented; integration logs are not on the list of "Sorting"
			MaxLimit:  maxLimit,
			MaxRows:   maxRows,
			Precision: time.Nanosecond, // of the sample of "Get Integration Logs"
			Timeout:   timeout,
			InFlight:  8,                // ours: a store's other clients share its rate limit
			PerSecond: 20,               // ours: below the 25 of a development store, "Rate limits"
			Poll:      15 * time.Second, // ours
			PollFloor: 5 * time.Second,  // ours
			Whole:     true,
			Jobs:      true,
			CapReason: p.title + " pages at most 10,000 logs deep and no more",
			Cost:      "each call counts against the store's rate limit of 25 to 100 requests per second",
		},
		Names: []string{
			"level", "outcome", "succeeded", "took", "status", "job", "attempt", "integration", "integration_name", "url",
			"error", "body",
		},
		ImpliedAccount: func(credentials map[string]secret.Value) string {
			return accountOf(strings.TrimSpace(credentials["client_id"].Reveal()))
		},
		Open: func(cfg driver.Config) (driver.Driver, error) { return open(n, p, cfg) },
	}
}

// accountOf names the store that a client id belongs to, without giving the id
// away; "" for no id.
func accountOf(clientID string) string {
	if clientID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(clientID))
	return "store-" + hex.EncodeToString(sum[:4])
}

// store is the driver of one store. It is safe for concurrent use.
type store struct {
	profile profile
	net     *rest.Net
	base    string
	id      secret.Value // client id
	key     secret.Value // client secret
	tokens  *tokens
	names   names
}

var (
	_ driver.Driver    = (*store)(nil)
	_ driver.JobLister = (*store)(nil)
	_ driver.Filterer  = (*store)(nil)
)

func open(n *rest.Net, p profile, cfg driver.Config) (driver.Driver, error) {
	op := strings.ToLower(p.title) + ": open"
	id := strings.TrimSpace(cfg.Credentials["client_id"].Reveal())
	if id == "" {
		id = strings.TrimSpace(cfg.Account)
	}
	key := strings.TrimSpace(cfg.Credentials["client_secret"].Reveal())
	switch {
	case id == "":
		return nil, fault.New(fault.Invalid, op).Saying("the client id is missing; copy it from Commerce Manager › System › Application Keys")
	case key == "":
		return nil, fault.New(fault.Invalid, op).Saying("the client secret is missing; an implicit key, which has none, cannot read integration logs")
	case cfg.Region.URL == "":
		return nil, fault.New(fault.Invalid, op).Saying(p.title + " has no address in this region; pick another region")
	}
	s := &store{profile: p, net: n, base: cfg.Region.URL, id: secret.New(id), key: secret.New(key)}
	s.tokens = &tokens{now: time.Now, fetch: s.fetchToken}
	return s, nil
}

// Verify reads one log of the store, which proves client id, secret, region and
// the right to read integration logs at once.
func (s *store) Verify(ctx context.Context) error {
	_, err := s.Read(ctx, driver.Read{Limit: 1})
	return err
}

// Targets lists the store and its integrations. A store has at most 100 of them
// per "Quotas", so that nearly always one page holds all.
func (s *store) Targets(ctx context.Context) ([]driver.Target, error) {
	out := []driver.Target{{Label: "Whole store", Kind: "store"}}
	byID := map[string]known{}
	for row, err := range s.rows(ctx, "list "+s.profile.word, []string{"v2", "integrations"}, false) {
		if err != nil {
			return nil, err
		}
		in := parseIntegration(row)
		t := driver.Target{Path: []string{s.profile.word, in.id}, Label: cmp.Or(in.name, in.id), Kind: s.profile.kind, Detail: cmp.Or(in.host, in.kind), Events: in.events}
		if in.enabled != nil {
			t.Status = map[bool]string{true: "enabled", false: "disabled"}[*in.enabled]
		}
		byID[in.id] = known{in.name, in.host}
		out = append(out, t)
	}
	s.names.set(byID)
	return out, nil
}

// ListJobs lists the jobs of one integration. The API gives their ids and nothing
// else: no time, no state, no total.
func (s *store) ListJobs(ctx context.Context, path []string, most int) ([]string, error) {
	const op = "list jobs"
	if len(path) != 2 || path[0] != s.profile.word {
		return nil, s.fault(fault.Invalid, op).Saying("pick one " + s.profile.kind + ": " + s.profile.title + " lists jobs for each of them only")
	}
	if most <= 0 {
		return nil, nil
	}
	var out []string
	for row, err := range s.rows(ctx, op, []string{"v2", "integrations", path[1], "jobs"}, true) {
		if err != nil {
			return nil, err
		}
		out = append(out, row.Get("id").Text())
		if len(out) >= most {
			break
		}
	}
	return out, nil
}

// Read makes one log call. A server that ignores paging, as Moltin's may, gives
// the whole list: everything that came is returned, even above the limit.
func (s *store) Read(ctx context.Context, r driver.Read) (driver.Page, error) {
	path, offset, limit, err := s.logsCall(r)
	if err != nil {
		return driver.Page{}, err
	}
	l, err := s.list(ctx, opLogs, path, offset, limit)
	if err != nil {
		return driver.Page{}, err
	}
	if s.names.unknown(l) {
		s.learn(ctx)
	}
	return convert(l, offset, s.names.get()), nil
}

// Request describes the log call of Read. The token in it comes of another call.
func (s *store) Request(r driver.Read) (driver.Request, error) {
	path, offset, limit, err := s.logsCall(r)
	if err != nil {
		return driver.Request{}, err
	}
	token := "$" + strings.ToUpper(s.profile.name) + "_TOKEN"
	c := s.net.Client(rest.Options{Vendor: s.profile.title, Secrets: []secret.Value{s.id, s.key}})
	out, err := c.Describe(s.call(opLogs, path, offset, limit, token), token)
	return driver.Request(out), err
}

// Close releases nothing: connections belong to the rest.Net, and a renewal of
// the token ends with the calls that wait for it.
func (s *store) Close() {}

// maxPages bounds the calls of one list of integrations or jobs.
const maxPages = 50

// rows yields the rows of a list that may or may not be paged, each id once; rows
// without an id are left out. It ends when a page brings nothing new, which is
// also how a server shows that it ignores paging, or all rows were seen. A list
// whose paging is not documented is whole: its first page is asked for without
// parameters, and further ones only where it counts more rows than it showed.
func (s *store) rows(ctx context.Context, op string, path []string, whole bool) iter.Seq2[rest.Value, error] {
	return func(yield func(rest.Value, error) bool) {
		seen := map[string]bool{}
		for offset, n := 0, 0; n < maxPages; n++ {
			limit := maxLimit
			if whole && n == 0 {
				limit = 0
			}
			l, err := s.list(ctx, op, path, offset, limit)
			if err != nil {
				yield(nil, err)
				return
			}
			before := len(seen)
			for _, row := range l.rows {
				id := row.Get("id").Text()
				if id == "" || seen[id] {
					continue
				}
				seen[id] = true
				if !yield(row, nil) {
					return
				}
			}
			offset += len(l.rows)
			if len(seen) == before || l.total >= 0 && offset >= l.total || whole && l.total < 0 {
				return
			}
		}
	}
}

// list makes one call for one page of a list. A limit of 0 leaves the parameters
// out; else both are sent, since the default of page[limit] is a setting of the
// store.
func (s *store) list(ctx context.Context, op string, path []string, offset, limit int) (list, error) {
	for first := true; ; first = false {
		t, err := s.tokens.get(ctx)
		if err != nil {
			return list{}, err
		}
		c := s.net.Client(rest.Options{Vendor: s.profile.title, Timeout: timeout, Secrets: t.secrets, Explain: s.explain(len(path))})
		a, err := c.Do(ctx, s.call(op, path, offset, limit, t.value.Reveal()))
		if first && fault.KindOf(err) == fault.Unauthenticated {
			// A token may end before its time: the store's keys were changed. The
			// JavaScript SDK renews on a 401 as well.
			s.tokens.drop(t)
			continue
		}
		if err != nil {
			return list{}, err
		}
		l, err := parseList(rest.NewMask(t.secrets...).Raw(a.Body))
		if err != nil {
			return list{}, c.BadAnswer(op, err.Error(), a.Body)
		}
		return l, nil
	}
}

// call is a call for one page of a list with a token.
func (s *store) call(op string, path []string, offset, limit int, token string) rest.Call {
	var query url.Values
	if limit > 0 {
		query = url.Values{"page[limit]": {strconv.Itoa(limit)}, "page[offset]": {strconv.Itoa(offset)}}
	}
	return rest.Call{
		Op: op, Method: http.MethodGet, Base: s.base, Path: path, Query: query,
		Header: map[string]string{"Authorization": "Bearer " + token},
	}
}

// explain says what the API's bare statuses mean for a call whose path has so
// many segments. Per "Errors" the API itself gives a title and sometimes a detail.
func (s *store) explain(segments int) func(*fault.Error, int, http.Header, []byte) {
	return func(e *fault.Error, status int, _ http.Header, _ []byte) {
		switch status {
		case 401:
			e.Msg = s.profile.title + " refuses even a fresh access token; check the region, then connect again with the store's client id and secret"
		case 403:
			e.Msg = "the key is an implicit key or lacks access to integrations: use client_credentials of the store"
		case 404:
			switch {
			case segments > 4:
				e.Msg = s.profile.title + " does not know this job; it may belong to another " + s.profile.kind
			case segments > 3:
				e.Msg = s.profile.title + " does not know this " + s.profile.kind + "; it may have been deleted, or belong to another store"
			default:
				e.Msg = s.profile.title + " has no integrations at this address; check the region"
			}
		}
	}
}

func (s *store) fault(kind fault.Kind, op string) *fault.Error {
	return fault.New(kind, strings.ToLower(s.profile.title)+": "+op)
}

// errNoList is the error of an answer without a list of rows.
var errNoList = errors.New(`answered without the list "data"; something in between may have answered instead`)
