package elasticpath_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/drivertest"
	"github.com/logpane/logpane/bff/source/elasticpath"
	"github.com/logpane/logpane/bff/source/rest"
)

func TestConformance(t *testing.T) {
	for name, vendor := range map[string]func(*rest.Net) driver.Vendor{"elasticpath": elasticpath.Vendor, "moltin": elasticpath.Moltin} {
		t.Run(name, func(t *testing.T) { drivertest.Run(t, harness(name, vendor)) })
	}
}

func harness(name string, vendor func(*rest.Net) driver.Vendor) drivertest.Harness {
	row := func(n int, at time.Time, succeeded any, text string) json.RawMessage {
		ref := func(kind, id string) any { return map[string]any{"data": map[string]string{"type": kind, "id": id}} }
		return encode(map[string]any{
			"id": fmt.Sprintf("00000000-0000-4000-8000-%012x", n+1), "type": "integration-log", "succeeded": succeeded, "attempt": 1,
			"processing_time": 0.5, "body": text, "status_code": 200, "error_detail": "",
			"relationships": map[string]any{"integration": ref("integration", "i-1"), "job": ref("integration-job", fmt.Sprintf("j-%d", n))},
			"meta":          map[string]any{"timestamps": map[string]string{"created_at": at.UTC().Format("2006-01-02T15:04:05.000000000Z")}},
		})
	}
	hour := time.Now().Add(-time.Hour)
	return drivertest.Harness{
		Vendor:      vendor,
		Credentials: map[string]string{"client_id": simulate.ElasticPathClient, "client_secret": simulate.ElasticPathSecret},
		Wrong:       map[string]string{"client_id": simulate.ElasticPathClient, "client_secret": "no-such-secret"},
		Simulator:   name, Truth: name, Orders: []string{"newest", "shuffled"},
		Row: func(n int, at time.Time, text string) json.RawMessage { return row(n, at, false, text) },
		Page: func(rows []json.RawMessage, more bool) string {
			answer := map[string]any{"data": append([]json.RawMessage{}, rows...)}
			if name == "elasticpath" {
				total := len(rows)
				if more {
					total *= 20
				}
				answer["meta"] = map[string]int{"limit": 100, "offset": 0, "current": 1, "total": (total + 99) / 100}
				answer["results"] = map[string]int{"total": total}
			}
			return string(encode(answer))
		},
		Error: func(status int, words string) string {
			return string(encode(map[string]any{"errors": []any{map[string]any{"status": status, "title": words}}}))
		},
		Forbidden: `{"errors":[{"status":403,"title":"Forbidden"}]}`,
		Mock: `{"data":[{"id":"string","type":"integration","succeeded":true,"attempt":0,"body":"string","status_code":0,"error_detail":"string",` +
			`"relationships":{"integration":{"data":{"type":"string","id":"string"}},"job":{"data":{"type":"string","id":"string"}}}}],` +
			`"meta":{"limit":0,"offset":0,"current":0,"total":0},"results":{"total":0}}`,
		Levels: []drivertest.Level{
			{Row: row(1, hour, true, ""), Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded},
			{Row: row(2, hour, false, ""), Level: logs.LevelError, Outcome: logs.OutcomeFailed},
			{Row: row(3, hour, "perhaps", "")},
			{Row: row(4, hour, nil, "")},
		},
		Wire: func(t query.Term) string {
			return map[string]string{"job": "/jobs/", "integration": "/integrations/", "integration_name": "/integrations/"}[t.Field] + t.Values[0] + "/"
		},
		Here: []string{"job:00000000-0000-4000-8000-000000000001", "-integration:x", "status:500", "level:error", "integration:(a OR b)"},
		End:  logs.Complete,
	}
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
