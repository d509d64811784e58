package store

import (
	"encoding/binary"
	"unsafe"
)

// A gram is three bytes in a row, letters without their case. A chunk of the arena
// has 64 places of 16 KiB, and for each of 4,096 kinds of grams a bit for each place:
// set where an entry that begins there holds such a gram. So a word can stand in an
// entry only where the bits of all its grams are set, and a few machine words say
// that of a megabyte. They take 3 % of the bytes.
const (
	gramBits  = 12
	placeBits = chunkBits - 6
)

// grams are the bits of the chunks, nil where no entry begins.
type grams []*[1 << gramBits]uint64

// kind returns the kind of the gram in the lowest three bytes, which have bit 0x20
// set: letters are lower case then, and equal bytes stay equal.
func kind(v uint32) uint32 { return v << 8 * 0x9E3779B1 >> (32 - gramBits) }

const lower = 0x2020202020202020

// add takes in the text of an entry that begins at a place of the arena.
func (g *grams) add(at uint32, text string) {
	for int(at>>chunkBits) >= len(*g) {
		*g = append(*g, nil)
	}
	if (*g)[at>>chunkBits] == nil {
		(*g)[at>>chunkBits] = new([1 << gramBits]uint64)
	}
	kinds, bit := (*g)[at>>chunkBits], placeBit(at)
	i, p := 0, unsafe.Pointer(unsafe.StringData(text))
	for ; i+8 <= len(text); i += 6 {
		v := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:]) | lower
		kinds[kind(uint32(v))] |= bit
		kinds[kind(uint32(v>>8))] |= bit
		kinds[kind(uint32(v>>16))] |= bit
		kinds[kind(uint32(v>>24))] |= bit
		kinds[kind(uint32(v>>32))] |= bit
		kinds[kind(uint32(v>>40))] |= bit
	}
	for ; i+3 <= len(text); i++ {
		kinds[kindOf(text[i:])] |= bit
	}
}

func placeBit(at uint32) uint64 { return 1 << (at >> placeBits & 63) }

// kindOf returns the kind of the gram with which a text begins.
func kindOf(text string) uint32 {
	return kind(uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | lower&0xffffff)
}

// may returns the places of a chunk at which an entry may begin that holds an ASCII
// text, whatever its case.
func (g grams) may(chunk uint32, text string) uint64 {
	if chunk >= uint32(len(g)) || g[chunk] == nil {
		return ^uint64(0)
	}
	places := ^uint64(0)
	for ; len(text) >= 3; text = text[1:] {
		places &= g[chunk][kindOf(text)]
	}
	return places
}
