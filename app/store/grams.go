package store

import (
	"encoding/binary"
	"unsafe"
)

// A gram is three bytes in a row, letters without their case. A chunk of the arena
// has 64 places of 16 KiB, and for each of 4,096 kinds of grams a bit for each place:
// set where an entry that begins there holds such a gram. So a word can stand in an
// entry only where the bits of all its grams are set, and a few machine words say
// that of a megabyte. Pairs of bytes have bits of their own, for the words of two
// letters that every longer one was while it was typed. Both take 6 % of the bytes.
const (
	gramBits  = 12
	placeBits = chunkBits - 6
)

// grams are the bits of the chunks, nil where no entry begins.
type grams []*kinds

// kinds are the bits of a chunk.
type kinds struct {
	grams [1 << gramBits]uint64
	pairs [1 << 12]uint64 // of two letters without their case there are no more
}

// kind returns the kind of the gram in the lowest three bytes, which have bit 0x20
// set: letters are lower case then, and equal bytes stay equal.
func kind(v uint32) uint32 { return v << 8 * 0x9E3779B1 >> (32 - gramBits) }

// lower sets bit 0x20 of each byte.
const lower = 0x2020202020202020

// six brings each byte of ASCII, which has bit 0x20 set, to its six other bits.
func six(v uint64) uint64 { return v&0x1f1f1f1f1f1f1f1f | v>>1&lower }

// pair returns the kind of the pair of which six made the lowest two bytes.
func pair(v uint64) uint32 { return uint32(v&0x3f | v>>2&0xfc0) }

// add takes in the text of an entry that begins at a place of the arena.
func (g *grams) add(at uint32, text string) {
	for int(at>>chunkBits) >= len(*g) {
		*g = append(*g, nil)
	}
	if (*g)[at>>chunkBits] == nil {
		(*g)[at>>chunkBits] = new(kinds)
	}
	k, bit := (*g)[at>>chunkBits], placeBit(at)
	i, p := 0, unsafe.Pointer(unsafe.StringData(text))
	for ; i+8 <= len(text); i += 6 {
		v := binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:]) | lower
		k.grams[kind(uint32(v))] |= bit
		k.grams[kind(uint32(v>>8))] |= bit
		k.grams[kind(uint32(v>>16))] |= bit
		k.grams[kind(uint32(v>>24))] |= bit
		k.grams[kind(uint32(v>>32))] |= bit
		k.grams[kind(uint32(v>>40))] |= bit
		v = six(v)
		k.pairs[pair(v)] |= bit
		k.pairs[pair(v>>8)] |= bit
		k.pairs[pair(v>>16)] |= bit
		k.pairs[pair(v>>24)] |= bit
		k.pairs[pair(v>>32)] |= bit
		k.pairs[pair(v>>40)] |= bit
	}
	for ; i+2 <= len(text); i++ {
		k.pairs[pairOf(text[i:])] |= bit
		if i+3 <= len(text) {
			k.grams[kindOf(text[i:])] |= bit
		}
	}
}

func placeBit(at uint32) uint64 { return 1 << (at >> placeBits & 63) }

// kindOf returns the kind of the gram with which a text begins.
func kindOf(text string) uint32 {
	return kind(uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | lower&0xffffff)
}

// pairOf returns the kind of the pair with which a text begins.
func pairOf(text string) uint32 {
	return pair(six(uint64(text[0]) | uint64(text[1])<<8 | lower&0xffff))
}

// shortest is the length in bytes below which a text may stand anywhere.
const shortest = 2

// may returns the places of a chunk at which an entry may begin that holds an ASCII
// text, whatever its case.
func (g grams) may(chunk uint32, text string) uint64 {
	places := ^uint64(0)
	if chunk >= uint32(len(g)) || g[chunk] == nil {
		return places
	}
	if len(text) == shortest {
		return g[chunk].pairs[pairOf(text)]
	}
	for ; len(text) >= 3; text = text[1:] {
		places &= g[chunk].grams[kindOf(text)]
	}
	return places
}
