package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// shellName is the page; it is no asset, since every address is answered with it.
const shellName = "shell.html"

// types are the files that are taken from static, by ending.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

// asset is one file on its way into the build.
type asset struct {
	name string // "app.css"
	path string // URL path, set by resolve
	hash string // set by resolve
	text []byte // uncompressed; references are replaced by resolve
}

func (a *asset) kind() string { return types[path.Ext(a.name)] }

// fixed says that the path must be the one that robots look for, hash or not.
func (a *asset) fixed() bool { return a.name == "robots.txt" }

// refers says that the file may hold references. Scripts may not: wasm_exec.js
// must arrive as the toolchain has it.
func (a *asset) refers() bool {
	return slices.Contains([]string{".css", ".html", ".webmanifest"}, path.Ext(a.name))
}

// gather returns the assets by name: the files of dir itself, the fonts, all
// styles of dir/css in name order as one app.css, wasm_exec.js of the toolchain
// that compiled the program, and the program as app.wasm.
func gather(dir string, wasm []byte) (map[string]*asset, error) {
	src := map[string]*asset{"app.wasm": {name: "app.wasm", text: wasm}}
	add := func(file string) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := filepath.Base(file)
		if src[name] != nil {
			return fmt.Errorf("there are two files named %s", name)
		}
		src[name] = &asset{name: name, text: text}
		return nil
	}
	goroot, err := command("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	// Not the copy that go-app ships: it belongs to an older toolchain.
	if err := add(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, err
	}
	for _, folder := range []string{dir, filepath.Join(dir, "fonts")} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			// The licenses beside the fonts stay in the source tree.
			if e.IsDir() || types[filepath.Ext(e.Name())] == "" || strings.HasSuffix(e.Name(), "-LICENSE.txt") {
				continue
			}
			if err := add(filepath.Join(folder, e.Name())); err != nil {
				return nil, err
			}
		}
	}
	styles, err := filepath.Glob(filepath.Join(dir, "css", "*.css"))
	if err != nil {
		return nil, err
	}
	var css []byte
	for _, file := range styles {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		css = append(css, text...)
		css = append(css, '\n')
	}
	if src["app.css"] != nil {
		return nil, fmt.Errorf("app.css is made from the folder css: put it there")
	}
	src["app.css"] = &asset{name: "app.css", text: trimCSS(css)}
	if src[shellName] == nil {
		return nil, fmt.Errorf("%s is missing in %s", shellName, dir)
	}
	return src, nil
}

var cssComment = regexp.MustCompile(`(?s)"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|/\*.*?\*/`)

// trimCSS drops comments, blank lines and the space around lines. It leaves the
// rest to the compressor, which does it without knowing CSS.
func trimCSS(css []byte) []byte {
	css = cssComment.ReplaceAllFunc(css, func(m []byte) []byte {
		if m[0] == '/' {
			return []byte(" ")
		}
		return m
	})
	var out []string
	for line := range strings.Lines(string(css)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return []byte(strings.Join(out, "\n") + "\n")
}

var reference = regexp.MustCompile(`\basset:([A-Za-z0-9][A-Za-z0-9._-]*)`)

// resolve puts hashed paths in the place of asset:NAME, innermost first, since
// the hash of a file covers what it refers to. It returns the assets ascending
// by name. The error names the file that refers to nothing or, through others,
// to itself.
func resolve(src map[string]*asset) ([]*asset, error) {
	open := map[string]bool{}
	var visit func(a *asset) error
	visit = func(a *asset) error {
		if a.hash != "" {
			return nil
		}
		if open[a.name] {
			return fmt.Errorf("%s refers to itself", a.name)
		}
		open[a.name] = true
		var bad error
		if a.refers() {
			a.text = reference.ReplaceAllFunc(a.text, func(m []byte) []byte {
				name := string(m[len("asset:"):])
				to := src[name]
				switch {
				case bad != nil:
				case to == nil || name == shellName:
					bad = fmt.Errorf("%s refers to asset:%s, which does not exist", a.name, name)
				default:
					if bad = visit(to); bad == nil {
						return []byte(to.path)
					}
				}
				return m
			})
		}
		if bad != nil {
			return bad
		}
		sum := sha256.Sum256(a.text)
		a.hash = hex.EncodeToString(sum[:16])
		if a.path = "/" + a.name; !a.fixed() {
			ext := path.Ext(a.name)
			a.path = "/assets/" + strings.TrimSuffix(a.name, ext) + "." + a.hash + ext
		}
		return nil
	}
	var all []*asset
	for _, a := range src {
		if err := visit(a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *asset) int { return strings.Compare(a.name, b.name) })
	return all, nil
}
