package item_test

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
)

func TestParseList_Forms(t *testing.T) {
	for _, c := range []struct {
		name, text, form, column string
		repeated                 int
		items                    []string
	}{
		{"lines", "https://a/1\r\n\n  https://a/2  \nhttps://a/1\n", "lines", "", 1, []string{"https://a/1", "https://a/2"}},
		{"an address with a comma", "https://a/1?x=1,2\nhttps://a/2", "lines", "", 0, []string{"https://a/1?x=1,2", "https://a/2"}},
		{"one address with a comma", "https://a/1?x=1,2", "lines", "", 0, []string{"https://a/1?x=1,2"}},
		{"spaces inside", "file://server/my file.txt", "lines", "", 0, []string{"file://server/my file.txt"}},
		{"ids, no addresses", "sku-1\nsku-2", "lines", "", 0, []string{"sku-1", "sku-2"}},
		{"a header over one column", "URI\nhttps://a/1?x=1,2\n", "CSV", "URI", 0, []string{"https://a/1?x=1,2"}},
		{"a column by its name", "title,Item URI,n\n\"a, \"\"b\"\"\",https://a/1,2\n\"two\nlines\",https://a/2,3", "CSV", "Item URI", 0, []string{"https://a/1", "https://a/2"}},
		{"the first column under a name that says nothing", "what;n\nhttps://a/1;2", "CSV", "what", 0, []string{"https://a/1"}},
		{"no header", "https://a/1,one\nhttps://a/2,two\n", "CSV", "", 0, []string{"https://a/1", "https://a/2"}},
		{"no header, quoted", "\"https://a/1,2\"\n\"https://a/2\"\n", "CSV", "", 0, []string{"https://a/1,2", "https://a/2"}},
		{"tabs", "https://a/1\tone\nhttps://a/2\ttwo\n", "CSV", "", 0, []string{"https://a/1", "https://a/2"}},
		{"a byte order mark", "\ufeffuri,x\nhttps://a/1,2", "CSV", "uri", 0, []string{"https://a/1"}},
		{"a sitemap", `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>
 https://a/1?x=1&amp;y=&#50;&#x33; </loc></url><url><loc><![CDATA[https://a/2?a&b]]></loc><image:loc>https://a/p.png</image:loc></url></urlset>`,
			"sitemap", "", 0, []string{"https://a/1?x=1&y=23", "https://a/2?a&b"}},
		{"entities that are none", `<urlset><url><loc>https://a/?a&b;&#0;&#99999999;&bogus;</loc></url></urlset>`, "sitemap", "", 0, []string{"https://a/?a&b;&#0;&#99999999;&bogus;"}},
	} {
		l, err := item.ParseList(c.text)
		if err != nil || l.Form != c.form || l.Column != c.column || l.Repeated != c.repeated || !slices.Equal(l.Items, c.items) {
			t.Errorf("%s: %+v, %v", c.name, l, err)
		}
	}
}

func TestParseList_Refusals(t *testing.T) {
	var many strings.Builder
	for i := range item.MaxItems + 1 {
		fmt.Fprintf(&many, "https://a/%d\n", i)
	}
	for name, text := range map[string]string{
		"nothing": " \n\r\n ", "too many": many.String(), "an endless item": strings.Repeat("é", item.MaxItemBytes), "no UTF-8": "\xff",
		"an index": "<sitemapindex><sitemap><loc>https://a/s.xml</loc></sitemap></sitemapindex>", "an empty sitemap": "<urlset></urlset>",
		"too large": strings.Repeat("a", item.MaxListBytes+1),
	} {
		if l, err := item.ParseList(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
	}
	l, err := item.ParseList(strings.TrimSuffix(many.String(), fmt.Sprintf("https://a/%d\n", item.MaxItems)))
	if err != nil || len(l.Items) != item.MaxItems {
		t.Errorf("%d items: %v", len(l.Items), err)
	}
}

func TestAppendCSV_FormulasAreText(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", "=HYPERLINK(\"http://evil\",\"x\")"} {
		row, err := csv.NewReader(strings.NewReader(string(item.AppendCSV(nil, "a", cell)))).Read()
		if err != nil || len(row) != 2 || !strings.HasPrefix(row[1], "'") {
			t.Errorf("%q became %q, %v", cell, row, err)
		}
	}
	for _, cells := range [][]string{{"plain", "a,b"}, {`say "x"`, "two\nlines"}, {"", " padded "}, {"a;b", "é"}} {
		row, err := csv.NewReader(strings.NewReader(string(item.AppendCSV(nil, cells...)))).Read()
		if err != nil || !slices.Equal(row, cells) {
			t.Errorf("%q reads back as %q, %v", cells, row, err)
		}
	}
}

func FuzzParseList(f *testing.F) {
	for _, s := range []string{"https://a/1\nhttps://a/2", "uri,x\n\"a\"\"b\",2", `"never closed`, "<urlset><loc>&#x;</loc>", "a;b\n\"c;d\n", "<sitemapindex>", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := item.ParseList(text)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, it := range l.Items {
			if it == "" || it != strings.TrimSpace(it) || len(it) > item.MaxItemBytes || seen[it] || !utf8.ValidString(it) {
				t.Fatalf("%q gave the item %q", text, it)
			}
			seen[it] = true
		}
		if len(l.Items) == 0 || len(l.Items) > item.MaxItems {
			t.Fatalf("%q gave %d items", text, len(l.Items))
		}
		// What was read as items reads back as the same items.
		again, err := item.ParseList("uri\n" + strings.Join(quoted(l.Items), "\n"))
		if err != nil || !slices.Equal(again.Items, l.Items) {
			t.Fatalf("%q: %q, and again %q, %v", text, l.Items, again.Items, err)
		}
	})
}

func quoted(items []string) []string {
	var out []string
	for _, it := range items {
		out = append(out, `"`+strings.ReplaceAll(it, `"`, `""`)+`"`)
	}
	return out
}
