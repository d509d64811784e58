package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
)

func TestID(t *testing.T) {
	for _, own := range []string{"44c168ce", "6f9619ff-8b86-d011", "a_b.c", strings.Repeat("a", 64)} {
		if got := ID(own, "other"); got != own {
			t.Errorf("%q became %q", own, got)
		}
	}
	for _, own := range []string{"", "a/b", "a b", "a~2", "é", ".", "..", "a?", "a#", strings.Repeat("a", 65)} {
		got := ID(own, "x")
		if len(got) != 32 || !plainID(got) || got != ID(own, "x") || got == ID(own, "y") {
			t.Errorf("%q became %q", own, got)
		}
	}
	if ID("", "ab", "c") == ID("", "a", "bc") || ID("", "a") == ID("", "a", "") {
		t.Error("parts that join to the same text have one id")
	}
}

func TestDistinct(t *testing.T) {
	for _, c := range []struct {
		newestFirst bool
		want        []string
	}{
		{true, []string{"a~3", "b", "a~2", "a"}},
		{false, []string{"a", "b", "a~2", "a~3"}},
	} {
		entries := []logs.Entry{{ID: "a"}, {ID: "b"}, {ID: "a"}, {ID: "a"}}
		Distinct(entries, c.newestFirst)
		var got []string
		for _, e := range entries {
			got = append(got, e.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("newest first %v: %v, want %v", c.newestFirst, got, c.want)
		}
	}
}
