package part

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the dialog of exports reports.
type (
	ExportAsked    struct{}                // the dialog is to be opened
	ExportFormat   struct{ Format string } // one of "ndjson", "csv", "json", "md"
	ExportColumns  struct{ All bool }
	ExportRevealed struct{ On bool }
	ExportStarted  struct{}
	ExportCanceled struct{} // what came so far is kept
	ExportRead     struct{} // what became of it was read
)

// TableSaved asks for what a drill-down lists as a file.
type TableSaved struct{}

// savesTable offers the rows of a drill-down as a file, nothing where there are none.
func savesTable(rows int, send Send) app.UI {
	if rows == 0 {
		return nil
	}
	return button("btn small", send, TableSaved{}, attrs{"title", "Save this table as CSV"}, icon("download"), app.Text("CSV"))
}

// IDExport is the id of what in the dialog of exports gets the keyboard.
const IDExport = "export-first"

// CopiedExport is What of the Copied event of the command.
const CopiedExport = "export"

// ExportBox is what was chosen in the dialog.
type ExportBox struct {
	Format string // "ndjson", "csv", "json", "md"
	All    bool   // of columns: all usual ones, not those of the table
	Reveal bool   // personal data is shown
}

// Columned reports whether the format has columns.
func (b ExportBox) Columned() bool { return b.Format == "csv" || b.Format == "md" }

// Export is the dialog in which all that matches becomes a file.
type Export struct {
	Box     ExportBox
	Loaded  int      // entries that the table holds
	Whole   bool     // they are all that match
	Targets string   // what is read
	Filter  string   // "" for none
	Span    string   // as fixed as the file will have it
	Moving  string   // how the span is called where it moves: "Last 24 hours"
	Zone    string   // of the times in the file
	Columns []string // what the table's are called
	Notes   []string // sentences on what vendors do not give
	Command string
	Copied  bool
	Refused bool // the browser did not copy
	Run     *ExportRun
}

// exportFormats are the formats to choose from.
var exportFormats = []struct{ name, title, says string }{
	{"ndjson", "NDJSON", "One JSON object a line, with all that the vendor sent: for jq, scripts and other log tools"},
	{"csv", "CSV", "One row an entry: for spreadsheets"},
	{"json", "JSON", "One document: for tools that read no lines"},
	{"md", "Markdown", "A table to paste into an issue"},
}

// UI draws the dialog: the choices, or the export under way and what became of it.
func (x Export) UI(send Send) app.UI {
	body := x.choices
	if x.Run != nil {
		body = x.Run.body
	}
	return veil("export", "Export", "export-close", MenuToggled{MenuExport}, send, el("div", "", body(send)...))
}

func (x *Export) choices(send Send) []app.UI {
	lead := "Everything that matches is exported, not only the " + Entries(x.Loaded) + " loaded."
	switch {
	case x.Whole:
		lead = "All " + Entries(x.Loaded) + " that match are loaded; the export reads them again."
	case x.Loaded == 0:
		lead = "Everything that matches is exported."
	}
	var formats nodes
	for i := range exportFormats {
		f := &exportFormats[i]
		on, id := f.name == x.Box.Format, ""
		if on {
			id = IDExport
		}
		formats.add(el("label", "export-format", check("radio", on, send, ExportFormat{f.name}, "name", "export-format", "id", id),
			txt("b", "", f.title), txt("span", "mut", f.says)))
	}
	filter := app.UI(txt("dd", "mut", "none"))
	if x.Filter != "" {
		filter = txt("dd", "mono", x.Filter)
	}
	span := x.Span
	if x.Moving != "" {
		span = x.Moving + ": " + span + ". It is fixed when the export starts."
	}
	var columns app.UI
	if x.Box.Columned() {
		says := "The table's: " + strings.Join(x.Columns, ", ") + "."
		if x.Box.All {
			says = "All that entries usually have."
		}
		columns = exportChoice("Columns", "export-columns", says, send, segment{"As in the table", !x.Box.All, ExportColumns{}}, segment{"All usual ones", x.Box.All, ExportColumns{true}})
	}
	personal := "E-mails, addresses, user ids and the like become tags such as [e-mail 3fa]. Credentials are masked in any case."
	if x.Box.Reveal {
		personal = "The file will hold e-mails, addresses, user ids and the like. Credentials are masked in any case."
	}
	label, sign := "Copy", "copy"
	switch {
	case x.Copied:
		label, sign = "Copied", "check"
	case x.Refused:
		label, sign = "Refused", "alert"
	}
	return []app.UI{
		txt("p", "", lead),
		el("dl", "export-holds",
			termed("", "From", x.Targets),
			el("div", "", txt("dt", "", "Filter"), filter),
			termed("", "Time", span),
			termed("", "Times in", x.Zone),
		),
		notes(x.Notes),
		aloud("div", "export-formats", "radiogroup", "Format", formats...),
		slot(columns),
		exportChoice("Personal data", "export-reveal", personal, send, segment{"Masked", !x.Box.Reveal, ExportRevealed{}}, segment{"Shown", x.Box.Reveal, ExportRevealed{true}}),
		el("div", "export-acts", worded("btn primary big", "Export", send, ExportStarted{}), worded("btn big", "Cancel", send, MenuToggled{MenuExport})),
		el("section", "export-script",
			el("div", "request-head",
				txt("h3", "", "The same as a command"), grow(),
				button("btn small", send, Copied{CopiedExport}, attrs{"aria-label", label + ": the command"}, icon(sign), app.Text(label)),
			),
			elem("pre", "request-curl", attrs{"tabindex", "0", "role", "region", "aria-label", "Command"}, txt("code", "", x.Command)),
			el("p", "help mut", app.Text("$LOGPANE_TOKEN is an access token: "), linked("", "/tokens", "make one"), app.Text(".")),
		),
	}
}

// exportChoice is one of two, and what it means.
func exportChoice(label, name, says string, send Send, of ...segment) app.UI {
	return el("div", "export-choice", segments(label, name, of, send), txt("p", "help mut", says))
}

// ExportState is how far an export is.
type ExportState uint8

// The states of an export.
const (
	ExportRunning ExportState = iota
	ExportSaved               // the file is there
	ExportFailed              // there is none: Err says why
)

// ExportRun is an export under way, or what became of it.
type ExportRun struct {
	Name     string // of the file
	About    string // what it holds, in a few words
	Masked   bool
	State    ExportState
	Entries  int
	Bytes    int
	Back     string // time of the last entry so far, "" before the first
	Part     int    // of the span that was read, thousandths; 0 where that is not known
	Complete bool   // of a saved one
	Reason   string // why it is not: a sentence that may lack its full stop
	Canceled bool   // by the reader
	Again    bool   // once more may help
	Err      *fault.Error
}

// text says how far it is, or what became of it.
func (r *ExportRun) text() string {
	s := Entries(r.Entries)
	switch {
	case r.State == ExportFailed:
		return "The export failed"
	case r.State == ExportRunning && r.Canceled:
		return "Canceling"
	case r.State == ExportRunning && r.Bytes == 0:
		return "Waiting for the first entries"
	case r.State == ExportRunning:
		s += " · " + Size(r.Bytes)
		if r.Back != "" {
			s += " · back to " + r.Back
		}
		return s
	case r.Complete:
		return s + " · complete"
	case r.Canceled:
		return s + " · canceled, which the file says"
	}
	return s + " · incomplete"
}

// Size writes a number of bytes: "12.3 MB".
func Size(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n) + " B"
	case n < 1000_000:
		return strconv.Itoa(n/1000) + " kB"
	case n < 100_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	}
	return Count(n/1000_000) + " MB"
}

func (r *ExportRun) body(send Send) []app.UI {
	first := func(text string, msg any) app.UI { return worded("btn primary big", text, send, msg).ID(IDExport) }
	shut := worded("btn big", "Close", send, MenuToggled{MenuExport})
	about := el("p", "export-about", txt("b", "mono", r.Name), txt("span", "mut", r.About))
	if r.State == ExportRunning {
		with := attrs{"aria-label", "Stretch of time that was read"}
		if r.Part > 0 {
			with = append(with, "max", "1000", "value", strconv.Itoa(r.Part))
		}
		return []app.UI{about, elem("progress", "export-progress", with), txt("p", "", r.text()),
			txt("p", "help mut", "Close this and read on if you like: the export goes on. Canceling keeps what came."),
			el("div", "export-acts", worded("btn big", "Cancel", send, ExportCanceled{}).ID(IDExport), shut)}
	}
	var why app.UI
	switch {
	case r.State == ExportFailed:
		return []app.UI{about, Fault{Err: r.Err}.UI(send),
			el("div", "export-acts", first("Try again", ExportStarted{}), worded("btn big", "Change it", send, ExportRead{}), shut)}
	case !r.Complete && !r.Canceled:
		why = el("p", "export-why", icon("alert"), txt("span", "", ended(r.Reason)+" The file says so at its end."))
	}
	acts := []app.UI{first("Export something else", ExportRead{}), shut}
	if other := worded("btn big", "Export something else", send, ExportRead{}); r.Again {
		acts = []app.UI{first("Try again", ExportStarted{}), other, shut}
	} else if !r.Complete {
		acts = []app.UI{first("Close", MenuToggled{MenuExport}), other}
	}
	masked := "Personal data is shown in it."
	if r.Masked {
		masked = "Personal data is masked in it."
	}
	return []app.UI{about, elem("p", "export-done", attrs{"role", "status"}, txt("b", "", r.text()), txt("span", "mut", Size(r.Bytes))), why, txt("p", "help mut", masked),
		el("div", "export-acts", acts...)}
}

// chip is the export in the status line, while the dialog is closed.
func (r *ExportRun) chip(send Send) app.UI {
	if r == nil {
		return hidden("span", "export-chip")
	}
	class, label, msg := "export-chip", "Cancel", any(ExportCanceled{})
	text := r.text()
	switch {
	case r.State != ExportRunning:
		label, msg, text = "Dismiss", ExportRead{}, "Export: "+text
		if !r.Complete {
			class += " bad"
		}
	case r.Canceled:
		return el("span", class, icon("download"), txt("span", "ellipsis", text))
	}
	return aloud("span", class, "group", "Export", button("export-show ellipsis", send, MenuToggled{MenuExport}, attrs{"title", r.Name + " " + r.About}, icon("download"), app.Text(text)),
		worded("btn quiet small", label, send, msg))
}
