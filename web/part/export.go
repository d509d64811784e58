package part

// ExportAsked asks for the dialog of exports.
type ExportAsked struct{}

// IDExport is the id of what in the dialog of exports gets the keyboard.
const IDExport = "export-first"
