package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"
)

// coveo simulates the Source Logs API of one organization, and the platform host's source list. Undocumented and
// decided here: perPage is 50 unless given and at most 1,000; from and to are both inclusive; entries come oldest
// first; matching of item URIs ignores no case.
type coveo struct {
	org     string
	lenient bool
	sources []coveoSource
	max     int

	mu   sync.RWMutex
	logs []*record // by time; raw is without requestId
	seq  int64
	live *rand.Rand
	gen  *coveoStory
	wait pending[coveoRow]
}

type coveoSource struct {
	id, name, kind string
}

const (
	coveoPerPage    = 50
	coveoMaxPerPage = 1000
	coveoWindow     = 7 * 24 * time.Hour
	coveoRetention  = 14 * 24 * time.Hour
	coveoTime       = "2006-01-02T15:04:05.000Z"
)

// The enums of the Source Logs reference.
var (
	coveoTasks      = []string{"CONSUMING", "CONSUMING_BATCH", "CRAWLING", "STREAMING_EXTENSION", "EXTENSION", "INDEXING", "MAPPING", "PROCESSING", "STREAMING", "STREAMING_BATCH", "PREINDEXING", "VALIDATION"}
	coveoOperations = []string{"ADD", "ADD_BY_REFERENCE", "BATCH_FILE", "DELETE", "DELETE_AND_CHILDREN", "DELETE_OLDER_THAN", "UPDATE"}
	coveoResults    = []string{"COMPLETED", "ERROR", "REJECTED", "SKIPPED", "WARNING"}
)

func newCoveo(opts Options, now time.Time) *coveo {
	n := opts.Entries
	if n <= 0 {
		n = 3000
	}
	c := &coveo{org: CoveoOrg, lenient: opts.Lenient, sources: coveoSources, max: kept(n),
		live: newRand(opts.Seed, "coveo live"), gen: &coveoStory{next: 50_000}}
	c.logs = c.gen.generate(newRand(opts.Seed, "coveo"), now, n)
	c.seq = int64(len(c.logs))
	return c
}

func (v *coveo) refuse(status int, message string) answer {
	code := map[int]string{400: "INVALID_REQUEST", 401: "INVALID_TOKEN", 403: "ACCESS_DENIED", 404: "NOT_FOUND",
		412: "PRECONDITION_FAILED", 415: "UNSUPPORTED_MEDIA_TYPE", 429: "TOO_MANY_REQUESTS"}[status]
	if code == "" {
		code = "INTERNAL_ERROR"
	}
	return encoded(status, struct {
		ErrorCode string `json:"errorCode"`
		Message   string `json:"message"`
	}{code, message})
}

// admit checks the token and the organization. A zero status means welcome.
func (v *coveo) admit(c *call, org, privilege string) answer {
	switch c.bearer() {
	case CoveoToken:
	case CoveoTokenNoView:
		return v.refuse(http.StatusForbidden, "The token lacks the privilege to "+privilege+".")
	default:
		return v.refuse(http.StatusUnauthorized, "The access token is missing or invalid.")
	}
	if org != v.org {
		return v.refuse(http.StatusNotFound, fmt.Sprintf("The organization %q was not found.", org))
	}
	return answer{}
}

func (v *coveo) serve(c *call) answer {
	return v.route(c).with("X-Request-ID", c.id)
}

func (v *coveo) route(c *call) answer {
	const logs = "logs/v1/organizations/*"
	search, facets, stats := c.is("POST", logs), c.is("POST", logs+"/facets"), c.is("POST", logs+"/facetsStats")
	deprecated := c.is("GET", logs)
	if !search && !facets && !stats && !deprecated {
		return v.refuse(http.StatusNotFound, "No such resource.")
	}
	if a := v.admit(c, c.path[3], "view organizations and to view all sources (VIEW on Organizations, VIEW_ALL on Sources)"); a.status != 0 {
		return a
	}
	var filter coveoFilter
	if !deprecated {
		if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/json" {
			return v.refuse(http.StatusUnsupportedMediaType, "Content type must be application/json.")
		}
		body, err := io.ReadAll(c.Body)
		if err != nil {
			return v.refuse(http.StatusBadRequest, "The request body cannot be read.")
		}
		if err := filter.decode(body, v.lenient); err != nil {
			return v.refuse(http.StatusBadRequest, err.Error())
		}
	}
	allowed := []string{"from", "to", "documentId", "documentIdMatching"}
	if search || deprecated {
		allowed = append(allowed, "page", "perPage")
	}
	if name, bad := c.unknown(allowed...); bad {
		return v.refuse(http.StatusBadRequest, fmt.Sprintf("Unknown parameter %q.", name))
	}
	if err := filter.window(c.query); err != nil {
		return v.refuse(http.StatusBadRequest, err.Error())
	}
	pageNo, err := c.integer("page", 0)
	if err != nil || pageNo < 0 {
		return v.refuse(http.StatusBadRequest, "The parameter page must be an integer of at least 0.")
	}
	pageNo = min(pageNo, 1<<40) // far past any end, and no overflow when multiplied
	perPage, err := c.integer("perPage", coveoPerPage)
	if err != nil || perPage < 0 || perPage > coveoMaxPerPage {
		return v.refuse(http.StatusBadRequest, "The parameter perPage must be an integer between 0 and 1000.")
	}
	switch {
	case facets:
		return encoded(http.StatusOK, coveoFacets(v.count(&filter, c.now)))
	case stats:
		return encoded(http.StatusOK, v.count(&filter, c.now))
	}
	list, more := v.page(&filter, c.now, pageNo, perPage)
	tail := `,"requestId":"` + c.id + `"}`
	body := []byte(`{"documentLogEntries":[`)
	for i, r := range list {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(body, r.raw[:len(r.raw)-1]...), tail...)
	}
	return jsonAnswer(http.StatusOK, fmt.Appendf(body, `],"hasNextPage":%t}`, more))
}

// held returns the entries within the retention and the filter's window, by time. The caller holds the lock.
func (v *coveo) held(from, to int64, now time.Time) []*record {
	from = max(from, now.Add(-coveoRetention).UnixNano())
	i := firstAt(v.logs, from)
	j := firstAt(v.logs, to+1)
	return v.logs[i:max(i, j)]
}

func (v *coveo) page(f *coveoFilter, now time.Time, page, perPage int) (list []*record, more bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	held, skip := v.held(f.from, f.to, now), page*perPage
	if f.all() {
		list = held[min(skip, len(held)):]
		more = len(list) > perPage
		return slices.Clone(list[:min(perPage, len(list))]), more
	}
	for _, r := range held {
		switch {
		case !f.match(r):
		case skip > 0:
			skip--
		case len(list) == perPage:
			return list, true
		default:
			list = append(list, r)
		}
	}
	return list, false
}

// count returns the values present and how often, by facet.
func (v *coveo) count(f *coveoFilter, now time.Time) map[string]map[string]int {
	out := map[string]map[string]int{"operations": {}, "resourceIds": {}, "results": {}, "sourceIds": {}, "tasks": {}}
	add := func(facet, value string) {
		if value != "" {
			out[facet][value]++
		}
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, r := range v.held(f.from, f.to, now) {
		if f.match(r) {
			add("operations", r.op)
			add("resourceIds", r.resource)
			add("results", r.result)
			add("sourceIds", r.target)
			add("tasks", r.kind)
		}
	}
	return out
}

func coveoFacets(counts map[string]map[string]int) map[string][]string {
	out := map[string][]string{}
	for facet, values := range counts {
		list := []string{}
		for value := range values {
			list = append(list, value)
		}
		slices.Sort(list)
		out[facet] = list
	}
	return out
}

func (v *coveo) append(_ string, raw []json.RawMessage, now time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	list, err := parseAll(raw, func(text string) (*record, error) {
		var in struct {
			ID         string          `json:"id"`
			SourceID   string          `json:"sourceId"`
			Task       string          `json:"task"`
			Operation  string          `json:"operation"`
			Result     string          `json:"result"`
			ResourceID string          `json:"resourceId"`
			Datetime   string          `json:"datetime"`
			RequestID  json.RawMessage `json:"requestId"`
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return nil, err
		}
		if in.RequestID != nil { // belongs to an API call, not to an entry
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte(text), &fields); err != nil {
				return nil, err
			}
			delete(fields, "requestId")
			b, err := json.Marshal(fields)
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		at := now.Truncate(time.Millisecond)
		if in.Datetime == "" {
			text = withField(text, "datetime", at.Format(coveoTime))
		} else if t, err := parseW3C(in.Datetime); err != nil {
			return nil, fmt.Errorf("datetime: %w", err)
		} else {
			at = t
		}
		return &record{at: at.UnixNano(), raw: text, target: in.SourceID, item: in.ID, kind: in.Task, op: in.Operation,
			result: in.Result, resource: in.ResourceID}, nil
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		v.store(r, now)
	}
	return nil
}

// store adds one entry and forgets what is too old to be shown. The caller holds the lock.
func (v *coveo) store(r *record, now time.Time) {
	v.seq++
	r.seq = v.seq
	v.logs = insertByTime(v.logs, r)
	if v.seq%1024 == 0 {
		v.logs = v.logs[firstAt(v.logs, now.Add(-coveoRetention).UnixNano()):]
		v.logs = v.logs[max(0, len(v.logs)-v.max):]
	}
}

func (v *coveo) appendStory(n int, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for range n {
		row := v.wait.next(v.live, func() []coveoRow { return v.gen.unit(v.live) })
		r := row.record(now)
		r.raw = string(row.render(nil, v.live, now))
		v.store(&r, now)
	}
}

func (v *coveo) entries(target string, now time.Time) []string {
	f := coveoFilter{to: 1<<63 - 2}
	if target != "" {
		f.SourcesIDs = []string{target}
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	var list []*record
	for _, r := range v.held(0, f.to, now) {
		if f.match(r) {
			list = append(list, r)
		}
	}
	return texts(list)
}
