package decode

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzQueryString(f *testing.F) {
	f.Add("query=running+shoes&hitsPerPage=200&page=0&attributesToRetrieve=*&facets=%5B%22*%22%5D")
	f.Add("params=query%3Dshoes%26hitsPerPage%3D20")
	f.Add("/1/indexes/*/queries?x-algolia-api-key=0123456789abcdef0123456789abcdef&a=%zz&a=%ff")
	f.Add("a=1&a=2&&=&b")
	f.Fuzz(func(t *testing.T, s string) {
		pairs, more := Query(s)
		if len(pairs) > MaxPairs || more && len(pairs) != MaxPairs {
			t.Fatalf("%d pairs, more %v", len(pairs), more)
		}
		if !more {
			at := 0
			for part := range strings.SplitSeq(s, "&") {
				if part == "" {
					continue
				}
				name, value, _ := strings.Cut(part, "=")
				n, errName := url.QueryUnescape(name)
				v, errValue := url.QueryUnescape(value)
				p := pairs[at]
				at++
				if p.Broken && (p.Name != name || p.Value != value) {
					t.Fatalf("broken %q is not as it was written: %+v", part, p)
				}
				if !p.Broken && (errName != nil || errValue != nil || p.Name != n || p.Value != v) {
					t.Fatalf("%q is %+v, net/url says %q %q", part, p, n, v)
				}
			}
			if at != len(pairs) {
				t.Fatalf("%d pairs of %d parts", len(pairs), at)
			}
		}
		if p, ok := QueryString(s); ok && (len(p.Pairs) == 0 || !strings.HasPrefix(strings.TrimSpace(s), p.Base)) {
			t.Fatalf("%+v", p)
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("Host: c1-de-3.algolianet.com\nConnection: keep-alive\nx-algolia-api-key: 0123456789abcdef0123456789abcdef\nAccept-Language: fr,en;q=0.9\n")
	f.Add("POST /x HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\ncut-o")
	f.Add(`{"Host":"a","Set-Cookie":["b=1","c=2"],"Authorization":"Bearer 0123456789abcdef"}`)
	f.Fuzz(func(t *testing.T, s string) {
		pairs, ok := Headers(s)
		if ok && len(pairs) == 0 {
			t.Fatal("no headers, but said to be some")
		}
		for _, p := range pairs {
			if p.Name != "" && !isName(p.Name) {
				t.Fatalf("name %q", p.Name)
			}
		}
	})
}

func FuzzTrace(f *testing.F) {
	for _, c := range traces {
		f.Add(c.text)
	}
	f.Add(`[{"type":"TypeError","value":"x","trace":[{"filename":"/app/x.py","line_number":42,"name":"join"}]},{"type":"A","value":"holds x","trace":null}]`)
	f.Fuzz(func(t *testing.T, s string) {
		before, chain, ok := Libraries.Trace(s)
		if ok != (len(chain) > 0) || !strings.Contains(s, before) {
			t.Fatalf("%v with %d, before %q", ok, len(chain), before)
		}
		check := func(chain []Exception) {
			if len(chain) > maxExceptions+50 {
				t.Fatalf("%d exceptions", len(chain))
			}
			for i := range chain {
				n := 0
				for j, run := range chain[i].Runs() {
					n += len(run.Frames)
					if len(run.Frames) == 0 || j > 0 && run.Own == chain[i].Runs()[j-1].Own {
						t.Fatal("runs do not alternate")
					}
				}
				if n != len(chain[i].Frames) || n > maxFrames {
					t.Fatalf("%d frames in runs of %d", n, len(chain[i].Frames))
				}
				if f, ok := chain[i].Cause(); ok && !f.Own {
					t.Fatal("the cause is not own")
				}
			}
		}
		check(chain)
		for _, x := range chain {
			for _, f := range x.Frames {
				if !strings.Contains(s, f.File) || !strings.Contains(s, f.Name) || f.Line < 0 {
					t.Fatalf("frame %+v is not in the text", f)
				}
			}
		}
		if d, ok := JSON(s); ok {
			check(Libraries.Exceptions(&d.Root))
		}
		Visible(s)
		Component(s)
	})
}
