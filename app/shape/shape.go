// Package shape groups the calls of Algolia's log by what they ask, whatever they
// ask it with, and says which groups take the time, which find nothing, and how the
// slow calls differ from the fast ones:
//
//	reader, c := shape.NewReader(), shape.NewCollector()
//	for row, raw := range rows {
//		if fact, ok := reader.Fact(raw); ok {
//			c.Add(row, fact)
//		}
//	}
//	for _, g := range c.Shapes() {
//		g.Shape.Title // products · query · hitsPerPage=20 · attributesToRetrieve=name,price · filters: brand
//		g.P95         // 410 ms, over g.Timed calls
//	}
//
// A shape is a request without its values: the operation, the index, the names of
// the parameters, and the values of those that say how much is asked for, as
// hitsPerPage, facets and attributesToRetrieve. Of filters the attributes stay. What
// people type, whose call it is, which page of the result it wants and how it is
// measured are no part of it. [Of] is the one place that decides.
//
// Bodies are cut by the vendor, so a shape may be that of a request's beginning; it
// then says so. Nothing here may look at a clock, or take two calls for the same
// because one could be the beginning of the other.
package shape

import (
	"slices"
	"strconv"
	"strings"
)

// Shape is what calls have in common that ask the same.
type Shape struct {
	ID     string // fingerprint, of small letters and digits: the same for the same shape in every version
	Key    string // what the fingerprint is of
	Title  string // in one line, for people
	Method string
	Op     string
	Index  string // several with " + " between them; "" for none
	Parts  []Part
	Cut    bool // the bodies end early: what follows is unknown
}

// Part is one query of a shape.
type Part struct {
	Index  string
	Params []string // "hitsPerPage=20", "filters: brand, price", "aroundLatLng", sorted
	N      int      // so many queries of the call are like this one
	Cut    bool
}

// IDLen is the length of a fingerprint.
const IDLen = 10

// kept are the parameters whose values say how much is asked for, or how the engine
// must work for it; per the search API reference.
var kept = words("hitsPerPage length maxValuesPerFacet distinct getRankingInfo typoTolerance queryType mode type " +
	"removeWordsIfNoResults removeStopWords ignorePlurals decompoundQuery advancedSyntax sumOrFiltersScores " +
	"facetingAfterDistinct sortFacetValuesBy minProximity synonyms enableRules enablePersonalization enableReRanking " +
	"allowTyposOnNumericTokens exactOnSingleWordQuery attributeCriteriaComputedByMinProximity aroundLatLngViaIP aroundRadius " +
	"facet facetName maxFacetHits model threshold maxRecommendations strategy")

// lists are those of them that are lists of names, whose order says nothing.
var lists = words("facets attributesToRetrieve attributesToHighlight attributesToSnippet restrictSearchableAttributes " +
	"responseFields queryLanguages naturalLanguages alternativesAsExact advancedSyntaxFeatures disableTypoToleranceOnAttributes " +
	"disableExactOnAttributes optionalWords renderingContent")

// ignored are the parameters that say whose call it is, how it is counted, which page
// it wants or how words are marked: they cost nothing, and change from call to call.
var ignored = words("query page offset userToken analytics analyticsTags clickAnalytics enableABTest highlightPreTag highlightPostTag " +
	"snippetEllipsisText replaceSynonymsInHighlight percentileComputation cursor objectID tagFilters queryID sessionID")

// Of returns the shape of a call.
func Of(c *Call) Shape {
	s := outline(c)
	s.finish()
	return s
}

// finish fills in what follows from the key.
func (s *Shape) finish() { s.ID, s.Title = fingerprint(s.Key), s.title() }

// outline returns the shape without its fingerprint and its title, which calls of one
// shape need once.
func outline(c *Call) Shape {
	s := Shape{Method: c.Method, Op: c.Op, Cut: c.Cut}
	var names []string
	for i := range c.Queries {
		q := &c.Queries[i]
		p := Part{Index: q.Index, N: 1, Cut: q.Cut}
		if searches[c.Op] && (!q.Cut || len(c.Queries) == 1) {
			p.Params = q.params()
		}
		if !slices.Contains(names, q.Index) && q.Index != "" {
			names = append(names, q.Index)
		}
		if n := len(s.Parts); n > 0 && s.Parts[n-1].same(&p) {
			s.Parts[n-1].N++
			continue
		}
		s.Parts = append(s.Parts, p)
	}
	if c.Op == "objects" { // how many is a value
		for i := range s.Parts {
			s.Parts[i].N = 1
		}
	}
	if !searches[c.Op] { // records and settings
		s.Cut = false
		for i := range s.Parts {
			s.Parts[i].Cut, s.Parts[i].N = false, 1
		}
		if len(s.Parts) > 0 && len(c.Acts) > 0 {
			s.Parts[0].Params = []string{"action=" + strings.Join(c.Acts, ",")}
		}
	}
	s.Index = strings.Join(names, " + ")
	s.Key = s.key()
	return s
}

func (p *Part) same(q *Part) bool {
	return p.Index == q.Index && p.Cut == q.Cut && slices.Equal(p.Params, q.Params)
}

// maxPart bounds one parameter of a shape, in bytes.
const maxPart = 300

// params returns what of the parameters belongs to the shape.
func (q *Query) params() []string {
	var out []string
	for _, p := range q.Params {
		if word := p.word(); word != "" {
			if len(word) > maxPart {
				word = strings.ToValidUTF8(word[:maxPart], "") + "…"
			}
			out = insert(out, word)
		}
	}
	return out
}

// word returns what of a parameter belongs to the shape, "" for nothing. An empty
// value is as good as none: client libraries send tagFilters= with every call.
func (p *Param) word() string {
	value := strings.TrimSpace(p.Value)
	switch {
	case ignored[p.Name], p.Name == "":
		return ""
	case p.Cut: // its name is known, not where its value would have ended
		return p.Name
	case value == "", value == "null":
		return ""
	case isFilter(p.Name):
		names := attributes(value)
		if len(names) == 0 {
			return ""
		}
		return p.Name + ": " + strings.Join(names, ", ")
	case lists[p.Name]:
		return p.Name + "=" + strings.Join(list(value), ",")
	case kept[p.Name] || value == "*" || value == "true" || value == "false":
		return p.Name + "=" + value
	}
	return p.Name
}

// key writes what makes a shape, with characters between that no name has.
func (s *Shape) key() string {
	var b strings.Builder
	b.WriteString(s.Method + " " + s.Op)
	for i := range s.Parts {
		p := &s.Parts[i]
		b.WriteString("\n" + strconv.Quote(p.Index) + "×" + strconv.Itoa(p.N))
		for _, word := range p.Params {
			b.WriteString("\x00" + word)
		}
		if p.Cut {
			b.WriteString("\x00✂")
		}
	}
	if s.Cut {
		b.WriteString("\n✂")
	}
	return b.String()
}

// fingerprint is a hash in letters and digits that are not mistaken for others:
// FNV-1a with the last step of MurmurHash3, since that of FNV leaves the first bits
// of short keys alike.
func fingerprint(key string) string {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	var b [IDLen]byte
	for i := range b {
		b[i] = "0123456789abcdefghjkmnpqrstvwxyz"[h&31]
		h >>= 5
	}
	return string(b[:])
}

// Alike reports whether all queries of a shape have the parameters of the first, as
// far as the vendor's cut lets know.
func (s *Shape) Alike() bool {
	for i := range s.Parts {
		if p := &s.Parts[i]; !p.Cut && !slices.Equal(p.Params, s.Parts[0].Params) {
			return false
		}
	}
	return true
}

// title writes a shape in one line.
func (s *Shape) title() string {
	words := []string{}
	if s.Index != "" {
		words = append(words, s.Index)
	}
	queries, alike := 0, s.Alike()
	for i := range s.Parts {
		queries += s.Parts[i].N
	}
	what := s.Op
	if what == "" {
		what = s.Method
	}
	if s.Op == "queries" {
		what = strconv.Itoa(queries) + " queries"
		if queries == 1 {
			what = "1 query of a list"
		}
	}
	words = append(words, what)
	for i := range s.Parts {
		p := &s.Parts[i]
		if i > 0 && alike {
			break
		}
		params := p.Params
		if !alike && len(params) > 0 {
			params = []string{p.Index + ": " + strings.Join(params, ", ")}
		}
		words = append(words, params...)
	}
	if s.Cut {
		words = append(words, "✂")
	}
	return strings.Join(words, " · ")
}
