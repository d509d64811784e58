package importtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// listed is what `go list` tells of a package.
type listed struct {
	ImportPath string
	Doc        string
	Imports    []string
	Standard   bool
}

func list(t *testing.T, env []string, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Doc,Imports,Standard"}, args...)...)
	cmd.Env = append(cmd.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

var browser = []string{"GOOS=js", "GOARCH=wasm"}

func TestImports_FollowTheTable(t *testing.T) {
	seen := map[string]bool{}
	for _, env := range [][]string{nil, browser} {
		for _, p := range list(t, env, module+"...") {
			pkg := strings.TrimPrefix(p.ImportPath, module)
			r, ok := ruleOf(pkg)
			if !ok {
				t.Errorf("%s has no row in the import table: find its room in the house, or add one with a reason", pkg)
				continue
			}
			for _, imp := range p.Imports {
				if c := r.complaint(pkg, imp); c != "" && !seen[c] {
					seen[c] = true
					t.Error(c)
				}
			}
		}
	}
}

func TestPackages_AreExplained(t *testing.T) {
	for _, p := range list(t, nil, module+"...") {
		if p.Doc == "" {
			t.Errorf("%s has no package comment: say what it is for and what it must not do", p.ImportPath)
		}
	}
}

// TestBrowserBinary_StaysLean walks everything that the browser binary links.
// go-app itself drags net/http in; the build leaves that out, so here only what
// our own packages reach counts.
func TestBrowserBinary_StaysLean(t *testing.T) {
	heavy := map[string]string{
		"net/http":                              "it adds a megabyte: use web/dom's fetch",
		"text/template":                         "it disables the linker's pruning of methods",
		"html/template":                         "it disables the linker's pruning of methods",
		"github.com/gorilla/websocket":          "sockets in the browser are the browser's own",
		"github.com/alexedwards/scs/v2":         "sessions live on the server",
		"github.com/nats-io/nats-server/v2":     "the engine lives on the server",
		"github.com/logpane/logpane/bff/secret": "no credential is ever in a browser",
	}
	for _, p := range list(t, browser, "-deps", module+"wasm") {
		if p.Standard || !strings.HasPrefix(p.ImportPath, module) {
			continue
		}
		for _, imp := range p.Imports {
			if why, bad := heavy[imp]; bad {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
			}
		}
	}
}

func TestComplaint_NamesTheRule(t *testing.T) {
	r, ok := ruleOf("bff/source/algolia")
	if !ok {
		t.Fatal("vendors have no rule")
	}
	if got := r.complaint("bff/source/algolia", module+"bff/source/coveo"); !strings.Contains(got, "do not know each other") {
		t.Errorf("one vendor may import another: %q", got)
	}
	if r, _ := ruleOf("app/view"); r.complaint("app/view", "syscall/js") == "" || r.complaint("app/view", "strings") != "" {
		t.Error("app/view: syscall/js must be refused and strings allowed")
	}
	if _, ok := ruleOf("pkg/util"); ok {
		t.Error("a package outside of the house has a rule")
	}
}
