// Package static holds everything a browser downloads: the page, the
// application as WebAssembly, styles, scripts, fonts and icons, embedded in the
// server's binary in the forms they are sent in.
//
//	site, err := static.Open()          // once, at start
//	site.Shell()                        // the page of every address
//	f, ok := site.Lookup(r.URL.Path)    // an asset, by its exact path
//
// The sources in this folder are turned into those forms by static/pack ("make
// build"): names get a content hash, so that a browser may keep a file for
// ever, and each file is compressed once instead of per request.
//
// A lookup is a map access by the whole path. There is no folder behind it, so
// no spelling of a path can reach a file that was not meant to be served. This
// package knows no HTTP; bff/server does.
package static

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/logpane/logpane/static/catalog"
)

// built is what static/pack wrote. On a fresh clone it holds only .gitkeep,
// which is there for the pattern to match something.
//
//go:embed all:built
var built embed.FS

// ErrNotBuilt says that static/pack has not run before the server was compiled.
var ErrNotBuilt = errors.New("static: the browser files are not built: run make build")

// Site is one build of the browser side. It never changes after Open, so any
// number of goroutines may use it.
type Site struct {
	shell   []byte
	version string
	files   map[string]File   // by URL path
	paths   map[string]string // source name → URL path
}

// File is one asset with the forms it is kept in. A form that is not kept is
// nil; at least one of the three is kept. The slices are shared: do not write
// to them.
type File struct {
	Type      string // Content-Type
	Hash      string // of the uncompressed bytes, hex, 32 characters
	Immutable bool   // whether the path names the content, so that it may be cached for ever
	Size      int    // bytes uncompressed
	Raw       []byte // nil for app.wasm: unpack Gzip for the rare client that takes no compression
	Brotli    []byte
	Gzip      []byte
}

// Open returns the embedded build. The error is ErrNotBuilt where there is
// none, and otherwise names the file that is missing or damaged.
func Open() (*Site, error) {
	sub, err := fs.Sub(built, "built")
	if err != nil {
		return nil, err
	}
	return OpenFS(sub)
}

// OpenFS returns the build that lies in fsys: the catalog and the files it
// lists. Errors as for Open.
func OpenFS(fsys fs.FS) (*Site, error) {
	text, err := fs.ReadFile(fsys, catalog.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	var c catalog.Catalog
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("static: %s: %w", catalog.Name, err)
	}
	s := &Site{version: c.Version, files: make(map[string]File, len(c.Files)), paths: make(map[string]string, len(c.Files))}
	if s.shell, err = fs.ReadFile(fsys, c.Shell); err != nil {
		return nil, fmt.Errorf("static: %w", err)
	}
	for _, it := range c.Files {
		f, err := read(fsys, it)
		if err != nil {
			return nil, fmt.Errorf("static: %s: %w", it.Name, err)
		}
		s.files[it.Path] = f
		s.paths[it.Name] = it.Path
	}
	return s, nil
}

func read(fsys fs.FS, it catalog.Item) (File, error) {
	f := File{Type: it.Type, Hash: it.Hash, Immutable: !it.Fixed, Size: it.Size}
	forms := []struct {
		into *[]byte
		ext  string
		size int
		kept bool
	}{
		{&f.Raw, "", it.Size, !it.NoRaw},
		{&f.Gzip, catalog.GzipExt, it.Gzip, it.Gzip > 0},
		{&f.Brotli, catalog.BrotliExt, it.Brotli, it.Brotli > 0},
	}
	for _, form := range forms {
		if !form.kept {
			continue
		}
		b, err := fs.ReadFile(fsys, it.Stem+form.ext)
		if err != nil {
			return File{}, err
		}
		if len(b) != form.size {
			return File{}, fmt.Errorf("%s has %d bytes, the catalog says %d", it.Stem+form.ext, len(b), form.size)
		}
		*form.into = b
	}
	if it.NoRaw && f.Gzip == nil {
		return File{}, errors.New("neither the uncompressed form nor gzip is kept")
	}
	return f, nil
}

// Shell returns a copy of the page that every address is answered with. It
// holds nothing about the user or the address.
func (s *Site) Shell() []byte { return bytes.Clone(s.shell) }

// Version returns the hash of the build: it changes whenever any file does.
func (s *Site) Version() string { return s.version }

// Lookup returns the asset at a decoded URL path, and whether there is one.
// The path is compared as it is; nothing in it is resolved.
func (s *Site) Lookup(path string) (File, bool) {
	f, ok := s.files[path]
	return f, ok
}

// Path returns the URL path of the asset with that source name ("app.wasm"),
// and the empty string where there is none.
func (s *Site) Path(name string) string { return s.paths[name] }
