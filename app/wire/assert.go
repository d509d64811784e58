package wire

import (
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Assert asks whether items were processed: POST /api/assert.
type Assert struct {
	Src   string   `json:"src"`
	Items []string `json:"items"` // at most item.MaxItems
	From  string   `json:"from,omitempty"`
	To    string   `json:"to,omitempty"`
}

// Verdicts answers it, in the order in which the items were given.
type Verdicts struct {
	Verdicts []Verdict       `json:"verdicts"`
	Coverage []logs.Coverage `json:"coverage"`
	Calls    int             `json:"calls"`   // of the vendor
	Scanned  int             `json:"scanned"` // entries read at the vendor
}

// Verdict is what is known of one item.
type Verdict struct {
	Item    string    `json:"item"`
	Verdict string    `json:"verdict"`           // indexed, failed, under_way, not_seen or unknown
	Removed bool      `json:"removed,omitempty"` // it was taken out of the index, as asked; the verdict is unknown then
	Stage   string    `json:"stage,omitempty"`
	Code    string    `json:"error_code,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Time    time.Time `json:"time,omitzero"` // of the entry that the verdict rests on
}

// Lines is the media type of an answer that says how far it is: asked for with
// Accept, POST /api/assert answers one AssertLine a line, progress as it is made,
// then the verdicts in parts, then the end or a problem.
const Lines = "application/x-ndjson"

// AssertPart bounds the verdicts of one line, so that a browser can take them
// between two frames.
const AssertPart = 250

// AssertLine is one line; exactly one member is set.
type AssertLine struct {
	Progress *AssertProgress `json:"progress,omitempty"`
	Verdicts []Verdict       `json:"verdicts,omitempty"`
	End      *AssertEnd      `json:"end,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"`
}

// AssertProgress is how far the reading is. It comes at least every AssertBeat.
type AssertProgress struct {
	Calls   int       `json:"calls"`         // of the vendor
	Scanned int       `json:"scanned"`       // entries read at the vendor
	Settled int       `json:"settled"`       // items whose verdict stands
	Back    time.Time `json:"back,omitzero"` // everything from here on was read
}

// AssertBeat is the longest silence of an answer in lines.
const AssertBeat = 10 * time.Second

// AssertEnd comes last.
type AssertEnd struct {
	Coverage []logs.Coverage `json:"coverage"`
	Calls    int             `json:"calls"`
	Scanned  int             `json:"scanned"`
}
