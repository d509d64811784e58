package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The table of all functions that the runtime finds its way by is a quarter of
// the compressed program. Four tenths of that say which line of which file each
// instruction comes from, and which function that was copied there. Only stack
// traces read it. dropLines takes it out: "?:0" stands in place of a line, and the
// frame of a copied function is that of its caller. The names of functions stay,
// and everything that garbage collection, panics and defer go by.
//
// The layout is that of runtime.pcHeader and runtime._func.
const (
	lineMagic    = "\xf1\xff\xff\xff\x00\x00\x01\x08" // Go 1.20 and later, WebAssembly
	lineHeader   = 8 + 8*8                            // bytes of pcHeader
	funcFixed    = 44                                 // bytes of _func before its arrays
	funcName     = 4                                  // offsets in _func
	funcPCSP     = 16
	funcPCFile   = 20
	funcPCLine   = 24
	funcPCDatas  = 28
	funcUnit     = 32
	funcLine     = 36
	pcdataInline = 2 // abi.PCDATA_InlTreeIndex
)

// named are the beginnings of the names that the runtime looks at itself, as in
// runtime.isSystemGoroutine and runtime.(*stkframe).argMapInternal.
var named = [][]byte{[]byte("runtime."), []byte("reflect."), []byte("internal/runtime/")}

var errNoProgram = errors.New("this is no WebAssembly program as Go links it")

// chunk is where a piece of the initial memory stands in a file.
type chunk struct{ addr, at, size int }

// dropLines returns the program without its line numbers, in as many bytes, more of
// them zero. The error says where the program is not as Go 1.26 links it.
func dropLines(wasm []byte) ([]byte, error) {
	mem, err := image(wasm)
	if err != nil {
		return nil, err
	}
	if err := clearLines(mem); err != nil {
		return nil, err
	}
	chunks, err := initialMemory(wasm)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(wasm)
	for _, c := range chunks {
		copy(out[c.at:c.at+c.size], mem[c.addr:])
	}
	return out, nil
}

// image returns the initial memory of a program, up to its last byte that is not zero.
func image(wasm []byte) ([]byte, error) {
	chunks, err := initialMemory(wasm)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, c := range chunks {
		size = max(size, c.addr+c.size)
	}
	mem := make([]byte, size)
	for _, c := range chunks {
		copy(mem[c.addr:], wasm[c.at:c.at+c.size])
	}
	return mem, nil
}

// tableHead returns where the header of the table of functions is.
func tableHead(mem []byte) (int, error) {
	head := bytes.Index(mem, []byte(lineMagic))
	if head < 0 || len(mem) < head+lineHeader || bytes.Contains(mem[head+1:], []byte(lineMagic)) {
		return 0, errors.New("the table of functions is not where it is looked for")
	}
	return head, nil
}

// clearLines writes zeros over the line tables in the initial memory.
func clearLines(mem []byte) error {
	head, err := tableHead(mem)
	if err != nil {
		return err
	}
	word := func(i int) int { return int(binary.LittleEndian.Uint64(mem[head+8*i:])) }
	count, tables, funcs := word(1), head+word(7), head+word(8)
	names, units := head+word(4), head+word(5)
	if names <= head || units <= names || tables < units || funcs <= tables || count <= 0 || funcs >= len(mem) || count > (len(mem)-funcs)/8 {
		return fmt.Errorf("the table of %d functions at %d with tables at %d does not fit in", count, funcs, tables)
	}
	used, spelt := make([]bool, funcs-tables), make([]bool, units-names)
	for i := range count {
		at := funcs + int(binary.LittleEndian.Uint32(mem[funcs+8*i+4:]))
		if at > len(mem)-funcFixed {
			return fmt.Errorf("function %d does not fit in", i)
		}
		of := func(field int) int { return int(binary.LittleEndian.Uint32(mem[at+field:])) }
		datas := of(funcPCDatas)
		if datas > 16 || at+funcFixed+4*datas > len(mem) {
			return fmt.Errorf("function %d has %d tables", i, datas)
		}
		clear(mem[at+funcPCFile : at+funcPCLine+4]) // 0 is the runtime's word for "no table"
		clear(mem[at+funcUnit : at+funcLine+4])
		if start := of(funcName); start >= len(spelt) {
			return fmt.Errorf("the name of function %d does not fit in", i)
		} else if name, _, ended := bytes.Cut(mem[names+start:units], []byte{0}); !ended {
			return fmt.Errorf("the name of function %d has no end", i)
		} else if slices.ContainsFunc(named, func(p []byte) bool { return bytes.HasPrefix(name, p) }) {
			for j := range name {
				spelt[start+j] = true
			}
		} else {
			clear(mem[at+funcName : at+funcName+4]) // 0 is "no name"
		}
		for field := funcFixed; field < funcFixed+4*datas; field += 4 {
			if field == funcFixed+4*pcdataInline {
				clear(mem[at+field : at+field+4])
				continue
			}
			if err := use(used, mem[tables:funcs], of(field)); err != nil {
				return fmt.Errorf("function %d: %w", i, err)
			}
		}
		if err := use(used, mem[tables:funcs], of(funcPCSP)); err != nil {
			return fmt.Errorf("function %d: %w", i, err)
		}
	}
	for i, u := range used {
		if !u {
			mem[tables+i] = 0
		}
	}
	for i, s := range spelt {
		if !s {
			mem[names+i] = 0
		}
	}
	clear(mem[units:tables]) // which files there are
	return nil
}

// use marks the bytes of a table, which other functions may have as well: pairs of
// varints, the step of the value and the step of the address, up to a value's step
// of 0 that is not the first.
func use(used []bool, tables []byte, at int) error {
	if at == 0 {
		return nil
	}
	first := true
	for i := at; ; first = false {
		step, n := uvarint(tables, i)
		_, m := uvarint(tables, i+n)
		if n == 0 || m == 0 && step != 0 {
			return fmt.Errorf("the table at %d has no end", at)
		}
		if step == 0 && !first {
			m = 0
		}
		for end := i + n + m; i < end; i++ {
			used[i] = true
		}
		if m == 0 {
			return nil
		}
	}
}

// initialMemory returns the pieces of a program's initial memory, one for each
// stretch that is not zero.
func initialMemory(wasm []byte) ([]chunk, error) {
	bad := errNoProgram
	if !bytes.HasPrefix(wasm, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, bad
	}
	for at := 8; at < len(wasm); {
		id := wasm[at]
		size, n := uvarint(wasm, at+1)
		if at += 1 + n; n == 0 || size > uint64(len(wasm)-at) {
			return nil, bad
		}
		if id != 11 { // the data section
			at += int(size)
			continue
		}
		count, n := uvarint(wasm, at)
		at += n
		var out []chunk
		for range count {
			// Memory 0, i32.const, the address, end: "00 41 … 0b".
			if n == 0 || at+3 > len(wasm) || wasm[at] != 0 || wasm[at+1] != 0x41 {
				return nil, bad
			}
			addr, a := uvarint(wasm, at+2) // signed, but below the half of the range
			size, s := uvarint(wasm, at+2+a+1)
			at += 2 + a + 1 + s
			if a == 0 || s == 0 || addr > 1<<26 || size > uint64(len(wasm)-at) {
				return nil, bad
			}
			out = append(out, chunk{int(addr), at, int(size)})
			at += int(size)
		}
		return out, nil
	}
	return nil, bad
}

// uvarint returns the number at a place and its length; 0 where there is none.
func uvarint(b []byte, at int) (uint64, int) {
	if at >= len(b) {
		return 0, 0
	}
	v, n := binary.Uvarint(b[at:])
	return v, max(n, 0)
}
