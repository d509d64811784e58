package simulate

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type algoliaLog struct {
	Timestamp    string            `json:"timestamp"`
	Method       string            `json:"method"`
	AnswerCode   string            `json:"answer_code"`
	QueryBody    string            `json:"query_body"`
	Answer       string            `json:"answer"`
	URL          string            `json:"url"`
	IP           string            `json:"ip"`
	QueryHeaders string            `json:"query_headers"`
	SHA1         string            `json:"sha1"`
	TookMS       string            `json:"processing_time_ms"`
	APICalls     *string           `json:"nb_api_calls"`
	Hits         *string           `json:"query_nb_hits"`
	Index        string            `json:"index"`
	Exhaustive   *bool             `json:"exhaustive"`
	Inner        []json.RawMessage `json:"inner_queries"`
}

type algoliaPage struct {
	Logs []algoliaLog `json:"logs"`
}

type statusMessage struct {
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func algoliaRig(tb testing.TB, opts Options) *rig {
	return newRig(tb, opts).as("x-algolia-application-id", AlgoliaApp, "x-algolia-api-key", AlgoliaKey)
}

func (g *rig) algolia(params ...string) []algoliaLog {
	g.tb.Helper()
	var page algoliaPage
	g.get(http.StatusOK, &page, "/algolia/1/logs", params...)
	return page.Logs
}

func TestAlgolia_PagesAreNewestFirstAndShiftAsEntriesArrive(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 500})
	if n := len(g.algolia()); n != 10 {
		t.Errorf("default length gave %d", n)
	}
	all := g.algolia("length", "1000")
	if len(all) != len(g.sim.Entries("algolia")) {
		t.Fatalf("%d logs, %d held", len(all), len(g.sim.Entries("algolia")))
	}
	equal := 0
	for i := 1; i < len(all); i++ {
		if all[i-1].Timestamp < all[i].Timestamp {
			t.Fatalf("row %d is older than row %d", i-1, i)
		}
		if all[i-1].Timestamp == all[i].Timestamp {
			equal++
		}
	}
	if equal < 50 {
		t.Errorf("only %d equal timestamps", equal)
	}
	first := g.algolia("length", "20")
	g.sim.AppendStory("algolia", 3)
	second := g.algolia("offset", "20", "length", "20")
	for i := range 3 {
		if second[i].SHA1 != first[17+i].SHA1 {
			t.Errorf("row %d of the shifted page is not row %d of the first", i, 17+i)
		}
	}
	if n := len(g.algolia("offset", "5000", "length", "20")); n != 0 {
		t.Errorf("offset past the end gave %d", n)
	}
}

func TestAlgolia_CapAndRetention(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 990})
	g.sim.AppendStory("algolia", 200)
	if n := len(g.algolia("length", "1000")); n != 1000 {
		t.Errorf("%d kept, want 1000", n)
	}
	g.clock.advance(6 * 24 * time.Hour)
	for _, l := range g.algolia("length", "1000") {
		if at, err := time.Parse(time.RFC3339, l.Timestamp); err != nil || g.clock.now().Sub(at) > 7*24*time.Hour {
			t.Fatalf("shows %s (%v)", l.Timestamp, err)
		}
	}
	g.clock.advance(2 * 24 * time.Hour)
	if n := len(g.algolia("length", "1000")); n != 0 {
		t.Errorf("%d shown after the retention", n)
	}
}

func TestAlgolia_RowsHaveTheDocumentedShape(t *testing.T) {
	g := algoliaRig(t, Options{})
	all := g.algolia("length", "1000")
	var cut, snake, camel, zero, slow, unmasked, exhaustive int
	for _, l := range all {
		if at, err := time.Parse("2006-01-02T15:04:05Z", l.Timestamp); err != nil || at.Nanosecond() != 0 {
			t.Fatalf("timestamp %q", l.Timestamp)
		}
		for _, text := range []string{l.QueryBody, l.Answer} {
			n := utf8.RuneCountInString(text)
			if n > 1000 {
				t.Fatalf("%d characters", n)
			}
			if n == 1000 && !json.Valid([]byte(text)) {
				cut++
			}
		}
		if len(l.SHA1) != 40 || l.IP == "" || l.TookMS == "" || l.AnswerCode == "" {
			t.Fatalf("incomplete row %+v", l)
		}
		_, after, _ := strings.Cut(l.URL, "x-algolia-api-key=")
		if !strings.Contains(l.QueryHeaders, "x-algolia-api-key: "+after) {
			t.Fatalf("headers and url disagree on the key")
		}
		if !strings.HasSuffix(after, strings.Repeat("*", 28)) {
			unmasked++
			if l.AnswerCode != "403" {
				t.Errorf("a valid key is not masked: %s", l.URL)
			}
		}
		for _, q := range l.Inner {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(q, &fields); err != nil {
				t.Fatal(err)
			}
			names := strings.Join(slices.Sorted(maps.Keys(fields)), " ")
			switch names {
			case "index_name offset query_id user_token":
				snake++
				if fields["query_id"][0] != '"' {
					t.Error("query_id is not a string")
				}
			case "indexName offset queryID userToken":
				camel++
			default:
				t.Errorf("inner query %s", q)
			}
		}
		if l.Hits != nil && *l.Hits == "0" {
			zero++
		}
		if strings.Contains(l.QueryBody, "attributesToRetrieve=*&getRankingInfo=1") {
			slow++
			if at, _ := time.Parse(time.RFC3339, l.Timestamp); testNow.Sub(at) > 41*time.Minute || len(l.TookMS) != 3 {
				t.Errorf("slow query at %s took %s", l.Timestamp, l.TookMS)
			}
		}
		if l.Exhaustive != nil {
			exhaustive++
		}
	}
	for what, n := range map[string]int{"cut bodies": cut, "snake_case inner queries": snake, "camelCase": camel, "zero hits": zero,
		"slow queries": slow, "unknown keys": unmasked, "exhaustive": exhaustive} {
		if n == 0 {
			t.Errorf("no %s in the story", what)
		}
	}
	if camel >= snake {
		t.Errorf("%d camelCase against %d snake_case", camel, snake)
	}
}

func TestAlgolia_FiltersByTypeAndIndex(t *testing.T) {
	g := algoliaRig(t, Options{})
	all := g.algolia("length", "1000", "type", "all")
	counts := map[string]int{}
	for _, l := range all {
		counts[algoliaKind(l.Method, l.URL)]++
		if l.AnswerCode[0] == '4' || l.AnswerCode[0] == '5' {
			counts["error"]++
		}
	}
	for _, kind := range []string{"query", "build", "error"} {
		got := len(g.algolia("length", "1000", "type", kind))
		if got != counts[kind] || got == 0 {
			t.Errorf("type %s: %d, want %d", kind, got, counts[kind])
		}
	}
	for _, l := range g.algolia("length", "1000", "indexName", "articles") {
		if l.Index != "articles" && !strings.Contains(fmt.Sprintf("%s", l.Inner), `"articles"`) {
			t.Fatalf("indexName=articles shows %s %s", l.Index, l.Inner)
		}
	}
}

func TestAlgolia_Refusals(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 30})
	noACL := g.as("x-algolia-application-id", AlgoliaApp, "x-algolia-api-key", AlgoliaKeyNoACL)
	for name, c := range map[string]struct {
		rig     *rig
		path    string
		status  int
		message string
	}{
		"length over 1000":  {g, "/algolia/1/logs?length=1001", 400, "length"},
		"negative offset":   {g, "/algolia/1/logs?offset=-1", 400, "offset"},
		"length no number":  {g, "/algolia/1/logs?length=ten", 400, "length"},
		"unknown type":      {g, "/algolia/1/logs?type=queries", 400, "type"},
		"unknown parameter": {g, "/algolia/1/logs?from=0", 400, "from"},
		"broken query":      {g, "/algolia/1/logs?type=%zz", 400, "type=%zz"},
		"unknown index":     {g, "/algolia/1/logs?indexName=nope", 404, "nope"},
		"unknown path":      {g, "/algolia/2/logs", 404, "Path"},
		"missing ACL":       {noACL, "/algolia/1/logs", 403, "Method not allowed with this API key"},
		"bad key":           {g.as("x-algolia-application-id", AlgoliaApp, "x-algolia-api-key", "x"), "/algolia/1/logs", 403, "Invalid Application-ID or API key"},
		"bad application":   {g.as("x-algolia-application-id", "X", "x-algolia-api-key", AlgoliaKey), "/algolia/1/logs", 403, "Invalid Application-ID or API key"},
		"no headers":        {g.as(), "/algolia/1/logs", 403, "Invalid Application-ID or API key"},
		"another key":       {noACL, "/algolia/1/keys/" + AlgoliaKey, 403, "Method not allowed"},
	} {
		var e statusMessage
		r := c.rig.do("GET", c.path, "")
		c.rig.decode(r, c.status, &e)
		if e.Status != c.status || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s: %+v", name, e)
		}
		if r.header.Get("Correlation-ID") == "" {
			t.Errorf("%s: no Correlation-ID", name)
		}
	}
}

func TestAlgolia_PickListsAndKeys(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 30})
	var list struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
		Pages int `json:"nbPages"`
	}
	g.get(200, &list, "/algolia/1/indexes", "page", "1", "hitsPerPage", "2")
	if list.Pages != 2 || len(list.Items) != 1 || list.Items[0].Name != "articles" {
		t.Errorf("%+v", list)
	}
	var key struct {
		ACL []string `json:"acl"`
	}
	g.get(200, &key, "/algolia/1/keys/"+AlgoliaKey)
	if !slices.Contains(key.ACL, "logs") {
		t.Errorf("acl %v", key.ACL)
	}
	g.as("x-algolia-application-id", AlgoliaApp, "x-algolia-api-key", AlgoliaKeyNoACL).get(200, &key, "/algolia/1/keys/"+AlgoliaKeyNoACL)
	if slices.Contains(key.ACL, "logs") {
		t.Errorf("acl %v", key.ACL)
	}
}

func TestAlgolia_AppendedEntriesKeepTheirBytes(t *testing.T) {
	g := algoliaRig(t, Options{Entries: 30})
	whole := `{"sha1":"aa", "timestamp":"2026-03-14T15:09:26Z","method":"POST","url":"\/1\/indexes\/*\/queries","answer_code":500,"inner_queries":[{"indexName":"zebra"}],"new":{"deep":[1.50]}}`
	if err := g.sim.Append("algolia", json.RawMessage(whole), json.RawMessage(`{"url":"/1/indexes/zebra/batch","method":"POST"}`)); err != nil {
		t.Fatal(err)
	}
	held := g.sim.Entries("algolia")
	if string(held[1]) != whole {
		t.Errorf("changed to %s", held[1])
	}
	var bare algoliaLog
	if err := json.Unmarshal(held[0], &bare); err != nil || bare.Timestamp != "2026-03-14T15:09:26Z" || len(bare.SHA1) != 40 {
		t.Errorf("%s (%v)", held[0], err)
	}
	if got := string(g.do("GET", "/algolia/1/logs?type=error&indexName=zebra", "").body); got != `{"logs":[`+whole+`]}` {
		t.Errorf("got %s", got)
	}
}
