package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	goapp  = "github.com/maxence-charriere/go-app/v9"
	module = "github.com/logpane/logpane"
)

// unused are the files of go-app's package app that a browser, or this program,
// has no use for. Compiling in what serves pages drags net/http, crypto/tls and
// text/template along; encryption and the state that go-app keeps for components
// drag the rest of crypto along, and look through the local storage every minute.
var unused = []string{"http.go", "resource.go", "crypto.go", "state.go"}

// rest stands in the browser for what other files take from unused.
const rest = `//go:build wasm

package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v9/pkg/errors"
)

// Handler serves pages; there is no server in a browser.
type Handler struct{}

// Icon names the pictures of a Handler.
type Icon struct{ Default, Large, SVG, AppleTouch string }

// Environment holds the settings that a Handler passes to the browser.
type Environment map[string]string

func isRemoteLocation(path string) bool {
	return strings.HasPrefix(path, "https://") || strings.HasPrefix(path, "http://")
}

func isStaticResourcePath(path string) bool {
	return strings.HasPrefix(path, "/web/") || strings.HasPrefix(path, "web/")
}

func newID() string { return Window().Get("crypto").Call("randomUUID").String() }

func encrypt(string, []byte) ([]byte, error) { return nil, errors.New("built without encryption") }
func decrypt(string, []byte) ([]byte, error) { return nil, errors.New("built without encryption") }

// State, StateOption and Observer are named by interfaces. There are no states.
type (
	State       struct{}
	StateOption func(*State)
	Observer    interface{ Value(recv any) }
	store       struct{}
)

func newStore(Dispatcher) *store                { return nil }
func (*store) Set(string, any, ...StateOption)  { panic("built without states") }
func (*store) Get(string, any)                  { panic("built without states") }
func (*store) Del(string)                       { panic("built without states") }
func (*store) Observe(string, UI) Observer      { panic("built without states") }
func (*store) Cleanup()                         {}
func (*store) Close()                           {}
`

// edits are replacements in other files, each of a text that stands there once.
var edits = []struct{ file, old, by string }{
	{"context.go", "\t\"github.com/google/uuid\"\n", ""},
	{"context.go", "uuid.NewString()", "newID()"},
}

// called are the packages whose functions are called where others are copied to
// where they are called, which is quicker and takes more code. They draw what
// people look at, some hundred elements at a time, and write what they read; what
// goes through all entries, or makes a row of the table as package time does, is
// not among them.
var called = []string{
	goapp + "/pkg/app", goapp + "/pkg/errors",
	module + "/web/part", module + "/web/page", module + "/web/client", module + "/web/dom",
	module + "/app/decode", module + "/app/fault", module + "/app/view", module + "/app/viewer", module + "/app/wire",
	module + "/app/chain", module + "/app/diff", module + "/app/exception", module + "/app/export", module + "/app/item", module + "/app/job", module + "/app/shape",
	"encoding/json", "fmt", "net/url", "regexp/syntax",
}

// unbarred are the packages that write pointers without telling the collector, for
// which each such write takes more code than the rest of the statement. That is right
// only where none of their code runs while memory is being marked: stopTheWorld makes
// it so. The runtime and what it calls back into while it marks, package time's timers
// for one, are not among them.
var unbarred = []string{
	module + "/...", goapp + "/...",
	"bytes", "context", "encoding/base64", "encoding/binary", "encoding/json", "errors", "fmt", "html", "internal/fmtsort", "maps", "net/netip", "net/url",
	"reflect", "regexp", "regexp/syntax", "slices", "sort", "strconv", "strings", "syscall/js", "unicode/utf8",
}

// stopTheWorld has the program marked in one go, as GODEBUG=gcstoptheworld=1 has it.
// In a browser's one thread, marking beside the program would only be in turns with
// it; with what people look at apart from the entries, which hold no pointers, it takes
// a few milliseconds.
const stopTheWorld = "-X=runtime.godebugDefault=gcstoptheworld=1"

// compile builds ./wasm for the browser and returns the program. The go command
// leaves an up-to-date program alone, so calling again is cheap.
func compile(plain bool) ([]byte, error) {
	out := filepath.Join(".build", "app.wasm")
	link := "-ldflags=-s -w"
	args := []string{"build", "-trimpath"}
	if plain {
		out = filepath.Join(".build", "plain.wasm")
		for _, pkg := range called {
			args = append(args, "-gcflags="+pkg+"=-l")
		}
	} else {
		link += " " + stopTheWorld
		for _, pkg := range unbarred {
			args = append(args, "-gcflags="+pkg+"=-wb=false")
		}
		for _, pkg := range called {
			args = append(args, "-gcflags="+pkg+"=-l -wb=false")
		}
		mod, err := patch(".build")
		if err != nil {
			return nil, fmt.Errorf("%w (-plain builds with go-app as published)", err)
		}
		smaller, err := overlay(".build", "encoding/json", filepath.Join("static", "pack", "json"))
		if err != nil {
			return nil, fmt.Errorf("%w (-plain builds with encoding/json as it is)", err)
		}
		args = append(args, "-modfile="+mod, "-overlay="+smaller)
	}
	cmd := exec.Command("go", append(args, link, "-o", out, "./wasm")...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("compiling ./wasm: %w", err)
	}
	text, err := os.ReadFile(out)
	if err != nil || plain {
		return text, err
	}
	if text, err = dropLines(text); err != nil {
		return nil, fmt.Errorf("taking line numbers out of %s: %w (-plain leaves them in)", out, err)
	}
	if text, err = packTable(text); err != nil {
		return nil, fmt.Errorf("packing the table of functions of %s: %w (-plain leaves it)", out, err)
	}
	return text, nil
}

// patch makes a copy of the go-app that go.mod asks for in dir/goapp, without
// unused in the browser and with one type for all elements, and a go.mod beside it that uses the copy. It
// returns the path of that go.mod, to be given to -modfile.
func patch(dir string) (string, error) {
	// Not go list: it leaves Dir empty until the module is in the cache.
	out, err := command("go", "mod", "download", "-json", goapp)
	if err != nil {
		return "", err
	}
	var m struct{ Version, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", err
	}
	to := filepath.Join(dir, "goapp")
	if err := copyPatched(m.Dir, to); err != nil {
		return "", fmt.Errorf("patching go-app %s: %w", m.Version, err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(to) {
		to = "./" + filepath.ToSlash(to) // from the root of the module, wherever the file itself lies
	}
	mod = fmt.Appendf(mod, "\nreplace %s => %s\n", goapp, to)
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "wasm.mod")
	if err := update(path, mod); err != nil {
		return "", err
	}
	return path, update(filepath.Join(dir, "wasm.sum"), sum)
}

// copyPatched copies the Go files of the module in from to the folder to, with
// the patch. It writes only files that differ.
func copyPatched(from, to string) error {
	app := filepath.Join("pkg", "app")
	want := map[string][]byte{}
	for _, part := range []string{app, filepath.Join("pkg", "errors"), "go.mod"} {
		err := filepath.WalkDir(filepath.Join(from, part), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			switch {
			case d.IsDir() && d.Name() == "gen":
				return fs.SkipDir
			case d.IsDir(), strings.HasSuffix(name, "_test.go"):
				return nil
			case filepath.Ext(name) != ".go" && name != "go.mod":
				return nil
			}
			want[name], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, name := range unused {
		name = filepath.Join(app, name)
		text, ok := want[name]
		if !ok || bytes.Contains(text, []byte("//go:build")) {
			return fmt.Errorf("%s is not what the patch was made for", name)
		}
		want[name] = append([]byte("//go:build !wasm\n\n"), text...)
	}
	want[filepath.Join(app, "http_wasm.go")] = []byte(rest)
	for _, edit := range edits {
		name := filepath.Join(app, edit.file)
		if n := bytes.Count(want[name], []byte(edit.old)); n != 1 {
			return fmt.Errorf("%s has %q %d times", name, edit.old, n)
		}
		want[name] = bytes.Replace(want[name], []byte(edit.old), []byte(edit.by), 1)
	}
	elements := filepath.Join(app, "html_gen.go")
	text, err := oneElement(want[elements])
	if err != nil {
		return fmt.Errorf("%s: %w", elements, err)
	}
	want[elements] = text
	for name, text := range want {
		path := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := update(path, text); err != nil {
			return err
		}
	}
	return nil
}

// update puts text in the file at path, in one step, unless that is what it
// holds already: the go command rebuilds less and readers never see half a file.
func update(path string, text []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	part := path + ".part"
	if err := os.WriteFile(part, text, 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// command runs a program and returns what it prints; the error holds what it
// complained about.
func command(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out, nil
}
