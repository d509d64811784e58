package coveo

import (
	"maps"
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// What Coveo filters, per the Swagger of the Source Logs service: lists of tasks,
// operations, results, resources and sources, each to include or to exclude, where
// "an allow list beats its exclude list", and one item URI (documentId). The words
// of the first three are enums there; ids and URIs are compared letter by letter,
// since nothing says otherwise. Level and outcome of an entry are the result's, so
// that they are filtered as results.

// The enums of the Swagger. They have grown before: other words are left to the
// caller.
var (
	tasks = []string{
		"CONSUMING", "CONSUMING_BATCH", "CRAWLING", "STREAMING_EXTENSION", "EXTENSION", "INDEXING", "MAPPING", "PROCESSING",
		"STREAMING", "STREAMING_BATCH", "PREINDEXING", "VALIDATION",
	}
	operations  = []string{"ADD", "ADD_BY_REFERENCE", "BATCH_FILE", "DELETE", "DELETE_AND_CHILDREN", "DELETE_OLDER_THAN", "UPDATE"}
	resultWords = slices.Sorted(maps.Keys(results))
)

// logsBody is the body of a log search. The name is "sourcesIds" in docs 59 and
// in the Swagger; the official client types it "sourceIds". An unknown name may be
// ignored, which would give the logs of all sources.
type logsBody struct {
	SourcesIDs         []string `json:"sourcesIds,omitempty"`
	Operations         []string `json:"operations,omitempty"`
	Results            []string `json:"results,omitempty"`
	Tasks              []string `json:"tasks,omitempty"`
	ResourceIDs        []string `json:"resourceIds,omitempty"`
	ExcludeSourceIDs   []string `json:"excludeSourceIds,omitempty"`
	ExcludeOperations  []string `json:"excludeOperations,omitempty"`
	ExcludeResults     []string `json:"excludeResults,omitempty"`
	ExcludeTasks       []string `json:"excludeTasks,omitempty"`
	ExcludeResourceIDs []string `json:"excludeResourceIds,omitempty"`
}

// Filters returns the filters for a target. A source's target is one of its own.
func (o *organization) Filters(path []string) []driver.Filter {
	all := []query.Op{query.OpIs, query.OpIn, query.OpNot}
	words := func(field string, values []string, absent ...string) driver.Filter {
		return driver.Filter{Capability: query.Capability{Field: field, Ops: all, Values: values, Absent: absent}}
	}
	open := func(field string, ops []query.Op, spell func(string) (string, bool)) driver.Filter {
		return driver.Filter{Capability: query.Capability{Field: field, Ops: ops, Spell: spell}, Case: true}
	}
	some := func(v string) (string, bool) { return v, v != "" }
	out := []driver.Filter{
		words("stage", tasks),
		words("operation", operations),
		words("result", resultWords),
		words("level", []string{"info", "warning", "error"}, "trace", "debug", "critical"),
		words("outcome", []string{"succeeded", "skipped", "warned", "rejected", "failed"}),
		open("resource", all, some),
		open("item", []query.Op{query.OpIs}, some),
	}
	if len(path) == 0 {
		out = append(out, open("source", all, o.spellSource))
	}
	return out
}

// spellSource writes the id of a source as the pick list has it.
func (o *organization) spellSource(id string) (string, bool) {
	if known := o.known.Load(); known != nil && !slices.Contains(*known, id) {
		if i := slices.IndexFunc(*known, func(k string) bool { return strings.EqualFold(k, id) }); i >= 0 {
			return (*known)[i], true
		}
	}
	return id, id != ""
}

// choice is an allow list and an exclude list of one kind of word.
type choice struct{ allow, exclude []string }

// take adds a condition.
func (c *choice) take(op query.Op, values []string) {
	switch {
	case op == query.OpNot:
		c.exclude = append(c.exclude, values...)
	case c.allow == nil:
		c.allow = values
	default:
		c.allow = orAll(slices.DeleteFunc(slices.Clone(c.allow), func(v string) bool { return !slices.Contains(values, v) }), c.allow)
	}
}

// lists returns what to send: with an allow list, the exclude list would be
// ignored.
func (c *choice) lists() (allow, exclude []string) {
	if c.allow == nil {
		return nil, c.exclude
	}
	left := slices.DeleteFunc(slices.Clone(c.allow), func(v string) bool { return slices.Contains(c.exclude, v) })
	return orAll(left, c.allow), nil
}

// orAll returns left, or all where nothing is left: an empty list would ask for
// everything, and no entry passes the conditions anyway.
func orAll(left, all []string) []string {
	if len(left) == 0 {
		return all
	}
	return left
}

// bodyOf writes terms as the body of a search, and returns the item that it asks
// for beside it, "" for all.
func bodyOf(sources []string, terms []query.Term) (body logsBody, item string) {
	var source, operation, result, task, resource choice
	source.allow = sources
	for _, t := range terms {
		switch t.Field {
		case "stage":
			task.take(t.Op, t.Values)
		case "operation":
			operation.take(t.Op, t.Values)
		case "result":
			result.take(t.Op, t.Values)
		case "level":
			result.take(t.Op, wordsOf(func(word string) bool { return slices.Contains(t.Values, results[word].level.String()) }))
		case "outcome":
			result.take(t.Op, wordsOf(func(word string) bool { return slices.Contains(t.Values, results[word].outcome.String()) }))
		case "resource":
			resource.take(t.Op, t.Values)
		case "source":
			source.take(t.Op, t.Values)
		case "item":
			item = t.Values[0]
		}
	}
	body.SourcesIDs, body.ExcludeSourceIDs = source.lists()
	body.Operations, body.ExcludeOperations = operation.lists()
	body.Results, body.ExcludeResults = result.lists()
	body.Tasks, body.ExcludeTasks = task.lists()
	body.ResourceIDs, body.ExcludeResourceIDs = resource.lists()
	return body, item
}

// wordsOf returns the results that is says yes to.
func wordsOf(is func(word string) bool) []string {
	return slices.DeleteFunc(slices.Clone(resultWords), func(w string) bool { return !is(w) })
}

// parseCounts reads the answer of facetsStats: maps of values to counts. It is not
// ok when the body holds none of them.
func parseCounts(body []byte, mask *rest.Mask) ([]logs.Facet, bool) {
	v, err := rest.Parse(mask.Raw(body))
	if err != nil {
		return nil, false
	}
	var out []logs.Facet
	for _, f := range []struct{ theirs, ours string }{
		{"tasks", "stage"}, {"operations", "operation"}, {"results", "result"}, {"sourceIds", "source"}, {"resourceIds", "resource"},
	} {
		list := v.Get(f.theirs)
		if !list.IsObject() {
			continue
		}
		facet := logs.Facet{Field: f.ours, Values: []logs.FacetValue{}}
		for name, count := range list.Members() {
			if n, ok := count.Whole(); ok && n > 0 && len(name) > 0 {
				facet.Values = append(facet.Values, logs.FacetValue{Value: string(name), Count: n})
			}
		}
		out = append(out, facet)
	}
	return out, len(out) > 0
}
