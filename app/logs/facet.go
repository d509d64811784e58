package logs

// Facet is how often the values of a field occur in what a request covers, as the
// vendor counted it: over all that it has, not over what was read.
type Facet struct {
	Src    string       `json:"src"`
	Field  string       `json:"field"` // a name of the query language: "stage"
	Values []FacetValue `json:"values"`
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}
