package shape

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// CutAt is where Algolia cuts bodies and answers, in characters, per its getLogs
// reference.
const CutAt = 1000

// Call is what the log says of one call, decoded as far as the vendor's cut leaves
// it. Nothing in it is masked.
type Call struct {
	Method  string
	Path    string // of the address, escaped, without what follows a question mark
	Op      string // what the call does: "query", "queries", "batch", "object"; see op
	Queries []Query
	Acts    []string // of a batch: what it does, each once, sorted
	Cut     bool     // the body ends before its JSON does, or is as long as the log keeps them

	Took    time.Duration // on the server, without the network
	Timed   bool          // the log says how long it took
	Hits    int           // of all its queries together, as the log has it
	Counted bool          // the log says how many hits there were
	Status  int           // HTTP status of the answer, 0 where the log has none

	Agent   string // the client library, as it names itself
	IP      string
	Body    string
	Address string // path and query string
	headers string
	app     string // application id, "" where the call does not tell
}

// Query is one query of a call.
type Query struct {
	Index  string
	Params []Param // decoded, in the order of the body and then of the address
	ID     string  // Algolia's query id
	User   string  // user token
	Cut    bool    // the body ends inside of this query, or before it
}

// Param is a parameter of a query.
type Param struct {
	Name, Value string
	Cut         bool // the body ends inside of it
}

// Text returns what the query searches for, and false where it does not say.
func (q *Query) Text() (string, bool) {
	for _, p := range q.Params {
		if p.Name == "query" {
			return p.Value, true
		}
	}
	return "", false
}

// Read decodes a row of Algolia's log as the vendor sent it. It is false for what is
// no JSON object, or says neither a method nor an address. Numbers come as strings,
// and are read in both forms; the names of inner queries are read in both spellings,
// since the reference writes indexName, queryID and userToken, and the engine
// index_name, query_id and user_token.
func Read(raw string) (Call, bool) {
	var c Call
	var index, params, inner string
	ok := members(raw, func(name, v string) {
		switch name {
		case "method":
			c.Method = text(v)
		case "url":
			c.Address = text(v)
		case "ip":
			c.IP = text(v)
		case "index":
			index = text(v)
		case "query_body":
			c.Body = text(v)
		case "query_params":
			params = text(v)
		case "query_headers":
			c.headers = v
		case "inner_queries":
			inner = v
		case "processing_time_ms":
			var ms float64
			if ms, c.Timed = number(v); c.Timed {
				c.Took = time.Duration(ms*float64(time.Millisecond) + 0.5)
			}
		case "query_nb_hits":
			var n float64
			n, c.Counted = number(v)
			c.Hits = int(n)
		case "answer_code":
			n, _ := number(v)
			c.Status = int(n)
		}
	})
	if !ok || c.Method == "" && c.Address == "" {
		return Call{}, false
	}
	c.headers = text(c.headers)
	c.read(index, params, inner)
	return c, true
}

// read decodes the address and the body.
func (c *Call) read(index, params, inner string) {
	address := c.Address
	if at := strings.Index(address, "://"); at >= 0 {
		address = address[at+3:]
		address = address[max(strings.IndexByte(address, '/'), 0):]
	}
	path, own, _ := strings.Cut(address, "?")
	c.Path = path
	var named string
	c.Op, named = op(c.Method, path)
	if index == "" {
		index = named
	}
	pairs, _ := decode.Query(own)
	var asked []Param
	for _, p := range pairs {
		switch lower := strings.ToLower(p.Name); {
		case lower == "x-algolia-agent":
			c.Agent = p.Value
		case lower == "x-algolia-application-id":
			c.app = p.Value
		case strings.HasPrefix(lower, "x-algolia-") || redact.IsSecret(lower):
		default:
			asked = append(asked, Param{Name: p.Name, Value: p.Value})
		}
	}
	c.body(index, inner)
	if len(c.Queries) == 0 && (index != "" || searches[c.Op]) {
		c.Queries = []Query{{Index: index, Cut: c.Cut}}
	}
	if searches[c.Op] && len(c.Queries) == 1 {
		more, _ := decode.Query(params)
		for _, p := range more {
			c.Queries[0].add(Param{Name: p.Name, Value: p.Value})
		}
		for _, p := range asked {
			c.Queries[0].add(p)
		}
	}
	if c.Agent == "" || c.app == "" {
		c.fromHeaders()
	}
}

// add appends a parameter that is not there yet.
func (q *Query) add(p Param) {
	for _, have := range q.Params {
		if have.Name == p.Name {
			return
		}
	}
	q.Params = append(q.Params, p)
}

// fromHeaders reads what the address does not tell.
func (c *Call) fromHeaders() {
	pairs, _ := decode.Headers(c.headers)
	for _, p := range pairs {
		switch strings.ToLower(p.Name) {
		case "x-algolia-agent":
			if c.Agent == "" {
				c.Agent = p.Value
			}
		case "x-algolia-application-id":
			if c.app == "" {
				c.app = p.Value
			}
		}
	}
}

// maxQueries bounds the queries of one call that are looked at. Algolia allows 50.
const maxQueries = 50

// body decodes the body: JSON with the parameters as members or as a query string
// under params, or with a list of such requests; or a query string by itself.
func (c *Call) body(index, inner string) {
	long := utf8.RuneCountInString(c.Body) >= CutAt
	d, isJSON := decode.JSON(c.Body)
	switch {
	case isJSON:
		c.Cut = d.Cut
		if requests, ok := d.Root.Kid("requests"); ok && (requests.Kind == decode.Array || requests.Cut) {
			c.requests(requests)
		} else if d.Root.Kind == decode.Object && searches[c.Op] {
			c.Queries = []Query{readQuery(&d.Root, index)}
		}
	case searches[c.Op] && strings.Contains(c.Body, "="):
		q := Query{Index: index, Params: params(c.Body, long), Cut: long}
		c.Queries, c.Cut = []Query{q}, long
	default:
		c.Cut = long
	}
	list, ok := decode.JSON(inner)
	if !ok {
		return
	}
	for i := range list.Root.Kids[:min(len(list.Root.Kids), maxQueries)] {
		n := &list.Root.Kids[i]
		if i == len(c.Queries) {
			c.Queries = append(c.Queries, Query{Cut: true})
		}
		q := &c.Queries[i]
		if name := n.Member("index_name", "indexName"); q.Index == "" || q.Cut && name != "" {
			q.Index = name
		}
		q.ID, q.User = n.Member("query_id", "queryID"), n.Member("user_token", "userToken")
	}
}

// requests reads the queries of a multi-query, or what a batch does. A request that
// has an action is of a batch, and holds somebody's record.
func (c *Call) requests(list *decode.Node) {
	for i := range list.Kids[:min(len(list.Kids), decode.MaxPairs)] {
		r := &list.Kids[i]
		if action := r.Member("action"); action != "" {
			if kid, _ := r.Kid("action"); !kid.Cut {
				c.Acts = insert(c.Acts, action)
			}
			continue
		}
		if c.Op == "batch" || len(c.Queries) == maxQueries {
			continue
		}
		c.Queries = append(c.Queries, readQuery(r, ""))
	}
}

// readQuery reads the members of a request.
func readQuery(n *decode.Node, index string) Query {
	q := Query{Index: index, Cut: n.Cut}
	for i := range n.Kids {
		k := &n.Kids[i]
		switch {
		case k.KeyCut:
		case k.Key == "indexName" || k.Key == "index_name":
			q.Index = k.Text
		case k.Key == "params" && k.Kind == decode.String:
			for _, p := range params(k.Text, k.Cut) {
				q.add(p)
			}
		case k.Kind == decode.Absent:
			q.add(Param{Name: k.Key, Cut: true})
		case k.Kind >= decode.Array:
			q.add(Param{Name: k.Key, Value: k.Src, Cut: k.Cut})
		default:
			q.add(Param{Name: k.Key, Value: k.Text, Cut: k.Cut})
		}
	}
	return q
}

// params reads a query string. Of one that was cut, the last parameter is cut, and
// half an escape at its end is left out.
func params(s string, cut bool) []Param {
	if cut {
		if at := strings.LastIndexByte(s, '%'); at >= len(s)-2 && at >= 0 {
			s = s[:at]
		}
	}
	pairs, _ := decode.Query(s)
	out := make([]Param, 0, len(pairs))
	for _, p := range pairs {
		out = append(out, Param{Name: p.Name, Value: p.Value})
	}
	if cut && len(out) > 0 && !strings.HasSuffix(s, "&") {
		out[len(out)-1].Cut = true
	}
	return out
}

// searches are the operations whose bodies hold parameters of queries. Those of
// others hold records and settings, in which "query" is somebody's data.
var searches = map[string]bool{"search": true, "query": true, "queries": true, "browse": true, "facets query": true, "recommendations": true, "objects": true}

// op returns what a call does, by the API reference's list of paths, and the index
// that the path names. A path that is not in it is returned with what may be a name
// or an id left out.
func op(method, path string) (what, index string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 3 || parts[0] != "1" || parts[1] != "indexes" {
		for i, p := range parts {
			if i > 1 && !known[p] || len(p) > 20 {
				parts[i] = "…"
			}
		}
		return strings.TrimPrefix(strings.Join(parts, "/"), "1/"), ""
	}
	if index = unescape(parts[2]); index == "*" {
		index = ""
	}
	rest := parts[3:]
	switch {
	case len(rest) == 0 && method == "GET":
		return "search", index
	case len(rest) == 0 && method == "POST":
		return "add object", index
	case len(rest) == 0:
		return "index", index
	case len(rest) == 1 && known[rest[0]]:
		return rest[0], index
	case rest[0] == "facets":
		return "facets query", index
	case len(rest) == 1:
		return "object", index
	}
	words := []string{}
	for _, p := range rest {
		if known[p] {
			words = append(words, p)
		}
	}
	if len(words) == 0 {
		return "object", index
	}
	return strings.Join(words, " "), index
}

// known are the words that the API reference has in paths; everything else there is a
// name or an id.
var known = words("query queries browse objects batch settings partial deleteByQuery clear operation search recommendations task synonyms rules facets restore mapping top pending")

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

func unescape(s string) string {
	if pairs, _ := decode.Query("a=" + strings.ReplaceAll(s, "+", "%2B")); len(pairs) == 1 && !pairs[0].Broken {
		return pairs[0].Value
	}
	return s
}

// members calls each with the names and values of a JSON object, as they are
// written, and reports whether there is one. It passes over values without decoding
// them: an answer and its headers are most of a row, and nobody asks for them here.
func members(s string, each func(name, value string)) bool {
	i := logs.SkipSpace(s, 0)
	if i >= len(s) || s[i] != '{' {
		return false
	}
	for i = logs.SkipSpace(s, i+1); i < len(s) && s[i] == '"'; i = logs.SkipSpace(s, i+1) {
		end := logs.ValueEnd(s, i)
		if end < 0 {
			break
		}
		name := s[i+1 : end-1]
		if i = logs.SkipSpace(s, end); i >= len(s) || s[i] != ':' {
			break
		}
		i = logs.SkipSpace(s, i+1)
		if end = logs.ValueEnd(s, i); end < 0 {
			break
		}
		each(name, s[i:end])
		if i = logs.SkipSpace(s, end); i >= len(s) || s[i] != ',' {
			break
		}
	}
	return true
}

// text decodes a JSON string; numbers are the text that they are.
func text(v string) string {
	if len(v) < 2 || v[0] != '"' {
		if v == "null" || strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[") {
			return ""
		}
		return v
	}
	return logs.Unquote(v)
}

// number reads a number, also one in a string. Those that are negative, or beyond
// what a count or a duration can be, are none.
func number(v string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text(v)), 64)
	return n, err == nil && n >= 0 && n < 1e9
}
