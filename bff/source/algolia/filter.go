package algolia

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// What Algolia filters, per the getLogs reference:
//
//	indexName  "Index for which to retrieve log entries", all by default
//	type       all, query, build or error, all by default
//
// The reference does not say which calls are of which type, and no row does, so
// only Algolia can tell: an entry has the field when it came in answer to a type.
// Nor does it say what becomes of an index that does not exist; a refusal is an
// answer to that filter only, and the caller asks again without it.

// logsPath is the path of the log call.
var logsPath = []string{"1", "logs"}

// Filters returns the filters for a target.
func (a *application) Filters(path []string) []driver.Filter {
	out := []driver.Filter{{
		Capability: query.Capability{Field: "type", Ops: []query.Op{query.OpIs}, Values: []string{"all", "query", "build", "error"}},
		Told:       true,
	}}
	if len(path) == 0 {
		out = append(out, driver.Filter{
			Capability: query.Capability{Field: "index", Ops: []query.Op{query.OpIs}, Spell: a.spellIndex},
			Case:       true,
		})
	}
	return out
}

// spellIndex writes the name of an index as the pick list has it. Calls of several
// indices, whose names an entry joins with commas, and names that hold what looks
// like a key, which entries show masked, are left to the caller.
func (a *application) spellIndex(name string) (string, bool) {
	if name == "" || strings.ContainsAny(name, ",*") {
		return "", false
	}
	found := ""
	if known := a.known.Load(); known != nil {
		for _, k := range *known {
			if k == name {
				return name, true
			}
			if strings.EqualFold(k, name) {
				if found != "" {
					return "", false
				}
				found = k
			}
		}
	}
	if found != "" {
		return found, true
	}
	return name, true
}

func limitOf(r driver.Read) int { return min(max(r.Limit, 1), maxLength) }

// logsQuery is the query of a log call, and the type that it asks for.
func logsQuery(r driver.Read) (q url.Values, kind string, err error) {
	q = url.Values{"offset": {strconv.Itoa(max(r.Offset, 0))}, "length": {strconv.Itoa(limitOf(r))}}
	for _, t := range r.Terms {
		switch {
		case t.Op != query.OpIs || len(t.Values) != 1:
		case t.Field == "type":
			kind = t.Values[0]
			q.Set("type", kind)
		case t.Field == "index":
			q.Set("indexName", t.Values[0])
		}
	}
	switch {
	case len(r.Path) == 0:
	case len(r.Path) == 2 && r.Path[0] == indices && r.Path[1] != "":
		q.Set("indexName", r.Path[1])
	default:
		return nil, "", fault.New(fault.Invalid, "algolia: "+opLogs).
			Saying("an Algolia target is the application, or indices/NAME below it")
	}
	return q, kind, nil
}
