package page

import (
	"slices"
	"strings"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/web/part"
)

// sharing is what a page knows of the link that it was opened by.
type sharing struct {
	zone *zoneNote // nil where there is nothing to tell
	at   time.Time // when the menu was opened: its links are of this moment
	read string    // the address whose note on what is gone was read
	join joining
}

// sharedAt is the moment that a link shows: an open menu shows a link of its own moment,
// however long it is read.
func (p *logs) sharedAt() time.Time {
	if p.menu == part.MenuShare {
		return p.sharing.at
	}
	return p.deps.Now()
}

// shared returns the view as a link for somebody else holds it. It names the columns
// also where they are the usual ones, which the receiver may have changed. What holds
// a credential stays out of it.
func (p *logs) shared(moving bool) view.View {
	v := p.here().Shared(p.sharedAt(), p.m.Zone(), moving)
	if len(v.Cols) == 0 && overRows(p.place.kind) {
		v.Cols = p.m.ColumnNames()
	}
	if redact.Secrets(v.Query) != v.Query {
		v.Query = ""
	}
	if redact.Secrets(v.Item) != v.Item {
		v.Item = ""
	}
	v.Unknown = slices.DeleteFunc(slices.Clone(v.Unknown), func(x view.Param) bool {
		return redact.IsSecret(x.Name) || redact.Secrets(x.Value) != x.Value
	})
	return v
}

// share is what the menu of the top bar says.
func (p *logs) share() *part.Share {
	s := &part.Share{}
	if p.menu != part.MenuShare {
		return s
	}
	v, now, zone := p.here(), p.sharedAt(), p.m.Zone()
	span, err := p.shared(false).Span(now, zone)
	if err == nil {
		s.Exact = view.SpanText(span, zone) + ", " + zone.String()
	}
	if v.Moving(now) {
		s.Moving = "As wide as now, whenever it is opened"
		if preset, ok := v.Preset(); ok {
			s.Moving = preset.Label + ", whenever it is opened"
		}
		if v.Live {
			s.Moving += "; it follows what is new"
		}
	}
	for _, holds := range [...]string{held(v.Query, "filter"), held(v.Item, "item")} {
		if holds != "" {
			s.Warn = append(s.Warn, holds)
		}
	}
	if err == nil {
		if gone := p.deletes(v.Src, span.From, span.To); gone != "" {
			s.Warn = append(s.Warn, gone)
		}
	}
	return s
}

// findings are what a lens puts in the place of personal data, and what to call it.
var findings = [...][2]string{
	{"[e-mail", "an e-mail address"}, {"[ip", "an IP address"}, {"[user", "a user id"}, {"[name", "a name"}, {"[phone", "a phone number"}, {"[address", "a postal address"},
}

// held says what a text of the address holds that its link should perhaps not, "" for
// nothing. is what people call the text.
func held(text, is string) string {
	if redact.Secrets(text) != text {
		return "The " + is + " holds what looks like a credential: the link goes without the " + is + "."
	}
	masked := redact.Lens{}.Text(text)
	if masked == text {
		return ""
	}
	what := "personal data"
	for _, f := range findings {
		if strings.Contains(masked, f[0]) && !strings.Contains(text, f[0]) {
			what = f[1]
			break
		}
	}
	return "The " + is + " holds " + what + "; it will be in the link."
}

// keeps returns how long a target's vendor keeps entries, 0 where that is not known,
// and what the vendor is called.
func (p *logs) keeps(src string) (time.Duration, string) {
	v := vendorNamed(p.vendors.Value, vendorOf(src))
	return time.Duration(v.Capabilities.RetentionS) * time.Second, v.Title
}

// days writes how long a vendor keeps entries.
func days(d time.Duration) string {
	if n := int(d / (24 * time.Hour)); n > 1 {
		return part.Count(n) + " days"
	}
	return part.Length(d)
}

// deletes says when the vendors of targets delete entries of that time: of several the
// one that does so first. "" where none says how long it keeps them. A zero from is
// all that there is; a zero to is now.
func (p *logs) deletes(srcs []string, from, to time.Time) string {
	var keep time.Duration
	title := ""
	for _, src := range srcs {
		if d, name := p.keeps(src); d > 0 && (keep == 0 || d < keep) {
			keep, title = d, name
		}
	}
	if keep == 0 {
		return ""
	}
	now := p.deps.Now()
	if to.IsZero() || to.After(now) {
		to = now
	}
	if from.IsZero() || from.After(to) {
		from = now.Add(-keep)
	}
	day := func(t time.Time) string { return t.Add(keep).In(p.m.Zone()).Format("2 Jan") }
	switch first, last := day(from), day(to); {
	case !to.Add(keep).After(now):
		return title + " keeps " + days(keep) + ": it has deleted these already."
	case !from.Add(keep).After(now):
		return title + " deletes these bit by bit already; the last of them on " + last + "."
	case first == last:
		return title + " deletes these on " + last + "."
	default:
		return title + " deletes these from " + first + " on, the last of them on " + last + "."
	}
}

// deletesEntry says when the vendor deletes one entry.
func (p *logs) deletesEntry(e *alogs.Entry) string {
	keep, title := p.keeps(e.Src)
	if keep == 0 || e.Time.IsZero() {
		return ""
	}
	return title + " deletes this on " + e.Time.Add(keep).In(p.m.Zone()).Format("2 Jan") + "."
}

// expired says what of a fixed span the vendors have deleted by now, "" for nothing.
func (p *logs) expired() string {
	v := p.here()
	from, err := time.Parse(time.RFC3339Nano, v.From)
	if err != nil || v.URL() == p.sharing.read {
		return ""
	}
	now := p.deps.Now()
	var said []string
	for _, src := range v.Src {
		keep, title := p.keeps(src)
		edge := now.Add(-keep)
		if keep == 0 || !from.Before(edge) {
			continue
		}
		text := title + " keeps " + days(keep) + ": before " + edge.In(p.m.Zone()).Format("2 Jan") + " nothing is left."
		if s, err := v.Span(now, p.m.Zone()); err == nil && !s.To.IsZero() && s.To.Before(edge) {
			text = title + " keeps " + days(keep) + ": nothing of this time is left."
		}
		if !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}

// What the notes on an address report.
type (
	zoneTaken   struct{} // the reader's own zone is wanted
	zoneKept    struct{} // the sender's is all right
	expiredRead struct{}
)

// zoneNote tells that the address names another zone than the reader's own.
type zoneNote struct {
	theirs, mine *time.Location
	at           time.Time // an example
}

// opened takes an address in: what was said of the one before is no more.
func (p *logs) opened(v view.View) {
	p.sharing.join.leave()
	p.sharing.join = joining{sending: sending{busy: p.sharing.join.busy}}
	p.noteZone(v)
	p.joinFocus()
}

// noteZone looks whether an address shows another time of day than the reader's own
// zone would, all through its span.
func (p *logs) noteZone(v view.View) {
	p.sharing.zone = nil
	theirs, mine := p.zone(v.Zone), p.own()
	if theirs == nil {
		return
	}
	now := p.deps.Now()
	s, err := v.Span(now, theirs)
	if err != nil || view.SameClock(theirs, mine, s.From, s.To, now) {
		return
	}
	if s.To.IsZero() {
		s.To = now
	}
	if at, ok := v.EntryTime(); ok {
		s.To = at
	}
	p.sharing.zone = &zoneNote{theirs, mine, s.To}
}

// text says the note, with the time of the open entry for an example.
func (n *zoneNote) text(open *alogs.Entry) string {
	at := n.at
	if open != nil && !open.Time.IsZero() {
		at = open.Time
	}
	a, b, layout := at.In(n.theirs), at.In(n.mine), "15:04"
	if a.YearDay() != b.YearDay() {
		layout = "2 Jan 15:04"
	}
	return "Times are as the sender saw them: " + n.theirs.String() + " (" + a.Format(layout) + "). Yours would be " + b.Format(layout) + "."
}

// onShare takes what happens to what is shared, and reports whether msg is of it.
func (p *logs) onShare(msg any) bool {
	switch msg.(type) {
	case zoneTaken:
		if n := p.sharing.zone; n != nil {
			p.zoneGiven(n.mine.String())
		}
	case zoneKept:
		p.sharing.zone = nil
	case expiredRead:
		p.sharing.read = p.here().URL()
	default:
		return p.onJoin(msg)
	}
	return true
}
