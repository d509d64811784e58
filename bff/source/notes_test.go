package source

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

func TestNotes_OnNamesThatNothingHas(t *testing.T) {
	strict := newSieve(driver.ByOffset, 40)
	loose := filled(driver.ByOffset, "newest", 40, time.Second)
	open := loose.open(t, "Loose")
	open.Source.vendor.OpenNames = true
	none := Ask{Target: logs.Target{Vendor: "x", Region: "y", Account: "z"}}
	for _, c := range []struct {
		asks  []Ask
		query string
		want  []string
	}{
		{[]Ask{strict.open(t)}, "kind:rare id:row* vendor:sieve ep.nope:x summary:n1 message:n1 word", nil},
		{[]Ask{strict.open(t)}, "knd:rare", []string{"knd>kind: no entry of Sieve has a field knd; did you mean kind?"}},
		{[]Ask{strict.open(t)}, "status:500 OR -(nope:x)", []string{"status>: no entry of Sieve has a field status", "nope>: no entry of Sieve has a field nope"}},
		{[]Ask{strict.open(t), open}, "kind:rare", nil},
		{[]Ask{open}, "nope:x", []string{"nope>: none of the entries of Loose read so far has a field nope"}},
		{[]Ask{strict.open(t), open}, "knd:x", []string{"knd>kind: none of the entries of Sieve or Loose read so far has a field knd; did you mean kind?"}},
		{[]Ask{none, strict.open(t)}, "nope:x", []string{"nope>: no entry of Sieve has a field nope"}},
	} {
		page := search(t, strict.searcher(), Request{Asks: c.asks, Query: mustQuery(t, c.query), Limit: 10})
		var got []string
		for _, n := range page.Notes {
			got = append(got, n.Name+">"+n.Near+": "+n.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.query, got, c.want)
		}
	}
}

func TestNotes_OpenVendorProvesANameByAnEntry(t *testing.T) {
	s := newSieve(driver.ByOffset, 40)
	ask := s.open(t)
	ask.Source.vendor.OpenNames, ask.Source.vendor.Names = true, nil
	if page := search(t, s.searcher(), Request{Asks: []Ask{ask}, Query: mustQuery(t, "KIND:elsewhere"), Limit: 10}); len(page.Notes) > 0 || len(page.Entries) > 0 {
		t.Errorf("%d entries, notes %+v", len(page.Entries), page.Notes)
	}
}

// letters is a sieve whose vendor compares kinds letter by letter, and where only
// it knows them.
type letters struct {
	*sieve
	told bool
}

func (l letters) Filters(path []string) []driver.Filter {
	f := l.sieve.Filters(path)
	f[0].Case, f[0].Told = !l.told, l.told
	f[0].Values = []string{"rare"}
	return f
}

func TestNotes_OnFiltersThatOnlyTheVendorCanDo(t *testing.T) {
	for _, c := range []struct {
		told  bool
		rows  int
		query string
		want  string
	}{
		{false, 0, "kind:rare", "Sieve compares kind letter by letter: write it as it stands there, upper and lower case included"},
		{false, 40, "kind:rare", ""},
		{false, 0, "-kind:rare", ""},
		{false, 0, "n3", ""},
		{true, 40, "kind:rare", ""},
		{true, 40, "-kind:rare", "Sieve alone knows kind, and tells one at a time: ask for kind:rare as a condition of its own"},
		{true, 40, "kind:rare kind:*", "Sieve alone knows kind, and tells one at a time: ask for kind:rare as a condition of its own"},
		{true, 40, "kind:other", "Sieve alone knows kind, and tells one at a time: ask for kind:rare as a condition of its own"},
	} {
		s := newSieve(driver.ByOffset, c.rows)
		ask := s.open(t)
		ask.Source.driver = letters{s, c.told}
		page := search(t, s.searcher(), Request{Asks: []Ask{ask}, Query: mustQuery(t, c.query), Limit: 100})
		got := ""
		for _, n := range page.Notes {
			got += n.Text
		}
		if got != c.want {
			t.Errorf("told %v, %d rows, %s: %q, want %q", c.told, c.rows, c.query, got, c.want)
		}
	}
}

// TestCurl_ShellReadsBackTheWords has a shell take the command line apart.
func TestCurl_ShellReadsBackTheWords(t *testing.T) {
	line := curl(driver.Request{
		Method: "POST", URL: "https://h/a?b='c'&$HOME=`id`", Body: "{\"a\":\"$TOKEN '\\\"\n$(id)\"}",
		Headers: [][2]string{{"Authorization", "Bearer $TOKEN"}, {"X-Odd", `$TOKEN'$HOME" \`}}, Secrets: []string{"$TOKEN"},
	})
	cmd := exec.Command("sh", "-c", `curl() { for w; do printf '%s\0' "$w"; done; }; `+line)
	cmd.Env = []string{"TOKEN=s3cret word", "HOME=/elsewhere", "PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s in %s", err, out, line)
	}
	want := []string{
		"-X", "POST", "-H", "Authorization: Bearer s3cret word", "-H", `X-Odd: s3cret word'$HOME" \`,
		"--data-raw", "{\"a\":\"$TOKEN '\\\"\n$(id)\"}", "https://h/a?b='c'&$HOME=`id`", "",
	}
	if got := strings.Split(string(out), "\x00"); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if line := curl(driver.Request{Method: "GET", URL: "http://[::1]:80/"}); line != "curl --globoff \\\n  'http://[::1]:80/'" {
		t.Errorf("%s", line)
	}
}
