package simulate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "é 契 \u2028 <b>&", "\xff\xfe", "a\xc3", "\xed\xa0\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString([]byte("["), s)
		var got []string
		if err := json.Unmarshal(append(b, ']'), &got); err != nil {
			t.Fatalf("%q: %s: %v", s, b, err)
		}
		want := string([]rune(s)) // every byte that is not UTF-8 becomes U+FFFD
		if got[0] != want {
			t.Errorf("%q became %q, want %q", s, got[0], want)
		}
	})
}

func FuzzODataFilter(f *testing.F) {
	for _, s := range []string{"", "level eq 'error'", "level eq 'it''s' and origin eq ''", "level eq 'a' AND level eq 'b'", "level eq '", "eq eq eq", "level eq ''''"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseODataFilter(s)
		if err != nil || got.none {
			return
		}
		var parts []string
		for field, value := range map[string]*string{"level": got.level, "origin": got.origin} {
			if value != nil {
				parts = append(parts, fmt.Sprintf("%s eq '%s'", field, strings.ReplaceAll(*value, "'", "''")))
			}
		}
		again, err := parseODataFilter(strings.Join(parts, " and "))
		same := func(a, b *string) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
		if err != nil || !same(got.level, again.level) || !same(got.origin, again.origin) {
			t.Errorf("%q is not stable: %v", s, err)
		}
	})
}

func FuzzCoveoBody(f *testing.F) {
	for _, s := range []string{"{}", `{"tasks":["CONSUMING"]}`, `{"sourceIds":[]}`, "[]", "null", `{"tasks":null}`, `{"a":1}{`, `{"tasks":[1]}`} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, body string, lenient bool) {
		var filter coveoFilter
		err := filter.decode([]byte(body), lenient)
		if err == nil && !strings.HasPrefix(strings.TrimSpace(body), "{") {
			t.Errorf("%q is taken for an object", body)
		}
		filter.match(&record{kind: "CONSUMING"})
	})
}

func TestWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, uri string
		want         bool
	}{
		{"*", "https://a/b?c", true},
		{"https://*/b*", "https://a/x/b?c", true},
		{"https://a/b?c", "https://a/bXc", true},
		{"https://a/b?c", "https://a/b/c", true},
		{"https://a/b?c", "https://a/bc", false},
		{"a[bc]", "ab", false},
		{"a[bc]", "a[bc]", true},
		{`a\b*`, `a\b/c`, true},
		{"a", "ab", false},
		{"é?", "éü", true},
	} {
		if got := wildcard(c.pattern, c.uri); got != c.want {
			t.Errorf("%q on %q: %t", c.pattern, c.uri, got)
		}
	}
}

func TestCutRunes(t *testing.T) {
	for s, want := range map[string]string{"": "", "abc": "abc", "abcd": "abc", "éèê": "éèê", "éèêë": "éèê"} {
		if got := cutRunes(s, 3); got != want || !utf8.ValidString(got) {
			t.Errorf("%q cut to %q", s, got)
		}
	}
}

func TestStores_ForgetTheOldestBeyondTheirCap(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{Entries: 200})
	g.sim.stores["elasticpath"].(*elasticpath).max = 240
	g.sim.stores["deepset"].(*deepset).max = 150
	g.sim.stores["coveo"].(*coveo).max = 300
	newest := func(vendor string) string {
		list := g.sim.Entries(vendor)
		if vendor == "deepset" {
			return string(list[0])
		}
		return string(list[len(list)-1])
	}
	for range 30 {
		for _, vendor := range []string{"elasticpath", "deepset", "coveo"} {
			g.sim.AppendStory(vendor, 100)
		}
	}
	before := newest("elasticpath")
	all := g.walk(elasticLogs)
	if len(all) > 240 || len(all) < 200 || !strings.Contains(before, all[len(all)-1].ID) {
		t.Errorf("%d logs kept", len(all))
	}
	sum := 0
	for _, one := range elasticIntegrations {
		part := g.walk("/elasticpath/v2/integrations/" + one.id + "/logs")
		sum += len(part)
		for _, l := range part {
			if !slices.ContainsFunc(all, func(a elasticLog) bool { return a.ID == l.ID }) {
				t.Fatalf("%s is shown for its integration only", l.ID)
			}
		}
	}
	if sum != len(all) {
		t.Errorf("%d logs by integration, %d in all", sum, len(all))
	}
	d := g.as("Authorization", "Bearer "+DeepsetKey)
	rows := d.deepsetWalk(ragProd)
	if total := *d.deepset(ragProd).Total; total > 150 || total < 100 || len(rows) != total {
		t.Errorf("total %d, %d rows", total, len(rows))
	}
	if n := len(g.sim.Entries("coveo")); n > 300+1024 {
		t.Errorf("coveo keeps %d", n)
	}
}
