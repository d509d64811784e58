//go:build !(js && wasm)

// Command wasm is the browser half of logpane: it maps addresses to pages and
// hands the document to go-app. It is compiled for GOOS=js GOARCH=wasm by
// static/pack; nothing in it runs on a server.
//
// The page it starts in is static/shell.html; static/boot.js loads it. It must
// not import net/http (5 MB of code the browser already has) nor anything
// under bff.
package main

import (
	"fmt"
	"os"
)

// main exists so that go build ./... and go vet ./... work on the host.
func main() {
	fmt.Fprintln(os.Stderr, "wasm: this program runs in a browser; run make build, then bin/logpane")
	os.Exit(2)
}
