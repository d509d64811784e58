package elasticpath

import (
	"slices"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

func newStore(word string) *store {
	return &store{profile: profile{name: "x", title: "X", word: word}}
}

func TestFilters_NamesBecomeIDsWhereOneHasThem(t *testing.T) {
	s := newStore("integrations")
	if id, ok := s.integrationNamed("Orders"); ok {
		t.Errorf("nothing is known, and Orders is %q", id)
	}
	s.names.set(map[string]known{"Ab-1": {name: "Orders"}, "cd-2": {name: "Twice"}, "ef-3": {name: "twice"}, "a/b": {name: "Odd"}})
	for name, want := range map[string]string{"Orders": "Ab-1", "oRDERS": "Ab-1", "Twice": "", "gone": "", "Odd": ""} {
		if id, ok := s.integrationNamed(name); ok != (want != "") || ok && id != want {
			t.Errorf("%s: %q %v, want %q", name, id, ok, want)
		}
	}
	for in, want := range map[string]string{"AB-1": "Ab-1", "cd-2": "cd-2", "other": "other", "": "", "a/b": "", "../x": ""} {
		if id, ok := s.spellIntegration(in); ok != (want != "") || ok && id != want {
			t.Errorf("%s: %q %v, want %q", in, id, ok, want)
		}
	}
}

func TestLogsCall_PathsOfTargetsAndTerms(t *testing.T) {
	for _, word := range []string{"integrations", "events"} {
		s := newStore(word)
		is := func(field, value string) query.Term {
			return query.Term{Field: field, Op: query.OpIs, Values: []string{value}}
		}
		i, n, j := is("integration", "i"), is("integration_name", "n"), is("job", "j")
		for _, c := range []struct {
			path  []string
			terms []query.Term
			want  string
		}{
			{nil, nil, "v2/integrations/logs"},
			{nil, []query.Term{i}, "v2/integrations/i/logs"},
			{nil, []query.Term{n, i}, "v2/integrations/n/logs"},
			{nil, []query.Term{j, i}, "v2/integrations/i/jobs/j/logs"},
			{nil, []query.Term{j}, "v2/integrations/logs"},
			{[]string{word, "a"}, nil, "v2/integrations/a/logs"},
			{[]string{word, "a"}, []query.Term{j, i}, "v2/integrations/a/jobs/j/logs"},
			{[]string{word, "a", "jobs", "b"}, []query.Term{j, i}, "v2/integrations/a/jobs/b/logs"},
			{[]string{word, ""}, []query.Term{i}, "v2/integrations//logs"},
		} {
			path, _, _, err := s.logsCall(driver.Read{Path: c.path, Limit: 1, Terms: c.terms})
			if got := strings.Join(path, "/"); err != nil || got != c.want {
				t.Errorf("%v %v: %s %v, want %s", c.path, c.terms, got, err, c.want)
			}
		}
		for _, path := range [][]string{{"x"}, {"x", "y"}, {word, "a", "logs", "b"}, {word, "a", "jobs"}} {
			if _, _, _, err := s.logsCall(driver.Read{Path: path, Limit: 1}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v: %v", path, err)
			}
		}
		if f := s.Filters(slices.Repeat([]string{"x"}, 4)); f != nil {
			t.Errorf("a job can be filtered by %v", f)
		}
	}
}
