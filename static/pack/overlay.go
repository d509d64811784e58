package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// overlay writes a file to dir, to be given to -overlay, that has the Go files of the
// folder by stand in for those of the standard package std, and returns its path.
// Nothing of the toolchain's own folder changes.
func overlay(dir, std, by string) (string, error) {
	out, err := command("go", "list", "-f", "{{.Dir}}", std)
	if err != nil {
		return "", err
	}
	from := strings.TrimSpace(string(out))
	replace := map[string]string{}
	for _, folder := range []string{from, by} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return "", err
		}
		found := false
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			found = true
			if folder == from {
				replace[file] = ""
				continue
			}
			whole, err := filepath.Abs(file)
			if err != nil {
				return "", err
			}
			replace[filepath.Join(from, filepath.Base(file))] = whole
		}
		if !found {
			return "", fmt.Errorf("no Go files of %s in %s", std, folder)
		}
	}
	text, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, update(path, append(text, '\n'))
}
