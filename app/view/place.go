package view

import "strings"

// Kind is what an address shows: the table, or one of the drill-downs.
type Kind uint8

// The kinds of places.
const (
	Entries    Kind = iota // the table
	Jobs                   // the jobs of an integration
	Job                    // one job and its attempts
	Item                   // the passport of one item
	Assert                 // a list of items and what became of them
	Exceptions             // exceptions grouped to cards, or one card
	Shapes                 // calls grouped by shape, or one shape
	Compare                // two entries side by side
	Timeline               // all targets on one axis of time
)

// Place is where an address leads: the path of a View, taken apart. The zero
// value is the table.
type Place struct {
	Kind   Kind
	Vendor string // of Job and Jobs: elasticpath or moltin

	// What the path names, as the vendor writes it: the integration of Jobs; the
	// integration and the job of Job; the fingerprint of one card or one shape,
	// "" for all of them.
	A, B string
}

// heads are the vendors' short names in paths.
var heads = []struct{ head, vendor string }{{"ep", "elasticpath"}, {"moltin", "moltin"}}

// Place returns where the path leads. A path that is none of ours leads to the
// table.
func (v View) Place() Place {
	parts := strings.Split(strings.Trim(v.Path, "/"), "/")
	for i := range parts {
		parts[i] = unescapePath(parts[i])
	}
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	for _, h := range heads {
		if at(0) != h.head || at(1) != "jobs" {
			continue
		}
		switch {
		case len(parts) == 4:
			return Place{Kind: Job, Vendor: h.vendor, A: at(2), B: at(3)}
		case len(parts) <= 3:
			return Place{Kind: Jobs, Vendor: h.vendor, A: at(2)}
		}
	}
	switch at(0) + "/" + at(1) {
	case "coveo/items":
		return Place{Kind: Item}
	case "coveo/assert":
		return Place{Kind: Assert}
	case "deepset/exceptions":
		return Place{Kind: Exceptions, A: at(2)}
	case "algolia/shapes":
		return Place{Kind: Shapes, A: at(2)}
	case "compare/":
		return Place{Kind: Compare}
	case "timeline/":
		return Place{Kind: Timeline}
	}
	return Place{}
}

// At returns the view at another place: the same targets, filter, span and zone.
// What belongs to the place that is left, the open row among it, is dropped.
func (v View) At(p Place) View {
	v.Path, v.Sel, v.Item, v.Pick, v.Live = p.path(), "", "", nil, false
	return v
}

// path is the inverse of Place.
func (p Place) path() string {
	var parts []string
	switch p.Kind {
	case Jobs, Job:
		head := "ep"
		for _, h := range heads {
			if h.vendor == p.Vendor {
				head = h.head
			}
		}
		parts = []string{head, "jobs", p.A, p.B}
	case Item:
		parts = []string{"coveo", "items"}
	case Assert:
		parts = []string{"coveo", "assert"}
	case Exceptions:
		parts = []string{"deepset", "exceptions", p.A}
	case Shapes:
		parts = []string{"algolia", "shapes", p.A}
	case Compare:
		parts = []string{"compare"}
	case Timeline:
		parts = []string{"timeline"}
	default:
		return ""
	}
	var b strings.Builder
	for _, s := range parts {
		if s == "" {
			break
		}
		b.WriteByte('/')
		escapeSegment(&b, s, "-_.~:@$!()")
	}
	return b.String()
}

// escapeSegment writes one segment of a path, with letters, digits and the signs in
// bare as they are.
func escapeSegment(b *strings.Builder, s, bare string) {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(bare, c) >= 0:
			b.WriteByte(c)
		default:
			percent(b, c)
		}
	}
}

// unescapePath reads one segment; in a path, + is itself.
func unescapePath(s string) string {
	return unescape(strings.ReplaceAll(s, "+", "%2B"))
}

// longJob reads the general form of a job's address, which names the target in the
// path: /job/vendor/region/account/integration/job.
func longJob(path string) (src string, p Place, ok bool) {
	rest, ok := strings.CutPrefix(path, "/job/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 5 {
		return "", Place{}, false
	}
	return strings.Join(parts[:3], "/"), Place{Kind: Job, Vendor: unescapePath(parts[0]), A: unescapePath(parts[3]), B: unescapePath(parts[4])}, true
}
