package logs

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// AppendJSON appends the form that crosses to the browser, with Raw byte for
// byte. It writes by hand what [Entry.MarshalJSON] writes through reflection,
// because a page of a thousand entries is encoded for every reader.
func (e *Entry) AppendJSON(b []byte) ([]byte, error) {
	b = appendString(append(b, `{"id":`...), e.ID)
	b = appendString(append(b, `,"src":`...), e.Src)
	b = appendText(b, "time", e.TimeString())
	b = appendText(b, "level", e.Level.String())
	b = appendText(b, "outcome", e.Outcome.String())
	b = appendText(b, "summary", e.Summary)
	if e.HasTook {
		b = appendNumber(append(b, `,"took_ms":`...), float64(e.Took)/float64(time.Millisecond))
	}
	b = appendInt(b, "status", e.Status)
	b = appendText(b, "job", e.Job)
	b = appendText(b, "item", e.Item)
	b = appendText(b, "request", e.Request)
	b = appendInt(b, "attempt", e.Attempt)
	if len(e.Fields) > 0 {
		b = append(b, `,"fields":`...)
		var err error
		if b, err = e.Fields.appendJSON(b); err != nil {
			return b, err
		}
	}
	if len(e.Raw) > 0 {
		b = append(append(b, `,"raw":`...), e.Raw...)
	}
	return append(b, '}'), nil
}

func (fs Fields) appendJSON(b []byte) ([]byte, error) {
	b = append(b, '{')
	for i, f := range fs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.Name), ':')
		switch v := f.Value.(type) {
		case string:
			b = appendString(b, v)
		case bool:
			b = strconv.AppendBool(b, v)
		case float64:
			b = appendNumber(b, v)
		default:
			enc, err := json.Marshal(v)
			if err != nil {
				return b, err
			}
			b = append(b, enc...)
		}
	}
	return append(b, '}'), nil
}

func appendText(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendString(b, value)
}

func appendInt(b []byte, name string, value int) []byte {
	if value == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return strconv.AppendInt(b, int64(value), 10)
}

// appendString quotes as encoding/json does. Text without anything to escape is
// copied; the rest is left to encoding/json.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			enc, _ := json.Marshal(s) // a string always encodes
			return append(b, enc...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendNumber writes as encoding/json does. What JSON cannot hold becomes null.
func appendNumber(b []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 && !(f == 0 && math.Signbit(f)) {
		return strconv.AppendInt(b, int64(f), 10)
	}
	enc, err := json.Marshal(f)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, enc...)
}
