package deepset_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/deepset"
	"github.com/logpane/logpane/bff/source/drivertest"
)

func TestConformance(t *testing.T) {
	row := func(n int, at time.Time, level, text string) json.RawMessage {
		return encode(map[string]any{
			"log_id": fmt.Sprintf("log-%d", n), "message": text, "logged_at": at.UTC().Format("2006-01-02T15:04:05.000000Z"),
			"level": level, "origin": "querypipeline", "exceptions": nil, "extra_fields": nil,
		})
	}
	hour := time.Now().Add(-time.Hour)
	drivertest.Run(t, drivertest.Harness{
		Vendor: deepset.Vendor, Account: simulate.DeepsetWorkspace,
		Credentials: map[string]string{"api_key": simulate.DeepsetKey},
		Wrong:       map[string]string{"api_key": "no-such-key"},
		Simulator:   "deepset", Truth: "deepset/production/rag-prod", Path: []string{"pipelines", "rag-prod"},
		Row: func(n int, at time.Time, text string) json.RawMessage { return row(n, at, "info", text) },
		Page: func(rows []json.RawMessage, more bool) string {
			return string(encode(map[string]any{"data": append([]json.RawMessage{}, rows...), "has_more": more, "total": len(rows)}))
		},
		Error:     func(_ int, words string) string { return string(encode(map[string]any{"detail": words})) },
		Forbidden: `{"detail":"Not allowed"}`,
		Mock: `{"data":[{"log_id":"string","message":"string","logged_at":"string","level":"string","origin":"querypipeline",` +
			`"exceptions":[{"type":"string","value":"string","trace":[{"filename":"string","line_number":0,"name":"string"}]}],"extra_fields":{}}],"has_more":true,"total":0}`,
		Levels: []drivertest.Level{
			{Row: row(1, hour, "info", ""), Level: logs.LevelInfo},
			{Row: row(2, hour, "WARNING", ""), Level: logs.LevelWarning},
			{Row: row(3, hour, "error", ""), Level: logs.LevelError},
			{Row: row(4, hour, "loud", "")},
		},
		Wire: func(t query.Term) string { return "filter=" + t.Field + " eq '" + t.Values[0] + "'" },
		Ignore: func(u *url.URL, body []byte) []byte {
			q := u.Query()
			q.Del("filter")
			u.RawQuery = q.Encode()
			return body
		},
		Here: []string{"level:>=warning", "level:critical", "-level:info", "origin:querypipeline", "level:(info OR error)"},
		End:  logs.Complete,
	})
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
