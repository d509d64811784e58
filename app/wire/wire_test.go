package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestProblem_EveryKindSurvivesTheWireWithoutItsCause(t *testing.T) {
	for _, k := range fault.Kinds() {
		in := fault.New(k, "op").Saying("do this").Quoting("vendor words").Because(errors.New("the cause"))
		in.RetryAfter, in.Column = 1500*time.Millisecond, 7
		b, err := json.Marshal(wire.ProblemOf(in, "req"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "the cause") {
			t.Errorf("%s: the cause leaves the server: %s", k, b)
		}
		var p wire.Problem
		if err := json.Unmarshal(b, &p); err != nil {
			t.Fatal(err)
		}
		out := p.Fault("there")
		if out.Kind != k || out.Msg != in.Msg || out.Said != in.Said || out.RetryAfter != in.RetryAfter || out.Column != 7 {
			t.Errorf("%s: became %+v", k, out)
		}
		if p.Title == "" || p.Status != k.Status() || p.RequestID != "req" {
			t.Errorf("%s: incomplete %s", k, b)
		}
	}
}

func TestAppendPage_ReadsBackAndKeepsRaw(t *testing.T) {
	in := wire.Page{
		Entries:  []logs.Entry{{ID: "a", Src: "s", Raw: json.RawMessage(`{ "x":1 }`)}, {ID: "b", Src: "s"}},
		Cursor:   "c",
		Coverage: []logs.Coverage{{Src: "s", State: logs.Capped, Reason: "no more"}},
		Plan:     []logs.Clause{}, Scanned: 9,
		Facets: []logs.Facet{{Src: "s", Field: "stage", Values: []logs.FacetValue{{Value: "a", Count: 2}}}},
		Notes:  []logs.Note{{Text: "t", Name: "n", Near: "m"}},
	}
	b, err := wire.AppendPage(nil, &in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"raw":{ "x":1 }`) {
		t.Errorf("raw was rewritten: %s", b)
	}
	var out wire.Page
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if len(out.Entries) != 2 || out.Entries[1].ID != "b" || out.Cursor != "c" || out.Coverage[0].State != logs.Capped || out.Scanned != 9 ||
		!reflect.DeepEqual(out.Facets, in.Facets) || !reflect.DeepEqual(out.Notes, in.Notes) {
		t.Errorf("reads back as %+v", out)
	}
	empty, err := wire.AppendPage(nil, &wire.Page{Coverage: []logs.Coverage{}, Plan: []logs.Clause{}})
	if err != nil || string(empty) != `{"entries":[],"coverage":[],"plan":[],"scanned":0}` {
		t.Errorf("an empty page: %s, %v", empty, err)
	}
}
