package view

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
)

// Preset is one choice of the time box.
type Preset struct {
	Label string
	From  string // View.From; "" is the default
}

// Presets are the choices of the time box, in their order.
var Presets = []Preset{
	{"Last 15 minutes", "now-15m"},
	{"Last hour", "now-1h"},
	{"Last 4 hours", "now-4h"},
	{"Last 24 hours", ""},
	{"Last 7 days", "now-7d"},
	{"All the vendor keeps", All},
}

// Preset returns the preset that the view's span is, if it is one.
func (v View) Preset() (Preset, bool) {
	if v.To != "" {
		return Preset{}, false
	}
	from := v.From
	if from == DefaultFrom {
		from = ""
	}
	for _, p := range Presets {
		if p.From == from {
			return p, true
		}
	}
	return Preset{}, false
}

// Span returns the stretch of time that the view shows. Without from it begins
// 24 hours before to, or before now; without to it is open. The error is
// fault.Invalid: a time that cannot be read, or a from that is not before to.
func (v View) Span(now time.Time, loc *time.Location) (logs.Span, error) {
	var s logs.Span
	var err error
	if v.To != "" {
		if s.To, err = ParseTime(v.To, now, loc); err != nil {
			return logs.Span{}, err
		}
	}
	switch {
	case strings.EqualFold(v.From, All):
	case v.From != "":
		if s.From, err = ParseTime(v.From, now, loc); err != nil {
			return logs.Span{}, err
		}
	case !s.To.IsZero():
		s.From = s.To.Add(-24 * time.Hour)
	default:
		s.From = now.Add(-24 * time.Hour).UTC()
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return logs.Span{}, fault.New(fault.Invalid, "view: span").Saying(
			"the span ends before it begins: from is " + Stamp(s.From) + " and to is " + Stamp(s.To) + "; exchange them")
	}
	return s, nil
}

// Absolute returns the view with its span as fixed moments, so that the address
// shows the same tomorrow. An open end becomes now. A span that cannot be read
// stays as it is.
func (v View) Absolute(now time.Time, loc *time.Location) View {
	s, err := v.Span(now, loc)
	if err != nil {
		return v
	}
	if !s.From.IsZero() {
		v.From = Stamp(s.From)
	}
	if s.To.IsZero() {
		s.To = now
	}
	v.To = Stamp(s.To)
	return v
}

// ParseSpan reads the text of the time box and returns From and To of a view:
// a preset's words, "15m", "all", "08:00-09:30", "yesterday 17:30 to now",
// "2026-11-21T02:14Z .. 2026-11-21T03:00Z". Spans back from now stay relative;
// everything else becomes RFC 3339. The error is fault.Invalid.
func ParseSpan(text string, now time.Time, loc *time.Location) (from, to string, err error) {
	text = strings.TrimSpace(text)
	for _, p := range Presets {
		if strings.EqualFold(text, p.Label) {
			return p.From, "", nil
		}
	}
	if strings.EqualFold(text, All) {
		return All, "", nil
	}
	if len(text) > 2*maxTimeBytes {
		return "", "", badTime(text)
	}
	a, b, both := cutSpan(text)
	if from, err = settle(a, now, loc); err != nil {
		return "", "", err
	}
	if both && !strings.EqualFold(b, "now") {
		if to, err = settle(b, now, loc); err != nil {
			return "", "", err
		}
	}
	if _, err = (View{From: from, To: to}).Span(now, loc); err != nil {
		return "", "", err
	}
	return from, to, nil
}

// cutSpan cuts "a to b", "a .. b", "a – b" and "08:00-09:30". A hyphen counts
// only between two times of day: dates and now-15m have hyphens of their own.
func cutSpan(s string) (a, b string, both bool) {
	for _, sep := range []string{" to ", "..", " - ", " – ", "–"} {
		if a, b, ok := strings.Cut(s, sep); ok {
			return strings.TrimSpace(a), strings.TrimSpace(b), true
		}
	}
	if a, b, ok := strings.Cut(s, "-"); ok && strings.Contains(a, ":") && strings.Contains(b, ":") && !strings.Contains(b, "-") {
		return strings.TrimSpace(a), strings.TrimSpace(b), true
	}
	return s, "", false
}

// settle returns the form of a typed time that a link holds.
func settle(s string, now time.Time, loc *time.Location) (string, error) {
	t, err := ParseTime(s, now, loc)
	if err != nil {
		return "", err
	}
	if _, ok := cutFold(s, "now"); ok {
		return s, nil
	}
	if _, ok := ago(now, s); ok && s[len(s)-1] > '9' {
		return "now-" + strings.Join(agoTerms(s), "-"), nil
	}
	return Stamp(t), nil
}

// agoTerms splits 1h30m into its terms.
func agoTerms(s string) []string {
	var out []string
	for s != "" {
		_, _, rest, ok := term(s)
		if !ok {
			break
		}
		out = append(out, s[:len(s)-len(rest)])
		s = strings.TrimLeft(rest, " ")
	}
	return out
}

// SpanText says how a span was understood: "21 Nov 02:14 to 22 Nov 02:14", in
// loc, with "the beginning" and "now" for open ends.
func SpanText(s logs.Span, loc *time.Location) string {
	if loc == nil {
		loc = time.UTC
	}
	text := func(t time.Time, open string) string {
		if t.IsZero() {
			return open
		}
		layout := "2 Jan 2006 15:04"
		if t.Second() != 0 {
			layout = "2 Jan 2006 15:04:05"
		}
		return t.In(loc).Format(layout)
	}
	return text(s.From, "the beginning") + " to " + text(s.To, "now")
}
