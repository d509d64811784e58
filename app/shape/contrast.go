package shape

import (
	"math"
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
	var out features
	for i := range c.Queries {
		params := c.Queries[i].Params
		for k := range params {
			out.of(&params[k])
		}
	}
	if c.Cut {
		out.add("body", "cut by Algolia", true, true)
	}
	if c.Counted {
		out.add("hits", magnitude(c.Hits), true, true)
	}
	if c.Status > 0 {
		out.add("answer_code", strconv.Itoa(c.Status), false, true)
	}
	out.add("client", c.Agent, false, true)
	out.add("ip", c.IP, false, true)
	return out
}

// features are gathered one by one.
type features []Feature

// add adds a feature that is not there yet; none for the value "".
func (fs *features) add(name, value string, about, other bool) {
	if value == "" {
		return
	}
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "") + "…"
	}
	f := Feature{name, value, about, other}
	for i := range *fs {
		if (*fs)[i] == f {
			return
		}
	}
	*fs = append(*fs, f)
}

// of adds what a parameter says.
func (fs *features) of(p *Param) {
	value := strings.TrimSpace(p.Value)
	switch {
	case p.Name == "query":
		n := len(strings.Fields(value))
		words := "empty"
		switch {
		case n == 1:
			words = "1 word"
		case n > 4:
			words = "5 words and more"
		case n > 1:
			words = strconv.Itoa(n) + " words"
		}
		fs.add(p.Name, words, true, false)
		if p.Cut {
			value = ""
		}
		fs.add(p.Name, value, false, false)
		return
	case p.Name == "" || value == "" || value == "null":
		return
	}
	fs.add(p.Name, given, true, false)
	switch {
	case p.Cut:
	case isFilter(p.Name):
		conditions := Conditions(value)
		for i := range conditions {
			c := &conditions[i]
			fs.add(p.Name, c.Attribute+":"+c.Value, false, false)
			fs.add(p.Name, "on "+c.Attribute, true, false)
		}
	default:
		if lists[p.Name] {
			value = strings.Join(list(value), ",")
		}
		fs.add(p.Name, value, false, false)
	}
}

// magnitude writes a count in powers of ten.
func magnitude(n int) string {
	names := [...]string{"none", "1 to 9", "10 to 99", "100 to 999", "1,000 to 9,999", "10,000 to 99,999", "100,000 to 999,999", "1,000,000 and more"}
	digits := 0
	for ; n > 0 && digits < len(names)-1; n /= 10 {
		digits++
	}
	return names[digits]
}

// maxFeatures bounds what is counted of different features. Beyond it new ones are
// passed over: what few calls have tells nothing.
const maxFeatures = 20_000

// Contrast counts what two sets of calls have, to say how they differ.
type Contrast struct {
	A, B   int                    // calls of each
	counts map[string]*Difference // by what key says
}

// NewContrast returns an empty contrast.
func NewContrast() *Contrast { return &Contrast{counts: map[string]*Difference{}} }

// Add takes in a call of set A, or of set B.
func (x *Contrast) Add(c *Call, inA bool) {
	features := c.Features()
	for i := range features {
		f := &features[i]
		key := f.key()
		d := x.counts[key]
		if d == nil {
			if len(x.counts) >= maxFeatures {
				continue
			}
			d = &Difference{Feature: Feature{strings.Clone(f.Name), strings.Clone(f.Value), f.About, f.Other}}
			x.counts[key] = d
		}
		if inA {
			d.A++
		} else {
			d.B++
		}
	}
	if inA {
		x.A++
	} else {
		x.B++
	}
}

// key tells features apart.
func (f *Feature) key() string {
	return f.Name + "\x00" + f.Value + "\x00" + string(byte('0'+btoi(f.About)+2*btoi(f.Other)))
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
	for _, d := range x.counts {
		pa, pb := float64(d.A)/a, float64(d.B)/b
		both := float64(d.A+d.B) / (a + b)
		if 100*math.Abs(pa-pb) < LeastPoints || both == 0 || both == 1 {
			continue
		}
		if z := math.Abs((pa - pb) / math.Sqrt(both*(1-both)*(1/a+1/b))); z >= leastZ {
			d := *d
			d.z = z
			out = append(out, d)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		p, q := &out[i], &out[j]
		switch {
		case p.z != q.z:
			return p.z > q.z
		case p.Other != q.Other:
			return q.Other
		case p.About != q.About:
			return q.About
		case p.Name != q.Name:
			return p.Name < q.Name
		}
		return p.Value < q.Value
	})
	kept := out[:0:0]
	for i := range out {
		if d := &out[i]; !d.About || !said(out, d) {
			kept = append(kept, *d)
		}
	}
	out = kept
	return out[:min(most, len(out))]
}

// said reports whether a value of the parameter tells the sets apart just as well as
// what d says in words.
func said(all []Difference, d *Difference) bool {
	for i := range all {
		if e := &all[i]; !e.About && e.Name == d.Name && e.A == d.A && e.B == d.B {
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
