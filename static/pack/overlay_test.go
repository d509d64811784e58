package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOverlay_CompilesAsTheStandardPackage(t *testing.T) {
	path, err := overlay(t.TempDir(), "encoding/json", "json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var o struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	for _, ours := range o.Replace {
		if strings.HasSuffix(ours, "_test.go") {
			t.Errorf("a test takes the place of a file: %s", ours)
		}
	}
	files, err := command("go", "list", "-overlay="+path, "-f", "{{.GoFiles}}", "encoding/json")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(files)), "[decode.go encode.go fields.go json.go scan.go stream.go text.go]"; got != want {
		t.Errorf("encoding/json consists of %s, want %s", got, want)
	}
	if _, err := command("go", "build", "-overlay="+path, "encoding/json"); err != nil {
		t.Error(err)
	}
}

func TestOverlay_RefusesAFolderWithoutGoFiles(t *testing.T) {
	if path, err := overlay(t.TempDir(), "encoding/json", filepath.Join("json", "none")); err == nil {
		t.Errorf("%s leaves a package without files", path)
	}
}
