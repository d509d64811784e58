package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// FuzzCSV_ReadsBackAsItWas writes a cell between two others and reads the record with
// the library's reader: it is one record, and without our apostrophes the text is as
// it was.
func FuzzCSV_ReadsBackAsItWas(f *testing.F) {
	for _, a := range attacks {
		f.Add(a, "x")
	}
	f.Add("a,b\r\nc\"d", " ; ")
	f.Fuzz(func(t *testing.T, one, two string) {
		b := append(export.AppendCell(append(export.AppendCell(nil, one), ','), two), ",end\r\n"...)
		r := csv.NewReader(bytes.NewReader(b))
		rows, err := r.ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 || rows[0][2] != "end" {
			t.Fatalf("%q reads as %q, %v", b, rows, err)
		}
		for i, text := range []string{one, two} {
			want := strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
			got := rows[0][i]
			if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(want, "'", "") {
				t.Errorf("%q came back as %q", want, got)
			}
			if got != want && !strings.Contains(got, "'") {
				t.Errorf("%q was changed to %q", want, got)
			}
			if got != "" && strings.ContainsAny(got[:1], "=+-@\t\r") {
				t.Errorf("%q begins a formula", got)
			}
		}
	})
}

// FuzzEntry_StaysInItsLine writes an entry in all forms.
func FuzzEntry_StaysInItsLine(f *testing.F) {
	f.Add("sum|mary\\", "`code`", "a\nb", `{"a":"=1"}`, int64(1))
	f.Add("[x](y) <b>", "\\|", "\x00\u2028", "{\n\"b\": [1,\r\n2]}", int64(-1))
	f.Add("tail\\\\", "|||", "💥\xff", `"text"`, int64(0))
	f.Fuzz(func(t *testing.T, summary, name, value, raw string, took int64) {
		e := logs.Entry{
			ID: value, Src: name, Summary: summary, Item: value, Took: time.Duration(took), HasTook: took != 0, TimeText: value,
			Fields: logs.Fields{{Name: name, Value: value}, {Name: "n", Value: float64(took)}},
		}
		if json.Valid([]byte(raw)) {
			e.Raw = json.RawMessage(raw)
		}
		for _, reveal := range []bool{true, false} {
			o := export.Options{Zone: berlin, Lens: redact.Lens{Reveal: reveal, Key: 7}, Columns: []string{"summary", "item", "fields", "raw", "id", "time"}}
			line := export.AppendJSON(nil, &e, o)
			if !json.Valid(line) || bytes.ContainsAny(line, "\n\r") {
				t.Errorf("no line of JSON: %q", line)
			}
			if text := export.AppendText(nil, &e, o); bytes.ContainsAny(text, "\n\r\u2028\u2029") || !utf8.Valid(text) {
				t.Errorf("no line of text: %q", text)
			}
			o.Format = export.CSV
			rows, err := csv.NewReader(strings.NewReader(write(t, o, export.Summary{Reason: value}, e))).ReadAll()
			if err != nil || len(rows) != 3 {
				t.Errorf("csv: %q %v", rows, err)
			}
			o.Format = export.JSON
			if doc := write(t, o, export.Summary{Reason: value}, e); !json.Valid([]byte(doc)) {
				t.Errorf("json: %s", doc)
			}
			o.Format = export.Markdown
			table := write(t, o, export.Summary{Complete: true}, e)
			lines := strings.Split(table, "\n")
			if len(lines) != 6 || lines[3] != "" || lines[5] != "" {
				t.Fatalf("md: %d lines: %q", len(lines), lines)
			}
			if n := pipes(lines[2]); n != 7 {
				t.Errorf("md: a row of %d borders: %s", n, lines[2])
			}
			block := string(export.AppendMarkdown(nil, &e, o))
			if head, _, fenced := strings.Cut(block, "json\n"); fenced && len(e.Raw) > 0 {
				if fence := head[strings.LastIndexByte(head, '\n')+1:]; strings.Count(block, "\n"+fence) != 2 {
					t.Errorf("the fence %s stands within:\n%s", fence, block)
				}
			}
		}
	})
}

// pipes counts the borders of a row as both readings of a backslash see them: one
// takes it with whatever follows, the other looks only at what stands before a pipe.
// It is -1 where they differ.
func pipes(row string) int {
	pairs, plain := 0, 0
	for i := 0; i < len(row); i++ {
		if row[i] == '\\' {
			i++
		} else if row[i] == '|' {
			pairs++
		}
	}
	for i := range len(row) {
		if row[i] == '|' && (i == 0 || row[i-1] != '\\') {
			plain++
		}
	}
	if pairs != plain {
		return -1
	}
	return pairs
}
