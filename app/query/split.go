package query

import (
	"slices"
	"strconv"

	"github.com/logpane/logpane/app/logs"
)

// Capability says what a vendor can filter by one field. Declare only what the
// vendor does exactly as this package would: ignoring case, the whole value, and
// with Not keeping the entries that lack the field. Where the vendor's values are
// a known set, list them, and case is no matter.
type Capability struct {
	Field string // a name as Names spells it, or of an entry's fields
	// Ops lists what the vendor can do: OpIs, OpIn (any of several values), OpNot
	// (none of the values; several only if OpIn is listed too), OpGlob.
	Ops []Op
	// Values are the values that the vendor takes, in its own spelling; nil for any.
	Values []string
	// Absent are values that no entry of the vendor has, in lower case: they drop out
	// of a list. level:>=warning is then one list at a vendor without critical entries.
	Absent []string
	// Needs names fields one of which must go to the vendor too, for what the vendor
	// can only filter together: a job of a named integration. Empty for none.
	Needs []string
	// Spell, if set, turns a value into the vendor's form (a name into an id), or
	// reports false when the vendor cannot take it.
	Spell func(value string) (string, bool)
}

// Term is a condition for the vendor. Terms are ANDed; there is at most one for a
// field, since vendors take lists of one field as alternatives, and let an allow
// list beat an exclude list.
type Term struct {
	Field  string   `json:"f"`
	Op     Op       `json:"o"` // OpIs, OpIn, OpNot or OpGlob
	Values []string `json:"v"` // one for OpIs and OpGlob, at least one for the others
}

// Division is a query divided between a vendor and us.
type Division struct {
	Terms []Term
	Taken []bool // by the order of Clauses: the clause stands in Terms
	Rest  *Query // what is left to do here
}

// Split divides q into what a vendor with these capabilities can filter and what
// is left to do here. An entry matches q exactly if it passes every term and rest
// matches it. A clause goes to the vendor only whole and only if that is exact.
func Split(q *Query, caps []Capability) (vendor []Term, rest *Query) {
	d := Divide(q, caps)
	return d.Terms, d.Rest
}

// Divide is Split, and tells which clauses the vendor takes.
func Divide(q *Query, caps []Capability) Division {
	if q == nil || q.root == nil {
		return Division{Rest: q}
	}
	for {
		d := divide(q, caps)
		// A term without what it needs goes, and may take another one's need with it.
		i := slices.IndexFunc(d.Terms, func(t Term) bool {
			c := capability(caps, canonical(t.Field))
			return len(c.Needs) > 0 && !slices.ContainsFunc(d.Terms, func(o Term) bool { return slices.Contains(c.Needs, o.Field) })
		})
		if i < 0 {
			return d
		}
		name := d.Terms[i].Field
		caps = slices.DeleteFunc(slices.Clone(caps), func(c Capability) bool { return c.Field == name })
	}
}

// canonical returns a name as terms carry it.
//
//go:noinline
func canonical(name string) string {
	written, _ := resolve(name)
	return written
}

func divide(q *Query, caps []Capability) Division {
	var vendor []Term
	parts := q.root.parts()
	taken := make([]bool, len(parts))
	none := Division{Taken: make([]bool, len(parts)), Rest: q}
	used := map[string]int{} // field: index in vendor + 1
	// Wanted values first: they narrow more than exclusions, and only one of the
	// two can go.
	for _, negated := range []bool{false, true} {
		for i, n := range parts {
			if (n.kind == nNot) != negated {
				continue
			}
			inner := n
			if negated {
				inner = n.kids[0]
			}
			t, several, ok := express(inner, negated, caps)
			if !ok {
				continue
			}
			at := used[t.Field]
			switch {
			case at == 0:
				vendor = append(vendor, t)
				used[t.Field] = len(vendor)
			case negated && several && vendor[at-1].Op == OpNot:
				for _, v := range t.Values {
					if !slices.Contains(vendor[at-1].Values, v) {
						vendor[at-1].Values = append(vendor[at-1].Values, v)
					}
				}
			default:
				continue
			}
			taken[i] = true
		}
	}
	if len(vendor) == 0 {
		return none
	}
	var left []*node
	for i, n := range parts {
		if !taken[i] {
			left = append(left, n)
		}
	}
	rest, err := newQuery(join(nAnd, left), q.opts)
	if err != nil { // a part of a query cannot exceed a bound; keep all of it rather than lose some
		return none
	}
	return Division{Terms: vendor, Taken: taken, Rest: rest}
}

// express writes a clause, given without its negation, as a vendor's term, and
// tells whether the vendor takes several values.
func express(n *node, negated bool, caps []Capability) (t Term, several, ok bool) {
	if n.kind == nTerm && n.term.op == OpGlob && !negated {
		return expressGlob(n.term, caps)
	}
	field, values, ok := wholeValues(n)
	if !ok {
		return t, false, false
	}
	c := capability(caps, field)
	if c == nil && field == "succeeded" {
		field, values = "outcome", outcomesOf(values)
		c = capability(caps, field)
	}
	if c == nil {
		return t, false, false
	}
	several = slices.Contains(c.Ops, OpIn)
	t = Term{Field: c.Field, Op: OpIs}
	for _, v := range values {
		if slices.Contains(c.Absent, Fold(v)) {
			continue
		}
		word, ok := c.spell(v)
		if !ok {
			return t, false, false
		}
		if !slices.Contains(t.Values, word) {
			t.Values = append(t.Values, word)
		}
	}
	switch {
	case len(t.Values) == 0:
		return t, several, false
	case negated:
		t.Op = OpNot
		return t, several, slices.Contains(c.Ops, OpNot) && (len(t.Values) == 1 || several)
	case len(t.Values) > 1 || !slices.Contains(c.Ops, OpIs):
		t.Op = OpIn
		return t, several, several
	}
	return t, several, true
}

func expressGlob(g *term, caps []Capability) (t Term, several, ok bool) {
	c := capability(caps, g.name)
	if c == nil || !slices.Contains(c.Ops, OpGlob) || c.Values != nil || c.Spell != nil || slices.Contains([]byte(g.text), '\\') {
		return t, false, false
	}
	return Term{Field: c.Field, Op: OpGlob, Values: []string{g.text}}, false, true
}

// capability finds the capability for a name as terms carry it.
func capability(caps []Capability, name string) *Capability {
	for i := range caps {
		if canonical(caps[i].Field) == name {
			return &caps[i]
		}
	}
	return nil
}

// spell returns a value in the vendor's words.
func (c *Capability) spell(v string) (string, bool) {
	if c.Values != nil {
		word := newNeedle(v)
		i := slices.IndexFunc(c.Values, word.equals)
		if i < 0 {
			return "", false
		}
		v = c.Values[i]
	}
	if c.Spell != nil {
		return c.Spell(v)
	}
	return v, true
}

// wholeValues reads a clause as "one of these values of this field".
func wholeValues(n *node) (field string, values []string, ok bool) {
	if n.kind == nOr {
		for i, k := range n.kids {
			if k.kind != nTerm {
				return "", nil, false
			}
			f, vs, ok := wholeValues(k)
			if !ok || i > 0 && f != field {
				return "", nil, false
			}
			field, values = f, append(values, vs...)
		}
		return field, values, true
	}
	if n.kind != nTerm {
		return "", nil, false
	}
	t := n.term
	switch t.ref.kind {
	case refText, refRaw, refTook, refTime:
		return "", nil, false
	case refLevel:
		return t.name, t.levels(), t.op != OpGlob && t.op != OpRegex && t.op != OpExists
	}
	if t.op != OpIs {
		return "", nil, false
	}
	// 500.0 equals 500 here, which a vendor need not know.
	if t.lo.kind == bNum && t.lo.plain && strconv.FormatFloat(t.lo.num, 'f', -1, 64) != t.text {
		return "", nil, false
	}
	return t.name, []string{t.text}, true
}

// levels returns the names of the levels that a condition on the level keeps.
func (t *term) levels() (names []string) {
	for l := logs.LevelTrace; l <= logs.LevelCritical; l++ {
		if t.op != OpGlob && t.op != OpRegex && t.test(&value{kind: vLevel, level: l}) {
			names = append(names, l.String())
		}
	}
	return names
}

// outcomesOf returns the outcomes that values of succeeded stand for.
func outcomesOf(values []string) (out []string) {
	for _, v := range values {
		if v == "true" {
			out = append(out, logs.OutcomeSucceeded.String())
		} else {
			out = append(out, logs.OutcomeFailed.String(), logs.OutcomeRejected.String())
		}
	}
	return out
}
