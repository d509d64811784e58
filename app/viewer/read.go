package viewer

import "time"

// Pill is one clause of the committed filter.
type Pill struct {
	Text    string   // in the filter language, with the minus of a negated one
	Field   string   // "" for free text and for what spans several fields
	Values  []string // of a field's clause
	Negated bool
	Means   string // what it stands for where the text alone does not say: "80 % of 10 s"
	// Where says who evaluated it, for people: "at Coveo", "here, on 842 read",
	// "at Coveo; here for Algolia"; "" before the first answer.
	Where    string
	AtVendor bool // every target's vendor filters by it
	// Missing counts the rows that a negated clause keeps only because they lack the
	// field.
	Missing int
}

// FilterProblem is why the text of the filter box cannot be read.
type FilterProblem struct {
	Column     int    // where, from 1, in characters
	Query      string // the text that cannot be read
	Reason     string // a sentence
	Suggestion string // advice, or an example of what to write; "" for none
	Fixed      string // the filter of SuggestionTaken; "" where it cannot be guessed
	AsText     string // the filter of TextSearched; "" where it would be too long
}

// FindState is what the find bar shows.
type FindState struct {
	Text  string
	Open  bool
	Count int  // matching rows found so far
	At    int  // which of them has the focus, from 1; 0 for none
	Done  bool // all rows were looked through
}

// Facet is a field of the loaded entries with its values, most frequent first.
type Facet struct {
	Field   string // as in the filter language
	Title   string
	Values  []FacetValue
	Other   int  // rows with values that are not listed
	Missing int  // rows without the field
	AtLeast bool // more entries exist: the counts are lower bounds
	Vendor  bool // some values were counted by a vendor, too
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Value    string // for Included, Excluded, Unchosen
	Label    string // as shown
	Count    int    // rows shown that have it; -1 where the filter hides what would tell
	Vendor   int    // entries that have it as the vendor counted them; -1 where it does not
	Chosen   bool   // the filter asks for it
	Excluded bool   // the filter excludes it
}

// Histogram is how the shown rows spread over time.
type Histogram struct {
	From, To time.Time
	Buckets  []Bucket // of one length, oldest first
	Max      int      // the greatest Total
	Zoomed   bool     // ZoomedOut goes back to where this span was marked; else it widens
}

// Bucket is one bar of the histogram.
type Bucket struct {
	From, To time.Time
	Marks    [5]int // rows by Mark
	Total    int
	Covered  Covered
}

// Covered is how much of a stretch of time was read.
type Covered uint8

// How much was read.
const (
	CoveredNone Covered = iota // nothing: an empty bar means nothing
	CoveredPart                // a part of it, or not of every target
	CoveredAll
)
