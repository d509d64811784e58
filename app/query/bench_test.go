package query

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// benchEntries returns entries of the size and shape of real ones: a third
// each of long Algolia calls, Coveo stages and Elastic Path deliveries.
func benchEntries(n int) []logs.Entry {
	out := make([]logs.Entry, n)
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	filler := ""
	for i := range 12 {
		filler += fmt.Sprintf(`{\"objectID\":\"sku-%d\",\"name\":\"Garden chair %d\",\"price\":%d.90},`, 1000+i, i, 20+i)
	}
	for i := range out {
		at := start.Add(-time.Duration(i) * time.Second)
		e := logs.Entry{ID: fmt.Sprintf("%040x", i*2654435761), Time: at, TimeText: at.Format(time.RFC3339)}
		switch i % 3 {
		case 0:
			e.Src, e.Status, e.HasTook, e.Took = "algolia/global/APP/products", 200, true, time.Duration(i%400)*time.Millisecond
			e.Summary = "POST /1/indexes/products/query"
			e.Fields = logs.Fields{{Name: "index", Value: "products"}, {Name: "method", Value: "POST"}, {Name: "hits", Value: float64(i % 50)}}
			e.Raw = json.RawMessage(fmt.Sprintf(`{"timestamp":%q,"method":"POST","answer_code":"200","query_body":"{\"query\":\"chair %d\"}","answer":"{\"hits\":[%s]}","url":"/1/indexes/products/query","ip":"203.0.113.%d","sha1":%q,"processing_time_ms":"%d","index":"products","query_nb_hits":"%d"}`,
				e.TimeText, i, filler, i%250, e.ID, i%400, i%50))
		case 1:
			e.Src, e.Item = "coveo/us/acme/src-9", fmt.Sprintf("https://acme.example/p/%d", i)
			e.Summary = "INDEXING COMPLETED"
			e.Fields = logs.Fields{{Name: "stage", Value: "INDEXING"}, {Name: "operation", Value: "ADD"}, {Name: "result", Value: "COMPLETED"}}
			e.Raw = json.RawMessage(fmt.Sprintf(`{"guid":%q,"id":%q,"datetime":%q,"task":"INDEXING","operation":"ADD","result":"COMPLETED","sourceId":"src-9","organizationId":"acme"}`, e.ID, e.Item, e.TimeText))
		case 2:
			e.Src, e.Job, e.Status, e.Attempt = "elasticpath/euwest/store", fmt.Sprintf("%08x-0b1c-4f2e-9a77-1f2b3c4dcd26", i), 200+i%4*100, 1
			e.HasTook, e.Took, e.Level = true, time.Duration(i%9000)*time.Millisecond, logs.LevelError
			e.Summary = fmt.Sprintf("delivery %d", e.Status)
			e.Fields = logs.Fields{{Name: "integration", Value: "Order shipping notification"}, {Name: "body", Value: "<html><body>ok</body></html>"}}
			e.Raw = json.RawMessage(fmt.Sprintf(`{"id":%q,"type":"integration-log","succeeded":true,"attempt":1,"processing_time":%d.5,"body":"<html><body>ok</body></html>","status_code":%d,"error_detail":"","relationships":{"job":{"data":{"type":"integration-job","id":%q}}}}`, e.ID, i%9, e.Status, e.Job))
		}
		out[i] = e
	}
	return out
}

func BenchmarkMatch(b *testing.B) {
	const n = 10_000
	entries := benchEntries(n)
	bytes := 0
	for i := range entries {
		bytes += len(entries[i].Raw)
	}
	for _, bm := range []struct{ name, query string }{
		{"text-absent", "deadlock"},
		{"text-common", "products"},
		{"phrase", `"connection refused"`},
		{"text-unicode", "größe"},
		{"status", "status:>=500"},
		{"level", "level:>=warning"},
		{"field", "index:products"},
		{"field-in", "index:(products OR orders OR carts)"},
		{"raw-path", "algolia.processing_time_ms:>100"},
		{"regex-literal", "/deadlock.*found/i"},
		{"regex-alternation", "/order.*(failed|timeout)/i"},
		{"regex-no-literal", `/\d{5}-[a-f]+x/`},
		{"regex-field", "integration:/^order/i"},
		{"glob", "integration:order*notif*"},
		{"glob-text", "dead*lock"},
		{"mixed", `status:>=500 -vendor:algolia took:>2s "shipping"`},
	} {
		b.Run(bm.name, func(b *testing.B) {
			q := parse(b, bm.query)
			b.ReportAllocs()
			hits := 0
			for b.Loop() {
				hits = 0
				for i := range entries {
					if q.Match(&entries[i]) {
						hits++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
			b.ReportMetric(float64(hits), "hits")
			b.ReportMetric(float64(bytes)/n, "raw-B/entry")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(`status:>=500 -vendor:algolia index:(products OR "products fr") body:/time.?out/i took:>80%limit`); err != nil {
			b.Fatal(err)
		}
	}
}
