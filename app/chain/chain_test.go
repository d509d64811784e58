package chain

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

const (
	store = "elasticpath/useast/shop"
	index = "algolia/global/APP"
	pipe  = "deepset/eu/production/pipelines/rag"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(src string, after time.Duration, raw string) logs.Entry {
	t := noon.Add(after)
	return logs.Entry{ID: raw, Src: src, Time: t, TimeText: t.Format("2006-01-02T15:04:05.000000000Z"), Raw: json.RawMessage(raw)}
}

// delivery is a job of a store.
func delivery(after time.Duration, job, integration, body string) logs.Entry {
	e := at(store, after, fmt.Sprintf(`{"id":"%s-log","body":%q}`, job, body))
	e.Job = job
	e.Fields = logs.Fields{{Name: "integration", Value: "c3a9f6b4-51de-4d3f-8e21-0b7a5d94c612"}, {Name: "integration_name", Value: integration}, {Name: "url", Value: "https://hooks.example.com/x"}}
	return e
}

// call is a call of a search application; hits < 0 is no query.
func call(after time.Duration, method, url, on string, hits float64, body string) logs.Entry {
	e := at(index, after, fmt.Sprintf(`{"query_body":%q}`, body))
	e.TimeText = e.Time.Format(time.RFC3339)
	e.Time = e.Time.Truncate(time.Second)
	e.Fields = logs.Fields{{Name: "method", Value: method}, {Name: "url", Value: url}, {Name: "index", Value: on}}
	if hits >= 0 {
		e.Fields = append(e.Fields, logs.Field{Name: "hits", Value: hits})
	}
	return e
}

func batch(after time.Duration, on, body string) logs.Entry {
	return call(after, "POST", "/1/indexes/"+on+"/batch", on, -1, body)
}

func search(after time.Duration, on string, hits float64) logs.Entry {
	return call(after, "POST", "/1/indexes/"+on+"/query", on, hits, `{"params":"query=x"}`)
}

func relate(list []logs.Entry) Result {
	b := New(0)
	for i := range list {
		b.Add(i, &list[i])
	}
	return b.Result()
}

const (
	job1    = "3b690000-1111-4222-8333-44445555cd26"
	job2    = "77770000-1111-4222-8333-44445555aaaa"
	release = `{"release":"rel-9f31c7d2e4"}`
)

func TestResult_TruthTable(t *testing.T) {
	for _, c := range []struct {
		name    string
		list    []logs.Entry
		want    []string // "from→to why", with ~ before what is likely
		missing []string
	}{
		{"nothing", nil, nil, nil},
		{"an id in both bodies", []logs.Entry{
			delivery(0, job1, "Catalog", release),
			batch(12*time.Second, "products", `{"requests":[{"body":{"from":"rel-9f31c7d2e4"}}]}`),
			search(40*time.Second, "products", 0),
			search(45*time.Second, "products", 12),
			search(50*time.Second, "products", 12),
		}, []string{
			"0→1 both name rel-9f31c7d2e4, 12 s after",
			"1→3 first query with hits on index products, 33 s after its last change",
		}, nil},
		{"the job's own id in a call", []logs.Entry{
			delivery(0, job1, "Catalog", ""), batch(0, "products", "job "+job1),
		}, []string{"0→1 both name 3b69…cd26, within a second after"}, []string{"1 No query with hits on index products is loaded in the 10 min after it"}},
		{"an escaped id", []logs.Entry{
			delivery(0, job1, "Catalog", `{"a":"{\"id\":\"rel-9f31c7d2e4\"}"}`), batch(time.Second, "products", `params=%22rel-9f31c7d2e4%22`),
		}, []string{"0→1 both name rel-9f31c7d2e4, 1 s after"}, []string{"1 No query with hits on index products is loaded in the 10 min after it"}},
		{"too long after", []logs.Entry{delivery(0, job1, "Catalog", release), batch(11*time.Minute, "products", release)}, nil, nil},
		{"before", []logs.Entry{
			batch(0, "products", release), delivery(5*time.Second, job1, "Catalog", release),
		}, []string{"0→1 both name rel-9f31c7d2e4, 4 s after"}, nil},
		{"within one vendor", []logs.Entry{delivery(0, job1, "Catalog", release), delivery(time.Second, job1, "Catalog", release)}, nil, nil},
		{"no id, a name", []logs.Entry{
			delivery(0, job1, "EPCC Algolia Integration", ""),
			batch(9*time.Second, "products", ""), batch(10*time.Second, "products", ""), batch(11*time.Second, "articles", ""),
			search(20*time.Second, "products", 3),
		}, []string{
			"~0→1 the integration “EPCC Algolia Integration” is named for Algolia, and index products changed 9 s after",
			"~0→3 the integration “EPCC Algolia Integration” is named for Algolia, and index articles changed 11 s after",
			"1→4 first query with hits on index products, 11 s after its last change",
		}, []string{"3 No query with hits on index articles is loaded in the 10 min after it"}},
		{"a name of the index", []logs.Entry{
			delivery(0, job1, "Feed of products to search", ""), batch(9*time.Second, "products", ""), batch(9*time.Second, "products_fr", ""),
		}, []string{"~0→1 the integration “Feed of products to search” names index products, and index products changed 9 s after"},
			[]string{"1 No query with hits on index products is loaded in the 10 min after it"}},
		{"a name, and another job between", []logs.Entry{
			delivery(0, job1, "EPCC Algolia Integration", ""), delivery(5*time.Second, job2, "EPCC Algolia Integration", ""), batch(9*time.Second, "products", ""),
			search(10*time.Second, "products", 1),
		}, []string{
			"~1→2 the integration “EPCC Algolia Integration” is named for Algolia, and index products changed 4 s after",
			"2→3 first query with hits on index products, 1 s after its last change",
		}, []string{"0 No change of an Algolia index is loaded in the 2 min after it"}},
		{"a name of nothing", []logs.Entry{delivery(0, job1, "Order export", ""), batch(9*time.Second, "products", "")}, nil, nil},
		{"a step that is not loaded", []logs.Entry{delivery(0, job1, "EPCC Algolia Integration", ""), search(time.Second, "products", 3)}, nil,
			[]string{"0 No change of an Algolia index is loaded in the 2 min after it"}},
		{"no Algolia at all claims nothing", []logs.Entry{delivery(0, job1, "EPCC Algolia Integration", "")}, nil, nil},
		{"dates and words are no ids", []logs.Entry{
			delivery(0, job1, "Catalog", `2026-11-22T12 application-json received`), batch(time.Second, "products", `2026-11-22T12 application-json received 1732276800`),
		}, nil, nil},
		{"a request id of two others", []logs.Entry{
			{Src: pipe, Time: noon, Request: "req-77aa1199", Summary: "x"}, batch(time.Second, "products", "req-77aa1199"),
		}, []string{"0→1 both name req-77aa1199, 1 s after"}, nil},
	} {
		r := relate(c.list)
		var got, missing []string
		for _, l := range r.Links {
			s := fmt.Sprintf("%d→%d %s", l.From, l.To, l.Why)
			if l.Likely {
				s = "~" + s
			}
			got = append(got, s)
		}
		for _, m := range r.Missing {
			missing = append(missing, fmt.Sprintf("%d %s", m.After, m.Text))
		}
		if !reflect.DeepEqual(got, c.want) || !reflect.DeepEqual(missing, c.missing) {
			t.Errorf("%s:\n got %q %q\nwant %q %q", c.name, got, missing, c.want, c.missing)
		}
	}
}

func TestResult_CommonTokensLinkNothing(t *testing.T) {
	var list []logs.Entry
	for i := range maxShared {
		list = append(list, delivery(time.Duration(i)*time.Second, fmt.Sprintf("job-000%d-%d", i, i), "Catalog", release))
	}
	list = append(list, batch(20*time.Second, "products", release))
	if r := relate(list); len(r.Links) != 0 {
		t.Errorf("a token of %d entries links: %+v", len(list), r.Links)
	}
	if r := relate(list[1:]); len(r.Links) != 1 {
		t.Errorf("a token of %d entries does not link: %+v", len(list)-1, r.Links)
	}
}

// story is a random mix of entries that share some of a few ids.
func story(rng *rand.Rand, n int) []logs.Entry {
	ids := []string{"rel-9f31c7d2e4", job1, job2, "evt_123456a", "f00dfeed0000"}
	list := make([]logs.Entry, n)
	for i := range list {
		after := time.Duration(rng.IntN(1800)) * time.Second
		text := "x"
		if rng.IntN(3) == 0 {
			text = `{"id":"` + ids[rng.IntN(len(ids))] + `"}`
		}
		switch rng.IntN(4) {
		case 0:
			list[i] = delivery(after, fmt.Sprintf("own-%d-job-%d", i, i*7919), []string{"Catalog", "EPCC Algolia Integration"}[rng.IntN(2)], text)
		case 1:
			list[i] = batch(after, []string{"products", "articles"}[rng.IntN(2)], text)
		case 2:
			list[i] = search(after, "products", float64(rng.IntN(3)))
		default:
			list[i] = at(pipe, after, text)
		}
		list[i].ID = fmt.Sprint(i)
	}
	return list
}

func TestResult_LinksHoldWhatTheySay(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	some := 0
	for range 300 {
		list := story(rng, 5+rng.IntN(60))
		r := relate(list)
		some += len(r.Links)
		for _, l := range r.Links {
			from, to := list[l.From], list[l.To]
			switch gap := Moment(&to) - Moment(&from); {
			case l.From == l.To, gap < 0, gap > int64(Window):
				t.Fatalf("%+v is %v long", l, time.Duration(gap))
			}
			switch {
			case strings.HasPrefix(l.Why, "both name "):
				if from.Src == to.Src || l.Likely {
					t.Fatalf("%+v is within %s", l, from.Src)
				}
				token, _, _ := strings.Cut(strings.TrimPrefix(l.Why, "both name "), ",")
				token, _, _ = strings.Cut(token, "…")
				if !strings.Contains(string(from.Raw)+from.Job, token) || !strings.Contains(string(to.Raw)+to.Job, token) {
					t.Fatalf("%+v: %s and %s", l, from.Raw, to.Raw)
				}
			case strings.HasPrefix(l.Why, "first query with hits"):
				if callKind(&from) != change || callKind(&to) != query || to.Fields.Text("hits") == "0" || from.Fields.Text("index") != to.Fields.Text("index") {
					t.Fatalf("%+v: %+v and %+v", l, from.Fields, to.Fields)
				}
			default:
				if !l.Likely || from.Job == "" || callKind(&to) != change {
					t.Fatalf("%+v: %+v and %+v", l, from, to)
				}
			}
		}
		// The order in which entries come makes no difference.
		b := New(0)
		for _, i := range rng.Perm(len(list)) {
			b.Add(i, &list[i])
		}
		if again := b.Result(); !reflect.DeepEqual(again, r) {
			t.Fatalf("in another order\n got %+v\nwant %+v", again, r)
		}
		if again := b.Result(); !reflect.DeepEqual(again, r) {
			t.Fatalf("asked twice\n got %+v\nwant %+v", again, r)
		}
	}
	if some < 300 {
		t.Errorf("only %d links in all: the stories say nothing", some)
	}
}

func TestResult_IsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	b := New(0)
	start := time.Now()
	big := strings.Repeat("rel-9f31c7d2e4 ", 100_000)
	for i := range MaxEntries + 10 {
		e := delivery(time.Duration(rng.IntN(3600))*time.Second, fmt.Sprintf("job-%d-%x", i, rng.Uint64()), "EPCC Algolia Integration", fmt.Sprintf("%x %x", rng.Uint64()|1<<60, i/2))
		if i%2 == 1 {
			e = batch(time.Duration(rng.IntN(3600))*time.Second, "products", fmt.Sprintf("%x", rng.Uint64()|1<<60))
		}
		if i%500 == 0 {
			e.Raw = json.RawMessage(big)
		}
		b.Add(i, &e)
	}
	r := b.Result()
	if d := time.Since(start); d > 10*time.Second || r.Left != 10 || len(r.Links) > maxLinks {
		t.Errorf("%v, %d left, %d links", d, r.Left, len(r.Links))
	}
}

func FuzzScan(f *testing.F) {
	f.Add(`{"a":"\u003cid-12345\"x","b":"%22abc12345"}`)
	f.Add(`\`)
	f.Add(`%%%2`)
	f.Fuzz(func(t *testing.T, s string) {
		scan(s, func(token string) {
			if !strings.Contains(s, token) || !likeID(token) {
				t.Fatalf("%q in %q", token, s)
			}
		})
	})
}

func TestLikeID_TimesAreNone(t *testing.T) {
	for token, want := range map[string]bool{
		"884768354Z": false, "20261121T114701Z": false, "20261121T114701": false, "2026-11-21": false, "123456789": false,
		"3b69f1a2-7c11": true, "41TZ9922": true, "ORDER-10042": true, "884768354ZQ": true,
	} {
		if likeID(token) != want {
			t.Errorf("%s: %t", token, !want)
		}
	}
}
