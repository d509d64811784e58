// Package view is the address of a page: everything that decides what is shown
// is in the URL, so that a link shows the reader what the sender saw.
//
//	v, notices := view.Parse("/logs", "q=status:500&src=algolia/eu/APP")
//	span, err := v.Span(now, time.UTC)
//	link := v.Absolute(now, time.UTC).URL()
//
// Parameters stand in a fixed order, defaults are left out, and what we do not
// know is kept and told as a [Notice], never dropped. [ParseTime] is the one
// reader of times that people type; the server uses it for from and to as well.
//
// Nothing here may hold a credential, and nothing here looks at a clock: the
// caller passes the moment and the zone.
package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// PathLogs is the path of the log table, the default of View.Path.
const PathLogs = "/logs"

// Values that stand for an absent parameter.
const (
	DefaultFrom = "now-24h" // with no to: SaaS logs are sparse, a shorter default opens on an empty table
	DefaultSort = "-ts"     // newest first
)

// All is the From of a view that shows all that the vendors keep.
const All = "all"

// View is what a page shows. The zero value is the log table of the last 24
// hours with no target. It is a value: copy it, change the copy.
type View struct {
	Path    string   // as it stands in the address, escaped; "" means PathLogs
	Src     []string // addresses of targets, see logs.ParseTarget; may hold ones that do not parse, which Parse notes
	Query   string
	From    string   // as typed: RFC 3339, epoch ms, now-15m, all …; "" means DefaultFrom
	To      string   // the same forms but all; "" means open
	Zone    string   // name of a time zone; "" means the reader's own
	Cols    []string // columns of the table in their order, by names of the filter language; nil means the usual ones
	Sort    string   // "ts", "-ts", or a column with - for its greatest first; "" means DefaultSort; see SortedBy
	Sel     string   // key of the open row, see viewer
	Live    bool
	Wrap    bool
	Item    string   // of the place Item: the item, as the vendor calls it
	Pick    []string // of the place Compare: the keys of at most two rows, as Sel; one parameter each, for a key may hold commas
	Unknown []Param  // what Parse did not understand, in its order
}

// Param is one parameter as it was found, unescaped.
type Param struct {
	Name, Value string
}

// Notice is something about an address that the reader should know.
type Notice struct {
	Param string // the parameter's name
	Text  string // a sentence for people
}

// names are the known parameters in the order in which URL writes them.
var names = []string{"q", "src", "from", "to", "tz", "cols", "sort", "sel", "live", "wrap", "uri"}

// Parse reads an address: its escaped path and its query without "?". It never
// fails: what it does not understand is in Unknown and in the notices. Of a
// parameter that stands twice the first one counts, but src joins.
func Parse(path, rawQuery string) (View, []Notice) {
	var v View
	var notices []Notice
	src, id, entry := entryOf(path)
	moment := ""
	note := func(name, text string) { notices = append(notices, Notice{name, text}) }
	if safePath(path) && path != PathLogs {
		v.Path = path
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(rawQuery, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, value = unescape(name), unescape(value)
		keep := func(text string) {
			v.Unknown = append(v.Unknown, Param{name, value})
			note(name, text)
		}
		if seen[name] && name != "src" && (name != "pick" || len(v.Pick) == 2) && part != "v=1" {
			keep("The address has “" + name + "” more than once; the first one is used.")
			continue
		}
		switch name {
		case "q":
			v.Query = value
		case "src":
			v.Src = appendList(v.Src, value)
		case "from":
			v.From = value
		case "to":
			v.To = value
		case "tz":
			v.Zone = value
		case "cols":
			v.Cols = appendList(nil, value)
		case "sort":
			if sort, ok := readSort(value); ok {
				v.Sort = sort
			} else {
				keep("“" + value + "” is no order of ours; use sort=-ts, sort=ts, or a column as in sort=-took.")
			}
		case "sel":
			v.Sel = value
		case "live":
			flag(value, &v.Live, keep, name)
		case "wrap":
			flag(value, &v.Wrap, keep, name)
		case "uri":
			v.Item = value
		case "t":
			if !entry {
				keep("“t” is not known here; it is kept in the address and has no effect.")
			}
			moment = value
		case "pick":
			if value != "" {
				v.Pick = append(v.Pick, value)
			}
		case "v":
			if value != "1" {
				keep("This address was made for another version; some of it may be ignored.")
			}
		default:
			keep("“" + name + "” is not known here; it is kept in the address and has no effect.")
		}
		seen[name] = true
	}
	if v.From == DefaultFrom && v.To == "" {
		v.From = ""
	}
	if entry {
		if wrong := v.atEntry(src, id, moment); wrong != "" {
			note("t", wrong)
		}
	} else if strings.HasPrefix(v.Path, pathEntry) {
		v.Path = ""
		note("", "This address was cut off: it names no entry. Ask for the link again.")
	}
	if src, p, ok := longJob(v.Path); ok {
		v.Path = p.path()
		if len(v.Src) == 0 {
			v.Src = []string{src}
		}
	}
	for _, s := range v.Src {
		if _, err := logs.ParseTarget(s); err != nil {
			note("src", "“"+s+"” is no target; write vendor/region/account.")
		}
	}
	return v, notices
}

// flag reads a switch, or keeps what is none.
func flag(value string, on *bool, keep func(string), name string) {
	switch value {
	case "1", "true":
		*on = true
	case "0", "false", "":
	default:
		keep("“" + value + "” is no switch; use " + name + "=1.")
	}
}

// URL returns the address, path and query, which Parse reads back to the same
// view. The same view always gives the same bytes.
func (v View) URL() string {
	path := v.Path
	if !safePath(path) {
		path = PathLogs
	}
	q := v.RawQuery()
	if q == "" {
		return path
	}
	return path + "?" + q
}

// RawQuery returns the query of the address, without "?".
func (v View) RawQuery() string {
	var b strings.Builder
	add := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		escape(&b, name, true)
		b.WriteByte('=')
		escape(&b, value, false)
	}
	for _, name := range names {
		value, standard := v.param(name)
		// A default is written out where a repeated parameter of that name
		// follows among the unknown ones, which would take its place.
		if value != standard || name != "src" && slices.ContainsFunc(v.Unknown, func(p Param) bool { return p.Name == name }) {
			add(name, value)
		}
	}
	for _, key := range v.Pick {
		add("pick", key)
	}
	for _, p := range v.Unknown {
		add(p.Name, p.Value)
	}
	return sealEnd(b.String())
}

// param returns the value of a known parameter and the value that it has when it
// is left out.
func (v View) param(name string) (value, standard string) {
	switch name {
	case "q":
		return v.Query, ""
	case "src":
		return joinList(v.Src), ""
	case "from":
		if v.From == "" && v.To == "" {
			return DefaultFrom, DefaultFrom
		}
		if v.To == "" {
			return v.From, DefaultFrom
		}
		return v.From, ""
	case "to":
		return v.To, ""
	case "tz":
		return v.Zone, ""
	case "cols":
		return joinList(v.Cols), ""
	case "sort":
		if v.Sort == "" {
			return DefaultSort, DefaultSort
		}
		return v.Sort, DefaultSort
	case "sel":
		return v.Sel, ""
	case "live":
		return flagText(v.Live), "0"
	case "wrap":
		return flagText(v.Wrap), "0"
	case "uri":
		return v.Item, ""
	}
	return "", ""
}

func flagText(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// Equal reports whether both views have the same address.
func (v View) Equal(w View) bool { return v.URL() == w.URL() }

// SameSearch reports whether both views ask the vendors for the same entries:
// they may differ in what is open, in how it is drawn, and in the order in which
// the table shows it, since vendors give the newest first whatever the table does.
func (v View) SameSearch(w View) bool {
	search := func(v View) View {
		return View{Src: v.Src, Query: v.Query, From: v.From, To: v.To}
	}
	return search(v).Equal(search(w))
}

// appendList appends the items of a comma list that are not there yet.
func appendList(list []string, value string) []string {
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

// joinList is the inverse of appendList. A comma inside an item, which no
// address has, is escaped the way addresses escape it.
func joinList(list []string) string {
	var b strings.Builder
	for i, item := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(item, ",", "%2C"))
	}
	return b.String()
}

// safePath reports whether a path may stand at the head of an address of ours: a
// second slash or a backslash would make a browser read a host there.
func safePath(p string) bool {
	if p == "" || p[0] != '/' || len(p) > 1 && (p[1] == '/' || p[1] == '\\') {
		return false
	}
	for i := range len(p) {
		if c := p[i]; c <= ' ' || c >= 0x7f || c == '?' || c == '#' || c == '\\' || c == '"' || c == '<' || c == '>' {
			return false
		} else if c == '%' && (i+2 >= len(p) || !isHex(p[i+1]) || !isHex(p[i+2])) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// unescape reads one name or value. A percent sign that starts no escape stands
// for itself: people edit addresses.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(s):
			if !isHex(s[i+1]) || !isHex(s[i+2]) {
				b = append(b, c)
				continue
			}
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(n))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

const hexDigits = "0123456789ABCDEF"

// escape writes s so that it stays readable: it escapes only what would be read
// as something else, by browsers or by net/url, whose semicolon is an error.
func escape(b *strings.Builder, s string, name bool) {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~:/,*@$!()?", c) >= 0:
			b.WriteByte(c)
		case c == '=' && !name:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			percent(b, c)
		}
	}
}

// percent writes a byte escaped.
func percent(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(hexDigits[c>>4])
	b.WriteByte(hexDigits[c&15])
}

// sealEnd escapes a last character that chat programs take for the end of the
// sentence and cut off the link.
func sealEnd(q string) string {
	if q == "" {
		return q
	}
	if c := q[len(q)-1]; strings.IndexByte(".,:!?()", c) >= 0 {
		return q[:len(q)-1] + "%" + string(hexDigits[c>>4]) + string(hexDigits[c&15])
	}
	return q
}
