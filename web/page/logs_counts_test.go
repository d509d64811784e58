package page

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/logpane/logpane/app/viewer"
)

// facetsOf returns facets by their names, each with so many values.
func facetsOf(counts ...int) (out []viewer.Facet) {
	for i, n := range counts {
		f := viewer.Facet{Field: fmt.Sprint("field", i)}
		for v := range n {
			f.Values = append(f.Values, viewer.FacetValue{Value: fmt.Sprint(v), Count: 10*n + v})
		}
		out = append(out, f)
	}
	return out
}

func TestNearer_ComesThereInFewSteps(t *testing.T) {
	none := facetsOf()
	some := facetsOf(6, 6, 6, 6, 6, 6, 6, 2)
	other := facetsOf(6, 6, 6, 6, 6, 6, 6, 2)
	for i := range other {
		other[i].Values[0].Count++
	}
	for _, c := range []struct {
		name       string
		from, to   []viewer.Facet
		steps, end int
	}{
		{"nothing to draw", none, none, 1, 0},
		{"all that is there", none, some, 3, 8},
		{"nothing is left", some, none, 3, 0},
		{"counts alone", some, other, 1, 8},
		{"the same", some, some, 1, 8},
		{"fewer values", some, facetsOf(1, 1, 1, 1, 1, 1, 1, 1), 2, 8},
		{"one of many values", none, facetsOf(200, 1), 2, 2},
	} {
		now, steps := c.from, 0
		for more := true; more; steps++ {
			if steps > 20 {
				t.Fatalf("%s: never there", c.name)
			}
			before := fmt.Sprint(now)
			var next []viewer.Facet
			if next, more = nearer(now, c.to); fmt.Sprint(now) != before {
				t.Fatalf("%s: what is drawn was changed", c.name)
			}
			now = next
		}
		if steps != c.steps || len(now) != c.end || len(now) > 0 && !reflect.DeepEqual(now, c.to) {
			t.Errorf("%s: %d steps to %d facets, want %d to %d", c.name, steps, len(now), c.steps, c.end)
		}
	}
}
