package deepset

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

var update = flag.Bool("update", false, "rewrite testdata/*.want")

func decode(tb testing.TB, body string) driver.Page {
	tb.Helper()
	v, err := rest.Parse([]byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	l, err := parseList(v)
	if err != nil {
		tb.Fatal(err)
	}
	return convert(l, "pipeline", "rag")
}

// spec-mock-logs.json is what a mock made from the schema of "Get Pipeline Logs"
// answers; pipeline-logs.json follows that schema with values as they are seen in
// the vendor's own tests.
func TestConvert_Samples(t *testing.T) {
	files, err := filepath.Glob("testdata/*-logs.json")
	if err != nil || len(files) != 2 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := decode(t, string(body))
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
	base := logs.Fields{{Name: "pipeline", Value: "rag"}}
	for _, c := range []struct {
		name, row string
		want      logs.Entry
	}{
		{"time without zone is UTC", `{"log_id":"a","message":"m","logged_at":"2025-05-23T10:33:04.157182","level":"Warning"}`, logs.Entry{
			ID: "a", Time: time.Date(2025, 5, 23, 10, 33, 4, 157182000, time.UTC), TimeText: "2025-05-23T10:33:04.157182",
			Level: logs.LevelWarning, Summary: "m", Fields: base,
		}},
		{"level nobody knows", `{"log_id":"a","message":"m","level":"chatty","origin":"elsewhere"}`, logs.Entry{
			ID: "a", Summary: "m", Fields: append(base[:1:1], logs.Field{Name: "origin", Value: "elsewhere"}),
		}},
		{"exception without trace or message", `{"log_id":"a","exceptions":[{},{"type":"KeyError","value":"'x'"}]}`, logs.Entry{
			ID: "a", Summary: "KeyError: 'x'", Fields: append(base[:1:1], logs.Field{Name: "exception", Value: "KeyError"}, logs.Field{Name: "error", Value: "'x'"}),
		}},
		{"library frames only", `{"log_id":"a","message":"m","exceptions":[{"type":"E","trace":[{"filename":"<frozen runpy>","line_number":"1"},{"filename":"C:\\py\\site-packages\\x.py","name":"f"},7]}]}`, logs.Entry{
			ID: "a", Summary: "m", Fields: append(base[:1:1], logs.Field{Name: "exception", Value: "E"}, logs.Field{Name: "frame", Value: `C:\py\site-packages\x.py f`}),
		}},
		{"every part is another type", `{"log_id":5,"message":{"a":1},"logged_at":0,"level":[],"origin":{},"exceptions":"none","extra_fields":["x"]}`, logs.Entry{
			ID: "5", TimeText: "0", Summary: `{"a":1}`, Fields: base,
		}},
		{"nothing at all", `{}`, logs.Entry{ID: rest.ID("", `{}`), Summary: "log without a message", Fields: base}},
		{"no object", `null`, logs.Entry{ID: rest.ID("", `null`), Summary: "deepset sent a row that is no object: null"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(t, `{"data":[{"log_id":"before"},`+c.row+`,{"log_id":"after"}],"has_more":false,"total":3}`)
			if len(p.Entries) != 3 || p.Entries[0].ID != "before" || p.Entries[2].ID != "after" {
				t.Fatalf("one odd row cost its neighbors: %+v", p.Entries)
			}
			got := p.Entries[1]
			if string(got.Raw) != c.row {
				t.Errorf("raw %s, want %s", got.Raw, c.row)
			}
			c.want.Item = "rag"
			got.Raw = nil
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestConvert_ManyAndLongExtraFieldsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `"k%d":"v",`, i)
	}
	row := `{"log_id":"a","message":"` + strings.Repeat("é", logs.MaxSummary) + `","extra_fields":{"long":"` + strings.Repeat("é", maxText) + `","K1":"first",` + strings.TrimSuffix(b.String(), ",") + `}}`
	e := decode(t, `{"data":[`+row+`]}`).Entries[0]
	if n := len(e.Fields); n != 1+maxExtra {
		t.Errorf("%d fields", n)
	}
	if long := e.Fields.Text("long"); len(long) > maxText || !utf8.ValidString(long) {
		t.Errorf("a value of %d bytes", len(long))
	}
	if got := e.Fields.Text("k1"); got != "first" {
		t.Errorf("k1 is %q: two names that differ by case only", got)
	}
	if string(e.Raw) != row || len(e.Summary) > logs.MaxSummary {
		t.Errorf("raw has %d bytes of %d, summary %d", len(e.Raw), len(row), len(e.Summary))
	}
}

func TestConvert_EndOfTheList(t *testing.T) {
	for body, want := range map[string]driver.Page{
		`{"data":[{}],"has_more":true,"total":5}`:      {More: driver.MoreYes, Total: 5},
		`{"data":[{}],"has_more":"false","total":"5"}`: {More: driver.MoreNo, Total: 5},
		`{"data":[{}]}`:                                 {More: driver.MoreUnknown, Total: -1},
		`{"data":[],"has_more":true,"total":5}`:         {More: driver.MoreNo, Total: 5},
		`{"data":null,"has_more":null,"total":-3}`:      {More: driver.MoreNo, Total: -1},
		`{"data":[{}],"has_more":"string","total":1.5}`: {More: driver.MoreUnknown, Total: -1},
	} {
		if p := decode(t, body); p.More != want.More || p.Total != want.Total {
			t.Errorf("%s: more %d, total %d; want %d, %d", body, p.More, p.Total, want.More, want.Total)
		}
	}
	for _, body := range []string{`"log_id,message\n"`, `{"has_more":true}`, `{"data":"string"}`, `[]`} {
		v, err := rest.Parse([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if l, err := parseList(v); err == nil {
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
		`{"data":[null,1,"x",[],{"log_id":{}},{"exceptions":[{"trace":[{"filename":1}]},3]}],"has_more":1}`,
		`{"data":[{"extra_fields":{"a":1,"A":2,"level":3,"":4,"extra.level":5,"extra.":6}}]}`,
		"{\"data\":[{\"message\":\"\xff\\ud800\\u0000\\r\\n\"}]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_ = sayings(body)
		v, err := rest.Parse(body)
		if err != nil {
			return
		}
		parseNames(v)
		l, err := parseList(v)
		if err != nil {
			return
		}
		for _, row := range l.rows {
			parseThing(row)
		}
		p := convert(l, "pipeline", "rag")
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

// BenchmarkDecode measures all that Read does with a body of 100 logs, every
// tenth with a trace of 20 frames. The budget is 80 MB/s on one core. Beside it
// stands json.Valid alone, as a measure of the machine.
func BenchmarkDecode(b *testing.B) {
	var page bytes.Buffer
	page.WriteString(`{"data":[`)
	for i := range 100 {
		if i > 0 {
			page.WriteByte(',')
		}
		exceptions := "null"
		if i%10 == 0 {
			exceptions = `[{"type":"TypeError","value":"can only join an iterable","trace":[` +
				strings.Repeat(`{"filename":"/opt/venv/lib/python3.12/site-packages/haystack/core/pipeline/pipeline.py","line_number":77,"name":"run"},`, 19) +
				`{"filename":"/app/rag.py","line_number":41,"name":"answer"}]}]`
		}
		fmt.Fprintf(&page, `{"log_id":"UHG0_JYBbpf1V-YKI8%02d","message":"Component 'prompt_builder' received input of 2,311 characters and rendered the template in 12 ms","logged_at":"2025-05-23T10:33:04.157182Z","level":"info","origin":"querypipeline","exceptions":%s,"extra_fields":{"_logger":"haystack.core.pipeline","dd.trace_id":"7046029254386353131","dd.span_id":"1046029254386353131","organization_id":"8edd44ef-1856-4456-90ec-d9fab8a25049","organization_name":"acme","user_id":"3b69a7e2-78ad-4ee6-8a81-c9b1b8a9cd26","workspace_id":"11de4222-fbda-498c-9ecb-cd46d598712f","pipeline_id":"6560f600-b610-4c02-88ac-0d120e3d5071"}}`, i, exceptions)
	}
	page.WriteString(`],"has_more":true,"total":2042}`)
	body := page.Bytes()
	mask := rest.NewMask(secret.New("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
	b.Run("page", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			v, err := rest.Parse(mask.Raw(body))
			if err != nil {
				b.Fatal(err)
			}
			l, err := parseList(v)
			if err != nil || len(convert(l, "pipeline", "rag").Entries) != 100 {
				b.Fatal(err)
			}
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if !json.Valid(body) {
				b.Fatal("not JSON")
			}
		}
	})
}
