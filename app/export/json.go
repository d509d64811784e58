package export

import (
	"encoding/json"

	"github.com/logpane/logpane/app/logs"
)

// AppendJSON appends an entry in its wire form, in one line without a line feed: its
// time in the zone, and Raw as the vendor wrote it but for what is masked. Where the
// vendor breaks lines between the tokens of Raw, spaces stand for the breaks.
func AppendJSON(b []byte, e *logs.Entry, o Options) []byte {
	shown := o.Lens.Entry(*e)
	if text, ok := stamp(e, o.zone()); ok {
		shown.TimeText = text
	}
	from := len(b)
	out, err := shown.AppendJSON(b)
	if err != nil { // a value that is neither text, number nor boolean, and no JSON
		fields := make(logs.Fields, len(shown.Fields))
		for i, f := range shown.Fields {
			fields[i] = logs.Field{Name: f.Name, Value: logs.TextOf(f.Value)}
		}
		shown.Fields = fields
		out, _ = shown.AppendJSON(b[:from])
	}
	inOneLine(out[from:])
	return out
}

// inOneLine replaces the line breaks of JSON text by spaces. Within strings JSON
// escapes them.
func inOneLine(b []byte) {
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b[i] = ' '
		}
	}
}

// end is the JSON of the end of an export.
type end struct {
	End      bool            `json:"end"`
	Complete bool            `json:"complete"`
	Reason   string          `json:"reason,omitempty"`
	Entries  int             `json:"entries"`
	Scanned  int             `json:"scanned"`
	Order    string          `json:"order"`
	Zone     string          `json:"zone"`
	Masked   bool            `json:"masked"` // personal data; credentials always are
	Notes    []logs.Note     `json:"notes,omitempty"`
	Coverage []logs.Coverage `json:"coverage"`
}

func (w *Writer) appendEnd(b []byte, s Summary) []byte {
	out := end{
		End: true, Complete: s.Complete, Reason: s.Reason, Entries: s.Entries, Scanned: s.Scanned, Order: s.Order,
		Zone: w.o.zone().String(), Masked: !w.o.Lens.Reveal, Notes: s.Notes,
	}
	out.Coverage = append([]logs.Coverage{}, s.Coverage...)
	for i := range out.Coverage {
		c := &out.Coverage[i]
		c.Said = w.o.Lens.Text(c.Said) // vendors repeat in their errors what they were sent
	}
	body, err := json.Marshal(out)
	if err != nil { // a time that JSON cannot write
		out.Coverage = []logs.Coverage{}
		body, _ = json.Marshal(out)
	}
	return append(b, body...)
}
