package diff

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// brief drops the words, which have tests of their own.
func brief(list []Change) []Change {
	out := make([]Change, len(list))
	for i, c := range list {
		out[i] = c
		out[i].Words = nil
	}
	return out
}

func TestJSON_ByPathNotByOrder(t *testing.T) {
	got, ok := JSON(`{"a":1, "b":{"x":[1,2,3],"y":null}, "gone":true, "q":"t"}`, `{"b":{"y":null,"x":[1,3,4]},"new":{"k":[]},"a":"1","q":"t"}`)
	want := []Change{
		{Path: "b.y", Op: Same, Old: "null", New: "null"},
		{Path: "b.x[0]", Op: Same, Old: "1", New: "1"},
		{Path: "b.x[1]", Op: Gone, Old: "2"},
		{Path: "b.x[1]", Op: Same, Old: "3", New: "3"},
		{Path: "b.x[2]", Op: New, New: "4"},
		{Path: "new", Op: New, New: `{"k":[]}`},
		{Path: "a", Op: Changed, Old: "1", New: `"1"`},
		{Path: "gone", Op: Gone, Old: "true"},
		{Path: "q", Op: Same, Old: "t", New: "t"},
	}
	if !ok || !reflect.DeepEqual(brief(got), want) {
		t.Errorf("%v\n got %+v\nwant %+v", ok, brief(got), want)
	}
}

func TestJSON_OpensWhatStringsHold(t *testing.T) {
	a := `{"query_body":"{\"requests\":[{\"indexName\":\"shoes\",\"params\":\"query=red+shoe&hitsPerPage=20&facets=%5B%5D\"}],\"strategy\":\"no","url":"/1/indexes/shoes/query?x=1&y=2","h":"Host: a\nAccept: b"}`
	b := `{"query_body":"{\"requests\":[{\"indexName\":\"shoes\",\"params\":\"query=blue+shoe&hitsPerPage=20\"}],\"strategy\":\"none\"}","url":"/1/indexes/hats/query?x=1&y=3","h":"Host: a\nAccept: c"}`
	got, ok := JSON(a, b)
	if !ok {
		t.Fatal("no JSON")
	}
	byPath := map[string]Change{}
	for _, c := range got {
		byPath[c.Path] = c
	}
	for path, want := range map[string]Change{
		"query_body.requests[0].params.query":       {Op: Changed, Old: "red shoe", New: "blue shoe"},
		"query_body.requests[0].params.hitsPerPage": {Op: Same, Old: "20", New: "20"},
		"query_body.requests[0].params.facets":      {Op: Gone, Old: "[]"},
		"query_body.strategy":                       {Op: Changed, Old: "no", New: "none", Cut: true},
		"url.?":                                     {Op: Changed, Old: "/1/indexes/shoes/query", New: "/1/indexes/hats/query"},
		"url.x":                                     {Op: Same, Old: "1", New: "1"},
		"url.y":                                     {Op: Changed, Old: "2", New: "3"},
		"h.Accept":                                  {Op: Changed, Old: "b", New: "c"},
	} {
		c := byPath[path]
		c.Path, c.Words = "", nil
		if !reflect.DeepEqual(c, want) {
			t.Errorf("%s: %+v, want %+v", path, c, want)
		}
	}
	if w := byPath["query_body.requests[0].params.query"].Words; !reflect.DeepEqual(w, []Run{{Gone, "red"}, {New, "blue"}, {Same, " shoe"}}) {
		t.Errorf("words: %v", w)
	}
}

func TestJSON_OpensAQueryStringOfOnePairBesideALongerOne(t *testing.T) {
	got, _ := JSON(`{"p":"query=a&hitsPerPage=2"}`, `{"p":"query=b"}`)
	want := []Change{{Path: "p.query", Op: Changed, Old: "a", New: "b"}, {Path: "p.hitsPerPage", Op: Gone, Old: "2"}}
	if !reflect.DeepEqual(brief(got), want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, _ = JSON(`{"p":"1 + 1 = 2"}`, `{"p":"a=b&c=d"}`); len(got) != 1 || got[0].Path != "p" {
		t.Errorf("a sentence is no query string: %+v", got)
	}
}

func TestJSON_OnlyOfObjectsAndArrays(t *testing.T) {
	for _, c := range [][2]string{{`"a"`, `"b"`}, {`{}`, `<html>`}, {``, `{}`}, {`{} tail`, `{}`}} {
		if got, ok := JSON(c[0], c[1]); ok {
			t.Errorf("%q and %q are compared: %v", c[0], c[1], got)
		}
	}
	if got, ok := JSON(`{}`, `[]`); !ok || len(got) != 1 || got[0].Op != Changed || got[0].Old != "{}" || got[0].New != "[]" {
		t.Errorf("another kind: %v, %+v", ok, got)
	}
}

func TestFields_ByName(t *testing.T) {
	got := Fields(logs.Fields{{Name: "index", Value: "shoes"}, {Name: "hits", Value: 4.0}, {Name: "old", Value: true}},
		logs.Fields{{Name: "hits", Value: 0.0}, {Name: "index", Value: "shoes"}, {Name: "ip", Value: "::1"}})
	want := []Change{
		{Path: "hits", Op: Changed, Old: "4", New: "0"},
		{Path: "index", Op: Same, Old: "shoes", New: "shoes"},
		{Path: "ip", Op: New, New: "::1"},
		{Path: "old", Op: Gone, Old: "true"},
	}
	sorted := append([]Change{}, got...)
	for i := range sorted {
		for j := i + 1; j < len(sorted); j++ {
			if sorted[j].Path < sorted[i].Path {
				sorted[i], sorted[j] = sorted[j], sorted[i]
			}
		}
	}
	if !reflect.DeepEqual(brief(sorted), want) {
		t.Errorf("%+v, want %+v", sorted, want)
	}
}

// leaves returns the scalar values of a JSON value by path, written apart from the
// package's own walk.
func leaves(path string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for k, kid := range v {
			p := k
			if path != "" {
				p = path + "." + k
			}
			leaves(p, kid, out)
		}
	default:
		enc, _ := json.Marshal(v)
		out[path] = string(enc)
	}
}

func TestJSON_OfRandomObjects_TellsExactlyWhatDiffers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var object func(depth int) map[string]any
	object = func(depth int) map[string]any {
		m := map[string]any{}
		for range 1 + rng.IntN(5) {
			k := string(rune('a' + rng.IntN(7)))
			if depth < 3 && rng.IntN(3) == 0 {
				m[k] = object(depth + 1)
			} else {
				m[k] = float64(rng.IntN(4))
			}
		}
		return m
	}
	for range 2000 {
		x, y := object(0), object(0)
		a, _ := json.Marshal(x)
		b, _ := json.MarshalIndent(y, " ", "\t")
		got, ok := JSON(string(a), string(b))
		if !ok {
			t.Fatalf("%s and %s are not compared", a, b)
		}
		left, right := map[string]string{}, map[string]string{}
		leaves("", x, left)
		leaves("", y, right)
		for _, c := range got {
			switch l, r := left[c.Path], right[c.Path]; {
			case c.Op == Same && (strings.HasPrefix(c.Old, "{") || l != "" && l == r):
			case c.Op == Changed && c.Old != c.New:
			case c.Op == Gone && c.New == "" && c.Old != "" && r == "":
			case c.Op == New && c.Old == "" && c.New != "" && l == "":
			default:
				t.Fatalf("%s and %s: %+v", a, b, c)
			}
		}
		under := func(path string) bool {
			for _, c := range got {
				if c.Path == path || strings.HasPrefix(path, c.Path+".") {
					return true
				}
			}
			return false
		}
		for path := range left {
			if !under(path) {
				t.Fatalf("%s and %s: nothing is told of %s", a, b, path)
			}
		}
		for path := range right {
			if !under(path) {
				t.Fatalf("%s and %s: nothing is told of %s", a, b, path)
			}
		}
	}
}

func TestJSON_OfAMegabyteEndsInTime(t *testing.T) {
	var a, b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&a, `,"k%d":"value %d of the first"`, i, i)
		fmt.Fprintf(&b, `,"k%d":"value %d of the second"`, 20_000-i, i)
	}
	start := time.Now()
	var longest time.Duration
	last, pauses := start, 0
	got, ok := JSONIn("{"+a.String()[1:]+"}", "{"+b.String()[1:]+"}", func() {
		longest, last = max(longest, time.Since(last)), time.Now()
		pauses++
	})
	if pauses < 50 || longest > time.Second {
		t.Errorf("%d pauses, the longest stretch between two took %v", pauses, longest)
	}
	if d := time.Since(start); !ok || len(got) != 20_001 || d > 5*time.Second {
		t.Errorf("%v, %d changes, %v", ok, len(got), d)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"{\"b\":1"}`, `{"a":"{\"b\":2}"}`)
	f.Add(`[1,[2]]`, `[[2],1]`)
	f.Add(`{"a":1,"a":2}`, `{"a":2,"a":1,"":3}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		list, ok := JSON(a, b)
		if !ok {
			return
		}
		for _, c := range list {
			if c.Op == Gone && c.New != "" || c.Op == New && c.Old != "" || c.Op == Same && c.Old != c.New {
				t.Fatalf("%q and %q: %+v", a, b, c)
			}
			if c.Words != nil {
				check(t, "value", c.Old, c.New, c.Words)
			}
		}
		if same, _ := JSON(a, a); len(same) > 1 || len(same) == 1 && same[0].Op != Same {
			t.Fatalf("%q differs from itself: %+v", a, same)
		}
	})
}
