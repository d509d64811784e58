package simulate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// The sources of the simulated organization.
var coveoSources = []coveoSource{
	{CoveoOrg + "-rp5rxzbdz753uhndklv2ztkfgy", "Products (push)", "PUSH"},
	{CoveoOrg + "-h2kq4mzj6c3vd7wnx5tyb1aeos", "Help center", "SITEMAP"},
	{CoveoOrg + "-w9f3lqzt0xk5rvm8cgj2dnbp6u", "Team wiki", "CONFLUENCE2_HOSTED"},
}

// CoveoBatch returns the items of the push that happened an hour before the start, and the source they were pushed to.
// Of the 240 items the first four are refused while consuming, the fifth is rejected by an extension, the sixth fails
// while mapping, the seventh and eighth are still under way, the ninth was never received; the others are indexed.
func CoveoBatch() (source string, items []string) {
	for i := range coveoBatchSize {
		items = append(items, fmt.Sprintf("https://shop.example.com/p/sku-%05d", 20001+i))
	}
	return coveoSources[0].id, items
}

const coveoBatchSize = 240

// coveoRow is one stage of one item.
type coveoRow struct {
	gap      time.Duration // after the row before it in its unit
	source   string
	uri      string
	task     string
	op       string
	result   string
	resource string
	message  string
	code     string
	took     float64 // seconds; 0 = not told
	noGUID   bool
}

// coveoStory writes the organization's log: pushed and crawled items on their way through the pipeline, deletions, and
// the batch.
type coveoStory struct {
	next int // number of the next item
}

const (
	coveoExtension   = "allow-public-only"
	coveoNoPermError = "The document message with id '%s' is invalid. Cause: com.coveo.cloud.pushapi.exceptions.InvalidPermissionsException: No permissions are set on document."
)

func (s *coveoStory) generate(rng *rand.Rand, now time.Time, n int) []*record {
	a := newArena(n)
	batch := 0
	if n >= 2000 {
		batch = s.batch(a, rng, now)
	}
	for _, at := range spread(rng, now, (n-batch)*10/46+1, coveoRetention) {
		s.place(a, rng, now, at, s.unit(rng))
	}
	return a.sorted(n)
}

func (s *coveoStory) place(a *arena, rng *rand.Rand, now, at time.Time, rows []coveoRow) {
	for _, row := range rows {
		if at = at.Add(row.gap); at.After(now) {
			return
		}
		a.add(row.record(at), func(b []byte) []byte { return row.render(b, rng, at) })
	}
}

// batch writes the push of CoveoBatch and returns how many rows it made.
func (s *coveoStory) batch(a *arena, rng *rand.Rand, now time.Time) int {
	source, items := CoveoBatch()
	before := len(a.records)
	start := now.Add(-time.Hour)
	s.place(a, rng, now, start, []coveoRow{{source: source, uri: "batch-" + newUUID(rng), task: "STREAMING_BATCH", op: "BATCH_FILE", result: "COMPLETED", took: 0.41}})
	for i, uri := range items {
		rows := s.pushed(rng, source, uri)
		switch {
		case i < 4:
			rows = append(rows[:1], s.invalid(rng, rows[1]))
		case i == 4:
			rows = append(rows[:2], coveoRejected(rows[2]))
		case i == 5:
			rows[4].result = "ERROR"
			rows[4].code, rows[4].message = "MAPPING_ERROR", "The mapping for field 'price' failed: '12,90' is not a number."
			rows = rows[:5]
		case i < 8:
			rows = rows[:2]
		case i == 8:
			continue
		}
		s.place(a, rng, now, start.Add(time.Duration(i)*7*time.Millisecond), rows)
	}
	return len(a.records) - before
}

// unit returns the stages of one item.
func (s *coveoStory) unit(rng *rand.Rand) []coveoRow {
	s.next++
	push, help, wiki := coveoSources[0].id, coveoSources[1].id, coveoSources[2].id
	switch p := rng.IntN(100); {
	case p < 45:
		rows := s.pushed(rng, push, "https://shop.example.com/p/item-"+strconv.Itoa(s.next%30_000))
		switch q := rng.IntN(40); {
		case q < 3:
			return append(rows[:1], s.invalid(rng, rows[1]))
		case q == 3:
			return append(rows[:2], coveoRejected(rows[2]))
		case q == 4:
			rows[5].result, rows[5].code, rows[5].message = "ERROR", "INDEXING_FAILED", "The index refused the document: field 'body' is larger than 50 MB."
		case q == 5:
			rows[3].result, rows[3].message = "WARNING", "The document body is empty."
		}
		return rows
	case p < 60:
		uri := "https://shop.example.com/p/sku-" + strconv.Itoa(s.next%30_000)
		return []coveoRow{
			{source: push, uri: uri, task: "STREAMING", op: "DELETE", result: "COMPLETED"},
			{source: push, uri: uri, task: "CONSUMING", op: "DELETE", result: "COMPLETED", gap: seconds(0.4 + rng.Float64())},
			{source: push, uri: uri, task: "INDEXING", op: "DELETE", result: pick(rng, []string{"COMPLETED", "COMPLETED", "SKIPPED"}), gap: seconds(1 + 4*rng.Float64()), noGUID: rng.IntN(12) == 0},
		}
	case p < 85:
		return s.crawled(rng, help, "https://help.example.com/article/"+strconv.Itoa(s.next%9000)+"?lang=en")
	case p < 97:
		return s.crawled(rng, wiki, "https://wiki.example.com/display/TEAM/Page+"+strconv.Itoa(s.next%4000)+"#é")
	default:
		return []coveoRow{{source: push, uri: "older-than:" + strconv.Itoa(s.next), task: "CONSUMING", op: "DELETE_OLDER_THAN", result: "COMPLETED", took: 0.02}}
	}
}

// pushed is the way of an item that comes by the Push API: six stages.
func (s *coveoStory) pushed(rng *rand.Rand, source, uri string) []coveoRow {
	rows := make([]coveoRow, 6)
	for i, task := range []string{"STREAMING", "CONSUMING", "EXTENSION", "PROCESSING", "MAPPING", "INDEXING"} {
		rows[i] = coveoRow{source: source, uri: uri, task: task, op: "ADD", result: "COMPLETED", took: 0.002 + 0.1*rng.Float64(), noGUID: rng.IntN(20) == 0}
		if i > 0 {
			rows[i].gap = seconds(0.05 + 3*rng.Float64())
		}
	}
	rows[2].resource, rows[4].resource = coveoExtension, "MAPPING_EXTENSION"
	return rows
}

// crawled is the way of an item that a connector fetches.
func (s *coveoStory) crawled(rng *rand.Rand, source, uri string) []coveoRow {
	rows := s.pushed(rng, source, uri)[1:]
	rows[0].task, rows[0].gap = "CRAWLING", 0
	op := pick(rng, []string{"ADD", "UPDATE", "UPDATE"})
	for i := range rows {
		rows[i].op = op
	}
	switch rng.IntN(25) {
	case 0:
		rows[0].result, rows[0].code, rows[0].message = "ERROR", "HTTP_404", "The page was not found: 404 Not Found."
		return rows[:1]
	case 1:
		rows[0].result, rows[0].message = "SKIPPED", "The item has not changed since it was last fetched."
		return rows[:1]
	}
	return rows
}

func (s *coveoStory) invalid(rng *rand.Rand, row coveoRow) coveoRow {
	row.result, row.code = "ERROR", "INVALID_DOCUMENT"
	row.message = fmt.Sprintf(coveoNoPermError, newUUID(rng))
	row.took = 0
	return row
}

func coveoRejected(row coveoRow) coveoRow {
	row.result = "REJECTED"
	row.message = "The item was rejected by the extension '" + coveoExtension + "'."
	return row
}

func (row coveoRow) record(at time.Time) record {
	return record{at: at.Truncate(time.Millisecond).UnixNano(), target: row.source, item: row.uri, kind: row.task,
		op: row.op, result: row.result, resource: row.resource}
}

// render writes the entry without its requestId, which is added to every answer.
func (row coveoRow) render(b []byte, rng *rand.Rand, at time.Time) []byte {
	hi, lo := rng.Uint64(), rng.Uint64()
	if row.noGUID {
		b = append(b, `{"id":`...)
	} else {
		b = appendUUID(append(b, `{"guid":"`...), hi, lo)
		b = append(b, `","id":`...)
	}
	b = appendString(b, row.uri)
	b = appendField(b, "organizationId", CoveoOrg)
	b = appendField(b, "sourceId", row.source)
	b = appendField(b, "task", row.task)
	b = appendField(b, "operation", row.op)
	b = appendField(b, "result", row.result)
	b = append(b, `,"datetime":"`...)
	b = append(at.UTC().AppendFormat(b, coveoTime), '"')
	if row.resource != "" {
		b = appendField(b, "resourceId", row.resource)
	}
	if row.message != "" || row.took > 0 {
		b = append(b, `,"meta":{`...)
		start := len(b)
		if row.message != "" {
			b = appendField(b, "errorMessage", row.message)
		}
		if row.code != "" {
			b = appendField(b, "errorCode", row.code)
		}
		if row.took > 0 {
			b = append(appendFixed(append(b, `,"duration":"`...), row.took, 3), '"')
		}
		b = append(b[:start], b[start+1:]...) // the first field's comma
		b = append(b, '}')
	}
	return append(b, '}')
}
