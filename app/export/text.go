package export

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

// AppendText appends an entry as one line for a chat, without a line feed: when, how
// serious, where, what, and the numbers that go with it.
func AppendText(b []byte, e *logs.Entry, o Options) []byte {
	short := *e
	short.Fields, short.Raw = nil, nil
	shown := o.Lens.Entry(short)
	from := len(b)
	put := func(before, text string) {
		if text == "" {
			return
		}
		if len(b) > from {
			b = append(b, ' ')
		}
		b = append(append(b, before...), line(text)...)
	}
	when, _ := stamp(&shown, o.zone())
	put("", when)
	put("", strings.ToUpper(shown.Level.String()))
	put("", shown.Outcome.String())
	put("", shown.Src)
	if shown.Summary != "" && len(b) > from {
		b = append(b, ':')
	}
	put("", shown.Summary)
	if shown.Status != 0 {
		put("· status ", strconv.Itoa(shown.Status))
	}
	if shown.HasTook {
		put("· took ", took(shown.Took))
	}
	if shown.Attempt > 1 {
		put("· attempt ", strconv.Itoa(shown.Attempt))
	}
	put("· item ", shown.Item)
	put("· job ", shown.Job)
	put("· request ", shown.Request)
	return b
}

// line returns a text in one line, with its control characters visible.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(decode.Visible(s), func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085'
	}), " ")
}

// took writes a duration in seconds or milliseconds, with all its digits.
func took(d time.Duration) string {
	if d >= time.Second || d <= -time.Second {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64) + " ms"
}
