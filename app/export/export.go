// Package export writes entries the way they leave logpane: as lines of JSON, as one
// JSON document, as CSV for spreadsheets, as Markdown for issues, and one entry at a
// time as people paste it.
//
//	w := export.NewWriter(out, export.Options{Format: export.CSV, Zone: berlin})
//	err := w.Begin()
//	for i := range entries {
//		err = w.Entry(&entries[i])
//	}
//	err = w.End(export.Summary{Complete: true})
//
// Every time stands in the zone of the options with its offset, and keeps the digits
// that the vendor gave, no more and no less. What must not be shown is masked by the
// lens of the options before anything else sees it. Each entry ends with a line feed,
// and the last words say whether all is there.
//
// A [Writer] holds a few kilobytes, however many entries pass through it. The package
// must not know HTTP, and must not decide what may be shown.
package export

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// Format is a form that entries are written in. Its string is the end of an address:
// /api/logs.csv.
type Format string

// The formats.
const (
	NDJSON   Format = "ndjson" // one JSON object a line, the end among them
	CSV      Format = "csv"    // RFC 4180 with a header
	JSON     Format = "json"   // one document: {"entries":[…],"end":{…}}
	Markdown Format = "md"     // a table
)

// Formats are all formats.
func Formats() []Format { return []Format{NDJSON, CSV, JSON, Markdown} }

// Type returns the format's media type.
func (f Format) Type() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case JSON:
		return "application/json"
	case Markdown:
		return "text/markdown; charset=utf-8"
	}
	return "application/x-ndjson"
}

// Options say how entries are written. The zero value writes NDJSON in UTC with
// personal data masked.
type Options struct {
	Format  Format
	Zone    *time.Location // nil for UTC
	Lens    redact.Lens
	Columns []string // of CSV and Markdown, as [Columns] allows; nil for [Usual]
}

func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

// Summary is what the end of an export says.
type Summary struct {
	Complete bool            // every match is there
	Reason   string          // why not: a plain sentence
	Entries  int             // written; 0 for as many as the Writer counted
	Scanned  int             // read at the vendors
	Coverage []logs.Coverage // what the entries cover
	Notes    []logs.Note     // what is strange about the filter
	Order    string          // "" for newest first
}

// flushAt is how many bytes a Writer gathers before it writes.
const flushAt = 32 << 10

// Writer writes one export. It is used by one goroutine at a time. Its errors are
// those of the io.Writer below.
type Writer struct {
	w    io.Writer
	o    Options
	cols []column
	buf  []byte
	n    int
}

// NewWriter returns a Writer to w. Names that [Columns] refuses are left out.
func NewWriter(w io.Writer, o Options) *Writer {
	out := &Writer{w: w, o: o}
	switch o.Format {
	case CSV, Markdown:
		names := o.Columns
		if len(names) == 0 {
			names = Usual(o.Format)
		}
		out.cols = columnsOf(names)
	}
	return out
}

// Entries returns how many entries were written.
func (w *Writer) Entries() int { return w.n }

// Begin writes what stands before the first entry.
func (w *Writer) Begin() error {
	switch w.o.Format {
	case JSON:
		w.buf = append(w.buf, `{"entries":[`+"\n"...)
	case CSV:
		for i := range w.cols {
			if i > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = AppendCell(w.buf, w.cols[i].name)
		}
		w.buf = append(w.buf, "\r\n"...)
	case Markdown:
		w.buf = append(w.buf, '|')
		for i := range w.cols {
			w.buf = append(appendInline(append(w.buf, ' '), w.cols[i].name), " |"...)
		}
		w.buf = append(append(w.buf, "\n|"...), strings.Repeat(" --- |", len(w.cols))...)
		w.buf = append(w.buf, '\n')
	}
	return w.room()
}

// Entry writes an entry, which is not changed.
func (w *Writer) Entry(e *logs.Entry) error {
	switch w.o.Format {
	case JSON:
		if w.n > 0 {
			w.buf = append(w.buf, ',') // at the head of a line: an entry is whole once its line is
		}
		w.buf = append(AppendJSON(w.buf, e, w.o), '\n')
	case CSV:
		w.buf = append(w.appendRecord(w.buf, e), "\r\n"...)
	case Markdown:
		w.buf = append(w.appendRow(w.buf, e), '\n')
	default:
		w.buf = append(AppendJSON(w.buf, e, w.o), '\n')
	}
	w.n++
	return w.room()
}

// Line writes a line that is no entry, among those of NDJSON: its JSON, in one line.
func (w *Writer) Line(json []byte) error {
	w.buf = append(append(w.buf, json...), '\n')
	return w.room()
}

// Space writes a space, which means nothing before a line of NDJSON or of JSON.
func (w *Writer) Space() error {
	w.buf = append(w.buf, ' ')
	return w.room()
}

// Flush writes what was gathered.
func (w *Writer) Flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.w.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

func (w *Writer) room() error {
	if len(w.buf) < flushAt {
		return nil
	}
	return w.Flush()
}

// Usual returns the columns that a format has unless others are asked for.
func Usual(f Format) []string {
	if f == Markdown {
		return []string{"time", "level", "outcome", "status", "took_ms", "src", "summary"}
	}
	return []string{"time", "src", "level", "outcome", "status", "took_ms", "summary", "item", "job", "request", "attempt", "id"}
}

// maxColumns bounds the columns of an export.
const maxColumns = 100

// Columns returns the columns of names as addresses hold them: in their order, each
// once, with the time first unless they place it. No names are nil. Faults: Invalid
// for what cannot be a column, and for too many.
func Columns(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		c, ok := columnOf(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "export: columns").Saying("“" + name + "” is no column: name any field of an entry, as the filter language does, or fields, or raw")
		}
		if !slices.Contains(out, c.name) {
			out = append(out, c.name)
		}
	}
	if len(out) > maxColumns {
		return nil, fault.New(fault.Invalid, "export: columns").Saying("an export has at most 100 columns")
	}
	if len(out) > 0 && !slices.Contains(out, "time") {
		out = slices.Insert(out, 0, "time")
	}
	return out, nil
}
