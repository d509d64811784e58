package json_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// plainTag is a tag that this package reads as encoding/json does.
var plainTag = regexp.MustCompile(`^(-|[A-Za-z0-9_]*(,omitempty|,omitzero)*)$`)

// The browser would only find out when it meets such a struct.
func TestSources_HaveOnlyStructsThatAreKnownHere(t *testing.T) {
	seen := 0
	for _, root := range []string{"app", "web", "wasm"} {
		err := filepath.WalkDir(filepath.Join("..", "..", "..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.StructType)
				if !ok {
					return true
				}
				tagged, embedded := 0, 0
				names := map[string]bool{}
				for _, f := range s.Fields.List {
					if len(f.Names) == 0 {
						embedded++
					}
					if f.Tag == nil {
						continue
					}
					text, _ := strconv.Unquote(f.Tag.Value)
					tag, ok := reflect.StructTag(text).Lookup("json")
					if !ok {
						continue
					}
					tagged++
					seen++
					name, _, _ := strings.Cut(tag, ",")
					if !plainTag.MatchString(tag) || name != "" && name != "-" && names[name] {
						t.Errorf("%s: tag %q", set.Position(f.Pos()), tag)
					}
					names[name] = true
				}
				if tagged > 0 && embedded > 0 {
					t.Errorf("%s: a struct with JSON and an embedded field", set.Position(s.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d tags were found", seen)
	}
}
