package query

import (
	"encoding/json"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// recognize tells what a whole input looks like. The filter itself stays free
// text, which finds an id wherever it stands: a UUID may be a job, a log entry, an
// integration or a request, and to guess one would hide the others.
func recognize(text string) Suggestion {
	switch {
	case isUUID(text):
		return Suggestion{"looks like a job id", "job:" + text}
	case isHex(text, 40):
		return Suggestion{"looks like the id of an Algolia call", "id:" + text}
	case isURI(text):
		var b writer
		b.WriteString("item:")
		writeText(&b, text, true)
		return Suggestion{"looks like the address of an item", b.String()}
	}
	return Suggestion{}
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if i > 4 || !isHex(part, []int{8, 4, 4, 4, 12}[i]) {
			return false
		}
	}
	return true
}

func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := 0; i < n; i++ {
		if c := foldByte(s[i]); !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && rest != "" && nameLength(scheme) == len(scheme) && !strings.ContainsAny(s, " \t\r\n\"")
}

// ids are the names under which a line of JSON says which entry it is, surest
// first, per the vendors' log references: deepset, Coveo, Algolia. A bare id is
// the entry's own in our own form and in Elastic Path's integration-log, but the
// item's in Coveo's.
var ids = []string{"log_id", "guid", "sha1"}

// maxPasted bounds how many members of a pasted object become conditions.
const maxPasted = 20

// fromJSON reads a pasted JSON object: as the id of the entry that it is, else as
// the values of its members.
func (o Options) fromJSON(text string) (*node, Suggestion, bool) {
	if text[0] != '{' || !json.Valid([]byte(text)) {
		return nil, Suggestion{}, false
	}
	var fields logs.Fields
	if fields.UnmarshalJSON([]byte(text)) != nil || len(fields) == 0 {
		return nil, Suggestion{}, false
	}
	if id := entryID(fields); id != "" {
		if c, err := o.Is("id", id); err == nil {
			return c.node, Suggestion{"looks like a log entry", c.String()}, true
		}
	}
	var kids []*node
	for _, f := range fields {
		value := logs.TextOf(f.Value)
		if len(kids) == maxPasted || value == "" || len(value) > 200 || value[0] == '{' || value[0] == '[' || value == "null" {
			continue
		}
		name := f.Name
		if !isKnown(name) {
			name = "raw." + name
		}
		if c, err := o.Is(name, value); err == nil {
			kids = append(kids, c.node)
		}
	}
	n := join(nAnd, kids)
	if n == nil {
		return nil, Suggestion{}, false
	}
	return n, Suggestion{}, true
}

func entryID(fields logs.Fields) string {
	for _, name := range ids {
		if id := fields.Text(name); id != "" {
			return id
		}
	}
	_, ours := fields.Get("src")
	if ours || fields.Text("type") == "integration-log" {
		return fields.Text("id")
	}
	return ""
}
