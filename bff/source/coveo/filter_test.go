package coveo

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// An allow list beats its exclude list at Coveo, so that only one of them is sent.
func TestBody_OneListOfAKind(t *testing.T) {
	term := func(field string, op query.Op, values ...string) query.Term {
		return query.Term{Field: field, Op: op, Values: values}
	}
	for _, c := range []struct {
		sources []string
		terms   []query.Term
		want    string
	}{
		{nil, nil, `{}`},
		{[]string{"s"}, nil, `{"sourcesIds":["s"]}`},
		{[]string{"s"}, []query.Term{term("source", query.OpIs, "t")}, `{"sourcesIds":["s"]}`},
		{nil, []query.Term{term("source", query.OpNot, "t", "u")}, `{"excludeSourceIds":["t","u"]}`},
		{nil, []query.Term{term("level", query.OpIn, "warning", "error")}, `{"results":["ERROR","REJECTED","WARNING"]}`},
		{nil, []query.Term{term("level", query.OpNot, "info"), term("outcome", query.OpNot, "failed")}, `{"excludeResults":["COMPLETED","SKIPPED","ERROR"]}`},
		{nil, []query.Term{term("level", query.OpIs, "warning"), term("result", query.OpNot, "WARNING")}, `{"results":["REJECTED"]}`},
		{nil, []query.Term{term("level", query.OpIs, "info"), term("outcome", query.OpIs, "skipped")}, `{"results":["SKIPPED"]}`},
		// Nothing can pass both; an empty list would be everything.
		{nil, []query.Term{term("result", query.OpIs, "ERROR"), term("level", query.OpIs, "info")}, `{"results":["ERROR"]}`},
		{nil, []query.Term{term("result", query.OpIs, "ERROR"), term("level", query.OpNot, "error")}, `{"results":["ERROR"]}`},
		{nil, []query.Term{term("stage", query.OpIs, "INDEXING"), term("operation", query.OpNot, "ADD"), term("resource", query.OpNot, "x")},
			`{"tasks":["INDEXING"],"excludeOperations":["ADD"],"excludeResourceIds":["x"]}`},
	} {
		body, item := bodyOf(c.sources, c.terms)
		if b, err := json.Marshal(body); err != nil || string(b) != c.want || item != "" {
			t.Errorf("%v %v: %s, want %s", c.sources, c.terms, b, c.want)
		}
	}
}

func TestFilters_SourcesAreSpelledAsThePickListHasThem(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"sourceModels":[{"id":"org-AbC","name":"n"}],"totalPages":1}`)
	})
	spell := func(id string) string {
		for _, f := range d.(driver.Filterer).Filters(nil) {
			if f.Field == "source" {
				v, _ := f.Spell(id)
				return v
			}
		}
		return "not declared"
	}
	if got := spell("ORG-abc"); got != "ORG-abc" {
		t.Errorf("before the pick list: %q", got)
	}
	if _, err := d.Targets(t.Context()); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{"ORG-abc": "org-AbC", "org-AbC": "org-AbC", "other": "other", "": ""} {
		if got := spell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for _, f := range d.(driver.Filterer).Filters([]string{"sources", "x"}) {
		if f.Field == "source" {
			t.Error("a source's target can be asked for another source")
		}
	}
}

func TestCounts_RequestAndStrangeAnswers(t *testing.T) {
	var got, answer string
	d := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + r.URL.RawQuery + " " + string(body)
		io.WriteString(w, answer)
	})
	read := driver.Read{Span: hour, Item: "http://x/", Terms: []query.Term{{Field: "stage", Op: query.OpIs, Values: []string{"MAPPING"}}}}
	answer = `{"tasks":{"MAPPING":3,"NEW":"2","x":-1,"y":"z","":4},"operations":{},"results":null,"other":{"a":1}}`
	facets, err := d.(driver.Counter).Counts(t.Context(), read)
	if err != nil || len(facets) != 2 || facets[0].Field != "stage" || len(facets[0].Values) != 2 || facets[0].Values[1].Count != 2 || len(facets[1].Values) != 0 {
		t.Errorf("%+v, %v", facets, err)
	}
	want := "POST /api/logs/v1/organizations/demoorg/facetsStats documentId=http%3A%2F%2Fx%2F&documentIdMatching=EXACT" +
		"&from=2024-01-02T03%3A00%3A00.000Z&to=2024-01-02T04%3A00%3A00.000Z " + `{"tasks":["MAPPING"]}`
	if got != want {
		t.Errorf("asked %s\nwant %s", got, want)
	}
	for _, answer = range []string{`{}`, `[]`, `{"tasks":`, `{"tasks":[]}`, `{"documentLogEntries":[]}`} {
		if _, err := d.(driver.Counter).Counts(t.Context(), read); fault.KindOf(err) != fault.BadUpstream || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", answer, err)
		}
	}
}
