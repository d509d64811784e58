package shape

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// logged writes a row as the vendor does: every number a string.
func logged(t testing.TB, members map[string]any) string {
	t.Helper()
	b, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "/", `\/`)
}

func query(t testing.TB, index, body string) string {
	return logged(t, map[string]any{"method": "POST", "url": "/1/indexes/" + index + "/query?x-algolia-agent=Go", "query_body": body, "index": index, "answer_code": "200", "processing_time_ms": "7", "query_nb_hits": "12"})
}

func shapeOf(t testing.TB, raw string) Shape {
	t.Helper()
	c, ok := Read(raw)
	if !ok {
		t.Fatalf("%s is no call", raw)
	}
	return Of(&c)
}

func TestOf_TitlesAndFingerprints(t *testing.T) {
	for _, c := range []struct{ raw, title, id string }{
		{query(t, "products", `{"params":"query=shoes&hitsPerPage=20&page=3&userToken=u1&facets=%5B%22brand%22%2C%22a%22%5D&filters=price%3E10"}`), "products · query · facets=a,brand · filters: price · hitsPerPage=20", "sggfkc65hk"},
		{logged(t, map[string]any{"method": "POST", "url": "/1/indexes/*/queries", "query_body": `{"requests":[{"indexName":"a","params":"query=x&hitsPerPage=5"},{"indexName":"b","params":"query=x&hitsPerPage=5"}]}`}), "a + b · 2 queries · hitsPerPage=5", ""},
		{logged(t, map[string]any{"method": "POST", "url": "/1/indexes/*/queries", "query_body": `{"requests":[{"indexName":"a","params":"hitsPerPage=5"},{"indexName":"a","params":"hitsPerPage=0&facets=brand"}]}`}), "a · 2 queries · a: hitsPerPage=5 · a: facets=brand, hitsPerPage=0", ""},
		{logged(t, map[string]any{"method": "GET", "url": "/1/indexes/products?query=x&getRankingInfo=1&x-algolia-api-key=abc"}), "products · search · getRankingInfo=1", ""},
		{logged(t, map[string]any{"method": "POST", "url": "/1/indexes/products/batch", "query_body": `{"requests":[{"action":"updateObject","body":{"query":"a"}},{"action":"addObject"}]}`}), "products · batch · action=addObject,updateObject", ""},
		{logged(t, map[string]any{"method": "PUT", "url": "/1/indexes/products/4711", "query_body": `{"name":"Record"`}), "products · object", ""},
		{logged(t, map[string]any{"method": "PUT", "url": "/1/indexes/products/4711/partial"}), "products · partial", ""},
		{logged(t, map[string]any{"method": "POST", "url": "/1/indexes/products/facets/brand/query", "query_body": `{"facetQuery":"ni","maxFacetHits":10}`}), "products · facets query · facetQuery · maxFacetHits=10", ""},
		{logged(t, map[string]any{"method": "GET", "url": "/1/keys/0123456789abcdef0123456789abcdef"}), "keys/…", ""},
		{logged(t, map[string]any{"method": "GET", "url": "/1/indexes/products%20fr/task/99"}), "products fr · task", ""},
	} {
		s := shapeOf(t, c.raw)
		if s.Title != c.title {
			t.Errorf("%s\nis called %q\nwant      %q", c.raw, s.Title, c.title)
		}
		if c.id != "" && s.ID != c.id {
			t.Errorf("%q has the fingerprint %s, want %s: links to it no longer lead anywhere", s.Title, s.ID, c.id)
		}
		if len(s.ID) != IDLen || strings.Trim(s.ID, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
			t.Errorf("fingerprint %q", s.ID)
		}
	}
}

// TestOf_ValuesDoNotMatter writes the same request in many ways.
func TestOf_ValuesDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		return []string{"shoes", "sac à dos", `"quoted" & odd=1`, "100%", "", "+1 %zz", "ÿ\u202e"}[rng.IntN(7)]
	}
	pick := func(s ...string) string { return s[rng.IntN(len(s))] }
	want := ""
	for range 500 {
		pairs := [][2]string{
			{"query", word()}, {"page", fmt.Sprint(rng.IntN(50))}, {"userToken", "user_" + fmt.Sprint(rng.IntN(1000))},
			{"hitsPerPage", "20"}, {"facets", pick(`["brand","size"]`, `["size", "brand"]`, "size,brand")},
			{"filters", pick(`brand:nike AND price > 10`, `price>=2 OR NOT brand:"a AND b"`, `(brand:'x (y)' OR brand:z<score=2>) AND price:1 TO 5`)},
			{"facetFilters", pick(`[["color:red","color:blue"],"size:-1"]`, `["size:2","color:x: y"]`, `color:red,size:4`)},
			{"aroundLatLng", fmt.Sprint(rng.Float64(), ",", rng.Float64())}, {"tagFilters", ""}, {"attributesToRetrieve", "*"},
		}
		rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		var body string
		switch rng.IntN(3) {
		case 0, 1:
			var parts []string
			for _, p := range pairs {
				parts = append(parts, p[0]+"="+url.QueryEscape(p[1]))
			}
			if body = strings.Join(parts, "&"); rng.IntN(2) == 0 {
				b, _ := json.Marshal(map[string]string{"params": body})
				body = string(b)
			}
		case 2:
			var members []string
			for _, p := range pairs {
				value, _ := json.Marshal(p[1])
				if p[0] == "hitsPerPage" || strings.HasPrefix(p[1], "[") && rng.IntN(2) == 0 {
					value = []byte(p[1])
				}
				members = append(members, fmt.Sprintf("%q : %s", p[0], value))
			}
			body = "{" + strings.Join(members, " ,\n") + "}"
		}
		if len([]rune(body)) >= CutAt {
			t.Fatal("the vendor would cut this")
		}
		s := shapeOf(t, query(t, "products", body))
		if want == "" {
			want = s.Key
		}
		if s.Key != want {
			t.Fatalf("%s\nhas the shape %q\nwant          %q", body, s.Key, want)
		}
	}
}

func TestOf_WhatIsAskedForMatters(t *testing.T) {
	seen := map[string]string{}
	for _, params := range []string{
		"query=x&hitsPerPage=20", "query=x&hitsPerPage=200", "query=x&hitsPerPage=20&getRankingInfo=1", "query=x&hitsPerPage=20&attributesToRetrieve=*",
		"query=x&hitsPerPage=20&attributesToRetrieve=%5B%22name%22%5D", "query=x&hitsPerPage=20&filters=brand:a", "query=x&hitsPerPage=20&filters=price:a",
		"query=x&hitsPerPage=20&facetFilters=price:a", "query=x&hitsPerPage=20&facets=%5B%22brand%22%5D", "query=x&hitsPerPage=20&aroundLatLng=1,2",
	} {
		for _, index := range []string{"products", "articles"} {
			s := shapeOf(t, query(t, index, `{"params":"`+params+`"}`))
			if other, twice := seen[s.ID]; twice {
				t.Errorf("%s on %s and %s have one fingerprint", params, index, other)
			}
			seen[s.ID] = params + " on " + index
		}
	}
}

// TestRead_CutAnywhere cuts bodies after every byte: nothing is invented, and what is
// read of the beginning is what stands in the whole.
func TestRead_CutAnywhere(t *testing.T) {
	for _, body := range []string{
		`{"params":"query=caf%C3%A9&hitsPerPage=20&filters=brand%3Anike&attributesToRetrieve=%5B%22name%22%5D"}`,
		`{"query":"café \"x\"","hitsPerPage":20,"facets":["brand","size"],"filters":"brand:nike"}`,
		"{\n \"requests\": [\n {\"indexName\": \"products\", \"params\": \"query=sac+%C3%A0+dos&hitsPerPage=10\"},\n {\"indexName\":\"articles\",\"query\":\"tent\"} ]}",
	} {
		path := "/1/indexes/products/query"
		if strings.Contains(body, "requests") {
			path = "/1/indexes/*/queries"
		}
		read := func(body string) Call {
			c, ok := Read(logged(t, map[string]any{"method": "POST", "url": path, "query_body": body}))
			if !ok {
				t.Fatal("no call")
			}
			return c
		}
		whole := read(body)
		if whole.Cut {
			t.Fatal("the whole body is cut")
		}
		for n := range body {
			c := read(strings.ToValidUTF8(body[:n], ""))
			if n > 1 && !c.Cut {
				t.Errorf("%q is not cut", body[:n])
			}
			for i, q := range c.Queries {
				if i >= len(whole.Queries) {
					t.Fatalf("%q asks %d queries", body[:n], len(c.Queries))
				}
				for k, p := range q.Params {
					w := whole.Queries[i].Params
					if k >= len(w) || p.Name != w[k].Name && !p.Cut || p != w[k] && !p.Cut || !strings.HasPrefix(w[k].Value, p.Value) && !p.Cut {
						t.Errorf("%q: parameter %+v, of the whole %+v", body[:n], p, w)
					}
				}
			}
			Of(&c)
		}
	}
}

// TestRead_InnerQueriesInBothSpellings also reads the queries that the body ends
// before.
func TestRead_InnerQueriesInBothSpellings(t *testing.T) {
	for _, inner := range []any{
		[]map[string]any{{"index_name": "products", "query_id": "q1", "user_token": "u"}, {"index_name": "articles", "query_id": "q2"}, {"index_name": "last", "query_id": "3"}},
		[]map[string]any{{"indexName": "products", "queryID": "q1", "userToken": "u"}, {"indexName": "articles", "queryID": "q2"}, {"indexName": "last", "queryID": 3}},
	} {
		c, ok := Read(logged(t, map[string]any{"method": "POST", "url": "/1/indexes/*/queries", "inner_queries": inner,
			"query_body": `{"requests":[{"indexName":"products","params":"query=tent&hitsPerPage=3"},{"indexName":"art`}))
		if !ok || len(c.Queries) != 3 || !c.Cut {
			t.Fatalf("%+v %v", c, ok)
		}
		if q := c.Queries[0]; q.Index != "products" || q.ID != "q1" || q.User != "u" || q.Cut || len(q.Params) != 2 {
			t.Errorf("first %+v", q)
		}
		if q := c.Queries[1]; q.Index != "articles" || q.ID != "q2" || !q.Cut {
			t.Errorf("second %+v", q)
		}
		if q := c.Queries[2]; q.Index != "last" || q.ID != "3" || !q.Cut {
			t.Errorf("third %+v", q)
		}
		if s := Of(&c); s.Index != "products + articles + last" || !s.Cut || s.Title != "products + articles + last · 3 queries · hitsPerPage=3 · ✂" {
			t.Errorf("shape %+v", s)
		}
	}
}

func TestRead_NumbersAsStringsAndAsNumbers(t *testing.T) {
	for _, raw := range []string{
		`{"method":"POST","url":"/1/indexes/a/query","processing_time_ms":"410","query_nb_hits":"0","answer_code":"200"}`,
		`{"method":"POST","url":"/1/indexes/a/query","processing_time_ms":410,"query_nb_hits":0,"answer_code":200}`,
	} {
		c, ok := Read(raw)
		if !ok || c.Took.Milliseconds() != 410 || !c.Timed || c.Hits != 0 || !c.Counted || c.Status != 200 {
			t.Errorf("%s is %+v %v", raw, c, ok)
		}
	}
	c, ok := Read(`{"method":"POST","url":"/1/indexes/a/query","processing_time_ms":"","query_nb_hits":null,"answer_code":"?"}`)
	if !ok || c.Timed || c.Counted || c.Status != 0 {
		t.Errorf("out of nothing: %+v %v", c, ok)
	}
	for _, raw := range []string{"", "null", `"x"`, "[1]", "{}", `{"other":1}`} {
		if c, ok := Read(raw); ok {
			t.Errorf("%s is a call: %+v", raw, c)
		}
	}
}

func TestConditions(t *testing.T) {
	for in, want := range map[string]string{
		`brand:nike AND (price > 10 OR NOT sale:true)`:  "brand=nike price=> 10 sale=true",
		`"my attr":"a AND b" AND price:10 TO 20`:        "my attr=a AND b price=10 TO 20",
		`public OR price!=3`:                            "_tags=public price=!= 3",
		`[["brand:nike","brand:-adidas"],"color:a: b"]`: "brand=nike brand=-adidas color=a: b",
		`["price>=10","-brand:x"]`:                      "price=>= 10 brand=x",
		`brand:nike,color:red`:                          "brand=nike color=red",
		`brand:nike<score=3>`:                           "brand=nike<score=3>",
		`brand:"cut off`:                                "brand=cut off",
		`price:`:                                        "price=",
		`:::`:                                           "",
		``:                                              "",
	} {
		var got []string
		for _, c := range Conditions(in) {
			got = append(got, c.Attribute+"="+c.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Conditions(%s) = %q, want %q", in, got, want)
		}
	}
}

// FuzzRead reads rows with any body and address. Whatever comes, a shape is the same
// twice, its fingerprint follows from its key, and the command holds no key.
func FuzzRead(f *testing.F) {
	const secret = "0123456789abcdef0123456789abcdef"
	f.Add(`{"params":"query=shoes&hitsPerPage=20"}`, "/1/indexes/a/query?x-algolia-api-key="+secret, `[{"index_name":"a"}]`)
	f.Add(`{"requests":[{"indexName":"a","params":"filters=brand%3Ax%20AND%20(price>1"},{"indexName":"b`, "/1/indexes/*/queries", `[{"indexName":"a","queryID":1}]`)
	f.Add(`query=a&filters=%5B%5B%22a:b%22`, "https://h/1/indexes/a%2Fb/batch?a=1&&=", "null")
	f.Fuzz(func(t *testing.T, body, address, inner string) {
		b, err := json.Marshal(map[string]string{"method": "POST", "url": address, "query_body": body})
		if err != nil {
			t.Fatal(err)
		}
		raw := strings.TrimSuffix(string(b), "}")
		if json.Valid([]byte(inner)) {
			raw += `,"inner_queries":` + inner
		}
		raw += "}"
		c, ok := Read(raw)
		if !ok {
			t.Fatal("no call")
		}
		s := Of(&c)
		again, _ := Read(raw)
		if o := Of(&again); o.Key != s.Key || o.ID != s.ID || o.Title != s.Title {
			t.Fatalf("two shapes of one call: %q %q", s.Key, o.Key)
		}
		if s.ID != fingerprint(s.Key) || len(s.ID) != IDLen {
			t.Fatalf("fingerprint %q", s.ID)
		}
		r := NewReader()
		if one, two := r.Of(&c), r.Of(&again); one.Shape != two.Shape || one.Shape.Key != s.Key {
			t.Fatal("a reader has two shapes for one call")
		}
		for i := range s.Parts {
			if !slices.IsSorted(s.Parts[i].Params) {
				t.Fatalf("%q are not sorted", s.Parts[i].Params)
			}
		}
		features := c.Features()
		for i, feature := range features {
			if slices.Contains(features[:i], feature) || len(feature.Value) > maxValue+len("…") {
				t.Fatalf("features %+v", features)
			}
		}
		// What is quoted stays quoted: outside of quotes there is nothing of the call.
		curl := c.Curl("DEMOAPP")
		if strings.ContainsAny(curl, "\x00\x03\x1b\r") {
			t.Fatalf("control characters in %q", curl)
		}
		if strings.Contains(curl, secret) && strings.Contains(address, "api-key="+secret) && !strings.Contains(body, secret) && strings.Count(address, secret) == 1 {
			t.Fatalf("the key is in %q", curl)
		}
		out := unquoted(curl)
		if strings.Trim(strings.NewReplacer("curl --globoff -X POST", "", "-H", "", "--data-raw", "", "# Algolia cut the body: complete it before you send this.", "", "# This may change the index.", "",
			"$ALGOLIA_API_KEY", "", "$ALGOLIA_APPLICATION_ID", "").Replace(out), " \\\n") != "" {
			t.Fatalf("%q stands outside of quotes in\n%s", out, curl)
		}
	})
}

// unquoted returns what of a command a shell reads as other than a plain text.
func unquoted(s string) string {
	var b strings.Builder
	for s != "" {
		switch {
		case s[0] == '\'':
			_, rest, _ := strings.Cut(s[1:], "'")
			s = rest
		case strings.HasPrefix(s, `\'`):
			s = s[2:]
		case s[0] == '"':
			in, rest, _ := strings.Cut(s[1:], `"`)
			b.WriteString(strings.TrimPrefix(in, "https://"))
			s = rest
		default:
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return b.String()
}
