package page

import "github.com/logpane/logpane/app/viewer"

// maxMade bounds the values of facets whose elements are made or removed by one
// drawing: with some dozens the page would hear nothing for as long as several frames
// take.
const maxMade = 16

// nearer returns facets on the way from those that are drawn to what they should be,
// as far as one drawing should go, and whether that is not all the way. Facets are
// told apart by their place, as elements are.
func nearer(drawn, want []viewer.Facet) (next []viewer.Facet, more bool) {
	made, at, last := 0, 0, max(len(drawn), len(want))
	values := func(of []viewer.Facet) int {
		if at < len(of) {
			return len(of[at].Values)
		}
		return 0
	}
	for ; at < last && made < maxMade; at++ {
		d := values(want) - values(drawn)
		made += max(d, -d)
	}
	if at == last {
		return want, false
	}
	// What is too many goes from the end.
	from := min(at, len(want))
	rest := drawn[min(from, len(drawn)) : len(drawn)-max(at-len(want), 0)]
	return append(want[:from:from], rest...), true
}
