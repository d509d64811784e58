package query_test

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

func TestGrounded_SharesOfAnotherLimitAreWrittenOut(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit time.Duration
		want  string
	}{
		{"took:>80%limit", 30 * time.Second, "took:>24s"},
		{"TOOK:>=12.5%", 30 * time.Second, "took:>=3.75s"},
		{"-(took:<=12.5%limit OR x) y", 10500 * time.Millisecond, "-(took:<=1.3125s OR x) y"},
		{"took:[50%limit TO 100%limit]", 5 * time.Second, "took:[2.5s TO 5s]"},
		{"took:{1s TO 90%limit}", 90 * time.Second, "took:{1s TO 1m21s}"},
		{"took:>80%limit", 10 * time.Second, "took:>80%limit"},
		{"took:>80%limit", 0, "took:>80%limit"},
		{`"80%limit" took:>2s`, 30 * time.Second, `80%limit took:>2s`},
		{"", 30 * time.Second, ""},
	} {
		q, err := query.Options{Limit: c.limit}.Parse(c.in)
		if err != nil {
			continue
		}
		g := q.Grounded()
		if g.String() != c.want {
			t.Errorf("%s of %s: %s, want %s", c.in, c.limit, g, c.want)
		}
		// Whoever knows no limit keeps the same entries.
		plain, err := query.Parse(g.String())
		if err != nil {
			t.Fatal(err)
		}
		for took := time.Duration(0); took < 100*time.Second; took += 250 * time.Millisecond {
			e := logs.Entry{Took: took, HasTook: true, Summary: "x y"}
			if q.Match(&e) != plain.Match(&e) {
				t.Fatalf("%s of %s and %s differ at %s", c.in, c.limit, plain, took)
			}
		}
	}
	if g := (*query.Query)(nil).Grounded(); g.String() != "" {
		t.Error("nothing became", g)
	}
}

func TestShare_OfAClause(t *testing.T) {
	q, err := query.Options{Limit: 30 * time.Second}.Parse("-took:>80%limit took:>2s status:500 limit")
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range q.Clauses() {
		percent, limit, ok := c.Share()
		if ok != (i == 0) || ok && (percent != "80" || limit != 30*time.Second) {
			t.Errorf("%s: %s of %s, %t", c, percent, limit, ok)
		}
	}
}
