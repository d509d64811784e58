// Command pack builds what package static embeds: it compiles the application
// to WebAssembly, gathers scripts, styles, fonts and icons, gives every file a
// name with its content's hash, compresses it, and writes it all with a catalog
// into static/built.
//
//	go run ./static/pack              # everything, brotli 11
//	go run ./static/pack -brotli 5    # quick, for development
//	go run ./static/pack -sizes       # print what the last build weighs; fails above the budget
//
// Sources refer to each other as asset:NAME ("asset:app.wasm"); pack puts the
// hashed path there, and stops at a name that does not exist.
//
// app.wasm is built with a go-app that lacks what a browser does not use (see
// goapp.go), with package json of this folder as its encoding/json, and without
// line numbers (see lines.go): a stack trace in the browser's console names
// functions only. -plain builds with go-app and encoding/json as published and
// keeps the lines.
//
// A file whose bytes have not changed since the last build is not compressed
// again, nor is one that is there in a better quality than asked for. pack runs
// in the root of the module and writes only to .build and static/built.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/logpane/logpane/static/catalog"
)

// wasmBudget is the most app.wasm may weigh in brotli, in bytes.
const wasmBudget = 1_500_000

func main() {
	plain := flag.Bool("plain", false, "build with go-app and encoding/json as published, and with line numbers")
	quality := flag.Int("brotli", 11, "brotli quality, 0..11")
	sizes := flag.Bool("sizes", false, "build nothing; print the sizes of the last build, fail where app.wasm is over its budget")
	flag.Parse()
	if flag.NArg() > 0 || *quality < 0 || *quality > 11 {
		flag.Usage()
		os.Exit(2)
	}
	err := error(nil)
	if *sizes {
		err = weigh(os.Stdout, filepath.Join("static", "built"))
	} else {
		err = build(*plain, *quality)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// build makes static/built from the module in the working directory.
func build(plain bool, quality int) error {
	start := time.Now()
	if _, err := os.Stat("go.mod"); err != nil {
		return fmt.Errorf("run in the root of the module: %w", err)
	}
	if err := os.MkdirAll(".build", 0o755); err != nil {
		return err
	}
	// Two builds in one checkout would sweep each other's files away. The lock
	// ends with the process.
	lock, err := os.Create(filepath.Join(".build", "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", lock.Name(), err)
	}
	wasm, err := compile(plain)
	if err != nil {
		return err
	}
	compiled := time.Since(start)
	src, err := gather("static", wasm)
	if err != nil {
		return err
	}
	pages, err := resolve(src)
	if err != nil {
		return err
	}
	out := filepath.Join("static", "built")
	c, err := write(out, pages, quality, plain)
	if err != nil {
		return err
	}
	report(os.Stdout, c)
	fmt.Printf("built in %.1f s (compiling %.1f s)\n", time.Since(start).Seconds(), compiled.Seconds())
	return nil
}

// readCatalog returns the catalog in dir, or the error of reading it.
func readCatalog(dir string) (catalog.Catalog, error) {
	var c catalog.Catalog
	text, err := os.ReadFile(filepath.Join(dir, catalog.Name))
	if err != nil {
		return c, err
	}
	err = json.Unmarshal(text, &c)
	return c, err
}

// weigh prints the sizes of the build in dir. The error says so where app.wasm
// is over its budget, or was not compressed well enough to tell.
func weigh(w io.Writer, dir string) error {
	c, err := readCatalog(dir)
	if err != nil {
		return fmt.Errorf("no build to weigh, run make build: %w", err)
	}
	report(w, c)
	app, ok := c.Find("app.wasm")
	if !ok {
		return fmt.Errorf("the build has no app.wasm, run make build")
	}
	switch {
	case app.Brotli > wasmBudget:
		return fmt.Errorf("app.wasm is %d bytes in brotli %d, the budget is %d", app.Brotli, c.Quality, wasmBudget)
	case c.Quality < 11:
		fmt.Fprintf(w, "app.wasm is within its budget of %d already in brotli %d\n", wasmBudget, c.Quality)
	default:
		fmt.Fprintf(w, "app.wasm uses %d %% of its budget of %d\n", app.Brotli*100/wasmBudget, wasmBudget)
	}
	return nil
}

// report prints one line per file.
func report(w io.Writer, c catalog.Catalog) {
	fmt.Fprintf(w, "%-26s %10s %10s %10s\n", "file", "raw", "gzip", fmt.Sprintf("brotli %d", c.Quality))
	for _, it := range c.Files {
		fmt.Fprintf(w, "%-26s %10d %10s %10s\n", it.Name, it.Size, size(it.Gzip), size(it.Brotli))
	}
}

func size(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}
