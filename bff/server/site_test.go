package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/logpane/logpane/static"
	"github.com/logpane/logpane/static/catalog"
)

const (
	wasmPath = "/assets/app.aa.wasm"
	cssPath  = "/assets/app.bb.css"
	wasmText = "the program, uncompressed"
)

// testSite is a build of three files: one in all forms, one in gzip and brotli
// only, one at a fixed path and uncompressed. The brotli form is a marker: the
// host must not look inside.
func testSite(tb testing.TB) *site {
	tb.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, wasmText)
	z.Close()
	c := catalog.Catalog{Shell: "shell.html", Version: "v1", Files: []catalog.Item{
		{Name: "app.css", Path: cssPath, Stem: "app.bb.css", Type: "text/css; charset=utf-8", Hash: "bb", Size: 3, Gzip: 2, Brotli: 1},
		{Name: "app.wasm", Path: wasmPath, Stem: "app.aa.wasm", Type: "application/wasm", Hash: "aa", Size: len(wasmText), Gzip: packed.Len(), Brotli: 1, NoRaw: true},
		{Name: "robots.txt", Path: "/robots.txt", Stem: "robots.txt", Type: "text/plain; charset=utf-8", Hash: "cc", Size: 4, Fixed: true},
	}}
	text, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{
		catalog.Name: string(text), "shell.html": "<!doctype html>the page",
		"app.bb.css": "raw", "app.bb.css.gz": "gz", "app.bb.css.br": "b",
		"app.aa.wasm.gz": packed.String(), "app.aa.wasm.br": "b",
		"robots.txt": "none",
	}
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	s, err := static.OpenFS(fsys)
	if err != nil {
		tb.Fatal(err)
	}
	return newSite(s)
}

func ask(h http.HandlerFunc, method, path string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h(w, r)
	return w
}

func TestServeAsset_PicksTheEncodingTheClientLikesBest(t *testing.T) {
	s := testSite(t)
	for _, c := range []struct{ accept, css, wasm string }{
		{"gzip, deflate, br, zstd", "br", "br"},
		{"br;q=0.5, gzip;q=0.8", "gzip", "gzip"},
		{"br;q=0, gzip", "gzip", "gzip"},
		{"GZIP ; Q=1.0", "gzip", "gzip"},
		{"x-gzip", "gzip", "gzip"},
		{"*", "br", "br"},
		{"*;q=0.1, br;q=0", "gzip", "gzip"},
		{"identity, br;q=0.5", "", ""},
		{"deflate", "", ""},
		{"identity;q=0", "", ""},
		{"br;q=nonsense, gzip;q=7", "", ""},
		{"br;q=NaN", "", ""},
		{"", "", ""},
	} {
		css := ask(s.serveAsset, "GET", cssPath, map[string]string{"Accept-Encoding": c.accept})
		if got := css.Header().Get("Content-Encoding"); got != c.css {
			t.Errorf("Accept-Encoding %q: styles come in %q, want %q", c.accept, got, c.css)
		}
		if want := map[string]string{"": "raw", "gzip": "gz", "br": "b"}[c.css]; css.Body.String() != want {
			t.Errorf("Accept-Encoding %q: styles are %q, want %q", c.accept, css.Body, want)
		}
		wasm := ask(s.serveAsset, "GET", wasmPath, map[string]string{"Accept-Encoding": c.accept})
		if got := wasm.Header().Get("Content-Encoding"); got != c.wasm {
			t.Errorf("Accept-Encoding %q: the program comes in %q, want %q", c.accept, got, c.wasm)
		}
		if c.wasm == "" && wasm.Body.String() != wasmText {
			t.Errorf("Accept-Encoding %q: the program is %q, want it unpacked", c.accept, wasm.Body)
		}
		for _, w := range []*httptest.ResponseRecorder{css, wasm} {
			if got, want := w.Header().Get("Content-Length"), strconv.Itoa(w.Body.Len()); w.Code != 200 || got != want {
				t.Errorf("Accept-Encoding %q: status %d, Content-Length %s, sent %s bytes", c.accept, w.Code, got, want)
			}
			if w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("Accept-Encoding %q: Vary is %q", c.accept, w.Header().Get("Vary"))
			}
		}
	}
}

func TestServeAsset_CachesByContent(t *testing.T) {
	s := testSite(t)
	const forEver = "public, max-age=31536000, immutable"
	br, gz := map[string]string{"Accept-Encoding": "br"}, map[string]string{"Accept-Encoding": "gzip"}
	first, second := ask(s.serveAsset, "GET", cssPath, br), ask(s.serveAsset, "GET", cssPath, gz)
	tag := first.Header().Get("ETag")
	if tag == "" || tag == second.Header().Get("ETag") {
		t.Fatalf("brotli and gzip have the tags %q and %q, want two", tag, second.Header().Get("ETag"))
	}
	if got := first.Header().Get("Cache-Control"); got != forEver {
		t.Errorf("a hashed path has Cache-Control %q, want %q", got, forEver)
	}
	if got := ask(s.serveAsset, "GET", "/robots.txt", nil).Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("a fixed path has Cache-Control %q, want no-cache", got)
	}
	for _, c := range []struct {
		field string
		base  map[string]string
		code  int
	}{
		{tag, br, 304}, {"W/" + tag, br, 304}, {`"x", ` + tag, br, 304}, {"*", br, 304},
		{tag, gz, 200}, {`"bb"`, br, 200}, {`"v1"`, br, 200}, {"", br, 200},
	} {
		header := maps.Clone(c.base)
		header["If-None-Match"] = c.field
		w := ask(s.serveAsset, "GET", cssPath, header)
		if w.Code != c.code || (c.code == 304) != (w.Body.Len() == 0) {
			t.Errorf("If-None-Match %s with %v: status %d and %d bytes, want %d", c.field, c.base, w.Code, w.Body.Len(), c.code)
		}
		if w.Header().Get("Vary") == "" || w.Header().Get("ETag") == "" || w.Header().Get("Cache-Control") != forEver {
			t.Errorf("If-None-Match %s: a %d answer lacks what a cache needs: %v", c.field, w.Code, w.Header())
		}
	}
	// A tag that is right elsewhere must not turn a missing path into 304.
	if w := ask(s.serveAsset, "GET", "/assets/none.css", map[string]string{"If-None-Match": "*"}); w.Code != 404 {
		t.Errorf("a missing path with If-None-Match: status %d, want 404", w.Code)
	}
}

func TestServeAsset_FindsNothingOutsideTheBuild(t *testing.T) {
	s := testSite(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/assets/", s.serveAsset)
	for name, h := range map[string]http.Handler{"bare": http.HandlerFunc(s.serveAsset), "mux": mux} {
		server := httptest.NewServer(h)
		defer server.Close()
		client := server.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, path := range []string{
			"/assets/", "/assets", "/assets/app.aa.wasm.gz", "/assets/app.bb.css.br", "/assets/catalog.json", "/assets/shell.html",
			"/assets/../catalog.json", "/assets/..%2fcatalog.json", "/assets/%2e%2e/catalog.json", "/assets/%2e%2e%2fcatalog.json",
			"/assets/..%5ccatalog.json", "/assets/....//catalog.json", "/assets/%252e%252e/catalog.json", "/assets/..%2f..%2fgo.mod",
			"/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets//etc/passwd", "/assets/./app.bb.css", "/assets/x/../app.bb.css",
			"/assets/app.bb.css/", "/assets/app.bb.css%00", "/assets/APP.BB.CSS",
		} {
			res, err := client.Get(server.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			// The mux answers unclean paths with a redirect of its own.
			if res.StatusCode != 404 && (name == "bare" || res.StatusCode/100 != 3) {
				t.Errorf("%s: GET %s answers %d with %q, want 404", name, path, res.StatusCode, body)
			}
		}
	}
}

func TestSite_OnlyReads(t *testing.T) {
	s := testSite(t)
	for path, h := range map[string]http.HandlerFunc{cssPath: s.serveAsset, "/none": s.serveAsset, "/": s.servePage} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			if w := ask(h, method, path, nil); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	for path, h := range map[string]http.HandlerFunc{cssPath: s.serveAsset, wasmPath: s.serveAsset, "/": s.servePage} {
		get, head := ask(h, "GET", path, nil), ask(h, "HEAD", path, nil)
		if head.Body.Len() != 0 || head.Code != 200 {
			t.Errorf("HEAD %s: status %d, %d bytes", path, head.Code, head.Body.Len())
		}
		for k := range get.Header() {
			if get.Header().Get(k) != head.Header().Get(k) {
				t.Errorf("HEAD %s: %s is %q, for GET %q", path, k, head.Header().Get(k), get.Header().Get(k))
			}
		}
	}
}

func TestServePage_SameForEveryAddress(t *testing.T) {
	s := testSite(t)
	for _, path := range []string{"/", "/logs?q=%22%3E%3Cscript%3E", "/job/a%2f..%2fb", "/nowhere"} {
		w := ask(s.servePage, "GET", path, map[string]string{"Accept-Encoding": "br, gzip", "Cookie": "a=b"})
		if w.Code != 200 || w.Body.String() != "<!doctype html>the page" {
			t.Errorf("GET %s: status %d, body %q", path, w.Code, w.Body)
		}
		for k, want := range map[string]string{
			"Content-Type":  "text/html; charset=utf-8",
			"Cache-Control": "no-cache",
			"ETag":          `"v1"`,
			"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
				"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Link":                         "<" + cssPath + ">; rel=preload; as=style",
			"Set-Cookie":                   "",
		} {
			if got := w.Header().Get(k); got != want {
				t.Errorf("GET %s: %s is %q, want %q", path, k, got, want)
			}
		}
		if got := w.Header().Get("Permissions-Policy"); !strings.Contains(got, "camera=()") || strings.Contains(got, "clipboard") {
			t.Errorf("GET %s: Permissions-Policy is %q", path, got)
		}
	}
	if w := ask(s.servePage, "GET", "/logs", map[string]string{"If-None-Match": `W/"v1"`}); w.Code != 304 || w.Body.Len() != 0 ||
		w.Header().Get("Content-Security-Policy") != pagePolicy {
		t.Errorf("a known page: status %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	if w := ask(s.servePage, "GET", "/", map[string]string{"If-None-Match": `"v0"`}); w.Code != 200 {
		t.Errorf("an outdated page: status %d, want 200", w.Code)
	}
}

func FuzzChoose(f *testing.F) {
	for _, seed := range []string{"gzip, br", "br;q=0", "*;q=0.5,identity", ";;q=,=", "gzip;q=1e400", strings.Repeat("a,", 99)} {
		f.Add(seed)
	}
	file := static.File{Raw: []byte("raw"), Gzip: []byte("gz"), Brotli: []byte("b")}
	f.Fuzz(func(t *testing.T, field string) {
		encoding, body := choose(file, []string{field})
		want := map[string]string{"": "raw", "gzip": "gz", "br": "b"}[encoding]
		if string(body) != want || want == "" {
			t.Fatalf("%q: encoding %q with body %q", field, encoding, body)
		}
		// Never an encoding that the field does not speak of.
		if lower := strings.ToLower(field); encoding != "" && !strings.Contains(lower, encoding) && !strings.Contains(lower, "*") {
			t.Fatalf("%q: encoding %q was not offered", field, encoding)
		}
	})
}
