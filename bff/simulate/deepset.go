package simulate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// deepset simulates the pipeline and index logs of two workspaces. Undocumented and decided here: the after cursor
// leaves out rows of exactly its time unless Options.AfterInclusive; with ASC it leads to later rows; the filter knows
// level and origin; total ignores the cursor; CSV obeys limit and has the columns of csvColumns; a pipeline that was
// never deployed answers an empty 200.
type deepset struct {
	inclusive bool
	max       int

	mu      sync.RWMutex
	targets map[string]*deepsetTarget // "production/rag-prod", "production/indexes/docs-index"
	names   []string                  // keys of targets in a fixed order
	seq     int64
	last    time.Time // of the newest generated entry
	live    *rand.Rand
	gen     *deepsetStory
	wait    pending[deepsetRow]
}

// deepsetTarget is a pipeline or index and its logs.
type deepsetTarget struct {
	id, workspace, name, status string
	index                       bool
	created                     string
	logs                        []*record         // by time
	counts                      map[[2]string]int // by level and origin
}

const (
	deepsetLimit    = 10
	deepsetMaxLimit = 100
	deepsetTime     = "2006-01-02T15:04:05.000000Z"

	deepsetNoLogs = "The given pipeline does not exist or does not have logs. List the deployed pipelines to get a list of valid pipeline names."
	deepsetBad    = "The filters you provided are invalid. Check the filters and try again."
)

var csvColumns = []string{"log_id", "logged_at", "level", "origin", "message", "exceptions", "extra_fields"}

func newDeepset(opts Options, now time.Time) *deepset {
	n := opts.Entries
	if n <= 0 {
		n = 800
	}
	d := &deepset{inclusive: opts.AfterInclusive, max: kept(n), targets: map[string]*deepsetTarget{}, last: now,
		live: newRand(opts.Seed, "deepset live"), gen: &deepsetStory{}}
	for _, t := range deepsetTargets {
		t.counts = map[[2]string]int{}
		d.targets[t.key()] = &t
		d.names = append(d.names, t.key())
	}
	for _, r := range d.gen.generate(newRand(opts.Seed, "deepset"), now, n) {
		d.seq = max(d.seq, r.seq)
		d.store(r)
	}
	return d
}

func (t *deepsetTarget) key() string {
	if t.index {
		return t.workspace + "/indexes/" + t.name
	}
	return t.workspace + "/" + t.name
}

func (d *deepset) refuse(status int, message string) answer {
	return encoded(status, map[string]any{"detail": message})
}

// invalid is the validation error of the vendor's web framework.
func (d *deepset) invalid(kind, param, message, input string, ctx map[string]any) answer {
	detail := map[string]any{"type": kind, "loc": []string{"query", param}, "msg": message, "input": input}
	if ctx != nil {
		detail["ctx"] = ctx
	}
	return encoded(http.StatusUnprocessableEntity, map[string]any{"detail": []any{detail}})
}

func (d *deepset) serve(c *call) answer {
	if c.bearer() != DeepsetKey {
		return d.refuse(http.StatusUnauthorized, "Invalid or missing API key.").with("WWW-Authenticate", "Bearer")
	}
	if c.is("GET", "api/v1/workspaces") {
		if name, bad := c.unknown(); bad {
			return d.invalid("extra_forbidden", name, "Extra inputs are not permitted", c.query.Get(name), nil)
		}
		return encoded(http.StatusOK, deepsetWorkspaces)
	}
	const base = "api/v1/workspaces/*"
	pipelines, indexes := c.is("GET", base+"/pipelines"), c.is("GET", base+"/indexes")
	pipelineLogs, indexLogs := c.is("GET", base+"/pipelines/*/logs"), c.is("GET", base+"/indexes/*/logs")
	if !pipelines && !indexes && !pipelineLogs && !indexLogs {
		return d.refuse(http.StatusNotFound, "Not Found")
	}
	if !slices.ContainsFunc(deepsetWorkspaces, func(w deepsetSpace) bool { return w.Name == c.path[3] }) {
		return d.refuse(http.StatusNotFound, "Workspace not found.")
	}
	if pipelines || indexes {
		return d.list(c, indexes)
	}
	key := c.path[3] + "/" + c.path[5]
	if indexLogs {
		key = c.path[3] + "/indexes/" + c.path[5]
	}
	t := d.targets[key]
	if t == nil || t.name != c.path[5] || t.index != indexLogs {
		return d.refuse(http.StatusNotFound, deepsetNoLogs)
	}
	return d.logs(c, t)
}

// limit reads the page size; a non-zero status refuses it.
func (d *deepset) limit(c *call) (int, answer) {
	limit, err := c.integer("limit", deepsetLimit)
	given := c.query.Get("limit")
	switch {
	case err != nil:
		return 0, d.invalid("int_parsing", "limit", "Input should be a valid integer, unable to parse string as an integer", given, nil)
	case limit > deepsetMaxLimit:
		return 0, d.invalid("less_than_equal", "limit", "Input should be less than or equal to 100", given, map[string]any{"le": deepsetMaxLimit})
	case limit < 1:
		return 0, d.invalid("greater_than_equal", "limit", "Input should be greater than or equal to 1", given, map[string]any{"ge": 1})
	}
	return limit, answer{}
}

func (d *deepset) logs(c *call, t *deepsetTarget) answer {
	if name, bad := c.unknown("filter", "limit", "after", "order"); bad {
		return d.invalid("extra_forbidden", name, "Extra inputs are not permitted", c.query.Get(name), nil)
	}
	limit, a := d.limit(c)
	if a.status != 0 {
		return a
	}
	order := "DESC"
	if c.query.Has("order") {
		order = c.query.Get("order")
	}
	if order != "ASC" && order != "DESC" {
		return d.invalid("enum", "order", "Input should be 'ASC' or 'DESC'", order, map[string]any{"expected": "'ASC' or 'DESC'"})
	}
	var after time.Time
	if given := c.query.Get("after"); given != "" {
		var err error
		if after, err = time.Parse(time.RFC3339Nano, given); err != nil {
			return d.invalid("datetime_from_date_parsing", "after", "Input should be a valid datetime", given, nil)
		}
	}
	f, err := parseODataFilter(c.query.Get("filter"))
	if err != nil {
		return d.refuse(http.StatusBadRequest, deepsetBad)
	}
	rows, more, total := d.page(t, f, order == "DESC", after, limit)
	if strings.HasPrefix(strings.TrimSpace(c.Header.Get("Accept")), "text/csv") {
		return asCSV(rows)
	}
	body := append(appendArray([]byte(`{"data":`), texts(rows)), ',')
	return jsonAnswer(http.StatusOK, fmt.Appendf(body, `"has_more":%t,"total":%d}`, more, total))
}

// page returns up to limit rows beyond the cursor in the order asked for.
func (d *deepset) page(t *deepsetTarget, f odataFilter, desc bool, after time.Time, limit int) (rows []*record, more bool, total int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for key, n := range t.counts {
		if f.match(key[0], key[1]) {
			total += n
		}
	}
	if total == 0 {
		return nil, false, 0
	}
	i, step := 0, 1
	if desc {
		i, step = len(t.logs)-1, -1
	}
	if !after.IsZero() {
		at := after.UnixNano()
		switch first, next := firstAt(t.logs, at), firstAt(t.logs, at+1); {
		case desc && d.inclusive:
			i = next - 1
		case desc:
			i = first - 1
		case d.inclusive:
			i = first
		default:
			i = next
		}
	}
	for ; i >= 0 && i < len(t.logs); i += step {
		if r := t.logs[i]; f.match(r.kind, r.op) {
			if len(rows) == limit {
				return rows, true, total
			}
			rows = append(rows, r)
		}
	}
	return rows, false, total
}

func asCSV(rows []*record) answer {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(csvColumns)
	for _, r := range rows {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(r.raw), &fields); err != nil {
			panic(err) // every stored entry was checked to be an object
		}
		line := make([]string, len(csvColumns))
		for i, column := range csvColumns {
			var text string
			if raw := fields[column]; json.Unmarshal(raw, &text) == nil {
				line[i] = text
			} else if string(raw) != "null" {
				line[i] = string(raw)
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	return answer{status: http.StatusOK, header: map[string]string{"Content-Type": "text/csv; charset=utf-8"}, body: out.Bytes()}
}

// list answers pipelines or indexes, newest first; the parameter before is the id of the last one seen.
func (d *deepset) list(c *call, indexes bool) answer {
	if name, bad := c.unknown("limit", "before"); bad {
		return d.invalid("extra_forbidden", name, "Extra inputs are not permitted", c.query.Get(name), nil)
	}
	limit, a := d.limit(c)
	if a.status != 0 {
		return a
	}
	idField := "pipeline_id"
	if indexes {
		idField = "pipeline_index_id"
	}
	data, total, before := []map[string]any{}, 0, c.query.Get("before")
	found, more := before == "", false
	for _, name := range d.names {
		t := d.targets[name]
		if t.workspace != c.path[3] || t.index != indexes {
			continue
		}
		total++
		switch {
		case !found:
			found = t.id == before
		case len(data) == limit:
			more = true
		default:
			data = append(data, map[string]any{idField: t.id, "name": t.name, "status": t.status, "service_level": "PRODUCTION",
				"created_at": t.created, "last_edited_at": nil})
		}
	}
	if !found {
		return d.invalid("value_error", "before", "Value error, unknown cursor", before, nil)
	}
	return encoded(http.StatusOK, map[string]any{"data": data, "has_more": more, "total": total})
}

// append adds to the named target; without a name extra_fields.pipeline_id chooses it by id or name, else it is rag-prod.
func (d *deepset) append(target string, raw []json.RawMessage, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if target != "" && d.targets[target] == nil {
		return fmt.Errorf("unknown target %q", target)
	}
	list, err := parseAll(raw, func(text string) (*record, error) {
		var in struct {
			LogID    string `json:"log_id"`
			LoggedAt string `json:"logged_at"`
			Level    string `json:"level"`
			Origin   string `json:"origin"`
			Extra    *struct {
				PipelineID string `json:"pipeline_id"`
			} `json:"extra_fields"`
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			return nil, err
		}
		if in.LogID == "" {
			text = withField(text, "log_id", newLogID(d.live))
		}
		at := now.Truncate(time.Microsecond)
		if in.LoggedAt == "" {
			text = withField(text, "logged_at", at.Format(deepsetTime))
		} else if t, err := time.Parse(time.RFC3339Nano, in.LoggedAt); err != nil {
			return nil, fmt.Errorf("logged_at: %w", err)
		} else {
			at = t
		}
		key := target
		if key == "" {
			key = deepsetDefault
			for name, t := range d.targets {
				if in.Extra != nil && in.Extra.PipelineID != "" &&
					(t.id == in.Extra.PipelineID || t.workspace == DeepsetWorkspace && t.name == in.Extra.PipelineID) {
					key = name
				}
			}
		}
		return &record{at: at.UnixNano(), raw: text, target: key, kind: in.Level, op: in.Origin}, nil
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		d.seq++
		r.seq = d.seq
		d.store(r)
	}
	return nil
}

// store adds one log and forgets the oldest eighth of its target beyond the cap. The caller holds the lock.
func (d *deepset) store(r *record) {
	t := d.targets[r.target]
	t.logs = insertByTime(t.logs, r)
	t.counts[[2]string{r.kind, r.op}]++
	if len(t.logs) > d.max {
		cut := len(t.logs) / 8
		for _, old := range t.logs[:cut] {
			t.counts[[2]string{old.kind, old.op}]--
		}
		t.logs = t.logs[cut:]
	}
}

// appendStory stamps the entries one microsecond apart, so that only the story itself makes equal times.
func (d *deepset) appendStory(n int, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := now.Truncate(time.Microsecond).Add(time.Duration(1-n) * time.Microsecond)
	for range n {
		row := d.wait.next(d.live, func() []deepsetRow { return d.gen.unit(d.live, 0) })
		if !at.After(d.last) {
			at = d.last.Truncate(time.Microsecond).Add(time.Microsecond)
		}
		d.last = at
		d.seq++
		r := row.record(at)
		r.seq = d.seq
		r.raw = string(row.render(nil, d.live, at))
		d.store(&r)
	}
}

func (d *deepset) entries(target string, _ time.Time) []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []*record
	for _, name := range d.names {
		if target == "" || target == name {
			list = append(list, d.targets[name].logs...)
		}
	}
	slices.SortFunc(list, func(a, b *record) int { return byTime(b, a) })
	return texts(list)
}
