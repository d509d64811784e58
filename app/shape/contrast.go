package shape

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Feature is something that is true of a call: a parameter's value, or something
// about it in words.
type Feature struct {
	Name  string // "hitsPerPage", "filters", "query"
	Value string
	About bool // Value says something of the call in words, as "given" or "2 words", and is no value
	Other bool // it is no parameter: the client, the address, the status, the hits
}

// given is the value of the feature that a parameter is there at all.
const given = "given"

// maxValue bounds the value of a feature, in bytes.
const maxValue = 200

// Features returns what is true of a call, each once.
func (c *Call) Features() []Feature {
	var out []Feature
	add := func(f Feature) {
		if f.Value == "" {
			return
		}
		if len(f.Value) > maxValue {
			f.Value = strings.ToValidUTF8(f.Value[:maxValue], "") + "…"
		}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for i := range c.Queries {
		for _, p := range c.Queries[i].Params {
			p.features(add)
		}
	}
	about := func(name, value string, words bool) { add(Feature{name, value, words, true}) }
	if c.Cut {
		about("body", "cut by Algolia", true)
	}
	if c.Counted {
		about("hits", magnitude(c.Hits), true)
	}
	if c.Status > 0 {
		about("answer_code", strconv.Itoa(c.Status), false)
	}
	about("client", c.Agent, false)
	about("ip", c.IP, false)
	return out
}

func (p *Param) features(add func(Feature)) {
	value := strings.TrimSpace(p.Value)
	switch {
	case p.Name == "query":
		n := len(strings.Fields(value))
		words := "empty"
		if n == 1 {
			words = "1 word"
		} else if n > 1 {
			words = strconv.Itoa(min(n, 5)) + " words"
		}
		if n > 4 {
			words = "5 words and more"
		}
		add(Feature{Name: "query", Value: words, About: true})
		if n > 0 && !p.Cut {
			add(Feature{Name: "query", Value: value})
		}
		return
	case p.Name == "" || value == "" || value == "null":
		return
	}
	add(Feature{Name: p.Name, Value: given, About: true})
	if p.Cut {
		return
	}
	switch {
	case isFilter(p.Name):
		for _, c := range Conditions(value) {
			add(Feature{Name: p.Name, Value: c.Attribute + ":" + c.Value})
			add(Feature{Name: p.Name, Value: "on " + c.Attribute, About: true})
		}
	case lists[p.Name]:
		add(Feature{Name: p.Name, Value: strings.Join(list(value), ",")})
	default:
		add(Feature{Name: p.Name, Value: value})
	}
}

// magnitude writes a count in powers of ten.
func magnitude(n int) string {
	switch {
	case n == 0:
		return "none"
	case n < 10:
		return "1 to 9"
	}
	low := 10
	for low < 1_000_000 && n >= 10*low {
		low *= 10
	}
	names := map[int]string{10: "10 to 99", 100: "100 to 999", 1000: "1,000 to 9,999", 10_000: "10,000 to 99,999", 100_000: "100,000 to 999,999", 1_000_000: "1,000,000 and more"}
	return names[low]
}

// maxFeatures bounds what is counted of different features. Beyond it new ones are
// passed over: what few calls have tells nothing.
const maxFeatures = 20_000

// Contrast counts what two sets of calls have, to say how they differ.
type Contrast struct {
	A, B   int // calls of each
	counts map[Feature]*[2]int
}

// NewContrast returns an empty contrast.
func NewContrast() *Contrast { return &Contrast{counts: map[Feature]*[2]int{}} }

// Add takes in a call of set A, or of set B.
func (x *Contrast) Add(c *Call, inA bool) {
	set := 1
	if inA {
		set = 0
		x.A++
	} else {
		x.B++
	}
	for _, f := range c.Features() {
		n := x.counts[f]
		if n == nil {
			if len(x.counts) >= maxFeatures {
				continue
			}
			f.Name, f.Value = strings.Clone(f.Name), strings.Clone(f.Value)
			n = new([2]int)
			x.counts[f] = n
		}
		n[set]++
	}
}

// Difference is a feature that one set has more often than the other.
type Difference struct {
	Feature
	A, B int // calls that have it
	z    float64
}

// What a difference needs to be told: a tenth of the calls, and less than about one in
// a hundred to come about by chance.
const (
	LeastPoints = 10
	leastZ      = 2.6
)

// Differences returns how the sets differ, what tells them apart best first, at most
// so many. A feature is told where its shares differ by LeastPoints percentage points
// and by more than chance explains, by the test of two proportions.
func (x *Contrast) Differences(most int) []Difference {
	if x.A == 0 || x.B == 0 {
		return nil
	}
	var out []Difference
	a, b := float64(x.A), float64(x.B)
	for f, n := range x.counts {
		pa, pb := float64(n[0])/a, float64(n[1])/b
		both := float64(n[0]+n[1]) / (a + b)
		if 100*math.Abs(pa-pb) < LeastPoints || both == 0 || both == 1 {
			continue
		}
		if z := (pa - pb) / math.Sqrt(both*(1-both)*(1/a+1/b)); math.Abs(z) >= leastZ {
			out = append(out, Difference{f, n[0], n[1], z})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		p, q := &out[i], &out[j]
		return cmp.Or(cmp.Compare(math.Abs(q.z), math.Abs(p.z)), btoi(p.Other)-btoi(q.Other), btoi(p.About)-btoi(q.About), cmp.Compare(p.Name, q.Name), cmp.Compare(p.Value, q.Value)) < 0
	})
	kept := out[:0:0]
	for _, d := range out {
		if !d.About || !said(out, d) {
			kept = append(kept, d)
		}
	}
	out = kept
	return out[:min(most, len(out))]
}

// said reports whether a value of the parameter tells the sets apart just as well as
// what d says in words.
func said(all []Difference, d Difference) bool {
	for _, e := range all {
		if !e.About && e.Name == d.Name && e.A == d.A && e.B == d.B {
			return true
		}
	}
	return false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
