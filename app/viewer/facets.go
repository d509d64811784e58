package viewer

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/store"
)

// Bounds of what is remembered of a field's values while a filter hides them.
const (
	maxKnown  = 50
	maxListed = 200
)

// everywhere are the facets of all vendors, in their order; the target only where
// there are several.
var everywhere = []string{"level", "outcome", "status", "src"}

// facetsOf are the facets of each vendor, in their order, as far as its entries
// have them.
var facetsOf = map[string][]string{
	"coveo":       {"stage", "operation", "result", "source", "error_code"},
	"elasticpath": {"integration_name", "integration", "event"},
	"moltin":      {"event", "integration_name", "integration"},
	"deepset":     {"pipeline", "index", "origin", "exception"},
	"algolia":     {"index", "method", "type", "kind"},
}

// counters are the vendors that count by themselves: Coveo, per facetsStats of its
// Logs API.
var counters = []string{"coveo"}

// askCounts asks the vendors that can to count, once for a search whose first page
// is there.
func (m *Model) askCounts() []Effect {
	if !m.counting || m.load.counts || m.load.first == 0 || m.load.replace {
		return nil
	}
	var srcs []string
	for _, src := range m.view.Src {
		if vendor, _, _ := strings.Cut(src, "/"); slices.Contains(counters, vendor) {
			srcs = append(srcs, src)
		}
	}
	if srcs == nil {
		return nil
	}
	m.load.counts = true
	return []Effect{LoadCounts{Src: srcs, Query: m.Asked(), From: bound(m.load.span.From), To: bound(m.load.span.To), Generation: m.load.first}}
}

// facetFields returns the fields to count for the view's targets: those that loaded
// entries have, that a vendor counts, or that the filter asks about.
func (m *Model) facetFields() []string {
	out := slices.Clone(everywhere[:3])
	if len(m.view.Src) > 1 {
		out = append(out, "src")
	}
	seen := m.fieldNames()
	asked := func(name string) bool {
		return slices.ContainsFunc(m.filter.draft.Clauses(), func(c query.Clause) bool { return c.Field == name })
	}
	for _, src := range m.view.Src {
		vendor, _, _ := strings.Cut(src, "/")
		for _, name := range facetsOf[vendor] {
			if slices.Contains(out, name) || name == "integration" && slices.Contains(out, "integration_name") {
				continue
			}
			if slices.Contains(seen, name) || m.vendorCounts(name) || asked(name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// counted returns the counts of all that is counted: the fields of facets, and those
// of which pills tell who lacks them. The table counts one set of fields at a time.
func (m *Model) counted() []store.Facet {
	m.fields = m.facetFields()
	fields := slices.Clone(m.fields)
	for _, c := range m.filter.committed.Clauses() {
		if c.Negated && c.Field != "" && !slices.Contains(fields, c.Field) {
			fields = append(fields, c.Field)
		}
	}
	return m.table.Facets(fields)
}

// fieldNames returns the names of the fields that loaded entries have, and of those
// that vendors count.
func (m *Model) fieldNames() []string {
	names := m.store.Names()
	for _, f := range m.load.facets {
		if !slices.Contains(names, f.Field) {
			names = append(slices.Clip(names), f.Field)
		}
	}
	return names
}

func (m *Model) vendorCounts(field string) bool {
	return slices.ContainsFunc(m.load.facets, func(f logs.Facet) bool { return f.Field == field })
}

// Facets returns the fields of the shown rows with how often their values occur.
// While Pending they may be those of a moment before. Not to be changed.
func (m *Model) Facets() []Facet {
	if m.facets != nil {
		return m.facets
	}
	out := []Facet{}
	for _, t := range m.counted() {
		if !slices.Contains(m.fields, t.Field) {
			continue
		}
		f := Facet{Field: t.Field, Title: Title(t.Field), Other: t.Other, Missing: t.Missing, AtLeast: !m.whole()}
		for _, v := range t.Values {
			f.Values = append(f.Values, FacetValue{Value: v.Value, Count: v.Count, Vendor: -1})
		}
		m.addVendor(&f)
		m.addHidden(&f)
		m.markChosen(&f)
		if len(f.Values) == 0 {
			continue
		}
		sort.SliceStable(f.Values, func(i, j int) bool {
			a, b := &f.Values[i], &f.Values[j]
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Vendor, a.Vendor), strings.Compare(a.Value, b.Value)) < 0
		})
		f.Values = f.Values[:min(len(f.Values), maxListed)]
		m.labelValues(&f)
		out = append(out, f)
	}
	m.facets = out
	if !m.uncommitted() { // what is typed on the way to a name hides all values
		m.listed = out
	}
	return out
}

// labelValues writes what people call the values of a facet.
func (m *Model) labelValues(f *Facet) {
	alike := map[string]int{}
	for i := range f.Values {
		v := &f.Values[i]
		switch v.Label = v.Value; f.Field {
		case "src":
			v.Label = m.nameOf(v.Value).label
			alike[v.Label]++
		case "source":
			if label := m.sources[v.Value]; label != "" {
				v.Label = label
			}
		}
	}
	for i := range f.Values {
		if v := &f.Values[i]; alike[v.Label] > 1 { // the same account at two vendors
			v.Label = m.nameOf(v.Value).full
		}
	}
}

// value returns a facet's value, which it adds where it is missing.
func (f *Facet) value(value string, missing FacetValue) *FacetValue {
	i := slices.IndexFunc(f.Values, func(v FacetValue) bool { return strings.EqualFold(v.Value, value) })
	if i < 0 {
		missing.Value = value
		f.Values = append(f.Values, missing)
		i = len(f.Values) - 1
	}
	return &f.Values[i]
}

// addVendor puts what the vendors counted beside what was counted here.
func (m *Model) addVendor(f *Facet) {
	for _, v := range m.load.facets {
		if v.Field != f.Field || !slices.Contains(m.view.Src, v.Src) {
			continue
		}
		f.Vendor = true
		for _, c := range v.Values {
			at := f.value(c.Value, FacetValue{Vendor: -1})
			at.Vendor = max(at.Vendor, 0) + c.Count
		}
	}
}

// addHidden lists the values that a filter by this field hides: how many have them
// is not known.
func (m *Model) addHidden(f *Facet) {
	for _, v := range m.known[f.Field] {
		f.value(v, FacetValue{Count: -1, Vendor: -1})
	}
}

// markChosen marks what the filter asks for and what it excludes.
func (m *Model) markChosen(f *Facet) {
	for _, c := range m.filter.draft.Clauses() {
		if c.Field != f.Field || c.Op != query.OpIs && c.Op != query.OpIn {
			continue
		}
		for _, value := range c.Values {
			v := f.value(value, FacetValue{Vendor: -1})
			v.Chosen, v.Excluded = !c.Negated, c.Negated
			if c.Negated && v.Count == 0 {
				v.Count = -1
			}
		}
	}
}

// remember keeps the values that are listed now of the fields by which the new
// filter hides some, and forgets those of the fields that it leaves alone.
func (m *Model) remember(next *query.Query) {
	var fields []string
	for _, c := range next.Clauses() {
		if c.Field != "" {
			fields = append(fields, c.Field)
		}
	}
	for name := range m.known {
		if !slices.Contains(fields, name) {
			delete(m.known, name)
		}
	}
	for _, f := range m.listed {
		if !slices.Contains(fields, f.Field) {
			continue
		}
		for _, v := range f.Values {
			if known := m.known[f.Field]; len(known) < maxKnown && !slices.Contains(known, v.Value) {
				m.known[f.Field] = append(known, strings.Clone(v.Value))
			}
		}
	}
}

// Whole reports whether everything was read that the vendors have in the span. Where
// it was not, what is counted here is a lower bound.
func (m *Model) Whole() bool { return m.whole() }

// whole reports whether everything was read that the vendors have in the span.
func (m *Model) whole() bool {
	if m.load.replace || m.load.cursor != "" {
		return false
	}
	for _, l := range m.Lanes() {
		if l.State != logs.Complete && l.State != logs.Expired || len(l.Gaps) > 0 {
			return false
		}
	}
	return true
}

// forgetFacets forgets what was listed of other targets.
func (m *Model) forgetFacets() {
	clear(m.known)
	m.listed = nil
	m.touch()
}
