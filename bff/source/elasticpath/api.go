package elasticpath

import (
	"fmt"
	"net/url"
	"time"

	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// list is the answer of every list call: "data", and how many records there are
// in all.
type list struct {
	rows  []rest.Value // alias the body
	total int          // records, -1 if the answer does not say
}

// parseList reads {"data":[…],"meta":{…},"results":{"total":…}}. The total of
// records is results.total, per "Pagination", or meta.results.total, per Moltin's
// page on it. meta.total is a number of pages: never taken. A null list is an
// empty one, as servers written in Go send it.
func parseList(body []byte) (list, error) {
	v, err := rest.Parse(body)
	if err != nil {
		return list{}, fmt.Errorf("sent JSON that cannot be read (%w); try again", err)
	}
	var data, older rest.Value
	l := list{total: -1}
	for name, m := range v.Members() {
		switch string(name) {
		case "data":
			data = m
		case "results":
			if n, ok := m.Get("total").Whole(); ok && n >= 0 {
				l.total = n
			}
		case "meta":
			older = m.Get("results").Get("total")
		}
	}
	if data == nil || !data.IsArray() && !data.IsNull() {
		return list{}, errNoList
	}
	if n, ok := older.Whole(); ok && n >= 0 && l.total < 0 {
		l.total = n
	}
	for row := range data.Elements() {
		l.rows = append(l.rows, row)
	}
	return l, nil
}

// record is one log, per "Get Integration Logs". The reference requires no member.
type record struct {
	id          string
	created     string // meta.timestamps.created_at, as sent
	succeeded   *bool  // nil if absent
	attempt     int
	took        time.Duration
	hasTook     bool
	status      int
	body        string // what the customer's endpoint answered
	detail      string // error_detail, "" on success
	integration string
	job         string
}

func parseRecord(row rest.Value) record {
	var r record
	for name, v := range row.Members() {
		switch string(name) {
		case "id":
			r.id = v.Text()
		case "succeeded":
			if is, ok := v.Bool(); ok {
				r.succeeded = &is
			}
		case "attempt":
			if n, ok := v.Whole(); ok && n > 0 && n < 1_000_000 {
				r.attempt = n
			}
		case "processing_time":
			r.took, r.hasTook = v.Seconds()
		case "body":
			r.body = loose(v)
		case "status_code":
			if n, ok := v.Whole(); ok && n > 0 && n < 1000 {
				r.status = n
			}
		case "error_detail":
			r.detail = loose(v)
		case "relationships":
			r.integration = v.Get("integration").Get("data").Get("id").Text()
			r.job = v.Get("job").Get("data").Get("id").Text()
		case "meta":
			r.created = v.Get("timestamps").Get("created_at").Text()
		}
	}
	return r
}

// loose returns a text, or the JSON where something else than a text was sent.
func loose(v rest.Value) string {
	if s, ok := v.Field().(string); ok {
		return s
	}
	return v.Text()
}

// integration is what may be told of one, per "Get all integrations".
type integration struct {
	id, name, kind string
	enabled        *bool  // nil if absent
	host           string // of configuration.url; nothing else of configuration is read
	events         []string
}

func parseIntegration(row rest.Value) integration {
	var in integration
	for name, v := range row.Members() {
		switch string(name) {
		case "id":
			in.id = v.Text()
		case "name":
			in.name = rest.Line(v.Text(), 200)
		case "integration_type":
			in.kind = rest.Line(v.Text(), 200)
		case "enabled":
			if is, ok := v.Bool(); ok {
				in.enabled = &is
			}
		case "observes":
			for e := range v.Elements() {
				if name := rest.Line(e.Text(), 200); name != "" && len(in.events) < driver.MaxEvents {
					in.events = append(in.events, name)
				}
			}
		case "configuration":
			// Hostname leaves out a password in the URL.
			if u, err := url.Parse(v.Get("url").Text()); err == nil {
				in.host = rest.Line(u.Hostname(), 200)
			}
		}
	}
	return in
}

// grant is the answer of the token call.
type grant struct {
	token   string
	seconds float64 // from now on, 0 if absent
	expires float64 // seconds since 1970, 0 if absent
}

// parseGrant reads the flat form of "Tokens", and the one wrapped in "data" that
// the published OpenAPI file of the same call has.
func parseGrant(body []byte) (grant, error) {
	v, err := rest.Parse(body)
	if err != nil {
		return grant{}, err
	}
	if wrapped := v.Get("data"); wrapped.IsObject() {
		v = wrapped
	}
	g := grant{token: v.Get("access_token").Text()}
	g.seconds, _ = v.Get("expires_in").Number()
	g.expires, _ = v.Get("expires").Number()
	return g, nil
}
