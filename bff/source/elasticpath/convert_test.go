package elasticpath

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

var update = flag.Bool("update", false, "rewrite testdata/*.want")

// The files hold the samples of the vendor's pages "Get Integration Logs" and,
// named moltin-*, "Logs" unchanged.
func TestConvert_VendorSamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*-logs.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		l, err := parseList(body)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		p := convert(l, 0, map[string]known{"8edd44ef-1856-4456-90ec-d9fab8a25049": {name: "Order shipping notification"}})
		var got bytes.Buffer
		enc := json.NewEncoder(&got)
		enc.SetIndent("", "\t")
		for _, e := range p.Entries {
			if !bytes.Contains(body, e.Raw) {
				t.Errorf("%s: raw is not the vendor's: %s", file, e.Raw)
			}
			e.Raw = nil
			if err := enc.Encode(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := enc.Encode(map[string]any{"total": p.Total, "more": p.More}); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(file, ".json") + ".want"
		if *update {
			if err := os.WriteFile(want, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if w, err := os.ReadFile(want); err != nil || !bytes.Equal(w, got.Bytes()) {
			t.Errorf("%s: %v, got\n%s", want, err, got.Bytes())
		}
	}
}

func TestConvert_StatesOfARow(t *testing.T) {
	const meta = `"meta":{"timestamps":{"created_at":"2017-10-30T18:15:40.087650928Z"}}`
	at := time.Date(2017, 10, 30, 18, 15, 40, 87650928, time.UTC)
	const text = "2017-10-30T18:15:40.087650928Z"
	for _, c := range []struct {
		name, row string
		want      logs.Entry
	}{
		{"first try succeeded", `{"id":"a","succeeded":true,"attempt":1,"processing_time":0.25,"body":"OK\nmore","status_code":200,"error_detail":"",` + meta + `}`, logs.Entry{
			ID: "a", Time: at, TimeText: text, Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded, Summary: "200 attempt 1: OK",
			Took: 250 * time.Millisecond, HasTook: true, Status: 200, Attempt: 1, Fields: logs.Fields{{Name: "attempt", Value: 1.0}, {Name: "body", Value: "OK\nmore"}},
		}},
		{"third try succeeded", `{"id":"a","succeeded":true,"attempt":3,"status_code":204,` + meta + `}`, logs.Entry{
			ID: "a", Time: at, TimeText: text, Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded, Summary: "204 attempt 3: succeeded",
			Status: 204, Attempt: 3, Fields: logs.Fields{{Name: "attempt", Value: 3.0}},
		}},
		{"queue without status", `{"id":"a","succeeded":false,"attempt":2,"processing_time":0,"status_code":0,"body":null,"error_detail":"no such queue",` + meta + `}`, logs.Entry{
			ID: "a", Time: at, TimeText: text, Level: logs.LevelError, Outcome: logs.OutcomeFailed, Summary: "attempt 2: no such queue",
			HasTook: true, Attempt: 2, Fields: logs.Fields{{Name: "attempt", Value: 2.0}, {Name: "error", Value: "no such queue"}},
		}},
		{"numbers and booleans as strings", `{"id":7,"succeeded":"false","attempt":"2","processing_time":"1.5","status_code":"500"}`, logs.Entry{
			ID: "7", Level: logs.LevelError, Outcome: logs.OutcomeFailed, Summary: "500 attempt 2: failed",
			Took: 1500 * time.Millisecond, HasTook: true, Status: 500, Attempt: 2, Fields: logs.Fields{{Name: "attempt", Value: 2.0}},
		}},
		{"body is an object", `{"id":"a","status_code":400,"body":{"error":"bad"},"error_detail":["x"]}`, logs.Entry{
			ID: "a", Summary: `400: ["x"]`, Status: 400, Fields: logs.Fields{{Name: "error", Value: `["x"]`}, {Name: "body", Value: `{"error":"bad"}`}},
		}},
		{"every part is another type", `{"id":null,"succeeded":"perhaps","attempt":{},"processing_time":-1,"status_code":-4,"relationships":[],"meta":"m"}`, logs.Entry{
			ID: "row-", Summary: "log without details", Fields: logs.Fields{},
		}},
		{"unreadable time", `{"id":"a","succeeded":true,"meta":{"timestamps":{"created_at":"string"}}}`, logs.Entry{
			ID: "a", TimeText: "string", Level: logs.LevelInfo, Outcome: logs.OutcomeSucceeded, Summary: "succeeded", Fields: logs.Fields{},
		}},
		{"no object", `["odd"]`, logs.Entry{ID: "row-", Summary: `a row that is no object: ["odd"]`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := []byte(`{"data":[{"id":"before"},` + c.row + `,{"id":"after"}]}`)
			l, err := parseList(body)
			if err != nil {
				t.Fatal(err)
			}
			p := convert(l, 0, nil)
			if len(p.Entries) != 3 || p.Entries[0].ID != "before" || p.Entries[2].ID != "after" {
				t.Fatalf("one odd row cost its neighbors: %+v", p.Entries)
			}
			got := p.Entries[1]
			if string(got.Raw) != c.row {
				t.Errorf("raw %s, want %s", got.Raw, c.row)
			}
			if strings.HasPrefix(c.want.ID, "row-") {
				if got.ID != rest.ID("", c.row) {
					t.Errorf("id %q is not the row's hash", got.ID)
				}
				c.want.ID = got.ID
			}
			got.Raw = nil
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestConvert_LongBodyIsCutInTheFieldOnly(t *testing.T) {
	long := strings.Repeat("é", maxBody)
	row := `{"id":"a","body":"` + long + `"}`
	l, err := parseList([]byte(`{"data":[` + row + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	e := convert(l, 0, nil).Entries[0]
	body := e.Fields.Text("body")
	if len(body) > maxBody || !strings.HasSuffix(body, "…") || !utf8.ValidString(body) {
		t.Errorf("field body has %d bytes", len(body))
	}
	if string(e.Raw) != row || len(e.Summary) > logs.MaxSummary {
		t.Errorf("raw has %d bytes of %d, summary %d", len(e.Raw), len(row), len(e.Summary))
	}
}

func TestParseList_TotalsAndEnds(t *testing.T) {
	const two = `"data":[{"id":"a"},{"id":"b"}]`
	for _, c := range []struct {
		name, body string
		offset     int
		total      int
		more       driver.More
	}{
		{"records, not pages", `{` + two + `,"meta":{"limit":2,"offset":0,"current":1,"total":3},"results":{"total":6}}`, 0, 6, driver.MoreYes},
		{"pages only", `{` + two + `,"meta":{"limit":2,"offset":0,"current":1,"total":1}}`, 0, -1, driver.MoreUnknown},
		{"older nesting", `{` + two + `,"meta":{"page":{"total":3},"results":{"total":4}}}`, 2, 4, driver.MoreNo},
		{"both nestings", `{"meta":{"results":{"total":9}},"results":{"total":2},` + two + `}`, 0, 2, driver.MoreNo},
		{"total as text", `{` + two + `,"results":{"total":"5"}}`, 2, 5, driver.MoreYes},
		{"total is a word", `{` + two + `,"results":{"total":"string"}}`, 0, -1, driver.MoreUnknown},
		{"no meta at all", `{` + two + `}`, 0, -1, driver.MoreUnknown},
		{"empty", `{"data":[],"meta":{"total":0},"results":{"total":0}}`, 0, 0, driver.MoreNo},
		{"null list", `{"data":null}`, 0, -1, driver.MoreNo},
		{"empty although more is promised", `{"data":[],"results":{"total":50}}`, 10, 50, driver.MoreNo},
	} {
		l, err := parseList([]byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p := convert(l, c.offset, nil); p.Total != c.total || p.More != c.more {
			t.Errorf("%s: total %d, more %d; want %d, %d", c.name, p.Total, p.More, c.total, c.more)
		}
	}
	for _, body := range []string{`[]`, `{}`, `{"data":{}}`, `{"data":"string"}`, `{"data":[{"id":"a"}`, `{"data":[1,]}`, `"string"`, ``} {
		if l, err := parseList([]byte(body)); err == nil {
			t.Errorf("%s was read as %d rows", body, len(l.rows))
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, s := range []string{
		`{"data":[{"id":"string","type":"string","succeeded":"string","attempt":"string","processing_time":"string","body":"string","status_code":"string","error_detail":"string","relationships":"string","meta":"string"}]}`,
		`{"data":[null,1,"x",[],{"id":{}},{"meta":{"timestamps":{"created_at":5}}}],"results":{"total":-1}}`,
		"{\"data\":[{\"body\":\"\xff\\ud800\\u0000\"}]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = parseGrant(body)
		l, err := parseList(body)
		if err != nil {
			return
		}
		for _, row := range l.rows {
			parseIntegration(row)
		}
		p := convert(l, 0, map[string]known{"string": {name: "name"}})
		if len(p.Entries) != len(l.rows) {
			t.Fatalf("%d entries of %d rows", len(p.Entries), len(l.rows))
		}
		for _, e := range p.Entries {
			if e.ID == "" || e.Summary == "" || len(e.Summary) > logs.MaxSummary || strings.ContainsAny(e.Summary, "\n\r") || !json.Valid(e.Raw) {
				t.Fatalf("entry %+v", e)
			}
			out, err := e.AppendJSON(nil)
			if err != nil || !json.Valid(out) {
				t.Fatalf("%v: %q", err, out)
			}
			seen := map[string]bool{}
			for _, fd := range e.Fields {
				if seen[fd.Name] {
					t.Fatalf("field %s twice", fd.Name)
				}
				seen[fd.Name] = true
			}
		}
	})
}

// page100 is a full page, every third row with an HTML body of 2 KB as a customer's
// endpoint answers.
func page100() []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		body := "Not found"
		if i%3 == 0 {
			body = strings.Repeat(`<p class=\"x\">Internal error</p>\n`, 60)
		}
		b.WriteString(`{"id":"11de4222-fbda-498c-9ecb-cd46d598712f","type":"integration-log","succeeded":false,"attempt":1,"processing_time":0.2529,"body":"` + body + `","status_code":404,"error_detail":"Received a status code outside of 2xx range - treating webhook as a fail","relationships":{"integration":{"data":{"type":"integration","id":"8edd44ef-1856-4456-90ec-d9fab8a25049"}},"job":{"data":{"type":"integration-job","id":"3b69a7e2-78ad-4ee6-8a81-c9b1b8a9cd26"}}},"meta":{"timestamps":{"created_at":"2017-10-30T18:15:40.087650928Z"}}}`)
	}
	b.WriteString(`],"meta":{"limit":100,"offset":0,"current":1,"total":7},"results":{"total":640}}`)
	return b.Bytes()
}
