package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/logpane/logpane/static"
	"github.com/logpane/logpane/static/catalog"
)

// program stands for a compiled program: big enough to be worth compressing.
var program = bytes.Repeat([]byte("\x00asm, as good as any "), 500)

// packed packs the real sources with that program into dir.
func packed(tb testing.TB, dir string, wasm []byte, quality int) catalog.Catalog {
	tb.Helper()
	src, err := gather("..", wasm)
	if err != nil {
		tb.Fatal(err)
	}
	assets, err := resolve(src)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := write(dir, assets, quality, false)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func list(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}

func TestWrite_EveryFormUnpacksToTheSame(t *testing.T) {
	dir := t.TempDir()
	c := packed(t, dir, program, 4)
	s, err := static.OpenFS(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range c.Files {
		f, ok := s.Lookup(it.Path)
		if !ok {
			t.Errorf("%s: not found at %s", it.Name, it.Path)
			continue
		}
		want := f.Raw
		if it.Name == "app.wasm" {
			if f.Raw != nil {
				t.Error("app.wasm is kept uncompressed too")
			}
			want = program
		}
		if f.Type == "" || len(want) != f.Size {
			t.Errorf("%s: type %q, %d bytes, announced as %d", it.Name, f.Type, len(want), f.Size)
		}
		if f.Gzip != nil {
			z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: gzip unpacks to something else: %v", it.Name, err)
			}
		}
		if f.Brotli != nil {
			if got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(f.Brotli))); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: brotli unpacks to something else: %v", it.Name, err)
			}
		}
	}
}

func TestGather_WasmExecIsTheToolchains(t *testing.T) {
	src, err := gather("..", program)
	if err != nil {
		t.Fatal(err)
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib/wasm/wasm_exec.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(src["wasm_exec.js"].text, want) {
		t.Error("wasm_exec.js is not the one of the toolchain")
	}
	version, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	// The tests run by the toolchain that compiles the program, or this proves nothing.
	if got := strings.TrimSpace(string(version)); got != runtime.Version() {
		t.Errorf("the go command is %s, this test was compiled by %s", got, runtime.Version())
	}
}

func TestWrite_SecondBuildKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".gitkeep"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	packed(t, dir, program, 9)
	first := list(t, dir)
	// A mark in place of a compressed form shows whether it was made again.
	var marked string
	for name, text := range first {
		if strings.HasPrefix(name, "app.") && strings.HasSuffix(name, ".wasm.br") {
			marked = name
			if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("x"), len(text)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c := packed(t, dir, program, 4); c.Quality != 9 || list(t, dir)[marked][0] != 'x' {
		t.Error("a build in less quality compressed an unchanged program again")
	}
	if packed(t, dir, program, 10); list(t, dir)[marked][0] == 'x' {
		t.Error("a build in better quality kept the worse form")
	}
	if err := os.Remove(filepath.Join(dir, marked)); err != nil {
		t.Fatal(err)
	}
	if packed(t, dir, program, 10); list(t, dir)[marked] == "" {
		t.Error("a form that was lost is not made again")
	}
	// Another program: the old one goes, nothing else does.
	if c := packed(t, dir, append(slices.Clone(program), 'x'), 4); c.Quality != 4 {
		t.Errorf("a new program was compressed in quality %d, asked for 4", c.Quality)
	}
	second := list(t, dir)
	if _, ok := second[marked]; ok {
		t.Error("the old program is still there")
	}
	if _, ok := second[".gitkeep"]; !ok || len(second) != len(first) {
		t.Errorf("%d files became %d: %v", len(first), len(second), slices.Sorted(maps.Keys(second)))
	}
}

func TestResolve_HashCoversWhatIsReferredTo(t *testing.T) {
	versions := map[string]bool{}
	for _, icon := range []string{"<svg/>", "<svg></svg>"} {
		src := map[string]*asset{
			"shell.html":           {name: "shell.html", text: []byte(`<link href="asset:m.webmanifest"><script src="asset:a.js"></script>`)},
			"m.webmanifest":        {name: "m.webmanifest", text: []byte(`{"src":"asset:i.svg"}`)},
			"i.svg":                {name: "i.svg", text: []byte(icon)},
			"a.js":                 {name: "a.js", text: []byte(`"asset:left.alone"`)},
			"robots.txt":           {name: "robots.txt", text: []byte("x")},
			"jetbrains-mono.woff2": {name: "jetbrains-mono.woff2", text: []byte("x")},
		}
		all, err := resolve(src)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(all, func(a, b *asset) int { return strings.Compare(a.name, b.name) }) {
			t.Error("the assets are out of order")
		}
		if got := string(src["m.webmanifest"].text); got != `{"src":"`+src["i.svg"].path+`"}` {
			t.Errorf("the manifest became %s", got)
		}
		if !regexp.MustCompile(`^/assets/i\.[0-9a-f]{32}\.svg$`).MatchString(src["i.svg"].path) || src["robots.txt"].path != "/robots.txt" {
			t.Errorf("paths %s, %s", src["i.svg"].path, src["robots.txt"].path)
		}
		if string(src["a.js"].text) != `"asset:left.alone"` {
			t.Errorf("a script became %s", src["a.js"].text)
		}
		versions[src["shell.html"].hash] = true
	}
	if len(versions) != 2 {
		t.Error("the page's hash does not change with a file two references away")
	}
}

func TestResolve_Refuses(t *testing.T) {
	for want, texts := range map[string]map[string]string{
		"a.css refers to asset:none.svg, which does not exist":   {"a.css": "url(asset:none.svg)"},
		"a.css refers to asset:shell.html, which does not exist": {"a.css": "url(asset:shell.html)", "shell.html": ""},
		"refers to itself": {"a.css": "asset:b.css", "b.css": "asset:a.css"},
	} {
		src := map[string]*asset{}
		for name, text := range texts {
			src[name] = &asset{name: name, text: []byte(text)}
		}
		if _, err := resolve(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestShell_NothingInlineAndBootHasWhatItNeeds(t *testing.T) {
	src, err := gather("..", program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := resolve(src); err != nil {
		t.Fatal(err)
	}
	shell := string(src["shell.html"].text)
	for _, bad := range []string{`<style`, ` style=`, `javascript:`, `user-scalable`, `maximum-scale`, `://`, `asset:`} {
		if strings.Contains(shell, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if m := regexp.MustCompile(`(?i)\son[a-z]+=|<script(?:\s+defer)?>`).FindString(shell); m != "" {
		t.Errorf("the page has inline code: %q", m)
	}
	// go-app replaces the first element of the body, whatever it is.
	if !regexp.MustCompile(`<body>\s*<div id="boot"`).MatchString(shell) {
		t.Error("the skeleton is not the first element of the body")
	}
	for _, name := range []string{"app.wasm", "app.css", "boot.js", "wasm_exec.js", "grid.js", "icon.svg", "manifest.webmanifest"} {
		if !strings.Contains(shell, `"`+src[name].path+`"`) {
			t.Errorf("the page does not refer to %s", name)
		}
	}
	if !strings.Contains(shell, `id="app-wasm"`) || !strings.Contains(string(src["boot.js"].text), `getElementById("app-wasm")`) {
		t.Error("boot.js looks for the program where the page does not name it")
	}
}

func TestTrimCSS(t *testing.T) {
	in := "/* a */\n\n  a { content: \"/* kept */\"; } /* b\n * c */\n\tb{c:url('x/*y*/z')}/**/d{}\n"
	want := "a { content: \"/* kept */\"; }\nb{c:url('x/*y*/z')} d{}\n"
	if got := string(trimCSS([]byte(in))); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWeigh_FailsAboveTheBudget(t *testing.T) {
	for _, c := range []struct {
		brotli int
		ok     bool
	}{{wasmBudget, true}, {wasmBudget + 1, false}} {
		dir := t.TempDir()
		text := fmt.Sprintf(`{"quality":11,"files":[{"name":"app.wasm","brotli":%d}]}`, c.brotli)
		if err := os.WriteFile(filepath.Join(dir, catalog.Name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := weigh(io.Discard, dir); (err == nil) != c.ok {
			t.Errorf("%d bytes: %v", c.brotli, err)
		}
	}
	if err := weigh(io.Discard, t.TempDir()); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("nothing built: %v", err)
	}
}

// TestCopyPatched_LeavesTheServerOut checks the patch against the go-app that
// go.mod names: an upgrade that moves things must fail here, not in a browser.
func TestCopyPatched_LeavesTheServerOut(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	mod, err := patch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	deps := exec.Command("go", "list", "-modfile="+mod, "-deps", "./wasm")
	deps.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := deps.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pkgs := strings.Fields(string(out))
	for _, heavy := range []string{"net/http", "crypto/tls", "text/template", "crypto/aes", "crypto/md5", "github.com/google/uuid"} {
		if slices.Contains(pkgs, heavy) {
			t.Errorf("the program still brings %s along", heavy)
		}
	}
	for _, pkg := range called { // the go command is silent about flags for a package that is not there
		if !slices.Contains(pkgs, pkg) {
			t.Errorf("the program has no package %s", pkg)
		}
	}
	for _, args := range [][]string{{"-modfile=" + mod}, {}} {
		build := exec.Command("go", append(append([]string{"build"}, args...), "-trimpath", goapp+"/pkg/app", "./wasm")...)
		build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("go build %v: %v: %s", args, err, out)
		}
	}
}

func TestOneElement_RefusesWhatItWasNotMadeFor(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	out, err := command("go", "list", "-f", "{{.Dir}}", goapp+"/pkg/app")
	if err != nil {
		t.Fatal(err)
	}
	published, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "html_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, by, want string }{
		{"as published", "", "", ""},
		{"a method of its own", "(e *htmlDiv) ID(format string, v ...any) HTMLDiv {", "(e *htmlDiv) ID(format string, v ...any) HTMLDiv {\n\tprintln()", "ID of element"},
		{"another result", "(e *htmlDiv) ID(format string, v ...any) HTMLDiv {", "(e *htmlDiv) ID(format string, v ...any) HTMLSpan {", "returns another one"},
		{"no interface", "type HTMLDiv interface", "type HTMLDivision interface", "has no interface"},
		{"a field of its own", "type htmlDiv struct {\n", "type htmlDiv struct {\n\tn int\n", "have an interface"},
	} {
		text := []byte(strings.Replace(string(published), c.old, c.by, 1))
		if c.want != "" && bytes.Equal(text, published) {
			t.Fatalf("%s: %q is not in html_gen.go", c.name, c.old)
		}
		out, err := oneElement(text)
		switch {
		case c.want == "" && (err != nil || bytes.Count(out, []byte(") OnClick(")) != 3):
			t.Errorf("%s: %v, %d methods OnClick", c.name, err, bytes.Count(out, []byte(") OnClick(")))
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
