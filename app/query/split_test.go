package query

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
)

func parse(tb testing.TB, s string) *Query {
	tb.Helper()
	q, err := Parse(s)
	if err != nil {
		tb.Fatalf("%s: %v", s, err)
	}
	return q
}

func TestSplit_TakesOnlyWhatIsExact(t *testing.T) {
	coveo := []Capability{
		{Field: "result", Ops: []Op{OpIs, OpIn, OpNot}, Values: []string{"COMPLETED", "ERROR", "REJECTED", "SKIPPED", "WARNING"}},
		{Field: "operation", Ops: []Op{OpIs, OpIn, OpNot}, Values: []string{"ADD", "DELETE"}},
		{Field: "item", Ops: []Op{OpIs, OpGlob}},
		{Field: "source", Ops: []Op{OpIs}, Spell: func(v string) (string, bool) { return "id-of-" + v, v != "unknown" }},
	}
	deepset := []Capability{{Field: "level", Ops: []Op{OpIs}, Values: []string{"info", "warning", "error"}}}
	several := []Capability{
		{Field: "level", Ops: []Op{OpIs, OpIn}, Values: []string{"debug", "trace", "info", "warning", "error", "critical"}},
		{Field: "outcome", Ops: []Op{OpIn}},
	}
	absent := []Capability{
		{Field: "level", Ops: []Op{OpIs, OpIn, OpNot}, Values: []string{"info", "warning", "error"}, Absent: []string{"trace", "debug", "critical"}},
	}
	needs := []Capability{
		{Field: "index", Ops: []Op{OpIs}},
		{Field: "job", Ops: []Op{OpIs}, Needs: []string{"index", "stage"}},
		{Field: "item", Ops: []Op{OpIs}, Needs: []string{"job"}},
	}
	algolia := []Capability{{Field: "index", Ops: []Op{OpIs}}, {Field: "status", Ops: []Op{OpIs, OpNot}}}
	for _, c := range []struct {
		caps              []Capability
		query, want, rest string
	}{
		{coveo, "", "", ""},
		{coveo, "result:error", "result is ERROR", ""},
		{coveo, "result:(error OR Rejected) timeout", "result in ERROR|REJECTED", "timeout"},
		{coveo, "result:error OR result:warning", "result in ERROR|WARNING", ""},
		{coveo, "result:error OR operation:add", "", "result:error OR operation:add"},
		{coveo, "result:(error OR NEW_RESULT)", "", "result:(error OR NEW_RESULT)"},
		{coveo, "-result:completed", "result not COMPLETED", ""},
		{coveo, "-result:completed -result:skipped", "result not COMPLETED|SKIPPED", ""},
		{coveo, "-result:(completed OR skipped)", "result not COMPLETED|SKIPPED", ""},
		{coveo, "-result:skipped result:error", "result is ERROR", "-result:skipped"},
		{coveo, "result:error result:warning", "result is ERROR", "result:warning"},
		{coveo, "result:err*", "", "result:err*"},
		{coveo, "-(result:error operation:add)", "", "-(result:error operation:add)"},
		{coveo, "(result:error operation:add) x", "result is ERROR; operation is ADD", "x"},
		{coveo, "item:https://a/*", "item glob https://a/*", ""},
		{coveo, `item:https\:\/\/a\?b*`, "", `item:https\:/\/a\?b*`},
		{coveo, `item:"https://a/b?c"`, "item is https://a/b?c", ""},
		{coveo, "-item:https://a/*", "", "-item:https://a/*"},
		{coveo, "item:(a OR b)", "", "item:(a OR b)"},
		{coveo, "source:news", "source is id-of-news", ""},
		{coveo, "source:unknown", "", "source:unknown"},
		{deepset, "level:error", "level is error", ""},
		{deepset, "level:ERR", "level is error", ""},
		{deepset, "level:>=warning", "", "level:>=warning"},
		{deepset, "level:>error", "", "level:>error"},
		{deepset, "-level:error", "", "-level:error"},
		{several, "level:>=warning", "level in warning|error|critical", ""},
		{several, "level:[debug TO info]", "level in debug|info", ""},
		{several, "level:>critical", "", "level:>critical"},
		{several, "level:(>=error OR trace)", "level in error|critical|trace", ""},
		{several, "level:*", "", "level:*"},
		{several, "succeeded:false", "outcome in failed|rejected", ""},
		{several, "outcome:ok", "outcome in succeeded", ""},
		{several, "-outcome:ok", "", "-outcome:ok"},
		{algolia, "index:products took:>1s", "index is products", "took:>1s"},
		{algolia, "status:500.0", "", "status:500.0"},
		{algolia, "status:500", "status is 500", ""},
		{algolia, "-status:404 -status:403", "status not 404", "-status:403"},
		{algolia, "algolia.index:products", "", "algolia.index:products"},
		{algolia, "products", "", "products"},
		{absent, "level:>=warning", "level in warning|error", ""},
		{absent, "level:>=error", "level is error", ""},
		{absent, "level:critical", "", "level:critical"},
		{absent, "-level:>=warning", "level not warning|error", ""},
		{absent, "-level:debug", "", "-level:debug"},
		{needs, "job:7 index:a", "job is 7; index is a", ""},
		{needs, "job:7", "", "job:7"},
		{needs, "job:7 stage:a", "", "job:7 stage:a"},
		{needs, "job:7 -index:a", "", "job:7 -index:a"},
		{needs, "item:x job:7", "", "item:x job:7"},
		{needs, "item:x job:7 index:a", "item is x; job is 7; index is a", ""},
	} {
		vendor, rest := Split(parse(t, c.query), c.caps)
		var got []string
		for _, v := range vendor {
			got = append(got, fmt.Sprintf("%s %s %s", v.Field, v.Op, strings.Join(v.Values, "|")))
		}
		q := parse(t, c.query)
		d := Divide(q, c.caps)
		for i, cl := range q.Clauses() {
			if left := parse(t, c.rest).Clauses(); d.Taken[i] == slices.ContainsFunc(left, func(o Clause) bool { return o.String() == cl.String() }) {
				t.Errorf("%s: clause %s is taken: %v, of rest %s", c.query, cl, d.Taken[i], c.rest)
			}
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s: vendor %q, want %q", c.query, g, c.want)
		}
		if want := parse(t, c.rest).String(); rest.String() != want {
			t.Errorf("%s: rest %q, want %q", c.query, rest, want)
		}
	}
}

// grammar writes random filters over few names and values, so that clauses meet.
type grammar struct{ *rand.Rand }

func (g grammar) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g grammar) query(depth int) string {
	if depth == 0 || g.IntN(3) == 0 {
		return g.pick("", "", "", "-") + g.clause()
	}
	parts := make([]string, 1+g.IntN(4))
	for i := range parts {
		parts[i] = g.query(depth - 1)
	}
	return g.pick("", "", "-") + "(" + strings.Join(parts, g.pick(" ", " ", " AND ", " OR ")) + ")"
}

func (g grammar) clause() string {
	switch g.IntN(8) {
	case 0:
		return g.pick("alpha", "BETA", `"alpha b"`, "/al.ha/i", "be*a", "404")
	case 1:
		return "status" + g.pick(":", ":>=", ":<", "=", "!=") + g.pick("404", "500", "200", "404.0")
	case 2:
		return "level" + g.pick(":", ":>=", ":<") + g.pick("debug", "info", "warn", "error", "critical")
	case 3:
		return g.pick("succeeded:true", "succeeded:false", "outcome:failed", "outcome:*", "took:>1s", "status:[400 TO 499]")
	}
	return g.pick("result", "RESULT", "stage", "index", "error_code") + ":" +
		g.pick("alpha", "Beta", "GAMMA", "5", `"alpha b"`, "a*", "/^b/i", "*", "(alpha OR beta)", "(NOT alpha)", "(a* OR gamma OR 5)")
}

func (g grammar) entry() *logs.Entry {
	e := &logs.Entry{
		ID: "x", Status: []int{0, 200, 404, 500}[g.IntN(4)], Level: logs.Level(g.IntN(7)), Outcome: logs.Outcome(g.IntN(6)),
		Summary: g.pick("", "Alpha b", "beta"), HasTook: g.IntN(2) == 0, Took: 1500e6,
	}
	for _, name := range []string{"result", "stage", "index", "error_code"} {
		if g.IntN(3) > 0 {
			e.Fields.Add(name, g.pick("alpha", "ALPHA", "beta", "gamma", "alpha b", "5", "other"))
		}
	}
	if g.IntN(4) == 0 {
		e.Fields.Add("hits", 5.0)
	}
	return e
}

func (g grammar) caps() (caps []Capability) {
	for _, c := range []Capability{
		{Field: "result", Values: []string{"ALPHA", "beta"}},
		{Field: "stage"},
		{Field: "index"},
		{Field: "errorCode", Values: []string{"Gamma", "5", "alpha b"}},
		{Field: "status"},
		{Field: "level", Values: []string{"info", "warning", "error", "critical"}},
		{Field: "outcome", Values: []string{"succeeded", "failed", "rejected"}},
	} {
		if c.Field == "stage" && g.IntN(3) == 0 {
			c.Needs = []string{"result", "index"}
		}
		for _, op := range []Op{OpIs, OpIn, OpNot, OpGlob} {
			if g.IntN(3) > 0 {
				c.Ops = append(c.Ops, op)
			}
		}
		if g.IntN(4) > 0 {
			caps = append(caps, c)
		}
	}
	return caps
}

// keeps is what a vendor does with a term, written without the package's code.
func (v Term) keeps(e *logs.Entry) bool {
	have := ""
	switch v.Field {
	case "status":
		if e.Status != 0 {
			have = strconv.Itoa(e.Status)
		}
	case "level":
		have = e.Level.String()
	case "outcome":
		have = e.Outcome.String()
	case "errorCode":
		have = e.Fields.Text("error_code")
	default:
		have = e.Fields.Text(v.Field)
	}
	hit := slices.ContainsFunc(v.Values, func(w string) bool { return have != "" && strings.EqualFold(w, have) })
	switch v.Op {
	case OpNot:
		return !hit
	case OpGlob:
		expr := strings.ReplaceAll(strings.ReplaceAll(regexp.QuoteMeta(v.Values[0]), `\*`, ".*"), `\?`, ".")
		return have != "" && regexp.MustCompile("(?is)^"+expr+"$").MatchString(have)
	}
	return hit
}

// checkSplit requires that vendor and rest together keep what the query keeps.
func checkSplit(tb testing.TB, q *Query, caps []Capability, entries []*logs.Entry) (pushed int) {
	tb.Helper()
	before := q.String()
	vendor, rest := Split(q, caps)
	seen := map[string]bool{}
	for _, v := range vendor {
		if seen[v.Field] {
			tb.Fatalf("%s: two terms for %s", q, v.Field)
		}
		seen[v.Field] = true
		if v.Field == "stage" {
			i := slices.IndexFunc(caps, func(c Capability) bool { return c.Field == "stage" })
			if needs := caps[i].Needs; needs != nil && !slices.ContainsFunc(vendor, func(o Term) bool { return slices.Contains(needs, o.Field) }) {
				tb.Fatalf("%s: stage went without %v", q, needs)
			}
		}
		i := slices.IndexFunc(caps, func(c Capability) bool { return c.Field == v.Field })
		if i < 0 || !slices.Contains(caps[i].Ops, v.Op) || v.Op == OpNot && len(v.Values) > 1 && !slices.Contains(caps[i].Ops, OpIn) {
			tb.Fatalf("%s: term %v is beyond the capability", q, v)
		}
		for _, w := range v.Values {
			if caps[i].Values != nil && !slices.Contains(caps[i].Values, w) {
				tb.Fatalf("%s: value %q is not the vendor's", q, w)
			}
		}
	}
	for _, e := range entries {
		both := rest.Match(e)
		for _, v := range vendor {
			both = both && v.keeps(e)
		}
		if both != q.Match(e) {
			tb.Fatalf("%s → %v ∧ %s: %v for %+v", q, vendor, rest, both, e)
		}
	}
	if q.String() != before {
		tb.Fatalf("Split changed %s to %s", before, q)
	}
	return len(vendor)
}

func TestSplit_VendorAndRestAreTheQuery(t *testing.T) {
	g := grammar{rand.New(rand.NewPCG(1, 2))}
	entries := make([]*logs.Entry, 60)
	for i := range entries {
		entries[i] = g.entry()
	}
	pushed := 0
	for range 4000 {
		pushed += checkSplit(t, parse(t, g.query(3)), g.caps(), entries)
	}
	if pushed < 500 {
		t.Errorf("only %d terms went to the vendor: the test shows little", pushed)
	}
}
