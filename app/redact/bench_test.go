package redact

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// plainEntry is a delivery of Elastic Path with nothing to cover, about 540 bytes.
const plainEntry = `{"id":"9d3f5b0e-52c3-4b92-9a3e-0f7d3f1c2b4a","type":"integration-log","succeeded":true,"attempt":1,"processing_time":0.2529,"body":"{\"received\":true,\"event\":\"evt_830112\",\"queue\":\"orders-eu-1\",\"accepted\":[\"order\",\"lines\",\"totals\"]}","status_code":200,"error_detail":"","relationships":{"integration":{"data":{"type":"integration","id":"8edd44ef-1856-4456-90ec-d9fab8a25049"}},"job":{"data":{"type":"integration-job","id":"3b69f1c2-7d0e-4c58-9a51-1f2e3d4c5b6a"}}},"meta":{"timestamps":{"created_at":"2026-11-22T10:33:04.157182911Z"}}}`

// queryEntry is a call of Algolia with an address, a user and headers.
const queryEntry = `{"timestamp":"2026-11-22T10:33:04Z","method":"POST","answer_code":"200","query_body":"{\"params\":\"query=running+shoes&hitsPerPage=20&page=0&userToken=user_58\"}","answer":"{\"hits\":[{\"objectID\":\"7731\",\"name\":\"Shoe\"}],\"nbHits\":1}","url":"\/1\/indexes\/products\/query?x-algolia-agent=Algolia%20for%20JavaScript&x-algolia-api-key=ce11****************************","ip":"203.0.113.77","query_headers":"Host: a-dsn.algolia.net\nUser-Agent: Mozilla\/5.0 (X11; Linux x86_64) Chrome\/120.0.0.0\nX-Forwarded-For: 203.0.113.77\n","sha1":"26c53bd7e38ca71f4741b71994cd94a600b7ac68","processing_time_ms":"3","index":"products","inner_queries":[{"index_name":"products","user_token":"user_58"}]}`

// BenchmarkFloor is one call of the library's fastest search through the same text.
func BenchmarkFloor(b *testing.B) {
	b.SetBytes(int64(len(plainEntry)))
	for b.Loop() {
		if strings.IndexByte(plainEntry, 0) >= 0 {
			b.Fatal("found")
		}
	}
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"plain", plainEntry}, {"query", queryEntry}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				Lens{Key: 7}.Text(c.text)
			}
		})
	}
}

func BenchmarkEntry(b *testing.B) {
	e := logs.Entry{
		ID: "26c53bd7", Src: "algolia/demo/DEMOAPP/products", Time: time.Unix(1e9, 0), Summary: `POST query products "running shoes" 1 hit`, Item: "products",
		Fields: logs.Fields{{Name: "method", Value: "POST"}, {Name: "url", Value: "/1/indexes/products/query"}, {Name: "ip", Value: "203.0.113.77"}, {Name: "hits", Value: 1.0}, {Name: "user_token", Value: "user_58"}},
		Raw:    []byte(queryEntry),
	}
	b.SetBytes(int64(len(queryEntry)))
	b.ReportAllocs()
	for b.Loop() {
		Lens{Key: 7}.Entry(e)
	}
}
