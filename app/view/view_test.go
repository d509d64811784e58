package view

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParse_ReadsEveryParameter(t *testing.T) {
	v, notices := Parse("/logs", "q=status:500+-index:a&src=algolia/eu/APP,coveo/us/org/sources/s1&from=now-15m&to=now&tz=Europe/Paris&cols=time,status&sort=ts&sel=abc&live=1&wrap=1&v=1")
	want := View{
		Src: []string{"algolia/eu/APP", "coveo/us/org/sources/s1"}, Query: "status:500 -index:a", From: "now-15m", To: "now",
		Zone: "Europe/Paris", Cols: []string{"time", "status"}, Sort: "ts", Sel: "abc", Live: true, Wrap: true,
	}
	if !reflect.DeepEqual(v, want) || len(notices) != 0 {
		t.Fatalf("got %+v, %v", v, notices)
	}
}

func TestURL_OrderDefaultsAndReadableEscapes(t *testing.T) {
	for _, c := range []struct {
		name string
		v    View
		want string
	}{
		{"zero", View{}, "/logs"},
		{"defaults", View{From: DefaultFrom, Sort: DefaultSort}, "/logs"},
		{"order", View{Wrap: true, Query: "a", Src: []string{"x/y/z"}, Sel: "k", From: "now-1h"}, "/logs?q=a&src=x/y/z&from=now-1h&sel=k&wrap=1"},
		{"readable", View{Query: "took:>2s index:* (a OR b)/x"}, "/logs?q=took:%3E2s+index:*+(a+OR+b)/x"},
		{"times", View{From: "2026-11-21T02:14:00Z", To: "2026-11-21T03:00:00+02:00"}, "/logs?from=2026-11-21T02:14:00Z&to=2026-11-21T03:00:00%2B02:00"},
		{"day rounding", View{From: "now-1d/d"}, "/logs?from=now-1d/d"},
		{"default with an end", View{From: DefaultFrom, To: "now-1h"}, "/logs?from=now-24h&to=now-1h"},
		{"last character that chats cut off", View{Query: "why?"}, "/logs?q=why%3F"},
		{"escaped segment", View{Src: []string{"deepset/eu/w/pipelines/my%20rag"}}, "/logs?src=deepset/eu/w/pipelines/my%2520rag"},
		{"ampersand and semicolon", View{Query: "a&b;c=d#e"}, "/logs?q=a%26b%3Bc=d%23e"},
		{"other path", View{Path: "/job/x"}, "/job/x"},
		{"path that names a host", View{Path: "//evil.example"}, "/logs"},
		{"unknown", View{Query: "a", Unknown: []Param{{"utm", "1"}}}, "/logs?q=a&utm=1"},
	} {
		if got := c.v.URL(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestParse_KeepsAndTellsWhatItDoesNotKnow(t *testing.T) {
	v, notices := Parse("/logs", "utm=x&q=a&live=maybe&q=b&sort=took+desc&v=9&src=nonsense")
	want := []Param{{"utm", "x"}, {"live", "maybe"}, {"q", "b"}, {"sort", "took desc"}, {"v", "9"}}
	if !reflect.DeepEqual(v.Unknown, want) {
		t.Fatalf("unknown %v, want %v", v.Unknown, want)
	}
	var told []string
	for _, n := range notices {
		told = append(told, n.Param)
	}
	if got := strings.Join(told, " "); got != "utm live q sort v src" {
		t.Fatalf("told of %q", got)
	}
	if v.Query != "a" || len(v.Src) != 1 {
		t.Fatalf("got %+v", v)
	}
	if again, _ := Parse("/logs", v.RawQuery()); !reflect.DeepEqual(again, v) {
		t.Fatalf("lost on the way: %+v\n%+v", v, again)
	}
}

func TestParse_ForgivesBadEscapes(t *testing.T) {
	v, _ := Parse("/logs", "q=100%25+of+50%+%zz%")
	if v.Query != "100% of 50% %zz%" {
		t.Fatalf("got %q", v.Query)
	}
}

func TestSort_AnyColumnEitherWay(t *testing.T) {
	for in, want := range map[string]struct {
		sort, column string
		least, told  bool
	}{
		"":             {"", ByTime, false, false},
		"-ts":          {"", ByTime, false, false},
		"-time":        {"", ByTime, false, false},
		"ts":           {"ts", ByTime, true, false},
		"time":         {"ts", ByTime, true, false},
		"-took":        {"-took", "took", false, false},
		"took":         {"took", "took", true, false},
		"-ep.a_b":      {"-ep.a_b", "ep.a_b", false, false},
		"--took":       {"", ByTime, false, true},
		"took,-status": {"", ByTime, false, true},
		"-":            {"", ByTime, false, true},
	} {
		v, notices := Parse("/logs", "sort="+in)
		if column, least := v.SortedBy(); v.Sort != want.sort || column != want.column || least != want.least {
			t.Errorf("sort=%s is %q, by %s %t", in, v.Sort, column, least)
		}
		if told := len(notices) == 1 && len(v.Unknown) == 1; told != want.told {
			t.Errorf("sort=%s: %v, %v", in, notices, v.Unknown)
		}
	}
	if got := (View{}).SortBy("took", false).URL(); got != "/logs?sort=-took" {
		t.Errorf("got %s", got)
	}
}

func TestSameSearch(t *testing.T) {
	a := View{Query: "a", Sel: "x", Wrap: true, Zone: "UTC"}
	if !a.SameSearch(View{Query: "a", From: DefaultFrom}) || a.SameSearch(View{Query: "b"}) || a.SameSearch(View{Query: "a", From: "now-1h"}) {
		t.Fatal("SameSearch looks at the wrong parts")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "q=a&q=b", "q=&q=b", "live=0&live=1", "from=now-24h&from=now-1h", "from=now-24h&to=", "src=a,b&src=b,,c", "sort=-ts&sort=ts",
		"v=1&v=2", "a&=b&;", "q=%zz%2", "cols=,&cols=a", "sel=a%00b&live=maybe", "from=now-24h&from=x&to=y", "src=%2C,%252C", "wrap=&wrap=1", "%71=x", "q=.", "q=a;b",
		"sort=-took&cols=time,status,ep.error_detail,summary", "sort=--took", "sort=time", "sort=-time&sort=ts", "sort=-", "sort=-1", "sort=-\xff", "cols=%2Ctime,,time",
		"from=2026-11-21T02:14:00.5Z&to=2026-11-21T02:15:00Z&q=status:>=500+-index:foo+%22a+b%22", "src=a&src=b&utm=1&utm=2",
	} {
		f.Add("/logs", s)
	}
	f.Add("//h", "q=a")
	f.Add("/job/elasticpath/eu/shop/a/b", "pick=a&pick=b&pick=c")
	f.Add("/ep/jobs/a%2Fb/c", "uri=https://x/?a%26b&pick=a,b")
	f.Add("/a%2Fb?c", "q=a")
	f.Add("/e/algolia/eu/APP/a%252Fb", "t=2026-11-21T02:14:00Z&tz=UTC")
	f.Add("/e/a,b/%2c/x", "t=1&t=2&sel=y")
	f.Add("/e/", "t=1")
	f.Fuzz(func(t *testing.T, path, raw string) {
		v, _ := Parse(path, raw)
		link := v.URL()
		u, err := url.Parse(link)
		if err != nil {
			t.Fatalf("%q is no address: %v", link, err)
		}
		if u.Host != "" || u.Fragment != "" || u.Scheme != "" {
			t.Fatalf("%q leaves the site", link)
		}
		if _, err := url.ParseQuery(u.RawQuery); err != nil {
			t.Fatalf("net/url does not read %q: %v", link, err)
		}
		p, q, _ := strings.Cut(link, "?")
		again, _ := Parse(p, q)
		if !reflect.DeepEqual(again, v) {
			t.Fatalf("round trip by %q:\n%+v\n%+v", link, v, again)
		}
		if again.URL() != link {
			t.Fatalf("%q became %q", link, again.URL())
		}
		for part := range strings.SplitSeq(raw, "&") {
			name, value, _ := strings.Cut(part, "=")
			p := Param{unescape(name), unescape(value)}
			if known := slices.Contains(names, p.Name) || p.Name == "v" || p.Name == "pick" || p.Name == "t" && strings.HasPrefix(path, "/e/"); part != "" && !known && !slices.Contains(v.Unknown, p) {
				t.Fatalf("%q was dropped from %q: %+v", part, raw, v.Unknown)
			}
		}
		if column, least := v.SortedBy(); v.SortBy(column, least).URL() != link {
			t.Fatalf("sort %q is %s %t, which is written %q", v.Sort, column, least, v.SortBy(column, least).Sort)
		}
	})
}
