package view

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
)

func TestEntryURL_OpensWhatIsAroundWithTheEntryOpen(t *testing.T) {
	at := time.Date(2026, 11, 21, 2, 14, 7, 250e6, time.UTC)
	link := EntryURL("algolia/eu/APP", "9f2c", at, "Europe/Paris")
	if want := "/e/algolia/eu/APP/9f2c?t=2026-11-21T02:14:07.25Z&tz=Europe/Paris"; link != want {
		t.Fatalf("%s, want %s", link, want)
	}
	path, query, _ := strings.Cut(link, "?")
	v, notices := Parse(path, query)
	want := "/logs?src=algolia/eu/APP&from=2026-11-21T02:13:37Z&to=2026-11-21T02:14:38Z&tz=Europe/Paris&sel=9f2c"
	if got := v.URL(); got != want || len(notices) > 0 {
		t.Fatalf("%s %v, want %s", got, notices, want)
	}
	if got, ok := v.EntryTime(); !ok || got.Sub(at).Abs() > time.Second {
		t.Fatalf("the entry's time is %s %t", got, ok)
	}
}

func TestEntryURL_NothingToFindAgain(t *testing.T) {
	if got := EntryURL("algolia/eu/APP", "", time.Time{}, ""); got != "" {
		t.Fatal(got)
	}
}

func TestParse_EntryAddress(t *testing.T) {
	for _, c := range []struct {
		name, path, query, want, notice string
	}{
		{"no time", "/e/algolia/eu/APP/x", "", "/logs?src=algolia/eu/APP&from=all&sel=x", ""},
		{"no readable time", "/e/algolia/eu/APP/x", "t=soon", "/logs?src=algolia/eu/APP&from=all&sel=x", "is no time"},
		{"a time at the end of all", "/e/algolia/eu/APP/x", "t=9999-12-31T23:59:59Z", "/logs?src=algolia/eu/APP&from=all&sel=x", "is no time"},
		{"a target within an account", "/e/coveo/us/org/sources/s1/x.1", "t=2026-11-21T02:14:00Z", "/logs?src=coveo/us/org/sources/s1&from=2026-11-21T02:13:30Z&to=2026-11-21T02:14:30Z&sel=x.1", ""},
		{"escaped once, by hand", "/e/deepset/eu/w/pipelines/a%2Fb/x", "", "/logs?src=deepset/eu/w/pipelines/a%252Fb&from=all&sel=x", ""},
		{"a span of its own", "/e/algolia/eu/APP/x", "t=2026-11-21T02:14:00Z&from=now-1h", "/logs?src=algolia/eu/APP&from=now-1h&sel=x", ""},
		{"cut off by a chat", "/e/algolia", "", "/logs", "cut off"},
		{"cut off behind the account", "/e/algolia/eu/APP/", "", "/logs", "cut off"},
		{"t elsewhere", "/logs", "t=1", "/logs?t=1", "not known"},
	} {
		v, notices := Parse(c.path, c.query)
		if got := v.URL(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if said := len(notices) > 0 && strings.Contains(notices[0].Text, c.notice); said != (c.notice != "") {
			t.Errorf("%s: told %v", c.name, notices)
		}
	}
}

// FuzzEntryURL writes links to entries, sends them through what links go through,
// and reads them.
func FuzzEntryURL(f *testing.F) {
	for _, s := range [][3]string{
		{"APP", "", "9f2c"}, {"a/b", "c,d", "a/b"}, {"..", ".", ".."}, {"%2e", "%2F", "%2e%2e"}, {"x y", "ü", "a\\b?c#d"}, {"a.js", "b", "app.css"}, {"a//b", "/", "//"},
		{"a%", "%zz", "%"}, {"a", "b", "x."}, {"a", "b", "\x00\xff"}, {"*a*", "_b_", "(c)"}, {"a", "...", "a+b"},
	} {
		f.Add(s[0], s[1], s[2], int64(1763691240_123456789))
	}
	f.Fuzz(func(t *testing.T, account, below, id string, nanos int64) {
		target := logs.Target{Vendor: "algolia", Region: "eu", Account: account}
		if below != "" {
			target.Path = []string{"indices", below}
		}
		src := target.String()
		if _, err := logs.ParseTarget(src); err != nil || id == "" {
			return // nothing that a link is made of
		}
		at := time.Unix(0, nanos).UTC()
		link := EntryURL(src, id, at, "UTC")
		if end := link[strings.LastIndexByte(link, '/')+1:]; strings.ContainsAny(end[:strings.IndexByte(end, '?')], ".,:!()*") {
			t.Fatalf("%q has an end that chat programs cut off, or that looks like a file's", link)
		}
		// A server with Go's own rules for paths, which redirects what it would clean.
		u, err := url.Parse("http://logs.example" + link)
		if err != nil {
			t.Fatalf("%q is no address: %v", link, err)
		}
		u = u.ResolveReference(&url.URL{RawQuery: u.RawQuery}) // as browsers do, with "." and ".." taken out
		var path, query string
		mux := http.NewServeMux()
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { path, query = r.URL.EscapedPath(), r.URL.RawQuery })
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", u.String(), nil))
		if w.Code != http.StatusOK {
			t.Fatalf("%q answers %d to %s", link, w.Code, w.Header().Get("Location"))
		}
		// A proxy that reads the path and writes it anew, as it thinks right.
		plain, err := url.PathUnescape(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, (&url.URL{Path: plain}).EscapedPath()} {
			v, notices := Parse(path, query)
			if len(v.Src) != 1 || v.Src[0] != src || v.Sel != id || v.Zone != "UTC" || len(notices) > 0 {
				t.Fatalf("%q of %q %q became %+v %v", path, src, id, v, notices)
			}
			if got, ok := v.EntryTime(); !ok || got.Sub(at).Abs() > time.Second {
				t.Fatalf("%q of %s is around %s", link, at, got)
			}
		}
	})
}
