package simulate

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// integration is one entry of a store's pick list.
type integration struct {
	id, name, description, kind string
	enabled                     bool
	observes                    []string
	configuration               map[string]string
}

// json writes the integration as the vendor lists it, secrets included.
func (i integration) json(now time.Time) json.RawMessage {
	b, err := json.Marshal(map[string]any{
		"id": i.id, "type": "integration", "name": i.name, "description": i.description, "enabled": i.enabled,
		"integration_type": i.kind, "observes": i.observes, "configuration": i.configuration,
		"meta": map[string]any{"timestamps": map[string]string{
			"created_at": "2025-03-04T10:11:12.000Z", "updated_at": now.Truncate(24 * time.Hour).Format("2006-01-02T15:04:05.000Z")}},
	})
	if err != nil {
		panic(err)
	}
	return b
}

// Places in elasticIntegrations, and the first three in moltinIntegrations.
const (
	shipping = iota
	orders
	catalogue
	stock
	welcome
)

func webhook(id, name, description, url, secret string, observes ...string) integration {
	return integration{id, name, description, "webhook", true, observes, map[string]string{"url": url, "secret_key": secret}}
}

var elasticIntegrations = []integration{
	webhook("8edd44ef-1856-4456-90ec-d9fab8a25049", "Order shipping notification", "Tells customers that their parcel left",
		"https://hooks.shop.example.com/v3/shipping", "demo-whsec-shipping", "order.fulfilled", "order.shipped"),
	webhook("2f0e6c1a-7b0d-4e8a-9a54-6c2d1f3b8e70", "ERP order sync", "Copies orders to the ERP",
		"https://erp.example.com/api/orders", "demo-whsec-erp", "order.created", "order.paid", "order.updated"),
	webhook("c3a9f6b4-51de-4d3f-8e21-0b7a5d94c612", "Catalog search index", "",
		"https://search.example.com/hooks/catalog", "demo-whsec-search", "product.created", "product.updated", "product.deleted"),
	{"5b81d7e2-93c4-4f6b-a1d0-7e6f2c8b4a95", "Stock to warehouse queue", "Stock levels for the warehouse", "aws_sqs", true,
		[]string{"inventory.stock_adjusted"}, map[string]string{"url": "https://sqs.eu-west-1.amazonaws.com/000000000000/stock",
			"region": "eu-west-1", "aws_access_key_id": "DEMO-ACCESS-KEY-ID", "aws_secret_access_key": "demo-aws-secret"}},
	webhook("e47c02d8-6a3b-4b9e-b7f5-1d8c9a0e5f23", "Customer welcome mail", "Paused during the redesign",
		"https://mail.example.com/welcome", "demo-whsec-mail", "customer.created"),
}

var moltinIntegrations = []integration{
	webhook("8edd44ef-1856-4456-90ec-d9fab8a25049", "Order shipping notification", "Parcel left",
		"https://hooks.old-shop.example.com/shipping", "demo-moltin-whsec-1", "order.fulfilled"),
	webhook("0f6d2b9c-3e57-4c81-95ab-c20e7d14f836", "Order export", "",
		"https://erp.old-shop.example.com/orders", "demo-moltin-whsec-2", "order.created", "order.paid"),
	webhook("a95e13f7-84d2-46b0-8c3e-5f9b7a60d142", "Product feed", "",
		"https://feed.old-shop.example.com/products", "demo-moltin-whsec-3", "product.updated"),
}

// elasticRow is one delivery attempt.
type elasticRow struct {
	gap         time.Duration // after the row before it in its unit
	integration string
	job         string
	attempt     int // 0 = not told
	took        float64
	status      int // 0 = no HTTP answer
	noStatus    bool
	body        string
	detail      string
}

// elasticStory writes a store's deliveries. Since 18 minutes the shipping webhook fails: first 404, then 500 after
// 9.8 of the 10 seconds it has; since 4 minutes it partly recovers.
type elasticStory struct {
	moltin       bool
	integrations []integration
	refused      int        // deliveries refused so far, which chooses how
	last         elasticRow // repeated now and then: delivery is at least once
}

const (
	failingSince    = 18 * time.Minute
	failing500Since = 13 * time.Minute
	recoveringSince = 4 * time.Minute
	elasticHistory  = 30 * 24 * time.Hour

	outside2xx = "Received a status code outside of 2xx range - treating webhook as a fail"
)

func (s *elasticStory) generate(rng *rand.Rand, now time.Time, n int) []*record {
	a := newArena(n)
	incident := 0
	if n >= 100 {
		for at := -failingSince; at < 0; at += 40 * time.Second {
			s.place(a, rng, now, now.Add(at), s.shippingJob(rng, -at))
		}
		incident = len(a.records)
	}
	for _, at := range spread(rng, now, (n-incident)*101/102+1, elasticHistory) {
		s.place(a, rng, now, at, s.unit(rng, now.Sub(at)))
	}
	list := a.sorted(n)
	// Deliveries run side by side: now and then the later one is logged first.
	for i := 5; i+1 < len(list); i += between(rng, 20, 60) {
		list[i], list[i+1] = list[i+1], list[i]
		list[i].seq, list[i+1].seq = list[i+1].seq, list[i].seq
	}
	return list
}

func (s *elasticStory) place(a *arena, rng *rand.Rand, now, at time.Time, rows []elasticRow) {
	for _, row := range rows {
		if at = at.Add(row.gap); at.After(now) {
			return
		}
		a.add(row.record(at), func(b []byte) []byte { return row.render(b, rng, at) })
	}
}

// unit returns the attempts of one job that began age before the start.
func (s *elasticStory) unit(rng *rand.Rand, age time.Duration) []elasticRow {
	p := rng.IntN(100)
	switch {
	case p < 3 && s.last.job != "":
		again := s.last
		again.gap = 0
		return []elasticRow{again}
	case p < 35:
		return s.shippingJob(rng, age)
	case p < 60:
		return s.retried(rng, orders, rng.IntN(25) == 0)
	case p < 80 || s.moltin:
		return s.retried(rng, catalogue, rng.IntN(40) == 0)
	case p < 96:
		return s.queued(rng)
	}
	row := s.delivered(rng, welcome)
	row.body = "<!DOCTYPE html>\n<html><head><title>200</title></head><body><p>Merci, c'est noté.</p></body></html>"
	return []elasticRow{row}
}

// delivered is one good webhook delivery.
func (s *elasticStory) delivered(rng *rand.Rand, which int) elasticRow {
	row := elasticRow{integration: s.integrations[which].id, job: newUUID(rng), attempt: 1, took: 0.05 + 0.6*rng.Float64(), status: 200,
		body: `{"received":true,"event":"evt_` + strconv.Itoa(rng.IntN(1e9)) + `"}`}
	if rng.IntN(6) == 0 {
		row.status, row.body = 202, ""
	}
	if s.moltin && rng.IntN(5) == 0 {
		row.attempt = 0
	}
	s.last = row
	return row
}

// retried is a job that may fail once or twice and then gets through.
func (s *elasticStory) retried(rng *rand.Rand, which int, fails bool) []elasticRow {
	good := s.delivered(rng, which)
	if !fails {
		return []elasticRow{good}
	}
	var rows []elasticRow
	for i := range between(rng, 1, 2) {
		bad := good
		bad.attempt = i + 1
		bad.detail = outside2xx
		s.refused++
		switch s.refused % 3 {
		case 0:
			bad.status, bad.body = 502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
		case 1:
			bad.status, bad.body = 422, `{"error":{"code":"unknown_sku","message":"SKU 7731-B is not known`
		default:
			bad.status, bad.body = 500, "\x1b[31mFATAL\x1b[0m \x00 upstream said: \xff\xfe\tstack level too deep"
		}
		if i > 0 {
			bad.gap = retryGap(i)
		}
		rows = append(rows, bad)
	}
	good.attempt = len(rows) + 1
	good.gap = retryGap(len(rows))
	return append(rows, good)
}

// retryGap is the pause before attempt n+1. The vendor documents none; these are chosen.
func retryGap(n int) time.Duration {
	return []time.Duration{0, 20 * time.Second, time.Minute, 2 * time.Minute}[n]
}

// shippingJob is a job of the webhook that broke age after its first attempt.
func (s *elasticStory) shippingJob(rng *rand.Rand, age time.Duration) []elasticRow {
	first := s.delivered(rng, shipping)
	if age > failingSince {
		return []elasticRow{first}
	}
	first.attempt = 1
	var rows []elasticRow
	for n := 1; n <= 4; n++ {
		row := first
		row.attempt = n
		row.gap = retryGap(n - 1)
		if row.gap > 0 {
			row.gap += time.Duration(rng.IntN(5000)) * time.Millisecond
		}
		age -= row.gap
		ok := age < recoveringSince && rng.IntN(3) > 0
		switch {
		case ok:
			row.took = 1 + 3*rng.Float64()
		case age > failing500Since:
			row.status, row.took, row.body = 404, 0.2529, "Not found"
			row.detail = outside2xx
		case rng.IntN(4) == 0:
			row.status, row.noStatus, row.took, row.body = 0, true, 10, ""
			row.detail = `Post "https://hooks.shop.example.com/v3/shipping": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
		default:
			row.status, row.took = 500, 9.7+0.2*rng.Float64()
			row.body = fmt.Sprintf(`{"error":"could not connect to database","order":"%d","trace":["db.Connect","shipping.Notify","main.handle"]}`, between(rng, 100000, 999999))
			row.detail = outside2xx
		}
		rows = append(rows, row)
		if ok {
			break
		}
	}
	return rows
}

// queued is a message to the SQS queue: no HTTP status, no body.
func (s *elasticStory) queued(rng *rand.Rand) []elasticRow {
	row := elasticRow{integration: s.integrations[stock].id, job: newUUID(rng), attempt: 1, took: 0.01 + 0.05*rng.Float64(), noStatus: rng.IntN(2) == 0, status: 0}
	if rng.IntN(30) == 0 {
		row.detail = "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist"
	}
	return []elasticRow{row}
}

func (row elasticRow) succeeded() bool { return row.detail == "" }

func (row elasticRow) record(at time.Time) record {
	return record{at: at.UnixNano(), target: row.integration, item: row.job}
}

func (row elasticRow) render(b []byte, rng *rand.Rand, at time.Time) []byte {
	b = appendUUID(append(b, `{"id":"`...), rng.Uint64(), rng.Uint64())
	b = append(b, `","type":"integration-log","succeeded":`...)
	b = strconv.AppendBool(b, row.succeeded())
	if row.attempt > 0 {
		b = strconv.AppendInt(append(b, `,"attempt":`...), int64(row.attempt), 10)
	}
	b = appendFixed(append(b, `,"processing_time":`...), row.took, 4)
	if !row.noStatus {
		b = appendField(b, "body", row.body)
		b = strconv.AppendInt(append(b, `,"status_code":`...), int64(row.status), 10)
	}
	b = appendField(b, "error_detail", row.detail)
	b = append(append(b, `,"relationships":{"integration":{"data":{"type":"integration","id":"`...), row.integration...)
	b = append(append(b, `"}},"job":{"data":{"type":"integration-job","id":"`...), row.job...)
	b = append(b, `"}}},"meta":{"timestamps":{"created_at":"`...)
	b = at.UTC().AppendFormat(b, elasticTime)
	return append(b, `"}}}`...)
}
