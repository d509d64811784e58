package dom

// Export is a file that is fetched and kept while it comes, without its bytes ever
// being in the memory of the program: see static/export.js. The file goes where the
// reader says, or where the browser keeps downloads.
//
//	cancel := dom.Export{URL: "/api/logs.csv?…", Name: "logs.csv", Type: "text/csv", Quoted: true, …}.Start()
//
// None of its functions may be nil. Of the last four one is called, once, and ends it.
type Export struct {
	URL    string // of the page's own origin
	Name   string // of the file, with its ending
	Type   string // of the file, without parameters
	Quoted bool   // a line end between double quotes ends no line

	// Moved tells how far it is, at most four times a second: whole lines, bytes, and how
	// the last whole line begins.
	Moved func(lines, bytes int, line string)

	// Ends is called when nothing more comes: with the last whole line, what came after
	// it, and how many whole lines there were. It returns what the file gets in their
	// place.
	Ends func(how ExportEnd, line, rest string, lines int) string

	Saved   func(bytes int)
	Left    func()                                            // it was canceled before anything came, or the reader chose no file
	Refused func(status int, mediaType string, answer []byte) // instead of a file; status 0: the server could not be reached
	Failed  func(why string)                                  // the file could not be written; the browser's words
}

// ExportEnd is why nothing more of an export comes.
type ExportEnd string

// The ends of exports.
const (
	ExportDone     ExportEnd = "done"
	ExportCanceled ExportEnd = "canceled"
	ExportCut      ExportEnd = "cut" // the connection broke
)
