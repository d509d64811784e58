package simulate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// elasticpath simulates one store's integrations, their logs and the token endpoint; the profile moltin is the older
// name of the same API: no meta and results, page parameters ignored, everything in one answer. Per the references
// meta.total counts pages and results.total records. Undocumented and decided here: a page[limit] over 100 and a
// page[offset] over 10,000 are 422, a malformed number is 400, jobs takes no page parameters, and logs come in order of
// arrival, in which created_at is not quite sorted.
type elasticpath struct {
	moltin       bool
	integrations []integration
	max          int
	seed         uint64

	mu     sync.Mutex
	order  string
	logs   []*record            // order of arrival
	by     map[string][]*record // of one integration, order of arrival
	mixed  map[string][]*record // shuffled copies of the above, "" = all; emptied by every arrival
	tokens map[string]token
	issued uint64
	seq    int64
	live   *rand.Rand
	gen    *elasticStory
	wait   pending[elasticRow]
}

const (
	elasticLimit     = 25
	elasticMaxLimit  = 100
	elasticMaxOffset = 10_000
	elasticTime      = "2006-01-02T15:04:05.000000000Z"
)

func newElasticPath(opts Options, now time.Time, moltin bool) *elasticpath {
	name, n, list := "elasticpath", 600, elasticIntegrations
	if moltin {
		name, n, list = "moltin", 300, moltinIntegrations
	}
	if opts.Entries > 0 {
		n = opts.Entries
		if moltin {
			n = min(n, 20_000)
		}
	}
	e := &elasticpath{moltin: moltin, integrations: list, max: kept(n), seed: opts.Seed, order: "oldest",
		by: map[string][]*record{}, mixed: map[string][]*record{}, tokens: map[string]token{},
		live: newRand(opts.Seed, name+" live"), gen: &elasticStory{moltin: moltin, integrations: list}}
	e.setOrder(opts.Order)
	e.logs = e.gen.generate(newRand(opts.Seed, name), now, n)
	for _, r := range e.logs {
		e.by[r.target] = append(e.by[r.target], r)
	}
	e.seq = int64(len(e.logs))
	return e
}

func (e *elasticpath) setOrder(order string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch order {
	case "oldest", "newest", "shuffled":
		e.order = order
	}
}

// elasticError is the vendor's error; status is a string in what the authentication service says and a number elsewhere.
type elasticError struct {
	Status    any    `json:"status"`
	Title     string `json:"title"`
	Detail    string `json:"detail,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

func elasticErrors(status int, e elasticError) answer {
	return encoded(status, map[string]any{"errors": []elasticError{e}})
}

func (e *elasticpath) refuse(status int, message string) answer {
	return elasticErrors(status, elasticError{Status: status, Title: message})
}

func (e *elasticpath) serve(c *call) answer {
	fail := func(status int, title, detail string) answer {
		return elasticErrors(status, elasticError{Status: status, Title: title, Detail: detail, RequestID: c.id})
	}
	if c.is("POST", "oauth/access_token") {
		return e.authenticate(c)
	}
	switch t, ok := e.token(c); {
	case !ok:
		return elasticErrors(http.StatusUnauthorized, elasticError{"401", "Unable to validate access token", "", c.id})
	case t.implicit:
		return elasticErrors(http.StatusForbidden, elasticError{"403", "Forbidden", "An implicit token has no access to integrations", c.id})
	}
	switch {
	case c.is("GET", "v2/integrations"):
		return e.list(c, fail)
	case c.is("GET", "v2/integrations/logs"):
		return e.page(c, "", "", fail)
	case c.is("GET", "v2/integrations/*/logs"), c.is("GET", "v2/integrations/*/jobs"), c.is("GET", "v2/integrations/*/jobs/*/logs"):
		id := c.path[2]
		if !slices.ContainsFunc(e.integrations, func(i integration) bool { return i.id == id }) {
			return fail(http.StatusNotFound, "Not Found", "The requested integration could not be found")
		}
		if len(c.path) == 6 {
			return e.page(c, id, c.path[4], fail)
		}
		if c.path[3] == "jobs" {
			return e.jobs(c, id, fail)
		}
		return e.page(c, id, "", fail)
	}
	return fail(http.StatusNotFound, "Not Found", "No such path")
}

type elasticFail = func(status int, title, detail string) answer

// page answers a log list: of the store, of one integration, or of one job.
func (e *elasticpath) page(c *call, integration, job string, fail elasticFail) answer {
	if name, bad := c.unknown("page[limit]", "page[offset]"); bad {
		return fail(http.StatusBadRequest, "Bad Request", fmt.Sprintf("Unknown parameter %s", name))
	}
	if e.moltin {
		e.mu.Lock()
		raw := e.slice(integration, job, 0, len(e.logs))
		e.mu.Unlock()
		return jsonAnswer(http.StatusOK, append(appendArray([]byte(`{"data":`), raw), '}'))
	}
	limit, offset, a := e.window(c, fail)
	if a.status != 0 {
		return a
	}
	e.mu.Lock()
	raw := e.slice(integration, job, offset, limit)
	total := len(e.view(integration, job))
	e.mu.Unlock()
	body := append(appendArray([]byte(`{"data":`), raw), ',')
	body = fmt.Appendf(body, `"meta":{"limit":%d,"offset":%d,"current":%d,"total":%d},"results":{"total":%d}}`,
		limit, offset, offset/limit+1, (total+limit-1)/limit, total)
	return jsonAnswer(http.StatusOK, body)
}

func (e *elasticpath) window(c *call, fail elasticFail) (limit, offset int, a answer) {
	limit, err := c.integer("page[limit]", elasticLimit)
	if err != nil {
		return 0, 0, fail(http.StatusBadRequest, "Bad Request", "page[limit] must be an integer")
	}
	if limit < 1 || limit > elasticMaxLimit {
		return 0, 0, fail(http.StatusUnprocessableEntity, "Unprocessable Entity", "page[limit] must be between 1 and 100")
	}
	offset, err = c.integer("page[offset]", 0)
	if err != nil || offset < 0 {
		return 0, 0, fail(http.StatusBadRequest, "Bad Request", "page[offset] must be an integer of at least 0")
	}
	if offset > elasticMaxOffset {
		return 0, 0, fail(http.StatusUnprocessableEntity, "Unprocessable Entity", "page[offset] must be at most 10000")
	}
	return limit, offset, answer{}
}

// view returns the logs asked for in order of arrival, or shuffled. The caller holds the lock and does not keep it.
func (e *elasticpath) view(integration, job string) []*record {
	list := e.logs
	if integration != "" {
		list = e.by[integration]
	}
	if e.order == "shuffled" {
		if e.mixed[integration] == nil {
			list = slices.Clone(list)
			key := func(r *record) uint64 { return mix(e.seed ^ mix(uint64(r.seq))) }
			slices.SortFunc(list, func(a, b *record) int { return cmp.Compare(key(a), key(b)) })
			e.mixed[integration] = list
		}
		list = e.mixed[integration]
	}
	if job == "" {
		return list
	}
	var out []*record
	for _, r := range list {
		if r.item == job {
			out = append(out, r)
		}
	}
	return out
}

// slice returns the JSON of limit logs from offset on, in the order that is set. The caller holds the lock.
func (e *elasticpath) slice(integration, job string, offset, limit int) []string {
	list := e.view(integration, job)
	n := max(0, min(limit, len(list)-offset))
	out := make([]string, n)
	for i := range out {
		at := offset + i
		if e.order == "newest" {
			at = len(list) - 1 - at
		}
		out[i] = list[at].raw
	}
	return out
}

// jobs lists the jobs of an integration: ids and types, nothing else.
func (e *elasticpath) jobs(c *call, integration string, fail elasticFail) answer {
	if name, bad := c.unknown(); bad {
		return fail(http.StatusBadRequest, "Bad Request", fmt.Sprintf("Unknown parameter %s", name))
	}
	type job struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	out := []job{}
	seen := map[string]bool{}
	e.mu.Lock()
	for _, r := range e.view(integration, "") {
		if r.item != "" && !seen[r.item] {
			seen[r.item] = true
			out = append(out, job{r.item, "integration-job"})
		}
	}
	newest := e.order == "newest"
	e.mu.Unlock()
	if newest {
		slices.Reverse(out)
	}
	return encoded(http.StatusOK, map[string]any{"data": out})
}

// list answers the integrations, with the secrets of their configuration as the vendor does.
func (e *elasticpath) list(c *call, fail elasticFail) answer {
	if name, bad := c.unknown("page[limit]", "page[offset]"); bad {
		return fail(http.StatusBadRequest, "Bad Request", fmt.Sprintf("Unknown parameter %s", name))
	}
	limit, offset := elasticMaxLimit, 0
	if !e.moltin {
		var a answer
		if limit, offset, a = e.window(c, fail); a.status != 0 {
			return a
		}
	}
	data := []json.RawMessage{}
	for i, one := range e.integrations {
		if i >= offset && i < offset+limit {
			data = append(data, one.json(c.now))
		}
	}
	out := map[string]any{"data": data}
	if !e.moltin {
		n := len(e.integrations)
		out["meta"] = map[string]any{
			"page":    map[string]int{"limit": limit, "offset": offset, "current": offset/limit + 1, "total": (n + limit - 1) / limit},
			"results": map[string]int{"total": n},
		}
	}
	return encoded(http.StatusOK, out)
}

func (e *elasticpath) append(_ string, raw []json.RawMessage, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	list, err := parseAll(raw, func(text string) (*record, error) {
		type ref struct {
			Data struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		var in struct {
			ID            string `json:"id"`
			Relationships struct {
				Integration ref `json:"integration"`
				Job         ref `json:"job"`
			} `json:"relationships"`
			Meta struct {
				Timestamps struct {
					CreatedAt string `json:"created_at"`
				} `json:"timestamps"`
			} `json:"meta"`
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return nil, err
		}
		if in.ID == "" {
			text = withField(text, "id", newUUID(e.live))
		}
		at := now
		if created := in.Meta.Timestamps.CreatedAt; created != "" {
			t, err := time.Parse(time.RFC3339Nano, created)
			if err != nil {
				return nil, fmt.Errorf("created_at: %w", err)
			}
			at = t
		} else {
			var err error
			if text, err = withCreatedAt(text, now); err != nil {
				return nil, err
			}
		}
		return &record{at: at.UnixNano(), raw: text, target: in.Relationships.Integration.Data.ID, item: in.Relationships.Job.Data.ID}, nil
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		e.store(r)
	}
	return nil
}

// withCreatedAt adds meta.timestamps.created_at to an entry without it.
func withCreatedAt(text string, now time.Time) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return "", err
	}
	fields["meta"] = fmt.Appendf(nil, `{"timestamps":{"created_at":"%s"}}`, now.UTC().Format(elasticTime))
	b, err := json.Marshal(fields)
	return string(b), err
}

// store adds one log and forgets the oldest eighth beyond the cap. The caller holds the lock.
func (e *elasticpath) store(r *record) {
	e.seq++
	r.seq = e.seq
	e.logs = append(e.logs, r)
	e.by[r.target] = append(e.by[r.target], r)
	clear(e.mixed)
	if len(e.logs) <= e.max {
		return
	}
	cut := len(e.logs) / 8
	for _, old := range e.logs[:cut] {
		old.dropped = true
	}
	e.logs = e.logs[cut:]
	for id, list := range e.by {
		for len(list) > 0 && list[0].dropped {
			list = list[1:]
		}
		e.by[id] = list
	}
}

func (e *elasticpath) appendStory(n int, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range n {
		at := now.Add(time.Duration(i-n+1) * time.Microsecond)
		row := e.wait.next(e.live, func() []elasticRow { return e.gen.unit(e.live, 0) })
		r := row.record(at)
		r.raw = string(row.render(nil, e.live, at))
		e.store(&r)
	}
}

func (e *elasticpath) entries(target string, _ time.Time) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.slice(target, "", 0, len(e.logs))
}
