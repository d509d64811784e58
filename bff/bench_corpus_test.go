//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// entryEvery is the time between two entries of a corpus: a million of them fit in
// the 24 hours that the page shows by itself.
const entryEvery = 60 * time.Millisecond

// A deadlock is told by the entries rareAt, rareAt+rareEvery …: few, and none of
// them on the first screen.
const (
	rareEvery = 20_000
	rareAt    = 13_337
)

// corpus is a synthetic search result: entries as three vendors' drivers make
// them, newest first. Entry i depends on nothing but i and the moment that the
// corpus began.
type corpus struct {
	src   [3]string // addresses: Algolia, Coveo, Elastic Path
	began time.Time // of entry 0
	bytes []byte    // the entries as they cross, separated by commas
	ends  []int     // where each ends in bytes
}

func newCorpus(src [3]string, n int) *corpus {
	c := &corpus{src: src, began: time.Now().UTC().Add(-time.Minute).Truncate(time.Second), ends: make([]int, n)}
	const part = 10_000
	parts := make([][]byte, (n+part-1)/part)
	spread(len(parts), func(p int) {
		b := make([]byte, 0, part*500)
		for i := p * part; i < min((p+1)*part, n); i++ {
			if i > 0 {
				b = append(b, ',')
			}
			e := c.entry(i)
			b, _ = e.AppendJSON(b) // its fields are strings and numbers
			c.ends[i] = len(b)
		}
		parts[p] = b
	})
	for p, b := range parts {
		for i := p * part; i < min((p+1)*part, n); i++ {
			c.ends[i] += len(c.bytes)
		}
		c.bytes = append(c.bytes, b...)
	}
	return c
}

// spread calls f for 0 to n-1, on two goroutines.
func spread(n int, f func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	all.Wait()
}

// dice gives numbers that depend on nothing but its seed (SplitMix64).
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }

var (
	benchWords   = strings.Fields("garden chair table lamp sofa shelf carpet mirror bench vase desk cushion blanket curtain stool candle")
	benchIndexes = []string{"products", "products", "products_fr", "articles", "suggestions"}
	benchStages  = []string{"CRAWLING", "PROCESSING", "MAPPING", "DETECTION", "EXTENSION", "INDEXING", "INDEXING"}
	benchHooks   = []string{"Order shipping notification", "Order payment capture", "Stock sync", "Customer welcome mail"}
	benchErrors  = []string{
		"context deadline exceeded: the receiver answered nothing in 10 s", "connection refused by the receiver",
		"order could not be booked: payment failed", "order service: request timeout", "unexpected end of JSON input",
	}
)

// idOf is the id of entry i: the page's script reads the place off its end.
func idOf(i int) string {
	d := dice(i)
	return fmt.Sprintf("%016x%08x", d.next(), i)
}

// entry makes entry i, of about 460 bytes of JSON.
func (c *corpus) entry(i int) logs.Entry {
	d := dice(i) * 7919
	at := c.began.Add(-time.Duration(i) * entryEvery)
	e := logs.Entry{ID: idOf(i), Time: at, TimeText: at.Format("2006-01-02T15:04:05.000Z"), Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded}
	rare := i%rareEvery == rareAt
	switch n := d.below(10); {
	case n < 4:
		e.Src = c.src[0]
		index, words, took := pick(&d, benchIndexes), pick(&d, benchWords)+" "+pick(&d, benchWords), d.below(400)
		e.Item, e.Status, e.Took, e.HasTook = index, 200, time.Duration(took)*time.Millisecond, true
		if d.below(40) == 0 {
			e.Status, e.Level, e.Outcome = 400+d.below(30), logs.LevelWarning, logs.OutcomeFailed
		}
		ip := fmt.Sprintf("10.0.%d.%d", d.below(256), d.below(256))
		hits := d.below(900)
		e.Summary = fmt.Sprintf("POST %s “%s” %d hits", index, words, hits)
		e.Fields = logs.Fields{{Name: "method", Value: "POST"}, {Name: "ip", Value: ip}, {Name: "index", Value: index}, {Name: "hits", Value: float64(hits)}, {Name: "query", Value: words}}
		if rare {
			e.Fields.Add("error", "Deadlock found, retry later")
		}
		e.Raw = fmt.Appendf(nil, `{"timestamp":%q,"method":"POST","answer_code":"%d","url":"/1/indexes/%s/query","ip":%q,"query_body":"{\"query\":\"%s\"}","processing_time_ms":"%d","query_nb_hits":"%d"}`,
			e.TimeText, e.Status, index, ip, words, took, hits)
	case n < 8:
		e.Src = c.src[1]
		stage, result := pick(&d, benchStages), "COMPLETED"
		switch d.below(30) {
		case 0:
			result, e.Level, e.Outcome = "ERROR", logs.LevelError, logs.OutcomeFailed
		case 1:
			result, e.Level, e.Outcome = "REJECTED", logs.LevelWarning, logs.OutcomeRejected
		}
		e.Item = fmt.Sprintf("https://acme.test/p/%s-%d", pick(&d, benchWords), d.below(90_000))
		e.Job = e.Item
		e.Summary = stage + " ADD " + result + " " + e.Item
		e.Fields = logs.Fields{{Name: "stage", Value: stage}, {Name: "operation", Value: "ADD"}, {Name: "result", Value: result}}
		meta := ""
		if rare {
			e.Fields.Add("error", "Deadlock found, retry later")
			meta = `,"meta":{"errorMessage":"Deadlock found, retry later"}`
		}
		e.Raw = fmt.Appendf(nil, `{"guid":%q,"id":%q,"datetime":%q,"task":%q,"operation":"ADD","result":%q%s}`,
			e.ID, e.Item, e.TimeText, stage, result, meta)
	default:
		e.Src = c.src[2]
		e.Job = fmt.Sprintf("%08x-0b1c-4f2e-9a77-%012x", i/3, d.below(1<<40))
		e.Status, e.Attempt, e.HasTook, e.Took = 200, 1, true, time.Duration(d.below(9000))*time.Millisecond
		hook, detail := pick(&d, benchHooks), ""
		if d.below(8) == 0 {
			e.Status, e.Level, e.Outcome, detail = 500+d.below(4), logs.LevelError, logs.OutcomeFailed, pick(&d, benchErrors)
		}
		if rare {
			detail = "Deadlock found, retry later"
		}
		e.Summary = hook + " " + strconv.Itoa(e.Status) + " attempt 1: " + detail
		e.Fields = logs.Fields{{Name: "integration_name", Value: hook}, {Name: "attempt", Value: float64(1)}}
		e.Fields.Add("error", detail)
		e.Raw = fmt.Appendf(nil, `{"id":%q,"type":"integration-log","succeeded":%t,"attempt":1,"processing_time":%d.%03d,"status_code":%d,"error_detail":%q}`,
			e.ID, e.Status < 400, e.Took/time.Second, e.Took/time.Millisecond%1000, e.Status, detail)
	}
	return e
}

// size is how many bytes the newest n entries have as JSON.
func (c *corpus) size(n int) int { return c.ends[n-1] }

// page answers one request for the newest n entries.
func (c *corpus) page(w http.ResponseWriter, r *http.Request, n int) {
	q := r.URL.Query()
	from, _ := strconv.Atoi(q.Get("cursor"))
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > wire.MaxLimit || from < 0 || from >= n {
		http.Error(w, "no such page", http.StatusBadRequest)
		return
	}
	to := min(from+limit, n)
	rest := wire.Page{Scanned: to - from, Coverage: []logs.Coverage{}, Plan: []logs.Clause{}}
	state := logs.Complete
	if to < n {
		state, rest.Cursor = logs.More, strconv.Itoa(to)
	}
	for _, src := range c.src {
		rest.Coverage = append(rest.Coverage, logs.Coverage{Src: src, From: c.began.Add(-time.Duration(to) * entryEvery), State: state})
	}
	end, err := wire.AppendPage(nil, &rest)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	const head = `{"entries":[`
	begin := 0
	if from > 0 {
		begin = c.ends[from-1] + 1
	}
	entries := c.bytes[begin:c.ends[to-1]]
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(entries)+len(end)))
	_, _ = w.Write(end[:len(head)])
	_, _ = w.Write(entries)
	_, _ = w.Write(end[len(head):])
}

// emptyPage is the floor of frames, and the page in which entries are only parsed.
const emptyPage = `<!doctype html><meta charset=utf-8><title>floor</title>`

// beatScript is a worker that tells the moment every few milliseconds, so that the
// page sees how late it hears of it.
const beatScript = `setInterval(() => postMessage(performance.timeOrigin + performance.now()), 4)`

// front stands before the program: it answers for entries itself, from the newest n
// of a corpus, and passes everything else on.
type front struct {
	base    string
	corpus  *corpus
	n       atomic.Int64
	limit   atomic.Int64 // the largest that was asked for
	queries atomic.Int64 // requests for entries with a filter
}

func newFront(b *testing.B, program string, c *corpus) *front {
	f := &front{corpus: c}
	to := mustURL(b, program)
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = to.Host // the program answers to its own name alone
	}}
	mux := http.NewServeMux()
	mux.Handle("/", pass)
	mux.HandleFunc("GET "+wire.PathLogs, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("q") != "" {
			f.queries.Add(1)
		}
		if limit, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && int64(limit) > f.limit.Load() {
			f.limit.Store(int64(limit))
		}
		c.page(w, r, int(f.n.Load()))
	})
	mux.HandleFunc("GET /bench/empty", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(emptyPage))
	})
	mux.HandleFunc("GET /bench/beat.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(beatScript))
	})
	srv := httptest.NewServer(mux)
	b.Cleanup(srv.Close)
	f.base = srv.URL
	return f
}

// address is where the page shows the corpus.
func (f *front) address() string {
	return f.base + "/logs?" + url.Values{"src": {strings.Join(f.corpus.src[:], ",")}}.Encode()
}

// benchUser starts the program, connected to the three simulated vendors whose
// addresses a corpus has. None of them is asked for entries.
func benchUser(b *testing.B) (*user, [3]string) {
	srv := httptest.NewServer(simulate.New(simulate.Options{Seed: 1}))
	b.Cleanup(srv.Close)
	names := [3]string{"algolia", "coveo", "elasticpath"}
	flags := []string{"--endpoint", "coveo-platform/sim=" + srv.URL + "/coveo-platform", "--log-level", "error"}
	for _, name := range names {
		flags = append(flags, "--endpoint", name+"/sim="+srv.URL+"/"+name)
	}
	u := start(b, b.TempDir(), flags...).user(b)
	var src [3]string
	for i, name := range names {
		for _, a := range accounts {
			if a.vendor == name {
				src[i] = u.connect(name, "sim", a.account, a.creds).Address
			}
		}
	}
	return u, src
}

// answer is what a filter should show.
type answer struct {
	IDs   []string // of its first rows
	Total int
}

// firstRows is how many rows an answer names: more than a screen has.
const firstRows = 64

// answers finds what each filter keeps of the newest n entries, by query.Match.
// What cannot be read keeps what the text before it kept: the page leaves its rows
// alone.
func (c *corpus) answers(n int, texts []string) map[string]answer {
	var filters []*query.Query
	var within []int          // a filter before that keeps all that this one keeps, -1 for none
	place := map[string]int{} // of each text in filters
	last := 0
	for _, text := range append([]string{""}, texts...) {
		if _, ok := place[text]; ok {
			last = place[text]
			continue
		}
		if q, err := query.Parse(text); err == nil {
			last = len(filters)
			filters, within = append(filters, q), append(within, -1)
			for before, k := range place {
				if before != "" && !strings.Contains(text, " OR ") && (strings.HasPrefix(text, before+" ") || strings.HasPrefix(text, before) && plainWord(text)) && k > within[last] && k < last {
					within[last] = k
				}
			}
		}
		place[text] = last
	}
	const part = 5000
	found := make([][][]int, (n+part-1)/part) // of each part and filter, entries
	spread(len(found), func(p int) {
		found[p] = make([][]int, len(filters))
		keeps := make([]bool, len(filters))
		for i := p * part; i < min((p+1)*part, n); i++ {
			e := c.entry(i)
			for k, q := range filters {
				keeps[k] = (within[k] < 0 || keeps[within[k]]) && q.Match(&e)
				if keeps[k] {
					found[p][k] = append(found[p][k], i)
				}
			}
		}
	})
	all := make([]answer, len(filters))
	for k := range all {
		all[k].IDs = []string{} // no null for the page
	}
	for _, part := range found {
		for k, kept := range part {
			for _, i := range kept[:min(len(kept), firstRows-len(all[k].IDs))] {
				all[k].IDs = append(all[k].IDs, idOf(i))
			}
			all[k].Total += len(kept)
		}
	}
	out := map[string]answer{}
	for text, k := range place {
		out[text] = all[k]
	}
	return out
}

// plainWord reports whether a filter is a single word: one that goes on with more
// letters keeps no other entries.
func plainWord(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// script returns a value as JavaScript.
func script(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
