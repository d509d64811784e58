package simulate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// algolia simulates one application's single log server. Per the getLogs reference: newest first, at most 1,000 entries
// and seven days, offset counted from the newest entry. Undocumented and decided here: an offset past the end gives an
// empty list, an indexName that does not exist is a 404, type=build is every write to an index, and type=query and
// type=build include the failing ones, which type=error selects too.
type algolia struct {
	mu   sync.RWMutex
	logs []*record // oldest first, in order of arrival
	seq  int64
	live *rand.Rand
	gen  *algoliaStory
	wait pending[algoliaRow]
}

const (
	algoliaKept      = 1000
	algoliaRetention = 7 * 24 * time.Hour
)

var algoliaIndices = []string{"products", "products_fr", "articles"}

// algoliaKeys lists the rights of each key.
var algoliaKeys = map[string][]string{
	AlgoliaKey:      {"search", "listIndexes", "logs"},
	AlgoliaKeyNoACL: {"search", "listIndexes"},
}

func newAlgolia(opts Options, now time.Time) *algolia {
	n := opts.Entries
	if n <= 0 {
		n = 900
	}
	n = min(n, algoliaKept)
	a := &algolia{live: newRand(opts.Seed, "algolia live"), gen: newAlgoliaStory()}
	a.logs = a.gen.generate(newRand(opts.Seed, "algolia"), now, n)
	a.seq = int64(len(a.logs))
	return a
}

func (a *algolia) refuse(status int, message string) answer {
	return encoded(status, struct {
		Message string `json:"message"`
		Status  int    `json:"status"`
	}{message, status})
}

func (a *algolia) serve(c *call) answer {
	return a.route(c).with("Correlation-ID", c.id)
}

func (a *algolia) route(c *call) answer {
	key := c.Header.Get("x-algolia-api-key")
	acl, known := algoliaKeys[key]
	if !known || c.Header.Get("x-algolia-application-id") != AlgoliaApp {
		return a.refuse(http.StatusForbidden, "Invalid Application-ID or API key")
	}
	switch {
	case c.is("GET", "1/logs"):
		if !slices.Contains(acl, "logs") {
			return a.refuse(http.StatusForbidden, "Method not allowed with this API key")
		}
		return a.getLogs(c)
	case c.is("GET", "1/indexes"):
		if !slices.Contains(acl, "listIndexes") {
			return a.refuse(http.StatusForbidden, "Method not allowed with this API key")
		}
		return a.listIndices(c)
	case c.is("GET", "1/keys/*"):
		if name, bad := c.unknown(); bad {
			return a.refuse(http.StatusBadRequest, "Unknown parameter: "+name)
		}
		if c.path[2] != key { // only an admin key reads others
			return a.refuse(http.StatusForbidden, "Method not allowed with this API key")
		}
		return encoded(http.StatusOK, map[string]any{
			"value": key, "acl": acl, "createdAt": 1700000000, "validity": 0, "maxHitsPerQuery": 0,
			"maxQueriesPerIPPerHour": 0, "indexes": []string{}, "referers": []string{}, "description": "log reader",
		})
	}
	return a.refuse(http.StatusNotFound, "Path not found")
}

func (a *algolia) getLogs(c *call) answer {
	if name, bad := c.unknown("offset", "length", "indexName", "type"); bad {
		return a.refuse(http.StatusBadRequest, "Unknown parameter: "+name)
	}
	offset, err := c.integer("offset", 0)
	if err != nil || offset < 0 {
		return a.refuse(http.StatusBadRequest, "offset must be a positive integer")
	}
	length, err := c.integer("length", 10)
	if err != nil || length < 0 || length > algoliaKept {
		return a.refuse(http.StatusBadRequest, "length must be an integer between 0 and 1000")
	}
	kind := c.query.Get("type")
	if c.query.Has("type") && !slices.Contains([]string{"all", "query", "build", "error"}, kind) {
		return a.refuse(http.StatusBadRequest, "type must be one of: all, query, build, error")
	}
	index := c.query.Get("indexName")
	if c.query.Has("indexName") && !slices.Contains(algoliaIndices, index) && len(a.pick(c.now, "all", index)) == 0 {
		return a.refuse(http.StatusNotFound, fmt.Sprintf("Index %s does not exist", index))
	}
	list := a.pick(c.now, kind, index)
	list = list[min(offset, len(list)):]
	list = list[:min(length, len(list))]
	return jsonAnswer(http.StatusOK, append(appendArray([]byte(`{"logs":`), texts(list)), '}'))
}

// pick returns the entries still held, newest first.
func (a *algolia) pick(now time.Time, kind, index string) []*record {
	a.mu.RLock()
	defer a.mu.RUnlock()
	oldest := now.Add(-algoliaRetention).UnixNano()
	var out []*record
	for _, r := range slices.Backward(a.logs) {
		switch {
		case r.at < oldest,
			index != "" && r.target != index && !slices.Contains(r.more, index),
			kind == "error" && r.result != "error",
			(kind == "query" || kind == "build") && r.kind != kind:
			continue
		}
		out = append(out, r)
	}
	return out
}

func (a *algolia) listIndices(c *call) answer {
	if name, bad := c.unknown("page", "hitsPerPage"); bad {
		return a.refuse(http.StatusBadRequest, "Unknown parameter: "+name)
	}
	page, err := c.integer("page", 0)
	if err != nil || page < 0 {
		return a.refuse(http.StatusBadRequest, "page must be a positive integer")
	}
	size, err := c.integer("hitsPerPage", 100)
	if err != nil || size < 1 || size > 1000 {
		return a.refuse(http.StatusBadRequest, "hitsPerPage must be an integer between 1 and 1000")
	}
	type item struct {
		Name      string `json:"name"`
		CreatedAt string `json:"createdAt"`
		UpdatedAt string `json:"updatedAt"`
		Entries   int    `json:"entries"`
		DataSize  int    `json:"dataSize"`
		Pending   bool   `json:"pendingTask"`
	}
	items := []item{}
	for i, name := range algoliaIndices {
		if i/size == page {
			entries := []int{10500, 9870, 412}[i]
			items = append(items, item{name, "2024-02-12T09:00:00.000Z", c.now.Truncate(time.Hour).Format("2006-01-02T15:04:05.000Z"),
				entries, entries * 2048, false})
		}
	}
	return encoded(http.StatusOK, map[string]any{"items": items, "nbPages": (len(algoliaIndices) + size - 1) / size})
}

// algoliaKind tells queries from writes by method and path; neither is "other", shown only by type=all.
func algoliaKind(method, url string) string {
	path, _, _ := strings.Cut(url, "?")
	path = strings.TrimRight(path, "/")
	switch {
	case !strings.HasPrefix(path, "/1/indexes"):
		return "other"
	case strings.HasSuffix(path, "/query"), strings.HasSuffix(path, "/queries"), strings.HasSuffix(path, "/browse"):
		return "query"
	case method != http.MethodGet:
		return "build"
	case strings.Count(path, "/") == 3: // GET /1/indexes/{index}?query=
		return "query"
	}
	return "other"
}

func (a *algolia) append(_ string, raw []json.RawMessage, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	list, err := parseAll(raw, func(text string) (*record, error) {
		var in struct {
			Timestamp    string          `json:"timestamp"`
			Method       string          `json:"method"`
			URL          string          `json:"url"`
			SHA1         string          `json:"sha1"`
			AnswerCode   json.RawMessage `json:"answer_code"`
			Index        string          `json:"index"`
			InnerQueries []struct {
				Name  string `json:"index_name"`
				Camel string `json:"indexName"`
			} `json:"inner_queries"`
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return nil, err
		}
		if in.SHA1 == "" {
			text = withField(text, "sha1", newSHA1(a.live))
		}
		at := now.Truncate(time.Second)
		if in.Timestamp == "" {
			text = withField(text, "timestamp", at.Format(time.RFC3339))
		} else if t, err := time.Parse(time.RFC3339, in.Timestamp); err != nil {
			return nil, fmt.Errorf("timestamp: %w", err)
		} else {
			at = t
		}
		r := &record{at: at.UnixNano(), raw: text, target: in.Index, kind: algoliaKind(in.Method, in.URL)}
		if code, _ := strconv.Atoi(strings.Trim(string(in.AnswerCode), `"`)); code >= 400 {
			r.result = "error"
		}
		for _, q := range in.InnerQueries {
			r.more = append(r.more, q.Name+q.Camel)
		}
		return r, nil
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		a.store(r)
	}
	return nil
}

// store adds one entry and forgets the oldest beyond the cap. The caller holds the lock.
func (a *algolia) store(r *record) {
	a.seq++
	r.seq = a.seq
	a.logs = append(a.logs, r)
	if len(a.logs) > algoliaKept {
		a.logs = a.logs[len(a.logs)-algoliaKept:]
	}
}

func (a *algolia) appendStory(n int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range n {
		row := a.wait.next(a.live, func() []algoliaRow { return a.gen.unit(a.live, 0) })
		r := row.record(now)
		r.raw = string(row.render(nil, a.live, now))
		a.store(&r)
	}
}

func (a *algolia) entries(target string, now time.Time) []string {
	return texts(a.pick(now, "all", target))
}
