package deepset

import (
	"testing"

	"github.com/logpane/logpane/app/query"
)

func TestOData_QuotesAreDoubled(t *testing.T) {
	is := func(v string) query.Term { return query.Term{Field: "level", Op: query.OpIs, Values: []string{v}} }
	for want, terms := range map[string][]query.Term{
		"":                                      nil,
		"level eq 'error'":                      {is("error")},
		"level eq 'a''b'''":                     {is("a'b'")},
		"level eq 'error' and level eq 'other'": {is("error"), is("other")},
	} {
		if got := odata(terms); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
