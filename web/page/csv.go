package page

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// csvFile is a table of what lives in the page alone: verdicts, shapes, cards. Cells
// hold what the screen may show, and no formula.
type csvFile struct {
	lens redact.Lens
	b    []byte
}

func (p *logs) csv(heads ...string) *csvFile {
	f := &csvFile{lens: p.lens()}
	f.row(heads...)
	return f
}

func (f *csvFile) row(cells ...string) {
	for i, c := range cells {
		if i > 0 {
			f.b = append(f.b, ',')
		}
		f.b = export.AppendCell(f.b, f.lens.Text(c))
	}
	f.b = append(f.b, "\r\n"...)
}

// partOf says at the end what is missing, as exports do.
func (f *csvFile) partOf(whole bool, cells int) {
	if !whole {
		f.row(append([]string{"# incomplete: made of the entries that were loaded; more match"}, make([]string, cells-1)...)...)
	}
}

// saveCSV keeps a table as a file, with the byte order mark that spreadsheets need to
// read it as UTF-8.
func (p *logs) saveCSV(what string, f *csvFile) {
	dom.Save("logpane-"+what+"-"+p.deps.Now().In(p.m.Zone()).Format("20060102-150405")+".csv", exportTypes[export.CSV], "\ufeff"+string(f.b))
}

// stampIn writes a moment with its zone, "" for none.
func stampIn(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339Nano)
}

// verdictsCSV holds all verdicts of a check.
func (p *logs) verdictsCSV(verdicts []wire.Verdict) *csvFile {
	f := p.csv("item", "verdict", "stage", "error_code", "reason", "time")
	for i := range verdicts {
		v := &verdicts[i]
		f.row(v.Item, string(part.StateOf(v)), v.Stage, v.Code, v.Reason, stampIn(v.Time, p.m.Zone()))
	}
	return f
}

// csv holds the shapes, or the indices, in the order that is shown.
func (s *shapes) csv() *csvFile {
	heads := []string{"shape", "index", "operation", "parameters", "calls", "share_of_time", "p50_ms", "p95_ms", "max_ms", "calls_with_hits_told", "zero_hit_calls"}
	f := s.p.csv(heads...)
	list := s.listed()
	ms := func(d time.Duration) string {
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64)
	}
	for _, g := range part.Sorted(list, s.order) {
		row := []string{"", g.Index, "", "", strconv.Itoa(g.N), strconv.FormatFloat(g.Share, 'f', 4, 64), "", "", "", strconv.Itoa(g.Counted), strconv.Itoa(g.Zero)}
		if g.Shape != nil {
			row[0], row[2], row[3] = g.Shape.ID, g.Shape.Op, g.Shape.Title
		}
		if g.Timed > 0 {
			row[6], row[7], row[8] = ms(g.P50), ms(g.P95), ms(g.Max)
		}
		f.row(row...)
	}
	f.partOf(s.p.m.Whole(), len(heads))
	return f
}

// csv holds the cards in the order that is shown.
func (x *exceptions) csv() *csvFile {
	heads := []string{"fingerprint", "type", "value", "frame", "own_code", "occurrences", "first", "last", "components", "pipelines", "origins"}
	f := x.p.csv(heads...)
	zone := x.p.m.Zone()
	names := func(of []exception.Count) string {
		out := make([]string, len(of))
		for i := range of {
			out[i] = of[i].Name
		}
		return strings.Join(out, ", ")
	}
	for i := range x.all {
		c := &x.all[i]
		f.row(c.Fingerprint, c.Type, c.Value, c.Frame, strconv.FormatBool(c.Own), strconv.Itoa(c.Count), stampIn(c.First, zone), stampIn(c.Last, zone),
			names(c.Components), names(c.Pipelines), names(c.Origins))
	}
	f.partOf(x.p.m.Whole() && x.done, len(heads))
	return f
}
