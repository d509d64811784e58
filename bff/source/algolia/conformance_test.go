package algolia_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/algolia"
	"github.com/logpane/logpane/bff/source/drivertest"
)

func TestConformance(t *testing.T) {
	row := func(n int, at time.Time, code, text string) json.RawMessage {
		return encode(map[string]any{
			"timestamp": at.UTC().Format(time.RFC3339), "method": "POST", "answer_code": code, "query_body": text,
			"answer": "{}", "url": "/1/indexes/products/query", "ip": "203.0.113.7", "query_headers": "Host: x",
			"sha1": fmt.Sprintf("%040x", n+1), "processing_time_ms": "3", "index": "products",
		})
	}
	hour := time.Now().Add(-time.Hour)
	drivertest.Run(t, drivertest.Harness{
		Vendor: algolia.Vendor, Account: simulate.AlgoliaApp,
		Credentials: map[string]string{"api_key": simulate.AlgoliaKey},
		Wrong:       map[string]string{"api_key": "no-such-key"},
		Simulator:   "algolia", Truth: "algolia",
		Row: func(n int, at time.Time, text string) json.RawMessage { return row(n, at, "200", text) },
		Page: func(rows []json.RawMessage, _ bool) string {
			return string(encode(map[string]any{"logs": append([]json.RawMessage{}, rows...)}))
		},
		Error: func(status int, words string) string {
			return string(encode(map[string]any{"message": words, "status": status}))
		},
		Forbidden: `{"message":"Method not allowed with this API key","status":403}`,
		Mock: `{"logs":[{"timestamp":"string","method":"string","answer_code":"string","query_body":"string","answer":"string",` +
			`"url":"string","ip":"string","query_headers":"string","sha1":"string","nb_api_calls":"string","processing_time_ms":"string",` +
			`"index":"string","query_params":"string","query_nb_hits":"string","inner_queries":[{"index_name":"string","query_id":"string","user_token":"string"}]}]}`,
		Levels: []drivertest.Level{
			{Row: row(1, hour, "200", ""), Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded},
			{Row: row(2, hour, "404", ""), Level: logs.LevelWarning, Outcome: logs.OutcomeFailed},
			{Row: row(3, hour, "503", ""), Level: logs.LevelError, Outcome: logs.OutcomeFailed},
			{Row: row(4, hour, "later", "")},
		},
		Wire: func(t query.Term) string {
			return map[string]string{"type": "type=", "index": "indexName="}[t.Field] + t.Values[0]
		},
		Ignore: func(u *url.URL, body []byte) []byte {
			q := u.Query()
			q.Del("type")
			q.Del("indexName")
			u.RawQuery = q.Encode()
			return body
		},
		Told: told,
		Here: []string{`index:"products, articles"`, "-index:products", "-type:query", "type:(query OR build)", "status:200"},
		End:  logs.Expired,
	})
}

// told says what is a query, a build and an error as the simulator decides it.
func told(_, value string, row json.RawMessage) bool {
	var c struct {
		Method, URL string
		Code        string `json:"answer_code"`
	}
	if err := json.Unmarshal(row, &c); err != nil {
		panic(err)
	}
	path, _, _ := strings.Cut(c.URL, "?")
	of := strings.HasPrefix(path, "/1/indexes")
	search := of && (regexp.MustCompile("/(query|queries|browse)$").MatchString(path) || c.Method == "GET" && strings.Count(path, "/") == 3)
	switch value {
	case "query":
		return search
	case "build":
		return of && !search && c.Method != "GET"
	case "error":
		return c.Code >= "400"
	}
	return true
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
