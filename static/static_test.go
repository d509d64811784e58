package static

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/logpane/logpane/static/catalog"
)

func buildOf(tb testing.TB, items []catalog.Item, files map[string]string) fstest.MapFS {
	tb.Helper()
	text, err := json.Marshal(catalog.Catalog{Shell: "s.html", Version: "v", Files: items})
	if err != nil {
		tb.Fatal(err)
	}
	fsys := fstest.MapFS{catalog.Name: {Data: text}, "s.html": {Data: []byte("page")}}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return fsys
}

func TestOpenFS_NothingBuilt(t *testing.T) {
	_, err := OpenFS(fstest.MapFS{".gitkeep": {}})
	if !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("error %v, want one that says make build", err)
	}
}

func TestOpenFS_Damaged(t *testing.T) {
	item := catalog.Item{Name: "a.js", Path: "/assets/a.js", Stem: "a.js", Size: 3, Gzip: 2}
	packedOnly := item
	packedOnly.NoRaw, packedOnly.Gzip, packedOnly.Brotli = true, 0, 1
	for name, fsys := range map[string]fstest.MapFS{
		"catalog cut":    {catalog.Name: {Data: []byte(`{"shell":`)}},
		"shell missing":  {catalog.Name: {Data: []byte(`{"shell":"s.html"}`)}},
		"form missing":   buildOf(t, []catalog.Item{item}, map[string]string{"a.js": "raw"}),
		"form cut":       buildOf(t, []catalog.Item{item}, map[string]string{"a.js": "ra", "a.js.gz": "gz"}),
		"only in brotli": buildOf(t, []catalog.Item{packedOnly}, map[string]string{"a.js.br": "b"}),
	} {
		if s, err := OpenFS(fsys); err == nil || errors.Is(err, ErrNotBuilt) {
			t.Errorf("%s: site %v, error %v; want an error of its own", name, s, err)
		}
	}
}

func TestSite_LooksUpWholePaths(t *testing.T) {
	items := []catalog.Item{
		{Name: "a.js", Path: "/assets/a.h.js", Stem: "a.h.js", Type: "text/javascript", Hash: "h", Size: 3, Gzip: 2},
		{Name: "robots.txt", Path: "/robots.txt", Stem: "r.txt", Size: 1, Fixed: true},
	}
	s, err := OpenFS(buildOf(t, items, map[string]string{"a.h.js": "raw", "a.h.js.gz": "gz", "r.txt": "r"}))
	if err != nil {
		t.Fatal(err)
	}
	f, ok := s.Lookup(s.Path("a.js"))
	if !ok || f.Type != "text/javascript" || f.Hash != "h" || !f.Immutable || string(f.Raw) != "raw" || string(f.Gzip) != "gz" || f.Brotli != nil || f.Size != 3 {
		t.Errorf("a.js is %+v, %v", f, ok)
	}
	if f, ok := s.Lookup("/robots.txt"); !ok || f.Immutable {
		t.Errorf("robots.txt is %+v, %v; want it mutable", f, ok)
	}
	for _, path := range []string{"", "/", "a.h.js", "/assets/", "/assets/a.h.js/", "/assets//a.h.js", "/assets/../assets/a.h.js", "/assets/a.h.js.gz", "/catalog.json"} {
		if _, ok := s.Lookup(path); ok {
			t.Errorf("Lookup(%q) found something", path)
		}
	}
	if s.Path("none") != "" || s.Version() != "v" {
		t.Errorf("Path(none) is %q, Version %q", s.Path("none"), s.Version())
	}
	s.Shell()[0] = 'X'
	if got := string(s.Shell()); got != "page" {
		t.Errorf("the shell became %q by writing to a copy of it", got)
	}
}
