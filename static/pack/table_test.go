package main

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/andybalholm/brotli"
)

// unpacked does what unpackTable in boot.js does, which every test in a browser runs.
func unpacked(mem []byte, at, count int) []byte {
	mem = bytes.Clone(mem)
	table := mem[at:]
	packed := bytes.Clone(table)
	from := 0
	column := func(n int) []uint32 {
		words := make([]uint32, n)
		for i := range words {
			for b := range 4 {
				words[i] |= uint32(packed[from+b*n+i]) << (8 * b)
			}
		}
		from += 4 * n
		return words
	}
	back := func(before, d uint32) uint32 { return before + (d>>1 ^ -(d & 1)) }
	entries, places := column(count+1), column(count)
	var fixed [fixedWords][]uint32
	for w := range fixed {
		fixed[w] = column(count)
	}
	all, most := 0, uint32(0)
	for i := range count {
		all += int(fixed[7][i])
		most = max(most, fixed[10][i]>>24)
	}
	pcdata := column(all)
	slots := make([][]uint32, most)
	for s := range slots {
		n := 0
		for i := range count {
			if fixed[10][i]>>24 > uint32(s) {
				n++
			}
		}
		slots[s] = column(n)
	}
	clear(table[:from])
	var entry, next, pcsp, data uint32
	offset := func(last *uint32, word uint32) uint32 {
		if word != 0 {
			*last = back(*last, word-1)
			return *last
		}
		return 0
	}
	lasts := make([]uint32, most)
	le := binary.LittleEndian
	for i := range count + 1 {
		entry = back(entry, entries[i])
		le.PutUint32(table[8*i:], entry)
		if i == count {
			break
		}
		to := back(next, places[i])
		le.PutUint32(table[8*i+4:], to)
		put := func(word uint32) { le.PutUint32(table[to:], word); to += 4 }
		for w := range fixedWords {
			switch w {
			case 0:
				put(back(entry, fixed[0][i]))
			case 4:
				put(offset(&pcsp, fixed[4][i]))
			default:
				put(fixed[w][i])
			}
		}
		for range fixed[7][i] {
			put(offset(&data, pcdata[0]))
			pcdata = pcdata[1:]
		}
		for s := range fixed[10][i] >> 24 {
			word := slots[s][0]
			if slots[s] = slots[s][1:]; word != noFuncdata {
				lasts[s] = back(lasts[s], word)
				word = lasts[s]
			}
			put(word)
		}
		next = (to + 7) &^ 7
	}
	return mem
}

func squeezed(b []byte) int {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 5)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Len()
}

func TestPackTable_UnpacksToTheSameMemory(t *testing.T) {
	wasm, err := dropLines(tiny(t))
	if err != nil {
		t.Fatal(err)
	}
	before, err := image(wasm)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := packTable(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if small, large := squeezed(packed), squeezed(wasm); small > large*98/100 {
		t.Errorf("compressed, %d bytes became %d", large, small)
	}
	after, err := image(packed)
	if err != nil {
		t.Fatal(err)
	}
	after = append(after, make([]byte, len(before)-len(after))...)
	at, count, err := functions(before)
	if err != nil {
		t.Fatal(err)
	}
	info := packed[len(packed)-8:]
	if le := binary.LittleEndian; int(le.Uint32(info)) != at || int(le.Uint32(info[4:])) != count || !bytes.HasSuffix(packed[:len(packed)-8], []byte(tableSection)) {
		t.Errorf("the last section says % x, the table is at %d with %d functions", info, at, count)
	}
	if bytes.Equal(after, before) {
		t.Error("nothing was packed")
	}
	if got := unpacked(after, at, count); !bytes.Equal(got, before) {
		for i := range got {
			if got[i] != before[i] {
				t.Fatalf("byte %d, %d in the table, is %#x and was %#x", i, i-at, got[i], before[i])
			}
		}
	}
}
