package part

import (
	"strings"

	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/viewer"
)

// pathTitles name the vendors by the first segment of paths into their JSON.
var pathTitles = glossary{"ep", "Elastic Path", "moltin", "Moltin", "coveo", "Coveo", "algolia", "Algolia", "deepset", "deepset"}

// FilterCatalog is what a filter can be completed from: the names of fields that
// were seen, and the values that facets count. It reads facets when it is asked,
// and keeps neither.
func FilterCatalog(names []string, facets func() []viewer.Facet) query.Catalog {
	c := query.Catalog{Names: make([]query.Name, len(names))}
	for i, n := range names {
		head, _, _ := strings.Cut(n, ".")
		c.Names[i] = query.Name{Name: n, Vendor: pathTitles.of(strings.ToLower(head))}
	}
	c.Values = func(name string) []string {
		all := facets()
		for i := range all {
			if all[i].Field != name {
				continue
			}
			out := make([]string, len(all[i].Values))
			for j := range out {
				out[j] = all[i].Values[j].Value
			}
			return out
		}
		return nil
	}
	return c
}
