package algolia

import (
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

func TestSpellIndex_AsThePickListHasIt(t *testing.T) {
	a := &application{}
	names := []string{"Products", "news", "NEWS", "a, b"}
	for _, known := range []bool{false, true} {
		if known {
			a.known.Store(&names)
		}
		for in, want := range map[string]string{"Products": "Products", "news": "news", "gone": "gone", "": "-", "a, b": "-", "ab**": "-"} {
			if got, ok := a.spellIndex(in); got != want && (ok || want != "-") {
				t.Errorf("known %v: %q became %q", known, in, got)
			}
		}
	}
	if got, ok := a.spellIndex("pRoducts"); got != "Products" || !ok {
		t.Errorf("%q", got)
	}
	if got, ok := a.spellIndex("News"); ok {
		t.Errorf("one of two indices was taken: %q", got)
	}
}

func TestLogsQuery_PathIsTheIndex(t *testing.T) {
	index := query.Term{Field: "index", Op: query.OpIs, Values: []string{"a"}}
	kind := query.Term{Field: "type", Op: query.OpIs, Values: []string{"build"}}
	q, told, err := logsQuery(driver.Read{Path: []string{"indices", "b"}, Limit: 5, Offset: 7, Terms: []query.Term{index, kind}})
	if want := "indexName=b&length=5&offset=7&type=build"; err != nil || q.Encode() != want || told != "build" {
		t.Errorf("%s %q %v, want %s", q.Encode(), told, err, want)
	}
	if _, _, err := logsQuery(driver.Read{Path: []string{"x"}, Limit: 5}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
}
