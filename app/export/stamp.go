package export

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// stamp returns an entry's time in a zone, with its offset and the vendor's own
// digits of a second. An entry whose time cannot be read has the vendor's text; see
// rfc3339.
func stamp(e *logs.Entry, zone *time.Location) (text string, rfc3339 bool) {
	own := e.TimeString()
	if own == "" {
		return e.TimeText, false
	}
	t := e.Time
	if t.IsZero() {
		var err error
		if t, err = time.Parse(time.RFC3339Nano, own); err != nil {
			return own, false
		}
	}
	digits := ""
	if at := strings.IndexByte(own, '.'); at > 0 {
		end := at + 1
		for end < len(own) && '0' <= own[end] && own[end] <= '9' {
			end++
		}
		digits = own[at:end]
	}
	// The year 9999 may become 10000, which RFC 3339 cannot write.
	if t = t.In(zone); t.Year() > 9999 || t.Year() < 0 {
		return own, true
	}
	b := make([]byte, 0, len("2006-01-02T15:04:05+07:00")+len(digits))
	b = append(t.AppendFormat(b, "2006-01-02T15:04:05"), digits...)
	return string(t.AppendFormat(b, "Z07:00")), true
}
