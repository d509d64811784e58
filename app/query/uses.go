package query

import "slices"

// Names returns the names that the clause asks about, each once, as they are
// written canonically. Free text has none.
func (c Clause) Names() []string {
	var out []string
	c.node.terms(func(t *term) {
		if t.ref.kind != refText && !slices.Contains(out, t.name) {
			out = append(out, t.name)
		}
	})
	return out
}

// IsPath reports whether a name is a path into a vendor's own JSON, as
// ep.error_detail is.
func IsPath(name string) bool {
	_, r := resolve(name)
	return r.kind == refRaw
}

// SameName reports whether two names mean the same: case and underscores do not
// matter, and some names have other words, as severity has for level.
func SameName(a, b string) bool {
	wa, ra := resolve(a)
	wb, rb := resolve(b)
	return wa == wb || ra.kind == rb.kind && ra.key == rb.key && ra.vendor == rb.vendor
}

// Near returns the one of names that was probably meant by name, "" if none is
// near.
func Near(name string, names []string) (near string) {
	key := normal(name)
	best := 3 // farther names are no help
	if len(key) < 5 {
		best = 2
	}
	for _, n := range names {
		if d := distance(key, normal(n)); d < best {
			best, near = d, n
		}
	}
	return near
}
