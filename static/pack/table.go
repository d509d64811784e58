package main

import (
	"encoding/binary"
	"fmt"
)

// The table of functions is an array of records of unlike lengths, most of whose
// words are near those of the record before, which brotli cannot see. packTable
// writes it column by column, each word as its distance from the one before, byte by
// byte: that takes 40 KB off the compressed program. boot.js turns it back before the
// program runs (unpackTable there), led by the section of the file that is named
// tableSection and holds the table's address and the number of its functions, as two
// 32-bit words.
//
// The columns, of 32-bit words, are: the steps of the functions' addresses, with that of
// the end of the last; those of their records' places, each from where the record before
// ends; the fixed words of the
// records; their pcdata offsets, one after the other; and the funcdata offsets, first
// those of the first slot of every record that has one, then those of the second ….
// A column's bytes stand in four stretches, the lowest byte of each word first.
const (
	tableSection = "logpane.table"
	fixedWords   = funcFixed / 4
	noFuncdata   = 0xffffffff
)

// packTable returns the program with its table of functions packed, and unpacked by
// unpackTable it is what it was. The error says where it is not as Go 1.26 links it.
func packTable(wasm []byte) ([]byte, error) {
	mem, err := image(wasm)
	if err != nil {
		return nil, err
	}
	at, count, err := functions(mem)
	if err != nil {
		return nil, err
	}
	cols, end, err := tableColumns(mem[at:], count)
	if err != nil {
		return nil, err
	}
	packed := make([]byte, 0, end)
	for _, c := range cols {
		for shift := 0; shift < 32; shift += 8 {
			for _, w := range c {
				packed = append(packed, byte(w>>shift))
			}
		}
	}
	if len(packed) > end {
		return nil, fmt.Errorf("the packed table has %d bytes where %d are", len(packed), end)
	}
	clear(mem[at : at+end])
	copy(mem[at:], packed)
	out, err := withMemory(wasm, mem)
	if err != nil {
		return nil, err
	}
	var info []byte
	info = append(binary.AppendUvarint(info, uint64(len(tableSection))), tableSection...)
	info = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(info, uint32(at)), uint32(count))
	out = append(binary.AppendUvarint(append(out, 0), uint64(len(info))), info...)
	return out, nil
}

// functions returns where the table of functions begins and how many it has.
func functions(mem []byte) (at, count int, err error) {
	head, err := tableHead(mem)
	if err != nil {
		return 0, 0, err
	}
	word := func(i int) int { return int(binary.LittleEndian.Uint64(mem[head+8*i:])) }
	if count, at = word(1), head+word(8); count <= 0 || at <= head || at >= len(mem) || count >= (len(mem)-at)/8 {
		return 0, 0, fmt.Errorf("the table of %d functions at %d does not fit in", count, at)
	}
	return at, count, nil
}

// step maps the distance of two words to a small number where it is small either way.
func step(from, to uint32) uint32 { d := int32(to - from); return uint32(d<<1 ^ d>>31) }

// offset is the step from the last offset that was not 0, and one more; 0 stays 0,
// which says that there is none. Offsets are below half of 32 bits by far.
func offset(last *uint32, v uint32) uint32 {
	if v == 0 {
		return 0
	}
	s := step(*last, v) + 1
	*last = v
	return s
}

// tableColumns returns the columns of a table, and where it ends.
func tableColumns(table []byte, count int) (cols [][]uint32, end int, err error) {
	le := binary.LittleEndian
	fixed := make([][]uint32, 2+fixedWords)
	var pcdata []uint32
	var funcdata [][]uint32
	var last struct{ entry, pcsp, pcdata uint32 }
	var lastData []uint32
	next := uint32(0)
	for i := range count {
		entry, place := le.Uint32(table[8*i:]), le.Uint32(table[8*i+4:])
		if int(place) > len(table)-funcFixed {
			return nil, 0, fmt.Errorf("function %d does not fit in", i)
		}
		rec := table[place:]
		datas, slots := int(le.Uint32(rec[funcPCDatas:])), int(rec[funcFixed-1])
		size := funcFixed + 4*(datas+slots)
		if datas > 16 || size > len(rec) {
			return nil, 0, fmt.Errorf("function %d has %d and %d tables", i, datas, slots)
		}
		fixed[0] = append(fixed[0], step(last.entry, entry))
		fixed[1] = append(fixed[1], step(next, place))
		last.entry = entry
		for w := range fixedWords {
			v := le.Uint32(rec[4*w:])
			switch {
			case w == 0:
				v = step(entry, v)
			case 4*w == funcPCSP:
				v = offset(&last.pcsp, v)
			}
			fixed[2+w] = append(fixed[2+w], v)
		}
		for d := range datas {
			pcdata = append(pcdata, offset(&last.pcdata, le.Uint32(rec[funcFixed+4*d:])))
		}
		for s := range slots {
			if s == len(funcdata) {
				funcdata, lastData = append(funcdata, nil), append(lastData, 0)
			}
			v := le.Uint32(rec[funcFixed+4*(datas+s):])
			if v != noFuncdata {
				lastData[s], v = v, step(lastData[s], v)
			}
			funcdata[s] = append(funcdata[s], v)
		}
		end = max(end, int(place)+size)
		next = (place + uint32(size) + 7) &^ 7
	}
	fixed[0] = append(fixed[0], step(last.entry, le.Uint32(table[8*count:])))
	return append(append(fixed, pcdata), funcdata...), end, nil
}

// withMemory returns the program with another initial memory, in pieces that leave
// out long stretches of zeros.
func withMemory(wasm, mem []byte) ([]byte, error) {
	const gap = 256 // bytes of zeros for which a new piece is begun
	var pieces []byte
	count := 0
	for at := 0; at < len(mem); {
		if mem[at] == 0 {
			at++
			continue
		}
		end := at + 1
		for i := end; i < len(mem) && i-end < gap; i++ {
			if mem[i] != 0 {
				end = i + 1
			}
		}
		pieces = appendSigned(append(pieces, 0, 0x41), at)
		pieces = binary.AppendUvarint(append(pieces, 0x0b), uint64(end-at))
		pieces = append(pieces, mem[at:end]...)
		count++
		at = end
	}
	pieces = append(binary.AppendUvarint(nil, uint64(count)), pieces...)
	out := append([]byte(nil), wasm[:8]...)
	for at := 8; at < len(wasm); {
		id := wasm[at]
		size, n := uvarint(wasm, at+1)
		if n == 0 || size > uint64(len(wasm)-at-1-n) {
			return nil, errNoProgram
		}
		body := wasm[at+1+n : at+1+n+int(size)]
		at += 1 + n + int(size)
		switch id {
		case 11:
			body = pieces
		case 12:
			body = binary.AppendUvarint(nil, uint64(count))
		}
		out = append(binary.AppendUvarint(append(out, id), uint64(len(body))), body...)
	}
	return out, nil
}

// appendSigned appends a number that is not negative in signed LEB128.
func appendSigned(b []byte, v int) []byte {
	for v >= 0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
