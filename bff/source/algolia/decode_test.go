package algolia

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
	"github.com/logpane/logpane/bff/source/rest"
)

func mustDecode(tb testing.TB, body []byte, mask *rest.Mask) []logs.Entry {
	tb.Helper()
	entries, ok := decode(body, mask)
	if !ok {
		tb.Fatalf("no page in %.200q", body)
	}
	return entries
}

// page wraps rows as the vendor does.
func page(rows ...string) []byte { return []byte(`{"logs":[` + strings.Join(rows, ",") + `]}`) }

func TestDecode_ReferenceSample(t *testing.T) {
	body, err := os.ReadFile("testdata/getlogs.json")
	if err != nil {
		t.Fatal(err)
	}
	entries := mustDecode(t, body, nil)
	if len(entries) != 1 {
		t.Fatalf("%d entries, want 1", len(entries))
	}
	e := entries[0]
	if !bytes.Contains(body, e.Raw) || !bytes.HasPrefix(e.Raw, []byte("{\n        \"timestamp\"")) {
		t.Errorf("raw is not the row as sent: %.60q", e.Raw)
	}
	e.Raw = nil
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"44c168cea54d2deca9a4724559cf15eccf15cf3e","src":"","time":"2017-12-29T18:15:57Z",` +
		`"level":"info","outcome":"succeeded","summary":"POST queries demo_index 10,500 hits","took_ms":1,"status":200,` +
		`"item":"demo_index","fields":{"method":"POST","url":"/1/indexes/*/queries","ip":"84.14.205.82",` +
		`"index":"demo_index","hits":10500,"user_token":"user_1","query_id":"313453231","api_calls":1}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !e.Time.Equal(time.Date(2017, 12, 29, 18, 15, 57, 0, time.UTC)) || e.Time.Location() != time.UTC {
		t.Errorf("time %v", e.Time)
	}
}

func TestConvert_SpecSpelling(t *testing.T) {
	e := mustDecode(t, page(`{"timestamp":"2024-05-01T10:00:00Z","method":"POST","answer_code":200,"processing_time_ms":7,`+
		`"query_nb_hits":1,"nb_api_calls":2,"url":"/1/indexes/products/query","query_body":"{\"query\":\"fire tv\"}",`+
		`"sha1":"abc","inner_queries":[{"index_name":"products","query_id":"q1","user_token":"u1"},{"index_name":"brands","user_token":"u1"}]}`), nil)[0]
	if e.Summary != `POST query products, brands "fire tv" 1 hit` || e.Item != "products, brands" || e.Took != 7*time.Millisecond {
		t.Errorf("summary %q, item %q, took %v", e.Summary, e.Item, e.Took)
	}
	for name, want := range map[string]string{"user_token": "u1", "query_id": "q1", "query": "fire tv", "hits": "1", "api_calls": "2"} {
		if got := e.Fields.Text(name); got != want {
			t.Errorf("field %s is %q, want %q", name, got, want)
		}
	}
}

func TestConvert_AnswerCodes(t *testing.T) {
	for _, c := range []struct {
		code    string
		status  int
		level   logs.Level
		outcome logs.Outcome
	}{
		{`"200"`, 200, logs.LevelInfo, logs.OutcomeSucceeded},
		{`201`, 201, logs.LevelInfo, logs.OutcomeSucceeded},
		{`"304"`, 304, logs.LevelInfo, logs.OutcomeSucceeded},
		{`"400"`, 400, logs.LevelWarning, logs.OutcomeFailed},
		{`"403"`, 403, logs.LevelWarning, logs.OutcomeFailed},
		{`"429"`, 429, logs.LevelWarning, logs.OutcomeFailed},
		{`"500"`, 500, logs.LevelError, logs.OutcomeFailed},
		{`"503"`, 503, logs.LevelError, logs.OutcomeFailed},
		{`"string"`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
		{`""`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
		{`null`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
		{`{"a":1}`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
		{`-1`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
		{`1e9`, 0, logs.LevelUnknown, logs.OutcomeUnknown},
	} {
		e := mustDecode(t, page(`{"method":"GET","url":"/1/x","answer_code":`+c.code+`}`), nil)[0]
		if e.Status != c.status || e.Level != c.level || e.Outcome != c.outcome {
			t.Errorf("%s: %d %v %v, want %d %v %v", c.code, e.Status, e.Level, e.Outcome, c.status, c.level, c.outcome)
		}
	}
}

func TestConvert_Summaries(t *testing.T) {
	for _, c := range []struct{ row, want string }{
		{`{"method":"POST","url":"/1/indexes/*/queries?x-algolia-agent=a","index":"p","query_body":"{\"requests\":[{\"indexName\":\"p\",\"params\":\"query=fire%20tv&page=0\"},{\"params\":\"query=fire+tv\"},{\"query\":\"stick\"}]}","query_nb_hits":"10500"}`,
			`POST queries p "fire tv", "stick" 10,500 hits`},
		{`{"method":"POST","url":"/1/indexes/p/query","index":"p","query_body":"{\"attributesToRetrieve\":[\"a\",\"query\"],\"hitsPerPage\":3,\"query\":\"caf\\u00e9 \\\"noir\\\"\""}`,
			`POST query p "café "noir""`},
		{`{"method":"POST","url":"/1/indexes/p/query","index":"p","query_body":"{\"query\":\"cut in the mid\\u00"}`, `POST query p "cut in the mid…"`},
		{`{"method":"POST","url":"/1/indexes/p/query","index":"p","query_body":"query=a%20b"}`, `POST query p "a b"`},
		{`{"method":"GET","url":"/1/indexes/p?query=a%20b&x-algolia-api-key=0123456789abcdef","index":"p","query_nb_hits":"0"}`, `GET /1/indexes/p "a b" 0 hits`},
		{`{"method":"POST","url":"/1/indexes/p/batch","index":"p","query_body":"{\"requests\":[{\"body\":{\"query\":\"a record's own\"}}]}"}`, `POST batch p`},
		{`{"method":"POST","url":"/1/indexes/p/query","index":"p","answer_code":"400","answer":"{\n \"message\": \"Unknown parameter: foo\", \"sta"}`,
			`POST query p 400 Unknown parameter: foo`},
		{`{"method":"GET","url":"/1/keys/0123456789abcdef","answer_code":"404"}`, `GET /1/keys/0123************ 404`},
		{`{"method":"POST","url":"/1/indexes/p/query","index":"p","query_params":"query=from+params"}`, `POST query p "from params"`},
		{`{"url":"https://x-dsn.algolia.net/1/isalive"}`, `/1/isalive`},
		{`{}`, `Algolia sent a call without method and URL`},
		{`"just text"`, `Algolia sent a row that is no object: "just text"`},
		{`null`, `Algolia sent a row that is no object: null`},
	} {
		e := mustDecode(t, page(c.row), nil)[0]
		if e.Summary != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.row, e.Summary, c.want)
		}
		if string(e.Raw) != c.row {
			t.Errorf("raw %s", e.Raw)
		}
	}
}

func TestConvert_KeysAreMaskedEverywhereButInRaw(t *testing.T) {
	const key = "0123456789abcdef"
	row := `{"method":"GET","url":"/1/indexes/p?query=x-algolia-api-key%3D` + key + `","index":"X-Algolia-API-Key: ` + key + `",` +
		`"ip":"1.1.1.1","query_body":"","query_headers":"X-Algolia-API-Key: ` + key + `\n"}`
	e := mustDecode(t, page(row), nil)[0]
	if string(e.Raw) != row {
		t.Errorf("raw of somebody else's key was changed: %s", e.Raw)
	}
	e.Raw = nil
	got, _ := json.Marshal(e)
	if bytes.Contains(got, []byte(key)) {
		t.Errorf("a key shows in %s", got)
	}
}

func TestDecode_OwnCredentialIsCoveredInRaw(t *testing.T) {
	const key = "demo/key-4711"
	mask := rest.NewMask(secret.New(key))
	row := `{"url":"/1/indexes/p?x-algolia-api-key=demo%2Fkey-4711","query_headers":"k: demo\/key-4711\nl: demo/key-4711","query_body":"\u0064emo\u002fkey-4711","sha1":"a"}`
	e := mustDecode(t, page(row), mask)[0]
	if len(e.Raw) != len(row) || !json.Valid(e.Raw) {
		t.Fatalf("raw has another length or is no JSON: %s", e.Raw)
	}
	all, _ := json.Marshal(e)
	var decoded any
	if err := json.Unmarshal(all, &decoded); err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprint(decoded); strings.Contains(s, key) || strings.Contains(s, "demo%2Fkey-4711") {
		t.Errorf("the credential shows in %s", s)
	}
}

func TestDecode_IDs(t *testing.T) {
	ids := func(rows ...string) []string {
		var out []string
		for _, e := range mustDecode(t, page(rows...), nil) {
			out = append(out, e.ID)
		}
		return out
	}
	a, b, c := `{"sha1":"x","ip":"1"}`, `{"sha1":"x","ip":"2"}`, `{"sha1":"x","ip":"3"}`
	if got := ids(b, a); got[0] != "x~2" || got[1] != "x" {
		t.Errorf("two rows of one sha1: %v", got)
	}
	// A newer row with the same sha1 must not rename the older ones.
	if got := ids(c, `{"sha1":"y"}`, b, a); got[0] != "x~3" || got[2] != "x~2" || got[3] != "x" {
		t.Errorf("three rows of one sha1: %v", got)
	}
	plain := `{"timestamp":"2024-05-01T10:00:00Z","method":"GET","url":"/1/x","ip":"1.1.1.1","answer_code":"200"}`
	reordered := `{"ip":"1.1.1.1","answer_code":200,"url":"/1/x","method":"GET","timestamp":"2024-05-01T10:00:00Z","nb_api_calls":"1"}`
	if p, r := ids(plain)[0], ids(reordered)[0]; p != r || len(p) != 32 {
		t.Errorf("without sha1: %s, %s", p, r)
	}
	if odd := ids(`{"sha1":"a/b?c d"}`)[0]; strings.ContainsAny(odd, "/? ") {
		t.Errorf("id %q cannot stand in a URL", odd)
	}
	if got := ids(`1`, `1`, `{}`, `{"odd":1}`); got[0] == got[1] || got[2] == got[3] {
		t.Errorf("rows that hold nothing: %v", got)
	}
}

func TestDecode_NotAPage(t *testing.T) {
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"logs":null}`, `{"logs":"string"}`, `{"logs":{}}`, `{"logs":[{}]`, `{"logs":[}]}`, `{"message":"x"}`} {
		if entries, ok := decode([]byte(body), nil); ok {
			t.Errorf("%s gave %d entries", body, len(entries))
		}
	}
	if entries, ok := decode([]byte(`{"logs":[]}`), nil); !ok || len(entries) != 0 {
		t.Errorf("an empty log: %v, %v", entries, ok)
	}
}

func TestDecode_MockAnswers(t *testing.T) {
	row := `{"timestamp":"string","method":"string","answer_code":"string","query_body":"string","answer":"string","url":"string","ip":"string",` +
		`"query_headers":"string","sha1":"string","nb_api_calls":"string","processing_time_ms":"string","index":"string","query_params":"string",` +
		`"query_nb_hits":"string","inner_queries":[{"index_name":"string","query_id":"string","user_token":"string"}]}`
	for i, e := range mustDecode(t, page(row, row), nil) {
		if !e.Time.IsZero() || e.TimeText != "string" || e.HasTook || e.ID != []string{"string~2", "string"}[i] {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}

func FuzzDecode(f *testing.F) {
	sample, err := os.ReadFile("testdata/getlogs.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	for _, s := range []string{
		`{"logs":[{}]}`, `{"logs":[1,null,"x",[],{"timestamp":5}]}`, `{"logs":[{"query_body":"{\"query\":\"a\\"}]}`,
		`{"logs":[{"url":"?x-algolia-api-key=","query_body":"{\"params\":\"query=%zz"}]}`, `{"logs":[{"processing_time_ms":1e300}]}`,
		`{"logs":[{"inner_queries":[{"queryID":1e99,"index_name":null},7]}]}`, `{"logs":[{"sha1":"secret-key"}]}`, "{\"logs\":[{\"url\":\"\xff\"}]}",
	} {
		f.Add([]byte(s))
	}
	mask := rest.NewMask(secret.New("secret-key"))
	f.Fuzz(func(t *testing.T, body []byte) {
		entries, ok := decode(body, mask)
		var want struct{ Logs []json.RawMessage }
		isPage := json.Unmarshal(body, &want) == nil && want.Logs != nil
		if ok && !json.Valid(body) {
			t.Fatalf("%q is no JSON and gave a page", body)
		}
		if ok && isPage && bytes.Count(body, []byte("ogs")) == 1 && len(entries) != len(want.Logs) {
			t.Fatalf("%q: %d entries, want %d", body, len(entries), len(want.Logs))
		}
		seen := map[string]bool{}
		for _, e := range entries {
			if seen[e.ID] || e.ID == "" {
				t.Fatalf("%q: id %q twice or empty", body, e.ID)
			}
			seen[e.ID] = true
			if len(e.Summary) > logs.MaxSummary || e.Summary == "" || strings.ContainsAny(e.Summary, "\n\r\x00") || !utf8.ValidString(e.Summary) {
				t.Fatalf("%q: summary %q", body, e.Summary)
			}
			out, err := e.AppendJSON(nil)
			if err != nil || !json.Valid(out) {
				t.Fatalf("%q: entry %q, %v", body, out, err)
			}
			if bytes.Contains(e.Raw, []byte("secret-key")) && bytes.Contains(e.Raw, []byte(`"`)) {
				t.Fatalf("%q: the credential is in raw %q", body, e.Raw)
			}
		}
	})
}

// BenchmarkDecode reads a full page as large as real ones are: 1,000 calls with
// bodies cut at 1,000 characters.
func BenchmarkDecode(b *testing.B) {
	sample, err := os.ReadFile("testdata/getlogs.json")
	if err != nil {
		b.Fatal(err)
	}
	row := mustDecode(b, sample, nil)[0].Raw
	rows := make([]string, 1000)
	for i := range rows {
		rows[i] = strings.Replace(string(row), "44c168ce", fmt.Sprintf("%08x", i), 1)
	}
	body := page(rows...)
	mask := rest.NewMask(secret.New("0123456789abcdef0123456789abcdef"))
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"plain", body},
		{"escapes", bytes.ReplaceAll(body, []byte(`Fire`), []byte(`F\u0069re`))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.body)))
			b.ReportAllocs()
			for b.Loop() {
				mustDecode(b, c.body, mask)
			}
		})
	}
}
