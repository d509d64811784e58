package algolia

import (
	"net/http"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/rest"
)

// call is one row of the log as the vendor sends it. Every number is documented
// as a string; both are read. Fields that are not shown are left in Raw.
type call struct {
	timestamp   string
	method      string
	url         string
	ip          string
	sha1        string
	index       string
	queryParams string
	queryBody   string     // cut at 1,000 characters by the vendor: broken JSON as a rule
	answer      rest.Value // likewise; decoded for calls that failed only
	answerCode  rest.Value
	tookMS      rest.Value
	hits        rest.Value
	apiCalls    rest.Value
	inner       []innerQuery
}

// innerQuery is one query of a call that holds several. The reference's example
// names its parts in camel case; Algolia's engineers say that the engine sends
// snake case, and a string as query id (algoliasearch-client-csharp, PR 706).
type innerQuery struct{ index, queryID, userToken string }

// maxInner bounds the inner queries that are looked at. Algolia allows 50 queries
// in one call.
const maxInner = 50

// parseCall reads an object; anything that is missing stays empty.
func parseCall(row rest.Value) call {
	var c call
	for name, v := range row.Members() {
		switch string(name) {
		case "timestamp":
			c.timestamp = v.Text()
		case "method":
			c.method = v.Text()
		case "url":
			c.url = v.Text()
		case "ip":
			c.ip = v.Text()
		case "sha1":
			c.sha1 = v.Text()
		case "index":
			c.index = v.Text()
		case "query_params":
			c.queryParams = v.Text()
		case "query_body":
			c.queryBody = v.Text()
		case "answer":
			c.answer = v
		case "answer_code":
			c.answerCode = v
		case "processing_time_ms":
			c.tookMS = v
		case "query_nb_hits":
			c.hits = v
		case "nb_api_calls":
			c.apiCalls = v
		case "inner_queries":
			c.inner = nil
			for el := range v.Elements() {
				if len(c.inner) == maxInner {
					break
				}
				c.inner = append(c.inner, parseInner(el))
			}
		}
	}
	return c
}

func parseInner(v rest.Value) innerQuery {
	var q innerQuery
	for name, val := range v.Members() {
		switch string(name) {
		case "index_name", "indexName":
			q.index = val.Text()
		case "query_id", "queryID":
			q.queryID = val.Text()
		case "user_token", "userToken":
			q.userToken = val.Text()
		}
	}
	return q
}

// decode reads a page of the log. It is not ok when the body is no JSON object
// with a list of logs; any row gives an entry.
func decode(body []byte, mask *rest.Mask) ([]logs.Entry, bool) {
	v, err := rest.Parse(mask.Raw(body))
	list := v.Get("logs")
	if err != nil || !list.IsArray() {
		return nil, false
	}
	entries := []logs.Entry{}
	for row := range list.Elements() {
		entries = append(entries, convert(row, mask))
	}
	rest.Distinct(entries, true)
	return entries, true
}

// parseRights reads the ACLs of an API key.
func parseRights(body []byte) (acls map[string]bool, ok bool) {
	v, err := rest.Parse(body)
	list := v.Get("acl")
	if err != nil || !list.IsArray() {
		return nil, false
	}
	acls = map[string]bool{}
	for el := range list.Elements() {
		acls[el.Text()] = true
	}
	return acls, true
}

// index is one item of the index list.
type index struct {
	name    string
	primary string // the index that it is a replica of
	entries float64
	counted bool
}

func (x index) detail() string {
	if x.primary != "" {
		return "replica of " + rest.Line(x.primary, 100)
	}
	if x.counted {
		return thousands(x.entries) + plural(x.entries, " record")
	}
	return ""
}

// parseIndices reads a page of the index list and the number of pages.
func parseIndices(body []byte) (items []index, pages int, ok bool) {
	v, err := rest.Parse(body)
	list := v.Get("items")
	if err != nil || !list.IsArray() {
		return nil, 0, false
	}
	for el := range list.Elements() {
		x := index{name: el.Get("name").Text(), primary: el.Get("primary").Text()}
		x.entries, x.counted = el.Get("entries").Number()
		items = append(items, x)
	}
	pages, _ = v.Get("nbPages").Whole()
	return items, pages, true
}

// explain says what Algolia's refusals mean. A wrong key and a missing right are
// both 403, told apart by the message (spec ErrorBase; messages as the official
// clients' issues quote them).
func explain(e *fault.Error, status int, h http.Header, _ []byte) {
	words := strings.ToLower(e.Said)
	switch {
	case status == 403 && strings.Contains(words, "method not allowed"):
		e.Kind, e.Msg = fault.Forbidden, missing("logs")
		if strings.HasSuffix(e.Op, opIndices) {
			e.Msg = missing("listIndexes")
		}
	case status == 403 && strings.Contains(words, "not allowed"):
		e.Kind, e.Msg = fault.Forbidden, "this API key is restricted: Algolia does not allow this call with it"
	case status == 403 || status == 401:
		e.Kind, e.Msg = fault.Unauthenticated, "Algolia does not know this application id with this API key; check both"
	case status == 402:
		e.Msg = "Algolia says that the plan of this application does not include this"
	case status == 404 && strings.HasSuffix(e.Op, opLogs):
		e.Msg = "Algolia knows no index of this name in this application"
	case status == 429:
		e.Msg = "Algolia asks to slow down: the key's limit of calls per hour and address is reached, or the application's"
	}
	if id := h.Get("Correlation-ID"); id != "" {
		e.Said = rest.Cut(e.Said, 400) + " (Correlation-ID " + rest.Line(id, 100) + ")"
	}
}
