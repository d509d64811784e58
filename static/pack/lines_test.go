package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tiny compiles a small program for the browser.
func tiny(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module tiny\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() { defer println(\"end\"); println(\"begin\") }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", "tiny.wasm", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "tiny.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// memory returns what the program's memory holds at first.
func memory(t *testing.T, wasm []byte) []byte {
	t.Helper()
	chunks, err := initialMemory(wasm)
	if err != nil || len(chunks) == 0 {
		t.Fatalf("%d pieces of memory, %v", len(chunks), err)
	}
	var mem []byte
	for _, c := range chunks {
		mem = append(mem, make([]byte, max(0, c.addr+c.size-len(mem)))...)
		copy(mem[c.addr:], wasm[c.at:c.at+c.size])
	}
	return mem
}

func TestDropLines_OnlyZerosInTheMemory(t *testing.T) {
	before := tiny(t)
	after, err := dropLines(before)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before) {
		t.Fatalf("%d bytes became %d", len(before), len(after))
	}
	changed := 0
	for i := range after {
		if after[i] != before[i] {
			if changed++; after[i] != 0 {
				t.Fatalf("byte %d became %#x", i, after[i])
			}
		}
	}
	old, mem := memory(t, before), memory(t, after)
	if changed < 50_000 {
		t.Errorf("only %d bytes were taken out of %d", changed, len(old))
	}
	for _, name := range []string{"runtime.mallocgc", "runtime.gopanic", "reflect.makeFuncStub"} {
		if bytes.Contains(old, []byte(name+"\x00")) && !bytes.Contains(mem, []byte(name+"\x00")) {
			t.Errorf("the name %s is gone", name)
		}
	}
	if !bytes.Contains(old, []byte("main.main\x00")) || bytes.Contains(mem, []byte("main.main\x00")) {
		t.Error("the name of a function that only people look for is still there")
	}
	again, err := dropLines(after)
	if err != nil || !bytes.Equal(again, after) {
		t.Errorf("a second time changes something, %v", err)
	}
}

func TestDropLines_Refuses(t *testing.T) {
	wasm := tiny(t)
	head := bytes.Index(wasm, []byte(lineMagic))
	if head < 0 {
		t.Fatal("there is no table of functions in one piece")
	}
	other := func(at int, by ...byte) []byte {
		out := bytes.Clone(wasm)
		copy(out[at:], by)
		return out
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":               {nil, "no WebAssembly"},
		"text":                {[]byte("#!/bin/sh\n"), "no WebAssembly"},
		"cut short":           {wasm[:len(wasm)/2], "no WebAssembly"},
		"another layout":      {other(head, 0xf0), "not where it is looked for"},
		"too many functions":  {other(head+8, 0xff, 0xff, 0xff), "does not fit in"},
		"tables out of place": {other(head+8*7, 0, 0, 0), "does not fit in"},
	} {
		if _, err := dropLines(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func FuzzDropLines(f *testing.F) {
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0b\x05\x01\x00\x41\x00\x0b\x00"))
	f.Add([]byte("\x00asm\x01\x00\x00\x00\x0b\x0f\x01\x00\x41\x08\x0b\x0a" + lineMagic + "\x01\x00"))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		if out, err := dropLines(wasm); err == nil && len(out) != len(wasm) {
			t.Errorf("%d bytes became %d", len(wasm), len(out))
		}
	})
}

func FuzzClearLines(f *testing.F) {
	mem := make([]byte, 200)
	copy(mem[8:], lineMagic)
	mem[16], mem[8+8*7], mem[8+8*8] = 1, 72, 80
	mem[92], mem[88+funcPCSP] = 8, 1
	f.Add(mem)
	f.Fuzz(func(t *testing.T, mem []byte) {
		// Whatever is there, it fails or ends; it must not reach outside.
		size := len(mem)
		if err := clearLines(mem[:size:size]); err == nil && len(mem) != size {
			t.Error("the memory grew")
		}
	})
}
