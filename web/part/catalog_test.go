package part

import (
	"slices"
	"testing"

	"github.com/logpane/logpane/app/viewer"
)

func TestFilterCatalog_NamesWithVendorsAndCountedValues(t *testing.T) {
	c := FilterCatalog([]string{"stage", "ep.error_detail"}, func() []viewer.Facet {
		return []viewer.Facet{{Field: "stage", Values: []viewer.FacetValue{{Value: "CONSUMING"}, {Value: "INDEXING"}}}}
	})
	if c.Names[0].Vendor != "" || c.Names[1].Vendor != "Elastic Path" {
		t.Errorf("%+v", c.Names)
	}
	if got := c.Values("stage"); !slices.Equal(got, []string{"CONSUMING", "INDEXING"}) {
		t.Errorf("%q", got)
	}
	if got := c.Values("level"); got != nil {
		t.Errorf("values of what is not counted: %q", got)
	}
}
