package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/andybalholm/brotli"
	"golang.org/x/sync/errgroup"

	"github.com/logpane/logpane/static/catalog"
)

// write puts the assets with their compressed forms and the catalog into dir,
// and removes everything else there but .gitkeep. Forms of an earlier build are
// kept where the bytes and at least the quality are the same.
func write(dir string, assets []*asset, quality int, plain bool) (catalog.Catalog, error) {
	c := catalog.Catalog{Quality: quality, Plain: plain}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return c, err
	}
	old, err := readCatalog(dir)
	if err != nil {
		old = catalog.Catalog{} // the first build, or one that was cut short: do it all
	}
	reuse := map[string]catalog.Item{}
	if old.Quality >= quality && covers(old, assets) {
		c.Quality = old.Quality // else files of both qualities would lie side by side
	}
	if old.Quality == c.Quality {
		for _, it := range old.Files {
			reuse[it.Stem] = it
		}
	}
	keep := map[string]bool{".gitkeep": true, catalog.Name: true}
	items := make([]catalog.Item, len(assets))
	var work errgroup.Group
	work.SetLimit(runtime.NumCPU())
	for i, a := range assets {
		if a.name == shellName {
			c.Shell, c.Version = "shell."+a.hash+".html", a.hash
			keep[c.Shell] = true
			if err := update(filepath.Join(dir, c.Shell), a.text); err != nil {
				return c, err
			}
			continue
		}
		ext := path.Ext(a.name)
		it := &items[i]
		*it = catalog.Item{
			Name: a.name, Path: a.path, Type: a.kind(), Hash: a.hash, Fixed: a.fixed(), Size: len(a.text),
			Stem:  strings.TrimSuffix(a.name, ext) + "." + a.hash + ext,
			NoRaw: ext == ".wasm", // nearly as big as the rest of the server, and no browser asks for it
		}
		if was, ok := reuse[it.Stem]; ok && intact(dir, was) {
			it.Gzip, it.Brotli = was.Gzip, was.Brotli
			continue
		}
		if !it.NoRaw {
			if err := update(filepath.Join(dir, it.Stem), a.text); err != nil {
				return c, err
			}
		}
		if ext == ".woff2" || ext == ".png" {
			continue // compressed already
		}
		work.Go(func() error {
			var err error
			it.Gzip, err = compress(dir, it.Stem+catalog.GzipExt, a.text, it.NoRaw, func(w io.Writer) io.WriteCloser {
				z, _ := gzip.NewWriterLevel(w, gzip.BestCompression) // fails for an unknown level only
				return z
			})
			return err
		})
		work.Go(func() error {
			var err error
			it.Brotli, err = compress(dir, it.Stem+catalog.BrotliExt, a.text, it.NoRaw, func(w io.Writer) io.WriteCloser {
				return brotli.NewWriterOptions(w, brotli.WriterOptions{Quality: c.Quality, LGWin: 24})
			})
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return c, err
	}
	for i, a := range assets {
		if a.name == shellName {
			continue
		}
		it := items[i]
		c.Files = append(c.Files, it)
		keep[it.Stem] = !it.NoRaw
		keep[it.Stem+catalog.GzipExt] = it.Gzip > 0
		keep[it.Stem+catalog.BrotliExt] = it.Brotli > 0
	}
	text, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return c, err
	}
	// The catalog changes hands between the new files and the end of the old
	// ones, so that an interrupted build leaves a whole one behind.
	if err := update(filepath.Join(dir, catalog.Name), append(text, '\n')); err != nil {
		return c, err
	}
	return c, sweep(dir, keep)
}

// covers says whether the build c has app.wasm, by far the most work, as it is
// now: then it is worth keeping its quality for the rest.
func covers(c catalog.Catalog, assets []*asset) bool {
	app, ok := c.Find("app.wasm")
	for _, a := range assets {
		if a.name == "app.wasm" {
			return ok && a.hash == app.Hash
		}
	}
	return false
}

// intact says whether the files of an item of an earlier build are all there.
func intact(dir string, it catalog.Item) bool {
	forms := map[string]int{it.Stem + catalog.GzipExt: it.Gzip, it.Stem + catalog.BrotliExt: it.Brotli}
	if !it.NoRaw {
		forms[it.Stem] = it.Size
	}
	for name, size := range forms {
		if size == 0 {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() != int64(size) {
			return false
		}
	}
	return true
}

// compress writes text to dir/name through the coder and returns how many bytes
// it became. Where that saves nothing it writes no file and returns 0, unless
// always is set.
func compress(dir, name string, text []byte, always bool, coder func(io.Writer) io.WriteCloser) (int, error) {
	var out bytes.Buffer
	z := coder(&out)
	if _, err := z.Write(text); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if out.Len() >= len(text) && !always {
		return 0, nil
	}
	return out.Len(), os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o644)
}

// sweep removes the files of earlier builds: they would be embedded too.
func sweep(dir string, keep map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if keep[e.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
