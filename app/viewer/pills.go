package viewer

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// Pills returns the clauses of the committed filter. Not to be changed.
func (m *Model) Pills() []Pill {
	if m.pills != nil {
		return m.pills
	}
	out := []Pill{}
	negated := false
	asked := m.filter.committed.Grounded().Clauses()
	for i, c := range m.filter.committed.Clauses() {
		p := Pill{Text: c.String(), Field: c.Field, Values: c.Values, Negated: c.Negated}
		p.Where, p.AtVendor = m.where(asked[i].String())
		if percent, limit, ok := c.Share(); ok {
			p.Means = percent + " % of " + Took(limit)
		}
		negated = negated || c.Negated && c.Field != ""
		out = append(out, p)
	}
	if negated && !m.load.replace {
		for _, f := range m.counted() {
			for i := range out {
				if out[i].Negated && out[i].Field == f.Field {
					out[i].Missing = f.Missing
				}
			}
		}
	}
	m.pills = out
	return out
}

// where says who evaluated a clause, as the last page told it for each target.
func (m *Model) where(clause string) (text string, atVendor bool) {
	var there, here []string // targets
	for _, src := range m.view.Src {
		i := slices.IndexFunc(m.load.plan, func(c logs.Clause) bool { return c.Src == src && c.Query == clause })
		switch {
		case i < 0:
		case m.load.plan[i].Where == logs.WhereVendor:
			there = append(there, src)
		default:
			here = append(here, src)
		}
	}
	named := func(srcs, others []string) string {
		var names []string
		for _, src := range srcs {
			name := vendorOf(src)
			if slices.ContainsFunc(others, func(o string) bool { return vendorOf(o) == name }) {
				name = m.label(src) // the vendor alone does not tell them apart
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return list(names)
	}
	switch {
	case len(there) > 0 && len(here) > 0:
		return "at " + named(there, here) + "; here for " + named(here, there), false
	case len(there) > 0:
		return "at " + named(there, nil), true
	case len(here) > 0 && m.load.scanned > 0:
		return "here, on " + count(m.load.scanned) + " read", false
	case len(here) > 0:
		return "here", false
	}
	return "", false
}

// list joins names: "a", "a and b", "a, b and c".
func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
