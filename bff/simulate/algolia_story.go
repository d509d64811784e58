package simulate

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// algoliaRow is one logged call.
type algoliaRow struct {
	gap        time.Duration // after the row before it in its unit
	method     string
	path       string // with the query string that is not the client's own
	agent      string
	key        string // as the log shows it
	ip         string
	body       string
	answer     string
	code       int
	took       int // milliseconds
	hits       int // -1 = not a query
	index      string
	inner      []string // indices of a multi-query
	camel      bool     // inner queries in the spelling of the older documentation
	user       string
	exhaustive bool // older rows only
}

// algoliaStory writes the application's log. Since 40 minutes a page asks for everything of every hit
// (attributesToRetrieve=* and getRankingInfo=1) and takes 300 to 500 ms where others take a few.
type algoliaStory struct {
	words, misses []string
}

const algoliaSlowSince = 40 * time.Minute

func newAlgoliaStory() *algoliaStory {
	return &algoliaStory{
		words:  []string{"running shoes", "shoes", "rain jacket", "jacket", "tent 2 person", "headlamp", "climbing rope", "t-shirt", "trail", "socks", "gore-tex", "sac à dos", "bouteille isotherme"},
		misses: []string{"runing shoos", "xxl umbrela", "4008321-B", "gift card 500", "chaussure randonée étanche", "\"waterproof\" -jacket"},
	}
}

func (s *algoliaStory) generate(rng *rand.Rand, now time.Time, n int) []*record {
	a := newArena(n)
	// The slow page is watched by one person who reloads it, many times within one second.
	for i := range min(60, n/8) {
		at := now.Add(-algoliaSlowSince + time.Duration(i)*39*time.Second)
		s.place(a, rng, now, at, []algoliaRow{s.slow(rng)})
		if i%6 == 0 {
			s.place(a, rng, now, at, []algoliaRow{s.slow(rng), s.slow(rng), s.query(rng)})
		}
	}
	for _, at := range spread(rng, now, (n-len(a.records))*10/19+1, algoliaRetention) {
		s.place(a, rng, now, at, s.unit(rng, now.Sub(at)))
	}
	return a.sorted(n)
}

// place writes the rows of a unit from at on; rows that would be later than now are still to come and left out.
func (s *algoliaStory) place(a *arena, rng *rand.Rand, now, at time.Time, rows []algoliaRow) {
	for _, row := range rows {
		if at = at.Add(row.gap); at.After(now) {
			return
		}
		a.add(row.record(at), func(b []byte) []byte { return row.render(b, rng, at) })
	}
}

// unit returns the calls that belong together, for something that happened age before the start.
func (s *algoliaStory) unit(rng *rand.Rand, age time.Duration) []algoliaRow {
	switch p := rng.IntN(100); {
	case p < 4 && age < algoliaSlowSince:
		return []algoliaRow{s.slow(rng)}
	case p < 42:
		return s.typing(rng)
	case p < 62:
		return []algoliaRow{s.multi(rng, age)}
	case p < 72:
		row := s.query(rng)
		row.body = `{"params":"query=` + url.QueryEscape(pick(rng, s.misses)) + `&hitsPerPage=20&page=0"}`
		row.hits, row.answer = 0, `{"hits":[],"nbHits":0,"page":0,"nbPages":0,"hitsPerPage":20,"processingTimeMS":1,"query":"","params":""}`
		return []algoliaRow{row}
	case p < 90:
		return s.build(rng)
	default:
		return []algoliaRow{s.failure(rng)}
	}
}

func (s *algoliaStory) base(rng *rand.Rand) algoliaRow {
	return algoliaRow{
		method: "POST", code: 200, hits: -1, took: between(rng, 1, 9),
		agent: pick(rng, []string{"Algolia for JavaScript (5.64.0); Browser; instantsearch.js (4.75.0)", "Algolia for JavaScript (4.24.0); Browser (lite)", "Algolia for Go (4.45.0)"}),
		key:   pick(rng, []string{"ce11", "8f0a"}) + strings.Repeat("*", 28),
		ip:    fmt.Sprintf("203.0.113.%d", between(rng, 2, 250)),
		user:  fmt.Sprintf("user_%d", between(rng, 1, 400)),
		index: pick(rng, []string{"products", "products", "products", "products_fr", "articles"}),
	}
}

func (s *algoliaStory) query(rng *rand.Rand) algoliaRow {
	row := s.base(rng)
	row.path = "/1/indexes/" + row.index + "/query"
	word := pick(rng, s.words)
	row.body = `{"params":"query=` + url.QueryEscape(word) + `&hitsPerPage=20&page=0&attributesToRetrieve=%5B%22name%22%2C%22price%22%5D&clickAnalytics=true&userToken=` + row.user + `"}`
	row.hits = between(rng, 1, 10500)
	row.answer = s.hits(rng, row.index, min(row.hits, 20), false)
	return row
}

// typing is a search as you type: one query per letter, several within one second.
func (s *algoliaStory) typing(rng *rand.Rand) []algoliaRow {
	word := pick(rng, s.words)
	first := s.query(rng)
	var rows []algoliaRow
	for i := 2; i <= min(len(word), between(rng, 3, 6)); i++ {
		row := first
		row.gap = time.Duration(between(rng, 90, 240)) * time.Millisecond
		row.body = `{"params":"query=` + url.QueryEscape(strings.ToValidUTF8(word[:i], "")) + `&hitsPerPage=20&page=0&userToken=` + row.user + `"}`
		row.took = between(rng, 1, 6)
		row.hits = max(1, first.hits/i)
		rows = append(rows, row)
	}
	return rows
}

// slow is the query of the page that asks for everything.
func (s *algoliaStory) slow(rng *rand.Rand) algoliaRow {
	row := s.base(rng)
	row.index = "products"
	row.path = "/1/indexes/products/query"
	row.took = between(rng, 300, 500)
	row.user = "user_77"
	row.ip = "203.0.113.77"
	row.hits = between(rng, 9000, 10500)
	row.body = fmt.Sprintf(`{"params":"query=%s&hitsPerPage=200&page=%d&attributesToRetrieve=*&getRankingInfo=1&facets=%%5B%%22*%%22%%5D"}`,
		url.QueryEscape(pick(rng, s.words)), rng.IntN(5))
	row.answer = s.hits(rng, row.index, 20, true)
	return row
}

func (s *algoliaStory) multi(rng *rand.Rand, age time.Duration) algoliaRow {
	row := s.base(rng)
	row.path = "/1/indexes/*/queries"
	row.inner = []string{row.index, "articles"}
	if rng.IntN(2) == 0 {
		row.inner = append(row.inner, "products_fr")
	}
	row.camel = rng.IntN(9) == 0
	row.exhaustive = age > 4*24*time.Hour
	word := url.QueryEscape(pick(rng, s.words))
	var b strings.Builder
	b.WriteString("\n{\n \"requests\": [\n")
	for i, index := range row.inner {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "  {\n   \"indexName\": %q,\n   \"params\": \"query=%s&hitsPerPage=10&page=0&highlightPreTag=%%3Cais-highlight-0000000000%%3E&highlightPostTag=%%3C%%2Fais-highlight-0000000000%%3E&facets=%%5B%%22brand%%22%%2C%%22categories%%22%%2C%%22free_shipping%%22%%2C%%22type%%22%%5D&maxValuesPerFacet=20&clickAnalytics=true&userToken=%s&tagFilters=\"\n  }", index, word, row.user)
	}
	b.WriteString("\n ]\n}\n")
	row.body = b.String()
	row.hits = between(rng, 0, 3000)
	row.answer = "{\n \"results\": [\n" + s.hits(rng, row.index, 10, false)
	return row
}

// build is a run of the catalogue import: a batch, sometimes with settings or a delete.
func (s *algoliaStory) build(rng *rand.Rand) []algoliaRow {
	row := s.base(rng)
	row.agent = "Algolia for Go (4.45.0)"
	row.key = "1b9d" + strings.Repeat("*", 28)
	row.ip, row.user = "198.51.100.14", ""
	row.path = "/1/indexes/" + row.index + "/batch"
	row.took = between(rng, 2, 40)
	var b strings.Builder
	b.WriteString(`{"requests":[`)
	var ids []string
	for i := range between(rng, 1, 12) {
		if i > 0 {
			b.WriteByte(',')
		}
		id := strconv.Itoa(between(rng, 10000, 99999))
		ids = append(ids, `"`+id+`"`)
		fmt.Fprintf(&b, `{"action":"updateObject","body":{"objectID":"%s","name":"Trail jacket %s","price":%d.90,"stock":%d,"categories":["Outdoor","Jackets"]}}`, id, id, between(rng, 9, 299), rng.IntN(90))
	}
	b.WriteString("]}")
	row.body = b.String()
	row.answer = fmt.Sprintf(`{"objectIDs":[%s],"taskID":%d}`, strings.Join(ids, ","), between(rng, 1e8, 9e8))
	rows := []algoliaRow{row}
	if rng.IntN(4) == 0 {
		settings := row
		settings.gap = seconds(1 + rng.Float64()*3)
		settings.method, settings.path = "PUT", "/1/indexes/"+row.index+"/settings"
		settings.body = `{"searchableAttributes":["name","brand","unordered(description)"],"customRanking":["desc(popularity)"]}`
		settings.answer = fmt.Sprintf(`{"updatedAt":"2026-01-01T00:00:00.000Z","taskID":%d}`, between(rng, 1e8, 9e8))
		rows = append(rows, settings)
	}
	return rows
}

func (s *algoliaStory) failure(rng *rand.Rand) algoliaRow {
	row := s.query(rng)
	row.hits, row.took = -1, 1
	fail := func(code int, message string) {
		row.code, row.answer = code, fmt.Sprintf(`{"message":%q,"status":%d}`, message, code)
	}
	switch rng.IntN(6) {
	case 0:
		fail(400, "invalid filters: facet filter 'price:' at position 0: expected value")
		row.body = `{"params":"query=shoes&filters=price:"}`
	case 1:
		// A key the server does not know is shown as it came: nothing masks it.
		row.key = "0123456789abcdef0123456789abcdef"
		fail(403, "Invalid Application-ID or API key")
	case 2:
		row.index = "products_old"
		row.path = "/1/indexes/products_old/query"
		fail(404, "Index products_old does not exist")
	case 3:
		row.method, row.path = "PUT", "/1/indexes/products/"+strconv.Itoa(between(rng, 10000, 99999))
		row.body = `{"name":"Record with everything","description":"` + strings.Repeat("far too long ", 120) + `"}`
		fail(400, "Record at the position 0 is too big size=10842/10000 bytes. Please have a look at https://www.algolia.com/doc/guides/sending-and-managing-data/prepare-your-data/in-depth/index-and-records-size-and-usage-limitations/")
	case 4:
		fail(429, "Too Many Requests")
	default:
		row.took = between(rng, 1200, 4800)
		fail(503, "Internal Server Error")
	}
	return row
}

// hits is the start of an answer; the log cuts it after 1,000 characters anyway.
func (s *algoliaStory) hits(rng *rand.Rand, index string, n int, ranking bool) string {
	var b strings.Builder
	b.WriteString("{\n \"hits\": [\n")
	for i := range min(n, 4) {
		if i > 0 {
			b.WriteString(",\n")
		}
		id := between(rng, 10000, 99999)
		fmt.Fprintf(&b, "  {\n   \"name\": \"%s n° %d\",\n   \"description\": \"Léger, chaud et imperméable — light, warm and waterproof, for long days on the trail.\",\n   \"brand\": \"Alpina\",\n   \"categories\": [\"Outdoor\", \"%s\"],\n   \"price\": %d.99,\n   \"image\": \"https://img.shop.example.com/%d.jpg\",\n   \"objectID\": \"%d\"", pick(rng, s.words), id, index, between(rng, 9, 299), id, id)
		if ranking {
			fmt.Fprintf(&b, ",\n   \"_rankingInfo\": {\"nbTypos\": 0, \"firstMatchedWord\": 0, \"proximityDistance\": 0, \"userScore\": %d, \"words\": 1}", between(rng, 1, 9999))
		}
		b.WriteString("\n  }")
	}
	fmt.Fprintf(&b, "\n ],\n \"nbHits\": %d,\n \"page\": 0,\n \"hitsPerPage\": 20\n}\n", n)
	return b.String()
}

func (row algoliaRow) record(at time.Time) record {
	r := record{at: at.Truncate(time.Second).UnixNano(), target: row.index, kind: algoliaKind(row.method, row.path), more: row.inner}
	if row.code >= 400 {
		r.result = "error"
	}
	return r
}

// render writes the entry: numbers as strings, whole seconds, bodies cut at 1,000 characters, slashes escaped.
func (row algoliaRow) render(b []byte, rng *rand.Rand, at time.Time) []byte {
	agent := strings.ReplaceAll(url.QueryEscape(row.agent), "+", "%20")
	target := row.path + "?x-algolia-agent=" + agent + "&x-algolia-application-id=" + AlgoliaApp + "&x-algolia-api-key=" + row.key
	headers := "Host: c1-de-3.algolianet.com\nConnection: keep-alive\nContent-Length: " + strconv.Itoa(len(row.body)) +
		"\naccept: application/json\nOrigin: https://shop.example.com\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\n" +
		"x-algolia-api-key: " + row.key + "\nReferer: https://shop.example.com/search\nAccept-Encoding: gzip, deflate, br\nAccept-Language: fr,en;q=0.9\n"
	b = append(b, `{"timestamp":"`...)
	b = at.UTC().Truncate(time.Second).AppendFormat(b, time.RFC3339)
	b = append(b, `","method":"`...)
	b = append(append(b, row.method...), '"')
	number := func(key string, n int) {
		b = appendField(b, key, strconv.Itoa(n))
	}
	text := func(key, value string) {
		start := len(b)
		b = appendField(b, key, value)
		escaped := strings.ReplaceAll(string(b[start:]), "/", `\/`)
		b = append(b[:start], escaped...)
	}
	number("answer_code", row.code)
	text("query_body", cutRunes(row.body, 1000))
	text("answer", cutRunes(row.answer, 1000))
	text("url", target)
	text("ip", row.ip)
	text("query_headers", headers)
	text("sha1", newSHA1(rng))
	if row.kindIsQuery() {
		number("nb_api_calls", max(1, len(row.inner)))
	}
	number("processing_time_ms", row.took)
	if row.hits >= 0 {
		number("query_nb_hits", row.hits)
	}
	if row.index != "" {
		text("index", row.index)
	}
	if row.exhaustive {
		b = append(b, `,"exhaustive":true`...)
	}
	if len(row.inner) > 0 {
		b = append(b, `,"inner_queries":[`...)
		for i, index := range row.inner {
			if i > 0 {
				b = append(b, ',')
			}
			if row.camel {
				b = fmt.Appendf(b, `{"indexName":%q,"queryID":%d,"offset":0,"userToken":%q}`, index, rng.Uint32(), row.user)
			} else {
				b = append(fmt.Appendf(b, `{"index_name":%q,"query_id":"`, index), newSHA1(rng)[:32]...)
				b = fmt.Appendf(b, `","offset":0,"user_token":%q}`, row.user)
			}
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (row algoliaRow) kindIsQuery() bool { return algoliaKind(row.method, row.path) == "query" }

// cutRunes returns the first n characters of s.
func cutRunes(s string, n int) string {
	count := 0
	for i := range s {
		if count == n {
			return s[:i]
		}
		count++
	}
	return s
}

func newSHA1(rng *rand.Rand) string {
	b := appendHex(make([]byte, 0, 40), rng.Uint64(), 16)
	return string(appendHex(appendHex(b, rng.Uint64(), 16), rng.Uint64(), 8))
}
