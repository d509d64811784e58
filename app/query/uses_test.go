package query

import (
	"slices"
	"testing"
)

func TestClauseNames_EachOnceAndCanonical(t *testing.T) {
	q := parse(t, `word (status:500 OR Severity:error OR STATUS:404) -(errorCode:x ep.error_detail:y "text") my_field:*`)
	var got [][]string
	for _, c := range q.Clauses() {
		got = append(got, c.Names())
	}
	want := [][]string{nil, {"status", "level"}, {"error_code", "ep.error_detail"}, {"my_field"}}
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("%q, want %q", got, want)
	}
	if names := (Clause{}).Names(); names != nil {
		t.Errorf("the zero clause asks about %v", names)
	}
}

func TestNames_PathsSynonymsAndNeighbours(t *testing.T) {
	for name, want := range map[string]bool{"ep.error_detail": true, "raw.a": true, "status": false, "dd.trace_id": false} {
		if IsPath(name) != want {
			t.Errorf("%s is a path: %v", name, !want)
		}
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{{"errorCode", "error_code", true}, {"severity", "level", true}, {"msg", "summary", true}, {"a_b", "AB", true}, {"job", "item", false}, {"ep.a", "coveo.a", false}, {"ep.a", "elasticpath.A", true}} {
		if SameName(c.a, c.b) != c.same {
			t.Errorf("%s and %s are the same: %v", c.a, c.b, !c.same)
		}
	}
	names := []string{"status", "stage", "source", "job"}
	for name, want := range map[string]string{"satus": "status", "STAGES": "stage", "sorce": "source", "jbo": "job", "elsewhere": "", "x": ""} {
		if got := Near(name, names); got != want {
			t.Errorf("near %s: %q, want %q", name, got, want)
		}
	}
}
