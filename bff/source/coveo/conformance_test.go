package coveo_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source/coveo"
	"github.com/logpane/logpane/bff/source/drivertest"
)

func TestConformance(t *testing.T) {
	row := func(n int, at time.Time, result, text string) json.RawMessage {
		return encode(map[string]any{
			"guid": fmt.Sprintf("00000000-0000-4000-8000-%012x", n+1), "id": "https://docs.example.com/" + fmt.Sprint(n),
			"datetime": at.UTC().Format("2006-01-02T15:04:05.000Z"), "task": "INDEXING", "operation": "ADD", "result": result,
			"organizationId": simulate.CoveoOrg, "sourceId": "demoorg-docs", "resourceId": "x", "meta": map[string]string{"errorMessage": text},
		})
	}
	hour := time.Now().Add(-time.Hour)
	drivertest.Run(t, drivertest.Harness{
		Vendor: coveo.Vendor, Account: simulate.CoveoOrg,
		Credentials: map[string]string{"token": simulate.CoveoToken},
		Wrong:       map[string]string{"token": "no-such-token"},
		Simulator:   "coveo", Truth: "coveo", Volatile: []string{"requestId"},
		Row: func(n int, at time.Time, text string) json.RawMessage { return row(n, at, "ERROR", text) },
		Page: func(rows []json.RawMessage, more bool) string {
			return string(encode(map[string]any{"documentLogEntries": append([]json.RawMessage{}, rows...), "hasNextPage": more}))
		},
		Error: func(_ int, words string) string {
			return string(encode(map[string]any{"errorCode": "SOME_CODE", "message": words}))
		},
		Forbidden: `{"errorCode":"ACCESS_DENIED","message":"Access denied"}`,
		Mock: `{"documentLogEntries":[{"guid":"string","id":"string","datetime":"string","task":"string","operation":"string","result":"string",` +
			`"organizationId":"string","sourceId":"string","resourceId":"string","requestId":"string","meta":{"string":"string"}}],"hasNextPage":true}`,
		Levels: []drivertest.Level{
			{Row: row(1, hour, "COMPLETED", ""), Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded},
			{Row: row(2, hour, "SKIPPED", ""), Level: logs.LevelInfo, Outcome: logs.OutcomeSkipped},
			{Row: row(3, hour, "WARNING", ""), Level: logs.LevelWarning, Outcome: logs.OutcomeWarned},
			{Row: row(4, hour, "REJECTED", ""), Level: logs.LevelWarning, Outcome: logs.OutcomeRejected},
			{Row: row(5, hour, "ERROR", ""), Level: logs.LevelError, Outcome: logs.OutcomeFailed},
			{Row: row(6, hour, "POSTPONED", "")},
		},
		Counts: true,
		Wire:   carried,
		Ignore: func(u *url.URL, _ []byte) []byte {
			q := u.Query()
			q.Del("documentId")
			q.Del("documentIdMatching")
			u.RawQuery = q.Encode()
			return []byte("{}")
		},
		Here: []string{"item:(a OR b)", "-item:a", "item:https://docs*", "level:critical", "result:(ERROR OR POSTPONED)", "error_code:*", "level:error OR stage:MAPPING"},
		End:  logs.Expired,
	})
}

// carried is how the Swagger of the Source Logs service writes a condition.
func carried(t query.Term) string {
	list := map[string]string{"stage": "asks", "operation": "perations", "result": "esults", "level": "esults", "outcome": "esults", "resource": "esourceIds", "source": "ourcesIds"}[t.Field]
	words := t.Values
	if of := map[string]map[string][]string{
		"level":   {"info": {"COMPLETED", "SKIPPED"}, "warning": {"REJECTED", "WARNING"}, "error": {"ERROR"}},
		"outcome": {"succeeded": {"COMPLETED"}, "skipped": {"SKIPPED"}, "warned": {"WARNING"}, "rejected": {"REJECTED"}, "failed": {"ERROR"}},
	}[t.Field]; of != nil {
		words = nil
		for _, v := range t.Values {
			words = append(words, of[v]...)
		}
		slices.Sort(words)
	}
	switch {
	case t.Field == "item":
		return "documentId=" + t.Values[0] + "&documentIdMatching=EXACT"
	case t.Op == query.OpNot && t.Field == "source":
		list = "excludeSourceIds"
	case t.Op == query.OpNot:
		list = "exclude" + strings.ToUpper(first[list]) + list
	default:
		list = first[list] + list
	}
	return `"` + list + `":` + string(encode(words))
}

// first are the first letters of the lists' names, whose case changes.
var first = map[string]string{"asks": "t", "perations": "o", "esults": "r", "esourceIds": "r", "ourcesIds": "s"}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
