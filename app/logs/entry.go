// Package logs holds the nouns of the product: entries, targets, levels,
// outcomes and coverage, with their order and their identity. It imports
// nothing of ours, and is compiled for the server and for the browser.
//
// An [Entry] is what one vendor said about one event, in the words that all
// vendors share, with the vendor's own JSON beside them byte for byte. Nothing
// that the vendor sent is dropped, and nothing that it did not send is invented:
// an absent value stays the zero value, an unknown level stays Unknown.
package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Level is how serious an entry is. The zero value is LevelUnknown: the vendor
// said nothing, or a word that we do not know.
type Level uint8

// The levels, least to most serious but for LevelUnknown.
const (
	LevelUnknown Level = iota
	LevelTrace
	LevelDebug
	LevelInfo
	LevelWarning
	LevelError
	LevelCritical
)

var levelNames = [...]string{"", "trace", "debug", "info", "warning", "error", "critical"}

// String returns the wire name, "" for LevelUnknown.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return ""
}

// ParseLevel reads a level word of any case; unknown words are LevelUnknown.
func ParseLevel(s string) Level {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "trace":
		return LevelTrace
	case "debug":
		return LevelDebug
	case "info", "information", "notice":
		return LevelInfo
	case "warn", "warning":
		return LevelWarning
	case "err", "error":
		return LevelError
	case "critical", "crit", "fatal", "panic", "emergency", "alert":
		return LevelCritical
	}
	return LevelUnknown
}

// Outcome is how the thing that an entry reports on ended, which is not the same
// as its level: a successful delivery is not "info", it is succeeded.
type Outcome uint8

// The outcomes. The zero value says that the vendor did not tell.
const (
	OutcomeUnknown Outcome = iota
	OutcomeSucceeded
	OutcomeFailed
	OutcomeRejected
	OutcomeSkipped
	OutcomeWarned
)

var outcomeNames = [...]string{"", "succeeded", "failed", "rejected", "skipped", "warned"}

// String returns the wire name, "" for OutcomeUnknown.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return ""
}

// ParseOutcome reads a wire name; unknown words are OutcomeUnknown.
func ParseOutcome(s string) Outcome {
	for i, n := range outcomeNames {
		if n == s {
			return Outcome(i)
		}
	}
	return OutcomeUnknown
}

// Field is one named value of an entry, beyond those that have a place of their
// own. Names are lower case and shared by all vendors where they mean the same:
// integration, source, stage, operation, result, index, pipeline, origin,
// exception, url, method, ip, hits, error, error_code, body, uri …
type Field struct {
	Name  string
	Value any // string, float64 or bool
}

// Fields are the fields of an entry in the order in which they are shown; a name
// stands at most once. As JSON they are one object, whose order is kept.
type Fields []Field

// Get returns the value of a field and whether it is there.
func (fs Fields) Get(name string) (any, bool) {
	for _, f := range fs {
		if f.Name == name {
			return f.Value, true
		}
	}
	return nil, false
}

// Text returns the value of a field as text, "" when it is not there.
func (fs Fields) Text(name string) string {
	v, ok := fs.Get(name)
	if !ok {
		return ""
	}
	return TextOf(v)
}

// Add appends a field unless its value is nil or an empty string.
func (fs *Fields) Add(name string, v any) {
	if v == nil || v == "" {
		return
	}
	*fs = append(*fs, Field{name, v})
}

// TextOf writes a field's value as people read it: numbers without exponent or
// trailing zeros, booleans as true and false.
func TextOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		b, _ := json.Marshal(v)
		return string(b)
	case bool:
		if v {
			return "true"
		}
		return "false"
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// MarshalJSON writes the fields as one object in their order.
func (fs Fields) MarshalJSON() ([]byte, error) { return fs.appendJSON(nil) }

// UnmarshalJSON reads one object and keeps its order. Values that are neither
// string, number nor boolean are kept as their JSON text.
func (fs *Fields) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok == nil {
		*fs = nil
		return nil
	}
	if tok != json.Delim('{') {
		return fmt.Errorf("fields: want an object, got %v", tok)
	}
	var out Fields
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		switch v.(type) {
		case string, float64, bool:
		default:
			v = string(raw)
		}
		out = append(out, Field{name.(string), v})
	}
	*fs = out
	return nil
}

// Entry is one log entry. It is immutable once a page holds it.
type Entry struct {
	ID       string    // stable for one entry of one target, across reloads; see each vendor
	Src      string    // address of the target it was read through, as Target.String
	Time     time.Time // UTC; zero when the vendor gave no readable time
	TimeText string    // the vendor's own string, with its precision; "" when absent
	Level    Level
	Outcome  Outcome
	Summary  string        // one line of text, at most MaxSummary bytes
	Took     time.Duration // meaningful only if HasTook
	HasTook  bool
	Status   int    // HTTP status that the event reports, 0 when there is none
	Job      string // id of the job, item, run or query that it belongs to
	Item     string // what it is about: an item URI, an index, a pipeline
	Request  string // id of the request or trace that it belongs to
	Attempt  int    // 1 for the first try, 0 when attempts are not counted
	Fields   Fields
	Raw      json.RawMessage // the vendor's JSON, byte for byte
}

// MaxSummary bounds Entry.Summary in bytes.
const MaxSummary = 1024

// wireEntry is the JSON form. Empty values are left out.
type wireEntry struct {
	ID      string          `json:"id"`
	Src     string          `json:"src"`
	Time    string          `json:"time,omitempty"`
	Level   string          `json:"level,omitempty"`
	Outcome string          `json:"outcome,omitempty"`
	Summary string          `json:"summary,omitempty"`
	TookMS  *float64        `json:"took_ms,omitempty"`
	Status  int             `json:"status,omitempty"`
	Job     string          `json:"job,omitempty"`
	Item    string          `json:"item,omitempty"`
	Request string          `json:"request,omitempty"`
	Attempt int             `json:"attempt,omitempty"`
	Fields  Fields          `json:"fields,omitempty"`
	Raw     json.RawMessage `json:"raw,omitempty"`
}

// MarshalJSON writes the form that crosses to the browser. The time is the
// vendor's own string where it is RFC 3339, so that its precision survives.
// Raw is embedded as it is, not compacted, by [Entry.AppendJSON]; through this
// method encoding/json compacts it.
func (e Entry) MarshalJSON() ([]byte, error) { return json.Marshal(e.wire(e.Raw)) }

func (e Entry) wire(raw json.RawMessage) wireEntry {
	w := wireEntry{
		ID: e.ID, Src: e.Src, Time: e.TimeString(), Level: e.Level.String(), Outcome: e.Outcome.String(),
		Summary: e.Summary, Status: e.Status, Job: e.Job, Item: e.Item, Request: e.Request,
		Attempt: e.Attempt, Fields: e.Fields, Raw: raw,
	}
	if e.HasTook {
		ms := float64(e.Took) / float64(time.Millisecond)
		w.TookMS = &ms
	}
	return w
}

// TimeString returns the vendor's own time string where it is RFC 3339, else the
// parsed time in that form, and "" for an entry without time.
func (e Entry) TimeString() string {
	if e.TimeText != "" {
		if _, err := time.Parse(time.RFC3339Nano, e.TimeText); err == nil {
			return e.TimeText
		}
	}
	if e.Time.IsZero() {
		return ""
	}
	return e.Time.UTC().Format(time.RFC3339Nano)
}

// UnmarshalJSON reads what MarshalJSON and AppendJSON write. Raw is copied.
func (e *Entry) UnmarshalJSON(data []byte) error {
	var w wireEntry
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*e = Entry{
		ID: w.ID, Src: w.Src, TimeText: w.Time, Level: ParseLevel(w.Level), Outcome: ParseOutcome(w.Outcome),
		Summary: w.Summary, Status: w.Status, Job: w.Job, Item: w.Item, Request: w.Request,
		Attempt: w.Attempt, Fields: w.Fields, Raw: w.Raw,
	}
	if t, err := time.Parse(time.RFC3339Nano, w.Time); err == nil {
		e.Time = t.UTC()
	}
	if w.TookMS != nil {
		e.Took, e.HasTook = time.Duration(*w.TookMS*float64(time.Millisecond)+0.5), true
	}
	return nil
}

// Newer reports whether a stands before b in the order of a page: newest first,
// entries without a time last. Equal times are left in the order in which the
// vendor gave them, so callers sort with a stable sort.
func Newer(a, b *Entry) bool {
	if a.Time.IsZero() != b.Time.IsZero() {
		return b.Time.IsZero()
	}
	return a.Time.After(b.Time)
}

// Key identifies an entry across targets: the same id may exist in two accounts.
func (e *Entry) Key() string { return e.Src + "\x00" + e.ID }
