package coveo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

func mustDecode(tb testing.TB, body []byte, f filter) driver.Page {
	tb.Helper()
	p, ok := decode(body, nil, f)
	if !ok {
		tb.Fatalf("no page in %.200q", body)
	}
	return p
}

// page wraps rows as the vendor does.
func page(rows ...string) []byte {
	return []byte(`{"documentLogEntries":[` + strings.Join(rows, ",") + `],"hasNextPage":false}`)
}

func TestDecode_DocumentedSample(t *testing.T) {
	body, err := os.ReadFile("testdata/sourcelogs.json")
	if err != nil {
		t.Fatal(err)
	}
	p := mustDecode(t, body, filter{})
	if p.More != driver.MoreNo || p.Total != -1 || len(p.Entries) != 2 {
		t.Fatalf("more %v, total %d, %d entries", p.More, p.Total, len(p.Entries))
	}
	const source = "mycoveocloudv2organizationg8tp8wu3-rp5rxzbdz753uhndklv2ztkfgy"
	const problem = "The document message with id '44d26e58-8b0e-40b5-a571-95c2e7b114b2' is invalid. " +
		"Cause: com.coveo.cloud.pushapi.exceptions.InvalidPermissionsException: No permissions are set on document."
	for i, want := range []string{
		`{"id":"` + p.Entries[0].ID + `","src":"","time":"2017-11-21T15:55:36.887Z","level":"error","outcome":"failed",` +
			`"summary":"CONSUMING ADD ERROR http://www.example.com/ INVALID_DOCUMENT: ` + problem + `",` +
			`"job":"http://www.example.com/","item":"http://www.example.com/","fields":{"stage":"CONSUMING","operation":"ADD",` +
			`"result":"ERROR","source":"` + source + `","error":"` + problem + `","error_code":"INVALID_DOCUMENT"}}`,
		`{"id":"` + p.Entries[1].ID + `","src":"","time":"2017-11-21T15:59:12.887Z","level":"info","outcome":"succeeded",` +
			`"summary":"STREAMING ADD COMPLETED http://www.example.com/",` +
			`"job":"http://www.example.com/","item":"http://www.example.com/","fields":{"stage":"STREAMING","operation":"ADD",` +
			`"result":"COMPLETED","source":"` + source + `"}}`,
	} {
		e := p.Entries[i]
		if !bytes.Contains(body, e.Raw) || !bytes.HasPrefix(e.Raw, []byte(`{ "id"`)) {
			t.Errorf("entry %d: raw is not the row as sent: %.60q", i, e.Raw)
		}
		if len(e.ID) != 32 || e.ID == p.Entries[1-i].ID {
			t.Errorf("entry %d: id %q", i, e.ID)
		}
		e.Raw = nil
		if got, err := json.Marshal(e); err != nil || string(got) != want {
			t.Errorf("entry %d, %v\ngot  %s\nwant %s", i, err, got, want)
		}
	}
	if want := time.Date(2017, 11, 21, 15, 55, 36, 887e6, time.UTC); !p.Entries[0].Time.Equal(want) {
		t.Errorf("time %v", p.Entries[0].Time)
	}
}

func TestConvert_Results(t *testing.T) {
	for _, c := range []struct {
		result  string
		level   logs.Level
		outcome logs.Outcome
	}{
		{`"COMPLETED"`, logs.LevelInfo, logs.OutcomeSucceeded},
		{`"SKIPPED"`, logs.LevelInfo, logs.OutcomeSkipped},
		{`"WARNING"`, logs.LevelWarning, logs.OutcomeWarned},
		{`"REJECTED"`, logs.LevelWarning, logs.OutcomeRejected},
		{`"ERROR"`, logs.LevelError, logs.OutcomeFailed},
		{`"error"`, logs.LevelError, logs.OutcomeFailed},
		{`"POSTPONED"`, logs.LevelUnknown, logs.OutcomeUnknown},
		{`"string"`, logs.LevelUnknown, logs.OutcomeUnknown},
		{`null`, logs.LevelUnknown, logs.OutcomeUnknown},
		{`7`, logs.LevelUnknown, logs.OutcomeUnknown},
	} {
		e := mustDecode(t, page(`{"result":`+c.result+`,"task":"VALIDATION"}`), filter{}).Entries[0]
		if e.Level != c.level || e.Outcome != c.outcome {
			t.Errorf("%s: %v %v, want %v %v", c.result, e.Level, e.Outcome, c.level, c.outcome)
		}
	}
}

func TestConvert_OddRows(t *testing.T) {
	for _, c := range []struct{ row, summary string }{
		{`{}`, "Coveo sent an entry without stage, result and item"},
		{`null`, "Coveo sent a row that is no object: null"},
		{`"string"`, `Coveo sent a row that is no object: "string"`},
		{`{"task":"CRAWLING","meta":null}`, "CRAWLING"},
		{`{"task":"CRAWLING","meta":"string","id":5}`, "CRAWLING 5"},
		{`{"task":"A\nB","meta":{"errorMessage":"first\nsecond","duration":"never"}}`, "A B first second"},
		{`{"id":"` + strings.Repeat("é", 2000) + `","meta":{"errorCode":"E"}}`, strings.Repeat("é", 148) + "… E"},
	} {
		e := mustDecode(t, page(c.row), filter{}).Entries[0]
		if e.Summary != c.summary || string(e.Raw) != c.row || e.HasTook {
			t.Errorf("%.80s: summary %q, raw %.80s, took %v", c.row, e.Summary, e.Raw, e.Took)
		}
	}
	e := mustDecode(t, page(`{"meta":{"duration":"0.012"},"datetime":"2024-01-02T03:04:05.678+01:00"}`), filter{}).Entries[0]
	if e.Took != 12*time.Millisecond || !e.HasTook || !e.Time.Equal(time.Date(2024, 1, 2, 2, 4, 5, 678e6, time.UTC)) || e.Time.Location() != time.UTC {
		t.Errorf("took %v %v, time %v", e.Took, e.HasTook, e.Time)
	}
}

func TestDecode_IDs(t *testing.T) {
	row := func(requestID, meta string) string {
		return `{"id":"u","sourceId":"s","datetime":"2024-01-02T03:04:05.678Z","task":"T","operation":"O","result":"R","requestId":"` + requestID + `","meta":` + meta + `}`
	}
	id := func(rows ...string) string { return mustDecode(t, page(rows...), filter{}).Entries[len(rows)-1].ID }
	base := id(row("1", `{"a":1,"b":2}`))
	if again := id(row("2", `{"b":2, "a":1}`)); again != base {
		t.Errorf("the id changed with the request id or the order of meta: %s, %s", base, again)
	}
	if other := id(row("1", `{"a":1,"b":3}`)); other == base {
		t.Error("another meta has the same id")
	}
	if twice := id(row("1", `{"a":1,"b":2}`), row("1", `{"a":1,"b":2}`)); twice != base+"~2" {
		t.Errorf("the same row twice: %s", twice)
	}
	if got := id(`{"guid":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","id":"u"}`); got != "6f9619ff-8b86-d011-b42d-00cf4fc964ff" {
		t.Errorf("guid became %s", got)
	}
	if got := id(`{"guid":"a/b c"}`); strings.ContainsAny(got, "/ ") {
		t.Errorf("id %q cannot stand in a URL", got)
	}
}

func TestDecode_RowsOfOtherSourcesAndItems(t *testing.T) {
	body := page(`{"sourceId":"a","id":"u"}`, `{"sourceId":"b","id":"u"}`, `{"id":"u"}`, `{"sourceId":"a","id":"v"}`, `{"sourceId":"a"}`)
	for _, c := range []struct {
		f    filter
		want string
	}{
		{filter{}, "a/u b/u /u a/v a/"},
		{filter{sources: []string{"a"}}, "a/u /u a/v a/"},
		{filter{item: "u"}, "a/u b/u /u a/"},
		{filter{sources: []string{"a"}, item: "v"}, "a/v a/"},
		{filter{sources: []string{"c"}}, "/u"},
	} {
		var got []string
		for _, e := range mustDecode(t, body, c.f).Entries {
			got = append(got, e.Fields.Text("source")+"/"+e.Item)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v kept %q, want %q", c.f, s, c.want)
		}
	}
}

func TestDecode_NotAPage(t *testing.T) {
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"documentLogEntries":null}`, `{"documentLogEntries":"string"}`, `{"documentLogEntries":[{}]`, `{"documentLogEntries":[}]}`} {
		if p, ok := decode([]byte(body), nil, filter{}); ok {
			t.Errorf("%s gave %d entries", body, len(p.Entries))
		}
	}
}

func TestDecode_HasNextPage(t *testing.T) {
	for word, want := range map[string]driver.More{
		`,"hasNextPage":true`: driver.MoreYes, `,"hasNextPage":false`: driver.MoreNo, `,"hasNextPage":"true"`: driver.MoreYes,
		`,"hasNextPage":null`: driver.MoreUnknown, `,"hasNextPage":"string"`: driver.MoreUnknown, ``: driver.MoreUnknown,
	} {
		if got := mustDecode(t, []byte(`{"documentLogEntries":[]`+word+`}`), filter{}).More; got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}

func TestDecode_OwnCredentialIsCoveredInRaw(t *testing.T) {
	row := `{"id":"https://x/?access_token=demo-coveo-token","meta":{"errorMessage":"token demo-coveo-token"}}`
	p, ok := decode(page(row), rest.NewMask(secret.New("demo-coveo-token")), filter{})
	if !ok || len(p.Entries) != 1 {
		t.Fatal("no entry")
	}
	all, err := p.Entries[0].AppendJSON(nil)
	if err != nil || !json.Valid(all) || bytes.Contains(all, []byte("demo-coveo-token")) || len(p.Entries[0].Raw) != len(row) {
		t.Errorf("%v: %s", err, all)
	}
}

func TestWindow_WholeMilliseconds(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		from, to time.Time
		want     string
	}{
		{at, at.Add(time.Second), "2024-01-02T02:04:05.000Z 2024-01-02T02:04:06.000Z"},
		{at.Add(1500 * time.Microsecond), at.Add(2500 * time.Microsecond), "2024-01-02T02:04:05.001Z 2024-01-02T02:04:05.003Z"},
		{at, at.Add(maxSpan), "2024-01-02T02:04:05.000Z 2024-01-09T02:04:05.000Z"},
		{at.Add(500), at.Add(500 + maxSpan), "2024-01-02T02:04:05.001Z 2024-01-09T02:04:05.001Z"},
		{at, at.Add(maxSpan + 1), "refused"},
		{at, at, "refused"},
		{at.Add(1), at, "refused"},
		{time.Time{}, at, "refused"},
		{at, time.Time{}, "refused"},
	} {
		got := "refused"
		if f, to, ok := window(c.from, c.to); ok {
			got = f + " " + to
		}
		if got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	sample, err := os.ReadFile("testdata/sourcelogs.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, s := range []string{
		`{"documentLogEntries":[{}],"hasNextPage":true}`, `{"documentLogEntries":[1,null,"x",[],{"id":5,"meta":[]}]}`,
		`{"documentLogEntries":[{"meta":{"duration":1e300,"errorMessage":{}}}]}`, `{"documentLogEntries":[{"guid":"secret-token"}]}`,
		"{\"documentLogEntries\":[{\"id\":\"\xff\",\"datetime\":\"\"}]}", `{"documentLogEntries":[{"guid":"string"},{"guid":"string"}]}`,
	} {
		f.Add([]byte(s))
	}
	mask := rest.NewMask(secret.New("secret-token"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, ok := decode(body, mask, filter{})
		if ok && !json.Valid(body) {
			t.Fatalf("%q is no JSON and gave a page", body)
		}
		seen := map[string]bool{}
		for _, e := range p.Entries {
			if seen[e.ID] || e.ID == "" {
				t.Fatalf("%q: id %q twice or empty", body, e.ID)
			}
			seen[e.ID] = true
			if len(e.Summary) > logs.MaxSummary || e.Summary == "" || strings.ContainsAny(e.Summary, "\n\r\x00") || !utf8.ValidString(e.Summary) {
				t.Fatalf("%q: summary %q", body, e.Summary)
			}
			if out, err := e.AppendJSON(nil); err != nil || !json.Valid(out) {
				t.Fatalf("%q: entry %q, %v", body, out, err)
			}
			if bytes.Contains(e.Raw, []byte("secret-token")) && bytes.Contains(e.Raw, []byte(`"`)) {
				t.Fatalf("%q: the credential is in raw %q", body, e.Raw)
			}
		}
	})
}

// BenchmarkDecode reads a page of 500 entries shaped like the documented sample.
func BenchmarkDecode(b *testing.B) {
	sample, err := os.ReadFile("testdata/sourcelogs.json")
	if err != nil {
		b.Fatal(err)
	}
	var rows []string
	for i := range 250 {
		for _, e := range mustDecode(b, sample, filter{}).Entries {
			rows = append(rows, strings.Replace(string(e.Raw), "www.example.com/", fmt.Sprintf("www.example.com/%d", i), 1))
		}
	}
	body := page(rows...)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		mustDecode(b, body, filter{})
	}
}
