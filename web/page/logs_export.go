package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// exports is what the page knows of exports. It outlives the page of the table: who
// goes elsewhere in logpane and comes back finds the one under way.
type exports struct {
	box  part.ExportBox
	run  *exporting // nil where there is none
	tell func()     // has it drawn again; nil while no page shows it
}

// exporting is an export under way, or what became of it. What it holds was settled
// when it began.
type exporting struct {
	part.ExportRun
	file     dom.Export
	opts     export.Options
	src      []string  // addresses of the targets
	named    []string  // how the dialog calls them
	from, to time.Time // of the span; from is zero where it has no beginning
	cancel   func()
}

// exportTypes are the media types under which files are kept.
var exportTypes = map[export.Format]string{
	export.NDJSON: "application/x-ndjson", export.CSV: "text/csv", export.JSON: "application/json", export.Markdown: "text/markdown",
}

// exportView returns what an export would be of: the table, or what a place that has
// no rows beneath is about.
func (p *logs) exportView() view.View {
	v := p.here()
	place, item := v.Place(), v.Item
	v = v.At(view.Place{})
	v.Item = item
	if place.Kind == view.Job {
		if only, ok := include(v, "job", place.B); ok {
			v = only
		}
	}
	v.Zone = p.m.Zone().String()
	v.Sort, v.Wrap, v.Cols, v.Unknown = "", false, nil, nil
	if box := p.exports.box; box.Columned() && !box.All {
		v.Cols, _ = p.exportColumns()
	}
	return v
}

// exportColumns returns the columns of an export that has those of the table, and how
// the table's are called. What the table shows as the level is a word for the outcome
// or the attempt where these say more; a file has each in a column of its own.
func (p *logs) exportColumns() (names, titles []string) {
	shown := p.m.Columns()
	for i := range shown {
		name, title := shown[i].Name, shown[i].Title
		names = append(names, name)
		if name == "level" {
			by := " with "
			for _, more := range []string{"outcome", "attempt"} {
				if !slices.ContainsFunc(shown, func(c viewer.Column) bool { return c.Name == more }) {
					names, title, by = append(names, more), title+by+more, " and "
				}
			}
		}
		titles = append(titles, title)
	}
	return names, titles
}

// exportQuery returns the query of an export's address.
func (p *logs) exportQuery(v view.View) string {
	if v.Query == p.m.View().Query {
		v.Query = p.m.Asked()
	}
	q := v.RawQuery()
	if p.exports.box.Reveal {
		q += "&reveal=1"
	}
	return q
}

// openExport begins with what was chosen last, but shows no more than the screen does.
func (p *logs) openExport() {
	box := &p.exports.box
	box.Format = cmp.Or(box.Format, string(export.CSV))
	box.Reveal = p.lens().Reveal
}

// exportDialog is the dialog as it stands.
func (p *logs) exportDialog() part.Export {
	now, zone := p.deps.Now(), p.m.Zone()
	v := p.exportView()
	x := part.Export{
		Box: p.exports.box, Loaded: p.m.Len(), Whole: p.m.Whole(), Filter: v.Query, Zone: zone.String(),
		Copied: p.copied == part.CopiedExport, Refused: p.refused == part.CopiedExport,
	}
	if p.covers() {
		x.Loaded, x.Whole = 0, false
	}
	if v.Item != "" {
		x.Filter = strings.TrimSpace("item " + v.Item + " " + v.Query)
	}
	if s := part.OffsetName(now.In(zone)); s != x.Zone {
		x.Zone += " (" + s + ")"
	}
	x.Targets = strings.Join(p.exportTargets(v), ", ")
	if s, err := v.Absolute(now, zone).Span(now, zone); err == nil {
		x.Span = view.SpanText(s, zone)
	}
	if preset, ok := v.Preset(); ok {
		x.Moving = preset.Label
	}
	_, x.Columns = p.exportColumns()
	x.Notes = p.exportNotes(v)
	u := p.ctx.Page().URL()
	address := u.Scheme + "://" + u.Host + view.PathLogs + "." + x.Box.Format + "?" + p.exportQuery(v)
	x.Command = `curl -OJ -H "Authorization: Bearer $LOGPANE_TOKEN" '` + strings.ReplaceAll(address, "'", "%27") + "'"
	if run := p.exports.run; run != nil {
		x.Run = &run.ExportRun
	}
	return x
}

// exportTargets names what an export reads.
func (p *logs) exportTargets(v view.View) []string {
	out := slices.Clone(v.Src)
	for _, l := range p.m.Lanes() {
		if i := slices.Index(out, l.Src); i >= 0 {
			if out[i] = l.Label; len(out) > 1 {
				out[i] = vendorNamed(p.vendors.Value, vendorOf(l.Src)).Title + " " + l.Label
			}
		}
	}
	return out
}

// exportNotes says what vendors will not give.
func (p *logs) exportNotes(v view.View) []string {
	var out []string
	add := func(s string) {
		if s = part.Sentence(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, src := range v.Src {
		if c := vendorNamed(p.vendors.Value, vendorOf(src)).Capabilities; c.MaxRows > 0 {
			add(c.CapReason)
		}
	}
	if p.covers() {
		return out
	}
	for _, l := range p.m.Lanes() {
		switch l.State {
		case alogs.Capped, alogs.Expired:
			add(l.Reason)
		case alogs.Failed:
			add(l.Label + " failed: " + l.Reason)
		}
	}
	return out
}

// beginExport fetches what the dialog shows.
func (p *logs) beginExport() {
	if run := p.exports.run; run != nil && run.State == part.ExportRunning {
		return
	} else if run != nil { // the same once more
		run.ExportRun = part.ExportRun{Name: run.Name, About: run.About, Masked: run.Masked}
		p.fetchExport(run)
		return
	}
	now, zone, box := p.deps.Now(), p.m.Zone(), p.exports.box
	v := p.exportView().Absolute(now, zone)
	if len(v.Src) == 0 {
		return
	}
	run := &exporting{opts: export.Options{Format: export.Format(box.Format), Zone: zone, Lens: redact.Lens{Reveal: box.Reveal}, Columns: v.Cols}}
	run.Masked = !box.Reveal
	if s, err := v.Span(now, zone); err == nil {
		run.from, run.to = s.From, s.To
	}
	run.Name = exportName(v.Src, now.In(zone), box.Format)
	run.src, run.named = v.Src, p.exportTargets(v)
	run.About = strings.Join(run.named, ", ")
	if v.Query != "" {
		run.About += " · " + v.Query
	}
	run.file = dom.Export{
		URL: "/api" + view.PathLogs + "." + box.Format + "?" + p.exportQuery(v), Name: run.Name,
		Type: exportTypes[run.opts.Format], Quoted: run.opts.Format == export.CSV,
	}
	p.exports.run = run
	p.fetchExport(run)
}

// exportName calls a file by its vendors and the moment, as the server does.
func exportName(src []string, now time.Time, format string) string {
	var vendors []string
	for _, s := range src {
		if v := vendorOf(s); !slices.Contains(vendors, v) {
			vendors = append(vendors, v)
		}
	}
	name := strings.Join(vendors, "-")
	if len(vendors) > 3 {
		name = "logs"
	}
	return "logpane-" + name + "-" + now.Format("20060102-150405") + "." + format
}

// fetchExport begins, or begins again.
func (p *logs) fetchExport(run *exporting) {
	x := p.exports
	changed := func() {
		if x.tell != nil {
			x.tell()
		}
	}
	run.file.Moved = func(lines, bytes int, line string) {
		run.Entries, run.Bytes = max(lines-headLines(run.opts.Format), 0), bytes
		if t := timeIn(line); !t.IsZero() {
			run.reached(t, p.deps.Now())
		}
		changed()
	}
	run.file.Ends = func(how dom.ExportEnd, line, rest string, lines int) string {
		tail, end := endFile(run.opts, how, line, rest, lines)
		run.Entries, run.Complete, run.Canceled = end.Entries, end.Complete, end.Canceled
		run.Reason, run.Again = "", false
		if !end.Complete {
			run.Reason, run.Again = run.told(end)
		}
		return tail
	}
	run.file.Saved = func(bytes int) {
		run.Bytes, run.State = bytes, part.ExportSaved
		changed()
	}
	run.file.Left = func() {
		if x.run == run {
			x.run = nil
		}
		changed()
	}
	failed := func(err error) {
		run.State, run.Err = part.ExportFailed, fault.Of(err)
		changed()
	}
	run.file.Refused = func(status int, mediaType string, answer []byte) {
		failed(client.Refusal("export", status, mediaType, answer))
	}
	run.file.Failed = func(why string) {
		failed(fault.New(fault.Internal, "export").Saying("the browser could not write the file: " + why))
	}
	start := p.deps.Export
	if start == nil {
		start = dom.Export.Start
	}
	run.cancel = start(run.file)
}

// reached says how far back an export is by now: the time, with the day where that is
// not today.
func (r *exporting) reached(t, now time.Time) {
	t, now = t.In(r.opts.Zone), now.In(r.opts.Zone)
	layout := "15:04:05"
	switch {
	case t.Year() != now.Year():
		layout = "2 Jan 2006 15:04"
	case t.YearDay() != now.YearDay():
		layout = "2 Jan 15:04"
	}
	r.Back = t.Format(layout)
	if whole := r.to.Sub(r.from); !r.from.IsZero() && whole > 0 {
		r.Part = max(r.Part, min(int(1000*float64(r.to.Sub(t))/float64(whole)), 999))
	}
}

// onExport takes what happens in the dialog of exports, and reports whether msg is of
// it.
func (p *logs) onExport(msg any) bool {
	x := p.exports
	switch m := msg.(type) {
	case part.ExportAsked:
		if x.run != nil && x.run.State != part.ExportRunning {
			x.run = nil // it was read, or is no longer of interest
		}
		p.toggle(part.MenuExport)
	case part.ExportFormat:
		x.box.Format = m.Format
	case part.ExportColumns:
		x.box.All = m.All
	case part.ExportRevealed:
		x.box.Reveal = m.On
	case part.ExportStarted:
		p.beginExport()
		p.focusSoon(part.IDExport)
	case part.ExportCanceled:
		if x.run != nil && x.run.State == part.ExportRunning {
			x.run.Canceled = true
			x.run.cancel()
		}
	case part.ExportRead:
		if x.run != nil && x.run.State != part.ExportRunning {
			x.run = nil
		}
		if p.menu == part.MenuExport {
			p.focusSoon(part.IDExport)
		} else {
			p.focusGrid()
		}
	case part.Copied:
		if m.What != part.CopiedExport {
			return false
		}
		p.put(m.What, p.exportDialog().Command)
	default:
		return false
	}
	return true
}

// exportChip is the export that the status line shows, nil for none.
func (p *logs) exportChip() *part.ExportRun {
	if run := p.exports.run; run != nil && p.menu != part.MenuExport {
		return &run.ExportRun
	}
	return nil
}
