package part

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var update = flag.Bool("update", false, "write the goldens anew")

var (
	tag  = regexp.MustCompile(`<([a-z0-9]+)((?: [A-Za-z0-9-]+(?:="(?:[^"\\]|\\.)*")?)+)>`)
	attr = regexp.MustCompile(` [A-Za-z0-9-]+(?:="(?:[^"\\]|\\.)*")?`)
)

// markup returns the HTML of a part with its attributes in a fixed order; go-app
// keeps them in a map.
func markup(ui app.UI) string {
	return tag.ReplaceAllStringFunc(app.HTMLStringWithIndent(ui), func(s string) string {
		m := tag.FindStringSubmatch(s)
		attrs := attr.FindAllString(m[2], -1)
		slices.Sort(attrs)
		return "<" + m[1] + strings.Join(attrs, "") + ">"
	}) + "\n"
}

// golden compares a part with testdata/NAME.html.
func golden(t *testing.T, name string, ui app.UI) {
	t.Helper()
	got := markup(ui)
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from %s (-update writes it anew):\n%s", name, file, got)
	}
	if strings.Contains(got, " style=") {
		t.Errorf("%s has an inline style, which the page's policy refuses", name)
	}
}
