package view

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// EntryMargin is how much around an entry a link to it shows, to both sides: the
// reader sees what else happened then.
const EntryMargin = 30 * time.Second

// pathEntry is the head of the addresses of single entries.
const pathEntry = "/e/"

// whole are the signs that chat programs keep within a link.
const whole = "-_.~"

// EntryURL returns the short address of one entry, which [Parse] reads as the table
// of EntryMargin around it with the entry open:
//
//	/e/algolia/eu/APP/9f2c?t=2026-11-21T02:14:07.25Z&tz=Europe/Paris
//
// The segments before the last one are those of the target. at is the entry's time,
// zero where the vendor gave none; zone is that of the sender, "" for none. "" for
// an entry without id, which nothing finds again.
//
// A segment is escaped twice where it holds what is more than a letter in a path: a
// slash, a backslash, a percent sign, and in ids a dot. Browsers take "." and
// "%2e" for the folder itself, servers and proxies read %2F as a slash, and the
// server takes a path that ends in .js for a file.
func EntryURL(src, id string, at time.Time, zone string) string {
	if src == "" || id == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(pathEntry)
	for s := range strings.SplitSeq(src, "/") {
		if strings.Trim(s, ".") == "" {
			s = shield(s)
		}
		escapeSegment(&b, s, whole)
		b.WriteByte('/')
	}
	escapeSegment(&b, shield(id), whole)
	sep := "?"
	for _, p := range [...]Param{{"t", stampOf(at)}, {"tz", zone}} {
		if p.Value != "" {
			b.WriteString(sep + p.Name + "=")
			escape(&b, p.Value, false)
			sep = "&"
		}
	}
	return b.String()
}

func stampOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Stamp(t)
}

// shield escapes what a path must not hold even when it is escaped.
func shield(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; c {
		case '%', '/', '\\', '.':
			percent(&b, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// entryOf takes an address of one entry apart.
func entryOf(path string) (src, id string, ok bool) {
	rest, ok := strings.CutPrefix(path, pathEntry)
	at := strings.LastIndexByte(rest, '/')
	if !ok || at <= 0 || at == len(rest)-1 {
		return "", "", false
	}
	id = unescapePath(unescapePath(rest[at+1:]))
	parts := strings.Split(rest[:at], "/")
	for i, s := range parts {
		// A slash can only come from an address that was escaped once; no address has a comma.
		parts[i] = listEscape.Replace(unescapePath(s))
	}
	src = strings.TrimSpace(strings.Join(parts, "/"))
	if t, err := logs.ParseTarget(src); err == nil {
		src = t.String()
	}
	return src, id, src != "" && id != ""
}

var listEscape = strings.NewReplacer("/", "%2F", ",", "%2C")

// atEntry is the view of an address of one entry: the ordinary view of what is
// around it, so that everything that the table can do goes on from there, and what
// is copied from there is a link like any other. t is the parameter of that name.
func (v *View) atEntry(src, id, t string) (wrong string) {
	v.Path = ""
	if len(v.Src) == 0 {
		v.Src = []string{src}
	}
	if v.Sel == "" {
		v.Sel = id
	}
	if v.From != "" || v.To != "" {
		return ""
	}
	at, err := time.Parse(time.RFC3339Nano, t)
	if err != nil || !sane(at.Add(-time.Hour)) || !sane(at.Add(time.Hour)) {
		v.From = All
		if t == "" {
			return ""
		}
		return "“" + t + "” is no time; the entry is looked for in all that the vendor keeps."
	}
	v.From = Stamp(at.Add(-EntryMargin).Truncate(time.Second))
	v.To = Stamp(at.Add(EntryMargin + time.Second - 1).Truncate(time.Second))
	return ""
}

// EntryTime returns the time of the entry whose link the view is of, as far as the
// span tells: its middle, give or take a second. False for a view of more than a
// link to an entry shows.
func (v View) EntryTime() (time.Time, bool) {
	from, err := time.Parse(time.RFC3339Nano, v.From)
	to, err2 := time.Parse(time.RFC3339Nano, v.To)
	if err != nil || err2 != nil || v.Sel == "" || to.Before(from) || to.Sub(from) > 2*EntryMargin+2*time.Second {
		return time.Time{}, false
	}
	return from.Add(to.Sub(from) / 2), true
}
