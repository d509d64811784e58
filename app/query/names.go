package query

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

type refKind uint8

const (
	refText   refKind = iota // no name: the whole entry
	refFields                // a name in Entry.Fields
	refRaw                   // a path in Entry.Raw
	refVendor
	refLevel
	refOutcome
	refSucceeded
	refStatus
	refTook
	refTime
	refID
	refJob
	refItem
	refRequest
	refAttempt
	refSrc
	refSummary
)

// ref is where the value of a name is found.
type ref struct {
	kind   refKind
	key    string        // normalised name or path
	vendor string        // refRaw: the vendor whose entries have it, "" for any
	prose  bool          // the value is running text: ":" looks inside it
	unit   int64         // nanoseconds that a plain number stands for beside a duration
	limit  time.Duration // refTook: what 100%limit is
}

// builtin are the names with a place of their own in an entry, by normalised name.
var builtin = map[string]refKind{
	"vendor": refVendor, "level": refLevel, "outcome": refOutcome, "succeeded": refSucceeded,
	"status": refStatus, "took": refTook, "time": refTime, "id": refID, "job": refJob,
	"item": refItem, "request": refRequest, "attempt": refAttempt, "src": refSrc, "summary": refSummary,
}

// names are the names shared by all vendors, sorted, as they are written.
var names = []string{
	"attempt", "body", "error", "error_code", "exception", "hits", "id", "index", "integration", "ip",
	"item", "job", "kind", "level", "method", "operation", "origin", "outcome", "pipeline", "request",
	"result", "source", "src", "stage", "status", "succeeded", "summary", "time", "took", "type",
	"uri", "url", "vendor",
}

// aliases are other words for names with a place of their own, normalised.
var aliases = map[string]string{
	"severity": "level", "loglevel": "level", "message": "summary", "msg": "summary",
	"timestamp": "time", "ts": "time", "duration": "took", "tookms": "took", "statuscode": "status",
}

// vendors are the first segments of paths into the vendors' own JSON, and of
// target addresses.
var vendors = map[string]string{
	"ep": "elasticpath", "elasticpath": "elasticpath", "moltin": "moltin", "coveo": "coveo",
	"algolia": "algolia", "deepset": "deepset", "raw": "",
}

// prose are the normalised names, and last segments of paths, whose values are
// running text.
var prose = []string{
	"summary", "message", "body", "error", "errordetail", "errormessage", "url", "answer", "description",
	"detail", "details", "filename", "params", "querybody", "queryheaders", "queryparams", "reason", "text", "title", "value",
}

// Names returns the names that all vendors share, sorted, for completion. Beside
// them a filter may use any name of an entry's fields, and paths such as
// ep.error_detail. The slice is the caller's own.
func Names() []string { return slices.Clone(names) }

// normal returns a name without case and underscores.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' {
			return -1
		}
		return foldRune(r)
	}, name)
}

// resolve finds where a name's value is, and how the name is written: shared
// names in their own spelling, others as they came.
func resolve(name string) (string, ref) {
	key := normal(name)
	if head, path, ok := strings.Cut(key, "."); ok && path != "" {
		if vendor, ok := vendors[head]; ok {
			_, written, _ := strings.Cut(name, ".")
			if head == "elasticpath" {
				head = "ep"
			}
			last := path[strings.LastIndexByte(path, '.')+1:]
			r := ref{kind: refRaw, key: path, vendor: vendor, prose: slices.Contains(prose, last), unit: 1e9}
			if strings.HasSuffix(last, "ms") {
				r.unit = 1e6
			}
			return head + "." + written, r
		}
	}
	if to, ok := aliases[key]; ok {
		name, key = to, to
	}
	r := ref{kind: refFields, key: key, prose: slices.Contains(prose, key), unit: 1e9}
	if strings.HasSuffix(key, "ms") {
		r.unit = 1e6
	}
	if kind, ok := builtin[key]; ok {
		r.kind = kind
	}
	for _, known := range names {
		if normal(known) == key {
			return known, r
		}
	}
	return name, r
}

// resolve finds where a name's value is, and knows the limit.
func (o Options) resolve(name string) (string, ref) {
	name, r := resolve(name)
	if r.limit = o.Limit; r.limit <= 0 {
		r.limit = DefaultLimit
	}
	return name, r
}

// isKnown reports whether a name is shared by all vendors, an alias, or a path
// into a vendor's JSON.
func isKnown(name string) bool {
	written, r := resolve(name)
	return r.kind == refRaw || slices.Contains(names, written)
}

// nameLength returns the length of the name that s begins with, 0 for none. A
// name begins with a letter or underscore and does not end in - or a dot.
func nameLength(s string) int {
	end, some := 0, false
	for i, r := range s {
		switch {
		case unicode.IsLetter(r), i > 0 && unicode.IsDigit(r):
			end, some = i+len(string(r)), true
		case r == '_':
			end = i + 1
		case i > 0 && (r == '.' || r == '-' || r == '@' || r == '$'):
		default:
			if !some {
				return 0
			}
			return end
		}
	}
	if !some {
		return 0
	}
	return end
}

// validName reports whether a field of this name can be written in a filter.
func validName(name string) bool {
	return name != "" && nameLength(name) == len(name) && name != exists && !isOperator(name)
}

// Unknown returns the first name in q that is neither shared by all vendors, nor a
// path into a vendor's JSON, nor in known (the field names that were seen), and
// the nearest name that exists, "" if none is near. It returns "" for a query
// whose names all exist.
func Unknown(q *Query, known []string) (name, near string) {
	if q == nil {
		return "", ""
	}
	q.root.terms(func(t *term) {
		if name == "" && t.ref.kind == refFields && !slices.Contains(names, t.name) &&
			!slices.ContainsFunc(known, func(k string) bool { return normal(k) == t.ref.key }) {
			name = t.name
		}
	})
	if name == "" {
		return "", ""
	}
	key := normal(name)
	best := 3 // farther names are no help
	if len(key) < 5 {
		best = 2
	}
	for _, n := range append(Names(), known...) {
		if d := distance(key, normal(n)); d < best {
			best, near = d, n
		}
	}
	return name, near
}

// distance is the edit distance of two short words, where swapping neighbours
// counts as one edit. Words that differ by more than 3 in length are 4 apart.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > 3 || len(t)-len(s) > 3 || len(s) > 64 {
		return 4
	}
	rows := [3][]int{make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		row, prev, prev2 := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
	}
	return rows[len(s)%3][len(t)]
}
